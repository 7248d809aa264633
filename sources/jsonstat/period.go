package jsonstat

import (
	"strings"
	"time"

	"citystats/transforms/period"
)

// spelledPeriod is the form of a label, where the codes of time are numbers that
// mean nothing: 2011, 2023 Q1 and Q1 2023, Sep 1999 and September 1999.
func spelledPeriod(label string) string {
	first, second, two := strings.Cut(strings.TrimSpace(label), " ")
	if !two {
		return isoPeriod(first)
	}
	for _, layout := range []string{"Jan 2006", "January 2006", "2006 Jan", "2006 January"} {
		if t, err := time.Parse(layout, first+" "+second); err == nil {
			return isoPeriod(t.Format("2006-01"))
		}
	}
	if len(first) == 2 {
		first, second = second, first
	}
	return isoPeriod(first + "-" + second)
}

// isoPeriod is the form that package period reads of a publisher's code, or empty.
// Known are 2023; quarters 2023K1 (PxWeb, in the Nordic languages), 2023Q1,
// 2023-Q1; months 2023M05, 2023-05; half-years 2023H1, 2023-S1, 2023S1. Weeks, days
// and school years have no place among the periods and are not guessed at.
func isoPeriod(code string) string {
	if len(code) < 4 {
		return ""
	}
	year, part := code[:4], code[4:]
	if len(part) > 0 && part[0] == '-' {
		part = part[1:]
		if len(part) == 2 && part[0] <= '9' {
			part = "M" + part // 2023-05
		}
	}
	iso := year
	if part != "" {
		letter, n := part[0], part[1:]
		switch {
		case (letter == 'K' || letter == 'Q') && len(n) == 1:
			iso = year + "-Q" + n
		case letter == 'M' && len(n) == 2:
			iso = year + "-" + n
		case (letter == 'H' || letter == 'S') && len(n) == 1:
			iso = year + "-H" + n
		default:
			return ""
		}
	}
	if len(code) > 4 && part == "" {
		return "" // "2023-"
	}
	if _, err := period.Parse(iso); err != nil {
		return ""
	}
	return iso
}
