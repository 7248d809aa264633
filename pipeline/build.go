//go:build duckdb_arrow

package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"go.uber.org/zap"

	"citystats/internal/fault"
	"citystats/pipeline/archive"
	"citystats/pipeline/durable"
	"citystats/pipeline/ledger"
	"citystats/pipeline/normalise"
	"citystats/pipeline/release"
	"citystats/pipeline/warehouse"
	"citystats/sources/source"
	queries "citystats/sql"
	"citystats/transforms/period"
)

// renew brings the live release up to date with the archive and the
// definitions. why is a reason to load everything anew, or empty.
func (s *session) renew(ctx context.Context, report *Report, opts Options, why string) error {
	live, err := s.store.Current()
	switch {
	case err == nil:
		report.Release, report.Path = live.ID, s.store.Path(live.ID)
	case errors.Is(err, fs.ErrNotExist):
		why = "nothing was published yet"
	default:
		s.Log.Warn("live release damaged", zap.Error(err))
		why = err.Error()
	}
	next := release.Manifest{
		CreatedAt: s.began, Run: s.id, Previous: live.ID, Captures: len(s.archive.Captures()),
		Definitions: s.Catalog.Fingerprint, Decoders: s.decoders(), Queries: s.Queries.Fingerprint, Stale: staleSources(report.Sources),
	}
	if why == "" {
		why = mustReload(live, next)
	}
	if why == "" && upToDate(live, next) {
		return nil
	}
	// A live release that is to be added to or compared with must be what was
	// published; one that is not is rebuilt, and there is nothing to compare with.
	if live.ID != "" {
		if err := s.store.Verify(live); err != nil {
			s.Log.Warn("live release damaged", zap.Error(err))
			why, live = err.Error(), release.Manifest{}
		}
	}
	report.Rebuilt = why
	err = s.build(ctx, report, opts, live, next)
	if errors.Is(err, warehouse.ErrLate) {
		report.Rebuilt = "a document is from before others that were loaded"
		err = s.build(ctx, report, opts, live, next)
	}
	return err
}

// mustReload says why the store of the live release cannot be added to.
func mustReload(live, next release.Manifest) string {
	switch {
	case live.Definitions != next.Definitions:
		return "the definitions changed"
	case live.Decoders != next.Decoders:
		return "a decoder changed"
	case live.Captures > next.Captures:
		return "the release holds documents that the archive has lost"
	}
	return ""
}

func upToDate(live, next release.Manifest) bool {
	return live.Captures == next.Captures && live.Queries == next.Queries && strings.Join(live.Stale, " ") == strings.Join(next.Stale, " ")
}

func staleSources(reports []SourceReport) []string {
	out := []string{}
	for _, r := range reports {
		if r.Stale {
			out = append(out, r.ID)
		}
	}
	return out
}

// build makes the next release aside, asks the checks and the gate, and
// publishes it.
func (s *session) build(ctx context.Context, report *Report, opts Options, live, next release.Manifest) (err error) {
	dir := filepath.Join(s.builds(), s.id)
	if err := durable.MkdirAll(dir); err != nil {
		return err
	}
	// Installing moves the folder away; whatever is still here was not published.
	defer func() { err = errors.Join(err, durable.Explain(os.RemoveAll(s.builds()), s.builds())) }()
	b, err := s.start(ctx, dir, report.Rebuilt == "", live)
	if err != nil {
		return err
	}
	if next.Tables, err = s.fill(ctx, b, report, live); err != nil {
		return errors.Join(err, b.Discard())
	}
	if err := b.Close(ctx); err != nil {
		return errors.Join(err, b.Discard())
	}
	if next, err = release.Seal(dir, next); err != nil {
		return err
	}
	if live.ID != "" {
		report.Differing = release.Differing(live.Tables, next.Tables)
	}
	return s.publish(ctx, report, opts, live, next, dir)
}

// start opens the database to build: a copy of the live one to add to, or an
// empty one.
func (s *session) start(ctx context.Context, dir string, incremental bool, live release.Manifest) (*warehouse.Build, error) {
	path := filepath.Join(dir, warehouse.FileName)
	limits := s.Limits
	limits.TempDir = filepath.Join(dir, "spill")
	if !incremental {
		return warehouse.Create(ctx, path, limits)
	}
	if err := copyFile(s.store.Path(live.ID), path); err != nil {
		return nil, err
	}
	return warehouse.Continue(ctx, path, limits)
}

// fill loads what is missing, computes everything and asks what may not pass.
func (s *session) fill(ctx context.Context, b *warehouse.Build, report *Report, live release.Manifest) ([]release.Table, error) {
	loaded := 0
	if report.Rebuilt == "" {
		loaded = live.Captures
	}
	captures, err := inOrder(s.archive.Captures()[loaded:])
	if err == nil {
		err = s.load(ctx, b, report, captures, live.Captures)
	}
	if err != nil {
		return nil, err
	}
	var health []warehouse.Health
	for _, src := range s.Sources {
		health = append(health, s.health(src.Info().ID))
	}
	s.reached("loaded")
	s.Progress("computing", 0, 0)
	if report.Hits, err = b.Derive(ctx, s.Catalog, s.Queries, ledger.Runs(s.ledger.Events()), health); err != nil {
		return nil, err
	}
	if live.ID != "" {
		if report.Objections, err = b.Gate(ctx, s.store.Path(live.ID)); err != nil {
			return nil, err
		}
		if report.Claims, err = b.ClaimChanges(ctx, s.store.Path(live.ID)); err != nil {
			return nil, err
		}
	}
	return b.Contents(ctx)
}

// inOrder sorts captures as the store wants to hear them: by vintage, and by
// arrival within one.
func inOrder(captures []archive.Capture) ([]archive.Capture, error) {
	vintages := map[int]period.Day{}
	for _, c := range captures {
		v, err := warehouse.Vintage(c)
		if err != nil {
			return nil, err
		}
		vintages[c.ID] = v
	}
	out := slices.Clone(captures)
	slices.SortStableFunc(out, func(a, b archive.Capture) int { return cmp.Compare(vintages[a.ID], vintages[b.ID]) })
	return out, nil
}

// load puts captures into the store, in order. Counts of captures the live
// release already held are not news and are left out of the report.
func (s *session) load(ctx context.Context, b *warehouse.Build, report *Report, captures []archive.Capture, old int) error {
	bySource := map[string]*ledger.Counts{}
	for i, c := range captures {
		s.Progress("loading", i, len(captures))
		counts, err := s.loadOne(ctx, b, c)
		if err != nil {
			return fmt.Errorf("document %q of source %s: %w", c.Name, c.Source, err)
		}
		if c.ID <= old {
			continue
		}
		if bySource[c.Source] == nil {
			bySource[c.Source] = &ledger.Counts{}
		}
		bySource[c.Source].Add(counts)
	}
	for _, r := range report.Sources {
		if counts := bySource[r.ID]; counts != nil {
			s.count(report, r.ID, *counts)
			if err := s.note(ledger.Event{Event: ledger.Loaded, Source: r.ID, Counts: counts}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *session) loadOne(ctx context.Context, b *warehouse.Build, c archive.Capture) (ledger.Counts, error) {
	src, err := s.source(c.Source)
	if err != nil {
		return ledger.Counts{}, fault.New(fault.Definition, "data/sources.csv", "restore the source, its documents are in the archive", "the archive holds a document of the unknown source %q", c.Source)
	}
	body, err := s.archive.Body(c)
	if err != nil {
		return ledger.Counts{}, err
	}
	return s.decode(ctx, b, src, c, body)
}

// decode carries the figures of one document into the store.
func (s *session) decode(ctx context.Context, b *warehouse.Build, src source.Source, c archive.Capture, body []byte) (ledger.Counts, error) {
	load, err := b.BeginDocument(c)
	if err != nil {
		return ledger.Counts{}, err
	}
	sink := &loader{ctx: ctx, load: load, normaliser: normalise.New(s.Catalog, c.Source), place: src.Place}
	switch err := src.Decode(c.Document(body), sink); {
	case sink.failed != nil:
		return ledger.Counts{}, errors.Join(sink.failed, load.Abort(ctx))
	case ctx.Err() != nil:
		return ledger.Counts{}, errors.Join(ctx.Err(), load.Abort(ctx))
	case err != nil:
		s.Log.Warn("document in quarantine", zap.String("source", c.Source), zap.String("document", c.Name), zap.Error(err))
		return load.Fail(ctx, err, excerpt(string(body)))
	}
	return load.Commit(ctx)
}

// loader carries figures from Decode to the store.
type loader struct {
	ctx        context.Context //nolint:containedctx // Sink has no context: it lives for one Decode, within one call that has it
	load       *warehouse.DocumentLoad
	normaliser *normalise.Normaliser
	place      func(int) string
	failed     error // the store's own failure, as against the document's

	// The last figure's subject and series: figures of one series come together.
	subject *normalise.Subject
	freq    period.Freq
	series  *warehouse.Series
}

func (l *loader) Observe(o *source.Observation) error {
	f, err := l.normaliser.Figure(o)
	if errors.Is(err, normalise.ErrOutside) {
		l.load.Outside()
		return nil
	}
	if err != nil {
		l.Reject(source.Reject{Record: o.Record, Reason: err.Error(), Text: fmt.Sprintf("%s %s %s %v %s", o.Region, o.Indicator, o.Period, o.Value, o.Unit)})
		return nil //nolint:nilerr // what cannot be normalised is a reject, not a failure
	}
	l.find(f)
	l.failed = l.load.Add(l.ctx, l.series, f.Period.Start, f.Value, o)
	return l.failed
}

// find makes l.series the figure's.
func (l *loader) find(f normalise.Figure) {
	if f.Subject == l.subject && f.Period.Freq == l.freq {
		return
	}
	key := warehouse.SeriesKey{Region: f.Region, Indicator: f.Indicator, Freq: f.Period.Freq, Origin: f.Origin}
	l.series = l.load.Series(key, f.OriginNumber)
	l.subject, l.freq = f.Subject, f.Period.Freq
}

func (l *loader) Reject(r source.Reject) {
	l.load.Reject(r.Record, l.place(r.Record), r.Reason, excerpt(r.Text))
}

// excerpt cuts a text to what a person reads at a glance.
func excerpt(s string) string {
	const enough = 300
	if len(s) <= enough {
		return strings.ToValidUTF8(s, "�")
	}
	cut := enough
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strings.ToValidUTF8(s[:cut], "�") + "…"
}

// publish lets the sealed build take the live one's place, unless something
// speaks against it.
func (s *session) publish(ctx context.Context, report *Report, opts Options, live, next release.Manifest, dir string) error {
	if err := s.refusal(report, opts); err != nil {
		return errors.Join(err, s.note(ledger.Event{Event: ledger.Refused, Release: next.ID, Error: err.Error()}))
	}
	if live.ContentHash == next.ContentHash {
		return nil
	}
	if withdrawn(s.ledger.Events(), next.ContentHash) {
		report.Held, report.Claims = next.ID, nil
		return nil
	}
	if opts.DryRun {
		return nil
	}
	steps := []struct {
		leaves string
		take   func() error
	}{
		{"installed", func() error { return s.store.Install(dir, next) }},
		{"publishing", func() error { return s.note(publishing(next, report.Claims)) }},
		{"pointed", func() error { return s.store.Point(next.ID) }},
	}
	s.reached("sealed")
	for _, step := range steps {
		// Until the pointer moves, stopping leaves the old release live.
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := step.take(); err != nil {
			return err
		}
		s.reached(step.leaves)
	}
	if err := s.note(ledger.Event{Event: ledger.Published, Release: next.ID}); err != nil {
		return err
	}
	s.reached("published")
	report.Release, report.Path, report.Published = next.ID, s.store.Path(next.ID), true
	return s.store.Prune(s.Keep)
}

// publishing is the ledger's event before the pointer moves. It carries the claims
// that change with it, so that no crash can publish a change untold.
func publishing(next release.Manifest, changes []warehouse.ClaimChange) ledger.Event {
	e := ledger.Event{Event: ledger.Publishing, Release: next.ID}
	for _, c := range changes {
		e.Claims = append(e.Claims, ledger.Claim{Claim: c.Claim, Reading: c.Reading, From: c.From, To: c.To, Causes: c.Causes})
	}
	return e
}

// refusal is why an editor must look before the build may be published: one
// failure for each reason, with what to do about it.
func (s *session) refusal(report *Report, opts Options) error {
	var reasons []error
	for _, h := range report.Hits {
		if h.Severity == queries.Severe {
			reasons = append(reasons, fault.New(fault.Quality, "sql/checks/"+h.Check+".sql", h.Hint, "not published: %s: %s", h.Title, h.Row))
		}
	}
	for _, o := range report.Objections {
		hint := "retire the series in data/retired.csv if it is to go"
		if o.Kind == "large_revision" {
			if opts.AcceptRevisions {
				continue
			}
			hint = "read the document, then run with --accept-revisions"
		}
		reasons = append(reasons, fault.New(fault.Quality, "", hint, "not published: %s: %s: %s", o.Kind, o.What, o.Detail))
	}
	return errors.Join(reasons...)
}
