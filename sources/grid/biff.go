package grid

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// The records that carry what is wanted, by the names of [MS-XLS].
const (
	recFormula   = 0x0006
	recEOF       = 0x000A
	recFilePass  = 0x002F
	recContinue  = 0x003C
	recCodePage  = 0x0042
	recBoundSh   = 0x0085
	recMulRK     = 0x00BD
	recRString   = 0x00D6
	recXF        = 0x00E0
	recMerge     = 0x00E5
	recSST       = 0x00FC
	recLabelSST  = 0x00FD
	recNumber    = 0x0203
	recLabel     = 0x0204
	recBoolErr   = 0x0205
	recString    = 0x0207
	recRK        = 0x027E
	recFormat    = 0x041E
	recBOF       = 0x0809
	versionBIFF8 = 0x0600
	versionBIFF5 = 0x0500
	worksheet    = 0x0010 // kind of a substream
)

// workbook is what the first part of the stream says of all sheets.
type workbook struct {
	biff8    bool
	codepage int
	strings  []string
	formats  map[int]string
	cells    []int // number format of each cell style
	sheets   []sheetAt
	left     *allowance
}

type sheetAt struct {
	name   string
	hidden bool
	at     int
}

// codepages are those of Excel 5 and 95; later files are in Unicode.
var codepages = map[int]encoding.Encoding{
	367: charmap.Windows1252, 932: japanese.ShiftJIS, 936: simplifiedchinese.GBK, 949: korean.EUCKR, 950: traditionalchinese.Big5,
	1250: charmap.Windows1250, 1251: charmap.Windows1251, 1252: charmap.Windows1252, 0x8000: charmap.Macintosh, 0x8001: charmap.Windows1252,
}

// readBIFF reads the workbook stream of Excel 5 to 2003.
func readBIFF(stream []byte) ([]Sheet, error) {
	w := workbook{formats: map[int]string{}, codepage: 1252, left: newAllowance()}
	if err := w.globals(&records{stream: stream}); err != nil {
		return nil, within("", err)
	}
	if len(w.sheets) > maxSheets {
		return nil, bad("it has %d sheets", len(w.sheets))
	}
	var sheets []Sheet
	for _, at := range w.sheets {
		s, isSheet, err := w.sheet(&records{stream, at.at}, at)
		if err != nil {
			return nil, within(at.name, err)
		}
		if isSheet {
			sheets = append(sheets, s)
		}
	}
	return sheets, nil
}

// open reads the record a part of the stream begins with.
func (w *workbook) open(r *records) (kind int, err error) {
	rec, err := r.next()
	f := fields{record: rec}
	version := f.u16()
	kind = f.u16()
	switch {
	case err != nil:
		return 0, err
	case f.err != nil || rec.id != recBOF:
		return 0, errors.New("the beginning is not where the file says it is")
	case version != versionBIFF8 && version != versionBIFF5:
		return 0, fmt.Errorf("its version %#x is not known", version)
	}
	w.biff8 = version == versionBIFF8
	return kind, nil
}

func (w *workbook) globals(r *records) error {
	if _, err := w.open(r); err != nil {
		return err
	}
	for {
		rec, err := r.next()
		if err != nil {
			return err
		}
		f := &fields{record: rec}
		switch rec.id {
		case recEOF:
			return nil
		case recFilePass:
			return errLocked
		case recCodePage:
			w.codepage = f.u16()
		case recBoundSh:
			w.boundSheet(f)
		case recFormat:
			w.format(f)
		case recXF:
			f.take(2)
			w.cells = append(w.cells, f.u16())
		case recSST:
			w.sst(f)
		}
		if f.err != nil {
			return fmt.Errorf("record %#x: %w", rec.id, f.err)
		}
	}
}

func (w *workbook) boundSheet(f *fields) {
	s := sheetAt{at: int(f.u32())}
	s.hidden = f.u8()&3 != 0
	f.take(1)
	s.name = w.text(f, f.u8())
	w.sheets = append(w.sheets, s)
}

func (w *workbook) format(f *fields) {
	id, read := f.u16(), f.u8
	if w.biff8 {
		read = f.u16
	}
	w.formats[id] = w.text(f, read())
}

// sst reads the strings that all sheets share.
func (w *workbook) sst(f *fields) {
	f.take(4) // how often they are used
	n := f.u32()
	for range n {
		if f.err != nil {
			return
		}
		f.turn()
		w.strings = append(w.strings, w.richText(f, f.u16()))
		if w.left.text -= len(w.strings[len(w.strings)-1]); w.left.text < 0 || len(w.strings) > maxCells {
			f.err = errors.New("there is too much text")
		}
	}
}

// text reads a string of that many characters as this version writes them.
func (w *workbook) text(f *fields, length int) string {
	if w.biff8 {
		return w.richText(f, length)
	}
	page, known := codepages[w.codepage]
	raw := f.take(length)
	if f.err != nil {
		return ""
	}
	text, err := "", fmt.Errorf("code page %d is not known", w.codepage)
	if known {
		text, err = page.NewDecoder().String(string(raw))
	}
	if f.err = err; strings.ContainsRune(text, '\uFFFD') {
		f.err = fmt.Errorf("text that is not in code page %d", w.codepage)
	}
	return text
}

// richText reads a string in Unicode, with what may follow it. It may reach over
// into CONTINUE records, each of which says anew how wide its characters are.
func (w *workbook) richText(f *fields, length int) string {
	flags := f.u8()
	runs, extra := 0, 0
	if flags&8 != 0 {
		runs = f.u16()
	}
	if flags&4 != 0 {
		extra = int(f.u32())
	}
	var units []uint16
	for len(units) < length && f.err == nil {
		if f.turn() {
			flags = f.u8()
		}
		wide := flags&1 != 0
		n := min(length-len(units), len(f.data))
		if wide {
			n = min(length-len(units), len(f.data)/2)
		}
		if n == 0 {
			f.err = errCut
		}
		for range n {
			if wide {
				units = append(units, uint16(f.u16())) //nolint:gosec // two bytes
			} else {
				units = append(units, uint16(f.u8())) //nolint:gosec // one byte
			}
		}
	}
	f.skip(4 * runs)
	f.skip(extra)
	return string(utf16.Decode(units))
}

// sheet reads one sheet; charts and macros are none.
func (w *workbook) sheet(r *records, at sheetAt) (Sheet, bool, error) {
	kind, err := w.open(r)
	if err != nil || kind != worksheet {
		return Sheet{}, false, err
	}
	s := sheetReader{workbook: w, b: builder{sheet: Sheet{Name: at.name, Hidden: at.hidden}, left: w.left}}
	for depth := 1; depth > 0; {
		rec, err := r.next()
		if err != nil {
			return Sheet{}, false, err
		}
		switch {
		case rec.id == recBOF: // a chart in the sheet
			depth++
		case rec.id == recEOF:
			depth--
		case depth == 1:
			if err := s.record(&fields{record: rec}); err != nil {
				return Sheet{}, false, err
			}
		}
	}
	if s.waiting != nil {
		return Sheet{}, false, errNoResult(*s.waiting)
	}
	for _, m := range s.merges {
		if err := s.b.merge(m); err != nil {
			return Sheet{}, false, err
		}
	}
	return s.b.finish(), true, nil
}

type sheetReader struct {
	*workbook

	b       builder
	merges  []span
	waiting *place // formula whose text is in a record to come
}

type place struct{ row, column, style int }

func errNoResult(p place) error {
	return fmt.Errorf("cell %s holds a formula and not its result", Address(p.row, p.column))
}

// record reads one record of a sheet. Those that are not listed are about looks.
func (s *sheetReader) record(f *fields) (err error) {
	switch f.id {
	case recNumber:
		at := f.place()
		err = s.number(at, math.Float64frombits(binary.LittleEndian.Uint64(f.take(8))))
	case recRK:
		err = s.number(f.place(), rk(f.u32()))
	case recMulRK:
		err = s.mulRK(f)
	case recLabelSST:
		err = s.shared(f)
	case recLabel, recRString:
		at := f.place()
		err = s.put(at, Cell{Text: s.text(f, f.u16())})
	case recBoolErr:
		at, value := f.place(), f.u8()
		err = s.put(at, Cell{Text: boolErr(value, f.u8() != 0)})
	case recFormula:
		err = s.formula(f)
	case recString:
		if s.waiting != nil {
			err = s.put(*s.waiting, Cell{Text: s.text(f, f.u16())})
			s.waiting = nil
		}
	case recMerge:
		for range f.u16() {
			top, bottom, left, right := f.u16(), f.u16(), f.u16(), f.u16()
			if s.merges = append(s.merges, span{top, left, bottom, right}); f.err != nil || len(s.merges) > maxMerges {
				break
			}
		}
	}
	if f.err != nil {
		return fmt.Errorf("record %#x: %w", f.id, f.err)
	}
	return err
}

func (f *fields) place() place { return place{f.u16(), f.u16(), f.u16()} }

func (s *sheetReader) put(at place, c Cell) error { return s.b.put(at.row, at.column, c) }

func (s *sheetReader) shared(f *fields) error {
	at, n := f.place(), int64(f.u32())
	if f.err == nil && n >= int64(len(s.strings)) {
		return fmt.Errorf("cell %s holds text number %d of %d", Address(at.row, at.column), n, len(s.strings))
	}
	if f.err != nil {
		return f.err
	}
	return s.put(at, Cell{Text: s.strings[n]})
}

func (s *sheetReader) mulRK(f *fields) error {
	at := place{row: f.u16(), column: f.u16()}
	for len(f.data) >= 6+2 {
		at.style = f.u16()
		if err := s.number(at, rk(f.u32())); err != nil {
			return err
		}
		at.column++
	}
	if last := f.u16(); f.err == nil && last != at.column-1 {
		return fmt.Errorf("row %d has numbers up to column %d and says column %d", at.row+1, at.column, last+1)
	}
	return f.err
}

// rk unpacks a number of four bytes: an integer or the upper half of a float,
// either of them perhaps in hundredths.
func rk(packed uint32) float64 {
	v := math.Float64frombits(uint64(packed&^3) << 32)
	if packed&2 != 0 {
		v = float64(int32(packed) >> 2) //nolint:gosec // the sign is meant
	}
	if packed&1 != 0 {
		v /= 100
	}
	return v
}

func (s *sheetReader) formula(f *fields) error {
	at, result := f.place(), f.take(8)
	if s.waiting != nil {
		return errNoResult(*s.waiting)
	}
	if result[6] != 0xFF || result[7] != 0xFF {
		return s.number(at, math.Float64frombits(binary.LittleEndian.Uint64(result)))
	}
	switch result[0] {
	case 0:
		s.waiting = &at
		return nil
	case 1, 2:
		return s.put(at, Cell{Text: boolErr(int(result[2]), result[0] == 2)})
	case 3:
		return s.put(at, Cell{})
	}
	return fmt.Errorf("cell %s holds a result of kind %d, which is not known", Address(at.row, at.column), result[0])
}

// errorValues are how Excel shows them.
var errorValues = map[int]string{0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}

func boolErr(value int, isError bool) string {
	switch {
	case isError:
		if text, known := errorValues[value]; known {
			return text
		}
		return "#ERROR!"
	case value != 0:
		return "TRUE"
	}
	return "FALSE"
}

func (s *sheetReader) number(at place, v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("cell %s holds no finite number", Address(at.row, at.column))
	}
	return s.put(at, Cell{Text: s.shown(v, at.style), Number: v, IsNumber: true})
}

// shown is the number with all its digits, in percent where its format says so.
func (s *sheetReader) shown(v float64, style int) string {
	format := 0
	if style < len(s.cells) {
		format = s.cells[style]
	}
	code := s.formats[format]
	switch {
	case format == 9 && code == "":
		code = "0%"
	case format == 10 && code == "":
		code = "0.00%"
	}
	positive, _, _ := strings.Cut(unquoted(code), ";")
	if !strings.Contains(positive, "%") {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	_, decimals, _ := strings.Cut(positive, ".")
	digits := strings.Count(decimals, "0") + strings.Count(decimals, "#")
	return strconv.FormatFloat(v*100, 'f', digits, 64) + "%"
}

// unquoted takes literal text out of a number format.
func unquoted(code string) string {
	var out strings.Builder
	quoted := false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' || c == '_' || c == '*':
			i++
		case !quoted:
			out.WriteByte(c)
		}
	}
	return out.String()
}
