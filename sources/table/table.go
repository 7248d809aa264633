// Package table reads the spreadsheets of yearbooks and statistical agencies.
//
// There is no protocol to speak here, only layouts: every book puts its areas,
// its years, its units and its footnotes somewhere else. So the layout is not
// code. A book is a YAML file in data/books that says where everything stands
// and which of our indicators each column means; sources/grid makes plain cells
// of whatever the bytes are; this package holds one against the other.
//
// # Exactness
//
// The danger of a spreadsheet is the shifted column: last year's file with one
// column more reads perfectly and every figure is wrong. So a book describes
// every cell of its sheet that is not a figure or its label. A text that is not
// the one expected, a text where nothing is expected, and a number outside the
// described columns are each an error that names the cell, what was expected and
// what was found, and nothing of the document is read. White space, full-width
// forms and the repeats of merged cells are forgiven; nothing else is. A text may
// hold {year}, {month} or {quarter}, which then say when, and * for anything.
//
// # What a figure is about
//
// Each figure needs an area, an indicator and a period. Each of the three comes
// from exactly one place: the label of the row, the column, or the whole book.
// Two places are a mistake in the book and so is none; both are found when the
// program starts, with file, line and column. The unit comes from the row or the
// column, or else from the book, and must not contradict a unit printed in the
// header above it.
//
// Chinese yearbooks print most things twice, for the whole city (全市) and for its
// districts alone (市辖区). For Hefei the two differ by up to a factor of two. Our
// regions are whole cities. So a column under such a heading must say which of
// the two it is, and one of districts can only be passed over.
//
// # What is not a figure
//
// A blank, …, - and # mean different things in different books, and sometimes in
// different years of one book. A book lists the signs it uses and what its preface
// says of each; none of them is ever a number, least of all zero. A sign the book
// does not list is a reject. Footnote marks behind a number are taken off when the
// book lists the mark, and its meaning stays with the figure as a note.
//
// A cell that holds a number is read as held, unrounded; what it shows must be
// that number rounded, or the cell is rejected.
//
// # Sheets
//
// A document may have sheets of several books; each visible sheet must be of one.
// A sheet that no book describes is a reject, unless the books of the others say
// to ignore it. A document without any known sheet is an error.
//
// # Documents
//
// Most books are downloaded by a person and come in with citystats import. A book
// may also list addresses, which Fetch asks for; a document that does not read as
// a book is an error and is not emitted.
package table

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"citystats/internal/fault"
	"citystats/sources/grid"
	"citystats/sources/source"
	"citystats/sources/transport"
)

// ID is the source's key in data/sources.csv.
const ID = "table"

// Source reads documents by the books it was given. It never changes after New
// and is safe for concurrent use.
type Source struct{ books []*Book }

// New makes the source for books that [Load] has checked.
func New(books []*Book) *Source { return &Source{slices.Clone(books)} }

// Info describes the source. Its hosts are those of the books' addresses.
func (s *Source) Info() source.Info {
	info := source.Info{ID: ID, Title: "Tables of yearbooks and agencies", Generation: 1}
	for _, b := range s.books {
		for _, a := range b.URLs {
			if host := hostOf(a.URL); !slices.Contains(info.Hosts, host) {
				info.Hosts = append(info.Hosts, host)
			}
		}
	}
	return info
}

// Fetch asks for every address of every book. Failures are gathered, so that one
// address does not cost the others; a host that is not there is asked once.
func (s *Source) Fetch(ctx context.Context, client *http.Client, emit func(source.Document) error) error {
	var failures []error
	gone := map[string]bool{}
	for _, b := range s.books {
		for _, a := range b.URLs {
			if gone[hostOf(a.URL)] {
				continue
			}
			doc, err := s.ask(ctx, client, b, a)
			switch {
			case ctx.Err() != nil:
				return errors.Join(append(failures, err, ctx.Err())...)
			case err != nil:
				gone[hostOf(a.URL)] = transport.Unreachable(err)
				failures = append(failures, err)
				continue
			}
			if err := emit(doc); err != nil {
				return err
			}
		}
	}
	return errors.Join(failures...)
}

// hostOf is the host of an address that Load has checked.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// ask gets one document and makes sure that it can be read.
func (s *Source) ask(ctx context.Context, client *http.Client, b *Book, a Address) (source.Document, error) {
	answer, err := transport.Get(ctx, client, a.URL)
	if err != nil {
		return source.Document{}, err
	}
	doc := source.Document{
		Source: ID, Name: documentName(b, a.URL), Title: first(a.Title, b.Title), Publisher: b.Publisher, URL: a.URL,
		MediaType: answer.MediaType, Published: a.Published, Body: answer.Body,
	}
	return doc, s.Decode(doc, nothing{})
}

// documentName is the address without what a move to another host would change.
func documentName(b *Book, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return b.ID
	}
	return b.ID + "/" + strings.TrimPrefix(u.RequestURI(), "/")
}

// Probe asks for the first address of all. Without addresses there is nobody to ask.
func (s *Source) Probe(ctx context.Context, client *http.Client) error {
	for _, b := range s.books {
		for _, a := range b.URLs {
			_, err := s.ask(ctx, client, b, a)
			return err
		}
	}
	return nil
}

// Describe fills in what a document's bytes say of its publication: who printed
// it, and its title when that is only a file's name. Bytes that no book describes
// leave the document as it is, for Decode to judge.
func (s *Source) Describe(doc source.Document) source.Document {
	sheets, err := grid.Read(doc.Body)
	if err != nil {
		return doc
	}
	for i := range sheets {
		if found := s.matching(&sheets[i]); len(found) == 1 {
			doc.Title, doc.Publisher = found[0].Title, found[0].Publisher
			return doc
		}
	}
	return doc
}

// Found says which book a sheet is of.
type Found struct{ Sheet, Book, Title string }

// Recognise says which sheets of a document are of which book.
func (s *Source) Recognise(body []byte) []Found {
	sheets, err := grid.Read(body)
	if err != nil {
		return nil
	}
	var out []Found
	for i := range sheets {
		for _, b := range s.matching(&sheets[i]) {
			out = append(out, Found{sheets[i].Name, b.ID, b.Title})
		}
	}
	return out
}

// The parts of a record's number: which sheet, row and column it is. Together they
// fit into the 31 bits that the database has.
const (
	maxSheets  = 1<<6 - 1
	maxRows    = 1 << 15
	maxColumns = 1 << 10
)

// recordOf numbers the cells of a document, from 1.
func recordOf(sheet, row, column int) int {
	return (sheet*maxRows+row)*maxColumns + column + 1
}

// Place is the cell with number n: "sheet 2, cell C12". Sheets count hidden ones.
func (s *Source) Place(n int) string {
	n--
	row, column := n/maxColumns, n%maxColumns
	return fmt.Sprintf("sheet %d, cell %s", row/maxRows+1, grid.Address(row%maxRows, column))
}

// nothing is the sink of a Decode whose figures nobody needs yet.
type nothing struct{}

func (nothing) Observe(*source.Observation) error { return nil }
func (nothing) Reject(source.Reject)              {}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// distrust is why a document is not read. Where names it, hint says what to do.
func distrust(where, hint, format string, args ...any) error {
	return fault.New(fault.Upstream, where, hint, format, args...)
}
