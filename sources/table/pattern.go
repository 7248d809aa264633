package table

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// tidy is text as it is compared: without full-width forms, without the white
// space beside Chinese characters that spreads a name over its cell (合　肥) or
// breaks a heading, and with one space for any other, line breaks included.
func tidy(text string) string {
	fields := strings.Fields(width.Fold.String(text))
	var out strings.Builder
	var last rune
	for i, f := range fields {
		next := []rune(f)
		if i > 0 && !unicode.Is(unicode.Han, last) && !unicode.Is(unicode.Han, next[0]) {
			out.WriteByte(' ')
		}
		out.WriteString(f)
		last = next[len(next)-1]
	}
	return out.String()
}

// pattern is an expected text: {year}, {month} and {quarter} stand for digits, *
// for anything, \* for itself.
type pattern struct {
	text string
	expr *regexp.Regexp
}

var placeholders = strings.NewReplacer(
	`\\\*`, `\*`,
	`\*`, `.*`,
	`\{year\}`, `(?P<year>(?:19|20)\d\d)`,
	`\{month\}`, `(?P<month>1[0-2]|0?[1-9])`,
	`\{quarter\}`, `(?P<quarter>[1-4一二三四])`,
)

func newPattern(text string) (pattern, error) {
	expr, err := regexp.Compile(`^` + placeholders.Replace(regexp.QuoteMeta(tidy(text))) + `$`)
	return pattern{text, expr}, err
}

// dated says whether the pattern tells a period.
func (p pattern) dated() bool { return p.expr.SubexpIndex("year") > 0 }

// fits compares a cell's text. When the pattern has placeholders, period is what
// they say, so many years earlier.
func (p pattern) fits(text string, yearsBefore int) (period string, ok bool) {
	m := p.expr.FindStringSubmatch(tidy(text))
	if m == nil {
		return "", false
	}
	part := func(name string) string {
		if i := p.expr.SubexpIndex(name); i > 0 {
			return m[i]
		}
		return ""
	}
	year, month, quarter := part("year"), part("month"), part("quarter")
	switch {
	case year == "":
		return "", true
	case yearsBefore > 0:
		year = earlier(year, yearsBefore)
	}
	switch {
	case month != "":
		return year + "-" + ("0" + month)[len(month)-1:], true
	case quarter != "":
		return year + "-Q" + numerals.Replace(quarter), true
	}
	return year, true
}

var numerals = strings.NewReplacer("一", "1", "二", "2", "三", "3", "四", "4")
