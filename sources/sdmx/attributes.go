package sdmx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"citystats/sources/source"
)

// attributes are those of an observation that change what it says. Each can be
// stated at the observation, its series, a group of series or the data set.
type attributes struct {
	mult    string // UNIT_MULT
	status  string // OBS_STATUS
	flags   string // OBS_FLAG of Eurostat
	conf    string // CONF_STATUS
	actual  string // the last measured year, see Query.LatestActual
	problem string // what could not be read among them
}

// put keeps the value of the attribute with that id, when it matters.
func (d *decoder) put(a *attributes, id, value string) {
	to := a.field(id, d.q.LatestActual)
	if to == nil {
		if id == "UPDATE_DATE" || id == "PUBLICATION_DATE" {
			d.dated(value)
		}
		return
	}
	if value = strings.TrimSpace(value); !missing(value) {
		*to = value
	}
}

// field is where the attribute with that id is kept; nil when it does not matter.
func (a *attributes) field(id, latestActual string) *string {
	switch id {
	case "UNIT_MULT":
		return &a.mult
	case "OBS_STATUS":
		return &a.status
	case "OBS_FLAG":
		return &a.flags
	case "CONF_STATUS", "CONF_STATUS_OBS":
		return &a.conf
	case latestActual:
		return &a.actual
	}
	return nil
}

// over fills what a leaves open from what is stated further away.
func (a attributes) over(further attributes) attributes {
	return attributes{
		mult: or(a.mult, further.mult), status: or(a.status, further.status), flags: or(a.flags, further.flags),
		conf: or(a.conf, further.conf), actual: or(a.actual, further.actual), problem: or(a.problem, further.problem),
	}
}

// groups hold attributes of partial keys, those with more dimensions first.
type groups []group

// group is all partial keys over the same dimensions.
type group struct {
	at     []int // places of the dimensions
	values map[string]attributes
}

// add keeps the attributes of one partial key: an empty value leaves its
// dimension open.
func (g *groups) add(partial []string, a attributes) {
	var at []int
	for i, v := range partial {
		if v != "" {
			at = append(at, i)
		}
	}
	key := joined(partial, at)
	i := slices.IndexFunc(*g, func(known group) bool { return slices.Equal(known.at, at) })
	if i < 0 {
		*g = append(*g, group{at, map[string]attributes{}})
		slices.SortStableFunc(*g, func(a, b group) int { return len(b.at) - len(a.at) })
		i = slices.IndexFunc(*g, func(known group) bool { return slices.Equal(known.at, at) })
	}
	(*g)[i].values[key] = a.over((*g)[i].values[key])
}

// of gathers what the groups say about a key.
func (g groups) of(key []string) (a attributes) {
	for _, known := range g {
		a = a.over(known.values[joined(key, known.at)])
	}
	return a
}

func joined(key []string, at []int) string {
	var b strings.Builder
	for _, i := range at {
		b.WriteString(key[i])
		b.WriteByte(0)
	}
	return b.String()
}

// multiplier reads UNIT_MULT, the power of ten to multiply with.
func multiplier(text string) (mult int, problem string) {
	if text == "" {
		return 0, ""
	}
	mult, err := strconv.Atoi(text)
	if err != nil || mult < -30 || mult > 30 {
		return 0, fmt.Sprintf("UNIT_MULT is %q, which is no power of ten to multiply with", clip(text))
	}
	return mult, ""
}

// standing is what the status of an observation comes to.
type standing struct {
	status  source.Status
	notes   []string
	problem string
}

// meaning is what a code says about a figure that stands beside it.
type meaning struct {
	status source.Status // 0 when the code says that there is no figure
	note   string
}

// obsStatus is the code list CL_OBS_STATUS of SDMX.
var obsStatus = map[string]meaning{
	"":  {source.Final, ""},
	"A": {source.Final, ""},
	"B": {source.Final, "break in the series"},
	"D": {source.Final, "the definition differs"},
	"E": {source.Derived, "estimated"},
	"F": {source.Forecast, ""},
	"G": {source.Final, "experimental"},
	"H": {0, "missing, holiday or weekend"},
	"I": {source.Derived, "imputed"},
	"J": {source.Final, "derogation"},
	"K": {source.Final, "included in another category"},
	"L": {0, "missing, not collected"},
	"M": {0, "missing, cannot exist"},
	"N": {source.Final, "not significant"},
	"O": {0, "missing"},
	"P": {source.Preliminary, ""},
	"Q": {0, "missing, suppressed"},
	"S": {source.Final, "strike or other special event"},
	"U": {source.Final, "low reliability"},
	"V": {source.Preliminary, "not validated"},
	"W": {source.Final, "includes another category"},
}

// obsFlags are the letters of Eurostat, of which several may stand together.
var obsFlags = map[rune]meaning{
	'b': {source.Final, "break in the series"},
	'c': {0, "confidential"},
	'd': {source.Final, "the definition differs"},
	'e': {source.Derived, "estimated"},
	'f': {source.Forecast, ""},
	'i': {source.Final, "see the publisher's notes"},
	'n': {source.Final, "not significant"},
	'p': {source.Preliminary, ""},
	'r': {source.Revised, ""},
	's': {source.Derived, "estimated by Eurostat"},
	'u': {source.Final, "low reliability"},
	'z': {0, "not applicable"},
	':': {0, "not available"},
}

// standingOf reads status, flags and confidentiality of a figure that is there.
func standingOf(a attributes) standing {
	flags, conf, _ := strings.Cut(a.flags, "|")
	s := standing{status: source.Final}
	m, known := obsStatus[a.status]
	s.take("OBS_STATUS", a.status, m, known)
	for _, f := range strings.ReplaceAll(flags, " ", "") {
		m, known := obsFlags[f]
		s.take("OBS_FLAG", string(f), m, known)
	}
	if conf = or(a.conf, conf); conf != "" && conf != "F" {
		s.notes = append(s.notes, "CONF_STATUS "+clip(conf))
	}
	return s
}

// take adds one code. A code that is in no list is kept, as its publisher prints
// the figure; what it stands for is not known, so the figure is not called final.
func (s *standing) take(list, code string, m meaning, known bool) {
	switch {
	case !known:
		m = meaning{source.Preliminary, list + " " + clip(code) + ", a code of the publisher's own"}
	case m.status == 0:
		s.problem = fmt.Sprintf("%s is %s (%s), but a figure stands beside it", list, code, m.note)
		return
	}
	s.status = min(s.status, m.status)
	if m.note != "" {
		s.notes = append(s.notes, m.note)
	}
}
