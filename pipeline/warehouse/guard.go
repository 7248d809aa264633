//go:build duckdb_arrow

package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/duckdb/duckdb-go/v2"

	"citystats/internal/fault"
)

// Guard runs one SELECT somebody typed against a published file and writes the
// result to w as an Arrow IPC stream.
//
// The engine is opened read-only, without the file system, the network or
// extensions, and its settings are locked. The text is prepared through the
// driver, which refuses several statements without running any of them, and
// only a SELECT is accepted. None of this stops a scalar function from eating
// the machine: the caller runs Guard in a process of its own, bounded by the
// operating system, and kills it when its time is up. The engine holds the whole
// result before the first row is out, so that process's memory bounds the result.
func Guard(ctx context.Context, path, text string, limits Limits, w io.Writer) error {
	db, err := sql.Open("duckdb", path+limits.config()+"&access_mode=READ_ONLY")
	if err != nil {
		return storage(err, path)
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return storage(err, path)
	}
	defer conn.Close()
	for _, s := range []string{"SET temp_directory = ''", "SET enable_external_access = false", "SET lock_configuration = true"} {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("lock down: %w", err)
		}
	}
	return withDriver(conn, func(dc driver.Conn) error {
		if err := onlySelect(dc, text); err != nil {
			return err
		}
		return answer(ctx, dc, text, w)
	})
}

// onlySelect refuses what is not one SELECT, without running anything. It calls
// Prepare and not PrepareContext, which would run all statements but the last.
func onlySelect(dc driver.Conn, text string) error {
	stmt, err := dc.Prepare(text)
	if err != nil {
		return spoken(err)
	}
	defer stmt.Close()
	typed, ok := stmt.(*duckdb.Stmt)
	if !ok {
		return fmt.Errorf("the driver's statement is a %T", stmt)
	}
	kind, err := typed.StatementType()
	if err != nil {
		return spoken(err)
	}
	if kind != duckdb.STATEMENT_TYPE_SELECT {
		return fault.New(fault.Usage, "", "a release is read-only: ask with SELECT", "the statement is not a SELECT")
	}
	return nil
}

func answer(ctx context.Context, dc driver.Conn, text string, w io.Writer) error {
	door, err := duckdb.NewArrowFromConn(dc)
	if err != nil {
		return err
	}
	rows, err := door.QueryContext(ctx, text)
	if err != nil {
		return spoken(err)
	}
	defer rows.Release()
	out := ipc.NewWriter(w, ipc.WithSchema(rows.Schema()))
	for rows.Next() {
		if err := out.Write(rows.RecordBatch()); err != nil {
			return fmt.Errorf("result: %w", err)
		}
	}
	return errors.Join(spoken(rows.Err()), out.Close())
}

// spoken gives the engine's words about a query to the person who wrote it.
func spoken(err error) error {
	if err == nil || fault.KindOf(err) == fault.Cancelled {
		return err
	}
	if strings.Contains(err.Error(), "multi-statement") {
		return fault.New(fault.Usage, "", "ask one question at a time", "the text holds more than one statement, or none")
	}
	var e *duckdb.Error
	if !errors.As(err, &e) {
		return fault.New(fault.Usage, "", "", "%s", strings.TrimSpace(err.Error()))
	}
	if e.Type == duckdb.ErrorTypeOutOfMemory {
		return fault.New(fault.Usage, "", "ask for fewer rows, or page by a key", "the result does not fit the memory a query may use")
	}
	// What a macro refuses is said by the macro, not by the engine.
	return fault.New(fault.Usage, "", "", "%s", strings.TrimPrefix(strings.TrimSpace(e.Msg), "Invalid Input Error: "))
}
