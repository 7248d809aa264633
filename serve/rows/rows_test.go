//go:build duckdb_arrow

package rows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"citystats/pipeline/warehouse"
	"citystats/serve/rows"
)

type canned struct {
	warehouse.Rows
	err error
}

func (c canned) Query(context.Context, string, ...any) (warehouse.Rows, error) { return c.Rows, c.err }

func TestCellsByName(t *testing.T) {
	day := time.Date(2023, 8, 5, 0, 0, 0, 0, time.UTC)
	found, err := rows.Ask(t.Context(), canned{Rows: warehouse.Rows{
		Columns: []string{"name", "value", "count", "small", "yes", "day", "moment", "nothing"},
		Rows:    [][]any{{"Hefei", 1.5, int64(3), int32(4), true, day, day.Add(time.Minute), nil}},
	}}, "")
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	r := found[0]
	for column, want := range map[string]string{
		"name": "Hefei", "value": "1.5", "count": "3", "small": "4", "yes": "true", "day": "2023-08-05", "moment": "2023-08-05T00:01:00Z", "nothing": "", "absent": "",
	} {
		if got := r.Text(column); got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
	if v := r.Number("value"); v == nil || *v != 1.5 {
		t.Errorf("the number is %v", v)
	}
	if r.Number("nothing") != nil || r.Number("absent") != nil || r.Number("name") != nil {
		t.Error("what is no number is one")
	}
	if r.Whole("count") != 3 || r.Whole("small") != 4 || r.Whole("name") != 0 || !r.Is("yes") || r.Is("name") || !r.Time("day").Equal(day) || !r.Time("name").IsZero() {
		t.Error("a cell is read as what it is not")
	}
}

func TestAFailingQuestion(t *testing.T) {
	bad := errors.New("gone")
	if _, err := rows.Ask(t.Context(), canned{err: bad}, ""); !errors.Is(err, bad) {
		t.Errorf("the error is %v", err)
	}
}
