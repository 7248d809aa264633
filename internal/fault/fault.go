// Package fault says who has to act when something goes wrong.
//
// Every failure that leaves a package is either a plain error, which means a
// fault of ours, or carries one *Error made where the kind was first known.
// Callers add context with fmt.Errorf and %w; nobody rewrites the kind. The
// command line maps the kind to an exit code in one place, [ExitCode], and
// prints what, where and what to do; the log keeps the whole chain.
package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Kind is who acts next.
type Kind uint8

// The kinds, in the order of DESIGN: the exit code of each is fixed, because
// cron jobs and scripts branch on it.
const (
	Internal   Kind = iota // we do; the default for anything unmarked; exit 1
	Usage                  // the person at the keyboard; exit 2
	Definition             // whoever edited data/ or sql/; exit 3
	Upstream               // the publisher, maybe us later; exit 4
	Quality                // an editor decides: a check hit, the gate refused; exit 5
	Storage                // the operator: disk full, lock held; exit 6
	Cancelled              // nobody; exit 130
)

var kinds = [...]struct {
	name string
	exit int
}{
	Internal: {"internal", 1}, Usage: {"usage", 2}, Definition: {"definition", 3},
	Upstream: {"upstream", 4}, Quality: {"quality", 5}, Storage: {"storage", 6},
	Cancelled: {"cancelled", 130},
}

// String is the kind's name as logs and the ledger spell it.
func (k Kind) String() string { return kinds[k].name }

// Error is one failure told to a person: what is wrong, where, and what to do.
type Error struct {
	Kind  Kind
	Where string // "data/units.csv:12:3", a URL, a path; may be empty
	What  string // what is wrong, a sentence without a full stop
	Hint  string // what to do, one imperative sentence; may be empty
	Err   error  // the cause, for the log; may be nil
}

// Error renders "where: what: cause; hint".
func (e *Error) Error() string {
	var b strings.Builder
	if e.Where != "" {
		b.WriteString(e.Where + ": ")
	}
	b.WriteString(e.What)
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// New makes an error of the kind without a cause.
func New(k Kind, where, hint, format string, args ...any) *Error {
	return &Error{Kind: k, Where: where, Hint: hint, What: fmt.Sprintf(format, args...)}
}

// Wrap marks err as being of the kind. A cause that already has a kind keeps
// it, so that the first to know decides.
func Wrap(k Kind, err error, where, hint, what string) error {
	if err == nil {
		return nil
	}
	if KindOf(err) != Internal {
		return fmt.Errorf("%s: %w", what, err)
	}
	return &Error{Kind: k, Where: where, Hint: hint, What: what, Err: err}
}

// KindOf finds who acts on err. Cancellation beats every other cause, since
// whatever else is in the chain then happened because of it.
func KindOf(err error) Kind {
	if errors.Is(err, context.Canceled) {
		return Cancelled
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// ExitCode is the process exit code for err; 0 for nil.
func ExitCode(err error) int {
	if err == nil {
		return 0
	}
	return kinds[KindOf(err)].exit
}
