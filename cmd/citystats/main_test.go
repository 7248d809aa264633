//go:build duckdb_arrow

package main

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the program as a person would. Each script starts in an empty
// folder; "released" puts a state folder there that a first run has left, and
// "exits N citystats ..." runs it and wants that exit code.
func TestScripts(t *testing.T) {
	released := func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) > 0 {
			ts.Fatalf("usage: released")
		}
		releasedTo(t, ts.MkAbs("state"))
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_CACHE_HOME", e.WorkDir)
			// A name server that is not there: no script may reach a publisher.
			e.Setenv("GODEBUG", "netdns=go")
			e.Setenv("REPO", repository(t))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "interrupt": interrupt, "released": released, "serves": serves},
	})
}

func repository(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(dir, "/cmd/citystats")
}

// serves starts the server over a state folder on a free port, wants each path to
// answer 200, and then stops it. Its error output is what stderr matches next.
func serves(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: serves STATE path...")
	}
	cmd := exec.Command("citystats", "serve", "--addr", "127.0.0.1:0", "--state", args[0])
	cmd.Dir, cmd.Env = ts.Getenv("WORK"), append(os.Environ(), "HOME="+ts.Getenv("HOME"), "XDG_CACHE_HOME="+ts.Getenv("XDG_CACHE_HOME"))
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	first, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		ts.Fatalf("the server says %q and ends: %s", first, errs.String())
	}
	address := strings.TrimSpace(strings.TrimPrefix(first, "listening on "))
	for _, path := range args[1:] {
		resp, err := (&http.Client{Timeout: time.Minute}).Get(address + path)
		ts.Check(err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			ts.Fatalf("%s answers %d", path, resp.StatusCode)
		}
	}
	ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != 130 {
		ts.Fatalf("told to stop the server exits with %d: %s", code, errs.String())
	}
	ts.Check(os.WriteFile(ts.MkAbs("stderr"), errs.Bytes(), 0o600))
}

// exits runs a command and compares its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok { //nolint:errorlint // testscript returns it bare
			exit = e
			got = exit.ExitCode()
		} else {
			ts.Fatalf("%v", err)
		}
	}
	if got != want {
		ts.Fatalf("%s exits with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// interrupt runs a command, sends it a signal after the given time, and wants
// exit code 130, or 0 when it was done before.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupt INT|TERM|KILL AFTER command args...")
	}
	after, err := time.ParseDuration(args[1])
	ts.Check(err)
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Dir, cmd.Env = ts.Getenv("WORK"), append(os.Environ(), "HOME="+ts.Getenv("HOME"))
	ts.Check(cmd.Start())
	signal := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "KILL": os.Kill}[args[0]]
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Signal(signal) })
	defer timer.Stop()
	err = cmd.Wait()
	// A signal that comes before the program can listen ends it the system's way, which shells report as 130 or 143.
	early := strings.HasPrefix(cmd.ProcessState.String(), "signal: ")
	if code := cmd.ProcessState.ExitCode(); code != 130 && code != 0 && !early {
		ts.Fatalf("after SIG%s %s exits with %d (%v), want 130", args[0], strings.Join(args[2:], " "), code, err)
	}
}
