package nbs

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// Decode reads any of the forms that the package comment lists.
func (s *Source) Decode(doc source.Document, sink source.Sink) error {
	d := decoder{source: s, sink: sink, seen: map[key]string{}}
	err := d.decode(doc)
	if d.stopped != nil {
		return d.stopped
	}
	where := doc.URL
	if where == "" {
		where = doc.Name
	}
	return fault.Wrap(fault.Upstream, err, where, "see that it is what the site gave; save or fetch it again", "this is nothing of the database")
}

// decoder turns figures of one document into observations.
type decoder struct {
	source  *Source
	sink    source.Sink
	n       int // figures so far, published or not
	seen    map[key]string
	wanted  int    // the figure to quote; 0 for none
	quoted  string // as the document has it
	stopped error  // what the sink said when it would not go on
}

// errStopped ends the reading; the sink's own error is in decoder.stopped.
var errStopped = errors.New("the sink stopped")

func (d *decoder) decode(doc source.Document) error {
	switch body := bytes.TrimSpace(bytes.TrimPrefix(doc.Body, bom)); {
	case len(body) == 0:
		return errors.New("it is empty")
	case body[0] == '<':
		return fmt.Errorf("%w: %q", errPage, clip(body))
	case body[0] == '{':
		return d.object(doc, body)
	case body[0] == '[':
		return d.queryTree(body)
	}
	return d.export(doc)
}

var bom = []byte("\xEF\xBB\xBF")

// object reads an answer of the site, which is easyquery's when it has a returncode.
func (d *decoder) object(doc source.Document, body []byte) error {
	var whole struct {
		envelope

		ReturnCode int            `json:"returncode"`
		ReturnData jsontext.Value `json:"returndata"`
	}
	if err := json.Unmarshal(body, &whole); err != nil {
		return err
	}
	if whole.ReturnCode != 0 {
		return d.easyQuery(whole.ReturnCode, whole.ReturnData)
	}
	if err := whole.refusal(); err != nil {
		return err
	}
	switch whole.Data.Kind() {
	case jsontext.KindBeginArray:
		return d.rows(d.source.byName[doc.Name], whole.Data)
	case jsontext.KindBeginObject:
		return indicators(whole.Data)
	default:
		return fmt.Errorf("its data is neither a list nor an object but %s", clip(whole.Data))
	}
}

// indicators accepts a catalogue's list of indicators, which has no figures.
func indicators(data jsontext.Value) error {
	var catalogue struct {
		List []indicator `json:"list"`
	}
	if err := json.Unmarshal(data, &catalogue); err != nil {
		return err
	}
	if catalogue.List == nil {
		return errors.New("it is neither a table nor a list of indicators; answers of the site's search are not read")
	}
	return nil
}

// rows reads the rows of a table; entries of the tree and areas have no figures.
func (d *decoder) rows(c *Catalogue, data jsontext.Value) error {
	var rows []struct {
		row

		ID      string `json:"_id"`        // of an entry of the tree
		Area    string `json:"name_value"` // of an area
		Listing bool   `json:"isLeaf"`
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		return err
	}
	for i, r := range rows {
		if r.Code == "" && (r.ID != "" || r.Area != "") {
			continue
		}
		if r.Code == "" {
			return fmt.Errorf("row %d says neither which period nor which area it is (code)", i+1)
		}
		for _, raw := range r.Values {
			if err := d.value(c, r.row, raw); err != nil {
				return err
			}
		}
	}
	return nil
}

// value reads one figure. The document's name tells which catalogue it was asked
// of, also when the indicator's id is a new one.
func (d *decoder) value(c *Catalogue, r row, raw jsontext.Value) error {
	d.n++
	f, problem := r.figure(raw)
	if problem != "" {
		return d.reject(problem, raw)
	}
	if c == nil {
		c = d.source.byID[f.ID]
	}
	o := figure{series: f.ID, area: sixDigits(f.area), period: f.period, unit: f.Unit, value: f.value}
	if c == nil {
		return d.outside(o, raw)
	}
	if !c.called(f.Name) {
		return d.reject(fmt.Sprintf("it is called %q, and %s has no such name in data/nbs_catalogues.csv", clip([]byte(f.Name)), c.ID), raw)
	}
	return d.observe(c, o, raw)
}

func (d *decoder) reject(reason string, text []byte) error {
	d.sink.Reject(source.Reject{Record: d.n, Reason: reason, Text: clip(bytes.ToValidUTF8(text, []byte("�")))})
	return nil
}
