//go:build duckdb_arrow

package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"citystats/internal/fault"
	"citystats/pipeline"
	"citystats/pipeline/calendar"
)

func (a *app) doctorCommand() *cobra.Command {
	var only []string
	offline := false
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Ask each publisher one question and say who is behind",
		Long: `Asks each publisher one small question: does it answer, and in the shape that is
expected? Beside that stand the newest document, the release that was due by
data/release_calendar.csv and the next one, so that a publisher who is late is
told from a fetch of ours that failed, and what to do.

Nothing is fetched, changed or published. The exit code is 4 when a publisher
does not answer as expected.`,
		Example: "  citystats doctor\n  citystats doctor --source worldbank --format json\n  citystats doctor --offline",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.pipeline()
			if err != nil {
				return err
			}
			all, err := p.Diagnose(cmd.Context(), only, offline)
			if err != nil {
				return err
			}
			if err := a.print(diagnosisGrid(all)); err != nil {
				return err
			}
			return silent(all)
		},
	}
	cmd.Flags().StringSliceVar(&only, "source", nil, "ask only this source (may be repeated)")
	cmd.Flags().BoolVar(&offline, "offline", false, "ask nobody, only compare what is here with what was due")
	return cmd
}

func diagnosisGrid(all []pipeline.Diagnosis) *grid {
	g := &grid{columns: []column{
		{"source", "Source", false},
		{"answer", "Answer", false},
		{"standing", "Standing", false},
		{"last_document_at", "Newest document", false},
		{"last_document", "", false},
		{"last_good_at", "Last good answer", false},
		{"due_release", "", false},
		{"due_by", "Was due by", false},
		{"next_release", "", false},
		{"next_from", "", false},
		{"next_by", "Next by", false},
		{"problem", "", false},
		{"advice", "What to do", false},
	}}
	for _, d := range all {
		at, name, problem := cell{nil, "—"}, "", ""
		if d.Last != nil {
			at, name = timeCell(d.Last.KnownAt), d.Last.Name
		}
		if d.Problem != nil {
			problem = d.Problem.Error()
		}
		due, _, dueBy := window(d.Due)
		next, from, by := window(d.Next)
		g.add(shown(d.Source), shown(string(d.Reach)), shown(string(d.Standing)), at, shown(name), timeCell(d.Health.LastGoodAt),
			due, dueBy, next, from, by, shown(problem), cell{d.Advice, told(problem, d.Advice)})
	}
	return g
}

// window is a release's title, first and last day.
func window(w *calendar.Window) (title, first, last cell) {
	if w == nil {
		none := cell{nil, "—"}
		return none, none, none
	}
	return shown(w.Title), shown(w.First.Format(time.DateOnly)), shown(w.Last.Format(time.DateOnly))
}

// silent is the error of publishers who do not answer as expected.
func silent(all []pipeline.Diagnosis) error {
	var names []string
	for _, d := range all {
		if d.Reach == pipeline.Changed || d.Reach == pipeline.Away {
			names = append(names, d.Source)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fault.New(fault.Upstream, "", "the column \"What to do\" says for each", "no answer as expected from %s", strings.Join(names, ", "))
}

// told is what went wrong and what to do, as far as there is either.
func told(problem, advice string) string {
	if problem == "" || advice == "" {
		return problem + advice
	}
	return problem + "; " + advice
}
