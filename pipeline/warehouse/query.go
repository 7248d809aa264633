//go:build duckdb_arrow

package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Rows is a result small enough to hold: column names and rows of the driver's
// Go values (nil for NULL).
type Rows struct {
	Columns []string
	Rows    [][]any
}

// Column is the index of a column the caller's own query names.
func (r Rows) Column(name string) int {
	for i, c := range r.Columns {
		if c == name {
			return i
		}
	}
	return -1
}

type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// query runs one of our own statements and holds its result, which must be small.
func query(ctx context.Context, q queryer, text string, args ...any) (Rows, error) {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return Rows{}, fmt.Errorf("query: %w", err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return Rows{}, err
	}
	out := Rows{Columns: columns}
	for rows.Next() {
		row := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return Rows{}, err
		}
		out.Rows = append(out.Rows, row)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}
