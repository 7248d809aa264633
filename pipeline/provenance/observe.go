//go:build duckdb_arrow

package provenance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"citystats/pipeline/warehouse"
	"citystats/sources/source"
	queries "citystats/sql"
)

// together is how many SELECTs one statement holds.
const together = 100

// observe asks for all observations that wait, and puts each where it belongs.
func (l *look) observe(ctx context.Context) error {
	for batch := range slices.Chunk(l.waiting, together) {
		selects := make([]string, len(batch))
		for n, w := range batch {
			selects[n] = fmt.Sprintf("SELECT %d AS n, document_id, record, series_id, period_start, region_code, vintage FROM (%s)", n, w.text)
		}
		found, err := l.ask(ctx, strings.Join(selects, "\nUNION ALL\n")+"\nORDER BY n, period_start, region_code, vintage, document_id, record")
		if err != nil {
			return l.mistaken(ctx, batch, err)
		}
		for _, row := range found.Rows {
			c := cellsOf(found, row)
			w := batch[c.int32("n")]
			*w.rows = append(*w.rows, l.leaf(c, w.role))
		}
	}
	l.waiting = nil
	return nil
}

// mistaken finds out which of the SELECTs the engine does not take.
func (l *look) mistaken(ctx context.Context, batch []waiting, err error) error {
	for _, w := range batch {
		if _, alone := l.ask(ctx, w.text); alone != nil {
			return w.wrong(alone)
		}
	}
	return err
}

// leaf is the row of an observation, which is told once however often it serves.
func (l *look) leaf(c cells, role string) *Row {
	k := c.key()
	if l.leaves[k] == 0 {
		l.answer.Observations = append(l.answer.Observations, &Observation{})
		l.leaves[k] = len(l.answer.Observations)
	}
	model, _ := l.Queries.Model(queries.Leaf)
	return &Row{
		ID: fmt.Sprintf("%d:%d", k.document, k.record), Role: role, Table: queries.Leaf, Title: model.Title, Observation: l.leaves[k], model: model,
		SQL: fmt.Sprintf("SELECT * FROM %s WHERE document_id = %d AND record = %d AND series_id = %d AND period_start = DATE '%s'",
			queries.Leaf, k.document, k.record, k.series, k.period),
	}
}

// detailsQuery is about the vintages of all places named at its end. What stands in
// a figure's place today does not depend on the day that is looked back to.
const detailsQuery = `SELECT v.document_id, v.record, v.series_id, v.period_start, v.region_code, v.region, v.indicator, v.frequency, v.time_period,
	v.value, v.unit, v.obs_status, v.status, v.qualifier, v.confidence, v.origin, v.derivation, v.note,
	s.region_zh, s.decimals, i.title_en, i.title_zh, u.symbol_en, u.symbol_zh, t.number AS status_number, t.name_en AS status_en, t.name_zh AS status_zh,
	p.name_en AS origin_en, p.name_zh AS origin_zh, d.source, d.name, d.title, d.publisher, d.url, d.media_type, d.sha256, d.published_at,
	d.published_precision, d.known_at, d.readable, b.name_en AS publisher_en, b.name_zh AS publisher_zh,
	o.document_id AS now_document, o.record AS now_record
FROM observation_vintages AS v
JOIN series AS s ON s.series_id = v.series_id
JOIN indicators AS i ON i.id = v.indicator
JOIN units AS u ON u.id = v.unit
JOIN observation_statuses AS t ON t.id = v.status
JOIN publishers AS p ON p.id = v.origin
JOIN store.documents AS d ON d.document_id = v.document_id
LEFT JOIN publishers AS b ON b.id = d.publisher
LEFT JOIN observations AS o ON o.series_id = v.series_id AND o.period_start = v.period_start
WHERE (v.document_id, v.record) IN (`

// details fills in the answer's observations, all with one question.
func (l *look) details(ctx context.Context) error {
	if len(l.leaves) == 0 {
		return nil
	}
	places := make([]string, 0, len(l.leaves))
	for k := range l.leaves {
		places = append(places, fmt.Sprintf("(%d, %d)", k.document, k.record))
	}
	slices.Sort(places)
	found, err := l.Reader.Query(ctx, detailsQuery+strings.Join(places, ", ")+")")
	if err != nil {
		return err
	}
	for _, row := range found.Rows {
		c := cellsOf(found, row)
		if n := l.leaves[c.key()]; n > 0 {
			*l.answer.Observations[n-1] = c.observation()
		}
	}
	return nil
}

// cells reads a row of a result by the names that its own query gives.
type cells map[string]any

func cellsOf(rows warehouse.Rows, row []any) cells {
	c := cells{}
	for i, name := range rows.Columns {
		c[name] = row[i]
	}
	return c
}

func (c cells) text(name string) string { s, _ := c[name].(string); return s }
func (c cells) int32(name string) int32 { n, _ := c[name].(int32); return n }
func (c cells) int64(name string) int64 { n, _ := c[name].(int64); return n }

func (c cells) key() leafKey {
	return leafKey{c.int32("document_id"), c.int32("record"), c.int64("series_id"), c.day("period_start")}
}

func (c cells) day(name string) string {
	t, ok := c[name].(time.Time)
	if !ok {
		return ""
	}
	return t.Format(time.DateOnly)
}

func (c cells) observation() Observation {
	value, _ := c["value"].(float64)
	o := Observation{
		ID: fmt.Sprintf("%d:%d", c.int32("document_id"), c.int32("record")), SeriesID: c.int64("series_id"), RegionCode: c.text("region_code"), Region: c.text("region"),
		Indicator: c.text("indicator"), Title: c.text("title_en"), Frequency: c.text("frequency"), TimePeriod: c.text("time_period"),
		Value: value, Unit: c.text("unit"), ObsStatus: c.text("obs_status"), Status: c.text("status"),
		Qualifier: c.text("qualifier"), Confidence: c.text("confidence"), Origin: c.text("origin"), OriginName: c.text("origin_en"),
		Derivation: c.text("derivation"), Note: c.text("note"), Record: int(c.int32("record")), Document: c.document(),
		words: words{
			c.text("region_zh"), c.text("title_zh"), c.text("symbol_en"), c.text("symbol_zh"),
			c.text("status_en"), c.text("status_zh"), c.text("origin_zh"),
		},
		decimals: int(c.int64("decimals")), statusNumber: source.Status(c.int64("status_number")),
	}
	if now := fmt.Sprintf("%d:%d", c.int32("now_document"), c.int32("now_record")); c["now_document"] != nil && now != o.ID {
		o.SupersededBy = now
	}
	return o
}

func (c cells) document() Document {
	readable, _ := c["readable"].(bool)
	known, _ := c["known_at"].(time.Time)
	published := c.day("published_at")
	switch {
	case published == "":
	case c.text("published_precision") == "year":
		published = published[:len("2006")]
	case c.text("published_precision") == "month":
		published = published[:len("2006-01")]
	}
	return Document{
		ID: int(c.int32("document_id")), Source: c.text("source"), Name: c.text("name"), Title: c.text("title"),
		Publisher: c.text("publisher"), PublisherName: c.text("publisher_en"), URL: c.text("url"), MediaType: c.text("media_type"),
		SHA256: c.text("sha256"), Published: published, KnownAt: known.UTC().Format(time.RFC3339), Readable: readable,
		publisherZH: c.text("publisher_zh"),
	}
}
