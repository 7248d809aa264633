//go:build duckdb_arrow

package main

import (
	"context"
	"errors"
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
)

// drawing is what chart and export were asked for, names resolved.
type drawing struct {
	region, benchmark, language, asOf string

	files       []string
	sheet       string
	list        bool
	now         time.Time
	definitions []charts.Definition
	catalog     *data.Catalog
	set         *queries.Set
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
	d.now = time.Now()
	d.definitions = slices.DeleteFunc(d.definitions, func(c charts.Definition) bool { return c.Embargoed(d.now) })
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
	return charts.Params{Language: charts.Language(d.language), AsOf: d.asOf}.Check()
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

// opened is the live release as the charts of one command read it.
type opened struct {
	reader  *warehouse.Reader
	release string
}

// open opens the live release, as of the wanted day and without what is under embargo.
func (d *drawing) open(ctx context.Context, a *app) (opened, error) {
	r, m, err := a.reader(ctx)
	if err != nil {
		return opened{}, err
	}
	view := warehouse.View{AsOf: d.asOf, Withheld: d.catalog.Withheld(d.now)}
	if err := r.See(ctx, d.catalog, d.set, view); err != nil {
		return opened{}, errors.Join(err, r.Close())
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

// members are the regions of a benchmark's pool.
func (o opened) members(ctx context.Context, pool string) ([]string, error) {
	found, err := o.reader.Query(ctx, "SELECT region FROM benchmark_members WHERE benchmark = ? ORDER BY region", pool)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, row := range found.Rows {
		code, _ := row[0].(string)
		out = append(out, code)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Usage, "", "name one such as peers", "the benchmark %s has no members", pool)
	}
	return out, nil
}
