// Package schedule decides when each source is asked.
//
// A source is due at the times of its cron line, in its own time zone, plus a
// random delay up to its jitter, so that not everybody asks a publisher on the
// minute. Runs never overlap, not even those of different sources: they would
// wait for the state lock and fail. A source that was due while nobody was
// running is asked once when the schedule starts, however often it was due.
package schedule

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/robfig/cron/v3"

	"citystats/data"
	"citystats/internal/fault"
)

// Entry is when one source is due.
type Entry struct {
	Source, Cron, TimeZone string
	Jitter                 time.Duration
	zone                   *time.Location
	times                  cron.Schedule
}

// Next is the first time after t, before jitter, in the source's time zone.
func (e Entry) Next(t time.Time) time.Time { return e.times.Next(t).In(e.zone) }

// Missed says whether the source was due between its last run and now. One that
// never ran is due.
func (e Entry) Missed(last, now time.Time) bool {
	return last.IsZero() || !e.times.Next(last).After(now)
}

// Plan is every source's entry.
type Plan struct{ entries []Entry }

// New reads the cron lines of the sources.
func New(sources []data.Source) (*Plan, error) {
	p := &Plan{}
	for _, s := range sources {
		zone, err := time.LoadLocation(s.TimeZone)
		if err != nil {
			return nil, fault.New(fault.Definition, "data/sources.csv", "write an IANA name such as Asia/Shanghai", "source %s has the time zone %q", s.ID, s.TimeZone)
		}
		times, err := cron.ParseStandard("CRON_TZ=" + s.TimeZone + " " + s.Cron)
		if err != nil {
			return nil, fault.New(fault.Definition, "data/sources.csv", "write five fields: minute, hour, day, month, weekday", "source %s has the cron line %q: %v", s.ID, s.Cron, err)
		}
		if times.Next(time.Unix(0, 0)).IsZero() {
			return nil, fault.New(fault.Definition, "data/sources.csv", "write a day that the month has", "source %s has the cron line %q, which never comes", s.ID, s.Cron)
		}
		p.entries = append(p.entries, Entry{s.ID, s.Cron, s.TimeZone, time.Duration(s.JitterMinutes) * time.Minute, zone, times})
	}
	return p, nil
}

// Entries are the plan's entries, in the order of the definitions.
func (p *Plan) Entries() []Entry { return p.entries }

// Run asks sources until ctx is done, and then returns nil once the last call of
// ask has returned. lastRun says when a source was last asked; ask is called for
// one source at a time.
func (p *Plan) Run(ctx context.Context, now func() time.Time, lastRun func(id string) (time.Time, error), ask func(context.Context, string)) error {
	one := make(chan struct{}, 1)
	asking := func(id string) {
		select {
		case one <- struct{}{}:
			defer func() { <-one }()
		case <-ctx.Done():
		}
		if ctx.Err() == nil {
			ask(ctx, id)
		}
	}
	if err := p.catchUp(ctx, now, lastRun, asking); err != nil {
		return err
	}
	c := cron.New(cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger)))
	for _, e := range p.entries {
		c.Schedule(e.times, cron.FuncJob(func() {
			if wait(ctx, jitter(e.Jitter)) {
				asking(e.Source)
			}
		}))
	}
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
	return nil
}

// catchUp asks for what was missed, and then for what fell due meanwhile.
func (p *Plan) catchUp(ctx context.Context, now func() time.Time, lastRun func(id string) (time.Time, error), ask func(id string)) error {
	last := make([]time.Time, len(p.entries))
	for i, e := range p.entries {
		var err error
		if last[i], err = lastRun(e.Source); err != nil {
			return err
		}
	}
	for again := true; again && ctx.Err() == nil; {
		again = false
		for i, e := range p.entries {
			if at := now(); e.Missed(last[i], at) {
				last[i], again = at, true
				ask(e.Source)
			}
		}
	}
	return nil
}

func jitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return rand.N(most)
}

// wait says whether d passed before ctx was done.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
