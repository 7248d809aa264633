package data

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"citystats/internal/fault"
)

const claimsFile = "claims.yaml"

// Words are a text in both languages.
type Words struct {
	EN string `yaml:"en"`
	ZH string `yaml:"zh"`
}

// Claims is claims.yaml: what was printed, and how it is held against the data.
type Claims struct {
	Publications []Publication `yaml:"publications"`
	Queries      []ClaimQuery  `yaml:"queries"`
	Entries      []Claim       `yaml:"claims"`
	file         layout
}

// Publication is where claims were printed.
type Publication struct {
	ID        string `yaml:"id"`
	Publisher string `yaml:"publisher"` // key of publishers
	Title     string `yaml:"title"`
	Published string `yaml:"published"` // ISO day
	URL       string `yaml:"url"`
}

// ClaimQuery is a question whose answer claims are held against. Its texts are
// SELECTs with parameters written $name:
//
//	value    yields one row. value is the figure; low and high are between which
//	         bounds it is known to lie; subject_value and benchmark_value are what
//	         it was computed from; missing says what lacks when value is NULL.
//	         Without a row there is no figure
//	figures  yields document_id, record and time_period of every figure the value
//	         stands on; time_period may be NULL where a record holds one figure.
//	         Looking back in time sees the regions' indicators named here and no others
//	rows     yields defined_in, row_id, value, unit and confidence of every row of
//	         a definition table it stands on
type ClaimQuery struct {
	ID      string `yaml:"id"`
	Title   string `yaml:"title"`
	Value   string `yaml:"value"`
	Figures string `yaml:"figures"`
	Rows    string `yaml:"rows"`
}

// Threshold is what a claim says of its figure: one operator, a number, and how
// near the two may come. The margin is the distance to the number on the side the
// claim is on; of about, the tolerance less the distance. From Clear on a claim
// holds, below -Slack it is reversed.
type Threshold struct {
	Over      *float64 `yaml:"over"`
	AtLeast   *float64 `yaml:"at_least"`
	Under     *float64 `yaml:"under"`
	AtMost    *float64 `yaml:"at_most"`
	About     *float64 `yaml:"about"`
	Tolerance float64  `yaml:"tolerance"` // what rounding of the words and of the figures amounts to
	Clear     *float64 `yaml:"clear"`     // the tolerance, when not given; 0 for about
	Slack     *float64 `yaml:"slack"`     // the tolerance, when not given; 0 for about
}

// Operator is the threshold's operator and number.
func (t Threshold) Operator() (name string, number float64) {
	for _, o := range t.operators() {
		if o.number != nil {
			return o.name, *o.number
		}
	}
	return "", 0
}

type operator struct {
	name   string
	number *float64
}

func (t Threshold) operators() []operator {
	return []operator{{"over", t.Over}, {"at_least", t.AtLeast}, {"under", t.Under}, {"at_most", t.AtMost}, {"about", t.About}}
}

// Bands are the margin from which the claim holds, and how far below 0 the margin
// may be before the claim is reversed.
func (t Threshold) Bands() (from, slack float64) {
	if t.About == nil {
		from, slack = t.Tolerance, t.Tolerance
	}
	if t.Clear != nil {
		from = *t.Clear
	}
	if t.Slack != nil {
		slack = *t.Slack
	}
	return from, slack
}

// Claim is one printed sentence that gives or compares a figure.
type Claim struct {
	ID          string         `yaml:"id"`
	Sentence    Words          `yaml:"sentence"`
	Paraphrase  bool           `yaml:"paraphrase"` // the sentence is told in our words
	Publication string         `yaml:"publication"`
	Region      string         `yaml:"region"`
	Unit        string         `yaml:"unit"`
	Decimals    int            `yaml:"decimals"`
	Threshold   Threshold      `yaml:"threshold"`
	Query       string         `yaml:"query"`
	Set         map[string]any `yaml:"set"` // parameters of all readings
	LookedFor   Words          `yaml:"looked_for"`
	Note        Words          `yaml:"note"`
	Readings    []Reading      `yaml:"readings"`
}

// Window are the years that average growth is taken over, as in growth_windows.
type Window struct {
	First  int    `yaml:"first"`
	Last   int    `yaml:"last"`
	Bridge string `yaml:"bridge"`
}

// String is the window as people write it.
func (w *Window) String() string {
	switch {
	case w == nil:
		return ""
	case w.Bridge == "":
		return fmt.Sprintf("%d-%d", w.First, w.Last)
	default:
		return fmt.Sprintf("%d-%d (%s)", w.First, w.Last, w.Bridge)
	}
}

// Reading is one way to understand a claim.
type Reading struct {
	ID           string `yaml:"id"`
	Label        Words  `yaml:"label"`
	Default      bool   `yaml:"default"`      // the natural reading: its verdict is the claim's
	Inadmissible Words  `yaml:"inadmissible"` // why the sentence cannot be read so; it is shown and never counted

	Query      string         `yaml:"query"`      // another than the claim's
	Unsourced  bool           `yaml:"unsourced"`  // there is nothing to ask; looked_for says what was tried
	Vintage    string         `yaml:"vintage"`    // latest, first, or a day: what was known then
	Window     *Window        `yaml:"window"`     // $window, $first_year and $last_year
	Mean       string         `yaml:"mean"`       // $mean: geometric or arithmetic
	Population string         `yaml:"population"` // $population: all, urban, rural, resident or registered
	Deflator   string         `yaml:"deflator"`   // $deflator
	Source     string         `yaml:"source"`     // only this origin's figures of the region
	Set        map[string]any `yaml:"set"`        // further parameters

	LookedFor Words `yaml:"looked_for"` // what was looked for where there is no figure
}

// Admissible says whether the sentence can be read so.
func (r Reading) Admissible() bool { return r.Inadmissible.EN == "" }

// WindowID is what $window stands for: the one window a reading sees.
const WindowID = "reading"

// Parameters are what the reading's query may name, as SQL literals.
func (c *Claims) Parameters(claim Claim, r Reading) map[string]string {
	out := map[string]string{"region": literal(claim.Region), "publisher": "''"}
	for _, p := range c.Publications {
		if p.ID == claim.Publication {
			out["publisher"] = literal(p.Publisher)
		}
	}
	for _, set := range []map[string]any{claim.Set, r.Set} {
		for name, v := range set {
			out[name] = literal(v)
		}
	}
	for name, v := range map[string]string{"mean": r.Mean, "population": r.Population, "deflator": r.Deflator} {
		if v != "" {
			out[name] = literal(v)
		}
	}
	if w := r.Window; w != nil {
		out["window"], out["first_year"], out["last_year"] = literal(WindowID), strconv.Itoa(w.First), strconv.Itoa(w.Last)
	}
	return out
}

// literal is a text literal whatever the value: the engine gives it the type of
// what it is compared with.
func literal(v any) string { return "'" + strings.ReplaceAll(fmt.Sprint(v), "'", "''") + "'" }

var parameter = regexp.MustCompile(`\$[A-Za-z_][A-Za-z0-9_]*`)

// Fill writes the parameters into a text.
func Fill(text string, parameters map[string]string) string {
	return parameter.ReplaceAllStringFunc(text, func(name string) string { return parameters[name[1:]] })
}

// QueryOf is the query a reading asks; the empty one when there is nothing to ask.
func (c *Claims) QueryOf(claim Claim, r Reading) ClaimQuery {
	if r.Unsourced {
		return ClaimQuery{}
	}
	id := claim.Query
	if r.Query != "" {
		id = r.Query
	}
	i := slices.IndexFunc(c.Queries, func(q ClaimQuery) bool { return q.ID == id })
	if i < 0 {
		return ClaimQuery{}
	}
	return c.Queries[i]
}

// QueryPlace is where a query stands.
func (c *Claims) QueryPlace(id string) string {
	i := slices.IndexFunc(c.Queries, func(q ClaimQuery) bool { return q.ID == id })
	return c.file.at(fmt.Sprintf("$.queries[%d]", i))
}

// Find is the entry with the id.
func (c *Claims) Find(id string) (Claim, bool) {
	i := slices.IndexFunc(c.Entries, func(e Claim) bool { return e.ID == id })
	if i < 0 {
		return Claim{}, false
	}
	return c.Entries[i], true
}

// loadClaims reads claims.yaml. A data folder without one has no claims.
func loadClaims(fsys fs.FS, tables []Table) (Claims, error) {
	var c Claims
	text, err := fs.ReadFile(fsys, claimsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, fault.Wrap(fault.Definition, err, place(claimsFile), "restore the file", "the claims cannot be read")
	}
	if err := unmarshal(text, &c); err != nil {
		return c, yamlError(claimsFile, err)
	}
	c.file = layout{claimsFile, text}
	k := claimChecker{claims: &c, tables: tables}
	k.check()
	return c, errors.Join(k.problems...)
}
