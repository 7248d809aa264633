//go:build duckdb_arrow

package serve_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"citystats/charts"
	"citystats/data"
	"citystats/pipeline/provenance"
	"citystats/pipeline/release"
	"citystats/pipeline/warehouse"
	"citystats/serve"
	"citystats/sources"
)

// explainer explains the rig's live release as the command does: from its file.
func (r *rig) explainer() *provenance.Explainer {
	r.t.Helper()
	catalog, set, err := definitions()
	if err != nil {
		r.t.Fatal(err)
	}
	all, err := sources.All(catalog, func(string) string { return "" })
	if err != nil {
		r.t.Fatal(err)
	}
	reader, err := warehouse.OpenReader(r.t.Context(), release.Store{Dir: r.state}.Path(r.live()), warehouse.Limits{MemoryMB: 256, Threads: 1})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = reader.Close() })
	return &provenance.Explainer{Release: r.live(), Reader: reader, Queries: set, Catalog: catalog, Sources: all, Archive: filepath.Join(r.state, "archive")}
}

// The page, the JSON and the command say the same of a number.
func TestExplanationsAgree(t *testing.T) {
	r := shared(t)
	e := r.explainer()
	for _, tt := range []struct {
		query string
		ask   func() (*provenance.Explanation, error)
	}{
		{"region=hefei&indicator=gdp&period=2018", func() (*provenance.Explanation, error) {
			return e.Figure(t.Context(), provenance.Question{Region: "hefei", Indicator: "gdp", Period: "2018"})
		}},
		{"region=hefei&window=decade_bridged&benchmark=national", func() (*provenance.Explanation, error) {
			return e.Figure(t.Context(), provenance.Question{Region: "hefei", Window: "decade_bridged", Against: "national"})
		}},
		{"region=合肥&indicator=disposable_income_urban&period=2021&benchmark=national_urban&as_of=2025-01-01", func() (*provenance.Explanation, error) {
			return e.Figure(t.Context(), provenance.Question{Region: "340100", Indicator: "disposable_income_urban", Period: "2021", Against: "national_urban", AsOf: "2025-01-01"})
		}},
		{"claim=growth_above_8", func() (*provenance.Explanation, error) { return e.Claim(t.Context(), "growth_above_8", "") }},
		{"chart=growth_gap&row=2013&column=gap_points", func() (*provenance.Explanation, error) {
			return e.Reference(t.Context(), "comparisons:340100:national:gdp_growth_real:A:2013", "")
		}},
	} {
		x, err := tt.ask()
		if err != nil {
			t.Fatalf("%s: %v", tt.query, err)
		}
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(x); err != nil {
			t.Fatal(err)
		}
		if got := r.good("/explain.json?" + tt.query); got != want.String() {
			t.Errorf("%s: the server says otherwise than the command:\n%s\n%s", tt.query, got, want.String())
		}
		page := r.good("/explain?" + tt.query)
		for _, o := range x.Observations {
			if !strings.Contains(page, url.QueryEscape(o.ID)) && !strings.Contains(page, o.Document.SHA256) {
				t.Errorf("%s: the page does not name %s", tt.query, o.ID)
			}
		}
	}
}

// Every figure of a chart's table leads to its explanation.
func TestFiguresOfChartsAreExplained(t *testing.T) {
	r := shared(t)
	for _, page := range []string{"/chart/income", "/chart/growth_gap", "/chart/rank", "/chart/revisions", "/chart/claim_growth", "/chart/income_index", "/chart/growth?as_of=2024-06-30"} {
		var links []string
		for _, n := range parse(t, r.good(page)) {
			if class, _ := attr(n, "class"); class == "figure" {
				href, _ := attr(n, "href")
				links = append(links, href)
			}
		}
		if len(links) == 0 {
			t.Errorf("%s explains no figure", page)
			continue
		}
		for _, at := range []int{0, len(links) / 2, len(links) - 1} {
			if text := r.good(links[at]); strings.Contains(text, `class="wrong"`) {
				t.Errorf("%s: %s does not verify", page, links[at])
			}
		}
	}
}

// What is under embargo is explained nowhere, whatever it is called, and what stands
// beside it in a document does not quote it.
func TestEmbargoOfExplanations(t *testing.T) {
	var x struct {
		Rows         []struct{ ID string }
		Observations []struct{ ID string }
	}
	if err := json.Unmarshal([]byte(shared(t).good("/explain.json?region=hefei&indicator=gdp&period=2018")), &x); err != nil {
		t.Fatal(err)
	}
	moment := clock.AddDate(0, 0, 1)
	r := newRig(t, func(c *serve.Config) {
		c.Catalog.Embargoes = append(c.Catalog.Embargoes, data.Embargo{Region: "340100", Indicator: "gdp", Period: "2018", NotBefore: moment})
		c.Charts = slices.Clone(c.Charts)
		i := slices.IndexFunc(c.Charts, func(d charts.Definition) bool { return d.ID == "growth" })
		c.Charts[i].NotBefore = moment.Format(time.RFC3339)
	})
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		"region=hefei&indicator=gdp&period=2018", "region=hefei&indicator=gdp&period=2018&benchmark=province", "id=" + x.Observations[0].ID, "id=" + x.Rows[0].ID,
		"id=comparisons:340100:province:gdp:A:2018", "id=revisions:340100:gdp:A:hefei_stats:2018:" + x.Observations[0].ID, "region=hefei&indicator=gdp&period=2018&as_of=2026-11-25",
	} {
		for _, path := range []string{"/explain?", "/explain.json?"} {
			w := r.get(path + query)
			if text := w.Body.String(); strings.Contains(text, "8605.1") || strings.Contains(text, "8,605.1") || strings.Contains(text, "860.51") || strings.Contains(text, "782.29") {
				t.Errorf("before its moment %s%s answers %d with the figure", path, query, w.Code)
			}
			if strings.HasPrefix(query, "id=") && w.Code != http.StatusNotFound {
				t.Errorf("before its moment %s%s answers %d", path, query, w.Code)
			}
		}
	}
	if w := r.get("/explain?chart=growth&row=2013"); w.Code != http.StatusNotFound {
		t.Errorf("a point of a chart under embargo answers %d", w.Code)
	}
	// The release answers all else, years that no window has as well.
	for _, query := range []string{"region=hefei&indicator=gdp&period=2019", "region=hefei&indicator=gdp_growth_real&period=2019/2022", "claim=growth_above_8", "region=hefei&indicator=gdp&period=2017&as_of=2026-11-25"} {
		if strings.Contains(r.good("/explain.json?"+query), `"quote"`) {
			t.Errorf("%s quotes a document while figures are under embargo", query)
		}
	}
	if w := r.get("/revisions.json"); !strings.Contains(w.Body.String(), `"moves"`) || strings.Contains(w.Body.String(), "8605.1") {
		t.Errorf("before its moment the revisions answer %d, with the figure or without what others move", w.Code)
	}
}

// Who only asks for what changed since is told when an embargo has ended.
func TestEmbargoEndsForWhoAskedBefore(t *testing.T) {
	moment := clock.AddDate(0, 0, 1)
	r := newRig(t, func(c *serve.Config) {
		c.Catalog.Embargoes = append(c.Catalog.Embargoes, data.Embargo{Region: "340100", Indicator: "gdp", Period: "2018", NotBefore: moment})
	})
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	const page = "/region/340100?indicator=gdp"
	before := r.get(page).Header().Get("Last-Modified")
	if w := r.get(page, "If-Modified-Since", before); w.Code != http.StatusNotModified {
		t.Errorf("what did not change answers %d", w.Code)
	}
	r.at(moment)
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w := r.get(page, "If-Modified-Since", before); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "860.51") {
		t.Errorf("after the embargo it answers %d without the figure", w.Code)
	}
}

// A document that is gone is said to be, without telling where the archive lies.
func TestExplanationWithoutItsDocument(t *testing.T) {
	state := private(t) // it has no archive
	r := rigAt(t, state, nil)
	page := r.good("/explain?region=hefei&indicator=gdp&period=2018")
	if !strings.Contains(page, `class="wrong"`) || !strings.Contains(page, "NOT VERIFIED") {
		t.Errorf("the page does not say that the document is gone: %.2000s", page)
	}
	if strings.Contains(page, state) || strings.Contains(page, os.TempDir()) {
		t.Error("the page says where the archive lies")
	}
}

// Revisions say their type and what they move, in the feed and on the page.
func TestRevisionsAreTyped(t *testing.T) {
	r := shared(t)
	var list struct {
		Revisions []struct {
			Type  string
			Rank  int
			Moves *struct {
				Comparisons  int
				SignsChanged int `json:"signs_changed"`
				Claims       []string
			}
		}
	}
	if err := json.Unmarshal([]byte(r.good("/revisions.json")), &list); err != nil {
		t.Fatal(err)
	}
	first := -1
	for i, v := range list.Revisions {
		if !slices.Contains([]string{"update", "correction", "methodology", "census"}, v.Type) || v.Rank == 0 {
			t.Errorf("a revision is of type %q and rank %d", v.Type, v.Rank)
		}
		if v.Rank == 1 && v.Moves != nil {
			first = i
		}
	}
	if first < 0 || list.Revisions[first].Moves.SignsChanged == 0 {
		t.Errorf("the revision that moves most turns no comparison over: %+v", list.Revisions)
	}
	all, census := strings.Count(r.good("/revisions"), `role="rowheader"`), strings.Count(r.good("/revisions?type=census"), `role="rowheader"`)
	if census < 1 || census >= all {
		t.Errorf("of %d rows %d are of censuses", all, census)
	}
	if w := r.get("/revisions?type=whim"); w.Code != http.StatusBadRequest {
		t.Errorf("a type that is none answers %d", w.Code)
	}
	if feed := r.good("/revisions.atom"); !strings.Contains(feed, `<category term="census" label="census">`) || !strings.Contains(feed, "Moves: ") {
		t.Error("the feed does not say types, or what revisions move")
	}
}
