package worldbank

import (
	"fmt"
	"strings"
	"testing"

	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// BenchmarkDecode decodes a full page as "all" gives it: 20000 rows of 304
// countries and aggregates, a quarter of them null.
func BenchmarkDecode(b *testing.B) {
	doc := source.Document{Name: "country/all/indicator/NY.GDP.MKTP.CD/page-1", Body: fullPage(20000)}
	sourcetest.Bench(b, New(Config{}), doc, 15000)
}

// fullPage is n rows in the API's form and order.
func fullPage(n int) []byte {
	var s strings.Builder
	fmt.Fprintf(&s, `[{"page":1,"pages":1,"per_page":20000,"total":%d,"sourceid":"2","lastupdated":"2026-07-13"},[`, n)
	for i := range n {
		if i > 0 {
			s.WriteByte(',')
		}
		value := fmt.Sprint(1.5e12 + float64(i)*1234.5678)
		if i%4 == 3 {
			value = "null"
		}
		country := i / 66
		fmt.Fprintf(&s, `{"indicator":{"id":"NY.GDP.MKTP.CD","value":"GDP (current US$)"},"country":{"id":"%c%c","value":"Country number %d"},`+
			`"countryiso3code":"%c%cX","date":"%d","value":%s,"unit":"","obs_status":"","decimal":0}`,
			'A'+country/26%26, 'A'+country%26, country, 'A'+country/26%26, 'A'+country%26, 2025-i%66, value)
	}
	s.WriteString("]]")
	return []byte(s.String())
}
