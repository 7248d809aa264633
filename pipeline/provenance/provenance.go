//go:build duckdb_arrow

// Package provenance says where a number comes from: what was asked of the
// release, which rows it was computed from, and for each figure among them the
// document, the place in it, and the words that stand there.
//
// A number is a column of a row of a table. Which rows that row was computed from
// the model itself says in its header (see the package comment of sql/); the walk
// goes from input to input until it comes to rows of observation_vintages, which
// were read from a document. So a new model explains itself, and nothing here
// knows any model by name but those that a question in words is about.
//
// The SQL that is shown is the SQL that was run. Looking back in time and a window
// of other years are the same questions over other rows ([queries.Set.Instead]).
//
// A figure is proved and not only looked up: the document is taken from the
// archive by its hash, its one record is decoded and normalised once more, and the
// outcome is held against what is stored. What does not agree is said, and is an
// error for whoever must act ([Explanation.Err]).
package provenance

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/archive"
	"citystats/pipeline/warehouse"
	"citystats/sources/source"
	queries "citystats/sql"
)

// Store answers SELECTs about one release: a reader of its file, or a release that
// is served. What it does not show is not explained either.
type Store interface {
	Query(ctx context.Context, text string, args ...any) (warehouse.Rows, error)
}

// Explainer explains the numbers of one release. It is for one goroutine.
type Explainer struct {
	Release string // its name
	Reader  Store
	Queries *queries.Set
	Catalog *data.Catalog
	Sources []source.Source
	Archive string // folder of the archive

	captures []archive.Capture // read when first needed
}

// Explanation is the answer. Its JSON is read by other programs: keys stay.
type Explanation struct {
	Release string `json:"release"`
	AsOf    string `json:"as_of,omitempty"`
	// Rows hold the figures asked for; with them comes what they were computed from.
	Rows []*Row `json:"rows"`
	// Observations are all figures that the rows stand on, each once.
	Observations []*Observation `json:"observations"`
	Models       []Model        `json:"models"`
	Remarks      []string       `json:"remarks"` // what a reader should know besides

	storage error // the first thing an operator must look at
}

// Row is a row of a table and how it came about.
type Row struct {
	ID     string `json:"id"` // TABLE:KEY:KEY, or DOCUMENT_ID:RECORD for an observation; explains the row when asked
	Role   string `json:"role,omitempty"`
	Table  string `json:"table"`
	Title  string `json:"title"`
	SQL    string `json:"sql"`              // the SELECT that gives it
	Values Values `json:"values,omitempty"` // none for an observation, which tells more itself
	// Observation is the place among the explanation's observations, from 1; 0 for a
	// row that was computed.
	Observation int    `json:"observation,omitempty"`
	Inputs      []*Row `json:"inputs,omitempty"`

	model queries.Query
	parts [][]*Row // inputs while they are gathered, by the model's lines
}

// Value is one cell of a row.
type Value struct {
	Column string
	Value  any
}

// Values are the cells of a row, in the table's order.
type Values []Value

// MarshalJSON makes an object of them, in order.
func (v Values) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, c := range v {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(c.Column)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(plain(c.Value))
		if err != nil {
			return nil, err
		}
		b.Write(append(append(key, ':'), value...))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// plain is a value as JSON and people read it: dates in ISO 8601.
func plain(v any) any {
	t, ok := v.(time.Time)
	switch {
	case !ok:
		return v
	case t.Equal(t.Truncate(24 * time.Hour)):
		return t.Format(time.DateOnly)
	default:
		return t.UTC().Format(time.RFC3339)
	}
}

// Get is the value in a column; nil when there is no such column.
func (v Values) Get(column string) any {
	for _, c := range v {
		if c.Column == column {
			return c.Value
		}
	}
	return nil
}

// Text is the value in a column as text; empty for NULL and for no such column.
func (v Values) Text(column string) string {
	s, _ := v.Get(column).(string)
	return s
}

// Model is the definition of a table that a row is in.
type Model struct {
	Table  string `json:"table"`
	File   string `json:"file"`
	Title  string `json:"title"`
	Caveat string `json:"caveat,omitempty"`
	SQL    string `json:"sql"`
}

// Observation is a figure as it is stored, and what its document says.
type Observation struct {
	ID           string   `json:"id"` // DOCUMENT_ID:RECORD
	SeriesID     int64    `json:"series_id"`
	RegionCode   string   `json:"region_code"`
	Region       string   `json:"region"`
	Indicator    string   `json:"indicator"`
	Title        string   `json:"indicator_title"`
	Frequency    string   `json:"frequency"`
	TimePeriod   string   `json:"time_period"`
	Value        float64  `json:"value"`
	Unit         string   `json:"unit"`
	ObsStatus    string   `json:"obs_status"`
	Status       string   `json:"status"`
	Qualifier    string   `json:"qualifier"`
	Confidence   string   `json:"confidence"`
	Origin       string   `json:"origin"`
	OriginName   string   `json:"origin_name"`
	Derivation   string   `json:"derivation"`
	Note         string   `json:"note"`
	SupersededBy string   `json:"superseded_by,omitempty"` // id of the figure that stands in its place today
	Document     Document `json:"document"`
	Record       int      `json:"record"`
	Place        string   `json:"place"`             // page, cell, row or JSON pointer
	Quote        string   `json:"quote,omitempty"`   // what stands there
	Printed      *Printed `json:"printed,omitempty"` // what its source reads there
	Verified     bool     `json:"verified"`          // reading the archived bytes again gives the figure
	Problem      string   `json:"problem,omitempty"` // why it is not verified
	words        words
	decimals     int
	statusNumber source.Status
}

// Printed is a figure in its publisher's terms.
type Printed struct {
	Region    string  `json:"region"`
	Indicator string  `json:"indicator"`
	Period    string  `json:"period"`
	Value     float64 `json:"value"`
	Unit      string  `json:"unit"`
	Mult      int     `json:"unit_mult,omitempty"`
}

// Document is where a figure was read.
type Document struct {
	ID            int    `json:"id"`
	Source        string `json:"source"`
	Name          string `json:"name"`
	Title         string `json:"title"`
	Publisher     string `json:"publisher"`
	PublisherName string `json:"publisher_name"`
	URL           string `json:"url"`
	MediaType     string `json:"media_type"`
	SHA256        string `json:"sha256"`
	Published     string `json:"published"` // as precise as known; empty when not known
	KnownAt       string `json:"known_at"`  // when this installation received it, UTC
	Readable      bool   `json:"readable"`

	publisherZH string
}

// words are the names of a figure's parts in both languages.
type words struct{ regionZH, titleZH, symbol, symbolZH, status, statusZH, originZH string }

// Single is the observation that the row is or is a mere choice of; nil for a row
// that was computed from figures.
func (x *Explanation) Single(r *Row) *Observation {
	switch {
	case r.Observation > 0:
		return x.Observations[r.Observation-1]
	case len(r.Inputs) == 1 && r.Inputs[0].Role == figureRole:
		return x.Single(r.Inputs[0])
	}
	return nil
}

// Computed says whether the row is one that a model makes from others, and not a
// definition.
func (r *Row) Computed() bool { return len(r.model.Inputs) > 0 }

// figureRole is that of the figure which a row repeats.
const figureRole = "figure"

// Unverified lists the observations that their documents do not bear out.
func (x *Explanation) Unverified() []*Observation {
	var out []*Observation
	for _, o := range x.Observations {
		if !o.Verified {
			out = append(out, o)
		}
	}
	return out
}

// Err is nil when every figure was found again in its document. It is of kind
// Storage when documents are missing or damaged, and of kind Quality when they
// say something else.
func (x *Explanation) Err() error {
	bad := x.Unverified()
	switch {
	case len(bad) == 0:
		return nil
	case x.storage != nil:
		return x.storage
	}
	var ids []string
	for _, o := range bad {
		ids = append(ids, o.ID)
	}
	return fault.New(fault.Quality, "", "run citystats rebuild if definitions or decoders changed; else do not print it",
		"not verified: %s; %s", strings.Join(ids, ", "), bad[0].Problem)
}
