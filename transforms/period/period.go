// Package period reads and writes the periods statistics are about and the
// dates they were published on.
//
// A [Period] is a frequency and a first day, which is all the store keeps: the
// frequency belongs to the series, the first day to the observation. Text forms
// follow SDMX where it has one and stay readable where it has none:
//
//	2013         a year                FREQ A
//	2020-H1      a half-year           FREQ S (2020-S1 is read too)
//	2017-Q1      a quarter             FREQ Q
//	2024-05      a month               FREQ M
//	2016/2020    a span of whole years FREQ A5, as SDMX codes multi-annual data
//
// A [Moment] is a date as precise as its source gives it, such as a publication
// date of which only the year is known.
package period

import (
	"fmt"
	"strconv"
	"time"
)

// Day counts days since 1970-01-01, as Arrow's Date32 and DuckDB's DATE do.
type Day int32

// DayOf is the civil day y-m-d of the Gregorian calendar, which must exist.
// Package time says the same; millions of figures should not wait for it.
func DayOf(y int, m time.Month, d int) Day {
	// Years that begin in March have their leap day last.
	if m <= time.February {
		y--
		m += 12
	}
	era := floorDiv(y, 400)
	ofEra := y - era*400
	ofYear := (153*(int(m)-3)+2)/5 + d - 1
	return Day(era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - 719468)
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Time is midnight UTC at the start of the day.
func (d Day) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String is the ISO 8601 date.
func (d Day) String() string { return d.Time().Format(time.DateOnly) }

// Freq is an SDMX frequency; spans of n years are coded A<n>.
type Freq uint8

// The single frequencies. Span gives those of several years.
const (
	Annual   Freq = 1
	HalfYear Freq = 2
	Quarter  Freq = 3
	Month    Freq = 4
	spanBase Freq = 100
)

// MaxSpan is the longest span of years a period may cover.
const MaxSpan = 99

// Span is the frequency of figures about n whole years together.
func Span(n int) Freq { return spanBase + Freq(n) }

// Years is how many whole years the frequency covers; 0 when less than one.
func (f Freq) Years() int {
	switch {
	case f == Annual:
		return 1
	case f > spanBase:
		return int(f - spanBase)
	default:
		return 0
	}
}

// String is the SDMX code: A, S, Q, M, A5.
func (f Freq) String() string {
	switch f {
	case Annual:
		return "A"
	case HalfYear:
		return "S"
	case Quarter:
		return "Q"
	case Month:
		return "M"
	default:
		return "A" + strconv.Itoa(int(f-spanBase))
	}
}

// ParseFreq reads the code that String writes.
func ParseFreq(s string) (Freq, error) {
	for _, f := range []Freq{Annual, HalfYear, Quarter, Month} {
		if f.String() == s {
			return f, nil
		}
	}
	if len(s) > 1 && s[0] == 'A' {
		if n, err := strconv.Atoi(s[1:]); err == nil && n >= 2 && n <= MaxSpan {
			return Span(n), nil
		}
	}
	return 0, fmt.Errorf("frequency %q is not one of A, S, Q, M, A2 to A%d", s, MaxSpan)
}

// Period is what a figure is about.
type Period struct {
	Freq  Freq
	Start Day
}

// String writes the period in the form Parse reads.
func (p Period) String() string {
	t := p.Start.Time()
	y, m := t.Year(), int(t.Month())
	switch p.Freq {
	case Annual:
		return fmt.Sprintf("%04d", y)
	case HalfYear:
		return fmt.Sprintf("%04d-H%d", y, (m-1)/6+1)
	case Quarter:
		return fmt.Sprintf("%04d-Q%d", y, (m-1)/3+1)
	case Month:
		return fmt.Sprintf("%04d-%02d", y, m)
	default:
		return fmt.Sprintf("%04d/%04d", y, y+p.Freq.Years()-1)
	}
}

// BeginsYear says whether the period starts on the first of January, so that it
// is the year to date as well.
func (p Period) BeginsYear() bool { return p.Start.Time().YearDay() == 1 }

// Parse reads a period. Years before 1000 or after 2999 are taken for mistakes,
// since no statistic here is about them and a shifted column often is.
func Parse(s string) (Period, error) {
	if len(s) < 4 {
		return Period{}, malformed(s)
	}
	y, ok := year(s[:4])
	if !ok {
		return Period{}, malformed(s)
	}
	switch {
	case len(s) == 4:
		return Period{Annual, DayOf(y, time.January, 1)}, nil
	case len(s) == 9 && s[4] == '/':
		return parseSpan(s, y)
	case len(s) == 7 && s[4] == '-':
		return parsePart(s, y)
	}
	return Period{}, malformed(s)
}

func parseSpan(s string, from int) (Period, error) {
	to, ok := year(s[5:])
	if !ok || to <= from || to-from >= MaxSpan {
		return Period{}, malformed(s)
	}
	return Period{Span(to - from + 1), DayOf(from, time.January, 1)}, nil
}

func parsePart(s string, y int) (Period, error) {
	n := int(s[6] - '0')
	switch c := s[5]; {
	case (c == 'H' || c == 'S') && n >= 1 && n <= 2:
		return Period{HalfYear, DayOf(y, time.Month(n*6-5), 1)}, nil
	case c == 'Q' && n >= 1 && n <= 4:
		return Period{Quarter, DayOf(y, time.Month(n*3-2), 1)}, nil
	case (c == '0' && n >= 1 && n <= 9) || (c == '1' && n >= 0 && n <= 2):
		return Period{Month, DayOf(y, time.Month(int(c-'0')*10+n), 1)}, nil
	}
	return Period{}, malformed(s)
}

func malformed(s string) error {
	return fmt.Errorf("period %q is not one of 2013, 2020-H1, 2017-Q1, 2024-05, 2016/2020", s)
}

func year(s string) (int, bool) {
	y := 0
	for i := range 4 {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		y = y*10 + int(c)
	}
	return y, y >= 1000 && y <= 2999
}

// Moment is a date of the precision its source gives.
type Moment struct {
	First, Last Day
	Precision   string // day, month or year
}

// ParseMoment reads "2019", "2019-06" or "2019-06-17".
func ParseMoment(s string) (Moment, error) {
	forms := []struct {
		layout, precision string
		y, m, d           int
	}{
		{time.DateOnly, "day", 0, 0, 1},
		{"2006-01", "month", 0, 1, 0},
		{"2006", "year", 1, 0, 0},
	}
	for _, f := range forms {
		if len(s) != len(f.layout) {
			continue
		}
		if t, err := time.Parse(f.layout, s); err == nil && t.Year() >= 1000 {
			next := t.AddDate(f.y, f.m, f.d)
			return Moment{Day(t.Unix() / 86400), Day(next.Unix()/86400) - 1, f.precision}, nil
		}
	}
	return Moment{}, fmt.Errorf("date %q is not one of 2019, 2019-06, 2019-06-17", s)
}
