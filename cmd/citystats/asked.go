//go:build duckdb_arrow

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"citystats/data"
	"citystats/internal/fault"
)

// askedBenchmarkID is the key of a benchmark of one's own.
const askedBenchmarkID = "asked"

// resolveBenchmark finds the benchmark, or makes one of the regions named.
func (c *comparison) resolveBenchmark(catalog *data.Catalog) error {
	usage := func(hint, format string, args ...any) error { return fault.New(fault.Usage, "", hint, format, args...) }
	id, notOne := catalog.BenchmarkIndex().Find(c.benchmark)
	if notOne == nil {
		if c.rule != "" {
			return usage("name the regions with commas between them", "--rule is for regions named by --benchmark; %s has its own", id)
		}
		c.benchmark = id
		return nil
	}
	index := catalog.RegionIndex()
	names := strings.FieldsFunc(c.benchmark, func(r rune) bool { return r == ',' || r == '，' || r == '、' })
	for _, name := range names {
		code, err := index.Find(strings.TrimSpace(name))
		switch {
		case err != nil && len(names) == 1:
			return usage("see data/benchmarks.csv, or name regions with commas between them", "%s", notOne.Error())
		case err != nil:
			return usage("see citystats regions", "%s", err.Error())
		case code == c.region:
			return usage("leave it out", "%s is the region itself", name)
		case !slices.Contains(c.members, code):
			c.members = append(c.members, code)
		}
	}
	c.benchmark = askedBenchmarkID
	switch {
	case len(c.members) == 0:
		return usage("name a benchmark or regions", "--benchmark names nothing")
	case len(c.members) == 1 && c.rule != "":
		return usage("leave it out", "--rule is for several regions")
	case c.rule != "" && c.rule != "median" && c.rule != "mean":
		return usage("write median or mean", "--rule is %q", c.rule)
	}
	if c.rule == "" {
		c.rule = "median"
	}
	return nil
}

// askedBenchmark puts a benchmark of one's own in the place of the declared ones: of
// one region its published figures, of several their rule, if at least half of them
// have a figure.
func (c comparison) askedBenchmark() map[string]string {
	out := map[string]string{}
	if len(c.members) == 0 {
		return out
	}
	const columns = "SELECT '" + askedBenchmarkID + "' AS id, '%s' AS rule, '%s' AS scope, %s AS region, CAST(NULL AS VARCHAR) AS population_scope, CAST(%d AS BIGINT) AS min_members"
	if len(c.members) == 1 {
		out["benchmarks"] = fmt.Sprintf(columns, "published", "region", "'"+c.members[0]+"'", 0)
		return out
	}
	out["benchmarks"] = fmt.Sprintf(columns, c.rule, "members", "CAST(NULL AS VARCHAR)", (len(c.members)+1)/2)
	var rows []string
	for _, m := range c.members {
		rows = append(rows, "SELECT '"+askedBenchmarkID+"' AS benchmark, '"+m+"' AS region")
	}
	out["benchmark_members"] = strings.Join(rows, " UNION ALL ")
	return out
}

// askedWindows is the window between --from and --to, one for each indicator.
func (c comparison) askedWindows() string {
	var rows []string
	for _, i := range c.indicators {
		rows = append(rows, fmt.Sprintf("SELECT '%s' AS id, '%s' AS indicator, CAST(%d AS BIGINT) AS from_year, CAST(%d AS BIGINT) AS to_year", windowID, i, c.from, c.to))
	}
	return strings.Join(rows, " UNION ALL ")
}

// benchmarkName is what the benchmark is called, a country or a province by its name.
func (c comparison) benchmarkName(catalog *data.Catalog) string {
	name := func(code string) string {
		r := catalog.Regions[slices.IndexFunc(catalog.Regions, func(r data.Region) bool { return r.Code == code })]
		return r.NameEN + " " + r.NameZH
	}
	var members []string
	for _, m := range c.members {
		members = append(members, name(m))
	}
	if len(members) == 1 {
		return members[0]
	}
	if len(members) > 1 {
		return "the " + c.rule + " of " + strings.Join(members, ", ")
	}
	b := benchmarkOf(catalog, c.benchmark)
	out := b.NameEN + " " + b.NameZH
	if of := aboveOf(catalog, c.region, b.Scope); of != "" {
		out += " (" + regionName(catalog, of) + ")"
	}
	return out
}

// aboveOf is the region that a benchmark of the scope means for another: the one above
// it, or the last one above it; empty for other scopes, and where there is none.
func aboveOf(catalog *data.Catalog, code, scope string) string {
	above := catalog.Regions[slices.IndexFunc(catalog.Regions, func(r data.Region) bool { return r.Code == code })].Parent
	switch {
	case scope != "country" && scope != "parent", above == "":
		return ""
	case scope == "country":
		return cmp.Or(aboveOf(catalog, above, scope), above)
	}
	return above
}
