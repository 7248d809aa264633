//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"math"

	"citystats/pipeline/warehouse"
	"citystats/transforms/synth"
)

// unit is a region of a study: the treated one or a donor.
type unit struct {
	region, name string
	values       []float64 // one a year
}

// out is a region that cannot take part.
type out struct{ region, name, role, reason string }

// panel is what a study is made from.
type panel struct {
	years  []int
	treat  *unit // nil when the treated region cannot take part
	donors []unit
	left   []out
}

// readPanel reads the study's panel from the views of the same name.
func readPanel(ctx context.Context, r *warehouse.Reader, s study) (panel, error) {
	p := panel{}
	for y := s.From; y <= s.To; y++ {
		p.years = append(p.years, y)
	}
	left, err := r.Query(ctx, "SELECT region_code, region, role, reason FROM study_units WHERE study_id = ? AND NOT usable ORDER BY role DESC, region", s.ID)
	if err != nil {
		return p, err
	}
	for _, c := range left.Rows {
		p.left = append(p.left, out{c[0].(string), c[1].(string), c[2].(string), c[3].(string)})
	}
	rows, err := r.Query(ctx, "SELECT region_code, region, role, value FROM study_panels WHERE study_id = ? ORDER BY role DESC, region_code, year", s.ID)
	if err != nil {
		return p, err
	}
	for _, c := range rows.Rows {
		code, value := c[0].(string), c[3].(float64)
		switch {
		case c[2] == "treated" && p.treat == nil:
			p.treat = &unit{region: code, name: c[1].(string)}
		case c[2] == "donor" && (len(p.donors) == 0 || p.donors[len(p.donors)-1].region != code):
			p.donors = append(p.donors, unit{region: code, name: c[1].(string)})
		}
		to := p.treat
		if c[2] == "donor" {
			to = &p.donors[len(p.donors)-1]
		}
		to.values = append(to.values, value)
	}
	return p, nil
}

// refusal is what can be said before anything is computed: of the treated region and
// of the size.
func (p panel) refusal(s study) synth.RefusedError {
	var why synth.RefusedError
	for _, o := range p.left {
		if o.role == "treated" {
			why = append(why, fmt.Sprintf("%s itself cannot take part: %s", o.name, o.reason))
		}
	}
	return append(why, synth.Default.Thin(len(p.donors), s.FirstTreated-s.From, s.To-s.FirstTreated+1)...)
}

// logs is the panel as the method sees it.
func (p panel) logs(firstTreated int) synth.Panel {
	out := synth.Panel{Pre: firstTreated - p.years[0]}
	for _, u := range append([]unit{*p.treat}, p.donors...) {
		row := make([]float64, len(u.values))
		for t, v := range u.values {
			row[t] = math.Log(v)
		}
		out.Outcomes = append(out.Outcomes, row)
	}
	return out
}
