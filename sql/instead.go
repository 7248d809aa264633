package queries

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"citystats/internal/fault"
)

// Instead is the SELECT text as it reads when each named table holds what its own
// SELECT yields: the models that lie between one of them and text are computed
// again from it, inside the statement. Looking back in time, leaving a publisher
// out or adding a region is the same SQL over other rows, so there is never a
// second definition of a comparison.
//
// The SELECTs see the tables of the release and name what they replace with its
// schema, as main.observation_vintages.
func (s *Set) Instead(replace map[string]string, text string) string {
	before, after := s.around(replace, text)
	return before + text + after
}

// SeenBy is the SELECT of the vintages that could be read by the end of an ISO day:
// put instead of observation_vintages, it looks back to that day.
func SeenBy(day string) string {
	return "SELECT * FROM main.observation_vintages WHERE visible_from <= DATE '" + day + "'"
}

// Around is what stands before and after a macro's SQL, so that what it reads is
// computed from the tables its header puts instead of others.
func (s *Set) Around(q Query) (before, after string) {
	replace := map[string]string{}
	for _, r := range q.Instead {
		replace[r.Table] = r.SQL
	}
	return s.around(replace, q.SQL)
}

// around is [Set.Instead] without the text in the middle.
func (s *Set) around(replace map[string]string, text string) (before, after string) {
	needed := s.upstream(reads(tokenize(text)))
	with := map[string]string{}
	for table, instead := range replace {
		if needed[table] {
			with[table] = instead
		}
	}
	order := slices.Sorted(maps.Keys(with))
	for _, q := range s.Models {
		if with[q.Name] != "" || !needed[q.Name] || !slices.ContainsFunc(q.Reads, func(r string) bool { return with[r] != "" }) {
			continue
		}
		with[q.Name] = q.SQL
		order = append(order, q.Name)
	}
	var b strings.Builder
	for i, name := range order {
		b.WriteString([]string{"WITH ", ",\n"}[min(i, 1)] + `"` + name + "\" AS (\n" + with[name] + "\n)")
	}
	if b.Len() == 0 {
		return "", ""
	}
	return b.String() + "\nSELECT * FROM (\n", "\n) AS answer"
}

// misplaced tells what a macro's -- instead lines get wrong: a table that its SQL
// does not depend on, and a parameter that is a name in a model, where the engine
// would put the argument as well.
func (s *Set) misplaced(q Query) error {
	var problems []error
	needed := s.upstream(q.Reads)
	replaced := map[string]bool{}
	for _, r := range q.Instead {
		replaced[r.Table] = true
		if !needed[r.Table] {
			problems = append(problems, fault.New(fault.Definition, q.Where(r.At), "name a table that the SQL reads, directly or through models", "%s does not depend on %s", q.Name, r.Table))
		}
	}
	for _, m := range s.Models {
		if replaced[m.Name] || !needed[m.Name] || !slices.ContainsFunc(m.Reads, func(r string) bool { return replaced[r] }) {
			continue
		}
		replaced[m.Name] = true
		for _, t := range tokenize(m.SQL) {
			if slices.Contains(q.parameters(), t.text) {
				problems = append(problems, fault.New(fault.Definition, q.Where(q.ArgsAt), "give the parameter another name", "the parameter %s is a name in sql/%s too", t.text, m.File))
				break
			}
		}
	}
	return errors.Join(problems...)
}

// parameters are the names of a macro's parameters, in lower case.
func (q Query) parameters() []string {
	var out []string
	for p := range strings.SplitSeq(q.Args, ",") {
		name, _, _ := strings.Cut(p, ":=")
		out = append(out, strings.ToLower(strings.TrimSpace(name)))
	}
	return out
}

// upstream holds the named tables and everything their models read.
func (s *Set) upstream(tables []string) map[string]bool {
	needed := map[string]bool{}
	for _, t := range tables {
		needed[t] = true
	}
	for _, q := range slices.Backward(s.Models) {
		if !needed[q.Name] {
			continue
		}
		for _, r := range q.Reads {
			needed[r] = true
		}
	}
	return needed
}
