//go:build duckdb_arrow

package warehouse

import (
	"context"
	"slices"

	"citystats/pipeline/claims"
)

// turn is a change of a reading's verdict: the day on which figures became visible
// that made it, and which they were.
type turn struct {
	day      string
	from, to claims.Verdict
	old, now *float64 // the figure held against the claim
	causes   []cause
}

// cause is a figure that an answer came to stand on, with what it replaced.
type cause struct {
	was, is *input // nil when there was none, or is none any more
}

// history finds the days on which the verdict changed, by asking again as of each
// day on which a vintage of a figure it stands on became visible. Readings that fix
// their vintages have no history, and neither has what cannot be told today.
func (j *jury) history(ctx context.Context, t *trial) error {
	if t.Verdict == claims.Undefined || !t.reading.Admissible() || t.reading.Vintage != "" {
		return nil
	}
	days := j.days(t.answer)
	var before finding
	verdict := claims.Undefined
	for i, day := range days {
		a := t.answer
		if i < len(days)-1 { // the last day sees what today sees
			var err error
			if a, err = j.ask(ctx, *t, j.seen(*t, day)); err == nil {
				err = j.resolve(*t, &a)
			}
			if err != nil {
				return err
			}
		}
		judged := claims.Judge(t.claim.Threshold, a.figure()).Verdict
		if judged != verdict {
			t.turns = append(t.turns, turn{day, verdict, judged, before.Value, a.Value, causes(before, a)})
		}
		before, verdict = a, judged
	}
	return nil
}

// days are those on which a vintage of a figure in the answer became visible.
func (j *jury) days(a finding) []string {
	var out []string
	for _, i := range a.inputs {
		if i.isFigure() {
			out = append(out, j.visible[i.cell()]...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// causes are the figures in which two answers differ. Another document that says
// the same as well causes nothing.
func causes(before, after finding) []cause {
	var out []cause
	find := func(a finding, i input) *input {
		at := slices.IndexFunc(a.inputs, func(o input) bool { return o.cell() == i.cell() && o.isFigure() })
		if at < 0 {
			return nil
		}
		return &a.inputs[at]
	}
	for n := range after.inputs {
		is := &after.inputs[n]
		if was := find(before, *is); is.isFigure() && (was == nil || *was.Value != *is.Value || was.weak() != is.weak()) {
			out = append(out, cause{was, is})
		}
	}
	for n := range before.inputs {
		if was := &before.inputs[n]; was.isFigure() && find(after, *was) == nil {
			out = append(out, cause{was, nil})
		}
	}
	return out
}
