//go:build duckdb_arrow

package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/duckdb/duckdb-go/v2"

	"citystats/internal/fault"
	"citystats/pipeline/archive"
	"citystats/pipeline/batch"
	"citystats/pipeline/ledger"
	"citystats/sources/source"
	"citystats/transforms/period"
)

// waitingDDL makes the tables in memory where rows wait for their document's
// commit: fresh ones that need no comparison, and staged ones that do.
const waitingDDL = `CREATE TABLE memory.main.stage (
	series_id BIGINT, period DATE, value DOUBLE, status UTINYINT, qualifier UTINYINT,
	confidence UTINYINT, vintage DATE, document_id INTEGER, record INTEGER);
CREATE TABLE memory.main.fresh AS FROM memory.main.stage`

// DocumentLoad is the loading of one document, all of it or nothing.
//
// The rule of the store: a figure is appended only when it says something new.
// Figures of one series and period are ordered by vintage, then by how settled
// they are, then by arrival; one is new when it differs from the one before it
// in value, status or qualifier, when it is better attested, or when it is the
// first with a publication date. What a document says of a figure beside something
// more settled (the first estimate in a table of final results) is history: it is
// new only when it differs from the last that was said at that status, or a table
// that prints both would look revised whenever it is printed again. A repeat
// leaves no row, so the rule is only
// right when each series hears its documents in the order of their vintages: a
// document from before what a series has reached ends with [ErrLate], and the
// caller loads everything anew in that order. Loading a history again gives the
// same rows, whatever order it was received in.
//
// Most rows need no comparison. A series first mentioned in this document has
// nothing stored, and while its periods arrive in rising order it has nothing
// in this document either: such rows are fresh, the rest wait in the stage and
// are compared at the end. A document that outgrows one batch streams its fresh
// rows straight to the store, so that memory stays bounded; everything else of a
// document enters the file in one transaction.
type DocumentLoad struct {
	build    *Build
	capture  archive.Capture
	vintage  period.Day
	fresh    target
	staged   target
	rejects  []quarantined
	remarks  []remark
	counts   ledger.Counts
	stagedN  int
	touched  []*Series
	late     bool
	finished bool
}

// target is where one kind of rows goes: batches that fill up into a stream.
type target struct {
	builder *batch.Builder
	table   string // of the stream
	stream  *stream
}

type quarantined struct {
	record       int
	place        string
	reason, text string
}

type remark struct {
	record           int
	derivation, note string
}

// Vintage orders what documents say about one figure: by publication date when
// known (the last day of it), else by the earliest date the content proves, else
// before everything dated.
func Vintage(c archive.Capture) (period.Day, error) {
	for _, s := range []string{c.Published, c.NotBefore} {
		if s == "" {
			continue
		}
		m, err := period.ParseMoment(s)
		return m.Last, err
	}
	return period.DayOf(1, 1, 1), nil
}

// ErrLate says that a document is from before what one of its series has
// reached: see DocumentLoad.
var ErrLate = errors.New("the document is from before others of its series")

// BeginDocument starts loading a captured document.
func (b *Build) BeginDocument(c archive.Capture) (*DocumentLoad, error) {
	v, err := Vintage(c)
	if err != nil {
		return nil, fault.New(fault.Upstream, c.URL, "give the publication date as 2019, 2019-06 or 2019-06-17", "%v", err)
	}
	return &DocumentLoad{
		build: b, capture: c, vintage: v,
		fresh:  target{builder: batch.NewBuilder(v, int32(c.ID)), table: "release.store.observation"},
		staged: target{builder: batch.NewBuilder(v, int32(c.ID)), table: "memory.main.stage"},
	}, nil
}

// Series finds or numbers the series of a figure.
func (l *DocumentLoad) Series(k SeriesKey, originNumber int) *Series {
	return l.build.series.get(k, originNumber)
}

// Add takes one figure in the unit of its indicator.
func (l *DocumentLoad) Add(ctx context.Context, s *Series, at period.Day, value float64, o *source.Observation) error {
	row := batch.Row{
		SeriesID: s.ID, Period: at, Value: value, Status: uint8(o.Status), Qualifier: uint8(o.Qualifier), Confidence: uint8(o.Confidence),
		Record: int32(o.Record),
	}
	if o.Derivation != "" || o.Note != "" {
		l.remarks = append(l.remarks, remark{o.Record, o.Derivation, o.Note})
	}
	if s.touched != l.capture.ID {
		l.touch(s)
	}
	if s.born == l.capture.ID && at > s.last {
		s.last = at
		l.counts.New++
		return l.put(ctx, &l.fresh, row)
	}
	l.stagedN++
	return l.put(ctx, &l.staged, row)
}

// touch notes that the document gives s a figure.
func (l *DocumentLoad) touch(s *Series) {
	s.touched = l.capture.ID
	l.touched = append(l.touched, s)
	l.late = l.late || l.vintage < s.reached
	if s.reached == never {
		s.born, s.last = l.capture.ID, never
	}
}

func (l *DocumentLoad) put(ctx context.Context, t *target, row batch.Row) error {
	t.builder.Append(row)
	if !t.builder.Full() {
		return nil
	}
	if t.stream == nil {
		var err error
		if t.stream, err = l.build.openStream(ctx, t.table); err != nil {
			return err
		}
	}
	return t.stream.send(t.builder.Take())
}

// flush ends a target's stream with the rows that are left; when there never was
// one, the few rows there are go to the waiting table.
func (l *DocumentLoad) flush(ctx context.Context, t *target, waiting string) error {
	if t.stream == nil {
		if t.builder.Len() == 0 {
			return nil
		}
		return l.build.insert(ctx, waiting, t.builder.Take())
	}
	s := t.stream
	t.stream = nil
	if t.builder.Len() == 0 {
		return s.finish(nil)
	}
	return s.last(t.builder.Take())
}

// Reject puts a record into quarantine.
func (l *DocumentLoad) Reject(record int, place, reason, text string) {
	l.rejects = append(l.rejects, quarantined{record, place, reason, text})
	l.counts.Rejected++
}

// Outside counts a record about something the definitions do not hold.
func (l *DocumentLoad) Outside() { l.counts.Outside++ }

// Commit finishes the document and says what was in it.
func (l *DocumentLoad) Commit(ctx context.Context) (ledger.Counts, error) {
	if l.late {
		return l.counts, errors.Join(ErrLate, l.undo(ctx))
	}
	err := errors.Join(
		l.flush(ctx, &l.fresh, "memory.main.fresh"),
		l.flush(ctx, &l.staged, "memory.main.stage"),
	)
	if err == nil && l.stagedN > 0 {
		err = l.judge(ctx)
	}
	if err == nil {
		err = l.build.transaction(ctx, func() error { return l.write(ctx) })
	}
	if err != nil {
		return l.counts, errors.Join(storage(err, l.build.path), l.undo(ctx))
	}
	for _, s := range l.touched {
		l.build.unsaved = l.build.unsaved || s.reached != l.vintage
		s.reached = l.vintage
	}
	l.release()
	return l.counts, l.build.forgetWaiting(ctx)
}

// write moves what waited into the file.
func (l *DocumentLoad) write(ctx context.Context) error {
	const fresh = "INSERT INTO release.store.observation SELECT * FROM memory.main.fresh"
	if _, err := l.build.conn.ExecContext(ctx, fresh); err != nil {
		return err
	}
	if l.stagedN > 0 {
		const judged = `INSERT INTO release.store.observation
		SELECT series_id, period, value, status, qualifier, confidence, vintage, document_id, record
		FROM ranked WHERE verdict = 'append' ORDER BY series_id, period, record`
		if _, err := l.build.conn.ExecContext(ctx, judged); err != nil {
			return err
		}
	}
	return l.record(ctx, true)
}

// forgetWaiting empties the tables in memory.
func (b *Build) forgetWaiting(ctx context.Context) error {
	_, err := b.conn.ExecContext(ctx, "TRUNCATE memory.main.stage; TRUNCATE memory.main.fresh; DROP TABLE IF EXISTS ranked")
	return storage(err, b.path)
}

// transaction runs f so that the file takes all of it with one write to disk,
// or nothing. Everything f writes must go to the file: the engine allows one
// database per transaction.
func (b *Build) transaction(ctx context.Context, f func() error) error {
	if _, err := b.conn.ExecContext(ctx, "BEGIN TRANSACTION"); err != nil {
		return storage(err, b.path)
	}
	err := f()
	if err == nil {
		_, err = b.conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		ctx = context.WithoutCancel(ctx)
		_, back := b.conn.ExecContext(ctx, "ROLLBACK")
		// A broken transaction refuses these, so that within and errorsAsJSON could not go back.
		_, settled := b.conn.ExecContext(ctx, "USE memory; SET errors_as_json = false")
		return errors.Join(storage(err, b.path), ignoreNoTransaction(back), settled)
	}
	return nil
}

// ignoreNoTransaction lets a rollback find that the failed commit was one already.
func ignoreNoTransaction(err error) error {
	var e *duckdb.Error
	if errors.As(err, &e) && e.Type == duckdb.ErrorTypeTransaction {
		return nil
	}
	return err
}

// Fail takes back everything of the document and records why it could not be
// read, with its beginning, in quarantine.
func (l *DocumentLoad) Fail(ctx context.Context, reason error, beginning string) (ledger.Counts, error) {
	if err := l.undo(ctx); err != nil {
		return ledger.Counts{}, err
	}
	l.counts = ledger.Counts{FailedDocs: 1}
	l.remarks = nil
	l.rejects = []quarantined{{0, "the whole document", reason.Error(), beginning}}
	return l.counts, l.build.transaction(ctx, func() error { return l.record(ctx, false) })
}

// Abort takes back everything of the document.
func (l *DocumentLoad) Abort(ctx context.Context) error { return l.undo(ctx) }

func (l *DocumentLoad) undo(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	for _, s := range l.touched {
		if s.reached == never {
			l.build.series.forget(s)
		}
	}
	l.release()
	_, err := l.build.conn.ExecContext(ctx, "DELETE FROM release.store.observation WHERE document_id = ?", l.capture.ID)
	return errors.Join(storage(err, l.build.path), l.build.forgetWaiting(ctx))
}

// errAborted ends the streams of a document that is taken back.
var errAborted = errors.New("the document is taken back")

func (l *DocumentLoad) release() {
	if l.finished {
		return
	}
	l.finished = true
	for _, t := range []*target{&l.fresh, &l.staged} {
		if t.stream != nil {
			_ = t.stream.finish(errAborted) // its INSERT fails for that reason
		}
	}
}

// ranked puts the staged figures among the stored ones of the same series and
// looks at the one before; of history that is a repeat it takes no notice, so that
// what follows is compared with what was stored. A document that gives two values for one figure at
// one status contradicts itself: the later record is no vintage but a reject.
const ranked = `CREATE OR REPLACE TEMP TABLE ranked AS
WITH dated AS (
	SELECT document_id, published_at IS NOT NULL AS dated FROM release.store.documents
),
this_document AS (
	SELECT *, true AS staged FROM memory.main.stage
	UNION ALL
	SELECT *, false AS staged FROM memory.main.fresh
),
stored AS (
	SELECT o.*, false AS staged, d.dated FROM release.store.observation AS o JOIN dated AS d USING (document_id)
	WHERE series_id BETWEEN ? AND ? AND series_id IN (SELECT series_id FROM memory.main.stage)
),
said AS (
	SELECT series_id, period, status, any_value(value) AS value, any_value(qualifier) AS qualifier, max(confidence) AS confidence
	FROM this_document GROUP BY ALL HAVING min(value) = max(value) AND min(qualifier) = max(qualifier)
),
history AS (
	SELECT said.* FROM said JOIN (SELECT series_id, period, max(status) AS settled FROM this_document GROUP BY ALL) USING (series_id, period)
	WHERE status < settled
),
said_before AS (
	SELECT series_id, period, status,
		max_by({v: value, q: qualifier, c: confidence, d: dated}, {v: vintage, d: document_id, r: record}) AS last
	FROM stored SEMI JOIN history USING (series_id, period, status) GROUP BY ALL
),
old_news AS (
	SELECT series_id, period, status FROM history JOIN said_before USING (series_id, period, status)
	WHERE last.v = value AND last.q = qualifier AND last.c >= confidence AND last.d >= CAST(? AS BOOLEAN)
),
both_sides AS (
	SELECT *, CAST(? AS BOOLEAN) AS dated FROM this_document ANTI JOIN old_news USING (series_id, period, status)
	UNION ALL
	FROM stored
),
in_order AS (
	SELECT *,
		lag(value) OVER w AS old_value, lag(status) OVER w AS old_status, lag(qualifier) OVER w AS old_qualifier,
		lag(confidence) OVER w AS old_confidence, lag(dated) OVER w AS old_dated, lag(document_id) OVER w AS old_document,
		min(staged) OVER (PARTITION BY series_id, period) AS unheard
	FROM both_sides
	WINDOW w AS (PARTITION BY series_id, period ORDER BY vintage, status, document_id, record)
)
SELECT *,
	CASE
		WHEN old_value IS NULL THEN 'append'
		WHEN old_value = value AND old_status = status AND old_qualifier = qualifier AND old_confidence >= confidence AND old_dated >= dated THEN 'repeat'
		WHEN old_document = document_id AND old_status = status AND old_value <> value THEN 'contradiction'
		WHEN old_document = document_id AND old_status = status THEN 'repeat'
		ELSE 'append'
	END AS verdict
FROM in_order WHERE staged
UNION ALL BY NAME
SELECT *, 'repeat' AS verdict FROM memory.main.stage SEMI JOIN old_news USING (series_id, period, status)`

func (l *DocumentLoad) judge(ctx context.Context) error {
	conn := l.build.conn
	var low, high int64
	if err := conn.QueryRowContext(ctx, "SELECT min(series_id), max(series_id) FROM memory.main.stage").Scan(&low, &high); err != nil {
		return err
	}
	dated := l.capture.Published != ""
	if _, err := conn.ExecContext(ctx, ranked, low, high, dated, dated); err != nil {
		return err
	}
	if err := l.contradictions(ctx); err != nil {
		return err
	}
	var fresh, changed, repeated int
	const count = `SELECT count(*) FILTER (verdict = 'append' AND unheard), count(*) FILTER (verdict = 'append' AND NOT unheard), count(*) FILTER (verdict = 'repeat') FROM ranked`
	if err := conn.QueryRowContext(ctx, count).Scan(&fresh, &changed, &repeated); err != nil {
		return err
	}
	l.counts.New += fresh
	l.counts.Changed += changed
	l.counts.Unchanged += repeated
	return nil
}

func (l *DocumentLoad) contradictions(ctx context.Context) error {
	rows, err := query(ctx, l.build.conn, "SELECT record, value, old_value FROM ranked WHERE verdict = 'contradiction' ORDER BY record")
	if err != nil {
		return err
	}
	for _, r := range rows.Rows {
		record := int(r[0].(int32))
		l.Reject(record, "", fmt.Sprintf("the document gives two values for one figure, %v and %v; correct the document or give them different statuses", r[2], r[1]), fmt.Sprint(r[1]))
	}
	return nil
}

// record writes the document's own rows.
func (l *DocumentLoad) record(ctx context.Context, readable bool) error {
	c := l.capture
	doc := []driver.Value{
		int32(c.ID), c.Source, c.Name, c.Title, c.Publisher, c.URL, c.MediaType, c.SHA256, int64(c.Size),
		nil, nil, nil, l.vintage.Time(), c.KnownAt, readable,
	}
	if m, err := period.ParseMoment(c.Published); err == nil {
		doc[9], doc[10] = m.Last.Time(), m.Precision
	}
	if m, err := period.ParseMoment(c.NotBefore); err == nil {
		doc[11] = m.First.Time()
	}
	if err := l.build.appendRows(ctx, "store", "documents", [][]driver.Value{doc}); err != nil {
		return err
	}
	remarks := make([][]driver.Value, 0, len(l.remarks))
	for _, r := range l.remarks {
		remarks = append(remarks, []driver.Value{int32(c.ID), int32(r.record), r.derivation, r.note})
	}
	rejects := make([][]driver.Value, 0, len(l.rejects))
	for _, r := range l.rejects {
		rejects = append(rejects, []driver.Value{int32(c.ID), int32(r.record), r.place, r.reason, r.text})
	}
	return errors.Join(
		l.build.appendRows(ctx, "store", "remark", remarks),
		l.build.appendRows(ctx, "store", "quarantine", rejects),
	)
}

// appendRows adds small tables' rows; the arguments are in column order.
func (b *Build) appendRows(ctx context.Context, schema, table string, rows [][]driver.Value) error {
	return appendTo(ctx, b.conn, "release", schema, table, rows)
}

func appendTo(ctx context.Context, conn *sql.Conn, database, schema, table string, rows [][]driver.Value) error {
	if len(rows) == 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	return withDriver(conn, func(dc driver.Conn) error {
		a, err := duckdb.NewAppender(dc, database, schema, table)
		if err != nil {
			return fmt.Errorf("table %s.%s: %w", schema, table, err)
		}
		for _, r := range rows {
			if err := a.AppendRow(r...); err != nil {
				return errors.Join(fmt.Errorf("table %s.%s: %w", schema, table, err), a.Close())
			}
		}
		return a.Close()
	})
}
