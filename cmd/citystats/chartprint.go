//go:build duckdb_arrow

package main

import (
	"fmt"
	"strings"

	"citystats/charts"
)

func (a *app) listCharts(all []charts.Definition) error {
	g := &grid{columns: []column{{"id", "Chart", false}, {"kind", "Kind", false}, {"title", "What it shows", false}, {"title_zh", "", false}, {"indicator", "", false}, {"benchmark", "", false}}}
	for _, d := range all {
		g.add(shown(d.ID), shown(string(d.Kind)), shown(d.Title.EN), shown(d.Title.ZH), shown(d.Indicator), shown(d.Benchmark))
	}
	switch a.format {
	case "json":
		return writeJSON(a.out, g.objects())
	case "csv":
		return g.csv(a.out)
	}
	if err := g.table(a.out); err != nil {
		return err
	}
	fmt.Fprintln(a.out, "\nA file's name ends in:")
	for _, f := range charts.Formats() {
		fmt.Fprintf(a.out, "  %-14s %s\n", f.Ending, f.What)
	}
	return nil
}

// printChart shows a chart where no picture can be.
func (a *app) printChart(c *charts.Chart) error {
	if a.format != "table" {
		content, err := map[string]func() ([]byte, error){"csv": func() ([]byte, error) { return c.CSV(false) }, "json": c.Metadata}[a.format]()
		if err != nil {
			return err
		}
		_, err = a.out.Write(content)
		return err
	}
	fmt.Fprintf(a.out, "%s\n%s\n\n", c.Headline(), c.Subtitle())
	if err := chartGrid(c).table(a.out); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	for _, n := range append(c.Notes(), c.SourceLine(), c.Licence()) {
		fmt.Fprintln(a.out, n)
	}
	return nil
}

// chartGrid is the chart's table for people: without the columns that its notes
// put into words.
func chartGrid(c *charts.Chart) *grid {
	g := &grid{}
	t := c.Table()
	for _, col := range t.Columns {
		head := col.Title.In(c.Language)
		if strings.HasSuffix(col.Name, "_status") || strings.HasSuffix(col.Name, "_qualifier") {
			head = ""
		}
		g.columns = append(g.columns, column{col.Name, head, col.Datatype == "number"})
	}
	for _, row := range t.Rows {
		cells := make([]cell, len(row))
		for i, v := range row {
			cells[i] = shown(v)
			if x, ok := v.(float64); ok && t.Columns[i].Datatype == "number" {
				cells[i].text = number(x, -1)
			}
		}
		g.add(cells...)
	}
	return g
}
