package sdmx

import (
	"bufio"
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

// What a packed document may hold: XML is read as it is unpacked, and of it only one
// series is held at a time; the other formats are read whole.
const (
	maxStreamed = 4 << 30
	maxUnpacked = 256 << 20
)

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
	if isPacked(body) {
		text, err := openXML(body)
		if err != nil {
			return err
		}
		if text != nil {
			return d.readXML(text)
		}
	}
	body, err := unpacked(body)
	if err != nil {
		return err
	}
	for _, known := range plainNotices {
		if string(bytes.TrimSpace(body)) == known {
			return &notice{kind: noRecords, text: known}
		}
	}
	switch c := first(body); {
	case c == '<':
		return d.readXML(bytes.NewReader(body))
	case c == '{':
		return d.readJSON(body)
	case isTSV(body):
		return d.readTSV(body)
	case isCSV(body):
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

func isPacked(body []byte) bool { return bytes.HasPrefix(body, []byte{0x1F, 0x8B}) }

// openXML gives a packed XML text while it is unpacked; nil when it is no XML.
func openXML(body []byte) (io.Reader, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	text := bufio.NewReaderSize(&checked{from: r, left: maxStreamed}, 64<<10)
	start, err := text.Peek(64)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if first(bytes.TrimPrefix(start, bom)) != '<' {
		return nil, nil //nolint:nilnil // it is no XML, which is no error
	}
	if bytes.HasPrefix(start, bom) {
		_, err = text.Discard(len(bom))
		return text, err
	}
	return text, nil
}

// unpacked takes off what is around the text: gzip, which Eurostat sends without
// saying so in a header, and the byte order mark of the IMF.
func unpacked(body []byte) ([]byte, error) {
	if isPacked(body) {
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		if body, err = io.ReadAll(io.LimitReader(r, maxUnpacked+1)); err != nil {
			return nil, err
		}
		if len(body) > maxUnpacked {
			return nil, tooLong(maxUnpacked)
		}
	}
	if !utf8.Valid(body) {
		return nil, errNotUTF8
	}
	body = bytes.TrimPrefix(body, bom)
	if first(body) == 0 {
		return nil, errors.New("it is empty")
	}
	return body, nil
}

var errNotUTF8 = errors.New("it is not UTF-8")

func tooLong(limit int) error {
	return fmt.Errorf("unpacked it is larger than %d MiB", limit>>20)
}

// checked passes on a text that is UTF-8 and not too long.
type checked struct {
	from io.Reader
	left int64
	tail []byte // the beginning of a character whose end has not come yet
}

// Read is part of io.Reader.
func (c *checked) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, tooLong(maxStreamed)
	}
	text := p[:n]
	if len(c.tail) > 0 {
		text = append(c.tail, text...)
	}
	end := len(text)
	for back := 1; back < utf8.UTFMax && back <= end; back++ {
		if at := end - back; utf8.RuneStart(text[at]) {
			if !utf8.FullRune(text[at:]) {
				end = at
			}
			break
		}
	}
	if !utf8.Valid(text[:end]) || errors.Is(err, io.EOF) && end < len(text) {
		return 0, errNotUTF8
	}
	c.tail = append([]byte(nil), text[end:]...)
	return n, err
}
