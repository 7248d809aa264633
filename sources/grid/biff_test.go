package grid

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"citystats/internal/fault"
)

// biffRecord is a record to be written: its number and contents.
type biffRecord struct {
	id   uint16
	data []byte
}

// rec packs fields as they come: integers little endian, bytes as they are.
func rec(id uint16, parts ...any) biffRecord {
	var b bytes.Buffer
	for _, p := range parts {
		if err := binary.Write(&b, binary.LittleEndian, p); err != nil {
			panic(err)
		}
	}
	return biffRecord{id, b.Bytes()}
}

func u16(n int) uint16 { return uint16(n) }

// wide is text as two bytes a character, after its flags.
func wide(text string) []byte {
	out := []byte{1}
	for _, u := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

func label(row, column int, text string) biffRecord {
	return rec(recLabel, u16(row), u16(column), u16(0), u16(len(utf16.Encode([]rune(text)))), wide(text))
}

func number(row, column int, v float64) biffRecord {
	return rec(recNumber, u16(row), u16(column), u16(0), math.Float64bits(v))
}

var (
	bofBook  = rec(recBOF, u16(versionBIFF8), u16(5), make([]byte, 12))
	bofSheet = rec(recBOF, u16(versionBIFF8), u16(worksheet), make([]byte, 12))
	eof      = rec(recEOF)
)

func write(records ...biffRecord) []byte {
	var out []byte
	for _, r := range records {
		out = binary.LittleEndian.AppendUint16(out, r.id)
		out = binary.LittleEndian.AppendUint16(out, uint16(len(r.data)))
		out = append(out, r.data...)
	}
	return out
}

// book writes a stream: globals, then sheets one after the other, all called as
// they are numbered, the second one hidden.
func book(globals []biffRecord, sheets ...[]biffRecord) []byte {
	bound := func(at []int) []byte {
		all := append([]biffRecord{bofBook}, globals...)
		for i := range sheets {
			name := string(rune('A' + i))
			all = append(all, rec(recBoundSh, uint32(at[i]), []byte{byte(i & 1), 0, 1, 0}, []byte(name)))
		}
		return write(append(all, eof)...)
	}
	at := make([]int, len(sheets))
	out := bound(at)
	var rest []byte
	for i, s := range sheets {
		at[i] = len(out) + len(rest)
		rest = append(rest, write(s...)...)
	}
	return append(bound(at), rest...)
}

// ole puts a stream into a container: header, one sector of FAT, the directory,
// the stream.
func ole(name string, stream []byte) []byte {
	const sector = 512
	size := max(len(stream), 4096) // smaller ones are kept elsewhere
	sectors := (size + sector - 1) / sector
	fats := (2 + sectors + 127) / 128
	for fats*128 < fats+1+sectors {
		fats++
	}
	h := make([]byte, sector)
	copy(h, oleMagic)
	le := binary.LittleEndian
	le.PutUint16(h[24:], 0x3E)
	le.PutUint16(h[26:], 3)
	le.PutUint16(h[28:], 0xFFFE)
	le.PutUint16(h[30:], 9)
	le.PutUint16(h[32:], 6)
	le.PutUint32(h[44:], uint32(fats))
	le.PutUint32(h[48:], uint32(fats)) // the directory follows the FAT
	le.PutUint32(h[56:], 4096)
	le.PutUint32(h[60:], 0xFFFFFFFE)
	le.PutUint32(h[68:], 0xFFFFFFFE)
	for i := range 109 {
		le.PutUint32(h[76+4*i:], 0xFFFFFFFF)
		if i < fats {
			le.PutUint32(h[76+4*i:], uint32(i))
		}
	}
	fat := bytes.Repeat([]byte{0xFF}, fats*sector)
	for i := range fats {
		le.PutUint32(fat[4*i:], 0xFFFFFFFD)
	}
	le.PutUint32(fat[4*fats:], 0xFFFFFFFE)
	for i := range sectors {
		next := uint32(fats + 1 + i + 1)
		if i == sectors-1 {
			next = 0xFFFFFFFE
		}
		le.PutUint32(fat[4*(fats+1+i):], next)
	}
	entry := func(name string, kind byte, child, start uint32, size int) []byte {
		e := make([]byte, 128)
		for i, u := range utf16.Encode([]rune(name)) {
			le.PutUint16(e[2*i:], u)
		}
		le.PutUint16(e[64:], uint16(2*len(name)+2))
		e[66], e[67] = kind, 1
		le.PutUint32(e[68:], 0xFFFFFFFF)
		le.PutUint32(e[72:], 0xFFFFFFFF)
		le.PutUint32(e[76:], child)
		le.PutUint32(e[116:], start)
		le.PutUint32(e[120:], uint32(size))
		return e
	}
	directory := slices.Concat(entry("Root Entry", 5, 1, 0xFFFFFFFE, 0), entry(name, 2, 0xFFFFFFFF, uint32(fats+1), size), make([]byte, 256))
	body := make([]byte, sectors*sector)
	copy(body, stream)
	return slices.Concat(h, fat, directory, body)
}

// xls is a workbook of one sheet with these cells.
func xls(cells ...biffRecord) []byte {
	return ole("Workbook", book(nil, slices.Concat([]biffRecord{bofSheet}, cells, []biffRecord{eof})))
}

func TestXLS(t *testing.T) {
	chart := []biffRecord{rec(recBOF, u16(versionBIFF8), u16(0x20), make([]byte, 12)), number(0, 0, 99), eof}
	globals := []biffRecord{
		rec(recXF, u16(0), u16(0), make([]byte, 16)),
		rec(recXF, u16(0), u16(164), make([]byte, 16)),
		rec(recXF, u16(0), u16(10), make([]byte, 16)),
		rec(recXF, u16(0), u16(165), make([]byte, 16)),
		rec(recFormat, u16(164), u16(6), wide(`0.000%`)),
		rec(recFormat, u16(165), u16(5), wide(`0"%";`)),
		// Three shared strings; the second has formatting and breaks off in the middle, to go on in narrow characters.
		rec(recSST, uint32(3), uint32(3), u16(2), wide("合肥"), u16(4), []byte{9}, u16(1), wide("全市")[1:]),
		rec(recContinue, []byte{0}, []byte("ab"), make([]byte, 4), u16(0), []byte{0}),
	}
	sheet := slices.Concat([]biffRecord{bofSheet}, chart, []biffRecord{
		rec(recLabelSST, u16(0), u16(0), u16(0), uint32(0)),
		rec(recLabelSST, u16(0), u16(1), u16(0), uint32(1)),
		rec(recLabelSST, u16(0), u16(2), u16(0), uint32(2)),
		number(1, 0, -12013.1),
		rec(recRK, u16(1), u16(1), u16(0), uint32(1234<<2|2)),
		rec(recMulRK, u16(1), u16(2), u16(0), uint32(1234<<2|3), u16(1), uint32(math.Float64bits(0.5)>>32), u16(3)),
		rec(recRK, u16(1), u16(4), u16(0), uint32(0x100000000-5<<2|2)),
		rec(recNumber, u16(1), u16(5), u16(2), math.Float64bits(0.0834)),
		rec(recNumber, u16(1), u16(6), u16(3), math.Float64bits(8.34)),
		rec(recFormula, u16(2), u16(0), u16(0), math.Float64bits(2.5), make([]byte, 8)),
		rec(recFormula, u16(2), u16(1), u16(0), []byte{0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, make([]byte, 8)),
		rec(0x04BC, make([]byte, 10)), // a shared formula stands between
		rec(recString, u16(1), wide("文")),
		rec(recFormula, u16(2), u16(2), u16(0), []byte{1, 0, 1, 0, 0, 0, 0xFF, 0xFF}, make([]byte, 8)),
		rec(recFormula, u16(2), u16(3), u16(0), []byte{2, 0, 7, 0, 0, 0, 0xFF, 0xFF}, make([]byte, 8)),
		rec(recFormula, u16(2), u16(4), u16(0), []byte{3, 0, 0, 0, 0, 0, 0xFF, 0xFF}, make([]byte, 8)),
		rec(recBoolErr, u16(2), u16(5), u16(0), []byte{42, 1}),
		rec(recBoolErr, u16(2), u16(6), u16(0), []byte{0, 0}),
		rec(recBoolErr, u16(2), u16(7), u16(0), []byte{99, 1}),
		label(3, 0, "title"),
		rec(recMerge, u16(1), u16(3), u16(4), u16(0), u16(1)),
		label(4, 2, "x"),
		eof,
	})
	second := []biffRecord{bofSheet, label(0, 0, "watermark"), eof}
	want := []string{
		"A\n合肥|全市ab\n" +
			"-12013.1#-12013.1|1234#1234|12.34#12.34|50.000%#0.5|-5#-5|8.34%#0.0834|8.34#8.34\n" +
			"2.5#2.5|文|TRUE|#DIV/0!||#N/A|FALSE|#ERROR!\n" +
			"title|[title]\n[title]|[title]|x",
		"B hidden\nwatermark",
	}
	stream := book(globals, sheet, second, chart)
	wantSheets(t, ole("Workbook", stream), want...)

	// A cut either shows or takes away nothing.
	body := ole("Workbook", stream)
	for at := range body {
		sheets, err := Read(body[:at])
		if err == nil && len(sheets) == 2 && cmp.Equal(want, []string{show(sheets[0]), show(sheets[1])}) {
			continue
		}
		if err == nil || fault.KindOf(err) != fault.Upstream {
			t.Fatalf("cut to %d of %d bytes: error %v, want one of kind upstream", at, len(body), err)
		}
	}
}

// Before Excel 97 text was in the code page of whoever wrote it.
func TestXLSOld(t *testing.T) {
	bof := func(kind int) biffRecord { return rec(recBOF, u16(versionBIFF5), u16(kind), make([]byte, 4)) }
	old := func(page int, text string) []byte {
		globals := func(at int) []byte {
			return write(bof(5), rec(recCodePage, u16(page)), rec(recXF, u16(0), u16(200)), rec(recFormat, u16(200), []byte{2}, []byte("0%")),
				rec(recBoundSh, uint32(at), []byte{0, 0, 4}, []byte("\xBA\xCF\xB7\xCA")), eof)
		}
		at := len(globals(0))
		return ole("Book", append(globals(at), write(bof(worksheet),
			rec(recRString, u16(0), u16(0), u16(0), u16(len(text)), []byte(text), []byte{0}), number(0, 1, 0.5), eof)...))
	}
	wantSheets(t, old(936, "\xB3\xC7\xCA\xD0"), "合肥\n城市|50%#0.5")
	wantRefusal(t, old(936, "\xB3"), "not in code page 936")
	wantRefusal(t, old(9, "x"), "code page 9 is not known")
}

func TestXLSRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		body []byte
		want string
	}{
		"formula without result":  {xls(rec(recFormula, u16(6), u16(1), u16(0), []byte{0, 0, 0, 0, 0, 0, 0xFF, 0xFF})), "cell B7 holds a formula and not its result"},
		"two of them":             {xls(rec(recFormula, u16(6), u16(1), u16(0), []byte{0, 0, 0, 0, 0, 0, 0xFF, 0xFF}), rec(recFormula, u16(6), u16(2), u16(0), make([]byte, 8))), "cell B7 holds a formula"},
		"result of another kind":  {xls(rec(recFormula, u16(6), u16(1), u16(0), []byte{9, 0, 0, 0, 0, 0, 0xFF, 0xFF})), "result of kind 9"},
		"no finite number":        {xls(number(0, 2, math.Inf(1))), "cell C1 holds no finite number"},
		"text that is not there":  {xls(rec(recLabelSST, u16(0), u16(0), u16(0), uint32(7))), "cell A1 holds text number 7 of 0"},
		"a short record":          {xls(rec(recNumber, u16(0))), "breaks off"},
		"too few numbers":         {xls(rec(recMulRK, u16(0), u16(0), u16(0), uint32(4), u16(5))), "says column 6"},
		"text cut short":          {xls(rec(recLabel, u16(0), u16(0), u16(0), u16(500), wide("ab"))), "breaks off"},
		"a column beyond the end": {xls(number(0, maxColumn, 1)), "column 16385"},
		"locked":                  {ole("Workbook", book([]biffRecord{rec(recFilePass, u16(0))})), "locked with a password"},
		"locked, newer":           {ole("EncryptedPackage", nil), "locked with a password"},
		"a letter":                {ole("WordDocument", nil), "but no workbook"},
		"another version":         {ole("Workbook", write(rec(recBOF, u16(0x1234), u16(5)))), "version 0x1234"},
		"no beginning":            {ole("Workbook", write(eof)), "the beginning is not where"},
		"sheet elsewhere":         {ole("Workbook", book(nil, []biffRecord{eof})), "the beginning is not where"},
		"cells without end":       {ole("Workbook", book(nil, append([]biffRecord{bofSheet}, slices.Repeat([]biffRecord{number(65535, 255, 1)}, 1)...))), "breaks off"},
		"merges":                  {xls(slices.Repeat([]biffRecord{rec(recMerge, u16(1000), make([]byte, 8000))}, 30)...), "merged ranges"},
		"too much text":           {ole("Workbook", book([]biffRecord{rec(recSST, uint32(1), uint32(1<<31), make([]byte, 100))})), "breaks off"},
	} {
		t.Run(name, func(t *testing.T) { wantRefusal(t, tt.body, tt.want) })
	}
}

// A chain of sectors that leads back to itself.
func TestXLSCircle(t *testing.T) {
	body := ole("Workbook", write(bofBook, rec(0x1000, []byte(strings.Repeat("x", 6000))), eof))
	binary.LittleEndian.PutUint32(body[512+4*5:], 3)
	wantRefusal(t, body, "")
}
