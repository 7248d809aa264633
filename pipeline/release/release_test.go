package release_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"citystats/internal/fault"
	"citystats/pipeline/release"
)

var day = time.Date(2026, time.November, 23, 23, 30, 0, 0, time.UTC)

// plan is the manifest of a build before it is sealed.
func plan(text string, at time.Time) release.Manifest {
	return release.Manifest{
		CreatedAt: at, Run: "run", Captures: 3, Definitions: "d", Decoders: "x:1", Queries: "q",
		Tables: []release.Table{{Name: "main.observations", Rows: 1, Digest: text}},
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// seal makes a sealed build folder whose database says text.
func seal(t *testing.T, text string, at time.Time) (string, release.Manifest) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "build")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "citystats.duckdb"), text)
	m, err := release.Seal(dir, plan(text, at))
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}

// publish does everything a run does to make text the live release.
func publish(t *testing.T, s release.Store, text string, at time.Time) release.Manifest {
	t.Helper()
	dir, m := seal(t, text, at)
	if err := errors.Join(s.Install(dir, m), s.Point(m.ID)); err != nil {
		t.Fatal(err)
	}
	return m
}

// wantLive checks that a reader finds m whole.
func wantLive(t *testing.T, s release.Store, m release.Manifest, text string) {
	t.Helper()
	got, err := s.Current()
	if err != nil {
		t.Errorf("no live release: %v", err)
		return
	}
	if diff := cmp.Diff(m, got); diff != "" {
		t.Errorf("live release (-want +got):\n%s", diff)
	}
	if db, err := os.ReadFile(s.Path(got.ID)); string(db) != text || err != nil {
		t.Errorf("its database says %q, %v, want %q", db, err, text)
	}
}

func ids(t *testing.T, s release.Store) []string {
	t.Helper()
	all, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range all {
		out = append(out, m.ID)
	}
	return out
}

func TestSeal(t *testing.T) {
	_, m := seal(t, "database", day.In(time.FixedZone("CST", 8*3600)))
	if want := "2026-11-23-" + m.ContentHash[:8]; m.ID != want {
		t.Errorf("the id is %s, want %s: the day is that of universal time", m.ID, want)
	}
	if want := "3549b0028b75d981cdda2e573e9cb49dedc200185876df299f912b79f69dabd8"; m.FileSHA256 != want || m.FileSize != 8 {
		t.Errorf("the database is %d bytes with SHA-256 %s, want 8 and %s", m.FileSize, m.FileSHA256, want)
	}
	if m.ContentHash != m.Hash() {
		t.Errorf("content hash %s, want %s", m.ContentHash, m.Hash())
	}
	if _, err := release.Seal(t.TempDir(), plan("x", day)); fault.KindOf(err) != fault.Storage {
		t.Errorf("a folder without a database: error %v, want one of kind storage", err)
	}
}

func TestNothingPublished(t *testing.T) {
	s := release.Store{Dir: t.TempDir()}
	if _, err := s.Current(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
	if got := ids(t, s); got != nil {
		t.Errorf("releases %v, want none", got)
	}
	if err := s.Point("2026-11-23-00000000"); fault.KindOf(err) != fault.Storage {
		t.Errorf("a link to nothing: error %v, want one of kind storage", err)
	}
	if _, err := s.Current(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after that: error %v, want fs.ErrNotExist", err)
	}
}

// TestSteps stops after each step of a publication: a reader finds the old
// release until the link moved, and the new one from then on. Whatever step it
// stopped at, the same steps again finish the job.
func TestSteps(t *testing.T) {
	steps := []struct {
		name string
		live string
		do   func(s release.Store, dir string, m release.Manifest) error
	}{
		{"sealed", "old", func(release.Store, string, release.Manifest) error { return nil }},
		{"installed", "old", func(s release.Store, dir string, m release.Manifest) error { return s.Install(dir, m) }},
		{"half of a link written", "old", func(s release.Store, _ string, m release.Manifest) error {
			return os.Symlink(filepath.Join("releases", m.ID), filepath.Join(s.Dir, "current.tmp"))
		}},
		{"pointed", "new", func(s release.Store, _ string, m release.Manifest) error { return s.Point(m.ID) }},
		{"pointed again", "new", func(s release.Store, _ string, m release.Manifest) error { return s.Point(m.ID) }},
		{"pruned", "new", func(s release.Store, _ string, _ release.Manifest) error { return s.Prune(1) }},
	}
	for stop := range steps {
		t.Run(steps[stop].name, func(t *testing.T) {
			s := release.Store{Dir: t.TempDir()}
			old := publish(t, s, "old", day)
			dir, next := seal(t, "new", day.Add(time.Hour))
			for _, step := range steps[:stop+1] {
				if err := step.do(s, dir, next); err != nil {
					t.Fatalf("%s: %v", step.name, err)
				}
				if step.live == "old" {
					wantLive(t, s, old, "old")
				} else {
					wantLive(t, s, next, "new")
				}
			}
			again := publish(t, s, "new", day.Add(time.Hour))
			if diff := cmp.Diff(next, again); diff != "" {
				t.Errorf("the same build is another release (-first +again):\n%s", diff)
			}
			wantLive(t, s, next, "new")
		})
	}
}

// TestDamage spoils the live release in every way, wants it named, and wants
// the same release installed anew to make it good.
func TestDamage(t *testing.T) {
	for name, spoil := range map[string]func(home string) error{
		"manifest missing": func(home string) error { return os.Remove(filepath.Join(home, "manifest.json")) },
		"manifest cut":     func(home string) error { return os.Truncate(filepath.Join(home, "manifest.json"), 40) },
		"manifest of another": func(home string) error {
			return os.WriteFile(filepath.Join(home, "manifest.json"), []byte(`{"id":"x"}`), 0o644)
		},
		"database truncated":   func(home string) error { return os.Truncate(filepath.Join(home, "citystats.duckdb"), 2) },
		"database grown":       func(home string) error { return os.Truncate(filepath.Join(home, "citystats.duckdb"), 2000) },
		"database deleted":     func(home string) error { return os.Remove(filepath.Join(home, "citystats.duckdb")) },
		"folder deleted":       os.RemoveAll,
		"all releases deleted": func(home string) error { return os.RemoveAll(filepath.Dir(home)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := release.Store{Dir: t.TempDir()}
			m := publish(t, s, "live", day)
			if err := spoil(filepath.Dir(s.Path(m.ID))); err != nil {
				t.Fatal(err)
			}
			for _, get := range []func() (release.Manifest, error){s.Current, func() (release.Manifest, error) { return s.Get(m.ID) }} {
				_, err := get()
				var told *fault.Error
				if !errors.As(err, &told) || told.Kind != fault.Storage || told.Hint == "" || !strings.Contains(err.Error(), m.ID) {
					t.Errorf("error %v, want one of kind storage that names %s and what to do", err, m.ID)
				}
				if errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%v reads as if nothing was published", err)
				}
			}
			if err := s.Point(m.ID); fault.KindOf(err) != fault.Storage {
				t.Errorf("pointing at it: error %v, want one of kind storage", err)
			}
			if got := ids(t, s); got != nil {
				t.Errorf("releases %v, want the damaged one left out", got)
			}
			publish(t, s, "live", day)
			wantLive(t, s, m, "live")
		})
	}
}

func TestManifestCannotBeRead(t *testing.T) {
	s := release.Store{Dir: t.TempDir()}
	m := publish(t, s, "live", day)
	path := filepath.Join(filepath.Dir(s.Path(m.ID)), "manifest.json")
	if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o755)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Current(); fault.KindOf(err) != fault.Storage {
		t.Errorf("error %v, want one of kind storage", err)
	}
}

// TestNoLink has something else where the link should be, as unpacking a copy
// of the state folder leaves.
func TestNoLink(t *testing.T) {
	s := release.Store{Dir: t.TempDir()}
	link := filepath.Join(s.Dir, "current")
	write(t, link, "releases/x")
	if _, err := s.Current(); fault.KindOf(err) != fault.Storage || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file: error %v, want one of kind storage", err)
	}
	m := publish(t, s, "live", day)
	wantLive(t, s, m, "live")
	if err := errors.Join(os.Remove(link), os.Mkdir(link, 0o755)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Current(); fault.KindOf(err) != fault.Storage || !strings.Contains(err.Error(), "remove it and run again") {
		t.Errorf("a folder: error %v, want one of kind storage that says what to do", err)
	}
}

// TestInstallTwice keeps a sound release and drops the build.
func TestInstallTwice(t *testing.T) {
	s := release.Store{Dir: t.TempDir()}
	m := publish(t, s, "live", day)
	before, err := os.Stat(s.Path(m.ID))
	if err != nil {
		t.Fatal(err)
	}
	dir, again := seal(t, "live", day)
	if err := s.Install(dir, again); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(s.Path(m.ID))
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("a published file was written again (%v)", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the build folder is still there (%v)", err)
	}
}

func TestListAndRollBack(t *testing.T) {
	s := release.Store{Dir: t.TempDir()}
	second := publish(t, s, "second", day.Add(time.Hour))
	first := publish(t, s, "first", day)
	third := publish(t, s, "third", day.Add(48*time.Hour))
	if diff := cmp.Diff([]string{first.ID, second.ID, third.ID}, ids(t, s)); diff != "" {
		t.Errorf("releases, oldest first (-want +got):\n%s", diff)
	}
	for _, m := range []struct {
		release.Manifest
		text string
	}{{first, "first"}, {third, "third"}, {second, "second"}} {
		if err := s.Point(m.ID); err != nil {
			t.Fatal(err)
		}
		wantLive(t, s, m.Manifest, m.text)
	}
}

func TestPrune(t *testing.T) {
	for _, tt := range []struct {
		name string
		keep int
		live int
		want []int
	}{
		{"none too many", 5, 3, []int{0, 1, 2, 3}},
		{"as many as there are", 4, 3, []int{0, 1, 2, 3}},
		{"the oldest two", 2, 3, []int{2, 3}},
		{"all but the live one", 1, 3, []int{3}},
		{"keep nothing", 0, 3, []int{3}},
		{"the live one is old", 1, 1, []int{1, 3}},
		{"the live one is the oldest", 2, 0, []int{0, 2, 3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := release.Store{Dir: t.TempDir()}
			var all []release.Manifest
			texts := []string{"a", "b", "c", "d"}
			for i, text := range texts {
				all = append(all, publish(t, s, text, day.Add(time.Duration(i)*time.Hour)))
			}
			var want []string
			for _, i := range tt.want {
				want = append(want, all[i].ID)
			}
			if err := s.Point(all[tt.live].ID); err != nil {
				t.Fatal(err)
			}
			reader, err := os.Open(s.Path(all[0].ID))
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			if err := s.Prune(tt.keep); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, ids(t, s), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("releases left (-want +got):\n%s", diff)
			}
			wantLive(t, s, all[tt.live], texts[tt.live])
			text := make([]byte, 1)
			if _, err := reader.Read(text); string(text) != "a" || err != nil {
				t.Errorf("an open reader of the oldest finds %q, %v", text, err)
			}
			if left, err := os.ReadDir(filepath.Join(s.Dir, "releases")); len(left) != len(want) || err != nil {
				t.Errorf("folders left: %v, %v; want %d", left, err, len(want))
			}
		})
	}
}

// TestPruneAfterCrash finds what an earlier call had hidden and not removed.
func TestPruneAfterCrash(t *testing.T) {
	s := release.Store{Dir: t.TempDir()}
	old := publish(t, s, "old", day)
	live := publish(t, s, "live", day.Add(time.Hour))
	hidden := filepath.Join(s.Dir, "releases", "."+old.ID)
	if err := os.Rename(filepath.Dir(s.Path(old.ID)), hidden); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, s); !slices.Equal(got, []string{live.ID}) {
		t.Errorf("releases %v, want only the live one", got)
	}
	dir, again := seal(t, "old", day)
	if err := errors.Join(s.Install(dir, again), s.Prune(1)); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(s.Dir, "releases")); len(left) != 1 || err != nil {
		t.Errorf("folders left: %v, %v; want only the live one", left, err)
	}
	wantLive(t, s, live, "live")
}

func TestPruneWithoutLive(t *testing.T) {
	s := release.Store{Dir: t.TempDir()}
	publish(t, s, "a", day)
	last := publish(t, s, "b", day.Add(time.Hour))
	if err := os.Remove(s.Path(last.ID)); err != nil {
		t.Fatal(err)
	}
	if err := s.Prune(0); fault.KindOf(err) != fault.Storage {
		t.Errorf("the live release is damaged: error %v, want one of kind storage", err)
	}
	if got := ids(t, s); len(got) != 1 {
		t.Errorf("releases %v, want the sound one kept: it may be all there is", got)
	}
}

// TestHash changes with what a reader could see and with what it was made by,
// and with nothing else.
func TestHash(t *testing.T) {
	base := func() release.Manifest {
		m := plan("x", day)
		m.Stale = []string{}
		m.Tables = append(m.Tables, release.Table{Name: "main.runs", Rows: 5, Digest: "r"}, release.Table{Name: "main.source_health", Rows: 2, Digest: "h"})
		return m
	}
	want := base().Hash()
	for name, tt := range map[string]struct {
		change func(*release.Manifest)
		same   bool
	}{
		"nothing":            {func(*release.Manifest) {}, true},
		"the day":            {func(m *release.Manifest) { m.CreatedAt = day.Add(100 * time.Hour) }, true},
		"the run":            {func(m *release.Manifest) { m.Run = "y" }, true},
		"the one before":     {func(m *release.Manifest) { m.Previous = "y" }, true},
		"the file":           {func(m *release.Manifest) { m.FileSHA256, m.FileSize = "y", 9 }, true},
		"the ledger's rows":  {func(m *release.Manifest) { m.Tables[1].Rows++; m.Tables[1].Digest = "y" }, true},
		"the sources' days":  {func(m *release.Manifest) { m.Tables[2].Digest = "y" }, true},
		"no diary":           {func(m *release.Manifest) { m.Tables = m.Tables[:1] }, true},
		"rows":               {func(m *release.Manifest) { m.Tables[0].Rows++ }, false},
		"a digest":           {func(m *release.Manifest) { m.Tables[0].Digest = "y" }, false},
		"a name":             {func(m *release.Manifest) { m.Tables[0].Name = "main.y" }, false},
		"a table more":       {func(m *release.Manifest) { m.Tables = append(m.Tables, release.Table{Name: "main.z"}) }, false},
		"definitions":        {func(m *release.Manifest) { m.Definitions = "y" }, false},
		"decoders":           {func(m *release.Manifest) { m.Decoders = "y" }, false},
		"queries":            {func(m *release.Manifest) { m.Queries = "y" }, false},
		"a stale source":     {func(m *release.Manifest) { m.Stale = []string{"worldbank"} }, false},
		"text moved between": {func(m *release.Manifest) { m.Definitions, m.Decoders = "d x:1", "" }, false},
	} {
		m := base()
		tt.change(&m)
		if same := m.Hash() == want; same != tt.same {
			t.Errorf("%s: the hash stays the same: %v, want %v", name, same, tt.same)
		}
	}
}

func TestDiffering(t *testing.T) {
	type tables = []release.Table
	a := release.Table{Name: "main.a", Rows: 1, Digest: "1"}
	b := release.Table{Name: "main.b", Rows: 1, Digest: "1"}
	grown := release.Table{Name: "main.a", Rows: 2, Digest: "1"}
	other := release.Table{Name: "main.a", Rows: 1, Digest: "2"}
	runs := release.Table{Name: "main.runs", Rows: 1, Digest: "1"}
	for _, tt := range []struct {
		name     string
		old, new tables
		want     []string
	}{
		{"nothing", nil, nil, nil},
		{"the same in another order", tables{a, b}, tables{b, a}, nil},
		{"more rows", tables{a, b}, tables{grown, b}, []string{"main.a"}},
		{"other rows", tables{a, b}, tables{other, b}, []string{"main.a"}},
		{"one gone and one come", tables{b}, tables{a}, []string{"main.a", "main.b"}},
		{"the diary", tables{a}, tables{a, runs}, nil},
		{"the diary gone", tables{a, runs}, tables{a}, nil},
	} {
		if diff := cmp.Diff(tt.want, release.Differing(tt.old, tt.new), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
