package communique

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"citystats/sources/source"
)

// finding starts one at a stretch of a clause; what the scope says goes into it.
func (r *reading) finding(s *scope, sub *subject, t text, from, to int) *finding {
	r.figure++
	f := &finding{
		record: inSentence(r.page, r.sentence, min(r.figure, 1<<figureBits-1)), subject: sub,
		quote: s.quoted(t, from, to), problem: s.problem, status: s.status,
	}
	if sub.id == "gdp" {
		f.notes = append(f.notes, s.notes...)
	}
	r.found = append(r.found, f)
	if !fits(r.figure, figureBits) {
		f.fail("a sentence with so many figures is no sentence")
	}
	if s.aims || r.planned {
		f.fail("it is an aim of a plan")
	}
	r.locate(s, f)
	r.date(s, f)
	return f
}

// locate finds out which area the figure is about.
func (r *reading) locate(s *scope, f *finding) {
	base := r.place
	switch {
	case s.area != nil:
		base = *s.area
	case s.relative == "全国" || s.relative == "我国":
		if a := r.g.byCode["CHN"]; a != nil {
			base = place{a.Name, a}
		}
	case s.strange != "" && s.relative == "":
		f.fail("it may be about %s or about %s", s.strange, orUnknown(r.place))
	}
	f.place = base
	switch {
	case r.conflict != "":
		f.fail("%s", r.conflict)
	case r.g.ambiguous(base):
		f.fail("several areas are called %s", base)
	case base.region() == "":
		f.fail("nothing says which area it is about")
	case s.relative != "" && !own(s.relative, base):
		f.fail("it speaks of %s, but the document is about %s", s.relative, base)
	}
}

func orUnknown(p place) string {
	if p.region() == "" {
		return "an area that is not named"
	}
	return p.String()
}

// date finds out which period the figure is about.
func (r *reading) date(s *scope, f *finding) {
	w := s.when
	if w.year == 0 && !w.before && r.paragraph.year != 0 && r.paragraph.year != r.period.year && r.period.year != 0 {
		f.fail("it may be about %d or about %d", r.paragraph.year, r.period.year)
	}
	if w.last == 0 && r.paragraph.last != 0 && r.period.last != 0 && (r.paragraph.first != r.period.first || r.paragraph.last != r.period.last) {
		f.fail("it may be about months %d to %d, as its paragraph was, or about %s", r.paragraph.first, r.paragraph.last, r.period)
	}
	var problem string
	if f.period, problem = w.within(r.period); problem != "" {
		f.fail("%s", problem)
	}
	if f.status == 0 || f.status == source.Preliminary {
		switch {
		case r.period.year != 0 && f.period.year != 0 && f.period.year < r.period.year:
			f.status = max(f.status, source.Revised)
		case f.status == 0:
			f.status = r.status
		}
	}
}

// hedge puts in what the words around the number say.
func (f *finding) hedge(h hedge) {
	if f.qualifier = h.qualifier; h.problem != "" {
		f.fail("%s", h.problem)
	}
	if h.forecast {
		f.status = source.Forecast
	}
}

// amount makes a finding of an amount.
func (r *reading) amount(s *scope, t text, at int, m []string) *finding {
	f := r.finding(s, s.subject, t, 0, at+len(m[0]))
	u := units[m[4]]
	f.indicator, f.unit, f.mult = s.subject.level, u.id, u.mult
	f.value, f.decimals = printedNumber(m[2])
	f.hedge(hedged(m[1], m[3]+m[5]))
	if base := f.value * u.worth; base < s.subject.low || base > s.subject.high {
		f.fail("%s%s is no plausible amount", m[2], m[4])
	}
	// Offices print production with decimals; hundreds of millions without are rounded.
	if s.subject.id == "gdp" && f.qualifier == source.Exact && (u.id == "cny_100m" && f.decimals == 0 && f.value < 1e5 || u.mult > 0) {
		f.qualifier = source.About
	}
	if s.subject.id == "income_all" && f.period.year != 0 && f.period.year < 2013 {
		f.fail("before 2013 no survey covered all residents, so it must be about some of them")
	}
	f.attend(r.period)
	s.level, s.open = f, false
	return f
}

// growthOf makes a finding of a growth rate.
func (r *reading) growthOf(s *scope, t text, at int, g rate) *finding {
	f := r.finding(s, s.subject, t, 0, at+g.length)
	f.unit, f.value, f.decimals, f.growth = "percent", g.percent, g.decimals, true
	f.indicator = s.subject.growth
	switch {
	case g.kind == "名义" || g.kind == "现价":
		f.indicator = s.subject.nominal
	case g.kind == "实际" || g.deflated || s.deflated || g.constant || s.constant:
		f.indicator = s.subject.real
	case s.subject.id == "gdp" && !r.constant:
		f.notes = append(f.notes, "The sentence does not say at which prices.")
	}
	if s.subject.index {
		f.indicator = s.subject.growth
	}
	if f.indicator == "" {
		f.fail("no indicator holds the growth of %s that is said to be %s", s.subject.id, g.kind)
	}
	if g.note != "" {
		f.notes = append(f.notes, "It is "+g.note+".")
	}
	if g.comps {
		f.notes = append(f.notes, "On a comparable scope, as the text says.")
	}
	if year := strings.Trim(g.against, "与和同比较年末相期"); len(year) == 4 && year != strconv.Itoa(f.period.year-1) {
		f.fail("it is a growth since %s and not on the year before", year)
	}
	if s.told[f.indicator] {
		f.fail("it is a second growth of one thing in a sentence")
	}
	s.told[f.indicator] = true
	f.hedge(g.hedge)
	f.attend(r.period)
	s.open = false
	return f
}

// averageOf rejects an average growth: which years it covers is said elsewhere.
func (r *reading) averageOf(s *scope, t text, at int, m []string) *finding {
	f := r.finding(s, s.subject, t, 0, at+len(m[0]))
	f.fail("it is an average over years, which is no growth of one of them")
	s.open = false
	return f
}

// indexOf makes a finding of an index whose year before is 100.
func (r *reading) indexOf(s *scope, t text, at int, m []string) *finding {
	f := r.finding(s, s.subject, t, 0, at+len(m[0]))
	f.unit, f.growth, f.indicator = "percent", true, s.subject.growth
	v, d := printedNumber(m[1])
	f.value, f.decimals, f.derived = round(v-100, d), d, "index "+m[1]+" minus 100"
	if v < 80 || v > 140 {
		f.fail("an index with the year before = 100 is not %s", m[1])
	}
	f.attend(r.period)
	s.open = false
	return f
}

func round(v float64, decimals int) float64 {
	p := math.Pow10(decimals)
	return math.Round(v*p) / p
}

// shareOf makes a finding of the share of strategic industries, and of the share it
// is said to come from when the year of that is named.
func (r *reading) shareOf(s *scope, t text, at int, m []string) *finding {
	value, year := m[8], ""
	if m[8] == "" {
		value, year = m[6], strings.TrimSuffix(strings.TrimSuffix(m[5], "的"), "年")
	}
	f := r.shareIn(s, t, at, m, value, year)
	f.hedge(hedged(m[7], m[9]))
	if before := strings.TrimSuffix(strings.TrimSuffix(m[3], "的"), "年"); len(before) == 4 {
		r.shareIn(s, t, at, m, m[4], before)
	}
	s.share, s.open = f, false
	return f
}

// shareIn makes a finding of a share in the year named, if one is.
func (r *reading) shareIn(s *scope, t text, at int, m []string, value, year string) *finding {
	dated := *s
	if year != "" {
		dated.when.year, _ = strconv.Atoi(year)
	}
	f := r.finding(&dated, s.subject, t, 0, at+len(m[0]))
	f.unit = "percent"
	f.value, f.decimals = printedNumber(value)
	f.indicator = shareIndicator(s.subject.id, m[2], f)
	if (m[1] == "全省" || m[1] == "全国") && !own(m[1], f.place) {
		f.fail("it is a share of what is made in %s", m[1])
	}
	f.attend(r.period)
	return f
}

// shareIndicator tells the shares apart: of output or value added, in industry or in
// everything produced. What is not said is taken from the other side of the fraction.
func shareIndicator(id, of string, f *finding) string {
	added := id == "sei_value_added" || id == "sei" && strings.HasSuffix(of, "增加值")
	output := id == "sei_output" || id == "sei" && strings.HasSuffix(of, "产值")
	switch {
	case strings.Contains(of, "GDP") || strings.Contains(of, "生产总值"):
		if id == "sei_output" {
			f.fail("output is no part of what is produced: value added is")
		}
		return "sei_gdp_share"
	case !strings.HasPrefix(of, "规"):
		f.fail("%s need not be above-scale industry", of)
	case added && strings.HasSuffix(of, "产值"), output && strings.HasSuffix(of, "增加值"):
		f.fail("it is a share of one measure in another")
	case added:
		return "sei_value_added_share"
	case output:
		return "sei_output_share"
	}
	f.fail("it does not say whether output or value added is meant")
	return "sei_output_share"
}

// sinceThen derives an earlier share from the change since.
func (r *reading) sinceThen(s *scope, t text, m []string) {
	now := s.share
	own := *s
	own.when = when{}
	own.when.year, _ = strconv.Atoi(m[1])
	f := r.finding(&own, s.subject, t, 0, len(t.plain))
	change, d := printedNumber(m[3])
	sign := "-"
	if m[2] == "下降" || m[2] == "回落" || m[2] == "降低" {
		sign, change = "+", -change
	}
	f.decimals = max(d, now.decimals)
	f.indicator, f.unit, f.value = now.indicator, "percent", round(now.value-change, f.decimals)
	f.status, f.derived = source.Derived, fmt.Sprintf("%v %s %s", now.value, sign, m[3])
	f.notes = append(f.notes, "From the change in percentage points since; never printed itself.")
	if now.problem != "" {
		f.fail("the share it is derived from is unresolved")
	}
	f.attend(r.period)
}

// fromTo reads 从2008年到2012年 … 从1776亿元增加到4164亿元.
func (r *reading) fromTo(s *scope, t text, from, at int, m []string) int {
	said := yearsRE.FindStringSubmatch(r.said)
	for i, unit := range []string{m[2], m[4]} {
		own := *s
		own.told = map[string]bool{}
		f := r.finding(&own, s.subject, t, from, at+len(m[0]))
		u := units[unit]
		f.indicator, f.unit, f.mult = s.subject.level, u.id, u.mult
		f.value, f.decimals = printedNumber(m[2*i+1])
		if s.subject.id == "gdp" && f.decimals == 0 {
			f.qualifier = source.About
		}
		if f.indicator == "" || !measures(s.subject, unit) {
			f.fail("%s is no unit of it", unit)
		}
		if said == nil {
			f.fail("it does not say from which year to which")
			continue
		}
		year, _ := strconv.Atoi(said[i+1])
		f.period = span{year, 1, 12}
		if year < r.period.year {
			f.status = max(f.status, source.Revised)
		}
		f.attend(r.period)
	}
	s.open = false
	return len(m[0])
}

// exceeds reads what another area is said to have: 超过阜阳市的2705.0亿元.
func (r *reading) exceeds(s *scope, t text, m []string) {
	p, ok := r.g.find(m[1])
	if !ok {
		return
	}
	own := *s
	own.area, own.relative, own.strange, own.problem = &p, "", "", s.level.problem
	f := r.finding(&own, s.subject, t, 0, len(t.plain))
	u := units[m[3]]
	f.indicator, f.unit, f.mult, f.period, f.status = s.subject.level, u.id, u.mult, s.level.period, s.level.status
	f.value, f.decimals = printedNumber(m[2])
	f.attend(r.period)
}

// perHead reads 人均10.48万元=1.69万美元: product per head is the one figure per head
// that these releases convert into dollars.
func (r *reading) perHead(s *scope, t, main text, next string) {
	if s.subject != nil && s.subject.id != "gdp" || strings.Contains(main.plain, "收入") || strings.Contains(main.plain, "支出") {
		return
	}
	m := dollarsRE.FindStringSubmatch(t.plain)
	if m == nil {
		if m = dollarsRE.FindStringSubmatch(t.plain + "，" + next); m == nil || next == "" {
			return
		}
	}
	own := *s
	own.about(byID["gdp_per_head"], "", t)
	f := r.finding(&own, byID["gdp_per_head"], t, 0, len(t.plain))
	u := units[m[2]]
	f.indicator, f.unit, f.mult = "gdp_per_capita", u.id, u.mult
	f.value, f.decimals = printedNumber(m[1])
	f.notes = append(f.notes, "The text says 人均 only; it is taken for product per head because it is converted into dollars.")
	if base := f.value * u.worth; base < own.subject.low || base > own.subject.high {
		f.fail("%s%s is no plausible amount", m[1], m[2])
	}
	f.attend(r.period)
}

// elsewhere rejects a figure of a measure that is easily taken for one of ours.
func (r *reading) elsewhere(s *scope, t text, from, at int) {
	if m := amountRE.FindStringSubmatch(t.plain[at:]); m != nil {
		r.finding(s, s.subject, t, from, at+len(m[0])).fail("%s", s.subject.why)
	}
	s.subject = nil
}
