package source_test

import (
	"testing"

	"citystats/sources/source"
)

// The numbers are in every release: changing one would change what old files mean.
func TestStoredNumbersStay(t *testing.T) {
	for name, want := range map[string]source.Status{"target": 1, "forecast": 2, "derived": 3, "preliminary": 4, "revised": 5, "final": 6} {
		if got, ok := source.ParseStatus(name); !ok || got != want {
			t.Errorf("status %s is %d, %v; the store says %d", name, got, ok, want)
		}
	}
	for name, want := range map[string]source.Qualifier{"": 0, "about": 1, "over": 2, "under": 3} {
		if got, ok := source.ParseQualifier(name); !ok || got != want {
			t.Errorf("qualifier %q is %d, %v; the store says %d", name, got, ok, want)
		}
	}
	for name, want := range map[string]source.Confidence{"low": 1, "medium": 2, "high": 3} {
		if got, ok := source.ParseConfidence(name); !ok || got != want {
			t.Errorf("confidence %s is %d, %v; the store says %d", name, got, ok, want)
		}
	}
	if _, ok := source.ParseStatus("Final"); ok {
		t.Error("statuses are spelled one way")
	}
}
