//go:build duckdb_arrow

// Command citystats collects statistics of cities and their country, keeps
// every document and every vintage, and answers how a city compares.
//
// This package wires and prints; what a command does is in pipeline, what the
// numbers mean is in sql and data.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	_ "time/tzdata"

	"citystats/internal/fault"
)

func main() { os.Exit(realMain()) }

// realMain is main with an exit code, so that tests can run it as a program.
func realMain() (exit int) {
	defer func() {
		if broken := recover(); broken != nil {
			fmt.Fprintf(os.Stderr, "citystats: a fault of the program: %v\n%s", broken, debug.Stack())
			exit = fault.ExitCode(errors.New("panic"))
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal stops in an orderly way, the second at once.
	context.AfterFunc(ctx, stop)
	// A limit on the size of files is an error to report, not a reason to die.
	signal.Ignore(syscall.SIGXFSZ)
	err := newRoot(os.Stdin, os.Stdout, os.Stderr).ExecuteContext(ctx)
	if err != nil && ctx.Err() != nil {
		// Whatever else broke, it broke because somebody stopped us.
		err = ctx.Err()
	}
	explain(os.Stderr, err)
	return fault.ExitCode(err)
}

// explain tells a person what went wrong: each failure on a line of its own,
// with what to do under it.
func explain(w io.Writer, err error) {
	switch {
	case err == nil:
		return
	case fault.KindOf(err) == fault.Cancelled:
		fmt.Fprintln(w, "citystats: stopped; the live release is whole, and the next run continues from here")
		return
	}
	failures := flatten(err)
	const enough = 20
	for _, e := range failures[:min(len(failures), enough)] {
		var f *fault.Error
		if !errors.As(e, &f) {
			fmt.Fprintln(w, "citystats: "+e.Error())
			continue
		}
		// The kind's own text has the hint inside; here it gets a line.
		bare := *f
		bare.Hint = ""
		fmt.Fprintln(w, "citystats: "+strings.Replace(e.Error(), f.Error(), bare.Error(), 1))
		if f.Hint != "" {
			fmt.Fprintln(w, "  "+f.Hint)
		}
	}
	if n := len(failures) - enough; n > 0 {
		fmt.Fprintf(w, "citystats: and %d more\n", n)
	}
}

// flatten opens joined errors. One that is joined below a failure of its own
// stays as it is, since that failure says what to do.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error }) // err itself, not what it wraps
	if !ok {
		return []error{err}
	}
	var out []error
	for _, e := range joined.Unwrap() {
		out = append(out, flatten(e)...)
	}
	return out
}
