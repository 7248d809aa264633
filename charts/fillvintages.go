//go:build duckdb_arrow

package charts

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// vintages reads everything that was said about one figure.
func (f *filler) vintages() error {
	c := f.chart
	s := Series{Key: key(c.Region.Name.EN), Name: c.Region.Name, Role: Focus, Unit: c.Unit}
	if c.Period == "" {
		if err := f.mostStated(); err != nil {
			return err
		}
	}
	err := f.ask("SELECT "+columns+`, o.published_at, o.visible_from, t.name_en AS state, p.name_en, p.name_zh FROM observation_vintages AS o
JOIN observation_statuses AS t ON t.id = o.status
JOIN publishers AS p ON p.id = o.origin
WHERE o.region_code = ? AND o.indicator = ? AND o.frequency = 'A' AND o.time_period = ? AND o.standing = 3 AND o.published_at IS NOT NULL
ORDER BY o.visible_from, o.document_id, o.record`, []any{c.Region.Code, c.Indicator, c.Period}, func(r rows) {
		p := f.point(r)
		p.Said, p.State, p.Publisher = r.day("visible_from"), r.text("state"), Text{r.text("name_en"), r.text("name_zh")}
		if n := len(s.Points); n > 0 && sameFigure(s.Points[n-1].Value, p.Value) {
			return // said again, perhaps rounded
		}
		s.Points = append(s.Points, p)
	})
	if err != nil {
		return err
	}
	if len(s.Points) == 0 {
		return f.nothing()
	}
	c.Series = append(c.Series, s)
	return f.reasons()
}

// mostStated takes the period of which most different figures were dated, weak copies aside; the latest of them.
func (f *filler) mostStated() error {
	c := f.chart
	return f.ask(`SELECT time_period FROM observation_vintages
WHERE region_code = ? AND indicator = ? AND frequency = 'A' AND standing = 3 AND published_at IS NOT NULL
GROUP BY time_period ORDER BY count(DISTINCT CASE WHEN confidence <> 'low' THEN value END) DESC, time_period DESC LIMIT 1`,
		[]any{c.Region.Code, c.Indicator}, func(r rows) { c.Period = r.text("time_period") })
}

// reasons adds what is known of why the figure was revised: a census is no update.
func (f *filler) reasons() error {
	c := f.chart
	var en, zh []string
	err := f.ask(`SELECT v.visible_from, e.title_en, e.title_zh FROM revisions AS v JOIN revision_events AS e ON e.id = v.event_id AND e.indicator = v.indicator
WHERE v.region_code = ? AND v.indicator = ? AND v.frequency = 'A' AND v.time_period = ? ORDER BY v.visible_from, e.id`,
		[]any{c.Region.Code, c.Indicator, c.Period}, func(r rows) {
			day := r.day("visible_from").Format(time.DateOnly)
			en, zh = append(en, r.text("title_en")+" ("+day+")"), append(zh, r.text("title_zh")+"（"+day+"）")
		})
	if len(en) > 0 {
		c.Caveats = append(c.Caveats, Text{"Why it was revised: " + strings.Join(en, ", ") + ".", "修订原因：" + strings.Join(zh, "、") + "。"})
	}
	return err
}

// sameFigure says whether one of two figures is the other, rounded to the digits
// that it has.
func sameFigure(a, b float64) bool {
	text := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	decimals := func(s string) int {
		_, fraction, _ := strings.Cut(s, ".")
		return len(fraction)
	}
	coarse := min(decimals(text(a)), decimals(text(b)))
	return strconv.FormatFloat(a, 'f', coarse, 64) == strconv.FormatFloat(b, 'f', coarse, 64)
}

// sources names whose figures are used, most figures first.
func (f *filler) sources() error {
	c := f.chart
	var places []string
	for _, s := range c.Series {
		for _, p := range s.Points {
			if p.Document != 0 {
				places = append(places, fmt.Sprintf("(%d, %d)", p.Document, p.Record))
			}
		}
	}
	if len(places) == 0 {
		return nil
	}
	return f.ask(`SELECT p.name_en, coalesce(p.name_zh, p.name_en) AS name_zh, p.licence, count(*) AS n
FROM (VALUES `+strings.Join(places, ", ")+`) AS u (document_id, record)
JOIN observation_vintages AS o ON o.document_id = u.document_id AND o.record = u.record
JOIN publishers AS p ON p.id = o.origin
GROUP BY ALL ORDER BY n DESC, p.name_en`, nil, func(r rows) {
		c.Sources = append(c.Sources, Source{Text{r.text("name_en"), r.text("name_zh")}, r.text("licence")})
	})
}
