package data_test

import (
	"errors"
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"citystats/data"
	"citystats/internal/fault"
)

// TestIndicatorPairs looks up the mixtures that mislead most, in the definitions
// that ship.
func TestIndicatorPairs(t *testing.T) {
	c := load(t)
	refusals := map[[2]string]string{}
	rows := 0
	each(t, c, "indicator_pairs", func(_ func(string) any, text func(string) string, _ func(string, ...any)) {
		refusals[[2]string{text("indicator"), text("other")}] = text("refusal")
		rows++
	})
	if want := len(c.Indicators) * len(c.Indicators); rows != want || len(refusals) != want {
		t.Errorf("%d rows about %d pairs, want %d of both", rows, len(refusals), want)
	}
	for pair, want := range map[[2]string]string{
		{"gdp_growth_nominal", "gdp_growth_real"}:                       "gdp_growth_nominal is at current prices (nominal), gdp_growth_real is at constant prices (real)",
		{"sei_output_share", "sei_value_added_share"}:                   "sei_output_share is of output, sei_value_added_share is of value added",
		{"disposable_income_urban", "disposable_income_all"}:            "disposable_income_urban is of urban residents, disposable_income_all is of all residents",
		{"disposable_income_all_year_to_date", "disposable_income_all"}: "disposable_income_all_year_to_date is from January to the end of the period, disposable_income_all is of the period alone",
		{"gdp", "gdp_per_capita"}:                                       "gdp is in cny_100m (100m yuan), gdp_per_capita in cny (yuan): convert one of them",
		{"gdp", "industrial_output"}:                                    "",
		{"disposable_income_urban", "disposable_income_urban"}:          "",
	} {
		if got, known := refusals[pair]; got != want || !known {
			t.Errorf("%v: %q, want %q", pair, got, want)
		}
	}
}

// TestLikeForLike wants a wrong promise told where it is written.
func TestLikeForLike(t *testing.T) {
	pairs, err := fs.ReadFile(data.Files(), "benchmark_pairs.csv")
	if err != nil {
		t.Fatal(err)
	}
	row := "national,sei_output_share,sei_value_added_share,like_for_like,why,为何\n"
	_, err = data.Load(replaced{data.Files(), "benchmark_pairs.csv", strings.SplitAfter(string(pairs), "\n")[0] + row})
	var told *fault.Error
	want := "column relation: sei_output_share is of output, sei_value_added_share is of value added"
	if !errors.As(err, &told) || told.Kind != fault.Definition || told.Where != "data/benchmark_pairs.csv:2:49" || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q at data/benchmark_pairs.csv:2:49", err, want)
	}
}

// replaced is a data folder in which one file reads otherwise.
type replaced struct {
	fs.FS
	name, text string
}

func (r replaced) Open(name string) (fs.File, error) {
	if name == r.name {
		return fstest.MapFS{name: {Data: []byte(r.text)}}.Open(name)
	}
	return r.FS.Open(name)
}

// TestUnitConversions wants every factor to be undone by the one back, and none
// between two measures.
func TestUnitConversions(t *testing.T) {
	c := load(t)
	factors := map[[2]string]float64{}
	each(t, c, "unit_conversions", func(get func(string) any, text func(string) string, _ func(string, ...any)) {
		factors[[2]string{text("from_unit"), text("to_unit")}] = get("factor").(float64)
	})
	for from, a := range c.Units {
		for into, b := range c.Units {
			factor, there := factors[[2]string{from, into}]
			if there != (a.Measure == b.Measure) {
				t.Errorf("%s into %s has a factor: %v; it must exactly where both measure one thing", from, into, there)
			} else if back := factors[[2]string{into, from}]; there && math.Abs(factor*back-1) > 1e-12 {
				t.Errorf("%s into %s is %v, and back %v", from, into, factor, back)
			}
		}
	}
	if got := factors[[2]string{"cny_100m", "cny_10k"}]; got != 10000 {
		t.Errorf("亿元 into 万元 is %v, want 10000", got)
	}
}
