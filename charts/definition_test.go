//go:build duckdb_arrow

package charts_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"citystats/charts"
	"citystats/data"
	"citystats/internal/fault"
)

const good = `charts:
  - id: income
    kind: lines
    region: "340100"
    indicator: disposable_income_urban
    title: {en: "Income", zh: "收入"}
    headlines: {lone: {en: "Income", zh: "收入"}}
`

// TestMistakesAreNamedWithTheirPlace spoils a good definition in one way at a time.
func TestMistakesAreNamedWithTheirPlace(t *testing.T) {
	if _, err := load(t, good); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{"kind: lines", "kind: pie", `charts\.yaml:3:11: chart "income" has the kind "pie"`},
		{"id: income", "id: In/Come", `charts\.yaml:2:9: the id "In/Come" is no such id or taken`},
		{`"340100"`, `"999999"`, `charts\.yaml:4:13: there is no region "999999"`},
		{"disposable_income_urban", "happiness", `charts\.yaml:5:16: there is no indicator "happiness"`},
		{"title: {en: \"Income\", zh: \"收入\"}", "title: {en: \"Income\"}", `has no title in both languages`},
		{"kind: lines", "kind: lines\n    benchmark: mars", `charts\.yaml:4:16: there is no benchmark "mars"`},
		{"kind: lines", "kind: gaps", `the chart has no benchmark`},
		{"kind: lines", "kind: ranking", `the chart has no pool`},
		{"kind: lines", "kind: lines\n    unit: {en: percent}", `there is no unit "percent"`},
		{"kind: lines", "kind: lines\n    not_before: tomorrow", `charts\.yaml:4:17: there is no not_before "tomorrow"`},
		{"kind: lines", "kind: lines\n    claim: growth_above_8", `there is no claim "growth_above_8"`},
		{"kind: lines", "kind: claims", `there is no indicator "disposable_income_urban"`},
		{"kind: lines\n    region: \"340100\"\n    indicator: disposable_income_urban", "kind: claims\n    region: CHN\n    claim: growth_above_8", `charts\.yaml:4:13: the claim "growth_above_8" is of another region`},
		{"disposable_income_urban", "gdp_growth_real\n    index: 2014", `only lines of amounts can be restated`},
		{"disposable_income_urban", "gdp_growth_real\n    log: true", `only lines of amounts have a logarithmic scale`},
		{"kind: lines", "kind: lines\n    colour: red", `charts\.yaml:4:5: unknown field "colour"`},
		{`lone: {en: "Income"`, `lone: {en: "Income of {place}"`, `charts\.yaml:7:23: the headline lone of chart "income" has a place \{place\} that nothing fills`},
		{`lone: {en: "Income", zh: "收入"}`, `lone: {en: "Income"}`, `has no headline lone in both languages`},
		{"charts:", "charts: [", `charts\.yaml`},
	} {
		_, err := load(t, strings.Replace(good, c.from, c.to, 1))
		if err == nil || fault.KindOf(err) != fault.Definition || !regexp.MustCompile(c.want).MatchString(err.Error()) {
			t.Errorf("with %q: %v\nwant a definition's fault that says %s", c.to, err, c.want)
		}
	}
	_, err := load(t, good+strings.TrimPrefix(good, "charts:\n"))
	if err == nil || !strings.Contains(err.Error(), "taken") {
		t.Errorf("two charts of one id: %v", err)
	}
}

func TestReadyChartsAreSound(t *testing.T) {
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	all, err := charts.Load(catalog)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[charts.Kind]bool{}
	for _, d := range all {
		kinds[d.Kind] = true
	}
	if len(kinds) != 6 {
		t.Errorf("the ready charts are of %d kinds, want each of the 6", len(kinds))
	}
}

// TestEmbargoEndsAtItsSecond looks one second before and at the moment itself.
func TestEmbargoEndsAtItsSecond(t *testing.T) {
	d := defined(t, strings.Replace(good, "kind: lines", "kind: lines\n    not_before: 2026-12-01T10:00:00+08:00", 1))[0]
	at := time.Date(2026, 12, 1, 2, 0, 0, 0, time.UTC)
	if !d.Embargoed(at.Add(-time.Second)) || d.Embargoed(at) {
		t.Errorf("hidden a second before: %v, at the moment: %v; want true and false", d.Embargoed(at.Add(-time.Second)), d.Embargoed(at))
	}
	if defined(t, good)[0].Embargoed(time.Time{}) {
		t.Error("a chart without an embargo is hidden")
	}
}

// TestWhatLacksIsSaid: what cannot be drawn is the asker's error, and says what can.
func TestWhatLacksIsSaid(t *testing.T) {
	s := store(t)
	for _, c := range []struct {
		id   string
		p    charts.Params
		want string
	}{
		{"income", charts.Params{Region: "110000"}, "no figure of Beijing; these have some: "},
		{"income", charts.Params{Region: "000000"}, `there is no region "000000"`},
		{"income", charts.Params{Benchmark: "mars"}, `there is no benchmark "mars"`},
		{"income", charts.Params{Language: "fr"}, `"fr" is no language of charts; write en, zh or both`},
		{"income", charts.Params{AsOf: "yesterday"}, `"yesterday" is not a day`},
		{"rank", charts.Params{Benchmark: "national"}, "the chart rank is not compared with a benchmark"},
		{"claim", charts.Params{Region: "320100"}, "the chart claim is of the region that its claim names, not of Nanjing"},
		{"growth_gap", charts.Params{Region: "CHN"}, "has no period that both"},
		{"rank", charts.Params{Region: "320500"}, "no figure of Suzhou"},
	} {
		if c.p.Language == "" {
			c.p.Language = charts.English
		}
		_, err := charts.Resolve(t.Context(), s, definition(t, c.id), c.p)
		if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %+v: %v, want a usage fault that says %q", c.id, c.p, err, c.want)
		}
	}
}

// FuzzParams asks for charts with whatever somebody types. No answer may be anything
// but a chart or the asker's error.
func FuzzParams(f *testing.F) {
	f.Add("income", "340100", "national_urban", "en", "2023-08-05")
	f.Add("rank", "Hefei", "", "zh", "")
	f.Add("growth_gap", "CHN", "province", "both", "2023-02-30")
	f.Add("cities", "'; DROP TABLE regions; --", "\x00", "fr", "0000-00-00")
	s := store(f)
	all := map[string]charts.Definition{}
	for _, d := range definitions(f) {
		all[d.ID] = d
	}
	f.Fuzz(func(t *testing.T, id, region, benchmark, language, asOf string) {
		d, ok := all[id]
		if !ok {
			d = all["income"]
		}
		p := charts.Params{Region: region, Benchmark: benchmark, Language: charts.Language(language), Release: release, AsOf: asOf}
		c, err := charts.Resolve(context.Background(), s, d, p)
		if err != nil {
			if fault.KindOf(err) != fault.Usage {
				t.Fatalf("%s with %+v: %v, which nobody can act on", id, p, err)
			}
			return
		}
		if _, err := c.Spec(charts.Look{Theme: charts.Light, Size: charts.Social}, drawer.Fonts()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.CSV(false); err != nil || c.Alt() == "" || c.Headline() == "" {
			t.Fatalf("%s with %+v: %v", id, p, err)
		}
	})
}
