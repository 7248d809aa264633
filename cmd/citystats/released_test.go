//go:build duckdb_arrow

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// first is a state folder that a first run over the documents that ship has left,
// made once for all tests.
var first struct {
	sync.Mutex
	folder string // outlives single tests
	made   bool
}

func TestMain(m *testing.M) {
	testscript.Main(tidied{m}, map[string]func(){"citystats": func() { os.Exit(realMain()) }})
}

// tidied are tests that leave no folder behind.
type tidied struct{ *testing.M }

func (m tidied) Run() int {
	var err error
	if first.folder, err = os.MkdirTemp("", "citystats"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(first.folder)
	return m.M.Run()
}

// releasedTo puts a copy of that folder at a path.
func releasedTo(t *testing.T, path string) {
	t.Helper()
	first.Lock()
	defer first.Unlock()
	state := filepath.Join(first.folder, "state")
	if !first.made {
		command(t, state, "run", "--offline")
		first.made = true
	}
	if err := os.CopyFS(path, os.DirFS(state)); err != nil {
		t.Fatal(err)
	}
}

// released is the program over such a folder.
func released(t *testing.T) *app {
	t.Helper()
	a := &app{state: t.TempDir(), in: strings.NewReader(""), out: io.Discard, err: io.Discard, logFormat: "console", logLevel: "error"}
	releasedTo(t, a.state)
	return a
}
