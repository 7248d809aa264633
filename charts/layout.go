//go:build duckdb_arrow

package charts

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Measure says how wide a text is: render.Fonts is one.
type Measure interface {
	Width(text string, size float64, bold bool) float64
}

// style is a kind of text in a picture.
type style struct {
	size, height float64 // of the letters, and from line to line
	bold         bool
}

var (
	headlineStyle = style{20, 26, true}
	subtitleStyle = style{13, 18, false}
	labelStyle    = style{12, 15, false}
	footStyle     = style{11, 15, false}
)

// wrap breaks a text into lines of at most so many pixels: between words of Latin,
// between any two Chinese characters but before a closing sign.
func wrap(m Measure, text string, s style, width float64) []string {
	var lines []string
	line := ""
	for _, piece := range pieces(text) {
		if line != "" && m.Width(line+strings.TrimRight(piece, " "), s.size, s.bold) > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += piece
	}
	if line = strings.TrimRight(line, " "); line != "" {
		lines = append(lines, line)
	}
	return lines
}

// balanced wraps a text into lines of about the same width: as few as wrap needs,
// so that no word is left alone in the last.
func balanced(m Measure, text string, s style, width float64) []string {
	lines := wrap(m, text, s, width)
	for narrower := width; len(lines) > 1 && narrower > width/2; narrower -= 8 {
		next := wrap(m, text, s, narrower)
		if len(next) > len(lines) {
			break
		}
		lines = next
	}
	return lines
}

// fit cuts a text to a width, and shows that it is cut.
func fit(m Measure, text string, s style, width float64) string {
	if m.Width(text, s.size, s.bold) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 1 && m.Width(string(runes)+"…", s.size, s.bold) > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ") + "…"
}

// pieces splits a text where a line may end.
func pieces(text string) []string {
	var out []string
	start, runes := 0, []rune(text)
	for i := 1; i < len(runes); i++ {
		before, after := runes[i-1], runes[i]
		han := unicode.Is(unicode.Han, before) || unicode.Is(unicode.Han, after) || before > 0x2FFF
		if before == ' ' || han && !strings.ContainsRune("，。；：、）》”%", after) && !strings.ContainsRune("（《“", before) {
			out = append(out, string(runes[start:i]))
			start = i
		}
	}
	return append(out, string(runes[start:]))
}

// ticks are about count round numbers that span low to high; the first and last
// are the ends of the axis.
func ticks(low, high float64, count int) []float64 {
	if low == high {
		low, high = low-1, high+1
	}
	step := math.Pow(10, math.Floor(math.Log10((high-low)/float64(count))))
	for _, factor := range []float64{1, 2, 5, 10} {
		if (high-low)/(step*factor) <= float64(count) {
			step *= factor
			break
		}
	}
	first, last := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
	var out []float64
	for i := first; i <= last; i++ {
		out = append(out, round(i*step))
	}
	return out
}

// digits are the decimals that the numbers of an axis need.
func digits(ticks []float64) int {
	n := 0
	for _, t := range ticks {
		_, fraction, _ := strings.Cut(strconv.FormatFloat(t, 'f', -1, 64), ".")
		n = max(n, len(fraction))
	}
	return n
}

// logTicks are 1, 2 and 5 times powers of ten that span low to high, which are above
// 0; at least two.
func logTicks(low, high float64) []float64 {
	var out []float64
	for e := math.Floor(math.Log10(low)); ; e++ {
		for _, factor := range []float64{1, 2, 5} {
			v := round(factor * math.Pow(10, e))
			if next := round(map[float64]float64{1: 2, 2: 5, 5: 10}[factor] * math.Pow(10, e)); next <= low {
				continue
			}
			out = append(out, v)
			if v >= high && len(out) > 1 {
				return out
			}
		}
	}
}

// round takes away what binary fractions leave behind.
func round(v float64) float64 {
	if v == 0 {
		return 0
	}
	scale := math.Pow(10, 10-math.Ceil(math.Log10(math.Abs(v))))
	return math.Round(v*scale) / scale
}

// years are the years that an axis of that width names.
func years(first, last int, width float64) []int {
	most := max(2, int(width/52))
	step := 1
	for _, s := range []int{1, 2, 5, 10, 20, 50} {
		if step = s; (last-first)/s < most {
			break
		}
	}
	var out []int
	for y := (first + step - 1) / step * step; y <= last; y += step {
		out = append(out, y)
	}
	return out
}

// spread moves places apart until they are gap from each other, as little as it
// can, within low and high, and keeps their order.
func spread(places []float64, gap, low, high float64) []float64 {
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case places[a] < places[b]:
			return -1
		case places[a] > places[b]:
			return 1
		}
		return 0
	})
	// Runs of places that touch are moved together about their middle.
	type run struct {
		members []int
		middle  float64
	}
	var runs []run
	top := func(r run) float64 {
		t := r.middle - gap*float64(len(r.members)-1)/2
		return max(low, min(t, high-gap*float64(len(r.members)-1)))
	}
	for _, i := range order {
		runs = append(runs, run{[]int{i}, places[i]})
		for len(runs) > 1 {
			a, b := runs[len(runs)-2], runs[len(runs)-1]
			if top(a)+gap*float64(len(a.members)) <= top(b) {
				break
			}
			n, m := float64(len(a.members)), float64(len(b.members))
			joined := run{append(slices.Clone(a.members), b.members...), (a.middle*n + b.middle*m) / (n + m)}
			runs = append(runs[:len(runs)-2], joined)
		}
	}
	out := make([]float64, len(places))
	for _, r := range runs {
		for k, i := range r.members {
			out[i] = top(r) + gap*float64(k)
		}
	}
	return out
}
