package sources_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"citystats/data"
	"citystats/sources"
	"citystats/sources/fred"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// noKeys is an environment in which nothing is set.
func noKeys(string) string { return "" }

func TestAllAreDeclaredOnce(t *testing.T) {
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	all, err := sources.All(catalog, noKeys)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range all {
		info := s.Info()
		if slices.Contains(ids, info.ID) {
			t.Errorf("two sources have the id %s", info.ID)
		}
		ids = append(ids, info.ID)
		if info.Title == "" || info.Generation < 1 {
			t.Errorf("source %s: Info %+v is incomplete", info.ID, info)
		}
		if !slices.ContainsFunc(catalog.Sources, func(d data.Source) bool { return d.ID == info.ID }) {
			t.Errorf("source %s has no row in data/sources.csv", info.ID)
		}
	}
	if len(ids) != len(catalog.Sources) {
		t.Errorf("data/sources.csv has %d rows for %v: a row without a source is never asked", len(catalog.Sources), ids)
	}
}

// TestKeysComeFromTheEnvironment wants a source with a key to be ready, and one
// without to say what it needs.
func TestKeysComeFromTheEnvironment(t *testing.T) {
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	const key = "abcdefghijklmnopqrstuvwxyz123456"
	for want, env := range map[string]func(string) string{
		"":               func(name string) string { return map[string]string{fred.KeyVariable: key}[name] },
		fred.KeyVariable: noKeys,
	} {
		all, err := sources.All(catalog, env)
		if err != nil {
			t.Fatal(err)
		}
		if needs := find(t, all, "fred").Info().Needs; (needs == "") != (want == "") || !strings.HasPrefix(needs, want) {
			t.Errorf("needs %q, want %q", needs, want)
		}
	}
}

func find(t *testing.T, all []source.Source, id string) source.Source {
	t.Helper()
	i := slices.IndexFunc(all, func(s source.Source) bool { return s.Info().ID == id })
	if i < 0 {
		t.Fatalf("there is no source %s", id)
	}
	return all[i]
}

// TestRelayedSeriesAreDescribed wants to know of each series in
// data/source_series.csv whose figures a relay prints: without that all of them
// are rejected.
func TestRelayedSeriesAreDescribed(t *testing.T) {
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	all, err := sources.All(catalog, noKeys)
	if err != nil {
		t.Fatal(err)
	}
	for id, document := range map[string]func(code string) source.Document{
		"fred": func(code string) source.Document {
			return source.Document{Name: code + "/2024-07-02/observations", Published: "2024-07-02", Body: []byte(`{"realtime_start":"2024-07-02","realtime_end":"2024-07-02","units":"lin","output_type":1,"count":1,"offset":0,"limit":1,"observations":[{"realtime_start":"2024-07-02","realtime_end":"2024-07-02","date":"2023-01-01","value":"1"}]}`)}
		},
		"dbnomics": func(code string) source.Document {
			p := strings.Split(code, "/")
			_, edition, _ := strings.Cut(p[1], ":")
			return source.Document{Name: code, Published: edition, Body: []byte(`{"series":{"num_found":1,"offset":0,"docs":[{"@frequency":"annual","provider_code":"` + p[0] + `","dataset_code":"` + p[1] + `","series_code":"` + p[2] + `","series_name":"x","period":["2023"],"period_start_day":["2023-01-01"],"value":[1]}]}}`)}
		},
	} {
		codes := catalog.CodesOf(id)
		if len(codes) == 0 {
			t.Errorf("%s has no rows in data/source_series.csv, so nothing is asked of it", id)
		}
		for _, code := range codes {
			c, err := sourcetest.Decode(find(t, all, id), document(code))
			if err != nil || len(c.Observations) != 1 {
				t.Errorf("%s %s: %v, rejects %v; describe the series in sources/relays.go", id, code, err, c.Rejects)
				continue
			}
			if _, ok := catalog.Publishers[c.Observations[0].Origin]; !ok || c.Observations[0].Origin == id {
				t.Errorf("%s %s: origin %q, want the body that made the figure, from data/publishers.csv", id, code, c.Observations[0].Origin)
			}
		}
	}
}

// TestBulkFilesAreAskedForByRow adds the rows that an operator would.
func TestBulkFilesAreAskedForByRow(t *testing.T) {
	files := fstest.MapFS{}
	err := fs.WalkDir(data.Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(data.Files(), name)
		files[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	add := func(name, row string) { files[name].Data = append(slices.Clone(files[name].Data), row...) }
	add("sources.csv", "worldbank_bulk,World Bank bulk files,世界银行批量下载,worldbank,0 5 1 * *,Asia/Shanghai,20,45,1,https://api.worldbank.org/v2/,CC BY 4.0,\n")
	add("source_series.csv", "worldbank_bulk,SP.POP.TOTL,population_midyear,persons,,\n")
	catalog, err := data.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	all, err := sources.All(catalog, noKeys)
	if err != nil {
		t.Fatal(err)
	}
	if hosts := find(t, all, "worldbank_bulk").Info().Hosts; !slices.Equal(hosts, []string{"api.worldbank.org"}) {
		t.Errorf("hosts %v", hosts)
	}
}

// TestNBSCatalogues holds data/nbs_catalogues.csv to what its series mean.
func TestNBSCatalogues(t *testing.T) {
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	indicators := map[string]data.Indicator{}
	for _, i := range catalog.Indicators {
		indicators[i.ID] = i
	}
	used := map[string]bool{}
	for _, c := range catalog.NBSCatalogues {
		i := slices.IndexFunc(catalog.SourceSeries, func(s data.SourceSeries) bool { return s.Source == "nbs" && s.Code == c.Series })
		if i < 0 {
			t.Errorf("%s: series %s is not in data/source_series.csv, so its figures would be left out", c.ID, c.Series)
			continue
		}
		used[c.Series] = true
		if growth := indicators[catalog.SourceSeries[i].Indicator].Measure == "growth"; c.Index && !growth {
			t.Errorf("%s: an index minus 100 is growth, and %s is none", c.ID, catalog.SourceSeries[i].Indicator)
		}
		if index := slices.ContainsFunc(c.Names, func(n string) bool { return strings.Contains(n, "=100") }); index != c.Index {
			t.Errorf("%s: names %v and index %v contradict each other", c.ID, c.Names, c.Index)
		}
		if cumulative := slices.ContainsFunc(c.Names, func(n string) bool { return strings.Contains(n, "累计") }); cumulative != c.FromJanuary {
			t.Errorf("%s: names %v and from_january %v contradict each other", c.ID, c.Names, c.FromJanuary)
		}
	}
	for _, s := range catalog.SourceSeries {
		if s.Source == "nbs" && !used[s.Code] {
			t.Errorf("series %s of data/source_series.csv has no row in data/nbs_catalogues.csv, so it is never asked for", s.Code)
		}
	}
}

// notDecoded are files among the recorded answers that no source reads, and why.
var notDecoded = map[string]string{
	"bea/":                         "no source asks the Bureau of Economic Analysis",
	"census/":                      "no source asks the Census Bureau",
	"communique/":                  "texts, which belong to the source of communiques",
	"sdmx/sdmx-csv-field-guide.md": "a text about a format",
	"pxweb/PxAPI-2.yml":            "a description of an interface",
	"nbs_new/ids.json":             "a list of ids, no answer",
	"nbs_new/nbsc_codes.json":      "a list of ids, no answer",
	"nbs_new/REQUEST_esData_beijing_2024_urban_income.json": "a question, no answer",
}

// TestEverySampleIsDecoded wants each of the recorded answers, where they are at
// hand, to be named in the test of a source, which says what comes out of it.
func TestEverySampleIsDecoded(t *testing.T) {
	folder := filepath.Join("..", "..", "shared", "samples")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("no recorded answers at %s", folder)
	}
	var tests strings.Builder
	names, err := filepath.Glob("*/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(text)
	}
	files := 0
	err = fs.WalkDir(os.DirFS(folder), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for prefix := range notDecoded {
			if strings.HasPrefix(name, prefix) {
				return nil
			}
		}
		files++
		if !strings.Contains(tests.String(), path.Base(name)) {
			t.Errorf("%s is decoded by no test: add it to TestRecorded of its source, or to notDecoded with the reason", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d recorded answers are decoded", files)
}
