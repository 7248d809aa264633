//go:build duckdb_arrow

package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"citystats/pipeline"
	"citystats/pipeline/archive"
	"citystats/sources/source"
)

// party is a source that fetches when its test says so. It decodes as the shelf does.
type party struct {
	*shelf
	id, host string
	fetch    func() error
	begun    chan struct{}
}

func (p *party) Info() source.Info {
	return source.Info{ID: p.id, Title: p.id, Hosts: []string{p.host}, Generation: 1}
}

func (p *party) Fetch(ctx context.Context, c *http.Client, emit func(source.Document) error) error {
	close(p.begun)
	if err := p.fetch(); err != nil {
		return err
	}
	return p.Source.Fetch(ctx, c, func(d source.Document) error {
		d.Source = p.id
		return emit(d)
	})
}

// The slow one stands first in the list and finishes last; the third calls the
// same host as the first.
func TestSourcesAreAskedSideBySide(t *testing.T) {
	r := newRig(t)
	var slowDone atomic.Bool
	fast := &party{shelf: r.shelf, id: "fast", host: "b.example", begun: make(chan struct{}), fetch: func() error { return nil }}
	slow := &party{shelf: r.shelf, id: "slow", host: "a.example", begun: make(chan struct{})}
	slow.fetch = func() error {
		<-fast.begun
		slowDone.Store(true)
		return nil
	}
	neighbour := &party{shelf: r.shelf, id: "neighbour", host: "a.example", begun: make(chan struct{})}
	neighbour.fetch = func() error {
		if !slowDone.Load() {
			return fmt.Errorf("a.example hears two sources together")
		}
		return nil
	}
	r.Sources = []source.Source{slow, fast, neighbour}
	report := r.run(t, pipeline.Options{})
	for _, s := range report.Sources {
		if s.Err != nil {
			t.Errorf("source %s: %v", s.ID, s.Err)
		}
	}
	captures, err := archive.Read(filepath.Join(r.state, "archive"))
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, c := range captures {
		order = append(order, c.Source)
	}
	if got, want := order, []string{"slow", "slow", "fast", "fast", "neighbour", "neighbour"}; !slices.Equal(got, want) {
		t.Errorf("documents were archived in the order %s, want that of the list, %s", got, want)
	}
}

// What ends the run ends the other sources' asking too.
func TestCancelEndsEverySource(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	first := &party{shelf: r.shelf, id: "first", host: "a.example", begun: make(chan struct{}), fetch: func() error { cancel(); return nil }}
	second := &party{shelf: r.shelf, id: "second", host: "a.example", begun: make(chan struct{}), fetch: func() error { return nil }}
	r.Sources = []source.Source{first, second}
	if _, err := r.Run(ctx, pipeline.Options{}); err == nil {
		t.Fatal("a run that was cancelled while it fetched ended well")
	}
	select {
	case <-second.begun:
		t.Error("a source was asked after the run was cancelled")
	default:
	}
}
