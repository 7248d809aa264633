//go:build duckdb_arrow

package serve_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"citystats/charts"
	"citystats/data"
	"citystats/pipeline"
	"citystats/pipeline/answers"
	"citystats/pipeline/release"
	"citystats/pipeline/warehouse"
	"citystats/serve"
	"citystats/sources"
	"citystats/sources/source"
	queries "citystats/sql"
)

// published is a state folder with the documents that ship with the program, made
// once for all tests; they only read it.
var published = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "serve")
	if err != nil {
		return "", err
	}
	catalog, set, err := definitions()
	if err != nil {
		return "", err
	}
	all, err := sources.All(catalog, func(string) string { return "" })
	if err != nil {
		return "", err
	}
	p, err := pipeline.New(pipeline.Config{
		State: dir, Catalog: catalog, Queries: set, Sources: all, Now: time.Now, Log: zap.NewNop(), Keep: 5,
		Client: func(source.Info, *answers.Store) *http.Client { return nil }, Limits: warehouse.Limits{MemoryMB: 1024},
	})
	if err != nil {
		return "", err
	}
	_, err = p.Run(context.Background(), pipeline.Options{Offline: true})
	return dir, err
})

func definitions() (*data.Catalog, *queries.Set, error) {
	catalog, err := data.Load(data.Files())
	if err != nil {
		return nil, nil, err
	}
	set, err := queries.Load(queries.Files())
	return catalog, set, err
}

func TestMain(m *testing.M) {
	code := m.Run()
	if common != nil {
		_ = common.Close(context.Background())
	}
	if dir, err := published(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// base is what tests call the site.
const base = "https://stats.example.org"

// rig is a server over a state folder.
type rig struct {
	*serve.Server
	t     testing.TB
	state string
	now   time.Time
	mu    sync.Mutex
}

// clock is a moment at which nothing is under embargo unless a test says so.
var clock = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func newRig(t testing.TB, change func(*serve.Config)) *rig {
	t.Helper()
	state, err := published()
	if err != nil {
		t.Fatal(err)
	}
	return rigAt(t, state, change)
}

// common is a server that tests share which only read, so that what one of them asked
// for need not be made again.
var common *serve.Server

func shared(t testing.TB) *rig {
	t.Helper()
	state, err := published()
	if err != nil {
		t.Fatal(err)
	}
	if common == nil {
		common = start(t, state, nil).Server
	}
	return &rig{Server: common, t: t, state: state, now: clock}
}

func rigAt(t testing.TB, state string, change func(*serve.Config)) *rig {
	t.Helper()
	r := start(t, state, change)
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func start(t testing.TB, state string, change func(*serve.Config)) *rig {
	t.Helper()
	catalog, set, err := definitions()
	if err != nil {
		t.Fatal(err)
	}
	defs, err := charts.Load(catalog)
	if err != nil {
		t.Fatal(err)
	}
	all, err := sources.All(catalog, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, state: state, now: clock}
	c := serve.Config{
		State: state, Catalog: catalog, Queries: set, Charts: defs, Sources: all, Base: base, Version: "test", Log: zap.NewNop(),
		Now:    func() time.Time { r.mu.Lock(); defer r.mu.Unlock(); return r.now },
		Limits: warehouse.Limits{MemoryMB: 256, Threads: 1}, Readers: 2, Pictures: 2, CacheMB: 64, Compiled: filepath.Join(os.TempDir(), "citystats-tests"),
	}
	if change != nil {
		change(&c)
	}
	if r.Server, err = serve.New(c); err != nil {
		t.Fatal(err)
	}
	if err := r.Refresh(t.Context()); err != nil && change == nil {
		t.Fatal(err)
	}
	return r
}

// at moves the clock.
func (r *rig) at(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = now
}

// ask sends a request; headers come in pairs.
func (r *rig) ask(method, target string, headers ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, base+target, nil)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, req)
	return w
}

func (r *rig) get(target string, headers ...string) *httptest.ResponseRecorder {
	return r.ask(http.MethodGet, target, headers...)
}

// good wants an answer.
func (r *rig) good(target string, headers ...string) string {
	r.t.Helper()
	w := r.get(target, headers...)
	if w.Code != http.StatusOK {
		r.t.Fatalf("%s answers %d: %.300s", target, w.Code, w.Body)
	}
	return w.Body.String()
}

// live is the name of the live release.
func (r *rig) live() string {
	r.t.Helper()
	m, err := release.Store{Dir: r.state}.Current()
	if err != nil {
		r.t.Fatal(err)
	}
	return m.ID
}

// private copies the published state, for tests that publish.
func private(t testing.TB) string {
	t.Helper()
	from, err := published()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	m, err := release.Store{Dir: from}.Current()
	if err != nil {
		t.Fatal(err)
	}
	publish(t, dir, release.Store{Dir: from}.Path(m.ID), m)
	return dir
}

// publish makes a database the live release of a state folder.
func publish(t testing.TB, state, database string, m release.Manifest) release.Manifest {
	t.Helper()
	build := filepath.Join(t.TempDir(), "build")
	if err := os.MkdirAll(build, 0o755); err != nil {
		t.Fatal(err)
	}
	copyFile(t, database, filepath.Join(build, warehouse.FileName))
	m, err := release.Seal(build, m)
	if err != nil {
		t.Fatal(err)
	}
	s := release.Store{Dir: state}
	if err := s.Install(build, m); err != nil {
		t.Fatal(err)
	}
	if err := s.Point(m.ID); err != nil {
		t.Fatal(err)
	}
	return m
}

// another publishes the same figures under another name.
func another(t testing.TB, state string, n int) release.Manifest {
	t.Helper()
	s := release.Store{Dir: state}
	m, err := s.Current()
	if err != nil {
		t.Fatal(err)
	}
	path := s.Path(m.ID)
	m.Definitions, m.CreatedAt = fmt.Sprint("other ", n), m.CreatedAt.Add(time.Hour)
	return publish(t, state, path, m)
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// pages are one of each page.
var pages = []string{
	"/", "/regions", "/region/340100", "/region/340100?benchmark=peers", "/region/340100?indicator=gdp", "/region/320500", "/indicators", "/indicator/gdp",
	"/charts", "/charts?region=nanjing", "/chart/income", "/chart/income?region=suzhou", "/chart/growth?as_of=2024-06-30", "/chart/rank", "/chart/income_cities", "/chart/revisions", "/chart/growth_gap", "/chart/claim_growth", "/chart/income_index",
	"/claims", "/claim/growth_above_8", "/claim/jiantou_5bn_a_year", "/revisions", "/sources",
	"/explain?region=hefei&indicator=gdp&period=2018", "/explain?region=hefei&indicator=gdp_growth_real&period=2013/2022&benchmark=national",
	"/explain?region=hefei&indicator=disposable_income_urban&period=2021&benchmark=peers", "/embed/income",
}

// inChinese is the address of a page in Chinese.
func inChinese(page string) string {
	if strings.Contains(page, "?") {
		return page + "&lang=zh"
	}
	return page + "?lang=zh"
}

// machines are one of each answer for programs, with their types.
var machines = map[string]string{
	"/charts/income.csv": "text/csv; charset=utf-8", "/charts/income.csv?bom=1&region=suzhou": "text/csv; charset=utf-8", "/charts/income.metadata.json": "application/csvm+json",
	"/charts/income.vl.json": "application/json", "/charts/income.svg?lang=zh": "image/svg+xml", "/charts/income.txt?lang=both": "text/plain; charset=utf-8",
	"/charts/income.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "/charts/growth.csv?as_of=2024-06-30": "text/csv; charset=utf-8",
	"/dw/income.csv": "text/csv; charset=utf-8", "/dw/income.json": "application/json", "/flourish/income.csv": "text/csv; charset=utf-8", "/sheets/income.csv": "text/csv; charset=utf-8",
	"/picture/income.narrow.svg": "image/svg+xml", "/picture/income.card.dark.vl.json": "application/json",
	"/oembed?url=" + base + "/chart/income": "application/json", "/revisions.json": "application/json", "/claims.json": "application/json", "/releases.json": "application/json",
	"/revisions.atom": "application/atom+xml; charset=utf-8", "/claims.atom?lang=zh": "application/atom+xml; charset=utf-8", "/sitemap.xml": "application/xml; charset=utf-8",
	"/robots.txt": "text/plain; charset=utf-8", "/openapi.json": "application/openapi+json", "/embed.js": "text/javascript; charset=utf-8", "/download/citystats.duckdb": "application/vnd.duckdb",
}
