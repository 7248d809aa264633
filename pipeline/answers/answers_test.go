package answers_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"citystats/internal/fault"
	"citystats/pipeline/answers"
)

var (
	sum   = strings.Repeat("ab", 32)
	other = strings.Repeat("cd", 32)
)

// rig is a store over bodies that a test takes away, at a time that it moves.
type rig struct {
	path   string
	now    time.Time
	bodies map[string]string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	return &rig{
		filepath.Join(t.TempDir(), answers.FileName), time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC),
		map[string]string{sum: "body", other: "other body"},
	}
}

func (r *rig) open(t *testing.T) *answers.Store {
	t.Helper()
	s, err := answers.Open(r.path, r.object, r.now)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() }) // again, for tests that end early
	return s
}

func (r *rig) object(hash string) ([]byte, error) {
	if body, ok := r.bodies[hash]; ok {
		return []byte(body), nil
	}
	return nil, fs.ErrNotExist
}

// want checks what is known of a question; "" for nothing.
func want(t *testing.T, s *answers.Store, key, body string) {
	t.Helper()
	header, got, ok := s.Load(key)
	if ok != (body != "") || string(got) != body {
		t.Errorf("%s is answered with %q, %v; want %q", key, got, ok, body)
	}
	if ok && header.Get("ETag") != `"1"` {
		t.Errorf("%s is kept with the header %v, want that of the answer", key, header)
	}
}

var tag = http.Header{"Etag": {`"1"`}}

func TestRemembers(t *testing.T) {
	r := newRig(t)
	s := r.open(t)
	want(t, s, "a", "")
	s.Save("a", tag, sum)
	s.Save("b", tag, sum)
	s.Save("a", tag, other)
	for range 2 { // also after it was opened again
		want(t, s, "a", "other body")
		want(t, s, "b", "body")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = r.open(t)
	}
	delete(r.bodies, other)
	want(t, s, "a", "")
	want(t, s, "b", "body")
}

func TestNoStore(t *testing.T) {
	var s *answers.Store
	s.Save("a", tag, sum)
	want(t, s, "a", "")
}

// An answer is asked about for thirty days, and not at all when it came at a
// time that has not come yet: then the clock was wrong.
func TestTrustEnds(t *testing.T) {
	for after, body := range map[time.Duration]string{
		0: "body", 30*24*time.Hour - 1: "body", 30 * 24 * time.Hour: "", 365 * 24 * time.Hour: "", -time.Second: "",
	} {
		r := newRig(t)
		s := r.open(t)
		s.Save("a", tag, sum)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		r.now = r.now.Add(after)
		t.Log("opened after", after)
		want(t, r.open(t), "a", body)
	}
}

// Whatever happened to the file, it opens, knows what is whole and takes more.
func TestDamage(t *testing.T) {
	for name, damage := range map[string]func(text string) string{
		"last line torn":     func(text string) string { return text + `{"question":"b","he` },
		"last line halved":   func(text string) string { return text + text[:len(text)/2] },
		"a line of garbage":  func(text string) string { return "\x00\xff\n" + text },
		"another file's":     func(text string) string { return `{"id":1}` + "\n" + `[]` + "\n" + text },
		"a hash that is not": func(text string) string { return strings.ReplaceAll(text, sum, "../../etc/passwd") + text },
		"empty lines":        func(text string) string { return "\n\n\n" + text + "\n\n" },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			s := r.open(t)
			s.Save("a", tag, sum)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(r.path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(r.path, []byte(damage(string(text))), 0o644); err != nil {
				t.Fatal(err)
			}
			s = r.open(t)
			want(t, s, "a", "body")
			want(t, s, "b", "")
			s.Save("b", tag, other)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = r.open(t)
			want(t, s, "a", "body")
			want(t, s, "b", "other body")
		})
	}
}

func TestFileDoesNotGrowForEver(t *testing.T) {
	r := newRig(t)
	for range 50 {
		s := r.open(t)
		for _, key := range []string{"a", "b"} {
			s.Save(key, tag, sum)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(r.path)
	if err != nil || strings.Count(string(text), "\n") > 6 {
		t.Errorf("%d lines for two questions, %v", strings.Count(string(text), "\n"), err)
	}
	want(t, r.open(t), "a", "body")
}

// Cut at any byte, as by a crash, the file gives what it held before the cut.
func TestCutAnywhere(t *testing.T) {
	r := newRig(t)
	s := r.open(t)
	ends := []int{0}
	for _, key := range []string{"a", "b", "c"} {
		s.Save(key, tag, sum)
		info, err := os.Stat(r.path)
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, int(info.Size()))
	}
	text, err := os.ReadFile(r.path)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.IntRange(0, len(text)).Draw(rt, "cut at")
		if err := os.WriteFile(r.path, text[:at], 0o644); err != nil {
			rt.Fatal(err)
		}
		s, err := answers.Open(r.path, r.object, r.now)
		if err != nil {
			rt.Fatal(err)
		}
		defer s.Close()
		for i, key := range []string{"a", "b", "c"} {
			if _, _, ok := s.Load(key); ok != (at >= ends[i+1]) {
				rt.Fatalf("cut at %d of %v, %s is known: %v", at, ends, key, ok)
			}
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	r := newRig(t)
	s := r.open(t)
	var group sync.WaitGroup
	for _, key := range []string{"a", "b", "c", "d"} {
		group.Go(func() {
			for range 5 {
				s.Save(key, tag, sum)
				want(t, s, key, "body")
			}
		})
	}
	group.Wait()
}

// A disk that is full costs memory, not answers, and is told at the end.
func TestFailedSaveIsToldAtTheEnd(t *testing.T) {
	r := newRig(t)
	s := r.open(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s.Save("a", tag, sum) // into a file that takes nothing any more
	want(t, s, "a", "")
	if err := s.Close(); fault.KindOf(err) != fault.Storage {
		t.Errorf("Close says %v, want a storage fault", err)
	}
}

func TestUnreadable(t *testing.T) {
	r := newRig(t)
	if err := os.Mkdir(r.path, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := answers.Open(r.path, r.object, r.now); fault.KindOf(err) != fault.Storage {
		t.Errorf("a folder in the file's place: %v, want a storage fault", err)
	}
}
