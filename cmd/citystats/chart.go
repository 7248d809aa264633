//go:build duckdb_arrow

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"citystats/charts"
	"citystats/charts/render"
	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/warehouse"
	queries "citystats/sql"
	"citystats/transforms/period"
)

// drawing is what chart and export were asked for, names resolved.
type drawing struct {
	region, benchmark, language, asOf string

	files       []string
	sheet       string
	list        bool
	definitions []charts.Definition
	catalog     *data.Catalog
	set         *queries.Set
}

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

// flags are those that chart and export share.
func (d *drawing) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&d.language, "lang", "en", "en, zh or both")
	cmd.Flags().StringVar(&d.asOf, "as-of", "", "draw what one would have read on this day, as 2023-08-05")
}

// load reads the definitions and resolves names.
func (d *drawing) load(a *app) (err error) {
	if d.catalog, d.set, err = a.definitions(); err != nil {
		return err
	}
	if d.definitions, err = charts.Load(d.catalog); err != nil {
		return err
	}
	d.definitions = slices.DeleteFunc(d.definitions, func(c charts.Definition) bool { return c.Embargoed(time.Now()) })
	if d.region != "" {
		if d.region, err = d.catalog.RegionIndex().Find(d.region); err != nil {
			return fault.New(fault.Usage, "", "see citystats regions", "%s", err.Error())
		}
	}
	for _, name := range []*string{&d.benchmark, &d.sheet} {
		if *name == "" {
			continue
		}
		if *name, err = d.catalog.BenchmarkIndex().Find(*name); err != nil {
			return fault.New(fault.Usage, "", "", "%s", err.Error())
		}
	}
	if !slices.Contains([]string{"en", "zh", "both"}, d.language) {
		return fault.New(fault.Usage, "", "write en, zh or both", "--lang %q is no language of charts", d.language)
	}
	if m, err := period.ParseMoment(d.asOf); d.asOf != "" && (err != nil || m.Precision != "day") {
		return fault.New(fault.Usage, "", "write it as 2023-08-05", "--as-of %q is not a day", d.asOf)
	}
	return nil
}

func (d *drawing) named(id string) (charts.Definition, error) {
	i := slices.IndexFunc(d.definitions, func(c charts.Definition) bool { return c.ID == id })
	if i < 0 {
		var ids []string
		for _, c := range d.definitions {
			ids = append(ids, c.ID)
		}
		return charts.Definition{}, fault.New(fault.Usage, "", "write one of "+strings.Join(ids, ", "), "there is no chart %q", id)
	}
	return d.definitions[i], nil
}

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

// opened is the live release as the charts of one command read it.
type opened struct {
	reader  *warehouse.Reader
	release string
}

// open opens the live release, as of the wanted day.
func (d *drawing) open(ctx context.Context, a *app) (opened, error) {
	r, m, err := a.reader(ctx)
	if err != nil {
		return opened{}, err
	}
	if d.asOf != "" {
		past := map[string]string{"observation_vintages": "SELECT * FROM release.main.observation_vintages WHERE visible_from <= DATE '" + d.asOf + "'"}
		if err := r.Overlay(ctx, d.set, past); err != nil {
			return opened{}, errors.Join(err, r.Close())
		}
	}
	return opened{r, m.ID}, nil
}

func (d *drawing) params(o opened) charts.Params {
	return charts.Params{Region: d.region, Benchmark: d.benchmark, Language: charts.Language(d.language), Release: o.release, AsOf: d.asOf}
}

// renderer draws; what it compiles is kept for the next time where the machine
// has a place for that.
func renderer() (*render.Renderer, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = ""
	} else {
		cache = filepath.Join(cache, "citystats")
	}
	return render.New(runtime.GOMAXPROCS(0), cache)
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
		if err := writeFile(name, content); err != nil {
			return err
		}
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

func writeFile(name string, content []byte) error {
	err := os.WriteFile(name, content, 0o644) //nolint:gosec // a file for whoever reads the folder
	return fault.Wrap(fault.Storage, err, name, "look at the folder and its permissions", "the file cannot be written")
}

// contactSheet draws the chart for every member of a pool that has figures.
func (a *app) contactSheet(ctx context.Context, d drawing, def charts.Definition, o opened) error {
	if len(d.files) != 1 || !strings.HasSuffix(d.files[0], ".png") {
		return fault.New(fault.Usage, "", "give -o cities.png", "a contact sheet is one .png")
	}
	members, err := o.reader.Query(ctx, "SELECT region FROM benchmark_members WHERE benchmark = ? ORDER BY region", d.sheet)
	if err != nil {
		return err
	}
	var all []*charts.Chart
	for _, row := range members.Rows {
		p := d.params(o)
		p.Region, _ = row[0].(string)
		c, err := charts.Resolve(ctx, o.reader, def, p)
		if fault.KindOf(err) == fault.Usage {
			fmt.Fprintln(a.err, "left out: "+err.Error())
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
	return writeFile(d.files[0], picture)
}
