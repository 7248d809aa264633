package fred

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
	"citystats/sources/transport"
)

// leaky are ways in which a publisher, a network or a machine has errors talk
// about the address that was asked, or answers repeat it.
var leaky = []struct {
	name   string
	answer http.HandlerFunc
	change func(*transport.Options)
}{
	{"healthy", nil, nil},
	{"key refused", plainly(http.StatusBadRequest, `{"error_code":400,"error_message":"Bad Request.  The value for variable api_key is not registered."}`), nil},
	{"key refused and repeated", echo(http.StatusBadRequest, `{"error_code":400,"error_message":"Bad Request.  The value %s for variable api_key is not registered."}`), nil},
	{"key refused and repeated in XML", echo(http.StatusBadRequest, `<?xml version="1.0"?><error code="400" message="api_key %s is not registered"/>`), nil},
	{"key repeated in a page", echo(http.StatusNotFound, `<html>%s</html>`), nil},
	{"key repeated in an answer", echo(http.StatusOK, `{"request":"%s"}`), nil},
	{"key repeated in a label", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/"+r.URL.Query().Get("api_key"))
		fmt.Fprint(w, "{}")
	}, nil},
	{"key repeated in a time to wait", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", r.URL.Query().Get("api_key"))
		w.WriteHeader(http.StatusServiceUnavailable)
	}, nil},
	{"too many", plainly(http.StatusTooManyRequests, `{"error_code":429,"error_message":"Too Many Requests.  Exceeded Rate Limit"}`), nil},
	{"internal error", plainly(http.StatusInternalServerError, "<html>"), nil},
	{"redirect to the same host", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere?"+r.URL.RawQuery, http.StatusFound)
	}, nil},
	{"redirect to another host", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://example.org"+r.RequestURI, http.StatusMovedPermanently)
	}, nil},
	{"not HTTP", func(w http.ResponseWriter, r *http.Request) { hijack(w, "GET "+r.RequestURI+"\r\n\r\n") }, nil},
	{"hangs up", func(w http.ResponseWriter, _ *http.Request) { hijack(w, "") }, nil},
	{"cut short", func(w http.ResponseWriter, _ *http.Request) {
		hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
	}, nil},
	{"too long by its own account", plainly(http.StatusOK, strings.Repeat(" ", 2000)), func(o *transport.Options) { o.MaxBody = 1000 }},
	{"too long", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.Repeat(" ", 500))
		_ = http.NewResponseController(w).Flush()
		fmt.Fprint(w, strings.Repeat(" ", 1500))
	}, func(o *transport.Options) { o.MaxBody = 1000 }},
	{"an encoding nobody asked for", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		fmt.Fprint(w, "{}")
	}, nil},
	{"gzip that breaks off", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, "{")
		_ = z.Flush()
	}, nil},
	{"slow head", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, func(o *transport.Options) { o.Timeout = 20 * time.Millisecond }},
	{"slow body", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "{")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}, func(o *transport.Options) { o.Timeout = 20 * time.Millisecond }},
	{"not the declared host", nil, func(o *transport.Options) { o.Hosts = []string{"example.org"} }},
	{"plain http", nil, func(o *transport.Options) { o.AllowLocal = false }},
}

func plainly(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}
}

// echo puts the key it was asked with into the text.
func echo(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		fmt.Fprintf(w, text, r.URL.Query().Get("api_key"))
	}
}

// hijack sends raw bytes and hangs up.
func hijack(w http.ResponseWriter, text string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(conn, text)
	_ = conn.Close()
}

// TestTheKeyStaysSecret searches everything that comes out of Fetch and Probe for
// the key, whatever goes wrong: documents, errors, and the causes within errors.
func TestTheKeyStaysSecret(t *testing.T) {
	for _, tt := range leaky {
		t.Run(tt.name, func(t *testing.T) {
			f := &stLouis{t: t, series: []kept{revised}}
			var sent atomic.Bool
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.RequestURI, testKey) {
					sent.Store(true)
				}
				if tt.answer != nil {
					tt.answer(w, r)
					return
				}
				f.ServeHTTP(w, r)
			}))
			defer server.Close()
			src := at(f.config())(server.URL)
			client := polite(t, server, tt.change)
			docs, err := sourcetest.Fetch(t.Context(), src, client)
			search(t, docs, err)
			probe := src.(source.Prober).Probe(t.Context(), client)
			search(t, nil, probe)
			unasked := tt.name == "not the declared host" || tt.name == "plain http"
			if (err == nil) != (tt.name == "healthy") || (probe == nil) != (tt.name == "healthy") {
				t.Errorf("Fetch says %v, Probe says %v; this case tests nothing", err, probe)
			}
			// With a changed client a question may end before it is sent.
			if sent.Load() && unasked || !sent.Load() && tt.change == nil {
				t.Errorf("key sent: %v, want it sent in each question that is asked and in no other", sent.Load())
			}
			if err != nil && fault.KindOf(err) != fault.Upstream {
				t.Errorf("error of kind %v: %v", fault.KindOf(err), err)
			}
		})
	}
}

// TestTheKeyStaysSecretWithoutAHost is about a connection that never comes about
// and a run that is stopped.
func TestTheKeyStaysSecretWithoutAHost(t *testing.T) {
	f := &stLouis{t: t, series: []kept{revised}}
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	src := at(f.config())(server.URL)
	client := polite(t, server, nil)
	_, err := sourcetest.Fetch(ctx, src, client)
	search(t, nil, err)
	if fault.KindOf(err) != fault.Cancelled {
		t.Errorf("stopped midway: %v, want a cancel", err)
	}
	server.Close()
	_, err = sourcetest.Fetch(t.Context(), src, client)
	search(t, nil, err)
	if fault.KindOf(err) != fault.Upstream || !transport.Unreachable(err) || !strings.Contains(err.Error(), mask) {
		t.Errorf("nobody there: %v, want to know that the host cannot be reached, and the address with %s", err, mask)
	}
}

// search fails the test where the key is to be seen.
func search(t *testing.T, docs []source.Document, err error) {
	t.Helper()
	for _, d := range docs {
		if text := fmt.Sprintf("%+v %s", d, d.Body); strings.Contains(text, testKey) {
			t.Errorf("document %s holds the key: %s", d.Name, text)
		}
	}
	for _, e := range chain(err) {
		for _, form := range []string{"%v", "%+v", "%#v", "%q"} {
			if text := fmt.Sprintf(form, e); strings.Contains(text, testKey) {
				t.Errorf("a %T within the error holds the key: %s", e, text)
			}
		}
	}
}

// chain is err and all its causes.
func chain(err error) []error {
	if err == nil {
		return nil
	}
	all := []error{err}
	switch e := err.(type) { //nolint:errorlint // every link is wanted, not the first that fits
	case interface{ Unwrap() error }:
		all = append(all, chain(e.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, cause := range e.Unwrap() {
			all = append(all, chain(cause)...)
		}
	}
	return all
}

// TestTheSearchFinds wants the search above to find a key that is there.
func TestTheSearchFinds(t *testing.T) {
	hiding := &fault.Error{What: "x", Err: errors.New(testKey)}
	if got := chain(errors.Join(hiding, nil)); len(got) != 3 || got[2].Error() != testKey {
		t.Errorf("the chain is %v", got)
	}
}

// TestPrintingTheSource wants no key in what a careless log line would print.
func TestPrintingTheSource(t *testing.T) {
	src := New(Config{Key: testKey, Series: []Series{gdp}})
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(form, src); strings.Contains(text, testKey) {
			t.Errorf("%s prints %s", form, text)
		}
	}
	if text := fmt.Sprintf("%+v", src.Info()); strings.Contains(text, testKey) {
		t.Errorf("Info is %s", text)
	}
}

// TestKeysThatAreNone are not sent, and not repeated to whoever set them.
func TestKeysThatAreNone(t *testing.T) {
	for _, key := range []string{"short", testKey + "7", strings.ToUpper(testKey), testKey[:31] + "&", testKey[:31] + " ", testKey[:30] + "é"} {
		needs := New(Config{Key: key}).Info().Needs
		if !strings.HasPrefix(needs, KeyVariable) || !strings.Contains(needs, "32 lower-case") || strings.Contains(needs, key) {
			t.Errorf("with the key %q it needs %q", key, needs)
		}
	}
}

// TestCleanKeepsCauses takes the key out of every text and leaves what errors.Is
// and errors.As look for.
func TestCleanKeepsCauses(t *testing.T) {
	k := hidden(testKey)
	inner := &fault.Error{Kind: fault.Upstream, Where: "https://x/?" + testKey, What: testKey, Hint: testKey, Err: fmt.Errorf("%s: %w", testKey, io.ErrUnexpectedEOF)}
	for name, tt := range map[string]struct {
		err  error
		want error
		kind fault.Kind
	}{
		"a fault":             {fmt.Errorf("outer %s: %w", testKey, inner), io.ErrUnexpectedEOF, fault.Upstream},
		"a cancel":            {fmt.Errorf("%s: %w", testKey, context.Canceled), context.Canceled, fault.Cancelled},
		"nothing within":      {errors.New(testKey), nil, fault.Internal},
		"nothing to take out": {io.EOF, io.EOF, fault.Internal},
	} {
		got := k.clean(tt.err)
		search(t, nil, got)
		if fault.KindOf(got) != tt.kind || tt.want != nil && !errors.Is(got, tt.want) {
			t.Errorf("%s: %v of kind %v, want %v within and kind %v", name, got, fault.KindOf(got), tt.want, tt.kind)
		}
	}
	if k.clean(nil) != nil {
		t.Error("no error becomes one")
	}
}
