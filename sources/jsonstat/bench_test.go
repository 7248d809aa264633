package jsonstat

import (
	"fmt"
	"strings"
	"testing"

	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// BenchmarkDecode decodes a table as Eurostat writes them: 200,000 cells, of which
// three quarters have a value and every tenth of those a flag.
func BenchmarkDecode(b *testing.B) {
	doc := source.Document{Name: "nama_10r_3gdp/gdp/geo/time/part-1", Body: largeTable(2000, 50)}
	sourcetest.Bench(b, New(eurostat), doc, 150000)
}

// largeTable has two units, areas and years.
func largeTable(areas, years int) []byte {
	index := func(n int, name string) string {
		var codes []string
		for i := range n {
			codes = append(codes, fmt.Sprintf(`"`+name+`":%d`, i, i))
		}
		return strings.Join(codes, ",")
	}
	var values, statuses []string
	for i := range 2 * areas * years {
		if i%4 != 3 {
			values = append(values, fmt.Sprintf(`"%d":%d.%d`, i, i*7, i%10))
		}
		if i%40 == 0 {
			statuses = append(statuses, fmt.Sprintf(`"%d":"bp"`, i))
		}
	}
	return fmt.Appendf(nil, `{"version":"2.0","class":"dataset","value":{%s},"status":{%s},"id":["unit","geo","time"],"size":[2,%d,%d],"dimension":{`+
		`"unit":{"category":{"index":{"MIO_EUR":0,"EUR_HAB":1}}},"geo":{"category":{"index":{%s}}},"time":{"category":{"index":{%s}}}}}`,
		strings.Join(values, ","), strings.Join(statuses, ","), areas, years, index(areas, "DE%04d"), index(years, "19%02d"))
}
