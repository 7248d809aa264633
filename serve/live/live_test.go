//go:build duckdb_arrow

package live_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline"
	"citystats/pipeline/answers"
	"citystats/pipeline/release"
	"citystats/pipeline/warehouse"
	"citystats/serve/live"
	"citystats/sources"
	"citystats/sources/source"
	queries "citystats/sql"
)

// state publishes the documents that ship with the program.
func state(t *testing.T) (string, *queries.Set, *data.Catalog) {
	t.Helper()
	dir := t.TempDir()
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	set, err := queries.Load(queries.Files())
	if err != nil {
		t.Fatal(err)
	}
	all, err := sources.All(catalog, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	p, err := pipeline.New(pipeline.Config{
		State: dir, Catalog: catalog, Queries: set, Sources: all, Now: time.Now, Log: zap.NewNop(), Keep: 9,
		Client: func(source.Info, *answers.Store) *http.Client { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(t.Context(), pipeline.Options{Offline: true}); err != nil {
		t.Fatal(err)
	}
	return dir, set, catalog
}

// again publishes the live release under another name.
func again(t *testing.T, dir string, n int) string {
	t.Helper()
	s := release.Store{Dir: dir}
	m, err := s.Current()
	if err != nil {
		t.Fatal(err)
	}
	build := filepath.Join(t.TempDir(), "build")
	if err := os.MkdirAll(build, 0o755); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(s.Path(m.ID))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(build, warehouse.FileName), body, 0o644); err != nil {
		t.Fatal(err)
	}
	m.Definitions = fmt.Sprint(n)
	if m, err = release.Seal(build, m); err != nil {
		t.Fatal(err)
	}
	if err := s.Install(build, m); err != nil {
		t.Fatal(err)
	}
	if err := s.Point(m.ID); err != nil {
		t.Fatal(err)
	}
	return m.ID
}

func asks(t *testing.T, r *live.Release) {
	t.Helper()
	if got, err := r.Query(t.Context(), "SELECT count(*) FROM observations"); err != nil || got.Rows[0][0].(int64) == 0 {
		t.Fatalf("release %s answers %v, %v", r.ID, got, err)
	}
}

// What somebody holds stays open, whatever is published meanwhile and whoever closes
// the shelf.
func TestWhatIsHeldStaysOpen(t *testing.T) {
	dir, set, catalog := state(t)
	s := live.Open(live.Options{State: dir, Queries: set, Catalog: catalog, Now: time.Now, Limits: warehouse.Limits{MemoryMB: 256}, Readers: 1, Kept: 1, Days: 1})
	if _, err := s.Live(); fault.KindOf(err) != fault.Storage {
		t.Errorf("before the first look there is a live release (%v)", err)
	}
	if changed, err := s.Refresh(t.Context()); err != nil || !changed {
		t.Fatal(changed, err)
	}
	if changed, err := s.Refresh(t.Context()); err != nil || changed {
		t.Errorf("looking again changes something: %v, %v", changed, err)
	}
	first, err := s.Live()
	if err != nil {
		t.Fatal(err)
	}
	second := again(t, dir, 1)
	if changed, err := s.Refresh(t.Context()); err != nil || !changed {
		t.Fatal(changed, err)
	}
	asks(t, first)
	now, err := s.Live()
	if err != nil || now.ID != second {
		t.Fatalf("the live release is %v, want %s (%v)", now, second, err)
	}
	// Asked for by name the old one is opened anew, beside the one that is held.
	kept, err := s.Kept(t.Context(), first.ID)
	if err != nil || kept == first {
		t.Fatalf("the kept release is %v (%v)", kept, err)
	}
	first.Done()
	asks(t, kept)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	asks(t, now)
	asks(t, kept)
	now.Done()
	kept.Done()
	if _, err := s.Live(); err == nil {
		t.Error("a closed shelf has a live release")
	}
	if _, err := s.Kept(t.Context(), second); err == nil {
		t.Error("a closed shelf has kept releases")
	}
	if changed, err := s.Refresh(t.Context()); changed || err != nil {
		t.Errorf("a closed shelf takes over releases: %v, %v", changed, err)
	}
}

// A release that cannot be opened changes nothing.
func TestDamagedRelease(t *testing.T) {
	dir, set, catalog := state(t)
	s := live.Open(live.Options{State: dir, Queries: set, Catalog: catalog, Now: time.Now, Readers: 1})
	defer s.Close()
	if _, err := s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := s.Live()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Done()
	bad := again(t, dir, 1)
	if err := os.WriteFile((release.Store{Dir: dir}).Path(bad), []byte("no database"), 0o644); err != nil {
		t.Fatal(err)
	}
	if changed, err := s.Refresh(t.Context()); err == nil || changed {
		t.Errorf("a damaged release was taken over: %v, %v", changed, err)
	}
	now, err := s.Live()
	if err != nil || now.ID != r.ID {
		t.Errorf("the live release is %v, %v", now, err)
	}
	now.Done()
	for _, name := range []string{bad, "", "..", "../" + r.ID, "2026-11-25-zzzzzzzz"} {
		if _, err := s.Kept(t.Context(), name); fault.KindOf(err) != fault.Usage {
			t.Errorf("the release %q can be asked for (%v)", name, err)
		}
	}
}

// An earlier day knows less, days without news share their tables, and many may ask
// at once.
func TestEarlierDays(t *testing.T) {
	dir, set, catalog := state(t)
	s := live.Open(live.Options{State: dir, Queries: set, Catalog: catalog, Now: time.Now, Limits: warehouse.Limits{MemoryMB: 256}, Readers: 2, Days: 1})
	defer s.Close()
	if _, err := s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := s.Live()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Done()
	count := func(ask func(context.Context, string, ...any) (warehouse.Rows, error)) int64 {
		got, err := ask(t.Context(), "SELECT count(*) FROM observations")
		if err != nil {
			t.Error(err)
			return 0
		}
		return got.Rows[0][0].(int64)
	}
	all := count(r.Query)
	var readers sync.WaitGroup
	for i := range 8 {
		readers.Go(func() {
			day := []string{"2014-12-31", "2015-01-01", "2024-06-30", "2023-08-05"}[i%4]
			d, err := r.AsOf(t.Context(), day)
			if err != nil {
				t.Error(err)
				return
			}
			defer d.Done()
			if n := count(d.Query); n == 0 || n >= all {
				t.Errorf("on %s there were %d figures of %d", day, n, all)
			}
		})
	}
	readers.Wait()
	if _, err := r.AsOf(t.Context(), "1066-10-14"); fault.KindOf(err) != fault.Usage {
		t.Errorf("before anything was published: %v", err)
	}
	gone, stop := context.WithCancel(t.Context())
	stop()
	if _, err := r.Query(gone, "SELECT 1"); err == nil {
		t.Error("somebody who has gone is answered")
	}
	asks(t, r)
}
