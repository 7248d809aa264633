//go:build duckdb_arrow

package charts_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	_ "github.com/duckdb/duckdb-go/v2"

	"citystats/charts"
	"citystats/charts/render"
	"citystats/data"
	"citystats/pipeline/warehouse"
)

var update = flag.Bool("update", false, "write what is drawn now as what is wanted")

// The store of the tests is a frozen extract of a release, and the renderer is one
// for all of them.
var (
	file   string
	drawer *render.Renderer
)

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "charts")
	if err == nil {
		file = filepath.Join(dir, "store.duckdb")
		err = build(file)
	}
	if err == nil {
		drawer, err = render.New(2, filepath.Join(dir, "cache"))
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, "the store of the tests cannot be made:", err)
	} else {
		code = m.Run()
		_ = drawer.Close(context.Background())
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// build loads testdata/store into a database file.
func build(path string) error {
	db, err := sql.Open("duckdb", path)
	if err != nil {
		return err
	}
	defer db.Close()
	ddl, err := os.ReadFile("testdata/store/store.sql")
	if err != nil {
		return err
	}
	if _, err := db.Exec(string(ddl)); err != nil {
		return err
	}
	tables, err := filepath.Glob("testdata/store/*.csv")
	for _, t := range tables {
		if _, err := db.Exec("COPY " + strings.TrimSuffix(filepath.Base(t), ".csv") + " FROM '" + t + "' (HEADER)"); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
	}
	return err
}

func store(t testing.TB) *warehouse.Reader {
	t.Helper()
	r, err := warehouse.OpenReader(t.Context(), file, warehouse.Limits{MemoryMB: 256})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// definitions are the charts of testdata/charts.yaml.
func definitions(t testing.TB) []charts.Definition {
	t.Helper()
	text, err := os.ReadFile("testdata/charts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return defined(t, string(text))
}

func defined(t testing.TB, yaml string) []charts.Definition {
	t.Helper()
	all, err := load(t, yaml)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func load(t testing.TB, yaml string) ([]charts.Definition, error) {
	t.Helper()
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	catalog.Files = fstest.MapFS{charts.File: {Data: []byte(yaml)}}
	return charts.Load(catalog)
}

func definition(t testing.TB, id string) charts.Definition {
	t.Helper()
	for _, d := range definitions(t) {
		if d.ID == id {
			return d
		}
	}
	t.Fatalf("testdata/charts.yaml has no chart %s", id)
	return charts.Definition{}
}

const release = "2026-01-31-0123abcd"

// resolved is a chart of the tests' store.
func resolved(t testing.TB, id, region string, l charts.Language) *charts.Chart {
	t.Helper()
	c, err := charts.Resolve(t.Context(), store(t), definition(t, id), charts.Params{Region: region, Language: l, Release: release})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	languages = []charts.Language{charts.English, charts.Chinese, charts.Both}
	looks     = []charts.Look{
		{Theme: charts.Light, Size: charts.Standard}, {Theme: charts.Dark, Size: charts.Standard},
		{Theme: charts.Light, Size: charts.Social}, {Theme: charts.Light, Size: charts.Square},
	}
)

// every calls f for every chart that the store has figures for, in every language.
func every(t *testing.T, f func(t *testing.T, c *charts.Chart)) {
	t.Helper()
	s := store(t)
	for _, d := range definitions(t) {
		regions := []string{"340100", "320100"}
		if d.Kind == charts.Claims {
			regions = regions[:1]
		}
		for _, region := range regions {
			for _, l := range languages {
				c, err := charts.Resolve(t.Context(), s, d, charts.Params{Region: region, Language: l, Release: release})
				if err != nil {
					continue // TestWhatLacksIsSaid looks at these
				}
				t.Run(fmt.Sprintf("%s/%s/%s", d.ID, region, l), func(t *testing.T) { f(t, c) })
			}
		}
	}
}

func name(l charts.Look) string { return l.Theme.ID + " " + l.Size.ID }
