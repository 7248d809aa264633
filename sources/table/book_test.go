package table

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"citystats/internal/fault"
)

// plainBook is a small book to make mistakes in.
const plainBook = `title: 合肥统计年鉴
publisher: hefei_stats
origin: hefei_stats
status: final
confidence: high
match: {sheet: text}
cells: {A1: "{year}年", A2: 地区}
period_from: {cell: A1}
indicator: gdp
unit: cny_100m
symbols: {"-": unknown}
blocks:
  - rows: {first: 3, label: A, areas: {合肥: "340100"}, end: [注]}
    columns:
      - {at: B, header: {2: 生产总值}}
`

// TestMistakes wants each mistake told at its own place.
func TestMistakes(t *testing.T) {
	for _, tt := range []struct{ from, to, want string }{
		{"title: 合肥统计年鉴", "titel: x", `data/books/book.yaml:1:1: unknown field "titel"`},
		{"title: 合肥统计年鉴", "note: x", "data/books/book.yaml: there is no title"},
		{"title: 合肥统计年鉴", "title: [", "data/books/book.yaml:"},
		{"publisher: hefei_stats", "publisher: hefei", `:2:12: publisher is "hefei", which is not in publishers.csv`},
		{"origin: hefei_stats", "origin: hefei", `:3:9: origin is "hefei", which is not in publishers.csv`},
		{"status: final", "status: derived", `:4:9: status "derived" is nothing a table can print`},
		{"confidence: high", "confidence: 3", `:5:13: confidence "3" is not known`},
		{"match: {sheet: text}", "match: {}", "the book says nothing by which it is known"},
		{"match: {sheet: text}", "match: {cells: {a1: x}}", `:6:21: "a1" is no cell`},
		{"match: {sheet: text}", "match: {cells: {A1: ''}}", `cell A1 has no text`},
		{"match: {sheet: text}", `match: {sheet: "{month}月"}`, `does not tell a period`},
		{"match: {sheet: text}", `match: {sheet: "{year} {year}"}`, `"{year} {year}" has {year} twice`},
		{"match: {sheet: text}", "match: {sheet: text}\nurls: [{url: office/x}]", `:7:14: "office/x" is no address`},
		{"match: {sheet: text}", "match: {sheet: text}\nurls: [{url: https://x/, published: soon}]", `date "soon"`},
		{`A1: "{year}年"`, `A1: "2019年"`, `:8:21: cell "A1" tells no period`},
		{"cell: A1}", "cell: A9}", `cell "A9" tells no period`},
		{"cell: A1}", "cell: A1, years_before: -1}", `-1 years are no edition's delay`},
		{"indicator: gdp", "indicator: gpd", `:9:12: indicator is "gpd", which is not in indicators.csv`},
		{"indicator: gdp", "indicator: population_registered", "cny_100m measures CNY, but population_registered is in PERSON"},
		{"unit: cny_100m", "unit: yi", `:10:7: unit is "yi", which is not in units.csv`},
		{"unit: cny_100m", "area: '340100'", "2 places say the area of column B"},
		{"unit: cny_100m", "note: x", "nothing says the unit of column B"},
		{"unit: cny_100m", "unit: cny_100m\nperiod: '2019年'", `period "2019年"`},
		{"unit: cny_100m", "unit: cny_100m\nperiod: '2019'", "2 places say the period of column B"},
		{`{"-": unknown}`, `{"-": zero}`, `:11:16: "-" means "zero", which is not known`},
		{`{"-": unknown}`, `{"-": unknown}` + "\nmarks: {'5': x}", "a mark of digits, or without a meaning, would change figures"},
		{`{"-": unknown}`, `{"-": unknown}` + "\nmarks: {'*': ''}", "a mark of digits, or without a meaning, would change figures"},
		{"first: 3", "first: 0", "rows 0 to 0 are none"},
		{"label: A,", "label: 1,", `"1" is no column`},
		{"areas: {合肥: \"340100\"}", "areas: {合肥: \"340199\"}", `:13:44: 合肥 is "340199", which is not in regions.csv`},
		{"areas: {合肥: \"340100\"}", "areas: {合肥: \"340100\", 合　肥: \"320100\"}", `:13:44: the label "合肥" is empty or there twice`},
		{"areas: {合肥: \"340100\"}", "count: -1, periods: x", `"x" tells no period`},
		{"areas: {合肥: \"340100\"}", "count: -1", "the labels must be of one kind"},
		{"areas: {合肥: \"340100\"}", "count: -1, areas: {合肥: \"340100\"}", "count is -1"},
		{"areas: {合肥: \"340100\"}", "indicators: [{label: x}]", `the label "x" means nothing`},
		{"areas: {合肥: \"340100\"}", "indicators: [{label: '增长(%)', indicator: gdp_growth_real, unit: percent}]", "2 places say the indicator of column B"},
		{"areas: {合肥: \"340100\"}", "indicators: [{label: '产值(万元)', indicator: gdp, unit: cny_100m}]", `the unit is "cny_100m", but the text prints cny_10k`},
		{", end: [注]", "", "or a table cut short goes unnoticed"},
		{", end: [注]", ", last: 2", "rows 3 to 2 are none"},
		{"at: B,", "at: b,", `"b" is no column`},
		{"at: B,", "at: C:B,", `"C:B" is no column`},
		{"at: B,", "at: A,", "column A has a meaning already"},
		{"at: B,", "at: 'B:',", "columns B: would all mean the same"},
		{"at: B,", "at: 'B:D',", "columns B:D would all mean the same"},
		{"{2: 生产总值}", "{}", "column B has no header by which a shift would be noticed"},
		{"{2: 生产总值}", "{3: 生产总值}", "row 3 is no header of figures from row 3 on"},
		{"{2: 生产总值}", "{2: ''}", "row 2 has no text"},
		{"{2: 生产总值}", "{2: 生产总值（万元）}", `the unit is "cny_100m", but the text prints cny_10k`},
		{"A2: 地区", "A2: 单位：万元", `the unit is "cny_100m", but the text prints cny_10k`},
		{"{2: 生产总值}", "{2: 市辖区}", `the header speaks of the districts, the column of ""`},
		{"{2: 生产总值}", "{2: 市辖区}, scope: city", `the header speaks of the districts, the column of "city"`},
		{"{2: 生产总值}", "{2: 市辖区}, scope: districts", "figures of districts alone belong to none of our regions"},
		{"{2: 生产总值}", "{2: 地区}", `the header speaks of the city, the column of ""`},
		{"A2: 地区", "A2: 全市", `the header speaks of the city, the column of ""`},
		{"{2: 生产总值}", "{2: 生产总值}, scope: town", `scope is "town"`},
		{"{2: 生产总值}", "{2: 生产总值}, unit: percent", "percent measures PERCENT, but gdp is in CNY"},
		{"{2: 生产总值}", "{2: 生产总值}, period: x", `period "x"`},
		{"    columns:\n      - {at: B, header: {2: 生产总值}}\n", "", "the block has no columns"},
	} {
		text := strings.Replace(plainBook, tt.from, tt.to, 1)
		if text == plainBook {
			t.Fatalf("%q is not in the book", tt.from)
		}
		_, err := Load(fstest.MapFS{"book.yaml": {Data: []byte(text)}}, "data/books", known)
		if fault.KindOf(err) != fault.Definition || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s -> %s: error %v, want one of kind definition that says %q", tt.from, tt.to, err, tt.want)
		}
	}
	text, _, _ := strings.Cut(plainBook, "blocks:")
	_, err := Load(fstest.MapFS{"book.yaml": {Data: []byte(text)}}, "data/books", known)
	if err == nil || !strings.Contains(err.Error(), "the book has no blocks") {
		t.Errorf("error %v, want one about blocks", err)
	}
}

func TestLoad(t *testing.T) {
	books, err := Load(fstest.MapFS{"b.yaml": {Data: []byte(plainBook)}, "a.yaml": {Data: []byte(plainBook)}, "notes.txt": {Data: []byte("x")}}, "data/books", known)
	if err != nil || len(books) != 2 || books[0].ID != "a" || books[1].ID != "b" {
		t.Errorf("%d books, %v; want a and b", len(books), err)
	}
	if books, err := Load(fstest.MapFS{}, "data/books", known); err != nil || len(books) != 0 {
		t.Errorf("an empty folder: %d books, %v; want none and no error", len(books), err)
	}
	_, err = Load(fstest.MapFS{"a.yaml/x": {Data: []byte("a folder that is called like a book")}}, "data/books", known)
	if fault.KindOf(err) != fault.Definition || !strings.Contains(err.Error(), "data/books/a.yaml") {
		t.Errorf("error %v, want one of kind definition that names the file", err)
	}
	// Every mistake of every book is told at once.
	bad := strings.Replace(strings.Replace(plainBook, "status: final", "status: x", 1), "confidence: high", "confidence: x", 1)
	_, err = Load(fstest.MapFS{"a.yaml": {Data: []byte(bad)}, "b.yaml": {Data: []byte(bad)}}, "data/books", known)
	if got := strings.Count(fmt.Sprint(err), "\n") + 1; got != 4 {
		t.Errorf("%d mistakes, want 4:\n%v", got, err)
	}
}

func TestColumns(t *testing.T) {
	for text, want := range map[string]string{
		"A": "0 0 true", "C": "2 2 true", "B:U": "1 20 true", "B:": "1 -1 true", "AMJ": "1023 1023 true",
		"AMK": "-1 -1 false", "": "-1 -1 false", ":": "-1 -1 false", "B:B": "1 1 false", "c": "-1 -1 false", "B:c": "1 -1 false", "1": "-1 -1 false",
	} {
		from, to, ok := columns(text)
		if got := fmt.Sprint(from, to, ok); got != want {
			t.Errorf("columns(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		before        int
		want          string
	}{
		{"地区", "地　区", 0, "fits"},
		{"国内生产总值 Gross Domestic Product", "国内生产总值\nGross  Domestic\nProduct", 0, "fits"},
		{"国内生产总值(亿元)", "国内生产总值 （亿元）", 0, "fits"},
		{"地区", "地区1", 0, "no"},
		{"a.c", "abc", 0, "no"},
		{"Total City", "TotalCity", 0, "no"},
		{"{year}年", "2019年", 0, "fits 2019"},
		{"{year}年", "19年", 0, "no"},
		{"{year}年", "3019年", 0, "no"},
		{"{year}", "２０１９", 0, "fits 2019"},
		{"中国城市统计年鉴{year}", "中国城市统计年鉴2018", 1, "fits 2017"},
		{"{year}年{month}月", "2024年5月", 0, "fits 2024-05"},
		{"{year}年{month}月", "2024年12月", 0, "fits 2024-12"},
		{"{year}年{month}月", "2024年05月", 0, "fits 2024-05"},
		{"{year}年{month}月", "2024年13月", 0, "no"},
		{"{year}年第{quarter}季度", "2017年第四季度", 0, "fits 2017-Q4"},
		{"{year}Q{quarter}", "2017Q1", 0, "fits 2017-Q1"},
		{"{year}Q{quarter}", "2017Q5", 0, "no"},
		{"注：*", "注: 本表", 0, "fits"},
		{"注：*", "附注: 本表", 0, "no"},
		{`GDP\*`, "GDP*", 0, "fits"},
		{`GDP\*`, "GDP1", 0, "no"},
	} {
		p, err := newPattern(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		got := "no"
		if period, ok := p.fits(tt.text, tt.before); ok {
			got = strings.TrimSpace("fits " + period)
		}
		if got != tt.want {
			t.Errorf("%q of %q: %s, want %s", tt.pattern, tt.text, got, tt.want)
		}
	}
}
