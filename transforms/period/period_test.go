package period_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"citystats/transforms/period"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, freq, start, out string }{
		{"2013", "A", "2013-01-01", "2013"},
		{"2020-H1", "S", "2020-01-01", "2020-H1"},
		{"2020-S2", "S", "2020-07-01", "2020-H2"},
		{"2017-Q1", "Q", "2017-01-01", "2017-Q1"},
		{"2017-Q4", "Q", "2017-10-01", "2017-Q4"},
		{"2024-05", "M", "2024-05-01", "2024-05"},
		{"2024-12", "M", "2024-12-01", "2024-12"},
		{"2016/2020", "A5", "2016-01-01", "2016/2020"},
		{"2013/2021", "A9", "2013-01-01", "2013/2021"},
	} {
		p, err := period.Parse(c.in)
		if err != nil {
			t.Errorf("Parse(%q): %v", c.in, err)
			continue
		}
		if got := [3]string{p.Freq.String(), p.Start.String(), p.String()}; got != [3]string{c.freq, c.start, c.out} {
			t.Errorf("Parse(%q) = %v, want %v", c.in, got, []string{c.freq, c.start, c.out})
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{
		"", "13", "201", "20133", "2013 ", "2013-13", "2013-00", "2013-Q5", "2013-Q0", "2013-H3",
		"2020/2016", "2016/2016", "2016/20", "0999", "3000", "２０１３", "2013-01-01", "14th FYP", "1000/2999",
	} {
		if p, err := period.Parse(in); err == nil {
			t.Errorf("Parse(%q) = %v, want an error: a period nobody can read must not be guessed", in, p)
		}
	}
}

func TestDaysAgreeWithTheCalendar(t *testing.T) {
	for at := time.Date(-5, time.January, 1, 0, 0, 0, 0, time.UTC); at.Year() < 3000; at = at.AddDate(0, 0, 1) {
		if got := period.DayOf(at.Date()); int64(got)*86400 != at.Unix() {
			t.Fatalf("DayOf(%s) = %d, want %d", at.Format(time.DateOnly), got, at.Unix()/86400)
		}
	}
}

func TestParseInvertsString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := rapid.IntRange(1000, 2900).Draw(t, "year")
		var p period.Period
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			p = period.Period{Freq: period.Annual, Start: period.DayOf(y, 1, 1)}
		case 1:
			p = period.Period{Freq: period.HalfYear, Start: period.DayOf(y, time.Month(rapid.SampledFrom([]int{1, 7}).Draw(t, "m")), 1)}
		case 2:
			p = period.Period{Freq: period.Quarter, Start: period.DayOf(y, time.Month(rapid.IntRange(0, 3).Draw(t, "q")*3+1), 1)}
		case 3:
			p = period.Period{Freq: period.Month, Start: period.DayOf(y, time.Month(rapid.IntRange(1, 12).Draw(t, "m")), 1)}
		default:
			p = period.Period{Freq: period.Span(rapid.IntRange(2, period.MaxSpan).Draw(t, "n")), Start: period.DayOf(y, 1, 1)}
		}
		if got, err := period.Parse(p.String()); err != nil || got != p {
			t.Fatalf("Parse(%q) = %v, %v; want %v", p.String(), got, err, p)
		}
	})
}

func TestParseMoment(t *testing.T) {
	for _, c := range []struct{ in, first, last, precision string }{
		{"2019", "2019-01-01", "2019-12-31", "year"},
		{"2020-02", "2020-02-01", "2020-02-29", "month"},
		{"2019-06-17", "2019-06-17", "2019-06-17", "day"},
	} {
		m, err := period.ParseMoment(c.in)
		if err != nil || m.First.String() != c.first || m.Last.String() != c.last || m.Precision != c.precision {
			t.Errorf("ParseMoment(%q) = %v, %v; want %s to %s (%s)", c.in, m, err, c.first, c.last, c.precision)
		}
	}
	for _, in := range []string{"", "2019-13", "2019-02-30", "17.06.2019", "19", "2019-6-1"} {
		if m, err := period.ParseMoment(in); err == nil {
			t.Errorf("ParseMoment(%q) = %v, want an error", in, m)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"2013", "2020-H1", "2017-Q1", "2024-05", "2016/2020", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := period.Parse(s)
		if err != nil {
			return
		}
		if again, err := period.Parse(p.String()); err != nil || again != p {
			t.Fatalf("%q reads as %v, which prints as %q and reads as %v, %v", s, p, p.String(), again, err)
		}
	})
}
