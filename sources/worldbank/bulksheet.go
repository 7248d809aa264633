package worldbank

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"citystats/sources/source"
)

// sheet is the member with the figures, at one of its rows.
type sheet struct {
	periods []string // by column; empty where a column holds no figures
	width   int      // cells of the header, with the empty one after its last comma
	n       int      // of the row, from 1 below the header
	fields  []string // of the row; only valid until the next
}

// leading are the columns before those of the years.
var leading = []string{"Country Name", "Country Code", "Indicator Name", "Indicator Code"}

// The columns that are looked at.
const (
	countryColumn   = 1
	indicatorColumn = 3
)

// readSheet reads the lines above the header, the header, and calls row at each
// row. It returns the date of the database.
func readSheet(r *csv.Reader, row func(*sheet) error) (lastUpdated string, err error) {
	var s sheet
	lastUpdated, header, err := preamble(r)
	if err != nil {
		return "", err
	}
	s.width = len(header)
	if s.periods, err = columns(header); err != nil {
		return "", err
	}
	for {
		s.fields, err = r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
		s.n++
		if err := row(&s); err != nil {
			return "", err
		}
	}
	if s.n == 0 {
		return "", errors.New("there is no row below the header")
	}
	return lastUpdated, nil
}

// preamble reads up to the header: "Data Source","World Development Indicators",
// and "Last Updated Date","2026-07-13", with blank lines between, which package
// csv leaves out.
func preamble(r *csv.Reader) (lastUpdated string, header []string, err error) {
	database := ""
	for {
		line, err := r.Read()
		if err != nil {
			return "", nil, noSurprise(err)
		}
		switch {
		case line[0] == leading[0]:
			if database != wdi {
				return "", nil, fmt.Errorf("the data source is %q, want %q", clip([]byte(database)), wdi)
			}
			return lastUpdated, slices.Clone(line), nil
		case line[0] == "Data Source" && len(line) > 1:
			database = strings.Clone(line[1])
		case line[0] == "Last Updated Date" && len(line) > 1:
			lastUpdated = strings.Clone(line[1])
		case strings.Join(line, "") != "":
			return "", nil, fmt.Errorf("the line %q stands above the header", clip([]byte(strings.Join(line, ","))))
		}
	}
}

// columns names the period of each column. Every line ends in a comma, so the
// last column has neither a name nor cells.
func columns(header []string) ([]string, error) {
	if len(header) > 0 && header[len(header)-1] == "" {
		header = header[:len(header)-1]
	}
	if len(header) <= len(leading) || !slices.Equal(header[:len(leading)], leading) {
		return nil, fmt.Errorf("the header begins %q, want %s and then years", clip([]byte(strings.Join(header, ","))), strings.Join(leading, ", "))
	}
	periods := make([]string, len(header))
	for i, name := range header[len(leading):] {
		p := isoPeriod(name)
		if p == "" || slices.Contains(periods, p) {
			return nil, fmt.Errorf("the column %q is no year, or comes twice", clip([]byte(name)))
		}
		periods[len(leading)+i] = strings.Clone(p)
	}
	return periods, nil
}

// wrong says why no figure of the row can be trusted; empty when they can.
func (s *sheet) wrong(code string) string {
	switch {
	case len(s.fields) != s.width:
		return fmt.Sprintf("the row has %d cells and the header %d: they may be shifted", len(s.fields), s.width)
	case s.width > len(s.periods) && s.fields[s.width-1] != "":
		return "something follows the last comma"
	case !utf8.ValidString(strings.Join(s.fields, "")):
		return "the row is not UTF-8"
	case s.fields[countryColumn] == "" || len(s.fields[countryColumn]) > longest:
		return "there is no country code"
	case s.fields[indicatorColumn] != code:
		return "the row is about another indicator than " + code
	}
	return ""
}

// Decode reads the figures of one archive.
func (b *Bulk) Decode(doc source.Document, sink source.Sink) error {
	code, err := bulkCode(doc.Name)
	if err != nil {
		return distrust(doc, doc.Body, err)
	}
	d := bulkDecoder{code: code, sink: sink, seen: map[string]bool{}}
	_, err = readBulk(doc, code, d.row)
	if d.stopped != nil {
		return d.stopped
	}
	return err
}

// bulkDecoder turns rows into observations.
type bulkDecoder struct {
	code    string
	sink    source.Sink
	seen    map[string]bool // countries so far
	stopped error           // what the sink said when it would not go on
}

// row yields the figures of one country. Empty cells are years without one.
func (d *bulkDecoder) row(s *sheet) error {
	problem := s.wrong(d.code)
	if problem == "" && d.seen[s.fields[countryColumn]] {
		problem = "the country has a row already"
	}
	if problem != "" {
		d.reject(s, problem, strings.Join(s.fields, ","))
		return nil
	}
	region := strings.Clone(s.fields[countryColumn])
	d.seen[region] = true
	for i, p := range s.periods {
		if p == "" || s.fields[i] == "" {
			continue
		}
		value, ok := number([]byte(s.fields[i]))
		if !ok {
			d.reject(s, fmt.Sprintf("the cell of %s for %s is not a finite number", region, p), s.fields[i])
			continue
		}
		d.stopped = d.sink.Observe(&source.Observation{
			Record: s.n, Region: region, Indicator: d.code, Period: p, Origin: ID, Value: value, Status: source.Final, Confidence: source.High,
		})
		if d.stopped != nil {
			return errStopped
		}
	}
	return nil
}

func (d *bulkDecoder) reject(s *sheet, reason, text string) {
	d.sink.Reject(source.Reject{Record: s.n, Reason: reason, Text: strings.ToValidUTF8(clip([]byte(text)), "�")})
}
