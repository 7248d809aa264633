package queries

import (
	"slices"
	"strings"

	"citystats/internal/fault"
)

// A model whose header has a line
//
//	-- per: region_code, indicator
//
// computes its rows for each value of these columns from rows of its inputs with the
// same value alone. After a run that added documents, only those for series that
// the documents touched are computed again. The columns are some of those of series.

// Touched is the SELECT of such a model's rows for the series that a condition on
// the table series finds, and the condition on the model's own rows that finds what
// they replace.
func (s *Set) Touched(q Query, which string) (rows, replaced string) {
	columns := strings.Join(q.Per, ", ")
	replaced = "(" + columns + ") IN (SELECT " + columns + " FROM main.series WHERE " + which + ")"
	replace := map[string]string{}
	for _, r := range q.Reads {
		if m, ok := s.Model(r); ok && m.has(q.Per) {
			replace[r] = `SELECT * FROM main."` + r + `" WHERE ` + replaced
		}
	}
	return s.Instead(replace, q.SQL), replaced
}

func (q Query) has(columns []string) bool {
	return !slices.ContainsFunc(columns, func(name string) bool {
		return !slices.ContainsFunc(q.Columns, func(c Column) bool { return c.Name == name })
	})
}

// unshared tells a -- per line that cannot be true.
func (s *Set) unshared(q Query) error {
	if len(q.Per) == 0 {
		return nil
	}
	bad := func(hint, format string, args ...any) error {
		return fault.New(fault.Definition, q.Where(q.PerAt), hint, format, args...)
	}
	series, _ := s.Model("series")
	inputs := 0
	for _, r := range q.Reads {
		if m, ok := s.Model(r); ok && m.has(q.Per) {
			inputs++
		}
	}
	switch {
	case q.View:
		return bad("remove the line", "a view is computed when it is read, so nothing of it is kept from run to run")
	case !q.has(q.Per) || !series.has(q.Per):
		return bad("name columns of this model that series has too", "not all of %s are columns of both", strings.Join(q.Per, ", "))
	case inputs == 0:
		return bad("remove the line", "no model it reads has the columns %s", strings.Join(q.Per, ", "))
	}
	return nil
}
