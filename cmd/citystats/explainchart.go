//go:build duckdb_arrow

package main

import (
	"context"

	"citystats/charts"
	"citystats/pipeline/provenance"
)

// point explains a number of a chart: a cell of its CSV.
func (a *app) point(ctx context.Context, e *provenance.Explainer, q explained, args []string) (*provenance.Explanation, error) {
	d := drawing{region: q.of, benchmark: q.Against, language: "en", asOf: q.AsOf}
	if err := d.load(a); err != nil {
		return nil, err
	}
	def, err := d.named(q.chart)
	if err != nil {
		return nil, err
	}
	o, err := d.open(ctx, a)
	if err != nil {
		return nil, err
	}
	defer o.reader.Close()
	c, err := charts.Resolve(ctx, o.reader, def, d.params(o))
	if err != nil {
		return nil, err
	}
	column := ""
	if len(args) > 1 {
		column = args[1]
	}
	ids, err := c.StandsOn(args[0], column)
	if err != nil {
		return nil, err
	}
	return e.References(ctx, ids, q.AsOf)
}
