package queries_test

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"citystats/data"
	"citystats/internal/fault"
	queries "citystats/sql"
)

const mart = "marts/x.sql"

// titled is a mart with the least header, whose SQL starts on line 2.
func titled(sql string) string { return "-- title: T\n" + sql }

func TestParse(t *testing.T) {
	const text = `-- title: Wages
-- question: Do they: rise?
-- caveat: Urban only
-- materialize: view
-- column region: English name
-- column wage: Yuan; NULL when none

WITH w AS (SELECT 1)
SELECT region, wage FROM observations
`
	got, err := queries.Parse("comparisons/wages.sql", text)
	if err != nil {
		t.Fatal(err)
	}
	want := queries.Query{
		Kind: queries.Comparison, Name: "wages", File: "comparisons/wages.sql",
		Text: text, Start: strings.Index(text, "WITH"), SQL: "WITH w AS (SELECT 1)\nSELECT region, wage FROM observations",
		Title: "Wages", View: true, Question: "Do they: rise?", Caveat: "Urban only",
		Columns: []queries.Column{
			{Name: "region", Comment: "English name", At: strings.Index(text, "region:")},
			{Name: "wage", Comment: "Yuan; NULL when none", At: strings.Index(text, "wage:")},
		},
		Reads: []string{"observations"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Parse (-want +got):\n%s", diff)
	}
}

func TestParseCheckAndMacro(t *testing.T) {
	check, err := queries.Parse("checks/c.sql", "-- title: T\n-- severity: warning\n-- hint: H\nSELECT 1 AS one")
	if err != nil || check.Severity != queries.Warning || check.Hint != "H" {
		t.Errorf("a check gives %+v, %v", check, err)
	}
	macro, err := queries.Parse("macros/m.sql", "-- title: T\n-- args: day\n-- example: FROM m(1)\n-- refuses: nothing\nFROM t SELECT * EXCLUDE (a) LIMIT 5")
	if err != nil || macro.Args != "day" || macro.Example != "FROM m(1)" || macro.Refuses != "nothing" || macro.Where(macro.ArgsAt) != "sql/macros/m.sql:2:10" || !slices.Equal(macro.Reads, []string{"t"}) {
		t.Errorf("a macro, which may use all of DuckDB, gives %+v, %v", macro, err)
	}
}

// TestParseRefuses names for each mistake the place and a word of the message.
func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, file, text, where, what string }{
		{"unknown key", mart, "-- title: T\n-- colour: red\nSELECT 1", "sql/marts/x.sql:2:4", `"colour" is not known in marts/`},
		{"key of another kind", mart, "-- title: T\n-- severity: error\nSELECT 1", "sql/marts/x.sql:2:4", `"severity" is not known`},
		{"question of a mart", mart, "-- title: T\n-- question: Q\nSELECT 1", "sql/marts/x.sql:2:4", `"question" is not known`},
		{"column of a check", "checks/x.sql", "-- title: T\n-- severity: error\n-- hint: H\n-- column a: b\nSELECT 1", "sql/checks/x.sql:4:4", `"column a" is not known`},
		{"args of a check", "checks/x.sql", "-- title: T\n-- severity: error\n-- hint: H\n-- args: b\nSELECT 1", "sql/checks/x.sql:4:4", `"args" is not known`},
		{"no key", mart, "-- title: T\n-- a remark\nSELECT 1", "sql/marts/x.sql:2:4", "has no key or no value"},
		{"no value", mart, "-- title:\nSELECT 1", "sql/marts/x.sql:1:4", "has no key or no value"},
		{"no title", mart, "SELECT 1", "sql/marts/x.sql:1:1", "the header has no title"},
		{"no question", "comparisons/x.sql", "-- title: T\n-- caveat: C\nSELECT 1", "sql/comparisons/x.sql:1:1", "the header has no question"},
		{"no caveat", "comparisons/x.sql", "-- title: T\n-- question: Q\nSELECT 1", "sql/comparisons/x.sql:1:1", "the header has no caveat"},
		{"no severity", "checks/x.sql", "-- title: T\n-- hint: H\nSELECT 1", "sql/checks/x.sql:1:1", "the header has no severity"},
		{"no hint", "checks/x.sql", "-- title: T\n-- severity: error\nSELECT 1", "sql/checks/x.sql:1:1", "the header has no hint"},
		{"title twice", mart, "-- title: T\n-- title: U\nSELECT 1", "sql/marts/x.sql:2:4", `"title" stands twice`},
		{"materialize twice", mart, "-- title: T\n-- materialize: view\n-- materialize: table\nSELECT 1", "sql/marts/x.sql:3:4", `"materialize" stands twice`},
		{"column twice", mart, "-- title: T\n-- column a: A\n-- column a: B\nSELECT 1 AS a", "sql/marts/x.sql:3:4", `"column a" stands twice`},
		{"materialize wrong", mart, "-- title: T\n-- materialize: index\nSELECT 1", "sql/marts/x.sql:2:17", `materialize is "index"`},
		{"severity wrong", "checks/x.sql", "-- title: T\n-- severity: fatal\n-- hint: H\nSELECT 1", "sql/checks/x.sql:2:14", `severity is "fatal"`},
		{"no SQL", mart, "-- title: T\n", "sql/marts/x.sql:2:1", "not one SELECT"},
		{"only a comment", mart, "-- title: T\n\n/* SELECT */ -- SELECT\n", "sql/marts/x.sql:3:1", "not one SELECT"},
		{"no SELECT", mart, titled("DELETE FROM t"), "sql/marts/x.sql:2:1", "not one SELECT"},
		{"FROM first", mart, titled("FROM t SELECT a"), "sql/marts/x.sql:2:1", "not one SELECT"},
		{"no SELECT after spaces and a comment", mart, titled("\n  /* 注 */ DELETE FROM t"), "sql/marts/x.sql:3:11", "not one SELECT"},
		{"key and value behind more space", "checks/x.sql", "-- title: T\n--\tseverity:  fatal \r\n-- hint: H\nSELECT 1", "sql/checks/x.sql:2:15", `severity is "fatal"`},
		{"a line of dashes", mart, "-- title: T\n--\nSELECT 1", "sql/marts/x.sql:2:3", "has no key or no value"},
		{"FROM first in brackets", mart, titled("SELECT a\nFROM (\nFROM t)"), "sql/marts/x.sql:4:1", "starts with FROM"},
		{"FROM first after WITH", mart, titled("WITH c AS (SELECT 1)\nFROM c"), "sql/marts/x.sql:3:1", "starts with FROM"},
		{"FROM first in a union", mart, titled("SELECT a FROM t\nUNION ALL\nFROM u"), "sql/marts/x.sql:4:1", "starts with FROM"},
		{"REPLACE", mart, titled("SELECT\n\n* REPLACE (a + 1 AS a) FROM t"), "sql/marts/x.sql:4:1", "* REPLACE is not portable"},
		{"FROM first after Chinese text", mart, titled("SELECT '合肥' AS 市, a FROM (FROM t)"), "sql/marts/x.sql:2:27", "starts with FROM"},
		{"REPLACE of one table", mart, titled("SELECT t.* REPLACE (a + 1 AS a) FROM t"), "sql/marts/x.sql:2:10", "* REPLACE is not portable"},
		{"macro of two statements", "macros/x.sql", titled("SELECT 1;\nDROP TABLE t"), "sql/macros/x.sql:2:9", "; is not portable"},
		{"a no-break space", mart, titled("SELECT '\u00a0', a,\u00a0b FROM t"), "sql/marts/x.sql:2:15", `'\u00a0' is not portable SQL; write an ordinary space`},
		{"a wide space in a comment", mart, titled("SELECT a, /*\n注\u3000*/ b FROM t"), "sql/marts/x.sql:3:2", `'\u3000' is not portable SQL`},
		{"a byte order mark", mart, "\ufeff" + titled("SELECT 1"), "sql/marts/x.sql:1:1", `'\ufeff' is not portable SQL`},
		{"a wide space in a macro", "macros/x.sql", titled("FROM t\u3000LIMIT 5"), "sql/macros/x.sql:2:7", `'\u3000' is not portable SQL`},
		{"macro of nothing", "macros/x.sql", titled(""), "sql/macros/x.sql:2:1", "not one SELECT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := queries.Parse(c.file, c.text)
			refused(t, err, c.where, c.what)
		})
	}
}

// TestParseRefusesForbidden puts each word that is not portable behind texts and
// comments of several lines, and behind Chinese text on its own.
func TestParseRefusesForbidden(t *testing.T) {
	for _, c := range []struct{ word, before, after string }{
		{"::", "SELECT a", "::DATE FROM t"},
		{"->", "SELECT list_transform(a, x ", "-> x + 1) FROM t"},
		{"QUALIFY", "SELECT a FROM t ", "QUALIFY row_number() OVER (ORDER BY a) = 1"},
		{"ASOF", "SELECT a FROM t ", "ASOF JOIN u USING (a)"},
		{"PIVOT", "SELECT a FROM (", "PIVOT t ON b)"},
		{"UNPIVOT", "SELECT a FROM (", "UNPIVOT t ON b)"},
		{"EXCLUDE", "SELECT * ", "EXCLUDE (a) FROM t"},
		{"COLUMNS", "SELECT ", "columns('a.*') FROM t"},
		{"QUANTILE_CONT", "SELECT ", "quantile_cont(a, 0.5) FROM t"},
		{"ANY_VALUE", "SELECT ", "Any_Value(a) FROM t"},
		{"STRFTIME", "SELECT ", "strftime(a, '%Y') FROM t"},
		{"IFNULL", "SELECT ", "ifnull(a, 0) FROM t"},
		{"LIMIT", "SELECT a FROM t ", "limit 1"},
		{";", "SELECT a FROM t", ";"},
	} {
		t.Run(c.word, func(t *testing.T) {
			_, err := queries.Parse(mart, titled("WITH c AS (SELECT 'a\n' AS a /* two\nlines */)\n/* 合肥 */ "+c.before+c.after))
			refused(t, err, fmt.Sprintf("sql/marts/x.sql:5:%d", len("/* xx */ "+c.before)+1), c.word+" is not portable SQL")
		})
	}
}

func refused(t *testing.T, err error, where, what string) {
	t.Helper()
	if err == nil {
		t.Fatalf("Parse took it, want a refusal at %s with %q", where, what)
	}
	if kind := fault.KindOf(err); kind != fault.Definition {
		t.Errorf("kind %v, want definition", kind)
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if strings.HasPrefix(line, where+": ") && strings.Contains(line, what) {
			return
		}
	}
	t.Errorf("the message is\n%v\nwant one line at %s with %q", err, where, what)
}

// TestParseTellsEverything keeps an editor from finding mistakes one by one.
func TestParseTellsEverything(t *testing.T) {
	_, err := queries.Parse("checks/x.sql", "-- colour: red\n-- severity: fatal\nSELECT a::INT\nFROM t LIMIT 1")
	for _, want := range []string{":1:4: the header key", ":2:14: severity", ":1:1: the header has no title", ":3:9: ::", ":4:8: LIMIT"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not tell %q", err, want)
		}
	}
}

func TestReads(t *testing.T) {
	for _, c := range []struct {
		name, sql string
		want      []string
	}{
		{"none", "SELECT 1", nil},
		{"one", "SELECT a FROM t", []string{"t"}},
		{"upper case, twice", "SELECT a FROM Series JOIN SERIES AS s ON true", []string{"series"}},
		{"schema", "SELECT a FROM store.observation LEFT JOIN store.documents AS d ON true", []string{"store.observation", "store.documents"}},
		{"quoted", `SELECT a FROM "t" JOIN "store"."series" AS s ON true JOIN store."remark" AS m ON true`, []string{"t", "store.series", "store.remark"}},
		{"comma", "SELECT a, b FROM t, u AS v, (SELECT c, d FROM w WHERE e IN (1, 2)) AS x, y WHERE f IN (g, h) GROUP BY a, b", []string{"t", "u", "w", "y"}},
		{"subquery", "SELECT (SELECT max(a) FROM t), b FROM (SELECT b FROM u) AS x WHERE EXISTS (SELECT 1 FROM v)", []string{"t", "u", "v"}},
		{"CTE", "WITH c AS (SELECT a FROM t), d AS (SELECT a FROM c) SELECT a FROM d", []string{"t"}},
		{"CTE with columns", "WITH c (a, b) AS (SELECT 1, 2 FROM t) SELECT a FROM c", []string{"t"}},
		{"CTE quoted", `WITH "c" AS (SELECT 1) SELECT 1 FROM c JOIN "c" AS d ON true`, nil},
		{"CTE materialized", "WITH c AS MATERIALIZED (SELECT 1), d AS NOT MATERIALIZED (SELECT 2) SELECT 1 FROM c CROSS JOIN d", nil},
		{"window of a table's name", "SELECT sum(a) OVER t FROM t WINDOW t AS (ORDER BY a)", []string{"t"}},
		{"extract", "SELECT extract(YEAR FROM day), a FROM t JOIN u ON EXTRACT ( MONTH FROM u.day) = 1", []string{"t", "u"}},
		{"trim", "SELECT trim(BOTH ' ' FROM name), substring(name FROM 2) FROM t", []string{"t"}},
		{"distinct from", "SELECT a FROM t JOIN u ON t.a IS NOT DISTINCT FROM u.a WHERE t.b IS DISTINCT FROM c", []string{"t", "u"}},
		{"union", "SELECT a FROM t UNION ALL SELECT b, c FROM u EXCEPT SELECT d FROM v ORDER BY e, f", []string{"t", "u", "v"}},
		{"text", "SELECT ' FROM a; it''s JOIN b LIMIT ' || '::' FROM t", []string{"t"}},
		{"comments", "SELECT a -- FROM b; LIMIT\n/* JOIN c::d\n QUALIFY */ FROM t", []string{"t"}},
		{"names", `SELECT "limit", "from" AS "pivot", t.exclude, "a""FROM b;" FROM t`, []string{"t"}},
		{"Chinese", "SELECT '合肥 FROM 市' AS 名称 FROM t", []string{"t"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, err := queries.Parse(mart, titled(c.sql))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, q.Reads); diff != "" {
				t.Errorf("Reads of %s (-want +got):\n%s", c.sql, diff)
			}
		})
	}
}

// folder is a folder of models: the file and the SQL of each in turn.
func folder(fileAndSQL ...string) fstest.MapFS {
	files := fstest.MapFS{}
	for i := 0; i < len(fileAndSQL); i += 2 {
		text := titled(fileAndSQL[i+1])
		if strings.HasPrefix(fileAndSQL[i], "comparisons/") {
			text = "-- question: Q\n-- caveat: C\n" + text
		}
		files[fileAndSQL[i]] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func TestLoadOrders(t *testing.T) {
	set, err := queries.Load(folder(
		"staging/late.sql", "SELECT 1 FROM marts_first",
		"marts/a.sql", "SELECT 1 FROM c JOIN b ON true",
		"marts/b.sql", "SELECT 1 FROM c JOIN sources ON true",
		"marts/c.sql", "SELECT 1 FROM store.c",
		"marts/marts_first.sql", "SELECT 1 FROM sources"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"marts_first", "late", "c", "b", "a"}, names(set.Models)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	for table, want := range map[string][]string{"c": {"b", "a"}, "store.c": {"c", "b", "a"}, "sources": {"marts_first", "late", "b", "a"}, "a": nil} {
		if diff := cmp.Diff(want, names(set.Downstream(table))); diff != "" {
			t.Errorf("Downstream(%q) (-want +got):\n%s", table, diff)
		}
	}
	if q, ok := set.Model("b"); !ok || q.File != "marts/b.sql" {
		t.Errorf("Model(b) = %+v, %v", q, ok)
	}
	if _, ok := set.Model("sources"); ok {
		t.Error("Model(sources) is found, but sources is no model")
	}
}

func names(list []queries.Query) []string {
	var out []string
	for _, q := range list {
		out = append(out, q.Name)
	}
	return out
}

func TestLoadRefuses(t *testing.T) {
	for _, c := range []struct {
		name        string
		files       fstest.MapFS
		where, what string
	}{
		{"circle", folder("marts/a.sql", "SELECT 1 FROM b", "marts/b.sql", "SELECT 1 FROM c", "marts/c.sql", "SELECT a\nFROM store.a, a"), "sql/marts/c.sql:3:15", "the model a reads itself"},
		{"itself", folder("marts/a.sql", "SELECT '合' FROM \"a\""), "sql/marts/a.sql:2:17", "the model a reads itself"},
		{"one name twice", folder("staging/a.sql", "SELECT 1", "comparisons/a.sql", "SELECT 1"), "sql/comparisons/a.sql", "staging/a.sql already has the name a"},
		{"a mistake in a file", folder("marts/a.sql", "SELECT 1", "marts/b.sql", "SELECT 1 LIMIT 1"), "sql/marts/b.sql:2:10", "LIMIT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := queries.Load(c.files)
			refused(t, err, c.where, c.what)
		})
	}
}

// TestFingerprint changes every byte of a folder in turn: a release must be
// computed again whenever anything could have changed.
func TestFingerprint(t *testing.T) {
	files := folder("staging/a.sql", "SELECT 1 FROM store.b", "marts/c.sql", "SELECT 2")
	seen := map[string]string{fingerprint(t, files): "the folder as it is"}
	differs := func(change string) {
		t.Helper()
		sum := fingerprint(t, files)
		if other, ok := seen[sum]; ok {
			t.Errorf("%s: the fingerprint is that of %s", change, other)
		}
		seen[sum] = change
	}
	for name, f := range files {
		for i, old := range f.Data {
			f.Data[i] = 'x' // which stands nowhere in these files
			if _, err := queries.Load(files); err == nil {
				differs(fmt.Sprintf("byte %d of %s", i, name))
			}
			f.Data[i] = old
		}
	}
	files["marts/d.sql"] = files["marts/c.sql"]
	delete(files, "marts/c.sql")
	differs("another name")
	delete(files, "marts/d.sql")
	differs("a file less")
	// The titles and the numbers, a new name and a file less; the rest is refused.
	if len(seen) < 1+2+2+2 {
		t.Errorf("only %d changes could be looked at", len(seen)-1)
	}
}

func fingerprint(t *testing.T, files fs.FS) string {
	t.Helper()
	set, err := queries.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return set.Fingerprint
}

func TestBuiltIn(t *testing.T) {
	set, err := queries.Load(queries.Files())
	if err != nil {
		t.Fatal(err)
	}
	if set.Fingerprint != load(t).Fingerprint {
		t.Error("the built-in copy is not this folder; add the new folder to go:embed in queries.go")
	}
	for _, q := range set.Models {
		if len(q.Columns) == 0 {
			t.Errorf("sql/%s documents no column; add -- column lines", q.File)
		}
		if q.Kind == queries.Comparison && (q.Question == "" || q.Caveat == "") {
			t.Errorf("sql/%s has no question or no caveat; a comparison needs both", q.File)
		}
	}
}

// TestBuiltInReads keeps a misspelt table from being found by a build only.
func TestBuiltInReads(t *testing.T) {
	set := load(t)
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	store, err := os.ReadFile("../pipeline/warehouse/store.sql")
	if err != nil {
		t.Fatal(err)
	}
	ledger := []string{"runs", "source_health"}
	for _, q := range all(set) {
		for _, table := range q.Reads {
			_, isModel := set.Model(table)
			isMacro := q.Kind == queries.Macro && slices.ContainsFunc(set.Macros, func(m queries.Query) bool { return m.Name == table })
			_, isDefinition := catalog.Table(table)
			isStored := strings.HasPrefix(table, "store.") && strings.Contains(string(store), "CREATE TABLE "+table+" (")
			if !isModel && !isMacro && !isDefinition && !isStored && !slices.Contains(ledger, table) {
				t.Errorf("sql/%s reads %s, which is no model, no definition table and not in the store; correct the name", q.File, table)
			}
		}
	}
}

// FuzzParse holds that a refusal is always a definition error with a place, and
// that what is taken can be found again in the file where Start says.
func FuzzParse(f *testing.F) {
	for _, kind := range []queries.Kind{queries.Staging, queries.Mart, queries.Comparison, queries.Check, queries.Macro} {
		found, err := fs.Glob(queries.Files(), string(kind)+"/*.sql")
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range found {
			text, err := fs.ReadFile(queries.Files(), name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(name, string(text))
		}
	}
	f.Add(mart, titled("\r\n \t\nSELECT 'a\n', \"b\n\" /* c\n */ FROM t"))
	f.Add(mart, titled("SELECT 'open"))
	f.Add(mart, titled("SELECT 1 /* open"))
	f.Add(mart, titled("SELECT ) ) ( FROM"))
	f.Add("macros/x.sql", titled(") AS ( JOIN . , \"\" FROM"))
	f.Fuzz(func(t *testing.T, name, text string) {
		q, err := queries.Parse(name, text)
		if err != nil {
			if fault.KindOf(err) != fault.Definition || !strings.HasPrefix(err.Error(), "sql/") {
				t.Errorf("the refusal %v has no place or is not for the editor", err)
			}
			return
		}
		if q.Text != text || !strings.HasPrefix(text[q.Start:], q.SQL) || strings.TrimSpace(text[q.Start:]) != q.SQL {
			t.Errorf("at byte %d the file has %q, the query %q", q.Start, text[q.Start:], q.SQL)
		}
		if q.SQL == "" || q.Title == "" {
			t.Error("the SQL or the title is missing")
		}
		for _, c := range q.Columns {
			if !strings.HasPrefix(text[c.At:], c.Name+":") {
				t.Errorf("column %q does not stand at byte %d", c.Name, c.At)
			}
		}
	})
}
