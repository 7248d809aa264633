//go:build duckdb_arrow

package charts

import (
	"slices"
	"strings"
)

// peers adds the pool's members.
func (f *filler) peers() error {
	c := f.chart
	if c.Pool == "" {
		return nil
	}
	return f.members(Peer, c.From)
}

// members adds a series for each member of the pool other than the region.
func (f *filler) members(role Role, from int) error {
	c := f.chart
	return f.ask("SELECT o.region_code, r.name_en, r.name_zh, "+columns+` FROM benchmark_members AS m
JOIN preferred_observations AS o ON o.region_code = m.region
JOIN regions AS r ON r.code = m.region
WHERE m.benchmark = ? AND o.region_code <> ? AND o.indicator = ? AND o.frequency = 'A' AND extract(YEAR FROM o.period_start) >= ?
ORDER BY o.region_code, o.period_start`, []any{c.Pool, c.Region.Code, c.Indicator, from}, func(r rows) {
		name := Text{r.text("name_en"), short(r.text("name_zh"))}
		if n := len(c.Series); n == 0 || c.Series[n-1].Name != name {
			c.Series = append(c.Series, Series{Key: key(name.EN), Name: name, Role: role, Unit: c.Unit})
		}
		last := &c.Series[len(c.Series)-1]
		last.Points = append(last.Points, f.point(r))
	})
}

// ranking reads one period of the whole pool.
func (f *filler) ranking() error {
	c := f.chart
	if c.Period == "" {
		err := f.ask(`SELECT max(time_period) AS period FROM (
	SELECT o.time_period FROM preferred_observations AS o JOIN benchmark_members AS m ON m.region = o.region_code AND m.benchmark = ?
	JOIN benchmarks AS b ON b.id = m.benchmark
	WHERE o.indicator = ? AND o.frequency = 'A' AND o.standing = 3 AND o.qualifier = 'exact'
	GROUP BY o.time_period HAVING count(*) >= min(b.min_members)) AS enough`, []any{c.Pool, c.Indicator}, func(r rows) { c.Period = r.text("period") })
		if err != nil {
			return err
		}
	}
	err := f.ask("SELECT o.region_code, r.name_en, r.name_zh, "+columns+` FROM benchmark_members AS m
JOIN preferred_observations AS o ON o.region_code = m.region JOIN regions AS r ON r.code = m.region
WHERE m.benchmark = ? AND o.indicator = ? AND o.frequency = 'A' AND o.time_period = ? AND o.standing = 3 AND o.qualifier = 'exact'
ORDER BY o.value DESC, o.region_code`, []any{c.Pool, c.Indicator, c.Period}, func(r rows) {
		name := Text{r.text("name_en"), short(r.text("name_zh"))}
		s := Series{Key: key(name.EN), Name: name, Role: Peer, Unit: c.Unit, Points: []Point{f.point(r)}}
		if r.text("region_code") == c.Region.Code {
			s.Role = Focus
		}
		c.Series = append(c.Series, s)
	})
	if err != nil {
		return err
	}
	if c.of(Focus) == nil {
		return f.nothing()
	}
	return f.absent()
}

// panels reads the whole pool over time, the region first.
func (f *filler) panels() error {
	for _, step := range []func() error{f.focus, func() error { return f.members(Peer, f.chart.From) }, f.absent, f.benchmark} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// absent says which members of the pool have no figure.
func (f *filler) absent() error {
	c := f.chart
	var names []Text
	err := f.ask("SELECT r.name_en, r.name_zh FROM benchmark_members AS m JOIN regions AS r ON r.code = m.region WHERE m.benchmark = ? ORDER BY r.code",
		[]any{c.Pool}, func(r rows) {
			name := Text{r.text("name_en"), short(r.text("name_zh"))}
			if !slices.ContainsFunc(c.Series, func(s Series) bool { return s.Name == name }) {
				names = append(names, name)
			}
		})
	if err != nil || len(names) == 0 {
		return err
	}
	var en, zh []string
	for _, n := range names {
		en, zh = append(en, n.EN), append(zh, n.ZH)
	}
	c.Caveats = append(c.Caveats, Text{"No figure: " + strings.Join(en, ", ") + ".", "无数据：" + strings.Join(zh, "、") + "。"})
	return nil
}
