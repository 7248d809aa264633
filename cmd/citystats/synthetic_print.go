//go:build duckdb_arrow

package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"citystats/transforms/synth"
)

func (a *app) printSynthetic(n answer, release string) error {
	path, weights, tests, left := n.path(), n.weights(), n.tests(), n.left()
	switch a.format {
	case "json":
		return writeJSON(a.out, object{
			{"release", release},
			{"study", n.ID},
			{"region", n.Region},
			{"indicator", n.Indicator},
			{"donors", n.Donors},
			{"from_year", n.From},
			{"first_treated", n.FirstTreated},
			{"to_year", n.To},
			{"event", n.Event},
			{"as_of", n.asOf},
			{"refused", []string(n.refused)},
			{"path", path.objects()},
			{"weights", weights.objects()},
			{"tests", tests.objects()},
			{"left_out", left.objects()},
		})
	case "csv":
		return path.csv(a.out)
	}
	fmt.Fprintln(a.out, n.head(release))
	for _, g := range []*grid{path, weights, tests, left} {
		if len(g.rows) == 0 {
			continue
		}
		fmt.Fprintln(a.out)
		if err := g.table(a.out); err != nil {
			return err
		}
	}
	text := n.verdict()
	if n.refused != nil {
		text = "Refused: " + n.refused.Error() + "."
	}
	_, err := fmt.Fprintln(a.out, "\n"+text)
	return err
}

func (n answer) head(release string) string {
	text := fmt.Sprintf("Synthetic %s: %s %s, release %s", regionName(n.catalog, n.Region), n.TitleEN, n.TitleZH, release)
	if n.event != "" {
		text += "\nEvent: " + n.event
	}
	text += fmt.Sprintf("\nOutcome: %s, %d to %d; the event can show from %d. Donors: %d members of %s.", n.Indicator, n.From, n.To, n.FirstTreated, len(n.panel.donors), n.Donors)
	if n.asOf != "" {
		text += "\nOnly figures that could be read on " + n.asOf + " are used."
	}
	if n.Note != "" {
		text += "\n" + n.Note
	}
	return text
}

// path is the real and the synthetic region, year by year.
func (n answer) path() *grid {
	g := &grid{columns: []column{
		{"year", "Year", false},
		{"treated", "", false},
		{"value", "Real", true},
		{"synthetic", "Synthetic", true},
		{"gap_percent", "Gap", true},
	}}
	if n.refused != nil {
		return g
	}
	for t, y := range n.panel.years {
		value, counterpart := n.panel.treat.values[t], math.Exp(n.result.Synthetic[t])
		mark := ""
		if y == n.FirstTreated {
			mark = " event"
		}
		g.add(
			cell{y, strconv.Itoa(y) + mark}, shown(y >= n.FirstTreated), cell{value, number(value, 0)}, cell{counterpart, number(counterpart, 0)},
			cell{math.Expm1(n.result.Gaps[t]) * 100, percentOf(n.result.Gaps[t])},
		)
	}
	return g
}

// weights are the donors that carry any, the heaviest first.
func (n answer) weights() *grid {
	g := &grid{columns: []column{
		{"region", "", false},
		{"name", "Donor", false},
		{"weight", "Weight", true},
		{"effect_without_percent", "Effect without it", true},
	}}
	without := map[int]synth.Without{}
	for _, l := range n.result.Left {
		without[l.Donor] = l
	}
	order := []int{}
	for j, w := range n.result.Weights {
		if w >= 0.0005 {
			order = append(order, j)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(n.result.Weights[j], n.result.Weights[i]) })
	for _, j := range order {
		effect := cell{nil, "—"}
		if l, ok := without[j]; ok {
			effect = cell{math.Expm1(l.Effect) * 100, percentOf(l.Effect)}
		}
		u := n.panel.donors[j]
		g.add(shown(u.region), shown(u.name), cell{n.result.Weights[j], number(n.result.Weights[j]*100, 1) + " %"}, effect)
	}
	return g
}

// tests are what the effect must stand up to.
func (n answer) tests() *grid {
	g := &grid{columns: []column{
		{"test", "", false},
		{"about", "Test", false},
		{"value", "Value", true},
		{"remark", "", false},
	}}
	if n.refused != nil {
		return g
	}
	r, units := n.result, float64(len(n.panel.donors)+1)
	percent := func(x float64) cell { return cell{x * 100, number(x*100, 2) + " %"} }
	share := func(p float64) cell {
		return cell{p, fmt.Sprintf("%s (%.0f of %.0f)", number(p, 3), p*units, units)}
	}
	row := func(id, about string, value cell, remark string) {
		g.add(shown(id), shown(about), value, shown(remark))
	}
	row("effect_percent", "Effect: mean gap from the event on", cell{math.Expm1(r.Mean) * 100, percentOf(r.Mean)}, "")
	row("fit_before_percent", "Fit before the event: root-mean-square gap", percent(r.Before), "")
	row("gap_after_percent", "From the event on: root-mean-square gap", percent(r.After), "")
	row("median_fit_percent", "Median fit of all regions, below which no fit counts as better", percent(r.Test.Floor), "")
	row("ratio", "Ratio of the gap after to the fit before", cell{r.Ratio(r.Test.Floor), number(r.Ratio(r.Test.Floor), 1)}, "")
	row("p", "In space: regions with a ratio as large, p", share(r.Test.P), "")
	row("p_plain", "The same by the plain ratio, in which luck counts", share(r.Test.PlainP), "")
	row("false_rate", fmt.Sprintf("Called at 5 %% in %d simulated panels without an event", n.size.Panels-n.size.Refused),
		cell{n.size.FalseRate, fmt.Sprintf("%s %% ± %s", number(n.size.FalseRate*100, 1), number(196*n.size.Error, 1))}, "95 percent bounds of the simulation")
	row("found_rate", "Called at 5 % where an effect of this size is put in", cell{n.size.Found, number(n.size.Found*100, 1) + " %"}, "")
	row("simulations_refused", "Simulated panels refused for their fit", shown(n.size.Refused), "")
	for _, e := range r.Earlier {
		year := n.From + e.Pre
		about := fmt.Sprintf("In time: pretended to have come in %d, effect until %d", year, n.FirstTreated-1)
		if e.Refused != "" {
			row(fmt.Sprintf("placebo_%d", year), about, cell{nil, "not asked: " + e.Refused}, e.Refused)
			continue
		}
		row(fmt.Sprintf("placebo_%d", year), about, cell{math.Expm1(e.Effect) * 100, fmt.Sprintf("%s, p %s", percentOf(e.Effect), number(e.P, 3))}, "p "+number(e.P, 3))
	}
	return g
}

// left are the regions that cannot take part, with the reason.
func (n answer) left() *grid {
	g := &grid{columns: []column{
		{"region", "", false},
		{"name", "Left out", false},
		{"role", "Role", false},
		{"reason", "Why", false},
	}}
	for _, o := range n.panel.left {
		g.add(shown(o.region), shown(o.name), shown(o.role), shown(o.reason))
	}
	return g
}

// verdict says in words what the tests say in numbers.
func (n answer) verdict() string {
	units := len(n.panel.donors) + 1
	as := int(math.Round(n.result.Test.P * float64(units)))
	text := "Not told from chance"
	if n.result.Test.P <= synth.Level {
		text = "Larger than chance would have it"
	}
	text += fmt.Sprintf(": %d of %d regions, the real one among them, have a ratio as large. In panels like this one without an event the test\nwould call one in %s %% of cases; an effect of this size it would find in %s %%.",
		as, units, number(n.size.FalseRate*100, 1), number(n.size.Found*100, 1))
	return text + "\nOutcomes are at current prices where the indicator is; what else happened to the region or its donors in these years is in the gap too."
}
