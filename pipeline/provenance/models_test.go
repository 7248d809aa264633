//go:build duckdb_arrow

package provenance_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"citystats/internal/fault"
	"citystats/pipeline/provenance"
	queries "citystats/sql"
)

// sampled is how many rows of each model are explained, spread over the table.
const sampled = 3

// TestEveryModelExplainsItself explains rows of every model that names its rows, as
// the documents that ship make them: each has one name, and each figure in it
// stands on figures that are found in their documents again.
func TestEveryModelExplainsItself(t *testing.T) {
	e := shared(t)
	for _, q := range e.Queries.Models {
		if len(q.Row) == 0 || q.Name == queries.Leaf {
			continue
		}
		t.Run(q.Name, func(t *testing.T) {
			key := strings.Join(q.Row, ", ")
			twice := query(t, e, "SELECT "+key+", count(*) FROM "+q.Name+" GROUP BY ALL HAVING count(*) > 1 LIMIT 1")
			if len(twice) > 0 {
				t.Errorf("sql/%s: several rows are named %v; name more columns in -- row:", q.File, twice[0])
			}
			ids := query(t, e, fmt.Sprintf("WITH n AS (SELECT concat_ws(':', %s) AS id, row_number() OVER (ORDER BY %s) AS n, count(*) OVER () AS rows FROM %s) "+
				"SELECT id FROM n WHERE (n - 1) %% greatest(rows // %d, 1) = 0 ORDER BY n", key, key, q.Name, sampled))
			for _, id := range ids {
				explain(t, e, q, q.Name+":"+id[0].(string))
			}
		})
	}
}

func query(t *testing.T, e *provenance.Explainer, text string) [][]any {
	t.Helper()
	rows, err := e.Reader.Query(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	return rows.Rows
}

// explain wants the figures of one row explained.
func explain(t *testing.T, e *provenance.Explainer, q queries.Query, id string) {
	t.Helper()
	x, err := e.Reference(t.Context(), id, "")
	if err != nil {
		t.Errorf("%s: %v", id, err)
		return
	}
	if err := x.Err(); err != nil {
		t.Errorf("%s: %v", id, err)
	}
	if len(x.Rows) != 1 || x.Rows[0].ID != id {
		t.Fatalf("%s explains %d rows, the first is %s", id, len(x.Rows), x.Rows[0].ID)
	}
	r := x.Rows[0]
	figures := slices.DeleteFunc(e.Figures(r, provenance.English), func(f provenance.Figure) bool { return f.Count })
	if len(figures) > 0 && len(x.Observations) == 0 && len(r.Inputs) == 0 {
		t.Errorf("sql/%s: the figures %v of %s stand on nothing; correct its -- inputs lines", q.File, figures, id)
	}
	repeats(t, x, r)
	for _, lang := range []provenance.Language{provenance.English, provenance.Chinese} {
		note := e.Footnotes(x, lang)
		for _, o := range x.Observations {
			if !strings.Contains(note, o.ID) || !strings.Contains(note, o.Document.SHA256[:16]) {
				t.Errorf("the footnote of %s does not cite %s:\n%s", id, o.ID, note)
			}
		}
	}
	if again := query(t, e, r.SQL); len(again) != 1 {
		t.Errorf("the SQL of %s gives %d rows", id, len(again))
	}
}

// repeats holds rows that only repeat a figure against it.
func repeats(t *testing.T, x *provenance.Explanation, r *provenance.Row) {
	t.Helper()
	o := x.Single(r)
	for _, column := range []string{"value", "rate"} {
		if v, ok := r.Values.Get(column).(float64); ok && o != nil && v != o.Value {
			t.Errorf("%s has the %s %v, but stands on %v", r.ID, column, v, o.Value)
		}
	}
	for _, i := range r.Inputs {
		repeats(t, x, i)
	}
}

// TestInputsAreEnough computes figures from nothing but their inputs.
func TestInputsAreEnough(t *testing.T) {
	e := shared(t)
	x := figure(t, e, provenance.Question{Region: "hefei", Window: "decade_bridged"})
	product := 1.0
	for _, year := range x.Rows[0].Inputs {
		product *= 1 + x.Single(year).Value/100
	}
	years := float64(len(x.Rows[0].Inputs))
	if got, want := (math.Pow(product, 1/years)-1)*100, x.Rows[0].Values.Get("average_growth").(float64); years != 10 || math.Abs(got-want) > 1e-9 {
		t.Errorf("the %v rates average to %v, explained is %v", years, got, want)
	}

	x = figure(t, e, provenance.Question{Region: "hefei", Indicator: "disposable_income_urban", Period: "2021", Against: "peers_mean"})
	sum, members := 0.0, x.Rows[0].Inputs[1].Inputs
	for _, m := range members {
		sum += x.Single(m).Value
	}
	if got, want := sum/float64(len(members)), x.Rows[0].Values.Get("benchmark_value").(float64); math.Abs(got-want) > 1e-6 || int64(len(members)) != x.Rows[0].Values.Get("benchmark_members") {
		t.Errorf("the %d members average to %v, explained is %v of %v members", len(members), got, want, x.Rows[0].Values.Get("benchmark_members"))
	}
}

// A year without a rate is told too.
func TestFootnoteNamesWhatIsMissing(t *testing.T) {
	e := shared(t)
	note := e.Footnotes(figure(t, e, provenance.Question{Region: "hefei", Window: "decade"}), provenance.English)
	for _, want := range []string{": no figure. Computed by citystats", "    - Hefei, real growth, 2017: no figure is known.\n", "    - Hefei, real growth, 2018: no figure is known.\n"} {
		if !strings.Contains(note, want) {
			t.Errorf("the footnote lacks %q:\n%s", want, note)
		}
	}
}

// A window of other years than any definition has is asked for by its years.
func TestAskedWindow(t *testing.T) {
	e := shared(t)
	x := figure(t, e, provenance.Question{Region: "hefei", Indicator: "gdp_growth_real", Period: "2019/2021", Against: "national"})
	if len(x.Rows) != 1 || len(x.Observations) != 6 || x.Rows[0].Values.Get("average_growth") == nil {
		t.Fatalf("%d rows stand on %d figures", len(x.Rows), len(x.Observations))
	}
	if again := query(t, e, x.Rows[0].SQL); len(again) != 1 {
		t.Errorf("the SQL gives %d rows", len(again))
	}
	if defined := figure(t, e, provenance.Question{Region: "hefei", Indicator: "gdp_growth_real", Period: "2013/2022"}); len(defined.Rows) != 2 {
		t.Errorf("the decade has %d windows, want the plain one and the bridged one", len(defined.Rows))
	}
}

// Where the region has no figure, the benchmark's is explained alone.
func TestBenchmarkAlone(t *testing.T) {
	e := shared(t)
	x := figure(t, e, provenance.Question{Region: "合肥", Indicator: "战新产值占比", Period: "2020", Against: "所在省"})
	if o := x.Single(x.Rows[0]); o == nil || o.Region != "Anhui" || o.Value != 40.3 || len(x.Remarks) != 1 {
		t.Errorf("%+v, remarks %v", o, x.Remarks)
	}
	x = figure(t, e, provenance.Question{Region: "hefei", Indicator: "sei_output_share", Period: "2021/2025", Against: "national"})
	if o := x.Single(x.Rows[0]); o == nil || o.Indicator != "sei_gdp_share" || o.Amount(provenance.English) != "over 13 %" || o.Amount(provenance.Chinese) != "超过13%" {
		t.Errorf("%+v", o)
	}
}

// A header line that the engine does not take is told to whoever wrote it.
func TestWrongInputsHaveTheirPlace(t *testing.T) {
	e := shared(t)
	for _, tail := range []string{"observation_vintages WHERE nothing = this.document_id", "preferred_observations WHERE nothing = this.document_id"} {
		set := *e.Queries
		set.Models = slices.Clone(set.Models)
		for i, q := range set.Models {
			if q.Name == "comparisons" {
				set.Models[i].Inputs = []queries.Input{{Role: "region", Table: strings.Fields(tail)[0], Tail: tail, At: q.Inputs[0].At}}
			}
		}
		wrong := *e
		wrong.Queries = &set
		_, err := wrong.Figure(t.Context(), provenance.Question{Region: "hefei", Indicator: "gdp", Period: "2018", Against: "national"})
		if fault.KindOf(err) != fault.Definition || !strings.Contains(err.Error(), "sql/marts/comparisons.sql:4:") {
			t.Errorf("%s: %v, want a definition error with the line", tail, err)
		}
	}
}
