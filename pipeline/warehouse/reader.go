//go:build duckdb_arrow

package warehouse

import (
	"context"
	"database/sql"
	"errors"

	queries "citystats/sql"
)

// Reader answers the program's own questions about one published file.
type Reader struct {
	db   *sql.DB
	conn *sql.Conn
	path string
}

// OpenReader opens a published file. The file is attached read-only beside an
// in-memory database, which is where an overlay goes.
func OpenReader(ctx context.Context, path string, limits Limits) (*Reader, error) {
	db, conn, err := inMemory(ctx, limits)
	if err != nil {
		return nil, err
	}
	r := &Reader{db, conn, path}
	for _, s := range []string{"ATTACH " + quote(path) + " AS release (READ_ONLY)", "USE release"} {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return nil, errors.Join(storage(err, path), r.Close())
		}
	}
	return r, nil
}

// Query runs one of the program's own SELECTs, whose result must be small.
func (r *Reader) Query(ctx context.Context, text string, args ...any) (Rows, error) {
	rows, err := query(ctx, r.conn, text, args...)
	return rows, storage(err, r.path)
}

// Overlay changes what later queries of this reader see, without touching the
// file: each named table is replaced by the result of its SELECT, and every
// model that depends on one is computed again from it. Looking back in time is
// the overlay in which later vintages are not there: the same SQL gives the
// same kind of answer, so there is no second definition of a comparison. One
// overlay can stand on another: a SELECT reads what the one below shows.
func (r *Reader) Overlay(ctx context.Context, set *queries.Set, replace map[string]string) error {
	affected := map[string]bool{}
	for table := range replace {
		for _, q := range set.Downstream(table) {
			affected[q.Name] = true
		}
	}
	for table, text := range replace {
		if err := r.exec(ctx, "CREATE OR REPLACE TABLE memory.main."+quoteName(table)+" AS "+text); err != nil {
			return err
		}
	}
	if err := r.mirror(ctx); err != nil {
		return err
	}
	if err := r.exec(ctx, "USE memory"); err != nil {
		return err
	}
	if err := r.exec(ctx, "SET search_path = 'memory,release'"); err != nil {
		return err
	}
	for _, q := range set.Models {
		if _, replaced := replace[q.Name]; !affected[q.Name] || replaced {
			continue
		}
		s := statement{query: q, before: "CREATE OR REPLACE TABLE memory.main." + quoteName(q.Name) + " AS\n"}
		err := teller{r.conn, r.path, set}.run(ctx, s, func(text string) error {
			_, err := r.conn.ExecContext(ctx, text)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// mirror lets models that are computed beside the file read its store by the names
// they know it by: a name with a schema is looked for in the first database alone.
func (r *Reader) mirror(ctx context.Context) error {
	tables, err := r.Query(ctx, "SELECT table_name FROM duckdb_tables() WHERE database_name = 'release' AND schema_name = 'store' ORDER BY 1")
	if err != nil {
		return err
	}
	if err := r.exec(ctx, "CREATE SCHEMA IF NOT EXISTS memory.store"); err != nil {
		return err
	}
	for _, row := range tables.Rows {
		name := quoteName(row[0].(string))
		if err := r.exec(ctx, "CREATE OR REPLACE VIEW memory.store."+name+" AS SELECT * FROM release.store."+name); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) exec(ctx context.Context, text string) error {
	_, err := r.conn.ExecContext(ctx, text)
	return storage(err, r.path)
}

// Close closes the reader.
func (r *Reader) Close() error { return errors.Join(r.conn.Close(), r.db.Close()) }
