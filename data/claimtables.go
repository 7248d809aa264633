package data

import (
	"encoding/json"
	"time"

	"citystats/transforms/period"
)

// claimsTable and readingsTable are what claims.yaml becomes in a release.
var claimsTable = TableSchema{Name: "claims", File: claimsFile, Title: "Printed sentences that give or compare a figure, and what each says of it", Key: []string{"id"}, Columns: []Column{
	{Name: "id", Type: Text, Comment: "Identifier of the claim"},
	{Name: "position", Type: Integer, Comment: "Place in the list, from 1"},
	{Name: "sentence_en", Type: Text, Comment: "What was claimed, in English"},
	{Name: "sentence_zh", Type: Text, Comment: "What was claimed, in Chinese"},
	{Name: "paraphrase", Type: Boolean, Comment: "True when the sentence is told in our words and not quoted"},
	{Name: "publisher", Type: Text, Comment: "Who printed it; key of publishers"},
	{Name: "title", Type: Text, Comment: "Title of the publication"},
	{Name: "published_at", Type: Date, Comment: "Day it was printed"},
	{Name: "url", Type: Text, Comment: "Address of the publication; empty when none is known"},
	{Name: "region_code", Type: Text, Comment: "Region it is about; key of regions"},
	{Name: "unit", Type: Text, Comment: "Unit of the figure and of the threshold; key of units"},
	{Name: "decimals", Type: Integer, Comment: "Digits after the point that are shown"},
	{Name: "operator", Type: Text, Comment: "What the claim says of the figure: over, at_least, under, at_most or about the threshold"},
	{Name: "threshold", Type: Number, Comment: "The number the figure is held against, in unit"},
	{Name: "tolerance", Type: Number, Comment: "What rounding of the words and of the figures amounts to, in unit"},
	{Name: "clear", Type: Number, Comment: "Margin from which the claim holds, in unit"},
	{Name: "slack", Type: Number, Comment: "How far below 0 the margin may be before the claim is reversed, in unit"},
	{Name: "looked_for_en", Type: Text, Comment: "What was looked for to support it, in English"},
	{Name: "looked_for_zh", Type: Text, Comment: "What was looked for to support it, in Chinese"},
	{Name: "note_en", Type: Text, Comment: "What a reader must know, in English"},
	{Name: "note_zh", Type: Text, Comment: "What a reader must know, in Chinese"},
}}

var readingsTable = TableSchema{Name: "claim_readings", File: claimsFile, Title: "The ways in which each claim may be read", Key: []string{"claim", "reading"}, Columns: []Column{
	{Name: "claim", Type: Text, Comment: "Key of claims"},
	{Name: "reading", Type: Text, Comment: "Identifier of the reading within the claim"},
	{Name: "position", Type: Integer, Comment: "Place in the claim, from 1"},
	{Name: "label_en", Type: Text, Comment: "The reading in a few words, in English"},
	{Name: "label_zh", Type: Text, Comment: "The reading in a few words, in Chinese"},
	{Name: "is_default", Type: Boolean, Comment: "True for the natural reading, whose verdict is the claim's"},
	{Name: "admissible", Type: Boolean, Comment: "False when the sentence cannot be read so; it is shown and never counted"},
	{Name: "inadmissible_en", Type: Text, Comment: "Why the sentence cannot be read so, in English"},
	{Name: "inadmissible_zh", Type: Text, Comment: "Why the sentence cannot be read so, in Chinese"},
	{Name: "query", Type: Text, Comment: "The query in claims.yaml that is asked"},
	{Name: "vintage", Type: Text, Comment: "latest, first (first dated release of each figure), or the day as of which figures are read"},
	{Name: "window_years", Type: Text, Comment: "Years of average growth, with the span that a published average bridges; empty elsewhere"},
	{Name: "mean", Type: Text, Comment: "geometric or arithmetic; empty where nothing is averaged"},
	{Name: "population_scope", Type: Text, Comment: "Whose figure: all, urban, rural, resident or registered; empty where it is no question"},
	{Name: "deflator", Type: Text, Comment: "What prices are taken out with; empty where it is no question"},
	{Name: "source", Type: Text, Comment: "The only origin whose figures of the region are used; empty for the preferred ones"},
	{Name: "parameters", Type: Text, Comment: "Further parameters of the query, as JSON"},
	{Name: "looked_for_en", Type: Text, Comment: "What was looked for under this reading, in English"},
	{Name: "looked_for_zh", Type: Text, Comment: "What was looked for under this reading, in Chinese"},
}}

// tables are the claims and their readings as definition tables.
func (c *Claims) tables() []Table {
	claims, readings := Table{Schema: claimsTable}, Table{Schema: readingsTable}
	publications := map[string]Publication{}
	for _, p := range c.Publications {
		publications[p.ID] = p
	}
	for i, e := range c.Entries {
		p := publications[e.Publication]
		at, _ := time.Parse(time.DateOnly, p.Published) // checked when read
		name, number := e.Threshold.Operator()
		from, slack := e.Threshold.Bands()
		claims.Rows = append(claims.Rows, []any{
			e.ID, int64(i + 1), e.Sentence.EN, e.Sentence.ZH, e.Paraphrase, p.Publisher, p.Title, period.DayOf(at.Date()), p.URL,
			e.Region, e.Unit, int64(e.Decimals), name, number, e.Threshold.Tolerance, from, slack,
			e.LookedFor.EN, e.LookedFor.ZH, e.Note.EN, e.Note.ZH,
		})
		for j, r := range e.Readings {
			readings.Rows = append(readings.Rows, []any{
				e.ID, r.ID, int64(j + 1), r.Label.EN, r.Label.ZH, r.Default, r.Admissible(), r.Inadmissible.EN, r.Inadmissible.ZH,
				c.QueryOf(e, r).ID, orLatest(r.Vintage), r.Window.String(), r.Mean, r.Population, r.Deflator, r.Source, c.further(e, r),
				r.LookedFor.EN, r.LookedFor.ZH,
			})
		}
	}
	return []Table{claims, readings}
}

func orLatest(vintage string) string {
	if vintage == "" {
		return "latest"
	}
	return vintage
}

// further are the parameters that have no column of their own, as JSON with its
// keys in order.
func (c *Claims) further(e Claim, r Reading) string {
	all := map[string]any{}
	for _, set := range []map[string]any{e.Set, r.Set} {
		for name, v := range set {
			all[name] = v
		}
	}
	text, err := json.Marshal(all)
	if err != nil || len(all) == 0 {
		return "" // what YAML holds as a scalar JSON can say
	}
	return string(text)
}
