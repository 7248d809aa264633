//go:build duckdb_arrow

package provenance

import (
	"context"
	"slices"

	"citystats/internal/fault"
	"citystats/pipeline/warehouse"
	queries "citystats/sql"
)

// made are the tables that the build computes in Go, described as models are: a
// verdict stands on figures, and on rows of the definitions.
var made = []queries.Query{
	{
		Name: "claim_checks", Title: "The verdict of a claim under one reading", File: "../data/claims.yaml", Row: []string{"claim", "reading"},
		Inputs: []queries.Input{
			{Role: "figure", Table: queries.Leaf, Tail: queries.Leaf + ` WHERE (series_id, document_id, record) IN
	(SELECT i.series_id, i.document_id, i.record FROM claim_inputs AS i WHERE i.claim = this.claim AND i.reading = this.reading)`},
			{Role: "row", Table: "claim_inputs", Tail: "claim_inputs WHERE claim = this.claim AND reading = this.reading AND series_id IS NULL"},
		},
	},
	{Name: "claim_inputs", Title: "A row of the definitions that a verdict stands on", File: "../data/claims.yaml", Row: []string{"claim", "reading", "position"}},
}

// described finds how a table's rows are named and what they are computed from.
func (e *Explainer) described(table string) (queries.Query, bool) {
	if i := slices.IndexFunc(made, func(q queries.Query) bool { return q.Name == table }); i >= 0 {
		return made[i], true
	}
	return e.Queries.Model(table)
}

// Claim explains the verdict of a claim under a reading, or under its natural one
// when none is named.
func (e *Explainer) Claim(ctx context.Context, claim, reading string) (*Explanation, error) {
	if reading == "" {
		found, err := e.Reader.Query(ctx, "SELECT reading FROM claim_verdicts WHERE claim = ?", claim)
		if err != nil {
			return nil, err
		}
		if len(found.Rows) == 0 {
			return nil, fault.New(fault.Usage, "", "see citystats claims", "there is no claim %q", claim)
		}
		reading = natural(found)
	}
	return e.Reference(ctx, "claim_checks:"+claim+":"+reading, "")
}

func natural(found warehouse.Rows) string {
	reading, _ := found.Rows[0][0].(string)
	return reading
}
