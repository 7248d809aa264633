package sourcetest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// errEmit is what an archive on a full disk might say.
var errEmit = errors.New("emit refuses")

// fetch examines Fetch, given the documents of a healthy one.
func (s Subject) fetch(t *testing.T, docs []source.Document) {
	t.Run("documents", func(t *testing.T) { s.documents(t, docs) })
	t.Run("emit error", s.emitError)
	t.Run("cancelled before", func(t *testing.T) { s.cancelledBefore(t, docs) })
	if s.Upstream == nil {
		return
	}
	t.Run("told to wait", func(t *testing.T) { s.toldToWait(t, docs) })
	t.Run("one bad answer", func(t *testing.T) { s.oneBadAnswer(t, docs) })
	t.Run("redirect elsewhere", s.redirect)
	t.Run("slow body", s.slowBody)
	t.Run("cancelled midway", s.cancelledMidway)
	for _, sick := range sicknesses {
		t.Run(sick.name, func(t *testing.T) { s.refused(t, answers(s.Upstream, sick.answer)) })
	}
}

var (
	lowerWord = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	isoDate   = regexp.MustCompile(`^(\d{4}(-\d\d(-\d\d)?)?)?$`)
)

// documents checks that what is archived can be found and cited.
func (s Subject) documents(t *testing.T, docs []source.Document) {
	id := s.New("").Info().ID
	names := map[string]bool{}
	for _, d := range docs {
		if names[d.Name] {
			t.Errorf("two documents are named %q", d.Name)
		}
		names[d.Name] = true
		if d.Source != id || d.Name == "" || d.Title == "" || len(d.Body) == 0 {
			t.Errorf("document %q: source %q, title %q, %d bytes; all are needed, and source is %q", d.Name, d.Source, d.Title, len(d.Body), id)
		}
		if !lowerWord.MatchString(d.Publisher) {
			t.Errorf("document %q: publisher %q is not a key", d.Name, d.Publisher)
		}
		if !isoDate.MatchString(d.Published) || !isoDate.MatchString(d.NotBefore) {
			t.Errorf("document %q: published %q, not before %q; want ISO 8601 or nothing", d.Name, d.Published, d.NotBefore)
		}
		if s.Upstream != nil && (d.URL == "" || d.MediaType == "") {
			t.Errorf("document %q: URL %q, media type %q", d.Name, d.URL, d.MediaType)
		}
	}
}

// emitError checks that Fetch stops at once and says what emit said.
func (s Subject) emitError(t *testing.T) {
	p := s.publisher(t, s.Upstream)
	src := s.New(p.URL)
	calls := 0
	err := src.Fetch(t.Context(), p.client(src), func(source.Document) error { calls++; return errEmit })
	if err != errEmit { //nolint:errorlint // the contract is identity
		t.Errorf("Fetch returns %v, want emit's own error", err)
	}
	if calls != 1 {
		t.Errorf("emit was called %d times, want 1", calls)
	}
}

// cancelledBefore allows success only when nothing is missing.
func (s Subject) cancelledBefore(t *testing.T, docs []source.Document) {
	p := s.publisher(t, s.Upstream)
	src := s.New(p.URL)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := Fetch(ctx, src, p.client(src))
	if err == nil && cmp.Equal(relocated(docs), relocated(got)) {
		return
	}
	if fault.KindOf(err) != fault.Cancelled {
		t.Errorf("Fetch emits %d of %d documents and returns %v, want a cancel", len(got), len(docs), err)
	}
}

// toldToWait answers each question with 429 once.
func (s Subject) toldToWait(t *testing.T, docs []source.Document) {
	var mu sync.Mutex
	asked := map[string]bool{}
	p := s.publisher(t, answers(s.Upstream, func(w http.ResponseWriter, r *http.Request, good *httptest.ResponseRecorder) {
		mu.Lock()
		defer mu.Unlock()
		if !asked[r.RequestURI] {
			asked[r.RequestURI] = true
			w.Header().Set("Retry-After", "3")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		send(w, good, good.Body.Bytes())
	}))
	src := s.New(p.URL)
	got, err := Fetch(t.Context(), src, p.client(src))
	if err != nil {
		t.Fatalf("Fetch gives up on a publisher that asks to wait: %v", err)
	}
	wantSameDocuments(t, relocated(docs), relocated(got))
	if len(p.waits) < len(asked) {
		t.Errorf("%d pauses for %d questions told to wait", len(p.waits), len(asked))
	}
	for _, w := range p.waits {
		if w < 3*time.Second {
			t.Errorf("a pause of %v, want the 3s asked for", w)
		}
	}
}

// oneBadAnswer lets the first question fail for good and answers the others.
func (s Subject) oneBadAnswer(t *testing.T, docs []source.Document) {
	var first atomic.Pointer[string]
	p := s.publisher(t, answers(s.Upstream, func(w http.ResponseWriter, r *http.Request, good *httptest.ResponseRecorder) {
		if first.CompareAndSwap(nil, &r.RequestURI); r.RequestURI == *first.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		send(w, good, good.Body.Bytes())
	}))
	src := s.New(p.URL)
	got, err := Fetch(t.Context(), src, p.client(src))
	wantKind(t, err, fault.Upstream)
	if len(got) >= len(docs) {
		t.Errorf("%d documents though a question failed, %d when all is well", len(got), len(docs))
	}
	s.wantGood(t, src, got)
}

// redirect sends every question to a host that is not declared.
func (s Subject) redirect(t *testing.T) {
	var strayed atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		strayed.Store(true)
		s.Upstream.ServeHTTP(w, r)
	}))
	defer other.Close()
	p := s.publisher(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.RequestURI, http.StatusFound)
	}))
	src := s.New(p.URL)
	docs, err := Fetch(t.Context(), src, p.client(src))
	wantKind(t, err, fault.Upstream)
	if strayed.Load() || len(docs) > 0 {
		t.Errorf("went to another host: %v; documents: %d; want neither", strayed.Load(), len(docs))
	}
}

// slowBody stops sending halfway and keeps the connection open.
func (s Subject) slowBody(t *testing.T) {
	p := s.publisher(t, answers(s.Upstream, func(w http.ResponseWriter, r *http.Request, good *httptest.ResponseRecorder) {
		sendHalf(w, good)
		<-r.Context().Done()
	}))
	p.options.Timeout = 100 * time.Millisecond
	src := s.New(p.URL)
	docs, err := Fetch(t.Context(), src, p.client(src))
	wantKind(t, err, fault.Upstream)
	if len(docs) > 0 {
		t.Errorf("%d documents from bodies that never ended", len(docs))
	}
}

// cancelledMidway cancels while the first body is on its way.
func (s Subject) cancelledMidway(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := s.publisher(t, answers(s.Upstream, func(w http.ResponseWriter, r *http.Request, good *httptest.ResponseRecorder) {
		sendHalf(w, good)
		cancel()
		<-r.Context().Done()
	}))
	src := s.New(p.URL)
	docs, err := Fetch(ctx, src, p.client(src))
	if fault.KindOf(err) != fault.Cancelled || len(docs) > 0 {
		t.Errorf("Fetch emits %d documents and returns %v, want none and a cancel", len(docs), err)
	}
}

// refused checks that a publisher who answers everything with h's nonsense is
// not believed: by Fetch or, since archiving without understanding is allowed,
// by Decode.
func (s Subject) refused(t *testing.T, h http.Handler) {
	p := s.publisher(t, h)
	src := s.New(p.URL)
	docs, err := Fetch(t.Context(), src, p.client(src))
	if err != nil {
		wantKind(t, err, fault.Upstream)
		s.wantGood(t, src, docs)
		return
	}
	if len(docs) == 0 {
		t.Error("neither an error nor a document")
	}
	for _, d := range docs {
		_, err := Decode(src, d)
		wantKind(t, err, s.DecodeKind)
	}
}

// sicknesses are what publishers send instead of an answer.
var sicknesses = []struct {
	name   string
	answer func(w http.ResponseWriter, r *http.Request, good *httptest.ResponseRecorder)
}{
	{"500", func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		w.WriteHeader(http.StatusInternalServerError)
	}},
	{"502 with a page", func(w http.ResponseWriter, _ *http.Request, _ *httptest.ResponseRecorder) {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write(htmlPage)
	}},
	{"200 with a page", func(w http.ResponseWriter, _ *http.Request, good *httptest.ResponseRecorder) {
		w.Header().Set("Content-Type", "text/html")
		send(w, good, htmlPage)
	}},
	{"200 with a page, labelled as data", func(w http.ResponseWriter, _ *http.Request, good *httptest.ResponseRecorder) {
		send(w, good, htmlPage)
	}},
	{"empty body", func(w http.ResponseWriter, _ *http.Request, good *httptest.ResponseRecorder) {
		send(w, good, nil)
	}},
	{"half, of full length by its own account", func(w http.ResponseWriter, _ *http.Request, good *httptest.ResponseRecorder) {
		w.Header().Set("Content-Length", strconv.Itoa(good.Body.Len()))
		send(w, good, good.Body.Bytes()[:good.Body.Len()/2])
	}},
	{"connection lost", func(w http.ResponseWriter, _ *http.Request, good *httptest.ResponseRecorder) {
		sendHalf(w, good)
		panic(http.ErrAbortHandler)
	}},
	{"another charset", func(w http.ResponseWriter, _ *http.Request, good *httptest.ResponseRecorder) {
		send(w, good, encodeUTF16(good.Body.Bytes()))
	}},
	{"gzip bomb", func(w http.ResponseWriter, _ *http.Request, good *httptest.ResponseRecorder) {
		w.Header().Set("Content-Encoding", "gzip")
		send(w, good, gzipBomb())
	}},
	{"100 MB", func(w http.ResponseWriter, _ *http.Request, good *httptest.ResponseRecorder) {
		sendHalf(w, good)
		for range 100 {
			_, _ = w.Write(bytes.Repeat([]byte(" "), 1<<20))
		}
	}},
}

var htmlPage = []byte("<!DOCTYPE html>\n<html><head><title>Service unavailable</title></head><body><p>Please try again later.</p></body></html>\n")

// send answers with body; the client may well hang up before its end.
func send(w http.ResponseWriter, good *httptest.ResponseRecorder, body []byte) {
	w.WriteHeader(good.Code)
	_, _ = w.Write(body)
}

// sendHalf sends half of the body and leaves open how long it is.
func sendHalf(w http.ResponseWriter, good *httptest.ResponseRecorder) {
	send(w, good, good.Body.Bytes()[:good.Body.Len()/2])
	_ = http.NewResponseController(w).Flush()
}

// gzipBomb is 100 MB of spaces: a hundred members of a megabyte each.
var gzipBomb = sync.OnceValue(func() []byte {
	var member bytes.Buffer
	w := gzip.NewWriter(&member)
	_, _ = io.Copy(w, bytes.NewReader(bytes.Repeat([]byte(" "), 1<<20))) // into memory: cannot fail
	_ = w.Close()
	return bytes.Repeat(member.Bytes(), 100)
})

// wantGood checks that what was emitted before an error can be relied on.
func (s Subject) wantGood(t *testing.T, src source.Source, docs []source.Document) {
	t.Helper()
	for _, d := range docs {
		if _, err := Decode(src, d); err != nil {
			t.Errorf("%s was emitted before Fetch's error but is not good: %v", d.Name, err)
		}
	}
}

func wantKind(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	if got := fault.KindOf(err); got != kind {
		t.Errorf("error of kind %v, want %v: %v", got, kind, err)
	}
}

func wantSameDocuments(t *testing.T, want, got []source.Document) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the same publisher, other documents (-first +then):\n%s", diff)
	}
}

// relocated takes away where documents came from, which differs between fakes.
func relocated(docs []source.Document) []source.Document {
	out := make([]source.Document, len(docs))
	for i, d := range docs {
		d.URL = ""
		out[i] = d
	}
	return out
}
