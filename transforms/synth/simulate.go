package synth

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// Level is the p-value at and below which the test calls an effect.
const Level = 0.05

// seed makes every run of the simulation the same.
const seed = 20080912

// Noise is how a panel moves when nothing happens: yearly changes about the common
// one, each unit with its own spread, and with a persistence that all share.
type Noise struct {
	Start       []float64 // of each unit
	Spread      []float64 // root-mean-square change about the common one, of each unit
	Persistence float64   // of those changes from one year to the next
	Years       int
}

// NoiseOf measures a panel. Of the treated unit only the years before the event
// count, since later ones may hold its effect. Lasting differences in growth are not
// taken out: they are part of what a donor pool must cope with, and count as
// persistence.
func NoiseOf(p Panel) Noise {
	years := len(p.Outcomes[0])
	n := Noise{Years: years}
	changes := make([][]float64, len(p.Outcomes))
	common := make([]float64, years-1)
	for i, row := range p.Outcomes {
		n.Start = append(n.Start, row[0])
		changes[i] = make([]float64, years-1)
		for t := range changes[i] {
			changes[i][t] = row[t+1] - row[t]
			if i > 0 {
				common[t] += changes[i][t] / float64(len(p.Outcomes)-1)
			}
		}
	}
	changes[0] = changes[0][:p.Pre-1]
	product, square := 0.0, 0.0
	for i := range changes {
		for t := range changes[i] {
			changes[i][t] -= common[t]
			if t > 0 && i > 0 {
				product += changes[i][t] * changes[i][t-1]
				square += changes[i][t-1] * changes[i][t-1]
			}
		}
		n.Spread = append(n.Spread, rms(changes[i]))
	}
	if square > 0 {
		n.Persistence = math.Max(-0.95, math.Min(0.95, product/square))
	}
	return n
}

// draw makes a panel in which nothing happened.
func (n Noise) draw(r *rand.Rand) [][]float64 {
	out := make([][]float64, len(n.Start))
	fresh := math.Sqrt(1 - n.Persistence*n.Persistence)
	for i := range out {
		out[i] = make([]float64, n.Years)
		out[i][0] = n.Start[i]
		change := n.Spread[i] * r.NormFloat64()
		for t := 1; t < n.Years; t++ {
			out[i][t] = out[i][t-1] + change
			change = n.Persistence*change + fresh*n.Spread[i]*r.NormFloat64()
		}
	}
	return out
}

// Size is how often the test would be wrong and right in panels like the one asked
// about.
type Size struct {
	Panels    int     // simulated
	Refused   int     // of them, for their fit before the event; the rates are of the others
	FalseRate float64 // share in which it calls an effect although there is none
	Error     float64 // standard error of FalseRate, from the number of panels
	Found     float64 // share in which it calls an effect of the size asked about
}

// Simulate tests panels drawn from the panel's own noise: without an effect, and with
// one of the given size. progress hears how many are done, one call at a time. The
// panels do not depend on how many processors share the work.
func Simulate(ctx context.Context, p Panel, effect float64, panels int, limits Limits, progress func(done int)) (Size, error) {
	noise := NoiseOf(p)
	var next atomic.Int64
	var workers sync.WaitGroup
	var tally sync.Mutex
	done, refused, wrong, right := 0, 0, 0, 0
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := next.Add(1); i <= int64(panels) && ctx.Err() == nil; i = next.Add(1) {
				treated, t := test(Panel{noise.draw(rand.New(rand.NewPCG(seed, uint64(i)))), p.Pre})
				share, withEffect := t.P, t.withEffect(treated, p.Pre, effect)
				tally.Lock()
				switch {
				case treated.Before > limits.PreFit:
					refused++
				default:
					wrong += called(share)
					right += called(withEffect)
				}
				done++
				progress(done)
				tally.Unlock()
			}
		})
	}
	workers.Wait()
	s := Size{Panels: panels, Refused: refused}
	if asked := float64(panels - refused); asked > 0 {
		s.FalseRate, s.Found = float64(wrong)/asked, float64(right)/asked
		s.Error = math.Sqrt(s.FalseRate * (1 - s.FalseRate) / asked)
	}
	return s, ctx.Err()
}

// called is 1 when the test calls an effect.
func called(p float64) int {
	if p <= Level {
		return 1
	}
	return 0
}

// withEffect is the p-value had the event moved the treated unit by effect: the
// placebos know nothing of it, and its own weights are from before.
func (t Test) withEffect(f Fit, pre int, effect float64) float64 {
	sum := 0.0
	for _, g := range f.Gaps[pre:] {
		sum += (g + effect) * (g + effect)
	}
	f.After = math.Sqrt(sum / float64(len(f.Gaps)-pre))
	return t.share(f, t.Floor)
}
