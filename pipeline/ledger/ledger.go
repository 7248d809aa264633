// Package ledger remembers what the program did, outside the database, so that
// a run that failed to build anything still leaves a record.
//
// It is one file of JSON lines, append-only and synced, one line an [Event]. A
// run is the events with its id, from Started to Finished; a run without
// Finished was killed. Each release is built with the ledger's runs as a table,
// so provenance is plain SQL.
package ledger

import (
	"encoding/json"
	"path/filepath"
	"time"

	"citystats/pipeline/jsonl"
)

// What can happen.
const (
	Started    = "started"     // a command that changes state began; Detail is the command
	Fetched    = "fetched"     // a source was asked and answered; Counts says what came
	Failed     = "failed"      // a source was asked and failed; Error and Kind say how
	Loaded     = "loaded"      // a source's new documents were loaded; Counts says what was in them
	Publishing = "publishing"  // the pointer is about to move to Release; Claims are those that change their verdict with it
	Published  = "published"   // the pointer names Release
	RolledBack = "rolled_back" // an operator pointed back at Release; Detail names the one withdrawn
	Refused    = "refused"     // the gate or a check refused to publish; Error says why
	Finished   = "finished"    // the command ended; Exit is its exit code
)

// Counts is what came in from one source in one run.
type Counts struct {
	Documents    int `json:"documents"`     // received
	NewDocuments int `json:"new_documents"` // not seen before
	New          int `json:"new"`           // figures for a series and period without one
	Changed      int `json:"changed"`       // figures that differ from the last known
	Unchanged    int `json:"unchanged"`     // figures that repeat what is known
	Outside      int `json:"outside"`       // figures about regions or indicators the definitions do not hold
	Rejected     int `json:"rejected"`      // records in quarantine
	FailedDocs   int `json:"failed"`        // documents that could not be trusted as a whole
}

// Claim is a reading of a claim whose verdict changed, and the figures that changed it.
type Claim struct {
	Claim   string   `json:"claim"`
	Reading string   `json:"reading"`
	From    string   `json:"from"`
	To      string   `json:"to"`
	Causes  []string `json:"causes"`
}

// Event is one line of the ledger.
type Event struct {
	Time    time.Time `json:"time"`
	Run     string    `json:"run"`
	Event   string    `json:"event"`
	Source  string    `json:"source,omitempty"`
	Release string    `json:"release,omitempty"`
	Detail  string    `json:"detail,omitempty"`
	Kind    string    `json:"kind,omitempty"`
	Error   string    `json:"error,omitempty"`
	Exit    *int      `json:"exit,omitempty"`
	Counts  *Counts   `json:"counts,omitempty"`
	Claims  []Claim   `json:"claims,omitempty"`
}

// Ledger is an open ledger.
type Ledger struct {
	file   *jsonl.File
	events []Event
}

func path(stateDir string) string { return filepath.Join(stateDir, "ledger.jsonl") }

// Open opens the ledger of a state folder for writing.
func Open(stateDir string) (*Ledger, error) {
	l := &Ledger{}
	file, err := jsonl.Open(path(stateDir), l.remember)
	if err != nil {
		return nil, err
	}
	l.file = file
	return l, nil
}

// Read returns the events of a state folder's ledger, oldest first, without
// needing to write there.
func Read(stateDir string) ([]Event, error) {
	l := &Ledger{}
	err := jsonl.Read(path(stateDir), l.remember)
	return l.events, err
}

func (l *Ledger) remember(line []byte) error {
	var e Event
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	l.events = append(l.events, e)
	return nil
}

// Append records an event.
func (l *Ledger) Append(e Event) error {
	e.Time = e.Time.UTC().Truncate(time.Millisecond)
	if err := l.file.Append(e); err != nil {
		return err
	}
	l.events = append(l.events, e)
	return nil
}

// Events returns every event, oldest first. The slice is the ledger's own.
func (l *Ledger) Events() []Event { return l.events }

// Close closes the file.
func (l *Ledger) Close() error { return l.file.Close() }

// Last returns the newest event that matches, and false when none does.
func Last(events []Event, match func(Event) bool) (Event, bool) {
	for i := len(events) - 1; i >= 0; i-- {
		if match(events[i]) {
			return events[i], true
		}
	}
	return Event{}, false
}

// Run is the summary of one run.
type Run struct {
	ID        string
	Command   string
	StartedAt time.Time
	// FinishedAt is zero for a run that was killed or still goes on.
	FinishedAt time.Time
	Exit       *int
	Release    string // the release it published; empty when none
	Error      string // the last thing that went wrong
	Counts     Counts // over all sources
}

// Runs summarises events by run, oldest first.
func Runs(events []Event) []Run {
	var out []Run
	at := map[string]int{}
	for _, e := range events {
		i, ok := at[e.Run]
		if !ok {
			i = len(out)
			at[e.Run] = i
			out = append(out, Run{ID: e.Run, StartedAt: e.Time})
		}
		out[i].apply(e)
	}
	return out
}

func (r *Run) apply(e Event) {
	switch e.Event {
	case Started:
		r.Command = e.Detail
	case Published, RolledBack:
		r.Release = e.Release
	case Finished:
		r.FinishedAt, r.Exit = e.Time, e.Exit
	}
	if e.Error != "" {
		r.Error = e.Error
	}
	if e.Counts != nil {
		r.Counts.Add(*e.Counts)
	}
}

// Add sums counts.
func (c *Counts) Add(o Counts) {
	c.Documents += o.Documents
	c.NewDocuments += o.NewDocuments
	c.New += o.New
	c.Changed += o.Changed
	c.Unchanged += o.Unchanged
	c.Outside += o.Outside
	c.Rejected += o.Rejected
	c.FailedDocs += o.FailedDocs
}
