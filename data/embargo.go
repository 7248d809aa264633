package data

import (
	"fmt"
	"time"
)

// Embargo is a row of embargoes.csv: a figure that must not be seen before a moment.
type Embargo struct {
	Region, Indicator, Period string
	NotBefore                 time.Time
}

// Withheld are the figures that must not be seen at a moment. From the very second
// that its row names a figure may be seen.
func (c *Catalog) Withheld(now time.Time) []Embargo {
	var out []Embargo
	for _, e := range c.Embargoes {
		if now.Before(e.NotBefore) {
			out = append(out, e)
		}
	}
	return out
}

// NextLifted is the first moment after now at which an embargo ends, for whoever
// keeps a view of a release open; ok is false when none will.
func (c *Catalog) NextLifted(now time.Time) (at time.Time, ok bool) {
	for _, e := range c.Withheld(now) {
		if !ok || e.NotBefore.Before(at) {
			at, ok = e.NotBefore, true
		}
	}
	return at, ok
}

func embargoRule(t *Table, row []any) (column, problem, hint string) {
	moment := t.text(row, "not_before")
	if _, err := time.Parse(time.RFC3339, moment); err != nil {
		return "not_before", fmt.Sprintf("%q is no moment", moment), "write it as 2026-12-01T10:00:00+08:00"
	}
	return "", "", ""
}
