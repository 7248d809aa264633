//go:build duckdb_arrow

package warehouse

import (
	"context"
	"fmt"
	"strings"
)

// ClaimChange is an admissible reading whose verdict differs from the live release's.
type ClaimChange struct {
	Claim, Reading     string
	Natural            bool // it is the claim's natural reading
	From, To           string
	FromValue, ToValue *float64
	Unit               string   // the unit's symbol
	Causes             []string // the figures that changed, in words
}

const changedClaims = `SELECT n.claim, n.reading, r.is_default, l.verdict, n.verdict, l.value, n.value, u.symbol_en
FROM release.main.claim_checks AS n
JOIN live.main.claim_checks AS l USING (claim, reading)
JOIN release.main.claim_readings AS r USING (claim, reading)
JOIN release.main.claims AS c ON c.id = n.claim
JOIN release.main.units AS u ON u.id = n.unit
WHERE n.verdict <> l.verdict AND r.admissible
ORDER BY c.position, r.position`

// causesOfChange compares what the two verdicts of a reading stand on.
const causesOfChange = `SELECT coalesce(n.region || ' ' || n.indicator || ' ' || n.time_period, l.region || ' ' || l.indicator || ' ' || l.time_period,
		coalesce(n.defined_in, l.defined_in) || ' ' || coalesce(n.row_id, l.row_id)),
	l.value, n.value, coalesce(n.unit, l.unit), d.title, CAST(d.published_at AS VARCHAR), d.document_id
FROM (SELECT * FROM release.main.claim_inputs WHERE claim = ? AND reading = ?) AS n
FULL JOIN (SELECT * FROM live.main.claim_inputs WHERE claim = ? AND reading = ?) AS l
	ON l.defined_in = n.defined_in AND l.row_id IS NOT DISTINCT FROM n.row_id AND l.region_code IS NOT DISTINCT FROM n.region_code
	AND l.indicator IS NOT DISTINCT FROM n.indicator AND l.time_period IS NOT DISTINCT FROM n.time_period
LEFT JOIN release.store.documents AS d ON d.document_id = n.document_id
WHERE (n.value, n.confidence, n.qualifier, n.claim) IS DISTINCT FROM (l.value, l.confidence, l.qualifier, l.claim)
ORDER BY 1`

// ClaimChanges compares the verdicts with those of the live release at path.
func (b *Build) ClaimChanges(ctx context.Context, livePath string) ([]ClaimChange, error) {
	if _, err := b.conn.ExecContext(ctx, "ATTACH "+quote(livePath)+" AS live (READ_ONLY)"); err != nil {
		return nil, storage(err, livePath)
	}
	out, err := b.claimChanges(ctx)
	_, back := b.conn.ExecContext(context.WithoutCancel(ctx), "DETACH live")
	if err == nil {
		err = back
	}
	return out, storage(err, livePath)
}

func (b *Build) claimChanges(ctx context.Context) ([]ClaimChange, error) {
	// A release from before there were claims has nothing to compare with.
	there, err := query(ctx, b.conn, "SELECT 1 FROM duckdb_tables() WHERE database_name = 'live' AND schema_name = 'main' AND table_name = 'claim_checks'")
	if err != nil || len(there.Rows) == 0 {
		return nil, err
	}
	found, err := query(ctx, b.conn, changedClaims)
	if err != nil {
		return nil, err
	}
	var out []ClaimChange
	for _, r := range found.Rows {
		c := ClaimChange{Claim: r[0].(string), Reading: r[1].(string), Natural: r[2].(bool), From: r[3].(string), To: r[4].(string), Unit: r[7].(string)}
		c.FromValue, c.ToValue = float(r[5]), float(r[6])
		causes, err := query(ctx, b.conn, causesOfChange, c.Claim, c.Reading, c.Claim, c.Reading)
		if err != nil {
			return nil, err
		}
		for _, row := range causes.Rows {
			c.Causes = append(c.Causes, causeInWords(row))
		}
		out = append(out, c)
	}
	return out, nil
}

func float(v any) *float64 {
	if x, ok := v.(float64); ok {
		return &x
	}
	return nil
}

// causeInWords is one row of causesOfChange.
func causeInWords(r []any) string {
	figure := func(v any) string {
		if v == nil {
			return "nothing"
		}
		return fmt.Sprint(v)
	}
	out := fmt.Sprintf("%v: %s became %s", r[0], figure(r[1]), figure(r[2]))
	if unit, ok := r[3].(string); ok {
		out += " (" + unit + ")"
	}
	title, named := r[4].(string)
	if !named {
		return out
	}
	out += ", by “" + strings.TrimSpace(title) + "”"
	if published, ok := r[5].(string); ok {
		out += ", " + published
	}
	return out
}
