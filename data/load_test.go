package data_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"citystats/data"
	"citystats/internal/fault"
)

// small is a data folder with the fewest definitions the program can start with.
const smallSchema = `tables:
  - {name: units, file: units.csv, title: Units, key: [id], columns: [
      {name: id, type: text, required: true, comment: c}, {name: symbol_en, type: text, comment: c},
      {name: unit_measure, type: text, required: true, one_of: [CNY, PERCENT], comment: c}, {name: unit_mult, type: integer, comment: c}]}
  - {name: regions, file: regions.csv, title: Regions, key: [code], columns: [
      {name: code, type: text, required: true, comment: c}, {name: level, type: text, comment: c},
      {name: parent, type: text, references: regions.code, comment: c}, {name: iso3, type: text, comment: c},
      {name: name_en, type: text, comment: c}, {name: name_zh, type: text, comment: c}, {name: aliases, type: list, comment: c},
      {name: since, type: date, comment: c}, {name: seen, type: moment, comment: c}, {name: about, type: period, comment: c},
      {name: size, type: number, comment: c}, {name: big, type: boolean, comment: c}]}
  - {name: indicators, file: indicators.csv, title: Indicators, key: [id], columns: [
      {name: id, type: text, comment: c}, {name: title_en, type: text, comment: c}, {name: title_zh, type: text, comment: c},
      {name: unit, type: text, references: units.id, comment: c}, {name: measure, type: text, comment: c},
      {name: decimals, type: integer, comment: c}, {name: aliases, type: list, comment: c},
      {name: price_basis, type: text, comment: c}, {name: population_scope, type: text, comment: c}, {name: numerator, type: text, comment: c},
      {name: denominator, type: text, comment: c}, {name: accumulation, type: text, comment: c}]}
  - {name: publishers, file: publishers.csv, title: Publishers, key: [id], columns: [
      {name: id, type: text, comment: c}, {name: name_en, type: text, comment: c}, {name: name_zh, type: text, comment: c}, {name: number, type: integer, comment: c}, {name: url, type: text, comment: c}]}
  - {name: sources, file: sources.csv, title: Sources, key: [id], columns: [
      {name: id, type: text, comment: c}, {name: title_en, type: text, comment: c}, {name: publisher, type: text, comment: c}, {name: licence, type: text, comment: c},
      {name: cron, type: text, comment: c}, {name: time_zone, type: text, comment: c}, {name: url, type: text, comment: c},
      {name: jitter_minutes, type: integer, comment: c}, {name: allowance_days, type: integer, comment: c}, {name: seconds_between, type: number, comment: c}]}
  - {name: source_regions, file: source_regions.csv, title: Areas, key: [source, code], columns: [
      {name: source, type: text, comment: c}, {name: code, type: text, comment: c}, {name: region, type: text, comment: c}]}
  - {name: source_series, file: source_series.csv, title: Series, key: [source, code], columns: [
      {name: source, type: text, comment: c}, {name: code, type: text, comment: c}, {name: indicator, type: text, comment: c}, {name: unit, type: text, comment: c}]}
  - {name: nbs_catalogues, file: nbs_catalogues.csv, title: Catalogues, key: [id], columns: [
      {name: id, type: text, comment: c}, {name: series, type: text, comment: c}, {name: tree, type: integer, comment: c}, {name: root, type: text, comment: c},
      {name: path, type: text, comment: c}, {name: catalogue, type: text, comment: c}, {name: names, type: list, comment: c}, {name: indicator, type: text, comment: c},
      {name: areas, type: text, comment: c}, {name: scale, type: text, comment: c}, {name: from_january, type: boolean, comment: c}, {name: first, type: period, comment: c},
      {name: last, type: period, comment: c}, {name: easyquery, type: list, comment: c}]}
  - {name: release_calendar, file: release_calendar.csv, title: Calendar, key: [id], columns: [
      {name: id, type: text, comment: c}, {name: source, type: text, comment: c}, {name: title_en, type: text, comment: c},
      {name: months, type: list, comment: c}, {name: first_day, type: integer, comment: c}, {name: further_months, type: integer, comment: c}, {name: last_day, type: integer, comment: c},
      {name: documents, type: list, comment: c}]}
  - {name: jsonstat_queries, file: jsonstat_queries.csv, title: Queries, key: [source, name], columns: [
      {name: source, type: text, comment: c}, {name: name, type: text, comment: c}, {name: dialect, type: text, comment: c}, {name: path, type: text, comment: c},
      {name: table_id, type: text, comment: c}, {name: selections, type: list, comment: c}, {name: area_dimension, type: text, comment: c},
      {name: region, type: text, comment: c}, {name: time_dimension, type: text, comment: c}, {name: max_cells, type: integer, comment: c}]}
  - {name: sdmx_queries, file: sdmx_queries.csv, title: Questions, key: [source, name], columns: [
      {name: source, type: text, comment: c}, {name: name, type: text, comment: c}, {name: title, type: text, comment: c}, {name: interface, type: text, comment: c}, {name: path, type: text, comment: c}, {name: agency, type: text, comment: c}, {name: flow, type: text, comment: c}, {name: version, type: text, comment: c},
      {name: key, type: text, comment: c}, {name: format, type: text, comment: c}, {name: start_period, type: text, comment: c}, {name: area, type: text, comment: c}, {name: measure, type: text, comment: c}, {name: latest_actual, type: text, comment: c}, {name: origin, type: text, comment: c},
      {name: dimensions, type: list, comment: c}, {name: history, type: boolean, comment: c}, {name: structure, type: boolean, comment: c}]}
  - {name: communiques, file: communiques.csv, title: Communiques, key: [id], columns: [
      {name: id, type: text, comment: c}, {name: region, type: text, comment: c}, {name: period, type: period, comment: c}, {name: kind, type: text, comment: c},
      {name: title, type: text, comment: c}, {name: publisher, type: text, comment: c}, {name: url, type: text, comment: c}, {name: published, type: text, comment: c},
      {name: fetch, type: boolean, comment: c}]}
  - {name: benchmarks, file: benchmarks.csv, title: Benchmarks, key: [id], columns: [
      {name: id, type: text, comment: c}, {name: name_en, type: text, comment: c}, {name: name_zh, type: text, comment: c}, {name: scope, type: text, comment: c}]}
  - {name: studies, file: studies.csv, title: Studies, key: [id], columns: [
      {name: id, type: text, comment: c}, {name: title_en, type: text, comment: c}, {name: title_zh, type: text, comment: c}, {name: region, type: text, comment: c}, {name: indicator, type: text, comment: c}, {name: donors, type: text, comment: c},
      {name: from_year, type: integer, comment: c}, {name: first_treated, type: integer, comment: c}, {name: to_year, type: integer, comment: c}, {name: placebo_years, type: list, comment: c}, {name: event, type: text, comment: c}, {name: note, type: text, comment: c}]}
  - {name: revision_events, file: revision_events.csv, title: Events, key: [id], columns: [
      {name: id, type: text, comment: c}, {name: first, type: integer, comment: c}, {name: last, type: integer, comment: c},
      {name: published_from, type: date, comment: c}, {name: published_to, type: date, comment: c}]}
  - {name: embargoes, file: embargoes.csv, title: Embargoes, key: [region, indicator, period], columns: [
      {name: region, type: text, comment: c}, {name: indicator, type: text, comment: c}, {name: period, type: period, comment: c}, {name: not_before, type: text, comment: c}]}
  - {name: growth_windows, file: growth_windows.csv, title: Windows, key: [id], columns: [
      {name: id, type: text, comment: c}, {name: first_year, type: integer, comment: c}, {name: last_year, type: integer, comment: c}, {name: bridge, type: period, comment: c}]}
`

// linesSchema declares one table more, line by line, up to its columns.
const linesSchema = `  - name: extra
    file: extra.csv
    # 附加的表
    title: "附加 \"表\""
    key: [名]
    columns:
`

var small = map[string]string{
	"schema.yaml":          smallSchema,
	"units.csv":            "id,symbol_en,unit_measure,unit_mult\ncny,yuan,CNY,0\npercent,%,PERCENT,0\n",
	"regions.csv":          regionsHeader + "CHN,country,,CHN,China,中国,PRC; 全国,,2019-06,2016/2020,9.6,false\n340000,province,CHN,,Anhui,安徽省,,2011-08-22,2019,2017-Q1,-1.5e3,true\n",
	"indicators.csv":       "id,title_en,title_zh,unit,measure,decimals,aliases,price_basis,population_scope,numerator,denominator,accumulation\ngdp,GDP,地区生产总值,cny,level,1,,current,none,none,,period\n",
	"publishers.csv":       "id,name_en,name_zh,number,url\nnbs,NBS,国家统计局,1,\n",
	"communiques.csv":      "id,region,period,kind,title,publisher,url,published,fetch\n",
	"sources.csv":          "id,title_en,publisher,licence,cron,time_zone,url,jitter_minutes,allowance_days,seconds_between\n",
	"source_series.csv":    "source,code,indicator,unit\n",
	"source_regions.csv":   "source,code,region\n",
	"release_calendar.csv": "id,source,title_en,months,first_day,further_months,last_day,documents\n",
	"jsonstat_queries.csv": "source,name,dialect,path,table_id,selections,area_dimension,region,time_dimension,max_cells\n",
	"sdmx_queries.csv":     "source,name,title,interface,path,agency,flow,version,key,format,start_period,area,measure,latest_actual,origin,dimensions,history,structure\n",
	"nbs_catalogues.csv":   "id,series,tree,root,path,catalogue,names,indicator,areas,scale,from_january,first,last,easyquery\n",
	"benchmarks.csv":       "id,name_en,name_zh,scope\n",
	"studies.csv":          studiesHeader,
	"growth_windows.csv":   "id,first_year,last_year,bridge\n",
	"embargoes.csv":        "region,indicator,period,not_before\n",
	"revision_events.csv":  "id,first,last,published_from,published_to\n",
}

const studiesHeader = "id,title_en,title_zh,region,indicator,donors,from_year,first_treated,to_year,placebo_years,event,note\n"

const regionsHeader = "code,level,parent,iso3,name_en,name_zh,aliases,since,seen,about,size,big\n"

// below is a place in a schema.yaml that begins with smallSchema.
func below(line, column int) string {
	return fmt.Sprintf("data/schema.yaml:%d:%d", strings.Count(smallSchema, "\n")+line, column)
}

// folder is a data folder in memory.
type folder struct{ fstest.MapFS }

func (f folder) add(name, text string) {
	var old []byte
	if file, ok := f.MapFS[name]; ok {
		old = file.Data
	}
	f.MapFS[name] = &fstest.MapFile{Data: append(old[:len(old):len(old)], text...)}
}

// smallWith is the small folder with one file replaced, or taken away when text
// is "-".
func smallWith(name, text string) folder {
	f := folder{fstest.MapFS{}}
	for n, t := range small {
		f.MapFS[n] = &fstest.MapFile{Data: []byte(t)}
	}
	f.MapFS[name] = &fstest.MapFile{Data: []byte(text)}
	if text == "-" {
		delete(f.MapFS, name)
	}
	return f
}

// copyOf is the folder that ships with the program, without its documents.
func copyOf(t *testing.T) folder {
	t.Helper()
	f := folder{fstest.MapFS{}}
	names, err := fs.Glob(data.Files(), "*.*")
	if err != nil {
		t.Fatal(err)
	}
	books, err := fs.Glob(data.Files(), data.BooksDir+"/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range append(names, books...) {
		text, err := fs.ReadFile(data.Files(), n)
		if err != nil {
			t.Fatal(err)
		}
		f.add(n, string(text))
	}
	return f
}

func TestSmall(t *testing.T) {
	c, err := data.Load(smallWith("documents/none.csv", "").MapFS)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%q", c.Regions[0].Aliases); got != `["PRC" "全国"]` {
		t.Errorf("aliases are %s", got)
	}
	regions, _ := c.Table("regions")
	if got, want := fmt.Sprint(regions.Rows[1]), "[340000 province CHN <nil> Anhui 安徽省 <nil> 2011-08-22 2019 2017-Q1 -1500 true]"; got != want {
		t.Errorf("cells are\n%s, want\n%s", got, want)
	}
	if _, ok := c.Table("nothing"); ok {
		t.Error("there is a table called nothing")
	}
}

// sdmxRow is a question with these cells.
func sdmxRow(name, key, area, dimensions string) string {
	return "oecd," + name + ",,2.1,,,,," + key + ",,," + area + ",,,," + dimensions + ",false,false\n"
}

// mistakes are what an editor may write, and where the message must send them.
var mistakes = []struct {
	name, file, text string
	where, says      string
}{
	{"wrong header", "units.csv", "id,symbol,unit_measure,unit_mult\n", "data/units.csv:1:4", "write id,symbol_en,unit_measure,unit_mult"},
	{"columns in another order", "units.csv", "symbol_en,id,unit_measure,unit_mult\n", "data/units.csv:1:1", "the header is symbol_en,id"},
	{"a column less", "units.csv", "id,symbol_en,unit_measure\n", "data/units.csv:1:26", "write id,symbol_en,unit_measure,unit_mult"},
	{"a column more", "units.csv", "id,symbol_en,unit_measure,unit_mult,more\n", "data/units.csv:1:37", "write id,symbol_en,unit_measure,unit_mult"},
	{"empty file", "units.csv", "", "data/units.csv:1:1", "the file is empty"},
	{"missing file", "units.csv", "-", "data/units.csv", "add the file or take the table out of schema.yaml"},
	{"byte order mark", "units.csv", "\uFEFF" + small["units.csv"], "data/units.csv:1:1", "without a byte order mark"},
	{"not UTF-8", "units.csv", small["units.csv"] + "wan,\xcd\xf2\xd4\xaa,CNY,4\n", "data/units.csv:4:5", "save the file as UTF-8"},
	{"too few cells", "units.csv", small["units.csv"] + "usd,US$,CNY\n", "data/units.csv:4:12", "one cell per column"},
	{"too few cells, line ends of Windows", "units.csv", small["units.csv"] + "万,万元,CNY\r\n", "data/units.csv:4:9", "one cell per column"},
	{"too many cells", "units.csv", small["units.csv"] + "万,万元,CNY,4,more,and more\n", "data/units.csv:4:12", "one cell per column"},
	{"too many cells after a cell of two lines", "units.csv", small["units.csv"] + "\nwan,\"two\n万元\",CNY,4,more\n", "data/units.csv:6:11", "one cell per column"},
	{"unbalanced quote", "units.csv", small["units.csv"] + "usd,\"US$,CNY,0\n", "data/units.csv:4:5", "quoting cells"},
	{"unbalanced quote before more rows", "units.csv", small["units.csv"] + "万元,\"US$,CNY,0\r\nwan,,CNY,4\r\n", "data/units.csv:4:4", "quoting cells"},
	{"text behind a quote", "units.csv", small["units.csv"] + "万元,\"元\"$,CNY,0\n", "data/units.csv:4:6", "quoting cells"},
	{"quote inside", "units.csv", small["units.csv"] + "usd,U\"S$,CNY,0\n", "data/units.csv:4:6", "quoting cells"},
	{"quote inside after Chinese text", "units.csv", small["units.csv"] + "万元,U\"S$,CNY,0\n", "data/units.csv:4:5", "quoting cells"},
	{"missing required", "units.csv", small["units.csv"] + ",US$,CNY,0\n", "data/units.csv:4:1", "column id: the cell is empty; fill it in"},
	{"not in one_of", "units.csv", small["units.csv"] + "usd,US$,USD,0\n", "data/units.csv:4:9", `column unit_measure: "USD" is not allowed; write one of CNY, PERCENT`},
	{"space around", "units.csv", small["units.csv"] + "usd, US$,CNY,0\n", "data/units.csv:4:5", "remove the space"},
	{"duplicate key", "units.csv", small["units.csv"] + "usd,US$,CNY,0\ncny,,CNY,1\n", "data/units.csv:5:1", "the key cny already stands at data/units.csv:2:1; remove one of the two"},
	{"bad whole number", "units.csv", small["units.csv"] + "usd,US$,CNY,1.5\n", "data/units.csv:4:13", `"1.5" is not a whole number`},
	{"after Chinese text", "units.csv", small["units.csv"] + "wan,万元,CNY,x\n", "data/units.csv:4:12", "write a whole number"},
	{"after a cell of two lines", "units.csv", small["units.csv"] + "wan,\"two\nlines\",CNY,x\n", "data/units.csv:5:12", "write a whole number"},
	{"after an empty line", "units.csv", small["units.csv"] + "\nwan,万元,CNY,x\n", "data/units.csv:5:12", "write a whole number"},
	{"bad number", "regions.csv", regionsHeader + "CHN,,,,,,,,,,\"1,234\",\n", "data/regions.csv:2:14", "write a plain number without separators or unit"},
	{"a word for a number", "regions.csv", regionsHeader + "CHN,,,,,,,,,,NaN,\n", "data/regions.csv:2:14", `"NaN" is not a number`},
	{"an infinite number", "regions.csv", regionsHeader + "CHN,,,,,,,,,,-Inf,\n", "data/regions.csv:2:14", `"-Inf" is not a number`},
	{"a hexadecimal number", "regions.csv", regionsHeader + "CHN,,,,,,,,,,0x1p4,\n", "data/regions.csv:2:14", `"0x1p4" is not a number`},
	{"a number too large", "regions.csv", regionsHeader + "CHN,,,,,,,,,,1e999,\n", "data/regions.csv:2:14", "write a plain number"},
	{"bad date", "regions.csv", regionsHeader + "CHN,,,,,,,2011-02-30,,,,\n", "data/regions.csv:2:11", "write the date as 2011-08-22"},
	{"date in another order", "regions.csv", regionsHeader + "CHN,,,,,,,22/08/2011,,,,\n", "data/regions.csv:2:11", `"22/08/2011" is not a date`},
	{"bad moment", "regions.csv", regionsHeader + "CHN,,,,,,,,2019-13,,,\n", "data/regions.csv:2:12", `"2019-13" is not one of`},
	{"bad period", "regions.csv", regionsHeader + "CHN,,,,,,,,,2013-Q5,,\n", "data/regions.csv:2:13", `"2013-Q5" is not one of`},
	{"bad boolean", "regions.csv", regionsHeader + "CHN,,,,,,,,,,,yes\n", "data/regions.csv:2:15", "write true or false"},
	{"unknown reference", "indicators.csv", small["indicators.csv"] + "cpi,CPI,价格,pct,growth,1,,,,,,\n", "data/indicators.csv:3:12", `column unit: "pct" is not in units.csv; add it to units.csv or correct the spelling`},
	{"unknown parent", "regions.csv", small["regions.csv"] + "440100,prefecture,440000,,,,,,,,,\n", "data/regions.csv:4:19", `column parent: "440000" is not in regions.csv`},
	{"unknown reference after a cell of two lines", "indicators.csv", small["indicators.csv"] + "cpi,\"Prices,\nconsumer\",价格,pct,growth,1,,,,,,\n", "data/indicators.csv:4:14", `column unit: "pct" is not in units.csv`},
	{"duplicate of two columns", "source_series.csv", small["source_series.csv"] + "a,b,,\na,c,,\na,b,,\n", "data/source_series.csv:4:1", "the key a, b already stands at data/source_series.csv:2:1"},
	{"duplicate in another column", "schema.yaml", strings.Replace(smallSchema, "indicators.csv, title: Indicators, key: [id]", "indicators.csv, title: Indicators, key: [title_zh]", 1), "data/indicators.csv:4:9", "the key 价格 already stands at data/indicators.csv:3:9"},

	{"rule of a source", "sources.csv", small["sources.csv"] + "国家,题,nbs,,60 3 * * *,Asia/Shanghai,,,,1\n", "data/sources.csv:2:11", `column cron: "60 3 * * *" is no cron line`},
	{"rule of a source: never", "sources.csv", small["sources.csv"] + "国家,题,nbs,,0 0 30 2 *,Asia/Shanghai,,,,1\n", "data/sources.csv:2:11", `column cron: "0 0 30 2 *" never comes`},
	{"rule of a source: zone", "sources.csv", small["sources.csv"] + "国家,题,nbs,,0 3 * * *,Asia/Hefei,,,,1\n", "data/sources.csv:2:21", `column time_zone: "Asia/Hefei" is no time zone`},
	{"rule of a source: pause", "sources.csv", small["sources.csv"] + "国家,题,nbs,,0 3 * * *,Asia/Shanghai,,,,-1\n", "data/sources.csv:2:38", "column seconds_between: it is not above 0"},
	{"rule of a study", "studies.csv", studiesHeader + "a,题,题,CHN,gdp,peers,2005,2009,2008,,,\n", "data/studies.csv:2:26", "column first_treated: 2009 is not after 2005 and up to 2008"},
	{"a pretended event after the event", "studies.csv", studiesHeader + "a,题,题,CHN,gdp,peers,2005,2009,2013,2007;2009,,\n", "data/studies.csv:2:36", `column placebo_years: "2009" is no year between from_year and first_treated`},
	{"rule of a release", "release_calendar.csv", small["release_calendar.csv"] + "a,国家,公报,2;13,1,0,9,\n", "data/release_calendar.csv:2:9", `column months: "13" is no month`},
	{"rule of a release: last day", "release_calendar.csv", small["release_calendar.csv"] + "a,国家,公报,2,10,0,9,\n", "data/release_calendar.csv:2:16", "column last_day: 9 is before first_day, 10"},
	{"rule of a release: further months", "release_calendar.csv", small["release_calendar.csv"] + "a,国家,公报,2,10,12,9,\n", "data/release_calendar.csv:2:14", "column further_months: 12 is not from 0 to 11"},
	{"rule of a release: no last day", "release_calendar.csv", small["release_calendar.csv"] + "a,国家,公报,2,10,1,32,\n", "data/release_calendar.csv:2:16", "column last_day: 32 is no day of a month"},
	{"rule of a publisher", "publishers.csv", small["publishers.csv"] + "x,X,某局,2001,\n", "data/publishers.csv:3:8", "column number: 2001 is not from 1 to 2000"},
	{"rule of a window", "growth_windows.csv", small["growth_windows.csv"] + "十年,2022,2013,\n", "data/growth_windows.csv:2:9", "column last_year: 2022 to 2013"},
	{"rule of a revision: years", "revision_events.csv", small["revision_events.csv"] + "普查,2018,2013,2019-11-22,\n", "data/revision_events.csv:2:9", "column last: 2013 is before first, 2018"},
	{"rule of a revision: days", "revision_events.csv", small["revision_events.csv"] + "普查,2013,2018,2019-11-22,2019-11-21\n", "data/revision_events.csv:2:25", "column published_to: 2019-11-21 is before published_from"},
	{"rule of a window: bridge", "growth_windows.csv", small["growth_windows.csv"] + "十年,2013,2022,2022/2026\n", "data/growth_windows.csv:2:14", "column bridge: 2022/2026"},

	{"a question without a good name", "sdmx_queries.csv", small["sdmx_queries.csv"] + sdmxRow("GDP-TL2", "A.CHN", "REF_AREA", "FREQ;REF_AREA"), "data/sdmx_queries.csv:2:6", `column name: "GDP-TL2" is no lower-case word; write it as gdp_tl2`},
	{"a question with an area that is no dimension", "sdmx_queries.csv", small["sdmx_queries.csv"] + sdmxRow("gdp", "A.CHN", "GEO", "FREQ;REF_AREA"), "data/sdmx_queries.csv:2:27", "column area: GEO is none of the dimensions; write one of FREQ, REF_AREA"},
	{"a question with too short a key", "sdmx_queries.csv", small["sdmx_queries.csv"] + sdmxRow("gdp", "A", "REF_AREA", "FREQ;REF_AREA"), "data/sdmx_queries.csv:2:19", "column key: it has 1 parts for 2 dimensions"},

	{"missing schema", "schema.yaml", "-", "data/schema.yaml", "restore the file"},
	{"YAML unknown key", "schema.yaml", strings.Replace(smallSchema, "title: Units", "titel: Units", 1), "data/schema.yaml:2:36", `unknown field "titel"`},
	{"YAML syntax", "schema.yaml", "tables:\n  - {name: units, key: [id}\n", "data/schema.yaml:2:27", "compare it with the entries above it"},
	{"YAML of another shape", "schema.yaml", "tables: yes\n", "data/schema.yaml:1:9", "compare it with the entries above it"},
	{"YAML tag", "schema.yaml", "tables:\n !!!!!!! ", "data/schema.yaml", "compare it with the entries above it"},
	{"unknown type", "schema.yaml", strings.Replace(smallSchema, "type: list", "type: lists", 1), "data/schema.yaml:8:111", `column aliases has the unknown type "lists"`},
	{"column without comment", "schema.yaml", strings.Replace(smallSchema, "type: list, comment: c", "type: list", 1), "data/schema.yaml:8:89", "table regions: column aliases has no comment; say what it holds"},
	{"key that is no column", "schema.yaml", strings.Replace(smallSchema, "key: [id]", "key: [idd]", 1), "data/schema.yaml:2:56", `table units: key column "idd" is not declared`},
	{"table without title", "schema.yaml", strings.Replace(smallSchema, "title: Units", `title: ""`, 1), "data/schema.yaml:2:43", "the declaration is incomplete: it has no title"},
	{"reference to nothing", "schema.yaml", strings.Replace(smallSchema, "references: units.id", "references: unit.id", 1), "data/schema.yaml:13:44", `indicators.unit references "unit.id", which does not exist`},
	{"reference to no column", "schema.yaml", strings.Replace(smallSchema, "references: units.id", "references: units.idd", 1), "data/schema.yaml:13:44", `references "units.idd"`},
	{"table declared twice", "schema.yaml", strings.Replace(smallSchema, "name: regions", "name: units", 1), "data/schema.yaml:5:12", "table units is declared twice"},
	{"column declared twice", "schema.yaml", strings.Replace(smallSchema, "name: symbol_en", "name: id", 1), "data/schema.yaml:3:66", "table units: column id is declared twice"},
	{"no type, in lines after Chinese text", "schema.yaml", smallSchema + linesSchema + "      - comment: 注释\n        name: 名\n", below(7, 9), `column 名 has the unknown type ""`},
	{"unknown type, in lines after Chinese text", "schema.yaml", smallSchema + linesSchema + "      - {name: 名, comment: '注释, \"c\"', type: 文}\n", below(7, 45), `column 名 has the unknown type "文"`},
	{"no name", "schema.yaml", smallSchema + "  - title: Extra\n", below(1, 5), "the declaration is incomplete: it has no name"},
	{"table gone that Go reads", "schema.yaml", strings.Replace(smallSchema, "name: units", "name: measures", 1), "data/schema.yaml:2:3", "the table units is missing"},
	{"column gone that Go reads", "schema.yaml", strings.Replace(smallSchema, "name: symbol_en", "name: sign", 1), "data/schema.yaml:2:70", "table units lacks the column symbol_en"},
}

func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			files := smallWith(m.file, m.text)
			switch m.name {
			case "duplicate in another column":
				files.add("indicators.csv", "cpi,CPI,价格,cny,level,1,,,,,,\nppi,PPI,价格,cny,level,1,,,,,,\n")
			case "table gone that Go reads":
				files = smallWith(m.file, strings.Replace(m.text, "units.id", "measures.id", 1))
			case "column gone that Go reads":
				files.add("units.csv", "")
				files.MapFS["units.csv"].Data = []byte(strings.Replace(small["units.csv"], "symbol_en", "sign", 1))
			}
			_, err := data.Load(files.MapFS)
			var told *fault.Error
			if !errors.As(err, &told) {
				t.Fatalf("error %v, want one for an editor", err)
			}
			if told.Kind != fault.Definition {
				t.Errorf("the error is of kind %v, want definition: %v", told.Kind, err)
			}
			if told.Where != m.where {
				t.Errorf("it sends the editor to %s, want %s: %v", told.Where, m.where, err)
			}
			if !strings.Contains(err.Error(), m.says) {
				t.Errorf("it says\n%v\nwithout\n%s", err, m.says)
			}
			if told.Hint == "" {
				t.Errorf("it does not say what to do: %v", err)
			}
		})
	}
}

// TestEveryMistake wants all mistakes of all tables in one go.
func TestEveryMistake(t *testing.T) {
	files := smallWith("units.csv", small["units.csv"]+"a,b\nusd,US$,USD,x\n")
	files.add("regions.csv", "CHN,,,,,,,,,,,yes\n")
	_, err := data.Load(files.MapFS)
	for _, want := range []string{"data/units.csv:4:4: wrong number of fields", "data/units.csv:5:9", "data/units.csv:5:13", "data/regions.csv:4:15", "data/regions.csv:4:1: the key CHN"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named in:\n%v", want, err)
		}
	}
}

// TestNBSCatalogues breaks one cell of a good row at a time.
func TestNBSCatalogues(t *testing.T) {
	good := []string{"x", "s", "2", "r", "p > q", "c", "n", "i", "", "level", "true", "2013-Q1", "", ""}
	for _, tt := range []struct {
		cell       int
		text, says string
	}{
		{0, "x", ""},
		{2, "4", "column tree: 4 is no database that is asked"},
		{11, "2013", "column first: 2013 is of frequency A, the database of Q"},
		{12, "2012-Q4", "column last: 2012-Q4 is no later period"},
		{12, "2014", "column last: 2014 is no later period"},
		{8, "a", "column areas: a list of areas belongs to"},
	} {
		row := slices.Clone(good)
		row[tt.cell] = tt.text
		_, err := data.Load(smallWith("nbs_catalogues.csv", small["nbs_catalogues.csv"]+strings.Join(row, ",")+"\n").MapFS)
		if (err == nil) != (tt.says == "") || err != nil && (fault.KindOf(err) != fault.Definition || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%v: error %v, want %q", row, err, tt.says)
		}
	}
	for text, says := range map[string]string{
		"x,s,2,r,,,n,i,,level,true,2013-Q1,,\n": "column catalogue: without an id or a path",
		"x,s,3,r,p,,n,i,,level,true,2013,,\n":   "column from_january: only quarterly",
	} {
		if _, err := data.Load(smallWith("nbs_catalogues.csv", small["nbs_catalogues.csv"]+text).MapFS); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want %q", text, err, says)
		}
	}
}

func TestCarriageReturns(t *testing.T) {
	if _, err := data.Load(smallWith("units.csv", strings.ReplaceAll(small["units.csv"], "\n", "\r\n")).MapFS); err != nil {
		t.Errorf("a file with the line ends of Windows: %v", err)
	}
}

// FuzzTable throws any text at a table with a column of each type.
func FuzzTable(f *testing.F) {
	f.Add(small["regions.csv"])
	for _, m := range mistakes {
		if m.file == "regions.csv" {
			f.Add(m.text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := data.Load(smallWith("regions.csv", text).MapFS)
		if err != nil && fault.KindOf(err) != fault.Definition {
			t.Errorf("%v: kind %v, want definition", err, fault.KindOf(err))
		}
		if err == nil && len(c.Regions) == 0 && strings.Count(text, "\n") > 1 && strings.TrimSpace(strings.TrimPrefix(text, regionsHeader)) != "" {
			t.Errorf("%q has no region and no error", text)
		}
	})
}

// FuzzSchema throws any text at the description of the tables.
func FuzzSchema(f *testing.F) {
	for _, m := range mistakes {
		if m.file == "schema.yaml" {
			f.Add(m.text)
		}
	}
	f.Add(smallSchema)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := data.Load(smallWith("schema.yaml", text).MapFS); err != nil && fault.KindOf(err) != fault.Definition {
			t.Errorf("%v: kind %v, want definition", err, fault.KindOf(err))
		}
	})
}

// Rules of tables that the small folder does not have: one cell of a shipped file is
// spoilt at a time.
func TestRulesOfComparisons(t *testing.T) {
	for _, m := range []struct{ file, from, to, says string }{
		{"benchmarks.csv", "median,members,,,18", "published,members,,,18", "published does not go with the scope members"},
		{"benchmarks.csv", "published,country,,,", "published,country,CHN,,", "a region belongs to the scope region"},
		{"benchmarks.csv", "median,members,,,18", "median,members,,,0", "a rule over members says how many"},
		{"comparison_windows.csv", ",2014,2021,", ",2021,2014,", "2021 to 2014 is no span of years"},
		{"resemblance_sets.csv", ",2,8,", ",0,8,", "0 indicators in common say nothing"},
		{"resemblance_sets.csv", ",2,8,", ",2,2,", "2 regions do not tell what is near"},
		{"resemblance_indicators.csv", "urban,1,log", "urban,0,log", "0 is not above 0"},
	} {
		files := copyOf(t)
		text := string(files.MapFS[m.file].Data)
		spoilt := strings.Replace(text, m.from, m.to, 1)
		if spoilt == text {
			t.Fatalf("%s has no %q any more; spoil another cell", m.file, m.from)
		}
		files.MapFS[m.file].Data = []byte(spoilt)
		_, err := data.Load(files.MapFS)
		var told *fault.Error
		if !errors.As(err, &told) || told.Kind != fault.Definition || !strings.HasPrefix(told.Where, "data/"+m.file+":") || !strings.Contains(err.Error(), m.says) {
			t.Errorf("%s with %q: %v, want %q at its place", m.file, m.to, err, m.says)
		}
	}
}
