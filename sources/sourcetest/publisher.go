package sourcetest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"citystats/sources/source"
	"citystats/sources/transport"
)

// maxBody is what the suite's clients read at most: enough for fixtures, little
// enough that bombs are quick.
const maxBody = 4 << 20

// publisher is a fake one, running until the test ends.
type publisher struct {
	*httptest.Server
	t       *testing.T
	options transport.Options

	mu    sync.Mutex
	waits []time.Duration // pauses our clients made instead of sleeping
}

// publisher starts h; nil is a publisher nobody may ask.
func (s Subject) publisher(t *testing.T, h http.Handler) *publisher {
	t.Helper()
	p := &publisher{t: t, Server: &httptest.Server{}}
	p.options = transport.Options{
		UserAgent: "citystats/test (+https://example.org/contact)", AllowLocal: true,
		Rate: rate.Inf, Timeout: 20 * time.Second, MaxBody: maxBody, Attempts: 3, Sleep: p.sleep,
	}
	if h != nil {
		p.Server = httptest.NewServer(h)
		t.Cleanup(p.Close)
	}
	return p
}

func (p *publisher) host() string { return strings.TrimPrefix(p.URL, "http://") }

// sleep notes the pause and does not make it.
func (p *publisher) sleep(ctx context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waits = append(p.waits, d)
	return ctx.Err()
}

// client is the real one, and it fails the test when src asks an undeclared host.
func (p *publisher) client(src source.Source) *http.Client {
	o := p.options
	o.Hosts = src.Info().Hosts
	c := transport.New(o)
	p.t.Cleanup(c.CloseIdleConnections)
	return &http.Client{Transport: &watched{c.Transport, p.t, o.Hosts}}
}

// watched complains about first requests to hosts that Info does not declare;
// where a redirect leads is the publisher's doing and refused further in.
type watched struct {
	next  http.RoundTripper
	t     *testing.T
	hosts []string
}

func (w *watched) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Response == nil && !slices.Contains(w.hosts, req.URL.Host) {
		w.t.Errorf("the source asks %s, which Info does not declare", req.URL)
	}
	return w.next.RoundTrip(req)
}

// answers changes every good answer before it is sent.
func answers(healthy http.Handler, change func(w http.ResponseWriter, r *http.Request, good *httptest.ResponseRecorder)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		good := httptest.NewRecorder()
		healthy.ServeHTTP(good, r)
		for name, values := range good.Header() {
			w.Header()[name] = values
		}
		change(w, r, good)
	})
}
