package data_test

import (
	"slices"
	"strings"
	"testing"

	"citystats/data"
	"citystats/internal/fault"
)

// aClaim is a claims.yaml with one of everything.
const aClaim = `publications:
  - {id: paper, publisher: nbs, title: "报纸", published: "2023-08-05"}
queries:
  - id: figure
    title: A figure
    value: SELECT value FROM preferred_observations WHERE region_code = $region AND time_period = $year
    figures: SELECT document_id, record FROM preferred_observations WHERE indicator = $indicator
  - id: growth
    title: Growth
    value: SELECT 1 AS value FROM growth WHERE window_id = $window AND $mean = 'geometric'
    rows: SELECT 'units' AS defined_in, 'cny' AS row_id, 1 AS value, '' AS unit, '' AS confidence
claims:
  - id: a_claim
    sentence: {en: It grew., zh: 增长了。}
    publication: paper
    region: "340000"
    unit: cny
    threshold: {over: 8, tolerance: 0.5}
    query: figure
    set: {indicator: gdp}
    readings:
      - id: natural
        label: {en: so, zh: 这样}
        default: true
        set: {year: 2022}
      - id: old
        label: {en: then, zh: 当时}
        vintage: "2023-08-05"
        set: {year: "2021"}
      - id: grown
        label: {en: grown, zh: 增速}
        query: growth
        window: {first: 2013, last: 2022, bridge: 2016/2020}
        mean: geometric
      - id: nothing
        label: {en: nothing, zh: 无}
        unsourced: true
        looked_for: {en: everywhere, zh: 到处}
`

func TestClaim(t *testing.T) {
	c, err := data.Load(smallWith("claims.yaml", aClaim).MapFS)
	if err != nil {
		t.Fatal(err)
	}
	claim, ok := c.Claims.Find("a_claim")
	if !ok || len(claim.Readings) != 4 {
		t.Fatalf("the claim is %+v, %v", claim, ok)
	}
	q := c.Claims.QueryOf(claim, claim.Readings[0])
	got := data.Fill(q.Value+"\n"+q.Figures, c.Claims.Parameters(claim, claim.Readings[0]))
	if want := "region_code = '340000' AND time_period = '2022'"; !strings.Contains(got, want) || !strings.Contains(got, "indicator = 'gdp'") {
		t.Errorf("the query is %s, want in it %s", got, want)
	}
	q = c.Claims.QueryOf(claim, claim.Readings[2])
	got = data.Fill(q.Value, c.Claims.Parameters(claim, claim.Readings[2]))
	if want := "window_id = 'reading' AND 'geometric' = 'geometric'"; !strings.Contains(got, want) {
		t.Errorf("the query is %s, want in it %s", got, want)
	}
	if q := c.Claims.QueryOf(claim, claim.Readings[3]); q.ID != "" {
		t.Errorf("a reading without a source asks %s", q.ID)
	}
	readings, _ := c.Table("claim_readings")
	if cell(readings, readings.Rows[2], "window_years") != "2013-2022 (2016/2020)" || cell(readings, readings.Rows[0], "parameters") != `{"indicator":"gdp","year":2022}` {
		t.Errorf("claim_readings has %v", readings.Rows)
	}
	if without, err := data.Load(smallWith("documents/none.csv", "").MapFS); err != nil || len(without.Claims.Entries) > 0 {
		t.Errorf("a folder without claims: %v", err)
	}
	if place := c.Claims.QueryPlace("growth"); place != "data/claims.yaml:8:5" {
		t.Errorf("the query growth stands at %s", place)
	}
}

// A value cannot leave its quotes.
func TestParametersAreQuoted(t *testing.T) {
	claim := data.Claim{Region: "it's", Set: map[string]any{"year": "'; DROP"}}
	var none data.Claims
	if got, want := data.Fill("$region $year $other", none.Parameters(claim, data.Reading{})), "'it''s' '''; DROP' "; got != want {
		t.Errorf("filled in %q, want %q", got, want)
	}
}

func TestMistakesInClaims(t *testing.T) {
	for name, m := range map[string]struct{ old, now, where, says string }{
		"unknown key":               {"    unit: cny\n", "    unit: cny\n    units: cny\n", "18:5", `unknown field "units"`},
		"syntax":                    {"{over: 8,", "{over: 8", "18:", "compare it with the entries above it"},
		"no sentence in Chinese":    {", zh: 增长了。}", "}", "14:15", "sentence.zh is missing; write it"},
		"two operators":             {"over: 8,", "over: 8, about: 8,", "18:16", "the threshold has 2 operators"},
		"no operator":               {"over: 8, ", "", "18:16", "the threshold has 0 operators; write one of over, at_least, under, at_most, about"},
		"negative band":             {"tolerance: 0.5", "tolerance: -1", "18:16", "a band of the threshold is negative"},
		"a margin out of reach":     {"over: 8, tolerance: 0.5", "about: 8, tolerance: 0.5, clear: 1", "18:50", "no margin reaches clear"},
		"unknown region":            {`region: "340000"`, `region: "340100"`, "16:13", `region: "340100" is not in regions.csv; add it to regions.csv`},
		"unknown unit":              {"unit: cny", "unit: km", "17:11", `unit: "km" is not in units.csv`},
		"unknown publication":       {"publication: paper", "publication: book", "15:18", `publication "book" is not known; write one of paper`},
		"unknown publisher":         {"publisher: nbs", "publisher: nobody", "2:28", `publisher: "nobody" is not in publishers.csv`},
		"no day":                    {`published: "2023-08-05"`, `published: "2023"`, "2:57", `published "2023" is no day`},
		"unknown query":             {"    query: figure\n", "    query: figures\n", "19:12", `the query "figures" is not known; name one of the queries above`},
		"unknown query of reading":  {"query: growth", "query: grow", "32:16", `the query "grow" is not known`},
		"unset parameter":           {"set: {year: 2022}", "set: {}", "25:14", "the query figure asks for $year, which is not set"},
		"parameter nobody asks for": {"set: {year: 2022}", "set: {year: 2022, month: 1}", "25:34", "the query figure does not ask for month"},
		"parameter of the claim":    {"set: {indicator: gdp}", "set: {indicator: gdp, more: 1}", "20:33", "none of its queries asks for more"},
		"no single value":           {"set: {year: 2022}", "set: {year: [2021, 2022]}", "25:21", "year is no single value"},
		"option nobody asks for":    {"        set: {year: 2022}\n", "        set: {year: 2022}\n        mean: arithmetic\n", "26:15", "the query figure does not ask for mean"},
		"unknown mean":              {"mean: geometric", "mean: harmonic", "34:15", `mean "harmonic" is not known; write one of geometric, arithmetic`},
		"unknown population":        {"        default: true\n", "        default: true\n        population: cats\n", "25:21", `population "cats" is not known`},
		"unknown vintage":           {`vintage: "2023-08-05"`, "vintage: newest", "28:18", `vintage "newest" is no day`},
		"vintage of a row":          {"        mean: geometric\n", "        mean: geometric\n        vintage: first\n", "35:18", "rows of definition tables have neither vintages nor origins"},
		"unknown source":            {`vintage: "2023-08-05"`, "source: nobody", "28:17", `source: "nobody" is not in publishers.csv`},
		"window backwards":          {"first: 2013, last: 2022", "first: 2022, last: 2013", "33:17", "2022 to 2013 is no span of years"},
		"window without effect":     {"        set: {year: 2022}\n", "        set: {year: 2022}\n        window: {first: 2013, last: 2022}\n", "26:17", "does not ask for a window"},
		"no default":                {"default: true", "default: false", "22:7", "0 of its readings are the default; write default: true at the natural one"},
		"inadmissible default":      {"default: true", "default: true\n        inadmissible: {en: no, zh: 否}", "25:23", "the natural reading is not admissible"},
		"twice the same reading":    {"id: old", "id: natural", "26:13", "natural stands twice"},
		"no id":                     {"id: old", "id: Old One", "26:13", `the id "Old One" is no lower-case word`},
		"unsourced, nothing looked": {"        looked_for: {en: everywhere, zh: 到处}\n", "", "35:9", "looked_for.en is missing"},
		"unsourced, but asking":     {"unsourced: true", "unsourced: true\n        mean: geometric", "37:20", "a reading without a source asks nothing"},
		"unused query":              {"        query: growth\n        window: {first: 2013, last: 2022, bridge: 2016/2020}\n        mean: geometric\n", "        set: {year: 2020}\n", "8:9", "no reading asks the query growth"},
		"stands on nothing":         {"    rows: SELECT 'units' AS defined_in, 'cny' AS row_id, 1 AS value, '' AS unit, '' AS confidence\n", "", "8:5", "does not say what its value stands on"},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Count(aClaim, m.old) != 1 {
				t.Fatalf("%q stands %d times in the claim", m.old, strings.Count(aClaim, m.old))
			}
			_, err := data.Load(smallWith("claims.yaml", strings.Replace(aClaim, m.old, m.now, 1)).MapFS)
			if err == nil || fault.KindOf(err) != fault.Definition || !strings.Contains(err.Error(), "data/claims.yaml:"+m.where) || !strings.Contains(err.Error(), m.says) {
				t.Errorf("error %v, want one at data/claims.yaml:%s that says %q", err, m.where, m.says)
			}
		})
	}
}

// TestClaimsOfTheArticle holds the entries to what is checked by nothing else.
func TestClaimsOfTheArticle(t *testing.T) {
	c := load(t)
	for _, e := range c.Claims.Entries {
		name, n := e.Threshold.Operator()
		if name == "" || n == 0 && e.Unit != "percent" {
			t.Errorf("%s: held against %s %v", e.ID, name, n)
		}
		if !e.Paraphrase && len(strings.Fields(e.Sentence.EN)) > 12 {
			t.Errorf("%s: the quotation has %d words; quote what is claimed and no more, or tell it in our words and set paraphrase", e.ID, len(strings.Fields(e.Sentence.EN)))
		}
		if slices.ContainsFunc(e.Readings, func(r data.Reading) bool { return r.Unsourced && r.Default }) && e.LookedFor.EN == "" {
			t.Errorf("%s: nothing supports it, and it does not say what was looked for", e.ID)
		}
	}
}
