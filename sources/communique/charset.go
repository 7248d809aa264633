package communique

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// charsets are the encodings such pages come in. GB 18030 contains GB 2312 and GBK,
// and is what pages that declare those two really use.
var charsets = []struct {
	name     string
	encoding encoding.Encoding // nil for UTF-8
	declared []string
}{
	{"UTF-8", nil, []string{"utf-8", "utf8"}},
	{"GB 18030", simplifiedchinese.GB18030, []string{"gb2312", "gbk", "gb18030", "gb_2312", "x-gbk"}},
	{"Big5", traditionalchinese.Big5, []string{"big5", "big5-hkscs", "x-x-big5"}},
}

// common are words that every such page has, in either script. Read in the wrong
// encoding a page has next to none of them.
var common = []string{"年", "的", "增", "人", "元", "市", "中"}

// decoded is a page's text, the encoding it was read in, and how many characters
// of it could not be read.
type decoded struct {
	text, charset string
	lost          int
}

// decode finds the encoding by what comes out of it. What the page declares only
// decides between encodings that make equal sense, for headers and meta elements
// are wrong often. It says false of bytes that are no text in any of them.
func decode(body []byte) (decoded, bool) {
	if bytes.HasPrefix(body, []byte("\xFF\xFE")) || bytes.HasPrefix(body, []byte("\xFE\xFF")) || bytes.IndexByte(body, 0) >= 0 {
		return decoded{}, false
	}
	if utf8.Valid(body) { // text in the others is UTF-8 by chance next to never
		return readAs("UTF-8", string(body)), true
	}
	head := strings.ToLower(string(body[:min(len(body), 2048)]))
	var best decoded
	most := -1
	for _, c := range charsets {
		text := string(body)
		if c.encoding != nil {
			out, err := c.encoding.NewDecoder().Bytes(body)
			if err != nil {
				continue
			}
			text = string(out)
		}
		d := readAs(c.name, text)
		if score := 2*d.sense() + declares(head, c.declared); score > most {
			best, most = d, score
		}
	}
	return best, true
}

// readAs counts what could not be read and marks it, so that the text is UTF-8.
func readAs(charset, text string) decoded {
	d := decoded{charset: charset}
	for _, r := range text {
		if r == utf8.RuneError {
			d.lost++
		}
	}
	d.text = strings.TrimPrefix(strings.ToValidUTF8(text, string(utf8.RuneError)), "\uFEFF")
	return d
}

// sense is how often common words occur, less what is lost.
func (d *decoded) sense() int {
	n := -d.lost
	for _, w := range common {
		n += strings.Count(d.text, w)
	}
	return max(n, 0)
}

// declares is 1 when the head of the page names the encoding.
func declares(head string, names []string) int {
	for _, n := range names {
		if strings.Contains(head, "charset="+n) || strings.Contains(head, `charset="`+n) {
			return 1
		}
	}
	return 0
}
