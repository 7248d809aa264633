//go:build duckdb_arrow

package pipeline_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"citystats/internal/fault"
	"citystats/pipeline"
	"citystats/pipeline/archive"
	"citystats/pipeline/release"
	"citystats/pipeline/warehouse"
	"citystats/sources/bundled"
)

// Damage that operators do, and that the next run heals.
func TestNextRunHeals(t *testing.T) {
	database := func(r *rig, id string) string { return release.Store{Dir: r.state}.Path(id) }
	for name, damage := range map[string]func(t *testing.T, r *rig, id string) error{
		"database deleted":          func(_ *testing.T, r *rig, id string) error { return os.Remove(database(r, id)) },
		"database's header damaged": func(_ *testing.T, r *rig, id string) error { return scribble(r, database(r, id)) },
		"database cut short":        func(_ *testing.T, r *rig, id string) error { return os.Truncate(database(r, id), 4096) },
		"manifest deleted": func(_ *testing.T, r *rig, id string) error {
			return os.Remove(filepath.Join(filepath.Dir(database(r, id)), "manifest.json"))
		},
		"release deleted": func(_ *testing.T, r *rig, id string) error { return os.RemoveAll(filepath.Dir(database(r, id))) },
		"pointer deleted": func(_ *testing.T, r *rig, _ string) error { return os.Remove(filepath.Join(r.state, "current")) },
		"build left over": func(_ *testing.T, r *rig, _ string) error {
			return os.MkdirAll(filepath.Join(r.state, "build", "x"), 0o755)
		},
		"ledger's last torn": func(_ *testing.T, r *rig, _ string) error {
			return appendTo(filepath.Join(r.state, "ledger.jsonl"), `{"time":"20`)
		},
		"capture's last torn": func(_ *testing.T, r *rig, _ string) error {
			return appendTo(filepath.Join(r.state, "archive", "captures.jsonl"), `{"id":3`)
		},
		"all releases gone": func(_ *testing.T, r *rig, _ string) error { return os.RemoveAll(filepath.Join(r.state, "releases")) },
		"objects damaged":   damageObjects,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, first := published(t)
			if err := damage(t, r, first.Release); err != nil {
				t.Fatal(err)
			}
			report := r.run(t, pipeline.Options{})
			if report.Release != first.Release && name != "database's header damaged" {
				t.Errorf("the healed release is %s, want %s: the same documents must give the same release", report.Release, first.Release)
			}
			if got := r.value(t, "gdp", "2014"); got != 5157.97 {
				t.Errorf("GDP of 2014 is %v after healing", got)
			}
			if _, err := os.Stat(filepath.Join(r.state, "build")); err == nil && name == "build left over" {
				t.Error("the left-over build is still there")
			}
		})
	}
}

// scribble damages a database without changing its size, and brings news so that
// the next run must look at it.
func scribble(r *rig, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte("not a database"), 0)
	r.shelf.files["communique_2013.csv"] = doc(line("gdp", "2013", "4672.91", "cny_100m", "preliminary", "2014-04"))
	return errors.Join(err, f.Close())
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func damageObjects(t *testing.T, r *rig, _ string) error {
	objects, err := filepath.Glob(filepath.Join(r.state, "archive", "objects", "*", "*.zst"))
	if err != nil || len(objects) == 0 {
		t.Fatalf("objects: %v, %v", objects, err)
	}
	return os.WriteFile(objects[0], []byte("not what it was"), 0o644)
}

func TestCorruptObjectIsNamedAndNothingIsPublished(t *testing.T) {
	r, first := published(t)
	if err := damageObjects(t, r, ""); err != nil {
		t.Fatal(err)
	}
	_, err := r.Rebuild(t.Context())
	if fault.ExitCode(err) != 6 || !strings.Contains(err.Error(), ".zst") || !strings.Contains(err.Error(), "communique_201") {
		t.Errorf("rebuild over a damaged object: %v; want exit 6 naming the object and its document", err)
	}
	if m, err := (release.Store{Dir: r.state}).Current(); err != nil || m.ID != first.Release {
		t.Errorf("the live release is %s, %v", m.ID, err)
	}
}

func TestLockNamesItsHolder(t *testing.T) {
	r := newRig(t)
	inner := rigAt(t, r.state, r.shelf)
	var second error
	r.OnStep(func(step string) {
		if step == "loaded" {
			_, second = inner.Run(t.Context(), pipeline.Options{})
		}
	})
	r.run(t, pipeline.Options{})
	if fault.ExitCode(second) != 6 || !strings.Contains(second.Error(), "(run) since 2026-11-23T02:00:") {
		t.Errorf("a run during a run: %v; want exit 6 with who holds the lock and since when", second)
	}
}

func TestReadersKeepTheOldReleaseWhileTheNextIsPublished(t *testing.T) {
	r, _ := published(t)
	old := r.open(t)
	r.shelf.files["communique_2015.csv"] = doc(line("gdp", "2015", "5660.27", "cny_100m", "preliminary", "2016-04"))
	r.run(t, pipeline.Options{})
	for _, c := range []struct {
		reader *warehouse.Reader
		want   int64
	}{{old, 2}, {r.open(t), 3}} {
		rows, err := c.reader.Query(t.Context(), "SELECT count(*) FROM observations WHERE indicator = 'gdp'")
		if err != nil || rows.Rows[0][0] != c.want {
			t.Errorf("a reader sees %v, %v; want %d: each must see the release it opened", rows.Rows, err, c.want)
		}
	}
}

// A killed process, at every step that leaves something behind.
func TestCrash(t *testing.T) {
	if os.Getenv("CITYSTATS_CRASH_AT") != "" {
		crash(t)
		return
	}
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		for _, step := range []string{"archived", "loaded", "sealed", "installed", "publishing", "pointed", "published"} {
			t.Run(signal.String()+" at "+step, func(t *testing.T) {
				t.Parallel()
				r, first := published(t)
				child := exec.Command(os.Args[0], "-test.run=^TestCrash$")
				child.Env = append(os.Environ(), "CITYSTATS_CRASH_AT="+step, "CITYSTATS_STATE="+r.state, "CITYSTATS_SIGNAL="+signal.String())
				if out, err := child.CombinedOutput(); err == nil && signal == syscall.SIGKILL {
					t.Fatalf("the child was to be killed and was not:\n%s", out)
				}
				m, err := release.Store{Dir: r.state}.Current()
				if err != nil || (m.ID != first.Release) != slices.Contains([]string{"pointed", "published"}, step) {
					t.Fatalf("after the kill the live release is %s, %v; the first was %s", m.ID, err, first.Release)
				}
				if r.value(t, "gdp", "2014") != 5157.97 {
					t.Error("the live release cannot be read")
				}
				r.shelf.files["communique_2015.csv"] = crashNews
				report := r.run(t, pipeline.Options{})
				if r.value(t, "gdp", "2015") != 5660.27 {
					t.Errorf("the next run did not finish the job: %+v", report)
				}
				if signal == syscall.SIGTERM {
					return // what a kill leaves is no less than what an orderly stop leaves
				}
				rebuilt, err := r.Rebuild(t.Context())
				if err != nil || len(rebuilt.Differing) > 0 {
					t.Errorf("after healing a rebuild differs in %v, %v", rebuilt.Differing, err)
				}
			})
		}
	}
}

var crashNews = doc(line("gdp", "2015", "5660.27", "cny_100m", "preliminary", "2016-04"))

// crash is the child: it runs with news and is hit by a signal at the step.
func crash(t *testing.T) {
	s := newShelf()
	s.files = maps.Clone(s.files)
	s.files["communique_2015.csv"] = crashNews
	s.Source = bundled.New(s.files)
	r := rigAt(t, os.Getenv("CITYSTATS_STATE"), s)
	ctx, cancel := context.WithCancel(t.Context())
	r.OnStep(func(step string) {
		if step != os.Getenv("CITYSTATS_CRASH_AT") {
			return
		}
		if os.Getenv("CITYSTATS_SIGNAL") == syscall.SIGTERM.String() {
			cancel() // what the program does on SIGTERM
			return
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	})
	_, err := r.Run(ctx, pipeline.Options{})
	if code := fault.ExitCode(err); code != 130 && code != 0 {
		t.Fatalf("a stopped run ends with %v, exit %d; want 130", err, code)
	}
}

func TestUnreadableArchiveStopsBeforeAnythingIsLost(t *testing.T) {
	r, _ := published(t)
	path := filepath.Join(r.state, "archive", "captures.jsonl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append([]byte("garbage\n"), text...), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = r.Run(t.Context(), pipeline.Options{})
	if fault.ExitCode(err) != 6 || !strings.Contains(err.Error(), "captures.jsonl") || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a damaged list of captures: %v; want exit 6 with its place", err)
	}
	if _, err := archive.Open(filepath.Join(r.state, "archive"), ""); err == nil {
		t.Error("the damaged archive opens")
	}
}
