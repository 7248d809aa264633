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
      {name: decimals, type: integer, comment: c}, {name: aliases, type: list, comment: c}]}
  - {name: publishers, file: publishers.csv, title: Publishers, key: [id], columns: [
      {name: id, type: text, comment: c}, {name: name_en, type: text, comment: c}, {name: name_zh, type: text, comment: c}, {name: number, type: integer, comment: c}]}
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
  - {name: benchmarks, file: benchmarks.csv, title: Benchmarks, key: [id], columns: [
      {name: id, type: text, comment: c}, {name: name_en, type: text, comment: c}, {name: name_zh, type: text, comment: c}]}
  - {name: growth_windows, file: growth_windows.csv, title: Windows, key: [id], columns: [
      {name: id, type: text, comment: c}, {name: first_year, type: integer, comment: c}, {name: last_year, type: integer, comment: c}, {name: bridge, type: period, comment: c}]}
`

var small = map[string]string{
	"schema.yaml":        smallSchema,
	"units.csv":          "id,symbol_en,unit_measure,unit_mult\ncny,yuan,CNY,0\npercent,%,PERCENT,0\n",
	"regions.csv":        regionsHeader + "CHN,country,,CHN,China,中国,PRC; 全国,,2019-06,2016/2020,9.6,false\n340000,province,CHN,,Anhui,安徽省,,2011-08-22,2019,2017-Q1,-1.5e3,true\n",
	"indicators.csv":     "id,title_en,title_zh,unit,measure,decimals,aliases\ngdp,GDP,地区生产总值,cny,level,1,\n",
	"publishers.csv":     "id,name_en,name_zh,number\nnbs,NBS,国家统计局,1\n",
	"sources.csv":        "id,title_en,publisher,licence,cron,time_zone,url,jitter_minutes,allowance_days,seconds_between\n",
	"source_series.csv":  "source,code,indicator,unit\n",
	"source_regions.csv": "source,code,region\n",
	"nbs_catalogues.csv": "id,series,tree,root,path,catalogue,names,indicator,areas,scale,from_january,first,last,easyquery\n",
	"benchmarks.csv":     "id,name_en,name_zh\n",
	"growth_windows.csv": "id,first_year,last_year,bridge\n",
}

const regionsHeader = "code,level,parent,iso3,name_en,name_zh,aliases,since,seen,about,size,big\n"

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
	for _, n := range names {
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

// mistakes are what an editor may write, and where the message must send them.
var mistakes = []struct {
	name, file, text string
	where, says      string
}{
	{"wrong header", "units.csv", "id,symbol,unit_measure,unit_mult\n", "data/units.csv:1:1", "write id,symbol_en,unit_measure,unit_mult"},
	{"columns in another order", "units.csv", "symbol_en,id,unit_measure,unit_mult\n", "data/units.csv:1:1", "the header is symbol_en,id"},
	{"empty file", "units.csv", "", "data/units.csv", "the file is empty"},
	{"missing file", "units.csv", "-", "data/units.csv", "add the file or take the table out of schema.yaml"},
	{"byte order mark", "units.csv", "\uFEFF" + small["units.csv"], "data/units.csv:1:1", "without a byte order mark"},
	{"not UTF-8", "units.csv", small["units.csv"] + "wan,\xcd\xf2\xd4\xaa,CNY,4\n", "data/units.csv:4:5", "save the file as UTF-8"},
	{"too few cells", "units.csv", small["units.csv"] + "usd,US$,CNY\n", "data/units.csv:4:1", "one cell per column"},
	{"unbalanced quote", "units.csv", small["units.csv"] + "usd,\"US$,CNY,0\n", "data/units.csv:4:16", "quoting cells"},
	{"quote inside", "units.csv", small["units.csv"] + "usd,U\"S$,CNY,0\n", "data/units.csv:4:6", "quoting cells"},
	{"missing required", "units.csv", small["units.csv"] + ",US$,CNY,0\n", "data/units.csv:4:1", "column id: the cell is empty; fill it in"},
	{"not in one_of", "units.csv", small["units.csv"] + "usd,US$,USD,0\n", "data/units.csv:4:9", `column unit_measure: "USD" is not allowed; write one of CNY, PERCENT`},
	{"space around", "units.csv", small["units.csv"] + "usd, US$,CNY,0\n", "data/units.csv:4:5", "remove the space"},
	{"duplicate key", "units.csv", small["units.csv"] + "usd,US$,CNY,0\ncny,,CNY,1\n", "data/units.csv:5:1", "the key cny already stands at data/units.csv:2:1; remove one of the two"},
	{"bad whole number", "units.csv", small["units.csv"] + "usd,US$,CNY,1.5\n", "data/units.csv:4:13", `"1.5" is not a whole number`},
	{"after Chinese text", "units.csv", small["units.csv"] + "wan,万元,CNY,x\n", "data/units.csv:4:16", "write a whole number"},
	{"after a cell of two lines", "units.csv", small["units.csv"] + "wan,\"two\nlines\",CNY,x\n", "data/units.csv:5:12", "write a whole number"},
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
	{"unknown reference", "indicators.csv", small["indicators.csv"] + "cpi,CPI,价格,pct,growth,1,\n", "data/indicators.csv:3:1", `column unit: "pct" is not in units.csv; add it to units.csv or correct the spelling`},
	{"unknown parent", "regions.csv", small["regions.csv"] + "440100,prefecture,440000,,,,,,,,,\n", "data/regions.csv:4:1", `column parent: "440000" is not in regions.csv`},

	{"missing schema", "schema.yaml", "-", "data/schema.yaml", "restore the file"},
	{"YAML unknown key", "schema.yaml", strings.Replace(smallSchema, "title: Units", "titel: Units", 1), "data/schema.yaml:2:36", `unknown field "titel"`},
	{"YAML syntax", "schema.yaml", "tables:\n  - {name: units, key: [id}\n", "data/schema.yaml:2:27", "compare it with the entries above it"},
	{"YAML of another shape", "schema.yaml", "tables: yes\n", "data/schema.yaml:1:9", "compare it with the entries above it"},
	{"YAML tag", "schema.yaml", "tables:\n !!!!!!! ", "data/schema.yaml", "compare it with the entries above it"},
	{"unknown type", "schema.yaml", strings.Replace(smallSchema, "type: list", "type: lists", 1), "data/schema.yaml", `column aliases has the unknown type "lists"`},
	{"column without comment", "schema.yaml", strings.Replace(smallSchema, "type: list, comment: c", "type: list", 1), "data/schema.yaml", "table regions: column aliases has no comment; say what it holds"},
	{"key that is no column", "schema.yaml", strings.Replace(smallSchema, "key: [id]", "key: [idd]", 1), "data/schema.yaml", `table units: key column "idd" is not declared`},
	{"table without title", "schema.yaml", strings.Replace(smallSchema, "title: Units", `title: ""`, 1), "data/schema.yaml", "the declaration is incomplete"},
	{"reference to nothing", "schema.yaml", strings.Replace(smallSchema, "references: units.id", "references: unit.id", 1), "data/schema.yaml", `indicators.unit references "unit.id", which does not exist`},
	{"table gone that Go reads", "schema.yaml", strings.Replace(smallSchema, "name: units", "name: measures", 1), "data/schema.yaml", "the table units is missing"},
	{"column gone that Go reads", "schema.yaml", strings.Replace(smallSchema, "name: symbol_en", "name: sign", 1), "data/schema.yaml", "table units lacks the column symbol_en"},
}

func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			files := smallWith(m.file, m.text)
			switch m.name {
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
	files := smallWith("units.csv", small["units.csv"]+"usd,US$,USD,x\n")
	files.add("regions.csv", "CHN,,,,,,,,,,,yes\n")
	_, err := data.Load(files.MapFS)
	for _, want := range []string{"data/units.csv:4:9", "data/units.csv:4:13", "data/regions.csv:4:15", "data/regions.csv:4:1: the key CHN"} {
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
