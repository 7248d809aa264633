//go:build duckdb_arrow

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"citystats/internal/fault"
	"citystats/pipeline"
)

// articleRegion is whose comparison a run prints: the article's own city.
const articleRegion = "340100"

func (a *app) runCommand() *cobra.Command {
	var opts pipeline.Options
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Fetch, load, check and publish; then print what came in and the article's comparison",
		Long: `Asks every source, archives what it answers, builds the next release aside,
checks it, and publishes it by one rename. Safe to run twice and safe to kill.
A run that brings nothing new publishes nothing.

Publishers are asked for what changed since their last answer. One that keeps
failing is left alone for some minutes.

A source that fails does not stop the others. While its last good answer is
within its allowance (data/sources.csv) that is a warning; beyond it, or with
--strict, the exit code is 4. The release is published either way.

A claim of data/claims.yaml whose verdict differs from that of the last release is
printed with the figures that changed it; with --strict the exit code is then 5,
whether or not a source failed too. The release is published all the same.

With --record every exchange is also written below DIR, a folder for each source,
asked for in full, without keys and cookies. Cases of a source's tests have the
same form, so this is how a new source gets its first.`,
		Example: `  citystats run
  citystats run --offline
  citystats run --source worldbank --strict
  citystats run --source worldbank --dry-run --record exchanges`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.checkRecord(); err != nil {
				return err
			}
			p, err := a.pipeline()
			if err != nil {
				return err
			}
			report, runErr := p.Run(cmd.Context(), opts)
			return a.tell(cmd.Context(), report, opts, runErr)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&opts.Offline, "offline", false, "ask only sources that need no network")
	f.StringArrayVar(&opts.Only, "source", nil, "ask only this source; may be given more than once")
	f.BoolVar(&opts.DryRun, "dry-run", false, "do everything but change the state folder")
	f.BoolVar(&opts.Strict, "strict", false, "exit 4 when any source fails, 5 when a claim changes its verdict")
	f.BoolVar(&opts.AcceptRevisions, "accept-revisions", false, "publish although figures were revised beyond their tolerance")
	f.StringVar(&a.record, "record", "", "write each exchange with a publisher below this folder, which must be new or empty")
	return cmd
}

// checkRecord keeps two recordings from being mixed up.
func (a *app) checkRecord() error {
	if a.record == "" {
		return nil
	}
	entries, err := os.ReadDir(a.record)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return fault.Wrap(fault.Usage, err, a.record, "name a new folder", "--record cannot write there")
	}
	return fault.New(fault.Usage, a.record, "name a new folder", "--record would mix with what is there")
}

// tell prints the report of a run and returns the run's own error.
func (a *app) tell(ctx context.Context, report pipeline.Report, opts pipeline.Options, runErr error) error {
	if report.Sources == nil {
		return runErr
	}
	sources := sourcesGrid(report)
	article := &grid{}
	if report.Release != "" && runErr == nil || report.Published {
		// What was published is told even when somebody stops us now.
		ctx = context.WithoutCancel(ctx)
		r, _, err := a.reader(ctx)
		if err != nil {
			return firstOf(runErr, err)
		}
		defer r.Close()
		if article, err = articleGrid(ctx, r, articleRegion); err != nil {
			return firstOf(runErr, err)
		}
	}
	return firstOf(runErr, a.printRun(report, opts, runErr, sources, article))
}

func firstOf(errs ...error) error {
	i := slices.IndexFunc(errs, func(e error) bool { return e != nil })
	if i < 0 {
		return nil
	}
	return errs[i]
}

func (a *app) printRun(report pipeline.Report, opts pipeline.Options, runErr error, sources, article *grid) error {
	switch a.format {
	case "json":
		return writeJSON(a.out, object{
			{"run", report.Run},
			{"release", report.Release},
			{"published", report.Published},
			{"outcome", outcome(report, opts, runErr)},
			{"sources", sources.objects()},
			{"warnings", warnings(report)},
			{"claims_changed", changedClaims(report.Claims)},
			{"comparison", article.objects()},
		})
	case "csv":
		return article.csv(a.out)
	}
	if err := sources.table(a.out); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\n%s\n", outcome(report, opts, runErr))
	for _, w := range warnings(report) {
		fmt.Fprintln(a.out, "Warning: "+w)
	}
	if err := a.printChanges(report.Claims); err != nil {
		return err
	}
	if len(article.rows) == 0 {
		return nil
	}
	fmt.Fprintln(a.out, "\nThe article's comparison: Hefei and China")
	fmt.Fprintln(a.out)
	if err := article.table(a.out); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.out, "\n"+legend)
	return err
}

// outcome is what became of the release, in one sentence.
func outcome(report pipeline.Report, opts pipeline.Options, runErr error) string {
	refused := runErr != nil && fault.KindOf(runErr) != fault.Upstream && !errors.Is(runErr, pipeline.ErrClaims)
	switch {
	case refused && report.Release == "":
		return "Not published; the error says why."
	case refused && !report.Published:
		return "Not published; the error says why. Release " + report.Release + " stays."
	case opts.DryRun && report.Differing != nil:
		return fmt.Sprintf("Dry run: release %s would be replaced; %d tables differ.", report.Release, len(report.Differing))
	case opts.DryRun && report.Release == "":
		return "Dry run: a first release would be published."
	case opts.DryRun:
		return "Dry run: nothing new; release " + report.Release + " would stay."
	case report.Published:
		return "Release " + report.Release + " published."
	case report.Held != "":
		return fmt.Sprintf("Nothing published: release %s was rolled back and the contents are the same again. Release %s stays.", report.Held, report.Release)
	case report.Release == "":
		return "Nothing published."
	default:
		return "Nothing new. Release " + report.Release + " stays."
	}
}

func warnings(report pipeline.Report) []string {
	out := []string{}
	var failed []string
	for _, s := range report.Sources {
		switch {
		case s.Stale:
			out = append(out, fmt.Sprintf("source %s is beyond its allowance: its figures may be out of date", s.ID))
		case s.Err != nil:
			failed = append(failed, s.ID)
		}
	}
	if len(failed) > 0 {
		out = append(out, fmt.Sprintf("no good answer from %s; what was good last time stays in use (citystats doctor says what to do)", strings.Join(failed, ", ")))
	}
	hits := map[string]int{}
	var order []string
	title := map[string]string{}
	for _, h := range report.Hits {
		if hits[h.Check] == 0 {
			order = append(order, h.Check)
		}
		hits[h.Check]++
		title[h.Check] = h.Title
	}
	for _, name := range order {
		out = append(out, fmt.Sprintf("check %s, %d hits: %s (citystats checks lists them)", name, hits[name], title[name]))
	}
	return out
}

func sourcesGrid(report pipeline.Report) *grid {
	g := &grid{columns: []column{
		{"source", "Source", false},
		{"documents", "Documents", true},
		{"new_documents", "of them new", true},
		{"new", "New", true},
		{"changed", "Changed", true},
		{"unchanged", "Unchanged", true},
		{"outside", "", true},
		{"rejected", "Rejected", true},
		{"failed", "Failed", true},
		{"state", "State", false},
		{"error", "", false},
	}}
	for _, s := range report.Sources {
		c := s.Counts
		failure := ""
		if s.Err != nil {
			failure = s.Err.Error()
		}
		g.add(
			shown(s.ID), shown(c.Documents), shown(c.NewDocuments), shown(c.New), shown(c.Changed),
			shown(c.Unchanged), shown(c.Outside), shown(c.Rejected), shown(c.FailedDocs), shown(state(s)), shown(failure),
		)
	}
	return g
}

func state(s pipeline.SourceReport) string {
	switch {
	case s.Stale:
		return "stale"
	case s.Err != nil:
		return "failed"
	case s.Asked:
		return "good"
	case s.Needs != "":
		return "not set up"
	default:
		return "not asked"
	}
}
