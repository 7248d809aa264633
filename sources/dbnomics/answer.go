package dbnomics

import (
	"bytes"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// answer is one page.
type answer struct {
	Series *struct {
		Docs     []jsontext.Value `json:"docs"`
		Offset   *int             `json:"offset"`
		NumFound *int             `json:"num_found"`
	} `json:"series"`
	Errors  []problem `json:"errors"`
	Message string    `json:"message"`

	docs []doc
}

// problem is what the answer says about a series that it does not have.
type problem struct {
	Message  string `json:"message"`
	Provider string `json:"provider_code"`
	Dataset  string `json:"dataset_code"`
	Series   string `json:"series_code"`
}

// about says whether the problem is the series'. Codes may be missing from the
// end: then all of a data set, or all of a provider, is not there.
func (p problem) about(id string) bool {
	prefix := p.Provider
	for _, code := range []string{p.Dataset, p.Series} {
		if code != "" {
			prefix += "/" + code
		}
	}
	return p.Provider != "" && (id == prefix || len(id) > len(prefix) && id[:len(prefix)+1] == prefix+"/")
}

// doc is one series, its lists not yet read.
type doc struct {
	Frequency   string         `json:"@frequency"`
	Provider    string         `json:"provider_code"`
	Dataset     string         `json:"dataset_code"`
	DatasetName string         `json:"dataset_name"`
	Series      string         `json:"series_code"`
	SeriesName  string         `json:"series_name"`
	IndexedAt   string         `json:"indexed_at"`
	Period      []string       `json:"period"`
	StartDay    []string       `json:"period_start_day"`
	Value       jsontext.Value `json:"value"`
	Attributes  jsontext.Value `json:"observations_attributes"`
}

func (d doc) id() string { return d.Provider + "/" + d.Dataset + "/" + d.Series }

// published is when the series was, see the package comment; empty when unknown.
func (d doc) published() string {
	if edition := (Series{ID: d.id()}).edition(); edition != "" {
		return edition
	}
	t, err := time.Parse(time.RFC3339, d.IndexedAt)
	if err != nil {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// title names the series for citation.
func (d doc) title() string { return d.SeriesName + " (" + d.DatasetName + ", DBnomics)" }

// read reads a page as far as its series.
func read(where string, body []byte) (a answer, err error) {
	if err := json.Unmarshal(body, &a); err != nil {
		return a, distrust(where, body, err)
	}
	switch {
	case a.Series == nil && (len(a.Errors) > 0 || a.Message != ""):
		return a, nil // nothing found, and why
	case a.Series == nil:
		err = errors.New("there is no list of series")
	case a.Series.NumFound == nil || a.Series.Offset == nil || a.Series.Docs == nil:
		err = errors.New("it does not say how many series there are (docs, offset, num_found)")
	case *a.Series.Offset < 0 || len(a.Series.Docs) > *a.Series.NumFound-*a.Series.Offset:
		err = fmt.Errorf("it holds %d series from %d on, but num_found says %d", len(a.Series.Docs), *a.Series.Offset, *a.Series.NumFound)
	default:
		err = a.readDocs()
	}
	return a, distrust(where, body, err)
}

func (a *answer) readDocs() error {
	for _, raw := range a.Series.Docs {
		var d doc
		if err := json.Unmarshal(raw, &d); err != nil {
			return err
		}
		if d.Provider == "" || d.Dataset == "" || d.Series == "" || d.SeriesName == "" {
			return errors.New("a series has no code or no name")
		}
		a.docs = append(a.docs, d)
	}
	return nil
}

// distrust says why a document is not an answer. Nil stays nil.
func distrust(where string, body []byte, err error) error {
	if err != nil && bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		err = fmt.Errorf("it is a page, not data: %q", clip(body))
	}
	return fault.Wrap(fault.Upstream, err, where, "open the address in a browser and try again later", "this is no complete answer of DBnomics")
}

func place(d source.Document) string {
	if d.URL != "" {
		return d.URL
	}
	return d.Name
}

// clip cuts text to a readable length, at a character's start.
func clip(text []byte) string {
	const most = 160
	if len(text) <= most {
		return string(text)
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return string(text[:end]) + "…"
}

func isMonth(s string) bool {
	_, err := time.Parse("2006-01", s)
	return err == nil
}
