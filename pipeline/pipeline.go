//go:build duckdb_arrow

// Package pipeline is the run: from publishers' bytes to a published release.
//
// One run goes one way, and each step leaves something a later one can start
// from, so a killed run is continued by the next and nothing is done twice:
//
//	fetch    every source is asked for what changed; each document goes to the archive as it came
//	build    a private copy of the live release, or an empty database, takes the
//	         captures it does not hold yet, by vintage; one from before what
//	         its series have reached makes the run load everything anew
//	compute  definitions and models are made anew from the store
//	check    the checks are asked, the gate compares with the live release
//	publish  the finished file is named by its contents and the link moves
//
// What is wrong with one source stops neither the others nor the release: the
// run publishes from the last good documents and says so by its exit code.
// A run that brings nothing new publishes nothing.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/answers"
	"citystats/pipeline/archive"
	"citystats/pipeline/durable"
	"citystats/pipeline/ledger"
	"citystats/pipeline/lock"
	"citystats/pipeline/release"
	"citystats/pipeline/warehouse"
	"citystats/sources/source"
	queries "citystats/sql"
)

// Config is what a pipeline works with.
type Config struct {
	State   string // the state folder
	Catalog *data.Catalog
	Queries *queries.Set
	Sources []source.Source
	// Client makes a polite client for one source. It asks for what changed since
	// the answers kept, and for everything when kept is nil.
	Client func(info source.Info, kept *answers.Store) *http.Client
	Now    func() time.Time
	Log    *zap.Logger
	// Progress is told how far a long step is; total is 0 when not known, and step
	// empty when there is nothing to wait for any more. It may be nil.
	Progress func(step string, done, total int)
	Limits   warehouse.Limits
	Keep     int // releases to keep, at least 1
}

// Pipeline runs against one state folder.
type Pipeline struct {
	Config
	// reached is told each step that leaves something behind, so that tests can
	// stop the process there.
	reached func(step string)
}

// New checks that every source has its row of definitions.
func New(c Config) (*Pipeline, error) {
	for _, s := range c.Sources {
		id := s.Info().ID
		if !slices.ContainsFunc(c.Catalog.Sources, func(d data.Source) bool { return d.ID == id }) {
			return nil, fault.New(fault.Definition, "data/sources.csv", "add a row for it", "source %s is not declared", id)
		}
	}
	if c.Progress == nil {
		c.Progress = func(string, int, int) {}
	}
	return &Pipeline{c, func(string) {}}, nil
}

// Options says how a run differs from the nightly one.
type Options struct {
	Offline         bool     // ask only sources that need no network
	Only            []string // ask only these sources
	DryRun          bool     // do everything but change the state folder
	Strict          bool     // any failing source and any claim that changed makes the run fail
	AcceptRevisions bool     // let large revisions through the gate
}

// SourceReport is what came in from one source.
type SourceReport struct {
	ID     string
	Asked  bool
	Counts ledger.Counts
	Err    error  // what asking failed with
	Needs  string // what must be set before it can be asked; empty when nothing is missing
	Stale  bool   // the allowance of its last good answer is used up
}

// Report is what a run did.
type Report struct {
	Run        string
	Sources    []SourceReport
	Release    string // the live release after the run; empty when there is none
	Path       string // its database
	Published  bool   // the run published Release
	Rebuilt    string // why everything was loaded anew; empty for an incremental run
	Hits       []warehouse.Hit
	Objections []warehouse.Objection
	Claims     []warehouse.ClaimChange // readings whose verdict differs from the last release's
	Held       string                  // the withdrawn release the run would have published again
	Differing  []string
}

// session is the state folder, opened for one command.
type session struct {
	*Pipeline
	id      string
	began   time.Time
	dir     string // where the run writes: the state folder, or a scratch copy for a dry run
	archive *archive.Archive
	ledger  *ledger.Ledger
	store   release.Store
	close   []func() error
}

// open locks the state folder and readies it; a dry run gets a scratch folder
// that reads the archive's objects from the real one.
func (p *Pipeline) open(command string, dry bool) (s *session, err error) {
	began := p.Now().UTC()
	s = &session{Pipeline: p, id: runID(began), began: began, dir: p.State, store: release.Store{Dir: p.State}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.shut())
		}
	}()
	objects := ""
	if dry {
		if s.dir, err = scratch(p.State); err != nil {
			return s, err
		}
		dir := s.dir
		s.close = append(s.close, func() error { return os.RemoveAll(dir) })
		objects = filepath.Join(p.State, "archive")
	} else {
		if err := durable.MkdirAll(p.State); err != nil {
			return s, err
		}
		unlock, err := lock.Acquire(p.State, lock.Holder{PID: os.Getpid(), Command: command, Since: began})
		if err != nil {
			return s, err
		}
		s.close = append(s.close, unlock)
	}
	if s.archive, err = archive.Open(filepath.Join(s.dir, "archive"), objects); err != nil {
		return s, err
	}
	s.close = append(s.close, s.archive.Close)
	if s.ledger, err = ledger.Open(s.dir); err != nil {
		return s, err
	}
	s.close = append(s.close, s.ledger.Close)
	// What a killed run left of its build is of no use to anybody.
	if err := os.RemoveAll(s.builds()); err != nil {
		return s, durable.Explain(err, s.builds())
	}
	return s, s.note(ledger.Event{Event: ledger.Started, Detail: command})
}

// scratch copies what a dry run must know of the past.
func scratch(state string) (string, error) {
	dir, err := os.MkdirTemp("", "citystats-dry-run-")
	if err != nil {
		return "", durable.Explain(err, os.TempDir())
	}
	for _, name := range []string{"archive/captures.jsonl", "ledger.jsonl", answers.FileName} {
		text, err := os.ReadFile(filepath.Join(state, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		target := filepath.Join(dir, name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(target), 0o755)
		}
		if err == nil {
			err = os.WriteFile(target, text, 0o644)
		}
		if err != nil {
			return "", errors.Join(durable.Explain(err, target), os.RemoveAll(dir))
		}
	}
	return dir, nil
}

func runID(t time.Time) string { return t.Format("20060102T150405.000Z") }

func (s *session) builds() string { return filepath.Join(s.dir, "build") }

// note appends to the ledger under this run's id.
func (s *session) note(e ledger.Event) error {
	e.Run, e.Time = s.id, s.Now()
	return s.ledger.Append(e)
}

func (s *session) shut() error {
	var err error
	for i := len(s.close) - 1; i >= 0; i-- {
		err = errors.Join(err, s.close[i]())
	}
	return err
}

// finish records how the command ended and lets the state folder go.
func (s *session) finish(err error) error {
	s.Progress("", 0, 0)
	exit := fault.ExitCode(err)
	e := ledger.Event{Event: ledger.Finished, Exit: &exit}
	if err != nil {
		e.Error, e.Kind = err.Error(), fault.KindOf(err).String()
	}
	return errors.Join(err, s.note(e), s.shut())
}

// Run is the nightly run. The report is good as far as it goes whatever the error.
func (p *Pipeline) Run(ctx context.Context, opts Options) (report Report, err error) {
	s, err := p.open("run", opts.DryRun)
	if err != nil {
		return report, err
	}
	defer func() { err = s.finish(err) }()
	report.Run = s.id
	if report.Sources, err = s.fetch(ctx, opts); err != nil {
		return report, err
	}
	if err := s.renew(ctx, &report, opts, ""); err != nil {
		return report, err
	}
	return report, errors.Join(claimsChanged(report.Claims, opts.Strict), verdict(report.Sources, opts.Strict))
}

// ErrClaims marks the error of a strict run that published what it built, or would
// have, and in which a claim changed its verdict.
var ErrClaims = errors.New("a claim changed its verdict")

// claimsChanged is a strict run's error when claims changed. It comes before that
// of a failing source: a publisher is asked again tomorrow, and a change of verdict
// is told once.
func claimsChanged(changes []warehouse.ClaimChange, strict bool) error {
	if !strict || len(changes) == 0 {
		return nil
	}
	var names []string
	for _, c := range changes {
		if !slices.Contains(names, c.Claim) {
			names = append(names, c.Claim)
		}
	}
	return &fault.Error{Kind: fault.Quality, Err: ErrClaims, What: strings.Join(names, ", "), Hint: "see citystats claims " + names[0] + "; decide whether what was printed needs a note"}
}

// verdict is the run's error when a source failed that may not. Sources that the
// run was told not to ask are another run's to answer for.
func verdict(sources []SourceReport, strict bool) error {
	var failed []string
	for _, s := range sources {
		if s.Asked && (s.Stale || (strict && s.Err != nil)) {
			failed = append(failed, s.ID)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return fault.New(fault.Upstream, "", "see citystats sources for what each failed with", "no good answer from %s", strings.Join(failed, ", "))
}

// Rebuild makes the release anew from the archive and publishes it when it
// differs from the live one, which it does only if that was damaged or made
// from other definitions.
func (p *Pipeline) Rebuild(ctx context.Context) (report Report, err error) {
	s, err := p.open("rebuild", false)
	if err != nil {
		return report, err
	}
	defer func() { err = s.finish(err) }()
	report.Run = s.id
	report.Sources = s.reports(nil)
	return report, s.renew(ctx, &report, Options{}, "asked for")
}

// Import archives a document somebody downloaded and publishes what is new in
// it. The archive never forgets, so a document that its source cannot read, or
// whose figures a check or the gate would not let through, is found out in a dry
// run and refused before it is kept: whoever is at the keyboard can best say
// what is wrong with it.
func (p *Pipeline) Import(ctx context.Context, doc source.Document, opts Options) (Report, error) {
	src, err := p.source(doc.Source)
	if err != nil {
		return Report{}, err
	}
	if err := src.Decode(doc, discard{}); err != nil {
		return Report{}, fault.New(fault.Usage, "", "look at the document, or name the source whose form it has; nothing was kept", "the document cannot be imported: %v", err)
	}
	if _, err := p.take(ctx, doc, opts, true); err != nil {
		return Report{}, err
	}
	return p.take(ctx, doc, opts, false)
}

// take archives one document and renews the release with it.
func (p *Pipeline) take(ctx context.Context, doc source.Document, opts Options, dry bool) (report Report, err error) {
	opts.DryRun = dry
	s, err := p.open("import", dry)
	if err != nil {
		return report, err
	}
	defer func() { err = s.finish(err) }()
	report.Run = s.id
	report.Sources = s.reports([]string{doc.Source})
	_, fresh, err := s.archive.Put(doc, s.began, s.id)
	if err != nil {
		return report, err
	}
	counts := ledger.Counts{Documents: 1}
	if fresh {
		counts.NewDocuments = 1
	}
	s.count(&report, doc.Source, counts)
	return report, s.renew(ctx, &report, opts, "")
}

// discard is the sink of a Decode whose figures nobody needs.
type discard struct{}

func (discard) Observe(*source.Observation) error { return nil }
func (discard) Reject(source.Reject)              {}

func (p *Pipeline) source(id string) (source.Source, error) {
	var known []string
	for _, s := range p.Sources {
		if s.Info().ID == id {
			return s, nil
		}
		known = append(known, s.Info().ID)
	}
	return nil, fault.New(fault.Usage, "", "name one of "+strings.Join(known, ", "), "source %q is not known", id)
}

// Rollback points back at an earlier release. The release it leaves is
// withdrawn: runs will not publish the same contents again.
func (p *Pipeline) Rollback(id string) (err error) {
	s, err := p.open("rollback", false)
	if err != nil {
		return err
	}
	defer func() { err = s.finish(err) }()
	target, err := s.store.Get(id)
	if err != nil {
		return fault.New(fault.Usage, "", "see citystats releases for those that are kept", "release %q is not there", id)
	}
	// A damaged live release is a reason to roll back, not an obstacle.
	live, err := s.store.Current()
	if err != nil {
		s.Log.Warn("live release damaged", zap.Error(err))
	}
	if target.ID == live.ID {
		return fault.New(fault.Usage, "", "name an earlier one", "release %s is the live one", id)
	}
	if err := s.note(ledger.Event{Event: ledger.Publishing, Release: target.ID}); err != nil {
		return err
	}
	if err := s.store.Point(target.ID); err != nil {
		return err
	}
	return s.note(ledger.Event{Event: ledger.RolledBack, Release: target.ID, Detail: live.ContentHash})
}

// withdrawn says whether an operator rolled back from a release with these
// contents since the last one was published.
func withdrawn(events []ledger.Event, hash string) bool {
	for _, e := range slices.Backward(events) {
		switch {
		case e.Event == ledger.Published:
			return false
		case e.Event == ledger.RolledBack && e.Detail == hash:
			return true
		}
	}
	return false
}

// copyFile copies a published database for adding to it. A file copy is many
// times faster than asking the engine for one.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return durable.Explain(err, from)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return durable.Explain(err, to)
	}
	_, err = io.Copy(out, in)
	return durable.Explain(errors.Join(err, out.Close()), to)
}

// decoders is the fingerprint of what turns bytes into figures.
func (p *Pipeline) decoders() string {
	var out []string
	for _, s := range p.Sources {
		out = append(out, fmt.Sprintf("%s:%d", s.Info().ID, s.Info().Generation))
	}
	return strings.Join(out, " ") + fmt.Sprintf(" store:%d", storeGeneration)
}

// storeGeneration is raised by hand when the store's tables or the rules of
// loading change, so that the next run loads everything anew.
const storeGeneration = 2
