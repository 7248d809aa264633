package fred

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
	"citystats/transforms/period"
)

// china is configured as the project has it.
var china = Series{ID: "MKTGDPCNA646NWDB", Region: "CHN", Origin: "worldbank", Frequency: "A", Units: "Current U.S. Dollars"}

// cases are the folders of testdata and what is wanted in each.
var cases = map[string]Config{
	"vintages":  {Series: []Series{china}},
	"rows":      {Series: []Series{gdp}},
	"other":     {Series: []Series{gdp, {ID: "UNKNOWN"}}},
	"refused":   {Series: []Series{{ID: "NOSUCH"}, china}},
	"wrong-key": {Series: []Series{gdp, china}},
	"busy":      {Series: []Series{china, gdp}},
}

func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/*/01.http")
	if err != nil || len(folders) != len(cases) {
		t.Errorf("%d folders in testdata for %d cases, %v", len(folders), len(cases), err)
	}
	for name, config := range cases {
		t.Run(name, func(t *testing.T) {
			config.Key = testKey
			sourcetest.Replay(t, os.DirFS("testdata/"+name), at(config))
		})
	}
}

func TestConformance(t *testing.T) {
	for name, f := range map[string]*stLouis{
		"one page": {series: []kept{revised}},
		"pages":    {series: []kept{{Series: gdp, title: "Gross Domestic Product", values: revised.values[4:6]}}, most: 1},
	} {
		t.Run(name, func(t *testing.T) {
			f.t = t
			sourcetest.Run(t, sourcetest.Subject{New: at(f.config()), Upstream: f})
		})
	}
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.http")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	var docs []source.Document
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		name := "GDP/2024-10-30" + valuesSuffix
		if strings.HasPrefix(string(text), "GET /fred/series?") {
			name = "GDP/2024-10-30" + aboutSuffix
		}
		docs = append(docs, source.Document{Name: name, Published: "2024-10-30", Body: []byte(strings.SplitN(string(text), "\n\n", 3)[2])})
	}
	sourcetest.Fuzz(f, New(Config{Key: testKey, Series: []Series{gdp}}), docs...)
}

// TestVintages asks for all vintages and wants of each day what was said that day.
func TestVintages(t *testing.T) {
	f := &stLouis{t: t, series: []kept{revised}}
	docs, err := fetch(t, f, f.config())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, d := range docs {
		if !strings.HasPrefix(d.Name, "GDP/"+d.Published+"/") {
			t.Errorf("%s published %s", d.Name, d.Published)
		}
		c, err := sourcetest.Decode(New(f.config()), d)
		if err != nil || len(c.Rejects) > 0 {
			t.Errorf("%s: %v, rejects %v", d.Name, err, c.Rejects)
		}
		for _, o := range c.Observations {
			got[d.Published] += fmt.Sprintf("%s=%v ", o.Period, o.Value)
		}
	}
	want := map[string]string{
		"1992-12-22": "1946-Q1=199.7 ", "1997-05-07": "1946-Q1=210.4 ",
		"2020-07-30": "2020-Q2=19408.759 ", "2020-08-27": "2020-Q2=19486.509 ", "2020-09-30": "2020-Q2=19520.114 ",
		"2021-07-29": "2020-Q2=19477.444 ", "2022-09-29": "2020-Q2=19636.731 ", "2023-09-28": "2020-Q2=19913.143 ", "2024-09-26": "2020-Q2=19935.444 ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what was known on which day (-want +got):\n%s", diff)
	}
	if days := revised.days(); len(docs) != 2*len(days) || docs[0].Published != days[len(days)-1] {
		t.Errorf("%d documents, the first of %s; want two for each of %d days, the newest first", len(docs), docs[0].Published, len(days))
	}
}

// TestUnitsOfTheDay wants figures left out, loudly, while they were in another unit.
func TestUnitsOfTheDay(t *testing.T) {
	k := revised
	k.units = map[string]string{"1992-12-22": "Billions of 1987 Dollars", "2020-07-30": "Billions of Dollars"}
	f := &stLouis{t: t, series: []kept{k}}
	docs, err := fetch(t, f, f.config())
	if err != nil {
		t.Fatal(err)
	}
	rejects := map[string]string{}
	for _, d := range docs {
		c, err := sourcetest.Decode(New(f.config()), d)
		if err != nil {
			t.Error(err)
		}
		for _, r := range c.Rejects {
			rejects[d.Name] = r.Reason
		}
		if strings.HasSuffix(d.Name, valuesSuffix) && d.Published < "2020" {
			t.Errorf("%s was fetched though its unit was another", d.Name)
		}
	}
	if len(rejects) != 4 || rejects["GDP/1996-01-19/series"] != `the units are "Billions of 1987 Dollars" that day, not "Billions of Dollars": its figures are left out` {
		t.Errorf("rejects %q, want one for each of the four days before 2020", rejects)
	}
}

// TestPages reads many pages of vintage dates and of figures.
// TestSpelling tells other units from another spelling of the same.
func TestSpelling(t *testing.T) {
	s := Series{Units: "Current U.S. Dollars", Frequency: "A"}
	for units, same := range map[string]bool{
		"Current U.S. Dollars": true, "Current US Dollars": true, "current  u.s. dollars": true, "Current U.S. Dollars, ": true,
		"Billions of Dollars": false, "Constant 2015 U.S. Dollars": false, "Millions of Current U.S. Dollars": false, "Current U.S. Dollars per Person": false, "": false,
	} {
		if problem := s.differs(description{Units: units, Frequency: "A"}); (problem == "") != same {
			t.Errorf("%q: %q; want the same: %v", units, problem, same)
		}
	}
}

func TestPages(t *testing.T) {
	k := kept{Series: gdp, title: "Gross Domestic Product"}
	for i := range 5 {
		k.values = append(k.values, value{"2020-07-30", fmt.Sprintf("201%d-01-01", i), "1"}, value{"2021-07-29", fmt.Sprintf("201%d-01-01", i), "2"})
	}
	f := &stLouis{t: t, series: []kept{k}, most: 2}
	docs, err := fetch(t, f, f.config())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range docs {
		names = append(names, d.Name)
	}
	want := []string{
		"GDP/2021-07-29/series", "GDP/2021-07-29/observations", "GDP/2021-07-29/observations/page-2", "GDP/2021-07-29/observations/page-3",
		"GDP/2020-07-30/series", "GDP/2020-07-30/observations", "GDP/2020-07-30/observations/page-2", "GDP/2020-07-30/observations/page-3",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
}

// TestLies gives answers that are whole by themselves and not to the question.
func TestLies(t *testing.T) {
	for _, tt := range []struct{ name, path, from, to, want string }{
		{"another series", "/fred/series", `"id":"GDP"`, `"id":"GNP"`, "it describes GNP"},
		{"two series", "/fred/series", `"seriess":[`, `"seriess":[{},`, "describes 2 series, want 1"},
		{"a description of another day", "/fred/series", "2024-09-26", "2024-10-01", "it describes GDP from 2024-10-01"},
		{"no unit", "/fred/series", `"units":`, `"unit":`, "the description lacks"},
		{"figures of another day", "/fred/series/observations", "2024-09-26", "2024-10-01", "from 2024-10-01 to 2024-10-01"},
		{"a count too large", "/fred/series/observations", `"count":2`, `"count":3`, "it holds 2 rows, but count 3, offset 0 and limit 100000 promise 3"},
		{"a count too small", "/fred/series/observations", `"count":2`, `"count":1`, "promise 1"},
		{"no count", "/fred/series/observations", `"count":2,`, ``, "does not say how much there is"},
		{"another offset", "/fred/series/observations", `"count":2,"offset":0`, `"count":3,"offset":1`, "it has rows from 1 of 3"},
		{"percent changes", "/fred/series/observations", `"units":"lin"`, `"units":"pch"`, `units is "pch"`},
		{"another output type", "/fred/series/observations", `"output_type":1`, `"output_type":4`, "output_type is 4, want 1"},
		{"no rows", "/fred/series/observations", `"observations":`, `"rows":`, "there is no list of observations"},
		{"days twice", "/fred/series/vintagedates", "1996-01-19", "1992-12-22", `vintage date "1992-12-22" is no day after`},
		{"days from elsewhere", "/fred/series/vintagedates", `"count":11,"offset":0`, `"count":12,"offset":1`, "the page from 0 on does not follow"},
		{"an error under status 200", "/fred/series/observations", `{"realtime_start"`, `{"error_code":400,"error_message":"Bad Request.","realtime_start"`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &stLouis{t: t, series: []kept{revised}}
			docs, err := fetch(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer := &rewriter{ResponseWriter: w, from: tt.from, to: tt.to}
				if r.URL.Path != tt.path {
					answer.from = ""
				}
				f.ServeHTTP(answer, r)
			}), f.config())
			if tt.want == "" {
				if err != nil {
					t.Errorf("error %v for an answer that is complete", err)
				}
				return
			}
			if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), tt.want) || len(docs) > 0 {
				t.Errorf("%d documents, error %v; want one that says %q", len(docs), err, tt.want)
			}
		})
	}
}

// rewriter replaces one text in the answer.
type rewriter struct {
	http.ResponseWriter

	from, to string
}

func (w *rewriter) Write(p []byte) (int, error) {
	text := string(p)
	if w.from != "" {
		text = strings.ReplaceAll(text, w.from, w.to)
	}
	if _, err := w.ResponseWriter.Write([]byte(text)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// TestDecode is about documents that are given by hand.
func TestDecode(t *testing.T) {
	const day = "2024-10-30"
	src := New(Config{Series: []Series{gdp, {ID: "BARE"}, {ID: "DAILY", Region: "USA", Origin: "bea", Frequency: "D", Units: "Percent"}}})
	row := func(date, value string) string {
		return fmt.Sprintf(`{"realtime_start":"%s","realtime_end":"%s","date":"%s","value":%s}`, day, day, date, value)
	}
	page := func(rows ...string) string { return envelope(day, day, len(rows), 0, 100, rows...) }
	for _, tt := range []struct{ name, doc, published, body, observed, reject, err string }{
		{"a figure", "GDP/x/observations", day, page(row("2020-04-01", `"19935.444"`)), "2020-Q2=19935.444", "", ""},
		{"none", "GDP/x/observations", day, page(row("2020-04-01", `"."`)), "", "", ""},
		{"an exponent", "GDP/x/observations", day, page(row("2020-04-01", `"1.5E-3"`)), "2020-Q2=0.0015", "", ""},
		{"a number", "GDP/x/observations", day, page(row("2020-04-01", `5`)), "", "an object of four texts", ""},
		{"null", "GDP/x/observations", day, page(row("2020-04-01", `null`)), "", "neither a finite decimal number", ""},
		{"NaN", "GDP/x/observations", day, page(row("2020-04-01", `"NaN"`)), "", "finite decimal number", ""},
		{"hexadecimal", "GDP/x/observations", day, page(row("2020-04-01", `"0x10"`)), "", "finite decimal number", ""},
		{"too large", "GDP/x/observations", day, page(row("2020-04-01", `"1e999"`)), "", "finite decimal number", ""},
		{"nothing", "GDP/x/observations", day, page(row("2020-04-01", `""`)), "", "finite decimal number", ""},
		{"a comma", "GDP/x/observations", day, page(row("2020-04-01", `"1,5"`)), "", "finite decimal number", ""},
		{"not a quarter's first day", "GDP/x/observations", day, page(row("2020-05-01", `"1"`)), "", "first day of a period of frequency Q", ""},
		{"no date", "GDP/x/observations", day, page(row("2020-04-31", `"1"`)), "", "the date is no day", ""},
		{"twice", "GDP/x/observations", day, page(row("2020-04-01", `"1"`), row("2020-04-01", `"2"`)), "2020-Q2=1", "two values", ""},
		{"another day's row", "GDP/x/observations", day, page(strings.Replace(row("2020-04-01", `"1"`), day, "2020-07-30", 1)), "", "not within the answer's", ""},
		{"no object", "GDP/x/observations", day, page(`7`), "", "an object of four texts", ""},
		{"a row that is cut", "GDP/x/observations", day, page(`{"date":"2020-04-01"`), "", "", "no complete answer"},
		{"facts missing", "BARE/x/observations", day, page(row("2020-04-01", `"1"`)), "", "nobody has said who made", ""},
		{"facts missing but nothing said", "BARE/x/observations", day, page(row("2020-04-01", `"."`)), "", "", ""},
		{"not configured", "GNP/x/observations", day, page(row("2020-04-01", `"1"`)), "", "nobody has said who made the series GNP", ""},
		{"an impossible frequency", "DAILY/x/observations", day, page(row("2020-04-01", `"1"`)), "", "none of A, SA, Q, M", ""},
		{"another vintage", "GDP/x/observations", "2024-10-29", page(), "", "", "it is about 2024-10-30"},
		{"no date of publication", "GDP/x/observations", "", page(), "", "", "when it was published"},
		{"another name", "gdp.json", day, page(), "", "", "which series the document is about"},
		{"an error under status 200", "GDP/x/observations", day, `{"error_code":500,"error_message":"Internal Server Error"}`, "", "", "FRED says 500: Internal Server Error"},
		{"two documents", "GDP/x/observations", day, page() + page(), "", "", "no complete answer"},
		{"a member twice", "GDP/x/observations", day, strings.Replace(page(), `"count":0`, `"count":0,"count":0`, 1), "", "", "duplicate"},
		{"negative count", "GDP/x/observations", day, strings.Replace(page(), `"count":0`, `"count":-1`, 1), "", "", "cannot be"},
		{"a description of another", "GDP/x/series", day, strings.Replace(revised.describe(day, day), `"id":"GDP"`, `"id":"GNP"`, 1), "", "", "it describes GNP, not GDP"},
		{"a description", "GDP/x/series", day, revised.describe(day, day), "", "", ""},
		{"another frequency", "GDP/x/series", day, strings.Replace(revised.describe(day, day), `"frequency_short":"Q"`, `"frequency_short":"A"`, 1), "", `the frequency is "A" that day`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := sourcetest.Decode(src, source.Document{Name: tt.doc, Published: tt.published, Body: []byte(tt.body)})
			if (err == nil) != (tt.err == "") || err != nil && (!strings.Contains(err.Error(), tt.err) || fault.KindOf(err) != fault.Upstream) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			var observed, rejected []string
			for _, o := range c.Observations {
				observed = append(observed, fmt.Sprintf("%s=%v", o.Period, o.Value))
			}
			for _, r := range c.Rejects {
				rejected = append(rejected, r.Reason)
			}
			if got := strings.Join(observed, " "); got != tt.observed {
				t.Errorf("observed %q, want %q", got, tt.observed)
			}
			if got := strings.Join(rejected, " "); (got == "") != (tt.reject == "") || !strings.Contains(got, tt.reject) {
				t.Errorf("rejected %q, want %q", got, tt.reject)
			}
		})
	}
}

func TestMissingFacts(t *testing.T) {
	for want, change := range map[string]func(*Series){
		"":                  func(*Series) {},
		"who made":          func(s *Series) { s.Origin = "" },
		"which region":      func(s *Series) { s.Region = "" },
		"which unit":        func(s *Series) { s.Units = "" },
		`the frequency ""`:  func(s *Series) { s.Frequency = "" },
		`the frequency "W"`: func(s *Series) { s.Frequency = "W" },
	} {
		s := gdp
		change(&s)
		if got := s.missing(); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%+v misses %q, want %q", s, got, want)
		}
	}
}

// TestPeriods wants every first day of a period named so that it is read back as
// that day, and no other day named at all.
func TestPeriods(t *testing.T) {
	months := map[string]int{"A": 12, "SA": 6, "Q": 3, "M": 1}
	rapid.Check(t, func(t *rapid.T) {
		start := period.Day(rapid.IntRange(int(period.DayOf(1000, 1, 1)), int(period.DayOf(2999, 12, 31))).Draw(t, "day"))
		if rapid.Bool().Draw(t, "first of a month") {
			start = period.DayOf(start.Time().Year(), start.Time().Month(), 1)
		}
		frequency := rapid.SampledFrom([]string{"A", "SA", "Q", "M", "W", ""}).Draw(t, "frequency")
		every := months[frequency]
		begins := every > 0 && start.Time().Day() == 1 && (int(start.Time().Month())-1)%every == 0
		got := isoPeriod(start.String(), frequency)
		if (got != "") != begins {
			t.Fatalf("isoPeriod(%s, %q) = %q", start, frequency, got)
		}
		if p, err := period.Parse(got); begins && (err != nil || p.Start != start) {
			t.Fatalf("isoPeriod(%s, %q) = %q, which is read as %v, %v", start, frequency, got, p, err)
		}
	})
}

func TestInfo(t *testing.T) {
	info := New(Config{Key: testKey}).Info()
	if info.ID != "fred" || !slices.Equal(info.Hosts, []string{"api.stlouisfed.org"}) || info.Needs != "" {
		t.Errorf("%+v", info)
	}
	if got := New(Config{}).Info().Needs; got != "CITYSTATS_FRED_KEY, a key from https://fred.stlouisfed.org/docs/api/api_key.html" {
		t.Errorf("without a key it needs %q", got)
	}
	if got := New(Config{}).Place(38); got != "/observations/37" {
		t.Errorf("Place(38) = %s, want /observations/37", got)
	}
}

// TestNothingToAsk asks nothing without series, and says what it lacks without a key.
func TestNothingToAsk(t *testing.T) {
	never := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked %s", r.URL.Path) })
	if docs, err := fetch(t, never, Config{Key: testKey}); err != nil || len(docs) > 0 {
		t.Errorf("without series: %d documents, %v", len(docs), err)
	}
	if err := New(Config{}).Probe(t.Context(), nil); err != nil {
		t.Errorf("Probe without series: %v", err)
	}
	if _, err := fetch(t, never, Config{Series: []Series{gdp}}); fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), KeyVariable) {
		t.Errorf("without a key: %v, want an error that names %s", err, KeyVariable)
	}
	if err := New(Config{Series: []Series{gdp}}).Probe(t.Context(), nil); fault.KindOf(err) != fault.Upstream {
		t.Errorf("Probe without a key: %v", err)
	}
}

// TestRecorded decodes real answers where they are at hand. They are not part of
// the project.
func TestRecorded(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "samples", "fred")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("no recorded answers at %s; the cases in testdata have their shapes", folder)
	}
	src := New(Config{Series: []Series{gdp}})
	decode := func(file, name, day string) []string {
		body, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		c, err := sourcetest.Decode(src, source.Document{Name: "GDP/" + day + name, Published: day, Body: body})
		if err != nil || len(c.Rejects) > 0 {
			t.Errorf("%s of %s: %v, rejects %v", file, day, err, c.Rejects)
		}
		var said []string
		for _, o := range c.Observations {
			said = append(said, fmt.Sprintf("%s=%v", o.Period, o.Value))
		}
		return said
	}
	const today = "2024-10-30"
	if got := decode("test_get_series_info.json", aboutSuffix, today); len(got) > 0 {
		t.Errorf("a description has figures: %v", got)
	}
	// 315 rows, of which the four quarters of 1946 have no value.
	now := decode("test_get_series_pandas_.json", valuesSuffix, today)
	if n := len(now); n != 311 || now[0] != "1947-Q1=243.164" || now[n-1] != "2024-Q3=29349.924" {
		t.Errorf("%d figures, want 311 from 1947-Q1=243.164 to 2024-Q3=29349.924: %v", n, now)
	}
	// One answer with all vintages: each day's document has that day's figures.
	for _, tt := range []struct {
		day   string
		count int
		one   string // "" is the withdrawn value of 1946-Q1
	}{
		{"1992-12-22", 187, "1946-Q1=199.7"},
		{"1996-02-01", 147, ""},
		{"1998-01-01", 207, "1946-Q1=210.4"},
		{"2020-08-01", 294, "2020-Q2=19408.759"},
		{"2020-09-01", 294, "2020-Q2=19486.509"},
		{today, 311, "2020-Q2=19935.444"},
	} {
		got := decode("test_get_series_all_releases_pandas_.json", valuesSuffix, tt.day)
		withdrawn := !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "1946-Q1") })
		if len(got) != tt.count || tt.one != "" && !slices.Contains(got, tt.one) || tt.one == "" && !withdrawn {
			t.Errorf("on %s: %d figures, want %d with %q: %v", tt.day, len(got), tt.count, tt.one, got)
		}
		if tt.day == today && !slices.Equal(got, now) {
			t.Errorf("all vintages give other figures for %s than the answer about that day", tt.day)
		}
	}
}
