package communique

import (
	"regexp"
	"strconv"
	"strings"

	"citystats/sources/source"
)

// column is what a column of a table holds.
type column struct {
	holds  byte // 'l' labels, 'u' units, 'v' amounts, 'g' growth, 0 something else
	unit   string
	period span
}

var (
	labelHead  = regexp.MustCompile(`^(?:指标(?:名称)?|项目|名称)$`)
	unitHead   = regexp.MustCompile(`^(?:计量)?单位$`)
	amountHead = regexp.MustCompile(`^(?:(?:19|20)\d\d年)?(?:绝对[数量值]|总量|数值|实绩|完成数?|全年|年度?|累计|1-\d+月(?:累计)?|上半年|前三季度|一季度)?(?:\(([^()]+)\)?)?$`)
	growthHead = regexp.MustCompile(`^(?:(?:比|较)(?:上年|((?:19|20)\d\d)年)(?:同期)?|同比)?(?:增长|增减|增速|±|\+-)(?:速度|率|幅)?(?:\(?[+±-]*%\)?|\(.*)?$`)
	cornerUnit = regexp.MustCompile(`单位:?(万亿元|亿元|万元|元|万人|人)`)
	labelUnit  = regexp.MustCompile(`^(.+?)\((万亿元|亿元|万元|元|万人|人|%|上年(?:同期)?=100[^()]*)\)$`)
	numbering  = regexp.MustCompile(`^(?:[一二三四五六七八九十]+、|\(?\d{1,2}[.、)]|#|\*|其中:?|-)+`)
	cellNumber = regexp.MustCompile(`^([-+]?)` + number + `%?$`)
	cellFalls  = regexp.MustCompile(`^(下降|负增长)` + number + `%?$`)
)

// tableOf reads a table of figures: one column of labels, one of amounts or one for each
// of several years, one of growth, as their headings say. A table with other headings
// is passed over, unless a label of it is one that is looked for.
func (r *reading) tableOf(n int, rows [][]string, above string) {
	head, columns := headOf(rows, above, r.period)
	for i := head + 1; i < len(rows); i++ {
		if len(rows[i]) == 0 {
			continue
		}
		sub, unit := labelled(rows[i], columns)
		if sub == nil {
			continue
		}
		if columns == nil || !fits(i+1, rowBits) || !fits(len(rows[i]), columnBits) || !fits(n, tableBits) {
			r.unreadRow(n, i, rows[i], sub)
			continue
		}
		for c := range min(len(rows[i]), len(columns)) {
			r.cell(n, i, c, rows[i], columns[c], sub, unit)
		}
	}
}

// unreadRow rejects a row that has a label that is looked for and no known headings.
func (r *reading) unreadRow(n, i int, row []string, sub *subject) {
	if !strings.ContainsAny(strings.Join(row[1:], ""), "0123456789") {
		return
	}
	f := &finding{record: inTable(min(n, 1<<tableBits-1), min(i+1, 1<<rowBits-1), 1), subject: sub, quote: strings.Join(row, " | ")}
	f.fail("the headings of the table are not understood")
	r.found = append(r.found, f)
}

// headOf finds the row of headings and what they say; no columns when there is none.
func headOf(rows [][]string, above string, doc span) (int, []column) {
	corner := ""
	if m := cornerUnit.FindStringSubmatch(plain(above).plain); m != nil {
		corner = m[1]
	}
	for i, row := range rows[:min(len(rows), 6)] {
		for _, c := range row {
			if m := cornerUnit.FindStringSubmatch(plain(c).plain); m != nil {
				corner = m[1]
			}
		}
		if columns := columnsOf(row, corner, doc); columns != nil {
			return i, columns
		}
	}
	return -1, nil
}

// columnsOf reads headings; nil when they are none.
func columnsOf(row []string, corner string, doc span) []column {
	columns := make([]column, len(row))
	labels, amounts, growths, seen := 0, 0, 0, map[span]bool{}
	for i, c := range row {
		head := plain(c).plain
		columns[i].period = doc
		switch m := amountHead.FindStringSubmatch(head); {
		case labelHead.MatchString(head):
			columns[i].holds = 'l'
			labels++
		case unitHead.MatchString(head):
			columns[i].holds = 'u'
		case growthHead.MatchString(head):
			if since := growthHead.FindStringSubmatch(head)[1]; since != "" && since != strconv.Itoa(doc.year-1) {
				return nil
			}
			columns[i].holds = 'g'
			growths++
		case m != nil && head != "":
			columns[i].holds, columns[i].unit = 'v', corner
			if _, ok := units[m[1]]; ok {
				columns[i].unit = m[1]
			}
			columns[i].dated(head, doc)
			if amounts++; seen[columns[i].period] {
				return nil // two amounts of one time
			}
			seen[columns[i].period] = true
		}
	}
	if labels != 1 || amounts+growths == 0 || growths > 1 {
		return nil
	}
	return columns
}

// dated takes the time that a heading names.
func (c *column) dated(head string, doc span) {
	w, ok := timeOf(head)
	if p, problem := w.within(doc); ok && problem == "" {
		c.period = p
	} else {
		c.period = span{}
	}
}

// labelled finds what a row is about, and the unit it states itself.
func labelled(row []string, columns []column) (*subject, string) {
	label := row[0]
	unit := ""
	for i, c := range columns {
		switch {
		case i >= len(row):
		case c.holds == 'l':
			label = row[i]
		case c.holds == 'u':
			unit = plain(row[i]).plain
		}
	}
	name := numbering.ReplaceAllString(plain(label).plain, "")
	if m := labelUnit.FindStringSubmatch(name); m != nil {
		name, unit = m[1], m[2]
	}
	for word := range relative {
		name = strings.TrimPrefix(name, word)
	}
	name = strings.TrimPrefix(name, "年末")
	sub, from, to := find(name)
	if sub == nil || from != 0 || to != len(name) || sub.silent {
		return nil, ""
	}
	return sub, unit
}

// cell reads one cell.
func (r *reading) cell(n, i, c int, row []string, col column, sub *subject, unit string) {
	if col.holds != 'v' && col.holds != 'g' {
		return
	}
	v, decimals, ok := cellValue(plain(row[c]).plain)
	if !ok {
		return // a dash or a blank: there is no figure
	}
	f := &finding{
		record: inTable(n, i+1, c+1), subject: sub, place: r.place, period: col.period, value: v, decimals: decimals, status: r.status,
		quote: strings.Join(row, " | "),
	}
	r.found = append(r.found, f)
	switch {
	case r.conflict != "":
		f.fail("%s", r.conflict)
	case r.g.ambiguous(r.place):
		f.fail("several areas are called %s", r.place)
	case r.place.region() == "":
		f.fail("nothing says which area it is about")
	}
	if f.period.year < r.period.year {
		f.status = max(f.status, source.Revised)
	}
	if col.holds == 'g' {
		r.growthCell(f, sub)
	} else {
		r.amountCell(f, sub, first(unit, col.unit), plain(row[c]).plain)
	}
	f.attend(r.period)
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// cellValue reads a number, also one that falls.
func cellValue(s string) (v float64, decimals int, ok bool) {
	if s == "持平" {
		return 0, 0, true
	}
	if m := cellFalls.FindStringSubmatch(s); m != nil {
		v, decimals = printedNumber(m[2])
		return -v, decimals, true
	}
	m := cellNumber.FindStringSubmatch(s)
	if m == nil {
		return 0, 0, false
	}
	v, decimals = printedNumber(m[2])
	if m[1] == "-" {
		v = -v
	}
	return v, decimals, true
}

// growthCell says which growth it is.
func (r *reading) growthCell(f *finding, sub *subject) {
	f.unit, f.growth, f.indicator = "percent", true, sub.growth
	if sub.growth == "" {
		r.found = r.found[:len(r.found)-1] // growth that nobody asks for
		return
	}
	if sub.id == "gdp" && !r.constant {
		f.notes = append(f.notes, "The table does not say at which prices.")
	}
}

// amountCell gives the number its unit. Consumer prices are printed as an index.
func (r *reading) amountCell(f *finding, sub *subject, unit, printed string) {
	if sub.index {
		f.unit, f.growth, f.indicator = "percent", true, sub.growth
		if f.value < 80 || f.value > 140 {
			f.fail("an index with the year before = 100 is not %v", f.value)
		}
		f.derived = "index " + printed + " minus 100"
		f.value = round(f.value-100, f.decimals)
		return
	}
	u, ok := units[unit]
	f.indicator = sub.level
	switch {
	case unit == "%" || sub.level == "":
		r.found = r.found[:len(r.found)-1]
		return
	case !ok || !measures(sub, unit):
		f.fail("the table does not say in which unit it is")
		return
	}
	f.unit, f.mult = u.id, u.mult
	if base := f.value * u.worth; base < sub.low || base > sub.high {
		f.fail("%v %s is no plausible amount", f.value, unit)
	}
}

// exploded puts tables together again that a copy has broken into a paragraph for
// each cell: headings that are known, and then rows of as many cells, each with a
// label and numbers.
func exploded(blocks []block) []block {
	var out []block
	for i := 0; i < len(blocks); i++ {
		rows, n := explodedAt(blocks[i:])
		if n == 0 {
			out = append(out, blocks[i])
			continue
		}
		out = append(out, block{page: blocks[i].page, rows: rows})
		i += n - 1
	}
	return out
}

// explodedAt says how many blocks such a table at the beginning takes; none if its
// cells do not come out even.
func explodedAt(blocks []block) (rows [][]string, n int) {
	const widestHead = 5
	var head []string
	for _, b := range blocks[:min(len(blocks), widestHead)] {
		if head = append(head, b.raw); b.rows != nil || !heads(b.raw) {
			head = head[:len(head)-1]
			break
		}
	}
	if len(head) < 2 || columnsOf(head, "", span{}) == nil {
		return nil, 0
	}
	rows, n = [][]string{head}, len(head)
	for n+len(head) <= len(blocks) {
		var row []string
		for _, b := range blocks[n : n+len(head)] {
			if row = append(row, b.raw); b.rows != nil || len(b.raw) > longestCell {
				return finish(rows, n)
			}
		}
		if !rowLike(row) {
			return finish(rows, n)
		}
		rows, n = append(rows, row), n+len(row)
	}
	return finish(rows, n)
}

func finish(rows [][]string, n int) ([][]string, int) {
	if len(rows) < 2 {
		return nil, 0
	}
	return rows, n
}

// heads says whether a text is a heading of a column.
func heads(raw string) bool {
	if len(raw) > longestCell {
		return false
	}
	head := plain(raw).plain
	return labelHead.MatchString(head) || unitHead.MatchString(head) || growthHead.MatchString(head) || head != "" && amountHead.MatchString(head)
}

// rowLike wants a label first, a number last, and nothing that is a label again.
func rowLike(row []string) bool {
	label := plain(row[0]).plain
	if _, _, number := cellValue(label); number || label == "" || label == "-" {
		return false
	}
	for _, c := range row[1:] {
		p := plain(c).plain
		if _, _, number := cellValue(p); !number && p != "-" && units[p].id == "" && p != "%" {
			return false
		}
	}
	return true
}
