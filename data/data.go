// Package data holds what citystats knows without asking a publisher: the
// definitions, as tables anybody can edit, and the bundled documents.
//
// It is the editor's room. A definition table is a CSV file described in
// schema.yaml: types, keys, allowed values, references to other tables, and a
// comment for each column. The same description checks every cell when the
// program starts, creates the table in each release, and becomes the COMMENT an
// economist reads there. A new indicator, unit, region or benchmark is a row; a
// new definition table is an entry in schema.yaml and a CSV file; neither needs
// Go, and with --root neither needs a compiler.
//
// documents/ holds one CSV file per publication whose figures ship with the
// program. They are documents like any other: the bundled source fetches and
// decodes them, and the pipeline archives them, so a figure from them is traced
// the same way as one from the network.
//
// claims.yaml holds what was printed about a region and how it may be read; each
// run gives every reading a verdict.
//
// books/ holds one YAML file per yearbook or agency table: where everything stands
// in its sheets. They are definitions too, read and checked by sources/table, which
// knows what a sheet is.
package data

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

//go:embed schema.yaml charts.yaml claims.yaml *.csv documents/*.csv books/*.yaml
var files embed.FS

// Files is the built-in copy of this folder.
func Files() fs.FS { return files }

// DocumentsDir is the folder of bundled documents inside the data folder.
const DocumentsDir = "documents"

// BooksDir is the folder of books inside the data folder.
const BooksDir = "books"

// Catalog is every definition, checked.
type Catalog struct {
	Tables      []Table // in the order of schema.yaml
	Fingerprint string  // changes when any definition changes; documents do not count
	Files       fs.FS   // where the definitions and documents were read from

	Regions         []Region
	Indicators      []Indicator
	Units           map[string]Unit
	Publishers      map[string]Publisher
	Sources         []Source
	SourceSeries    []SourceSeries
	SourceRegions   []SourceRegion
	Releases        []Release
	NBSCatalogues   []NBSCatalogue
	Benchmarks      []Benchmark
	GrowthWindows   []GrowthWindow
	Studies         []Study
	JSONStatQueries []JSONStatQuery
	SDMXQueries     []SDMXQuery
	Embargoes       []Embargo
	Claims          Claims
}

// Load reads and checks all definitions of a data folder. Its error lists every
// mistake found, each of kind Definition with file, line and column.
func Load(fsys fs.FS) (*Catalog, error) {
	schemas, layout, err := loadSchema(fsys)
	if err != nil {
		return nil, err
	}
	c := &Catalog{Files: fsys}
	var problems []error
	for _, s := range schemas {
		t, err := loadTable(fsys, s)
		problems = append(problems, err)
		c.Tables = append(c.Tables, t)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if err := checkReferences(c.Tables, layout); err != nil {
		return nil, err
	}
	if err := checkRules(c.Tables); err != nil {
		return nil, err
	}
	if c.Claims, err = loadClaims(fsys, c.Tables); err != nil {
		return nil, err
	}
	c.Tables = append(c.Tables, c.Claims.tables()...)
	if c.Fingerprint, err = fingerprint(fsys, schemas); err != nil {
		return nil, err
	}
	return c, c.bind(layout)
}

// Table returns the named definition table.
func (c *Catalog) Table(name string) (Table, bool) {
	i := slices.IndexFunc(c.Tables, func(t Table) bool { return t.Schema.Name == name })
	if i < 0 {
		return Table{}, false
	}
	return c.Tables[i], true
}

func fingerprint(fsys fs.FS, schemas []TableSchema) (string, error) {
	h := sha256.New()
	names := []string{schemaFile}
	for _, s := range schemas {
		names = append(names, s.File)
	}
	if _, err := fs.Stat(fsys, claimsFile); err == nil {
		names = append(names, claimsFile)
	}
	books, err := fs.Glob(fsys, BooksDir+"/*.yaml")
	if err != nil {
		return "", fmt.Errorf("fingerprint of %s: %w", BooksDir, err)
	}
	slices.Sort(books)
	names = append(names, books...)
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return "", fmt.Errorf("fingerprint of %s: %w", name, err)
		}
		fmt.Fprintf(h, "%s %d\n", name, len(text))
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
