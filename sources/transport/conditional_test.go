package transport

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// shelf keeps answers the way an archive does: bodies by their hash, and only
// those that somebody put there.
type shelf struct {
	headers map[string]http.Header
	sums    map[string]string
	bodies  map[string][]byte
}

func newShelf() *shelf {
	return &shelf{map[string]http.Header{}, map[string]string{}, map[string][]byte{}}
}

func (s *shelf) Load(key string) (http.Header, []byte, bool) {
	body, ok := s.bodies[s.sums[key]]
	return s.headers[key], body, ok
}

func (s *shelf) Save(key string, h http.Header, sum string) { s.headers[key], s.sums[key] = h, sum }

func (s *shelf) archive(body []byte) {
	sum := sha256.Sum256(body)
	s.bodies[hex.EncodeToString(sum[:])] = body
}

// page is a publisher of one page that knows conditional requests.
type page struct {
	body   string
	header http.Header
	gzip   bool
	asked  []string // "200" or "304" each time
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, values := range p.header {
		w.Header()[name] = values
	}
	tag, date := p.header.Get("ETag"), p.header.Get("Last-Modified")
	same := tag != "" && r.Header.Get("If-None-Match") == tag
	if r.Header.Get("If-None-Match") == "" {
		same = date != "" && r.Header.Get("If-Modified-Since") == date
	}
	if same {
		p.asked = append(p.asked, "304")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	p.asked = append(p.asked, "200")
	if p.gzip {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(gzipped(strings.NewReader(p.body)))
		return
	}
	_, _ = fmt.Fprint(w, p.body)
}

const (
	sent  = "Tue, 14 Jul 2026 06:00:00 GMT"
	older = "Mon, 13 Jul 2026 06:00:00 GMT"
)

// ask asks as a run does: what is answered goes to the archive afterwards.
func ask(t *testing.T, c *http.Client, kept *shelf, address string) Answer {
	t.Helper()
	a, err := Get(t.Context(), c, address)
	if err != nil {
		t.Fatal(err)
	}
	kept.archive(a.Body)
	return a
}

func TestConditional(t *testing.T) {
	csv := header("Content-Type", "text/csv; charset=utf-8", "Link", `</2>; rel="next"`)
	with := func(kv ...string) http.Header {
		h := csv.Clone()
		for name, values := range header(kv...) {
			h[name] = values
		}
		return h
	}
	for _, tt := range []struct {
		name   string
		header http.Header
		gzip   bool
		want   string // how three equal questions are answered
	}{
		{"tag", with("ETag", `"1"`), false, "200 304 304"},
		{"weak tag", with("ETag", `W/"1"`), false, "200 304 304"},
		{"tag of the compressed form", with("ETag", `"1-gzip"`), true, "200 304 304"},
		{"date", with("Last-Modified", older, "Date", sent), false, "200 304 304"},
		{"date of this very moment", with("Last-Modified", sent, "Date", sent), false, "200 200 200"},
		{"date within the second that it counts", with("Last-Modified", "Tue, 14 Jul 2026 05:59:30 GMT", "Date", sent), false, "200 200 200"},
		{"date nobody can read", with("Last-Modified", "yesterday", "Date", sent), false, "200 200 200"},
		{"tag that names nothing", with("ETag", `W/""`), false, "200 200 200"},
		{"neither", with(), false, "200 200 200"},
		{"not to be stored", with("ETag", `"1"`, "Cache-Control", "private, No-Store"), false, "200 200 200"},
		{"may be stored, must be asked about", with("ETag", `"1"`, "Cache-Control", "no-cache, max-age=0"), false, "200 304 304"},
		{"varies by anything", with("ETag", `"1"`, "Vary", "Accept, *"), false, "200 200 200"},
		{"varies by encoding", with("ETag", `"1"`, "Vary", "Accept-Encoding"), false, "200 304 304"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kept := newShelf()
			p := &page{body: "a,b\n1,2\n", header: tt.header, gzip: tt.gzip}
			c, base := serve(t, p.ServeHTTP, func(o *Options) { o.Kept = kept })
			first := ask(t, c, kept, base+"/x")
			for range 2 {
				next := ask(t, c, kept, base+"/x")
				if string(next.Body) != p.body || next.MediaType != "text/csv" || next.URL != first.URL || next.Header.Get("Link") != first.Header.Get("Link") {
					t.Errorf("the answer is %+v, then %+v; a source must not see a difference", first, next)
				}
			}
			if got := strings.Join(p.asked, " "); got != tt.want {
				t.Errorf("the publisher answered %s, want %s", got, tt.want)
			}
		})
	}
}

func TestConditionalSeesNews(t *testing.T) {
	kept := newShelf()
	p := &page{body: "old", header: header("ETag", `"1"`)}
	c, base := serve(t, p.ServeHTTP, func(o *Options) { o.Kept = kept })
	var got []string
	for _, set := range []func(){
		func() {},
		func() { p.body, p.header = "new", header("ETag", `"2"`) },
		func() {},
		func() { clear(kept.bodies) }, // the archive lost it
		func() { p.header = header() },
	} {
		set()
		got = append(got, string(ask(t, c, kept, base).Body))
	}
	if diff := cmp.Diff([]string{"old", "new", "new", "new", "new"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"200", "200", "304", "200", "200"}, p.asked); diff != "" {
		t.Errorf("how the publisher answered (-want +got):\n%s", diff)
	}
}

// An answer that was noted but never archived, as when the run was killed
// between the two, is asked for in full.
func TestConditionalNeedsTheBody(t *testing.T) {
	kept := newShelf()
	p := &page{body: "x", header: header("ETag", `"1"`)}
	c, base := serve(t, p.ServeHTTP, func(o *Options) { o.Kept = kept })
	for range 2 {
		if _, err := Get(t.Context(), c, base); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"200", "200"}, p.asked); diff != "" || len(kept.sums) != 1 {
		t.Errorf("noted %v, answers (-want +got):\n%s", kept.sums, diff)
	}
}

// Some questions are nobody's business, some are not worth remembering.
func TestConditionalLeavesAlone(t *testing.T) {
	for _, tt := range []struct {
		name  string
		query string
		set   func(*http.Request)
		known bool
	}{
		{"plain", "?a=b", func(*http.Request) {}, true},
		{"a header of its own", "", func(r *http.Request) { r.Header.Set("Accept", "text/csv") }, true},
		{"key in the query", "?series=GDP&api_key=abcdef", func(*http.Request) {}, false},
		{"token in the query", "?access-token=abcdef", func(*http.Request) {}, false},
		{"key in a header", "", func(r *http.Request) { r.Header.Set("X-Api-Key", "abcdef") }, false},
		{"password", "", func(r *http.Request) { r.SetBasicAuth("me", "abcdef") }, false},
		{"password in the address", "", func(r *http.Request) { r.URL.User = urlUser }, false},
		{"conditions of its own", "", func(r *http.Request) { r.Header.Set("If-None-Match", `"7"`) }, false},
		{"a part", "", func(r *http.Request) { r.Header.Set("Range", "bytes=0-1") }, false},
		{"HEAD", "", func(r *http.Request) { r.Method = http.MethodHead }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kept := newShelf()
			c, base := serve(t, (&page{body: "x", header: header("ETag", `"1"`)}).ServeHTTP, func(o *Options) { o.Kept = kept })
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/"+tt.query, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			tt.set(req)
			if _, err := Ask(c, req); err != nil {
				t.Fatal(err)
			}
			if (len(kept.sums) == 1) != tt.known {
				t.Errorf("remembered: %v, want %v", kept.sums, tt.known)
			}
			if strings.Contains(fmt.Sprint(kept.headers, kept.sums), "abcdef") {
				t.Errorf("a secret was written down: %v", kept.sums)
			}
		})
	}
}

// Answers to the same address with other headers are other answers.
func TestConditionalTellsHeadersApart(t *testing.T) {
	kept := newShelf()
	c, base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`) // the same, as careless publishers have it
		w.Header().Set("Vary", "Accept")
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = fmt.Fprint(w, r.Header.Get("Accept"))
	}, func(o *Options) { o.Kept = kept })
	for _, accept := range []string{"text/csv", "text/html", "text/csv"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", accept)
		a, err := Ask(c, req)
		if err != nil || string(a.Body) != accept {
			t.Errorf("asked for %s, got %q, %v", accept, a.Body, err)
		}
		kept.archive(a.Body)
	}
}

// What broke off, or could have without anybody noticing, is not remembered.
func TestConditionalNotesOnlyWholeAnswers(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"1"`)
			w.Header().Set("Content-Length", "10")
			_, _ = fmt.Fprint(w, "half")
		},
		"without an end": func(w http.ResponseWriter, _ *http.Request) {
			conn, buf, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_, _ = buf.WriteString("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nConnection: close\r\n\r\nhalf")
			_ = buf.Flush()
		},
		"not found": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"1"`)
			w.WriteHeader(http.StatusNotFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			kept := newShelf()
			c, base := serve(t, h, func(o *Options) { o.Kept, o.Timeout = kept, time.Second })
			_, _ = Get(t.Context(), c, base)
			if len(kept.sums) > 0 {
				t.Errorf("remembered %v, want nothing", kept.sums)
			}
		})
	}
}

// A publisher who says "nothing newer" without having been asked is not believed.
func TestNotModifiedOutOfTheBlue(t *testing.T) {
	c, base := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) },
		func(o *Options) { o.Kept = newShelf() })
	_, err := Get(t.Context(), c, base)
	wantUpstream(t, err, "HTTP 304")
}

func TestKeptHeaderHasNoSecrets(t *testing.T) {
	kept := newShelf()
	p := &page{body: "x", header: header("ETag", `"1"`, "Set-Cookie", "sid=abcdef", "X-Auth-Token", "abcdef", "X-Total-Count", "7")}
	c, base := serve(t, p.ServeHTTP, func(o *Options) { o.Kept = kept })
	ask(t, c, kept, base)
	for _, h := range kept.headers {
		if h.Get("X-Total-Count") != "7" || h.Get("Set-Cookie") != "" || h.Get("X-Auth-Token") != "" || h.Get("Content-Length") != "" {
			t.Errorf("kept %v: want what belongs to the answer and no secret", h)
		}
	}
}
