// Package archive keeps every document exactly as it was received.
//
// Layout, below the folder given to Open:
//
//	objects/ab/abcdef….zst   the bytes, compressed, named by the SHA-256 of the bytes
//	captures.jsonl           one line per capture, append-only, synced
//
// A capture is the event of receiving a document: which source, what it is
// called there, where it came from, when its publisher dated it and when we
// saw it. Captures are numbered by their line. The number is the document id in
// every release, so a release that knows it holds captures 1 to n knows what to
// load next, and loading 1 to n again gives the same tables.
//
// Receiving what the last capture of the same name already brought is no
// capture: a night in which nothing changed leaves no trace here. Receiving
// older bytes again after others is one, because the publisher went back.
//
// The object is stored before the line that mentions it. A crash between the
// two leaves an object nobody names, which the next Put of the same bytes
// adopts; a line cut short by a crash is dropped on Open.
package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"

	"citystats/internal/fault"
	"citystats/pipeline/durable"
	"citystats/pipeline/jsonl"
	"citystats/sources/source"
	"citystats/transforms/period"
)

// Capture is one received document without its bytes.
type Capture struct {
	ID        int       `json:"id"` // from 1, in the order received
	Run       string    `json:"run"`
	KnownAt   time.Time `json:"known_at"` // UTC, whole seconds: when the run that received it began
	SHA256    string    `json:"sha256"`
	Size      int       `json:"size"`
	Source    string    `json:"source"`
	Name      string    `json:"name"`
	Title     string    `json:"title"`
	Publisher string    `json:"publisher"`
	URL       string    `json:"url"`
	MediaType string    `json:"media_type"`
	Published string    `json:"published"`
	NotBefore string    `json:"not_before"`
}

// Document is the capture with its bytes, as Decode wants it.
func (c Capture) Document(body []byte) source.Document {
	return source.Document{
		Source: c.Source, Name: c.Name, Title: c.Title, Publisher: c.Publisher, URL: c.URL,
		MediaType: c.MediaType, Published: c.Published, NotBefore: c.NotBefore, Body: body,
	}
}

type documentKey struct{ source, name string }

// Archive is an open archive. It is not safe for concurrent use; the state
// lock sees to it that one process writes.
type Archive struct {
	dir      string
	base     string // where else objects are read from; empty for nowhere
	log      *jsonl.File
	captures []Capture
	latest   map[documentKey]int // index into captures
}

// Open reads the captures of the archive in dir, making it when it is not there.
// Objects that dir does not hold are read from base, unless it is empty: so a
// scratch archive can start from a real one without touching it.
func Open(dir, base string) (*Archive, error) {
	if err := durable.MkdirAll(filepath.Join(dir, "objects")); err != nil {
		return nil, err
	}
	a := &Archive{dir: dir, base: base, latest: map[documentKey]int{}}
	log, err := jsonl.Open(captures(dir), a.read)
	if err != nil {
		return nil, err
	}
	a.log = log
	return a, nil
}

// Read returns the captures of the archive in dir, without needing to write
// there; none when there is no archive.
func Read(dir string) ([]Capture, error) {
	a := &Archive{latest: map[documentKey]int{}}
	err := jsonl.Read(captures(dir), a.read)
	return a.captures, err
}

// ReadBody reads the bytes of a capture of the archive in dir, without needing to
// write there, and makes sure they are those received.
func ReadBody(dir string, c Capture) ([]byte, error) { return (&Archive{dir: dir}).Body(c) }

func captures(dir string) string { return filepath.Join(dir, "captures.jsonl") }

// read takes one line of the log.
func (a *Archive) read(line []byte) error {
	var c Capture
	if err := json.Unmarshal(line, &c); err != nil {
		return err
	}
	if c.ID != len(a.captures)+1 {
		return fmt.Errorf("capture %d stands in line %d", c.ID, len(a.captures)+1)
	}
	if len(c.SHA256) != hex.EncodedLen(sha256.Size) {
		return fmt.Errorf("capture %d has the SHA-256 %q", c.ID, c.SHA256)
	}
	a.remember(c)
	return nil
}

// Close releases the log.
func (a *Archive) Close() error { return a.log.Close() }

func (a *Archive) remember(c Capture) {
	a.latest[documentKey{c.Source, c.Name}] = len(a.captures)
	a.captures = append(a.captures, c)
}

// Put stores the document. The second result is false when the last capture of
// that name brought the same bytes, published on the same date: then nothing is
// written, except that a damaged copy of the bytes is replaced. A document whose
// dates cannot be read is refused: it could not be placed among the vintages.
func (a *Archive) Put(doc source.Document, knownAt time.Time, run string) (Capture, bool, error) {
	for _, date := range []string{doc.Published, doc.NotBefore} {
		if _, err := period.ParseMoment(date); date != "" && err != nil {
			return Capture{}, false, fault.New(fault.Upstream, doc.URL, "", "source %s dates the document %q wrongly: %v", doc.Source, doc.Name, err)
		}
	}
	sum := sha256.Sum256(doc.Body)
	hash := hex.EncodeToString(sum[:])
	if err := a.keep(hash, doc.Body); err != nil {
		return Capture{}, false, err
	}
	if i, ok := a.latest[documentKey{doc.Source, doc.Name}]; ok {
		if last := a.captures[i]; last.SHA256 == hash && last.Published == doc.Published && last.NotBefore == doc.NotBefore {
			return last, false, nil
		}
	}
	c := Capture{
		ID: len(a.captures) + 1, Run: run, KnownAt: knownAt.UTC().Truncate(time.Second), SHA256: hash, Size: len(doc.Body),
		Source: doc.Source, Name: doc.Name, Title: doc.Title, Publisher: doc.Publisher, URL: doc.URL,
		MediaType: doc.MediaType, Published: doc.Published, NotBefore: doc.NotBefore,
	}
	if err := a.log.Append(c); err != nil {
		return Capture{}, false, err
	}
	a.remember(c)
	return c, true, nil
}

// Captures returns every capture in order. The slice is the archive's own.
func (a *Archive) Captures() []Capture { return a.captures }

func object(dir, hash string) string {
	return filepath.Join(dir, "objects", hash[:2], hash+".zst")
}

// find is where the object is, or would be.
func (a *Archive) find(hash string) string {
	own := object(a.dir, hash)
	if _, err := os.Stat(own); a.base == "" || err == nil {
		return own
	}
	return object(a.base, hash)
}

// keep makes sure a sound object of that hash is stored.
func (a *Archive) keep(hash string, body []byte) error {
	path := object(a.dir, hash)
	if stored, err := read(a.find(hash)); err == nil && bytes.Equal(stored, body) {
		return nil
	}
	if err := durable.MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("zstd: %w", err)
	}
	return durable.WriteFile(path, enc.EncodeAll(body, nil))
}

func read(path string) ([]byte, error) {
	packed, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	defer dec.Close()
	return dec.DecodeAll(packed, nil)
}

// errForged means that an object holds other bytes than its name says.
var errForged = errors.New("its SHA-256 is another")

// Object reads bytes by their SHA-256 and makes sure they are the ones. It may be
// called while other methods run.
func (a *Archive) Object(hash string) ([]byte, error) {
	body, err := read(a.find(hash))
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != hash {
		return nil, fmt.Errorf("%w: %x", errForged, sum)
	}
	return body, nil
}

// Body reads the bytes of a capture and makes sure they are those received.
func (a *Archive) Body(c Capture) ([]byte, error) {
	body, err := a.Object(c.SHA256)
	path := a.find(c.SHA256)
	hint := "run the source again to fetch it anew, or restore the file from a backup"
	switch {
	case err == nil:
		return body, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.Storage, path, hint, "the archived document %q of source %s is missing", c.Name, c.Source)
	case errors.Is(err, fs.ErrPermission):
		return nil, durable.Explain(err, path)
	case errors.Is(err, errForged):
		return nil, fault.New(fault.Storage, path, hint, "the archived document %q of source %s is not what was received: %v", c.Name, c.Source, err)
	}
	return nil, fault.New(fault.Storage, path, hint, "the archived document %q of source %s is damaged (%v)", c.Name, c.Source, err)
}
