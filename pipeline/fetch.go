//go:build duckdb_arrow

package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"

	"citystats/internal/fault"
	"citystats/pipeline/ledger"
	"citystats/pipeline/warehouse"
	"citystats/sources/source"
)

// fetch asks the sources one after the other and archives what they answer. Its
// error is one that ends the run: cancellation, or an archive that cannot be
// written. What is wrong with a publisher is in the reports.
func (s *session) fetch(ctx context.Context, opts Options) ([]SourceReport, error) {
	for _, id := range opts.Only {
		if _, err := s.source(id); err != nil {
			return nil, err
		}
	}
	reports := s.reports(nil)
	for i, src := range s.Sources {
		info := src.Info()
		if (opts.Offline && len(info.Hosts) > 0) || (len(opts.Only) > 0 && !slices.Contains(opts.Only, info.ID)) {
			continue
		}
		r := &reports[i]
		if info.Needs != "" {
			if len(opts.Only) > 0 {
				return reports, fault.New(fault.Usage, "source "+info.ID, "set it and run again", "the source needs %s", info.Needs)
			}
			continue
		}
		r.Asked = true
		r.Counts, r.Err = s.ask(ctx, src)
		if r.Err != nil && fault.KindOf(r.Err) != fault.Upstream {
			return reports, r.Err
		}
		e := ledger.Event{Event: ledger.Fetched, Source: info.ID, Counts: &r.Counts}
		if r.Err != nil {
			e.Event, e.Error, e.Kind = ledger.Failed, r.Err.Error(), fault.KindOf(r.Err).String()
			s.Log.Warn("source failed", zap.String("source", info.ID), zap.Error(r.Err))
		}
		if err := s.note(e); err != nil {
			return reports, err
		}
	}
	for i := range reports {
		reports[i].Stale = s.health(reports[i].ID).Stale
	}
	return reports, nil
}

func (s *session) ask(ctx context.Context, src source.Source) (ledger.Counts, error) {
	var counts ledger.Counts
	err := src.Fetch(ctx, s.Client(src.Info()), func(doc source.Document) error {
		_, fresh, err := s.archive.Put(doc, s.began, s.id)
		if err != nil {
			return err
		}
		s.reached("archived")
		counts.Documents++
		if fresh {
			counts.NewDocuments++
		}
		s.Progress("fetching "+doc.Source, counts.Documents, 0)
		return nil
	})
	if err != nil && fault.KindOf(err) == fault.Internal {
		err = fault.Wrap(fault.Upstream, err, src.Info().ID, "", "the source failed")
	}
	return counts, errors.Join(err, ctx.Err())
}

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
