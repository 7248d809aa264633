package queries_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	queries "citystats/sql"
)

// TestInsteadComputesWhatLiesBetween looks at the statement as the engine would:
// what depends on the replaced table stands in it once, after what it reads.
func TestInsteadComputesWhatLiesBetween(t *testing.T) {
	set := load(t)
	text := set.Instead(map[string]string{"observation_vintages": "SELECT * FROM main.observation_vintages WHERE false"}, "SELECT count(*) FROM comparisons")
	last := -1
	for _, name := range []string{"observation_vintages", "observations", "preferred_observations", "benchmark_observations", "comparisons"} {
		at := strings.Index(text, `"`+name+`" AS (`)
		if at <= last {
			t.Errorf("%s stands at byte %d, want it after byte %d, behind what it reads", name, at, last)
		}
		last = at
	}
	for _, name := range []string{"series", "growth", "revisions"} {
		if strings.Contains(text, `"`+name+`" AS (`) {
			t.Errorf("%s is computed again, but nothing between the vintages and the comparisons needs it", name)
		}
	}
	if !strings.HasSuffix(strings.TrimSpace(text), "SELECT count(*) FROM comparisons\n) AS answer") {
		t.Errorf("the question is not at the end:\n%s", text)
	}
}

// TestInsteadAnswersFromTheOtherRows asks the engine: the average of the years
// that are left, and the table that was not replaced as it was.
func TestInsteadAnswersFromTheOtherRows(t *testing.T) {
	conn := engine(t)
	grow(t, conn, []rate{{"yearly", 10, 0.05}, {"yearly", 20, 0.05}})
	set := load(t)
	replace := map[string]string{"growth_years": "SELECT * FROM main.growth_years WHERE year = 2013"}
	got := ask(t, conn, set.Instead(replace, "WITH mine AS (SELECT * FROM growth) SELECT round(average_growth, 6) AS average, years FROM mine")).rows
	if want := [][]string{{"10", "1"}}; !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("the growth of the years that are left is %v, want %v", got, want)
	}
	plain := "SELECT count(*) AS n FROM growth_years"
	if got := set.Instead(map[string]string{"events": "SELECT * FROM main.events WHERE false"}, plain); got != plain {
		t.Errorf("a question that nothing replaced concerns became\n%s", got)
	}
}

func TestMacrosThatLookElsewhereAreChecked(t *testing.T) {
	macro := func(lines, sql string) string { return "-- args: seen_on\n" + lines + titled(sql) }
	for _, c := range []struct{ name, model, macro, where, what string }{
		{"a table it does not read", titled("SELECT a FROM store.t"), macro("-- instead u: SELECT 1\n", "SELECT a FROM m"), "sql/macros/x.sql:2:12", "x does not depend on u"},
		{"a parameter that is a column", titled("SELECT seen_on FROM store.t"), macro("-- instead store.t: SELECT 1\n", "SELECT a FROM m"), "sql/macros/x.sql:1:10", "the parameter seen_on is a name in sql/marts/m.sql too"},
		{"twice the same table", titled("SELECT a FROM store.t"), macro("-- instead m: SELECT 1\n-- instead m: SELECT 2\n", "SELECT a FROM m"), "sql/macros/x.sql:3:4", `"instead m" stands twice`},
		{"no SELECT", titled("SELECT a FROM store.t"), macro("-- instead m:\n", "SELECT a FROM m"), "sql/macros/x.sql:2:4", "has no key or no value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := queries.Load(fstest.MapFS{"marts/m.sql": {Data: []byte(c.model)}, "macros/x.sql": {Data: []byte(c.macro)}})
			refused(t, err, c.where, c.what)
		})
	}
	_, err := queries.Parse(mart, "-- instead t: SELECT 1\n"+titled("SELECT a FROM t"))
	refused(t, err, "sql/marts/x.sql:1:4", `the header key "instead t" is not known in marts/`)
}

func TestAMacroReadsWhatItsHeaderPutsInstead(t *testing.T) {
	set, err := queries.Load(fstest.MapFS{
		"marts/m.sql":  {Data: []byte(titled("SELECT a + 1 AS a FROM t"))},
		"macros/x.sql": {Data: []byte("-- args: least\n-- instead t: SELECT * FROM main.t WHERE a >= least\n" + titled("SELECT sum(a) AS n FROM m"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	conn := engine(t)
	run(t, conn, "CREATE TABLE t AS SELECT unnest([1, 10, 100]) AS a; CREATE TABLE m AS "+set.Models[0].SQL)
	before, after := set.Around(set.Macros[0])
	run(t, conn, "CREATE MACRO x(least) AS TABLE "+before+set.Macros[0].SQL+after)
	got := ask(t, conn, "SELECT x.n, y.n FROM x(0) AS x, x(10) AS y").rows
	if want := [][]string{{"114", "112"}}; !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("the macro yields %v, want %v: all three rows, and those from 10", got, want)
	}
}
