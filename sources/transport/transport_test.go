package transport

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
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
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"golang.org/x/time/rate"

	"citystats/internal/fault"
)

const agent = "citystats/test (+https://example.org/contact)"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// waits records pauses instead of sleeping.
type waits struct {
	mu  sync.Mutex
	all []time.Duration
}

func (w *waits) sleep(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, d)
	return ctx.Err()
}

// serve starts a publisher and a client for it. Options not set by change are
// those of a test: no rate, small limits, no real pauses.
func serve(t *testing.T, h http.HandlerFunc, change func(*Options)) (*http.Client, string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	o := Options{
		UserAgent: agent, Hosts: []string{strings.TrimPrefix(server.URL, "http://")}, AllowLocal: true,
		Rate: rate.Inf, Timeout: 5 * time.Second, MaxBody: 1 << 20, Sleep: new(waits).sleep,
	}
	if change != nil {
		change(&o)
	}
	c := New(o)
	t.Cleanup(c.CloseIdleConnections)
	return c, server.URL
}

// wantUpstream checks kind, place and wording of an error.
func wantUpstream(t *testing.T, err error, words ...string) {
	t.Helper()
	if fault.KindOf(err) != fault.Upstream {
		t.Fatalf("error %v is of kind %v, want upstream", err, fault.KindOf(err))
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}

func TestGet(t *testing.T) {
	var got http.Header
	c, base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		w.Header().Set("Content-Type", "application/JSON; charset=utf-8")
		_, _ = fmt.Fprint(w, `[1]`)
	}, nil)
	answer, err := Get(t.Context(), c, base+"/a?b=c")
	if err != nil {
		t.Fatal(err)
	}
	if answer.Header.Get("Content-Type") == "" {
		t.Error("the answer's header is missing")
	}
	answer.Header = nil
	want := Answer{URL: base + "/a?b=c", MediaType: "application/json", Body: []byte(`[1]`)}
	if diff := cmp.Diff(want, answer); diff != "" {
		t.Error(diff)
	}
	if got.Get("User-Agent") != agent {
		t.Errorf("User-Agent %q, want %q", got.Get("User-Agent"), agent)
	}
}

// A question with a body is asked again only by leave of whoever made it.
func TestAskAgain(t *testing.T) {
	for _, tt := range []struct {
		marked bool
		asked  []string
	}{{true, []string{"q", "q"}}, {false, []string{"q"}}} {
		var asked []string
		c, base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			if asked = append(asked, string(body)); len(asked) == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			if r.Header.Get("Idempotency-Key") != "" {
				t.Error("the mark was sent")
			}
		}, nil)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base, strings.NewReader("q"))
		if err != nil {
			t.Fatal(err)
		}
		if tt.marked {
			req.Header["Idempotency-Key"] = nil
		}
		_, err = Ask(c, req)
		if (err == nil) != tt.marked {
			t.Errorf("marked %v: %v", tt.marked, err)
		}
		if !cmp.Equal(asked, tt.asked) {
			t.Errorf("marked %v: the publisher was asked %q, want %q", tt.marked, asked, tt.asked)
		}
	}
}

func TestUserAgentIsNotTheSources(t *testing.T) {
	var got string
	c, base := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.UserAgent() }, nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0)")
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if got != agent {
		t.Errorf("User-Agent %q, want %q", got, agent)
	}
}

func TestNewDemandsUserAgent(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic without a User-Agent")
		}
	}()
	New(Options{})
}

func TestGuard(t *testing.T) {
	open := Options{UserAgent: agent, Hosts: []string{"api.example.org", "localhost"}}
	local := Options{UserAgent: agent, Hosts: []string{"localhost:8080"}, AllowLocal: true}
	for _, tt := range []struct {
		name    string
		options Options
		url     string
		want    string // "" when the request goes through
	}{
		{"declared", open, "https://api.example.org/x", ""},
		{"declared, other case and own port", open, "https://API.example.org:443/x", ""},
		{"plain http", open, "http://api.example.org/x", "not https"},
		{"other scheme", open, "file:///etc/passwd", "not https"},
		{"undeclared", open, "https://example.org/x", "not one the source declares"},
		{"subdomain", open, "https://evil.api.example.org/x", "not one the source declares"},
		{"other port", open, "https://api.example.org:8443/x", "not one the source declares"},
		{"user before another host", open, "https://api.example.org@evil.org/", "not one the source declares"},
		{"local, allowed", local, "http://localhost:8080/", ""},
		{"local, other port", local, "http://localhost:8081/", "not one the source declares"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reached := roundTrip(func(*http.Request) (*http.Response, error) { return answer(200, nil), nil })
			c := &http.Client{Transport: chain(tt.options.withDefaults(), reached)}
			_, err := Get(t.Context(), c, tt.url)
			if tt.want == "" && err != nil {
				t.Fatal(err)
			}
			if tt.want != "" {
				wantUpstream(t, err, tt.want)
			}
		})
	}
}

// TestPrivateAddress uses the real dialer: the declared name leads to this machine.
func TestPrivateAddress(t *testing.T) {
	hit := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit = true }))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	var w waits
	c := New(Options{UserAgent: agent, Hosts: []string{host}, Sleep: w.sleep})
	_, err := Get(t.Context(), c, "https://"+host)
	wantUpstream(t, err, "private address")
	if hit || len(w.all) > 0 {
		t.Errorf("reached the server: %v, pauses %v; want neither", hit, w.all)
	}
}

func TestIsPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:443": false, "10.1.2.3:443": false, "192.168.0.1:443": false, "172.16.0.1:443": false,
		"169.254.169.254:80": false, "100.64.0.1:443": false, "0.0.0.0:443": false, "224.0.0.1:443": false,
		"[::1]:443": false, "[fe80::1]:443": false, "[fc00::1]:443": false, "[::ffff:127.0.0.1]:443": false,
		"8.8.8.8:443": true, "[2606:4700::1]:443": true, "no address": false,
	} {
		if got := refusePrivate("tcp", address, nil) == nil; got != want {
			t.Errorf("%s: allowed %v, want %v", address, got, want)
		}
	}
}

func TestRedirect(t *testing.T) {
	var strayed atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed.Store(true) }))
	defer other.Close()
	c, base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/near":
			http.Redirect(w, r, "/here", http.StatusFound)
		case "/far":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		default:
			_, _ = fmt.Fprint(w, "here")
		}
	}, nil)
	if a, err := Get(t.Context(), c, base+"/near"); err != nil || string(a.Body) != "here" {
		t.Errorf("near: %q, %v", a.Body, err)
	}
	_, err := Get(t.Context(), c, base+"/far")
	wantUpstream(t, err, "not one the source declares")
	if strayed.Load() {
		t.Error("the redirect was followed to a host that is not declared")
	}
	_, err = Get(t.Context(), c, base+"/round")
	wantUpstream(t, err, "stopped after 10 redirects")
}

// roundTrip is a publisher without a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, h http.Header) *http.Response {
	if h == nil {
		h = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader("")), ContentLength: -1}
}

func header(kv ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(kv); i += 2 {
		h.Set(kv[i], kv[i+1])
	}
	return h
}

func TestRetry(t *testing.T) {
	const date, later = "Tue, 14 Jul 2026 06:00:00 GMT", "Tue, 14 Jul 2026 06:00:45 GMT"
	refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	unknown := &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
	reset := &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
	s := func(a, b float64) [2]time.Duration {
		return [2]time.Duration{time.Duration(a * float64(time.Second)), time.Duration(b * float64(time.Second))}
	}
	// A step is what the publisher does; the last one repeats.
	type step struct {
		status int
		header http.Header
		err    error
	}
	for _, tt := range []struct {
		name  string
		steps []step
		waits [][2]time.Duration // each between
		err   string
	}{
		{"fine at once", []step{{200, nil, nil}}, nil, ""},
		{"not found is an answer", []step{{404, nil, nil}}, nil, "HTTP 404 Not Found"},
		{"500 is an answer", []step{{500, nil, nil}}, nil, "HTTP 500"},
		{"502 then fine", []step{{502, nil, nil}, {200, nil, nil}}, [][2]time.Duration{s(.5, 1)}, ""},
		{
			"504 for ever",
			[]step{{504, nil, nil}},
			[][2]time.Duration{s(.5, 1), s(1, 2), s(2, 4), s(4, 8)},
			"HTTP 504",
		},
		{
			"Retry-After in seconds",
			[]step{{429, header("Retry-After", "7"), nil}, {200, nil, nil}},
			[][2]time.Duration{s(7, 7)},
			"",
		},
		{
			"Retry-After as a date",
			[]step{{503, header("Retry-After", later, "Date", date), nil}, {200, nil, nil}},
			[][2]time.Duration{s(45, 45)},
			"",
		},
		{
			"Retry-After in the past",
			[]step{{503, header("Retry-After", date, "Date", later), nil}, {200, nil, nil}},
			[][2]time.Duration{s(.5, 1)},
			"",
		},
		{
			"Retry-After as a date without one to compare",
			[]step{{503, header("Retry-After", later), nil}, {200, nil, nil}},
			[][2]time.Duration{s(.5, 1)},
			"",
		},
		{
			"Retry-After 0 still backs off",
			[]step{{429, header("Retry-After", "0"), nil}, {200, nil, nil}},
			[][2]time.Duration{s(.5, 1)},
			"",
		},
		{
			"Retry-After nobody can read",
			[]step{{429, header("Retry-After", "soon"), nil}, {200, nil, nil}},
			[][2]time.Duration{s(.5, 1)},
			"",
		},
		{
			"Retry-After beyond our patience is not cut short",
			[]step{{429, header("Retry-After", "3600"), nil}},
			nil, "Retry-After: 3600",
		},
		{
			"budget of all waits",
			[]step{{429, header("Retry-After", "50"), nil}},
			[][2]time.Duration{s(50, 50), s(50, 50)},
			"HTTP 429",
		},
		{"connection reset", []step{{0, nil, reset}, {200, nil, nil}}, [][2]time.Duration{s(.5, 1)}, ""},
		{"nobody listens", []step{{0, nil, refused}}, [][2]time.Duration{s(.5, 1), s(1, 2)}, "no connection"},
		{"no such name", []step{{0, nil, unknown}}, [][2]time.Duration{s(.5, 1), s(1, 2)}, "cannot be resolved"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			calls := 0
			base := roundTrip(func(*http.Request) (*http.Response, error) {
				st := tt.steps[min(calls, len(tt.steps)-1)]
				calls++
				if st.err != nil {
					return nil, st.err
				}
				return answer(st.status, st.header), nil
			})
			var w waits
			o := Options{UserAgent: agent, Hosts: []string{"h"}, Rate: rate.Inf, Sleep: w.sleep}
			_, err := Get(t.Context(), &http.Client{Transport: chain(o.withDefaults(), base)}, "https://h/")
			if tt.err == "" && err != nil {
				t.Fatal(err)
			}
			if tt.err != "" {
				wantUpstream(t, err, tt.err)
			}
			if len(w.all) != len(tt.waits) || calls != len(w.all)+1 {
				t.Fatalf("%d calls, pauses %v, want %d pauses", calls, w.all, len(tt.waits))
			}
			for i, want := range tt.waits {
				if w.all[i] < want[0] || w.all[i] > want[1] {
					t.Errorf("pause %d is %v, want between %v and %v", i+1, w.all[i], want[0], want[1])
				}
			}
		})
	}
}

// A host that may be asked once a minute is not waited for when it is away.
func TestSlowPaceIsNotWaitedForInVain(t *testing.T) {
	for _, tt := range []struct {
		rate  rate.Limit
		err   error
		calls int
	}{
		{rate.Every(time.Minute), &net.OpError{Op: "dial", Err: errors.New("refused")}, 1},
		{rate.Every(10 * time.Millisecond), &net.OpError{Op: "dial", Err: errors.New("refused")}, unreachableAttempts},
	} {
		calls := 0
		base := roundTrip(func(*http.Request) (*http.Response, error) { calls++; return nil, tt.err })
		var w waits
		o := Options{UserAgent: agent, Hosts: []string{"h"}, Rate: tt.rate, Sleep: w.sleep}
		if _, err := Get(t.Context(), &http.Client{Transport: chain(o.withDefaults(), base)}, "https://h/"); err == nil {
			t.Error("a host that is away answered")
		}
		if calls != tt.calls {
			t.Errorf("at %v questions a second the host was tried %d times, want %d", tt.rate, calls, tt.calls)
		}
	}
}

func TestRetryClosesWhatItGivesUp(t *testing.T) {
	calls := 0
	c, base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls < 4 {
			w.WriteHeader(http.StatusBadGateway)
		}
		_, _ = fmt.Fprint(w, strings.Repeat("<html>", 10_000))
	}, func(o *Options) { o.Concurrency = 1 }) // an open body would block the next attempt for ever
	if _, err := Get(t.Context(), c, base); err != nil {
		t.Fatal(err)
	}
}

func TestRequestWithBodyIsSentOnce(t *testing.T) {
	var calls atomic.Int32
	c, base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}, nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base, strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if calls.Load() != 1 {
		t.Errorf("%d calls, want 1", calls.Load())
	}
}

func gzipped(parts ...io.Reader) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.Copy(w, io.MultiReader(parts...)); err != nil {
		panic(err)
	}
	_ = w.Close()
	return b.Bytes()
}

func TestBody(t *testing.T) {
	zeros := func(n int64) io.Reader { return io.LimitReader(zero{}, n) }
	bomb, fits := bytes.Repeat(gzipped(zeros(1<<20)), 100), gzipped(zeros(1<<20))
	corrupt := bytes.Clone(fits)
	corrupt[len(corrupt)-5] ^= 1 // in the checksum
	raw := func(encoding string, body []byte, announce int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if encoding != "" {
				w.Header().Set("Content-Encoding", encoding)
			}
			if announce > 0 {
				w.Header().Set("Content-Length", fmt.Sprint(announce))
			}
			_, _ = w.Write(body) // the client hangs up on what it refuses
		}
	}
	for _, tt := range []struct {
		name string
		h    http.HandlerFunc
		size int
		err  string
	}{
		{"exact fit", raw("", make([]byte, 1<<20), 0), 1 << 20, ""},
		{"one byte over, announced", raw("", make([]byte, 1<<20+1), 1<<20+1), 0, "larger than 1048576 bytes"},
		{"over, chunked", func(w http.ResponseWriter, _ *http.Request) {
			for range 40 {
				_, _ = w.Write(make([]byte, 64<<10))
				w.(http.Flusher).Flush()
			}
		}, 0, "larger than 1048576 bytes"},
		{"gzip is transparent", raw("gzip", fits, 0), 1 << 20, ""},
		{"gzip bomb", raw("gzip", bomb, 0), 0, "larger than 1048576 bytes"},
		{"gzip cut", raw("gzip", fits[:len(fits)/2], 0), 0, "cut short"},
		{"gzip corrupt", raw("gzip", corrupt, 0), 0, "no usable answer"},
		{"gzip that is none", raw("gzip", []byte("<html>busy</html>"), 0), 0, "no usable answer"},
		{"encoding nobody asked for", raw("br", []byte("x"), 0), 0, `encoded as "br"`},
		{"shorter than announced", raw("", []byte("half"), 8), 0, "cut short"},
		{"chunked, cut", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, "half")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, 0, "cut short"},
		{"empty", raw("", nil, 0), 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, base := serve(t, tt.h, func(o *Options) { o.Attempts = 1 })
			a, err := Get(t.Context(), c, base)
			if tt.err != "" {
				wantUpstream(t, err, tt.err, base)
				return
			}
			if err != nil || len(a.Body) != tt.size {
				t.Errorf("%d bytes, %v; want %d", len(a.Body), err, tt.size)
			}
		})
	}
}

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestTimeLimit(t *testing.T) {
	stall := func(started bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if started {
				_, _ = fmt.Fprint(w, "[")
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		}
	}
	for name, h := range map[string]http.HandlerFunc{"before headers": stall(false), "within the body": stall(true)} {
		t.Run(name, func(t *testing.T) {
			c, base := serve(t, h, func(o *Options) { o.Timeout, o.Attempts = 50*time.Millisecond, 2 })
			_, err := Get(t.Context(), c, base)
			wantUpstream(t, err, "no complete answer within 50ms", base)
		})
	}
}

func TestCancel(t *testing.T) {
	for name, during := range map[string]http.HandlerFunc{
		"before headers":  func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"within the body": func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush(); <-r.Context().Done() },
		"between tries":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			c, base := serve(t, func(w http.ResponseWriter, r *http.Request) {
				time.AfterFunc(20*time.Millisecond, cancel)
				during(w, r)
			}, func(o *Options) { o.Sleep = sleep })
			_, err := Get(ctx, c, base)
			if fault.KindOf(err) != fault.Cancelled {
				t.Errorf("error %v, want a cancel", err)
			}
		})
	}
}

// bubble is when time starts in a synctest bubble.
var bubble = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// TestThrottle runs in a bubble of fake time: ten requests, two a second, and
// never more than three at once though each takes five seconds.
func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		base := roundTrip(func(*http.Request) (*http.Response, error) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(5 * time.Second)
			now.Add(-1)
			return answer(200, nil), nil
		})
		o := Options{UserAgent: agent, Hosts: []string{"h"}, Rate: 2, Concurrency: 3}
		c := &http.Client{Transport: chain(o.withDefaults(), base)}
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if _, err := Get(t.Context(), c, "https://h/"); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if most.Load() != 3 {
			t.Errorf("%d requests at once, want 3", most.Load())
		}
		if took := time.Since(bubble); took < 20*time.Second || took > 22*time.Second {
			t.Errorf("took %v, want about 20s", took)
		}
	})
}

func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := roundTrip(func(*http.Request) (*http.Response, error) { return answer(200, nil), nil })
		c := &http.Client{Transport: chain(Options{UserAgent: agent, Hosts: []string{"h"}, Rate: 2}.withDefaults(), base)}
		for range 5 {
			if _, err := Get(t.Context(), c, "https://h/"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(bubble); took != 2*time.Second {
			t.Errorf("five requests at two a second took %v, want 2s", took)
		}
	})
}

func TestCancelWhileHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := roundTrip(func(*http.Request) (*http.Response, error) { return answer(200, nil), nil })
		c := &http.Client{Transport: chain(Options{UserAgent: agent, Hosts: []string{"h"}, Rate: rate.Inf, Concurrency: 1}.withDefaults(), base)}
		resp, err := c.Get("https://h/") // holds the only place
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := Get(ctx, c, "https://h/"); fault.KindOf(err) != fault.Cancelled {
			t.Errorf("error %v, want a cancel", err)
		}
		_ = resp.Body.Close()
		if _, err := Get(t.Context(), c, "https://h/"); err != nil {
			t.Errorf("after the place was freed: %v", err)
		}
	})
}

func TestMediaType(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "text/html": "text/html", "Application/JSON;charset=utf-8": "application/json",
		"text/xml; charset": "text/xml", ";": "",
	} {
		if got := mediaType(in); got != want {
			t.Errorf("mediaType(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUnreachable(t *testing.T) {
	dial := &url.Error{Op: "Get", Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}
	if !Unreachable(fault.Wrap(fault.Upstream, dial, "", "", "no connection")) {
		t.Error("a failed dial is not recognised within a fault")
	}
	if Unreachable(io.ErrUnexpectedEOF) {
		t.Error("a cut answer is not an unreachable host")
	}
}
