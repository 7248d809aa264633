// Package claims judges: it holds a figure against what a printed claim says of it.
// It is pure; asking the figure is the engine's.
//
// Every reading of a claim gets one of four verdicts. The margin is the distance
// from the figure to the claim's number on the side the claim is on, in the
// figure's unit; of "about", the tolerance less the distance.
//
//	holds      the margin is at least clear
//	reversed   the margin is below -slack; a strict claim (over, under) is also
//	           reversed by a margin of 0 when there is no slack
//	weakened   anything between, where rounding alone could decide; and whatever
//	           weak evidence says, for it neither proves nor refutes: a single weak
//	           copy, a forecast, a bound or a rough figure. A figure known to lie
//	           between bounds that do not agree weakens too
//	undefined  there is no figure
//
// A provisional figure is no weak evidence: hardly any city publishes another one.
package claims

import (
	"fmt"
	"math"

	"citystats/data"
)

// Verdict is what a claim is worth under one reading.
type Verdict string

// The verdicts.
const (
	Holds     Verdict = "holds"
	Weakened  Verdict = "weakened"
	Reversed  Verdict = "reversed"
	Undefined Verdict = "undefined"
)

// Why says what decided.
type Why string

// What can decide.
const (
	Clear  Why = "the margin is clear"
	Near   Why = "within the tolerance" // of the claim's number, on either side
	Spread Why = "its bounds do not agree"
	Weak   Why = "weak evidence"
	NoData Why = "no figure"
)

// Figure is the answer of a claim's query under one reading.
type Figure struct {
	Value     *float64 // nil when there is none
	Low, High *float64 // bounds it is known to lie between; nil where it is exact
	Weak      bool     // whether anything it stands on is weak evidence
}

// Judgement is a verdict with its reason.
type Judgement struct {
	Verdict Verdict
	Margin  *float64 // nil when undefined
	Why     Why
}

// Judge gives the verdict.
func Judge(t data.Threshold, f Figure) Judgement {
	if f.Value == nil || math.IsNaN(*f.Value) {
		return Judgement{Undefined, nil, NoData}
	}
	margin := Margin(t, *f.Value)
	j := Judgement{at(t, margin), &margin, Clear}
	if worst, best := bounds(t, f); at(t, worst) != at(t, best) {
		j.Verdict, j.Why = Weakened, Spread
	}
	switch {
	case j.Verdict == Weakened && j.Why == Clear:
		j.Why = Near
	case j.Verdict != Weakened && f.Weak:
		j.Verdict, j.Why = Weakened, Weak
	}
	return j
}

// Margin is how far the value is on the claim's side of its number.
func Margin(t data.Threshold, value float64) float64 {
	switch name, number := t.Operator(); name {
	case "under", "at_most":
		return number - value
	case "about":
		return t.Tolerance - math.Abs(value-number)
	default:
		return value - number
	}
}

// at is the verdict of a margin.
func at(t data.Threshold, margin float64) Verdict {
	// A difference of decimals is off by a few units in the last place.
	const dust = 1e-9
	from, slack := t.Bands()
	strict := t.Over != nil || t.Under != nil
	switch {
	case margin < -slack-dust, strict && slack == 0 && margin <= dust:
		return Reversed
	case margin >= from-dust:
		return Holds
	default:
		return Weakened
	}
}

// bounds are the least and the greatest margin the figure may have.
func bounds(t data.Threshold, f Figure) (worst, best float64) {
	worst = Margin(t, *f.Value)
	best = worst
	low, high := *f.Value, *f.Value
	if f.Low != nil {
		low = *f.Low
	}
	if f.High != nil {
		high = *f.High
	}
	for _, v := range []float64{low, high} {
		worst, best = min(worst, Margin(t, v)), max(best, Margin(t, v))
	}
	if t.About != nil && low <= *t.About && *t.About <= high {
		best = t.Tolerance
	}
	return worst, best
}

// Read is a reading with what it got.
type Read struct {
	Reading data.Reading
	Judgement
}

// Flip finds the reading at which the verdict of the natural one turns: among those
// with another verdict, the one that differs in the fewest choices, an admissible
// one before others, and the first of equals. Without a figure nothing turns, and
// weak evidence, which decides nothing, turns nothing either.
func Flip(natural Read, all []Read) (Read, bool) {
	var found Read
	least := math.MaxInt
	if natural.Verdict == Undefined {
		return found, false
	}
	for _, r := range all {
		if r.Verdict == Undefined || r.Verdict == natural.Verdict || r.Why == Weak {
			continue
		}
		const outside = 1000 // more than there are choices
		d := distance(natural.Reading, r.Reading)
		if !r.Reading.Admissible() {
			d += outside
		}
		if d < least {
			found, least = r, d
		}
	}
	return found, least < math.MaxInt
}

// distance counts the choices in which two readings differ.
func distance(a, b data.Reading) int {
	n := 0
	for _, pair := range [][2]string{
		{a.Query, b.Query},
		{a.Vintage, b.Vintage},
		{a.Window.String(), b.Window.String()},
		{a.Mean, b.Mean},
		{a.Population, b.Population},
		{a.Deflator, b.Deflator},
		{a.Source, b.Source},
	} {
		if pair[0] != pair[1] {
			n++
		}
	}
	for name, v := range a.Set {
		if fmt.Sprint(v) != fmt.Sprint(b.Set[name]) {
			n++
		}
	}
	for name := range b.Set {
		if _, both := a.Set[name]; !both {
			n++
		}
	}
	return n
}
