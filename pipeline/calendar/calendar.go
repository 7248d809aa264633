// Package calendar tells when publishers are expected to publish, so that a
// publisher who is late is told from a fetch of ours that failed.
//
// What is known about a publisher's habits is a few days of some months each
// year, in data/release_calendar.csv: quarterly national accounts come from the
// 16th to the 20th of January, April, July and October. Such a span is a
// [Window]. News that arrived since the first day of the last window that has
// closed is the release that was expected; none by then means it is late.
//
// Days are the publisher's, and a window closes with the end of its last day
// there; time zones matter here only as much as a day does.
package calendar

import (
	"time"

	"citystats/data"
)

// Window is the span of days within which one release is expected.
type Window struct {
	Title       string // of the release
	First, Last time.Time
}

// Next is the first window that has not closed by now: one that is open, or the
// next to open. It is false when the calendar knows no release.
func Next(releases []data.Release, now time.Time) (Window, bool) {
	return pick(releases, now, func(w Window) bool { return !w.closed(now) }, func(a, b Window) bool { return a.First.Before(b.First) })
}

// Closed is the last window that has closed by now.
func Closed(releases []data.Release, now time.Time) (Window, bool) {
	return pick(releases, now, func(w Window) bool { return w.closed(now) }, func(a, b Window) bool { return a.Last.After(b.Last) })
}

// closed says whether the last day is over.
func (w Window) closed(now time.Time) bool { return !now.Before(w.Last.AddDate(0, 0, 1)) }

// pick is the best of the windows that are wanted, of those that begin from two
// years ago, since one may be a year long, to the next.
func pick(releases []data.Release, now time.Time, wanted func(Window) bool, better func(a, b Window) bool) (best Window, found bool) {
	for _, r := range releases {
		for _, month := range r.Months {
			for year := now.Year() - 2; year <= now.Year()+1; year++ {
				w := window(r, year, time.Month(month))
				if wanted(w) && (!found || better(w, best)) {
					best, found = w, true
				}
			}
		}
	}
	return best, found
}

// window is the one that begins in that month. Months may be shorter than its days.
func window(r data.Release, year int, month time.Month) Window {
	day := func(month time.Month, n int) time.Time {
		end := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
		return time.Date(year, month, min(n, end.Day()), 0, 0, 0, 0, time.UTC)
	}
	return Window{r.TitleEN, day(month, r.FirstDay), day(month+time.Month(r.FurtherMonths), r.LastDay)}
}
