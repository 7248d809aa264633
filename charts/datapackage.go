//go:build duckdb_arrow

package charts

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path"
	"strings"
)

// Resource is one file of a folder of charts, as its index has it. The index is a
// Data Package of version 2 that tools of version 1 read too.
type Resource struct {
	Name        string   `json:"name"`
	Path        string   `json:"path"`
	Profile     string   `json:"profile,omitempty"` // version 1: what the resource is
	Type        string   `json:"type,omitempty"`    // version 2: the same
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Format      string   `json:"format"`
	MediaType   string   `json:"mediatype"`
	Encoding    string   `json:"encoding,omitempty"`
	Bytes       int      `json:"bytes"`
	Hash        string   `json:"hash"`
	Sources     []object `json:"sources,omitempty"`
	Schema      object   `json:"schema,omitempty"`
	Chart       string   `json:"citystats:chart"`
	Region      string   `json:"citystats:region"`
	Licence     string   `json:"citystats:licence,omitempty"`
}

// Folder is a folder of charts by its index, datapackage.json.
type Folder struct {
	Schema    string     `json:"$schema"`
	Profile   string     `json:"profile"`
	Name      string     `json:"name"`
	Title     string     `json:"title"`
	Version   string     `json:"version"` // the release
	AsOf      string     `json:"citystats:as_of,omitempty"`
	Language  Language   `json:"citystats:language"`
	Resources []Resource `json:"resources"`
}

// Index is the name of a folder's index.
const Index = "datapackage.json"

// NewFolder begins a folder of charts.
func NewFolder(p Params) Folder {
	return Folder{
		Schema: "https://datapackage.org/profiles/2.0/datapackage.json", Profile: "data-package", Name: "citystats-charts",
		Title: "Charts of city statistics", Version: p.Release, AsOf: p.AsOf, Language: p.Language, Resources: []Resource{},
	}
}

// Hash is a file's content as an index names it.
func Hash(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Add puts a file of a chart into the index, under its path in the folder.
func (f *Folder) Add(name string, c *Chart, m Made) {
	kind, _, _ := strings.Cut(m.MediaType, ";")
	r := Resource{
		Name: strings.ReplaceAll(name, "/", "."), Path: name, Title: c.Headline(), Description: c.Subtitle(), Format: path.Ext(name)[1:],
		MediaType: kind, Bytes: len(m.Content), Hash: Hash(m.Content), Chart: c.ID, Region: c.Region.Code, Licence: c.Licence(),
	}
	if m.Ending == "csv" {
		r.Profile, r.Type, r.Encoding, r.Schema = "tabular-data-resource", "table", "utf-8", c.tableSchema()
		for _, s := range c.Sources {
			r.Sources = append(r.Sources, object{"title": s.Name.In(c.Language)})
		}
	}
	f.Resources = append(f.Resources, r)
}

// tableSchema is the CSV as a Table Schema has it.
func (c *Chart) tableSchema() object {
	var fields []any
	for _, col := range c.Table().Columns {
		fields = append(fields, object{"name": col.Name, "type": col.Datatype, "title": col.Title.In(c.Language), "description": col.Note})
	}
	return object{"fields": fields, "missingValues": []string{""}}
}

// Bytes are the index as it is written.
func (f *Folder) Bytes() ([]byte, error) {
	text, err := json.MarshalIndent(f, "", "  ")
	return append(text, '\n'), err
}
