package worldbank

import (
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"citystats/sources/source"
)

// nothing is a sink that only counts.
type nothing struct{ observed, rejected int }

func (n *nothing) Observe(*source.Observation) error { n.observed++; return nil }
func (n *nothing) Reject(source.Reject)              { n.rejected++ }

// BenchmarkDecode decodes a full page as "all" gives it: 20000 rows of 304
// countries and aggregates, a quarter of them null. times_crc32 is how much
// longer that takes than looking at each byte once.
func BenchmarkDecode(b *testing.B) {
	doc := source.Document{Name: "country/all/indicator/NY.GDP.MKTP.CD/page-1", Body: fullPage(20000)}
	src := New(Config{})
	var bare float64 // seconds for one page
	b.Run("crc32", func(b *testing.B) {
		b.SetBytes(int64(len(doc.Body)))
		for b.Loop() {
			crc32.ChecksumIEEE(doc.Body)
		}
		bare = b.Elapsed().Seconds() / float64(b.N)
	})
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(doc.Body)))
		b.ReportAllocs()
		for b.Loop() {
			var sink nothing
			if err := src.Decode(doc, &sink); err != nil || sink != (nothing{15000, 0}) {
				b.Fatalf("%v, %+v, want 15000 observations", err, sink)
			}
		}
		page := b.Elapsed().Seconds() / float64(b.N)
		b.ReportMetric(20000/page, "rows/s")
		b.ReportMetric(page/bare, "times_crc32")
	})
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
