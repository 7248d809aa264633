//go:build duckdb_arrow

package provenance

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"citystats/internal/fault"
	"citystats/pipeline/warehouse"
	queries "citystats/sql"
)

// look is one question to the release: what it sees otherwise, and the answer that
// grows.
type look struct {
	*Explainer
	instead map[string]string // see queries.Set.Instead
	answer  *Explanation
	leaves  map[leafKey]int // places among the answer's observations
	waiting []waiting       // observations that are not asked for yet
}

// leafKey tells observations apart: one record can state several periods.
type leafKey struct {
	document, record int32
	series           int64
	period           string // its first day
}

// waiting is a SELECT of observations that are inputs of a row. They are asked for
// together: most of what one costs is planning it.
type waiting struct {
	rows  *[]*Row // where they go
	role  string
	text  string
	wrong func(error) error // gives a mistake in the SELECT to whoever wrote it
}

func (e *Explainer) look(asOf string) *look {
	l := &look{Explainer: e, instead: map[string]string{}, leaves: map[leafKey]int{}}
	l.answer = &Explanation{Release: e.Release, AsOf: asOf, Rows: []*Row{}, Observations: []*Observation{}, Models: []Model{}, Remarks: []string{}}
	if asOf != "" {
		l.instead[queries.Leaf] = "SELECT * FROM main." + queries.Leaf + " WHERE visible_from <= DATE '" + asOf + "'"
	}
	return l
}

// ask runs a SELECT on the release as this look sees it.
func (l *look) ask(ctx context.Context, text string) (warehouse.Rows, error) {
	return l.Reader.Query(ctx, l.Queries.Instead(l.instead, text))
}

// rows puts into to the rows of the table that the SELECT gives, each with its
// inputs. Observations come with [look.observe]. What the engine says of a mistake
// in the SELECT goes through wrong.
func (l *look) rows(ctx context.Context, to *[]*Row, table, role, text string, wrong func(error) error) error {
	if table == queries.Leaf {
		l.waiting = append(l.waiting, waiting{to, role, text, wrong})
		return nil
	}
	found, err := l.ask(ctx, text)
	if err != nil {
		return wrong(err)
	}
	model, isModel := l.described(table)
	var out []*Row
	for _, cells := range found.Rows {
		r := &Row{Role: role, Table: table, Title: model.Title, model: model}
		for j, c := range found.Columns {
			r.Values = append(r.Values, Value{c, cells[j]})
		}
		if !isModel {
			l.definition(r)
		} else if err := l.inputs(ctx, r); err != nil {
			return err
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b *Row) int { return strings.Compare(a.order(), b.order()) })
	*to = append(*to, out...)
	return nil
}

// order is what rows of one table are listed by.
func (r *Row) order() string {
	out := ""
	for _, c := range []string{"year", "period_start", "region_code"} {
		out += fmt.Sprint(plain(r.Values.Get(c))) + "\x00"
	}
	return out + r.ID
}

// inputs names the row and follows it to what it was computed from.
func (l *look) inputs(ctx context.Context, r *Row) error {
	if len(r.model.Row) == 0 {
		return fault.New(fault.Definition, r.model.Where(0), "add -- row: with the columns that name a row", "%s does not say how its rows are named", r.Table)
	}
	var parts, where []string
	for _, c := range r.model.Row {
		parts = append(parts, plainText(r.Values.Get(c)))
		where = append(where, c+" = "+literal(r.Values.Get(c)))
	}
	r.ID = r.Table + ":" + strings.Join(parts, ":")
	r.SQL = l.Queries.Instead(l.instead, "SELECT * FROM "+r.Table+" WHERE "+strings.Join(where, " AND "))
	l.model(r.model)
	r.parts = make([][]*Row, len(r.model.Inputs))
	for n, i := range r.model.Inputs {
		text := i.Select(func(column string) string { return literal(r.Values.Get(column)) })
		wrong := func(err error) error { return told(err, r.model, i) }
		if err := l.rows(ctx, &r.parts[n], i.Table, i.Role, text, wrong); err != nil {
			return err
		}
	}
	return nil
}

// gather makes one list of a row's inputs, once all are there.
func (r *Row) gather() {
	for _, part := range r.parts {
		for _, i := range part {
			i.gather()
			r.Inputs = append(r.Inputs, i)
		}
	}
	r.parts = nil
}

// told gives a mistake in a header line to whoever wrote it.
func told(err error, q queries.Query, i queries.Input) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Definition, err, q.Where(i.At), "correct the line; this.column is the row's value", "the inputs "+i.Role+" of "+q.Name+" cannot be asked for")
}

// definition names a row of a table of the data folder.
func (l *look) definition(r *Row) {
	t, ok := l.Catalog.Table(r.Table)
	if !ok {
		r.ID = r.Table
		return
	}
	parts := []string{r.Table}
	for _, c := range t.Schema.Key {
		parts = append(parts, plainText(r.Values.Get(c)))
	}
	r.ID, r.Title = strings.Join(parts, ":"), t.Schema.Title+" (data/"+t.Schema.File+")"
}

// model adds a definition once.
func (l *look) model(q queries.Query) {
	if !slices.ContainsFunc(l.answer.Models, func(m Model) bool { return m.Table == q.Name }) {
		l.answer.Models = append(l.answer.Models, Model{q.Name, path.Join("sql", q.File), q.Title, q.Caveat, q.SQL})
	}
}

func plainText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(plain(v))
}

// literal writes a value as SQL does.
func literal(v any) string {
	switch x := v.(type) {
	case nil:
		return "NULL"
	case bool, int64, int32, int16, int8, uint8:
		return fmt.Sprint(x)
	case float64:
		return fmt.Sprintf("CAST('%v' AS DOUBLE)", x)
	case time.Time:
		if x.Equal(x.Truncate(24 * time.Hour)) {
			return "DATE '" + x.Format(time.DateOnly) + "'"
		}
		return "TIMESTAMP '" + x.UTC().Format("2006-01-02 15:04:05.999999") + "'"
	default:
		return quoted(fmt.Sprint(x))
	}
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
