//go:build duckdb_arrow

package charts

import (
	"time"
)

func (f *filler) breaks() error {
	c := f.chart
	bench := c.of(Bench)
	// A break without a region is everybody's. The benchmark's own are drawn too.
	return f.ask(`SELECT b.period, b.title_en, b.title_zh, coalesce(b.region, ?) = ? AS own FROM breaks AS b
LEFT JOIN benchmarks AS n ON n.id = ?
WHERE b.indicator = ? AND (b.region IS NULL OR b.region = ? OR b.region = n.region) AND substr(b.period, 1, 4) >= CAST(? AS VARCHAR)
ORDER BY b.period, b.id`, []any{c.Region.Code, c.Region.Code, c.Definition.Benchmark, c.Indicator, c.Region.Code, c.From}, func(r rows) {
		at, err := time.Parse("2006", r.text("period")[:4])
		if err != nil {
			return
		}
		b := Break{At: at, Title: Text{r.text("title_en"), r.text("title_zh")}, Of: Focus}
		if own, _ := r.get("own").(bool); !own {
			b.Of = Bench
		}
		if !c.Growth && (c.crosses(c.of(Focus), b) || c.crosses(bench, b) && b.Of == Bench) {
			c.Breaks = append(c.Breaks, b)
		}
	})
}

// crosses says whether a series has figures on both sides of a break.
func (c *Chart) crosses(s *Series, b Break) bool {
	return s != nil && len(s.Points) > 0 && s.Points[0].Start.Before(b.At) && !s.Points[len(s.Points)-1].Start.Before(b.At)
}

func (f *filler) events() error {
	c := f.chart
	for _, m := range c.Markers {
		err := f.ask("SELECT date FROM events WHERE id = ? AND region = ?", []any{m.Event, c.Region.Code}, func(r rows) {
			at, err := time.Parse("2006-01-02"[:len(r.text("date"))], r.text("date"))
			if err == nil {
				c.Events = append(c.Events, Event{at, m.Label})
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// segment numbers the runs of points that may be joined: a break or a missing
// period ends a run.
func (c *Chart) segment() {
	for i := range c.Series {
		s := &c.Series[i]
		for j := 1; j < len(s.Points); j++ {
			p, before := &s.Points[j], s.Points[j-1]
			p.Segment, p.Basis = before.Segment, before.Basis
			broken := c.broken(s.Role, before.Start, p.Start)
			if broken {
				p.Basis++
			}
			if broken || p.Start.Year()-before.Start.Year() > 1 || (before.Status == "F") != (p.Status == "F") {
				p.Segment++
			}
		}
	}
}

// broken says whether a break of the series in that role stands between two days.
func (c *Chart) broken(r Role, before, after time.Time) bool {
	for _, b := range c.Breaks {
		if (b.Of == r || r == Peer) && b.At.After(before) && !b.At.After(after) {
			return true
		}
	}
	return false
}
