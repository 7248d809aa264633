// Package sourcetest is what every source must pass. It is for tests only;
// nothing else imports it.
//
// A source's own test is a few lines. [Run] holds it to the contract in package
// source, [Replay] plays recorded cases and compares what comes out with files
// that need no Go to write or to read, [Fuzz] looks for bytes that break Decode:
//
//	func TestConformance(t *testing.T) {
//		sourcetest.Run(t, sourcetest.Subject{
//			New:      func(base string) source.Source { return x.New(x.Config{BaseURL: base}) },
//			Upstream: healthyPublisher(),
//		})
//	}
//
// The publishers here are stricter than real ones and lie as real ones do: they
// answer 200 with an error page, stop halfway, redirect elsewhere, send bombs.
// The question is always the same: does the source say so, as an error of the
// right kind, or does it hand on less than there was?
//
// A source that needs no network leaves Upstream out: then only the documents
// its Fetch emits, and what Decode makes of them, are examined.
//
// Run and Replay look for goroutines left behind, so the tests that call them
// must not run in parallel with others.
package sourcetest

import (
	"context"
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// Subject is a source under test and what the suite must know about it.
type Subject struct {
	// New makes the source, asking baseURL (scheme and host) instead of the
	// publisher. Info of the result must declare baseURL's host. Called often;
	// baseURL is empty when Upstream is nil.
	New func(baseURL string) source.Source
	// Upstream is the publisher in good health, the same at every request; nil
	// for a source that needs no network.
	Upstream http.Handler
	// Documents are decoded besides those a healthy Fetch emits.
	Documents []source.Document
	// Seamless tells of cuts no reader could notice: body[:at] is a complete
	// document, as when a CSV file without a count ends after a line. Cutting
	// only white space off the end is known to be harmless. Nil means none.
	Seamless func(body []byte, at int) bool
	// DecodeKind is the kind of error Decode gives for a document it cannot
	// trust. The zero value means Upstream, which the contract demands of
	// whatever came from a publisher; a source that reads the project's own
	// files may say Definition.
	DecodeKind fault.Kind
}

// Run holds the subject to the contract of source.Source.
func Run(t *testing.T, s Subject) {
	t.Helper()
	watchGoroutines(t)
	if s.DecodeKind == fault.Internal {
		s.DecodeKind = fault.Upstream
	}
	t.Run("info", s.info)
	docs := s.healthy(t)
	t.Run("fetch", func(t *testing.T) { s.fetch(t, docs) })
	t.Run("decode", func(t *testing.T) { s.decode(t, append(docs, s.Documents...)) })
	if s.Upstream != nil {
		t.Run("probe", s.probe)
	}
}

// watchGoroutines fails the test when, after all else is cleaned up, more
// goroutines run than now.
func watchGoroutines(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

// info checks that Info is complete and does not change.
func (s Subject) info(t *testing.T) {
	p := s.publisher(t, s.Upstream)
	info := s.New(p.URL).Info()
	if info.ID == "" || info.Title == "" || info.Generation < 1 {
		t.Errorf("incomplete Info: %+v", info)
	}
	if again := s.New(p.URL).Info(); again.ID != info.ID || again.Generation != info.Generation {
		t.Errorf("Info is %+v, then %+v", info, again)
	}
	if s.Upstream == nil && len(info.Hosts) > 0 {
		t.Errorf("the source declares hosts %v, but the test has no Upstream", info.Hosts)
	}
	if s.Upstream != nil && (len(info.Hosts) != 1 || info.Hosts[0] != p.host()) {
		t.Errorf("Info declares hosts %v, want only that of the base URL, %s", info.Hosts, p.host())
	}
}

// healthy fetches twice from a publisher in good health.
func (s Subject) healthy(t *testing.T) []source.Document {
	t.Helper()
	p := s.publisher(t, s.Upstream)
	src := s.New(p.URL)
	docs, err := Fetch(t.Context(), src, p.client(src))
	if err != nil {
		t.Fatalf("Fetch from a healthy publisher: %v", err)
	}
	if len(docs) == 0 {
		t.Fatal("Fetch from a healthy publisher emits nothing")
	}
	again, err := Fetch(t.Context(), src, p.client(src))
	if err != nil {
		t.Fatalf("second Fetch from a healthy publisher: %v", err)
	}
	wantSameDocuments(t, docs, again)
	return docs
}

// Fetch gathers what src.Fetch emits. After an error it gives what came before.
func Fetch(ctx context.Context, src source.Source, client *http.Client) ([]source.Document, error) {
	var docs []source.Document
	err := src.Fetch(ctx, client, func(d source.Document) error {
		docs = append(docs, d)
		return nil
	})
	return docs, err
}
