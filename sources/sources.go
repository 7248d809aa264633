// Package sources lists every source. Adding one is a folder here, a line in
// All, and a row in data/sources.csv.
package sources

import (
	"fmt"
	"io/fs"

	"citystats/data"
	"citystats/sources/bundled"
	"citystats/sources/sdmx"
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
	return []source.Source{
		bundled.New(documents),
		worldbank.New(worldbank.Config{Series: c.CodesOf("worldbank"), Countries: c.Countries()}),
		sdmx.New(speaker(c, "ecb")),
		sdmx.New(speaker(c, "eurostat_sdmx")),
		sdmx.New(speaker(c, "imf")),
		sdmx.New(speaker(c, "oecd")),
		sdmx.New(speaker(c, "worldbank_sdmx")),
	}, nil
}

// speaker is a publisher that speaks SDMX: where its service is stands in
// sources.csv, what is asked of it in sdmx_queries.csv.
func speaker(c *data.Catalog, id string) sdmx.Config {
	config := sdmx.Config{ID: id}
	for _, s := range c.Sources {
		if s.ID == id {
			config.Title, config.Publisher, config.BaseURL = s.TitleEN, s.Publisher, s.URL
		}
	}
	for _, q := range c.SDMXQueries {
		if q.Source != id {
			continue
		}
		config.Queries = append(config.Queries, sdmx.Query{
			Name: q.Name, Title: q.Title, Interface: q.Interface, Path: q.Path, Agency: q.Agency, Flow: q.Flow,
			Version: q.Version, Key: q.Key, Format: q.Format, Start: q.Start, Area: q.Area, Dimensions: q.Dimensions,
			Measure: q.Measure, LatestActual: q.LatestActual, Origin: q.Origin, History: q.History, Structure: q.Structure,
		})
	}
	return config
}
