//go:build duckdb_arrow

package serve_test

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/zap"

	"citystats/data"
	"citystats/pipeline"
	"citystats/pipeline/answers"
	"citystats/pipeline/warehouse"
	"citystats/serve"
	"citystats/sources/bundled"
	"citystats/sources/source"
)

// BenchmarkCachedChart asks for a chart again and again over the loopback, beside a
// bare file server that sends the same bytes; .ci/load does the same under wrk.
func BenchmarkCachedChart(b *testing.B) {
	r := newRig(b, nil)
	dir := b.TempDir()
	for _, name := range []string{"income.csv", "income.svg"} {
		body := r.good("/charts/" + name)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			b.Fatal(err)
		}
		ours, bare := httptest.NewServer(r.Handler()), httptest.NewServer(http.FileServer(http.Dir(dir)))
		b.Run(name, func(b *testing.B) {
			limit, limit99 := load(b, bare.URL+"/"+name, len(body))
			rate, p99 := load(b, ours.URL+"/charts/"+name, len(body))
			b.ReportMetric(rate, "requests/s")
			b.ReportMetric(limit, "bare_requests/s")
			b.ReportMetric(rate/limit, "of_bare")
			b.ReportMetric(float64(p99.Microseconds())/1000, "p99_ms")
			b.ReportMetric(float64(limit99.Microseconds())/1000, "bare_p99_ms")
			b.ReportMetric(0, "ns/op")
		})
		ours.Close()
		bare.Close()
	}
}

// load asks for an address from several clients at once.
func load(b *testing.B, address string, size int) (perSecond float64, p99 time.Duration) {
	b.Helper()
	const clients, each = 16, 500
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}}
	defer client.CloseIdleConnections()
	took := make([][]time.Duration, clients)
	var all sync.WaitGroup
	begun := time.Now()
	for c := range clients {
		all.Go(func() {
			for range each {
				at := time.Now()
				resp, err := client.Get(address)
				if err != nil {
					b.Error(err)
					return
				}
				n, err := io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if err != nil || int(n) != size || resp.StatusCode != http.StatusOK {
					b.Errorf("%s answers %d with %d bytes (%v)", address, resp.StatusCode, n, err)
					return
				}
				took[c] = append(took[c], time.Since(at))
			}
		})
	}
	all.Wait()
	perSecond = clients * each / time.Since(begun).Seconds()
	sorted := slices.Concat(took...)
	slices.Sort(sorted)
	return perSecond, sorted[len(sorted)*99/100]
}

// BenchmarkSourceToChart changes a figure in a document and waits until readers see
// it in the chart: decoding, loading, models, checks, publishing, taking over.
func BenchmarkSourceToChart(b *testing.B) {
	const was = "53208"
	documents := fstest.MapFS{}
	root, err := fs.Sub(data.Files(), "documents")
	if err != nil {
		b.Fatal(err)
	}
	entries, err := fs.Glob(root, "*.csv")
	if err != nil {
		b.Fatal(err)
	}
	holds := ""
	for _, name := range entries {
		text, err := fs.ReadFile(root, name)
		if err != nil {
			b.Fatal(err)
		}
		documents[name] = &fstest.MapFile{Data: text}
		if holds == "" && strings.Contains(string(text), "340100,disposable_income_urban,2021,"+was) {
			holds = name
		}
	}
	if holds == "" {
		b.Fatal("no document says what Hefei's urban income was in 2021")
	}
	state := b.TempDir()
	catalog, set, err := definitions()
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	p, err := pipeline.New(pipeline.Config{
		State: state, Catalog: catalog, Queries: set, Sources: []source.Source{bundled.New(documents)}, Log: zap.NewNop(), Keep: 3,
		Now:    func() time.Time { now = now.Add(time.Second); return now },
		Client: func(source.Info, *answers.Store) *http.Client { return nil }, Limits: warehouse.Limits{MemoryMB: 1024},
	})
	if err != nil {
		b.Fatal(err)
	}
	run := func() {
		if _, err := p.Run(context.Background(), pipeline.Options{Offline: true, AcceptRevisions: true}); err != nil {
			b.Fatal(err)
		}
	}
	run()
	r := rigAt(b, state, func(*serve.Config) {})
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	go r.Watch(ctx)
	before := string(documents[holds].Data)
	var took, published time.Duration
	n := 0
	for b.Loop() {
		n++
		value := "5320" + string(rune('0'+n%8))
		documents[holds] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(before, was, value))}
		begun := time.Now()
		run()
		published += time.Since(begun)
		for !strings.Contains(r.get("/charts/income.csv").Body.String(), value) {
			time.Sleep(5 * time.Millisecond)
		}
		took += time.Since(begun)
	}
	b.ReportMetric(float64(took.Milliseconds())/float64(n), "ms_to_chart")
	b.ReportMetric(float64((took-published).Milliseconds())/float64(n), "ms_after_publishing")
}
