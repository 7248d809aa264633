//go:build duckdb_arrow

// Package rows reads a result by the names of its columns. A column that the query
// does not have, or that is NULL, is the empty value, which is how a query may take
// every column of a table that grows.
package rows

import (
	"context"
	"fmt"
	"time"

	"citystats/pipeline/warehouse"
)

// Store answers questions: a live.Release is one.
type Store interface {
	Query(ctx context.Context, text string, args ...any) (warehouse.Rows, error)
}

// Row is one row.
type Row struct {
	of    map[string]int
	cells []any
}

// Ask runs a query whose result is small.
func Ask(ctx context.Context, s Store, text string, args ...any) ([]Row, error) {
	found, err := s.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	of := make(map[string]int, len(found.Columns))
	for i, c := range found.Columns {
		of[c] = i
	}
	out := make([]Row, len(found.Rows))
	for i, cells := range found.Rows {
		out[i] = Row{of, cells}
	}
	return out, nil
}

// Get is a cell as the engine gives it; nil for NULL and for no such column.
func (r Row) Get(column string) any {
	if i, ok := r.of[column]; ok {
		return r.cells[i]
	}
	return nil
}

// Text is a cell as text; times are written as ISO 8601 has them.
func (r Row) Text(column string) string {
	switch v := r.Get(column).(type) {
	case nil:
		return ""
	case string:
		return v
	case time.Time:
		return Day(v)
	default:
		return fmt.Sprint(v)
	}
}

// Day writes a date, and a moment with its time.
func Day(t time.Time) string {
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339)
}

// Number is a cell that may be missing.
func (r Row) Number(column string) *float64 {
	if v, ok := r.Get(column).(float64); ok {
		return &v
	}
	return nil
}

// Whole is a cell that counts.
func (r Row) Whole(column string) int {
	switch v := r.Get(column).(type) {
	case int64:
		return int(v)
	case int32:
		return int(v)
	}
	return 0
}

// Is is a cell that is true or not.
func (r Row) Is(column string) bool {
	v, _ := r.Get(column).(bool)
	return v
}

// Time is a cell that is a moment; zero when missing.
func (r Row) Time(column string) time.Time {
	v, _ := r.Get(column).(time.Time)
	return v
}
