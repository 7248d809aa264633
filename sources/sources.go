// Package sources lists every source. Adding one is a folder here, a line in
// All, and a row in data/sources.csv.
package sources

import (
	"fmt"
	"io/fs"

	"citystats/data"
	"citystats/sources/bundled"
	"citystats/sources/jsonstat"
	"citystats/sources/source"
	"citystats/sources/worldbank"
)

// All returns the sources, in the order they are asked. What each should fetch
// comes from the definitions.
func All(c *data.Catalog) ([]source.Source, error) {
	documents, err := fs.Sub(c.Files, data.DocumentsDir)
	if err != nil {
		return nil, fmt.Errorf("folder of bundled documents: %w", err)
	}
	all := []source.Source{
		bundled.New(documents),
		worldbank.New(worldbank.Config{Series: c.CodesOf("worldbank"), Countries: c.Countries()}),
	}
	return append(all, jsonstats(c)...), nil
}

// jsonstats is a source for each that has rows in data/jsonstat_queries.csv; its
// address is the one in data/sources.csv.
func jsonstats(c *data.Catalog) []source.Source {
	queries := map[string][]jsonstat.Query{}
	for _, q := range c.JSONStatQueries {
		queries[q.Source] = append(queries[q.Source], jsonstat.Query{
			Name: q.Name, Dialect: jsonstat.Dialect(q.Dialect), Path: q.Path, Table: q.Table, Selections: q.Selections,
			Area: q.Area, Region: q.Region, Time: q.Time, MaxCells: q.MaxCells,
		})
	}
	var all []source.Source
	for _, s := range c.Sources {
		if asked := queries[s.ID]; asked != nil {
			all = append(all, jsonstat.New(jsonstat.Config{ID: s.ID, Title: s.TitleEN, Publisher: s.Publisher, BaseURL: s.URL, Queries: asked}))
		}
	}
	return all
}
