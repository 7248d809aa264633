//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"citystats/pipeline/warehouse"
)

// claimsGrid is every claim in a row.
func claimsGrid(ctx context.Context, r *warehouse.Reader) (*grid, error) {
	rows, err := r.Query(ctx, `SELECT c.*, v.*, k.value, k.margin, u.symbol_en
FROM claims AS c JOIN claim_verdicts AS v ON v.claim = c.id
JOIN claim_checks AS k ON k.claim = c.id AND k.reading = v.reading
JOIN units AS u ON u.id = c.unit ORDER BY c.position`)
	if err != nil {
		return nil, err
	}
	g := &grid{columns: []column{
		{"claim", "Claim", false},
		{"sentence", "What was printed", false},
		{"sentence_zh", "", false},
		{"threshold", "Says", false},
		{"value", "Figure", true},
		{"unit", "", false},
		{"verdict", "Verdict", false},
		{"margin", "Margin", true},
		{"reading", "", false},
		{"readings", "Readings", false},
		{"holds", "", true},
		{"weakened", "", true},
		{"reversed", "", true},
		{"undefined", "", true},
		{"flips_at", "Turns at", false},
		{"flips_to", "", false},
		{"flip_admissible", "", false},
		{"changed_on", "Since", false},
	}}
	for _, raw := range rows.Rows {
		v := row{rows, raw}
		g.add(
			shown(v.get("claim")), shown(v.get("sentence_en")), shown(v.get("sentence_zh")), cell{v.get("threshold"), v.says()},
			cell{v.get("value"), v.amount("value", "", "symbol_en")}, shown(v.get("unit")), shown(v.get("verdict")), cell{v.get("margin"), v.margin()},
			shown(v.get("reading")), cell{v.tally(), v.tally()}, shown(v.get("holds")), shown(v.get("weakened")), shown(v.get("reversed")), shown(v.get("undefined")),
			cell{v.get("flips_at"), v.flip()}, shown(v.get("flips_to")), shown(v.get("flip_admissible")), shown(v.get("changed_on")),
		)
	}
	return g, nil
}

// says is the claim's threshold in words.
func (v row) says() string {
	out := strings.ReplaceAll(v.str("operator"), "_", " ") + " " + number(v.f("threshold"), -1) + " " + v.str("symbol_en")
	if v.f("clear") > v.f("tolerance") {
		out += ", clearly from " + signed(v.f("clear"), -1)
	}
	return out
}

// margin has one digit more than the figure, since it may be small.
func (v row) margin() string {
	x, ok := v.get("margin").(float64)
	if !ok {
		return "—"
	}
	return signed(x, v.decimals()+1)
}

// tally counts the verdicts of the admissible readings.
func (v row) tally() string {
	var out []string
	for _, verdict := range []string{"holds", "weakened", "reversed", "undefined"} {
		if n := v.str(verdict); n != "0" {
			out = append(out, n+" "+verdict)
		}
	}
	return strings.Join(out, ", ")
}

func (v row) flip() string {
	if v.get("flips_at") == nil {
		return "—"
	}
	out := v.str("flips_at") + " (" + v.str("flips_to")
	if admissible, _ := v.get("flip_admissible").(bool); !admissible {
		out += ", no reading of the sentence"
	}
	return out + ")"
}

// readingsGrid are verdicts by reading.
func readingsGrid(ctx context.Context, r *warehouse.Reader, c claimsAsked, where string) (*grid, error) {
	rows, err := r.Query(ctx, `SELECT k.*, g.* EXCLUDE (claim, reading), c.decimals, u.symbol_en, c.looked_for_en AS claim_looked_for
FROM claim_checks AS k JOIN claim_readings AS g USING (claim, reading) JOIN claims AS c ON c.id = k.claim JOIN units AS u ON u.id = k.unit
WHERE (? = '' OR k.claim = ?) AND (? = '' OR k.reading = ?) AND `+where+` ORDER BY c.position, g.position`, c.id, c.id, c.reading, c.reading)
	if err != nil {
		return nil, err
	}
	g := &grid{columns: []column{
		{"claim", headWhen(c.id == "", "Claim"), false},
		{"reading", "Reading", false},
		{"label", "Meaning", false},
		{"label_zh", "", false},
		{"natural", "", false},
		{"admissible", "", false},
		{"value", "Figure", true},
		{"value_low", "", true},
		{"value_high", "", true},
		{"subject_value", "", true},
		{"benchmark_value", "", true},
		{"unit", "", false},
		{"operator", "", false},
		{"threshold", "", true},
		{"margin", "Margin", true},
		{"verdict", "Verdict", false},
		{"why", "Why", false},
		{"missing", "", false},
		{"looked_for", "", false},
		{"inadmissible", "", false},
		{"confidence", "", false},
		{"provisional", "", false},
		{"question", "", false},
	}}
	for _, raw := range rows.Rows {
		v := row{rows, raw}
		natural, _ := v.get("is_default").(bool)
		name := v.str("reading")
		if natural {
			name += " *"
		}
		g.add(
			shown(v.get("claim")), cell{v.get("reading"), name}, shown(v.get("label_en")), shown(v.get("label_zh")), shown(v.get("is_default")), shown(v.get("admissible")),
			cell{v.get("value"), v.figure()}, shown(v.get("value_low")), shown(v.get("value_high")), shown(v.get("subject_value")), shown(v.get("benchmark_value")),
			shown(v.get("unit")), shown(v.get("operator")), shown(v.get("threshold")), cell{v.get("margin"), v.margin()}, shown(v.get("verdict")),
			cell{v.get("why"), v.reason()}, shown(v.get("missing")), shown(v.lookedFor()), shown(v.get("inadmissible_en")),
			shown(v.get("confidence")), shown(v.get("provisional")), shown(v.get("question")),
		)
	}
	return g, nil
}

func headWhen(is bool, head string) string {
	if !is {
		return ""
	}
	return head
}

// figure is the value with the bounds it is known to lie between.
func (v row) figure() string {
	out := v.amount("value", "", "symbol_en")
	low, high := v.f("value_low"), v.f("value_high")
	if v.get("value") == nil || low == high {
		return out
	}
	return out + " (" + number(low, v.decimals()) + " to " + number(high, v.decimals()) + ")"
}

func (v row) lookedFor() string {
	if own := v.str("looked_for_en"); own != "" {
		return own
	}
	return v.str("claim_looked_for")
}

// reason says what decided, and why the sentence cannot be read so.
func (v row) reason() string {
	out := v.str("why")
	switch {
	case v.str("verdict") == "undefined":
		if m := v.str("missing"); m != "" {
			out = m
		}
		if l := v.lookedFor(); l != "" {
			out += ". Looked for: " + l
		}
	case out == "weak evidence" && v.str("confidence") == "low":
		out += ": a single weak copy"
	}
	if no := v.str("inadmissible_en"); no != "" {
		out = no + " (" + out + ")"
	}
	return out
}

// claimChanges are the days on which verdicts changed.
func claimChanges(ctx context.Context, r *warehouse.Reader, c claimsAsked) (*grid, error) {
	rows, err := r.Query(ctx, `SELECT e.*, d.document_id, c.decimals, u.symbol_en, f.symbol_en AS figure_symbol, i.decimals AS figure_decimals, d.title, d.published_at, p.name_en AS publisher, d.url, g.is_default
FROM claim_events AS e JOIN claims AS c ON c.id = e.claim JOIN claim_readings AS g USING (claim, reading) JOIN units AS u ON u.id = c.unit
LEFT JOIN units AS f ON f.id = e.unit LEFT JOIN indicators AS i ON i.id = e.indicator
LEFT JOIN release.store.documents AS d ON d.document_id = e.new_document_id LEFT JOIN publishers AS p ON p.id = d.publisher
WHERE (? = '' OR e.claim = ?) AND (? = '' OR e.reading = ?) AND (? = '' OR greatest(e.date, CAST(e.known_at AS DATE)) >= CAST(nullif(?, '') AS DATE))
ORDER BY e.date DESC, c.position, g.position, e.position`, c.id, c.id, c.reading, c.reading, c.since, c.since)
	if err != nil {
		return nil, err
	}
	g := &grid{columns: []column{
		{"date", "Day", false},
		{"known_at", "", false},
		{"claim", headWhen(c.id == "", "Claim"), false},
		{"reading", "Reading", false},
		{"natural", "", false},
		{"from", "", false},
		{"to", "", false},
		{"change", "Verdict", false},
		{"from_value", "", true},
		{"to_value", "Figure", true},
		{"cause", "", false},
		{"because", "Because of", false},
		{"region_code", "", false},
		{"indicator", "", false},
		{"time_period", "", false},
		{"series_id", "", false},
		{"old_value", "", true},
		{"new_value", "", true},
		{"unit", "", false},
		{"document", "Document", false},
		{"document_id", "", false},
		{"record", "", false},
		{"url", "", false},
	}}
	for _, raw := range rows.Rows {
		v := row{rows, raw}
		change := v.str("from_verdict") + " → " + v.str("to_verdict")
		g.add(
			shown(v.get("date")), shown(v.get("known_at")), shown(v.get("claim")), shown(v.get("reading")), shown(v.get("is_default")),
			shown(v.get("from_verdict")), shown(v.get("to_verdict")), cell{change, change}, shown(v.get("from_value")), cell{v.get("to_value"), v.amount("to_value", "", "symbol_en")},
			shown(v.get("cause")), cell{v.causeInWords(), v.causeInWords()}, shown(v.get("region_code")), shown(v.get("indicator")), shown(v.get("time_period")), shown(v.get("series_id")),
			shown(v.get("old_value")), shown(v.get("new_value")), shown(v.get("unit")), cell{v.get("title"), v.document()}, shown(v.get("new_document_id")), shown(v.get("new_record")), shown(v.get("url")),
		)
	}
	return g, nil
}

// causeInWords is the figure that changed a verdict, with what it replaced.
func (v row) causeInWords() string {
	if v.get("indicator") == nil {
		return v.str("cause")
	}
	digits, _ := v.get("figure_decimals").(int64)
	figure := func(name string) string {
		if x, ok := v.get(name).(float64); ok {
			return number(x, int(digits)) + " " + v.str("figure_symbol")
		}
		return "none"
	}
	out := fmt.Sprintf("%s %s %s: ", v.str("region"), v.str("indicator"), v.str("time_period"))
	if v.str("cause") == "first figure" {
		return out + figure("new_value")
	}
	return out + figure("old_value") + " → " + figure("new_value") + " (" + v.str("cause") + ")"
}

// document names a document as a footnote does, and a row of a definition table by
// where it was found.
func (v row) document() string {
	parts := slices.DeleteFunc([]string{v.str("title"), v.str("publisher"), v.str("published_at")}, func(s string) bool { return s == "" })
	switch {
	case len(parts) == 0:
		return "—"
	case v.get("document_id") != nil && v.get("published_at") == nil:
		parts = append(parts, "undated")
	}
	return strings.Join(parts, ", ")
}

// inputsGrid is what the verdict of the natural reading, or of the one asked for,
// stands on.
func inputsGrid(ctx context.Context, r *warehouse.Reader, c claimsAsked) (*grid, error) {
	rows, err := r.Query(ctx, `SELECT i.*, u.symbol_en, n.decimals, coalesce(d.title, e.title, h.title) AS title, coalesce(d.url, e.url, h.url, w.url) AS url, p.name_en AS publisher, d.sha256, e.investee, h.name_en AS chain
FROM claim_inputs AS i JOIN claim_readings AS g USING (claim, reading)
LEFT JOIN units AS u ON u.id = i.unit LEFT JOIN indicators AS n ON n.id = i.indicator
LEFT JOIN release.store.documents AS d ON d.document_id = i.document_id
LEFT JOIN events AS e ON i.defined_in = 'events' AND e.id = i.row_id
LEFT JOIN industry_chains AS h ON i.defined_in = 'industry_chains' AND CAST(h.number AS VARCHAR) = i.row_id
LEFT JOIN region_points AS w ON i.defined_in = 'region_points' AND w.region = i.row_id
LEFT JOIN publishers AS p ON p.id = coalesce(d.publisher, e.publisher, h.publisher, w.publisher)
WHERE i.claim = ? AND (i.reading = ? OR (? = '' AND g.is_default)) ORDER BY i.position`, c.id, c.reading, c.reading)
	if err != nil {
		return nil, err
	}
	g := &grid{columns: []column{
		{"reading", "", false},
		{"input", "Figure", false},
		{"defined_in", "", false},
		{"row_id", "", false},
		{"region_code", "", false},
		{"indicator", "", false},
		{"time_period", "", false},
		{"series_id", "", false},
		{"value", "", true},
		{"unit", "", false},
		{"obs_status", "", false},
		{"confidence", "Confidence", false},
		{"document", "Document", false},
		{"published_at", "", false},
		{"document_id", "", false},
		{"record", "", false},
		{"url", "", false},
		{"sha256", "", false},
	}}
	for _, raw := range rows.Rows {
		v := row{rows, raw}
		g.add(
			shown(v.get("reading")), cell{v.input(), v.input()}, shown(v.get("defined_in")), shown(v.get("row_id")), shown(v.get("region_code")), shown(v.get("indicator")),
			shown(v.get("time_period")), shown(v.get("series_id")), shown(v.get("value")), shown(v.get("unit")), shown(v.get("obs_status")), shown(v.get("confidence")),
			cell{v.get("title"), v.document()}, shown(v.get("published_at")), shown(v.get("document_id")), shown(v.get("record")), shown(v.get("url")), shown(v.get("sha256")),
		)
	}
	return g, nil
}

// input names a figure or a row, with its value.
func (v row) input() string {
	if v.str("defined_in") == "observation_vintages" {
		return fmt.Sprintf("%s %s %s: %s", v.str("region"), v.str("indicator"), v.str("time_period"), v.amount("value", "qualifier", "symbol_en"))
	}
	out := v.str("defined_in") + " " + v.str("row_id")
	for _, name := range []string{"investee", "chain"} {
		out += prefixed(", ", v.str(name))
	}
	if x, ok := v.get("value").(float64); ok {
		out += ": " + number(x, -1) + " " + v.str("symbol_en")
	}
	return out
}

// printChanges tells which verdicts a run turned.
func (a *app) printChanges(changes []warehouse.ClaimChange) error {
	for _, c := range changes {
		if _, err := fmt.Fprintln(a.out, "Claim "+changeInWords(c)); err != nil {
			return err
		}
	}
	return nil
}

// changeInWords tells a change of verdict in a run's report.
func changeInWords(c warehouse.ClaimChange) string {
	figure := func(v *float64) string {
		if v == nil {
			return "no figure"
		}
		return number(*v, 2) + " " + c.Unit
	}
	reading := "reading " + c.Reading
	if c.Natural {
		reading = "its natural reading, " + c.Reading
	}
	out := fmt.Sprintf("%s, %s: %s became %s (%s became %s)", c.Claim, reading, c.From, c.To, figure(c.FromValue), figure(c.ToValue))
	if len(c.Causes) == 0 {
		return out + ", because its definition changed"
	}
	return out + ", because of " + strings.Join(c.Causes, "; ")
}

// changedClaims are changes of verdict as machines read them.
func changedClaims(changes []warehouse.ClaimChange) []object {
	out := []object{}
	for _, c := range changes {
		out = append(out, object{
			{"claim", c.Claim},
			{"reading", c.Reading},
			{"natural", c.Natural},
			{"from", c.From},
			{"to", c.To},
			{"from_value", c.FromValue},
			{"to_value", c.ToValue},
			{"unit", c.Unit},
			{"causes", orEmpty(c.Causes)},
		})
	}
	return out
}
