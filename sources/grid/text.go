package grid

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// decodeText finds out in which encoding the text is and gives it in UTF-8,
// without a byte order mark.
func decodeText(body []byte) (string, error) {
	name, enc := encodingOf(body)
	text := string(body)
	if enc != nil {
		var err error
		if text, err = enc.NewDecoder().String(text); err != nil {
			return "", bad("it is not %s: %v", name, err)
		}
	}
	text = strings.TrimPrefix(text, "\uFEFF")
	switch {
	case !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError):
		return "", bad("it has bytes that are not %s", name)
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f", r) }):
		return "", bad("it is neither a workbook nor text")
	case strings.TrimSpace(text) == "":
		return "", bad("it is empty")
	}
	return text, nil
}

// encodingOf is nil for UTF-8.
func encodingOf(body []byte) (string, encoding.Encoding) {
	switch {
	case bytes.HasPrefix(body, []byte("\xEF\xBB\xBF")):
		return "UTF-8", nil
	case bytes.HasPrefix(body, []byte("\xFF\xFE")), bytes.HasPrefix(body, []byte("\xFE\xFF")):
		return "UTF-16", unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	}
	if isMarkup(string(body[:min(len(body), 512)])) {
		head := bytes.ToLower(body[:min(len(body), 1024)]) // as far as browsers look
		enc, name, _ := charset.DetermineEncoding(body, "")
		switch {
		case !bytes.Contains(head, []byte("charset")): // what is found is a guess
		case strings.HasPrefix(name, "gb"): // pages say gb2312 and use what came later
			return "GB 18030", simplifiedchinese.GB18030
		case name == "utf-8":
			return "UTF-8", nil
		default:
			return name, enc
		}
	}
	if utf8.Valid(body) {
		return "UTF-8", nil
	}
	return "UTF-8 or GB 18030", simplifiedchinese.GB18030
}

func isMarkup(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(text, "\uFEFF \t\r\n\f"), "<")
}

// readCSV reads separated text. Blank lines keep their place.
func readCSV(text string) ([]Sheet, error) {
	b := builder{sheet: Sheet{Name: "text"}, left: newAllowance()}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = separator(text), -1, true
	row, lines, seen := 0, 0, 0 // seen bytes hold so many ends of lines
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, bad("%v", err)
		}
		line, _ := r.FieldPos(0)
		row += line - lines - 1 // blank lines, which the reader passes over
		for column, field := range record {
			if err := b.put(row, column, Cell{Text: field}); err != nil {
				return nil, err
			}
		}
		row++
		end := int(r.InputOffset())
		lines += strings.Count(text[seen:end], "\n")
		seen = end
	}
	return []Sheet{b.finish()}, nil
}

// separator is what the first lines have most of.
func separator(text string) rune {
	head := text[:min(len(text), 4096)]
	best, most := ',', strings.Count(head, ",")
	for _, r := range "\t;" {
		if n := strings.Count(head, string(r)); n > most {
			best, most = r, n
		}
	}
	return best
}

// clip cuts text to a readable length.
func clip(text string) string {
	const most = 60
	runes := []rune(text[:min(len(text), 4*most)])
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most]) + "…"
}
