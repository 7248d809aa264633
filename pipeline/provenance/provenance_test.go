//go:build duckdb_arrow

package provenance_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/zap"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline"
	"citystats/pipeline/answers"
	"citystats/pipeline/provenance"
	"citystats/pipeline/release"
	"citystats/pipeline/warehouse"
	"citystats/sources/bundled"
	"citystats/sources/source"
	"citystats/sources/worldbank"
	queries "citystats/sql"
)

// canned is a real source that fetches documents which a test wrote.
type canned struct {
	source.Source
	documents []source.Document
}

func (c canned) Fetch(_ context.Context, _ *http.Client, emit func(source.Document) error) error {
	for _, d := range c.documents {
		if err := emit(d); err != nil {
			return err
		}
	}
	return nil
}

func (c canned) Quote(doc source.Document, record int) (string, error) {
	return c.Source.(source.Quoter).Quote(doc, record)
}

// publish makes a release of what the sources have, and readies explanations of it.
func publish(t testing.TB, all ...source.Source) *provenance.Explainer {
	t.Helper()
	return explainer(t, t.TempDir(), all...)
}

func explainer(t testing.TB, state string, all ...source.Source) *provenance.Explainer {
	t.Helper()
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	set, err := queries.Load(queries.Files())
	if err != nil {
		t.Fatal(err)
	}
	p, err := pipeline.New(pipeline.Config{
		State: state, Catalog: catalog, Queries: set, Sources: all, Now: time.Now, Log: zap.NewNop(), Keep: 1,
		Client: func(source.Info, *answers.Store) *http.Client { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(t.Context(), pipeline.Options{}); err != nil {
		t.Fatal(err)
	}
	store := release.Store{Dir: state}
	m, err := store.Current()
	if err != nil {
		t.Fatal(err)
	}
	r, err := warehouse.OpenReader(t.Context(), store.Path(m.ID), warehouse.Limits{MemoryMB: 1024})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return &provenance.Explainer{Release: m.ID, Reader: r, Queries: set, Catalog: catalog, Sources: all, Archive: filepath.Join(state, "archive")}
}

const header = "region,indicator,period,value,unit,status,qualifier,origin,confidence,published,not_before,publisher,title,url,derivation,note\n"

// communique is a document of the Hefei bureau about 2013, with the rows given as
// indicator, value, unit and status.
func communique(name, published string, rows ...string) source.Document {
	text := header
	for _, r := range rows {
		f := strings.Split(r, " ")
		text += "340100," + f[0] + ",2013," + f[1] + "," + f[2] + "," + f[3] + ",,hefei_stats,high," + published + ",,hefei_stats,Communique of 2013,,,\n"
	}
	return bundled.Describe(name, []byte(text))
}

func shelf(documents ...source.Document) source.Source {
	return canned{bundled.New(fstest.MapFS{}), documents}
}

func figure(t testing.TB, e *provenance.Explainer, q provenance.Question) *provenance.Explanation {
	t.Helper()
	x, err := e.Figure(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestFigureIsReadAgainInItsDocument(t *testing.T) {
	e := publish(t, shelf(communique("c", "2014-04", "gdp 46729100 cny_10k preliminary")))
	x := figure(t, e, provenance.Question{Region: "合肥", Indicator: "GDP", Period: "2013"})
	if err := x.Err(); err != nil {
		t.Error(err)
	}
	o := x.Single(x.Rows[0])
	if o == nil || !o.Verified || o.Value != 4672.91 || o.Place != "row 1" || !strings.Contains(o.Quote, ",2013,46729100,cny_10k,") {
		t.Fatalf("%+v", o)
	}
	if want := (provenance.Printed{Region: "340100", Indicator: "gdp", Period: "2013", Value: 46729100, Unit: "cny_10k"}); *o.Printed != want {
		t.Errorf("printed as %+v, want %+v", *o.Printed, want)
	}
	if d := o.Document; d.Published != "2014-04" || d.Title != "Communique of 2013" || len(d.SHA256) != 64 {
		t.Errorf("the document is %+v", d)
	}
}

// The place of a figure from a publisher's own interface is a JSON pointer.
func TestPlaceIsAPointer(t *testing.T) {
	const body = `[{"page":1,"pages":1,"per_page":"50","total":2,"sourceid":"2","lastupdated":"2026-07-13"},[` +
		`{"indicator":{"id":"SP.POP.TOTL","value":"Population, total"},"country":{"id":"CN","value":"China"},"countryiso3code":"CHN","date":"2023","value":null,"unit":"","obs_status":"","decimal":0},` +
		`{"indicator":{"id":"SP.POP.TOTL","value":"Population, total"},"country":{"id":"CN","value":"China"},"countryiso3code":"CHN","date":"2022","value":1412175000,"unit":"","obs_status":"","decimal":0}]]`
	e := publish(t, canned{worldbank.New(worldbank.Config{Series: []string{"SP.POP.TOTL"}, Countries: []string{"CHN"}}), []source.Document{{
		Source: "worldbank", Name: "country/CHN/indicator/SP.POP.TOTL", Title: "Population, total", Publisher: "worldbank", MediaType: "application/json",
		URL: "https://api.worldbank.org/v2/country/CHN/indicator/SP.POP.TOTL", Published: "2026-07-13", Body: []byte(body),
	}}})
	x := figure(t, e, provenance.Question{Region: "China", Indicator: "population_midyear", Period: "2022"})
	o := x.Observations[0]
	if !o.Verified || o.Place != "/1/1" || !strings.Contains(o.Quote, `"value":1412175000`) || o.Value != 1412175000 || o.Printed.Indicator != "SP.POP.TOTL" {
		t.Errorf("%+v, printed %+v", o, o.Printed)
	}
}

// mistaken reads one row otherwise than when it was loaded.
type mistaken struct {
	canned
	change func(*source.Observation) bool // false leaves the figure out
}

func (m mistaken) Decode(doc source.Document, sink source.Sink) error {
	return m.Source.Decode(doc, changing{sink, m.change})
}

type changing struct {
	source.Sink
	change func(*source.Observation) bool
}

func (c changing) Observe(o *source.Observation) error {
	if !c.change(o) {
		c.Reject(source.Reject{Record: o.Record, Reason: "smudged"})
		return nil
	}
	return c.Sink.Observe(o)
}

func TestWhatDoesNotAgreeIsSaid(t *testing.T) {
	ask := provenance.Question{Region: "hefei", Indicator: "gdp", Period: "2013"}
	good := shelf(communique("c", "2014-04", "gdp 4672.91 cny_100m preliminary")).(canned)
	e := publish(t, good)
	for _, tt := range []struct {
		name   string
		change func(*source.Observation) bool
		want   string
	}{
		{"another value", func(o *source.Observation) bool { o.Value = 4672.9; return true }, "row 1 gives 4672.9, but 4672.91 is stored"},
		{"another unit", func(o *source.Observation) bool { o.Unit = "cny_10k"; return true }, "row 1 gives 0.467291, but 4672.91 is stored"},
		{"another status", func(o *source.Observation) bool { o.Status = source.Final; return true }, "another status, qualifier or confidence than preliminary, exact, high"},
		{"another period", func(o *source.Observation) bool { o.Period = "2012"; return true }, "row 1 is now read as 340100, gdp, 2012"},
		{"another unit measure", func(o *source.Observation) bool { o.Unit = "percent"; return true }, "row 1 is now outside or wrong"},
		{"rejected", func(*source.Observation) bool { return false }, "row 1 cannot be read: smudged"},
		{"elsewhere", func(o *source.Observation) bool { o.Record = 2; return true }, "the document has no figure in row 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e.Sources = []source.Source{mistaken{good, tt.change}}
			x := figure(t, e, ask)
			if err := x.Err(); fault.KindOf(err) != fault.Quality || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one of kind quality with %q", err, tt.want)
			}
			if note := e.Footnotes(x, provenance.English); !strings.Contains(note, "NOT VERIFIED") {
				t.Errorf("the footnote does not warn: %s", note)
			}
		})
	}
	t.Run("no source", func(t *testing.T) {
		e.Sources = nil
		if err := figure(t, e, ask).Err(); fault.KindOf(err) != fault.Quality || !strings.Contains(err.Error(), "no source is called bundled") {
			t.Error(err)
		}
	})
}

func TestDamagedArchiveIsTheOperators(t *testing.T) {
	ask := provenance.Question{Region: "hefei", Indicator: "gdp", Period: "2013"}
	e := publish(t, shelf(communique("c", "2014-04", "gdp 4672.91 cny_100m preliminary")))
	sum := figure(t, e, ask).Observations[0].Document.SHA256
	for name, damage := range map[string]func(t *testing.T, archive string, object string){
		"no archive": func(t *testing.T, archive, _ string) {
			if err := os.RemoveAll(archive); err != nil {
				t.Fatal(err)
			}
		},
		"no object": func(t *testing.T, _, object string) {
			if err := os.Remove(object); err != nil {
				t.Fatal(err)
			}
		},
		"other bytes": func(t *testing.T, _, object string) {
			if err := os.WriteFile(object, []byte("\x28\xb5\x2f\xfd nothing"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			archive := filepath.Join(t.TempDir(), "archive")
			if err := os.CopyFS(archive, os.DirFS(e.Archive)); err != nil {
				t.Fatal(err)
			}
			damage(t, archive, filepath.Join(archive, "objects", sum[:2], sum+".zst"))
			again := &provenance.Explainer{Release: e.Release, Reader: e.Reader, Queries: e.Queries, Catalog: e.Catalog, Sources: e.Sources, Archive: archive}
			x := figure(t, again, ask)
			if err := x.Err(); fault.KindOf(err) != fault.Storage {
				t.Errorf("error %v, want one of kind storage", err)
			}
			if o := x.Observations[0]; o.Verified || o.Problem == "" || o.Value != 4672.91 {
				t.Errorf("%+v", o)
			}
		})
	}
}

func TestVintages(t *testing.T) {
	e := publish(t, shelf(
		communique("a", "2014-04", "gdp 4672.91 cny_100m preliminary", "disposable_income_all 22000 cny preliminary"),
		communique("b", "2015-02-03", "gdp 4700 cny_100m revised")))
	x := figure(t, e, provenance.Question{Region: "hefei", Indicator: "gdp", Period: "2013", All: true})
	if len(x.Observations) != 2 || x.Observations[0].SupersededBy != "2:1" || x.Observations[1].SupersededBy != "" {
		t.Errorf("%+v", x.Observations)
	}
	x = figure(t, e, provenance.Question{Region: "hefei", Indicator: "gdp", Period: "2013", AsOf: "2014-12-31"})
	if o := x.Single(x.Rows[0]); o == nil || o.ID != "1:1" || x.AsOf != "2014-12-31" {
		t.Errorf("at the end of 2014 one read %+v", o)
	}
	rows, err := e.Reader.Query(t.Context(), "SELECT value FROM ("+x.Rows[0].SQL+")")
	if err != nil || len(rows.Rows) != 1 || rows.Rows[0][0] != 4672.91 {
		t.Errorf("the SQL shown gives %v, %v", rows.Rows, err)
	}
	_, err = e.Figure(t.Context(), provenance.Question{Region: "hefei", Indicator: "gdp", Period: "2013", AsOf: "2014-01-01"})
	if fault.KindOf(err) != fault.Usage || !strings.Contains(fmt.Sprint(err), "the first became visible on 2014-04-30") {
		t.Error(err)
	}
	revisions, err := e.Reference(t.Context(), "revisions:340100:gdp:A:hefei_stats:2013:2:1", "")
	if err != nil {
		t.Fatal(err)
	}
	if in := revisions.Rows[0].Inputs; len(in) != 2 || in[0].ID != "1:1" || in[1].ID != "2:1" {
		t.Errorf("the revision stands on %+v", in)
	}
	whole, err := e.Document(t.Context(), x.Observations[0].Document.SHA256[:12])
	if err != nil || len(whole) != 1 || len(whole[0].Figures.Observations) != 2 {
		t.Errorf("the document holds %+v, %v", whole, err)
	}
}

func TestQuarantineIsExplained(t *testing.T) {
	e := publish(t, shelf(communique("a", "2014-04", "gdp 4672.91 cny_100m preliminary", "gdp about nothing preliminary")))
	_, err := e.Reference(t.Context(), "1:2", "")
	if fault.KindOf(err) != fault.Usage || !strings.Contains(fmt.Sprint(err), "is in quarantine") {
		t.Error(err)
	}
	whole, err := e.Document(t.Context(), "1")
	if err != nil || len(whole[0].Quarantined) != 1 {
		t.Errorf("%+v, %v", whole, err)
	}
}

func TestMistakesAreTold(t *testing.T) {
	e := shared(t)
	for _, tt := range []struct {
		q    provenance.Question
		want string
	}{
		{provenance.Question{Region: "heifei", Indicator: "gdp", Period: "2018"}, "the nearest are 340100 Hefei"},
		{provenance.Question{Region: "hefei", Indicator: "gdp_grwoth_real", Period: "2018"}, "nearest are gdp_growth_real"},
		{provenance.Question{Region: "hefei", Indicator: "gdp", Period: "last year"}, `"last year" is not one of`},
		{provenance.Question{Region: "hefei", Indicator: "gdp", Period: "2018", Against: "nacional"}, "nearest are national"},
		{provenance.Question{Region: "hefei", Indicator: "gdp", Period: "2018", AsOf: "2018"}, "is not a day"},
		{provenance.Question{Region: "hefei", Window: "decades"}, "decade_bridged"},
		{provenance.Question{Region: "hefei", Indicator: "gdp_growth_real", Period: "2017"}, "that year is only in gdp_growth_real_average of 2013/2021, 2016/2020"},
		{provenance.Question{Region: "hefei", Indicator: "gdp_growth_real", Period: "2017"}, "2007-2016, 2020-2023, 2025 (Hefei Bureau of Statistics)"},
		{provenance.Question{Region: "hefei", Indicator: "gdp_usd", Period: "2017"}, "of Hefei there is disposable_income_all"},
		{provenance.Question{Region: "hefei", Indicator: "gdp", Period: "1950", Against: "national"}, "no figure of gdp for Hefei in 1950"},
		{provenance.Question{Region: "hefei", Window: "decade", Against: "peers"}, "rule over members"},
	} {
		_, err := e.Figure(t.Context(), tt.q)
		if fault.KindOf(err) != fault.Usage || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%+v: %v, want a usage error with %q", tt.q, err, tt.want)
		}
	}
	for id, want := range map[string]string{
		"12:x": "is not DOCUMENT_ID:RECORD", "1:99": "holds no stored figure", "series:1": "name one of article_comparison, ",
		"growth:decade": "write growth:WINDOW_ID:REGION_CODE", "growth:decade:nowhere": `growth has no row "decade:nowhere"`,
	} {
		if _, err := e.Reference(t.Context(), id, ""); fault.KindOf(err) != fault.Usage || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v, want a usage error with %q", id, err, want)
		}
	}
	for _, name := range []string{"", "abcdefg", "99999", "0123456789abcdef"} {
		if _, err := e.Document(t.Context(), name); fault.KindOf(err) != fault.Usage {
			t.Errorf("document %q: %v, want a usage error", name, err)
		}
	}
}

// sharedState holds the release of the documents that ship, which several tests read.
var sharedState = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "provenance") })

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := sharedState(); err != nil || os.RemoveAll(dir) != nil {
		code = max(code, 1)
	}
	os.Exit(code)
}

func shared(t testing.TB) *provenance.Explainer {
	t.Helper()
	dir, err := sharedState()
	if err != nil {
		t.Fatal(err)
	}
	documents, err := fs.Sub(data.Files(), data.DocumentsDir)
	if err != nil {
		t.Fatal(err)
	}
	return explainer(t, dir, bundled.New(documents))
}
