//go:build duckdb_arrow

package pipeline_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"citystats/data"
	"citystats/pipeline"
	"citystats/pipeline/normalise"
	"citystats/sources/source"
)

// mixings is every mixture that misleads, and what it is refused with at each of
// the three places: when a figure of one kind is loaded as the other, in the table
// that models read, and when somebody asks a macro for it.
var mixings = []struct {
	name          string
	figure        source.Observation // of Hefei in 2024, as a document states it
	loader        string
	one, other    string // indicators
	model         string
	macro, refuse string
}{
	{
		"nominal with real",
		source.Observation{Indicator: "gdp_growth_real", Unit: "percent", Stated: source.Stated{PriceBasis: "current"}},
		"the document gives a figure at current prices (nominal), but gdp_growth_real is at constant prices (real)",
		"gdp_growth_nominal", "gdp_growth_real",
		"gdp_growth_nominal is at current prices (nominal), gdp_growth_real is at constant prices (real)",
		"FROM cagr('hefei', 'gdp', 2013, 2014)",
		"cagr: gdp is at current prices (nominal), growth is meant at constant prices (real): take gdp_growth_real, or say allow_nominal := true for the nominal rate",
	},
	{
		"output share with value-added share",
		source.Observation{Indicator: "sei_value_added_share", Unit: "percent", Stated: source.Stated{Numerator: "output"}},
		"the document gives a figure of output, but sei_value_added_share is of value added",
		"sei_output_share", "sei_value_added_share",
		"sei_output_share is of output, sei_value_added_share is of value added", "", "",
	},
	{
		"urban with all",
		source.Observation{Indicator: "disposable_income_all", Unit: "cny", Stated: source.Stated{PopulationScope: "urban"}},
		"the document gives a figure of urban residents, but disposable_income_all is of all residents",
		"disposable_income_urban", "disposable_income_all",
		"disposable_income_urban is of urban residents, disposable_income_all is of all residents", "", "",
	},
	{
		"year to date with quarter",
		source.Observation{Indicator: "disposable_income_all", Unit: "cny", Period: "2024-Q3", Stated: source.Stated{Accumulation: "year_to_date"}},
		"the document gives a figure from January to the end of the period, but disposable_income_all is of the period alone",
		"disposable_income_all_year_to_date", "disposable_income_all",
		"disposable_income_all_year_to_date is from January to the end of the period, disposable_income_all is of the period alone", "", "",
	},
	{
		"quarter with year to date",
		source.Observation{Indicator: "disposable_income_all_year_to_date", Unit: "cny", Period: "2024-Q3", Stated: source.Stated{Accumulation: "period"}},
		"the document gives a figure of the period alone, but disposable_income_all_year_to_date is from January to the end of the period",
		"disposable_income_all", "disposable_income_all_year_to_date",
		"disposable_income_all is of the period alone, disposable_income_all_year_to_date is from January to the end of the period", "", "",
	},
	{
		"percentage points with percent",
		source.Observation{Indicator: "gdp_growth_real", Unit: "percentage_point"},
		"gdp_growth_real is given in percentage_point (pp), which measures PERCENTAGE_POINT; the indicator is in percent (%)",
		"lead_in_points", "gdp_growth_real",
		"lead_in_points is in percentage_point (pp), gdp_growth_real in percent (%)", "", "",
	},
	{
		"亿 with 万",
		source.Observation{Indicator: "gdp", Unit: "cny_100m", Mult: 4},
		"the size of gdp is stated twice: cny_100m (100m yuan) stands for 10^8, and the document states 10^4 beside the figure",
		"gdp", "revenue_in_wan",
		"gdp is in cny_100m (100m yuan), revenue_in_wan in cny_10k (10k yuan): convert one of them", "", "",
	},
	{
		"yuan with dollars",
		source.Observation{Indicator: "gdp_usd", Unit: "cny_100m"},
		"gdp_usd is given in cny_100m (100m yuan), which measures CNY; the indicator is in usd (US$)",
		"gdp", "gdp_usd",
		"gdp is in cny_100m (100m yuan), gdp_usd in usd (US$)", "", "",
	},
	{
		"a level with growth",
		source.Observation{Indicator: "gdp", Unit: "percent"},
		"gdp is given in percent (%), which measures PERCENT; the indicator is in cny_100m (100m yuan)",
		"gdp", "gdp_growth_real",
		"gdp is in cny_100m (100m yuan), gdp_growth_real in percent (%)",
		"FROM yoy('hefei', 'gdp_growth_real')",
		"yoy takes a level, but gdp_growth_real is yearly growth",
	},
	{
		"registered with resident people",
		source.Observation{Indicator: "gdp", Unit: "persons_10k"},
		"gdp is given in persons_10k (10k persons), which measures PERSON; the indicator is in cny_100m (100m yuan)",
		"gdp", "population_registered",
		"gdp is in cny_100m (100m yuan), population_registered in persons_10k (10k persons)",
		"FROM per_capita('hefei', 'gdp', population := 'population_registered')",
		"per_capita: gdp is not divided by population_registered (Registered population at the end of the year); write population_resident or population_midyear",
	},
}

// withPoints are the definitions with an indicator in percentage points and one in
// 万元, which those that ship do not have.
func withPoints(t *testing.T) *data.Catalog {
	t.Helper()
	text, err := fs.ReadFile(data.Files(), "indicators.csv")
	if err != nil {
		t.Fatal(err)
	}
	more := "lead_in_points,Lead,领先,percentage_point,1,growth,constant,none,none,,period,-50,50,1,,A lead,领先\n" +
		"revenue_in_wan,Revenue,收入,cny_10k,1,level,current,none,none,,period,0,1e12,1,,Revenue,收入\n"
	c, err := data.Load(overlay{data.Files(), "indicators.csv", string(text) + more})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// overlay is a folder in which one file reads otherwise.
type overlay struct {
	fs.FS
	name, text string
}

func (o overlay) Open(name string) (fs.File, error) {
	if name == o.name {
		return fstest.MapFS{name: {Data: []byte(o.text)}}.Open(name)
	}
	return o.FS.Open(name)
}

func TestMixingIsRefused(t *testing.T) {
	r := newRig(t).whole(t)
	r.Catalog = withPoints(t)
	r.run(t, pipeline.Options{})
	reader := r.open(t)
	normaliser := normalise.New(r.Catalog, "bundled")
	for _, m := range mixings {
		t.Run(m.name, func(t *testing.T) {
			o := m.figure
			o.Region, o.Origin, o.Value = "340100", "hefei_stats", 1
			if o.Period == "" {
				o.Period = "2024"
			}
			if _, err := normaliser.Figure(&o); err == nil || err.Error() != m.loader {
				t.Errorf("loader: %v\nwant %s", err, m.loader)
			}
			rows, err := reader.Query(t.Context(), "SELECT refusal FROM indicator_pairs WHERE indicator = ? AND other = ?", m.one, m.other)
			if err != nil || len(rows.Rows) != 1 || rows.Rows[0][0] != m.model {
				t.Errorf("model: %v, %v\nwant %s", rows.Rows, err, m.model)
			}
			refused := map[string]string{fmt.Sprintf("FROM gap('hefei', '%s', 'china', '%s')", m.one, m.other): "gap: " + m.model}
			if m.macro != "" {
				refused[m.macro] = m.refuse
			}
			for statement, message := range refused {
				if _, err := reader.Query(t.Context(), statement); err == nil || !strings.Contains(err.Error(), message) {
					t.Errorf("macro: %s: %v\nwant %s", statement, err, message)
				}
			}
		})
	}
}

// TestMixedFigureIsQuarantined carries one from a document to where an editor finds it.
func TestMixedFigureIsQuarantined(t *testing.T) {
	r := newRig(t)
	row := strings.TrimSuffix(line("disposable_income_all", "2024-Q3", "30941", "cny", "final", "2024-11"), "\n") + ",,all,,year_to_date\n"
	r.shelf.files["quarters.csv"] = &fstest.MapFile{Data: []byte(strings.TrimSuffix(header, "\n") + ",price_basis,population_scope,numerator,accumulation\n" + row)}
	r.run(t, pipeline.Options{})
	rows, err := r.open(t).Query(t.Context(), "SELECT reason FROM store.quarantine")
	want := "the document gives a figure from January to the end of the period, but disposable_income_all is of the period alone"
	if err != nil || len(rows.Rows) != 1 || rows.Rows[0][0] != want {
		t.Errorf("quarantine holds %v, %v; want %s", rows.Rows, err, want)
	}
	if v := r.value(t, "disposable_income_all", "2024-Q3"); v != nil {
		t.Errorf("three quarters were loaded as one: %v", v)
	}
}

// TestMacroExamplesRun calls every macro the way the file itself explains it.
func TestMacroExamplesRun(t *testing.T) {
	r := newRig(t).whole(t)
	more := []string{
		line("disposable_income_urban", "2013", "28083", "cny", "preliminary", ""), line("disposable_income_urban", "2021", "53208", "cny", "preliminary", ""),
		strings.Replace(line("cpi_growth", "2021", "0.9", "percent", "final", ""), "340100", "CHN", 1),
		line("gdp_growth_real", "2015", "10.5", "percent", "preliminary", ""), line("gdp_growth_real", "2016", "9.8", "percent", "preliminary", ""),
		line("gdp", "2018", "8605.1", "cny_100m", "revised", ""),
	}
	for i, row := range more {
		r.shelf.files[fmt.Sprintf("more_%d.csv", i)] = doc(row)
	}
	r.run(t, pipeline.Options{})
	reader := r.open(t)
	rows, err := reader.Query(t.Context(), "SELECT name, example FROM macros ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	if len(rows.Rows) < len(r.Queries.Macros) {
		t.Errorf("the file lists %d macros of %d", len(rows.Rows), len(r.Queries.Macros))
	}
	for _, row := range rows.Rows {
		if _, err := reader.Query(t.Context(), row[1].(string)); err != nil {
			t.Errorf("%s: %s: %v", row[0], row[1], err)
		}
	}
}
