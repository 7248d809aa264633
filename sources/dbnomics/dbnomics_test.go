package dbnomics

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

// cases are the folders of testdata and what is wanted in each.
var cases = map[string]Config{
	"plain":   {Series: []Series{dollars.Series, growth.Series}},
	"partial": {Series: []Series{dollars.Series, {ID: "WB/WDI/A-NO.SUCH-CHN", Region: "CHN", Origin: "worldbank"}}},
	"rows":    {Series: []Series{{ID: "Eurostat/quarters/Q.X.Y", Region: "CHN", Origin: "nbs"}, {ID: "Eurostat/quarters/W.X.Y", Region: "CHN", Origin: "nbs"}}},
	"unknown": {Series: []Series{{ID: "IMF/WEO:latest/CHN.NGDP_RPCH.pcent_change", Region: "CHN", Origin: "imf", Outlook: true}, {ID: "NBS/A/B"}}},
	"nothing": {Series: []Series{{ID: "NO/SUCH/SERIES"}, dollars.Series}},
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
	for name, f := range map[string]*nomics{
		"one page": {series: []kept{dollars, persons, growth}},
		"pages":    {series: []kept{dollars, persons}, most: 1},
	} {
		t.Run(name, func(t *testing.T) {
			f.t = t
			sourcetest.Run(t, sourcetest.Subject{New: at(f.config()), Upstream: f})
		})
	}
}

func FuzzDecode(f *testing.F) {
	fake := &nomics{series: []kept{dollars, persons, growth}}
	var docs []source.Document
	for _, k := range fake.series {
		k.attributes = `[["OBS_STATUS",["","p","e"]],["FLAG",["","b",""]]]`
		body := []byte(page(1, 0, 50, nil, k.json()))
		a, err := read(k.ID, body)
		if err != nil {
			f.Fatal(err)
		}
		docs = append(docs, source.Document{Name: k.ID, Published: a.docs[0].published(), Body: body})
	}
	sourcetest.Fuzz(f, New(fake.config()), docs...)
}

// TestPages wants every series once, whatever the size of the pages, even when
// an update moves them between two pages.
func TestPages(t *testing.T) {
	for name, f := range map[string]*nomics{
		"one by one": {series: []kept{dollars, persons, growth}, most: 1},
		"all":        {series: []kept{dollars, persons, growth}},
		"repeated":   {series: []kept{dollars, persons}, most: 1, repeated: true},
	} {
		f.t = t
		docs, err := fetch(t, f, f.config())
		var want []string
		for _, k := range f.series {
			want = append(want, k.ID)
		}
		if diff := cmp.Diff(want, names(docs)); diff != "" || err != nil {
			t.Errorf("%s: %v, documents (-want +got):\n%s", name, err, diff)
		}
	}
}

// TestPublished dates a pinned edition by its name and anything else by the day it
// was indexed, as UTC has it.
func TestPublished(t *testing.T) {
	f := &nomics{t: t, series: []kept{dollars, persons, growth}}
	docs, err := fetch(t, f, f.config())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, d := range docs {
		got[d.Name] = d.Published
	}
	want := map[string]string{dollars.ID: "2024-07-03", persons.ID: "2024-07-01", growth.ID: "2024-10"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("published (-want +got):\n%s", diff)
	}
	for indexed, want := range map[string]string{"2024-07-01T23:59:59-05:00": "2024-07-02", "": "", "yesterday": "", "2024-07-01": ""} {
		if got := (doc{Provider: "P", Dataset: "D", Series: "S", IndexedAt: indexed}).published(); got != want {
			t.Errorf("indexed at %q: published %q, want %q", indexed, got, want)
		}
	}
}

// TestMissing is about a publisher who answers 404 as soon as one series is not there.
func TestMissing(t *testing.T) {
	f := &nomics{t: t, series: []kept{dollars, persons}, strict: true}
	c := f.config()
	c.Series = slices.Insert(c.Series, 1, Series{ID: "WB/WDI/NONE"})
	docs, err := fetch(t, f, c)
	if diff := cmp.Diff([]string{dollars.ID, persons.ID}, names(docs)); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
	if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), "404") || len(f.asked) != 4 {
		t.Errorf("%d questions, error %v; want one for all and one for each, and an error about the one", len(f.asked), err)
	}
}

// TestLies gives answers that are whole by themselves and not to the question.
func TestLies(t *testing.T) {
	for _, tt := range []struct{ name, from, to, want string }{
		{"another series", `"series_code":"A-NY.GDP.MKTP.CD-CHN"`, `"series_code":"A-NY.GDP.MKTP.CD-IND"`, "the series WB/WDI/A-NY.GDP.MKTP.CD-IND, which was not asked for"},
		{"another offset", `"offset":0`, `"offset":1`, "it holds 1 series from 1 on, but num_found says 1"},
		{"more than there are", `"num_found":1`, `"num_found":0`, "but num_found says 0"},
		{"fewer than there are", `"num_found":1`, `"num_found":9`, "not to the question"},
		{"no count", `"num_found":1,`, ``, "does not say how many series"},
		{"no series", `"series":{`, `"rows":{`, "there is no list of series"},
		{"no code", `"dataset_code":"WDI",`, ``, "a series has no code"},
		{"a message", `"series":{`, `"message":"Internal error","rows":{`, "DBnomics says: Internal error"},
		{"an error about all of it", `"series":{`, `"errors":[{"message":"Dataset not found","provider_code":"WB","dataset_code":"WDI"}],"rows":{`, "DBnomics says: Dataset not found"},
		{"gone without a word", `"docs":[{`, `"docs":[],"x":[{`, "not to the question"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &nomics{t: t, series: []kept{dollars}}
			docs, err := fetch(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				f.ServeHTTP(&rewriter{w, tt.from, tt.to}, r)
			}), f.config())
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
	if _, err := w.ResponseWriter.Write([]byte(strings.ReplaceAll(string(p), w.from, w.to))); err != nil {
		return 0, err
	}
	return len(p), nil
}

func TestProblemsAbout(t *testing.T) {
	for _, tt := range []struct {
		p    problem
		id   string
		want bool
	}{
		{problem{Provider: "WB", Dataset: "WDI", Series: "A"}, "WB/WDI/A", true},
		{problem{Provider: "WB", Dataset: "WDI", Series: "A"}, "WB/WDI/AB", false},
		{problem{Provider: "WB", Dataset: "WDI"}, "WB/WDI/A", true},
		{problem{Provider: "WB", Dataset: "WD"}, "WB/WDI/A", false},
		{problem{Provider: "WB"}, "WB/WDI/A", true},
		{problem{Message: "no"}, "WB/WDI/A", false},
	} {
		if got := tt.p.about(tt.id); got != tt.want {
			t.Errorf("%+v about %s: %v", tt.p, tt.id, got)
		}
	}
}

// TestOutlook wants no forecast taken for a measurement.
func TestOutlook(t *testing.T) {
	for _, tt := range []struct {
		period, edition string
		want            source.Status
	}{
		{"2022", "2024-10", source.Final},
		{"2023", "2024-10", source.Derived},
		{"2024", "2024-10", source.Forecast},
		{"2024", "2025-04", source.Derived},
		{"2023", "2025-04", source.Final},
		{"2024", "2025-01", source.Derived},
		{"2023", "2025-01", source.Final},
		{"2024-Q3", "2024-10", source.Derived},
		{"2024-Q4", "2024-10", source.Forecast},
		{"2023-Q3", "2024-10", source.Final},
		{"2024-09", "2024-10", source.Derived},
		{"2024-10", "2024-10", source.Forecast},
		{"2024-H2", "2024-10", source.Forecast},
		{"2020", "latest", source.Forecast},
	} {
		p, err := period.Parse(tt.period)
		if err != nil {
			t.Fatal(err)
		}
		if got := outlook(p, tt.edition); got != tt.want {
			t.Errorf("%s in the edition of %s is %v, want %v", tt.period, tt.edition, got, tt.want)
		}
	}
}

// TestOutlooksNeverLookBack holds for any edition: what had not ended by then is a forecast, and nothing gets
// less settled with age.
func TestOutlooksNeverLookBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		year, month := rapid.IntRange(1990, 2040).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month")
		edition := fmt.Sprintf("%04d-%02d", year, month)
		y := rapid.IntRange(1980, 2050).Draw(t, "of")
		p := period.Period{Freq: period.Annual, Start: period.DayOf(y, 1, 1)}
		next := period.Period{Freq: period.Annual, Start: period.DayOf(y+1, 1, 1)}
		got := outlook(p, edition)
		if (y >= year) != (got == source.Forecast) || outlook(next, edition) > got {
			t.Fatalf("%d in %s is %v, the year after %v", y, edition, got, outlook(next, edition))
		}
	})
}

// TestDecode changes one series in one way.
func TestDecode(t *testing.T) {
	for _, tt := range []struct {
		name     string
		change   func(*kept)
		from, to string
		observed string
		reject   string
		err      string
	}{
		{"as it is", nil, "", "", "2021=17820459508852/6 2022=17881783387001/6 2023=17794781986104/6", "", ""},
		{"null and NA", func(k *kept) { k.values = []string{"null", `"NA"`, "1"} }, "", "", "2023=1/6", "", ""},
		{"a text", func(k *kept) { k.values[0], k.values[1] = `"1"`, `"na"` }, "", "", "2023=17794781986104/6", "neither a finite number", ""},
		{"true", func(k *kept) { k.values = []string{"true", "[]", "1e999"} }, "", "", "", "neither a finite number", ""},
		{"statuses", func(k *kept) { k.attributes = `[["OBS_STATUS",["p","E","f"]]]` }, "", "", "2021=17820459508852/4 2022=17881783387001/3 2023=17794781986104/2", "", ""},
		{"an unknown status", func(k *kept) { k.attributes = `[["OBS_STATUS",["A","","x"]]]` }, "", "", "2021=17820459508852/6 2022=17881783387001/6", `OBS_STATUS is "x"`, ""},
		{"a flag", func(k *kept) { k.attributes = `[["OBS_FLAG",["","b",""]],["NOTE",["","new base",""]]]` }, "", "", "2021=17820459508852/6 2022=17881783387001/6(OBS_FLAG b; NOTE new base) 2023=17794781986104/6", "", ""},
		{"attributes too short", func(k *kept) { k.attributes = `[["OBS_STATUS",["p"]]]` }, "", "", "", "", "not a name and 3 texts"},
		{"attributes of another form", func(k *kept) { k.attributes = `{"OBS_STATUS":["p","p","p"]}` }, "", "", "", "", "no list of pairs"},
		{"a value too few", func(k *kept) { k.values = k.values[:2] }, "", "", "", "", "3 periods, 3 first days and 2 values"},
		{"a day too few", func(k *kept) { k.days = k.days[:2] }, "", "", "", "", "3 periods, 2 first days and 3 values"},
		{"no observations", nil, `"value":[`, `"x":[`, "", "", "value is no list"},
		{"a year twice", func(k *kept) { k.periods[1], k.days[1] = "2021", "2021-01-01" }, "", "", "2021=17820459508852/6 2023=17794781986104/6", "has a value already", ""},
		{"another first day", func(k *kept) { k.days[0] = "2021-04-01" }, "", "", "2022=17881783387001/6 2023=17794781986104/6", `period_start_day, which is "2021-04-01"`, ""},
		{"another frequency", func(k *kept) { k.frequency = "quarterly" }, "", "", "", `frequency of the series, which is "quarterly"`, ""},
		{"quarters", func(k *kept) {
			k.frequency, k.periods, k.days = "quarterly", []string{"2021-Q1", "2021-Q4", "2022-Q5"}, []string{"2021-01-01", "2021-10-01", "2022-01-01"}
		}, "", "", "2021-Q1=17820459508852/6 2021-Q4=17881783387001/6", "the period is none of", ""},
		{"half-years", func(k *kept) {
			k.frequency, k.periods, k.days = "bi-annual", []string{"2021-S1", "2021-S2", "2022-B1"}, []string{"2021-01-01", "2021-07-01", "2022-01-01"}
		}, "", "", "2021-H1=17820459508852/6 2021-H2=17881783387001/6", "the period is none of", ""},
		{"months", func(k *kept) {
			k.frequency, k.periods, k.days = "monthly", []string{"2021-M01", "2021-12", "2022-W05"}, []string{"2021-01-01", "2021-12-01", "2022-01-31"}
		}, "", "", "2021-01=17820459508852/6 2021-12=17881783387001/6", "the period is none of", ""},
		{"another day of indexing", func(k *kept) { k.indexed = "2024-07-04T00:00:00Z" }, "", "", "", "", `the series is of "2024-07-04", not of "2024-07-03"`},
		{"another series", nil, "A-NY.GDP.MKTP.CD-CHN", "A-NY.GDP.MKTP.CD-IND", "", "", "does not have the series"},
		{"something after it", nil, `"offset":0}}`, `"offset":0}}{}`, "", "", "no complete answer"},
		{"a member twice", nil, `"offset":0`, `"offset":0,"offset":0`, "", "", "duplicate"},
		{"bare NaN", func(k *kept) { k.values[0] = "NaN" }, "", "", "", "", "no complete answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := dollars
			k.periods, k.days, k.values = slices.Clone(k.periods), slices.Clone(k.days), slices.Clone(k.values)
			if tt.change != nil {
				tt.change(&k)
			}
			body := strings.Replace(page(1, 0, 50, nil, k.json()), tt.from, tt.to, 1)
			c, err := sourcetest.Decode(New(Config{Series: []Series{dollars.Series}}), source.Document{Name: dollars.ID, Published: "2024-07-03", Body: []byte(body)})
			if (err == nil) != (tt.err == "") || err != nil && (!strings.Contains(err.Error(), tt.err) || fault.KindOf(err) != fault.Upstream) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if got := told(c); got != tt.observed {
				t.Errorf("observed %q, want %q", got, tt.observed)
			}
			for _, r := range c.Rejects {
				if !strings.Contains(r.Reason, tt.reject) {
					t.Errorf("rejected %+v, want %q", r, tt.reject)
				}
			}
			if (len(c.Rejects) > 0) != (tt.reject != "") {
				t.Errorf("%d rejects, want %q", len(c.Rejects), tt.reject)
			}
		})
	}
}

// told is what was observed, with its status and note.
func told(c *sourcetest.Collector) string {
	var all []string
	for _, o := range c.Observations {
		text := fmt.Sprintf("%s=%.15g/%d", o.Period, o.Value, o.Status)
		if o.Note != "" {
			text += "(" + o.Note + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

// TestDistrusted rejects each figure of a series whose facts are not known.
func TestDistrusted(t *testing.T) {
	for want, s := range map[string]Series{
		"":                              growth.Series,
		"nobody has said who made":      {ID: growth.ID, Region: "CHN"},
		"nobody has said which region":  {ID: growth.ID, Origin: "imf"},
		"name one in the place":         {ID: "IMF/WEO:latest/CHN.NGDP_RPCH.pcent_change", Region: "CHN", Origin: "imf"},
		"no edition says from when on":  {ID: "IMF/WEO/CHN.NGDP_RPCH", Region: "CHN", Origin: "imf", Outlook: true},
		"nobody has said who made the ": {},
	} {
		if got := s.distrusted(); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%+v is distrusted because %q, want %q", s, got, want)
		}
	}
}

// TestQuestions keeps data sets apart and addresses short.
func TestQuestions(t *testing.T) {
	var series []Series
	for i := range 300 {
		series = append(series, Series{ID: fmt.Sprintf("P/D%d/SERIES.%d", i/100, i)})
	}
	var all []Series
	s := New(Config{})
	for _, group := range questions(series) {
		all = append(all, group...)
		if address := s.address(group, 0); len(address) > 2000 {
			t.Errorf("an address of %d characters", len(address))
		}
		for _, x := range group {
			if x.dataset() != group[0].dataset() {
				t.Errorf("%s and %s are in one question", x.ID, group[0].ID)
			}
		}
	}
	if diff := cmp.Diff(series, all); diff != "" {
		t.Errorf("series (-wanted +asked for):\n%s", diff)
	}
	if got := escaped("OECD/DSD_REG_ECO@DF_ECO_ROPI/A:B"); got != "OECD/DSD_REG_ECO%40DF_ECO_ROPI/A%3AB" {
		t.Errorf("escaped: %s", got)
	}
}

func TestInfo(t *testing.T) {
	info := New(Config{}).Info()
	if info.ID != "dbnomics" || !slices.Equal(info.Hosts, []string{"api.db.nomics.world"}) || info.Needs != "" {
		t.Errorf("%+v", info)
	}
	if got := New(Config{}).Place(3); got != "/value/2 of the series" {
		t.Errorf("Place(3) = %s", got)
	}
	if err := New(Config{}).Probe(t.Context(), nil); err != nil {
		t.Errorf("Probe without series: %v", err)
	}
}

// TestRecorded decodes the shape of a real answer where it is at hand. It is not
// part of the project.
func TestRecorded(t *testing.T) {
	file := filepath.Join("..", "..", "..", "shared", "samples", "dbnomics", "SHAPE_series_observations.json")
	body, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("no answer at %s; the cases in testdata have its shape", file)
	}
	const id = "IMF/WEO:2023-04/NZL.LP.persons"
	src := New(Config{Series: []Series{{ID: id, Region: "NZL", Origin: "imf", Outlook: true}}})
	c, err := sourcetest.Decode(src, source.Document{Name: id, Published: "2023-04", Body: body})
	if err != nil || told(c) != "1980=3.108/6" || len(c.Rejects) > 0 {
		t.Errorf("%q, rejects %v, %v; want 1980=3.108 alone: the others are NA and null", told(c), c.Rejects, err)
	}
}
