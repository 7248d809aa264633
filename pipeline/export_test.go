//go:build duckdb_arrow

package pipeline

import (
	"context"

	"citystats/pipeline/archive"
	"citystats/pipeline/ledger"
	"citystats/pipeline/warehouse"
)

// OnStep makes p call f at each step that leaves something behind.
func (p *Pipeline) OnStep(f func(step string)) { p.reached = f }

// LoadDocument loads one document the way a run does.
func (p *Pipeline) LoadDocument(ctx context.Context, b *warehouse.Build, c archive.Capture, body []byte) (ledger.Counts, error) {
	src, err := p.source(c.Source)
	if err != nil {
		return ledger.Counts{}, err
	}
	s := &session{Pipeline: p}
	return s.decode(ctx, b, src, c, body)
}
