package data_test

import (
	"testing"
	"time"

	"citystats/data"
)

func TestEmbargoEndsAtItsSecond(t *testing.T) {
	first := time.Date(2026, 12, 1, 10, 0, 0, 0, time.FixedZone("", 8*3600))
	later := first.Add(time.Hour)
	c := data.Catalog{Embargoes: []data.Embargo{{Region: "340100", NotBefore: later}, {Region: "CHN", NotBefore: first}}}
	for _, at := range []struct {
		now      time.Time
		withheld int
		next     time.Time
	}{
		{first.Add(-time.Second), 2, first},
		{first, 1, later},
		{later.Add(-time.Second), 1, later},
		{later, 0, time.Time{}},
	} {
		if got := c.Withheld(at.now.UTC()); len(got) != at.withheld {
			t.Errorf("at %v %d figures are withheld, want %d", at.now, len(got), at.withheld)
		}
		if next, ok := c.NextLifted(at.now); !next.Equal(at.next) || ok != (at.withheld > 0) {
			t.Errorf("after %v the next embargo ends at %v (%v), want %v", at.now, next, ok, at.next)
		}
	}
}
