//go:build duckdb_arrow

package warehouse

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/claims"
	queries "citystats/sql"
)

// jury asks the claims' queries of a release and judges the answers. Looking back
// in time is the same question over fewer vintages, by [queries.Set.Instead]; so
// that it costs little, only the vintages of what claims are about are copied aside
// first, and looked back on there.
type jury struct {
	claims *data.Claims
	set    *queries.Set
	conn   queryer // its current database is the release
	asOf   string  // ISO day: nothing that became visible later is seen; empty for everything

	vintages map[place][]input // of what claims are about, by where they were read
	visible  map[cell][]string // the days on which vintages of each cell became visible
}

// claimVintages is the copy of the vintages of what claims are about.
const claimVintages = "temp.main.claim_vintages"

// cell is one figure as people name it, whoever made it.
type cell struct{ Region, Indicator, Period string }

// place is where a figure was read. A record may be a row with many periods.
type place struct{ Document, Record int }

// trial is one reading's verdict and what it stands on.
type trial struct {
	claim   data.Claim
	reading data.Reading
	query   data.ClaimQuery
	answer  finding
	claims.Judgement
	turns []turn
}

// finding is what a query said.
type finding struct {
	Value     *float64 `json:"value"`
	Low       *float64 `json:"low"`
	High      *float64 `json:"high"`
	Subject   *float64 `json:"subject_value"`
	Benchmark *float64 `json:"benchmark_value"`
	Missing   string   `json:"missing"`

	inputs []input
}

// input is a figure, or a row of a definition table, that an answer stands on.
type input struct {
	DefinedIn  string   `json:"defined_in"`
	RowID      string   `json:"row_id"`
	SeriesID   int64    `json:"series_id"`
	RegionCode string   `json:"region_code"`
	Region     string   `json:"region"`
	Indicator  string   `json:"indicator"`
	Frequency  string   `json:"frequency"`
	Period     string   `json:"time_period"`
	Value      *float64 `json:"value"`
	Unit       string   `json:"unit"`
	ObsStatus  string   `json:"obs_status"`
	Standing   int      `json:"standing"`
	Qualifier  string   `json:"qualifier"`
	Confidence string   `json:"confidence"`
	Origin     string   `json:"origin"`
	Visible    string   `json:"visible_from"`
	Published  string   `json:"published_at"`
	Known      string   `json:"known_at"`
	Document   int      `json:"document_id"`
	Record     int      `json:"record"`
}

// observed is the table that figures are read from.
const observed = "observation_vintages"

func (i input) cell() cell { return cell{i.RegionCode, i.Indicator, i.Period} }

func (i input) isFigure() bool { return i.DefinedIn == observed }

// weak says whether it decides nothing: a single weak copy, a forecast, a bound or a
// rough figure.
func (i input) weak() bool {
	return i.Confidence == "low" || (i.isFigure() && (i.Standing == 1 || i.Qualifier != "exact"))
}

func (f finding) figure() claims.Figure {
	return claims.Figure{Value: f.Value, Low: f.Low, High: f.High, Weak: slices.ContainsFunc(f.inputs, input.weak)}
}

// hear gives every reading of every claim its verdict.
func (j *jury) hear(ctx context.Context) ([]trial, error) {
	var trials []trial
	for _, c := range j.claims.Entries {
		for _, r := range c.Readings {
			t := trial{claim: c, reading: r, query: j.claims.QueryOf(c, r)}
			var err error
			if t.answer, err = j.ask(ctx, t, ""); err != nil {
				return nil, err
			}
			trials = append(trials, t)
		}
	}
	if len(trials) == 0 {
		return nil, nil
	}
	if err := j.copyVintages(ctx, trials); err != nil {
		return nil, err
	}
	for i := range trials {
		if err := j.judge(ctx, &trials[i]); err != nil {
			return nil, err
		}
	}
	_, err := query(ctx, j.conn, "DROP TABLE "+claimVintages)
	return trials, err
}

// judge gives a reading its verdict, once what claims are about is copied aside.
func (j *jury) judge(ctx context.Context, t *trial) error {
	if seen := j.seen(*t, ""); seen != "" {
		var err error
		if t.answer, err = j.ask(ctx, *t, seen); err != nil {
			return err
		}
	}
	if err := j.resolve(*t, &t.answer); err != nil {
		return err
	}
	t.Judgement = claims.Judge(t.claim.Threshold, t.answer.figure())
	return j.history(ctx, t)
}

// seen is the SELECT of the vintages that a reading sees at the end of a day;
// empty for the latest of all origins.
func (j *jury) seen(t trial, day string) string {
	var where []string
	r, vintage := t.reading, t.reading.Vintage
	if vintage == "first" || vintage == "latest" {
		vintage = ""
	}
	for _, d := range []string{day, j.asOf, vintage} {
		if d != "" {
			where = append(where, "visible_from <= DATE "+quote(d))
		}
	}
	if r.Source != "" {
		where = append(where, "origin = "+quote(r.Source)+" OR region_code <> "+quote(t.claim.Region))
	}
	switch {
	case r.Vintage == "first":
		where = append(where, "place = 1")
	case len(where) == 0:
		return ""
	}
	from := claimVintages
	if r.Vintage == "first" {
		from = firstOfEach
	}
	return "SELECT * FROM " + from + " WHERE (" + strings.Join(where, ") AND (") + ")"
}

// firstOfEach numbers the measured vintages that carry a date, as first_release().
const firstOfEach = `(
	SELECT v.*, row_number() OVER (PARTITION BY v.series_id, v.period_start ORDER BY v.vintage, t.number, v.document_id, v.record) AS place
	FROM ` + claimVintages + ` AS v JOIN main.observation_statuses AS t ON t.id = v.status
	WHERE v.standing = 3 AND v.published_at IS NOT NULL
)`

// question is the text of a reading's query, with its parameters filled in.
func (j *jury) question(t trial) string {
	parameters := j.claims.Parameters(t.claim, t.reading)
	fill := func(text string) string { return data.Fill(strings.TrimSpace(text), parameters) }
	text := "SELECT 'value' AS part, CAST(to_json(a) AS VARCHAR) AS told FROM (\n" + fill(t.query.Value) + "\n) AS a"
	if t.query.Figures != "" {
		text += "\nUNION ALL SELECT 'figure', CAST(to_json(f) AS VARCHAR) FROM (\n" + fill(t.query.Figures) + "\n) AS f"
	}
	if t.query.Rows != "" {
		text += "\nUNION ALL SELECT 'row', CAST(to_json(r) AS VARCHAR) FROM (\n" + fill(t.query.Rows) + "\n) AS r"
	}
	return text
}

// ask puts the reading's question to the release, with the vintages that seen
// selects instead of all when it is not empty.
func (j *jury) ask(ctx context.Context, t trial, seen string) (finding, error) {
	if t.query.ID == "" {
		return finding{}, nil
	}
	replace := map[string]string{}
	if seen != "" {
		replace["observation_vintages"] = seen
	}
	if w := t.reading.Window; w != nil {
		replace["growth_windows"] = fmt.Sprintf("SELECT %s AS id, CAST(%d AS BIGINT) AS first_year, CAST(%d AS BIGINT) AS last_year, nullif(%s, '') AS bridge, '' AS title_en, '' AS title_zh, '' AS note",
			quote(data.WindowID), w.First, w.Last, quote(w.Bridge))
	}
	rows, err := query(ctx, j.conn, j.set.Instead(replace, j.question(t)))
	if err != nil {
		return finding{}, j.mistake(t, err)
	}
	f, err := read(rows)
	if err != nil {
		return f, j.wrong(t, "yield what data/claims.go says a claim's query yields", err.Error())
	}
	return f, nil
}

// mistake tells an engine error to whoever edits the query.
func (j *jury) mistake(t trial, err error) error {
	var e *duckdb.Error
	if err = storage(err, ""); !errors.As(err, &e) || fault.KindOf(err) != fault.Internal {
		return err
	}
	line, _, _ := strings.Cut(e.Msg, "\n")
	return j.wrong(t, "correct the SQL, or the parameters that the reading sets", line)
}

func (j *jury) wrong(t trial, hint, what string) error {
	return fault.New(fault.Definition, j.claims.QueryPlace(t.query.ID), hint, "the query %s, asked by the reading %s of %s: %s", t.query.ID, t.reading.ID, t.claim.ID, what)
}

// read takes an answer apart.
func read(rows Rows) (finding, error) {
	var f finding
	values := 0
	for _, row := range rows.Rows {
		part, told := row[0].(string), row[1].(string)
		switch part {
		case "value":
			if values++; values > 1 {
				return f, errors.New("the value has more than one row")
			}
			if err := strictly(told, &f); err != nil {
				return f, fmt.Errorf("value: %w", err)
			}
		case "figure":
			var at struct {
				Document *int    `json:"document_id"`
				Record   *int    `json:"record"`
				Period   *string `json:"time_period"`
			}
			if err := strictly(told, &at); err != nil || at.Document == nil || at.Record == nil {
				return f, fmt.Errorf("figures: %s has no document_id or record, or more than those and time_period", told)
			}
			i := input{Document: *at.Document, Record: *at.Record}
			if at.Period != nil {
				i.Period = *at.Period
			}
			f.inputs = append(f.inputs, i)
		case "row":
			var i input
			if err := strictly(told, &i); err != nil || i.DefinedIn == "" || i.RowID == "" {
				return f, fmt.Errorf("rows: %s has no defined_in or row_id, or cannot be read", told)
			}
			f.inputs = append(f.inputs, i)
		}
	}
	return f, nil
}

// strictly reads what the engine wrote as JSON, and no other columns.
func strictly(text string, into any) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// copyVintages copies the vintages of every region's indicator that an answer
// stands on, and remembers them.
func (j *jury) copyVintages(ctx context.Context, trials []trial) error {
	where := "FALSE"
	if places := placesOf(trials); len(places) > 0 {
		where = "(region_code, indicator) IN (SELECT region_code, indicator FROM observation_vintages WHERE (document_id, record) IN (" + strings.Join(places, ", ") + "))"
	}
	if j.asOf != "" {
		where = "visible_from <= DATE " + quote(j.asOf) + " AND " + where
	}
	if _, err := query(ctx, j.conn, "CREATE OR REPLACE TEMPORARY TABLE claim_vintages AS SELECT * FROM observation_vintages WHERE "+where); err != nil {
		return err
	}
	rows, err := query(ctx, j.conn, "SELECT CAST(to_json(v) AS VARCHAR) FROM "+claimVintages+" AS v")
	if err != nil {
		return err
	}
	j.vintages, j.visible = map[place][]input{}, map[cell][]string{}
	for _, r := range rows.Rows {
		i := input{DefinedIn: observed}
		if err := json.Unmarshal([]byte(r[0].(string)), &i); err != nil {
			return fmt.Errorf("vintage: %w", err)
		}
		at := place{i.Document, i.Record}
		j.vintages[at] = append(j.vintages[at], i)
		j.visible[i.cell()] = append(j.visible[i.cell()], i.Visible)
	}
	return nil
}

// placesOf are the places that the answers name, each once.
func placesOf(trials []trial) []string {
	var out []string
	for _, t := range trials {
		for _, i := range t.answer.inputs {
			if i.DefinedIn == "" {
				out = append(out, fmt.Sprintf("(%d, %d)", i.Document, i.Record))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// resolve makes the figures an answer names what the store says of them, and puts
// all inputs in order.
func (j *jury) resolve(t trial, f *finding) error {
	for n, i := range f.inputs {
		if i.DefinedIn != "" {
			continue
		}
		found := slices.DeleteFunc(slices.Clone(j.vintages[place{i.Document, i.Record}]), func(v input) bool { return i.Period != "" && v.Period != i.Period })
		if len(found) != 1 {
			return j.wrong(t, "let figures yield time_period too, where a record holds several figures", fmt.Sprintf("figures: %d figures stand at document %d, record %d", len(found), i.Document, i.Record))
		}
		f.inputs[n] = found[0]
	}
	slices.SortFunc(f.inputs, func(x, y input) int {
		return cmp.Or(cmp.Compare(x.DefinedIn, y.DefinedIn), cmp.Compare(len(x.RowID), len(y.RowID)), cmp.Compare(x.RowID, y.RowID), cmp.Compare(x.RegionCode, y.RegionCode),
			cmp.Compare(x.Indicator, y.Indicator), cmp.Compare(x.Period, y.Period), cmp.Compare(x.Document, y.Document), cmp.Compare(x.Record, y.Record))
	})
	return nil
}
