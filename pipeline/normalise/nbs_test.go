package normalise_test

import (
	"fmt"
	"slices"
	"testing"

	"citystats/data"
	"citystats/pipeline/normalise"
	"citystats/sources/source"
)

// TestNBS gives figures as the source nbs yields them the project's meaning.
func TestNBS(t *testing.T) {
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	n := normalise.New(catalog, "nbs")
	for _, tt := range []struct {
		series, area, period, unit string
		value                      float64
		want                       string
	}{
		{"city_year_gdp", "340100", "2017", "cny_100m", 7213.45, "340100 gdp nbs 7213.45"},
		{"city_year_gdp", "合肥", "2017", "cny_10k", 72134500, "340100 gdp nbs 7213.45"},
		{"city_year_population_registered", "重庆", "2017", "persons_10k", 3390, "500000 population_registered nbs 3390"},
		{"nation_month_cpi", "000000000000", "2020-12", "percent", 0.2, "CHN cpi_growth nbs 0.2"},
		{"nation_quarter_disposable_income", "000000000000", "2024-Q3", "cny", 30941, "CHN disposable_income_all_year_to_date nbs 30941"},
		{"nation_year_population", "000000000000", "2020", "persons_10k", 141212, "CHN population_resident nbs 141212"},
		{"province_year_gdp_index", "340000", "2020", "percent", 3.9, "340000 gdp_growth_real nbs 3.9"},
		{"province_year_disposable_income_urban", "北京市", "2024", "cny", 92464, "110000 disposable_income_urban nbs 92464"},
		{"zb.A0D0101", "000000000000", "2022-01", "cny_100m", 2431022.72, normalise.ErrOutside.Error()},
		{"city_year_gdp", "某市", "2017", "cny_100m", 1, normalise.ErrOutside.Error()},
		{"city_year_gdp", "340100", "2017", "percent", 1, "gdp is given in percent (%), which measures PERCENT; the indicator is in cny_100m (100m yuan)"},
	} {
		f, err := n.Figure(&source.Observation{Region: tt.area, Indicator: tt.series, Period: tt.period, Unit: tt.unit, Value: tt.value, Origin: "nbs"})
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprintf("%s %s %s %v", f.Region, f.Indicator, f.Origin, f.Value)
		}
		if got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.series, tt.area, got, tt.want)
		}
	}
	for _, r := range catalog.SourceRegions {
		if r.Source == "nbs" && r.Region != "CHN" && !slices.ContainsFunc(catalog.Regions, func(c data.Region) bool { return c.Code == r.Region && slices.Contains(c.Aliases, r.Code) }) {
			t.Errorf("data/source_regions.csv: %s is no name of %s", r.Code, r.Region)
		}
	}
}
