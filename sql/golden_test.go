package queries_test

import (
	"database/sql"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the driver named duckdb
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"citystats/data"
	queries "citystats/sql"
)

// Beside each query x.sql stands x.txtar, which anybody can write:
//
//	What the case shows, in a sentence or two.
//	-- in/store.observation.csv --
//	series_id:INTEGER,value:DOUBLE,period:DATE
//	2000001,29348,2014-01-01
//	-- want.csv --
//	region:VARCHAR,value:DOUBLE
//	Hefei,29348
//
// There is one in/ file for each table the query names, and no other. Of a
// table it needs the columns the query uses, in any order, with their real
// types. An empty cell is NULL; two single quotes are the empty text. Lines
// starting with # are remarks. A macro's case also has a file call, the
// statement to run, and may have a file refusals: on each line a statement, =>, and
// what the refusal says. Where a macro's header puts rows instead of a table's, the
// models in between are computed, so its case gives what they read from, as far as
// it matters: a table without a file is empty. In want.csv numbers have twelve digits at most, because the
// last ones differ between machines. Figures are real where a real one shows the
// case, and made up elsewhere: a case is no source.

var update = flag.Bool("update", false, "write what the queries yield into the want.csv of their cases")

const wantFile = "want.csv"

// table is one CSV file of a case.
type table struct {
	name    string
	columns []column
	rows    [][]string
}

type column struct{ name, kind string }

// golden is one query with its case.
type golden struct {
	query   queries.Query
	path    string
	archive *txtar.Archive
	inputs  []table
	helpers []queries.Query // macros: those it calls, in order
	call    string
	refused [][2]string // statement, message
	want    string
}

func load(t testing.TB) *queries.Set {
	t.Helper()
	set, err := queries.Load(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func all(set *queries.Set) []queries.Query {
	return slices.Concat(set.Models, set.Checks, set.Macros)
}

func casePath(q queries.Query) string { return strings.TrimSuffix(q.File, ".sql") + ".txtar" }

func TestEveryQueryHasACase(t *testing.T) {
	known := map[string]bool{}
	for _, q := range all(load(t)) {
		known[casePath(q)] = true
		if _, err := os.Stat(casePath(q)); errors.Is(err, fs.ErrNotExist) {
			t.Errorf("sql/%s has no case; write sql/%s with the inputs that matter and run: go test -tags duckdb_arrow ./sql -update", q.File, casePath(q))
		}
	}
	found, err := fs.Glob(os.DirFS("."), "*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		if !known[name] {
			t.Errorf("sql/%s belongs to no query; remove it or name it like its query", name)
		}
	}
}

func TestGolden(t *testing.T) {
	set := load(t)
	for _, q := range all(set) {
		t.Run(strings.TrimSuffix(q.File, ".sql"), func(t *testing.T) {
			g := readCase(t, set, q)
			got := answer(t, g, g.inputs)
			if *update {
				g.write(t, got.csv())
				return
			}
			g.compare(t, g.want, got.csv(), "run: go test -tags duckdb_arrow ./sql -update and look at the change")
			g.sameColumns(t, got)
			// Each case shows two more things for nothing.
			g.compare(t, g.want, answer(t, g, reversed(g.inputs)).csv(),
				"the answer depends on the order of the input's rows; give every rank and row_number a total order")
			// A macro may refuse a name that no table holds; its refusals show that.
			if len(g.refused) > 0 {
				g.refuses(t)
			} else if rows := answer(t, g, emptied(g.inputs)).rows; len(rows) > 0 {
				t.Errorf("sql/%s yields %d rows from empty tables, want none; the first is %v", q.File, len(rows), rows[0])
			}
		})
	}
}

// refuses asks what must be refused, and for less than the whole result, too: an
// engine that need not work out a column must refuse all the same.
func (g golden) refuses(t *testing.T) {
	t.Helper()
	conn := prepare(t, g, g.inputs)
	for _, r := range g.refused {
		for _, text := range []string{r[0], "SELECT count(*) FROM (" + r[0] + ")"} {
			_, err := conn.ExecContext(t.Context(), text)
			if err == nil || !strings.Contains(err.Error(), r[1]) {
				t.Errorf("sql/%s: %s\ngives the error %v\nwant one that says %s", g.path, text, err, r[1])
			}
		}
	}
}

func (g golden) compare(t *testing.T, want, got, hint string) {
	t.Helper()
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("sql/%s does not yield the %s of sql/%s (-want +got):\n%s%s", g.query.File, wantFile, g.path, diff, hint)
	}
}

// sameColumns holds a model's header against what it yields, as a build does.
func (g golden) sameColumns(t *testing.T, got table) {
	t.Helper()
	var documented, yielded []string
	for _, c := range g.query.Columns {
		documented = append(documented, c.Name)
	}
	for _, c := range got.columns {
		yielded = append(yielded, c.name)
	}
	if kind := g.query.Kind; kind == queries.Check || kind == queries.Macro {
		return
	}
	if diff := cmp.Diff(documented, yielded); diff != "" {
		t.Errorf("sql/%s: write one -- column line for each column the SELECT yields, in order (-header +SELECT):\n%s", g.query.File, diff)
	}
}

// TestCasesUseTheRealTables keeps the cases from testing against columns or
// types that a release does not have.
func TestCasesUseTheRealTables(t *testing.T) {
	set := load(t)
	tables := release(t, set, engine(t))
	for _, q := range all(set) {
		for _, in := range readCase(t, set, q).inputs {
			for _, c := range in.columns {
				if kind := tables[in.name][c.name]; kind != c.kind {
					t.Errorf("sql/%s: the column %s of %s is %q in a release, not %q; correct the header cell", casePath(q), c.name, in.name, kind, c.kind)
				}
			}
		}
	}
}

// release builds a release without rows, and lists the types of its columns by
// table and column.
func release(t testing.TB, set *queries.Set, conn *sql.Conn) map[string]map[string]string {
	t.Helper()
	store, err := os.ReadFile("../pipeline/warehouse/store.sql")
	if err != nil {
		t.Fatal(err)
	}
	run(t, conn, string(store))
	for _, d := range definitions(t) {
		create(t, conn, d)
	}
	for _, q := range set.Models {
		run(t, conn, "CREATE TABLE "+quoteName(q.Name)+" AS\n"+q.SQL)
	}
	out := map[string]map[string]string{}
	for _, row := range ask(t, conn, "SELECT if(schema_name = 'main', '', schema_name || '.') || table_name, column_name, data_type FROM duckdb_columns()").rows {
		if out[row[0]] == nil {
			out[row[0]] = map[string]string{}
		}
		out[row[0]][row[1]] = row[2]
	}
	return out
}

// definitions are the tables of the data folder, without their rows.
func definitions(t testing.TB) []table {
	t.Helper()
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[data.Type]string{data.Integer: "BIGINT", data.Number: "DOUBLE", data.Boolean: "BOOLEAN", data.Date: "DATE"}
	var out []table
	for _, d := range catalog.Tables {
		in := table{name: d.Schema.Name}
		for _, c := range d.Schema.Columns {
			kind := "VARCHAR"
			if k, ok := kinds[c.Type]; ok {
				kind = k
			}
			in.columns = append(in.columns, column{c.Name, kind})
		}
		out = append(out, in)
	}
	return out
}

func readCase(t *testing.T, set *queries.Set, q queries.Query) golden {
	t.Helper()
	g := golden{query: q, path: casePath(q)}
	var err error
	if g.archive, err = txtar.ParseFile(g.path); err != nil {
		t.Fatalf("sql/%s has no case that can be read: %v", q.File, err)
	}
	if len(strings.TrimSpace(string(g.archive.Comment))) == 0 {
		t.Errorf("sql/%s does not say what it shows; write it above the first file", g.path)
	}
	var names []string
	for _, f := range g.archive.Files {
		switch name, isInput := strings.CutPrefix(f.Name, "in/"); {
		case isInput:
			in := parseTable(t, g.path, strings.TrimSuffix(name, ".csv"), string(f.Data))
			names = append(names, in.name)
			g.inputs = append(g.inputs, in)
		case f.Name == "call":
			g.call = strings.TrimSpace(string(f.Data))
		case f.Name == "refusals" && q.Kind == queries.Macro:
			for line := range strings.Lines(string(f.Data)) {
				statement, message, ok := strings.Cut(strings.TrimSpace(line), " => ")
				if !ok {
					t.Errorf("sql/%s: the refusal %q is not STATEMENT => MESSAGE", g.path, line)
				}
				g.refused = append(g.refused, [2]string{statement, message})
			}
		case f.Name == wantFile:
			g.want = string(f.Data)
		default:
			t.Errorf("sql/%s: the file %s is not in/TABLE.csv, call, refusals or %s; rename it", g.path, f.Name, wantFile)
		}
	}
	if q.Kind == queries.Macro && g.call == "" {
		t.Fatalf("sql/%s has no file call; write the statement that calls the macro", g.path)
	}
	slices.Sort(names)
	if len(q.Instead) > 0 {
		return g
	}
	var tables []string
	tables, g.helpers = needs(set, q)
	if diff := cmp.Diff(tables, names); diff != "" {
		t.Fatalf("sql/%s must have one in/ file for each table that sql/%s reads, and no other (-reads +case):\n%s", g.path, q.File, diff)
	}
	return g
}

// needs are the tables a query reads, itself or through the macros it calls, and
// those macros in order.
func needs(set *queries.Set, q queries.Query) (tables []string, helpers []queries.Query) {
	reads := slices.Clone(q.Reads)
	for _, m := range slices.Backward(set.Macros) {
		if slices.Contains(reads, m.Name) {
			reads = append(slices.DeleteFunc(reads, func(r string) bool { return r == m.Name }), m.Reads...)
			helpers = append([]queries.Query{m}, helpers...)
		}
	}
	slices.Sort(reads)
	return slices.Compact(reads), helpers
}

func parseTable(t *testing.T, file, name, text string) table {
	t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	r.Comment = '#'
	records, err := r.ReadAll()
	if err != nil || len(records) == 0 {
		t.Fatalf("sql/%s: in/%s.csv is no table with a header: %v", file, name, err)
	}
	in := table{name: name, rows: records[1:]}
	for _, cell := range records[0] {
		head, kind, ok := strings.Cut(cell, ":")
		if !ok {
			t.Fatalf("sql/%s: in/%s.csv: the header cell %q has no type; write %s:TYPE", file, name, cell, cell)
		}
		in.columns = append(in.columns, column{head, kind})
	}
	return in
}

// csv is the table as a case spells it.
func (t table) csv() string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	head := make([]string, len(t.columns))
	for i, c := range t.columns {
		head[i] = c.name + ":" + c.kind
	}
	_ = w.WriteAll(append([][]string{head}, t.rows...)) // a strings.Builder takes everything
	return b.String()
}

func (g golden) write(t *testing.T, want string) {
	t.Helper()
	i := slices.IndexFunc(g.archive.Files, func(f txtar.File) bool { return f.Name == wantFile })
	if i < 0 {
		i = len(g.archive.Files)
		g.archive.Files = append(g.archive.Files, txtar.File{Name: wantFile})
	}
	g.archive.Files[i].Data = []byte(want)
	if err := os.WriteFile(g.path, txtar.Format(g.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// prepare is an engine with the inputs and the macros of a case.
func prepare(t testing.TB, g golden, inputs []table) *sql.Conn {
	t.Helper()
	conn := engine(t)
	set := load(t)
	if len(g.query.Instead) > 0 {
		release(t, set, conn)
	}
	for _, in := range inputs {
		if len(g.query.Instead) == 0 {
			create(t, conn, in)
		}
		insert(t, conn, in)
	}
	macros := g.helpers
	if g.query.Kind == queries.Macro {
		macros = append(slices.Clone(macros), g.query)
	}
	for _, m := range macros {
		before, after := set.Around(m)
		run(t, conn, "CREATE MACRO "+quoteName(m.Name)+"("+m.Args+") AS TABLE\n"+before+m.SQL+after)
	}
	return conn
}

// answer runs the query over the inputs in an engine of its own.
func answer(t *testing.T, g golden, inputs []table) table {
	t.Helper()
	conn := prepare(t, g, inputs)
	text := g.query.SQL
	if g.query.Kind == queries.Macro {
		text = g.call
	}
	return ask(t, conn, "SELECT * FROM (\n"+text+"\n) ORDER BY ALL")
}

func reversed(inputs []table) []table {
	out := slices.Clone(inputs)
	for i := range out {
		out[i].rows = slices.Clone(out[i].rows)
		slices.Reverse(out[i].rows)
	}
	return out
}

func emptied(inputs []table) []table {
	out := slices.Clone(inputs)
	for i := range out {
		out[i].rows = nil
	}
	return out
}

// engine is a connection to a database in memory that lives as long as the test.
func engine(t testing.TB) *sql.Conn {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(errors.Join(err, db.Close()))
	}
	t.Cleanup(func() {
		if err := errors.Join(conn.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return conn
}

func run(t testing.TB, conn *sql.Conn, text string) {
	t.Helper()
	if _, err := conn.ExecContext(t.Context(), text); err != nil {
		t.Fatalf("%v\nin: %s", err, text)
	}
}

func create(t testing.TB, conn *sql.Conn, in table) {
	t.Helper()
	var columns []string
	for _, c := range in.columns {
		columns = append(columns, quoteName(c.name)+" "+c.kind)
	}
	schema, name, ok := strings.Cut(in.name, ".")
	if !ok {
		schema, name = "main", in.name
	}
	run(t, conn, "CREATE SCHEMA IF NOT EXISTS "+quoteName(schema))
	run(t, conn, "CREATE TABLE "+quoteName(schema)+"."+quoteName(name)+" ("+strings.Join(columns, ", ")+")")
}

func insert(t testing.TB, conn *sql.Conn, in table) {
	t.Helper()
	var columns []string
	for _, c := range in.columns {
		columns = append(columns, quoteName(c.name))
	}
	for _, row := range in.rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			switch cell {
			case "":
				cells[i] = "NULL"
			case "''":
				cells[i] = cell
			default:
				cells[i] = "'" + strings.ReplaceAll(cell, "'", "''") + "'"
			}
		}
		run(t, conn, "INSERT INTO "+in.name+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(cells, ", ")+")")
	}
}

// ask runs a query and spells its result as a case does.
func ask(t testing.TB, conn *sql.Conn, text string) table {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatalf("%v\nin: %s", err, text)
	}
	defer rows.Close()
	kinds, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	var out table
	for _, k := range kinds {
		out.columns = append(out.columns, column{k.Name(), k.DatabaseTypeName()})
	}
	for rows.Next() {
		values := make([]any, len(kinds))
		into := make([]any, len(kinds))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		cells := make([]string, len(values))
		for i, v := range values {
			cells[i] = spell(v, kinds[i].DatabaseTypeName())
		}
		out.rows = append(out.rows, cells)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func spell(v any, kind string) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if v == "" {
			return "''"
		}
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', 12, 64)
	case time.Time:
		if kind == "DATE" {
			return v.Format(time.DateOnly)
		}
		return v.Format(time.DateTime)
	default:
		return fmt.Sprint(v)
	}
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
