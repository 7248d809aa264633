package lock_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"citystats/internal/fault"
	"citystats/pipeline/lock"
)

// heldDir makes this program hold the lock of the folder it names, instead of
// testing anything, until its input ends.
const heldDir = "CITYSTATS_TEST_HOLD"

var since = time.Date(2026, time.November, 23, 10, 15, 0, 0, time.FixedZone("CST", 8*3600))

func TestMain(m *testing.M) {
	if dir := os.Getenv(heldDir); dir != "" {
		os.Exit(hold(dir))
	}
	os.Exit(m.Run())
}

func hold(dir string) int {
	release, err := lock.Acquire(dir, lock.Holder{PID: os.Getpid(), Command: "rebuild", Since: since})
	if err != nil {
		fmt.Println(err)
		return fault.ExitCode(err)
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return fault.ExitCode(release())
}

// holder is another process.
type holder struct {
	cmd   *exec.Cmd
	stdin io.Closer
	says  string // its first line
}

// start runs another process that acquires the lock, and waits until it did or
// could not.
func start(t *testing.T, dir string) *holder {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), heldDir+"="+dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the other process says %q: %v", line, err)
	}
	return &holder{cmd, stdin, strings.TrimSpace(line)}
}

func acquire(t *testing.T, dir string) func() error {
	t.Helper()
	release, err := lock.Acquire(dir, lock.Holder{PID: os.Getpid(), Command: "run", Since: since})
	if err != nil {
		t.Fatalf("the lock is free, but: %v", err)
	}
	return release
}

// wantHeld checks that the lock cannot be had and that the message says why.
func wantHeld(t *testing.T, err error, by string) {
	t.Helper()
	if fault.KindOf(err) != fault.Storage {
		t.Errorf("error %v, want one of kind storage", err)
		return
	}
	for _, part := range []string{by, "since 2026-11-23T02:15:00Z", "wait for it to finish"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestSameProcess(t *testing.T) {
	dir := t.TempDir()
	release := acquire(t, dir)
	_, err := lock.Acquire(dir, lock.Holder{PID: 1, Command: "other"})
	wantHeld(t, err, fmt.Sprintf("process %d (run)", os.Getpid()))
	other := acquire(t, t.TempDir())
	if err := other(); err != nil {
		t.Errorf("the lock of another folder: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if err := acquire(t, dir)(); err != nil {
		t.Fatal(err)
	}
}

func TestOtherProcess(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	if h.says != "held" {
		t.Fatalf("the other process says %q", h.says)
	}
	_, err := lock.Acquire(dir, lock.Holder{PID: os.Getpid(), Command: "run"})
	wantHeld(t, err, fmt.Sprintf("process %d (rebuild)", h.cmd.Process.Pid))
	if err := h.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Wait(); err != nil {
		t.Fatalf("the other process fails to release: %v", err)
	}
	release := acquire(t, dir)
	late := start(t, dir)
	if want := fmt.Sprintf("process %d (run)", os.Getpid()); !strings.Contains(late.says, want) {
		t.Errorf("the other process is told %q, want %q in it", late.says, want)
	}
	if err := late.cmd.Wait(); late.cmd.ProcessState.ExitCode() != 6 {
		t.Errorf("the other process ends with %v, want exit code 6", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
}

// TestKilled leaves nothing behind that somebody had to clean up.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	if err := h.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Wait(); err == nil {
		t.Error("the killed process ended well")
	}
	if err := acquire(t, dir)(); err != nil {
		t.Fatal(err)
	}
}

// TestUnknownHolder has the lock held by something that left no readable name.
func TestUnknownHolder(t *testing.T) {
	dir := t.TempDir()
	release := acquire(t, dir)
	for _, text := range []string{"", "{", "{}"} {
		if err := os.WriteFile(filepath.Join(dir, "lock"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := lock.Acquire(dir, lock.Holder{})
		if fault.KindOf(err) != fault.Storage || !strings.Contains(err.Error(), "in use by another process") {
			t.Errorf("with %q in the file: %v, want another process named", text, err)
		}
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
}

func TestNoFolder(t *testing.T) {
	_, err := lock.Acquire(filepath.Join(t.TempDir(), "missing"), lock.Holder{})
	if fault.KindOf(err) != fault.Storage {
		t.Errorf("error %v, want one of kind storage", err)
	}
}
