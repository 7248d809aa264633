//go:build duckdb_arrow

// Package revisions says what changed in a release and ranks it by what it moves.
//
// A revised figure matters by what rests on it: a comparison whose gap changes its
// sign, an average of growth, a printed claim. So the figures that comparisons and
// windows would show had none of the revisions asked about happened are computed
// by the release's own models over other vintages, as every look back in time is,
// and held against what they show now. There is no second definition of a
// comparison here.
//
// Changes of yuan and of percentage points cannot be ranked together. Each
// indicator has a tolerance, the size of a revision that passes without a person
// looking, and that is the unit in which all of them are measured.
package revisions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"citystats/pipeline/warehouse"
	queries "citystats/sql"
)

// Question is what is asked; what is empty does not restrict.
type Question struct {
	Region    string // code
	Indicator string
	Type      string // update, correction, methodology or census
	Day       string // only what could not be read by the end of this ISO day
	Captures  int    // only what is in documents after the first so many; 0 for all
}

// Step is one revision of a figure.
type Step struct {
	VintageNumber       int64
	Old, New            float64
	Change              float64
	ChangePercent       *float64 // levels and ratios
	Tolerances          *float64
	Type, Event         string // Event is empty when none is declared
	OldStatus           string
	NewStatus           string
	OldDocument         int64
	NewDocument         int64
	Title, URL          string // of the new figure's document
	Published           *time.Time
	VisibleFrom         time.Time
	EventTitle, Printer string // Printer is who printed the document
}

// Comparison is a comparison that a revision moved, as it would be without it and
// as it is. Gaps of levels are percent of the benchmark, those of rates points.
type Comparison struct {
	Region, Benchmark, Period string
	Then, Now                 float64
	Percent                   bool
	SignChanged               bool
	RegionCode, BenchmarkID   string // keys of the names above
}

// Window is an average of growth that a revision moved. The averages are nil where
// a year is missing.
type Window struct {
	Title, Region, Benchmark string
	Then, Now                *float64 // the gap to the benchmark, in points
	Average, AverageNow      *float64 // the region's own average
}

// Figure is a figure with the revisions that were asked for, oldest first, and what
// they moved together.
type Figure struct {
	RegionCode, Region   string
	Indicator, Title     string // Title is the indicator's
	Frequency, Period    string
	Origin, Unit, Symbol string
	Decimals             int64
	Measure              string
	Preferred            string // the origin whose figure comparisons use
	Steps                []Step
	Comparisons          []Comparison
	Appeared             int // comparisons that rest on it and had no figure before
	Windows              []Window
	Claims               []string
}

// Ask answers the question from the release that open opens. What its readers do
// not see is neither told nor part of anything that moved.
func Ask(ctx context.Context, open func(context.Context) (*warehouse.Reader, error), set *queries.Set, q Question) ([]Figure, error) {
	now, err := open(ctx)
	if err != nil {
		return nil, err
	}
	figures, err := q.figures(ctx, now)
	if err == nil && len(figures) > 0 {
		err = q.effects(ctx, open, now, set, figures)
	}
	if err := errors.Join(err, now.Close()); err != nil {
		return nil, err
	}
	slices.SortStableFunc(figures, byWhatTheyMove)
	return figures, nil
}

// listed is the condition on a revision r of the release.
func (q Question) listed() (where string, args []any) {
	where = "true"
	for column, value := range map[string]string{"region_code": q.Region, "indicator": q.Indicator, "type": q.Type} {
		if value != "" {
			where += " AND r." + column + " = ?"
			args = append(args, value)
		}
	}
	if q.Day != "" {
		where += " AND r.visible_from > CAST(? AS DATE)"
		args = append(args, q.Day)
	}
	if q.Captures > 0 {
		where += " AND r.new_document_id > ?"
		args = append(args, q.Captures)
	}
	return where, args
}

// before is the SELECT of the vintages without what came since: those that could
// be read by the day, or were in the first documents, or without either those that
// said each figure first.
func (q Question) before() string {
	switch {
	case q.Day != "":
		return queries.SeenBy(q.Day)
	case q.Captures > 0:
		return fmt.Sprintf("SELECT * FROM main.observation_vintages WHERE document_id <= %d", q.Captures)
	}
	return `SELECT v.* FROM main.observation_vintages AS v
LEFT JOIN (SELECT DISTINCT series_id, period_start FROM main.revisions) AS r ON r.series_id = v.series_id AND r.period_start = v.period_start
LEFT JOIN main.vintage_history AS h
	ON h.series_id = v.series_id AND h.period_start = v.period_start AND h.document_id = v.document_id AND h.record = v.record
WHERE r.series_id IS NULL OR h.vintage_number = 1`
}

const revised = `SELECT r.*, i.title_en, i.decimals, i.measure, u.symbol_en, d.title, d.url, p.name_en AS printer, e.title_en AS event_title, o.origin AS preferred
FROM revisions AS r
JOIN indicators AS i ON i.id = r.indicator
JOIN units AS u ON u.id = r.unit
JOIN store.documents AS d ON d.document_id = r.new_document_id
JOIN publishers AS p ON p.id = d.publisher
LEFT JOIN revision_events AS e ON e.id = r.event_id AND e.indicator = r.indicator
LEFT JOIN preferred_observations AS o
	ON o.region_code = r.region_code AND o.indicator = r.indicator AND o.frequency = r.frequency AND o.period_start = r.period_start
WHERE `

func (q Question) figures(ctx context.Context, now *warehouse.Reader) ([]Figure, error) {
	where, args := q.listed()
	rows, err := now.Query(ctx, revised+where+" ORDER BY r.series_id, r.period_start, r.vintage_number", args...)
	if err != nil {
		return nil, err
	}
	var out []Figure
	last := ""
	for _, raw := range rows.Rows {
		v := row{rows, raw}
		if key := fmt.Sprint(v.get("series_id"), v.get("period_start")); key != last {
			last = key
			out = append(out, Figure{
				RegionCode: v.str("region_code"), Region: v.str("region"), Indicator: v.str("indicator"), Title: v.str("title_en"),
				Frequency: v.str("frequency"), Period: v.str("time_period"), Origin: v.str("origin"), Unit: v.str("unit"), Symbol: v.str("symbol_en"),
				Decimals: v.whole("decimals"), Measure: v.str("measure"), Preferred: v.str("preferred"),
			})
		}
		f := &out[len(out)-1]
		f.Steps = append(f.Steps, v.step())
	}
	return out, nil
}

func (v row) step() Step {
	s := Step{
		VintageNumber: v.whole("vintage_number"), Old: *v.float("old_value"), New: *v.float("new_value"), Change: *v.float("change"),
		ChangePercent: v.float("change_percent"), Tolerances: v.float("tolerances"), Type: v.str("type"), Event: v.str("event_id"),
		OldStatus: v.str("old_status"), NewStatus: v.str("new_status"), OldDocument: v.whole("old_document_id"), NewDocument: v.whole("new_document_id"),
		Title: v.str("title"), URL: v.str("url"), EventTitle: v.str("event_title"), Printer: v.str("printer"),
	}
	if t, ok := v.get("published_at").(time.Time); ok {
		s.Published = &t
	}
	s.VisibleFrom, _ = v.get("visible_from").(time.Time)
	return s
}

// SignsChanged counts the comparisons in which the region went from above the
// benchmark to below it, or the other way.
func (f Figure) SignsChanged() int {
	n := 0
	for _, c := range f.Comparisons {
		if c.SignChanged {
			n++
		}
	}
	return n
}

// size is the largest of the figure's revisions, in tolerances.
func (f Figure) size() float64 {
	most := 0.0
	for _, s := range f.Steps {
		if s.Tolerances != nil {
			most = math.Max(most, *s.Tolerances)
		}
	}
	return most
}

// byWhatTheyMove puts first what turns a comparison over, then what a claim rests
// on, then the largest.
func byWhatTheyMove(a, b Figure) int {
	return cmp.Or(
		cmp.Compare(b.SignsChanged(), a.SignsChanged()),
		cmp.Compare(len(b.Claims), len(a.Claims)),
		cmp.Compare(b.size(), a.size()),
		cmp.Compare(len(b.Comparisons)+len(b.Windows), len(a.Comparisons)+len(a.Windows)),
		strings.Compare(a.RegionCode+a.Indicator+a.Period+a.Origin, b.RegionCode+b.Indicator+b.Period+b.Origin),
	)
}

// row reads a result's row by column name.
type row struct {
	of    warehouse.Rows
	cells []any
}

func (v row) get(name string) any { return v.cells[v.of.Column(name)] }

func (v row) str(name string) string {
	s, _ := v.get(name).(string)
	return s
}

func (v row) float(name string) *float64 {
	if x, ok := v.get(name).(float64); ok {
		return &x
	}
	return nil
}

func (v row) whole(name string) int64 {
	switch x := v.get(name).(type) {
	case int64:
		return x
	case int32:
		return int64(x)
	}
	return 0
}
