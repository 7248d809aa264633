//go:build duckdb_arrow

package serve

import (
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"citystats/charts"
	"citystats/data"
	"citystats/pipeline/release"
	"citystats/serve/live"
	"citystats/serve/news"
	"citystats/transforms/units"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is not what programs read so far; if that is meant, go test -update\n--- want\n%s\n--- got\n%s", name, want, got)
	}
}

// sheet is a page of a release of a fixed day.
func sheet(t *testing.T, lang charts.Language) *page {
	t.Helper()
	base, err := url.Parse("https://stats.example.org")
	if err != nil {
		t.Fatal(err)
	}
	return &page{
		Server:  &Server{base: base, thousands: inThousands(map[string]data.Unit{"cny_100m": {Unit: units.Unit{ID: "cny_100m", Measure: "CNY", Mult: 8}, SymbolEN: "100m yuan"}, "cny": {Unit: units.Unit{ID: "cny", Measure: "CNY"}, SymbolEN: "yuan"}, "cny_1bn": {Unit: units.Unit{ID: "cny_1bn", Measure: "CNY", Mult: 9}, SymbolEN: "bn yuan"}, "persons_10k": {Unit: units.Unit{ID: "persons_10k", Measure: "PERSON", Mult: 4}, SymbolEN: "10k persons"}, "persons": {Unit: units.Unit{ID: "persons", Measure: "PERSON"}, SymbolEN: "persons"}})},
		release: &live.Release{Manifest: release.Manifest{ID: "2026-11-25-0a1b2c3d", CreatedAt: time.Date(2026, 11, 25, 2, 15, 0, 0, time.UTC)}},
		asked:   asked{lang: lang},
	}
}

var (
	percentage = 10.0
	figure     = 8.3
	known      = time.Date(2026, 11, 25, 2, 15, 0, 0, time.UTC)
	revised    = []news.Revision{
		{
			ID: "00112233aabbccdd", RegionCode: "340100", Region: news.Text{EN: "Hefei", ZH: "合肥市"}, Indicator: "gdp", Title: news.Text{EN: "Gross domestic product", ZH: "地区生产总值"}, Period: "2018",
			Unit: "cny_100m", Symbol: news.Text{EN: "100m yuan", ZH: "亿元"}, Decimals: 2, Old: 7822.9, New: 8605.1, Change: 782.2, ChangePercent: &percentage, Type: "census", OldStatus: "preliminary", NewStatus: "revised",
			Origin: "hefei_stats", OriginName: news.Text{EN: "Hefei Bureau of Statistics", ZH: "合肥市统计局"}, Document: news.Document{ID: 68, Title: "Communiqué <2019> & more", URL: "https://tjj.hefei.gov.cn/a?b=1&c=2"}, PublishedAt: "2020-03-20", KnownAt: known,
		},
		{
			ID: "0011223344556677", RegionCode: "CHN", Region: news.Text{EN: "China", ZH: "中国"}, Indicator: "gdp_growth_real", Title: news.Text{EN: "Real growth of GDP", ZH: "GDP实际增速"}, Period: "2020",
			Unit: "percent", Symbol: news.Text{EN: "%", ZH: "%"}, Decimals: 1, Old: 2.3, New: 2.2, Change: -0.1, OldStatus: "preliminary", NewStatus: "final",
			Origin: "nbs", OriginName: news.Text{EN: "National Bureau of Statistics of China", ZH: "国家统计局"}, KnownAt: known.Add(-time.Hour),
		},
	}
	turned = []news.Turn{{
		ID: "8899aabbccddeeff", Claim: "growth_above_8", Sentence: news.Text{EN: "Hefei grew by more than 8 % a year.", ZH: "合肥年均增长超过8%。"}, Reading: "bridged", Label: news.Text{EN: "chained rates", ZH: "逐年增速连乘"}, Natural: true,
		From: "undefined", To: "holds", ToValue: &figure, Symbol: news.Text{EN: "%", ZH: "%"}, Decimals: 2, Date: "2023-05-24", KnownAt: known,
		Causes: []news.Cause{
			{Kind: "first figure", RegionCode: "340100", Region: news.Text{EN: "Hefei", ZH: "合肥市"}, Indicator: "gdp_growth_real", Title: news.Text{EN: "Real growth of GDP", ZH: "GDP实际增速"}, Period: "2021", New: &figure, Document: news.Document{ID: 66, Title: "Communiqué of 2021"}},
			{Kind: "other figures"},
		},
	}}
)

// drawn is a chart with all that must be said of one.
func drawn(lang charts.Language) *charts.Chart {
	d := charts.Definition{ID: "income", Kind: charts.Lines, Indicator: "disposable_income_urban", Title: charts.Text{EN: "Disposable income", ZH: "可支配收入"}, Note: charts.Text{EN: "Current prices.", ZH: "现价。"}}
	d.Headlines.Lone = charts.Text{EN: "Income of {region} was {value} in {period}", ZH: "{period}年{region}收入{value}"}
	point := func(year int, value float64) charts.Point {
		start := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		return charts.Point{Period: start.Format("2006"), Start: start, Value: value, Status: "A", Qualifier: "exact", Confidence: "high", Document: 1, Record: 1}
	}
	yuan := charts.Text{EN: "yuan", ZH: "元"}
	return &charts.Chart{
		Definition: d, Language: lang, Region: charts.Place{Code: "340100", Name: charts.Text{EN: "Hefei", ZH: "合肥"}}, Unit: yuan, UnitName: yuan, Release: "2026-11-25-0a1b2c3d",
		Series:  []charts.Series{{Key: "hefei", Name: charts.Text{EN: "Hefei", ZH: "合肥"}, Role: charts.Focus, Unit: yuan, Points: []charts.Point{point(2020, 48283), point(2021, 53208)}}},
		Sources: []charts.Source{{Name: charts.Text{EN: "Hefei Bureau of Statistics", ZH: "合肥市统计局"}, Licence: "not stated"}},
	}
}

// What other programs read stays as it is, byte for byte.
func TestGoldenFeeds(t *testing.T) {
	for _, lang := range []charts.Language{charts.English, charts.Chinese} {
		p := sheet(t, lang)
		text, err := p.revisionFeed(revised)
		golden(t, "revisions."+string(lang)+".atom", text, err)
		text, err = p.claimFeed(turned)
		golden(t, "claims."+string(lang)+".atom", text, err)
	}
	text, err := indented(revised)
	golden(t, "revisions.json", text, err)
	text, err = indented(turned)
	golden(t, "claims.json", text, err)
}

func TestGoldenNewsroom(t *testing.T) {
	for _, lang := range []charts.Language{charts.English, charts.Chinese} {
		p := sheet(t, lang)
		p.region = "320500"
		text, err := indented(p.datawrapperWords(drawn(lang)))
		golden(t, "dw."+string(lang)+".json", text, err)
		text, err = indented(p.oembedOf(drawn(lang), [2]int{600, 400}))
		golden(t, "oembed."+string(lang)+".json", text, err)
	}
}

// Datawrapper replaces each section that it is sent, so only these may be there.
func TestDatawrapperIsSentNoMoreThanMustChange(t *testing.T) {
	words, ok := sheet(t, charts.English).datawrapperWords(drawn(charts.English)).(map[string]any)
	if !ok || len(words) != 3 || words["title"] == "" || words["describe"] == nil || words["annotate"] == nil {
		t.Errorf("these sections are sent: %v", words)
	}
}

// An empty feed was updated when its release was made.
func TestEmptyFeed(t *testing.T) {
	text, err := sheet(t, charts.English).claimFeed(nil)
	if err != nil || !strings.Contains(string(text), "<updated>2026-11-25T02:15:00Z</updated>") {
		t.Errorf("%s, %v", text, err)
	}
}

func TestNumbers(t *testing.T) {
	p := sheet(t, charts.English)
	value := func(v float64) *float64 { return &v }
	for want, got := range map[string]string{
		"53,208 yuan": p.amount(value(53208), "exact", 0, news.Text{EN: "yuan"}), "8.30%": p.amount(value(8.2996), "", 2, percent), "over 13%": p.amount(value(13), "over", 1, percent),
		"—": p.amount(nil, "", 1, percent), "−0.1": signed(value(-0.1), 1, ""), "+12.2%": signed(value(12.24), 1, "%"), "0.0": signed(value(-0.04), 1, ""), "860.51bn yuan": p.amount(value(8605.1), "exact", 1, news.Text{EN: "100m yuan", ZH: "亿元"}), "9,634,000 persons": p.amount(value(963.4), "", 1, news.Text{EN: "10k persons"}), "8,605.1亿元": sheet(t, charts.Chinese).amount(value(8605.1), "", 1, news.Text{EN: "100m yuan", ZH: "亿元"}), "about 0.725bn US$": p.amount(value(0.725), "about", 1, news.Text{EN: "bn US$"}),
		"2013–2022": span("2013/2022"), "provisional, one step removed": p.standing("P", "medium"), "1,234.5678": decimal(1234.5678, -1),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
