//go:build unix

package jsonl_test

import (
	"errors"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"citystats/internal/fault"
)

// limitFiles lets no file of this process grow beyond n bytes until the
// returned function is called: what a full disk looks like, for root as for
// anybody.
func limitFiles(t *testing.T, n uint64) (lift func()) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	limit := before
	limit.Cur = n
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	lift = func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
		signal.Reset(syscall.SIGXFSZ)
	}
	t.Cleanup(lift)
	return lift
}

// TestDiskFull writes half a line before the disk is full.
func TestDiskFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	f, _ := open(t, path)
	if err := f.Append("first"); err != nil {
		t.Fatal(err)
	}
	lift := limitFiles(t, 20)
	err := f.Append(strings.Repeat("x", 100))
	var told *fault.Error
	if !errors.As(err, &told) || told.Kind != fault.Storage || !strings.Contains(told.Hint, "free some space") {
		t.Errorf("error %v, want one of kind storage that asks for space", err)
	}
	want(t, path, "\"first\"\n")
	if err := f.Append("fits"); err != nil {
		t.Errorf("a short line fits: %v", err)
	}
	lift()
	if err := errors.Join(f.Append("last"), f.Close()); err != nil {
		t.Fatal(err)
	}
	want(t, path, "\"first\"\n\"fits\"\n\"last\"\n")
}
