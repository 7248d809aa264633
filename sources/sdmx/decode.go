package sdmx

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// maxUnpacked bounds what a packed document may hold.
const maxUnpacked = 256 << 20

var bom = []byte("\xEF\xBB\xBF")

// Decode reads one vintage of the answer to one question, or checks a structure.
func (s *Source) Decode(doc source.Document, sink source.Sink) error {
	if strings.HasPrefix(doc.Name, structPrefix) {
		_, err := readStructure(doc.Body, strings.TrimPrefix(doc.Name, structPrefix))
		return distrust(or(doc.URL, doc.Name), err)
	}
	q, ok := s.query(doc.Name)
	if !ok {
		return fault.New(fault.Upstream, or(doc.URL, doc.Name), "put the row back, or give the document the name of another",
			"no row of data/sdmx_queries.csv for %s has the name of the document %q", s.config.ID, doc.Name)
	}
	d := newDecoder(q, sink)
	_, d.vintage, d.only = strings.Cut(doc.Name, "@")
	err := d.read(doc.Body)
	if d.stopped != nil {
		return d.stopped
	}
	if err == nil {
		err = d.oneVintage()
	}
	if n, ok := asNotice(err); ok && n.kind == noRecords {
		return nil
	}
	return distrust(or(doc.URL, doc.Name), err)
}

// oneVintage holds what was read against the vintage that the name promises.
func (d *decoder) oneVintage() error {
	for _, v := range d.found.vintages {
		if v == d.vintage && d.only {
			return nil
		}
	}
	if d.only {
		return fmt.Errorf("none of its data sets is valid from %s", clip(d.vintage))
	}
	if len(d.found.vintages) > 1 {
		return fmt.Errorf("it holds the vintages %s: the name of the document must end with @ and one of them", clip(strings.Join(d.found.vintages, ", ")))
	}
	return nil
}

// read finds out which format it is and reads it.
func (d *decoder) read(body []byte) error {
	body, err := unpacked(body)
	if err != nil {
		return err
	}
	for _, known := range plainNotices {
		if string(bytes.TrimSpace(body)) == known {
			return &notice{kind: noRecords, text: known}
		}
	}
	switch first(body) {
	case '<':
		return d.readXML(body)
	case '{':
		return d.readJSON(body)
	case 'D', 'S', '"':
		return d.readCSV(body)
	}
	return fmt.Errorf("it is in no format of SDMX: it begins with %q", clip(string(body[:min(len(body), 60)])))
}

// first is the first byte that is not white space, 0 when there is none.
func first(body []byte) byte {
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) == 0 {
		return 0
	}
	return body[0]
}

// unpacked takes off what is around the text: gzip, which Eurostat sends without
// saying so in a header, and the byte order mark of the IMF.
func unpacked(body []byte) ([]byte, error) {
	if bytes.HasPrefix(body, []byte{0x1F, 0x8B}) {
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		if body, err = io.ReadAll(io.LimitReader(r, maxUnpacked+1)); err != nil {
			return nil, err
		}
		if len(body) > maxUnpacked {
			return nil, fmt.Errorf("unpacked it is larger than %d MiB", maxUnpacked>>20)
		}
	}
	if !utf8.Valid(body) {
		return nil, errors.New("it is not UTF-8")
	}
	body = bytes.TrimPrefix(body, bom)
	if first(body) == 0 {
		return nil, errors.New("it is empty")
	}
	return body, nil
}
