//go:build duckdb_arrow

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"citystats/charts"
	"citystats/pipeline/provenance"
)

// printed is a row as a command prints it in JSON.
type printed map[string]any

func (p printed) text(key string) string {
	if v := p[key]; v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

// names are numbers that say which row it is, or how many stand behind it, and are
// no figures.
var names = []string{
	"document_id", "record", "benchmark_document_id", "benchmark_record", "first_year", "last_year", "standing", "series_id", "vintages",
	"old_document_id", "new_document_id", "plausible_low", "plausible_high", "hits",
}

// everything explains each number of what commands print.
type everything struct {
	*testing.T
	state   string
	e       *provenance.Explainer
	numbers int
}

// rows runs a command and gives the rows under the key of what it prints, or all of it.
func (a *everything) rows(key string, args ...string) []printed {
	a.Helper()
	text := command(a.T, a.state, append(args, "--format", "json")...)
	if key != "" {
		var whole map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &whole); err != nil {
			a.Fatal(err)
		}
		text = string(whole[key])
	}
	var out []printed
	if err := json.Unmarshal([]byte(text), &out); err != nil || len(out) == 0 {
		a.Fatalf("citystats %s prints no rows under %q: %v", strings.Join(args, " "), key, err)
	}
	return out
}

// borneOut wants every number of the row among the explained ones, and every
// document to bear out its figures.
func (a *everything) borneOut(row printed, x *provenance.Explanation, err error) {
	a.Helper()
	if err == nil {
		err = x.Err()
	}
	if err != nil {
		a.Errorf("%v: %v", row, err)
		return
	}
	for key, v := range row {
		want, isNumber := v.(float64)
		if !isNumber || slices.Contains(names, key) {
			continue
		}
		a.numbers++
		if !slices.ContainsFunc(x.Rows, func(r *provenance.Row) bool { return has(x, r, key, want) }) {
			a.Errorf("%s is printed as %v in %v; the explanation has no such number", key, want, row)
		}
	}
	if len(x.Observations) == 0 {
		a.Errorf("%v stands on nothing", row)
	}
}

func has(x *provenance.Explanation, r *provenance.Row, key string, want float64) bool {
	near := func(got float64) bool { return math.Abs(got-want) <= 1e-9*max(1, math.Abs(want)) }
	if o := x.Single(r); o != nil && (key == "value" || key == "benchmark_value") && near(o.Value) {
		return true
	}
	switch got := r.Values.Get(key).(type) {
	case float64:
		return near(got)
	case int64:
		return near(float64(got))
	}
	return false
}

func (a *everything) figure(q provenance.Question, row printed) {
	a.Helper()
	x, err := a.e.Figure(a.Context(), q)
	a.borneOut(row, x, err)
}

func (a *everything) reference(id string, row printed) {
	a.Helper()
	x, err := a.e.Reference(a.Context(), id, "")
	a.borneOut(row, x, err)
}

// TestEveryPrintedNumberIsExplained takes the numbers that commands print and
// explains each by one of the forms that the help of explain names.
func TestEveryPrintedNumberIsExplained(t *testing.T) {
	state := released(t).state
	a := &everything{T: t, state: state}
	article := a.rows("comparison", "run", "--offline")
	e, done, err := (&app{state: state, err: io.Discard}).explainer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(done)
	a.e = e
	for _, row := range article {
		a.reference(row.text("id"), row)
	}
	for _, args := range [][]string{
		{"--benchmark", "national_urban"},
		{"--benchmark", "peers", "--indicator", "disposable_income_urban"},
		{"--region", "合肥", "--benchmark", "province", "--from", "2019", "--to", "2022"},
		{"--benchmark", "national", "--as-of", "2023-08-05"},
	} {
		a.compared(args)
	}
	a.checked()
	a.asked()
	a.drawn()
	t.Logf("%d numbers explained", a.numbers)
	if a.numbers < 500 {
		t.Errorf("only %d numbers were printed", a.numbers)
	}
}

// compared explains what compare prints, by region, indicator, period and benchmark.
func (a *everything) compared(args []string) {
	flag := func(name, otherwise string) string {
		if i := slices.Index(args, name); i >= 0 {
			return args[i+1]
		}
		return otherwise
	}
	q := provenance.Question{Region: flag("--region", "hefei"), Against: flag("--benchmark", ""), AsOf: flag("--as-of", "")}
	command := append([]string{"compare"}, args...)
	for _, row := range a.rows("values", command...) {
		q.Indicator, q.Period = row.text("indicator"), row.text("time_period")
		a.figure(q, row)
	}
	if flag("--indicator", "") != "" || q.Against == "national_urban" {
		return
	}
	for _, row := range a.rows("growth", command...) {
		q.Indicator, q.Period, q.Window = "", "", row.text("window")
		if q.Window == windowID {
			q.Indicator, q.Period, q.Window = "gdp_growth_real", row.text("first_year")+"/"+row.text("last_year"), ""
		}
		a.figure(q, row)
	}
}

// checked explains the figures of findings by their document and record. What a
// figure was held against is worked out by the check's own query, sql/checks/NAME.sql.
func (a *everything) checked() {
	figures := 0
	for _, row := range a.rows("", "checks") {
		var hit printed
		if row["hit"] == nil {
			continue
		}
		if err := json.Unmarshal([]byte(row.text("hit")), &hit); err != nil {
			a.Fatal(err)
		}
		if hit["record"] != nil {
			a.reference(hit.text("document_id")+":"+hit.text("record"), printed{"value": hit["value"]})
			figures++
		}
	}
	if figures == 0 {
		a.Error("no finding names a figure: nothing was explained")
	}
}

// answers are the rows that citystats sql prints; it asks in a process of its own.
func (a *everything) answers(query string) []printed {
	a.Helper()
	found, err := a.e.Reader.Query(a.Context(), query)
	if err != nil {
		a.Fatal(err)
	}
	var out []printed
	for _, cells := range found.Rows {
		row := printed{}
		for i, c := range cells {
			row[found.Columns[i]] = machine(c)
		}
		out = append(out, row)
	}
	return out
}

// asked explains what SQL gives: rows with a document and record by these, rows of
// a model by its keys.
func (a *everything) asked() {
	for _, from := range []string{"observations WHERE region = 'Hefei'", "as_of('2023-08-05') WHERE region = 'China'", "first_release() WHERE region = 'Hefei'"} {
		for _, row := range a.answers("SELECT region_code, indicator, time_period, value, document_id, record FROM " + from + " ORDER BY ALL LIMIT 40") {
			a.reference(row.text("document_id")+":"+row.text("record"), row)
		}
	}
	for _, table := range []string{"revisions", "growth"} {
		model, _ := a.e.Queries.Model(table)
		for _, row := range a.answers("SELECT * FROM " + table + " WHERE region_code IN ('340100', 'CHN')") {
			id := table
			for _, column := range model.Row {
				id += ":" + row.text(column)
			}
			a.reference(id, row)
		}
	}
}

// drawn explains each number in the CSV of each chart, of one row in eight. A figure
// that was read is printed in the chart's unit, so a power of ten may lie between.
func (a *everything) drawn() {
	a.Helper()
	d := drawing{language: "en"}
	program := &app{state: a.state, err: io.Discard}
	if err := d.load(program); err != nil {
		a.Fatal(err)
	}
	o, err := d.open(a.Context(), program)
	if err != nil {
		a.Fatal(err)
	}
	defer o.reader.Close()
	for _, def := range d.definitions {
		c, err := charts.Resolve(a.Context(), o.reader, def, d.params(o))
		if err != nil {
			a.Fatal(err)
		}
		t := c.Table()
		for i := 0; i < len(t.Rows); i += 8 {
			for j, col := range t.Columns {
				if v, ok := t.Rows[i][j].(float64); ok {
					a.cell(c, fmt.Sprint(t.Rows[i][slices.IndexFunc(t.Columns, func(k charts.Column) bool { return k.Name == c.RowName() })]), col.Name, v)
				}
			}
		}
	}
}

func (a *everything) cell(c *charts.Chart, row, column string, v float64) {
	a.Helper()
	ids, err := c.StandsOn(row, column)
	if err != nil {
		a.Error(err)
		return
	}
	x, err := a.e.References(a.Context(), ids, "")
	if err == nil {
		err = x.Err()
	}
	if err != nil || len(x.Observations) == 0 {
		a.Errorf("%s %s %s stands on %v, of which nothing is found: %v", c.ID, row, column, ids, err)
		return
	}
	a.numbers++
	o := x.Single(x.Rows[0])
	if o == nil || len(x.Rows) > 1 || c.Index != 0 || c.Kind == charts.Claims && column != "value" {
		return
	}
	if tens := math.Log10(v / o.Value); math.Abs(tens-math.Round(tens)) > 1e-9 {
		a.Errorf("%s %s %s shows %v, and is explained by %v", c.ID, row, column, v, o.Value)
	}
}
