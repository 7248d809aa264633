package queries

import (
	"errors"
	"slices"
	"strings"

	"citystats/internal/fault"
)

// Leaf is the model whose rows have no inputs: each was read from a document.
const Leaf = "observation_vintages"

// Input says which rows of another table a row of a model was computed from.
type Input struct {
	Role  string // what they are to the row: "region", "benchmark", "year"
	Table string // the model or definition table they are in
	Tail  string // "TABLE WHERE condition", in which this.column is the row's value
	At    int    // where Tail begins in the query's Text
}

func newInput(role, tail string, at int) Input {
	table, _, _ := strings.Cut(tail, " ")
	return Input{Role: strings.TrimSpace(role), Table: table, Tail: tail, At: at}
}

// Select is the SELECT of the inputs of one row; literal gives the row's value in a
// column as SQL writes it.
func (i Input) Select(literal func(column string) string) string {
	var b strings.Builder
	b.WriteString("SELECT * FROM ")
	done := 0
	for _, t := range tokenize(i.Tail) {
		if column, isOurs := strings.CutPrefix(t.text, "this."); isOurs {
			b.WriteString(i.Tail[done:t.at] + literal(column))
			done = t.at + len(t.text)
		}
	}
	return b.String() + i.Tail[done:]
}

// untraceable are the mistakes in what the header says of rows and inputs.
func (q *Query) untraceable() []error {
	var problems []error
	bad := func(at int, hint, format string, args ...any) {
		problems = append(problems, fault.New(fault.Definition, q.Where(at), hint, format, args...))
	}
	known := func(column string) bool {
		return slices.ContainsFunc(q.Columns, func(c Column) bool { return c.Name == column })
	}
	for _, column := range q.Row {
		if !known(column) {
			bad(q.RowAt, "name columns that the header documents", "a row cannot be named by %q, which is no column", column)
		}
	}
	for _, i := range q.Inputs {
		tokens := tokenize(i.Tail)
		if len(q.Row) == 0 {
			bad(i.At, "add -- row: with the columns that name a row", "the model has inputs, but nothing says which columns name its rows")
		}
		if len(tokens) < 3 || tokens[1].text != "where" {
			bad(i.At, "write TABLE WHERE condition", "the inputs %q are not the end of a SELECT", i.Role)
			continue
		}
		for _, t := range tokens {
			if column, isOurs := strings.CutPrefix(t.text, "this."); isOurs && !known(column) {
				bad(i.At+t.at, "name a column that the header documents", "this.%s is no column", column)
			}
			if instead, no := forbidden[t.text]; no {
				bad(i.At+t.at, "write "+instead, "%s is not portable SQL", strings.ToUpper(t.text))
			}
		}
	}
	return problems
}

// unread refuses inputs from tables that the model cannot have computed from.
func (s *Set) unread() error {
	var problems []error
	for _, q := range s.Models {
		upstream := s.upstream(q.Reads)
		for _, i := range q.Inputs {
			if !upstream[i.Table] {
				problems = append(problems, fault.New(fault.Definition, q.Where(i.At), "name a table that stands in its FROM and JOIN, or in theirs",
					"%s has inputs in %s, which it does not read", q.Name, i.Table))
			}
		}
	}
	return errors.Join(problems...)
}
