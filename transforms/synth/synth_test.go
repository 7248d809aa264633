package synth

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// walks draws a panel of unrelated random walks.
func walks(r *rand.Rand, units, years, pre int) Panel {
	p := Panel{Pre: pre}
	for range units {
		row := make([]float64, years)
		row[0] = 10 + 0.2*r.NormFloat64()
		for t := 1; t < years; t++ {
			row[t] = row[t-1] + 0.1 + 0.02*r.NormFloat64()
		}
		p.Outcomes = append(p.Outcomes, row)
	}
	return p
}

func objective(w, target []float64, donors [][]float64) float64 {
	match, unlike := 0.0, 0.0
	for t := range target {
		gap := target[t]
		for j := range w {
			gap -= w[j] * donors[j][t]
			unlike += w[j] * (target[t] - donors[j][t]) * (target[t] - donors[j][t])
		}
		match += gap * gap
	}
	return match + preference*unlike
}

// simplex draws weights, many of them zero.
func simplex(r *rand.Rand, n int) []float64 {
	w := make([]float64, n)
	sum := 0.0
	for range 1 + r.IntN(4) {
		j, x := r.IntN(n), r.ExpFloat64()
		w[j] += x
		sum += x
	}
	for j := range w {
		w[j] /= sum
	}
	return w
}

func TestWeightsAreTheOptimum(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		n, years := rapid.IntRange(1, 40).Draw(rt, "donors"), rapid.IntRange(1, 12).Draw(rt, "years")
		p := walks(r, n+1, years, years)
		target, donors := p.Outcomes[0], p.Outcomes[1:]
		w := weigh(target, donors)
		sum := 0.0
		for _, x := range w {
			if x < 0 {
				rt.Fatalf("a weight is %g", x)
			}
			sum += x
		}
		if math.Abs(sum-1) > 1e-9 {
			rt.Fatalf("the weights add up to %v", sum)
		}
		// No point of the simplex is better: neither far away nor on the way to one.
		lowest := objective(w, target, donors)
		for range 200 {
			other := simplex(r, n)
			for _, share := range []float64{1, 0.1, 0.001} {
				mixed := make([]float64, n)
				for j := range mixed {
					mixed[j] = (1-share)*w[j] + share*other[j]
				}
				if v := objective(mixed, target, donors); v < lowest-1e-8 {
					rt.Fatalf("%v gives %g, less than the %g of %v", mixed, v, lowest, w)
				}
			}
		}
	})
}

func TestKnownWeightsAreRecovered(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2))
		// More years than donors, so that only one combination matches.
		p := walks(r, 9, 40, 40)
		want := simplex(r, 8)
		for y := range p.Outcomes[0] {
			p.Outcomes[0][y] = 0
			for j, w := range want {
				p.Outcomes[0][y] += w * p.Outcomes[j+1][y]
			}
		}
		got := weigh(p.Outcomes[0], p.Outcomes[1:])
		for j := range want {
			if math.Abs(got[j]-want[j]) > 0.01 {
				rt.Fatalf("weights %v, want %v", got, want)
			}
		}
	})
}

func TestOfEquallyGoodCombinationsTheMostSimilarDonorsAreTaken(t *testing.T) {
	// 0 lies between -1 and 1 as well as between -3 and 3.
	if w := weigh([]float64{0}, [][]float64{{-3}, {-1}, {1}, {3}}); math.Abs(w[1]-0.5) > 1e-3 || math.Abs(w[2]-0.5) > 1e-3 {
		t.Errorf("weights %v, want half of the second and half of the third", w)
	}
	// Two donors with the same path do no harm.
	if w := weigh([]float64{1, 2}, [][]float64{{1, 2}, {1, 2}, {5, 5}}); math.Abs(w[0]+w[1]-1) > 1e-6 {
		t.Errorf("weights %v, want all of the first two", w)
	}
}

func TestWeightsDoNotDependOnTheOrderOfDonors(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 50 {
		p := walks(r, 31, 6, 6)
		w := weigh(p.Outcomes[0], p.Outcomes[1:])
		order := r.Perm(30)
		shuffled := make([][]float64, 30)
		for i, j := range order {
			shuffled[i] = p.Outcomes[1+j]
		}
		for i, x := range weigh(p.Outcomes[0], shuffled) {
			if math.Abs(x-w[order[i]]) > 1e-4 {
				t.Fatalf("donor %d has %v in one order and %v in another", order[i], w[order[i]], x)
			}
		}
	}
}

// With exchangeable units and no effect every p-value from 1/n to 1 is as likely as
// another: the test keeps its promise where its assumption holds.
func TestPIsUniformWhenNothingHappened(t *testing.T) {
	const units, panels = 20, 1000
	counts := make([]float64, units)
	r := rand.New(rand.NewPCG(4, 4))
	for range panels {
		_, got := test(walks(r, units, 12, 8))
		counts[int(math.Round(got.P*units))-1]++
	}
	// The treated unit has a donor more than the placebos, and ties are against it, so
	// a little is lost; the sum of squares is about 19 for uniform counts, and 43.8 is
	// passed once in a thousand.
	expected := float64(panels) / units
	chi := 0.0
	for _, c := range counts {
		chi += (c - expected) * (c - expected) / expected
	}
	if chi > 43.8 {
		t.Errorf("p-values are not uniform: %v, chi-squared %.1f on 19 degrees", counts, chi)
	}
}

func TestAnEffectIsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	found := 0
	for range 50 {
		p := walks(r, 31, 12, 8)
		// The treated unit lies within its donors, and jumps.
		copy(p.Outcomes[0], p.Outcomes[1])
		for y := range p.Outcomes[0] {
			p.Outcomes[0][y] = (p.Outcomes[1][y]+p.Outcomes[2][y])/2 + 0.002*r.NormFloat64()
			if y >= p.Pre {
				p.Outcomes[0][y] += 0.3
			}
		}
		got, err := Study(p, nil, Default)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.Mean-0.3) > 0.12 {
			t.Errorf("the effect is %.3f, want about 0.3", got.Mean)
		}
		if got.Test.P <= Level {
			found++
		}
	}
	if found < 45 {
		t.Errorf("a jump of 30 percent was found in %d of 50 panels", found)
	}
}

func TestStudyAsksInSpaceInTimeAndWithout(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	p := walks(r, 26, 10, 7)
	for y := range p.Outcomes[0] {
		p.Outcomes[0][y] = (p.Outcomes[1][y] + p.Outcomes[2][y]) / 2
	}
	got, err := Study(p, []int{2, 5, 7}, Default)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Test.Placebos) != 25 {
		t.Errorf("%d placebos, want one for each of 25 donors", len(got.Test.Placebos))
	}
	carrying := 0
	for _, w := range got.Weights {
		if w >= carries {
			carrying++
		}
	}
	if len(got.Left) != carrying {
		t.Errorf("%d donors carry weight and %d were left out", carrying, len(got.Left))
	}
	for _, l := range got.Left {
		if l.Before < got.Before-1e-4 {
			t.Errorf("without donor %d the fit is better than with it: %v, %v", l.Donor, l.Before, got.Before)
		}
	}
	asked := []bool{got.Earlier[0].Refused == "", got.Earlier[1].Refused == "", got.Earlier[2].Refused == ""}
	if !slices.Equal(asked, []bool{false, true, false}) {
		t.Errorf("pretended events were asked for: %v; two years are no fit and seven are the real event", asked)
	}
	// What an earlier event gives does not depend on what came after the real one.
	for y := p.Pre; y < 10; y++ {
		p.Outcomes[0][y] += 5
	}
	again, err := Study(p, []int{5}, Default)
	if err != nil {
		t.Fatal(err)
	}
	if again.Earlier[0] != got.Earlier[1] {
		t.Errorf("the pretended event saw the real one: %+v, %+v", again.Earlier[0], got.Earlier[1])
	}
}

func TestThinPanelsAreRefusedWithEveryReason(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	_, err := Study(walks(r, 10, 4, 4), nil, Default)
	var refusal RefusedError
	if !errors.As(err, &refusal) || len(refusal) != 3 {
		t.Fatalf("%v, want three reasons: donors, years before, years after", err)
	}
	for i, want := range []string{"9 donors", "4 years before", "no year after"} {
		if !strings.Contains(refusal[i], want) {
			t.Errorf("reason %d is %q, want %q", i, refusal[i], want)
		}
	}
	far := walks(r, 30, 10, 7)
	for y := range far.Outcomes[0] {
		far.Outcomes[0][y] += 3
	}
	if _, err := Study(far, nil, Default); !errors.As(err, &refusal) || !strings.Contains(refusal[0], "misses the real one") {
		t.Errorf("%v, want a refusal for the fit before the event", err)
	}
}

func TestSimulationIsTheSameEveryTime(t *testing.T) {
	p := walks(rand.New(rand.NewPCG(8, 8)), 25, 8, 6)
	var seen [2]Size
	for i := range seen {
		last := 0
		s, err := Simulate(t.Context(), p, 0.5, 200, Default, func(done int) { last = max(last, done) })
		if err != nil || last != 200 {
			t.Fatalf("%d panels done, %v", last, err)
		}
		seen[i] = s
	}
	if seen[0] != seen[1] {
		t.Errorf("%+v, then %+v", seen[0], seen[1])
	}
	// 25 alike units, no effect: about one panel in 25 is called.
	if s := seen[0]; s.FalseRate > 0.12 || s.Found < s.FalseRate {
		t.Errorf("%+v: the test calls too much, or a large effect less often than none", s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Simulate(ctx, p, 0, 1000, Default, func(int) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped simulation returns %v", err)
	}
}

// The simulation must see what makes the test break its promise: a treated unit that
// hardly moves, among donors that do, is never called, and so would an effect be missed.
func TestSimulationShowsATestThatBreaksItsPromise(t *testing.T) {
	size := func(spread float64) Size {
		r := rand.New(rand.NewPCG(9, 9))
		p := walks(r, 30, 16, 14)
		for y := 1; y < 16; y++ {
			p.Outcomes[0][y] = p.Outcomes[0][y-1] + 0.1 + spread*r.NormFloat64()
		}
		wide := Default
		wide.PreFit = math.Inf(1)
		s, err := Simulate(t.Context(), p, 0, 300, wide, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if calm := size(0.0005); calm.FalseRate > 0.005 {
		t.Errorf("a unit that hardly moves is called in %v of panels, want next to none", calm.FalseRate)
	}
	if alike := size(0.02); alike.FalseRate < 0.005 || alike.FalseRate > 0.1 {
		t.Errorf("a unit like its donors is called in %v of panels, want about 0.03, one of 30", alike.FalseRate)
	}
}

func TestNoiseIsMeasured(t *testing.T) {
	want := Noise{Persistence: 0.6, Years: 200}
	for range 40 {
		want.Start = append(want.Start, 10)
		want.Spread = append(want.Spread, 0.03)
	}
	p := Panel{Outcomes: want.draw(rand.New(rand.NewPCG(10, 10))), Pre: 150}
	got := NoiseOf(p)
	if math.Abs(got.Persistence-0.6) > 0.05 || math.Abs(got.Spread[0]-0.03) > 0.01 || math.Abs(got.Spread[20]-0.03) > 0.01 {
		t.Errorf("persistence %.3f, spreads %.3f and %.3f; want 0.6 and 0.03", got.Persistence, got.Spread[0], got.Spread[20])
	}
	// An effect must not count as noise.
	for y := p.Pre; y < 200; y++ {
		p.Outcomes[0][y] += float64(y)
	}
	if again := NoiseOf(p); again.Spread[0] != got.Spread[0] || again.Persistence != got.Persistence {
		t.Errorf("years after the event changed the noise: %+v", again)
	}
}

func BenchmarkStudy(b *testing.B) {
	p := walks(rand.New(rand.NewPCG(11, 11)), 31, 8, 6)
	for b.Loop() {
		test(p)
	}
}
