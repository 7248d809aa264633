// Package measure says what a figure measures, and which figures must not be
// mixed.
//
// A number alone does not tell whether it is at current or at constant prices,
// about all residents or those of towns, a share of output or of value added, of
// the quarter or from January on. A [Measure] does, and two measures that differ
// in one of these are two different things however alike their numbers look. The
// rules stand once, here: the loader holds what a document states against the
// indicator it is loaded for ([Measure.Takes]), and the table indicator_pairs
// carries the answer for every two indicators ([Measure.Against]) to the models
// and macros, which are SQL.
//
// Every refusal names both sides, so that a reader sees what was mixed with what.
package measure

import (
	"fmt"

	"citystats/transforms/period"
	"citystats/transforms/units"
)

// Measure is what the figures of an indicator measure, in the words of
// data/indicators.csv.
type Measure struct {
	Name string // the indicator
	Unit units.Unit
	Kind string // level, growth, average_growth, share or ratio
	Attributes
	Denominator string // what a share or ratio is taken of
}

// Attributes are what a publisher may state about a figure beside its unit. Empty
// means that nothing is stated; none, that the attribute does not apply.
type Attributes struct {
	PriceBasis      string // current, constant or none
	PopulationScope string // all, urban, rural or none
	Numerator       string // output, value_added or none
	Accumulation    string // period, year_to_date or stock
}

// phrases say an attribute's value in a sentence about a figure.
var phrases = map[string]string{
	"level": "a level", "growth": "growth on the year before", "average_growth": "average growth over several years",
	"share": "a share", "ratio": "a ratio",
	"current": "at current prices (nominal)", "constant": "at constant prices (real)",
	"all": "of all residents", "urban": "of urban residents", "rural": "of rural residents",
	"output": "of output", "value_added": "of value added",
	"period": "of the period alone", "year_to_date": "from January to the end of the period", "stock": "at the end of the period",
}

// differ tells two values of one attribute apart. An attribute that is not stated
// or does not apply speaks against nothing.
func differ(a, b string) bool {
	return a != b && a != "" && b != "" && a != "none" && b != "none"
}

// first is the first attribute in which two differ, of a and of b, in words.
func (a Attributes) first(b Attributes) (of, other string, found bool) {
	for _, pair := range [][2]string{
		{a.PriceBasis, b.PriceBasis}, {a.PopulationScope, b.PopulationScope}, {a.Numerator, b.Numerator}, {a.Accumulation, b.Accumulation},
	} {
		if differ(pair[0], pair[1]) {
			return phrases[pair[0]], phrases[pair[1]], true
		}
	}
	return "", "", false
}

// Against is why figures of m and of other may not be set against each other, or
// empty when nothing speaks against it. It says nothing about whether the two are
// the same thing: the output of two industries may be compared.
func (m Measure) Against(other Measure) string {
	if m.Unit.Measure != other.Unit.Measure {
		return fmt.Sprintf("%s is in %s, %s in %s", m.Name, m.Unit, other.Name, other.Unit)
	}
	if m.Kind != other.Kind {
		return fmt.Sprintf("%s is %s, %s is %s", m.Name, phrases[m.Kind], other.Name, phrases[other.Kind])
	}
	if of, than, found := m.first(other.Attributes); found {
		return fmt.Sprintf("%s is %s, %s is %s", m.Name, of, other.Name, than)
	}
	if differ(m.Denominator, other.Denominator) {
		return fmt.Sprintf("%s is taken of %q, %s of %q", m.Name, m.Denominator, other.Name, other.Denominator)
	}
	if m.Unit.Mult != other.Unit.Mult {
		return fmt.Sprintf("%s is in %s, %s in %s: convert one of them", m.Name, m.Unit, other.Name, other.Unit)
	}
	return ""
}

// Takes is why a figure of the period p about which a document states these
// attributes is none of m's, or empty when it is one.
//
// A figure from January is one of the period alone where the period begins in
// January: a first quarter, a first half, a year.
func (m Measure) Takes(stated Attributes, p period.Period) string {
	want := m.Attributes
	flows := stated.Accumulation != "stock" && want.Accumulation != "stock"
	if p.BeginsYear() && flows {
		stated.Accumulation = ""
	}
	if of, than, found := stated.first(want); found {
		return fmt.Sprintf("the document gives a figure %s, but %s is %s", of, m.Name, than)
	}
	return ""
}
