//go:build duckdb_arrow

package revisions

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func number(x float64) *float64 { return &x }

func TestRankedByWhatTheyMove(t *testing.T) {
	turned := Figure{Region: "turns a comparison over", Comparisons: []Comparison{{SignChanged: true}}, Steps: []Step{{Tolerances: number(0.1)}}}
	claimed := Figure{Region: "a claim rests on it", Claims: []string{"growth"}, Steps: []Step{{Tolerances: number(0.1)}}}
	large := Figure{Region: "large", Steps: []Step{{Tolerances: number(0.1)}, {Tolerances: number(3)}}}
	wide := Figure{Region: "small, in many comparisons", Comparisons: make([]Comparison, 9), Steps: []Step{{Tolerances: number(1)}}}
	small := Figure{Region: "small", Comparisons: make([]Comparison, 1), Steps: []Step{{Tolerances: number(1)}}}
	unknown := Figure{Region: "of no known tolerance", Steps: []Step{{}}}
	want := []Figure{turned, claimed, large, wide, small, unknown}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortStableFunc(got, byWhatTheyMove)
	for i, f := range got {
		if f.Region != want[i].Region {
			t.Errorf("at %d stands the figure that is %s, want the one that is %s", i+1, f.Region, want[i].Region)
		}
	}
}

func TestWhatRestsOnAFigure(t *testing.T) {
	china := &Figure{RegionCode: "CHN", Indicator: "gdp", Frequency: "A", Period: "2018"}
	hefei := &Figure{RegionCode: "340100", Indicator: "gdp", Frequency: "A", Period: "2018"}
	v := view{members: map[string]bool{"peers 340100": true}}
	own := face{regionCode: "340100", benchmark: "national", indicator: "gdp", frequency: "A", period: "2018", benchmarkIndicator: "gdp", benchmarkRegion: "CHN"}
	pool := face{regionCode: "320100", benchmark: "peers", indicator: "gdp", frequency: "A", period: "2018", benchmarkIndicator: "gdp"}
	later, other, facing := own, own, own
	later.period = "2019"
	other.benchmarkIndicator, other.indicator = "gdp_growth_real", "gdp_growth_real"
	facing.indicator = "gdp_usd" // another of the region's, against the benchmark's output
	for _, c := range []struct {
		name string
		face face
		on   *Figure
		want bool
	}{
		{"the region's own figure", own, hefei, true},
		{"the benchmark's", own, china, true},
		{"a member's of the benchmark", pool, hefei, true},
		{"no member's", pool, china, false},
		{"another period's", later, hefei, false},
		{"another indicator's", other, china, false},
		{"the benchmark's, facing another indicator", facing, china, true},
		{"the region's, which faces by another indicator", facing, hefei, false},
	} {
		if got := v.restsOn(c.face, c.on); got != c.want {
			t.Errorf("%s: rests on it is %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWindowsThatAFigureTouches(t *testing.T) {
	window := span{first: 2016, last: 2020}
	for period, want := range map[string]bool{"2015": false, "2016": true, "2020": true, "2021": false, "2016/2020": true, "2011/2015": false, "2012/2021": true, "2020-H1": true} {
		if got := (&Figure{Period: period}).within(window); got != want {
			t.Errorf("%s touches 2016 to 2020: %v, want %v", period, got, want)
		}
	}
}

func TestDiffer(t *testing.T) {
	for _, c := range []struct {
		a, b *float64
		want bool
	}{
		{nil, nil, false},
		{nil, number(0), true},
		{number(0.1 + 0.2), number(0.3), false},
		{number(2.1), number(2.2), true},
		{number(0), number(math.Copysign(0, -1)), false},
	} {
		if got := differ(c.a, c.b); got != c.want {
			t.Errorf("%v and %v differ: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestWithoutWhatCameSince(t *testing.T) {
	for _, c := range []struct {
		q                Question
		listed, vintages string
		args             int
	}{
		{Question{}, "true", "h.vintage_number = 1", 0},
		{Question{Day: "2025-01-01"}, "r.visible_from > CAST(? AS DATE)", "visible_from <= DATE '2025-01-01'", 1},
		{Question{Captures: 110, Region: "CHN"}, "r.new_document_id > ?", "document_id <= 110", 2},
	} {
		where, args := c.q.listed()
		if before := c.q.before(); !strings.Contains(where, c.listed) || len(args) != c.args || !strings.Contains(before, c.vintages) {
			t.Errorf("%+v lists %q with %v and looks back by %q; want %q, %d arguments and %q", c.q, where, args, before, c.listed, c.args, c.vintages)
		}
	}
}
