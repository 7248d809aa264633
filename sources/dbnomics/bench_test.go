package dbnomics

import (
	"fmt"
	"testing"

	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// BenchmarkDecode decodes a series of 24,000 monthly figures, 2,000 years.
func BenchmarkDecode(b *testing.B) {
	const n = 24_000
	k := kept{
		Series: Series{ID: "WB/WDI/M-X-CHN", Region: "CHN", Origin: "worldbank"},
		name:   "Monthly – made up – China", datasetName: "World Development Indicators", frequency: "monthly", indexed: "2024-07-03T05:12:44.907Z",
	}
	for i := range n {
		month := fmt.Sprintf("%04d-%02d", 1000+i/12, i%12+1)
		k.periods, k.days, k.values = append(k.periods, month), append(k.days, month+"-01"), append(k.values, fmt.Sprintf("%d.%d", i, i%10))
	}
	src := New(Config{Series: []Series{k.Series}})
	sourcetest.Bench(b, src, source.Document{Name: k.ID, Published: "2024-07-03", Body: []byte(page(1, 0, 50, nil, k.json()))}, n)
}
