package grid

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// readXLSX reads an Office Open XML workbook. Formats are applied by excelize,
// which holds a sheet in memory: examine has counted its cells before.
func readXLSX(body []byte) ([]Sheet, error) {
	merges, cells, err := examine(body)
	if err != nil {
		return nil, err
	}
	// For each cell excelize goes through the merges.
	if merges*cells > 100_000_000 {
		return nil, bad("it has %d merged ranges and %d cells", merges, cells)
	}
	// Equal limits keep excelize from unpacking to disk.
	f, err := excelize.OpenReader(bytes.NewReader(body), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked})
	if err != nil {
		return nil, bad("%v", err)
	}
	defer f.Close() //nolint:errcheck // nothing was unpacked to disk
	names := f.GetSheetList()
	if len(names) > maxSheets {
		return nil, bad("it has %d sheets", len(names))
	}
	var sheets []Sheet
	left := newAllowance()
	for _, name := range names {
		if isChart(f, name) {
			continue
		}
		s, err := readSheet(f, name, left)
		if err != nil {
			return nil, within(name, err)
		}
		sheets = append(sheets, s)
	}
	return sheets, nil
}

// isChart tells sheets without cells.
func isChart(f *excelize.File, name string) bool {
	_, err := f.GetMergeCells(name, true)
	return err != nil && strings.HasSuffix(err.Error(), "is not a worksheet")
}

func readSheet(f *excelize.File, name string, left *allowance) (Sheet, error) {
	merged, err := f.GetMergeCells(name, true)
	if err != nil {
		return Sheet{}, err
	}
	visible, err := f.GetSheetVisible(name)
	if err != nil {
		return Sheet{}, err
	}
	rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
	if err != nil {
		return Sheet{}, err
	}
	b := builder{sheet: Sheet{Name: name, Hidden: !visible}, left: left}
	for row, values := range rows {
		for column, raw := range values {
			if raw == "" {
				continue
			}
			c, err := readCell(f, name, Address(row, column))
			if err != nil {
				return Sheet{}, err
			}
			if err := b.put(row, column, c); err != nil {
				return Sheet{}, err
			}
		}
	}
	for _, m := range merged {
		s, err := readSpan(m)
		if err != nil {
			return Sheet{}, err
		}
		if err := b.merge(s); err != nil {
			return Sheet{}, err
		}
	}
	return b.finish(), nil
}

func readCell(f *excelize.File, sheet, address string) (Cell, error) {
	kind, errKind := f.GetCellType(sheet, address)
	raw, errRaw := f.GetCellValue(sheet, address, excelize.Options{RawCellValue: true})
	text, err := f.GetCellValue(sheet, address)
	if err := errors.Join(errKind, errRaw, err); err != nil {
		return Cell{}, err
	}
	c := Cell{Text: text}
	if (kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber) && raw != "" {
		if c.Number, err = strconv.ParseFloat(raw, 64); err != nil || math.IsInf(c.Number, 0) || math.IsNaN(c.Number) {
			return Cell{}, fmt.Errorf("cell %s: %q is no number", address, clip(raw))
		}
		c.IsNumber = true
	}
	return c, nil
}

func readSpan(m excelize.MergeCell) (s span, err error) {
	var errs [2]error
	s.left, s.top, errs[0] = excelize.CellNameToCoordinates(m.GetStartAxis())
	s.right, s.bottom, errs[1] = excelize.CellNameToCoordinates(m.GetEndAxis())
	return span{s.top - 1, s.left - 1, s.bottom - 1, s.right - 1}, errors.Join(errs[:]...)
}

// examine counts what the workbook's parts hold before excelize makes memory of
// them, and refuses what excelize would pass over in silence: XML that breaks
// off, and formulas whose result was never saved.
func examine(body []byte) (merges, cells int, err error) {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return 0, 0, bad("the file is damaged or cut short: %v", err)
	}
	e := examiner{left: maxUnpacked}
	for _, part := range z.File {
		if err := e.part(part); err != nil {
			return 0, 0, bad("part %s: %v", clip(part.Name), err)
		}
	}
	return e.merges, e.cells, nil
}

// examiner counts over all parts: any of them may be what the workbook calls a
// sheet.
type examiner struct {
	left          int64 // bytes that may still be unpacked
	merges, cells int

	row, column   int // of the last cell of this part, from 1
	cell          string
	formula, held bool // in this cell
	text          bool // is the result of that formula
	value         bool // within <v>
}

func (e *examiner) part(part *zip.File) error {
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, e.left+1))
	if err != nil {
		return err
	}
	if e.left -= int64(len(data)); e.left < 0 {
		return fmt.Errorf("unpacked, the file has more than %d MB", maxUnpacked>>20)
	}
	if !bytes.Contains(data, []byte("sheetData")) && !bytes.Contains(data, []byte("<row")) {
		return nil // a picture, a font, a style
	}
	e.row, e.column = 0, 0
	return e.sheet(data)
}

// sheet goes through the XML of one sheet.
func (e *examiner) sheet(data []byte) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // only ASCII names are looked at
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := e.start(t); err != nil {
				return err
			}
		case xml.CharData:
			e.held = e.held || e.value
		case xml.EndElement:
			e.value = false
			if t.Name.Local == "c" && e.formula && !e.held {
				return fmt.Errorf("cell %s holds a formula and not its result", clip(e.cell))
			}
		}
	}
}

func (e *examiner) start(t xml.StartElement) error {
	switch t.Name.Local {
	case "mergeCell":
		e.merges++
	case "row":
		e.column = 0
		e.row++
		if n, err := strconv.Atoi(attribute(t, "r")); err == nil {
			e.row = n
		}
		e.cells = max(e.cells, e.row) + 1
	case "c":
		e.cell, e.formula, e.held, e.text = attribute(t, "r"), false, false, attribute(t, "t") == "str"
		before := e.column
		e.column++
		if column, _, err := excelize.CellNameToCoordinates(e.cell); err == nil {
			e.column = column
		}
		e.cells += max(1, e.column-before)
	case "f":
		e.formula = true
	case "v":
		e.value, e.held = true, e.text // a text may be empty, a number may not
	case "is":
		e.held = true
	}
	if e.cells > maxCells || e.merges > maxMerges {
		return fmt.Errorf("it has more than %d cells, empty ones between others included, or %d merged ranges", maxCells, maxMerges)
	}
	return nil
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
