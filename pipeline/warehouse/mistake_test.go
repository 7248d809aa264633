//go:build duckdb_arrow

package warehouse

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/duckdb/duckdb-go/v2"

	"citystats/data"
	"citystats/internal/fault"
	queries "citystats/sql"
)

// querySet loads queries: the file and its text in turn.
func querySet(t *testing.T, fileAndText ...string) *queries.Set {
	t.Helper()
	files := fstest.MapFS{}
	for i := 0; i < len(fileAndText); i += 2 {
		files[fileAndText[i]] = &fstest.MapFile{Data: []byte(fileAndText[i+1])}
	}
	set, err := queries.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// derive builds a release without figures from the queries.
func derive(t *testing.T, b *Build, set *queries.Set) error {
	t.Helper()
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	catalog.Claims = data.Claims{} // they ask models that these sets lack
	_, err = b.Derive(t.Context(), catalog, set, nil, nil)
	return err
}

func wantMistake(t *testing.T, err error, where, says string) {
	t.Helper()
	var told *fault.Error
	if !errors.As(err, &told) || told.Kind != fault.Definition {
		t.Fatalf("error %v, want one for an editor", err)
	}
	if told.Where != where || !strings.Contains(told.What, says) || strings.Contains(told.What, "\n") || told.Hint == "" {
		t.Errorf("it says\n%v\nwant a line that sends the editor to %s with %q", err, where, says)
	}
}

const (
	aTitle = "-- title: T\n"
	aCheck = aTitle + "-- severity: error\n-- hint: H\n"
	aView  = aTitle + "-- materialize: view\n"
)

// wide is a Chinese text of 200 characters, wider than what the engine shows of a line.
var wide = "'" + strings.Repeat("合肥", 100) + "'"

// TestMistakesHaveTheirPlace runs queries that only the engine can refuse.
func TestMistakesHaveTheirPlace(t *testing.T) {
	words := aView + "-- column word: W\nSELECT 'one' AS word WHERE word <> 'nothing that a short query would be as long as'"
	for _, c := range []struct {
		name        string
		files       []string
		where, says string
	}{
		{"a column that is not there", []string{"marts/x.sql", aTitle + "SELECT code, nope FROM regions"}, "sql/marts/x.sql:2:14", `Binder Error: Referenced column "nope" not found`},
		{"behind Chinese text", []string{"marts/x.sql", aTitle + "SELECT '合肥市' AS a, nope FROM regions"}, "sql/marts/x.sql:2:20", `"nope"`},
		{"in a long line", []string{"marts/x.sql", aTitle + "SELECT code,\n  " + wide + " AS a, nope, " + wide + " AS b\nFROM regions"}, "sql/marts/x.sql:3:212", `"nope"`},
		{"twice in a long line", []string{"marts/x.sql", aTitle + "SELECT '" + strings.Repeat("nope ", 100) + "' AS a, nope FROM regions"}, "sql/marts/x.sql:2:517", `"nope"`},
		{"in a SELECT set in from the margin", []string{"marts/x.sql", aTitle + "\n\t  SELECT nope FROM regions"}, "sql/marts/x.sql:3:11", `"nope"`},
		{"below a comment and in a subquery", []string{"marts/x.sql", aTitle + "SELECT a -- 省\nFROM (\n  /* 市 */ SELECT nope AS a FROM regions\n) AS s"}, "sql/marts/x.sql:4:18", `"nope"`},
		{"line ends of Windows", []string{"marts/x.sql", "-- title: T\r\nSELECT code,\r\n  nope\r\nFROM regions\r\n"}, "sql/marts/x.sql:3:3", `"nope"`},
		{"a table that is not there", []string{"marts/x.sql", aTitle + "SELECT code\nFROM nowhere"}, "sql/marts/x.sql:3:6", "Catalog Error: Table with name nowhere"},
		{"a function that is not there", []string{"marts/x.sql", aTitle + "SELECT '合' AS a, nofunction(code)\nFROM regions"}, "sql/marts/x.sql:2:18", "nofunction"},
		{"a function of other types", []string{"marts/x.sql", aTitle + "SELECT '市' AS a, Sum(name_en) AS b FROM regions"}, "sql/marts/x.sql:2:18", "No function matches"},
		{"an operator of other types", []string{"marts/x.sql", aTitle + "SELECT '市' AS a, 1 + name_en = DATE '2020-01-01' AS b FROM regions"}, "sql/marts/x.sql:2:20", "No function matches"},
		{"inside a macro of the engine", []string{"marts/x.sql", aTitle + "\n SELECT code, name_en, name_zh, level, parent, code, name_en, name_zh, level, split_part(code, [1], 2) AS b FROM regions"}, "sql/marts/x.sql:3:2", "string_split(VARCHAR, INTEGER[])"},
		{"the grammar", []string{"marts/x.sql", aTitle + "SELECT code,\n  FROM regions WHERE AND"}, "sql/marts/x.sql:3:22", `Parser Error: syntax error at or near "AND"`},
		{"the grammar behind Chinese text", []string{"marts/x.sql", aTitle + "SELECT '合肥' AS 市,\n  '芜湖' AS b c FROM regions"}, "sql/marts/x.sql:3:13", `syntax error at or near "c"`},
		{"a text that never ends", []string{"marts/x.sql", aTitle + "SELECT '合肥' AS 市,\n 'open FROM regions"}, "sql/marts/x.sql:3:2", "unterminated quoted string"},
		{"a SELECT that ends too early", []string{"marts/x.sql", aTitle + "SELECT '市' FROM regions\nWHERE "}, "sql/marts/x.sql:3:6", "syntax error at end of input"},
		{"running, with a place", []string{"marts/x.sql", aTitle + "SELECT '市' AS a,\n CAST(name_en AS INTEGER) AS b FROM regions"}, "sql/marts/x.sql:3:2", "Conversion Error: Could not convert string"},
		{"running, without a place", []string{"marts/x.sql", aTitle + "\n  SELECT '市' AS a,\n sqrt(-length(name_en)) AS b FROM regions"}, "sql/marts/x.sql:3:3", "Out of Range Error: cannot take square root"},
		{"a union of different widths", []string{"marts/x.sql", aTitle + "SELECT 1 AS a\nUNION ALL SELECT 1, 2"}, "sql/marts/x.sql:2:1", "same number of result columns"},
		{"a view", []string{"marts/x.sql", aView + "SELECT '市', nope FROM regions"}, "sql/marts/x.sql:3:13", `"nope"`},
		{"a view's column", []string{"marts/w.sql", words, "marts/x.sql", aTitle + "SELECT '市', nope FROM w"}, "sql/marts/x.sql:2:13", `"nope"`},
		{"a check", []string{"checks/x.sql", aCheck + "SELECT '市', nope FROM regions"}, "sql/checks/x.sql:4:13", `"nope"`},
		{"a check that ends too early", []string{"checks/x.sql", aCheck + "SELECT '市' FROM regions WHERE\n"}, "sql/checks/x.sql:4:30", "syntax error"},
		{"a check, running", []string{"checks/x.sql", aCheck + "SELECT\n  CAST(name_en AS INTEGER) AS n FROM regions"}, "sql/checks/x.sql:5:3", "Could not convert"},
		{"a macro", []string{"macros/x.sql", aTitle + "-- args: day\nSELECT '市', nope FROM regions"}, "sql/macros/x.sql:3:13", `"nope"`},
		{"a macro's grammar", []string{"macros/x.sql", aTitle + "-- args: 日, day\nSELECT '市', day FROM WHERE true"}, "sql/macros/x.sql:3:22", `near "WHERE"`},
		{"a macro's parameters", []string{"macros/x.sql", aTitle + "-- args:  日, , day\nSELECT '市', day FROM regions"}, "sql/macros/x.sql:2:14", `near ","`},
		{"inside a macro that a check reads", []string{"macros/x.sql", aTitle + "-- args: day\nSELECT code, name_zh, level, parent, day, CAST(name_en AS INTEGER) AS n FROM regions", "checks/x.sql", aCheck + "\n  SELECT code, name_zh, level, parent, n FROM x(1)"}, "sql/checks/x.sql:5:3", "Could not convert"},
		{"a column line too few", []string{"marts/x.sql", aTitle + "-- column a: A\nSELECT 1 AS a, 2 AS b"}, "sql/marts/x.sql:3:1", "the header documents a; the query yields a, b"},
		{"a column line too many", []string{"marts/x.sql", aTitle + "-- column a: A\n-- column b: B\nSELECT 1 AS a"}, "sql/marts/x.sql:3:11", "the header documents a, b; the query yields a"},
		{"a column line of another name", []string{"marts/x.sql", aTitle + "-- column a: A\n-- column b: B\n-- column d: D\nSELECT 1 AS a, 2 AS c, 3 AS d"}, "sql/marts/x.sql:3:11", "the query yields a, c, d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBuild(t)
			wantMistake(t, derive(t, b, querySet(t, c.files...)), c.where, c.says)
			// The engine speaks as before, and the next statement goes where it should.
			_, err := b.conn.ExecContext(t.Context(), "SELECT nope")
			var said *duckdb.Error
			if !errors.As(err, &said) || !strings.HasPrefix(said.Msg, "Binder Error: ") {
				t.Errorf("afterwards the engine says %v", err)
			}
			if rows, err := query(t.Context(), b.conn, "SELECT current_database()"); err != nil || rows.Rows[0][0] != "memory" {
				t.Errorf("afterwards the current database is %v, %v", rows.Rows, err)
			}
		})
	}
}

// A view runs when it is read: the place in it that the engine names is none in
// the query that reads it, and the reader is told where its SELECT starts.
func TestMistakeInsideAViewIsNotPlacedInItsReader(t *testing.T) {
	view := aView + "-- column pad: P\n-- column n: N\nSELECT name_en || name_zh || code || level AS pad, CAST(name_en AS INTEGER) AS n FROM regions"
	long := strings.Repeat(" ", 200)
	for _, c := range []struct{ file, text, where string }{
		{"marts/x.sql", aTitle + "\n  SELECT n" + long + " FROM v", "sql/marts/x.sql:3:3"},
		{"checks/x.sql", aCheck + "\n  SELECT n" + long + " FROM v", "sql/checks/x.sql:5:3"},
	} {
		err := derive(t, newBuild(t), querySet(t, "marts/v.sql", view, c.file, c.text))
		wantMistake(t, err, c.where, "Conversion Error: Could not convert string")
	}
}

func TestMistakeInAnOverlayHasItsPlace(t *testing.T) {
	b := newBuild(t)
	good := querySet(t, "marts/x.sql", aTitle+"-- column code: C\nSELECT code FROM regions")
	if err := errors.Join(derive(t, b, good), b.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(t.Context(), b.path, Limits{MemoryMB: 512, Threads: 2, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	bad := querySet(t, "marts/x.sql", aTitle+"SELECT '市' AS a,\n  nope FROM regions")
	err = r.Overlay(t.Context(), bad, map[string]string{"regions": "SELECT * FROM release.regions"})
	wantMistake(t, err, "sql/marts/x.sql:3:3", `"nope"`)
}

// A full disk and a file that cannot be read are the operator's, whatever
// statement finds them.
func TestMistakesAreNotTheOperatorsTroubles(t *testing.T) {
	b := newBuild(t)
	set := querySet(t, "macros/x.sql", aTitle+"FROM read_csv('"+filepath.Join(t.TempDir(), "none.csv")+"')")
	if err := derive(t, b, set); fault.KindOf(err) != fault.Storage || strings.Contains(err.Error(), "exception_type") {
		t.Errorf("a file that is not there gives %v, want an error of kind storage in plain words", err)
	}
}
