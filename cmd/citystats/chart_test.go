//go:build duckdb_arrow

package main

import (
	"strings"
	"testing"
	"time"

	"citystats/charts"
	"citystats/charts/render"
	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/warehouse"
	queries "citystats/sql"
)

func definitions(t *testing.T, a *app) (*data.Catalog, *queries.Set, []charts.Definition) {
	t.Helper()
	catalog, set, err := a.definitions()
	if err != nil {
		t.Fatal(err)
	}
	all, err := charts.Load(catalog)
	if err != nil {
		t.Fatal(err)
	}
	return catalog, set, all
}

// TestReadyChartsOfEveryCity fills every ready chart in for each of the 36 cities:
// each can be laid out, or says what it lacks.
func TestReadyChartsOfEveryCity(t *testing.T) {
	a := released(t)
	_, _, all := definitions(t, a)
	r, m, err := a.reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	fonts, err := render.LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	cities, err := opened{r, m.ID}.members(t.Context(), "peers")
	if err != nil || len(cities) != 36 {
		t.Fatalf("there are %d peers (%v)", len(cities), err)
	}
	for _, d := range all {
		drawn := 0
		for _, city := range append(cities, "CHN") {
			c, err := charts.Resolve(t.Context(), r, d, charts.Params{Region: city, Language: charts.Both, Release: m.ID})
			if fault.KindOf(err) == fault.Usage {
				continue
			}
			if err != nil {
				t.Errorf("%s of %s: %v, which nobody can act on", d.ID, city, err)
				continue
			}
			drawn++
			if _, err := c.Spec(charts.Look{Theme: charts.Dark, Size: charts.Social}, fonts); err != nil {
				t.Errorf("%s of %s: %v", d.ID, city, err)
			}
			if text := c.Headline() + c.Alt() + strings.Join(c.Notes(), ""); strings.ContainsAny(text, "{}") || strings.Contains(text, "%!") {
				t.Errorf("%s of %s: something is not filled in: %s", d.ID, city, text)
			}
		}
		if drawn == 0 {
			t.Errorf("%s can be drawn of no city", d.ID)
		}
	}
}

// TestFigureIsWithheldToTheSecond looks for one figure in everything that charts say,
// a second before its embargo ends and at that moment.
func TestFigureIsWithheldToTheSecond(t *testing.T) {
	a := released(t)
	catalog, set, all := definitions(t, a)
	at := time.Date(2026, 12, 1, 10, 0, 0, 0, time.FixedZone("", 8*3600))
	catalog.Embargoes = []data.Embargo{{Region: "340100", Indicator: "disposable_income_urban", Period: "2021", NotBefore: at}}
	for _, c := range []struct {
		now  time.Time
		seen bool
	}{{at.Add(-time.Second), false}, {at, true}} {
		r, m, err := a.reader(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if err := r.See(t.Context(), catalog, set, warehouse.View{Withheld: catalog.Withheld(c.now)}); err != nil {
			t.Fatal(err)
		}
		for _, d := range all {
			drawn, err := charts.Resolve(t.Context(), r, d, charts.Params{Language: charts.English, Release: m.ID})
			if err != nil {
				t.Fatal(err)
			}
			file, err := drawn.CSV(false)
			if err != nil {
				t.Fatal(err)
			}
			text := string(file) + drawn.Alt() + strings.Join(drawn.Notes(), "")
			// 53,208 is the figure, 12.22 percent the gap that a claim and 181.3 what an index makes of it.
			seen := strings.Contains(text, "53208") || strings.Contains(text, "53,208") || strings.Contains(text, "12.22") || strings.Contains(text, "181.3")
			about := d.ID == "income" || d.ID == "income_cities" || d.ID == "income_index" || d.ID == "claim_income"
			if seen != (c.seen && about) {
				t.Errorf("%s at %v: the figure is seen: %v\n%s", d.ID, c.now, seen, text)
			}
		}
	}
}
