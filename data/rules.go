package data

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"citystats/internal/fault"
	"citystats/transforms/period"
)

// rules are what schema.yaml cannot say: conditions on the cells of one row. Each
// names the column at fault and what is wrong with it, or nothing.
var rules = map[string]func(t *Table, row []any) (column, problem, hint string){
	"sources":          sourceRule,
	"jsonstat_queries": queryRule,
	"publishers":       publisherRule,
	"indicators":       indicatorRule,
	"regions":          regionRule,
	"growth_windows":   windowRule,
	"article":          articleRule,
	"release_calendar": releaseRule,
	"sdmx_queries":     sdmxRule,
	"nbs_catalogues":   nbsRule,
	"embargoes":        embargoRule,

	"benchmarks":         benchmarkRule,
	"comparison_windows": comparisonWindowRule,
	"studies":            studyRule,

	"resemblance_sets":       resemblanceSetRule,
	"resemblance_indicators": resemblanceRule,
}

// checkRules holds every row of every table to its rule.
func checkRules(tables []Table) error {
	var problems []error
	for _, t := range tables {
		rule, ok := rules[t.Schema.Name]
		if !ok {
			continue
		}
		for i, row := range t.Rows {
			if column, problem, hint := rule(&t, row); problem != "" {
				problems = append(problems, fault.New(fault.Definition, t.at(i, t.Schema.column(column)), hint, "column %s: %s", column, problem))
			}
		}
	}
	return errors.Join(problems...)
}

func sourceRule(t *Table, row []any) (column, problem, hint string) {
	zone := t.text(row, "time_zone")
	if _, err := time.LoadLocation(zone); err != nil {
		return "time_zone", fmt.Sprintf("%q is no time zone", zone), "write an IANA name such as Asia/Shanghai"
	}
	times, err := cron.ParseStandard(t.text(row, "cron"))
	if err != nil {
		return "cron", fmt.Sprintf("%q is no cron line: %v", t.text(row, "cron"), err), "write five fields: minute, hour, day, month, weekday"
	}
	if times.Next(time.Unix(0, 0)).IsZero() {
		return "cron", fmt.Sprintf("%q never comes", t.text(row, "cron")), "write a day that the month has"
	}
	if t.number(row, "seconds_between") <= 0 {
		return "seconds_between", "it is not above 0", "write how long a host is left alone between two requests"
	}
	return "", "", ""
}

func releaseRule(t *Table, row []any) (column, problem, hint string) {
	months := t.list(row, "months")
	for _, m := range months {
		if n, err := strconv.Atoi(m); err != nil || n < 1 || n > 12 {
			return "months", fmt.Sprintf("%q is no month", m), "write numbers from 1 to 12, separated by semicolons"
		}
	}
	first, last := t.whole(row, "first_day"), t.whole(row, "last_day")
	switch {
	case len(months) == 0:
		return "months", "there is none", "write numbers from 1 to 12, separated by semicolons"
	case first < 1 || first > 31:
		return "first_day", fmt.Sprintf("%d is no day of a month", first), "write 1 to 31"
	case last < first || last > 31:
		return "last_day", fmt.Sprintf("%d is not from first_day, %d, to 31", last, first), "write the last day of the same month"
	}
	return "", "", ""
}

func queryRule(t *Table, row []any) (column, problem, hint string) {
	if (t.text(row, "area_dimension") == "") == (t.text(row, "region") == "") {
		return "area_dimension", "it must be known either by a dimension or by the region what the figures are about", "fill in one of area_dimension and region"
	}
	for _, s := range t.list(row, "selections") {
		if code, values, ok := strings.Cut(s, "="); !ok || code == "" || values == "" {
			return "selections", fmt.Sprintf("%q is no selection", s), "write dimension=category,category"
		}
	}
	return "", "", ""
}

// questionName is what documents may be called by.
var questionName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func sdmxRule(t *Table, row []any) (column, problem, hint string) {
	if name := t.text(row, "name"); !questionName.MatchString(name) {
		return "name", fmt.Sprintf("%q is no lower-case word", name), "write it as gdp_tl2"
	}
	dimensions := t.list(row, "dimensions")
	if len(dimensions) == 0 {
		return "", "", ""
	}
	if area := t.text(row, "area"); !slices.Contains(dimensions, area) {
		return "area", area + " is none of the dimensions", "write one of " + strings.Join(dimensions, ", ")
	}
	key, _, _ := strings.Cut(t.text(row, "key"), "/")
	if parts := strings.Count(key, ".") + 1; key != "all" && key != "*" && parts != len(dimensions) {
		return "key", fmt.Sprintf("it has %d parts for %d dimensions", parts, len(dimensions)), "write one part for each dimension, with dots between"
	}
	return "", "", ""
}

func publisherRule(t *Table, row []any) (column, problem, hint string) {
	if n := t.whole(row, "number"); n < 1 || n > 2000 {
		return "number", fmt.Sprintf("%d is not from 1 to 2000", n), "give the next free number"
	}
	return "", "", ""
}

func indicatorRule(t *Table, row []any) (column, problem, hint string) {
	low, okLow := t.cell(row, "plausible_low").(float64)
	high, okHigh := t.cell(row, "plausible_high").(float64)
	if okLow && okHigh && low >= high {
		return "plausible_high", fmt.Sprintf("%v is not above plausible_low, %v", high, low), "swap the two"
	}
	return "", "", ""
}

func regionRule(t *Table, row []any) (column, problem, hint string) {
	from, okFrom := t.cell(row, "valid_from").(period.Day)
	to, okTo := t.cell(row, "valid_to").(period.Day)
	if okFrom && okTo && to < from {
		return "valid_to", fmt.Sprintf("%s is before valid_from, %s", to, from), "swap the two"
	}
	return "", "", ""
}

func windowRule(t *Table, row []any) (column, problem, hint string) {
	return spanProblem(t.whole(row, "first_year"), t.whole(row, "last_year"), t.text(row, "bridge"))
}

// spanProblem says what is wrong with a span of years and its bridge, and which.
func spanProblem(first, last int, bridge string) (field, problem, hint string) {
	if last < first || last-first >= period.MaxSpan {
		return "last_year", fmt.Sprintf("%d to %d is no span of years", first, last), "give the earlier year first"
	}
	if bridge == "" {
		return "", "", ""
	}
	p, err := period.Parse(bridge)
	from := p.Start.Time().Year()
	if err != nil || p.Freq.Years() < 2 || from < first || from+p.Freq.Years()-1 > last {
		return "bridge", fmt.Sprintf("%s is no span of years within %d to %d", bridge, first, last), "write it as 2016/2020"
	}
	return "", "", ""
}

func benchmarkRule(t *Table, row []any) (column, problem, hint string) {
	rule, scope := t.text(row, "rule"), t.text(row, "scope")
	switch {
	case (rule == "published") == (scope == "members"):
		return "rule", fmt.Sprintf("%s does not go with the scope %s", rule, scope), "write published for one region's figures, and mean, median or weighted_mean for members"
	case (scope == "region") != (t.text(row, "region") != ""):
		return "region", "a region belongs to the scope region, and to no other", "fill it in for that scope and empty it for others"
	case scope == "members" && t.whole(row, "min_members") < 1:
		return "min_members", "a rule over members says how many must have a figure", "write a number from 1"
	}
	return "", "", ""
}

func comparisonWindowRule(t *Table, row []any) (column, problem, hint string) {
	if from, to := t.whole(row, "from_year"), t.whole(row, "to_year"); to <= from {
		return "to_year", fmt.Sprintf("%d to %d is no span of years", from, to), "give the earlier year first"
	}
	return "", "", ""
}

func resemblanceSetRule(t *Table, row []any) (column, problem, hint string) {
	if n := t.whole(row, "min_shared"); n < 1 {
		return "min_shared", fmt.Sprintf("%d indicators in common say nothing", n), "write a number from 1"
	}
	if n := t.whole(row, "min_spread"); n < 3 {
		return "min_spread", fmt.Sprintf("%d regions do not tell what is near", n), "write a number from 3"
	}
	return "", "", ""
}

func resemblanceRule(t *Table, row []any) (column, problem, hint string) {
	if w := t.number(row, "weight"); w <= 0 {
		return "weight", fmt.Sprintf("%v is not above 0", w), "write 1 for as much as the others, or take the row out"
	}
	return "", "", ""
}

func studyRule(t *Table, row []any) (column, problem, hint string) {
	from, treated, to := t.whole(row, "from_year"), t.whole(row, "first_treated"), t.whole(row, "to_year")
	if treated <= from || to < treated {
		return "first_treated", fmt.Sprintf("%d is not after %d and up to %d", treated, from, to), "write the first year that the event can have changed"
	}
	for _, y := range t.list(row, "placebo_years") {
		if n, err := strconv.Atoi(y); err != nil || n <= from || n >= treated {
			return "placebo_years", fmt.Sprintf("%q is no year between from_year and first_treated", y), "write years separated by semicolons"
		}
	}
	return "", "", ""
}

func articleRule(t *Table, row []any) (column, problem, hint string) {
	switch kind, window, at := t.text(row, "kind"), t.text(row, "window_id"), t.text(row, "period"); {
	case kind == "growth" && (window == "" || at != ""):
		return "window_id", "a growth row has a window and no period", "fill in window_id and empty period"
	case kind == "value" && (window != "" || at == ""):
		return "period", "a value row has a period and no window", "fill in period and empty window_id"
	}
	return "", "", ""
}

// nbsTrees are the databases of the National Bureau that are asked, with the
// frequency of their periods and whether areas have to be listed.
var nbsTrees = map[int]struct {
	freq  period.Freq
	areas bool
}{1: {period.Month, false}, 2: {period.Quarter, false}, 3: {period.Annual, false}, 6: {period.Annual, true}, 8: {period.Annual, true}}

func nbsRule(t *Table, row []any) (column, problem, hint string) {
	tree, known := nbsTrees[t.whole(row, "tree")]
	first, _ := period.Parse(t.text(row, "first")) // each cell has been parsed before
	last, _ := period.Parse(t.text(row, "last"))
	switch open := t.text(row, "last") == ""; {
	case !known:
		return "tree", fmt.Sprintf("%d is no database that is asked", t.whole(row, "tree")), "write 1, 2, 3, 6 or 8"
	case first.Freq != tree.freq:
		return "first", fmt.Sprintf("%s is of frequency %s, the database of %s", t.text(row, "first"), first.Freq, tree.freq), "write the period as the database has it"
	case !open && (last.Freq != tree.freq || last.Start < first.Start):
		return "last", t.text(row, "last") + " is no later period of that frequency", "write the period as the database has it"
	case tree.areas != (t.text(row, "areas") != ""):
		return "areas", "a list of areas belongs to a database of provinces or cities, and to no other", "fill it in for 6 and 8, and empty it for 1, 2 and 3"
	case t.text(row, "path") == "" && t.text(row, "catalogue") == "":
		return "catalogue", "without an id or a path it cannot be found", "fill in one of the two"
	case t.cell(row, "from_january") == true && tree.freq != period.Quarter:
		return "from_january", "only quarterly figures are read as running from January", "write false"
	}
	return "", "", ""
}
