package normalise_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"citystats/data"
	"citystats/pipeline/normalise"
	"citystats/sources/source"
	"citystats/transforms/measure"
	"citystats/transforms/period"
	"citystats/transforms/units"
)

// definitions are a handful of each kind. "bank" and "office" speak codes of their
// own, of which none of the office's is ours; "city" speaks ours.
func definitions() *data.Catalog {
	unit := func(id, measure string, mult int) data.Unit {
		return data.Unit{Unit: units.Unit{ID: id, Measure: measure, Mult: mult}}
	}
	return &data.Catalog{
		Regions: []data.Region{
			{Code: "CHN", Level: "country", ISO3: "CHN", NameEN: "China", NameZH: "中国", Aliases: []string{"PRC"}},
			{Code: "340100", NameEN: "Hefei", NameZH: "合肥市"},
			{Code: "340181", NameEN: "Chaohu (county)", NameZH: "巢湖市"},
			{Code: "341400", NameEN: "Chaohu (prefecture)", NameZH: "巢湖市"},
			{Code: "same", NameEN: "Same", NameZH: "Same"},
		},
		Indicators: []data.Indicator{
			{ID: "gdp", Unit: "cny_100m", Attributes: measure.Attributes{PriceBasis: "current", PopulationScope: "none", Numerator: "none", Accumulation: "period"}},
			{ID: "population_midyear", Unit: "persons_10k"},
			{ID: "cpi_growth", Unit: "percent"},
			{ID: "gdp_usd", Unit: "usd"},
		},
		Units: map[string]data.Unit{
			"cny": unit("cny", "CNY", 0), "cny_100m": unit("cny_100m", "CNY", 8), "persons": unit("persons", "PERSON", 0), "persons_10k": unit("persons_10k", "PERSON", 4),
			"percent": unit("percent", "PERCENT", 0), "percentage_point": unit("percentage_point", "PERCENTAGE_POINT", 0), "usd": unit("usd", "USD", 0),
		},
		Publishers:    map[string]data.Publisher{"nbs": {ID: "nbs", Number: 1}, "worldbank": {ID: "worldbank", Number: 201}},
		SourceRegions: []data.SourceRegion{{Source: "bank", Code: "CN", Region: "CHN"}},
		SDMXQueries:   []data.SDMXQuery{{Source: "office", Name: "regions"}},
		SourceSeries: []data.SourceSeries{
			{Source: "bank", Code: "SP.POP.TOTL", Indicator: "population_midyear", Unit: "persons"},
			{Source: "bank", Code: "FP.CPI.TOTL.ZG", Indicator: "cpi_growth", Unit: "percent"},
			{Source: "bank", Code: "NY.GDP.MKTP.CN", Indicator: "gdp", Unit: "cny"},
			{Source: "bank", Code: "WRONG", Indicator: "nothing", Unit: "cny"},
		},
	}
}

func figure(region, indicator, at, unit, origin string, value float64) source.Observation {
	return source.Observation{Region: region, Indicator: indicator, Period: at, Unit: unit, Origin: origin, Value: value}
}

// stating is a figure of which the document says more than its unit.
func stating(stated source.Stated, at string) source.Observation {
	o := figure("340100", "gdp", at, "cny_100m", "nbs", 1)
	o.Stated = stated
	return o
}

// said is a figure or why there is none, in one text to compare.
func said(f normalise.Figure, err error) string {
	if errors.Is(err, normalise.ErrOutside) {
		return "outside"
	}
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s %s %s %s %d: %v", f.Region, f.Indicator, f.Period, f.Origin, f.OriginNumber, f.Value)
}

var tests = []struct {
	name, source string
	in           source.Observation
	want         string
}{
	{"our own words", "city", figure("340100", "gdp", "2022", "cny_100m", "nbs", 12013.1), "340100 gdp 2022 nbs 1: 12013.1"},
	{"a Chinese name", "city", figure("合肥市", "gdp", "2022", "cny_100m", "nbs", 1), "340100 gdp 2022 nbs 1: 1"},
	{"an English name", "city", figure("Hefei", "gdp", "2022", "cny_100m", "nbs", 1), "340100 gdp 2022 nbs 1: 1"},
	{"one name in both languages", "city", figure("Same", "gdp", "2022", "cny_100m", "nbs", 1), "same gdp 2022 nbs 1: 1"},
	{"another unit of the measure", "city", figure("340100", "gdp", "2022", "cny", "nbs", 1201310000000), "340100 gdp 2022 nbs 1: 12013.1"},
	{"a part of a year", "city", figure("CHN", "gdp", "2020-H1", "cny_100m", "nbs", 1), "CHN gdp 2020-H1 nbs 1: 1"},
	{"a span of years", "city", figure("CHN", "cpi_growth", "2016/2020", "percent", "nbs", 2), "CHN cpi_growth 2016/2020 nbs 1: 2"},

	{"unknown region", "city", figure("340199", "gdp", "2022", "cny_100m", "nbs", 1), `region "340199" is not in regions.csv`},
	{"an alias is no name", "city", figure("PRC", "gdp", "2022", "cny_100m", "nbs", 1), `region "PRC" is not in regions.csv`},
	{"a name that two regions share", "city", figure("巢湖市", "gdp", "2022", "cny_100m", "nbs", 1), `several regions in regions.csv are called "巢湖市": give the code`},
	{"the code of one of them", "city", figure("341400", "gdp", "2010", "cny_100m", "nbs", 1), "341400 gdp 2010 nbs 1: 1"},
	{"unknown indicator", "city", figure("340100", "gnp", "2022", "cny_100m", "nbs", 1), `indicator "gnp" is not in indicators.csv`},
	{"a code is no word of ours", "city", figure("CHN", "SP.POP.TOTL", "2022", "persons", "worldbank", 1), `indicator "SP.POP.TOTL" is not in indicators.csv`},
	{"unknown unit", "city", figure("340100", "gdp", "2022", "亿", "nbs", 1), `unit "亿" is not in units.csv`},
	{"no unit", "city", figure("340100", "gdp", "2022", "", "nbs", 1), `unit "" is not in units.csv`},
	{"unit of another measure", "city", figure("340100", "gdp", "2022", "usd", "nbs", 1), "gdp is given in usd, which measures USD; the indicator is in cny_100m"},
	{"points are no percent", "city", figure("CHN", "cpi_growth", "2022", "percentage_point", "nbs", 1), "cpi_growth is given in percentage_point, which measures PERCENTAGE_POINT; the indicator is in percent"},
	{"its size stated twice", "city", source.Observation{Region: "340100", Indicator: "gdp", Period: "2022", Unit: "cny_100m", Mult: 4, Origin: "nbs", Value: 1}, "the size of gdp is stated twice: cny_100m stands for 10^8, and the document states 10^4 beside the figure"},
	{"at constant prices", "city", stating(source.Stated{PriceBasis: "constant"}, "2022"), "the document gives a figure at constant prices (real), but gdp is at current prices (nominal)"},
	{"of a kind that says nothing here", "city", stating(source.Stated{PopulationScope: "all", PriceBasis: "current"}, "2022"), "340100 gdp 2022 nbs 1: 1"},
	{"three quarters are no quarter", "city", stating(source.Stated{Accumulation: "year_to_date"}, "2022-Q3"), "the document gives a figure from January to the end of the period, but gdp is of the period alone"},
	{"a first quarter is one", "city", stating(source.Stated{Accumulation: "year_to_date"}, "2022-Q1"), "340100 gdp 2022-Q1 nbs 1: 1"},
	{"unknown origin", "city", figure("340100", "gdp", "2022", "cny_100m", "nobody", 1), `origin "nobody" is not in publishers.csv`},
	{"bad period", "city", figure("340100", "gdp", "2022年", "cny_100m", "nbs", 1), `period "2022年" is not one of 2013, 2020-H1, 2017-Q1, 2024-05, 2016/2020`},
	{"no number", "city", figure("340100", "gdp", "2022", "cny_100m", "nbs", math.NaN()), "NaN is not a number"},
	{"an infinite number", "city", figure("340100", "gdp", "2022", "cny_100m", "nbs", math.Inf(1)), "+Inf is not a number"},
	{"nothing at all", "city", figure("", "", "2022", "", "", 1), `region "" is not in regions.csv`},

	{"a code", "bank", figure("CHN", "SP.POP.TOTL", "2022", "", "worldbank", 1412175000), "CHN population_midyear 2022 worldbank 201: 141217.5"},
	{"a code of money", "bank", figure("CHN", "NY.GDP.MKTP.CN", "2022", "", "worldbank", 123402940000000), "CHN gdp 2022 worldbank 201: 1.2340294e+06"},
	{"millions beside the figure", "bank", source.Observation{Region: "CHN", Indicator: "NY.GDP.MKTP.CN", Period: "2022", Mult: 6, Origin: "worldbank", Value: 123402940}, "CHN gdp 2022 worldbank 201: 1.2340294e+06"},
	{"the source's own code of a region", "bank", figure("CN", "SP.POP.TOTL", "2022", "", "worldbank", 1412175000), "CHN population_midyear 2022 worldbank 201: 141217.5"},
	{"another source's code of a region", "city", figure("CN", "gdp", "2022", "cny_100m", "nbs", 1), `region "CN" is not in regions.csv`},
	{"a code without conversion", "bank", figure("CHN", "FP.CPI.TOTL.ZG", "2021", "", "worldbank", 0.981015135), "CHN cpi_growth 2021 worldbank 201: 0.981015135"},
	{"the unit in the document counts", "bank", figure("CHN", "SP.POP.TOTL", "2022", "persons_10k", "worldbank", 141217.5), "CHN population_midyear 2022 worldbank 201: 141217.5"},
	{"a country by its code", "bank", figure("USA", "SP.POP.TOTL", "2022", "", "worldbank", 1), "outside"},
	{"another series", "bank", figure("CHN", "SP.POP.GROW", "2022", "", "worldbank", 1), "outside"},
	{"our word where codes are spoken", "bank", figure("CHN", "gdp", "2022", "cny_100m", "worldbank", 1), "outside"},
	{"a code that means nothing", "bank", figure("CHN", "WRONG", "2022", "", "worldbank", 1), "outside"},
	{"a code of a source that has none of ours", "office", figure("CHN", "F:A.GDP", "2022", "", "worldbank", 1), "outside"},
	{"a region of a source that has none of ours", "office", figure("ES51", "F:A.GDP", "2022", "", "worldbank", 1), "outside"},
	{"a code with a wrong unit", "bank", figure("CHN", "SP.POP.TOTL", "2022", "usd", "worldbank", 1), "population_midyear is given in usd, which measures USD; the indicator is in persons_10k"},
	{"a code with an unknown unit", "bank", figure("CHN", "SP.POP.TOTL", "2022", "heads", "worldbank", 1), `unit "heads" is not in units.csv`},
	{"a code with an unknown origin", "bank", figure("CHN", "SP.POP.TOTL", "2022", "", "nobody", 1), `origin "nobody" is not in publishers.csv`},
	{"a code with a bad period", "bank", figure("CHN", "SP.POP.TOTL", "22", "", "worldbank", 1), `period "22" is not one of 2013, 2020-H1, 2017-Q1, 2024-05, 2016/2020`},
}

func TestFigure(t *testing.T) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := said(normalise.New(definitions(), tt.source).Figure(&tt.in)); got != tt.want {
				t.Errorf("got\n%s, want\n%s", got, tt.want)
			}
		})
	}
}

// TestOrder asks one normaliser everything, in any order and again and again:
// what it remembers of earlier questions must never show.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := map[string]*normalise.Normaliser{}
		for _, id := range []string{"city", "bank", "office"} {
			of[id] = normalise.New(definitions(), id)
		}
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(tests)-1), 1, 60).Draw(t, "questions") {
			tt := tests[i]
			if got := said(of[tt.source].Figure(&tt.in)); got != tt.want {
				t.Fatalf("%s: got\n%s, want\n%s", tt.name, got, tt.want)
			}
		}
	})
}

// TestSubject lets whoever numbers series compare pointers, also after figures
// about something else.
func TestSubject(t *testing.T) {
	n := normalise.New(definitions(), "city")
	ask := func(region, at, unit string) *normalise.Subject {
		o := figure(region, "gdp", at, unit, "nbs", 1)
		f, err := n.Figure(&o)
		if err != nil {
			t.Fatal(err)
		}
		return f.Subject
	}
	first := ask("340100", "2021", "cny_100m")
	other := ask("CHN", "2021", "cny_100m")
	if again := ask("340100", "2022", "cny_100m"); again != first {
		t.Errorf("figures of one series are about %+v and %+v, not one subject", first, again)
	}
	if other == first {
		t.Error("two regions are one subject")
	}
}

// TestMixture puts words of all kinds together and compares with a normaliser
// that was never asked anything else.
func TestMixture(t *testing.T) {
	words := func(of func(source.Observation) string) *rapid.Generator[string] {
		all := []string{""}
		for _, tt := range tests {
			all = append(all, of(tt.in))
		}
		return rapid.SampledFrom(all)
	}
	regions := words(func(o source.Observation) string { return o.Region })
	indicators := words(func(o source.Observation) string { return o.Indicator })
	unit := words(func(o source.Observation) string { return o.Unit })
	origins := words(func(o source.Observation) string { return o.Origin })
	c := definitions()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom([]string{"city", "bank"}).Draw(t, "source")
		old := normalise.New(c, id)
		for range rapid.IntRange(1, 30).Draw(t, "n") {
			o := figure(regions.Draw(t, "region"), indicators.Draw(t, "indicator"), rapid.SampledFrom([]string{"2022", "2020-H1", "x"}).Draw(t, "period"), unit.Draw(t, "unit"), origins.Draw(t, "origin"), rapid.Float64().Draw(t, "value"))
			if got, want := said(old.Figure(&o)), said(normalise.New(c, id).Figure(&o)); got != want {
				t.Fatalf("%+v: got\n%s, and asked first\n%s", o, got, want)
			}
		}
	})
}

// TestShipped translates what the World Bank sends, by the definitions that ship.
func TestShipped(t *testing.T) {
	c, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	n := normalise.New(c, "worldbank")
	year := period.Period{Freq: period.Annual, Start: period.DayOf(2022, time.January, 1)}
	tests := []struct {
		code      string
		value     float64
		indicator string
		want      float64
	}{
		{"SP.POP.TOTL", 1412175000, "population_midyear", 141217.5},
		{"NY.GDP.MKTP.CN", 121020700000000, "gdp", 1210207},
		{"NY.GDP.MKTP.CD", 17881783387000, "gdp_usd", 17881783387000},
		{"NY.GDP.MKTP.KD.ZG", 2.98908, "gdp_growth_real", 2.98908},
		{"FP.CPI.TOTL.ZG", 1.97357555, "cpi_growth", 1.97357555},
	}
	canonical := map[string]string{}
	for _, i := range c.Indicators {
		canonical[i.ID] = i.Unit
	}
	for _, tt := range tests {
		o := figure("CHN", tt.code, "2022", "", "worldbank", tt.value)
		got, err := n.Figure(&o)
		if err != nil {
			t.Errorf("%s: %v", tt.code, err)
			continue
		}
		about := &normalise.Subject{Region: "CHN", Indicator: tt.indicator, Origin: "worldbank", OriginNumber: c.Publishers["worldbank"].Number}
		want := normalise.Figure{Subject: about, Period: year, Value: tt.want}
		if tt.indicator == "population_midyear" && strings.HasSuffix(canonical[tt.indicator], "persons") {
			want.Value = tt.value
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s, held in %s (-want +got):\n%s", tt.code, canonical[tt.indicator], diff)
		}
	}
	// Germany's gross domestic product in its own currency is no amount in yuan.
	for code, want := range map[string]error{"NY.GDP.MKTP.CN": normalise.ErrOutside, "NY.GDP.MKTP.CD": nil, "FP.CPI.TOTL.ZG": nil} {
		o := figure("DEU", code, "2022", "", "worldbank", 1)
		if got, err := n.Figure(&o); !errors.Is(err, want) {
			t.Errorf("%s of Germany: %+v, %v; want the error %v", code, got, err, want)
		}
	}
}
