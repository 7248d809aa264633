package sources_test

import (
	"slices"
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
