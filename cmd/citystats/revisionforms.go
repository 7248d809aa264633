//go:build duckdb_arrow

package main

import (
	"strings"

	"citystats/pipeline/revisions"
)

// revisedObjects are the figures as JSON has them: what was revised, step by step,
// and all it moved.
func revisedObjects(figures []revisions.Figure) []object {
	out := []object{}
	for i, f := range figures {
		steps, comparisons, windows := []object{}, []object{}, []object{}
		for _, s := range f.Steps {
			steps = append(steps, stepObject(s))
		}
		for _, c := range f.Comparisons {
			unit := "percentage points"
			if c.Percent {
				unit = "percent of the benchmark"
			}
			comparisons = append(comparisons, object{
				{"region", c.Region}, {"benchmark", c.Benchmark}, {"time_period", c.Period}, {"gap_before", c.Then}, {"gap_now", c.Now}, {"gap_unit", unit}, {"sign_changed", c.SignChanged},
			})
		}
		for _, w := range f.Windows {
			windows = append(windows, object{
				{"window", w.Title}, {"region", w.Region}, {"benchmark", w.Benchmark}, {"gap_before", w.Then}, {"gap_now", w.Now}, {"average_before", w.Average}, {"average_now", w.AverageNow},
			})
		}
		out = append(out, object{
			{"rank", i + 1},
			{"region_code", f.RegionCode},
			{"region", f.Region},
			{"indicator", f.Indicator},
			{"frequency", f.Frequency},
			{"time_period", f.Period},
			{"origin", f.Origin},
			{"preferred_origin", machineText(f.Preferred)},
			{"unit", f.Unit},
			{"old_value", f.Steps[0].Old},
			{"new_value", f.Steps[len(f.Steps)-1].New},
			{"revisions", steps},
			{"comparisons", comparisons},
			{"comparisons_appeared", f.Appeared},
			{"growth", windows},
			{"claims", orEmpty(f.Claims)},
		})
	}
	return out
}

func stepObject(s revisions.Step) object {
	o := object{
		{"vintage_number", s.VintageNumber},
		{"old_value", s.Old},
		{"new_value", s.New},
		{"change", s.Change},
		{"change_percent", s.ChangePercent},
		{"tolerances", s.Tolerances},
		{"type", s.Type},
		{"event", machineText(s.Event)},
		{"old_status", s.OldStatus},
		{"new_status", s.NewStatus},
		{"old_document_id", s.OldDocument},
		{"new_document_id", s.NewDocument},
		{"document", s.Title},
		{"printed_by", s.Printer},
		{"url", machineText(s.URL)},
	}
	published := field{"published_at", nil}
	if s.Published != nil {
		published.value = machine(*s.Published)
	}
	return append(o, published, field{"visible_from", machine(s.VisibleFrom)})
}

// revisionSteps is a line for each revision; what the figure's revisions moved
// together is counted in each of its lines.
func revisionSteps(figures []revisions.Figure) *grid {
	g := &grid{}
	for _, name := range []string{"rank", "region_code", "region", "indicator", "frequency", "time_period", "origin", "preferred_origin", "unit"} {
		g.columns = append(g.columns, column{key: name})
	}
	for _, f := range stepObject(revisions.Step{}) {
		g.columns = append(g.columns, column{key: f.key})
	}
	for _, name := range []string{"comparisons_moved", "signs_changed", "growth_averages_moved", "claims"} {
		g.columns = append(g.columns, column{key: name})
	}
	for i, f := range figures {
		for _, s := range f.Steps {
			cells := []cell{shown(i + 1), shown(f.RegionCode), shown(f.Region), shown(f.Indicator), shown(f.Frequency), shown(f.Period), shown(f.Origin), shown(machineText(f.Preferred)), shown(f.Unit)}
			for _, o := range stepObject(s) {
				cells = append(cells, cell{pointed(o.value), ""})
			}
			g.add(append(cells, shown(len(f.Comparisons)), shown(f.SignsChanged()), shown(len(f.Windows)), shown(machineText(strings.Join(f.Claims, ";"))))...)
		}
	}
	return g
}

// pointed is a number that may be missing as a value or as none.
func pointed(v any) any {
	if x, ok := v.(*float64); ok {
		if x == nil {
			return nil
		}
		return *x
	}
	return v
}
