// Package jsonl is an append-only file of JSON lines that survives a crash at
// any byte: each line is synced before Append returns, and a last line without
// its newline, which no Append ever reported as written, is cut off on Open.
package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"citystats/internal/fault"
	"citystats/pipeline/durable"
)

// File is an open file of JSON lines.
type File struct {
	path string
	f    *os.File
	end  int64
}

// Open hands every whole line, without its newline, to read, and readies the
// file for Append. It makes the file when it is not there. An error from read
// is reported with the line's place, as damage only an operator can judge.
func Open(path string, read func(line []byte) error) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, durable.Explain(err, path)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, errors.Join(durable.Explain(err, path), f.Close())
	}
	end, err := each(text, read)
	if err != nil {
		err = fault.Wrap(fault.Storage, err, path, "restore the file from a backup", "the file is damaged")
		return nil, errors.Join(err, f.Close())
	}
	out := &File{path: path, f: f, end: int64(end)}
	if end < len(text) {
		err = f.Truncate(out.end)
	}
	if err := errors.Join(err, durable.SyncDir(filepath.Dir(path))); err != nil {
		return nil, errors.Join(durable.Explain(err, path), f.Close())
	}
	return out, nil
}

// Read hands every whole line of the file to read, without opening it for
// writing. A file that is not there has no lines.
func Read(path string, read func(line []byte) error) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return durable.Explain(err, path)
	}
	_, err = each(text, read)
	return fault.Wrap(fault.Storage, err, path, "restore the file from a backup", "the file is damaged")
}

// each returns where the last whole line ends.
func each(text []byte, read func([]byte) error) (int, error) {
	end := 0
	for n := 1; ; n++ {
		i := bytes.IndexByte(text[end:], '\n')
		if i < 0 {
			return end, nil
		}
		if err := read(text[end : end+i]); err != nil {
			return end, fmt.Errorf("line %d: %w", n, err)
		}
		end += i + 1
	}
}

// Append writes v as one line and syncs it. After an error the file holds the
// lines it held before.
func (l *File) Append(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("line for %s: %w", l.path, err)
	}
	line = append(line, '\n')
	if _, err = l.f.WriteAt(line, l.end); err == nil {
		err = l.f.Sync()
	}
	if err != nil {
		return errors.Join(durable.Explain(err, l.path), l.f.Truncate(l.end))
	}
	l.end += int64(len(line))
	return nil
}

// Close closes the file.
func (l *File) Close() error { return l.f.Close() }
