package durable_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"citystats/internal/fault"
	"citystats/pipeline/durable"
)

// names are what a folder holds.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// old is a folder with a file that says "old".
func old(t *testing.T) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	path = filepath.Join(dir, "file")
	if err := durable.WriteFile(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	return dir, path
}

func TestWrite(t *testing.T) {
	dir, path := old(t)
	err := durable.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, "new")
		if got := content(t, path); got != "old" {
			t.Errorf("while it is being written the file says %q, want old", got)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, path); got != "new" {
		t.Errorf("the file says %q, want new", got)
	}
	if got := names(t, dir); got != "file" {
		t.Errorf("the folder holds %s, want only the file", got)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v, %v, want 0644: others read releases", info.Mode(), err)
	}
}

func TestWriteFails(t *testing.T) {
	errFill := errors.New("no more to write")
	known := fault.New(fault.Definition, "data/x.csv", "", "wrong")
	tests := []struct {
		name string
		fill func(io.Writer) error
		want error
		kind fault.Kind
	}{
		{"at once", func(io.Writer) error { return errFill }, errFill, fault.Storage},
		{"midway", func(w io.Writer) error {
			_, err := io.WriteString(w, strings.Repeat("new", 100_000))
			return errors.Join(err, errFill)
		}, errFill, fault.Storage},
		{"with a kind of its own", func(io.Writer) error { return known }, known, fault.Definition},
		{"file closed under it", func(w io.Writer) error { return w.(io.Closer).Close() }, fs.ErrClosed, fault.Storage},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, path := old(t)
			err := durable.Write(path, tt.fill)
			if !errors.Is(err, tt.want) || fault.KindOf(err) != tt.kind {
				t.Errorf("error %v of kind %v, want %v of kind %v", err, fault.KindOf(err), tt.want, tt.kind)
			}
			if got := content(t, path); got != "old" {
				t.Errorf("the file says %q, want old", got[:min(len(got), 20)])
			}
			if got := names(t, dir); got != "file" {
				t.Errorf("the folder holds %s, want only the file", got)
			}
		})
	}
}

// TestWriteNowhere cannot even begin, or cannot end.
func TestWriteNowhere(t *testing.T) {
	dir, path := old(t)
	if err := os.MkdirAll(filepath.Join(dir, "folder", "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{filepath.Join(dir, "missing", "x"), filepath.Join(path, "x"), filepath.Join(dir, "folder")} {
		err := durable.WriteFile(target, []byte("new"))
		if fault.KindOf(err) != fault.Storage {
			t.Errorf("writing %s: error %v of kind %v, want storage", target, err, fault.KindOf(err))
		}
		if got := names(t, dir); got != "file folder" {
			t.Errorf("the folder holds %s, want the file and the folder", got)
		}
	}
}

// TestSymlink reads the link all the while it is being moved.
func TestSymlink(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "current")
	if err := durable.Symlink("releases/0", link); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() {
		for {
			if target, err := os.Readlink(link); err != nil || !strings.HasPrefix(target, "releases/") {
				t.Errorf("a reader finds %q, %v", target, err)
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	for i := range 50 {
		if err := durable.Symlink(fmt.Sprintf("releases/%d", i), link); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	reader.Wait()
	if target, err := os.Readlink(link); target != "releases/49" || err != nil {
		t.Errorf("the link names %q, %v, want releases/49", target, err)
	}
	if got := names(t, dir); got != "current" {
		t.Errorf("the folder holds %s, want only the link", got)
	}
}

func TestSymlinkAfterCrash(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "current")
	if err := os.Symlink("half", link+".tmp"); err != nil {
		t.Fatal(err)
	}
	if err := durable.Symlink("whole", link); err != nil {
		t.Fatal(err)
	}
	if target, err := os.Readlink(link); target != "whole" || err != nil {
		t.Errorf("the link names %q, %v, want whole", target, err)
	}
}

func TestSymlinkFails(t *testing.T) {
	dir := t.TempDir()
	for _, in := range []string{"current", "blocked.tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, in, "full"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, link := range []string{"current", "blocked", "missing/current"} {
		err := durable.Symlink("x", filepath.Join(dir, link))
		if fault.KindOf(err) != fault.Storage {
			t.Errorf("link %s: error %v of kind %v, want storage", link, err, fault.KindOf(err))
		}
	}
}

func TestMkdirAll(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b", "c")
	for range 2 {
		if err := durable.MkdirAll(deep); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(deep); err != nil || !info.IsDir() {
		t.Errorf("%v, %v: want a folder", info, err)
	}
	t.Chdir(dir)
	if err := durable.MkdirAll("relative/folder"); err != nil {
		t.Error(err)
	}
	_, file := old(t)
	for _, path := range []string{file, filepath.Join(file, "below")} {
		if err := durable.MkdirAll(path); fault.KindOf(err) != fault.Storage {
			t.Errorf("a folder in place of a file: error %v, want storage", err)
		}
	}
}

func TestSyncFile(t *testing.T) {
	dir, path := old(t)
	if err := errors.Join(durable.SyncFile(path), durable.SyncDir(dir)); err != nil {
		t.Error(err)
	}
	if err := durable.SyncFile(path + "x"); fault.KindOf(err) != fault.Storage || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: error %v, want storage", err)
	}
}

func TestExplain(t *testing.T) {
	const space, permission = "free some space", "make the folder writable"
	tests := []struct {
		cause error
		hint  string
	}{
		{syscall.ENOSPC, space},
		{syscall.EDQUOT, space},
		{syscall.EFBIG, space},
		{syscall.EROFS, permission},
		{syscall.EACCES, permission},
		{syscall.EPERM, permission},
		{syscall.EIO, ""},
		{fs.ErrNotExist, ""},
	}
	for _, tt := range tests {
		err := durable.Explain(&fs.PathError{Op: "write", Path: "state/x", Err: tt.cause}, "state/x")
		var told *fault.Error
		if !errors.As(err, &told) || told.Kind != fault.Storage || told.Where != "state/x" {
			t.Errorf("%v becomes %v, want a storage error at state/x", tt.cause, err)
			continue
		}
		if !strings.HasPrefix(told.Hint, tt.hint) || (tt.hint == "") != (told.Hint == "") {
			t.Errorf("%v: the hint is %q, want %q", tt.cause, told.Hint, tt.hint)
		}
		if !errors.Is(err, tt.cause) {
			t.Errorf("%v is lost in %v", tt.cause, err)
		}
	}
	if err := durable.Explain(nil, "x"); err != nil {
		t.Errorf("nothing is explained as %v", err)
	}
}
