package ledger_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"citystats/internal/fault"
	"citystats/pipeline/ledger"
)

var (
	began = time.Date(2026, time.November, 23, 2, 15, 0, 0, time.UTC)
	zero  = 0
	four  = 4
)

// night are the events of a run that published, one that was killed, one that
// failed and one that was rolled back.
var night = []ledger.Event{
	{Time: began, Run: "a", Event: ledger.Started, Detail: "run"},
	{Time: began.Add(1 * time.Second), Run: "a", Event: ledger.Fetched, Source: "bundled", Counts: &ledger.Counts{Documents: 3, NewDocuments: 2}},
	{Time: began.Add(2 * time.Second), Run: "a", Event: ledger.Failed, Source: "worldbank", Kind: "upstream", Error: "HTTP 502 <html> & more"},
	{Time: began.Add(3 * time.Second), Run: "a", Event: ledger.Loaded, Source: "bundled", Counts: &ledger.Counts{New: 10, Changed: 1, Rejected: 1}},
	{Time: began.Add(4 * time.Second), Run: "a", Event: ledger.Publishing, Release: "r1"},
	{Time: began.Add(5 * time.Second), Run: "a", Event: ledger.Published, Release: "r1"},
	{Time: began.Add(6 * time.Second), Run: "a", Event: ledger.Finished, Exit: &zero},
	{Time: began.Add(1 * time.Hour), Run: "b", Event: ledger.Started, Detail: "run"},
	{Time: began.Add(2 * time.Hour), Run: "c", Event: ledger.Started, Detail: "import"},
	{Time: began.Add(2*time.Hour + 1*time.Second), Run: "c", Event: ledger.Refused, Release: "r2", Error: "合肥: 3 series lost"},
	{Time: began.Add(2*time.Hour + 2*time.Second), Run: "c", Event: ledger.Finished, Exit: &four, Error: "not published", Kind: "quality"},
	{Time: began.Add(3 * time.Hour), Run: "d", Event: ledger.Started, Detail: "rollback"},
	{Time: began.Add(3*time.Hour + 1*time.Second), Run: "d", Event: ledger.RolledBack, Release: "r0", Detail: "hash of r1"},
}

func open(t *testing.T, dir string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func appendAll(t *testing.T, dir string, events []ledger.Event) {
	t.Helper()
	l := open(t, dir)
	for _, e := range events {
		if err := l.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(events, l.Events()); diff != "" {
		t.Errorf("events of the open ledger (-appended +got):\n%s", diff)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestCut cuts the ledger at every byte, as a crash may, and goes on with it.
func TestCut(t *testing.T) {
	dir := t.TempDir()
	appendAll(t, dir, night[:3])
	path := filepath.Join(dir, "ledger.jsonl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	after := ledger.Event{Time: began.Add(24 * time.Hour), Run: "z", Event: ledger.Started}
	for at := range len(text) + 1 {
		if err := os.WriteFile(path, text[:at], 0o644); err != nil {
			t.Fatal(err)
		}
		kept := night[:bytes.Count(text[:at], []byte("\n"))]
		got, err := ledger.Read(dir)
		if diff := cmp.Diff(kept, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Fatalf("cut at %d, Read: %v (-want +got):\n%s", at, err, diff)
		}
		l := open(t, dir)
		if err := errors.Join(l.Append(after), l.Close()); err != nil {
			t.Fatal(err)
		}
		got, err = ledger.Read(dir)
		want := append(slices.Clone(kept), after)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("cut at %d, then one event more: %v (-want +got):\n%s", at, err, diff)
		}
	}
}

func TestDamage(t *testing.T) {
	dir := t.TempDir()
	appendAll(t, dir, night[:3])
	path := filepath.Join(dir, "ledger.jsonl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.SplitAfter(string(text), "\n")
	rows[1] = strings.Replace(rows[1], `"run"`, `"r`, 1)
	if err := os.WriteFile(path, []byte(strings.Join(rows, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	_, openErr := ledger.Open(dir)
	_, readErr := ledger.Read(dir)
	for _, err := range []error{openErr, readErr} {
		if fault.KindOf(err) != fault.Storage || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("error %v, want one of kind storage that names line 2", err)
		}
	}
}

func TestNothingYet(t *testing.T) {
	dir := t.TempDir()
	events, err := ledger.Read(dir)
	if events != nil || err != nil {
		t.Errorf("a folder without a ledger: %v, %v", events, err)
	}
	if runs := ledger.Runs(events); runs != nil {
		t.Errorf("runs of no events: %v", runs)
	}
	if _, ok := ledger.Last(events, func(ledger.Event) bool { return true }); ok {
		t.Error("there is a last event among none")
	}
}

// TestTime keeps whole milliseconds of universal time, whatever clock spoke.
func TestTime(t *testing.T) {
	dir := t.TempDir()
	shanghai := time.FixedZone("CST", 8*3600)
	l := open(t, dir)
	e := ledger.Event{Time: began.Add(1234567 * time.Nanosecond).In(shanghai), Run: "a", Event: ledger.Started}
	if err := errors.Join(l.Append(e), l.Close()); err != nil {
		t.Fatal(err)
	}
	read, err := ledger.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []time.Time{l.Events()[0].Time, read[0].Time} {
		if want := began.Add(time.Millisecond); got != want {
			t.Errorf("time %v, want %v", got, want)
		}
	}
}

func TestRuns(t *testing.T) {
	want := []ledger.Run{
		{
			ID: "a", Command: "run", StartedAt: began, FinishedAt: began.Add(6 * time.Second), Exit: &zero, Release: "r1", Error: "HTTP 502 <html> & more",
			Counts: ledger.Counts{Documents: 3, NewDocuments: 2, New: 10, Changed: 1, Rejected: 1},
		},
		{ID: "b", Command: "run", StartedAt: began.Add(1 * time.Hour)},
		{ID: "c", Command: "import", StartedAt: began.Add(2 * time.Hour), FinishedAt: began.Add(2*time.Hour + 2*time.Second), Exit: &four, Error: "not published"},
		{ID: "d", Command: "rollback", StartedAt: began.Add(3 * time.Hour), Release: "r0"},
	}
	if diff := cmp.Diff(want, ledger.Runs(night)); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

func TestLast(t *testing.T) {
	got, ok := ledger.Last(night, func(e ledger.Event) bool { return e.Event == ledger.Started })
	if !ok || got.Run != "d" {
		t.Errorf("the last start is that of run %q, %v, want d", got.Run, ok)
	}
	if got, ok := ledger.Last(night, func(e ledger.Event) bool { return e.Run == "x" }); ok {
		t.Errorf("run x has the event %+v", got)
	}
}

// TestCounts wants Add to leave no field out.
func TestCounts(t *testing.T) {
	var sum, one ledger.Counts
	v := reflect.ValueOf(&one).Elem()
	for i := range v.NumField() {
		v.Field(i).SetInt(int64(i + 1))
	}
	sum.Add(one)
	sum.Add(one)
	for i := range v.NumField() {
		if got, want := reflect.ValueOf(sum).Field(i).Int(), int64(2*(i+1)); got != want {
			t.Errorf("Add gives %s the value %d, want %d", v.Type().Field(i).Name, got, want)
		}
	}
}
