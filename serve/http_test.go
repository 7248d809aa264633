//go:build duckdb_arrow

package serve_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"citystats/charts"
	"citystats/data"
	"citystats/serve"
)

// every route answers, in both languages, with headers that a careful reader wants.
func TestEveryRoute(t *testing.T) {
	r := shared(t)
	types := map[string]string{}
	for _, p := range pages {
		types[p], types[inChinese(p)] = "text/html; charset=utf-8", "text/html; charset=utf-8"
	}
	for p, media := range machines {
		types[p] = media
	}
	for target, media := range types {
		w := r.get(target)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != media {
			t.Errorf("%s answers %d, %s: %.200s", target, w.Code, w.Header().Get("Content-Type"), w.Body)
			continue
		}
		h := w.Header()
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") == "" || h.Get("Cache-Control") == "" {
			t.Errorf("%s lacks a header of security or caching: %v", target, h)
		}
		head := r.ask(http.MethodHead, target)
		for _, name := range []string{"Content-Type", "Etag", "Content-Length", "Cache-Control"} {
			if head.Header().Get(name) != h.Get(name) {
				t.Errorf("HEAD %s has %s %q, GET %q", target, name, head.Header().Get(name), h.Get(name))
			}
		}
		if head.Code != http.StatusOK || head.Body.Len() != 0 {
			t.Errorf("HEAD %s answers %d with %d bytes", target, head.Code, head.Body.Len())
		}
		unchanged(t, r, target, w)
	}
}

// unchanged asks for what it has, plain and packed, and wants 304.
func unchanged(t *testing.T, r *rig, target string, plain *httptest.ResponseRecorder) {
	t.Helper()
	packed := r.get(target, "Accept-Encoding", "gzip")
	tags := []string{plain.Header().Get("Etag"), packed.Header().Get("Etag")}
	for _, tag := range tags {
		if !strings.HasPrefix(tag, `"`) {
			t.Errorf("%s has the tag %q, want a strong one", target, tag)
		}
	}
	if zipped := packed.Header().Get("Content-Encoding") == "gzip"; zipped {
		if tags[0] == tags[1] {
			t.Errorf("%s has one strong tag for two forms", target)
		}
		z, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(z); err != nil || !bytes.Equal(text, plain.Body.Bytes()) {
			t.Errorf("%s unpacked is not what it is plain (%v)", target, err)
		}
		if !slices.Contains(packed.Header().Values("Vary"), "Accept-Encoding") || !slices.Contains(plain.Header().Values("Vary"), "Accept-Encoding") {
			t.Errorf("%s does not say that it varies", target)
		}
	}
	for _, accepted := range []string{"", "gzip"} {
		for _, tag := range append(tags, `"x", `+tags[0], "W/"+tags[1], "*") {
			w := r.get(target, "If-None-Match", tag, "Accept-Encoding", accepted)
			if w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("Etag") == "" {
				t.Errorf("%s with If-None-Match %s and Accept-Encoding %q answers %d, want 304", target, tag, accepted, w.Code)
			}
		}
		if w := r.get(target, "If-None-Match", `"other"`, "Accept-Encoding", accepted); w.Code != http.StatusOK {
			t.Errorf("%s with another tag answers %d", target, w.Code)
		}
		if at := plain.Header().Get("Last-Modified"); at != "" {
			if w := r.get(target, "If-Modified-Since", at, "Accept-Encoding", accepted); w.Code != http.StatusNotModified {
				t.Errorf("%s with If-Modified-Since and Accept-Encoding %q answers %d, want 304", target, accepted, w.Code)
			}
		}
	}
}

func TestParts(t *testing.T) {
	r := shared(t)
	for _, target := range []string{"/download/citystats.duckdb", "/charts/income.csv"} {
		whole := r.get(target)
		tag := whole.Header().Get("Etag")
		w := r.get(target, "Range", "bytes=10-19", "Accept-Encoding", "gzip", "If-Range", tag)
		if w.Code != http.StatusPartialContent || !bytes.Equal(w.Body.Bytes(), whole.Body.Bytes()[10:20]) {
			t.Errorf("%s in part answers %d with %d bytes", target, w.Code, w.Body.Len())
		}
		if w := r.get(target, "Range", "bytes=10-19", "If-Range", `"other"`); w.Code != http.StatusOK {
			t.Errorf("%s in part of another file answers %d, want the whole one", target, w.Code)
		}
		if w := r.get(target, "Range", "bytes=99999999-"); w.Code != http.StatusRequestedRangeNotSatisfiable {
			t.Errorf("%s beyond its end answers %d", target, w.Code)
		}
	}
	if w := r.get("/download/citystats.duckdb"); !strings.HasPrefix(w.Body.String()[8:], "DUCK") {
		t.Error("the download is no database")
	}
}

func TestOpenToOtherSites(t *testing.T) {
	r := shared(t)
	for target := range machines {
		if got := r.get(target, "Origin", "https://app.datawrapper.de").Header().Get("Access-Control-Allow-Origin"); got != "*" {
			t.Errorf("%s allows %q, want every site", target, got)
		}
	}
	w := r.ask(http.MethodOptions, "/charts/income.csv", "Origin", "https://x.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "if-none-match")
	if w.Code >= 300 || w.Header().Get("Access-Control-Allow-Methods") == "" {
		t.Errorf("the preflight answers %d, %v", w.Code, w.Header())
	}
}

func TestProblems(t *testing.T) {
	r := shared(t)
	tests := []struct {
		method, target string
		status         int
		says           string
	}{
		{"GET", "/nope", 404, "nothing at"},
		{"GET", "/charts/nope.csv", 404, "no chart"},
		{"GET", "/charts/income.exe", 404, "no file of a chart"},
		{"GET", "/charts/income", 404, "no file of a chart"},
		{"GET", "/charts/csv", 404, "no file of a chart"},
		{"GET", "/charts/income.csv?region=hefej", 400, "hefej"},
		{"GET", "/charts/income.csv?region=341500", 400, "no figure"},
		{"GET", "/charts/income.csv?benchmark=x", 400, "x"},
		{"GET", "/charts/income.csv?lang=de", 400, "de"},
		{"GET", "/charts/income.csv?as_of=yesterday", 400, "not a day"},
		{"GET", "/charts/income.csv?as_of=1900-01-01", 400, "nothing was published"},
		{"GET", "/charts/income.csv?bom=x", 400, "bom"},
		{"GET", "/charts/income.svg?bom=1", 400, "byte order mark"},
		{"GET", "/charts/income.csv?download=maybe", 400, "download"},
		{"GET", "/charts/income.csv?region=%ff", 400, "region"},
		{"GET", "/charts/income.csv?region=" + strings.Repeat("x", 200), 400, "region"},
		{"GET", "/charts/income.csv?region=%zz", 400, "query"},
		{"GET", "/v/2020-01-01-00000000/charts/income.csv", 404, "not kept"},
		{"GET", "/v/..%2f..%2fetc/charts/income.csv", 404, "not kept"},
		{"GET", "/chart/nope", 404, "no chart"},
		{"GET", "/chart/income?lang=both", 400, "both languages"},
		{"GET", "/region/999999", 404, "no region"},
		{"GET", "/region/340100?indicator=hightech", 400, "hightech"},
		{"GET", "/indicator/x", 404, "no indicator"},
		{"GET", "/claim/x", 404, "no claim"},
		{"GET", "/explain", 400, "a figure is named"},
		{"GET", "/explain?region=hefei&indicator=gdp&period=1066", 404, "no figure"},
		{"GET", "/oembed?url=https://elsewhere.example/chart/income", 404, "not of this site"},
		{"GET", "/oembed?url=" + base + "/claims", 404, "not the page of a chart"},
		{"GET", "/oembed?url=" + base + "/chart/income&format=xml", 501, "json"},
		{"GET", "/oembed?url=" + base + "/chart/income&maxwidth=x", 400, "maxwidth"},
		{"GET", "/assets/page.css", 404, "no file"},
		{"GET", "/picture/income.huge.svg", 404, "no picture"},
		{"POST", "/charts/income.csv", 405, "changed"},
		{"DELETE", "/", 405, "changed"},
	}
	for _, tt := range tests {
		w := r.ask(tt.method, tt.target)
		var p serve.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %s is no problem: %.200s", tt.target, w.Header().Get("Content-Type"), w.Body)
			continue
		}
		if w.Code != tt.status || p.Status != tt.status || !strings.Contains(p.Detail, tt.says) || p.Title == "" || p.Hint == "" {
			t.Errorf("%s answers %d %+v, want %d and %q with what to do", tt.target, w.Code, p, tt.status, tt.says)
		}
		if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Etag") != "" {
			t.Errorf("%s: a problem may be kept: %v", tt.target, w.Header())
		}
	}
	if w := r.get("/nope?lang=zh", "Accept", "text/html,*/*"); w.Code != 404 || !strings.Contains(w.Body.String(), "返回首页") {
		t.Errorf("a browser is told %d %.200s", w.Code, w.Body)
	}
}

func TestNothingPublished(t *testing.T) {
	r := rigAt(t, t.TempDir(), func(*serve.Config) {})
	if w := r.get("/healthz"); w.Code != http.StatusOK {
		t.Errorf("healthz answers %d", w.Code)
	}
	for _, target := range []string{"/readyz", "/", "/charts/income.csv", "/revisions.json", "/releases.json", "/download/citystats.duckdb"} {
		w := r.get(target)
		if w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s answers %d, want 503", target, w.Code)
		}
		if strings.Contains(w.Body.String(), r.state) {
			t.Errorf("%s tells the world where the state folder is: %s", target, w.Body)
		}
	}
}

// What is under embargo is nowhere, and is there when its moment has come.
func TestEmbargo(t *testing.T) {
	const id = "growth"
	release := clock.Add(time.Hour)
	r := newRig(t, func(c *serve.Config) {
		c.Charts = slices.Clone(c.Charts)
		for i := range c.Charts {
			if c.Charts[i].ID == id {
				c.Charts[i].NotBefore = release.Format(time.RFC3339)
			}
		}
	})
	own := []string{"/chart/growth", "/embed/growth", "/dw/growth.csv", "/dw/growth.json", "/flourish/growth.csv", "/sheets/growth.csv", "/oembed?url=" + base + "/chart/growth", "/picture/growth.card.svg", "/v/" + r.live() + "/charts/growth.csv"}
	for _, f := range charts.Formats() {
		if !strings.HasSuffix(f.Ending, "png") { // pictures of points take the same way and are slow
			own = append(own, "/charts/growth."+f.Ending)
		}
	}
	lists := []string{"/", "/charts", "/region/340100", "/indicator/gdp_growth_real", "/sitemap.xml"}
	shows := func(target string) bool {
		body := r.good(target)
		return strings.Contains(body, "/chart/growth\"") || strings.Contains(body, "/chart/growth?") || strings.Contains(body, "/chart/growth<") || strings.Contains(body, "/charts/growth.") || strings.Contains(body, "/picture/growth.")
	}
	for _, target := range own {
		if w := r.get(target); w.Code != http.StatusNotFound {
			t.Errorf("before its moment %s answers %d", target, w.Code)
		}
	}
	for _, target := range lists {
		if shows(target) {
			t.Errorf("before its moment %s shows the chart", target)
		}
	}
	r.at(release)
	for _, target := range own {
		if w := r.get(target); w.Code != http.StatusOK {
			t.Errorf("at its moment %s answers %d: %s", target, w.Code, w.Body)
		}
	}
	for _, target := range lists {
		if !shows(target) {
			t.Errorf("at its moment %s does not show the chart", target)
		}
	}
}

// A single figure under embargo is in no answer of any kind until its moment, and
// neither is what could be computed back to it.
func TestEmbargoOfAFigure(t *testing.T) {
	moment := clock.Add(time.Hour)
	r := newRig(t, func(c *serve.Config) {
		c.Catalog.Embargoes = append(c.Catalog.Embargoes, data.Embargo{Region: "340100", Indicator: "gdp", Period: "2018", NotBefore: moment})
	})
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	shown := []string{"/region/340100?indicator=gdp", "/revisions", "/revisions.json", "/revisions.atom"}
	gone := []string{"/explain?region=hefei&indicator=gdp&period=2018", "/download/citystats.duckdb", "/v/" + r.live() + "/citystats.duckdb"}
	tells := func(w *httptest.ResponseRecorder) bool {
		return strings.Contains(w.Body.String(), "8605.1") || strings.Contains(w.Body.String(), "860.51") || strings.Contains(w.Body.String(), "7822.9") || strings.Contains(w.Body.String(), "782.29")
	}
	for _, target := range append(slices.Clone(shown), pages...) {
		w := r.get(target)
		if tells(w) || (w.Code != http.StatusOK && target != gone[0]) {
			t.Errorf("before its moment %s answers %d; does it tell the figure? %v", target, w.Code, tells(w))
		}
		if strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("before its moment %s may be kept for ever", target)
		}
	}
	for _, target := range gone {
		if w := r.get(target); w.Code != http.StatusNotFound {
			t.Errorf("before its moment %s answers %d", target, w.Code)
		}
	}
	r.at(moment)
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, target := range shown {
		if w := r.get(target); w.Code != http.StatusOK || !tells(w) {
			t.Errorf("at its moment %s answers %d without the figure: %.300s", target, w.Code, w.Body)
		}
	}
	for _, target := range gone {
		if w := r.get(target); w.Code != http.StatusOK {
			t.Errorf("at its moment %s answers %d", target, w.Code)
		}
	}
}

func TestRateLimit(t *testing.T) {
	r := newRig(t, func(c *serve.Config) { c.PerMinute = 3 })
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[int]int{}
	for range 8 {
		got[r.get("/releases.json").Code]++
	}
	// Two windows may be touched, but no more than two.
	if got[http.StatusTooManyRequests] < 2 || got[http.StatusOK] < 3 {
		t.Errorf("of 8 requests with a limit of 3 these came out: %v", got)
	}
	if w := r.get("/healthz", "X-Forwarded-For", "192.0.2.9"); w.Code != http.StatusOK {
		t.Errorf("healthz answers %d", w.Code)
	}
	if w := r.get("/releases.json", "X-Forwarded-For", "192.0.2.9"); w.Code != http.StatusTooManyRequests {
		t.Errorf("a header got round the limit: %d", w.Code)
	}
	for range 8 {
		if w := r.get("/healthz"); w.Code != http.StatusOK {
			t.Fatalf("healthz is limited: %d", w.Code)
		}
	}
}

// Behind a proxy each reader is counted by the address that the proxy saw.
func TestRateLimitBehindAProxy(t *testing.T) {
	r := newRig(t, func(c *serve.Config) { c.PerMinute, c.Proxied = 3, true })
	got := map[int]int{}
	for i := range 8 {
		got[r.get("/robots.txt", "X-Forwarded-For", fmt.Sprintf("198.51.100.%d, 192.0.2.1", i)).Code]++
	}
	if got[http.StatusTooManyRequests] < 2 {
		t.Errorf("made-up addresses got round the limit: %v", got)
	}
	if w := r.get("/robots.txt", "X-Forwarded-For", "192.0.2.2"); w.Code != http.StatusOK {
		t.Errorf("another reader is turned away: %d", w.Code)
	}
}

func TestKeptForEver(t *testing.T) {
	state := private(t)
	r := rigAt(t, state, nil)
	first := r.live()
	address := "/v/" + first + "/charts/income.csv?region=suzhou"
	was := r.get(address)
	another(t, state, 1)
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	is := r.get(address)
	if is.Code != 200 || !bytes.Equal(is.Body.Bytes(), was.Body.Bytes()) || is.Header().Get("Etag") != was.Header().Get("Etag") {
		t.Errorf("after another release %s is another file (%d)", address, is.Code)
	}
	if got := is.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("a frozen file may be kept %q", got)
	}
	if got := r.get("/charts/income.csv").Header(); strings.Contains(got.Get("Cache-Control"), "immutable") || got.Get("X-Release") == first {
		t.Errorf("the moving file has the headers %v", got)
	}
	if w := r.get("/v/" + first + "/citystats.duckdb"); w.Code != 200 || w.Header().Get("X-Release") != first {
		t.Errorf("the frozen database answers %d of %s", w.Code, w.Header().Get("X-Release"))
	}
	var list struct {
		Releases []struct {
			ID   string
			Live bool
		}
	}
	if err := json.Unmarshal([]byte(r.good("/releases.json")), &list); err != nil || len(list.Releases) != 2 || list.Releases[0].ID != first || list.Releases[0].Live || !list.Releases[1].Live {
		t.Errorf("the releases are %+v (%v)", list, err)
	}
}

func TestDescription(t *testing.T) {
	r := shared(t)
	var d struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			Responses  map[string]any
			Parameters []struct{ Name string }
		}
	}
	if err := json.Unmarshal([]byte(r.good("/openapi.json")), &d); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(d.OpenAPI, "3.1") {
		t.Errorf("the description is of OpenAPI %q", d.OpenAPI)
	}
	for _, path := range []string{"/charts/{file}", "/v/{release}/charts/{file}", "/dw/{file}", "/oembed", "/revisions.json", "/claims.atom", "/download/citystats.duckdb"} {
		if op, ok := d.Paths[path]["get"]; !ok || op.Responses["200"] == nil || op.Responses["default"] == nil {
			t.Errorf("%s is not described: %+v", path, op)
		}
	}
	if got := d.Paths["/charts/{file}"]["get"].Parameters; len(got) < 6 {
		t.Errorf("the files of charts take %+v", got)
	}
}

func TestMetrics(t *testing.T) {
	r := newRig(t, nil)
	r.good("/charts/income.csv")
	r.good("/charts/income.csv")
	r.get("/nonsense/1")
	got := r.good("/metrics")
	for _, want := range []string{
		`citystats_requests_total{route="GET /charts/{file}",status="200"} 2`, `citystats_requests_total{route="/",status="404"} 1`,
		`citystats_release_info{release="` + r.live() + `"} 1`, "citystats_cache_hits_total 1", "citystats_request_seconds_count",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the meters do not say %s", want)
		}
	}
}
