package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/schedule"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// utc is a source that is due by the cron line, in universal time.
func utc(id, cron string, jitter int) data.Source {
	return data.Source{ID: id, Cron: cron, TimeZone: "UTC", JitterMinutes: jitter}
}

func plan(t *testing.T, sources ...data.Source) *schedule.Plan {
	t.Helper()
	p, err := schedule.New(sources)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNew(t *testing.T) {
	tests := []struct {
		name, cron, zone string
		says             string // what is wrong; empty when nothing is
	}{
		{"every night", "15 2 * * *", "Asia/Shanghai", ""},
		{"on the 29th of February", "0 0 29 2 *", "UTC", ""},
		{"four fields", "15 2 * *", "UTC", "write five fields"},
		{"six fields", "0 15 2 * * *", "UTC", "write five fields"},
		{"empty", "", "UTC", "write five fields"},
		{"minute 60", "60 2 * * *", "UTC", "write five fields"},
		{"words", "at night", "UTC", "write five fields"},
		{"a day that never comes", "0 0 31 2 *", "UTC", "never comes"},
		{"an abbreviation for a zone", "15 2 * * *", "CST", "write an IANA name such as Asia/Shanghai"},
		{"a zone with a space", "15 2 * * *", "Asia/Shanghai 1", "write an IANA name such as Asia/Shanghai"},
		{"a way out of the folder of zones", "15 2 * * *", "../UTC", "write an IANA name such as Asia/Shanghai"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := schedule.New([]data.Source{utc("good", "0 0 * * *", 0), {ID: "nbs", Cron: tt.cron, TimeZone: tt.zone}})
			if tt.says == "" {
				if err != nil || len(p.Entries()) != 2 {
					t.Errorf("%v: want two entries", err)
				}
				return
			}
			if fault.KindOf(err) != fault.Definition || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "source nbs") || !strings.HasPrefix(err.Error(), "data/sources.csv: ") {
				t.Errorf("error %v, want one of kind definition at data/sources.csv that names source nbs and says %q", err, tt.says)
			}
		})
	}
}

func TestEntries(t *testing.T) {
	p := plan(t, data.Source{ID: "b", Cron: "15 2 * * *", TimeZone: "Asia/Shanghai", JitterMinutes: 20}, utc("a", "0 0 1 * *", 0))
	var got []string
	for _, e := range p.Entries() {
		got = append(got, fmt.Sprint(e.Source, " ", e.Cron, " ", e.TimeZone, " ", e.Jitter))
	}
	if diff := cmp.Diff([]string{"b 15 2 * * * Asia/Shanghai 20m0s", "a 0 0 1 * * UTC 0s"}, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	next := p.Entries()[0].Next(at("2026-11-23 18:00"))
	if want := at("2026-11-23 18:15"); !next.Equal(want) || next.Format("15:04") != "02:15" {
		t.Errorf("due at %v, want %v: 02:15 in Shanghai", next, want)
	}
}

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestMissed(t *testing.T) {
	nightly, shanghai := utc("a", "15 2 * * *", 0), data.Source{ID: "a", Cron: "15 2 * * *", TimeZone: "Asia/Shanghai"}
	tests := []struct {
		name   string
		source data.Source
		last   time.Time
		now    string
		want   bool
	}{
		{"never ran", nightly, time.Time{}, "2026-11-23 12:00", true},
		{"ran just now", nightly, at("2026-11-23 02:15"), "2026-11-23 02:16", false},
		{"ran just now, late in the day", nightly, at("2026-11-23 11:59"), "2026-11-23 12:00", false},
		{"ran tonight, not due before tomorrow", nightly, at("2026-11-23 02:15"), "2026-11-24 02:14", false},
		{"due this minute", nightly, at("2026-11-23 02:15"), "2026-11-24 02:15", true},
		{"slept through one", nightly, at("2026-11-22 02:15"), "2026-11-23 12:00", true},
		{"slept through three", nightly, at("2026-11-20 02:15"), "2026-11-23 12:00", true},
		{"ran by hand since", nightly, at("2026-11-23 09:00"), "2026-11-23 12:00", false},
		{"the clock went back", nightly, at("2026-11-25 02:15"), "2026-11-23 12:00", false},
		{"not yet there", shanghai, at("2026-11-22 18:15"), "2026-11-23 18:14", false},
		{"due there", shanghai, at("2026-11-22 18:15"), "2026-11-23 18:15", true},
	}
	for _, tt := range tests {
		if got := plan(t, tt.source).Entries()[0].Missed(tt.last, at(tt.now)); got != tt.want {
			t.Errorf("%s: missed %v, want %v", tt.name, got, tt.want)
		}
	}
}

// diary is what a schedule was seen to do, on the clock of a synctest bubble,
// which starts at midnight of 2000-01-01.
type diary struct {
	began   time.Time
	entries []string
	running int
}

// asks returns a function that notes the time and takes as long as it is told.
func (d *diary) asks(t *testing.T, takes time.Duration) func(context.Context, string) {
	return func(ctx context.Context, id string) {
		if d.running++; d.running > 1 {
			t.Error("two sources are asked at a time")
		}
		d.entries = append(d.entries, fmt.Sprint(id, " ", time.Since(d.began)))
		select {
		case <-time.After(takes):
		case <-ctx.Done():
		}
		d.running--
	}
}

// run runs the plan for a while of the bubble's time and returns the diary.
func run(t *testing.T, p *schedule.Plan, lasts, takes time.Duration, lastRun func(string) (time.Time, error)) []string {
	t.Helper()
	var d diary
	synctest.Test(t, func(t *testing.T) {
		d.began = time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), lasts)
		defer cancel()
		if err := p.Run(ctx, time.Now, lastRun, d.asks(t, takes)); err != nil {
			t.Errorf("a schedule that is told to stop returns %v", err)
		}
		if took := time.Since(d.began); took != lasts {
			t.Errorf("it stops after %v, told to after %v", took, lasts)
		}
	})
	return d.entries
}

// since says every source ran that long before the bubble began.
func since(d time.Duration) func(string) (time.Time, error) {
	return func(string) (time.Time, error) { return at("2000-01-01 00:00").Add(-d), nil }
}

func never(string) (time.Time, error) { return time.Time{}, nil }

const (
	minute = time.Minute
	hour   = time.Hour
)

func TestRun(t *testing.T) {
	hourly := func(id string) data.Source { return utc(id, "0 * * * *", 0) }
	tests := []struct {
		name         string
		sources      []data.Source
		lasts, takes time.Duration
		lastRun      func(string) (time.Time, error)
		want         []string
	}{
		{"at the hours", []data.Source{hourly("a")}, 3*hour + minute, minute, since(0), []string{"a 1h0m0s", "a 2h0m0s", "a 3h0m0s"}},
		{"first of all who never ran", []data.Source{hourly("a"), hourly("b")}, 30 * minute, minute, never, []string{"a 0s", "b 1m0s"}},
		{"once, however often it was due", []data.Source{hourly("a")}, 90 * minute, minute, since(100 * hour), []string{"a 0s", "a 1h0m0s"}},
		{"not again who ran", []data.Source{utc("a", "0 12 * * *", 0)}, 11 * hour, minute, since(hour), nil},
		{"one after the other", []data.Source{hourly("a"), utc("b", "5 * * * *", 0)}, 100 * minute, 20 * minute, since(0), []string{"b 5m0s", "a 1h0m0s", "b 1h20m0s"}},
		{"no second time while it runs", []data.Source{utc("a", "*/10 * * * *", 0)}, 60 * minute, 25 * minute, since(0), []string{"a 10m0s", "a 40m0s"}},
		{"due while others caught up", []data.Source{utc("a", "30 0 * * *", 0), utc("b", "0 23 * * *", 0)}, 3 * hour, 2 * hour, func(id string) (time.Time, error) {
			return map[string]time.Time{"a": at("1999-12-31 12:00"), "b": at("1999-12-31 12:00")}[id], nil
		}, []string{"b 0s", "a 2h0m0s"}},
		{"a time zone", []data.Source{{ID: "a", Cron: "0 9 * * *", TimeZone: "Asia/Shanghai"}}, 24 * hour, minute, since(0), []string{"a 1h0m0s"}},
		{"nothing to do", nil, hour, minute, never, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, run(t, plan(t, tt.sources...), tt.lasts, tt.takes, tt.lastRun)); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// TestJitter wants a delay below the limit, and not always the same.
func TestJitter(t *testing.T) {
	seen := map[string]bool{}
	for _, entry := range run(t, plan(t, utc("a", "0 * * * *", 20)), 200*hour, time.Second, since(0)) {
		late, err := time.ParseDuration(strings.TrimPrefix(entry, "a "))
		if err != nil {
			t.Fatal(err)
		}
		if late %= hour; late >= 20*minute {
			t.Errorf("%s: %v late, want less than 20 minutes", entry, late)
		}
		seen[late.String()] = true
	}
	if len(seen) < 100 {
		t.Errorf("%d different delays in 200 hours", len(seen))
	}
}

// TestCancel stops at any time: nothing is asked afterwards, and Run returns
// once the last call of ask did.
func TestCancel(t *testing.T) {
	p := plan(t, utc("a", "0 * * * *", 20), utc("b", "0 * * * *", 20), utc("c", "*/7 * * * *", 1))
	for range 30 {
		lasts := rand.N(5 * hour)
		t.Run(lasts.String(), func(t *testing.T) {
			for _, entry := range run(t, p, lasts, 10*minute, never) {
				when, err := time.ParseDuration(entry[2:])
				if err != nil {
					t.Fatal(err)
				}
				if when >= lasts {
					t.Errorf("%s, though told to stop at %v", entry, lasts)
				}
			}
		})
	}
}

func TestCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ask := func(context.Context, string) { t.Error("asked after the end") }
	if err := plan(t, utc("a", "* * * * *", 0)).Run(ctx, time.Now, never, ask); err != nil {
		t.Errorf("error %v, want none", err)
	}
}

// TestSlowToStop waits for a call that does not look at its context.
func TestSlowToStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 61*minute)
		defer cancel()
		began, ended := time.Now(), false
		err := plan(t, utc("a", "0 * * * *", 0)).Run(ctx, time.Now, since(0), func(context.Context, string) {
			time.Sleep(30 * minute)
			ended = true
		})
		if err != nil || !ended || time.Since(began) != 90*minute {
			t.Errorf("Run returns %v after %v, the last call ended: %v", err, time.Since(began), ended)
		}
	})
}

func TestLedgerUnreadable(t *testing.T) {
	errLedger := errors.New("ledger unreadable")
	ask := func(_ context.Context, id string) { t.Errorf("source %s is asked all the same", id) }
	lastRun := func(id string) (time.Time, error) {
		if id == "b" {
			return time.Time{}, errLedger
		}
		return time.Time{}, nil
	}
	p := plan(t, utc("a", "* * * * *", 0), utc("b", "* * * * *", 0))
	if err := p.Run(t.Context(), time.Now, lastRun, ask); !errors.Is(err, errLedger) {
		t.Errorf("error %v, want that of the ledger", err)
	}
}
