package communique

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"citystats/transforms/numerals"
)

// span is a stretch of months within a year; the zero value is none.
type span struct{ year, first, last int }

// form is the span as period.Parse reads it. Figures from January to the end of a
// month that closes neither a quarter nor a half-year, and those to September, are
// called by the period they end with, and toDate says so.
func (s span) form() (text string, toDate bool) {
	switch {
	case s.first == 1 && s.last == 12:
		return fmt.Sprintf("%04d", s.year), false
	case s.last-s.first == 5:
		return fmt.Sprintf("%04d-H%d", s.year, s.last/6), false
	case s.last-s.first == 2:
		return fmt.Sprintf("%04d-Q%d", s.year, s.last/3), false
	case s.first == s.last && s.first != 1:
		return fmt.Sprintf("%04d-%02d", s.year, s.last), false
	case s.last == 1:
		return fmt.Sprintf("%04d-01", s.year), false
	case s.last == 9:
		return fmt.Sprintf("%04d-Q3", s.year), true
	}
	return fmt.Sprintf("%04d-%02d", s.year, s.last), true
}

func (s span) String() string {
	if s.year == 0 {
		return "no period"
	}
	text, toDate := s.form()
	if toDate {
		return fmt.Sprintf("January to %s %d", months[s.last], s.year)
	}
	return text
}

var months = [...]string{"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

// when is what a few words say about the time: a year, months, both or neither.
type when struct {
	year        int
	first, last int
	before      bool // the year before: 上年, 去年
}

// timeWords is the grammar of the time, as it stands before a subject.
const timeWords = `(?:(?:19|20)\d\d年(?:末|底|度)?|本年度?|今年以来|今年|当年|上年|去年|全年|上半年|下半年|(?:第?[一二三四1-4]|前三|前3|[一二三四]|1-3)季度|` +
	`(?:1|一)月?(?:份)?(?:-|至|到)(?:\d{1,2}|[一二三四五六七八九十]{1,3})月(?:份)?|前(?:\d{1,2}|[一二三四五六七八九十两]{1,3})个?月|(?:\d{1,2}|[一二三四五六七八九十]{1,3})月(?:份|末|底)?|当月|年末|年底|末)`

var (
	timeRE    = regexp.MustCompile(timeWords)
	yearRE    = regexp.MustCompile(`^((?:19|20)\d\d)年`)
	quarterRE = regexp.MustCompile(`^第?([一二三四1-4])季度`)
	sinceRE   = regexp.MustCompile(`^(?:1|一)月?(?:份)?(?:-|至|到)(.+?)月`)
	firstRE   = regexp.MustCompile(`^前(.+?)个?月`)
	monthRE   = regexp.MustCompile(`^(\d{1,2}|[一二三四五六七八九十]{1,3})月`)
)

// add takes one word of timeWords in; false when it is no month.
func (w *when) add(word string) bool {
	number := func(re *regexp.Regexp) int {
		if m := re.FindStringSubmatch(word); m != nil {
			n, _ := numerals.Parse(m[1])
			return n
		}
		return 0
	}
	switch {
	case yearRE.MatchString(word):
		w.year, _ = strconv.Atoi(word[:4])
	case strings.HasPrefix(word, "上年"), strings.HasPrefix(word, "去年"):
		w.before = true
	case word == "上半年":
		w.first, w.last = 1, 6
	case word == "下半年":
		w.first, w.last = 7, 12
	case word == "前三季度", word == "前3季度", word == "1-3季度":
		w.first, w.last = 1, 9
	case quarterRE.MatchString(word):
		q := number(quarterRE)
		w.first, w.last = q*3-2, q*3
	case sinceRE.MatchString(word):
		w.first, w.last = 1, number(sinceRE)
	case firstRE.MatchString(word):
		w.first, w.last = 1, number(firstRE)
	case monthRE.MatchString(word):
		n := number(monthRE)
		w.first, w.last = n, n
	case word == "全年", word == "年末", word == "年底":
		w.first, w.last = 1, 12
	}
	return w.last <= 12 && w.first <= w.last && (w.last == 0) == (w.first == 0)
}

// over lays what is known of the time over what was known before.
func (w when) over(before when) when {
	if w.year == 0 && !w.before {
		w.year, w.before = before.year, before.before
	}
	if w.last == 0 {
		w.first, w.last = before.first, before.last
	}
	return w
}

// within is the span that the words mean in a document about d.
func (w when) within(d span) (span, string) {
	out := d
	switch {
	case w.before && d.year == 0, w.year == 0 && d.year == 0:
		return span{}, "nothing says of which year it is"
	case w.before:
		out.year = d.year - 1
	case w.year != 0:
		out.year = w.year
	}
	if w.last != 0 {
		out.first, out.last = w.first, w.last
	}
	if out.last == 0 {
		out.first, out.last = 1, 12
	}
	// Another year's figure without months beside it may be of that whole year.
	if out.year != d.year && w.last == 0 && d.year != 0 && (d.first != 1 || d.last != 12) {
		return span{}, fmt.Sprintf("%d: the whole year, or as much of it as the document is about", out.year)
	}
	return out, ""
}

// timeWord is a word of time and where it stands.
type timeWord struct {
	when     when
	word     string
	from, to int
}

// times finds the words of time in a text. It says false when one of them is none, or
// is the end of something longer, as 1-12月 is of 11-12月.
func times(s string) (out []timeWord, ok bool) {
	ok = true
	for _, at := range timeRE.FindAllStringIndex(s, -1) {
		w := timeWord{word: s[at[0]:at[1]], from: at[0], to: at[1]}
		if !w.when.add(w.word) || glued(s[:at[0]]) {
			ok = false
			continue
		}
		out = append(out, w)
	}
	return out, ok
}

// glued says whether a number goes on to what follows.
func glued(before string) bool {
	return before != "" && strings.ContainsAny(before[len(before)-1:], "0123456789-")
}

// timeOf is what all words of time in a heading say together.
func timeOf(s string) (when, bool) {
	words, ok := times(s)
	var w when
	for _, t := range words {
		w = t.when.over(w)
	}
	return w, ok
}
