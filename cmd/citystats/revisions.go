//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/release"
	"citystats/pipeline/revisions"
	"citystats/pipeline/warehouse"
	"citystats/transforms/period"
)

func (a *app) revisionsCommand() *cobra.Command {
	var q revisions.Question
	var since string
	cmd := &cobra.Command{
		Use:   "revisions",
		Short: "List the figures that were revised, ranked by what they move",
		Long: `Prints each measured figure that its maker changed: old, new, the document that
changed it, and why. Types, as the Office for National Statistics has them:

  update       later or fuller data in the ordinary course (R1, R2)
  correction   the same standing said otherwise, without a declared event (C)
  methodology  another definition, survey or base (R3)
  census       the results of a census (R3)

What is declared in data/revision_events.csv goes first; else the standings of the
two figures tell an update from a correction. Two makers who differ are two
sources and no revision: see revision_triangle in citystats sql.

First come figures that turn a comparison's sign, then those a claim rests on,
then the largest, in tolerances of their indicator. Without --since the present
is compared with the figures as first released; --since takes a day, and then
shows what could not be read by its end (as compare --as-of that day), or an
earlier release, and then what is known here since, old documents included.`,
		Example: `  citystats revisions
  citystats revisions --since 2025-01-01 --region china
  citystats revisions --since 2026-11-23-1f0c3a9e --format json
  citystats revisions --region 合肥 --indicator gdp --type census`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			catalog, _, err := a.definitions()
			if err != nil {
				return err
			}
			if err := resolveRevisions(&q, catalog); err != nil {
				return err
			}
			if err := a.since(&q, since); err != nil {
				return err
			}
			return a.revisions(cmd.Context(), q, since)
		},
	}
	f := cmd.Flags()
	f.StringVar(&since, "since", "", "only what changed since this day, as 2025-01-01, or since this release")
	f.StringVar(&q.Region, "region", "", "only this region")
	f.StringVar(&q.Indicator, "indicator", "", "only this indicator")
	f.StringVar(&q.Type, "type", "", "only this type: update, correction, methodology or census")
	return cmd
}

// revisionTypes are the types in the order they are explained.
var revisionTypes = []string{"update", "correction", "methodology", "census"}

// resolveRevisions turns names into keys.
func resolveRevisions(q *revisions.Question, catalog *data.Catalog) error {
	var err error
	if q.Region != "" {
		if q.Region, err = catalog.RegionIndex().Find(q.Region); err != nil {
			return fault.New(fault.Usage, "", "see citystats regions", "%s", err.Error())
		}
	}
	if q.Indicator != "" {
		if q.Indicator, err = catalog.IndicatorIndex().Find(q.Indicator); err != nil {
			return fault.New(fault.Usage, "", "see citystats indicators", "%s", err.Error())
		}
	}
	if q.Type != "" && !slices.Contains(revisionTypes, q.Type) {
		return fault.New(fault.Usage, "", "write one of "+strings.Join(revisionTypes, ", "), "--type %q is no type of revision", q.Type)
	}
	return nil
}

// since reads --since: a day, or the id of a release that is kept.
func (a *app) since(q *revisions.Question, text string) error {
	if text == "" {
		return nil
	}
	if m, err := period.ParseMoment(text); err == nil && m.Precision == "day" {
		q.Day = text
		return nil
	}
	kept, err := release.Store{Dir: a.state}.List()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(kept, func(m release.Manifest) bool { return m.ID == text })
	if i < 0 {
		return fault.New(fault.Usage, "", "write a day, as 2025-01-01, or a release that citystats releases lists", "--since %q is neither a day nor a release that is kept", text)
	}
	q.Captures = kept[i].Captures
	return nil
}

func (a *app) revisions(ctx context.Context, q revisions.Question, since string) error {
	_, set, err := a.definitions()
	if err != nil {
		return err
	}
	_, m, err := a.live()
	if err != nil {
		return err
	}
	open := func(ctx context.Context) (*warehouse.Reader, error) {
		r, _, err := a.reader(ctx)
		return r, err
	}
	figures, err := revisions.Ask(ctx, open, set, q)
	if err != nil {
		return err
	}
	switch a.format {
	case "json":
		return writeJSON(a.out, object{{"release", m.ID}, {"since", machineText(since)}, {"figures", revisedObjects(figures)}})
	case "csv":
		return revisionSteps(figures).csv(a.out)
	}
	fmt.Fprintln(a.out, revisionsTitle(figures, since, m.ID))
	if len(figures) == 0 {
		return nil
	}
	fmt.Fprintln(a.out)
	return revisionsTable(figures).table(a.out)
}

// machineText is a text as JSON has it: null when there is none.
func machineText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func revisionsTitle(figures []revisions.Figure, since, releaseID string) string {
	steps := 0
	for _, f := range figures {
		steps += len(f.Steps)
	}
	what := "No measured figure that was asked for was revised"
	if steps > 0 {
		what = fmt.Sprintf("%s revised %s", count(len(figures), "figure"), count(steps, "time"))
	}
	if since != "" {
		what += " since " + since
	}
	return what + ", release " + releaseID
}

// count is a number of things in words.
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// revisionsTable has a row for each revision; those of one figure stand together,
// and what they moved stands with the last.
func revisionsTable(figures []revisions.Figure) *grid {
	g := &grid{columns: []column{
		{"rank", "", true},
		{"figure", "Figure", false},
		{"old_value", "Old", true},
		{"new_value", "New", true},
		{"change", "Change", true},
		{"type", "Type", false},
		{"document", "Document", false},
		{"moves", "Moves", false},
	}}
	for i, f := range figures {
		for j, s := range f.Steps {
			name, moves := "", ""
			if j == 0 {
				name = fmt.Sprintf("%d. %s, %s, %s", i+1, f.Region, f.Title, f.Period)
			}
			if j == len(f.Steps)-1 {
				moves = movesInWords(f)
			}
			before, after := apart(s.Old, s.New, int(f.Decimals))
			g.add(shown(i+1), shown(name), shown(before), shown(after+" "+f.Symbol),
				shown(revisedBy(f, s)), shown(typeInWords(s)), shown(documentInWords(s)), shown(moves))
		}
	}
	return g
}

// apart writes two different numbers with as many digits as it takes to see that
// they differ, and no fewer than usual.
func apart(a, b float64, decimals int) (string, string) {
	for most := decimals + 4; ; decimals++ {
		if x, y := number(a, decimals), number(b, decimals); x != y || decimals == most {
			return x, y
		}
	}
}

func revisedBy(f revisions.Figure, s revisions.Step) string {
	switch {
	case s.ChangePercent != nil:
		return signed(*s.ChangePercent, 2) + " %"
	case f.Unit == "percent":
		return signed(s.Change, 2) + " pp"
	}
	return signed(s.Change, int(f.Decimals))
}

func typeInWords(s revisions.Step) string {
	if s.EventTitle == "" {
		return s.Type
	}
	return s.Type + ": " + s.EventTitle
}

func documentInWords(s revisions.Step) string {
	day := "no date"
	if s.Published != nil {
		day = s.Published.Format("2006-01-02")
	}
	out := day + ", " + s.Printer + ": " + s.Title
	if s.URL != "" {
		out += " " + s.URL
	}
	return out
}

// enough is how many of what a figure moves are named in a table.
const enough = 3

func movesInWords(f revisions.Figure) string {
	var out []string
	if n := len(f.Comparisons); n > 0 {
		text := count(n, "comparison")
		if flips := f.SignsChanged(); flips > 0 {
			text += fmt.Sprintf(" (%s changed)", count(flips, "sign"))
		}
		var named []string
		for _, c := range f.Comparisons[:min(n, enough)] {
			unit := " pp"
			if c.Percent {
				unit = " %"
			}
			named = append(named, fmt.Sprintf("%s against %s %s → %s%s", c.Region, c.Benchmark, signed(c.Then, 2), signed(c.Now, 2), unit))
		}
		if n > enough {
			named = append(named, "…")
		}
		out = append(out, text+": "+strings.Join(named, ", "))
	}
	if n := len(f.Windows); n > 0 {
		out = append(out, count(n, "average")+" of growth: "+windowInWords(f.Windows[0]))
	}
	if n := len(f.Claims); n > 0 {
		out = append(out, count(n, "claim")+": "+strings.Join(f.Claims, ", "))
	}
	switch {
	case len(out) > 0:
		return strings.Join(out, "; ")
	case f.Appeared > 0:
		return count(f.Appeared, "comparison") + " that had no figure before"
	case f.Preferred != f.Origin:
		return "nothing: comparisons use the figure of " + f.Preferred
	}
	return "nothing"
}

func windowInWords(w revisions.Window) string {
	side := func(x *float64) string {
		if x == nil {
			return "—"
		}
		return signed(*x, 2)
	}
	return fmt.Sprintf("%s, %s against %s %s → %s pp", w.Title, w.Region, w.Benchmark, side(w.Then), side(w.Now))
}
