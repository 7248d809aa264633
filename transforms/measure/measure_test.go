package measure_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"citystats/transforms/measure"
	"citystats/transforms/period"
	"citystats/transforms/units"
)

var (
	percent = units.Unit{ID: "percent", Measure: "PERCENT"}
	points  = units.Unit{ID: "percentage_point", Measure: "PERCENTAGE_POINT"}
	yuan    = units.Unit{ID: "cny", Name: "yuan", Measure: "CNY"}
	wan     = units.Unit{ID: "cny_10k", Name: "10k yuan", Measure: "CNY", Mult: 4}
	yi      = units.Unit{ID: "cny_100m", Name: "100m yuan", Measure: "CNY", Mult: 8}
)

func of(name string, unit units.Unit, kind string, a measure.Attributes, denominator string) measure.Measure {
	return measure.Measure{Name: name, Unit: unit, Kind: kind, Attributes: a, Denominator: denominator}
}

func TestAgainst(t *testing.T) {
	prices := func(basis string) measure.Attributes {
		return measure.Attributes{PriceBasis: basis, PopulationScope: "none", Numerator: "none", Accumulation: "period"}
	}
	people := func(scope string) measure.Attributes {
		return measure.Attributes{PriceBasis: "current", PopulationScope: scope, Numerator: "none", Accumulation: "period"}
	}
	counts := func(numerator string) measure.Attributes {
		return measure.Attributes{PriceBasis: "current", PopulationScope: "none", Numerator: numerator, Accumulation: "period"}
	}
	runs := func(accumulation string) measure.Attributes { return measure.Attributes{Accumulation: accumulation} }
	for _, tt := range []struct {
		name       string
		one, other measure.Measure
		want       string
	}{
		{"nominal and real", of("a", percent, "growth", prices("current"), ""), of("b", percent, "growth", prices("constant"), ""), "a is at current prices (nominal), b is at constant prices (real)"},
		{"output and value added", of("a", percent, "share", counts("output"), "x"), of("b", percent, "share", counts("value_added"), "x"), "a is of output, b is of value added"},
		{"urban and all", of("a", yuan, "level", people("urban"), ""), of("b", yuan, "level", people("all"), ""), "a is of urban residents, b is of all residents"},
		{"from January and the quarter", of("a", yuan, "level", runs("year_to_date"), ""), of("b", yuan, "level", runs("period"), ""), "a is from January to the end of the period, b is of the period alone"},
		{"percent and points", of("a", percent, "share", prices("none"), ""), of("b", points, "share", prices("none"), ""), "a is in percent, b in percentage_point"},
		{"亿 and 万", of("a", yi, "level", prices("current"), ""), of("b", wan, "level", prices("current"), ""), "a is in cny_100m (100m yuan), b in cny_10k (10k yuan): convert one of them"},
		{"growth and a share", of("a", percent, "growth", prices("none"), ""), of("b", percent, "share", prices("none"), ""), "a is growth on the year before, b is a share"},
		{"shares of two wholes", of("a", percent, "share", counts("output"), "industry"), of("b", percent, "share", counts("output"), "product"), `a is taken of "industry", b of "product"`},
		{"money and a count of something else", of("a", yuan, "level", prices("current"), ""), of("b", percent, "share", prices("current"), ""), "a is in cny (yuan), b in percent"},
		{"what does not apply", of("a", percent, "growth", prices("none"), ""), of("b", percent, "growth", prices("constant"), ""), ""},
		{"another thing of the same kind", of("a", yi, "level", prices("current"), ""), of("b", yi, "level", counts("output"), ""), ""},
	} {
		if got := tt.one.Against(tt.other); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTakes(t *testing.T) {
	income := of("income", yuan, "level", measure.Attributes{PriceBasis: "current", PopulationScope: "urban", Numerator: "none", Accumulation: "period"}, "")
	cumulated := income
	cumulated.Accumulation = "year_to_date"
	year := period.Period{Freq: period.Annual, Start: period.DayOf(2024, time.January, 1)}
	first := period.Period{Freq: period.Quarter, Start: period.DayOf(2024, time.January, 1)}
	second := period.Period{Freq: period.Quarter, Start: period.DayOf(2024, time.April, 1)}
	stock := income
	stock.Accumulation = "stock"
	for _, tt := range []struct {
		name   string
		m      measure.Measure
		stated measure.Attributes
		p      period.Period
		want   string
	}{
		{"nothing stated", income, measure.Attributes{}, second, ""},
		{"the same", income, measure.Attributes{PriceBasis: "current", PopulationScope: "urban", Accumulation: "period"}, second, ""},
		{"another price basis", income, measure.Attributes{PriceBasis: "constant"}, year, "the document gives a figure at constant prices (real), but income is at current prices (nominal)"},
		{"another population", income, measure.Attributes{PopulationScope: "all"}, year, "the document gives a figure of all residents, but income is of urban residents"},
		{"a second quarter from January", income, measure.Attributes{Accumulation: "year_to_date"}, second, "the document gives a figure from January to the end of the period, but income is of the period alone"},
		{"a second quarter alone", cumulated, measure.Attributes{Accumulation: "period"}, second, "the document gives a figure of the period alone, but income is from January to the end of the period"},
		{"a first quarter is both", income, measure.Attributes{Accumulation: "year_to_date"}, first, ""},
		{"a year is both", cumulated, measure.Attributes{Accumulation: "period"}, year, ""},
		{"the end of a year is no year", income, measure.Attributes{Accumulation: "stock"}, year, "the document gives a figure at the end of the period, but income is of the period alone"},
		{"a year is no end of a year", stock, measure.Attributes{Accumulation: "period"}, year, "the document gives a figure of the period alone, but income is at the end of the period"},
	} {
		if got := tt.m.Takes(tt.stated, tt.p); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func any2(name string) *rapid.Generator[measure.Measure] {
	return rapid.Custom(func(r *rapid.T) measure.Measure {
		draw := func(what string, of ...string) string { return rapid.SampledFrom(of).Draw(r, what) }
		return of(name, rapid.SampledFrom([]units.Unit{percent, points, yuan, wan, yi}).Draw(r, "unit"), draw("kind", "level", "growth", "average_growth", "share", "ratio"),
			measure.Attributes{
				PriceBasis: draw("prices", "current", "constant", "none"), PopulationScope: draw("people", "all", "urban", "rural", "none"),
				Numerator: draw("numerator", "output", "value_added", "none"), Accumulation: draw("runs", "period", "year_to_date", "stock"),
			}, draw("of", "", "product", "industry"))
	})
}

// TestAgainstIsFair wants both sides named, the same answer whoever is asked, and
// nothing to speak against a measure and itself.
func TestAgainstIsFair(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		one, other := any2("one").Draw(r, "one"), any2("other").Draw(r, "other")
		forth, back := one.Against(other), other.Against(one)
		if (forth == "") != (back == "") {
			r.Errorf("one against other: %q; other against one: %q", forth, back)
		}
		if forth != "" && (!strings.Contains(forth, "one") || !strings.Contains(forth, "other")) {
			r.Errorf("%q does not name both sides", forth)
		}
		if self := one.Against(one); self != "" {
			r.Errorf("%+v against itself: %q", one, self)
		}
	})
}
