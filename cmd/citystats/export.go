//go:build duckdb_arrow

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"citystats/charts"
	"citystats/charts/render"
	"citystats/internal/fault"
	"citystats/pipeline/durable"
)

func (a *app) exportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "export", Short: "Write what others take away into a folder",
		Example: "  citystats export charts public/",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.exportChartsCommand())
	return cmd
}

// export is one writing of a folder of charts.
type export struct {
	drawing
	dir     string
	regions []string
	pool    string

	opened                      opened
	renderer                    *render.Renderer
	folder                      charts.Folder
	drawn                       int
	written, unchanged, removed int
}

func (a *app) exportChartsCommand() *cobra.Command {
	var e export
	cmd := &cobra.Command{
		Use:   "charts DIR",
		Short: "Write every file of every chart into a folder",
		Long: `Writes what citystats chart ID -o would write, for every chart and every kind of
file, and datapackage.json, the index that lists them with their hashes.

Without a region each chart is of its own, as DIR/income.svg. With --region or
--pool every region has a folder named by its code, as DIR/320500/income.svg;
charts for which it has no figures, and claims about another region, are left out
and said.

Safe to run again, and safe to kill: a file is replaced whole or not at all, only
where its bytes differ, and the index comes last. Afterwards the folder holds what
this command says: what an earlier export wrote and this one does not is removed,
unless somebody changed it. Other files are left alone.`,
		Example: `  citystats export charts public/
  citystats export charts public/ --pool peers --lang zh
  citystats export charts public/ --region suzhou --region wuhan --as-of 2023-08-05`,
		Args:        usageArgs(cobra.ExactArgs(1)),
		Annotations: map[string]string{"formats": "table json"},
		RunE: func(cmd *cobra.Command, args []string) error {
			e.dir = args[0]
			return a.exportCharts(cmd.Context(), &e)
		},
	}
	f := cmd.Flags()
	e.flags(cmd)
	f.StringArrayVar(&e.regions, "region", nil, "region to draw; may be given more than once")
	f.StringVar(&e.pool, "pool", "", "draw every member of this benchmark")
	cmd.MarkFlagsMutuallyExclusive("region", "pool")
	return cmd
}

func (a *app) exportCharts(ctx context.Context, e *export) (err error) {
	if err := e.load(a); err != nil {
		return err
	}
	if e.opened, err = e.open(ctx, a); err != nil {
		return err
	}
	defer e.opened.reader.Close()
	if err := e.places(ctx); err != nil {
		return err
	}
	before, err := readIndex(e.dir)
	if err != nil {
		return err
	}
	if e.renderer, err = renderer(); err != nil {
		return err
	}
	defer e.renderer.Close(ctx) //nolint:errcheck // the process ends
	e.folder = charts.NewFolder(e.params(e.opened))
	if err := e.draw(ctx, a); err != nil {
		return err
	}
	if err := e.finish(before); err != nil {
		return err
	}
	if a.format == "json" {
		return writeJSON(a.out, object{{"release", e.opened.release}, {"charts", e.drawn}, {"files", len(e.folder.Resources)}, {"written", e.written}, {"unchanged", e.unchanged}, {"removed", e.removed}})
	}
	_, err = fmt.Fprintf(a.out, "%d charts, %d files in %s: %d written, %d unchanged, %d removed\n", e.drawn, len(e.folder.Resources), e.dir, e.written, e.unchanged, e.removed)
	return err
}

// places resolves the regions to draw; none is each chart's own.
func (e *export) places(ctx context.Context) (err error) {
	index := e.catalog.RegionIndex()
	for i, name := range e.regions {
		if e.regions[i], err = index.Find(name); err != nil {
			return fault.New(fault.Usage, "", "see citystats regions", "%s", err.Error())
		}
	}
	if e.pool == "" {
		slices.Sort(e.regions)
		e.regions = slices.Compact(e.regions)
		return nil
	}
	if e.pool, err = e.catalog.BenchmarkIndex().Find(e.pool); err != nil {
		return fault.New(fault.Usage, "", "", "%s", err.Error())
	}
	e.regions, err = e.opened.members(ctx, e.pool)
	return err
}

// readIndex is the index of an earlier export, empty where there is none.
func readIndex(dir string) (charts.Folder, error) {
	var f charts.Folder
	name := filepath.Join(dir, charts.Index)
	text, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, nil
	case err != nil:
		return f, durable.Explain(err, name)
	}
	if err := json.Unmarshal(text, &f); err != nil || f.Name != charts.NewFolder(charts.Params{}).Name {
		return f, fault.New(fault.Usage, name, "name another folder", "the folder holds another data package")
	}
	return f, nil
}

// draw writes every chart of every region.
func (e *export) draw(ctx context.Context, a *app) error {
	regions := e.regions
	if len(regions) == 0 {
		regions = []string{""}
	}
	defer a.meter.progress("", 0, 0)
	total := len(regions) * len(e.definitions)
	for i, region := range regions {
		for j, d := range e.definitions {
			a.meter.progress("drawing", i*len(e.definitions)+j, total)
			p := e.params(e.opened)
			p.Region = region
			c, err := charts.Resolve(ctx, e.opened.reader, d, p)
			if fault.KindOf(err) == fault.Usage {
				fmt.Fprintln(a.aside(), "left out: "+err.Error())
				continue
			}
			if err == nil {
				err = e.write(ctx, region, c)
			}
			if err != nil {
				return err
			}
			e.drawn++
		}
	}
	if e.drawn == 0 {
		return fault.New(fault.Usage, "", "name another region", "there is no figure for any chart")
	}
	return nil
}

// write makes the files of one chart and puts them where they differ.
func (e *export) write(ctx context.Context, region string, c *charts.Chart) error {
	made, err := c.Package(ctx, e.renderer, charts.Formats())
	if err != nil {
		return err
	}
	if err := durable.MkdirAll(filepath.Join(e.dir, region)); err != nil {
		return err
	}
	for _, m := range made {
		name := path.Join(region, c.ID+"."+m.Ending)
		if err := e.put(name, m.Content); err != nil {
			return err
		}
		e.folder.Add(name, c, m)
	}
	return nil
}

func (e *export) put(name string, content []byte) error {
	name = filepath.Join(e.dir, filepath.FromSlash(name))
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, content) {
		e.unchanged++
		return nil
	}
	e.written++
	return durable.WriteFile(name, content)
}

// finish removes what only the earlier index lists and writes the index. In this
// order: a file that no index lists any more would never be removed.
func (e *export) finish(before charts.Folder) error {
	now := map[string]bool{}
	for _, r := range e.folder.Resources {
		now[r.Path] = true
	}
	for _, r := range before.Resources {
		name := filepath.Join(e.dir, filepath.FromSlash(r.Path))
		content, err := os.ReadFile(name)
		if now[r.Path] || !filepath.IsLocal(r.Path) || err != nil || charts.Hash(content) != r.Hash {
			continue
		}
		if err := os.Remove(name); err != nil {
			return durable.Explain(err, name)
		}
		e.removed++
		_ = os.Remove(filepath.Dir(name)) // the folder of a region that has no files left; others stay
	}
	text, err := e.folder.Bytes()
	if err != nil {
		return err
	}
	name := filepath.Join(e.dir, charts.Index)
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, text) {
		return nil
	}
	return durable.WriteFile(name, text)
}
