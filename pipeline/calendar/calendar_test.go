package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"citystats/data"
	"citystats/pipeline/calendar"
)

var (
	quarterly = data.Release{TitleEN: "quarterly accounts", Months: []int{1, 4, 7, 10}, FirstDay: 16, LastDay: 20}
	longest   = data.Release{TitleEN: "cities", Months: []int{10}, FirstDay: 1, FurtherMonths: 2, LastDay: 31}
	allYear   = data.Release{TitleEN: "regions", Months: []int{1}, FirstDay: 1, FurtherMonths: 11, LastDay: 31}
	yearly    = data.Release{TitleEN: "yearbook", Months: []int{2}, FirstDay: 20, LastDay: 31}
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func span(w calendar.Window, ok bool) string {
	if !ok {
		return "none"
	}
	return w.Title + " " + w.First.Format(time.DateOnly) + " to " + w.Last.Format(time.DateOnly)
}

func TestWindows(t *testing.T) {
	both := []data.Release{quarterly, yearly}
	for _, tt := range []struct{ now, closed, next string }{
		{"2026-11-24T12:00:00Z", "quarterly accounts 2026-10-16 to 2026-10-20", "quarterly accounts 2027-01-16 to 2027-01-20"},
		{"2026-01-15T23:59:59Z", "quarterly accounts 2025-10-16 to 2025-10-20", "quarterly accounts 2026-01-16 to 2026-01-20"},
		{"2026-01-20T23:59:59Z", "quarterly accounts 2025-10-16 to 2025-10-20", "quarterly accounts 2026-01-16 to 2026-01-20"},
		{"2026-01-21T00:00:00Z", "quarterly accounts 2026-01-16 to 2026-01-20", "yearbook 2026-02-20 to 2026-02-28"},
		{"2028-02-29T12:00:00Z", "quarterly accounts 2028-01-16 to 2028-01-20", "yearbook 2028-02-20 to 2028-02-29"},
		{"2028-03-01T00:00:00Z", "yearbook 2028-02-20 to 2028-02-29", "quarterly accounts 2028-04-16 to 2028-04-20"},
	} {
		if got := span(calendar.Closed(both, at(tt.now))); got != tt.closed {
			t.Errorf("closed by %s: %s, want %s", tt.now, got, tt.closed)
		}
		if got := span(calendar.Next(both, at(tt.now))); got != tt.next {
			t.Errorf("next after %s: %s, want %s", tt.now, got, tt.next)
		}
	}
	for _, tt := range []struct {
		release           data.Release
		now, closed, next string
	}{
		{longest, "2026-11-24T12:00:00Z", "cities 2025-10-01 to 2025-12-31", "cities 2026-10-01 to 2026-12-31"},
		{longest, "2027-01-01T00:00:00Z", "cities 2026-10-01 to 2026-12-31", "cities 2027-10-01 to 2027-12-31"},
		{allYear, "2026-06-01T12:00:00Z", "regions 2025-01-01 to 2025-12-31", "regions 2026-01-01 to 2026-12-31"},
	} {
		if got := span(calendar.Closed([]data.Release{tt.release}, at(tt.now))); got != tt.closed {
			t.Errorf("closed by %s: %s, want %s", tt.now, got, tt.closed)
		}
		if got := span(calendar.Next([]data.Release{tt.release}, at(tt.now))); got != tt.next {
			t.Errorf("next after %s: %s, want %s", tt.now, got, tt.next)
		}
	}
	if got := span(calendar.Next(nil, at("2026-01-01T00:00:00Z"))); got != "none" {
		t.Errorf("without a calendar the next release is %s", got)
	}
}

// At any moment one window has closed and the next has not, in that order.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.IntRange(1, 31).Draw(t, "first day")
		further := rapid.IntRange(0, 11).Draw(t, "further months")
		r := data.Release{Months: rapid.SliceOfNDistinct(rapid.IntRange(1, 12), 1, 12, rapid.ID[int]).Draw(t, "months"), FirstDay: first, FurtherMonths: further, LastDay: rapid.IntRange(first, 31).Draw(t, "last day")}
		now := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "now"), 0).UTC()
		closed, ok := calendar.Closed([]data.Release{r}, now)
		next, okNext := calendar.Next([]data.Release{r}, now)
		if !ok || !okNext || !closed.Last.Before(now) || closed.Last.Before(now.AddDate(-1, -1, -1)) || next.Last.AddDate(0, 0, 1).Before(now) || !closed.Last.Before(next.Last) {
			t.Fatalf("at %v: closed %+v, next %+v", now, closed, next)
		}
	})
}
