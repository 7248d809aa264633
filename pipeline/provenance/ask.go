//go:build duckdb_arrow

package provenance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"citystats/internal/fault"
	queries "citystats/sql"
	"citystats/transforms/period"
)

// Question asks for a figure in words. Names may be English, Chinese or codes.
type Question struct {
	Region, Indicator, Period string
	Against                   string // a benchmark; empty for the figure alone
	Window                    string // a growth window; empty for those of the period's years
	AsOf                      string // ISO date to look back to; empty for now
	All                       bool   // every vintage of every origin, and not the preferred figure
}

// The indicator that windows of growth are made of, and the window that is asked
// for by its years when no definition has them.
const (
	growthIndicator = "gdp_growth_real"
	askedWindow     = "asked"
)

// Figure explains what the question asks for.
func (e *Explainer) Figure(ctx context.Context, q Question) (*Explanation, error) {
	if err := e.resolve(&q); err != nil {
		return nil, err
	}
	l := e.look(q.AsOf)
	var err error
	switch windows := l.windows(q); {
	case len(windows) > 0:
		err = l.growth(ctx, q, windows)
	case q.Against != "":
		err = l.cell(ctx, q)
	case q.All:
		err = l.vintages(ctx, q)
	default:
		err = l.figure(ctx, q)
	}
	if err != nil {
		return nil, err
	}
	return l.finish(ctx)
}

// resolve turns names into keys and refuses what is none.
func (e *Explainer) resolve(q *Question) error {
	var err error
	if q.Region, err = e.Catalog.RegionIndex().Find(q.Region); err != nil {
		return fault.New(fault.Usage, "", "see citystats regions", "%s", err.Error())
	}
	if q.Against != "" {
		if q.Against, err = e.Catalog.BenchmarkIndex().Find(q.Against); err != nil {
			return fault.New(fault.Usage, "", "see citystats sql \"SELECT id, name_en, name_zh FROM benchmarks\"", "%s", err.Error())
		}
	}
	if q.AsOf != "" {
		if m, err := period.ParseMoment(q.AsOf); err != nil || m.Precision != "day" {
			return fault.New(fault.Usage, "", "write it as 2023-08-05", "--as-of %q is not a day", q.AsOf)
		}
	}
	if q.Window != "" {
		return e.resolveWindow(q)
	}
	if q.Indicator, err = e.Catalog.IndicatorIndex().Find(q.Indicator); err != nil {
		return fault.New(fault.Usage, "", "see citystats indicators", "%s", err.Error())
	}
	p, err := period.Parse(q.Period)
	if err != nil {
		return fault.New(fault.Usage, "", "", "%s", err.Error())
	}
	q.Period = p.String()
	return nil
}

func (e *Explainer) resolveWindow(q *Question) error {
	var known []string
	for _, w := range e.Catalog.GrowthWindows {
		if known = append(known, w.ID); w.ID == q.Window {
			q.Indicator = growthIndicator
			return nil
		}
	}
	return fault.New(fault.Usage, "", "write one of "+strings.Join(known, ", "), "window %q is not known", q.Window)
}

// windows are the growth windows that the question is about; none when it is about
// a figure of one period.
func (l *look) windows(q Question) []string {
	if q.Window != "" {
		return []string{q.Window}
	}
	p, err := period.Parse(q.Period)
	if err != nil || q.Indicator != growthIndicator || p.Freq.Years() < 2 {
		return nil
	}
	first := p.Start.Time().Year()
	last := first + p.Freq.Years() - 1
	var out []string
	for _, w := range l.Catalog.GrowthWindows {
		if w.FirstYear == first && w.LastYear == last {
			out = append(out, w.ID)
		}
	}
	if len(out) == 0 {
		l.instead["growth_windows"] = fmt.Sprintf("SELECT '%s' AS id, %d AS first_year, %d AS last_year, CAST(NULL AS VARCHAR) AS bridge,\n"+
			"\t'%d to %d' AS title_en, '%d至%d年' AS title_zh, '' AS note", askedWindow, first, last, first, last, first, last)
		out = []string{askedWindow}
	}
	return out
}

// add puts the rows of a SELECT among those explained, and says how many.
func (l *look) add(ctx context.Context, table, text string) (n int, err error) {
	var found []*Row
	err = l.rows(ctx, &found, table, "", text, func(err error) error { return err })
	if err == nil {
		err = l.observe(ctx)
	}
	for _, r := range found {
		r.gather()
	}
	l.answer.Rows = append(l.answer.Rows, found...)
	return len(found), err
}

func (l *look) figure(ctx context.Context, q Question) error {
	n, err := l.add(ctx, "preferred_observations", "SELECT * FROM preferred_observations WHERE "+q.where())
	if err != nil {
		return err
	}
	if n == 0 {
		return l.missing(ctx, q)
	}
	return l.others(ctx, q)
}

// where finds the question's region, indicator and period.
func (q Question) where() string {
	return "region_code = " + quoted(q.Region) + " AND indicator = " + quoted(q.Indicator) + " AND time_period = " + quoted(q.Period)
}

// others says how much more is known of a figure.
func (l *look) others(ctx context.Context, q Question) error {
	found, err := l.ask(ctx, "SELECT count(*), CAST(coalesce(sum(vintages), 0) AS BIGINT) FROM observations WHERE "+q.where())
	if err != nil {
		return err
	}
	origins, vintages := found.Rows[0][0].(int64), found.Rows[0][1].(int64)
	if vintages > 1 {
		l.answer.Remarks = append(l.answer.Remarks, fmt.Sprintf("%d vintages are known, of %s; --all explains each", vintages, plural(origins, "origin")))
	}
	return nil
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (l *look) vintages(ctx context.Context, q Question) error {
	n, err := l.add(ctx, queries.Leaf, "SELECT * FROM "+queries.Leaf+" WHERE "+q.where())
	if err == nil && n == 0 {
		err = l.missing(ctx, q)
	}
	return err
}

// cell is a comparison. Where the region has no figure, the benchmark's stands alone.
func (l *look) cell(ctx context.Context, q Question) error {
	against := " AND benchmark = " + quoted(q.Against)
	n, err := l.add(ctx, "comparisons", "SELECT * FROM comparisons WHERE "+q.where()+against)
	if err != nil || n > 0 {
		return err
	}
	theirs := q
	theirs.Indicator = l.facing(q)
	n, err = l.add(ctx, "benchmark_observations", "SELECT * FROM benchmark_observations WHERE "+theirs.where()+against)
	if err != nil {
		return err
	}
	if n == 0 {
		return l.missing(ctx, q)
	}
	l.answer.Remarks = append(l.answer.Remarks, "the region has no figure for this period; the benchmark's stands alone")
	return nil
}

// facing is the indicator that a benchmark shows beside the question's.
func (l *look) facing(q Question) string {
	other := l.defined("benchmark_pairs", "benchmark_indicator", map[string]string{"benchmark": q.Against, "indicator": q.Indicator})
	return cmp.Or(other, q.Indicator)
}

// defined is a text of the first row of a definition table that has these texts;
// empty when there is none.
func (e *Explainer) defined(table, column string, where map[string]string) string {
	t, _ := e.Catalog.Table(table)
	for _, row := range t.Rows {
		answer, fits := "", true
		for i, c := range t.Schema.Columns {
			text, _ := row[i].(string)
			if wanted, asked := where[c.Name]; asked && text != wanted {
				fits = false
			}
			if c.Name == column {
				answer = text
			}
		}
		if fits {
			return answer
		}
	}
	return ""
}

// growth is the average of each window, against a benchmark if one is named.
func (l *look) growth(ctx context.Context, q Question, windows []string) error {
	table, and := "growth", ""
	if q.Against != "" {
		table, and = "growth_against_benchmark", " AND benchmark = "+quoted(q.Against)
	}
	for _, w := range windows {
		n, err := l.add(ctx, table, "SELECT * FROM "+table+" WHERE window_id = "+quoted(w)+" AND region_code = "+quoted(q.Region)+and)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Usage, "", "a benchmark that is a rule over members has no average growth, and a region without any rate has none either",
				"there is no average growth of %s in the window %s", q.Region, w)
		}
	}
	return nil
}

// Reference explains the row that an id names: DOCUMENT_ID:RECORD, as any command
// prints them, or TABLE:KEY:KEY, as explanations name rows.
func (e *Explainer) Reference(ctx context.Context, id, asOf string) (*Explanation, error) {
	if _, _, stored := place(id); stored && asOf != "" {
		return nil, fault.New(fault.Usage, "", "leave out --as-of", "a document's record is the same on every day")
	}
	return e.References(ctx, []string{id}, asOf)
}

// References explains the rows that ids name, together.
func (e *Explainer) References(ctx context.Context, ids []string, asOf string) (*Explanation, error) {
	l := e.look(asOf)
	for _, id := range ids {
		var err error
		if document, record, stored := place(id); stored {
			err = l.record(ctx, document, record)
		} else {
			err = l.row(ctx, id, asOf)
		}
		if err != nil {
			return nil, err
		}
	}
	return l.finish(ctx)
}

// place reads DOCUMENT_ID:RECORD.
func place(id string) (document, record int, ok bool) {
	first, second, _ := strings.Cut(id, ":")
	d, err := strconv.ParseUint(first, 10, 31)
	r, bad := strconv.ParseUint(second, 10, 31)
	return int(d), int(r), err == nil && bad == nil
}

// row adds the row of a table that an id names.
func (l *look) row(ctx context.Context, id, asOf string) error {
	table, rest, _ := strings.Cut(id, ":")
	if _, err := strconv.ParseUint(table, 10, 31); err == nil {
		return fault.New(fault.Usage, "", "write it as 12:3", "%q is not DOCUMENT_ID:RECORD", id)
	}
	model, ok := l.described(table)
	if _, isModel := l.Queries.Model(table); ok && !isModel && asOf != "" {
		return fault.New(fault.Usage, "", "see citystats claims "+strings.Split(rest, ":")[0]+" --as-of "+asOf, "a verdict is explained as the release has it")
	}
	if !ok || len(model.Row) == 0 {
		return fault.New(fault.Usage, "", "name one of "+strings.Join(l.tables(), ", "), "%q is no table whose rows can be explained", table)
	}
	keys := strings.Split(rest, ":")
	if len(keys) != len(model.Row) {
		return fault.New(fault.Usage, "", "write "+table+":"+strings.ToUpper(strings.Join(model.Row, ":")), "%q does not name a row of %s", id, table)
	}
	where := make([]string, len(keys))
	for i, k := range keys {
		where[i] = "CAST(" + model.Row[i] + " AS VARCHAR) = " + quoted(k)
	}
	n, err := l.add(ctx, table, "SELECT * FROM "+table+" WHERE "+strings.Join(where, " AND "))
	if err == nil && n == 0 {
		err = fault.New(fault.Usage, "", "see citystats sql \"SELECT "+strings.Join(model.Row, ", ")+" FROM "+table+"\"", "%s has no row %q", table, rest)
	}
	return err
}

// tables are those whose rows have names.
func (e *Explainer) tables() []string {
	var out []string
	for _, q := range append(slices.Clone(e.Queries.Models), made...) {
		if len(q.Row) > 0 {
			out = append(out, q.Name)
		}
	}
	slices.Sort(out)
	return out
}

// finish looks every figure up in its document.
func (l *look) finish(ctx context.Context) (*Explanation, error) {
	if err := l.details(ctx); err != nil {
		return nil, err
	}
	return l.answer, l.verify(ctx)
}
