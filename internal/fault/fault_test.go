package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"citystats/internal/fault"
)

func TestExitCode(t *testing.T) {
	plain := errors.New("index out of range")
	upstream := fault.New(fault.Upstream, "https://example.org", "try later", "HTTP %d", 502)
	tests := []struct {
		name string
		err  error
		kind fault.Kind
		exit int
	}{
		{"nothing", nil, fault.Internal, 0},
		{"unmarked", plain, fault.Internal, 1},
		{"usage", fault.New(fault.Usage, "", "", "x"), fault.Usage, 2},
		{"definition", fault.New(fault.Definition, "", "", "x"), fault.Definition, 3},
		{"upstream", upstream, fault.Upstream, 4},
		{"quality", fault.New(fault.Quality, "", "", "x"), fault.Quality, 5},
		{"storage", fault.New(fault.Storage, "", "", "x"), fault.Storage, 6},
		{"cancelled", context.Canceled, fault.Cancelled, 130},
		{"marked cancelled", fault.New(fault.Cancelled, "", "", "x"), fault.Cancelled, 130},
		{"too late is nobody's wish", context.DeadlineExceeded, fault.Internal, 1},
		{"with context", fmt.Errorf("source x: %w", upstream), fault.Upstream, 4},
		{"beside a plain one", errors.Join(plain, upstream), fault.Upstream, 4},
		{"two kinds, the first decides", errors.Join(upstream, fault.New(fault.Storage, "", "", "x")), fault.Upstream, 4},
		{"cancel beats what it caused", errors.Join(upstream, context.Canceled), fault.Cancelled, 130},
		{"cancel beats the mark over it", fault.Wrap(fault.Storage, fmt.Errorf("write: %w", context.Canceled), "", "", "x"), fault.Cancelled, 130},
		{"cancel as the cause of a marked error", &fault.Error{Kind: fault.Upstream, What: "x", Err: context.Canceled}, fault.Cancelled, 130},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fault.KindOf(tt.err); got != tt.kind {
				t.Errorf("kind %v, want %v", got, tt.kind)
			}
			if got := fault.ExitCode(tt.err); got != tt.exit {
				t.Errorf("exit code %d, want %d: scripts branch on it", got, tt.exit)
			}
		})
	}
}

func TestKindNames(t *testing.T) {
	want := map[fault.Kind]string{
		fault.Internal: "internal", fault.Usage: "usage", fault.Definition: "definition", fault.Upstream: "upstream",
		fault.Quality: "quality", fault.Storage: "storage", fault.Cancelled: "cancelled",
	}
	for k, name := range want {
		if k.String() != name {
			t.Errorf("kind %d is called %q, want %q: ledgers hold the old name", k, k, name)
		}
	}
}

func TestWrap(t *testing.T) {
	cause := &fs.PathError{Op: "open", Path: "units.csv", Err: fs.ErrNotExist}
	first := fault.Wrap(fault.Definition, cause, "data/units.csv", "add the file", "table units cannot be read")
	if got, want := first.Error(), "data/units.csv: table units cannot be read: open units.csv: file does not exist; add the file"; got != want {
		t.Errorf("message\n%s, want\n%s", got, want)
	}
	if !errors.Is(first, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	second := fault.Wrap(fault.Storage, fmt.Errorf("loading: %w", first), "state", "free some space", "the build failed")
	if got := fault.KindOf(second); got != fault.Definition {
		t.Errorf("wrapped again the kind is %v, want that of the first to know, definition", got)
	}
	if got, want := second.Error(), "the build failed: loading: "+first.Error(); got != want {
		t.Errorf("message\n%s, want\n%s", got, want)
	}
	var told *fault.Error
	if !errors.As(second, &told) || told.Hint != "add the file" {
		t.Errorf("the hint is %q, want that of the first to know", told.Hint)
	}
	if err := fault.Wrap(fault.Storage, nil, "", "", "x"); err != nil {
		t.Errorf("wrapping nothing gives %v", err)
	}
}

func TestMessage(t *testing.T) {
	tests := []struct {
		err  *fault.Error
		want string
	}{
		{&fault.Error{What: "the file is damaged"}, "the file is damaged"},
		{&fault.Error{What: "the file is damaged", Where: "a.csv:3"}, "a.csv:3: the file is damaged"},
		{&fault.Error{What: "the file is damaged", Hint: "restore it"}, "the file is damaged; restore it"},
		{&fault.Error{What: "the file is damaged", Err: fs.ErrInvalid}, "the file is damaged: invalid argument"},
		{fault.New(fault.Quality, "x", "look", "%d%%", 5), "x: 5%; look"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("message %q, want %q", got, tt.want)
		}
	}
	if fault.New(fault.Usage, "", "", "x").Unwrap() != nil {
		t.Error("an error made new has a cause")
	}
}
