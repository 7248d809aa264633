package synth

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// preference is how much dissimilar donors cost against a closer match: enough to
// choose between combinations that match equally well, too little to give up a match.
const preference = 1e-6

// weigh finds the weights, at least zero and together one, that minimise
//
//	‖target − Σ wⱼ donorⱼ‖² + preference · Σ wⱼ ‖target − donorⱼ‖²
//
// over the years of target. It is a convex quadratic programme over the simplex,
// solved exactly by an active-set method in the manner of Lawson and Hanson: donors
// enter one at a time where the objective falls most, and leave where their weight
// would become negative. No randomness and no step size: the same panel gives the
// same weights.
func weigh(target []float64, donors [][]float64) []float64 {
	q := programme(target, donors)
	n := len(donors)
	w := make([]float64, n)
	first := q.best()
	w[first] = 1
	active := []int{first}
	for range 50 * n {
		z := q.solve(active)
		if i, step := blocking(w, z, active); i >= 0 {
			move(w, z, active, step)
			w[active[i]] = 0
			active = append(active[:i:i], active[i+1:]...)
			continue
		}
		move(w, z, active, 1)
		enters := q.descent(w, active)
		if enters < 0 {
			break
		}
		active = append(active, enters)
	}
	return w
}

// quadratic is ½ wᵀHw + fᵀw.
type quadratic struct {
	h     *mat.SymDense
	f     []float64
	scale float64 // of the gradient, below which a slope is none
}

func programme(target []float64, donors [][]float64) quadratic {
	n := len(donors)
	// Measured from the target, the match is ‖Σ wⱼ (donorⱼ − target)‖², as the
	// weights add up to one.
	away := make([][]float64, n)
	for j, d := range donors {
		away[j] = make([]float64, len(target))
		for t := range target {
			away[j][t] = d[t] - target[t]
		}
	}
	q := quadratic{h: mat.NewSymDense(n, nil), f: make([]float64, n)}
	for i := range n {
		for j := i; j < n; j++ {
			q.h.SetSym(i, j, 2*dot(away[i], away[j]))
		}
		q.f[i] = preference * dot(away[i], away[i])
		q.scale = math.Max(q.scale, q.h.At(i, i))
	}
	// With fewer years than donors H is singular; this much on its diagonal makes the
	// solution unique and moves it by less than the weights are printed to.
	for i := range n {
		q.h.SetSym(i, i, q.h.At(i, i)+1e-9*q.scale)
	}
	return q
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// best is the single donor with the lowest objective.
func (q quadratic) best() int {
	best, lowest := 0, math.Inf(1)
	for j := range q.f {
		if v := q.h.At(j, j)/2 + q.f[j]; v < lowest {
			best, lowest = j, v
		}
	}
	return best
}

// solve minimises over the active weights alone, which add up to one but may be
// negative: H z = ν − f, with ν such that they do.
func (q quadratic) solve(active []int) []float64 {
	k := len(active)
	h := mat.NewSymDense(k, nil)
	b := mat.NewDense(k, 2, nil)
	for i, a := range active {
		for j := i; j < k; j++ {
			h.SetSym(i, j, q.h.At(a, active[j]))
		}
		b.Set(i, 0, -q.f[a])
		b.Set(i, 1, 1)
	}
	var c mat.Cholesky
	var x mat.Dense
	if !c.Factorize(h) || c.SolveTo(&x, b) != nil {
		// Two donors with the same path: the one that came in last adds nothing.
		z := make([]float64, k)
		z[k-1] = -1
		return z
	}
	byF, byOne := 0.0, 0.0
	for i := range k {
		byF += x.At(i, 0)
		byOne += x.At(i, 1)
	}
	nu := (1 - byF) / byOne
	z := make([]float64, k)
	for i := range k {
		z[i] = x.At(i, 0) + nu*x.At(i, 1)
	}
	return z
}

// blocking is the first active donor whose weight reaches zero on the way from w to
// z, and how far along that is; -1 when none does.
func blocking(w, z []float64, active []int) (int, float64) {
	at, step := -1, 1.0
	for i, a := range active {
		if z[i] > 0 {
			continue
		}
		s := 0.0
		if w[a] > 0 {
			s = w[a] / (w[a] - z[i])
		}
		if at < 0 || s < step {
			at, step = i, s
		}
	}
	return at, step
}

func move(w, z []float64, active []int, step float64) {
	for i, a := range active {
		w[a] += step * (z[i] - w[a])
	}
}

// descent is the donor outside whose weight would lower the objective most; -1 when
// none would.
func (q quadratic) descent(w []float64, active []int) int {
	inside := make([]bool, len(w))
	level := 0.0
	for _, a := range active {
		inside[a] = true
		level += q.gradient(w, active, a) / float64(len(active))
	}
	best, lowest := -1, level-1e-12*q.scale
	for j := range w {
		if g := q.gradient(w, active, j); !inside[j] && g < lowest {
			best, lowest = j, g
		}
	}
	return best
}

func (q quadratic) gradient(w []float64, active []int, j int) float64 {
	g := q.f[j]
	for _, a := range active {
		g += q.h.At(j, a) * w[a]
	}
	return g
}
