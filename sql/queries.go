// Package queries holds the SQL that gives the store its meaning, and reads it.
//
// The folder it is in is sql/; the package has another name so that it never
// collides with database/sql. Each file is one query with a strict header:
//
//	-- title: Observations, latest vintage
//	-- materialize: table
//	-- column region_code: GB/T 2260 code of the region
//	SELECT ...
//
// staging/, marts/ and comparisons/ hold models: one SELECT each, in a subset of
// SQL that other engines run too, which the engine adapter wraps into a table or
// view of the file's name. Models name what they read in FROM and JOIN; that is
// all it takes to order them. checks/ hold SELECTs that return offending rows, whose
// columns region_code, indicator, time_period, origin, value, document_id and record
// say which figure is meant; the others are what it was held against.
// macros/ hold table macros for people at a prompt and may use all of DuckDB. They
// may call each other. Their header says how to call one, and what it refuses: a
// macro that is asked for what makes no sense raises an error that names both sides,
// and a row that cannot be worked out says why in its column reason.
//
// One may ask its question of other rows, and what lies between is computed anew:
//
//	-- title: comparisons_as_of(day): comparisons as one would have read them on that day
//	-- args: seen_on
//	-- instead observation_vintages: SELECT * FROM main.observation_vintages WHERE visible_from <= CAST(seen_on AS DATE)
//	SELECT * FROM comparisons
//
// Every figure explains itself: a model with figures says which columns name a row,
// and which rows of which tables a row was computed from, in as many lines as they
// have parts to play:
//
//	-- row: region_code, benchmark, indicator, frequency, time_period
//	-- inputs benchmark: benchmark_observations WHERE benchmark = this.benchmark AND ...
//
// That is the end of a SELECT, in which this is the row. From input to input one
// comes to rows of observation_vintages, which were read from a document.
//
// Beside each x.sql stands x.txtar: small inputs and the wanted output. A query
// without one fails the tests.
package queries

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"citystats/internal/fault"
)

//go:embed staging marts comparisons checks macros
var files embed.FS

// Files is the built-in copy of this folder.
func Files() fs.FS { return files }

// Kind is the folder a query is in.
type Kind string

// The kinds. The first three are models, in the order data runs.
const (
	Staging    Kind = "staging"
	Mart       Kind = "marts"
	Comparison Kind = "comparisons"
	Check      Kind = "checks"
	Macro      Kind = "macros"
)

// Severity says what a check's hit does.
type Severity string

// The severities.
const (
	Severe  Severity = "error"   // the release is not published
	Warning Severity = "warning" // the release says so
)

// Column documents one output column of a model; it becomes COMMENT ON COLUMN.
type Column struct {
	Name, Comment string
	At            int // where Name stands in the query's Text
}

// Replacement is a SELECT whose rows a macro puts instead of a table's.
type Replacement struct {
	Table, SQL string
	At         int // where Table stands in the query's Text
	SQLAt      int // where SQL stands there
}

// Query is one file.
type Query struct {
	Kind  Kind
	Name  string // the file's name without .sql; the name of the table, check or macro
	File  string // "marts/observations.sql"
	Text  string // the whole file, to find places in
	SQL   string // one SELECT without a semicolon
	Start int    // where SQL begins in Text; this and other places count bytes from 0

	Title    string   // what it holds; for a check, what a hit means
	View     bool     // materialize: view
	Columns  []Column // models: every output column, in order
	Per      []string // models: columns within whose values its rows are computed; see touched.go
	PerAt    int      // where Per begins in Text
	Question string   // comparisons: the question it answers
	Caveat   string   // comparisons: what must be printed with it
	Severity Severity // checks
	Hint     string   // checks: what to do about a hit
	Args     string   // macros: the parameter list, "day"
	ArgsAt   int      // where Args begins in Text
	Example  string   // macros: a statement that calls it
	Refuses  string   // macros: what it refuses
	Instead  []Replacement
	Reads    []string // tables it names in FROM and JOIN, without its own CTEs
	Row      []string // models: the columns that name a row
	RowAt    int      // where Row begins in Text
	Inputs   []Input  // models: what a row was computed from
}

// Where is a place in the query's Text as messages name it.
func (q Query) Where(at int) string { return fault.At("sql/"+q.File, q.Text, at) }

// Set is every query of a folder.
type Set struct {
	Models      []Query // in an order in which each reads only what came before
	Checks      []Query // by name
	Macros      []Query // in an order in which each calls only what came before
	Fingerprint string  // changes when any query changes
}

// Load reads and checks all queries of a folder. Errors are of kind Definition
// with file, line and column, all of them together.
func Load(fsys fs.FS) (*Set, error) {
	set := &Set{}
	sum := sha256.New()
	var problems []error
	var models, macros []Query
	for _, kind := range []Kind{Staging, Mart, Comparison, Check, Macro} {
		names, err := fs.Glob(fsys, string(kind)+"/*.sql")
		if err != nil {
			return nil, fmt.Errorf("folder %s: %w", kind, err)
		}
		slices.Sort(names)
		for _, name := range names {
			text, err := fs.ReadFile(fsys, name)
			if err != nil {
				return nil, fault.Wrap(fault.Definition, err, "sql/"+name, "restore the file", "the query cannot be read")
			}
			fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
			q, err := Parse(name, string(text))
			problems = append(problems, err)
			switch kind {
			case Check:
				set.Checks = append(set.Checks, q)
			case Macro:
				macros = append(macros, q)
			case Staging, Mart, Comparison:
				models = append(models, q)
			}
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	set.Fingerprint = hex.EncodeToString(sum.Sum(nil))
	var inModels, inMacros error
	set.Models, inModels = order(models)
	set.Macros, inMacros = order(macros)
	if err := errors.Join(inModels, inMacros); err != nil {
		return nil, err
	}
	for _, q := range set.Macros {
		problems = append(problems, set.misplaced(q))
	}
	for _, q := range set.Models {
		problems = append(problems, set.unshared(q))
	}
	return set, errors.Join(append(problems, set.unread())...)
}

// Model returns the named model.
func (s *Set) Model(name string) (Query, bool) {
	i := slices.IndexFunc(s.Models, func(q Query) bool { return q.Name == name })
	if i < 0 {
		return Query{}, false
	}
	return s.Models[i], true
}

// Downstream lists the models that depend on the named table, in order.
func (s *Set) Downstream(table string) []Query {
	touched := map[string]bool{table: true}
	var out []Query
	for _, q := range s.Models {
		if slices.ContainsFunc(q.Reads, func(r string) bool { return touched[r] }) {
			touched[q.Name] = true
			out = append(out, q)
		}
	}
	return out
}

// order sorts queries so that each comes after what it reads.
func order(models []Query) ([]Query, error) {
	byName := map[string]Query{}
	for _, q := range models {
		if other, ok := byName[q.Name]; ok {
			return nil, fault.New(fault.Definition, "sql/"+q.File, "rename one of the two", "%s already has the name %s", other.File, q.Name)
		}
		byName[q.Name] = q
	}
	var out []Query
	state := map[string]int{} // 1 being visited, 2 done
	var visit func(q Query) error
	visit = func(q Query) error {
		if state[q.Name] == 2 {
			return nil
		}
		state[q.Name] = 1
		for _, r := range q.Reads {
			dep, ok := byName[r]
			if state[r] == 1 {
				where := q.Where(q.Start + readAt(tokenize(q.SQL), r))
				what := "model"
				if q.Kind == Macro {
					what = "macro"
				}
				return fault.New(fault.Definition, where, "break the circle", "the %s %s reads itself, directly or through others", what, r)
			}
			if !ok {
				continue
			}
			if err := visit(dep); err != nil {
				return err
			}
		}
		state[q.Name] = 2
		out = append(out, q)
		return nil
	}
	for _, q := range models {
		if err := visit(q); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Parse reads one query file; name is its path below the sql folder.
func Parse(name, text string) (Query, error) {
	q := Query{Kind: Kind(path.Dir(name)), Name: strings.TrimSuffix(path.Base(name), ".sql"), File: name, Text: text}
	seen := map[string]bool{}
	var problems []error
	for q.Start < len(text) && strings.HasPrefix(text[q.Start:], "--") {
		line, _, _ := strings.Cut(text[q.Start:], "\n")
		if err := q.header(entryOf(line, q.Start), seen); err != nil {
			problems = append(problems, err)
		}
		q.Start = min(q.Start+len(line)+1, len(text))
	}
	q.SQL = strings.TrimSpace(text[q.Start:])
	q.Start += strings.Index(text[q.Start:], q.SQL)
	if err := q.incomplete(); err != nil {
		problems = append(problems, err)
	}
	tokens := tokenize(q.SQL)
	q.Reads = reads(tokens)
	problems = append(problems, q.unportable(tokens)...)
	problems = append(problems, q.untraceable()...)
	return q, errors.Join(problems...)
}

// entry is a header line "-- key: value" with the places of both.
type entry struct {
	line, key, value string
	keyAt, valueAt   int
}

// entryOf takes a header line apart; start is its place.
func entryOf(line string, start int) entry {
	e := entry{line: strings.TrimSpace(line[2:])}
	e.keyAt = start + 2 + strings.Index(line[2:], e.line)
	key, value, _ := strings.Cut(e.line, ":")
	e.key, e.value = key, strings.TrimSpace(value)
	e.valueAt = e.keyAt + len(e.line) - len(e.value)
	return e
}

// header takes one header line; seen are the keys of the lines before it.
func (q *Query) header(e entry, seen map[string]bool) error {
	bad := func(at int, hint, format string, args ...any) error {
		return fault.New(fault.Definition, q.Where(at), hint, format, args...)
	}
	if e.value == "" {
		return bad(e.keyAt, "write -- key: value; other comments go below an empty line or inside the SQL", "the header line %q has no key or no value", e.line)
	}
	if seen[e.key] {
		return bad(e.keyAt, "remove one of the two", "the header key %q stands twice", e.key)
	}
	seen[e.key] = true
	model := q.Kind == Staging || q.Kind == Mart || q.Kind == Comparison
	if column, isColumn := strings.CutPrefix(e.key, "column "); isColumn && model {
		q.Columns = append(q.Columns, Column{column, e.value, e.keyAt + len("column ")})
		return nil
	}
	if role, isInputs := strings.CutPrefix(e.key, "inputs "); isInputs && model {
		q.Inputs = append(q.Inputs, newInput(role, e.value, e.valueAt))
		return nil
	}
	if table, isInstead := strings.CutPrefix(e.key, "instead "); isInstead && q.Kind == Macro {
		q.Instead = append(q.Instead, Replacement{table, e.value, e.keyAt + len("instead "), e.valueAt})
		return nil
	}
	allowed := map[string]*string{"title": &q.Title}
	switch q.Kind {
	case Comparison:
		allowed["question"], allowed["caveat"] = &q.Question, &q.Caveat
	case Check:
		allowed["hint"] = &q.Hint
	case Macro:
		allowed["example"], allowed["refuses"] = &q.Example, &q.Refuses
	case Staging, Mart:
	}
	switch {
	case e.key == "materialize" && model:
		if e.value != "view" && e.value != "table" {
			return bad(e.valueAt, "write table or view", "materialize is %q", e.value)
		}
		q.View = e.value == "view"
	case e.key == "row" && model:
		q.RowAt = e.valueAt
		for name := range strings.SplitSeq(e.value, ",") {
			q.Row = append(q.Row, strings.TrimSpace(name))
		}
	case e.key == "per" && model:
		q.PerAt = e.valueAt
		for name := range strings.SplitSeq(e.value, ",") {
			q.Per = append(q.Per, strings.TrimSpace(name))
		}
	case e.key == "severity" && q.Kind == Check:
		if q.Severity = Severity(e.value); q.Severity != Severe && q.Severity != Warning {
			return bad(e.valueAt, "write error or warning", "severity is %q", e.value)
		}
	case e.key == "args" && q.Kind == Macro:
		q.Args, q.ArgsAt = e.value, e.valueAt
	case allowed[e.key] == nil:
		return bad(e.keyAt, "write one of the keys the package comment of sql/ names", "the header key %q is not known in %s/", e.key, q.Kind)
	default:
		*allowed[e.key] = e.value
	}
	return nil
}

// incomplete tells at the top of the file what the header lacks.
func (q *Query) incomplete() error {
	missing := ""
	switch {
	case q.Title == "":
		missing = "title"
	case q.Kind == Comparison && q.Question == "":
		missing = "question"
	case q.Kind == Comparison && q.Caveat == "":
		missing = "caveat"
	case q.Kind == Check && q.Severity == "":
		missing = "severity"
	case q.Kind == Check && q.Hint == "":
		missing = "hint"
	}
	if missing == "" {
		return nil
	}
	return fault.New(fault.Definition, q.Where(0), "add -- "+missing+": ...", "the header has no %s", missing)
}
