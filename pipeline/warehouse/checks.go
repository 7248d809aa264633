//go:build duckdb_arrow

package warehouse

import (
	"context"
	"database/sql/driver"
	"slices"

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

// judged makes quality_hits of what the checks returned. Columns of these names
// mean the same in every check; an acceptance is for exactly one figure, its value
// included.
const judged = `INSERT INTO quality_hits BY NAME
WITH found AS (SELECT name, CAST(hit AS JSON) AS j, hit FROM quality_found),
hits AS (
	SELECT name, j->>'region_code' AS region_code, j->>'indicator' AS indicator, j->>'time_period' AS time_period, j->>'origin' AS origin,
		CAST(j->>'value' AS DOUBLE) AS value, CAST(j->>'document_id' AS INTEGER) AS document_id, CAST(j->>'record' AS INTEGER) AS record, hit
	FROM found)
SELECT h.*, (
	SELECT min(a.id) FROM accepted AS a
	WHERE list_contains(string_split(replace(a.checks, ' ', ''), ';'), h.name) AND a.region IS NOT DISTINCT FROM h.region_code
		AND a.indicator IS NOT DISTINCT FROM h.indicator AND a.period IS NOT DISTINCT FROM h.time_period
		AND a.origin IS NOT DISTINCT FROM h.origin AND a.value IS NOT DISTINCT FROM h.value) AS accepted
FROM hits AS h;
DROP TABLE quality_found`

// check asks every check, keeps the answers in the file, and returns the hits.
func (b *Build) check(ctx context.Context, t teller) ([]Hit, error) {
	if err := b.inRelease(ctx, checksDDL+"CREATE TABLE quality_found (name VARCHAR, hit VARCHAR)"); err != nil {
		return nil, err
	}
	var found, summary [][]driver.Value
	for _, q := range t.set.Checks {
		rows, err := b.ask(ctx, t, q)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			found = append(found, []driver.Value{q.Name, r})
		}
	}
	if err := b.appendRows(ctx, "main", "quality_found", found); err != nil {
		return nil, err
	}
	if err := b.inRelease(ctx, judged); err != nil {
		return nil, err
	}
	asked := t.set.Checks
	if len(asked) > 0 {
		if _, err := b.conn.ExecContext(ctx, gone, Expired); err != nil {
			return nil, err
		}
		asked = append(slices.Clone(asked), expired)
	}
	hits, err := b.hits(ctx, asked)
	if err != nil {
		return nil, err
	}
	for _, q := range asked {
		all, accepted := 0, 0
		for _, h := range hits {
			if h.Check == q.Name {
				all++
			}
			if h.Check == q.Name && h.Accepted != "" {
				accepted++
			}
		}
		summary = append(summary, []driver.Value{q.Name, string(q.Severity), q.Title, q.Hint, int64(all), int64(accepted)})
	}
	return hits, b.appendRows(ctx, "main", "quality_checks", summary)
}

func (b *Build) ask(ctx context.Context, t teller, q queries.Query) ([]string, error) {
	var rows Rows
	s := statement{query: q, before: "SELECT CAST(to_json(hit) AS VARCHAR) FROM (\n", after: "\n) AS hit ORDER BY 1"}
	err := t.run(ctx, s, func(text string) error {
		return b.within(ctx, func() (err error) {
			rows, err = query(ctx, b.conn, text)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	out := make([]string, len(rows.Rows))
	for i, r := range rows.Rows {
		out[i] = r[0].(string)
	}
	return out, nil
}

// hits reads back what was found, in the order of the checks.
func (b *Build) hits(ctx context.Context, asked []queries.Query) ([]Hit, error) {
	rows, err := query(ctx, b.conn, "SELECT name, hit, coalesce(accepted, '') FROM release.main.quality_hits ORDER BY name, hit")
	if err != nil {
		return nil, err
	}
	var out []Hit
	for _, r := range rows.Rows {
		i := slices.IndexFunc(asked, func(q queries.Query) bool { return q.Name == r[0] })
		q := asked[i]
		out = append(out, Hit{Check: q.Name, Severity: q.Severity, Title: q.Title, Hint: q.Hint, Row: r[1].(string), Accepted: r[2].(string)})
	}
	return out, nil
}

// gone adds the acceptances whose figure is there and whose check does not hit.
const gone = `INSERT INTO release.main.quality_hits BY NAME
WITH each_check AS (SELECT *, unnest(string_split(replace(checks, ' ', ''), ';')) AS check_name FROM release.main.accepted)
SELECT ? AS name, a.region AS region_code, a.indicator, a.period AS time_period, a.origin, a.value,
	CAST(to_json({accepted: a.id, "check": a.check_name, region_code: a.region, indicator: a.indicator, time_period: a.period, origin: a.origin, value: a.value}) AS VARCHAR) AS hit
FROM each_check AS a
WHERE EXISTS (SELECT 1 FROM release.main.observations AS o WHERE o.indicator = a.indicator AND o.origin = a.origin
		AND o.region_code = coalesce(a.region, o.region_code) AND o.time_period = coalesce(a.period, o.time_period))
	AND NOT EXISTS (SELECT 1 FROM release.main.quality_hits AS h WHERE h.name = a.check_name AND h.accepted = a.id)`
