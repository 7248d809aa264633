// Package grid reads spreadsheets into plain cells: .xlsx, .xls, HTML pages with
// tables, CSV and tab-separated text.
//
// It knows nothing of statistics. What a cell means is its reader's business;
// what is in it, and at which address, is decided here once for every source.
//
// # Which form
//
// The bytes decide, never the file's name or media type: publishers call HTML
// pages .xls and call workbooks anything. PK is a zip and so .xlsx, D0CF11E0 is
// an OLE container and so .xls, a first < is HTML, and other text is CSV. Text is
// UTF-8 or UTF-16 when a byte order mark says so, what an HTML page declares,
// UTF-8 when it is valid, and GB 18030 otherwise. Bytes that are none of these
// are an error: one wrong character can hide a whole column.
//
// # Cells
//
// Rows are as in the file and keep their places, so that Address(2, 2) is the C3
// a person sees. Rows may be of different length; At gives the empty cell beyond
// the end. Every cell of a merged range has the text and number of its first one
// and, but for that first one, the mark Merged: a header can be read off any
// column, and a figure is still there only once.
//
// Text is what a reader sees, as far as it is known: the number format of .xlsx
// is applied, of .xls only the percent sign is. Number is what the file holds,
// unrounded, and IsNumber says that the file itself calls the cell a number. In
// CSV nothing does, in HTML only Excel's own x:num. So a cell that shows 8.3% has
// Number 0.083, and the text "1,234" is no number until its reader says so.
//
// # Formulas
//
// A formula's cell holds the result that was saved with it. Nothing is computed
// here; a formula without a saved result is an error, for it would read as empty.
//
// # Why no library for .xls
//
// The container is read by richardlehane/mscfb. What is inside it, BIFF records,
// is read in biff.go, because the Go libraries for it lose cells without a word:
// shakinm/xlsReader skips every formula and rich text, decodes old Chinese files
// as Cyrillic, turns its own errors into an empty workbook, and follows a
// circular chain of sectors for ever.
//
// # Limits
//
// Documents come from strangers. Bodies, unpacked parts, cells and merges are
// counted before memory is spent on them (see limits), and a panic in a library
// becomes an error. All errors are of kind Upstream.
package grid

import (
	"bytes"
	"fmt"

	"github.com/xuri/excelize/v2"

	"citystats/internal/fault"
)

// Sheet is one sheet of a workbook, one table of a page, or a whole text file.
type Sheet struct {
	Name   string // the sheet's; "table 2" in HTML, "text" for CSV
	Title  string // the caption of an HTML table, or else the title of its page
	Hidden bool   // not shown to people, such as a watermark
	Rows   [][]Cell
}

// Cell is one cell.
type Cell struct {
	Text     string  // as shown
	Number   float64 // as held, when IsNumber
	IsNumber bool    // the file itself says that this is a number
	Merged   bool    // repeats the first cell of a merged range
}

// The limits are far above any statistical table.
const (
	maxBody     = 64 << 20  // bytes of a document
	maxUnpacked = 128 << 20 // bytes of all its parts, unpacked
	maxCells    = 1 << 19   // cells of all sheets, empty ones before the last included
	maxMerges   = 20_000    // merged ranges of all sheets
	maxSheets   = 500
	maxText     = 32 << 20 // bytes of text in all cells, repeats of merged ones included
	maxRow      = 1 << 20  // rows of one sheet, as in Excel
	maxColumn   = 1 << 14  // columns of one sheet, as in Excel
)

// resave is what helps with most files that cannot be read.
const resave = "open it in a spreadsheet program and save it as .xlsx"

// Read reads all sheets of a spreadsheet in any of the forms. Its error is of kind
// Upstream.
func Read(body []byte) (sheets []Sheet, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			sheets, err = nil, bad("the file is damaged: %v", broken)
		}
	}()
	if len(body) > maxBody {
		return nil, bad("it has %d MB, more than the %d MB a spreadsheet may have", len(body)>>20, maxBody>>20)
	}
	if sheets, err = read(body); err != nil {
		return nil, err
	}
	for _, s := range sheets {
		if len(s.Rows) > 0 {
			return sheets, nil
		}
	}
	return nil, bad("there is not one cell with something in it")
}

var (
	zipMagic = []byte("PK\x03\x04")
	oleMagic = []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
)

func read(body []byte) ([]Sheet, error) {
	switch {
	case begins(body, zipMagic):
		return readXLSX(body)
	case begins(body, oleMagic):
		return readXLS(body)
	case isBareBIFF(body):
		return nil, bad("it is a workbook of Excel 4 or older")
	}
	text, err := decodeText(body)
	if err != nil {
		return nil, err
	}
	if isMarkup(text) {
		return readHTML(text)
	}
	return readCSV(text)
}

// begins is also true of a body that was cut within the magic bytes, which could
// pass for a letter or two.
func begins(body, magic []byte) bool {
	return bytes.HasPrefix(body, magic) || len(body) > 0 && bytes.HasPrefix(magic, body)
}

// bad is why a document cannot be read.
func bad(format string, args ...any) error {
	return fault.New(fault.Upstream, "", resave, "no readable spreadsheet: "+format, args...)
}

// Address is the name of a cell as spreadsheet programs write it: Address(0, 0)
// is A1 and Address(11, 2) is C12.
func Address(row, column int) string {
	name, err := excelize.CoordinatesToCellName(column+1, row+1)
	if err != nil {
		return fmt.Sprintf("row %d column %d", row+1, column+1)
	}
	return name
}

// At is the cell in that row and column, counted from 0, and an empty one where
// there is none.
func (s *Sheet) At(row, column int) Cell {
	if row < 0 || row >= len(s.Rows) || column < 0 || column >= len(s.Rows[row]) {
		return Cell{}
	}
	return s.Rows[row][column]
}

// Width is the length of the longest row.
func (s *Sheet) Width() int {
	width := 0
	for _, r := range s.Rows {
		width = max(width, len(r))
	}
	return width
}
