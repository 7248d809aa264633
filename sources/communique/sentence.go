package communique

import (
	"regexp"
	"strings"

	"citystats/sources/source"
)

// aside is what stands in brackets, and where it stood in what is left.
type aside struct {
	text   text
	before int
}

// sentences cuts a paragraph. The second result says of each whether it goes on from
// the one before, after a semicolon.
func sentences(t text) (out []text, goesOn []bool) {
	from, soft := 0, false
	for i, r := range t.plain {
		if r != '。' && r != ';' {
			continue
		}
		out, goesOn = append(out, t.slice(from, i)), append(goesOn, soft)
		from, soft = i+len(string(r)), r == ';'
	}
	return append(out, t.slice(from, len(t.plain))), append(goesOn, soft)
}

// asides takes what stands in brackets out of a sentence. A bracket without its mate
// stays.
func asides(t text) (text, []aside) {
	var out []aside
	for {
		to := strings.IndexByte(t.plain, ')')
		if to < 0 {
			return t, out
		}
		from := strings.LastIndexByte(t.plain[:to], '(')
		if from < 0 {
			t = t.without(to, to+1)
			continue
		}
		out = append(out, aside{t.slice(from+1, to), from})
		t = t.without(from, to+1)
	}
}

// partAt is where a list goes on with another figure of the same thing.
var partAt = regexp.MustCompile(`^(?:同比|比上年|较上年|增长|下降|上涨|增加值|总产值|产值|占)`)

// clauses cuts a sentence at its commas.
func clauses(t text) (out []text) {
	from := 0
	for i, r := range t.plain {
		next := i + len(string(r))
		if r == '，' || r == '、' && partAt.MatchString(t.plain[next:]) {
			out = append(out, t.slice(from, i))
			from = next
		}
	}
	return append(out, t.slice(from, len(t.plain)))
}

// scope is what a sentence has said so far.
type scope struct {
	when     when
	area     *place // named
	relative string // 全市 and the like
	strange  string // an area named where it is no subject
	status   source.Status
	notes    []string
	aims     bool

	subject  *subject
	problem  string // of everything said of the subject
	open     bool   // the subject was named and nothing said of it
	level    *finding
	share    *finding
	told     map[string]bool // indicators of the subject
	deflated bool
	constant bool
	from     int // where in the paragraph the sentence begins
	origin   int // where the clause begins that names the subject
}

// about begins with another subject, named in a clause.
func (s *scope) about(sub *subject, problem string, t text) {
	s.subject, s.problem, s.open = sub, problem, true
	s.level, s.share, s.told, s.deflated, s.constant = nil, nil, map[string]bool{}, false, false
	s.origin = int(t.at[0])
}

// longestQuote is what source.Short leaves whole.
const longestQuote = 400

// quoted is the sentence up to the end of the figure, as printed; of a long sentence
// only from the clause on that names the subject.
func (s *scope) quoted(t text, from, to int) string {
	if from >= to {
		return ""
	}
	end := int(t.end[to-1])
	first := min(int(t.at[from]), s.origin)
	if s.subject == nil {
		first = int(t.at[from])
	}
	if end-s.from <= longestQuote {
		first = min(first, s.from)
	}
	return strings.ReplaceAll(t.raw[first:end], string(gap), "")
}

// statuses are the words that say how settled the figures after them are.
var statuses = []struct {
	words *regexp.Regexp
	means source.Status
}{
	{regexp.MustCompile(`最终核(?:实|定|算)`), source.Final},
	{regexp.MustCompile(`修订|修正|普查(?:结果|数据|后)|经.{0,8}核(?:实|定)`), source.Revised},
	{regexp.MustCompile(`初步(?:核算|测算|统计|核定|核实)|快报|统一核算`), source.Preliminary},
}

// statusOf reads them.
func statusOf(s string) source.Status {
	for _, w := range statuses {
		if w.words.MatchString(s) {
			return w.means
		}
	}
	return 0
}

// prefix is what stands before a subject in its clause.
type prefix struct {
	when     when
	area     *place
	relative string
	rest     string // what is not understood
	wrong    bool   // a word of time that is none
}

var (
	timeTail = regexp.MustCompile(`(?:` + timeWords + `)$`)
	counting = regexp.MustCompile(`^[一二三四五六七八九十]{1,3}$`)
)

// readPrefix takes words away from the end as long as they are known ones. What is
// nearer to the subject counts for more.
func (g *gazetteer) readPrefix(left string) prefix {
	p := prefix{rest: left}
	for p.rest != "" {
		if word := timeTail.FindString(p.rest); word != "" {
			var w when
			p.wrong = p.wrong || !w.add(word)
			p.when = p.when.over(w)
			p.rest = strings.TrimSuffix(p.rest, word)
			if glued(p.rest) {
				return p
			}
			continue
		}
		if word := leading(p.rest); word != "" {
			if relative[word] && p.relative == "" && p.area == nil {
				p.relative = word
			}
			p.rest = strings.TrimSuffix(p.rest, word)
			continue
		}
		name, area, ok := g.ends(p.rest)
		if !ok {
			break
		}
		if p.area == nil {
			p.area = &place{name, area}
		}
		p.rest = strings.TrimSuffix(p.rest, name)
	}
	if counting.MatchString(p.rest) {
		p.rest = ""
	}
	return p
}

// leading is the longest known word at the end.
func leading(s string) (longest string) {
	for _, w := range lead {
		if len(w) > len(longest) && strings.HasSuffix(s, w) {
			longest = w
		}
	}
	return longest
}

// take adds what a prefix says to the scope.
func (s *scope) take(p prefix) {
	s.when = p.when.over(s.when)
	if p.area != nil {
		s.area, s.relative = p.area, ""
	}
	if p.relative != "" {
		s.relative = p.relative
	}
}
