// Package sources lists every source. Adding one is a folder here, a line in
// All, and a row in data/sources.csv.
package sources

import (
	"fmt"
	"io/fs"

	"citystats/data"
	"citystats/sources/bundled"
	"citystats/sources/nbs"
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
		nbs.New(nbs.Config{Catalogues: nbsCatalogues(c)}),
		worldbank.New(worldbank.Config{Series: c.CodesOf("worldbank"), Countries: c.Countries()}),
	}, nil
}

// nbsCatalogues are the rows of nbs_catalogues.csv, column for column.
func nbsCatalogues(c *data.Catalog) []nbs.Catalogue {
	out := make([]nbs.Catalogue, len(c.NBSCatalogues))
	for i, row := range c.NBSCatalogues {
		out[i] = nbs.Catalogue(row)
	}
	return out
}
