package nbs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"citystats/sources/grid"
	"citystats/sources/source"
)

// A table saved from the site looks like this, as .xls or CSV:
//
//	数据库：主要城市年度数据
//	指标：国内生产总值(亿元)
//	时间：最近20年
//	地区          2018年   2017年
//	合肥                   7213.45
//	数据来源：国家统计局
//
// Two of the three dimensions 指标 (indicator), 地区 (area) and 时间 (period) are
// the table's, the third stands above it; in a national database 地区 may be
// missing. The last line says that the table is whole. An empty cell is a figure
// that is not published.

// The dimensions as tables call them.
const (
	byIndicator = "指标"
	byArea      = "地区"
	byPeriod    = "时间"
	database    = "数据库"
)

// footer ends a table.
const footer = "数据来源：国家统计局"

// saved is a table saved from the site, as it is read.
type saved struct {
	tree    tree
	above   map[string]string // what stands above it: the database and one dimension
	rows    string            // dimension of the first column
	columns string            // dimension of the heads
	heads   []string
}

// export reads a saved table.
func (d *decoder) export(doc source.Document) error {
	sheets, err := grid.Read(doc.Body)
	if err != nil {
		return err
	}
	tables := 0
	for i := range sheets {
		if len(sheets[i].Rows) == 0 || sheets[i].Hidden {
			continue
		}
		tables++
		if err := d.table(&sheets[i]); err != nil {
			return fmt.Errorf("sheet %q: %w", sheets[i].Name, err)
		}
	}
	if tables == 0 {
		return errors.New("there is no sheet to be seen")
	}
	return nil
}

// table reads the lines above the table, its head, its rows and its last line.
func (d *decoder) table(sheet *grid.Sheet) error {
	t := saved{above: map[string]string{}}
	for i := range sheet.Rows {
		first := strings.TrimSpace(sheet.At(i, 0).Text)
		switch name, value, titled := strings.Cut(strings.ReplaceAll(first, ":", "："), "："); {
		case strings.ReplaceAll(first, ":", "：") == footer && t.heads != nil:
			return nil
		case t.heads != nil:
			if err := d.line(sheet, i, &t); err != nil {
				return err
			}
		case titled:
			t.above[name] = strings.TrimSpace(value)
		case first == byArea || first == byIndicator || first == byPeriod:
			if err := t.head(sheet, i); err != nil {
				return err
			}
		case first != "":
			return fmt.Errorf("%s is %q, where a saved table has its database, a dimension or its head", grid.Address(i, 0), clip([]byte(first)))
		}
	}
	return fmt.Errorf("it does not end with %s: it is cut short, or nothing that the site saves", footer)
}

// head reads the heads of the columns in row i and finds out what they are.
func (t *saved) head(sheet *grid.Sheet, i int) error {
	known := false
	for _, candidate := range trees {
		if candidate.title == t.above[database] {
			t.tree, known = candidate, true
		}
	}
	if !known {
		return fmt.Errorf("its database %q is none of those read here", clip([]byte(t.above[database])))
	}
	periods := 0
	for column := 1; column < len(sheet.Rows[i]); column++ {
		text := strings.TrimSpace(sheet.At(i, column).Text)
		t.heads = append(t.heads, text)
		if text != "" && wordPeriod(text) != "" {
			periods++
		}
	}
	t.rows = strings.TrimSpace(sheet.At(i, 0).Text)
	t.columns = t.across(periods > 0)
	if len(t.heads) == 0 {
		return errors.New("its head has no columns")
	}
	return t.third()
}

// across is the dimension of the columns.
func (t *saved) across(periods bool) string {
	switch {
	case periods && t.rows != byPeriod:
		return byPeriod
	case t.rows == byArea:
		return byIndicator
	case t.rows == byIndicator || t.above[byIndicator] != "":
		return byArea
	}
	return byIndicator
}

// third wants the dimension that is not the table's to stand above it.
func (t *saved) third() error {
	for _, dimension := range []string{byIndicator, byArea, byPeriod} {
		if dimension == t.rows || dimension == t.columns || t.above[dimension] != "" {
			continue
		}
		if dimension == byArea && t.tree.scope == nation {
			t.above[byArea] = wholeNation
			continue
		}
		return fmt.Errorf("it does not say of which %s it is", dimension)
	}
	return nil
}

// line reads the figures of one row.
func (d *decoder) line(sheet *grid.Sheet, i int, t *saved) error {
	label := strings.TrimSpace(sheet.At(i, 0).Text)
	for column := 1; column < len(sheet.Rows[i]); column++ {
		cell := sheet.At(i, column)
		if cell.Merged {
			continue
		}
		value := strings.TrimSpace(cell.Text)
		if cell.IsNumber {
			value = strconv.FormatFloat(cell.Number, 'f', -1, 64)
		}
		if value == "" {
			continue
		}
		d.n++
		where := grid.Address(i, column) + " " + value
		if column > len(t.heads) || t.heads[column-1] == "" || label == "" {
			_ = d.reject("a figure without a head of its column or a name of its row", []byte(where))
			continue
		}
		if err := d.cell(t, label, t.heads[column-1], value, where); err != nil {
			return err
		}
	}
	return nil
}

// cell reads one figure, given what its row and its column are about.
func (d *decoder) cell(t *saved, label, head, value, where string) error {
	at := func(dimension string) string {
		switch dimension {
		case t.rows:
			return label
		case t.columns:
			return head
		}
		return t.above[dimension]
	}
	name, unit := nameAndUnit(at(byIndicator))
	f := figure{series: t.tree.title + " " + name, area: at(byArea), named: true, period: wordPeriod(at(byPeriod)), unit: unit, value: value}
	if t.tree.scope == nation {
		f.named = false
		if area := plain(f.area); area == "全国" || area == "国家" {
			f.area = wholeNation
		}
	}
	if f.period == "" {
		return d.reject(fmt.Sprintf("its period %q is none of the forms 2024年, 2024年第四季度, 2024年12月", clip([]byte(at(byPeriod)))), []byte(where))
	}
	versions := d.source.byTitle[t.tree.title+name]
	if len(versions) == 0 {
		return d.outside(f, []byte(where))
	}
	c := versions[0]
	for _, version := range versions[1:] {
		if version.covers(f.period) {
			c = version
		}
	}
	return d.observe(c, f, []byte(where))
}
