//go:build duckdb_arrow

package serve_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"citystats/serve"
)

// While releases come and go under readers, nobody is turned away and nobody gets
// half of one and half of another.
func TestReleaseChangesUnderReaders(t *testing.T) {
	state := private(t)
	r := rigAt(t, state, func(c *serve.Config) { c.Poll = 20 * time.Millisecond })
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go r.Watch(ctx)
	var asked atomic.Int64
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			targets := []string{"/charts/income.csv", "/charts/growth.metadata.json", "/revisions.json", "/claims", "/explain?region=hefei&indicator=gdp&period=2018", "/charts/growth.csv?as_of=2024-06-30"}
			for n := i; ctx.Err() == nil; n++ {
				target := targets[n%len(targets)]
				w := r.get(target)
				asked.Add(1)
				if w.Code != http.StatusOK {
					t.Errorf("%s answers %d while releases change: %s", target, w.Code, w.Body)
					return
				}
				if id := w.Header().Get("X-Release"); strings.HasSuffix(target, ".metadata.json") && !strings.Contains(w.Body.String(), id) {
					t.Errorf("%s of %s is not of that release", target, id)
				}
			}
		})
	}
	for n := range 4 {
		m := another(t, state, n)
		deadline := time.Now().Add(time.Minute)
		for r.get("/releases.json").Code == 200 && !strings.Contains(r.get("/readyz").Body.String(), m.ID) {
			if time.Now().After(deadline) {
				t.Fatalf("release %s was never taken over", m.ID)
			}
			time.Sleep(10 * time.Millisecond)
		}
		// Let each release be read for a while.
		for seen := asked.Load(); asked.Load() < seen+20 && !t.Failed(); {
			time.Sleep(5 * time.Millisecond)
		}
	}
	stop()
	readers.Wait()
	t.Logf("%d requests over five releases", asked.Load())
}

// A server that is told to stop finishes what it has begun.
func TestStopsInOrder(t *testing.T) {
	r := newRig(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- r.Serve(ctx, l) }()
	client := &http.Client{Timeout: time.Minute}
	const readers = 8
	begun, answers := make(chan struct{}, readers), make(chan error, readers)
	told := make(chan struct{})
	for range readers {
		go func() {
			resp, err := client.Get(fmt.Sprintf("http://%s/download/citystats.duckdb", l.Addr()))
			begun <- struct{}{}
			if err == nil {
				<-told
				var n int64
				n, err = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if err == nil && (resp.StatusCode != http.StatusOK || n != resp.ContentLength) {
					err = fmt.Errorf("status %d, %d of %d bytes", resp.StatusCode, n, resp.ContentLength)
				}
			}
			answers <- err
		}()
	}
	for range readers {
		<-begun
	}
	stop()
	close(told)
	for range readers {
		if err := <-answers; err != nil {
			t.Errorf("a download that had begun was cut short: %v", err)
		}
	}
	if err := <-ended; err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// Whatever stands in an address, the answer is an answer or a mistake of whoever
// wrote it, never a fault of ours.
func FuzzAddress(f *testing.F) {
	for _, q := range []string{
		"region=hefei&benchmark=peers", "lang=zh&as_of=2024-06-30", "indicator=gdp&period=2018&region=合肥", "url=" + base + "/chart/income&maxwidth=3", "bom=1&download=1", "%ff=%00", "region=%F0%9F%98%80'--", "period=2013/2022&indicator=gdp_growth_real&region=340100", ";;&&==",
		"id=comparisons:340100:national:gdp:A:2018", "id=70:2&as_of=2024-06-30", "id=revisions:''; --", "claim=growth_above_8&reading=bridged", "chart=rank&row=Xi'an&column=rank", "chart=income&row=2013&column=gap_percent&region=suzhou", "region=hefei&window=decade&benchmark=peers", "type=census",
	} {
		for i := range fuzzed {
			f.Add(uint8(i), q)
		}
	}
	r := newRig(f, nil)
	f.Fuzz(func(t *testing.T, route uint8, query string) {
		target := fuzzed[int(route)%len(fuzzed)]
		req := httptest.NewRequest(http.MethodGet, base+target, nil)
		req.URL.RawQuery = query
		w := httptest.NewRecorder()
		r.Handler().ServeHTTP(w, req)
		if w.Code >= 500 && w.Code != http.StatusNotImplemented {
			t.Errorf("%s?%s answers %d: %s", target, query, w.Code, w.Body)
		}
	})
}

// fuzzed are addresses that take parameters.
var fuzzed = []string{"/charts/income.csv", "/charts/revisions.csv", "/charts/rank.txt", "/dw/growth.json", "/oembed", "/region/340100", "/indicator/gdp", "/chart/sei_share", "/charts", "/explain", "/explain.json", "/revisions", "/revisions.atom", "/"}

// FuzzPath asks for nonsense in the path.
func FuzzPath(f *testing.F) {
	for _, p := range []string{"/charts/income.csv", "/charts/.csv", "/v/2026-11-25-00000000/charts/income.svg", "/dw/..json", "/region/'; DROP TABLE", "/claim/%00", "/picture/a.narrow.svg", "//", "/assets/../serve.go"} {
		f.Add(p)
	}
	r := newRig(f, nil)
	f.Fuzz(func(t *testing.T, path string) {
		req := httptest.NewRequest(http.MethodGet, base+"/", nil)
		req.URL = &url.URL{Path: "/" + strings.TrimPrefix(path, "/")}
		w := httptest.NewRecorder()
		r.Handler().ServeHTTP(w, req)
		if w.Code >= 500 {
			t.Errorf("%q answers %d: %s", path, w.Code, w.Body)
		}
	})
}
