// Package lock lets one process at a time change a state folder, and lets the
// next one say who is there and since when.
//
// The lock is the kernel's (flock), so a killed process leaves none behind; the
// file's content is only the holder's name for messages.
package lock

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"citystats/internal/fault"
	"citystats/pipeline/durable"
)

// Holder is who holds a lock.
type Holder struct {
	PID     int       `json:"pid"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
}

// Acquire takes the lock of the state folder, without waiting. When another
// process holds it, the error (kind Storage) names that process.
func Acquire(stateDir string, me Holder) (release func() error, err error) {
	path := filepath.Join(stateDir, "lock")
	l := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o644))
	ok, err := l.TryLock()
	if err != nil {
		return nil, durable.Explain(err, path)
	}
	if !ok {
		return nil, held(path)
	}
	text, err := json.Marshal(me)
	if err == nil {
		err = os.WriteFile(path, text, 0o644)
	}
	if err != nil {
		return nil, errors.Join(durable.Explain(err, path), l.Close())
	}
	return l.Close, nil
}

func held(path string) error {
	who := "another process"
	var h Holder
	if text, err := os.ReadFile(path); err == nil && json.Unmarshal(text, &h) == nil && h.PID != 0 {
		who = fmt.Sprintf("process %d (%s) since %s", h.PID, h.Command, h.Since.UTC().Format(time.RFC3339))
	}
	return fault.New(fault.Storage, path, "wait for it to finish, or stop it", "the state folder is in use by %s", who)
}
