// Package release publishes finished databases and finds published ones.
//
// Layout, below the state folder:
//
//	releases/2026-11-23-1f0c3a9e/   one release, never written again
//	    citystats.duckdb
//	    manifest.json
//	current -> releases/2026-11-23-1f0c3a9e
//
// A release is named by the day it was built and the hash of its contents. It
// is published by one rename of the link current; everything before that is
// invisible and everything after it is tidying. A crash at any point leaves the
// old release or the new one, and running the same steps again finishes the
// job, which is all the repair there is.
//
// Readers resolve the link once and open the folder it names: a name is never
// used for two contents, so nobody reads half of each.
package release

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"citystats/internal/fault"
	"citystats/pipeline/durable"
)

const (
	database = "citystats.duckdb"
	manifest = "manifest.json"
	pointer  = "current"
	folder   = "releases"
)

// Table describes one table by its size and a digest of its rows, whatever
// their order. Equal digests mean equal tables.
type Table struct {
	Name   string `json:"name"` // schema.table
	Rows   int64  `json:"rows"`
	Digest string `json:"digest"`
}

// Manifest says what a release is made of.
type Manifest struct {
	ID          string    `json:"id"`
	CreatedAt   time.Time `json:"created_at"`
	Run         string    `json:"run"`
	Previous    string    `json:"previous,omitempty"`
	ContentHash string    `json:"content_hash"` // see Hash
	FileSHA256  string    `json:"file_sha256"`
	FileSize    int64     `json:"file_size"`
	Captures    int       `json:"captures"`    // the archive's captures 1 to this are in it
	Definitions string    `json:"definitions"` // fingerprint of data/
	Decoders    string    `json:"decoders"`    // generations of the sources
	Queries     string    `json:"queries"`     // fingerprint of sql/
	Stale       []string  `json:"stale"`       // sources whose allowance was used up
	Tables      []Table   `json:"tables"`
}

// Diary are the tables that tell of runs and not of figures: they differ from
// night to night though nothing changed.
var Diary = []string{"main.runs", "main.source_health"}

// Hash is the content hash of a release: its tables, the diary left out, and
// what they were made by.
func (m Manifest) Hash() string {
	h := sha256.New()
	fmt.Fprintln(h, m.Definitions, m.Decoders, m.Queries, m.Stale)
	for _, t := range m.Tables {
		if !slices.Contains(Diary, t.Name) {
			fmt.Fprintf(h, "%s %d %s\n", t.Name, t.Rows, t.Digest)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Differing names the tables that two releases do not share, the diary left out.
func Differing(a, b []Table) []string {
	in := map[string]Table{}
	for _, t := range a {
		in[t.Name] = t
	}
	var out []string
	for _, t := range b {
		if in[t.Name] != t && !slices.Contains(Diary, t.Name) {
			out = append(out, t.Name)
		}
		delete(in, t.Name)
	}
	for name := range in {
		if !slices.Contains(Diary, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Store is the releases of one state folder.
type Store struct{ Dir string }

// Path is where a release's database is.
func (s Store) Path(id string) string { return filepath.Join(s.Dir, folder, id, database) }

// Current returns the live release. Its error is fs.ErrNotExist when nothing was
// published yet, and of kind Storage when the live release is damaged.
func (s Store) Current() (Manifest, error) {
	link := filepath.Join(s.Dir, pointer)
	target, err := os.Readlink(link)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Manifest{}, err
	case errors.Is(err, syscall.EINVAL):
		return Manifest{}, fault.Wrap(fault.Storage, err, link, "remove it and run again", "the live release is named by something that is no link")
	case err != nil:
		return Manifest{}, durable.Explain(err, link)
	}
	return s.Get(filepath.Base(target))
}

// Get returns a release by id, making sure its database is there in full length.
func (s Store) Get(id string) (Manifest, error) {
	path := filepath.Join(s.Dir, folder, id, manifest)
	broken := func(what string) (Manifest, error) {
		return Manifest{}, fault.New(fault.Storage, path, "run again: the release is rebuilt from the archive", "release %s %s", id, what)
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return broken("has no manifest")
	}
	if err != nil {
		return Manifest{}, durable.Explain(err, path)
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil || m.ID != id {
		return broken("has a damaged manifest")
	}
	info, err := os.Stat(s.Path(id))
	if err != nil || info.Size() != m.FileSize {
		return broken("has lost its database, or it was changed")
	}
	return m, nil
}

// Verify makes sure that a release's database is, byte for byte, what was
// published. It reads the whole file.
func (s Store) Verify(m Manifest) error {
	path := s.Path(m.ID)
	_, sum, err := hashFile(path)
	if err != nil {
		return err
	}
	if sum != m.FileSHA256 {
		return fault.New(fault.Storage, path, "run citystats rebuild: the release is made anew from the archive", "the database of release %s is not what was published", m.ID)
	}
	return nil
}

func hashFile(path string) (size int64, sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", durable.Explain(err, path)
	}
	h := sha256.New()
	size, err = io.Copy(h, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return 0, "", durable.Explain(err, path)
	}
	return size, hex.EncodeToString(h.Sum(nil)), nil
}

// List returns the sound releases, oldest first, by the time they were built.
func (s Store) List() ([]Manifest, error) {
	entries, err := os.ReadDir(filepath.Join(s.Dir, folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, durable.Explain(err, s.Dir)
	}
	var out []Manifest
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if m, err := s.Get(e.Name()); err == nil {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b Manifest) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return out, nil
}

// Seal finishes a build folder that holds a closed database: it names the
// release, writes the manifest and forces both to disk.
func Seal(dir string, m Manifest) (Manifest, error) {
	m.ContentHash = m.Hash()
	m.ID = m.CreatedAt.UTC().Format(time.DateOnly) + "-" + m.ContentHash[:8]
	path := filepath.Join(dir, database)
	var err error
	if m.FileSize, m.FileSHA256, err = hashFile(path); err != nil {
		return m, err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, err
	}
	if err := durable.SyncFile(path); err != nil {
		return m, err
	}
	return m, durable.WriteFile(filepath.Join(dir, manifest), append(text, '\n'))
}

// Install moves a sealed build folder among the releases. A damaged release of
// the same name makes way; a sound one is the same release and is kept.
func (s Store) Install(dir string, m Manifest) error {
	home := filepath.Join(s.Dir, folder)
	if err := durable.MkdirAll(home); err != nil {
		return err
	}
	target := filepath.Join(home, m.ID)
	if there, err := s.Get(m.ID); err == nil && there.ContentHash != m.ContentHash {
		return fault.New(fault.Internal, target, "", "two contents of one day have the name %s", m.ID)
	} else if err == nil && s.Verify(there) == nil {
		return durable.Explain(os.RemoveAll(dir), dir)
	}
	if err := os.RemoveAll(target); err != nil {
		return durable.Explain(err, target)
	}
	if err := os.Rename(dir, target); err != nil {
		return durable.Explain(err, target)
	}
	return durable.SyncDir(home)
}

// Point makes an installed release the live one.
func (s Store) Point(id string) error {
	if _, err := s.Get(id); err != nil {
		return err
	}
	return durable.Symlink(filepath.Join(folder, id), filepath.Join(s.Dir, pointer))
}

// Prune removes the oldest releases beyond keep, never the live one. Removing
// one that is still open elsewhere is safe: its reader keeps the file. It is
// hidden first and removed then, so that no half of it is left to be found; what
// a crash left hidden goes with the next call.
func (s Store) Prune(keep int) error {
	all, err := s.List()
	if err != nil {
		return err
	}
	live, err := s.Current()
	if err != nil {
		return err
	}
	for _, m := range all[:max(len(all)-keep, 0)] {
		if m.ID == live.ID {
			continue
		}
		dir := filepath.Join(s.Dir, folder, m.ID)
		hidden := filepath.Join(s.Dir, folder, "."+m.ID)
		if err := errors.Join(os.RemoveAll(hidden), os.Rename(dir, hidden)); err != nil {
			return durable.Explain(err, dir)
		}
	}
	return s.sweep()
}

// sweep removes what Prune hid.
func (s Store) sweep() error {
	home := filepath.Join(s.Dir, folder)
	entries, err := os.ReadDir(home)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			err = errors.Join(err, os.RemoveAll(filepath.Join(home, e.Name())))
		}
	}
	return durable.Explain(err, home)
}
