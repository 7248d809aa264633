package communique_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"citystats/sources/source"
)

// counter is a sink that only counts.
type counter struct{ observed, rejected int }

// Observe counts.
func (c *counter) Observe(*source.Observation) error { c.observed++; return nil }

// Reject counts.
func (c *counter) Reject(source.Reject) { c.rejected++ }

// long is a page of 150 years in GB 18030, a communiqué's paragraph for each: eight
// figures, and as much again that is not looked for.
func long(b *testing.B) source.Document {
	var text strings.Builder
	for y := 1950; y < 2100; y++ {
		fmt.Fprintf(&text, "<p class=MsoNormal><span>初步核算，%[1]d年全市生产总值（GDP）<span lang=EN-US>12013.1</span>亿元，按可比价格计算，比上年增长3.5%%，高于全国0.5个百分点。"+
			"%[1]d年，第一产业增加值379.2亿元，增长4.3%%。%[1]d年规模以上工业增加值比上年增长6.3%%，其中国有企业增长1.2%%，汽车制造业增长20.1%%。"+
			"%[1]d年末全市常住人口963.4万人，户籍人口800.16万人，城镇化率84.6%%。%[1]d年居民消费价格上涨2.0%%，食品烟酒类上涨3.1%%。"+
			"固定资产投资增长9.1%%，社会消费品零售总额5071.2亿元，下降0.8%%，进出口总额3610.8亿元，增长8.6%%。"+
			"%[1]d年战略性新兴产业产值占规模以上工业总产值的比重为54.9%%。</span></p>\n", y)
	}
	body, err := simplifiedchinese.GB18030.NewEncoder().String(string(page("合肥市2099年国民经济和社会发展统计公报", text.String()).Body))
	if err != nil {
		b.Fatal(err)
	}
	return source.Document{Name: "long", Title: "long.htm", Body: []byte(body)}
}

// BenchmarkDecode reads the page and, for comparison, only looks at each of its bytes.
func BenchmarkDecode(b *testing.B) {
	src, doc := shipped(b), long(b)
	b.Run("figures", func(b *testing.B) {
		b.SetBytes(int64(len(doc.Body)))
		b.ReportAllocs()
		for b.Loop() {
			var sink counter
			if err := src.Decode(doc, &sink); err != nil || sink != (counter{1200, 0}) {
				b.Fatalf("%v, %+v, want 1200 observations", err, sink)
			}
		}
		b.ReportMetric(1200*float64(b.N)/b.Elapsed().Seconds(), "figures/s")
	})
	b.Run("bare scan", func(b *testing.B) {
		b.SetBytes(int64(len(doc.Body)))
		for b.Loop() {
			if bytes.Count(doc.Body, []byte("\n")) < 150 {
				b.Fatal("the page is shorter than it was")
			}
		}
	})
}
