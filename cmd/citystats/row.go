//go:build duckdb_arrow

package main

import (
	"fmt"
	"strings"
	"time"

	"citystats/pipeline/warehouse"
)

// row reads a result's row by column name.
type row struct {
	of    warehouse.Rows
	cells []any
}

func (v row) get(name string) any {
	i := v.of.Column(name)
	if i < 0 {
		return nil
	}
	return v.cells[i]
}

func (v row) str(name string) string {
	switch x := v.get(name).(type) {
	case nil:
		return ""
	case string:
		return x
	case time.Time:
		return x.Format(time.DateOnly)
	default:
		return fmt.Sprint(x)
	}
}

func (v row) f(name string) float64 {
	x, _ := v.get(name).(float64)
	return x
}

func (v row) decimals() int {
	x, _ := v.get("decimals").(int64)
	return int(x)
}

// bounds is how a qualified figure is written.
var bounds = map[string]string{"about": "about ", "over": "over ", "under": "under "}

func (v row) amount(value, qualifier, symbol string) string {
	x, ok := v.get(value).(float64)
	if !ok {
		return "—"
	}
	decimals := v.decimals()
	if q := v.str(qualifier); bounds[q] != "" {
		decimals = -1 // "over 13", as it was printed: digits would claim more than was said
	}
	return bounds[v.str(qualifier)] + number(x, decimals) + " " + v.str(symbol)
}

func (v row) percent(name string) string {
	x, ok := v.get(name).(float64)
	if !ok {
		return "—"
	}
	return number(x, 2) + " %"
}

func (v row) points(name string) string {
	x, ok := v.get(name).(float64)
	if !ok {
		return "—"
	}
	return signed(x, 2) + " pp"
}

// gap is a difference of levels in percent of the benchmark, and one of rates
// and shares in percentage points.
func (v row) gap() string {
	if x, ok := v.get("gap_percent").(float64); ok {
		return signed(x, 1) + " %"
	}
	x, ok := v.get("gap").(float64)
	switch {
	case !ok:
		return "—"
	case v.str("kind") == "growth":
		return signed(x, 2) + " pp"
	case v.str("unit") == "percent":
		return signed(x, v.decimals()) + " pp"
	}
	return signed(x, v.decimals())
}

// status is the OBS_STATUS of both sides and how far each can be trusted.
func (v row) status() string {
	side := func(status, confidence string) string {
		s, c := v.str(status), v.str(confidence)
		switch {
		case s == "" && c == "":
			return "—"
		case c == "high" || c == "":
			return s
		}
		return strings.TrimSpace(s + " " + c)
	}
	own, theirs := side("obs_status", "confidence"), side("benchmark_obs_status", "benchmark_confidence")
	if theirs == "—" {
		return own
	}
	return own + " / " + theirs
}

// growthStatus is status for averages of growth, which are derived here whatever
// the rates are.
func (v row) growthStatus() string {
	side := func(average, provisional, confidence string) string {
		if v.get(average) == nil {
			return "—"
		}
		s := "E"
		if p, _ := v.get(provisional).(bool); p {
			s += " of P"
		}
		if c := v.str(confidence); c != "high" && c != "" {
			s += " " + c
		}
		return s
	}
	own := side("average_growth", "provisional", "weakest_confidence")
	return own + " / " + side("benchmark_average_growth", "benchmark_provisional", "benchmark_weakest_confidence")
}

// pools are the members a benchmark leaves out, by the column that counts them.
var pools = []struct{ column, what string }{
	{"benchmark_members_elsewhere", "left out for another definition: %d"},
	{"benchmark_weights_missing", "left out without a weight: %d"},
}

// remarks are what must be printed with a comparison.
func (v row) remarks() []string {
	var out []string
	switch v.str("relation") {
	case "context":
		out = append(out, "another measure, no gap: "+v.str("reason"))
	case "not_like_for_like":
		out = append(out, "not like for like: "+v.str("reason"))
	}
	if t := v.str("break_title"); t != "" {
		out = append(out, "break: "+t)
	}
	if v.str("change_break") != "" {
		out = append(out, "growth from the year before is refused")
	}
	declared, _ := v.get("benchmark_members_declared").(int64)
	switch {
	case v.get("relation") == nil || v.str("relation") == "context":
	case v.get("benchmark_value") == nil && declared > 1:
		out = append(out, fmt.Sprintf("too few members have a figure: %s of %d", v.str("benchmark_members"), declared))
	case v.get("benchmark_value") == nil:
		out = append(out, "the benchmark has no figure for this period")
	case declared > 1:
		out = append(out, fmt.Sprintf("%s of %d members", v.str("benchmark_members"), declared))
	}
	for _, p := range pools {
		if n, _ := v.get(p.column).(int64); n > 0 {
			out = append(out, fmt.Sprintf(p.what, n))
		}
	}
	if v.get("value") == nil && v.get("relation") != nil {
		out = append(out, "the region has no figure for this period")
	}
	if d := v.str("derivation"); d != "" {
		out = append(out, "derived: "+d)
	}
	return out
}
