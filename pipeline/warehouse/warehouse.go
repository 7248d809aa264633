//go:build duckdb_arrow

// Package warehouse is the only package that knows DuckDB.
//
// It has two halves. A [Build] is a database file nobody else has seen yet: the
// run loads documents into it, computes the models, asks the checks and closes
// it; publishing the closed file is another package's. A [Reader] answers
// questions about a published file and never writes.
//
// What DuckDB punishes is kept out by construction, one rule a place:
//
//   - A view on Arrow data gives wrong numbers unless it is read whole, gives
//     nothing on a second scan, and crashes the process once its memory is gone.
//     Only stream registers one, uses it in a single INSERT ... SELECT *, counts
//     the rows, and drops it.
//   - Such a view would be saved in the file. The main database of a Build is in
//     memory, the file is attached beside it, and [Build.Close] refuses a file
//     that holds any view the models did not declare.
//   - A reader fed by a Go iterator aborts the process; the reader here is a
//     channel.
//   - Primary keys and indexes make loads many times slower and corrupt: there
//     are none, and a check looks for duplicates instead.
//   - A file being read elsewhere cannot be written, and a renamed one is read
//     stale: published files are never written and never share a name.
//   - Preparing a text of several statements runs all but the last. [Guard]
//     prepares through the driver, which refuses, and accepts SELECT only.
package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"citystats/internal/fault"
	"citystats/pipeline/durable"
	queries "citystats/sql"
)

//go:embed store.sql
var storeDDL string

// FileName is the database inside a release folder.
const FileName = "citystats.duckdb"

// Limits bounds what the engine takes from the machine.
type Limits struct {
	MemoryMB int    // DuckDB's memory_limit
	Threads  int    // 0 leaves it to DuckDB
	TempDir  string // where it may spill; empty forbids spilling
}

func (l Limits) config() string {
	opts := []string{"autoinstall_known_extensions=false", "autoload_known_extensions=false"}
	if l.MemoryMB > 0 {
		opts = append(opts, fmt.Sprintf("memory_limit=%dMB", l.MemoryMB))
	}
	if l.Threads > 0 {
		opts = append(opts, fmt.Sprintf("threads=%d", l.Threads))
	}
	return "?" + strings.Join(opts, "&")
}

// Build is a database under construction. It is used by one goroutine.
type Build struct {
	path    string
	db      *sql.DB
	conn    *sql.Conn // stays in the in-memory database: Arrow views must not enter the file
	series  registry
	unsaved bool            // series changed since they were written
	streams int             // opened so far, for the names of their views
	views   map[string]bool // views the models declared
	kept    map[string]bool // tables of the release continued that are brought up to date, not made anew
	held    int64           // documents that release held
}

// Create starts an empty database at path, which must not exist.
func Create(ctx context.Context, path string, limits Limits) (*Build, error) {
	b, err := attach(ctx, path, limits)
	if err != nil {
		return nil, err
	}
	if err := b.inRelease(ctx, storeDDL); err != nil {
		return nil, errors.Join(err, b.Discard())
	}
	if err := b.series.load(ctx, b.conn); err != nil {
		return nil, errors.Join(err, b.Discard())
	}
	return b, nil
}

// Continue opens a private copy of a published database for adding to it. The store
// stays as it is; main is made anew, but for the tables of same, the queries it was
// computed by, that can be brought up to date. When there are other queries now, same
// is nil.
func Continue(ctx context.Context, path string, limits Limits, same *queries.Set) (*Build, error) {
	b, err := attach(ctx, path, limits)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(b.keep(ctx, same), b.clear(ctx), b.series.load(ctx, b.conn)); err != nil {
		return nil, errors.Join(storage(err, path), b.Discard())
	}
	return b, nil
}

// keep notes which tables stay, and up to which document they are.
func (b *Build) keep(ctx context.Context, same *queries.Set) error {
	if same == nil {
		return nil
	}
	for _, q := range same.Models {
		b.kept[q.Name] = len(q.Per) > 0
	}
	return b.conn.QueryRowContext(ctx, "SELECT coalesce(max(document_id), 0) FROM release.store.documents").Scan(&b.held)
}

// clear drops everything in main that is not kept, views first since they hang on
// tables.
func (b *Build) clear(ctx context.Context) error {
	const q = `SELECT view_name, 'DROP VIEW "' || view_name || '"' FROM duckdb_views() WHERE NOT internal AND database_name = 'release' AND schema_name = 'main'
UNION ALL SELECT table_name, 'DROP TABLE "' || table_name || '"' FROM duckdb_tables() WHERE database_name = 'release' AND schema_name = 'main'
UNION ALL SELECT '', 'DROP MACRO TABLE "' || function_name || '"' FROM duckdb_functions() WHERE NOT internal AND database_name = 'release' AND function_type = 'table_macro'`
	found, err := query(ctx, b.conn, q)
	if err != nil {
		return err
	}
	for _, row := range found.Rows {
		if b.kept[row[0].(string)] {
			continue
		}
		if err := b.inRelease(ctx, row[1].(string)); err != nil {
			return err
		}
	}
	return nil
}

// inMemory starts an engine whose main database is in memory.
func inMemory(ctx context.Context, limits Limits) (*sql.DB, *sql.Conn, error) {
	db, err := sql.Open("duckdb", limits.config())
	if err != nil {
		return nil, nil, fmt.Errorf("engine: %w", err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("engine: %w", err), db.Close())
	}
	return db, conn, nil
}

func attach(ctx context.Context, path string, limits Limits) (*Build, error) {
	db, conn, err := inMemory(ctx, limits)
	if err != nil {
		return nil, err
	}
	b := &Build{path: path, db: db, conn: conn, views: map[string]bool{}, kept: map[string]bool{}}
	statements := []string{
		"SET temp_directory = " + quote(limits.TempDir),
		"ATTACH " + quote(path) + " AS release",
		waitingDDL,
	}
	for _, s := range statements {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return nil, errors.Join(storage(err, path), b.Discard())
		}
	}
	return b, nil
}

// inRelease runs statements with the file as the current database, so that what
// they create lands there under short names, and returns to memory afterwards.
func (b *Build) inRelease(ctx context.Context, statements string) error {
	return storage(b.within(ctx, func() error {
		_, err := b.conn.ExecContext(ctx, statements)
		return err
	}), b.path)
}

// within calls f with the file as the current database.
func (b *Build) within(ctx context.Context, f func() error) error {
	if _, err := b.conn.ExecContext(ctx, "USE release"); err != nil {
		return err
	}
	err := f()
	// Returning must happen even when ctx is done, or the next view would be saved in the file.
	_, back := b.conn.ExecContext(context.WithoutCancel(ctx), "USE memory")
	return errors.Join(err, back)
}

// Close finishes the file: checkpoint, detach, and proof that it holds no
// foreign view, no index and leaves no write-ahead log beside it.
func (b *Build) Close(ctx context.Context) error {
	err := b.strangers(ctx)
	if err == nil && b.unsaved {
		err = b.saveSeries(ctx)
	}
	for _, s := range []string{"CHECKPOINT release", "DETACH release"} {
		if err == nil {
			_, err = b.conn.ExecContext(ctx, s)
		}
	}
	if err := errors.Join(storage(err, b.path), b.conn.Close(), b.db.Close()); err != nil {
		return err
	}
	if _, err := os.Stat(b.path + ".wal"); err == nil {
		return fault.New(fault.Internal, b.path, "", "a write-ahead log is left beside the closed file")
	}
	return durable.SyncFile(b.path)
}

// strangers looks for objects in the file that would hurt its readers.
func (b *Build) strangers(ctx context.Context) error {
	const q = `SELECT 'view ' || view_name FROM duckdb_views() WHERE NOT internal AND database_name = 'release'
UNION ALL SELECT 'index ' || index_name FROM duckdb_indexes() WHERE database_name = 'release'`
	found, err := query(ctx, b.conn, q)
	if err != nil {
		return err
	}
	for _, row := range found.Rows {
		name := row[0].(string)
		if view, isView := strings.CutPrefix(name, "view "); !isView || !b.views[view] {
			return fault.New(fault.Internal, b.path, "", "the file holds the %s, which no model declares", name)
		}
	}
	return nil
}

// Discard closes the engine and removes the file. It is safe after Close.
func (b *Build) Discard() error {
	err := errors.Join(ignoreDone(b.conn.Close()), b.db.Close())
	for _, p := range []string{b.path, b.path + ".wal"} {
		if rm := os.Remove(p); rm != nil && !errors.Is(rm, os.ErrNotExist) {
			err = errors.Join(err, durable.Explain(rm, p))
		}
	}
	return err
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

// storage gives the engine's file and space errors to the operator; what the
// engine says otherwise stays as it is.
func storage(err error, path string) error {
	if err == nil {
		return nil
	}
	var e *duckdb.Error
	if !errors.As(err, &e) {
		return err
	}
	text := strings.ToLower(e.Msg)
	switch {
	case strings.Contains(text, "no space left"), strings.Contains(text, "disk quota"), strings.Contains(text, "file too large"):
		return fault.Wrap(fault.Storage, err, path, "free some space and run again; nothing was lost", "the disk is full")
	case e.Type == duckdb.ErrorTypeIO, e.Type == duckdb.ErrorTypePermission:
		return fault.Wrap(fault.Storage, err, path, "look at the file and its folder", "the database file cannot be read or written")
	case e.Type == duckdb.ErrorTypeOutOfMemory:
		return fault.Wrap(fault.Storage, err, path, "give it more memory or a smaller question", "the engine ran out of memory")
	}
	return err
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// withDriver runs f on the driver's own connection.
func withDriver(conn *sql.Conn, f func(driver.Conn) error) error {
	return conn.Raw(func(c any) error {
		dc, ok := c.(driver.Conn)
		if !ok {
			return fmt.Errorf("the driver's connection is a %T", c)
		}
		return f(dc)
	})
}
