//go:build duckdb_arrow

package warehouse

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/ledger"
	"citystats/pipeline/release"
	queries "citystats/sql"
	"citystats/transforms/period"
)

var duckTypes = map[data.Type]string{
	data.Text: "VARCHAR", data.Integer: "BIGINT", data.Number: "DOUBLE", data.Boolean: "BOOLEAN",
	data.Date: "DATE", data.Moment: "VARCHAR", data.Period: "VARCHAR", data.List: "VARCHAR",
}

// Derive makes everything in main from the store, the definitions, what the
// ledger knows and the models, judges the claims, asks the checks, and returns what
// they found.
func (b *Build) Derive(ctx context.Context, catalog *data.Catalog, set *queries.Set, runs []ledger.Run, health []Health) ([]Hit, error) {
	t := teller{b.conn, b.path, set}
	var hits []Hit
	err := b.transaction(ctx, func() error {
		if err := b.saveSeries(ctx); err != nil {
			return err
		}
		if err := b.define(ctx, catalog); err != nil {
			return err
		}
		if err := b.account(ctx, runs, health); err != nil {
			return err
		}
		if err := b.compute(ctx, t); err != nil {
			return err
		}
		if err := b.claims(ctx, catalog, set); err != nil {
			return err
		}
		var err error
		if hits, err = b.check(ctx, t); err != nil {
			return err
		}
		if err := b.inRelease(ctx, dictionaryDDL); err != nil {
			return err
		}
		return b.inRelease(ctx, fillDictionary)
	})
	return hits, err
}

// saveSeries writes the registry.
func (b *Build) saveSeries(ctx context.Context) error {
	if _, err := b.conn.ExecContext(ctx, "DELETE FROM release.store.series"); err != nil {
		return err
	}
	b.unsaved = false
	return b.appendRows(ctx, "store", "series", b.series.rows())
}

// define writes the definition tables.
func (b *Build) define(ctx context.Context, catalog *data.Catalog) error {
	for _, t := range catalog.Tables {
		var columns []string
		ddl := ""
		for _, c := range t.Schema.Columns {
			columns = append(columns, quoteName(c.Name)+" "+duckTypes[c.Type])
			ddl += comment("COLUMN "+quoteName(t.Schema.Name)+"."+quoteName(c.Name), c.Comment)
		}
		ddl = "CREATE TABLE " + quoteName(t.Schema.Name) + " (" + strings.Join(columns, ", ") + ");" +
			comment("TABLE "+quoteName(t.Schema.Name), t.Schema.Title) + ddl
		if err := b.inRelease(ctx, ddl); err != nil {
			return fmt.Errorf("table %s: %w", t.Schema.Name, err)
		}
		rows := make([][]driver.Value, len(t.Rows))
		for i, row := range t.Rows {
			rows[i] = make([]driver.Value, len(row))
			for j, cell := range row {
				rows[i][j] = cell
				if day, ok := cell.(period.Day); ok {
					rows[i][j] = day.Time()
				}
			}
		}
		if err := b.appendRows(ctx, "main", t.Schema.Name, rows); err != nil {
			return err
		}
	}
	return nil
}

func comment(on, text string) string {
	return "COMMENT ON " + on + " IS " + quote(text) + ";"
}

// Health is how a source stands.
type Health struct {
	Source      string
	LastGoodAt  time.Time // when it last answered with documents; zero when it never did
	LastTriedAt time.Time
	LastError   string // what the last try failed with; empty when it succeeded
	Stale       bool   // its allowance is used up
}

const ledgerDDL = `
CREATE TABLE runs (run VARCHAR, command VARCHAR, started_at TIMESTAMP, finished_at TIMESTAMP, exit_code INTEGER, release VARCHAR, error VARCHAR,
	documents BIGINT, new_documents BIGINT, new BIGINT, changed BIGINT, unchanged BIGINT, outside BIGINT, rejected BIGINT, failed BIGINT);
COMMENT ON TABLE runs IS 'Runs of the program up to the one that built this release';
COMMENT ON COLUMN runs.run IS 'Id of the run';
COMMENT ON COLUMN runs.command IS 'The command';
COMMENT ON COLUMN runs.started_at IS 'UTC';
COMMENT ON COLUMN runs.finished_at IS 'UTC; NULL for a run that was killed, and for the one that built this release';
COMMENT ON COLUMN runs.exit_code IS '0 good, 4 a publisher failed, 5 an editor must decide, 6 the operator must act, 130 cancelled';
COMMENT ON COLUMN runs.release IS 'The release it published';
COMMENT ON COLUMN runs.error IS 'The last thing that went wrong';
COMMENT ON COLUMN runs.documents IS 'Documents received';
COMMENT ON COLUMN runs.new_documents IS 'Documents not seen before';
COMMENT ON COLUMN runs.new IS 'Figures for a series and period that had none';
COMMENT ON COLUMN runs.changed IS 'Figures that differ from the last known';
COMMENT ON COLUMN runs.unchanged IS 'Figures that repeat what is known';
COMMENT ON COLUMN runs.outside IS 'Figures about regions or indicators the definitions do not hold';
COMMENT ON COLUMN runs.rejected IS 'Records in quarantine';
COMMENT ON COLUMN runs.failed IS 'Documents in quarantine as a whole';
CREATE TABLE source_health (source VARCHAR, last_good_at TIMESTAMP, last_tried_at TIMESTAMP, last_error VARCHAR, stale BOOLEAN);
COMMENT ON TABLE source_health IS 'How each source stood when this release was built';
COMMENT ON COLUMN source_health.source IS 'Key of sources';
COMMENT ON COLUMN source_health.last_good_at IS 'When it last answered, UTC';
COMMENT ON COLUMN source_health.last_tried_at IS 'When it was last asked, UTC';
COMMENT ON COLUMN source_health.last_error IS 'What the last try failed with; empty when it succeeded';
COMMENT ON COLUMN source_health.stale IS 'True when the last answer is older than the source''s allowance';
`

// account writes what the ledger knows: the runs so far and the sources' health.
func (b *Build) account(ctx context.Context, runs []ledger.Run, health []Health) error {
	if err := b.inRelease(ctx, ledgerDDL); err != nil {
		return err
	}
	var rows [][]driver.Value
	for _, r := range runs {
		var exit driver.Value
		if r.Exit != nil {
			exit = int32(*r.Exit)
		}
		c := r.Counts
		rows = append(rows, []driver.Value{
			r.ID, r.Command, moment(r.StartedAt), moment(r.FinishedAt), exit, r.Release, r.Error,
			int64(c.Documents), int64(c.NewDocuments), int64(c.New), int64(c.Changed), int64(c.Unchanged), int64(c.Outside), int64(c.Rejected), int64(c.FailedDocs),
		})
	}
	var state [][]driver.Value
	for _, h := range health {
		state = append(state, []driver.Value{h.Source, moment(h.LastGoodAt), moment(h.LastTriedAt), h.LastError, h.Stale})
	}
	return errors.Join(b.appendRows(ctx, "main", "runs", rows), b.appendRows(ctx, "main", "source_health", state))
}

func moment(t time.Time) driver.Value {
	if t.IsZero() {
		return nil
	}
	return t.UTC()
}

// compute runs every model and macro.
func (b *Build) compute(ctx context.Context, t teller) error {
	for _, q := range t.set.Models {
		if err := b.model(ctx, t, q); err != nil {
			return err
		}
	}
	for _, q := range t.set.Macros {
		if err := b.macro(ctx, t, q); err != nil {
			return err
		}
	}
	return nil
}

// exec runs the statement in the release.
func (b *Build) exec(ctx context.Context, t teller, s statement) error {
	return t.run(ctx, s, func(text string) error {
		return b.within(ctx, func() error {
			_, err := b.conn.ExecContext(ctx, text)
			return err
		})
	})
}

func (b *Build) macro(ctx context.Context, t teller, q queries.Query) error {
	before := "CREATE MACRO " + quoteName(q.Name) + "(" + q.Args + macroTail
	return b.exec(ctx, t, statement{q, before, "\n;" + comment("MACRO TABLE "+quoteName(q.Name), q.Title)})
}

func (b *Build) model(ctx context.Context, t teller, q queries.Query) error {
	kind := "TABLE"
	if q.View {
		kind = "VIEW"
		b.views[q.Name] = true
	}
	if err := b.exec(ctx, t, statement{q, "CREATE " + kind + " " + quoteName(q.Name) + " AS\n", ""}); err != nil {
		return err
	}
	if err := b.sameColumns(ctx, q); err != nil {
		return err
	}
	ddl := comment(kind+" "+quoteName(q.Name), q.Title)
	for _, c := range q.Columns {
		ddl += comment("COLUMN "+quoteName(q.Name)+"."+quoteName(c.Name), c.Comment)
	}
	return b.inRelease(ctx, ddl)
}

// sameColumns holds the header's column lines against what the SELECT yields.
func (b *Build) sameColumns(ctx context.Context, q queries.Query) error {
	found, err := query(ctx, b.conn, "SELECT column_name FROM duckdb_columns() WHERE database_name = 'release' AND schema_name = 'main' AND table_name = ? ORDER BY column_index", q.Name)
	if err != nil {
		return err
	}
	var got, want []string
	for _, row := range found.Rows {
		got = append(got, row[0].(string))
	}
	for _, c := range q.Columns {
		want = append(want, c.Name)
	}
	if slices.Equal(got, want) {
		return nil
	}
	// The first line that differs, or where the next one would stand.
	differs, at := 0, q.Start
	for differs < min(len(got), len(want)) && got[differs] == want[differs] {
		differs++
	}
	if differs < len(want) {
		at = q.Columns[differs].At
	}
	return fault.New(fault.Definition, q.Where(at), "write one -- column line for each, in order", "the header documents %s; the query yields %s", strings.Join(want, ", "), strings.Join(got, ", "))
}

// The dictionary is declared before it is filled, so that it is in itself.
const (
	dictionaryDDL = `CREATE TABLE dictionary (schema VARCHAR, "table" VARCHAR, table_comment VARCHAR, position INTEGER, "column" VARCHAR, type VARCHAR, comment VARCHAR);
COMMENT ON TABLE dictionary IS 'Every table and column of this file, explained';
COMMENT ON COLUMN dictionary.schema IS 'main holds what people read, store what was received';
COMMENT ON COLUMN dictionary."table" IS 'Table or view';
COMMENT ON COLUMN dictionary.table_comment IS 'What the table holds';
COMMENT ON COLUMN dictionary.position IS 'Place of the column in the table, from 1';
COMMENT ON COLUMN dictionary."column" IS 'Column';
COMMENT ON COLUMN dictionary.type IS 'DuckDB type';
COMMENT ON COLUMN dictionary.comment IS 'What the column holds, with its unit';
`
	fillDictionary = `INSERT INTO dictionary
SELECT c.schema_name, c.table_name, t.comment, c.column_index, c.column_name, c.data_type, c.comment
FROM duckdb_columns() c
JOIN (
	SELECT database_name, schema_name, table_name, comment FROM duckdb_tables()
	UNION ALL SELECT database_name, schema_name, view_name, comment FROM duckdb_views()
) t ON t.database_name = c.database_name AND t.schema_name = c.schema_name AND t.table_name = c.table_name
WHERE c.database_name = 'release'
ORDER BY c.schema_name, c.table_name, c.column_index`
)

// Hit is one row a check returned.
type Hit struct {
	Check    string
	Severity queries.Severity
	Title    string
	Hint     string
	Row      string // the offending row as JSON
}

const checksDDL = `
CREATE TABLE quality_checks (name VARCHAR, severity VARCHAR, title VARCHAR, hint VARCHAR, hits BIGINT);
COMMENT ON TABLE quality_checks IS 'Checks asked of this release, and how often each hit';
COMMENT ON COLUMN quality_checks.name IS 'The file sql/checks/NAME.sql';
COMMENT ON COLUMN quality_checks.severity IS 'error keeps a release from being published; warning is told';
COMMENT ON COLUMN quality_checks.title IS 'What a hit means';
COMMENT ON COLUMN quality_checks.hint IS 'What to do about a hit';
COMMENT ON COLUMN quality_checks.hits IS 'Rows found';
CREATE TABLE quality_hits (name VARCHAR, hit VARCHAR);
COMMENT ON TABLE quality_hits IS 'What the checks found';
COMMENT ON COLUMN quality_hits.name IS 'Key of quality_checks';
COMMENT ON COLUMN quality_hits.hit IS 'The offending row as JSON';
`

// check asks every check, keeps the answers in the file, and returns the hits.
func (b *Build) check(ctx context.Context, t teller) ([]Hit, error) {
	if err := b.inRelease(ctx, checksDDL); err != nil {
		return nil, err
	}
	var hits []Hit
	var summary, found [][]driver.Value
	for _, q := range t.set.Checks {
		rows, err := b.ask(ctx, t, q)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			hits = append(hits, Hit{q.Name, q.Severity, q.Title, q.Hint, r})
			found = append(found, []driver.Value{q.Name, r})
		}
		summary = append(summary, []driver.Value{q.Name, string(q.Severity), q.Title, q.Hint, int64(len(rows))})
	}
	return hits, errors.Join(b.appendRows(ctx, "main", "quality_checks", summary), b.appendRows(ctx, "main", "quality_hits", found))
}

func (b *Build) ask(ctx context.Context, t teller, q queries.Query) ([]string, error) {
	var rows Rows
	s := statement{q, "SELECT CAST(to_json(hit) AS VARCHAR) FROM (\n", "\n) AS hit ORDER BY 1"}
	err := t.run(ctx, s, func(text string) error {
		return b.within(ctx, func() (err error) {
			rows, err = query(ctx, b.conn, text)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	out := make([]string, len(rows.Rows))
	for i, r := range rows.Rows {
		out[i] = r[0].(string)
	}
	return out, nil
}

// Contents describes every table of the file, by name.
func (b *Build) Contents(ctx context.Context) ([]release.Table, error) {
	tables, err := query(ctx, b.conn, "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'release' ORDER BY 1, 2")
	if err != nil {
		return nil, err
	}
	var out []release.Table
	for _, t := range tables.Rows {
		name := t[0].(string) + "." + t[1].(string)
		c := release.Table{Name: name}
		q := "SELECT count(*), CAST(coalesce(sum(CAST(hash(t) AS HUGEINT)), 0) AS VARCHAR) FROM release." + quoteName(t[0].(string)) + "." + quoteName(t[1].(string)) + " AS t"
		if err := b.conn.QueryRowContext(ctx, q).Scan(&c.Rows, &c.Digest); err != nil {
			return nil, storage(fmt.Errorf("digest of %s: %w", name, err), b.path)
		}
		out = append(out, c)
	}
	return out, nil
}
