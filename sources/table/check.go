package table

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"citystats/sources/source"
	"citystats/transforms/period"
)

// check readies the book for reading and notes every mistake.
func (c *checker) check() {
	b := c.book
	c.need("title", b.Title)
	var ok bool
	if b.status, ok = source.ParseStatus(b.Status); !ok || b.status == source.Derived {
		c.bad([]any{"status"}, "write target, forecast, preliminary, revised or final", "status %q is nothing a table can print", b.Status)
	}
	if b.confidence, ok = source.ParseConfidence(b.Confidence); !ok {
		c.bad([]any{"confidence"}, "write high, medium or low", "confidence %q is not known", b.Confidence)
	}
	c.oneOf([]any{"publisher"}, "publishers.csv", b.Publisher, slices.Contains(c.known.Publishers, b.Publisher))
	c.oneOf([]any{"origin"}, "publishers.csv", b.Origin, slices.Contains(c.known.Publishers, b.Origin))
	c.urls()
	c.matches()
	b.cells = c.patterns([]any{"cells"}, b.Cells)
	c.signs()
	c.fixedPeriod([]any{"period"}, b.Period)
	c.periodFrom()
	c.meaning(nil, meaning{b.Area, b.Indicator, "", b.Unit})
	if len(b.Blocks) == 0 {
		c.bad(nil, "say where the figures stand, under blocks", "the book has no blocks")
	}
	for i := range b.Blocks {
		c.block(i, &b.Blocks[i])
	}
}

func (c *checker) need(key, value string) {
	if value == "" {
		c.bad([]any{key}, "write it", "there is no %s", key)
	}
}

// oneOf wants a key of another table.
func (c *checker) oneOf(to []any, table, value string, known bool) {
	if !known {
		c.bad(to, "correct the spelling or add it to data/"+table, "%v is %q, which is not in %s", to[len(to)-1], value, table)
	}
}

// meaning checks whatever is given.
func (c *checker) meaning(to []any, m meaning) {
	under := func(key string) []any { return append(slices.Clone(to), key) }
	if m.area != "" {
		c.oneOf(under("area"), "regions.csv", m.area, slices.Contains(c.known.Regions, m.area))
	}
	measure, known := c.known.Indicators[m.indicator]
	if m.indicator != "" {
		c.oneOf(under("indicator"), "indicators.csv", m.indicator, known)
	}
	if m.unit == "" {
		return
	}
	unit, ok := c.known.Units[m.unit]
	c.oneOf(under("unit"), "units.csv", m.unit, ok)
	if ok && known && unit != measure {
		c.bad(under("unit"), "write a unit of the same measure", "%s measures %s, but %s is in %s", m.unit, unit, m.indicator, measure)
	}
}

func (c *checker) fixedPeriod(to []any, value string) {
	if value == "" {
		return
	}
	if _, err := period.Parse(value); err != nil {
		c.bad(to, "write 2013, 2020-H1, 2017-Q1, 2024-05 or 2016/2020", "%v", err)
	}
}

func (c *checker) urls() {
	for i, a := range c.book.URLs {
		if u, err := url.Parse(a.URL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			c.bad([]any{"urls", i, "url"}, "write https://…", "%q is no address", a.URL)
		}
		if a.Published == "" {
			continue
		}
		if _, err := period.ParseMoment(a.Published); err != nil {
			c.bad([]any{"urls", i, "published"}, "write it as precisely as known", "%v", err)
		}
	}
}

// pattern compiles an expected text.
func (c *checker) pattern(to []any, text string) pattern {
	p, err := newPattern(text)
	if err != nil {
		c.bad(to, "write it in UTF-8", "%q: %v", text, err)
		return pattern{}
	}
	for _, once := range []string{"{year}", "{month}", "{quarter}"} {
		if strings.Count(text, once) > 1 {
			c.bad(to, "write * for what says it again", "%q has %s twice", text, once)
		}
	}
	month, quarter := strings.Contains(text, "{month}"), strings.Contains(text, "{quarter}")
	if month && quarter || (month || quarter) && !p.dated() {
		c.bad(to, "write {year}, or {year} with {month} or {quarter}", "%q does not tell a period", text)
	}
	return p
}

// patterns compiles the expected texts of cells.
func (c *checker) patterns(to []any, cells map[string]string) map[at]pattern {
	out := map[at]pattern{}
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		here := append(slices.Clone(to), name)
		where, ok := cellAt(name)
		if !ok {
			c.bad(here, "write it as spreadsheets do: C12", "%q is no cell", name)
			continue
		}
		if cells[name] == "" {
			c.bad(here, "leave out cells that are empty", "cell %s has no text", name)
		}
		out[where] = c.pattern(here, cells[name])
	}
	return out
}

func cellAt(name string) (at, bool) {
	column, row, err := excelize.CellNameToCoordinates(name)
	return at{row - 1, column - 1}, err == nil && row <= maxRows && column <= maxColumns && name == strings.ToUpper(name)
}

func (c *checker) matches() {
	b := c.book
	if b.Match.Sheet == "" && b.Match.Caption == "" && len(b.Match.Cells) == 0 {
		c.bad([]any{"match"}, "name a sheet, a caption or cells that no other table has", "the book says nothing by which it is known")
	}
	b.sheet = c.pattern([]any{"match", "sheet"}, first(b.Match.Sheet, "*"))
	b.caption = c.pattern([]any{"match", "caption"}, first(b.Match.Caption, "*"))
	b.match = c.patterns([]any{"match", "cells"}, b.Match.Cells)
	for i, name := range b.Ignore {
		b.ignore = append(b.ignore, c.pattern([]any{"ignore_sheets", i}, name))
	}
}

// signs readies symbols and footnote marks.
func (c *checker) signs() {
	b := c.book
	b.symbols = map[string]string{}
	for _, sign := range slices.Sorted(maps.Keys(b.Symbols)) {
		if _, known := symbolMeanings[b.Symbols[sign]]; !known {
			c.bad([]any{"symbols", sign}, "write one of "+strings.Join(slices.Sorted(maps.Keys(symbolMeanings)), ", "), "%q means %q, which is not known", sign, b.Symbols[sign])
		}
		b.symbols[tidy(sign)] = b.Symbols[sign]
	}
	for _, text := range slices.Sorted(maps.Keys(b.Marks)) {
		m := mark{tidy(text), b.Marks[text]}
		if m.text == "" || m.meaning == "" || strings.Trim(m.text, "0123456789.,-+% ") == "" {
			c.bad([]any{"marks", text}, "write the mark and what the footnote says", "a mark of digits, or without a meaning, would change figures")
			continue
		}
		b.marks = append(b.marks, m)
	}
	// The longest first, so that ** is not read as * twice.
	slices.SortStableFunc(b.marks, func(x, y mark) int { return len(y.text) - len(x.text) })
}

func (c *checker) periodFrom() {
	from := c.book.PeriodFrom
	if from == nil {
		return
	}
	where, ok := cellAt(from.Cell)
	p, listed := c.book.cells[where]
	if !ok || !listed || p.expr == nil || !p.dated() {
		c.bad([]any{"period_from", "cell"}, "list the cell under cells, with {year} in its text", "cell %q tells no period", from.Cell)
	}
	if from.YearsBefore < 0 || from.YearsBefore > 5 {
		c.bad([]any{"period_from", "years_before"}, "write 1 for a yearbook of the year before", "%d years are no edition's delay", from.YearsBefore)
	}
	c.book.periodAt = where
}

func (c *checker) block(i int, b *Block) {
	to := []any{"blocks", i}
	c.rows(append(slices.Clone(to), "rows"), b)
	if len(b.Columns) == 0 {
		c.bad(to, "list the columns of figures", "the block has no columns")
	}
	taken := map[int]bool{b.label: true}
	for j := range b.Columns {
		c.column(append(slices.Clone(to), "columns", j), b, &b.Columns[j], taken)
	}
}

func (c *checker) rows(to []any, b *Block) {
	r := &b.Rows
	under := func(keys ...any) []any { return append(slices.Clone(to), keys...) }
	var ok bool
	if b.label, _, ok = columns(r.Label); !ok {
		c.bad(under("label"), "write the letter of the column with the labels", "%q is no column", r.Label)
	}
	b.first, b.last = r.First-1, r.Last-1
	if r.First < 1 || r.First > maxRows || r.Last < 0 || r.Last > maxRows || r.Last > 0 && r.Last < r.First {
		c.bad(under("first"), "count rows as the spreadsheet does", "rows %d to %d are none", r.First, r.Last)
	}
	if r.Last > 0 == (len(r.End) > 0) {
		c.bad(under("end"), "write last, or under end the label that follows the figures", "one of last and end must say where the figures stop, or a table cut short goes unnoticed")
	}
	kinds := 0
	for _, given := range []bool{len(r.Areas) > 0, len(r.Indicators) > 0, r.Periods != ""} {
		if given {
			kinds++
		}
	}
	if kinds != 1 {
		c.bad(to, "write one of areas, indicators and periods", "the labels must be of one kind")
	}
	c.labels(under, r)
	for i, text := range r.Skip {
		r.skip = append(r.skip, c.pattern(under("skip", i), text))
	}
	for i, text := range r.End {
		r.end = append(r.end, c.pattern(under("end", i), text))
	}
	r.total = tidy(r.Total)
	if r.Count < 0 {
		c.bad(under("count"), "write how many rows there must be", "count is %d", r.Count)
	}
}

func (c *checker) labels(under func(...any) []any, r *Rows) {
	r.labels = map[string]meaning{}
	add := func(to []any, label string, m meaning) {
		if _, twice := r.labels[tidy(label)]; twice || tidy(label) == "" {
			c.bad(to, "give each label once", "the label %q is empty or there twice", label)
		}
		r.labels[tidy(label)] = m
	}
	for _, label := range slices.Sorted(maps.Keys(r.Areas)) {
		code := r.Areas[label]
		c.oneOf(under("areas", label), "regions.csv", code, slices.Contains(c.known.Regions, code))
		add(under("areas", label), label, meaning{area: code})
	}
	for i, x := range r.Indicators {
		c.meaning(under("indicators", i), meaning{indicator: x.Indicator, unit: x.Unit})
		if x.Indicator == "" {
			c.bad(under("indicators", i), "name the indicator", "the label %q means nothing", x.Label)
		}
		add(under("indicators", i, "label"), x.Label, meaning{indicator: x.Indicator, unit: x.Unit})
		c.printedUnit(under("indicators", i), first(x.Unit, c.book.Unit), []string{x.Label})
	}
	if r.Periods != "" {
		p := c.pattern(under("periods"), r.Periods)
		if r.period = &p; p.expr != nil && !p.dated() {
			c.bad(under("periods"), "write {year} where the year stands", "%q tells no period", r.Periods)
		}
	}
}

// columns reads C, B:U and B:, whose end is -1.
func columns(text string) (from, to int, ok bool) {
	left, right, ranged := strings.Cut(text, ":")
	number := func(name string) int {
		n, err := excelize.ColumnNameToNumber(name)
		if err != nil || n > maxColumns || name != strings.ToUpper(name) {
			return -1
		}
		return n - 1
	}
	from, to = number(left), number(left)
	if ranged {
		if to = -1; right != "" {
			to = number(right)
			ok = to > from
		} else {
			ok = true
		}
		return from, to, ok && from >= 0
	}
	return from, to, from >= 0
}

func (c *checker) column(to []any, b *Block, col *Column, taken map[int]bool) {
	under := func(keys ...any) []any { return append(slices.Clone(to), keys...) }
	var ok bool
	if col.from, col.to, ok = columns(col.At); !ok {
		c.bad(under("at"), "write C, B:U, or B: for as far as the header goes", "%q is no column", col.At)
		return
	}
	for n := col.from; n <= max(col.from, col.to); n++ {
		if taken[n] {
			c.bad(under("at"), "give each column once", "column %s has a meaning already", col.At)
			break
		}
		taken[n] = true
	}
	c.header(under, b, col)
	dated := slices.ContainsFunc(slices.Collect(maps.Values(col.header)), func(p pattern) bool { return p.expr != nil && p.dated() })
	if col.to != col.from && !dated && col.Skip == "" {
		c.bad(under("at"), "write {year} in the header, or a column each", "columns %s would all mean the same", col.At)
	}
	c.scope(under, col)
	if col.Skip != "" {
		return
	}
	c.meaning(to, meaning{col.Area, col.Indicator, "", col.Unit})
	c.fixedPeriod(under("period"), col.Period)
	c.complete(to, b, col, dated)
	if len(b.Rows.Indicators) == 0 {
		c.unit(to, col)
	}
}

func (c *checker) header(under func(...any) []any, b *Block, col *Column) {
	col.header = map[int]pattern{}
	for _, row := range slices.Sorted(maps.Keys(col.Header)) {
		here := under("header", strconv.Itoa(row))
		if row < 1 || row >= b.Rows.First {
			c.bad(here, "header rows stand above rows.first", "row %d is no header of figures from row %d on", row, b.Rows.First)
			continue
		}
		if col.Header[row] == "" {
			c.bad(here, "leave out rows without text", "row %d has no text", row)
		}
		col.header[row-1] = c.pattern(here, col.Header[row])
	}
	if len(col.header) == 0 {
		c.bad(under("header"), "write what stands above the column, by row", "column %s has no header by which a shift would be noticed", col.At)
	}
}

// The words for a whole city, with its counties, and for its districts alone. 地区
// is an older word for the former; it has other meanings and only counts where it
// is all that stands above a column.
var (
	districtWords = []string{"市辖区", "市区", "不包括市辖县", "Districts under City"}
	cityWords     = []string{"全市", "Total City", "包括市辖县"}
)

// scopeOf says which of the two the texts name.
func scopeOf(texts []string) string {
	for _, text := range texts {
		for _, w := range districtWords {
			if strings.Contains(tidy(text), w) {
				return "districts"
			}
		}
	}
	for _, text := range texts {
		for _, w := range cityWords {
			if strings.Contains(tidy(text), w) {
				return "city"
			}
		}
	}
	return ""
}

// scope wants a column to say whose figures it has wherever the header does.
func (c *checker) scope(under func(...any) []any, col *Column) {
	texts := slices.Collect(maps.Values(col.Header))
	own := scopeOf(texts)
	if own == "" && slices.Contains(texts, "地区") {
		own = "city"
	}
	if own == "" {
		own = scopeOf(slices.Concat(slices.Collect(maps.Values(c.book.Cells)), []string{c.book.Match.Sheet, c.book.Match.Caption}))
	}
	switch {
	case col.Scope != "" && col.Scope != "city" && col.Scope != "districts":
		c.bad(under("scope"), "write city or districts", "scope is %q", col.Scope)
	case own != "" && col.Scope != own:
		c.bad(under("scope"), "write scope: "+own, "the header speaks of the %s, the column of %q", own, col.Scope)
	case col.Scope == "districts" && col.Skip == "":
		c.bad(under("scope"), "write under skip why the column is passed over", "figures of districts alone belong to none of our regions")
	}
}

// complete wants each of area, indicator and period from exactly one place.
func (c *checker) complete(to []any, b *Block, col *Column, dated bool) {
	book, r := c.book, &b.Rows
	for _, about := range []struct {
		what   string
		places []bool
	}{
		{"area", []bool{len(r.Areas) > 0, col.Area != "", book.Area != ""}},
		{"indicator", []bool{len(r.Indicators) > 0, col.Indicator != "", book.Indicator != ""}},
		{"period", []bool{r.Periods != "", col.Period != "", dated, book.Period != "", book.PeriodFrom != nil}},
	} {
		n := 0
		for _, given := range about.places {
			if given {
				n++
			}
		}
		if n != 1 {
			c.bad(to, "say it once: by the rows, the column or the book", "%d places say the %s of column %s", n, about.what, col.At)
		}
	}
}

// unit wants one, and none that the header contradicts.
func (c *checker) unit(to []any, col *Column) {
	unit := first(col.Unit, c.book.Unit)
	if unit == "" {
		c.bad(to, "write unit, a key of data/units.csv", "nothing says the unit of column %s", col.At)
		return
	}
	indicator := first(col.Indicator, c.book.Indicator)
	if have, want := c.known.Units[unit], c.known.Indicators[indicator]; have != "" && want != "" && have != want {
		c.bad(to, "write a unit of the same measure", "%s measures %s, but %s is in %s", unit, have, indicator, want)
	}
	c.printedUnit(to, unit, slices.Collect(maps.Values(col.Header)))
}

// printedUnits are the units as tables print them.
var printedUnits = map[string]string{
	"元": "cny", "万元": "cny_10k", "亿元": "cny_100m", "人": "persons", "万人": "persons_10k", "%": "percent",
	"辆": "vehicles", "万辆": "vehicles_10k", "美元": "usd", "10 000 yuan": "cny_10k", "10000 yuan": "cny_10k", "100 million yuan": "cny_100m",
	"yuan": "cny", "10 000 persons": "persons_10k", "10000 persons": "persons_10k",
}

var unitForms = regexp.MustCompile(`(?:单位:|[(]|Unit:) *([^()]+?) *[)]?$`)

// printedUnit compares the unit with the one printed nearest: in the header of the
// column or label of the row, or else in the cells around.
func (c *checker) printedUnit(to []any, unit string, near []string) {
	for _, texts := range [][]string{near, slices.Collect(maps.Values(c.book.Cells))} {
		var printed []string
		for _, text := range texts {
			if m := unitForms.FindStringSubmatch(tidy(text)); m != nil && printedUnits[m[1]] != "" {
				printed = append(printed, printedUnits[m[1]])
			}
		}
		slices.Sort(printed)
		switch printed = slices.Compact(printed); {
		case len(printed) == 0:
			continue
		case !slices.Contains(printed, unit):
			c.bad(append(slices.Clone(to), "unit"), "look at the header again", "the unit is %q, but the text prints %s", unit, strings.Join(printed, ", "))
		}
		return
	}
}

// earlier is the year so many years before.
func earlier(year string, years int) string {
	n, err := strconv.Atoi(year)
	if err != nil {
		return year
	}
	return fmt.Sprintf("%04d", n-years)
}
