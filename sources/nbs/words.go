package nbs

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// plain is a name without what changes between forms of the site: white space,
// full-width brackets, and the low line before 当季值.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '_' {
			return -1
		}
		return r
	}, width.Fold.String(name))
}

// units are the site's units that the definitions know. 无 ("none") is what an
// index has.
var units = map[string]string{
	"亿元": "cny_100m", "万元": "cny_10k", "元": "cny", "万人": "persons_10k", "人": "persons", "%": "percent",
	"无": "", "": "",
}

// nameAndUnit takes the unit off the end of a name: 国内生产总值 (亿元) is in 亿元,
// and 国内生产总值指数(上年=100) states none.
func nameAndUnit(name string) (plainName, unit string) {
	name = plain(name)
	open := strings.LastIndexByte(name, '(')
	if open < 0 || !strings.HasSuffix(name, ")") {
		return name, ""
	}
	unit = name[open+1 : len(name)-1]
	if _, known := units[unit]; !known || unit == "" {
		return name, ""
	}
	return name[:open], unit
}

var (
	siteForm  = regexp.MustCompile(`^(\d{4})(?:(0[1-4])SS|(0[1-9]|1[0-2])MM|YY)$`)
	queryForm = regexp.MustCompile(`^(\d{4})(?:([A-D])|(0[1-9]|1[0-2]))?$`)
	wordForm  = regexp.MustCompile(`^(\d{4})年(?:第?([一二三四1-4])季度|(1[0-2]|0?[1-9])月)?$`)
)

// quarters are the ways to count them.
var quarters = map[string]string{
	"01": "1", "02": "2", "03": "3", "04": "4", "A": "1", "B": "2", "C": "3", "D": "4",
	"一": "1", "二": "2", "三": "3", "四": "4", "1": "1", "2": "2", "3": "3", "4": "4",
}

// period reads 2024YY, 202404SS and 202412MM.
func period(code string) string { return isoPeriod(siteForm, code) }

// queryPeriod reads easyquery's 2024, 2024D and 202412.
func queryPeriod(code string) string { return isoPeriod(queryForm, code) }

// wordPeriod reads 2024年, 2024年第四季度 and 2024年12月.
func wordPeriod(text string) string { return isoPeriod(wordForm, plain(text)) }

// isoPeriod is 2024, 2024-Q4 or 2024-12, or empty when text is not of that form.
func isoPeriod(form *regexp.Regexp, text string) string {
	m := form.FindStringSubmatch(text)
	switch {
	case m == nil:
		return ""
	case m[2] != "":
		return m[1] + "-Q" + quarters[m[2]]
	case m[3] != "":
		return m[1] + "-" + ("0" + m[3])[len(m[3])-1:]
	}
	return m[1]
}

// frequency is how long a period in ISO form is, as the site's codes end.
func frequency(iso string) string {
	_, part, _ := strings.Cut(iso, "-")
	switch {
	case part == "":
		return "YY"
	case part[0] == 'Q':
		return "SS"
	}
	return "MM"
}

// code is a period in the site's form.
func code(iso string) string {
	year, part, _ := strings.Cut(iso, "-")
	return year + strings.Replace(part, "Q", "0", 1) + frequency(iso)
}

// last is the last period of a year, as long as iso.
func last(iso string, year int) string {
	return strconv.Itoa(year) + map[string]string{"YY": "", "SS": "-Q4", "MM": "-12"}[frequency(iso)]
}

// dayAfter is the first day on which a figure for the whole period can exist.
func dayAfter(iso string) string {
	year, part, _ := strings.Cut(iso, "-")
	y, _ := strconv.Atoi(year) // isoPeriod made it, of digits
	month := 12
	if strings.HasPrefix(part, "Q") {
		month = 3 * int(part[1]-'0')
	} else if part != "" {
		month, _ = strconv.Atoi(part)
	}
	if month == 12 {
		return pad(y+1, 4) + "-01-01"
	}
	return pad(y, 4) + "-" + pad(month+1, 2) + "-01"
}

func pad(n, digits int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(0, digits-len(s))) + s
}

// sixDigits is the code of the administrative division in the site's code of
// twelve digits, which adds six zeros. The nation is all zeros and stays as it is.
func sixDigits(area string) string {
	if len(area) == 12 && strings.HasSuffix(area, "000000") && area != wholeNation {
		return area[:6]
	}
	return area
}

const wholeNation = "000000000000"

var areaForm = regexp.MustCompile(`^\d{12}$`)

// within says whether an area, as sixDigits gives it, is one of the scope.
func (s scope) within(area string) bool {
	switch s {
	case nation:
		return area == wholeNation
	case provinces:
		return isDivision(area) && strings.HasSuffix(area, "0000")
	default:
		return isDivision(area) && strings.HasSuffix(area, "00")
	}
}

var sixDigitForm = regexp.MustCompile(`^[1-9]\d{5}$`)

func isDivision(area string) bool { return sixDigitForm.MatchString(area) }

// isNothing says whether a value is one of the ways to say "not published".
func isNothing(value string) bool { return value == "" || value == "无" }

var decimalForm = regexp.MustCompile(`^-?\d{1,15}(\.\d{1,15})?$`)

// number reads a plain decimal number, without separators or an exponent.
func number(text string) (float64, bool) {
	if !decimalForm.MatchString(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// minus100 subtracts in decimal: 105.2 is 5.2 and not 5.200000000000003. The text
// must be a number.
func minus100(text string) float64 {
	exact, _ := new(big.Rat).SetString(text)
	exact.Sub(exact, big.NewRat(100, 1))
	f, _ := exact.Float64() // the nearest there is
	return f
}

// clip cuts text to a readable length, at a character's start.
func clip(text []byte) string {
	const most = 160
	if len(text) <= most {
		return string(text)
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return string(text[:end]) + "…"
}
