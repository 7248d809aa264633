package table_test

import (
	"os"
	"path/filepath"
	"testing"

	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// BenchmarkDecode decodes a real export of the National Bureau, 36 cities, by the
// books that ship. What reading the cells of larger sheets takes is measured in
// package grid.
func BenchmarkDecode(b *testing.B) {
	path := filepath.Join("..", "..", "..", "shared", "samples", "yearbook", "easyquery_export_20_Major_GDP.xls")
	body, err := os.ReadFile(path)
	if err != nil {
		b.Skipf("no recorded export at %s", path)
	}
	sourcetest.Bench(b, shipped(b), source.Document{Name: "export", Body: body}, 618)
}
