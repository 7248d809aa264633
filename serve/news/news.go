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

	"citystats/pipeline/revisions"
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
	VintageNumber int       `json:"vintage_number"`  // 2 for the first revision of a figure
	Type          string    `json:"type"`            // update, correction, methodology or census
	Event         string    `json:"event,omitempty"` // the declared one that it belongs to
	EventTitle    Text      `json:"event_title"`
	OldStatus     string    `json:"old_status"`
	NewStatus     string    `json:"new_status"`
	Origin        string    `json:"origin"`
	OriginName    Text      `json:"origin_name"`
	Document      Document  `json:"document"`
	Record        int       `json:"record"` // in the document
	OldDocument   Document  `json:"old_document"`
	OldRecord     int       `json:"old_record"`
	PublishedAt   string    `json:"published_at,omitempty"`
	KnownAt       time.Time `json:"known_at"`
	Rank          int       `json:"rank,omitempty"`  // of its figure, by what its revisions move
	Moves         *Moves    `json:"moves,omitempty"` // with the last revision of a figure: what all of them moved
}

// Moves is what rests on a revised figure and is another number, or none, without
// its revisions.
type Moves struct {
	Comparisons  int      `json:"comparisons"`
	SignsChanged int      `json:"signs_changed"` // comparisons in which above became below, or the other way
	Appeared     int      `json:"comparisons_appeared"`
	Averages     int      `json:"growth_averages"`
	Claims       []string `json:"claims"`
	Most         []Gap    `json:"most"` // the comparisons that moved most
}

// Gap is a gap that a revision moved.
type Gap struct {
	RegionCode string  `json:"region_code"`
	Benchmark  string  `json:"benchmark"`
	Period     string  `json:"time_period"`
	Before     float64 `json:"gap_before"`
	Now        float64 `json:"gap_now"`
	Unit       string  `json:"gap_unit"` // percent of the benchmark, or percentage points
}

// most is how many of the comparisons that a figure moves are named.
const most = 3

// Moved adds to revisions what they move: figures are those of the same release.
func Moved(all []Revision, figures []revisions.Figure) {
	type place struct {
		region, indicator, period, origin string
		vintage                           int
	}
	at := map[place]int{}
	for i, v := range all {
		at[place{v.RegionCode, v.Indicator, v.Period, v.Origin, v.VintageNumber}] = i
	}
	for rank, f := range figures {
		for n, s := range f.Steps {
			i, ok := at[place{f.RegionCode, f.Indicator, f.Period, f.Origin, int(s.VintageNumber)}]
			if !ok {
				continue
			}
			all[i].Rank = rank + 1
			if n == len(f.Steps)-1 {
				all[i].Moves = moves(f)
			}
		}
	}
}

func moves(f revisions.Figure) *Moves {
	m := &Moves{Comparisons: len(f.Comparisons), SignsChanged: f.SignsChanged(), Appeared: f.Appeared, Averages: len(f.Windows), Claims: append([]string{}, f.Claims...), Most: []Gap{}}
	for _, c := range f.Comparisons[:min(len(f.Comparisons), most)] {
		unit := "percentage points"
		if c.Percent {
			unit = "percent"
		}
		m.Most = append(m.Most, Gap{c.RegionCode, c.BenchmarkID, c.Period, c.Then, c.Now, unit})
	}
	return m
}

// Revisions are those of a release, the last known first.
func Revisions(ctx context.Context, s rows.Store) ([]Revision, error) {
	found, err := rows.Ask(ctx, s, `SELECT r.*, g.name_zh AS region_zh, i.title_en, i.title_zh, i.decimals, u.symbol_en, u.symbol_zh,
	p.name_en AS origin_en, p.name_zh AS origin_zh, d.title AS document_title, d.url AS document_url, b.title AS old_title, b.url AS old_url,
	e.title_en AS event_en, e.title_zh AS event_zh
FROM revisions AS r
JOIN regions AS g ON g.code = r.region_code
JOIN indicators AS i ON i.id = r.indicator
JOIN units AS u ON u.id = r.unit
LEFT JOIN publishers AS p ON p.id = r.origin
LEFT JOIN release.store.documents AS d ON d.document_id = r.new_document_id
LEFT JOIN release.store.documents AS b ON b.document_id = r.old_document_id
LEFT JOIN revision_events AS e ON e.id = r.event_id AND e.indicator = r.indicator
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
		VintageNumber: r.Whole("vintage_number"), Type: r.Text("type"), Event: r.Text("event_id"), EventTitle: Text{r.Text("event_en"), r.Text("event_zh")},
		OldStatus: r.Text("old_status"), NewStatus: r.Text("new_status"),
		Origin: r.Text("origin"), OriginName: Text{r.Text("origin_en"), r.Text("origin_zh")},
		Document: Document{r.Whole("new_document_id"), r.Text("document_title"), r.Text("document_url")}, Record: r.Whole("new_record"),
		OldDocument: Document{r.Whole("old_document_id"), r.Text("old_title"), r.Text("old_url")}, OldRecord: r.Whole("old_record"),
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
	Kind       string   `json:"kind"` // first figure, revision, other series, gone, or other figures
	RegionCode string   `json:"region_code"`
	Region     Text     `json:"region"`
	Indicator  string   `json:"indicator"`
	Title      Text     `json:"indicator_title"`
	Period     string   `json:"time_period"`
	Old        *float64 `json:"old_value"`
	New        *float64 `json:"new_value"`
	Symbol     Text     `json:"unit_symbol"`
	Document   Document `json:"document"`
	Record     int      `json:"record"` // in the document
}

// Turns are the changes of verdict that a release knows of, the last known first.
func Turns(ctx context.Context, s rows.Store) ([]Turn, error) {
	found, err := rows.Ask(ctx, s, `SELECT e.*, c.sentence_en, c.sentence_zh, c.decimals, g.label_en, g.label_zh, g.is_default,
	u.symbol_en, u.symbol_zh, m.symbol_en AS cause_en, m.symbol_zh AS cause_zh, o.name_zh AS region_zh, i.title_en, i.title_zh, d.title AS document_title, d.url AS document_url
FROM claim_events AS e
JOIN claims AS c ON c.id = e.claim
JOIN claim_readings AS g ON g.claim = e.claim AND g.reading = e.reading
JOIN units AS u ON u.id = c.unit
LEFT JOIN units AS m ON m.id = e.unit
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
				Text{r.Text("cause_en"), r.Text("cause_zh")},
				Document{r.Whole("new_document_id"), r.Text("document_title"), r.Text("document_url")},
				r.Whole("new_record"),
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
