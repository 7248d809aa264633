package jsonl_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"citystats/internal/fault"
	"citystats/pipeline/jsonl"
)

// lines collects what Open and Read hand over. They may reuse the bytes.
type lines []string

func (l *lines) read(line []byte) error {
	if !json.Valid(line) {
		return fmt.Errorf("%q is not JSON", line)
	}
	*l = append(*l, string(line))
	return nil
}

func open(t rapid.TB, path string) (*jsonl.File, lines) {
	t.Helper()
	var got lines
	f, err := jsonl.Open(path, got.read)
	if err != nil {
		t.Fatal(err)
	}
	return f, got
}

func write(t rapid.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func want(t rapid.TB, path, text string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, string(got)); diff != "" {
		t.Errorf("the file differs (-want +got):\n%s", diff)
	}
}

// TestCut cuts a file at every byte, as a crash may, and goes on with it.
func TestCut(t *testing.T) {
	const text = "1\n{\"a\":\"two\"}\n[]\n"
	path := filepath.Join(t.TempDir(), "log.jsonl")
	for at := range len(text) + 1 {
		whole := strings.LastIndex(text[:at], "\n") + 1
		kept := lines(strings.Split(text[:whole], "\n"))
		kept = kept[:len(kept)-1]

		write(t, path, text[:at])
		var seen lines
		if err := jsonl.Read(path, seen.read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(kept, seen, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("cut at %d, Read (-want +got):\n%s", at, diff)
		}
		want(t, path, text[:at])

		f, seen := open(t, path)
		if diff := cmp.Diff(kept, seen, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("cut at %d, Open (-want +got):\n%s", at, diff)
		}
		want(t, path, text[:whole])
		if err := errors.Join(f.Append("more"), f.Append(2), f.Close()); err != nil {
			t.Fatal(err)
		}
		want(t, path, text[:whole]+"\"more\"\n2\n")
	}
}

// TestAnyText appends any values, text with line ends among them, and finds
// the same again.
func TestAnyText(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		path := filepath.Join(dir, fmt.Sprint(n))
		var all lines
		for _, part := range rapid.SliceOfN(rapid.SliceOfN(rapid.String(), 0, 3), 1, 3).Draw(t, "sessions") {
			f, seen := open(t, path)
			if diff := cmp.Diff(all, seen, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("reopened (-appended +read):\n%s", diff)
			}
			for _, s := range part {
				if err := f.Append(s); err != nil {
					t.Fatal(err)
				}
				line, err := json.Marshal(s)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, string(line))
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	for _, text := range []string{"1\n2\nthree\n4\n", "1\n2\n\n4\n", "1\n2\n\x00\x00\n"} {
		write(t, path, text)
		var got lines
		f, err := jsonl.Open(path, got.read)
		if err == nil {
			err = f.Close()
			t.Errorf("%q is opened, closed with %v", text, err)
			continue
		}
		for _, err := range []error{err, jsonl.Read(path, got.read)} {
			var told *fault.Error
			if !errors.As(err, &told) || told.Kind != fault.Storage || told.Where != path || told.Hint == "" {
				t.Errorf("error %v, want one of kind storage at %s with a hint", err, path)
			}
			if err == nil || !strings.Contains(err.Error(), "line 3") {
				t.Errorf("error %v does not name line 3", err)
			}
		}
		want(t, path, text)
	}
}

// TestReaderDecides keeps the kind of an error that the reader of lines gives.
func TestReaderDecides(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	write(t, path, "1\n")
	err := jsonl.Read(path, func([]byte) error { return fault.New(fault.Definition, "", "", "unknown source") })
	if fault.KindOf(err) != fault.Definition {
		t.Errorf("%v is of kind %v, want definition", err, fault.KindOf(err))
	}
}

func TestMissing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "log.jsonl")
	var got lines
	if err := jsonl.Read(path, got.read); err != nil || got != nil {
		t.Errorf("a file that is not there: %v, %v, want no lines", got, err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("Read made the file")
	}
	f, got := open(t, path)
	if err := f.Close(); err != nil || got != nil {
		t.Errorf("a new file: %v, %v", got, err)
	}
	want(t, path, "")
	for _, bad := range []string{dir, filepath.Join(dir, "missing", "log.jsonl")} {
		if _, err := jsonl.Open(bad, got.read); fault.KindOf(err) != fault.Storage {
			t.Errorf("opening %s: error %v, want storage", bad, err)
		}
	}
	if err := jsonl.Read(dir, got.read); fault.KindOf(err) != fault.Storage {
		t.Errorf("reading a folder: error %v, want storage", err)
	}
}

func TestNotJSON(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	f, _ := open(t, path)
	if err := f.Append(1); err != nil {
		t.Fatal(err)
	}
	if err := f.Append(func() {}); err == nil || fault.KindOf(err) != fault.Internal {
		t.Errorf("a value JSON cannot hold: error %v, want our own fault", err)
	}
	if err := errors.Join(f.Append(2), f.Close()); err != nil {
		t.Fatal(err)
	}
	want(t, path, "1\n2\n")
	if err := f.Append(3); fault.KindOf(err) != fault.Storage {
		t.Errorf("append after Close: error %v, want storage", err)
	}
	want(t, path, "1\n2\n")
}
