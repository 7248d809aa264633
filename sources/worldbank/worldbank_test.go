package worldbank

import (
	"fmt"
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

// cases are the folders of testdata and what is wanted in each.
var cases = map[string]Config{
	"plain":         {Series: []string{"NY.GDP.MKTP.CD", "SP.POP.TOTL", "FP.CPI.TOTL.ZG"}, Countries: []string{"CHN"}},
	"pages":         {Series: []string{"NY.GDP.MKTP.CD"}, Countries: []string{"CHN"}, PerPage: 2},
	"settles":       {Series: []string{"NY.GDP.MKTP.CD"}, Countries: []string{"CHN"}, PerPage: 2},
	"never-settles": {Series: []string{"NY.GDP.MKTP.CD", "SP.POP.TOTL"}, Countries: []string{"CHN"}, PerPage: 2},
	"refused":       {Series: []string{"NY.GDP.MKTP.XX", "NY/GDP", "SI.POV.XX", "GONE", "SP.POP.TOTL"}, Countries: []string{"CHN"}},
	"busy":          {Series: []string{"SP.POP.TOTL"}, Countries: []string{"CHN"}},
	"maintenance":   {Series: []string{"SP.POP.TOTL"}, Countries: []string{"CHN"}},
	"empty":         {Series: []string{"NY.GDP.MKTP.CD", "SP.POP.TOTL"}, Countries: []string{"CHN"}},
	"all":           {Series: []string{"NY.GDP.MKTP.CD"}, Countries: []string{"all"}},
	"rows":          {Series: []string{"SP.POP.TOTL"}, Countries: []string{"CHN"}},
}

// at makes New ask another host.
func at(c Config) func(string) source.Source {
	return func(base string) source.Source {
		c.BaseURL = base
		return New(c)
	}
}

func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/*/01.http")
	if err != nil || len(folders) != len(cases) {
		t.Errorf("%d folders in testdata for %d cases, %v", len(folders), len(cases), err)
	}
	for name, config := range cases {
		t.Run(name, func(t *testing.T) {
			sourcetest.Replay(t, os.DirFS("testdata/"+name), at(config))
		})
	}
}

func TestConformance(t *testing.T) {
	for name, b := range map[string]*bank{
		"one country":   {series: china, countries: "CHN", perPage: 2, stringMeta: true, bare: true},
		"all countries": {series: china, countries: "all", perPage: 3},
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			sourcetest.Run(t, sourcetest.Subject{
				New:      at(Config{Series: b.codes(), Countries: []string{b.countries}, PerPage: b.perPage}),
				Upstream: b,
			})
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(uint8(0), []byte(`[{"page":0,"pages":0,"per_page":null,"total":0},null]`))
	sourcetest.Fuzz(f, New(Config{}), seeds(f)...)
}

// seeds are the bodies of all cases, under the two sorts of names that Decode
// tells apart.
func seeds(f *testing.F) []source.Document {
	files, err := filepath.Glob("testdata/*/*.http")
	if err != nil {
		f.Fatal(err)
	}
	var docs []source.Document
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		parts := strings.SplitN(string(text), "\n\n", 3)
		name := "country/CHN/indicator/X/page-1"
		if strings.HasPrefix(parts[0], "GET /v2/country?") {
			name = countryList
		}
		docs = append(docs, source.Document{Name: name, Body: []byte(parts[2])})
	}
	return docs
}

// TestLies gives answers that are whole by themselves and wrong as a set.
func TestLies(t *testing.T) {
	for _, tt := range []struct {
		name string
		lie  func(page, call int, m *head)
		want string
	}{
		{"lastupdated moves on", func(page, _ int, m *head) { m.updated = fmt.Sprintf("2026-07-%02d", 12+page) }, "lastupdated is 2026-07-13 before page 2 and 2026-07-14 on it"},
		{"total changes", func(page, _ int, m *head) { m.total += page }, "total is 6 on page 1 and 7 on page 2"},
		{"pages grow", func(page, _ int, m *head) { m.pages += page / 2 }, "pages is 3 on page 1 and 4 on page 2"},
		{"page is another", func(_, _ int, m *head) { m.page = 1 }, "asked for page 2, it calls itself page 1"},
		{"total is too small", func(_, _ int, m *head) { m.total = 4 }, "hold 5 rows, but total says 4"},
		{"total is too large", func(_, _ int, m *head) { m.total = 50 }, "hold 5 rows, but total says 50"},
		{"more pages than rows", func(_, _ int, m *head) { m.pages, m.total = 1<<30, 1<<30 }, "page 4 of 1073741824 has no rows"},
		{"nothing, but pages of it", func(_, _ int, m *head) { m.pages, m.total, m.rows = 1<<30, 0, nil }, "page 1 of 1073741824 has no rows"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := &bank{t: t, series: china[:1], countries: "CHN", perPage: 2, lie: tt.lie}
			docs, err := b.fetch(t)
			if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
			if len(docs) > 0 || !strings.Contains(err.Error(), "asked 3 times") {
				t.Errorf("%d documents of a set that never agreed, error %v", len(docs), err)
			}
		})
	}
}

// TestSecondTime lies once; the set is then asked for again as a whole.
func TestSecondTime(t *testing.T) {
	b := &bank{t: t, series: china[:1], countries: "CHN", perPage: 2}
	b.lie = func(page, call int, m *head) {
		if page == 2 && call == 2 {
			m.updated = "2026-09-01"
		}
	}
	docs, err := b.fetch(t)
	if err != nil || len(docs) != 3 {
		t.Fatalf("%d documents, %v; want 3", len(docs), err)
	}
	if want := []int{1, 2, 1, 2, 3}; !slices.Equal(b.asked, want) {
		t.Errorf("pages asked for: %v, want %v", b.asked, want)
	}
	for _, d := range docs {
		if d.Published != "2026-07-13" {
			t.Errorf("%s published %q", d.Name, d.Published)
		}
	}
}

func TestFetchGivesUpOnAHostThatIsNotThere(t *testing.T) {
	b := &bank{t: t, series: china, countries: "CHN", perPage: 2}
	client, base := b.serve(t)
	b.server.Close()
	_, err := sourcetest.Fetch(t.Context(), New(Config{BaseURL: base, Series: b.codes(), Countries: []string{"CHN"}}), client)
	if fault.KindOf(err) != fault.Upstream || strings.Count(err.Error(), "no connection") != 1 {
		t.Errorf("error %v, want one about the connection, not one per indicator", err)
	}
}

func TestNothingWanted(t *testing.T) {
	for _, c := range []Config{{}, {Series: []string{"SP.POP.TOTL"}}, {Countries: []string{"all"}}} {
		if q := New(c).questions(); len(q) != 0 {
			t.Errorf("%+v asks %v", c, q)
		}
	}
}

// TestCountryLists holds addresses to the API's limits.
func TestCountryLists(t *testing.T) {
	var codes []string
	for i := range 800 {
		codes = append(codes, fmt.Sprintf("%c%c%c", 'A'+i/676, 'A'+i/26%26, 'A'+i%26))
	}
	lists := countryLists(codes)
	if len(lists) != 3 || strings.Join(lists, ";") != strings.Join(codes, ";") {
		t.Errorf("%d lists, want 3 with every code once and in order", len(lists))
	}
	for _, q := range New(Config{Series: []string{"NY.GDP.MKTP.CD"}, Countries: codes}).questions() {
		for part := range strings.SplitSeq(q.path, "/") {
			if len(part) > maxSegment {
				t.Errorf("%d characters between slashes", len(part))
			}
		}
	}
	if got := countryLists([]string{"CHN", "all", "USA"}); !slices.Equal(got, []string{"all"}) {
		t.Errorf("all and others: %v, want all alone", got)
	}
	if got := countryLists([]string{"../x", "a b"}); !slices.Equal(got, []string{"..%2Fx;a%20b"}) {
		t.Errorf("odd codes: %v", got)
	}
}

func TestInfo(t *testing.T) {
	info := New(Config{}).Info()
	if info.ID != "worldbank" || !slices.Equal(info.Hosts, []string{"api.worldbank.org"}) {
		t.Errorf("%+v", info)
	}
	if got := New(Config{}).Place(38); got != "/1/37" {
		t.Errorf("Place(38) = %s, want /1/37", got)
	}
}

func TestPeriod(t *testing.T) {
	for in, want := range map[string]string{
		"2025": "2025", "2012M01": "2012-01", "2012M12": "2012-12", "2013Q1": "2013-Q1", "2013Q4": "2013-Q4",
		"": "", "25": "", "2012M00": "", "2012M13": "", "2012M1": "", "2012M0x": "", "2012M1:": "", "2013Q0": "",
		"2013Q5": "", "2013S1": "", "2013 ": "", "２０１３": "", "YR2013": "", "2012M011": "", "-013": "",
	} {
		if got := isoPeriod(in); got != want {
			t.Errorf("isoPeriod(%q) = %q, want %q", in, got, want)
		}
	}
}

// good is a one-row answer to build bad ones from.
const good = `[{"page":1,"pages":1,"per_page":50,"total":1,"lastupdated":"2026-07-13"},[{"indicator":{"id":"SP.POP.TOTL","value":"Population, total"},"country":{"id":"CN","value":"China"},"countryiso3code":"CHN","date":"2024","value":1408975000,"obs_status":""}]]`

// TestDistrust is about documents that Decode refuses as a whole.
func TestDistrust(t *testing.T) {
	swap := strings.NewReplacer
	for _, tt := range []struct{ name, body, want string }{
		{"more rows than it says", swap(`"total":1`, `"total":0`).Replace(good), "holds 1 rows, but total says 0"},
		{"fewer rows than it says", swap(`"total":1`, `"total":"66"`).Replace(good), "holds 1 rows, but total says 66"},
		{"no total", swap(`"total":1,`, ``).Replace(good), "does not say how many rows"},
		{"negative total", swap(`"total":1`, `"total":-1`).Replace(good), `total is "-1", which is no count`},
		{"absurd pages", swap(`"pages":1`, `"pages":1e9`).Replace(good), `pages is "1e9", which is no count`},
		{"duplicate member", swap(`"date":"2024"`, `"date":"2024","date":"2023"`).Replace(good), "duplicate object member name"},
		{"duplicate member in meta", swap(`"total":1`, `"total":1,"total":1`).Replace(good), "duplicate object member name"},
		{"another answer after it", good + good, "something follows the answer"},
		{"garbage after it", good + "x", "something follows the answer"},
		{"a third element", strings.TrimSuffix(good, "]") + ",null]", "what follows the rows"},
		{"one element", `[{"page":1,"pages":1,"total":0}]`, "the second element"},
		{"rows as an object", `[{"page":1,"pages":1,"total":0},{}]`, "the second element"},
		{"an object", `{"page":1,"pages":1,"total":0}`, "the answer"},
		{"meta as a number", `[1,[]]`, "an element"},
		{"bare NaN", swap("1408975000", "NaN").Replace(good), "invalid character"},
		{"not UTF-8", swap("China", "Chin\xe1").Replace(good), "invalid UTF-8"},
		{"message as text", `[{"message":"no"}]`, "the message"},
		{"message", `[{"message":[{"id":"150","key":"Invalid language","value":"Language \"xx\" is not supported","x":1}]}]`, `message 150 (Invalid language): Language "xx" is not supported`},
		{"message without a number", `[{"message":[]}]`, "message  ():"},
		{"other XML", "<?xml version=\"1.0\"?><x/>", "it is a page, not data"},
		{"long page", "<html>" + strings.Repeat("长", 1000), "…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sourcetest.Decode(New(Config{}), source.Document{URL: "https://x/", Body: []byte(tt.body)})
			if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want one of kind upstream that says %q", err, tt.want)
			}
			if !strings.HasPrefix(err.Error(), "https://x/: ") || len(err.Error()) > 700 {
				t.Errorf("error %q does not name the document, or is too long", err)
			}
		})
	}
}

func TestCountryList(t *testing.T) {
	for body, want := range map[string]string{
		`[{"page":1,"pages":1,"per_page":"400","total":1},[{"id":"CHN","name":"China"}]]`: "",
		`[{"page":1,"pages":1,"per_page":"400","total":1},[{"name":"China"}]]`:            "has no id",
		`[{"page":1,"pages":1,"per_page":"400","total":2},[{"id":"CHN"}]]`:                "holds 1 rows",
		`[{"page":1,"pages":1,"per_page":"400","total":1},[7]]`:                           "an element",
	} {
		c, err := sourcetest.Decode(New(Config{}), source.Document{Name: "country", Body: []byte(body)})
		if len(c.Observations)+len(c.Rejects) > 0 {
			t.Errorf("%s yields %+v", body, c)
		}
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", body, err, want)
		}
	}
}

// TestRejectText quotes the row as found, cut to a readable length.
func TestRejectText(t *testing.T) {
	body := strings.Replace(good, "1408975000", `"n/a"`, 1)
	body = strings.Replace(body, `"total":1`, `"total":2`, 1)
	body = strings.Replace(body, `}]]`, `}, {"note":"`+strings.Repeat("长", 100)+`"}]]`, 1)
	c, err := sourcetest.Decode(New(Config{}), source.Document{Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range c.Rejects {
		got = append(got, r.Text)
	}
	want := []string{
		`{"indicator":{"id":"SP.POP.TOTL","value":"Population, total"},"country":{"id":"CN","value":"China"},"countryiso3code":"CHN","date":"2024","value":"n/a","obs_sta…`,
		`{"note":"` + strings.Repeat("长", 50) + "…",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestRecorded decodes real answers where they are at hand. They are not part of
// the project.
func TestRecorded(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "samples", "worldbank")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("no recorded answers at %s; the cases in testdata have their shapes", folder)
	}
	for _, tt := range []struct {
		file         string
		change       [2]string
		observations int
		err          string
	}{
		{"EMPTY_http200.json", [2]string{}, 0, ""},
		{"ERROR_120_http200.json", [2]string{}, 0, "message 120 (Invalid value)"},
		{"ERROR_175_http200.json", [2]string{}, 0, "message 175 (Invalid format)"},
		{"ERROR_175_http200.xml", [2]string{}, 0, "message 175 (Invalid format)"},
		{"RECORDED_NY.GDP.MKTP.CD_excerpt.json", [2]string{}, 1, "holds 2 rows, but total says 4"}, // two were cut from it
		{"RECORDED_NY.GDP.MKTP.CD_excerpt.json", [2]string{`"total":4`, `"total":2`}, 1, ""},
	} {
		body, err := os.ReadFile(filepath.Join(folder, tt.file))
		if err != nil {
			t.Fatal(err)
		}
		body = []byte(strings.Replace(string(body), tt.change[0], tt.change[1], 1))
		c, err := sourcetest.Decode(New(Config{}), source.Document{Name: tt.file, Body: body})
		if len(c.Observations) != tt.observations || len(c.Rejects) > 0 {
			t.Errorf("%s: %d observations, rejects %v; want %d and none", tt.file, len(c.Observations), c.Rejects, tt.observations)
		}
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", tt.file, err, tt.err)
		}
	}
}
