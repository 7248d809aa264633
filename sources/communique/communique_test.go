package communique_test

import (
	"bytes"
	"net/http"
	"os"
	"path"
	"strings"
	"testing"

	"citystats/internal/fault"
	"citystats/sources/communique"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// areas are a few regions with offices.
var areas = []communique.Area{
	{Code: "CHN", Name: "中国", Names: []string{"全国"}, Level: "country", Office: "nbs"},
	{Code: "340000", Name: "安徽省", Names: []string{"安徽"}, Level: "province", Office: "anhui_stats"},
	{Code: "340100", Name: "合肥市", Names: []string{"合肥"}, Level: "prefecture", Office: "hefei_stats"},
	{Code: "340123", Name: "肥西县", Names: []string{"肥西"}, Level: "county", Office: "feixi_stats"},
	{Code: "340181", Name: "巢湖市", Names: []string{"巢湖"}, Level: "county"},
	{Code: "341400", Name: "巢湖市", Names: []string{"巢湖"}, Level: "prefecture"},
}

// published are the publications of the fake offices, at their addresses.
var published = []communique.Publication{
	{ID: "hefei_2022", Region: "340100", Period: "2022", Kind: "communique", Title: "合肥市2022年国民经济和社会发展统计公报", Publisher: "hefei_stats", URL: "/hefei/2022.html", Published: "2023-04", Fetch: true},
	{ID: "hefei_2023", Region: "340100", Period: "2023", Kind: "release", Title: "合肥2023年經濟運行情況", Publisher: "china_com_cn", URL: "/gate/big5/hefei/2023.htm", Published: "2024-02-05", Fetch: true},
	{ID: "hefei_2019", Region: "340100", Period: "2019", Kind: "communique", Title: "合肥市2019年国民经济和社会发展统计公报", Publisher: "hefei_stats", URL: "/tjgb/2019.html", Fetch: true},
}

// at is the source whose publications are those with one of the ids, at a base address.
func at(base string, ids ...string) *communique.Source {
	config := communique.Config{Areas: areas, Publishers: []communique.Publisher{
		{ID: "hefei_gov", Host: "www.hefei.gov.cn"}, {ID: "hefei_stats", Host: "tjj.hefei.gov.cn"}, {ID: "state_council", Host: "www.gov.cn"}, {ID: "tjcn", Host: "www.tjcn.org"},
	}}
	for _, p := range published {
		if len(ids) == 0 || strings.Contains(strings.Join(ids, " "), p.ID) {
			p.URL = base + p.URL
			config.Publications = append(config.Publications, p)
		}
	}
	return communique.New(config)
}

// body is the page of a recorded case.
func body(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(path.Join("testdata", name, "01.http"))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.SplitN(text, []byte("\n\n"), 3)[2]
}

// stored are the pages as documents, each in its encoding.
func stored(t testing.TB) []source.Document {
	return []source.Document{
		{Source: communique.ID, Name: "word", Title: "word.htm", Publisher: "hefei_stats", Body: body(t, "word")},
		{Source: communique.ID, Name: "big5", Title: "big5.htm", Publisher: "web_reprint", Body: body(t, "big5")},
		{Source: communique.ID, Name: "tables", Title: "tables.htm", Publisher: "tjcn", Body: body(t, "tables")},
	}
}

func TestConformance(t *testing.T) {
	pages := map[string][]byte{"/hefei/2022.html": body(t, "word"), "/tjgb/2019.html": body(t, "tables")}
	sourcetest.Run(t, sourcetest.Subject{
		New: func(base string) source.Source { return at(base, "hefei_2022", "hefei_2019") },
		Upstream: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=gb2312")
			_, _ = w.Write(pages[r.URL.Path])
		}),
		Documents: stored(t)[1:2],
	})
}

// cases are the recorded exchanges, and which publication each asks for.
var cases = map[string]string{
	"word": "hefei_2022", "big5": "hefei_2023", "tables": "hefei_2019",
	"challenge": "hefei_2022", "unavailable": "hefei_2022", "another": "hefei_2022",
}

func TestReplay(t *testing.T) {
	for name, id := range cases {
		t.Run(name, func(t *testing.T) {
			sourcetest.Replay(t, os.DirFS(path.Join("testdata", name)), func(base string) source.Source { return at(base, id) })
		})
	}
}

func FuzzDecode(f *testing.F) { sourcetest.Fuzz(f, at(""), stored(f)...) }

// FuzzPDF is apart because what reads PDF is slow under the fuzzer's instruments.
func FuzzPDF(f *testing.F) {
	small := source.Document{Name: "pdf", Title: "a.pdf", Body: pdf([]string{"合肥市2025年国民经济和社会发展统计公报", "全市生产总值14210亿元。"})}
	if _, err := sourcetest.Decode(at(""), small); err != nil { // it starts too slowly for a fuzzed call
		f.Fatal(err)
	}
	sourcetest.Fuzz(f, at(""), small)
}

// TestNothingIsAskedWithoutARow wants a shipped source to ask only what a row allows.
func TestNothingIsAskedWithoutARow(t *testing.T) {
	src := shipped(t)
	docs, err := sourcetest.Fetch(t.Context(), src, http.DefaultClient)
	if hosts := src.Info().Hosts; len(docs) > 0 || err != nil || len(hosts) > 0 {
		t.Errorf("%d documents from %v, %v; no row of communiques.csv has evidence that its site lets programs in", len(docs), hosts, err)
	}
	if err := src.Probe(t.Context(), http.DefaultClient); err != nil {
		t.Errorf("there is nobody to ask, but Probe says %v", err)
	}
}

func TestDescribe(t *testing.T) {
	src := at("https://office.example")
	const copied = "https://www.tjcn.org/tjgb/12ah/1.html"
	for _, tt := range []struct {
		doc                    source.Document
		title, publisher, link string
	}{
		{stored(t)[0], "合肥市2022年国民经济和社会发展统计公报", "web_reprint", ""}, // a copy could have that title
		{source.Document{Title: "x.htm", URL: "https://office.example/hefei/2022.html", Body: body(t, "word")}, "合肥市2022年国民经济和社会发展统计公报", "hefei_stats", "https://office.example/hefei/2022.html"},
		{source.Document{Title: "x.htm", URL: copied, Body: body(t, "word")}, "合肥市2022年国民经济和社会发展统计公报", "tjcn", copied},
		{source.Document{Title: "x.htm", Body: page("肥西县2023年国民经济和社会发展统计公报", "").Body}, "肥西县2023年国民经济和社会发展统计公报", "web_reprint", ""},
		{source.Document{Title: "x.htm", Body: []byte("?")}, "x.htm", "web_reprint", ""},
		{source.Document{Title: "x.htm", URL: "https://tjj.hefei.gov.cn/1.html"}, "x.htm", "hefei_stats", "https://tjj.hefei.gov.cn/1.html"},
		{source.Document{Title: "x.htm", URL: "https://fgw.hefei.gov.cn/1.html"}, "x.htm", "hefei_gov", "https://fgw.hefei.gov.cn/1.html"},
		{source.Document{Title: "x.htm", URL: "https://tjj.wuhan.gov.cn/1.html"}, "x.htm", "web_reprint", "https://tjj.wuhan.gov.cn/1.html"},
	} {
		got := src.Describe(tt.doc)
		if got.Title != tt.title || got.Publisher != tt.publisher || got.URL != tt.link {
			t.Errorf("%s: described as %q by %q at %q, want %q by %q at %q", tt.doc.Title, got.Title, got.Publisher, got.URL, tt.title, tt.publisher, tt.link)
		}
	}
}

// TestWhose wants a figure to be of high confidence only where its office prints it.
func TestWhose(t *testing.T) {
	for publisher, want := range map[string]source.Confidence{"hefei_stats": source.High, "web_reprint": source.Medium, "": source.Medium} {
		doc := stored(t)[0]
		doc.Publisher = publisher
		c, err := sourcetest.Decode(at(""), doc)
		if err != nil || len(c.Observations) == 0 {
			t.Fatal(err)
		}
		for _, o := range c.Observations {
			if o.Confidence != want || o.Origin != "hefei_stats" {
				t.Errorf("printed by %q: %s is of confidence %d and made by %s, want %d and hefei_stats", publisher, o.Indicator, o.Confidence, o.Origin, want)
			}
		}
	}
	// An office that has no row yet is called by its name, for whoever adds one.
	c, err := sourcetest.Decode(at(""), page("桐庐县2024年国民经济和社会发展统计公报", "全体居民人均可支配收入60925元。"))
	if err != nil || len(c.Observations) != 1 || c.Observations[0].Region != "桐庐县" || c.Observations[0].Origin != "桐庐县统计局" {
		t.Errorf("%+v, %v; want one figure of 桐庐县 made by 桐庐县统计局", c.Observations, err)
	}
}

// TestSides wants both sides named when they disagree about what a document is.
func TestSides(t *testing.T) {
	src := at("https://office.example")
	for _, tt := range []struct {
		doc  source.Document
		want []string
	}{
		{source.Document{Title: "x", URL: "https://office.example/hefei/2022.html", Body: page("肥西县2022年国民经济和社会发展统计公报", "全年生产总值1046.3亿元。").Body}, []string{"合肥市", "the page says 肥西县"}},
		{source.Document{Title: "合肥市2021年国民经济和社会发展统计公报", Body: page("合肥市2022年国民经济和社会发展统计公报", "全年生产总值12013.1亿元。").Body}, []string{"about 2022", "its title says 2021"}},
		{source.Document{Title: "x", Body: page("巢湖市2012年国民经济和社会发展统计公报", "全年生产总值200亿元。").Body}, []string{"several areas are called 巢湖市"}},
	} {
		c, err := sourcetest.Decode(src, tt.doc)
		if err != nil || len(c.Observations) > 0 || len(c.Rejects) != 1 {
			t.Errorf("%v: %+v, %v; want one reject", tt.want, c, err)
			continue
		}
		for _, w := range tt.want {
			if !strings.Contains(c.Rejects[0].Reason, w) {
				t.Errorf("the reason %q does not say %q", c.Rejects[0].Reason, w)
			}
		}
	}
}

// TestTitles wants an area from a title only where it names one.
func TestTitles(t *testing.T) {
	src := at("")
	for title, want := range map[string]string{
		"合肥市2022年国民经济和社会发展统计公报":         "340100 2022",
		"2022年合肥市国民经济和社会发展统计公报_统计公报_合肥": "340100 2022",
		"安徽省合肥市二〇二二年国民经济和社会发展统计公报":      "340100 2022",
		"合肥2022年经济运行情况":                 "340100 2022",
		"合肥市统计局关于2022年国民经济和社会发展的统计公报":   "340100 2022",
		"合肥市肥西县2022年国民经济和社会发展统计公报":      "340123 2022",
		"合肥市经开区2022年国民经济和社会发展统计公报":      "经开区 2022",
		"2022年安徽各市生产总值":                 "",
		"2022年安徽16市GDP出炉":               "",
		"2022年合肥、芜湖生产总值":                "", // though 芜湖 is no area of this test
		"2022年安徽合肥生产总值":                 "340100 2022",
		"2022年国民经济和社会发展统计公报":            "",
		"合肥市2022年上半年经济运行情况":             "340100 2022-H1",
	} {
		c, err := sourcetest.Decode(src, page(title, "地区生产总值增长3.5%。"))
		got := ""
		if err == nil && len(c.Observations) == 1 {
			got = c.Observations[0].Region + " " + c.Observations[0].Period
		}
		if got != want {
			t.Errorf("%s: the figure is of %q, want %q; %v %v", title, got, want, err, c.Rejects)
		}
	}
}

func TestQuote(t *testing.T) {
	src := at("")
	for _, tt := range []struct{ body, indicator, place, want string }{
		{"<p>初步核算，全年全市生产总值（GDP）<sup>[2]</sup>１２０１３.1 亿元，按不变价格计算，比上年增长3.5％。</p>", "gdp", "sentence 2, figure 1", "初步核算，全年全市生产总值（GDP）１２０１３.1 亿元"},
		{"<p>全年生產(chǎn)總值12013.1億元，按不變價格計算，比上年增長3.5%。</p>", "gdp_growth_real", "sentence 2, figure 2", "全年生產(chǎn)總值12013.1億元，按不變價格計算，比上年增長3.5%"},
		{"<p>面对压力，迎难而上。第一产业增加值1亿元；户籍人口800.16万人。</p>", "population_registered", "sentence 4, figure 1", "第一产业增加值1亿元；户籍人口800.16万人"},
		{table("指标|绝对数（亿元）|比上年增长（%）", "生产总值|12,013.1|3.5"), "gdp_growth_real", "table 1, row 2, column 3", "生产总值 | 12,013.1 | 3.5"},
	} {
		doc := page("合肥市2022年国民经济和社会发展统计公报", tt.body)
		c, err := sourcetest.Decode(src, doc)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, o := range c.Observations {
			if o.Indicator != tt.indicator {
				continue
			}
			found = true
			got, err := src.Quote(doc, o.Record)
			if got != tt.want || err != nil || src.Place(o.Record) != tt.place {
				t.Errorf("%s at %q is quoted as %q, %v; want %q at %q", o.Indicator, src.Place(o.Record), got, err, tt.want, tt.place)
			}
		}
		if !found {
			t.Errorf("%s: there is no %s among %+v", tt.body, tt.indicator, c.Observations)
		}
	}
	if got := src.Place(1); got != "the document, remark 1" {
		t.Errorf("the whole document is called %q", got)
	}
}

func TestRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		body []byte
		want string
	}{
		"a page cut short":    {[]byte("<html><body><p>全年生产总值12013.1亿元。"), "breaks off"},
		"plain text":          {[]byte("合肥市2022年国民经济和社会发展统计公报 全年生产总值12013.1亿元。</html>"), "does not begin as an HTML page"},
		"a PDF cut short":     {pdf([]string{"合肥市2022年"})[:300], "PDF breaks off"},
		"a PDF of pictures":   {pdf([]string{}), "only pictures"},
		"a PDF without pages": {[]byte("%PDF-1.4\nxref\n0 1\ntrailer<</Size 1>>\nstartxref\n9\n%%EOF\n"), "PDF"},
		"a notice":            {page("通知", "网站维护").Body, "names none of the figures"},
	} {
		_, err := sourcetest.Decode(at(""), source.Document{Name: "x", Body: tt.body})
		if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "citystats import") {
			t.Errorf("%s: error %v, want one of kind upstream that says %q and points at the import", name, err, tt.want)
		}
	}
}
