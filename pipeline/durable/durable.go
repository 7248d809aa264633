// Package durable writes files so that a crash leaves the old content or the
// new, never a mixture and never nothing.
//
// The order is always the same: write a temporary file beside the target, sync
// it, rename it over the target, sync the folder. A power cut between the last
// two steps may bring the old content back, which callers must accept; what they
// never see is a torn file under the final name.
package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"citystats/internal/fault"
)

// WriteFile replaces path by data.
func WriteFile(path string, data []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Write replaces path by what fill writes. When fill fails, path is untouched
// and nothing is left behind.
func Write(path string, fill func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return Explain(err, path)
	}
	defer func() {
		if err != nil {
			err = errors.Join(Explain(err, path), ignoreMissing(os.Remove(f.Name())))
		}
	}()
	if err := errors.Join(fill(f), f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// Symlink points link at target by one atomic rename.
func Symlink(target, link string) error {
	tmp := link + ".tmp"
	if err := ignoreMissing(os.Remove(tmp)); err != nil {
		return Explain(err, tmp)
	}
	if err := os.Symlink(target, tmp); err != nil {
		return Explain(err, tmp)
	}
	if err := os.Rename(tmp, link); err != nil {
		return Explain(err, link)
	}
	return SyncDir(filepath.Dir(link))
}

// SyncFile forces a finished file to disk.
func SyncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return Explain(err, path)
	}
	return Explain(errors.Join(f.Sync(), f.Close()), path)
}

// SyncDir forces the names in a folder to disk.
func SyncDir(path string) error { return SyncFile(path) }

// MkdirAll makes a folder and those above it, and forces their names to disk.
func MkdirAll(path string) error {
	_, err := os.Stat(path)
	parent := filepath.Dir(path)
	fresh := errors.Is(err, fs.ErrNotExist) && parent != path
	if fresh {
		if err := MkdirAll(parent); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(path, 0o755); err != nil || !fresh {
		return Explain(err, path)
	}
	return SyncDir(parent)
}

// Explain marks a file error as the operator's and says what to do about the
// causes operators meet.
func Explain(err error, path string) error {
	hint := ""
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		hint = "free some space and run again; nothing was lost"
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		hint = "make the folder writable for this user, or name another"
	}
	return fault.Wrap(fault.Storage, err, path, hint, "the file cannot be read or written")
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
