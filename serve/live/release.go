//go:build duckdb_arrow

package live

import (
	"context"
	"errors"
	"sync"
	"time"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/release"
	"citystats/pipeline/revisions"
	"citystats/pipeline/warehouse"
)

// Release is an open release that somebody took.
type Release struct {
	release.Manifest
	Path string // of its database

	withheld []data.Embargo // figures that nobody may see yet
	until    time.Time      // when one of them may be seen; zero when nothing is withheld

	shelf   *Shelf
	readers chan *warehouse.Reader
	users   int  // the shelf's lock guards it
	retired bool // and this

	mu   sync.Mutex
	days []*Day // the last used last

	asking  sync.Mutex // guards revised
	revised *[]revisions.Figure
}

// Done gives the release back. What it was closed with is no concern of who read it.
func (r *Release) Done() { _ = r.shelf.done(r) } // it was only read

// View names what of the release is seen: two answers to a question are alike when it
// is.
func (r *Release) View() string {
	if r.Whole() {
		return r.ID
	}
	return r.ID + " until " + r.until.UTC().Format(time.RFC3339)
}

// Whole says whether nothing of the release is under embargo.
func (r *Release) Whole() bool { return r.until.IsZero() }

// outdated says whether an embargo has ended since the release was opened.
func (r *Release) outdated() bool { return !r.Whole() && !r.shelf.opts.Now().Before(r.until) }

// open opens a reader that sees what may be seen, on an earlier day when one is given.
func (r *Release) open(ctx context.Context, day string) (*warehouse.Reader, error) {
	o := r.shelf.opts
	reader, err := warehouse.OpenReader(ctx, r.Path, o.Limits)
	if err != nil {
		return nil, err
	}
	if err := reader.See(ctx, o.Catalog, o.Queries, warehouse.View{AsOf: day, Withheld: r.withheld}); err != nil {
		return nil, errors.Join(err, reader.Close())
	}
	return reader, nil
}

// Query asks the release one of the program's own questions.
func (r *Release) Query(ctx context.Context, text string, args ...any) (warehouse.Rows, error) {
	select {
	case reader := <-r.readers:
		defer func() { r.readers <- reader }()
		return reader.Query(ctx, text, args...)
	case <-ctx.Done():
		return warehouse.Rows{}, ctx.Err()
	}
}

// Revised are the figures that were revised, the one that moves most first. What
// each moved is computed when it is first asked for, and kept.
func (r *Release) Revised(ctx context.Context) ([]revisions.Figure, error) {
	r.asking.Lock()
	defer r.asking.Unlock()
	if r.revised != nil {
		return *r.revised, nil
	}
	open := func(ctx context.Context) (*warehouse.Reader, error) { return r.open(ctx, "") }
	found, err := revisions.Ask(ctx, open, r.shelf.opts.Queries, revisions.Question{})
	if err != nil {
		return nil, err
	}
	r.revised = &found
	return found, nil
}

func (r *Release) close() error {
	var errs []error
	for _, d := range r.days {
		errs = append(errs, d.close())
	}
	r.days = nil
	for len(r.readers) > 0 {
		errs = append(errs, (<-r.readers).Close())
	}
	return errors.Join(errs...)
}

// Day is a release as one would have read it on an earlier day.
type Day struct {
	of     *Release
	day    string
	users  int
	ready  sync.Once
	reader *warehouse.Reader
	failed error
	turn   sync.Mutex // one question at a time
}

// AsOf takes the release as of a day, which the caller gives back with Done before
// the release itself. Between two days on which something became visible nothing
// changes, so that they share what is computed.
func (r *Release) AsOf(ctx context.Context, day string) (*Day, error) {
	found, err := r.Query(ctx, "SELECT CAST(max(visible_from) AS VARCHAR) FROM observation_vintages WHERE visible_from <= CAST(? AS DATE)", day)
	if err != nil {
		return nil, err
	}
	last, ok := found.Rows[0][0].(string)
	if !ok {
		return nil, fault.New(fault.Usage, "", "ask for a later day", "nothing was published by %s", day)
	}
	d := r.day(last)
	d.ready.Do(func() { d.reader, d.failed = r.compute(context.WithoutCancel(ctx), last) })
	if d.failed != nil {
		defer d.Done()
		return nil, d.failed
	}
	return d, nil
}

// day finds a day or adds it.
func (r *Release) day(day string) *Day {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, d := range r.days {
		if d.day == day {
			d.users++
			r.days = append(append(r.days[:i:i], r.days[i+1:]...), d)
			return d
		}
	}
	d := &Day{of: r, day: day, users: 1}
	r.days = append(r.days, d)
	return d
}

// compute opens a reader to which later vintages are not there.
func (r *Release) compute(ctx context.Context, day string) (*warehouse.Reader, error) {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	return r.open(ctx, day)
}

// Query asks what the day knew.
func (d *Day) Query(ctx context.Context, text string, args ...any) (warehouse.Rows, error) {
	d.turn.Lock()
	defer d.turn.Unlock()
	return d.reader.Query(ctx, text, args...)
}

// Done gives the day back. One that failed is forgotten, so that the next try is new.
func (d *Day) Done() {
	r := d.of
	r.mu.Lock()
	defer r.mu.Unlock()
	d.users--
	for i := 0; i < len(r.days); {
		o := r.days[i]
		if o.users == 0 && (len(r.days) > r.shelf.opts.Days || o.failed != nil) {
			r.days = append(r.days[:i:i], r.days[i+1:]...)
			_ = o.close() // it was only read
			continue
		}
		i++
	}
}

func (d *Day) close() error {
	if d.reader == nil {
		return nil
	}
	return d.reader.Close()
}
