//go:build duckdb_arrow

package charts

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"citystats/internal/fault"
)

// StandsOn names the rows of the release that a cell of the chart's table was made
// of, in the form that citystats explain takes: DOCUMENT_ID:RECORD for a figure that
// was read, TABLE:KEY:KEY for one that a model computed. The cell is named by what
// its row is of (a period, a region, a day, a reading) and its column; without a
// column it is the row's number. A cell that holds nothing is an error of kind Usage.
func (c *Chart) StandsOn(row, column string) ([]string, error) {
	t := c.Table()
	at := slices.IndexFunc(t.Rows, func(cells []any) bool { return cells[t.column(c.RowName())] == row })
	if at < 0 {
		var known []string
		for _, cells := range t.Rows {
			name, _ := cells[t.column(c.RowName())].(string)
			known = append(known, name)
		}
		return nil, fault.New(fault.Usage, "", "write one of "+strings.Join(known, ", "), "the chart %s has no %s %q", c.ID, c.RowName(), row)
	}
	if column == "" {
		column = c.numberName()
	}
	i := t.column(column)
	if i < 0 || !t.Columns[i].numeric() {
		var known []string
		for _, col := range t.Columns {
			if col.numeric() {
				known = append(known, col.Name)
			}
		}
		return nil, fault.New(fault.Usage, "", "write one of "+strings.Join(known, ", "), "the chart %s has no figures in a column %q", c.ID, column)
	}
	if t.Rows[at][i] == nil && c.Kind != Claims { // why a reading has no number is worth telling
		return nil, fault.New(fault.Usage, "", "see citystats chart "+c.ID, "the chart %s has no %s for %s", c.ID, column, row)
	}
	return c.rests(at, row, column), nil
}

// column is the place of a column by its name; -1 when there is none.
func (t Table) column(name string) int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
}

func (c Column) numeric() bool { return c.Datatype == "number" || c.Datatype == "integer" }

// RowName is the column that names the rows of the chart's table.
func (c *Chart) RowName() string {
	switch c.Kind {
	case Ranking:
		return "region"
	case Revisions:
		return "date"
	case Claims:
		return "reading"
	case Lines, Gaps, Multiples:
	}
	return "period"
}

// numberName is the column of the number that the chart is about.
func (c *Chart) numberName() string {
	switch c.Kind {
	case Ranking, Revisions:
		return c.Indicator
	case Claims:
		return "value"
	case Lines, Gaps, Multiples:
	}
	return c.of(Focus).Key
}

func (c *Chart) rests(at int, row, column string) []string {
	switch {
	case c.Kind == Claims:
		return []string{"claim_checks:" + c.Claim + ":" + row}
	case c.Kind == Ranking && column == "rank": // it counts all that are higher
		var out []string
		for _, s := range c.Series {
			out = append(out, c.figure(s, s.Points[0])...)
		}
		return out
	case c.Kind == Ranking:
		return c.figure(c.Series[at], c.Series[at].Points[0])
	case c.Kind == Revisions && column == "change":
		s := c.of(Focus)
		return append(c.figure(*s, s.Points[at-1]), c.figure(*s, s.Points[at])...)
	case c.Kind == Revisions:
		return c.figure(*c.of(Focus), c.of(Focus).Points[at])
	case strings.HasPrefix(column, "gap_") && c.Index == 0:
		return []string{c.row("comparisons", c.Region.Code, c.Definition.Benchmark, c.Indicator, row)}
	}
	var out []string
	for _, s := range c.Series {
		p, ok := s.at(row)
		between := strings.HasPrefix(column, "gap_") && (s.Role == Focus || s.Role == Bench)
		if !ok || !between && column != s.Key && column != s.Key+"_rise_percent" {
			continue
		}
		if base, ok := s.at(strconv.Itoa(c.Index)); ok && base.Period != p.Period {
			out = append(out, c.figure(s, base)...)
		}
		out = append(out, c.figure(s, p)...)
	}
	return out
}

// figure names the row that a point of a series was read from.
func (c *Chart) figure(s Series, p Point) []string {
	switch {
	case p.Document != 0:
		return []string{fmt.Sprintf("%d:%d", p.Document, p.Record)}
	case s.Role == Bench:
		return []string{c.row("benchmark_observations", c.Definition.Benchmark, c.Region.Code, c.Indicator, p.Period)}
	case s.Role == Context:
		return []string{c.row("benchmark_observations", c.Context, c.Region.Code, strings.TrimPrefix(s.Key, c.Context+"_"), p.Period)}
	}
	return nil
}

// row names a row of a yearly table by a region and a benchmark, in its own order.
func (c *Chart) row(table, first, second, indicator, period string) string {
	return strings.Join([]string{table, first, second, indicator, "A", period}, ":")
}
