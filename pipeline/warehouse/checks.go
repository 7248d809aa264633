//go:build duckdb_arrow

package warehouse

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"

	queries "citystats/sql"
)

// Hit is one row a check returned.
type Hit struct {
	Check    string
	Severity queries.Severity
	Title    string
	Hint     string
	Row      string // the offending row as JSON
	Accepted string // key of the row of data/accepted.csv that explains it; empty when none does
}

// Expired is the name under which acceptances are told that explain nothing any
// more: the figure is there and its check is silent. They must go, or they would
// hide the next mistake.
const Expired = "expired_acceptance"

var expired = queries.Query{
	Name: Expired, Severity: queries.Warning,
	Title: "A finding that was accepted is no longer found",
	Hint:  "Remove the check from the row in data/accepted.csv, or the row",
}

const checksDDL = `
CREATE TABLE quality_checks (name VARCHAR, severity VARCHAR, title VARCHAR, hint VARCHAR, hits BIGINT, accepted BIGINT);
COMMENT ON TABLE quality_checks IS 'Checks asked of this release, and how often each hit';
COMMENT ON COLUMN quality_checks.name IS 'The file sql/checks/NAME.sql';
COMMENT ON COLUMN quality_checks.severity IS 'error keeps a release from being published; warning is told';
COMMENT ON COLUMN quality_checks.title IS 'What a hit means';
COMMENT ON COLUMN quality_checks.hint IS 'What to do about a hit';
COMMENT ON COLUMN quality_checks.hits IS 'Rows found';
COMMENT ON COLUMN quality_checks.accepted IS 'Of them explained in accepted: neither told by a run nor in a release''s way';
CREATE TABLE quality_hits (name VARCHAR, region_code VARCHAR, indicator VARCHAR, time_period VARCHAR, origin VARCHAR, value DOUBLE,
	document_id INTEGER, record INTEGER, accepted VARCHAR, hit VARCHAR);
COMMENT ON TABLE quality_hits IS 'What the checks found';
COMMENT ON COLUMN quality_hits.name IS 'Key of quality_checks';
COMMENT ON COLUMN quality_hits.region_code IS 'Region of the figure; NULL when the finding is about no single region';
COMMENT ON COLUMN quality_hits.indicator IS 'Key of indicators';
COMMENT ON COLUMN quality_hits.time_period IS 'Period of the figure';
COMMENT ON COLUMN quality_hits.origin IS 'Who made the figure; key of publishers';
COMMENT ON COLUMN quality_hits.value IS 'The figure, in the unit of its indicator';
COMMENT ON COLUMN quality_hits.document_id IS 'Document it was read from; key of store.documents';
COMMENT ON COLUMN quality_hits.record IS 'Ordinal of the record in the document';
COMMENT ON COLUMN quality_hits.accepted IS 'Row of accepted that explains it; NULL when none does';
COMMENT ON COLUMN quality_hits.hit IS 'The offending row as JSON, with what it was held against';
`

// Around a check stands what makes its rows hits. Columns of these names mean the
// same in every check; an acceptance is for exactly one figure, its value included.
const (
	beforeCheck = "WITH found AS (SELECT to_json(hit) AS j FROM (\n"
	afterCheck  = `
) AS hit),
hits AS (
	SELECT j->>'region_code' AS region_code, j->>'indicator' AS indicator, j->>'time_period' AS time_period, j->>'origin' AS origin,
		CAST(j->>'value' AS DOUBLE) AS value, CAST(j->>'document_id' AS INTEGER) AS document_id, CAST(j->>'record' AS INTEGER) AS record,
		CAST(j AS VARCHAR) AS hit
	FROM found)
SELECT h.region_code, h.indicator, h.time_period, h.origin, h.value, h.document_id, h.record, min(a.id) AS accepted, h.hit
FROM hits AS h
LEFT JOIN accepted AS a ON list_contains(string_split(replace(a.checks, ' ', ''), ';'), '$check') AND a.region IS NOT DISTINCT FROM h.region_code
	AND a.indicator IS NOT DISTINCT FROM h.indicator AND a.period IS NOT DISTINCT FROM h.time_period
	AND a.origin IS NOT DISTINCT FROM h.origin AND a.value IS NOT DISTINCT FROM h.value
GROUP BY ALL ORDER BY h.hit`
)

// check asks every check, keeps the answers in the file, and returns the hits.
func (b *Build) check(ctx context.Context, t teller) ([]Hit, error) {
	if err := b.inRelease(ctx, checksDDL); err != nil {
		return nil, err
	}
	var hits []Hit
	var summary, found [][]driver.Value
	add := func(q queries.Query, rows [][]any) {
		accepted := 0
		for _, r := range rows {
			row := []driver.Value{q.Name}
			for _, cell := range r {
				row = append(row, cell)
			}
			h := Hit{Check: q.Name, Severity: q.Severity, Title: q.Title, Hint: q.Hint, Row: r[8].(string)}
			if by, ok := r[7].(string); ok {
				h.Accepted = by
				accepted++
			}
			hits, found = append(hits, h), append(found, row)
		}
		summary = append(summary, []driver.Value{q.Name, string(q.Severity), q.Title, q.Hint, int64(len(rows)), int64(accepted)})
	}
	for _, q := range t.set.Checks {
		rows, err := b.ask(ctx, t, q)
		if err != nil {
			return nil, err
		}
		add(q, rows)
	}
	if err := b.appendRows(ctx, "main", "quality_hits", found); err != nil {
		return nil, err
	}
	if found = nil; len(t.set.Checks) > 0 {
		gone, err := b.expired(ctx)
		if err != nil {
			return nil, err
		}
		add(expired, gone)
	}
	return hits, errors.Join(b.appendRows(ctx, "main", "quality_checks", summary), b.appendRows(ctx, "main", "quality_hits", found))
}

func (b *Build) ask(ctx context.Context, t teller, q queries.Query) ([][]any, error) {
	var rows Rows
	s := statement{q, beforeCheck, strings.ReplaceAll(afterCheck, "$check", q.Name)}
	err := t.run(ctx, s, func(text string) error {
		return b.within(ctx, func() (err error) {
			rows, err = query(ctx, b.conn, text)
			return err
		})
	})
	return rows.Rows, err
}

// expired are the acceptances whose figure is there and whose check does not hit.
func (b *Build) expired(ctx context.Context) ([][]any, error) {
	const gone = `WITH each_check AS (SELECT *, unnest(string_split(replace(checks, ' ', ''), ';')) AS check_name FROM release.main.accepted)
SELECT a.region, a.indicator, a.period, a.origin, a.value, NULL AS document_id, NULL AS record, NULL AS accepted,
	CAST(to_json({accepted: a.id, "check": a.check_name, region_code: a.region, indicator: a.indicator, time_period: a.period, origin: a.origin, value: a.value}) AS VARCHAR)
FROM each_check AS a
WHERE EXISTS (SELECT 1 FROM release.main.observations AS o WHERE o.indicator = a.indicator AND o.origin = a.origin
		AND o.region_code = coalesce(a.region, o.region_code) AND o.time_period = coalesce(a.period, o.time_period))
	AND NOT EXISTS (SELECT 1 FROM release.main.quality_hits AS h WHERE h.name = a.check_name AND h.accepted = a.id)
ORDER BY 9`
	rows, err := query(ctx, b.conn, gone)
	return rows.Rows, err
}
