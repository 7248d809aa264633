package communique

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"citystats/sources/source"
)

// reading is one document being read.
type reading struct {
	g        *gazetteer
	place    place
	period   span
	status   source.Status
	conflict string // the document is said to be two things: no figure of it is trusted
	constant bool   // a note says that growth is at comparable prices

	page, sentence, figure int
	paragraph              when // the time its earlier sentences name
	planned                bool // its earlier sentences begin a list of aims
	last                   *scope
	said                   string // the sentence, without brackets
	found                  []*finding
	cut                    bool // there is more than can be numbered
}

var (
	worthwhile = regexp.MustCompile(named.String() + `|\*产业|人均[\d.]+万?元`)
	method     = regexp.MustCompile(`(?:根据|按照?|经)?[^，]{0,12}?(?:地区|国内)?生产总值统一核算结果`)
	masked     = regexp.MustCompile(`\*+(?:产业)?增加值` + number + `亿元`)
	otherScope = regexp.MustCompile(`^(?:不含|含|不包括|包括)`)
	bare       = regexp.MustCompile(`^(?:实现|完成)?(?:工业)?(总产值|产值|增加值)`)
)

// paragraphOf reads a paragraph.
func (r *reading) paragraphOf(b *block) {
	r.page, r.paragraph, r.planned, r.last = b.page, when{}, false, nil
	parts, goesOn := sentences(plain(b.raw))
	for i, t := range parts {
		if t.plain == "" {
			continue
		}
		r.sentence++
		r.figure = 0
		if !fits(r.sentence, sentenceBits) || !fits(r.page, pageBits) {
			r.cut = true
			return
		}
		r.sentenceOf(t, goesOn[i])
	}
}

// sentenceOf reads a sentence and then what it has in brackets.
func (r *reading) sentenceOf(t text, goesOn bool) {
	from := len(r.found)
	s := &scope{told: map[string]bool{}}
	if goesOn && r.last != nil {
		kept := *r.last
		s = &kept
	}
	if r.last = s; !goesOn && t.plain != "" {
		s.from = int(t.at[0])
	}
	if goesOn || worthwhile.MatchString(t.plain) {
		r.planned = r.planned || planned.MatchString(t.plain)
		main, inner := asides(t)
		r.said = main.plain
		parts := clauses(main)
		for i, c := range parts {
			r.restatements(s, main, c, inner)
			r.clause(s, c)
			if i+1 < len(parts) {
				r.perHead(s, c, main, parts[i+1].plain)
			} else {
				r.perHead(s, c, main, "")
			}
			r.bracketed(s, main, c, inner)
		}
		for _, a := range inner {
			if otherScope.MatchString(a.text.plain) {
				r.spoil(from, "its scope is another than the area's: "+a.text.plain)
			}
		}
	}
	if strings.ContainsRune(t.plain, utf8.RuneError) {
		r.spoil(from, "characters of the sentence cannot be read")
	}
	r.remember(t.plain)
}

// remember keeps what a sentence says of the time for those after it in the paragraph.
func (r *reading) remember(plain string) {
	if !strings.ContainsAny(plain, "年月季") {
		return
	}
	words, _ := times(plain)
	for _, t := range words {
		if compared(plain[:t.from]) || strings.HasPrefix(strings.TrimLeft(plain[t.to:], "0123456789"), "日") {
			continue
		}
		switch w := t.when; {
		case w.year != 0:
			r.paragraph.year = w.year
		case t.word == "全年":
			r.paragraph.first, r.paragraph.last = 0, 0
		case w.last != 0 && w.last-w.first < 11:
			r.paragraph.first, r.paragraph.last = w.first, w.last
		}
	}
}

// compared says whether what follows is only what something is compared with.
func compared(before string) bool {
	for _, w := range []string{"比", "较", "与", "按", "以", "由", "从", "到", "至", "(", "修订，"} {
		if strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}

// spoil gives all findings from one on a problem.
func (r *reading) spoil(from int, problem string) {
	for _, f := range r.found[from:] {
		f.fail("%s", problem)
	}
}

// within says whether a bracket stood in a clause of a sentence.
func (a *aside) within(main, clause text) bool {
	from := strings.Index(main.plain, clause.plain)
	return clause.plain != "" && a.before > from && a.before <= from+len(clause.plain)
}

// restatements reads brackets that give the product of another year anew.
func (r *reading) restatements(s *scope, main, clause text, inner []aside) {
	for _, a := range inner {
		if m := restatedRE.FindStringSubmatch(main.plain[:a.before]); m != nil && a.within(main, clause) && s.subject == byID["gdp"] {
			year, _ := strconv.Atoi(m[1])
			r.restated(s, a.text, year)
		}
	}
}

// bracketed reads the sentences that stood in brackets in a clause.
func (r *reading) bracketed(s *scope, main, clause text, inner []aside) {
	for _, a := range inner {
		if !a.within(main, clause) || !worthwhile.MatchString(a.text.plain) {
			continue
		}
		own := scope{told: map[string]bool{}, from: s.from, when: s.when, area: s.area, status: s.status}
		for _, c := range clauses(a.text) {
			r.clause(&own, c)
		}
	}
}

// restated reads the amount alone that a bracket gives for another year.
func (r *reading) restated(s *scope, t text, year int) {
	m := amountRE.FindStringSubmatch(t.plain)
	if m == nil || len(m[0]) != len(t.plain) {
		return
	}
	own := scope{told: map[string]bool{}, from: s.from, when: when{year: year}, area: s.area, relative: s.relative, status: source.Revised}
	own.about(byID["gdp"], "", t)
	r.amount(&own, t, 0, m)
}

// clause reads a part of a sentence between commas.
func (r *reading) clause(s *scope, t text) {
	if s.aims = s.aims || aims.MatchString(t.plain); t.plain == "" {
		return
	}
	if at := method.FindStringIndex(t.plain); at != nil {
		s.status = max(s.status, source.Preliminary)
		s.notes = append(s.notes, "By the unified accounting of the level above.")
		s.about(byID["gdp"], "", t)
		if t = t.slice(at[1], len(t.plain)); t.plain == "" {
			return
		}
	}
	if m := masked.FindString(t.plain); m != "" {
		f := r.finding(s, byID["primary"], t, 0, len(t.plain))
		f.fail("the copy hides what it is about: %s", m)
		return
	}
	sub, from, to := find(t.plain)
	if sub == nil || s.subject != nil && strings.HasPrefix(s.subject.id, "sei") && shareRE.MatchString(t.plain) {
		r.follow(s, t)
		return
	}
	p := r.g.readPrefix(t.plain[:from])
	if others.MatchString(p.rest) || others.MatchString(t.plain[:from]) {
		s.subject = nil
		return
	}
	s.take(p)
	s.status = max(s.status, statusOf(t.plain[:from]))
	problem := ""
	switch {
	case p.rest != "" && !yearsTail.MatchString(p.rest):
		problem = "the words before it are not understood: " + source.Short(p.rest)
	case p.wrong:
		problem = "it names a time that is none"
	}
	s.about(sub, problem, t)
	r.says(s, t, from, to)
}

// says reads what is said of the subject from one place in a clause on.
func (r *reading) says(s *scope, t text, from, at int) {
	var f *finding
	isNamed := from < at
	for {
		rest := t.plain[at:]
		switch {
		case rest == "":
			return
		case s.subject.silent:
			r.elsewhere(s, t, from, at)
			return
		}
		n := r.figureOf(s, t, from, at, &f)
		if n == 0 {
			break
		}
		at += n
	}
	rest := t.plain[at:]
	if harmless.MatchString(rest) {
		return
	}
	switch {
	case f != nil:
		f.fail("the words after it are not understood: %s", source.Short(rest))
	case isNamed && looksLikeFigure(s.subject, rest):
		r.finding(s, s.subject, t, from, len(t.plain)).fail("the words between name and number are not understood: %s", source.Short(rest))
	}
	s.subject = nil
}

// figureOf reads one figure at a place and says how long it is.
func (r *reading) figureOf(s *scope, t text, from, at int, last **finding) int {
	rest := t.plain[at:]
	if m := amountRE.FindStringSubmatch(rest); m != nil && s.level == nil && measures(s.subject, m[4]) {
		*last = r.amount(s, t.slice(from, len(t.plain)), at-from, m)
		return len(m[0])
	}
	if m := shareRE.FindStringSubmatch(rest); m != nil && strings.HasPrefix(s.subject.id, "sei") {
		*last = r.shareOf(s, t.slice(from, len(t.plain)), at-from, m)
		return len(m[0])
	}
	if m := fromToRE.FindStringSubmatch(rest); m != nil {
		return r.fromTo(s, t, from, at, m)
	}
	if m := averageRE.FindStringSubmatch(rest); m != nil {
		*last = r.averageOf(s, t.slice(from, len(t.plain)), at-from, m)
		return len(m[0])
	}
	if m := indexRE.FindStringSubmatch(rest); m != nil && s.subject.index && m[2] == "" {
		*last = r.indexOf(s, t.slice(from, len(t.plain)), at-from, m)
		return len(m[0])
	}
	if g, ok := foretold(rest); ok && s.subject.growth != "" {
		*last = r.growthOf(s, t.slice(from, len(t.plain)), at-from, g)
		return g.length
	} else if ok && s.subject.id == "sei" {
		*last = r.finding(s, s.subject, t, from, at+g.length)
		(*last).fail("it does not say whether output or value added is meant")
		return g.length
	} else if ok {
		return g.length // of something whose growth nobody asks for
	}
	return 0
}

// follow reads a clause that names no subject.
func (r *reading) follow(s *scope, t text) {
	if s.subject == nil {
		s.status = max(s.status, statusOf(t.plain))
	}
	if p := r.g.readPrefix(t.plain); p.rest == "" && !p.wrong {
		s.take(p)
		return
	}
	if s.subject == nil {
		for _, p := range r.g.mentions(t.plain) {
			s.strange = p.String()
		}
		return
	}
	if m := bare.FindStringSubmatch(t.plain); m != nil && strings.HasPrefix(s.subject.id, "sei") {
		id := "sei_output"
		if m[1] == "增加值" {
			id = "sei_value_added"
		}
		s.about(byID[id], s.problem, t)
		r.says(s, t, 0, len(m[0]))
		return
	}
	r.goOn(s, t)
}

// goOn reads a clause about the subject that an earlier one named.
func (r *reading) goOn(s *scope, t text) {
	rest := strings.TrimPrefix(t.plain, "其中")
	own, another := *s, false
	for {
		word := timeRE.FindString(rest)
		if word == "" || !strings.HasPrefix(rest, word) {
			break
		}
		var w when
		if !w.add(word) {
			s.subject = nil
			return
		}
		own.when, another = w.over(own.when), true
		rest = rest[len(word):]
	}
	if another = another && own.when != s.when; another { // another time has figures of its own
		own.told, own.level, own.share = map[string]bool{}, nil, nil
	}
	at := len(t.plain) - len(rest)
	switch m := sinceThenRE.FindStringSubmatch(rest); {
	case m != nil && s.share != nil:
		r.sinceThen(s, t, m)
	case exceedsRE.MatchString(rest) && s.level != nil:
		r.exceeds(s, t, exceedsRE.FindStringSubmatch(rest))
	case harmless.MatchString(rest):
		s.deflated = s.deflated || strings.HasPrefix(rest, "扣除")
		s.constant = s.constant || strings.HasPrefix(rest, "按可比") || strings.HasPrefix(rest, "按不变")
	case !s.open && !another && amountRE.MatchString(rest):
		s.subject = nil // an amount after something was said is about something else
	default:
		r.says(&own, t, at, at)
		if another {
			break
		}
		s.open, s.share, s.level, s.subject = own.open, own.share, own.level, own.subject
	}
}

// measures says whether an amount in the unit can be one of the subject.
func measures(sub *subject, unit string) bool {
	for _, d := range units[unit].of {
		if d == sub.unit {
			return true
		}
	}
	return false
}

var anyFigure = regexp.MustCompile(`\d(?:万亿元|亿元|万元|元|万人|人)|\d%`)

// looksLikeFigure says whether there is a number that a person might take for one of
// the subject.
func looksLikeFigure(sub *subject, rest string) bool {
	m := anyFigure.FindString(rest)
	switch {
	case m == "":
		return false
	case strings.HasSuffix(m, "%"):
		return (sub.growth != "" || strings.HasPrefix(sub.id, "sei")) && growthWord.MatchString(rest)
	}
	return measures(sub, m[1:])
}

var growthWord = regexp.MustCompile(`增|涨|升|降|减|比重|占`)
