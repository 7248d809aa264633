package fred

import (
	"fmt"
	"strings"
	"testing"

	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// BenchmarkDecode decodes an answer of 24,000 monthly figures, 2,000 years.
func BenchmarkDecode(b *testing.B) {
	const n = 24_000
	var rows []string
	for i := range n {
		rows = append(rows, fmt.Sprintf(`{"realtime_start":"2024-10-30","realtime_end":"2024-10-30","date":"%04d-%02d-01","value":"%d.%d"}`, 1000+i/12, i%12+1, i, i%10))
	}
	body := fmt.Appendf(nil, `{"realtime_start":"2024-10-30","realtime_end":"2024-10-30","observation_start":"1000-01-01","observation_end":"9999-12-31","units":"lin","output_type":1,"file_type":"json",`+
		`"order_by":"observation_date","sort_order":"asc","count":%d,"offset":0,"limit":100000,"observations":[%s]}`, n, strings.Join(rows, ","))
	monthly := Series{ID: "GDP", Region: "USA", Origin: "bea", Frequency: "M", Units: "Billions of Dollars"}
	src := New(Config{Key: testKey, Series: []Series{monthly}})
	sourcetest.Bench(b, src, source.Document{Name: "GDP/2024-10-30" + valuesSuffix, Published: "2024-10-30", Body: body}, n)
}
