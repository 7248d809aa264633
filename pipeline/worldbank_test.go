//go:build duckdb_arrow

package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"citystats/internal/fault"
	"citystats/pipeline"
	"citystats/pipeline/answers"
	"citystats/pipeline/ledger"
	"citystats/sources/source"
	"citystats/sources/transport"
	"citystats/sources/worldbank"
)

// wdi is a World Bank with one indicator for China, whose database is updated
// between runs. It pages two rows at a time.
type wdi struct {
	mu      sync.Mutex
	updated string
	growth  map[string]string // year -> printed value; "null" for not available
	down    bool
	agents  map[string]bool
}

func (w *wdi) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.agents[r.UserAgent()] = true
	if w.down {
		out.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(out, "<html><body>503 Service Unavailable</body></html>")
		return
	}
	var rows []string
	for _, year := range []string{"2019", "2018", "2015", "2014"} {
		rows = append(rows, fmt.Sprintf(`{"indicator":{"id":"NY.GDP.MKTP.KD.ZG","value":"GDP growth (annual %%)"},"country":{"id":"CN","value":"China"},"countryiso3code":"CHN","date":"%s","value":%s,"unit":"","obs_status":"","decimal":1}`, year, w.growth[year]))
	}
	page := r.URL.Query().Get("page")
	from := map[string]int{"1": 0, "2": 2}[page]
	fmt.Fprintf(out, `[{"page":%s,"pages":2,"per_page":"2","total":4,"sourceid":"2","lastupdated":"%s"},[%s]]`, page, w.updated, strings.Join(rows[from:from+2], ","))
}

func (w *wdi) set(updated string, down bool, growth map[string]string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.updated, w.down, w.growth = updated, down, growth
}

// From the wire to the vintages, through the real transport.
func TestWorldBankThroughTheRun(t *testing.T) {
	bank := &wdi{agents: map[string]bool{}}
	// The release of 2019, as the bundled document has it, with a year not yet
	// there. What it is restated to below is made up.
	old := map[string]string{"2014": "7.299519", "2015": "6.905317", "2018": "6.566974", "2019": "null"}
	bank.set("2019-10-02", false, old)
	server := httptest.NewServer(bank)
	defer server.Close()
	r := newRig(t)
	r.Sources = []source.Source{worldbank.New(worldbank.Config{BaseURL: server.URL, Series: []string{"NY.GDP.MKTP.KD.ZG"}, Countries: []string{"CHN"}, PerPage: 2})}
	r.Client = func(info source.Info, kept *answers.Store) *http.Client {
		return transport.New(transport.Options{
			UserAgent: "citystats/test (tests@example.org)", Hosts: info.Hosts, AllowLocal: true, Rate: rate.Inf, Kept: kept,
			Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		})
	}
	steps := []struct {
		name    string
		updated string
		growth  map[string]string
		down    bool
		counts  ledger.Counts
		failed  bool
	}{
		{"first answer", "2019-10-02", old, false, ledger.Counts{Documents: 2, NewDocuments: 2, New: 3}, false},
		{"the same", "2019-10-02", old, false, ledger.Counts{Documents: 2}, false},
		{"a new date, the same figures: no vintage", "2019-12-20", old, false, ledger.Counts{Documents: 2, NewDocuments: 2, Unchanged: 3}, false},
		{"down", "2019-12-20", old, true, ledger.Counts{}, true},
		{
			"restated, and a year more", "2020-12-16",
			map[string]string{"2014": "7.43", "2015": "7.04", "2018": "6.566974", "2019": "6.0"},
			false,
			ledger.Counts{Documents: 2, NewDocuments: 2, New: 1, Changed: 2, Unchanged: 1},
			false,
		},
	}
	for _, s := range steps {
		bank.set(s.updated, s.down, s.growth)
		report := r.run(t, pipeline.Options{})
		got := report.Sources[0]
		if got.Counts != s.counts || (got.Err != nil) != s.failed {
			t.Errorf("%s: counts %+v, %v; want %+v, failed %v", s.name, got.Counts, got.Err, s.counts, s.failed)
		}
		if got.Err != nil && fault.KindOf(got.Err) != fault.Upstream {
			t.Errorf("%s: %v is of kind %s", s.name, got.Err, fault.KindOf(got.Err))
		}
	}
	rows, err := r.open(t).Query(t.Context(), `SELECT time_period, value, CAST(published_at AS VARCHAR) FROM observation_vintages
		WHERE indicator = 'gdp_growth_real' ORDER BY time_period, vintage`)
	if err != nil {
		t.Fatal(err)
	}
	want := "[2014 7.299519 2019-10-02] [2014 7.43 2020-12-16] [2015 6.905317 2019-10-02] " +
		"[2015 7.04 2020-12-16] [2018 6.566974 2019-10-02] [2019 6 2020-12-16]"
	var got []string
	for _, row := range rows.Rows {
		got = append(got, fmt.Sprint(row))
	}
	if strings.Join(got, " ") != want {
		t.Errorf("vintages are\n%s\nwant\n%s", strings.Join(got, " "), want)
	}
	if len(bank.agents) != 1 || !bank.agents["citystats/test (tests@example.org)"] {
		t.Errorf("the publisher saw the agents %v, want ours alone", bank.agents)
	}
}
