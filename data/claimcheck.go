package data

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"citystats/internal/fault"
)

// claimChecker collects the mistakes of a claims.yaml.
type claimChecker struct {
	claims   *Claims
	tables   []Table
	used     map[string]bool // queries that a reading asks
	problems []error
}

// bad tells a mistake at the first of the paths that the file has.
func (k *claimChecker) bad(hint, what string, paths ...string) {
	k.problems = append(k.problems, fault.New(fault.Definition, k.claims.file.at(paths...), hint, "%s", what))
}

// need wants a text at path.key.
func (k *claimChecker) need(text, path, key string) {
	if strings.TrimSpace(text) == "" {
		k.bad("write it", key+" is missing", path+"."+key, path)
	}
}

// needWords wants the text at path.key in both languages.
func (k *claimChecker) needWords(w Words, path, key string) {
	for _, language := range []struct{ name, text string }{{"en", w.EN}, {"zh", w.ZH}} {
		if strings.TrimSpace(language.text) == "" {
			k.bad("write it", key+"."+language.name+" is missing", path+"."+key+"."+language.name, path+"."+key, path)
		}
	}
}

// refer wants the value to be a key of the table.
func (k *claimChecker) refer(value, table, column, path, key string) {
	k.need(value, path, key)
	for _, t := range k.tables {
		if t.Schema.Name != table || value == "" {
			continue
		}
		i := t.Schema.column(column)
		if !slices.ContainsFunc(t.Rows, func(row []any) bool { return row[i] == value }) {
			k.bad("add it to "+t.Schema.File+" or correct the spelling", fmt.Sprintf("%s: %q is not in %s", key, value, t.Schema.File), path+"."+key, path)
		}
	}
}

// oneOf wants the value, when there is one, to be among the allowed.
func (k *claimChecker) oneOf(value, path, key string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		k.bad("write one of "+strings.Join(allowed, ", "), fmt.Sprintf("%s %q is not known", key, value), path+"."+key)
	}
}

// unique wants ids that are lower-case words and differ.
func (k *claimChecker) unique(ids []string, list string) {
	for i, id := range ids {
		at := fmt.Sprintf("%s[%d]", list, i)
		if !questionName.MatchString(id) {
			k.bad("write it as growth_above_8", fmt.Sprintf("the id %q is no lower-case word", id), at+".id", at)
		}
		if slices.Index(ids, id) < i {
			k.bad("rename one of the two", id+" stands twice", at+".id", at)
		}
	}
}

func ids[T any](list []T, id func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = id(v)
	}
	return out
}

func (k *claimChecker) check() {
	c := k.claims
	k.used = map[string]bool{}
	k.unique(ids(c.Publications, func(p Publication) string { return p.ID }), "$.publications")
	k.unique(ids(c.Queries, func(q ClaimQuery) string { return q.ID }), "$.queries")
	k.unique(ids(c.Entries, func(e Claim) string { return e.ID }), "$.claims")
	for i, p := range c.Publications {
		at := fmt.Sprintf("$.publications[%d]", i)
		k.refer(p.Publisher, "publishers", "id", at, "publisher")
		k.need(p.Title, at, "title")
		k.day(p.Published, at, "published")
	}
	for i, e := range c.Entries {
		k.entry(e, fmt.Sprintf("$.claims[%d]", i))
	}
	for i, q := range c.Queries {
		at := fmt.Sprintf("$.queries[%d]", i)
		k.need(q.Title, at, "title")
		k.need(q.Value, at, "value")
		if q.Figures == "" && q.Rows == "" {
			k.bad("add figures or rows", "the query does not say what its value stands on", at)
		}
		if !k.used[q.ID] {
			k.bad("remove it", "no reading asks the query "+q.ID, at+".id", at)
		}
	}
}

func (k *claimChecker) day(text, path, key string) {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		k.bad("write the day as 2023-08-05", fmt.Sprintf("%s %q is no day", key, text), path+"."+key, path)
	}
}

func (k *claimChecker) entry(e Claim, at string) {
	k.needWords(e.Sentence, at, "sentence")
	k.refer(e.Region, "regions", "code", at, "region")
	k.refer(e.Unit, "units", "id", at, "unit")
	k.oneOf(e.Publication, at, "publication", ids(k.claims.Publications, func(p Publication) string { return p.ID })...)
	k.need(e.Publication, at, "publication")
	k.need(e.Query, at, "query")
	k.threshold(e.Threshold, at+".threshold", at)
	k.unique(ids(e.Readings, func(r Reading) string { return r.ID }), at+".readings")
	natural := 0
	for i, r := range e.Readings {
		if r.Default {
			natural++
		}
		k.reading(e, r, fmt.Sprintf("%s.readings[%d]", at, i))
	}
	for name := range e.Set {
		asked := slices.ContainsFunc(e.Readings, func(r Reading) bool { return k.claims.QueryOf(e, r).asks(name) })
		if !asked {
			k.bad("remove it, or write $"+name+" in a query", "none of its queries asks for "+name, at+".set."+name)
		}
	}
	if natural != 1 {
		k.bad("write default: true at the natural one", fmt.Sprintf("%d of its readings are the default", natural), at+".readings", at)
	}
}

func (k *claimChecker) threshold(t Threshold, at, above string) {
	given := slices.DeleteFunc(t.operators(), func(o operator) bool { return o.number == nil })
	if len(given) != 1 {
		k.bad("write one of over, at_least, under, at_most, about", fmt.Sprintf("the threshold has %d operators", len(given)), at, above)
	}
	from, slack := t.Bands()
	if t.Tolerance < 0 || from < 0 || slack < 0 {
		k.bad("write 0 or more", "a band of the threshold is negative", at, above)
	}
	if t.About != nil && from > t.Tolerance {
		k.bad("write less than the tolerance", fmt.Sprintf("no margin reaches clear, %v: it is at most the tolerance, %v", from, t.Tolerance), at+".clear", at)
	}
}

func (k *claimChecker) reading(e Claim, r Reading, at string) {
	k.needWords(r.Label, at, "label")
	if r.Inadmissible != (Words{}) {
		k.needWords(r.Inadmissible, at, "inadmissible")
		if r.Default {
			k.bad("choose another default", "the natural reading is not admissible", at+".inadmissible")
		}
	}
	k.oneOf(r.Mean, at, "mean", "geometric", "arithmetic")
	k.oneOf(r.Population, at, "population", "all", "urban", "rural", "resident", "registered")
	if r.Vintage != "" && r.Vintage != "latest" && r.Vintage != "first" {
		k.day(r.Vintage, at, "vintage")
	}
	if r.Source != "" {
		k.refer(r.Source, "publishers", "id", at, "source")
	}
	if w := r.Window; w != nil {
		if _, problem, hint := spanProblem(w.First, w.Last, w.Bridge); problem != "" {
			k.bad(hint, "window: "+problem, at+".window")
		}
	}
	if r.Unsourced {
		k.needWords(r.LookedFor, at, "looked_for")
		if r.Query != "" || r.Vintage != "" || r.Window != nil || r.Mean != "" || r.Population != "" || r.Deflator != "" || r.Source != "" || r.Set != nil {
			k.bad("leave only label and looked_for", "a reading without a source asks nothing", at+".unsourced")
		}
		return
	}
	q := k.claims.QueryOf(e, r)
	if q.ID == "" {
		above, _, _ := strings.Cut(at, ".readings")
		k.bad("name one of the queries above", fmt.Sprintf("the query %q is not known", cmp.Or(r.Query, e.Query)), at+".query", above+".query", at)
		return
	}
	k.used[q.ID] = true
	k.parameters(e, r, q, at)
}

// names are the parameters that the query's texts name, with their sign.
func (q ClaimQuery) names() []string {
	return parameter.FindAllString(q.Value+"\n"+q.Figures+"\n"+q.Rows, -1)
}

func (q ClaimQuery) asks(name string) bool { return slices.Contains(q.names(), "$"+name) }

// parameters wants every parameter of the query to be set, and every one that the
// reading sets to be used: an option that does nothing would tell a lie.
func (k *claimChecker) parameters(e Claim, r Reading, q ClaimQuery, at string) {
	set := k.claims.Parameters(e, r)
	var told []string
	for _, name := range q.names() {
		if name = name[1:]; set[name] == "" && !slices.Contains(told, name) {
			k.bad("set it at the reading", fmt.Sprintf("the query %s asks for $%s, which is not set", q.ID, name), at+".set", at)
			told = append(told, name)
		}
	}
	given := map[string]bool{"mean": r.Mean != "", "population": r.Population != "", "deflator": r.Deflator != ""}
	for name, v := range r.Set {
		given["set."+name] = true
		switch v.(type) {
		case string, int64, uint64, float64, bool:
		default:
			k.bad("write one value", name+" is no single value", at+".set."+name)
		}
	}
	for path, is := range given {
		if name := strings.TrimPrefix(path, "set."); is && !q.asks(name) {
			k.bad("remove it, or write $"+name+" in the query", fmt.Sprintf("the query %s does not ask for %s", q.ID, name), at+"."+path)
		}
	}
	if w := r.Window; w != nil && !q.asks("window") && !q.asks("first_year") {
		k.bad("remove it, or write $window in the query", fmt.Sprintf("the query %s does not ask for a window", q.ID), at+".window")
	}
	if (r.Source != "" || r.Vintage != "") && q.Figures == "" {
		k.bad("remove it", "rows of definition tables have neither vintages nor origins", at+".source", at+".vintage")
	}
}
