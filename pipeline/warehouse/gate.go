//go:build duckdb_arrow

package warehouse

import (
	"context"
	"errors"
	"fmt"
)

// Objection is one reason not to publish a build over the live release.
type Objection struct {
	Kind   string // lost_series, lost_periods, lost_figures or large_revision
	What   string // the figure, named for people
	Detail string
}

// The gate's questions. Each compares the build (release) with the live file.
const (
	lostSeries = `SELECT 'lost_series', l.region_code || ' ' || l.indicator || ' ' || l.frequency || ' ' || l.origin,
	'the series is in the live release and not in the new one'
FROM live.store.series AS l
LEFT JOIN release.store.series AS n USING (region_code, indicator, frequency, origin)
LEFT JOIN release.main.retired AS r ON r.region = l.region_code AND r.indicator = l.indicator AND r.frequency = l.frequency AND r.origin = l.origin
WHERE n.series_id IS NULL AND r.region IS NULL`

	lostPeriods = `SELECT 'lost_periods', l.region_code || ' ' || l.indicator || ' ' || l.frequency || ' ' || l.origin,
	'the live release reaches ' || l.latest || ', the new one only ' || n.latest
FROM (SELECT region_code, indicator, frequency, origin, max(period_start) AS latest FROM live.main.observations GROUP BY ALL) AS l
JOIN (SELECT region_code, indicator, frequency, origin, max(period_start) AS latest FROM release.main.observations GROUP BY ALL) AS n
	USING (region_code, indicator, frequency, origin)
WHERE n.latest < l.latest`

	lostFigures = `SELECT 'lost_figures', l.region_code || ' ' || l.indicator || ' ' || l.frequency || ' ' || l.origin,
	'the live release has ' || string_agg(l.time_period, ', ' ORDER BY l.period_start) || ', the new one does not'
FROM live.main.observations AS l
JOIN (SELECT region_code, indicator, frequency, origin, max(period_start) AS latest FROM release.main.observations GROUP BY ALL) AS n
	USING (region_code, indicator, frequency, origin)
ANTI JOIN release.main.observations AS o USING (region_code, indicator, frequency, origin, period_start)
WHERE l.period_start < n.latest
GROUP BY l.region_code, l.indicator, l.frequency, l.origin`

	largeRevision = `SELECT 'large_revision', n.region_code || ' ' || n.indicator || ' ' || n.time_period || ' ' || n.origin,
	l.value || ' became ' || n.value || ' (' || n.unit || '), more than the tolerance of ' || i.revision_tolerance_percent
FROM live.main.observations AS l
JOIN release.main.observations AS n USING (region_code, indicator, frequency, origin, period_start)
JOIN release.main.indicators AS i ON i.id = n.indicator
WHERE l.standing = 3 AND n.standing = 3
	AND abs(n.value - l.value) > i.revision_tolerance_percent * CASE WHEN i.measure = 'level' THEN abs(l.value) / 100 ELSE 1 END`
)

// Gate compares the build with the live release at path and returns what an
// editor should see before it takes its place: series that vanish without a row
// in retired.csv, series that lose their latest periods, and measured figures
// revised by more than their indicator's tolerance.
func (b *Build) Gate(ctx context.Context, livePath string) ([]Objection, error) {
	if _, err := b.conn.ExecContext(ctx, "ATTACH "+quote(livePath)+" AS live (READ_ONLY)"); err != nil {
		return nil, storage(err, livePath)
	}
	var out []Objection
	var failed error
	for _, q := range []string{lostSeries, lostPeriods, lostFigures, largeRevision} {
		rows, err := query(ctx, b.conn, q+" ORDER BY 2")
		if err != nil {
			failed = fmt.Errorf("gate: %w", err)
			break
		}
		for _, r := range rows.Rows {
			out = append(out, Objection{r[0].(string), r[1].(string), r[2].(string)})
		}
	}
	_, err := b.conn.ExecContext(context.WithoutCancel(ctx), "DETACH live")
	return out, errors.Join(failed, storage(err, livePath))
}
