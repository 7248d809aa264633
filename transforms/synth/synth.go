// Package synth asks what a region would have been without an event, by the
// synthetic-control method: a weighted mean of regions the event did not befall,
// chosen to go the treated region's way before it, stands in for it afterwards.
//
// The weights are at least zero, add up to one and match the outcome in every year
// before the event, and nothing else: with all those years matched, further
// predictors would change nothing but give something to search over. With fewer
// years than donors many combinations match equally well; of those the one made of
// the most similar donors is taken (Abadie and L'Hour, 2021), so the answer is unique
// and uses few of them.
//
// Whether a gap after the event means anything is asked three ways. In space: every
// donor is treated as if the event had befallen it, and the share of regions whose
// gap grew as much, relative to their fit before, is the p-value. In time: the event
// is pretended to have come earlier. And one by one the donors that carry weight are
// left out.
//
// A p-value from some thirty regions that are not exchangeable need not keep its
// promise. So panels of the same size, noise and persistence, in which nothing
// happened, are simulated, and the share in which the test would have called an
// effect is part of the result. What a panel cannot answer is refused, with every
// reason.
//
// The package knows neither regions nor the database: it sees a panel of logarithms.
package synth

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Panel is the outcome of the treated unit and its donors. Row 0 is the treated one;
// each row has the same years, of which the first Pre come before the event.
type Panel struct {
	Outcomes [][]float64
	Pre      int
}

// Limits are what a panel must have to be answered.
type Limits struct {
	Donors  int     // fewer cannot give a p-value of 5 percent
	Pre     int     // years before the event; the error of the method falls with their number
	PreFit  float64 // root-mean-square gap before the event, in the outcome's unit
	Placebo int     // years before a pretended event
}

// Default are the limits this project answers by. One of twenty is the smallest
// share that is 5 percent. Two percent of an income is what publishers' vintages of
// one figure differ by.
var Default = Limits{Donors: 19, Pre: 5, PreFit: 0.02, Placebo: 3}

// RefusedError says why a panel is not answered: every reason, not only the first.
type RefusedError []string

func (r RefusedError) Error() string { return strings.Join(r, "; ") }

// Thin lists what is wrong with the size of a panel before anything is fitted.
func (l Limits) Thin(donors, pre, post int) RefusedError {
	var out RefusedError
	if donors < l.Donors {
		out = append(out, fmt.Sprintf("%d donors, and fewer than %d cannot show anything at 5 percent", donors, l.Donors))
	}
	if pre < l.Pre {
		out = append(out, fmt.Sprintf("%d years before the event, and fewer than %d do not tell a common path from a coincidence", pre, l.Pre))
	}
	if post < 1 {
		out = append(out, "no year after the event")
	}
	return out
}

// Fit is a synthetic unit and how the real one differs from it.
type Fit struct {
	Weights   []float64 // of the donors, in their order
	Synthetic []float64
	Gaps      []float64 // outcome less Synthetic, every year
	Before    float64   // root-mean-square gap before the event
	After     float64   // the same from the event on
}

// Ratio is the gap after the event over that before it. A fit closer than floor is
// not taken for better than that.
func (f Fit) Ratio(floor float64) float64 { return f.After / math.Max(f.Before, floor) }

// rounding is half a unit of the fourth digit: no outcome is known more closely.
const rounding = 5e-5

// Effect is the mean gap from the event on.
func (f Fit) Effect(pre int) float64 {
	sum := 0.0
	for _, g := range f.Gaps[pre:] {
		sum += g
	}
	return sum / float64(len(f.Gaps)-pre)
}

// fit makes the synthetic counterpart of one row of outcomes from others.
func fit(target []float64, donors [][]float64, pre int) Fit {
	f := Fit{Weights: weigh(target[:pre], donors)}
	f.Synthetic = make([]float64, len(target))
	f.Gaps = make([]float64, len(target))
	for t := range target {
		for j, w := range f.Weights {
			f.Synthetic[t] += w * donors[j][t]
		}
		f.Gaps[t] = target[t] - f.Synthetic[t]
	}
	f.Before, f.After = rms(f.Gaps[:pre]), rms(f.Gaps[pre:])
	return f
}

func rms(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum / float64(len(v)))
}

// Result is everything that is said of one study.
type Result struct {
	Fit
	Mean    float64 // gap after the event
	Test    Test
	Left    []Without // without each donor that carries weight
	Earlier []Earlier
}

// Test is the placebo test in space.
type Test struct {
	Placebos []Placebo // one a donor, in their order
	Floor    float64   // the median fit before the event, of all units
	P        float64   // share of all units whose ratio, by Floor, is not below the treated one's
	PlainP   float64   // the same for the ratio as it is
}

// Placebo is a donor treated as if the event had befallen it.
type Placebo struct{ Before, After, Effect float64 }

// Without is the effect when one donor is left out.
type Without struct {
	Donor          int
	Effect, Before float64
}

// Earlier is the effect of an event pretended to have come with only Pre years before.
type Earlier struct {
	Pre               int
	Effect, Before, P float64
	Refused           string // why it was not asked
}

// carries is the weight from which leaving a donor out is asked for.
const carries = 0.01

// Study answers a panel. earlier are numbers of years before pretended events. The
// error is a RefusedError.
func Study(p Panel, earlier []int, limits Limits) (Result, error) {
	donors := p.Outcomes[1:]
	if thin := limits.Thin(len(donors), p.Pre, len(p.Outcomes[0])-p.Pre); thin != nil {
		return Result{}, thin
	}
	r := Result{}
	r.Fit, r.Test = test(p)
	r.Mean = r.Effect(p.Pre)
	if r.Before > limits.PreFit {
		return Result{}, RefusedError{fmt.Sprintf("before the event the synthetic unit misses the real one by %.1f percent on average, more than %.1f", r.Before*100, limits.PreFit*100)}
	}
	for j, w := range r.Weights {
		if w < carries {
			continue
		}
		f := fit(p.Outcomes[0], slices.Delete(slices.Clone(donors), j, j+1), p.Pre)
		r.Left = append(r.Left, Without{j, f.Effect(p.Pre), f.Before})
	}
	for _, pre := range earlier {
		r.Earlier = append(r.Earlier, pretend(p, pre, limits))
	}
	return r, nil
}

// test fits the treated unit and every donor. A placebo's synthetic unit is made of
// the other donors, never of the treated unit, which the event may have changed.
func test(p Panel) (Fit, Test) {
	donors := p.Outcomes[1:]
	treated := fit(p.Outcomes[0], donors, p.Pre)
	var t Test
	fits := []float64{treated.Before}
	for j, d := range donors {
		f := fit(d, slices.Delete(slices.Clone(donors), j, j+1), p.Pre)
		t.Placebos = append(t.Placebos, Placebo{f.Before, f.After, f.Effect(p.Pre)})
		fits = append(fits, f.Before)
	}
	slices.Sort(fits)
	t.Floor = math.Max(fits[len(fits)/2], rounding)
	t.P, t.PlainP = t.share(treated, t.Floor), t.share(treated, rounding)
	return treated, t
}

// share is the p-value: the part of all units, the treated one among them, whose ratio
// is not below the treated one's.
func (t Test) share(treated Fit, floor float64) float64 {
	extreme := 1
	for _, q := range t.Placebos {
		if (Fit{Before: q.Before, After: q.After}).Ratio(floor) >= treated.Ratio(floor) {
			extreme++
		}
	}
	return float64(extreme) / float64(len(t.Placebos)+1)
}

// pretend cuts the panel off before the event and asks for an earlier one.
func pretend(p Panel, pre int, limits Limits) Earlier {
	e := Earlier{Pre: pre}
	if pre < limits.Placebo || pre >= p.Pre {
		e.Refused = fmt.Sprintf("%d years before it, and fewer than %d are no fit", pre, limits.Placebo)
		return e
	}
	cut := Panel{Pre: pre}
	for _, row := range p.Outcomes {
		cut.Outcomes = append(cut.Outcomes, row[:p.Pre])
	}
	f, t := test(cut)
	e.Effect, e.Before, e.P = f.Effect(pre), f.Before, t.P
	return e
}
