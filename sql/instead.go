package queries

import (
	"maps"
	"slices"
	"strings"
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
		return text
	}
	return b.String() + "\nSELECT * FROM (\n" + text + "\n) AS answer"
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
