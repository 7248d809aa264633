package data

import (
	"slices"
	"strconv"
	"time"

	"citystats/internal/fault"
	"citystats/transforms/names"
	"citystats/transforms/units"
)

// Region is a row of regions.csv as Go needs it.
type Region struct {
	Code, Level, Parent, ISO3 string
	NameEN, NameZH            string
	Aliases                   []string
}

// Indicator is a row of indicators.csv as Go needs it.
type Indicator struct {
	ID, TitleEN, TitleZH, Unit, Measure string
	Decimals                            int
	Aliases                             []string
}

// Unit is a row of units.csv.
type Unit struct {
	units.Unit
	SymbolEN string
}

// Publisher is a row of publishers.csv as Go needs it. Number is the block of
// series ids its figures live in.
type Publisher struct {
	ID, NameEN, NameZH string
	Number             int
}

// Source is a row of sources.csv: what an operator may tune about a source.
type Source struct {
	ID, TitleEN, Publisher, Licence, Cron, TimeZone, URL string
	JitterMinutes, AllowanceDays                         int
	SecondsBetween                                       float64
}

// SourceSeries is a row of source_series.csv: which of our indicators a
// publisher's code means, and in which unit the publisher states it.
type SourceSeries struct{ Source, Code, Indicator, Unit string }

// SourceRegion is a row of source_regions.csv: which of our regions a
// publisher's code means.
type SourceRegion struct{ Source, Code, Region string }

// NBSCatalogue is a row of nbs_catalogues.csv.
type NBSCatalogue struct {
	ID, Series                    string
	Tree                          int
	Root, Path, Catalogue         string
	Names                         []string
	Indicator, Areas, First, Last string
	Index, FromJanuary            bool
	EasyQuery                     []string
}

// Release is a row of release_calendar.csv: the days within which a publisher is
// expected to publish, in each of some months of every year.
type Release struct {
	ID, Source, TitleEN string
	Months              []int
	FirstDay, LastDay   int
}

// JSONStatQuery is a row of jsonstat_queries.csv: a table to ask for at a publisher
// who answers in JSON-stat.
type JSONStatQuery struct {
	Source, Name, Dialect, Path, Table string
	Selections                         []string
	Area, Region, Time                 string
	MaxCells                           int
}

// SDMXQuery is a row of sdmx_queries.csv: one question to a publisher that speaks SDMX.
type SDMXQuery struct {
	Source, Name, Title                                string
	Interface, Path, Agency, Flow, Version, Key        string
	Format, Start, Area, Measure, LatestActual, Origin string
	Dimensions                                         []string
	History, Structure                                 bool
}

// Benchmark is a row of benchmarks.csv as Go needs it.
type Benchmark struct{ ID, NameEN, NameZH, Scope string }

// Study is a row of studies.csv: what a synthetic region is made for.
type Study struct {
	ID, TitleEN, TitleZH      string
	Region, Indicator, Donors string
	From, FirstTreated, To    int
	Placebos                  []int // years in which the event is also pretended to have come
	Event, Note               string
}

// GrowthWindow is a row of growth_windows.csv as Go needs it.
type GrowthWindow struct {
	ID                  string
	FirstYear, LastYear int
	Bridge              string
}

// bind fills the typed views. schema.yaml may grow without Go; the columns Go
// reads must be there.
func (c *Catalog) bind(l layout) error {
	need := map[string]func(*Table, []any){
		"regions": func(t *Table, r []any) {
			c.Regions = append(c.Regions, Region{Code: t.text(r, "code"), Level: t.text(r, "level"), Parent: t.text(r, "parent"), ISO3: t.text(r, "iso3"), NameEN: t.text(r, "name_en"), NameZH: t.text(r, "name_zh"), Aliases: t.list(r, "aliases")})
		},
		"indicators": func(t *Table, r []any) {
			c.Indicators = append(c.Indicators, Indicator{ID: t.text(r, "id"), TitleEN: t.text(r, "title_en"), TitleZH: t.text(r, "title_zh"), Unit: t.text(r, "unit"), Measure: t.text(r, "measure"), Decimals: t.whole(r, "decimals"), Aliases: t.list(r, "aliases")})
		},
		"units": func(t *Table, r []any) {
			c.Units[t.text(r, "id")] = Unit{Unit: units.Unit{ID: t.text(r, "id"), Measure: t.text(r, "unit_measure"), Mult: t.whole(r, "unit_mult")}, SymbolEN: t.text(r, "symbol_en")}
		},
		"publishers": func(t *Table, r []any) {
			c.Publishers[t.text(r, "id")] = Publisher{ID: t.text(r, "id"), NameEN: t.text(r, "name_en"), NameZH: t.text(r, "name_zh"), Number: t.whole(r, "number")}
		},
		"sources": func(t *Table, r []any) {
			c.Sources = append(c.Sources, Source{ID: t.text(r, "id"), TitleEN: t.text(r, "title_en"), Publisher: t.text(r, "publisher"), Licence: t.text(r, "licence"), Cron: t.text(r, "cron"), TimeZone: t.text(r, "time_zone"), URL: t.text(r, "url"), JitterMinutes: t.whole(r, "jitter_minutes"), AllowanceDays: t.whole(r, "allowance_days"), SecondsBetween: t.number(r, "seconds_between")})
		},
		"source_series": func(t *Table, r []any) {
			c.SourceSeries = append(c.SourceSeries, SourceSeries{t.text(r, "source"), t.text(r, "code"), t.text(r, "indicator"), t.text(r, "unit")})
		},
		"source_regions": func(t *Table, r []any) {
			c.SourceRegions = append(c.SourceRegions, SourceRegion{t.text(r, "source"), t.text(r, "code"), t.text(r, "region")})
		},
		"nbs_catalogues": func(t *Table, r []any) {
			c.NBSCatalogues = append(c.NBSCatalogues, NBSCatalogue{
				ID: t.text(r, "id"), Series: t.text(r, "series"), Tree: t.whole(r, "tree"),
				Root: t.text(r, "root"), Path: t.text(r, "path"), Catalogue: t.text(r, "catalogue"), Names: t.list(r, "names"),
				Indicator: t.text(r, "indicator"), Areas: t.text(r, "areas"), First: t.text(r, "first"), Last: t.text(r, "last"),
				Index: t.text(r, "scale") == "index", FromJanuary: t.cell(r, "from_january") == true, EasyQuery: t.list(r, "easyquery"),
			})
		},
		"release_calendar": func(t *Table, r []any) {
			release := Release{ID: t.text(r, "id"), Source: t.text(r, "source"), TitleEN: t.text(r, "title_en"), FirstDay: t.whole(r, "first_day"), LastDay: t.whole(r, "last_day")}
			for _, m := range t.list(r, "months") {
				n, _ := strconv.Atoi(m) // its rule has seen that it is a month
				release.Months = append(release.Months, n)
			}
			c.Releases = append(c.Releases, release)
		},
		"jsonstat_queries": func(t *Table, r []any) {
			c.JSONStatQueries = append(c.JSONStatQueries, JSONStatQuery{t.text(r, "source"), t.text(r, "name"), t.text(r, "dialect"), t.text(r, "path"), t.text(r, "table_id"), t.list(r, "selections"), t.text(r, "area_dimension"), t.text(r, "region"), t.text(r, "time_dimension"), t.whole(r, "max_cells")})
		},
		"sdmx_queries": func(t *Table, r []any) {
			c.SDMXQueries = append(c.SDMXQueries, SDMXQuery{
				Source: t.text(r, "source"), Name: t.text(r, "name"), Title: t.text(r, "title"),
				Interface: t.text(r, "interface"), Path: t.text(r, "path"), Agency: t.text(r, "agency"), Flow: t.text(r, "flow"), Version: t.text(r, "version"), Key: t.text(r, "key"),
				Format: t.text(r, "format"), Start: t.text(r, "start_period"), Area: t.text(r, "area"), Measure: t.text(r, "measure"), LatestActual: t.text(r, "latest_actual"), Origin: t.text(r, "origin"),
				Dimensions: t.list(r, "dimensions"), History: t.flag(r, "history"), Structure: t.flag(r, "structure"),
			})
		},
		"benchmarks": func(t *Table, r []any) {
			c.Benchmarks = append(c.Benchmarks, Benchmark{t.text(r, "id"), t.text(r, "name_en"), t.text(r, "name_zh"), t.text(r, "scope")})
		},
		"studies": func(t *Table, r []any) {
			study := Study{
				ID: t.text(r, "id"), TitleEN: t.text(r, "title_en"), TitleZH: t.text(r, "title_zh"), Region: t.text(r, "region"),
				Indicator: t.text(r, "indicator"), Donors: t.text(r, "donors"), From: t.whole(r, "from_year"),
				FirstTreated: t.whole(r, "first_treated"), To: t.whole(r, "to_year"), Event: t.text(r, "event"), Note: t.text(r, "note"),
			}
			for _, y := range t.list(r, "placebo_years") {
				n, _ := strconv.Atoi(y) // its rule has seen that it is a year
				study.Placebos = append(study.Placebos, n)
			}
			c.Studies = append(c.Studies, study)
		},
		"embargoes": func(t *Table, r []any) {
			at, _ := time.Parse(time.RFC3339, t.text(r, "not_before")) // its rule has seen that it is a moment
			c.Embargoes = append(c.Embargoes, Embargo{t.text(r, "region"), t.text(r, "indicator"), t.text(r, "period"), at})
		},
		"growth_windows": func(t *Table, r []any) {
			c.GrowthWindows = append(c.GrowthWindows, GrowthWindow{t.text(r, "id"), t.whole(r, "first_year"), t.whole(r, "last_year"), t.text(r, "bridge")})
		},
	}
	c.Units, c.Publishers = map[string]Unit{}, map[string]Publisher{}
	for name, add := range need {
		t, ok := c.Table(name)
		if !ok {
			return fault.New(fault.Definition, l.at("$.tables"), "declare it", "the table %s is missing", name)
		}
		for _, row := range t.Rows {
			add(&t, row)
		}
		if len(t.absent) > 0 {
			i := slices.IndexFunc(c.Tables, func(other Table) bool { return other.Schema.Name == name })
			return fault.New(fault.Definition, l.at(tablePath(i)+".columns", tablePath(i)), "declare it again, the program reads it", "table %s lacks the column %s", name, t.absent[0])
		}
	}
	return nil
}

// RegionIndex finds regions by code, English or Chinese name, or alias.
func (c *Catalog) RegionIndex() *names.Index {
	entries := make([]names.Entry, len(c.Regions))
	for i, r := range c.Regions {
		entries[i] = names.Entry{Key: r.Code, Label: r.Code + " " + r.NameEN + " " + r.NameZH, Names: []string{r.NameEN, r.NameZH, r.ISO3}, Aliases: r.Aliases}
	}
	return names.NewIndex("region", entries)
}

// IndicatorIndex finds indicators by id, English or Chinese title, or alias.
func (c *Catalog) IndicatorIndex() *names.Index {
	entries := make([]names.Entry, len(c.Indicators))
	for i, v := range c.Indicators {
		entries[i] = names.Entry{Key: v.ID, Label: v.ID + " (" + v.TitleEN + " " + v.TitleZH + ")", Names: []string{v.TitleEN, v.TitleZH}, Aliases: v.Aliases}
	}
	return names.NewIndex("indicator", entries)
}

// BenchmarkIndex finds benchmarks by id, English or Chinese name.
func (c *Catalog) BenchmarkIndex() *names.Index {
	entries := make([]names.Entry, len(c.Benchmarks))
	for i, b := range c.Benchmarks {
		entries[i] = names.Entry{Key: b.ID, Label: b.ID + " (" + b.NameEN + " " + b.NameZH + ")", Names: []string{b.NameEN, b.NameZH}}
	}
	return names.NewIndex("benchmark", entries)
}

// CodesOf lists the publisher's codes that a source is wanted for.
func (c *Catalog) CodesOf(sourceID string) []string {
	var out []string
	for _, s := range c.SourceSeries {
		if s.Source == sourceID {
			out = append(out, s.Code)
		}
	}
	return out
}

// Countries lists the ISO 3166-1 alpha-3 codes of the countries among the regions.
func (c *Catalog) Countries() []string {
	var out []string
	for _, r := range c.Regions {
		if r.Level == "country" {
			out = append(out, r.ISO3)
		}
	}
	return out
}
