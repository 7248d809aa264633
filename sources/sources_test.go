package sources_test

import (
	"slices"
	"strings"
	"testing"

	"citystats/data"
	"citystats/sources"
)

func TestAllAreDeclaredOnce(t *testing.T) {
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	all, err := sources.All(catalog)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range all {
		info := s.Info()
		if slices.Contains(ids, info.ID) {
			t.Errorf("two sources have the id %s", info.ID)
		}
		ids = append(ids, info.ID)
		if info.Title == "" || info.Generation < 1 {
			t.Errorf("source %s: Info %+v is incomplete", info.ID, info)
		}
		if !slices.ContainsFunc(catalog.Sources, func(d data.Source) bool { return d.ID == info.ID }) {
			t.Errorf("source %s has no row in data/sources.csv", info.ID)
		}
	}
	if len(ids) != len(catalog.Sources) {
		t.Errorf("data/sources.csv has %d rows for %v: a row without a source is never asked", len(catalog.Sources), ids)
	}
}

// TestNBSCatalogues holds data/nbs_catalogues.csv to what its series mean.
func TestNBSCatalogues(t *testing.T) {
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	indicators := map[string]data.Indicator{}
	for _, i := range catalog.Indicators {
		indicators[i.ID] = i
	}
	used := map[string]bool{}
	for _, c := range catalog.NBSCatalogues {
		i := slices.IndexFunc(catalog.SourceSeries, func(s data.SourceSeries) bool { return s.Source == "nbs" && s.Code == c.Series })
		if i < 0 {
			t.Errorf("%s: series %s is not in data/source_series.csv, so its figures would be left out", c.ID, c.Series)
			continue
		}
		used[c.Series] = true
		if growth := indicators[catalog.SourceSeries[i].Indicator].Measure == "growth"; c.Index && !growth {
			t.Errorf("%s: an index minus 100 is growth, and %s is none", c.ID, catalog.SourceSeries[i].Indicator)
		}
		if index := slices.ContainsFunc(c.Names, func(n string) bool { return strings.Contains(n, "=100") }); index != c.Index {
			t.Errorf("%s: names %v and index %v contradict each other", c.ID, c.Names, c.Index)
		}
		if cumulative := slices.ContainsFunc(c.Names, func(n string) bool { return strings.Contains(n, "累计") }); cumulative != c.FromJanuary {
			t.Errorf("%s: names %v and from_january %v contradict each other", c.ID, c.Names, c.FromJanuary)
		}
	}
	for _, s := range catalog.SourceSeries {
		if s.Source == "nbs" && !used[s.Code] {
			t.Errorf("series %s of data/source_series.csv has no row in data/nbs_catalogues.csv, so it is never asked for", s.Code)
		}
	}
}
