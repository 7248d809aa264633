//go:build duckdb_arrow

package provenance

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"citystats/internal/fault"
	queries "citystats/sql"
)

// Quarantined is a record that could not be read.
type Quarantined struct {
	Record int    `json:"record"`
	Place  string `json:"place"`
	Reason string `json:"reason"`
	Text   string `json:"text"`
}

// Whole is all that one document gave: [Explanation] of every figure that is
// stored from it.
type Whole struct {
	Document    Document      `json:"document"`
	Figures     *Explanation  `json:"figures"`
	Quarantined []Quarantined `json:"quarantined"`
}

const documentQuery = `SELECT d.*, b.name_en AS publisher_en, b.name_zh AS publisher_zh
FROM store.documents AS d LEFT JOIN publishers AS b ON b.id = d.publisher WHERE `

// leastHash is how many digits of a SHA-256 name a document.
const leastHash = 8

// Document explains every figure that was read from a document, which is named by
// its number or by the first digits of its SHA-256. The same bytes can be several
// documents: all of them are told.
func (e *Explainer) Document(ctx context.Context, name string) ([]Whole, error) {
	var where string
	name = strings.ToLower(strings.TrimPrefix(name, "sha256:"))
	switch id, err := strconv.ParseUint(name, 10, 31); {
	case err == nil && len(name) < leastHash:
		where = fmt.Sprintf("d.document_id = %d", id)
	case len(name) >= leastHash && strings.Trim(name, "0123456789abcdef") == "":
		where = "starts_with(d.sha256, " + quoted(name) + ")"
	default:
		return nil, fault.New(fault.Usage, "", "give the document_id, or at least the first 8 digits of the SHA-256", "%q names no document", name)
	}
	found, err := e.Reader.Query(ctx, documentQuery+where+" ORDER BY d.document_id")
	if err != nil {
		return nil, err
	}
	if len(found.Rows) == 0 {
		return nil, fault.New(fault.Usage, "", "see citystats sql \"SELECT document_id, sha256, title FROM store.documents\"", "release %s has no document %q", e.Release, name)
	}
	var out []Whole
	for _, row := range found.Rows {
		w := Whole{Document: cellsOf(found, row).document()}
		l := e.look("")
		if _, err := l.add(ctx, queries.Leaf, fmt.Sprintf("SELECT * FROM %s WHERE document_id = %d", queries.Leaf, w.Document.ID)); err != nil {
			return nil, err
		}
		if w.Figures, err = l.finish(ctx); err != nil {
			return nil, err
		}
		if w.Quarantined, err = e.quarantined(ctx, w.Document.ID, -1); err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

// quarantined lists what a document held that could not be read; record is -1 for
// all of it.
func (e *Explainer) quarantined(ctx context.Context, document, record int) ([]Quarantined, error) {
	found, err := e.Reader.Query(ctx, "SELECT record, place, reason, text FROM store.quarantine WHERE document_id = ? AND (? < 0 OR record = ?) ORDER BY record, reason", document, record, record)
	if err != nil {
		return nil, err
	}
	out := []Quarantined{}
	for _, row := range found.Rows {
		c := cellsOf(found, row)
		out = append(out, Quarantined{int(c.int32("record")), c.text("place"), c.text("reason"), c.text("text")})
	}
	return out, nil
}

// record explains the figures of one record.
func (l *look) record(ctx context.Context, document, record int) error {
	n, err := l.add(ctx, queries.Leaf, fmt.Sprintf("SELECT * FROM %s WHERE document_id = %d AND record = %d", queries.Leaf, document, record))
	if err != nil || n > 0 {
		return err
	}
	bad, err := l.quarantined(ctx, document, record)
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		return fault.New(fault.Usage, "", "correct what it says, or the decoder, and run citystats rebuild",
			"%s of document %d is in quarantine: %s (%s)", bad[0].Place, document, bad[0].Reason, bad[0].Text)
	}
	return fault.New(fault.Usage, "", fmt.Sprintf("see citystats explain --document %d; what only repeats a known figure leaves no row", document),
		"record %d of document %d holds no stored figure", record, document)
}
