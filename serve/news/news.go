//go:build duckdb_arrow

// Package news reads what changed from a release: figures that were revised, and
// claims whose verdict turned. Feeds, pages and notices are made from it, so all of
// them tell the same. Keys of the JSON stay: other programs read it.
package news

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"citystats/serve/rows"
)

// Text is a text in both languages.
type Text struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

// Document is where a figure was read.
type Document struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
	URL   string `json:"url,omitempty"`
}

// Revision is a figure that was said anew, and otherwise.
type Revision struct {
	ID            string    `json:"id"` // the same in every release
	RegionCode    string    `json:"region_code"`
	Region        Text      `json:"region"`
	Indicator     string    `json:"indicator"`
	Title         Text      `json:"indicator_title"`
	Period        string    `json:"time_period"`
	Unit          string    `json:"unit"`
	Symbol        Text      `json:"unit_symbol"`
	Decimals      int       `json:"decimals"`
	Old           float64   `json:"old_value"`
	New           float64   `json:"new_value"`
	Change        float64   `json:"change"`
	ChangePercent *float64  `json:"change_percent,omitempty"`
	Type          string    `json:"type,omitempty"`
	OldStatus     string    `json:"old_status"`
	NewStatus     string    `json:"new_status"`
	Origin        string    `json:"origin"`
	OriginName    Text      `json:"origin_name"`
	Document      Document  `json:"document"`
	PublishedAt   string    `json:"published_at,omitempty"`
	KnownAt       time.Time `json:"known_at"`
}

// Revisions are those of a release, the last known first.
func Revisions(ctx context.Context, s rows.Store) ([]Revision, error) {
	found, err := rows.Ask(ctx, s, `SELECT r.*, g.name_zh AS region_zh, i.title_en, i.title_zh, i.decimals, u.symbol_en, u.symbol_zh,
	p.name_en AS origin_en, p.name_zh AS origin_zh, d.title AS document_title, d.url AS document_url
FROM revisions AS r
JOIN regions AS g ON g.code = r.region_code
JOIN indicators AS i ON i.id = r.indicator
JOIN units AS u ON u.id = r.unit
LEFT JOIN publishers AS p ON p.id = r.origin
LEFT JOIN release.store.documents AS d ON d.document_id = r.new_document_id
ORDER BY r.known_at DESC, r.published_at DESC NULLS LAST, r.region_code, r.indicator, r.time_period, r.new_value`)
	if err != nil {
		return nil, err
	}
	out := make([]Revision, len(found))
	for i, r := range found {
		out[i] = revision(r)
	}
	return out, nil
}

func revision(r rows.Row) Revision {
	v := Revision{
		RegionCode: r.Text("region_code"), Region: Text{r.Text("region"), r.Text("region_zh")},
		Indicator: r.Text("indicator"), Title: Text{r.Text("title_en"), r.Text("title_zh")}, Period: r.Text("time_period"),
		Unit: r.Text("unit"), Symbol: Text{r.Text("symbol_en"), r.Text("symbol_zh")}, Decimals: r.Whole("decimals"),
		Old: number(r, "old_value"), New: number(r, "new_value"), Change: number(r, "change"), ChangePercent: r.Number("change_percent"),
		Type: r.Text("type"), OldStatus: r.Text("old_status"), NewStatus: r.Text("new_status"),
		Origin: r.Text("origin"), OriginName: Text{r.Text("origin_en"), r.Text("origin_zh")},
		Document:    Document{r.Whole("new_document_id"), r.Text("document_title"), r.Text("document_url")},
		PublishedAt: r.Text("published_at"), KnownAt: r.Time("known_at").UTC(),
	}
	v.ID = name(r.Text("series_id"), v.Period, v.Old, v.New, v.Document.ID, r.Text("new_record"))
	return v
}

func number(r rows.Row, column string) float64 {
	if v := r.Number(column); v != nil {
		return *v
	}
	return 0
}

// name is a name for what the parts say.
func name(parts ...any) string {
	sum := sha256.Sum256([]byte(fmt.Sprintln(parts...)))
	return hex.EncodeToString(sum[:8])
}

// Turn is a reading of a claim whose verdict changed on a day.
type Turn struct {
	ID        string    `json:"id"` // the same in every release
	Claim     string    `json:"claim"`
	Sentence  Text      `json:"sentence"`
	Reading   string    `json:"reading"`
	Label     Text      `json:"reading_label"`
	Natural   bool      `json:"natural"` // it is the claim's natural reading
	From      string    `json:"from_verdict"`
	To        string    `json:"to_verdict"`
	FromValue *float64  `json:"from_value"`
	ToValue   *float64  `json:"to_value"`
	Symbol    Text      `json:"unit_symbol"`
	Decimals  int       `json:"decimals"`
	Date      string    `json:"date"` // on which figures became visible that turned it
	KnownAt   time.Time `json:"known_at"`
	Causes    []Cause   `json:"causes"`
}

// Cause is a figure that turned a verdict.
type Cause struct {
	Kind       string   `json:"kind"` // first figure, revision ...
	RegionCode string   `json:"region_code"`
	Region     Text     `json:"region"`
	Indicator  string   `json:"indicator"`
	Title      Text     `json:"indicator_title"`
	Period     string   `json:"time_period"`
	Old        *float64 `json:"old_value"`
	New        *float64 `json:"new_value"`
	Document   Document `json:"document"`
}

// Turns are the changes of verdict that a release knows of, the last known first.
func Turns(ctx context.Context, s rows.Store) ([]Turn, error) {
	found, err := rows.Ask(ctx, s, `SELECT e.*, c.sentence_en, c.sentence_zh, c.decimals, g.label_en, g.label_zh, g.is_default,
	u.symbol_en, u.symbol_zh, o.name_zh AS region_zh, i.title_en, i.title_zh, d.title AS document_title, d.url AS document_url
FROM claim_events AS e
JOIN claims AS c ON c.id = e.claim
JOIN claim_readings AS g ON g.claim = e.claim AND g.reading = e.reading
JOIN units AS u ON u.id = c.unit
LEFT JOIN regions AS o ON o.code = e.region_code
LEFT JOIN indicators AS i ON i.id = e.indicator
LEFT JOIN release.store.documents AS d ON d.document_id = e.new_document_id
WHERE g.admissible
ORDER BY e.known_at DESC, e.date DESC, c.position, g.position, e.position`)
	if err != nil {
		return nil, err
	}
	var out []Turn
	for _, r := range found {
		t := turn(r)
		i := slices.IndexFunc(out, func(o Turn) bool { return o.ID == t.ID })
		if i < 0 {
			i = len(out)
			out = append(out, t)
		}
		if out[i].KnownAt.Before(t.KnownAt) {
			out[i].KnownAt = t.KnownAt
		}
		if cause := r.Text("cause"); cause != "" {
			out[i].Causes = append(out[i].Causes, Cause{
				cause, r.Text("region_code"),
				Text{r.Text("region"), r.Text("region_zh")},
				r.Text("indicator"),
				Text{r.Text("title_en"), r.Text("title_zh")},
				r.Text("time_period"), r.Number("old_value"), r.Number("new_value"),
				Document{r.Whole("new_document_id"), r.Text("document_title"), r.Text("document_url")},
			})
		}
	}
	slices.SortStableFunc(out, func(a, b Turn) int { return cmp.Or(b.KnownAt.Compare(a.KnownAt), strings.Compare(b.Date, a.Date)) })
	return out, nil
}

func turn(r rows.Row) Turn {
	t := Turn{
		Claim: r.Text("claim"), Sentence: Text{r.Text("sentence_en"), r.Text("sentence_zh")},
		Reading: r.Text("reading"), Label: Text{r.Text("label_en"), r.Text("label_zh")}, Natural: r.Is("is_default"),
		From: r.Text("from_verdict"), To: r.Text("to_verdict"), FromValue: r.Number("from_value"), ToValue: r.Number("to_value"),
		Symbol: Text{r.Text("symbol_en"), r.Text("symbol_zh")}, Decimals: r.Whole("decimals"),
		Date: r.Text("date"), KnownAt: r.Time("known_at").UTC(), Causes: []Cause{},
	}
	t.ID = name(t.Claim, t.Reading, t.Date, t.From, t.To)
	return t
}
