//go:build duckdb_arrow

package charts

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"citystats/charts/render"
)

func fonts(t *testing.T) *render.Fonts {
	t.Helper()
	f, err := render.LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestWrapKeepsWidthAndText: no line is wider than asked unless it is one piece that
// cannot be broken, and nothing is lost.
func TestWrapKeepsWidthAndText(t *testing.T) {
	m := fonts(t)
	word := rapid.SampledFrom([]string{"Hefei", "合肥市", "2005–2013,", "（新口径）", "per", "head", "12.2%", "战略性新兴产业产值", "a", "。", "not-comparable", "“引”"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(word, 0, 30).Draw(t, "words"), rapid.SampledFrom([]string{" ", ""}).Draw(t, "between"))
		width := rapid.Float64Range(40, 700).Draw(t, "width")
		for _, lines := range [][]string{wrap(m, text, footStyle, width), balanced(m, text, footStyle, width)} {
			for _, line := range lines {
				if m.Width(line, footStyle.size, false) > width && len(pieces(line)) > 1 {
					t.Fatalf("%q is wider than %.0f", line, width)
				}
			}
			if got, want := strings.ReplaceAll(strings.Join(lines, ""), " ", ""), strings.ReplaceAll(text, " ", ""); got != want {
				t.Fatalf("%q became %q", want, got)
			}
		}
		if a, b := len(wrap(m, text, footStyle, width)), len(balanced(m, text, footStyle, width)); a != b {
			t.Fatalf("balanced needs %d lines where %d do", b, a)
		}
	})
}

func TestNoLineBeginsWithAClosingSign(t *testing.T) {
	for _, line := range wrap(fonts(t), strings.Repeat("按现价计算，升幅含价格变动。", 9), footStyle, 100) {
		if strings.ContainsAny(line[:3], "，。") {
			t.Errorf("a line begins with %q", line[:3])
		}
	}
}

// TestFitKeepsWidth cuts names of cities to what a panel has room for.
func TestFitKeepsWidth(t *testing.T) {
	m := fonts(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[A-Za-z合肥乌鲁木齐 ]{1,20}`).Draw(t, "text")
		width := rapid.Float64Range(30, 200).Draw(t, "width")
		if got := fit(m, text, labelStyle, width); m.Width(got, labelStyle.size, false) > width {
			t.Fatalf("%q is wider than %.0f", got, width)
		}
	})
}

// TestSpreadKeepsOrderAndDistance: labels that would touch are moved apart, stay in
// their order and, where there is room, within their bounds.
func TestSpreadKeepsOrderAndDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const gap = 15.0
		places := rapid.SliceOfN(rapid.Float64Range(0, 300), 0, 12).Draw(t, "places")
		got := spread(places, gap, 6, 294)
		order := make([]int, len(places))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(places[a], places[b]) })
		for k := 1; k < len(order); k++ {
			if d := got[order[k]] - got[order[k-1]]; d < gap-1e-6 {
				t.Fatalf("%v became %v: %v apart", places, got, d)
			}
		}
		for _, y := range got {
			if y < 6-1e-6 || y > 294+1e-6 {
				t.Fatalf("%v became %v, out of bounds", places, got)
			}
		}
	})
}

// TestTicksCoverTheRange: the axis begins at or below the lowest figure, ends at or
// above the highest, and its steps are even.
func TestTicksCoverTheRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(-1e6, 1e6).Draw(t, "a"), rapid.Float64Range(-1e6, 1e6).Draw(t, "b")
		low, high := math.Min(a, b), math.Max(a, b)
		if high-low < 1e-3 {
			high = low
		}
		count := rapid.IntRange(3, 12).Draw(t, "count")
		got := ticks(low, high, count)
		slack := (math.Abs(low) + math.Abs(high)) * 1e-8
		if len(got) < 2 || got[0] > low+slack || got[len(got)-1] < high-slack || len(got) > count+3 {
			t.Fatalf("%v to %v in about %d: %v", low, high, count, got)
		}
		for i := 1; i < len(got); i++ {
			if got[i] <= got[i-1] {
				t.Fatalf("%v does not rise", got)
			}
		}
		lo := rapid.Float64Range(0.01, 1e7).Draw(t, "lo")
		hi := lo * rapid.Float64Range(1, 1e4).Draw(t, "ratio")
		if got := logTicks(lo, hi); len(got) < 2 || got[0] > lo || got[len(got)-1] < hi {
			t.Fatalf("logarithmic, %v to %v: %v", lo, hi, got)
		}
	})
}

// TestYearsAreDrawn: an axis names only years that it has, and not too many.
func TestYearsAreDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.IntRange(1950, 2030).Draw(t, "first")
		last := first + rapid.IntRange(0, 120).Draw(t, "years")
		width := rapid.Float64Range(60, 900).Draw(t, "width")
		got := years(first, last, width)
		if len(got) == 0 && last > first+50 || len(got) > max(2, int(width/52))+1 {
			t.Fatalf("%d to %d on %.0f pixels: %v", first, last, width, got)
		}
		for _, y := range got {
			if y < first || y > last {
				t.Fatalf("%d is not from %d to %d", y, first, last)
			}
		}
	})
}

// TestOccasionsDoNotTouch: no label touches another, and no mark runs through one.
func TestOccasionsDoNotTouch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const edge = 620.0
		n := rapid.IntRange(1, 9).Draw(t, "n")
		var all []occasion
		for range n {
			all = append(all, occasion{x: rapid.Float64Range(1, 560).Draw(t, "x"), width: rapid.Float64Range(20, 200).Draw(t, "width")})
		}
		slices.SortFunc(all, func(a, b occasion) int { return cmp.Compare(a.x, b.x) })
		rows := arrange(all, edge)
		for i, a := range all {
			from, to := a.span()
			if to > edge && !a.left || a.row >= rows {
				t.Fatalf("%+v leaves the picture or the %d rows", a, rows)
			}
			for j, b := range all {
				start, end := b.span()
				if i != j && a.row == b.row && from < end && start < to {
					t.Fatalf("labels touch: %+v and %+v", a, b)
				}
				if i != j && b.x > from && b.x < to && b.row <= a.row {
					t.Fatalf("the mark of %+v runs through the label of %+v", b, a)
				}
			}
		}
	})
}

func TestRoundTakesAwayWhatBinaryLeaves(t *testing.T) {
	for in, want := range map[float64]float64{0.1 + 0.2: 0.3, -4.3999999999999986: -4.4, 0: 0, 1e12 + 0.25: 1e12, 62.79099550023018: 62.7909955} {
		if got := round(in); got != want {
			t.Errorf("round(%v) = %v, want %v", in, got, want)
		}
	}
}
