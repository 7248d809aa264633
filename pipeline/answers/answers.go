// Package answers remembers how publishers answered, so that they need to send
// again only what changed.
//
// A line of answers.jsonl holds the question, the header of the answer and the
// SHA-256 of its body; the last line of a question counts. The body is where
// every document is, in the archive, under that hash: nothing is kept twice,
// and an answer whose body is not there whole, because it was no document, or
// the run was killed before it got there, or the disk lost it, is as good as
// unknown and asked for in full.
//
// None of this is worth an error. A line that cannot be read is passed over, a
// file full of lines that no longer count is written anew when it is opened, and
// deleting the file costs one night of full answers.
//
// After thirty days a question is put in full again whatever is remembered, so
// that a publisher who says "nothing newer" without looking is found out.
package answers

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"citystats/pipeline/durable"
	"citystats/pipeline/jsonl"
)

// FileName is the file's name in the state folder.
const FileName = "answers.jsonl"

// trusted is how long an answer is asked about instead of asked for.
const trusted = 30 * 24 * time.Hour

// answer is one line.
type answer struct {
	Key        string      `json:"question"`
	Header     http.Header `json:"header"`
	SHA256     string      `json:"sha256"`
	ReceivedAt time.Time   `json:"received_at"`
}

// Store is the open file. It is safe for concurrent use. A nil one knows nothing
// and remembers nothing.
type Store struct {
	object func(hash string) ([]byte, error)
	now    time.Time

	mu     sync.Mutex
	log    *jsonl.File
	known  map[string]answer
	failed error // the first line that could not be written
}

// Open reads the file at path, making it when it is not there. Bodies are read
// with object, which gives an error for one that is not there whole; it may be
// called by several at once. Now is when the run began.
func Open(path string, object func(hash string) ([]byte, error), now time.Time) (*Store, error) {
	s := &Store{object: object, now: now, known: map[string]answer{}}
	lines := 0
	err := jsonl.Read(path, func(line []byte) error {
		lines++
		var a answer
		if err := json.Unmarshal(line, &a); err != nil || !s.counts(a) {
			return nil //nolint:nilerr // what cannot be read is not known
		}
		s.known[a.Key] = a
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := s.tidy(path, lines); err != nil {
		return nil, err
	}
	s.log, err = jsonl.Open(path, func([]byte) error { return nil })
	return s, err
}

// counts says whether an answer can still be relied on. One from the future is
// not: there the clock was wrong, and nobody knows by how much.
func (s *Store) counts(a answer) bool {
	age := s.now.Sub(a.ReceivedAt)
	sum, err := hex.DecodeString(a.SHA256)
	return a.Key != "" && err == nil && len(sum) == 32 && age >= 0 && age < trusted
}

// tidy writes the file anew when most of its lines no longer count.
func (s *Store) tidy(path string, lines int) error {
	if lines <= 2*len(s.known) {
		return nil
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	for _, key := range slices.Sorted(maps.Keys(s.known)) {
		if err := enc.Encode(s.known[key]); err != nil {
			return err
		}
	}
	return durable.WriteFile(path, text.Bytes())
}

// Load gives the answer to a question as it was received; false when it is not
// known, no longer trusted, or its body not there whole.
func (s *Store) Load(key string) (http.Header, []byte, bool) {
	if s == nil {
		return nil, nil, false
	}
	s.mu.Lock()
	a, ok := s.known[key]
	s.mu.Unlock()
	if !ok || !s.counts(a) {
		return nil, nil, false
	}
	body, err := s.object(a.SHA256)
	return a.Header, body, err == nil
}

// Save remembers an answer. That it could not be written is no reason to lose
// the answer itself: Close tells.
func (s *Store) Save(key string, header http.Header, sha256 string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := answer{key, header, sha256, s.now.UTC()}
	if s.failed != nil {
		return
	}
	if s.failed = s.log.Append(a); s.failed == nil {
		s.known[key] = a
	}
}

// Close closes the file and gives the first error of a Save.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(durable.Explain(s.log.Close(), FileName), s.failed)
}
