//go:build duckdb_arrow

package pipeline

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"go.uber.org/zap"

	"citystats/internal/fault"
	"citystats/pipeline/answers"
	"citystats/pipeline/ledger"
	"citystats/pipeline/warehouse"
	"citystats/sources/source"
)

// fetch asks the sources and archives what they answer. They are asked side by
// side, so that one who is slow or away costs the others nothing, but their
// documents enter the archive in the order of the list: see turns. The error is
// one that ends the run: cancellation, or an archive that cannot be written.
// What is wrong with a publisher is in the reports.
func (s *session) fetch(ctx context.Context, opts Options) ([]SourceReport, error) {
	for _, id := range opts.Only {
		if _, err := s.source(id); err != nil {
			return nil, err
		}
	}
	reports := s.reports(nil)
	for i, src := range s.Sources {
		info := src.Info()
		r := &reports[i]
		r.Asked = info.Needs == "" && (!opts.Offline || len(info.Hosts) == 0)
		if len(opts.Only) == 0 {
			continue
		}
		wanted := slices.Contains(opts.Only, info.ID)
		if wanted && info.Needs != "" {
			return reports, fault.New(fault.Usage, "source "+info.ID, "set it and run again", "the source needs %s", info.Needs)
		}
		r.Asked = r.Asked && wanted
	}
	kept, err := s.remembered(opts)
	if err != nil {
		return reports, err
	}
	err = s.turns(ctx, reports, kept)
	for i := range reports {
		reports[i].Stale = s.health(reports[i].ID).Stale
	}
	return reports, err
}

// remembered opens what is remembered of earlier answers; nothing when no
// publisher is asked.
func (s *session) remembered(opts Options) (*answers.Store, error) {
	if opts.Offline {
		return nil, nil
	}
	kept, err := answers.Open(filepath.Join(s.dir, answers.FileName), s.archive.Object, s.began)
	if err == nil {
		s.close = append(s.close, kept.Close)
	}
	return kept, err
}

// turns asks the sources whose reports say so. Each is asked at once, unless one
// before it calls the same host: no host hears two sources together. A source
// hands in its documents when it is its turn, so their order does not depend on
// who answers first; while it waits it holds one document.
func (s *session) turns(ctx context.Context, reports []SourceReport, kept *answers.Store) error {
	ctx, cancel := context.WithCancel(ctx)
	turn, over := make([]chan struct{}, len(reports)), make([]chan struct{}, len(reports))
	for i := range reports {
		turn[i], over[i] = make(chan struct{}), make(chan struct{})
		go func() {
			defer close(over[i])
			if r := &reports[i]; r.Asked && s.hostsAreFree(ctx, i, over) {
				r.Counts, r.Err = s.ask(ctx, s.Sources[i], kept, turn[i])
			}
		}()
	}
	defer func() {
		cancel()
		for _, o := range over {
			<-o
		}
	}()
	for i := range reports {
		if reports[i].Asked {
			s.Progress(fetching(reports[i].ID), 0, 0)
		}
		close(turn[i])
		<-over[i]
		if err := s.answered(ctx, &reports[i]); err != nil {
			return err
		}
	}
	return nil
}

// hostsAreFree waits until no earlier source calls a host of source i.
func (s *session) hostsAreFree(ctx context.Context, i int, over []chan struct{}) bool {
	for j, earlier := range s.Sources[:i] {
		shared := slices.ContainsFunc(earlier.Info().Hosts, func(h string) bool { return slices.Contains(s.Sources[i].Info().Hosts, h) })
		if !shared {
			continue
		}
		select {
		case <-over[j]:
		case <-ctx.Done():
			return false
		}
	}
	return ctx.Err() == nil // both may have come at once
}

// answered records how asking a source ended.
func (s *session) answered(ctx context.Context, r *SourceReport) error {
	switch {
	case ctx.Err() != nil:
		return errors.Join(r.Err, ctx.Err())
	case !r.Asked:
		return nil
	case r.Err != nil && fault.KindOf(r.Err) != fault.Upstream:
		return r.Err
	}
	e := ledger.Event{Event: ledger.Fetched, Source: r.ID, Counts: &r.Counts}
	if r.Err != nil {
		e.Event, e.Error, e.Kind = ledger.Failed, r.Err.Error(), fault.KindOf(r.Err).String()
		s.Log.Warn("source failed", zap.String("source", r.ID), zap.Error(r.Err))
	}
	return s.note(e)
}

// ask fetches from one source. Its documents are archived once turn is closed.
func (s *session) ask(ctx context.Context, src source.Source, kept *answers.Store, turn <-chan struct{}) (ledger.Counts, error) {
	var counts ledger.Counts
	err := src.Fetch(ctx, s.Client(src.Info(), kept), func(doc source.Document) error {
		select {
		case <-turn:
		case <-ctx.Done():
			return ctx.Err()
		}
		_, fresh, err := s.archive.Put(doc, s.began, s.id)
		if err != nil {
			return err
		}
		s.reached("archived")
		counts.Documents++
		if fresh {
			counts.NewDocuments++
		}
		s.Progress(fetching(doc.Source), counts.Documents, 0)
		return nil
	})
	if err != nil && fault.KindOf(err) == fault.Internal {
		err = fault.Wrap(fault.Upstream, err, src.Info().ID, "", "the source failed")
	}
	return counts, errors.Join(err, ctx.Err())
}

// fetching is the step in which a source's documents come in.
func fetching(id string) string { return "fetching " + id }

// reports makes an empty report per source; those in asked are marked.
func (s *session) reports(asked []string) []SourceReport {
	out := make([]SourceReport, len(s.Sources))
	for i, src := range s.Sources {
		id := src.Info().ID
		out[i] = SourceReport{ID: id, Asked: slices.Contains(asked, id), Needs: src.Info().Needs, Stale: s.health(id).Stale}
	}
	return out
}

// count adds to a source's counts.
func (s *session) count(r *Report, id string, c ledger.Counts) {
	for i := range r.Sources {
		if r.Sources[i].ID == id {
			r.Sources[i].Counts.Add(c)
		}
	}
}

func (s *session) health(id string) warehouse.Health {
	return Health(s.Pipeline, s.ledger.Events(), id)
}

// Health says how a source stands by the ledger. A source is stale when its last
// good answer is older than its allowance, whether it failed or nobody asked; one
// that never answered has its allowance from the first time it was asked.
func Health(p *Pipeline, events []ledger.Event, id string) warehouse.Health {
	h := warehouse.Health{Source: id}
	var first time.Time
	for _, e := range events {
		if e.Source != id || (e.Event != ledger.Fetched && e.Event != ledger.Failed) {
			continue
		}
		if first.IsZero() {
			first = e.Time
		}
		h.LastTriedAt, h.LastError = e.Time, e.Error
		if e.Event == ledger.Fetched {
			h.LastGoodAt = e.Time
		}
	}
	since := h.LastGoodAt
	if since.IsZero() {
		since = first
	}
	if since.IsZero() {
		return h
	}
	for _, d := range p.Catalog.Sources {
		if d.ID == id {
			h.Stale = p.Now().Sub(since) > time.Duration(d.AllowanceDays)*24*time.Hour
		}
	}
	return h
}
