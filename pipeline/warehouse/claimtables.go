//go:build duckdb_arrow

package warehouse

import (
	"context"
	"database/sql/driver"
	"time"

	"citystats/data"
	"citystats/pipeline/claims"
	queries "citystats/sql"
)

const claimsDDL = `
CREATE TABLE claim_verdicts (claim VARCHAR, verdict VARCHAR, reading VARCHAR, holds BIGINT, weakened BIGINT, reversed BIGINT, undefined BIGINT,
	flips_at VARCHAR, flips_to VARCHAR, flip_admissible BOOLEAN, changed_on DATE);
COMMENT ON TABLE claim_verdicts IS 'Each claim in one row: the verdict of its natural reading, and how the others read';
COMMENT ON COLUMN claim_verdicts.claim IS 'Key of claims';
COMMENT ON COLUMN claim_verdicts.verdict IS 'holds, weakened, reversed or undefined, under the natural reading';
COMMENT ON COLUMN claim_verdicts.reading IS 'The natural reading; key of claim_readings';
COMMENT ON COLUMN claim_verdicts.holds IS 'Admissible readings under which it holds';
COMMENT ON COLUMN claim_verdicts.weakened IS 'Admissible readings under which rounding or weak evidence leaves it open';
COMMENT ON COLUMN claim_verdicts.reversed IS 'Admissible readings under which the figures contradict it';
COMMENT ON COLUMN claim_verdicts.undefined IS 'Admissible readings for which there is no figure';
COMMENT ON COLUMN claim_verdicts.flips_at IS 'The reading nearest to the natural one whose verdict is another; NULL when none is';
COMMENT ON COLUMN claim_verdicts.flips_to IS 'The verdict there';
COMMENT ON COLUMN claim_verdicts.flip_admissible IS 'False when only a reading that the sentence does not allow turns the verdict';
COMMENT ON COLUMN claim_verdicts.changed_on IS 'Day on which figures became visible that last changed the verdict of the natural reading; NULL when it stands on no figures';

CREATE TABLE claim_checks (claim VARCHAR, reading VARCHAR, verdict VARCHAR, why VARCHAR, value DOUBLE, value_low DOUBLE, value_high DOUBLE, subject_value DOUBLE, benchmark_value DOUBLE,
	operator VARCHAR, threshold DOUBLE, margin DOUBLE, unit VARCHAR, provisional BOOLEAN, confidence VARCHAR, missing VARCHAR, question VARCHAR);
COMMENT ON TABLE claim_checks IS 'The verdict of every claim under every reading, with its figures';
COMMENT ON COLUMN claim_checks.claim IS 'Key of claims';
COMMENT ON COLUMN claim_checks.reading IS 'Key of claim_readings, with claim';
COMMENT ON COLUMN claim_checks.verdict IS 'holds, weakened, reversed or undefined';
COMMENT ON COLUMN claim_checks.why IS 'What decided: a clear margin, the tolerance, bounds that do not agree, weak evidence, or no figure';
COMMENT ON COLUMN claim_checks.value IS 'The figure held against the threshold, in unit; NULL when there is none';
COMMENT ON COLUMN claim_checks.value_low IS 'The least it can be, where rounding or a bound leaves it open';
COMMENT ON COLUMN claim_checks.value_high IS 'The greatest it can be';
COMMENT ON COLUMN claim_checks.subject_value IS 'What value was computed from, of the region; in the unit of the figures in claim_inputs';
COMMENT ON COLUMN claim_checks.benchmark_value IS 'What value was computed from, of the other side';
COMMENT ON COLUMN claim_checks.operator IS 'over, at_least, under, at_most or about the threshold';
COMMENT ON COLUMN claim_checks.threshold IS 'The claim''s number, in unit';
COMMENT ON COLUMN claim_checks.margin IS 'How far value is on the claim''s side of the threshold, in unit; of about, the tolerance less the distance';
COMMENT ON COLUMN claim_checks.unit IS 'Unit; key of units';
COMMENT ON COLUMN claim_checks.provisional IS 'True when any figure it stands on is provisional; NULL when it stands on none';
COMMENT ON COLUMN claim_checks.confidence IS 'Confidence of the weakest thing it stands on: high, medium or low';
COMMENT ON COLUMN claim_checks.missing IS 'What lacks, where there is no value; what was looked for is in claim_readings and claims';
COMMENT ON COLUMN claim_checks.question IS 'The SELECT with its parameters; rows of part value, figure and row';

CREATE TABLE claim_inputs (claim VARCHAR, reading VARCHAR, position INTEGER, defined_in VARCHAR, row_id VARCHAR, series_id BIGINT, region_code VARCHAR, region VARCHAR,
	indicator VARCHAR, frequency VARCHAR, time_period VARCHAR, value DOUBLE, unit VARCHAR, obs_status VARCHAR, qualifier VARCHAR, confidence VARCHAR, origin VARCHAR,
	published_at DATE, document_id INTEGER, record INTEGER);
COMMENT ON TABLE claim_inputs IS 'The figures and rows that each verdict stands on';
COMMENT ON COLUMN claim_inputs.claim IS 'Key of claims';
COMMENT ON COLUMN claim_inputs.reading IS 'Key of claim_readings, with claim';
COMMENT ON COLUMN claim_inputs.position IS 'Place among the inputs, from 1';
COMMENT ON COLUMN claim_inputs.defined_in IS 'observation_vintages, or the definition table the row is in';
COMMENT ON COLUMN claim_inputs.row_id IS 'Key of the row in the definition table; NULL for a figure';
COMMENT ON COLUMN claim_inputs.series_id IS 'Number of the series; key of series; NULL for a row of a definition table';
COMMENT ON COLUMN claim_inputs.region_code IS 'Key of regions';
COMMENT ON COLUMN claim_inputs.region IS 'English name of the region';
COMMENT ON COLUMN claim_inputs.indicator IS 'Key of indicators';
COMMENT ON COLUMN claim_inputs.frequency IS 'SDMX FREQ';
COMMENT ON COLUMN claim_inputs.time_period IS 'The period';
COMMENT ON COLUMN claim_inputs.value IS 'The figure or the amount, in unit';
COMMENT ON COLUMN claim_inputs.unit IS 'Unit; key of units';
COMMENT ON COLUMN claim_inputs.obs_status IS 'SDMX OBS_STATUS';
COMMENT ON COLUMN claim_inputs.qualifier IS 'exact, about, over or under';
COMMENT ON COLUMN claim_inputs.confidence IS 'high, medium or low';
COMMENT ON COLUMN claim_inputs.origin IS 'Who made the figure; key of publishers';
COMMENT ON COLUMN claim_inputs.published_at IS 'When it was published, at the latest; NULL when not known';
COMMENT ON COLUMN claim_inputs.document_id IS 'Document it was read from; key of store.documents';
COMMENT ON COLUMN claim_inputs.record IS 'Ordinal of the record in the document';

CREATE TABLE claim_events (claim VARCHAR, reading VARCHAR, date DATE, known_at TIMESTAMP, from_verdict VARCHAR, to_verdict VARCHAR, from_value DOUBLE, to_value DOUBLE,
	position INTEGER, cause VARCHAR, series_id BIGINT, region_code VARCHAR, region VARCHAR, indicator VARCHAR, time_period VARCHAR, origin VARCHAR, unit VARCHAR,
	old_value DOUBLE, new_value DOUBLE, old_document_id INTEGER, new_document_id INTEGER, new_record INTEGER);
COMMENT ON TABLE claim_events IS 'Days on which the verdict of an admissible reading changed, one row for each figure that changed it';
COMMENT ON COLUMN claim_events.claim IS 'Key of claims';
COMMENT ON COLUMN claim_events.reading IS 'Key of claim_readings, with claim';
COMMENT ON COLUMN claim_events.date IS 'Day on which the figures became visible, as as_of sees them';
COMMENT ON COLUMN claim_events.known_at IS 'When this installation had all of them, UTC';
COMMENT ON COLUMN claim_events.from_verdict IS 'Verdict up to the day before';
COMMENT ON COLUMN claim_events.to_verdict IS 'Verdict from that day on';
COMMENT ON COLUMN claim_events.from_value IS 'Figure held against the claim up to the day before, in the claim''s unit';
COMMENT ON COLUMN claim_events.to_value IS 'Figure held against the claim from that day on, in the claim''s unit';
COMMENT ON COLUMN claim_events.position IS 'Place among the causes of one change, from 1';
COMMENT ON COLUMN claim_events.cause IS 'first figure, revision (same series), other series, gone, or other figures: none that the query says it stands on';
COMMENT ON COLUMN claim_events.series_id IS 'Series of the figure; key of series';
COMMENT ON COLUMN claim_events.region_code IS 'Key of regions';
COMMENT ON COLUMN claim_events.region IS 'English name of the region';
COMMENT ON COLUMN claim_events.indicator IS 'Key of indicators';
COMMENT ON COLUMN claim_events.time_period IS 'Period of the figure';
COMMENT ON COLUMN claim_events.origin IS 'Who made the figure; key of publishers';
COMMENT ON COLUMN claim_events.unit IS 'Unit of old_value and new_value; key of units';
COMMENT ON COLUMN claim_events.old_value IS 'The figure before; NULL when there was none';
COMMENT ON COLUMN claim_events.new_value IS 'The figure after; NULL when it is gone';
COMMENT ON COLUMN claim_events.old_document_id IS 'Document of the figure before';
COMMENT ON COLUMN claim_events.new_document_id IS 'Document of the figure after; key of store.documents';
COMMENT ON COLUMN claim_events.new_record IS 'Ordinal of the record in that document';
`

// claims asks every claim and keeps the answers in the file.
func (b *Build) claims(ctx context.Context, catalog *data.Catalog, set *queries.Set) error {
	j := jury{claims: &catalog.Claims, set: set, conn: b.conn}
	var trials []trial
	err := b.within(ctx, func() (err error) {
		trials, err = j.hear(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if err := b.inRelease(ctx, claimsDDL); err != nil {
		return err
	}
	return j.write(trials, func(table string, rows [][]driver.Value) error { return b.appendRows(ctx, "main", table, rows) })
}

// Claims makes later queries of this reader see the claims as they would have been
// judged on a day, with the definitions of today.
func (r *Reader) Claims(ctx context.Context, catalog *data.Catalog, set *queries.Set, day string) error {
	j := jury{claims: &catalog.Claims, set: set, conn: r.conn, asOf: day}
	trials, err := j.hear(ctx)
	if err != nil {
		return storage(err, r.path)
	}
	if err := r.exec(ctx, "USE memory;"+claimsDDL+"SET search_path = 'memory,release'"); err != nil {
		return err
	}
	return j.write(trials, func(table string, rows [][]driver.Value) error {
		return appendTo(ctx, r.conn, "memory", "main", table, rows)
	})
}

// write gives the rows of every table of claimsDDL to put.
func (j *jury) write(trials []trial, put func(table string, rows [][]driver.Value) error) error {
	var verdicts, checks, inputs, events [][]driver.Value
	for _, c := range j.claims.Entries {
		verdicts = append(verdicts, verdictRow(c, trials))
	}
	for _, t := range trials {
		checks = append(checks, j.checkRow(t))
		for n, i := range t.answer.inputs {
			inputs = append(inputs, append([]driver.Value{t.claim.ID, t.reading.ID, int32(n + 1)}, i.columns()...))
		}
		for _, turn := range t.turns {
			events = append(events, turn.rows(t)...)
		}
	}
	for _, table := range []struct {
		name string
		rows [][]driver.Value
	}{{"claim_verdicts", verdicts}, {"claim_checks", checks}, {"claim_inputs", inputs}, {"claim_events", events}} {
		if err := put(table.name, table.rows); err != nil {
			return err
		}
	}
	return nil
}

func verdictRow(c data.Claim, trials []trial) []driver.Value {
	count := map[claims.Verdict]int64{}
	var natural trial
	var all []claims.Read
	for _, t := range trials {
		if t.claim.ID != c.ID {
			continue
		}
		all = append(all, claims.Read{Reading: t.reading, Judgement: t.Judgement})
		if t.reading.Admissible() {
			count[t.Verdict]++
		}
		if t.reading.Default {
			natural = t
		}
	}
	flip := []driver.Value{nil, nil, nil}
	if r, ok := claims.Flip(claims.Read{Reading: natural.reading, Judgement: natural.Judgement}, all); ok {
		flip = []driver.Value{r.Reading.ID, string(r.Verdict), r.Reading.Admissible()}
	}
	var changed driver.Value
	if n := len(natural.turns); n > 0 {
		changed = day(natural.turns[n-1].day)
	}
	row := []driver.Value{
		c.ID, string(natural.Verdict), natural.reading.ID,
		count[claims.Holds], count[claims.Weakened], count[claims.Reversed], count[claims.Undefined],
	}
	return append(append(row, flip...), changed)
}

func (j *jury) checkRow(t trial) []driver.Value {
	var provisional, confidence, missing, question driver.Value
	weakest := 0
	for _, i := range t.answer.inputs {
		if i.isFigure() {
			was, _ := provisional.(bool)
			provisional = was || i.ObsStatus == "P"
		}
		if n := rankOf[i.Confidence]; n > weakest {
			weakest, confidence = n, i.Confidence
		}
	}
	if t.answer.Missing != "" && t.answer.Value == nil {
		missing = t.answer.Missing
	}
	if t.query.ID != "" {
		question = j.question(t)
	}
	operator, number := t.claim.Threshold.Operator()
	return []driver.Value{
		t.claim.ID, t.reading.ID, string(t.Verdict), string(t.Why), maybe(t.answer.Value), maybe(t.answer.Low), maybe(t.answer.High),
		maybe(t.answer.Subject), maybe(t.answer.Benchmark), operator, number, maybe(t.Margin), t.claim.Unit, provisional, confidence, missing, question,
	}
}

// rankOf orders confidences, the weakest last.
var rankOf = map[string]int{"high": 1, "medium": 2, "low": 3}

// columns are those of claim_inputs behind position.
func (i input) columns() []driver.Value {
	if !i.isFigure() {
		return []driver.Value{i.DefinedIn, i.RowID, nil, nil, nil, nil, nil, nil, maybe(i.Value), text(i.Unit), nil, nil, text(i.Confidence), nil, nil, nil, nil}
	}
	return []driver.Value{
		i.DefinedIn, nil, i.SeriesID, i.RegionCode, i.Region, i.Indicator, i.Frequency, i.Period, maybe(i.Value), i.Unit, i.ObsStatus,
		i.Qualifier, i.Confidence, i.Origin, day(i.Published), int32(i.Document), int32(i.Record),
	}
}

// rows are those of claim_events.
func (n turn) rows(t trial) [][]driver.Value {
	known := ""
	for _, c := range n.causes {
		if c.is != nil {
			known = max(known, c.is.Known)
		}
	}
	head := []driver.Value{t.claim.ID, t.reading.ID, day(n.day), instant(known), string(n.from), string(n.to), maybe(n.old), maybe(n.now)}
	causes := n.causes
	if len(causes) == 0 {
		causes = []cause{{}}
	}
	var out [][]driver.Value
	for i, c := range causes {
		out = append(out, append(append(append([]driver.Value{}, head...), int32(i+1)), c.columns()...))
	}
	return out
}

func (c cause) kind() string {
	switch {
	case c.was == nil && c.is == nil:
		return "other figures"
	case c.was == nil:
		return "first figure"
	case c.is == nil:
		return "gone"
	case c.was.SeriesID == c.is.SeriesID:
		return "revision"
	default:
		return "other series"
	}
}

// columns are those of claim_events behind position.
func (c cause) columns() []driver.Value {
	if c.was == nil && c.is == nil {
		return append([]driver.Value{c.kind()}, make([]driver.Value, 12)...)
	}
	of := c.is
	var old, oldDocument, now, document, record driver.Value
	if c.was != nil {
		old, oldDocument = maybe(c.was.Value), int32(c.was.Document)
	}
	if c.is != nil {
		now, document, record = maybe(c.is.Value), int32(c.is.Document), int32(c.is.Record)
	} else {
		of = c.was
	}
	return []driver.Value{c.kind(), of.SeriesID, of.RegionCode, of.Region, of.Indicator, of.Period, of.Origin, of.Unit, old, now, oldDocument, document, record}
}

func maybe(v *float64) driver.Value {
	if v == nil {
		return nil
	}
	return *v
}

func text(s string) driver.Value {
	if s == "" {
		return nil
	}
	return s
}

// day and instant read what the engine wrote into JSON.
func day(s string) driver.Value { return parsed(time.DateOnly, s) }

func instant(s string) driver.Value { return parsed("2006-01-02 15:04:05", s) }

func parsed(layout, s string) driver.Value {
	at, err := time.Parse(layout, s)
	if err != nil {
		return nil // an empty text: not known
	}
	return at
}
