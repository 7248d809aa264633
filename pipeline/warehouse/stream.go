//go:build duckdb_arrow

package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/duckdb/duckdb-go/v2"

	"citystats/pipeline/batch"
)

// stream is one INSERT that is being fed with batches. It is the only code that
// shows Arrow memory to the engine: the view is read whole, in order and once,
// by one INSERT ... SELECT *, which is one write to disk however many batches
// there are, and the view is dropped before its memory goes. See the package
// comment for why.
//
// Each stream has a connection of its own, so that two can be open at once.
type stream struct {
	feed    *feed
	conn    *sql.Conn
	table   string
	path    string
	release func()
	done    chan error // the INSERT's result
	fed     int64
	written int64
}

// anyOrder lets rows stand in the table in another order than they came. With
// the order to keep, the engine writes each batch twice to join it to the next:
// a fifth of a load. Nothing asks for the order; a row has its record's number.
const anyOrder = "SET SESSION preserve_insertion_order = false"

// openStream starts an INSERT into table, which is left waiting for batches.
func (b *Build) openStream(ctx context.Context, table string) (*stream, error) {
	conn, err := b.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("stream into %s: %w", table, err)
	}
	if _, err := conn.ExecContext(ctx, anyOrder); err != nil {
		return nil, errors.Join(storage(err, b.path), conn.Close())
	}
	s := &stream{feed: newFeed(ctx), conn: conn, table: table, path: b.path, done: make(chan error, 1)}
	b.streams++
	view := fmt.Sprintf("arrow_stream_%d", b.streams)
	err = withDriver(conn, func(dc driver.Conn) error {
		door, err := duckdb.NewArrowFromConn(dc)
		if err != nil {
			return err
		}
		s.release, err = door.RegisterView(s.feed, view)
		return err
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("stream into %s: %w", table, err), conn.Close())
	}
	go func() {
		result, err := conn.ExecContext(ctx, "INSERT INTO "+table+" BY NAME SELECT * FROM memory.main."+view)
		if err == nil {
			s.written, err = result.RowsAffected()
		}
		_, drop := conn.ExecContext(context.WithoutCancel(ctx), "DROP VIEW memory.main."+view)
		s.done <- errors.Join(err, drop)
	}()
	return s, nil
}

// send hands a batch over; the stream releases it.
func (s *stream) send(rec arrow.RecordBatch) error {
	select {
	case s.feed.batches <- rec:
		s.fed += rec.NumRows()
		return nil
	case err := <-s.done:
		// The INSERT ended before its input did: keep its result for finish.
		rec.Release()
		if err == nil {
			err = errors.New("the insert ended early")
		}
		s.done <- err
		return storage(fmt.Errorf("insert into %s: %w", s.table, err), s.path)
	}
}

// finish ends the input and waits for the INSERT. With a cause the INSERT fails
// for it and writes nothing.
func (s *stream) finish(cause error) error {
	s.feed.end(cause)
	err := <-s.done
	s.release()
	s.feed.drain()
	err = errors.Join(err, s.conn.Close())
	switch {
	case cause != nil:
		return nil //nolint:nilerr // failing for the cause is what was asked of it
	case err != nil:
		return storage(fmt.Errorf("insert into %s: %w", s.table, err), s.path)
	case s.written != s.fed:
		return fmt.Errorf("%d of %d rows reached %s", s.written, s.fed, s.table)
	}
	return nil
}

// last sends one more batch and ends the input. An INSERT that ended early has
// said why to send, so finish has nothing to add.
func (s *stream) last(rec arrow.RecordBatch) error {
	if err := s.send(rec); err != nil {
		_ = s.finish(err)
		return err
	}
	return s.finish(nil)
}

// insert writes one batch into table.
func (b *Build) insert(ctx context.Context, table string, rec arrow.RecordBatch) error {
	s, err := b.openStream(ctx, table)
	if err != nil {
		rec.Release()
		return err
	}
	return s.last(rec)
}

// feed is the reader the engine pulls from: a channel, since the engine calls
// from a thread of its own and an iterator cannot be resumed there. It may not
// panic, which would end the process.
type feed struct {
	ctx     context.Context //nolint:containedctx // the engine's call has none, and a cancelled load must wake it
	batches chan arrow.RecordBatch
	current arrow.RecordBatch
	once    sync.Once
	mu      sync.Mutex
	err     error
}

func newFeed(ctx context.Context) *feed {
	return &feed{ctx: ctx, batches: make(chan arrow.RecordBatch, 2)}
}

var _ array.RecordReader = (*feed)(nil)

func (f *feed) end(cause error) {
	f.once.Do(func() {
		f.fail(cause)
		close(f.batches)
	})
}

func (f *feed) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

// drain releases what the engine did not read.
func (f *feed) drain() {
	for rec := range f.batches {
		rec.Release()
	}
	if f.current != nil {
		f.current.Release()
		f.current = nil
	}
}

// Retain and Release do nothing: the stream owns the feed.
func (f *feed) Retain()  {}
func (f *feed) Release() {}

// Schema is every batch's.
func (f *feed) Schema() *arrow.Schema { return batch.Schema }

// Next waits for the next batch.
func (f *feed) Next() bool {
	if f.current != nil {
		f.current.Release()
		f.current = nil
	}
	select {
	case rec, ok := <-f.batches:
		f.current = rec
		return ok && f.Err() == nil
	case <-f.ctx.Done():
		f.fail(f.ctx.Err())
		return false
	}
}

// RecordBatch is the batch Next found.
func (f *feed) RecordBatch() arrow.RecordBatch { return f.current }

// Record is RecordBatch under its former name, which the interface still has.
//
// Deprecated: use RecordBatch.
func (f *feed) Record() arrow.RecordBatch { return f.current }

// Err is why Next stopped, nil at the end of the input.
func (f *feed) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}
