//go:build duckdb_arrow

package charts

import (
	"fmt"
	"strconv"
	"strings"
)

// rebase restates an indexed chart with the base year as 100. Only figures on the
// basis of the base year are restated: what stands beyond a break, or is no exact
// measured figure, is left out and said, as is a series without the base year.
func (c *Chart) rebase() {
	if c.Index == 0 {
		return
	}
	kept := c.Series[:0]
	for _, s := range c.Series {
		points, left := s.rebased(strconv.Itoa(c.Index))
		switch {
		case points == nil:
			c.Caveats = append(c.Caveats, Text{
				fmt.Sprintf("No figure for %d to start from: %s.", c.Index, s.Name.EN), fmt.Sprintf("%d年无基期数据：%s。", c.Index, s.Name.ZH),
			})
			continue
		case len(left) > 0 && s.Role != Peer:
			list := strings.Join(runs(left), ", ")
			c.Caveats = append(c.Caveats, Text{
				fmt.Sprintf("Left out, as beyond a break, a bound, a forecast or a single weak copy: %s %s.", s.Name.EN, list),
				fmt.Sprintf("因口径变动，或属界限值、预计数、单一转载而未列入：%s%s年。", s.Name.ZH, list),
			})
		}
		s.Points, s.Unit = points, Text{}
		kept = append(kept, s)
	}
	c.Series, c.Unit, c.Decimals = kept, Text{}, 1
	c.Breaks = nil // nothing is left on their other side
}

// rebased are the points that can be compared with the base, and the periods of
// those that cannot. Without a base there are no points.
func (s *Series) rebased(base string) (points []Point, left []string) {
	from, ok := s.at(base)
	if !ok || from.Value == 0 || !comparable(from) {
		return nil, nil
	}
	for _, p := range s.Points {
		if p.Basis != from.Basis || !comparable(p) {
			left = append(left, p.Period)
			continue
		}
		p.Value = round(p.Value / from.Value * 100)
		points = append(points, p)
	}
	return points, left
}
