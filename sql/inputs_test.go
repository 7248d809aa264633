package queries_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	queries "citystats/sql"
)

// TestFiguresSayWhatTheyStandOn demands of every model with figures that they can be
// explained, and asks its inputs of a release without rows.
func TestFiguresSayWhatTheyStandOn(t *testing.T) {
	set := load(t)
	conn := engine(t)
	tables := release(t, set, conn)
	for _, q := range set.Models {
		figures := slices.ContainsFunc(q.Columns, func(c queries.Column) bool {
			kind := tables[q.Name][c.Name]
			return kind == "DOUBLE" || kind == "FLOAT" || strings.HasPrefix(kind, "DECIMAL")
		})
		if figures && len(q.Row) == 0 {
			t.Errorf("sql/%s yields figures that citystats explain cannot find: add -- row: with the columns that name a row", q.File)
		}
		if figures && len(q.Inputs) == 0 && q.Name != queries.Leaf {
			t.Errorf("sql/%s yields figures that citystats explain cannot trace: add -- inputs ROLE: TABLE WHERE ... for what a row is computed from (see the package comment of sql/)", q.File)
		}
		for _, i := range q.Inputs {
			ask(t, conn, i.Select(func(column string) string { return "CAST(NULL AS " + tables[q.Name][column] + ")" }))
		}
	}
}

func TestInputSelect(t *testing.T) {
	q, err := queries.Parse(mart, "-- title: T\n-- column a: A\n-- column b: B\n-- row: a, b\n"+
		"-- inputs year before: t WHERE x = this.a AND y = 'this.a' AND z IN (This.B, thisx) -- this.a\nSELECT a, b FROM t")
	if err != nil {
		t.Fatal(err)
	}
	got := q.Inputs[0].Select(func(column string) string { return "<" + column + ">" })
	if want := "SELECT * FROM t WHERE x = <a> AND y = 'this.a' AND z IN (<b>, thisx) -- this.a"; got != want || q.Inputs[0].Role != "year before" || q.Inputs[0].Table != "t" {
		t.Errorf("%+v yields\n%s, want\n%s", q.Inputs[0], got, want)
	}
}

func TestParseRefusesInputs(t *testing.T) {
	for _, c := range []struct{ name, lines, where, what string }{
		{"no such column in row", "-- row: a, c", ":3:9", `"c", which is no column`},
		{"inputs without row", "-- inputs x: t WHERE b = this.a", ":3:14", "nothing says which columns name its rows"},
		{"no condition", "-- row: a\n-- inputs x: t", ":4:14", `the inputs "x" are not the end of a SELECT`},
		{"no such column in inputs", "-- row: a\n-- inputs x: t WHERE b = this.c", ":4:26", "this.c is no column"},
		{"DuckDB only", "-- row: a\n-- inputs x: t WHERE b = this.a::INTEGER", ":4:32", ":: is not portable"},
		{"two of one role", "-- row: a\n-- inputs x: t WHERE b = this.a\n-- inputs x: t WHERE b = this.a", ":5:4", `"inputs x" stands twice`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := queries.Parse(mart, "-- title: T\n-- column a: A\n"+c.lines+"\nSELECT a FROM t")
			refused(t, err, "sql/"+mart+c.where, c.what)
		})
	}
	_, err := queries.Parse("checks/x.sql", "-- title: T\n-- severity: error\n-- hint: H\n-- row: a\nSELECT 1")
	refused(t, err, "sql/checks/x.sql:4:4", `the header key "row" is not known in checks/`)
}

func TestLoadRefusesInputsThatAreNotRead(t *testing.T) {
	model := func(text string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("-- title: T\n-- column a: A\n-- row: a\n" + text)}
	}
	files := fstest.MapFS{
		"marts/a.sql": model("-- inputs x: c WHERE a = this.a\nSELECT a FROM b"),
		"marts/b.sql": model("-- inputs x: c WHERE a = this.a\nSELECT a FROM c"),
	}
	if _, err := queries.Load(files); err != nil {
		t.Errorf("inputs that a model reads through another: %v", err)
	}
	files["marts/b.sql"] = model("-- inputs x: d WHERE a = this.a\nSELECT a FROM c")
	_, err := queries.Load(files)
	refused(t, err, "sql/marts/b.sql:4:14", "b has inputs in d, which it does not read")
}
