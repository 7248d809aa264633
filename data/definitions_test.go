package data_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystats/data"
	"citystats/pipeline/schedule"
	"citystats/sources/source"
	"citystats/transforms/period"
)

// each calls f with every row of a definition table, and with a function that
// reports what is wrong with the row by its key.
func each(t *testing.T, c *data.Catalog, table string, f func(get func(string) any, text func(string) string, bad func(string, ...any))) {
	t.Helper()
	tab, ok := c.Table(table)
	if !ok {
		t.Fatalf("there is no table %s", table)
	}
	for _, r := range tab.Rows {
		var key []string
		for _, k := range tab.Schema.Key {
			key = append(key, fmt.Sprint(cell(tab, r, k)))
		}
		f(
			func(column string) any { return cell(tab, r, column) },
			func(column string) string { return text(tab, r, column) },
			func(format string, args ...any) {
				t.Helper()
				t.Errorf("%s, %s: %s", tab.Schema.File, strings.Join(key, " "), fmt.Sprintf(format, args...))
			},
		)
	}
}

func TestPublishers(t *testing.T) {
	seen := map[int]string{}
	for id, p := range load(t).Publishers {
		if p.Number < 1 || p.Number > 2000 {
			t.Errorf("publishers.csv, %s: number %d is outside 1 to 2000", id, p.Number)
		}
		if other, taken := seen[p.Number]; taken {
			t.Errorf("publishers.csv: %s and %s have the number %d; give the newer one a number nobody had", id, other, p.Number)
		}
		seen[p.Number] = id
	}
}

var codes = map[string]*regexp.Regexp{
	"country":    regexp.MustCompile(`^[A-Z]{3}$`),
	"province":   regexp.MustCompile(`^[1-8]\d0000$`),
	"prefecture": regexp.MustCompile(`^[1-8]\d(0[1-9]|[1-9]\d)00$`),
	"county":     regexp.MustCompile(`^[1-8]\d\d\d(0[1-9]|[1-9]\d)$`),
}

// parentOf is the code one level up, as GB/T 2260 nests them.
func parentOf(level, code string) string {
	switch level {
	case "province":
		return "CHN"
	case "prefecture":
		return code[:2] + "0000"
	case "county":
		return code[:4] + "00"
	default:
		return ""
	}
}

func TestRegions(t *testing.T) {
	c := load(t)
	levels := map[string]string{}
	ended := map[string]bool{}
	each(t, c, "regions", func(get func(string) any, text func(string) string, _ func(string, ...any)) {
		levels[text("code")] = text("level")
		ended[text("code")] = get("valid_to") != nil
	})
	major := 0
	english := map[string]string{}
	each(t, c, "regions", func(get func(string) any, text func(string) string, bad func(string, ...any)) {
		code, level := text("code"), text("level")
		if !codes[level].MatchString(code) {
			bad("%s is no code of a %s", code, level)
			return
		}
		if want := parentOf(level, code); text("parent") != want {
			bad("the parent is %q, want %q", text("parent"), want)
		} else if up := map[string]string{"province": "country", "prefecture": "province", "county": "prefecture"}[level]; levels[want] != up {
			bad("the parent %s is a %s, want a %s", want, levels[want], up)
		}
		from, _ := get("valid_from").(period.Day)
		to, closed := get("valid_to").(period.Day)
		if get("valid_from") != nil && closed && from > to {
			bad("valid_from %s is after valid_to %s", from, to)
		}
		if successor := text("successor"); closed != (successor != "") {
			bad("a region that ended names its successor, and no other does")
		} else if ended[successor] {
			bad("the successor %s ended too; name the one in force", successor)
		}
		if first, taken := english[text("name_en")]; taken {
			bad("%s is called %q too; add a bracket to one of them", first, text("name_en"))
		}
		english[text("name_en")] = code
		if get("major_city").(bool) {
			major++
		}
	})
	if major != 36 {
		t.Errorf("regions.csv: %d major cities, want the 36 of the National Bureau of Statistics", major)
	}
}

// TestRegionNames wants a code or a full name to find exactly one region that is
// in force.
func TestRegionNames(t *testing.T) {
	c := load(t)
	index := c.RegionIndex()
	for _, r := range c.Regions {
		for _, name := range []string{r.Code, r.NameEN} {
			if got, err := index.Find(name); got != r.Code || err != nil {
				t.Errorf("regions.csv, %s: %q finds %q, %v", r.Code, name, got, err)
			}
		}
	}
	for _, i := range c.Indicators {
		for _, name := range []string{i.ID, i.TitleEN, i.TitleZH} {
			if got, err := c.IndicatorIndex().Find(name); got != i.ID || err != nil {
				t.Errorf("indicators.csv, %s: %q finds %q, %v", i.ID, name, got, err)
			}
		}
	}
	for _, b := range c.Benchmarks {
		for _, name := range []string{b.ID, b.NameEN, b.NameZH} {
			if got, err := c.BenchmarkIndex().Find(name); got != b.ID || err != nil {
				t.Errorf("benchmarks.csv, %s: %q finds %q, %v", b.ID, name, got, err)
			}
		}
	}
}

func TestIndicators(t *testing.T) {
	c := load(t)
	each(t, c, "indicators", func(get func(string) any, text func(string) string, bad func(string, ...any)) {
		if low, high := get("plausible_low").(float64), get("plausible_high").(float64); low >= high {
			bad("plausible_low %v is not below plausible_high %v", low, high)
		}
		if get("revision_tolerance_percent").(float64) <= 0 {
			bad("revision_tolerance_percent is not above 0")
		}
		if d := get("decimals").(int64); d < 0 || d > 6 {
			bad("decimals is %d, want 0 to 6", d)
		}
		measured := c.Units[text("unit")].Measure
		switch measure := text("measure"); measure {
		case "growth", "average_growth", "share":
			if measured != "PERCENT" {
				bad("a %s is in percent, not in %s", measure, text("unit"))
			}
		default:
			if measured == "PERCENT" {
				bad("a %s is not in percent", measure)
			}
		}
		if part := text("measure") == "share" || text("measure") == "ratio"; part && text("denominator") == "" {
			bad("a %s says what it is taken of, in the column denominator", text("measure"))
		}
	})
}

func TestSourceSeries(t *testing.T) {
	c := load(t)
	indicators := map[string]data.Indicator{}
	for _, i := range c.Indicators {
		indicators[i.ID] = i
	}
	for _, s := range c.SourceSeries {
		from, to := c.Units[s.Unit], c.Units[indicators[s.Indicator].Unit]
		if from.Measure != to.Measure {
			t.Errorf("source_series.csv, %s %s: %s measures %s, but %s is held in %s, which measures %s", s.Source, s.Code, s.Unit, from.Measure, s.Indicator, to.ID, to.Measure)
		}
	}
}

func TestSources(t *testing.T) {
	c := load(t)
	if _, err := schedule.New(c.Sources); err != nil {
		t.Error(err)
	}
	each(t, c, "sources", func(get func(string) any, _ func(string) string, bad func(string, ...any)) {
		if j := get("jitter_minutes").(int64); j < 0 || j > 12*60 {
			bad("a jitter of %d minutes; want 0 to half a day", j)
		}
		if get("allowance_days").(int64) < 1 {
			bad("the allowance is below a day")
		}
	})
}

// TestJSONStatQueries wants every query to be about one area or the other, to go
// to an address, and every code of its source to begin with one of its tables.
func TestJSONStatQueries(t *testing.T) {
	c := load(t)
	tables := map[string][]string{}
	for _, q := range c.JSONStatQueries {
		tables[q.Source] = append(tables[q.Source], q.Table)
	}
	for _, s := range c.SourceSeries {
		table, _, _ := strings.Cut(s.Code, ":")
		if asked := tables[s.Source]; asked != nil && !slices.Contains(asked, table) {
			t.Errorf("source_series.csv, %s %s: jsonstat_queries.csv asks for %q and not for %s", s.Source, s.Code, asked, table)
		}
	}
	for _, s := range c.Sources {
		if asked := tables[s.ID]; asked != nil && (!strings.HasPrefix(s.URL, "https://") || len(c.CodesOf(s.ID)) == 0) {
			t.Errorf("sources.csv, %s: it asks for %q and needs an address to ask at (%q) and a series in source_series.csv, or all its figures are quarantined", s.ID, asked, s.URL)
		}
	}
	for row, want := range map[string]string{
		"scb,x,pxweb1,a,b,,,,Tid,,":               "column area_dimension: it must be known",
		"scb,x,pxweb1,a,b,,Region,SE,Tid,,":       "column area_dimension: it must be known",
		"scb,x,pxweb1,a,b,Region,Region,,Tid,,":   `column selections: "Region" is no selection`,
		"scb,x,pxweb1,a,b,a=1; =2,Region,,Tid,,":  `column selections: "=2" is no selection`,
		"scb,x,pxweb3,a,b,,Region,,Tid,,":         `"pxweb3" is not allowed`,
		"nobody,x,pxweb1,a,b,,Region,,Tid,,":      `"nobody" is not in sources.csv`,
		"scb,population,pxweb1,a,b,,Region,,T,,x": "the key scb, population already stands",
	} {
		files := copyOf(t)
		files.add("jsonstat_queries.csv", row+"\n")
		if _, err := data.Load(files.MapFS); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "data/jsonstat_queries.csv:6:") {
			t.Errorf("%s: error %v, want one at line 6 that says %q", row, err, want)
		}
	}
}

func TestGrowthWindows(t *testing.T) {
	thisYear := int64(lintedOn.Time().Year())
	each(t, load(t), "growth_windows", func(get func(string) any, text func(string) string, bad func(string, ...any)) {
		first, last := get("first_year").(int64), get("last_year").(int64)
		if first > last || first < 1950 || last > thisYear {
			bad("it runs from %d to %d", first, last)
		}
		if text("bridge") == "" {
			return
		}
		p, err := period.Parse(text("bridge"))
		if err != nil || p.Freq.Years() < 2 {
			bad("the bridge %q is no span of years", text("bridge"))
			return
		}
		from := int64(p.Start.Time().Year())
		if to := from + int64(p.Freq.Years()) - 1; from < first || to > last {
			bad("the bridge %s reaches beyond the window", text("bridge"))
		}
	})
}

func TestArticle(t *testing.T) {
	position := int64(0)
	each(t, load(t), "article", func(get func(string) any, text func(string) string, bad func(string, ...any)) {
		if position++; get("position") != position {
			bad("want position %d: rows stand in order and without a gap", position)
		}
		window, value := text("window_id") != "", text("period") != ""
		if growth := text("kind") == "growth"; window != growth || value == growth {
			bad("a row of kind growth has a window and no period, one of kind value the other way round")
		}
	})
}

func TestBenchmarks(t *testing.T) {
	c := load(t)
	members := map[string][]string{}
	each(t, c, "benchmark_members", func(_ func(string) any, text func(string) string, _ func(string, ...any)) {
		members[text("benchmark")] = append(members[text("benchmark")], text("region"))
	})
	weights := map[string]int{}
	each(t, c, "benchmark_weights", func(_ func(string) any, text func(string) string, _ func(string, ...any)) {
		weights[text("benchmark")]++
	})
	each(t, c, "benchmarks", func(_ func(string) any, text func(string) string, bad func(string, ...any)) {
		scope := text("scope")
		if n := len(members[text("id")]); (scope == "members") != (n > 1) {
			bad("the scope is %s and it has %d members in benchmark_members.csv", scope, n)
		}
		if weighed := weights[text("id")]; (text("rule") == "weighted_mean") != (weighed > 0) {
			bad("the rule is %s and it has %d rows in benchmark_weights.csv", text("rule"), weighed)
		}
	})
	var major []string
	each(t, c, "regions", func(get func(string) any, text func(string) string, _ func(string, ...any)) {
		if get("major_city").(bool) {
			major = append(major, text("code"))
		}
	})
	for _, id := range []string{"peers", "peers_mean", "peers_by_population", "peers_by_gdp"} {
		got := slices.Sorted(slices.Values(members[id]))
		if diff := cmp.Diff(slices.Sorted(slices.Values(major)), got); diff != "" {
			t.Errorf("benchmark_members.csv: %s are not the major cities of regions.csv (-cities +members):\n%s", id, diff)
		}
	}
	each(t, c, "benchmark_pairs", func(_ func(string) any, text func(string) string, bad func(string, ...any)) {
		if same := text("indicator") == text("benchmark_indicator"); same && text("relation") != "like_for_like" {
			bad("the same indicator on both sides is like for like")
		}
	})
}

// TestIdentities wants every identity to be one whole with parts in order, of which
// a mix has two, and none to be a part of itself.
func TestIdentities(t *testing.T) {
	wholes, parts := map[string]string{}, map[string]int{}
	each(t, load(t), "gap_parts", func(get func(string) any, text func(string) string, bad func(string, ...any)) {
		id, whole := text("identity"), text("whole")+" "+text("kind")
		if first, known := wholes[id]; known && first != whole {
			bad("it is of %s here and of %s elsewhere", whole, first)
		}
		wholes[id] = whole
		if parts[id]++; get("position") != int64(parts[id]) {
			bad("the position is %v, want %d", get("position"), parts[id])
		}
		if text("part") == text("whole") {
			bad("%s is a part of itself", text("part"))
		}
	})
	for id, whole := range wholes {
		if n := parts[id]; n < 2 || strings.HasSuffix(whole, " mix") && n != 2 {
			t.Errorf("gap_parts.csv, %s: %d parts of %s", id, n, whole)
		}
	}
}

// TestStudies wants the event of a study to be of its region and before its first
// treated year, the donors to be members of something, and the outcome a level.
func TestStudies(t *testing.T) {
	c := load(t)
	events, measures, scopes := map[string]string{}, map[string]string{}, map[string]string{}
	each(t, c, "events", func(_ func(string) any, text func(string) string, _ func(string, ...any)) {
		events[text("id")] = text("region") + " " + text("date")
	})
	each(t, c, "indicators", func(_ func(string) any, text func(string) string, _ func(string, ...any)) {
		measures[text("id")] = text("measure")
	})
	each(t, c, "benchmarks", func(_ func(string) any, text func(string) string, _ func(string, ...any)) {
		scopes[text("id")] = text("scope")
	})
	each(t, c, "studies", func(get func(string) any, text func(string) string, bad func(string, ...any)) {
		region, date, _ := strings.Cut(events[text("event")], " ")
		if year, err := strconv.Atoi(date[:min(4, len(date))]); err != nil || region != text("region") || int64(year) > get("first_treated").(int64) {
			bad("the event %s is of %q and %q", text("event"), region, date)
		}
		if m := measures[text("indicator")]; m != "level" {
			bad("the outcome is a %s; the method compares levels", m)
		}
		if s := scopes[text("donors")]; s != "members" {
			bad("the donors are of scope %s and have no members", s)
		}
	})
}

func TestBreaks(t *testing.T) {
	each(t, load(t), "breaks", func(_ func(string) any, text func(string) string, bad func(string, ...any)) {
		p, err := period.Parse(text("period"))
		if err != nil || p.Freq.Years() > 1 {
			bad("the period %q is not one year or part of one", text("period"))
			return
		}
		if end(p) > lintedOn {
			bad("the period %s is still to come", text("period"))
		}
		if (text("kind") == "territory") && text("region") == "" {
			bad("a change of territory is that of a region; name it")
		}
	})
}

func TestRegionEvents(t *testing.T) {
	each(t, load(t), "region_events", func(get func(string) any, _ func(string) string, bad func(string, ...any)) {
		if decided, effective := get("date").(period.Day), get("effective").(period.Day); decided > effective {
			bad("decided on %s, in force since %s before", decided, effective)
		}
	})
}

func TestChains(t *testing.T) {
	n := int64(0)
	each(t, load(t), "industry_chains", func(get func(string) any, text func(string) string, bad func(string, ...any)) {
		if n++; get("number") != n {
			bad("want number %d", n)
		}
		if (text("chain_boss") == "") != (text("boss_office") == "") {
			bad("who is in charge and the office stand together")
		}
	})
	if n != 12 {
		t.Errorf("chains.csv: %d chains, want 12", n)
	}
}

func TestEvents(t *testing.T) {
	each(t, load(t), "events", func(get func(string) any, text func(string) string, bad func(string, ...any)) {
		if (get("amount") == nil) != (text("unit") == "") {
			bad("an amount has a unit, and no unit stands alone")
		}
		if s, ok := get("stake_percent").(float64); ok && (s <= 0 || s > 100) {
			bad("a stake of %v percent", s)
		}
		if m, err := period.ParseMoment(text("date")); text("date") != "" && (err != nil || m.First > lintedOn) {
			bad("the date %s is still to come", text("date"))
		}
	})
}

// TestAddresses wants every address in the definitions to be one.
func TestAddresses(t *testing.T) {
	c := load(t)
	for _, tab := range c.Tables {
		if !slices.ContainsFunc(tab.Schema.Columns, func(c data.Column) bool { return c.Name == "url" }) {
			continue
		}
		each(t, c, tab.Schema.Name, func(_ func(string) any, text func(string) string, bad func(string, ...any)) {
			if text("url") == "" {
				return
			}
			if what := address(text("url")); what != "" {
				bad("%s", what)
			}
		})
	}
}

// TestObservationStatuses holds the table to the numbers the store writes and to
// what SDMX calls each.
func TestObservationStatuses(t *testing.T) {
	type status struct {
		ID, Obs  string
		Standing int64
	}
	want := map[source.Status]status{
		source.Target:      {"target", "F", 1},
		source.Forecast:    {"forecast", "F", 1},
		source.Derived:     {"derived", "E", 2},
		source.Preliminary: {"preliminary", "P", 3},
		source.Revised:     {"revised", "A", 3},
		source.Final:       {"final", "A", 3},
	}
	got := map[source.Status]status{}
	each(t, load(t), "observation_statuses", func(get func(string) any, text func(string) string, bad func(string, ...any)) {
		number := source.Status(get("number").(int64))
		got[number] = status{text("id"), text("obs_status"), get("standing").(int64)}
		if s, ok := source.ParseStatus(text("id")); !ok || s != number {
			bad("sources/source knows it as %d, %v", s, ok)
		}
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("observation_statuses.csv and sources/source differ (-source +table):\n%s", diff)
	}
}

// TestFingerprint changes with any definition and with no document.
func TestFingerprint(t *testing.T) {
	first := load(t).Fingerprint
	if again := load(t).Fingerprint; again != first {
		t.Errorf("two fingerprints of the same definitions: %s and %s", first, again)
	}
	for name, same := range map[string]bool{
		"documents/extra.csv": true, "units.csv": false, "retired.csv": false, "schema.yaml": false, "claims.yaml": false, "books/nbs_cities_gdp.yaml": false,
	} {
		files := copyOf(t)
		files.add(name, comment(name))
		c, err := data.Load(files.MapFS)
		if err != nil {
			t.Fatal(err)
		}
		if (c.Fingerprint == first) != same {
			t.Errorf("%s changed; the fingerprint stayed: %v, want %v", name, c.Fingerprint == first, same)
		}
	}
}

// comment is a harmless addition to a file.
func comment(name string) string {
	switch {
	case strings.HasSuffix(name, ".yaml"):
		return "# nothing\n"
	case name == "retired.csv":
		return "340100,gdp,A,nbs,2026-01-01,to see what happens\n"
	case name == "units.csv":
		return "jin,jin,斤,jin,斤,JIN,0\n"
	default:
		return "anything\n"
	}
}

func TestWanted(t *testing.T) {
	c := load(t)
	if got := c.CodesOf("worldbank"); !slices.Contains(got, "SP.POP.TOTL") {
		t.Errorf("the World Bank is asked for %v, want SP.POP.TOTL among them", got)
	}
	if got := c.CodesOf("nobody"); got != nil {
		t.Errorf("a source without rows is asked for %v", got)
	}
	if diff := cmp.Diff([]string{"CHN"}, c.Countries()); diff != "" {
		t.Errorf("countries (-want +got):\n%s", diff)
	}
	if end(period.Period{Freq: period.Quarter, Start: period.DayOf(2017, time.January, 1)}) != period.DayOf(2017, time.March, 31) {
		t.Error("the end of a quarter is wrong")
	}
}
