// Package sources lists every source. Adding one is a folder here, a line in
// All, and a row in data/sources.csv.
package sources

import (
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"slices"

	"citystats/data"
	"citystats/sources/bundled"
	"citystats/sources/communique"
	"citystats/sources/dbnomics"
	"citystats/sources/fred"
	"citystats/sources/jsonstat"
	"citystats/sources/nbs"
	"citystats/sources/sdmx"
	"citystats/sources/source"
	"citystats/sources/table"
	"citystats/sources/worldbank"
)

// All returns the sources, in the order they are asked. What each should fetch
// comes from the definitions, and what only the operator knows, such as keys, from
// env.
func All(c *data.Catalog, env func(string) string) ([]source.Source, error) {
	documents, err := fs.Sub(c.Files, data.DocumentsDir)
	if err != nil {
		return nil, fmt.Errorf("folder of bundled documents: %w", err)
	}
	books, err := books(c)
	if err != nil {
		return nil, err
	}
	all := []source.Source{
		bundled.New(documents),
		nbs.New(nbs.Config{Catalogues: nbsCatalogues(c)}),
		communique.New(communiques(c)),
		table.New(books),
		worldbank.New(worldbank.Config{Series: c.CodesOf("worldbank"), Countries: c.Countries()}),
		fred.New(fred.Config{Key: env(fred.KeyVariable), Series: fredSeries(c.CodesOf("fred"))}),
		dbnomics.New(dbnomics.Config{Series: dbnomicsSeries(c.CodesOf("dbnomics"))}),
		sdmx.New(speaker(c, "ecb")),
		sdmx.New(speaker(c, "eurostat_sdmx")),
		sdmx.New(speaker(c, "imf")),
		sdmx.New(speaker(c, "oecd")),
		sdmx.New(speaker(c, "worldbank_sdmx")),
	}
	all = append(all, jsonstats(c)...)
	// The same figures as the World Bank's pages, so it is only asked by whoever
	// gives it a row.
	if slices.ContainsFunc(c.Sources, func(s data.Source) bool { return s.ID == worldbank.BulkID }) {
		all = append(all, worldbank.NewBulk(worldbank.BulkConfig{Series: c.CodesOf(worldbank.BulkID)}))
	}
	return all, nil
}

// books are the layouts of yearbooks, checked against the definitions.
func books(c *data.Catalog) ([]*table.Book, error) {
	folder, err := fs.Sub(c.Files, data.BooksDir)
	if err != nil {
		return nil, fmt.Errorf("folder of books: %w", err)
	}
	known := table.Known{Indicators: map[string]string{}, Units: map[string]string{}}
	for _, r := range c.Regions {
		known.Regions = append(known.Regions, r.Code)
	}
	for id := range c.Publishers {
		known.Publishers = append(known.Publishers, id)
	}
	for id, u := range c.Units {
		known.Units[id] = u.Measure
	}
	for _, i := range c.Indicators {
		known.Indicators[i.ID] = c.Units[i.Unit].Measure
	}
	return table.Load(folder, "data/"+data.BooksDir, known)
}

// communiques are the publications that are known, and what texts call areas, their
// offices and the sites that print.
func communiques(c *data.Catalog) communique.Config {
	var config communique.Config
	offices := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(c.Publishers)) {
		p := c.Publishers[id]
		offices[p.NameZH] = id
		if u, err := url.Parse(p.URL); err == nil && u.Host != "" {
			config.Publishers = append(config.Publishers, communique.Publisher{ID: id, Host: u.Host})
		}
	}
	for _, r := range c.Regions {
		office := offices[r.NameZH+"统计局"]
		if r.Code == "CHN" {
			office = offices["国家统计局"]
		}
		config.Areas = append(config.Areas, communique.Area{Code: r.Code, Name: r.NameZH, Names: r.Aliases, Level: r.Level, Office: office})
	}
	for _, p := range c.Communiques {
		config.Publications = append(config.Publications, communique.Publication(p))
	}
	return config
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

// nbsCatalogues are the rows of nbs_catalogues.csv, column for column.
func nbsCatalogues(c *data.Catalog) []nbs.Catalogue {
	out := make([]nbs.Catalogue, len(c.NBSCatalogues))
	for i, row := range c.NBSCatalogues {
		out[i] = nbs.Catalogue(row)
	}
	return out
}
