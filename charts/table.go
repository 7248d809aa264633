//go:build duckdb_arrow

package charts

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// Table is the chart's figures as CSV, spreadsheet and metadata have them: one row
// a period (or region, or statement), empty where there is none.
type Table struct {
	Columns []Column
	Rows    [][]any // string, float64 or nil for missing
}

// Column is a column of a chart's table.
type Column struct {
	Name     string // ASCII, lower case
	Title    Text
	Datatype string // of CSVW: date, string, number, integer
	Note     string // what the column holds
}

// Table lays the figures out.
func (c *Chart) Table() Table {
	switch c.Kind {
	case Ranking:
		return c.rankTable()
	case Revisions:
		return c.statementTable()
	case Claims:
		return c.readingTable()
	case Lines, Gaps, Multiples:
	}
	return c.periodTable()
}

// periodTable has a row for each period and a column for each series, the gap, and
// the status of the series that are named in the chart.
func (c *Chart) periodTable() Table {
	t := Table{Columns: []Column{
		{"date", Text{"Date", "日期"}, "date", "First day of the period"},
		{"period", Text{"Period", "时期"}, "string", "The period"},
	}}
	for _, s := range c.Series {
		t.Columns = append(t.Columns, Column{s.Key, s.Name, "number", "In " + s.Unit.EN})
	}
	gaps := map[string]string{}
	if c.of(Focus) != nil && c.of(Bench) != nil {
		name, note := "gap_percent", "The region's figure less the benchmark's, in percent of the benchmark's"
		if c.Percent {
			name, note = "gap_points", "The region's figure less the benchmark's, in percentage points"
		}
		t.Columns = append(t.Columns, Column{name, Text{"Gap", "差距"}, "number", note})
		for _, g := range c.gaps() {
			text, sign := c.as(English).gap(g.own, g.other)
			number, _, _ := strings.Cut(strings.TrimSuffix(text, "%"), " ")
			if sign < 0 {
				number = "-" + number
			}
			gaps[g.period] = number
		}
	}
	for _, s := range c.Series {
		if s.Role != Peer {
			if c.Index != 0 {
				t.Columns = append(t.Columns, Column{s.Key + "_rise_percent", Text{s.Name.EN + ": rise since the base", s.Name.ZH + "：较基期增长"}, "number", "In percent of the base year's figure"})
			}
			t.Columns = append(t.Columns,
				Column{s.Key + "_status", Text{s.Name.EN + ": status", s.Name.ZH + "：状态"}, "string", "SDMX OBS_STATUS: A normal, P provisional, E derived, F forecast or target"},
				Column{s.Key + "_qualifier", Text{s.Name.EN + ": qualifier", s.Name.ZH + "：限定"}, "string", "exact, about, over or under"})
		}
	}
	for _, period := range c.periods() {
		t.Rows = append(t.Rows, c.periodRow(period, gaps))
	}
	return t
}

func (c *Chart) periodRow(period string, gaps map[string]string) []any {
	var values, statuses []any
	var start time.Time
	for _, s := range c.Series {
		p, ok := s.at(period)
		if !ok {
			values = append(values, nil)
		} else {
			values, start = append(values, p.Value), p.Start
		}
		if s.Role == Peer {
			continue
		}
		if c.Index != 0 {
			statuses = append(statuses, rise(p, ok))
		}
		statuses = append(statuses, text(p.Status), text(p.Qualifier))
	}
	row := append([]any{start.Format(time.DateOnly), period}, values...)
	if c.of(Focus) != nil && c.of(Bench) != nil {
		if gap, err := strconv.ParseFloat(strings.ReplaceAll(gaps[period], ",", ""), 64); err == nil {
			row = append(row, gap)
		} else {
			row = append(row, nil)
		}
	}
	return append(row, statuses...)
}

// rise is a cell with how far an indexed figure is from its base.
func rise(p Point, ok bool) any {
	if !ok {
		return nil
	}
	return round(p.Value - 100)
}

// text is a cell with a text, empty for none.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (c *Chart) rankTable() Table {
	t := Table{Columns: []Column{
		{"rank", Text{"Rank", "位次"}, "integer", "1 for the highest; regions with the same figure share a rank"},
		{"region", Text{"Region", "地区"}, "string", "English name"},
		{"region_zh", Text{"Region in Chinese", "地区（中文）"}, "string", "Chinese name"},
		{"period", Text{"Period", "时期"}, "string", "The period"},
		{c.Indicator, c.Title, "number", "In " + c.UnitName.EN},
		{"status", Text{"Status", "状态"}, "string", "SDMX OBS_STATUS: A normal, P provisional, E derived, F forecast or target"},
	}}
	for _, s := range c.Series {
		p := s.Points[0]
		place, _ := c.placeOf(s)
		t.Rows = append(t.Rows, []any{float64(place), s.Name.EN, s.Name.ZH, p.Period, p.Value, text(p.Status)})
	}
	return t
}

func (c *Chart) statementTable() Table {
	t := Table{Columns: []Column{
		{"date", Text{"Said on", "公布日期"}, "date", "Publication date of the document"},
		{"period", Text{"Period", "时期"}, "string", "The period that the figure is about"},
		{c.Indicator, c.Title, "number", "In " + c.UnitName.EN},
		{"change", Text{"Change", "变动"}, "number", "The figure less the one before"},
		{"status", Text{"Status", "状态"}, "string", "Standing of the figure with its publisher"},
		{"origin", Text{"Made by", "数据来源"}, "string", "Body that made the figure"},
	}}
	points := c.of(Focus).Points
	for i, p := range points {
		row := []any{p.Said.Format(time.DateOnly), p.Period, p.Value, nil, text(p.State), p.Publisher.EN}
		if i > 0 {
			row[3] = round(p.Value - points[i-1].Value)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// CSV is the table as RFC 4180 has it: UTF-8, comma, a header, ISO dates, a period
// before decimals, empty for missing, the shortest text of each number. With a byte
// order mark Excel reads it as UTF-8 too.
func (c *Chart) CSV(mark bool) ([]byte, error) {
	var b bytes.Buffer
	if mark {
		b.WriteString("\ufeff")
	}
	t := c.Table()
	w := csv.NewWriter(&b)
	header := make([]string, len(t.Columns))
	for i, col := range t.Columns {
		header[i] = col.Name
	}
	if err := w.Write(header); err != nil {
		return nil, err
	}
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			switch x := v.(type) {
			case string:
				cells[i] = x
			case float64:
				cells[i] = strconv.FormatFloat(x, 'f', -1, 64)
			}
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// Metadata describes the CSV as CSV on the Web has it, with all that a reader must
// be told.
func (c *Chart) Metadata() ([]byte, error) {
	var columns []any
	for _, col := range c.Table().Columns {
		columns = append(columns, object{
			"name": col.Name, "titles": object{"en": col.Title.EN, "zh": col.Title.ZH}, "datatype": col.Datatype, "dc:description": col.Note,
		})
	}
	en, zh := c.as(English), c.as(Chinese)
	bilingual := func(text func(*Chart) string) object { return object{"en": text(en), "zh": text(zh)} }
	notes := func(c *Chart) string { return strings.Join(c.Notes(), "\n") }
	return json.MarshalIndent(object{
		"@context": []any{"http://www.w3.org/ns/csvw", object{"@language": "en"}},
		"url":      c.ID + ".csv",
		"dc:title": bilingual((*Chart).Headline), "dc:description": bilingual((*Chart).Subtitle), "dc:source": bilingual((*Chart).SourceLine),
		"dc:license": bilingual((*Chart).Licence), "rdfs:comment": bilingual(notes), "dc:identifier": c.Release,
		"dc:abstract": bilingual((*Chart).Alt),
		"tableSchema": object{"columns": columns},
		"dialect":     object{"encoding": "utf-8", "delimiter": ",", "header": true},
	}, "", "  ")
}

// Spreadsheet is the table as .xlsx, with a second sheet that says what it is.
func (c *Chart) Spreadsheet() ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	const figures, about = "data", "about"
	if err := f.SetSheetName("Sheet1", figures); err != nil {
		return nil, err
	}
	if _, err := f.NewSheet(about); err != nil {
		return nil, err
	}
	t := c.Table()
	header := make([]any, len(t.Columns))
	for i, col := range t.Columns {
		header[i] = col.Name
	}
	for i, row := range append([][]any{header}, t.Rows...) {
		if err := f.SetSheetRow(figures, "A"+strconv.Itoa(i+1), &row); err != nil {
			return nil, err
		}
	}
	lines := [][]any{
		{"title", c.Headline()}, {"subtitle", c.Subtitle()}, {"sources", c.SourceLine()}, {"licence", c.Licence()}, {"release", c.Release}, {},
	}
	for _, n := range c.Notes() {
		lines = append(lines, []any{"note", n})
	}
	for _, col := range t.Columns {
		lines = append(lines, []any{col.Name, col.Title.EN, col.Title.ZH, col.Note})
	}
	for i, row := range lines {
		if err := f.SetSheetRow(about, "A"+strconv.Itoa(i+1), &row); err != nil {
			return nil, err
		}
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
