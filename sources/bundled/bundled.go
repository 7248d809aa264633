// Package bundled reads documents in the project's own form: one CSV file per
// publication, each row a figure with its source.
//
// The files of data/documents/ ship with the program, so that it says something
// true before it has seen a network. They were written from publications that
// exist: the row names the publication, who printed it, who made the figure, the
// address and the date as far as known. Decode treats them like anything from
// outside, and the same form is the way to bring in a figure by hand:
// citystats import FILE --source bundled.
package bundled

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// Header is the first row of every file; [Stated] may follow it.
var Header = []string{
	"region", "indicator", "period", "value", "unit", "status", "qualifier", "origin", "confidence",
	"published", "not_before", "publisher", "title", "url", "derivation", "note",
}

// Stated are four more columns a file may have: what the publication says outright
// about each figure's kind, in the words of data/indicators.csv. An empty cell says
// nothing.
var Stated = []string{"price_basis", "population_scope", "numerator", "accumulation"}

// words are what the columns of Stated may hold.
var words = map[string][]string{
	"price_basis":      {"", "current", "constant"},
	"population_scope": {"", "all", "urban", "rural"},
	"numerator":        {"", "output", "value_added"},
	"accumulation":     {"", "period", "year_to_date", "stock"},
}

// full is the header of a file that has every column.
var full = slices.Concat(Header, Stated)

// isHeader says whether a first row is that of a bundled document.
func isHeader(row []string) bool { return slices.Equal(row, Header) || slices.Equal(row, full) }

const (
	colRegion = iota
	colIndicator
	colPeriod
	colValue
	colUnit
	colStatus
	colQualifier
	colOrigin
	colConfidence
	colPublished
	colNotBefore
	colPublisher
	colTitle
	colURL
	colDerivation
	colNote
	colPriceBasis
	colPopulationScope
	colNumerator
	colAccumulation
)

// mediaType is what these files are.
const mediaType = "text/csv"

// Source reads the CSV files of one folder.
type Source struct{ files fs.FS }

// New reads the *.csv files at the root of files.
func New(files fs.FS) *Source { return &Source{files} }

// Info describes the source. It needs no network.
func (s *Source) Info() source.Info {
	return source.Info{ID: "bundled", Title: "Documents that ship with the program", Generation: 3}
}

// Fetch emits every file, by name.
func (s *Source) Fetch(ctx context.Context, _ *http.Client, emit func(source.Document) error) error {
	names, err := fs.Glob(s.files, "*.csv")
	if err != nil {
		return fmt.Errorf("bundled documents: %w", err)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		body, err := fs.ReadFile(s.files, name)
		if err != nil {
			return fault.Wrap(fault.Upstream, err, name, "restore the file", "the bundled document cannot be read")
		}
		doc := Describe(strings.TrimSuffix(path.Base(name), ".csv"), body)
		if err := emit(doc); err != nil {
			return err
		}
	}
	return nil
}

// Describe makes a document of a file's bytes. What the first row says of the
// publication is the document's; a file without a readable row is a document
// all the same, for Decode to judge.
func Describe(name string, body []byte) source.Document {
	doc := source.Document{Source: "bundled", Name: name, Title: name, MediaType: mediaType, Body: body}
	r := csv.NewReader(bytes.NewReader(body))
	if header, err := r.Read(); err != nil || !isHeader(header) {
		return doc
	}
	row, err := r.Read()
	if err != nil {
		return doc
	}
	doc.Title, doc.Publisher, doc.URL = row[colTitle], row[colPublisher], row[colURL]
	if _, err := undated(row); err == nil {
		doc.Published, doc.NotBefore = row[colPublished], row[colNotBefore]
	}
	return doc
}

// file is a document being read, for naming places in it.
type file struct {
	name, text string
	rows       *csv.Reader
}

// at is the place of a column of the row last read.
func (f file) at(column int) string {
	line, col := f.rows.FieldPos(column)
	return fault.At(f.name, f.text, fault.Offset(f.text, line, col))
}

// atOrEnd is the place of a column of the row last read, or of its end when it
// has no such column.
func (f file) atOrEnd(row []string, column int) string {
	if column < len(row) {
		return f.at(column)
	}
	return fault.At(f.name, f.text, len(strings.TrimRight(f.text[:f.rows.InputOffset()], "\r\n")))
}

// agreeing is how many columns a header has right, from the first on.
func agreeing(header []string) int {
	n := 0
	for n < min(len(header), len(full)) && header[n] == full[n] {
		n++
	}
	return n
}

func (f file) refuse(where, hint, what string) error {
	return fault.New(fault.Upstream, where, hint, "%s", what)
}

// Decode reads the rows. A row that cannot be read, or that names another
// publication than the first, is rejected; a file that is not of this form at
// all is an error.
func (s *Source) Decode(doc source.Document, sink source.Sink) error {
	f := file{name: doc.Name, text: string(doc.Body)}
	f.rows = csv.NewReader(strings.NewReader(f.text))
	f.rows.ReuseRecord = true
	if err := f.header(); err != nil {
		return err
	}
	var first []string
	for n := 1; ; n++ {
		row, err := f.rows.Read()
		if errors.Is(err, io.EOF) {
			return f.empty(n)
		}
		if err != nil {
			return f.notCSV(row, err)
		}
		if first == nil {
			first = slices.Clone(row)
			if column, err := undated(first); err != nil {
				return fault.Wrap(fault.Upstream, err, f.at(column), "write the date as 2019, 2019-06 or 2019-06-17, or leave it empty", "the publication cannot be dated")
			}
		}
		o, column, err := read(n, row, first)
		if err != nil {
			sink.Reject(source.Reject{Record: n, Reason: f.at(column) + ": " + err.Error(), Text: readable(strings.Join(row, ","))})
			continue
		}
		if err := sink.Observe(&o); err != nil {
			return err
		}
	}
}

// header reads the first row and judges what concerns the file as a whole.
func (f file) header() error {
	header, err := f.rows.Read()
	if err != nil || !isHeader(header) {
		where := fault.At(f.name, f.text, 0)
		if err == nil {
			where = f.atOrEnd(header, agreeing(header))
		}
		return f.refuse(where, "start the file with "+strings.Join(Header, ","), "the document does not have the columns of a bundled document")
	}
	if !strings.HasSuffix(f.text, "\n") {
		return f.refuse(fault.At(f.name, f.text, len(f.text)), "end the last line, or fetch the whole file", "the document is cut short: its last line has no end")
	}
	if !utf8.ValidString(f.text) {
		return f.refuse(fault.At(f.name, f.text, valid(f.text)), "save the file as UTF-8", "the document is not UTF-8 text")
	}
	return nil
}

// valid is how many bytes from the beginning are UTF-8 text.
func valid(s string) int {
	for i, r := range s {
		if _, size := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 {
			return i
		}
	}
	return len(s)
}

func (f file) empty(n int) error {
	if n > 1 {
		return nil
	}
	return f.refuse(fault.At(f.name, f.text, len(f.text)), "add rows or remove the file", "the document has no rows")
}

// notCSV tells what encoding/csv says of the row, which it gives only when the
// row is of the wrong length.
func (f file) notCSV(row []string, err error) error {
	where := fault.At(f.name, f.text, 0)
	var at *csv.ParseError
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		where, err = f.atOrEnd(row, f.rows.FieldsPerRecord), csv.ErrFieldCount
	case errors.As(err, &at):
		offset := fault.Offset(f.text, at.Line, at.Column)
		if !strings.HasPrefix(f.text[offset:], `"`) {
			// The file ended in search of a quote: the place to look is where it opened.
			offset = f.lastField(at.StartLine)
		}
		where, err = fault.At(f.name, f.text, offset), at.Err
	}
	return fault.Wrap(fault.Upstream, err, where, "correct the quoting", "the document is not CSV")
}

// lastField is where the last field of the row on the line begins, whose quote
// need not close.
func (f file) lastField(line int) int {
	start := fault.Offset(f.text, line, 1)
	r := csv.NewReader(strings.NewReader(f.text[start:]))
	r.LazyQuotes = true
	row, err := r.Read()
	if err != nil {
		return start
	}
	below, column := r.FieldPos(len(row) - 1)
	return start + fault.Offset(f.text[start:], below, column)
}

// publication are the columns that every row of a file shares.
var publication = []int{colPublished, colNotBefore, colPublisher, colTitle, colURL}

// read makes a figure of a row. With an error goes the column at fault.
func read(n int, row, first []string) (o source.Observation, column int, err error) {
	for _, c := range publication {
		if row[c] != first[c] {
			return o, c, fmt.Errorf("%s is %q, but %q in the first row: one file is one publication", Header[c], row[c], first[c])
		}
	}
	for _, c := range []int{colRegion, colIndicator, colPeriod, colUnit, colOrigin, colPublisher, colTitle} {
		if row[c] == "" {
			return o, c, fmt.Errorf("%s is empty", Header[c])
		}
	}
	value, err := strconv.ParseFloat(row[colValue], 64)
	if err != nil || strings.Trim(row[colValue], "+-.0123456789eE") != "" {
		return o, colValue, fmt.Errorf("value %q is not a number", row[colValue])
	}
	status, okStatus := source.ParseStatus(row[colStatus])
	qualifier, okQualifier := source.ParseQualifier(row[colQualifier])
	confidence, okConfidence := source.ParseConfidence(row[colConfidence])
	switch {
	case !okStatus:
		return o, colStatus, fmt.Errorf("status %q is not one of target, forecast, derived, preliminary, revised, final", row[colStatus])
	case !okQualifier:
		return o, colQualifier, fmt.Errorf("qualifier %q is not about, over, under or empty", row[colQualifier])
	case !okConfidence:
		return o, colConfidence, fmt.Errorf("confidence %q is not high, medium or low", row[colConfidence])
	case (status == source.Derived) != (row[colDerivation] != ""):
		return o, colDerivation, errors.New("a derived figure, and no other, says how it was derived")
	}
	stated, column, err := statedIn(row)
	if err != nil {
		return o, column, err
	}
	return source.Observation{
		Record: n, Region: row[colRegion], Indicator: row[colIndicator], Period: row[colPeriod], Unit: row[colUnit],
		Origin: row[colOrigin], Value: value, Status: status, Qualifier: qualifier, Confidence: confidence,
		Derivation: row[colDerivation], Note: row[colNote], Stated: stated,
	}, 0, nil
}

// statedIn reads the columns of Stated, where the row has them.
func statedIn(row []string) (s source.Stated, column int, err error) {
	if len(row) < len(full) {
		return s, 0, nil
	}
	for c := colPriceBasis; c < len(full); c++ {
		if allowed := words[full[c]]; !slices.Contains(allowed, row[c]) {
			return s, c, fmt.Errorf("%s %q is not %s or empty", full[c], row[c], strings.Join(allowed[1:], ", "))
		}
	}
	return source.Stated{PriceBasis: row[colPriceBasis], PopulationScope: row[colPopulationScope], Numerator: row[colNumerator], Accumulation: row[colAccumulation]}, 0, nil
}

// undated finds the first of a publication's two dates that is none.
func undated(row []string) (column int, err error) {
	for _, c := range []int{colPublished, colNotBefore} {
		ok := row[c] == ""
		for _, layout := range []string{"2006", "2006-01", time.DateOnly} {
			at, err := time.Parse(layout, row[c])
			ok = ok || (err == nil && at.Year() >= 1000)
		}
		if !ok {
			return c, fmt.Errorf("%s is %q", Header[c], row[c])
		}
	}
	return 0, nil
}

// readable cuts a record to a length that a person reads.
func readable(s string) string {
	const enough = 1000
	if len(s) <= enough {
		return s
	}
	return strings.ToValidUTF8(s[:enough], "") + "…"
}

// Place is the row under the header, from 1.
func (s *Source) Place(n int) string { return "row " + strconv.Itoa(n) }

// Quote is the row as the file has it.
func (s *Source) Quote(doc source.Document, record int) (string, error) {
	f := file{name: doc.Name, text: string(doc.Body)}
	f.rows = csv.NewReader(strings.NewReader(f.text))
	f.rows.ReuseRecord = true
	if err := f.header(); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		start := f.rows.InputOffset()
		row, err := f.rows.Read()
		if errors.Is(err, io.EOF) {
			return "", f.refuse(doc.Name, "", fmt.Sprintf("the document has %d rows and no row %d", n-1, record))
		}
		if err != nil {
			return "", f.notCSV(row, err)
		}
		if n == record {
			return source.Short(f.text[start:f.rows.InputOffset()]), nil
		}
	}
}
