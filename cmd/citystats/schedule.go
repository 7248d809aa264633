//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"citystats/pipeline"
	"citystats/pipeline/ledger"
	"citystats/pipeline/schedule"
)

func (a *app) scheduleCommand() *cobra.Command {
	list := false
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "Keep running: ask each source when its cron line says so",
		Long: `Runs each source at the times of its cron line and time zone in data/sources.csv,
plus a random delay of at most its jitter. Runs never overlap. A source whose
time passed while nobody was running is asked once, at the start. Stops on
Ctrl-C or SIGTERM after putting the current run down safely.`,
		Example: "  citystats schedule\n  citystats schedule --list",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.pipeline()
			if err != nil {
				return err
			}
			plan, err := schedule.New(p.Catalog.Sources)
			if err != nil {
				return err
			}
			if list {
				return a.printPlan(plan, p)
			}
			for _, e := range plan.Entries() {
				fmt.Fprintf(a.err, "citystats: %s is due next at %s\n", e.Source, e.Next(p.Now()).Format("2006-01-02 15:04 MST"))
			}
			err = plan.Run(cmd.Context(), p.Now, a.lastRun, func(ctx context.Context, id string) {
				a.scheduled(ctx, p, id)
			})
			return firstOf(err, cmd.Context().Err())
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "only print when each source is due next")
	return cmd
}

// scheduled runs one source; what goes wrong is for the log, the next time comes anyway.
func (a *app) scheduled(ctx context.Context, p *pipeline.Pipeline, id string) {
	report, err := p.Run(ctx, pipeline.Options{Only: []string{id}})
	if ctx.Err() != nil {
		return // an orderly stop; the next start catches up
	}
	if err != nil {
		p.Log.Error("run failed", zap.String("source", id), zap.String("run", report.Run), zap.Error(err))
		return
	}
	for _, c := range report.Claims {
		p.Log.Warn("claim changed", zap.String("claim", c.Claim), zap.String("reading", c.Reading), zap.String("from", c.From), zap.String("to", c.To), zap.Strings("causes", c.Causes))
	}
	p.Log.Info("run done", zap.String("source", id), zap.String("run", report.Run), zap.String("release", report.Release), zap.Bool("published", report.Published))
}

// lastRun is when a source was last asked, whatever came of it.
func (a *app) lastRun(id string) (time.Time, error) {
	events, err := ledger.Read(a.state)
	if err != nil {
		return time.Time{}, err
	}
	e, _ := ledger.Last(events, func(e ledger.Event) bool {
		return e.Source == id && (e.Event == ledger.Fetched || e.Event == ledger.Failed)
	})
	return e.Time, nil
}

func (a *app) printPlan(plan *schedule.Plan, p *pipeline.Pipeline) error {
	g := &grid{columns: []column{{"source", "Source", false}, {"cron", "Cron", false}, {"time_zone", "Time zone", false}, {"next", "Next", false}, {"jitter_minutes", "Jitter", true}}}
	for _, e := range plan.Entries() {
		next := e.Next(p.Now())
		g.add(shown(e.Source), shown(e.Cron), shown(e.TimeZone), cell{next, next.Format("2006-01-02 15:04 MST")}, cell{int(e.Jitter.Minutes()), fmt.Sprintf("%.0f min", e.Jitter.Minutes())})
	}
	return a.print(g)
}
