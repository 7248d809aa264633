//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"citystats/charts"
	"citystats/internal/fault"
	"citystats/pipeline/durable"
)

func (a *app) chartCommand() *cobra.Command {
	var d drawing
	cmd := &cobra.Command{
		Use:   "chart [ID]",
		Short: "Draw a chart of the live release, of any region",
		Long: `Draws a chart that data/charts.yaml defines. The ending of a file's name says
what it becomes: see citystats chart --list. Without -o its figures and
everything that must be printed with them are shown.

Headlines, notes, source line and the description for who cannot see the
picture are made from the data. The same release gives the same bytes.`,
		Example: `  citystats chart --list
  citystats chart income -o income.svg -o income.csv
  citystats chart income --region suzhou --lang zh -o suzhou.2x.png
  citystats chart growth --as-of 2023-08-05 -o growth.png
  citystats chart income --contact-sheet peers -o cities.png`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.load(a); err != nil {
				return err
			}
			if d.list || len(args) == 0 {
				return a.listCharts(d.definitions)
			}
			def, err := d.named(args[0])
			if err != nil {
				return err
			}
			return a.chart(cmd.Context(), d, def)
		},
	}
	f := cmd.Flags()
	d.flags(cmd)
	f.StringVar(&d.region, "region", "", "region to draw; the chart's own when left out")
	f.StringVar(&d.benchmark, "benchmark", "", "benchmark to compare with; the chart's own when left out")
	f.StringArrayVarP(&d.files, "output", "o", nil, "file to write; may be given more than once")
	f.StringVar(&d.sheet, "contact-sheet", "", "one picture of the chart for every member of this benchmark")
	f.BoolVar(&d.list, "list", false, "list the charts and the kinds of file")
	return cmd
}

func (a *app) chart(ctx context.Context, d drawing, def charts.Definition) error {
	for _, name := range d.files {
		if _, err := charts.FormatOf(name); err != nil {
			return err
		}
	}
	o, err := d.open(ctx, a)
	if err != nil {
		return err
	}
	defer o.reader.Close()
	if d.sheet != "" {
		return a.contactSheet(ctx, d, def, o)
	}
	c, err := charts.Resolve(ctx, o.reader, def, d.params(o))
	if err != nil {
		return err
	}
	if len(d.files) == 0 {
		return a.printChart(c)
	}
	r, err := renderer()
	if err != nil {
		return err
	}
	defer r.Close(ctx) //nolint:errcheck // the process ends
	for _, name := range d.files {
		f, err := charts.FormatOf(name)
		if err != nil {
			return err
		}
		content, err := f.File(ctx, r, c)
		if err != nil {
			return err
		}
		if err := durable.WriteFile(name, content); err != nil {
			return err
		}
	}
	return nil
}

// contactSheet draws the chart for every member of a pool that has figures.
func (a *app) contactSheet(ctx context.Context, d drawing, def charts.Definition, o opened) error {
	if len(d.files) != 1 || !strings.HasSuffix(d.files[0], ".png") {
		return fault.New(fault.Usage, "", "give -o cities.png", "a contact sheet is one .png")
	}
	members, err := o.members(ctx, d.sheet)
	if err != nil {
		return err
	}
	var all []*charts.Chart
	for _, region := range members {
		p := d.params(o)
		p.Region = region
		c, err := charts.Resolve(ctx, o.reader, def, p)
		if fault.KindOf(err) == fault.Usage {
			fmt.Fprintln(a.aside(), "left out: "+err.Error())
			continue
		}
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return fault.New(fault.Usage, "", "name another benchmark or chart", "no member of %s has figures for the chart %s", d.sheet, def.ID)
	}
	r, err := renderer()
	if err != nil {
		return err
	}
	defer r.Close(ctx) //nolint:errcheck // the process ends
	defer a.meter.progress("", 0, 0)
	picture, err := charts.Sheet(ctx, r, all, charts.Look{Theme: charts.Light, Size: charts.Standard}, 4, 696, func(done, total int) { a.meter.progress("drawing", done, total) })
	if err != nil {
		return err
	}
	return durable.WriteFile(d.files[0], picture)
}
