//go:build duckdb_arrow

package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"

	"citystats/pipeline"
	"citystats/pipeline/answers"
	"citystats/pipeline/ledger"
	"citystats/sources/source"
	"citystats/sources/transport"
)

// library is a publisher of bundled documents who knows conditional requests.
type library struct {
	pages map[string]string // path -> document
	said  []string          // what was answered since the last look
}

func (l *library) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tag := fmt.Sprintf(`"%x"`, len(l.pages[r.URL.Path])) // of documents that differ in length
	w.Header().Set("ETag", tag)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	status := http.StatusOK
	if r.Header.Get("If-None-Match") == tag {
		status = http.StatusNotModified
	}
	l.said = append(l.said, fmt.Sprint(r.URL.Path, " ", status))
	w.WriteHeader(status)
	if status == http.StatusOK {
		_, _ = fmt.Fprint(w, l.pages[r.URL.Path])
	}
}

// reader reads a library, page by page.
type reader struct {
	*shelf
	base  string
	pages []string
}

func (s *reader) Fetch(ctx context.Context, c *http.Client, emit func(source.Document) error) error {
	for _, page := range s.pages {
		a, err := transport.Get(ctx, c, s.base+page)
		if err != nil {
			return err
		}
		d := source.Document{Source: "bundled", Name: page, Publisher: "hefei_stats", URL: a.URL, MediaType: a.MediaType, Body: a.Body}
		if err := emit(d); err != nil {
			return err
		}
	}
	return nil
}

// visit is a rig that reads a library through the real client.
func visit(t *testing.T) (*rig, *library) {
	t.Helper()
	l := &library{pages: map[string]string{
		"/2013": header + line("gdp", "2013", "4672.91", "cny_100m", "preliminary", ""),
		"/2014": header + line("gdp", "2014", "5157.97", "cny_100m", "preliminary", ""),
	}}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	r := newRig(t)
	r.Sources = []source.Source{&reader{r.shelf, server.URL, []string{"/2013", "/2014"}}}
	host := strings.TrimPrefix(server.URL, "http://")
	r.Client = func(_ source.Info, kept *answers.Store) *http.Client {
		c := transport.New(transport.Options{
			UserAgent: "citystats/test (tests@example.org)", Hosts: []string{host}, AllowLocal: true, Rate: rate.Inf, Kept: kept,
			Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		})
		t.Cleanup(c.CloseIdleConnections)
		return c
	}
	return r, l
}

// look runs and wants these counts and these answers of the publisher.
func (l *library) look(t *testing.T, r *rig, opts pipeline.Options, counts ledger.Counts, said ...string) {
	t.Helper()
	l.said = nil
	if got := r.run(t, opts).Sources[0].Counts; got != counts {
		t.Errorf("counts %+v, want %+v", got, counts)
	}
	if diff := cmp.Diff(said, l.said); diff != "" {
		t.Errorf("what the publisher answered (-want +got):\n%s", diff)
	}
}

func TestOnlyWhatChangedIsSentAgain(t *testing.T) {
	r, l := visit(t)
	all, none := []string{"/2013 200", "/2014 200"}, ledger.Counts{Documents: 2}
	l.look(t, r, pipeline.Options{DryRun: true}, ledger.Counts{Documents: 2, NewDocuments: 2, New: 2}, all...)
	l.look(t, r, pipeline.Options{}, ledger.Counts{Documents: 2, NewDocuments: 2, New: 2}, all...)
	l.look(t, r, pipeline.Options{}, none, "/2013 304", "/2014 304")
	l.look(t, r, pipeline.Options{DryRun: true}, none, "/2013 304", "/2014 304")
	l.pages["/2014"] += strings.Replace(line("gdp", "2013", "4670", "cny_100m", "revised", ""), "Communique of 2013,https://tjj.hefei.gov.cn/2013", "Communique of 2014,https://tjj.hefei.gov.cn/2014", 1)
	l.look(t, r, pipeline.Options{}, ledger.Counts{Documents: 2, NewDocuments: 1, Changed: 1, Unchanged: 1}, "/2013 304", "/2014 200")
	l.look(t, r, pipeline.Options{}, none, "/2013 304", "/2014 304")
	r.clock.t = r.clock.t.AddDate(0, 0, 31)
	l.look(t, r, pipeline.Options{}, none, all...) // to see whether "nothing newer" was true
	l.look(t, r, pipeline.Options{}, none, "/2013 304", "/2014 304")
}

// Whatever is lost or damaged of what is remembered, the publisher is asked in
// full again, and the archive heals by it.
func TestRememberedAnswersHeal(t *testing.T) {
	file := func(r *rig) string { return filepath.Join(r.state, answers.FileName) }
	known, all := []string{"/2013 304", "/2014 304"}, []string{"/2013 200", "/2014 200"}
	for name, tt := range map[string]struct {
		damage func(r *rig) error
		said   []string
	}{
		"file deleted":   {func(r *rig) error { return os.Remove(file(r)) }, all},
		"file damaged":   {func(r *rig) error { return os.WriteFile(file(r), []byte("garbage\n{}\n"), 0o644) }, all},
		"last line torn": {func(r *rig) error { return appendTo(file(r), `{"question":"`) }, known},
		"an object damaged": {func(r *rig) error {
			objects, err := filepath.Glob(filepath.Join(r.state, "archive", "objects", "*", "*.zst"))
			if err != nil {
				return err
			}
			for _, o := range objects {
				if err := os.WriteFile(o, []byte("damaged"), 0o644); err != nil {
					return err
				}
			}
			return nil
		}, all},
		"all objects gone": {func(r *rig) error { return os.RemoveAll(filepath.Join(r.state, "archive", "objects")) }, all},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, l := visit(t)
			r.run(t, pipeline.Options{})
			if err := tt.damage(r); err != nil {
				t.Fatal(err)
			}
			l.look(t, r, pipeline.Options{}, ledger.Counts{Documents: 2}, tt.said...)
			l.look(t, r, pipeline.Options{}, ledger.Counts{Documents: 2}, known...)
			if report, err := r.Rebuild(t.Context()); err != nil || len(report.Differing) > 0 {
				t.Errorf("a rebuild differs in %v, %v", report.Differing, err)
			}
		})
	}
}

// A run that is stopped after an answer was noted and before its document was
// archived leaves nothing that a later run would mistake for the document.
func TestStoppedBetweenAnswerAndArchive(t *testing.T) {
	r, l := visit(t)
	ctx, stop := context.WithCancel(t.Context())
	src := r.Sources[0].(*reader)
	r.Sources[0] = &stopper{src, stop}
	if _, err := r.Run(ctx, pipeline.Options{}); err == nil {
		t.Fatal("the run was not stopped")
	}
	noted, err := os.ReadFile(filepath.Join(r.state, answers.FileName))
	if err != nil || !slices.Equal(l.said, []string{"/2013 200"}) || !strings.Contains(string(noted), "/2013") {
		t.Fatalf("this test needs an answer that was noted: %q, %v, %v", noted, l.said, err)
	}
	r.Sources[0] = src
	l.look(t, r, pipeline.Options{}, ledger.Counts{Documents: 2, NewDocuments: 2, New: 2}, "/2013 200", "/2014 200")
}

// stopper stops the run with an answer in hand.
type stopper struct {
	*reader
	stop context.CancelFunc
}

func (s *stopper) Fetch(ctx context.Context, c *http.Client, _ func(source.Document) error) error {
	return s.reader.Fetch(ctx, c, func(source.Document) error {
		s.stop()
		return ctx.Err()
	})
}
