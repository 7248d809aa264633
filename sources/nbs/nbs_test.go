package nbs

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// at makes New ask another host.
func at(c Config) func(string) source.Source {
	return func(base string) source.Source {
		c.BaseURL = base
		return New(c)
	}
}

// cases are the folders of testdata and what is wanted in each, with the ids that
// are pinned in data/nbs_catalogues.csv.
var cases = map[string][]Catalogue{
	"changed":  {gdp},
	"disorder": {gdp},
	"refused":  {gdp},
	"provinces": {{
		ID: "province_year_disposable_income_urban", Series: "province_year_disposable_income_urban", Tree: 6, Root: "c4d82af16c3d4f0cb4f09d4af7d5888e",
		Catalogue: "5c072e1073514e448de4132760308fcf", Names: []string{"城镇居民人均可支配收入"}, Indicator: "dd28563a8af84935bc8a010abf8b772c",
		Areas: "a10dceae75d245008bf4b9a0e6fe1d55", First: "1978",
	}},
	"versions": {
		{
			ID: "nation_month_cpi_2016", Series: "nation_month_cpi", Tree: 1, Root: "fc982599aa684be7969d7b90b1bd0e84", Catalogue: "9d4eec43537742a7ab5d63db97fa2f51",
			Names: []string{"居民消费价格指数(上年同月=100)"}, Indicator: "e5c318ffdbbc4d38898e52b52267eb25", Index: true, First: "2016-01", Last: "2020-12",
		},
		{
			ID: "nation_month_cpi_2021", Series: "nation_month_cpi", Tree: 1, Root: "fc982599aa684be7969d7b90b1bd0e84", Catalogue: "809d2522b0fe4be89142650341b19083",
			Names: []string{"居民消费价格指数(上年同月=100)"}, Indicator: "4ae9047687934a6390984c21d6ddab96", Index: true, First: "2021-01", Last: "2025-12",
		},
	},
}

var gdp = Catalogue{
	ID: "nation_year_gdp", Series: "nation_year_gdp", Tree: 3, Root: "884c062607104a91967b22742537f44f", Path: "国民经济核算 > 国内生产总值",
	Catalogue: "f7fd25aaad184414875632cf2327da60", Names: []string{"国内生产总值"}, Indicator: "7dc6a2ee6c614960b7059991e0cc4d96", First: "1949",
}

func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/*/01.http")
	if err != nil || len(folders) != len(cases) {
		t.Errorf("%d folders in testdata for %d cases, %v", len(folders), len(cases), err)
	}
	for name, catalogues := range cases {
		t.Run(name, func(t *testing.T) {
			sourcetest.Replay(t, os.DirFS("testdata/"+name), at(Config{Catalogues: catalogues}))
		})
	}
}

func TestConformance(t *testing.T) {
	sourcetest.Run(t, sourcetest.Subject{
		New:      at(Config{Catalogues: wanted()}),
		Upstream: newSite(t),
		Documents: []source.Document{
			{Source: ID, Name: "import/quarters.json", Title: "quarters", Publisher: ID, Body: []byte(queryQuarters)},
		},
	})
}

// summary is a figure on one line.
func summary(o source.Observation) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %v %s %s%s %s", o.Indicator, o.Region, o.Period, o.Value, o.Unit, o.Derivation, o.Note, o.Stated.Accumulation))
}

func decodeAll(t *testing.T, docs []source.Document, catalogues []Catalogue) (figures, rejects []string) {
	t.Helper()
	for _, d := range docs {
		c, err := sourcetest.Decode(New(Config{Catalogues: catalogues}), d)
		if err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		for _, o := range c.Observations {
			figures = append(figures, summary(o))
		}
		for _, r := range c.Rejects {
			rejects = append(rejects, r.Reason)
		}
	}
	return figures, rejects
}

// all is everything there is on the fake site's shelves, among the many rows
// without a figure.
var all = []string{
	"city_year_gdp 340100 2017 7213.45 cny_100m",
	"city_year_gdp 340100 2016 6274.38 cny_100m",
	"city_year_gdp 340100 2015 5660.27 cny_100m",
	"city_year_gdp 320100 2002 1297.57 cny_100m",
	"city_year_gdp 320100 2001 1150.3 cny_100m",
	"city_year_gdp 110000 1999 2678.82 cny_100m",
	"nation_month_cpi 000000000000 2020-12 0.2 percent index 100.2 minus 100",
	"nation_month_cpi 000000000000 2020-11 -0.5 percent index 99.5 minus 100",
	"nation_month_cpi 000000000000 2021-02 -0.2 percent index 99.8 minus 100",
	"nation_month_cpi 000000000000 2021-01 -0.3 percent index 99.7 minus 100",
	"nation_quarter_gdp_index 000000000000 2019-Q2 6.2 percent index 106.2 minus 100",
	"nation_quarter_gdp_index 000000000000 2019-Q1 6.4 percent index 106.4 minus 100",
	"nation_quarter_gdp_index 000000000000 2018-Q4 6.4 percent index 106.4 minus 100",
	"nation_quarter_disposable_income 000000000000 2024-Q4 41314 cny From January to December. year_to_date",
	"nation_quarter_disposable_income 000000000000 2024-Q3 30941 cny From January to September. year_to_date",
	"nation_quarter_disposable_income 000000000000 2024-Q2 20733 cny From January to June. year_to_date",
	"nation_year_gdp 000000000000 2020 1.0348676e+06 cny_100m",
	"province_year_disposable_income_urban 110000 2024 92464 cny",
}

func TestFetch(t *testing.T) {
	s := newSite(t)
	docs, err := s.fetch(t, wanted())
	if err != nil {
		t.Fatal(err)
	}
	figures, rejects := decodeAll(t, docs, wanted())
	if diff := cmp.Diff(all, figures); diff != "" || len(rejects) > 0 {
		t.Errorf("figures (-want +got):\n%s\nrejects: %v", diff, rejects)
	}
	var notBefore []string
	for _, d := range docs {
		notBefore = append(notBefore, d.NotBefore)
		if d.Published != "" {
			t.Errorf("%s: published %s, which nothing says", d.Name, d.Published)
		}
	}
	if want := []string{"2018-01-01", "2021-01-01", "2021-03-01", "2019-07-01", "2025-01-01", "2021-01-01", "2025-01-01"}; !slices.Equal(notBefore, want) {
		t.Errorf("not before %v, want the days after the newest figures, %v", notBefore, want)
	}
	if d := docs[0]; d.Title != "国家数据 主要城市年度数据 > 国民经济核算 > 地区生产总值(当年价格)" || !strings.HasSuffix(d.URL, "/dg/website/page.html#/pc/national/mainYearData") {
		t.Errorf("title %q, URL %q", d.Title, d.URL)
	}
	last := s.questions[len(s.questions)-1]
	want := query{
		Catalogue: "c-income-urban", Indicators: []string{"i-income-urban"}, Areas: s.areas[provinceList],
		Show: "3", Periods: []string{"2015YY-2026YY"}, Root: rootProvinces,
	}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Errorf("the last question (-want +got):\n%s", diff)
	}
	if got := s.questions[2].Periods[0]; got != "201601MM-202012MM" {
		t.Errorf("a version of the index that is closed is asked for %s, want 201601MM-202012MM", got)
	}
}

// TestListsAreAskedForOnce since the site wants few questions.
func TestListsAreAskedForOnce(t *testing.T) {
	s := newSite(t)
	twice := []Catalogue{wanted()[0], wanted()[0]}
	twice[1].ID = "again"
	if _, err := s.fetch(t, twice); err != nil {
		t.Fatal(err)
	}
	if want := []string{"/getDasByDaCatalogId", "/stream/esData", "/stream/esData"}; !slices.Equal(s.asked, want) {
		t.Errorf("asked %v, want %v", s.asked, want)
	}
}

// with is the wanted catalogues with one change to the one of that id.
func with(id string, change func(*Catalogue)) []Catalogue {
	c := wanted()
	change(&c[slices.IndexFunc(c, func(c Catalogue) bool { return c.ID == id })])
	return c
}

// TestChangedIDs pins ids that the site has given up.
func TestChangedIDs(t *testing.T) {
	for _, tt := range []struct {
		name, id string
		change   func(*Catalogue)
		says     []string // of the error; none when blanks are filled in without a word
	}{
		{
			"catalogue", "nation_year_gdp", func(c *Catalogue) { c.Catalogue = "gone" },
			[]string{"nation_year_gdp: ", "catalogue gone is now c-gdp;", "data/nbs_catalogues.csv"},
		},
		{"indicator", "nation_quarter_gdp_index", func(c *Catalogue) { c.Indicator = "gone" }, []string{"indicator gone is now i-gdp-index-q;"}},
		{
			"both and the root", "province_year_disposable_income_urban", func(c *Catalogue) { c.Root, c.Catalogue, c.Indicator = rootProvinces, "gone", "lost" },
			[]string{"catalogue gone is now c-income-urban, indicator lost is now i-income-urban;"},
		},
		{"the ids of another series", "nation_year_gdp", func(c *Catalogue) {
			c.Tree, c.Root, c.Path, c.First = 2, rootQuarter, "国民经济核算 > 国内生产总值指数", "1992-Q1"
			c.Catalogue, c.Indicator, c.Names, c.Index, c.ID, c.Series = "c-gdp-q", "i-gdp-q-cumulative", []string{"国内生产总值指数(上年同期=100)当季值"}, true, "nation_year_gdp", "nation_quarter_gdp_index"
		}, []string{"catalogue c-gdp-q is now c-gdp-index-q, indicator i-gdp-q-cumulative is now i-gdp-index-q;"}},
		{"no indicator was ever pinned", "nation_year_gdp", func(c *Catalogue) { c.Indicator = "" }, nil},
		{"nothing was ever pinned", "nation_year_gdp", func(c *Catalogue) { c.Catalogue, c.Indicator = "", "" }, nil},
		{"the path ends in the indicator", "nation_year_gdp", func(c *Catalogue) { c.Catalogue, c.Path = "", c.Path+" > 国内生产总值(亿元)" }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			catalogues := with(tt.id, tt.change)
			docs, err := newSite(t).fetch(t, catalogues)
			if (err == nil) != (tt.says == nil) || err != nil && fault.KindOf(err) != fault.Upstream {
				t.Fatalf("error %v, want one that says %q", err, tt.says)
			}
			for _, text := range tt.says {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("the error does not say %q: %v", text, err)
				}
			}
			figures, rejects := decodeAll(t, docs, catalogues)
			if len(docs) != len(catalogues) || len(rejects) > 0 || len(figures) < len(all) {
				t.Errorf("%d documents with %d figures, rejects %v; want %d documents and at least %d figures, found by name", len(docs), len(figures), rejects, len(catalogues), len(all))
			}
		})
	}
}

// TestLostSeries asks for what cannot be found again.
func TestLostSeries(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Catalogue)
		want   string
	}{
		{"no path", func(c *Catalogue) { c.Catalogue, c.Path = "gone", "" }, "the answer holds no figure; compare the row nation_year_gdp of data/nbs_catalogues.csv"},
		{"wrong path", func(c *Catalogue) { c.Catalogue, c.Path = "gone", "国民经济核算 > 国民总收入" }, `0 entries are called "国民总收入" among 国内生产总值; correct the path of nation_year_gdp`},
		{"wrong name", func(c *Catalogue) { c.Indicator, c.Names = "gone", []string{"国民总收入"} }, `0 indicators of the catalogue are called "国民总收入": it has 国内生产总值 (亿元)`},
		{"name of another at the pinned ids", func(c *Catalogue) { c.Names = []string{"国民总收入"} }, `indicator i-gdp is called "国内生产总值 (亿元) ", not "国民总收入"`},
		{"no figure in its years", func(c *Catalogue) { c.First = "2021" }, "the answer holds no figure"},
		{"closed before its years", func(c *Catalogue) { c.First, c.Last = "2011", "2012" }, "the answer holds no figure"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			catalogues := with("nation_year_gdp", tt.change)
			docs, err := newSite(t).fetch(t, catalogues)
			if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
			if len(docs) != len(catalogues)-1 {
				t.Errorf("%d documents, want those of the others, %d", len(docs), len(catalogues)-1)
			}
		})
	}
}

// TestMovedAreas has the pinned list of areas gone.
func TestMovedAreas(t *testing.T) {
	s := newSite(t)
	s.areas["list-of-all"] = s.areas[cityList]
	delete(s.areas, cityList)
	twice := []Catalogue{wanted()[0], wanted()[0]}
	twice[1].ID = "again"
	docs, err := s.fetch(t, twice)
	if len(docs) != 2 || fault.KindOf(err) != fault.Upstream || strings.Count(err.Error(), "the list of areas list-of-cities of city_year_gdp is now list-of-all (全部地区, 3 areas)") != 1 {
		t.Errorf("%d documents, error %v; want both, and to be told once", len(docs), err)
	}
	delete(s.areas, "list-of-all")
	if docs, err := s.fetch(t, twice); len(docs) > 0 || err == nil || !strings.Contains(err.Error(), "the site names no areas for city_year_gdp") {
		t.Errorf("%d documents, error %v; want none, for nobody knows the areas", len(docs), err)
	}
}

// TestLies changes one answer, to the question for the cities.
func TestLies(t *testing.T) {
	swap := func(from, to string) func(string) string {
		return func(answer string) string { return strings.ReplaceAll(answer, from, to) }
	}
	for _, tt := range []struct {
		name   string
		change func(string) string
		want   string
		kept   bool // the document is emitted all the same
	}{
		{"Beijing for all", swap("340100000000", "370100000000"), `it has area "370100000000", which was not asked for`, false},
		{"an area left out", swap(`"areaCode":"340100000000"`, `"areaCode":"320100000000"`), "1 areas that were asked for are not in the answer: 合肥", true},
		{"no area", swap("areaCode", "area_code"), "it does not say which area it is about", false},
		{"no values", func(string) string { return wrap("[]") }, "the answer holds no figure", false},
		{"null", func(string) string { return wrap("null") }, "the answer holds no figure", false},
		{"an object", func(string) string { return wrap("{}") }, "its data is not of the form expected", false},
		{"refusal", func(string) string { return `{"data":null,"success":false,"state":50000,"message":"系统错误"}` }, `the site says state 50000, success false: "系统错误"`, false},
		{"success without its state", func(string) string { return `{"data":[],"success":true}` }, "the site says state , success true", false},
		{"other periods", swap("YY", "AA"), "its period is none of the forms", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			s.change = func(_ int, answer string) string { return tt.change(answer) }
			docs, err := s.fetch(t, []Catalogue{with("city_year_gdp", func(c *Catalogue) { c.Path = "" })[0]})
			if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
			if (len(docs) > 0) != tt.kept {
				t.Errorf("%d documents, want them kept: %v", len(docs), tt.kept)
			}
		})
	}
}

// TestPassingDisorders are over by the third time.
func TestPassingDisorders(t *testing.T) {
	s := newSite(t)
	s.lie = func(w http.ResponseWriter, _ *http.Request, call int) bool {
		if call%3 != 0 {
			disorder(w)
		}
		return call%3 != 0
	}
	docs, err := s.fetch(t, wanted())
	if err != nil || len(docs) != len(wanted()) {
		t.Errorf("%d documents, %v", len(docs), err)
	}
	s = newSite(t)
	s.change = func(call int, answer string) string {
		if call%3 != 1 {
			return wrap("[]")
		}
		return answer
	}
	if docs, err = s.fetch(t, wanted()[3:4]); err != nil || len(docs) != 1 {
		t.Errorf("empty now and then: %d documents, %v", len(docs), err)
	}
}

// TestTurnedAway wants the other door named, and no more questions than needed.
func TestTurnedAway(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(w http.ResponseWriter)
		want   string
		calls  int
	}{
		{"403", func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }, "turns this program away: HTTP 403 Forbidden", 1},
		{"412", func(w http.ResponseWriter) { w.WriteHeader(http.StatusPreconditionFailed) }, "turns this program away: HTTP 412", 1},
		{"page", disorder, "a page came instead of data", 3},
		{"challenge", func(w http.ResponseWriter) {
			_, _ = fmt.Fprint(w, "<script>var wzws_sessionid='0';document.cookie=1</script>")
		}, "wzws_sessionid", 3},
		{"gone", func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }, "has moved this part of its interface", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			s.lie = func(w http.ResponseWriter, _ *http.Request, _ int) bool { tt.answer(w); return true }
			docs, err := s.fetch(t, wanted())
			if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "citystats import FILE --source nbs --published DATE") {
				t.Errorf("error %v, want one that says %q and names the import", err, tt.want)
			}
			if len(docs) > 0 || s.calls != tt.calls {
				t.Errorf("%d documents after %d questions, want none after %d", len(docs), s.calls, tt.calls)
			}
		})
	}
}

// TestPatience ends a visit that brings nothing but failures.
func TestPatience(t *testing.T) {
	s := newSite(t)
	s.lie = func(w http.ResponseWriter, _ *http.Request, call int) bool {
		if call > 1 {
			w.WriteHeader(http.StatusForbidden)
		}
		return call > 1
	}
	_, err := s.fetch(t, wanted())
	if s.calls != 1+patience || err == nil || !strings.Contains(err.Error(), "the visit ended with 2 catalogues not asked for") {
		t.Errorf("%d questions, error %v; want %d and to be told of the rest", s.calls, err, 1+patience)
	}
	s = newSite(t)
	s.noDate = true
	if _, err := s.fetch(t, wanted()[3:5]); err == nil || !strings.Contains(err.Error(), "have no date") {
		t.Errorf("a site without a clock: %v", err)
	}
}

// TestOldPath finds the values where they were before June 2026.
func TestOldPath(t *testing.T) {
	s := newSite(t)
	s.oldPath = true
	docs, err := s.fetch(t, wanted())
	if err != nil || len(docs) != len(wanted()) {
		t.Errorf("%d documents, %v", len(docs), err)
	}
	if n := strings.Count(strings.Join(s.asked, " "), "/stream/esData"); n != 1 {
		t.Errorf("the path that is gone was asked %d times, want once", n)
	}
}

func TestNothingWanted(t *testing.T) {
	s := newSite(t)
	if docs, err := s.fetch(t, nil); len(docs) > 0 || err != nil || s.calls > 0 {
		t.Errorf("%d documents, %v, %d questions", len(docs), err, s.calls)
	}
	if err := New(Config{}).Probe(t.Context(), nil); err != nil {
		t.Errorf("Probe of nothing: %v", err)
	}
	if info := New(Config{}).Info(); info.ID != "nbs" || !slices.Equal(info.Hosts, []string{"data.stats.gov.cn"}) {
		t.Errorf("%+v", info)
	}
	if got := New(Config{}).Place(3); got != "figure 3 from the top" {
		t.Errorf("Place(3) = %s", got)
	}
}
