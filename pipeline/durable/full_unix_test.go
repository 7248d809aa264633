//go:build unix

package durable_test

import (
	"errors"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"citystats/internal/fault"
	"citystats/pipeline/durable"
)

// limitFiles lets no file of this process grow beyond n bytes, which is what a
// full disk looks like to a writer, for root as for anybody.
func limitFiles(t *testing.T, n uint64) {
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
	t.Cleanup(func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
		signal.Reset(syscall.SIGXFSZ)
	})
}

func TestDiskFull(t *testing.T) {
	dir, path := old(t)
	limitFiles(t, 1000)
	err := durable.WriteFile(path, []byte(strings.Repeat("x", 5000)))
	var told *fault.Error
	if !errors.As(err, &told) || told.Kind != fault.Storage || !strings.Contains(told.Hint, "free some space") {
		t.Errorf("error %v, want one of kind storage that asks for space", err)
	}
	if got := content(t, path); got != "old" {
		t.Errorf("the file holds %d bytes, want the old ones", len(got))
	}
	if got := names(t, dir); got != "file" {
		t.Errorf("the folder holds %s, want only the file", got)
	}
}
