package grid

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"citystats/internal/fault"
)

// show writes a sheet so that a test can be read: numbers as #held, repeats of
// merged cells in brackets, columns apart by |.
func show(s Sheet) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s", s.Name)
	if s.Title != "" {
		fmt.Fprintf(&out, " (%s)", s.Title)
	}
	if s.Hidden {
		out.WriteString(" hidden")
	}
	for _, row := range s.Rows {
		var cells []string
		for _, c := range row {
			text := strings.ReplaceAll(c.Text, "\n", "/")
			if c.IsNumber {
				text += fmt.Sprintf("#%v", c.Number)
			}
			if c.Merged {
				text = "[" + text + "]"
			}
			cells = append(cells, text)
		}
		out.WriteString("\n" + strings.Join(cells, "|"))
	}
	return out.String()
}

func wantSheets(t *testing.T, body []byte, want ...string) {
	t.Helper()
	sheets, err := Read(body)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range sheets {
		got = append(got, show(s))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
}

func wantRefusal(t *testing.T, body []byte, want string) {
	t.Helper()
	sheets, err := Read(body)
	if fault.KindOf(err) != fault.Upstream || !strings.Contains(fmt.Sprint(err), want) || sheets != nil {
		t.Errorf("%d sheets and error %v, want none and one of kind upstream that says %q", len(sheets), err, want)
	}
}

// xlsx makes a workbook; fill may do what it likes with it.
func xlsx(t testing.TB, fill func(f *excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := fill(f); err != nil {
		t.Fatal(err)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// example has something of everything.
func example(t testing.TB) []byte {
	return xlsx(t, func(f *excelize.File) error {
		percent, err := f.NewStyle(&excelize.Style{NumFmt: 10})
		if err != nil {
			return err
		}
		thousands, err := f.NewStyle(&excelize.Style{NumFmt: 4})
		if err != nil {
			return err
		}
		must := func(e error) {
			if err == nil {
				err = e
			}
		}
		must(f.SetSheetName("Sheet1", "表1"))
		must(f.SetCellValue("表1", "B2", "地区生产总值\nGross Domestic Product"))
		must(f.MergeCell("表1", "B2", "D3"))
		must(f.SetCellValue("表1", "A5", "2019"))
		must(f.SetCellValue("表1", "B5", 2019))
		must(f.SetCellValue("表1", "C5", 0.0834))
		must(f.SetCellStyle("表1", "C5", "C5", percent))
		must(f.SetCellValue("表1", "D5", 12013.123))
		must(f.SetCellStyle("表1", "D5", "D5", thousands))
		must(f.SetCellValue("表1", "E5", true))
		_, e := f.NewSheet("CNKI")
		must(e)
		must(f.SetCellValue("CNKI", "A1", "watermark"))
		must(f.SetSheetVisible("CNKI", false))
		return err
	})
}

func TestXLSX(t *testing.T) {
	wantSheets(t, example(t),
		"表1\n\n|地区生产总值/Gross Domestic Product|[地区生产总值/Gross Domestic Product]|[地区生产总值/Gross Domestic Product]\n"+
			"|[地区生产总值/Gross Domestic Product]|[地区生产总值/Gross Domestic Product]|[地区生产总值/Gross Domestic Product]\n\n"+
			"2019|2019#2019|8.34%#0.0834|12,013.12#12013.123|TRUE",
		"CNKI hidden\nwatermark")
}

// A sheet that is a chart has no cells.
func TestXLSXChart(t *testing.T) {
	wantSheets(t, xlsx(t, func(f *excelize.File) error {
		if err := f.SetCellValue("Sheet1", "A1", 1); err != nil {
			return err
		}
		return f.AddChartSheet("Chart", &excelize.Chart{Type: excelize.Line, Series: []excelize.ChartSeries{{Values: "Sheet1!$A$1:$A$1"}}})
	}), "Sheet1\n1#1")
}

func TestXLSXFormula(t *testing.T) {
	body := xlsx(t, func(f *excelize.File) error { return f.SetCellFormula("Sheet1", "B7", "1+1") })
	wantRefusal(t, body, "cell B7 holds a formula and not its result")
}

func TestXLSXCut(t *testing.T) {
	body := example(t)
	for at := range body {
		if _, err := Read(body[:at]); fault.KindOf(err) != fault.Upstream || err == nil {
			t.Errorf("cut to %d of %d bytes: error %v, want one of kind upstream", at, len(body), err)
		}
	}
}

// sheetXML is a workbook whose sheet is written by hand.
func sheetXML(t *testing.T, inside string) []byte {
	return xlsx(t, func(f *excelize.File) error {
		f.Pkg.Store("xl/worksheets/sheet1.xml", []byte(`<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`+inside+`</worksheet>`))
		f.Sheet.Delete("xl/worksheets/sheet1.xml")
		return nil
	})
}

func TestXLSXByHand(t *testing.T) {
	for inside, want := range map[string]string{
		`<sheetData><row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"x"</f><v>x</v></c></row></sheetData>`:        "Sheet1\n2#2|x",
		`<sheetData><row><c><v>1</v></c><c t="inlineStr"><is><t>two</t></is></c></row></sheetData>`:                               "Sheet1\n1#1|two",
		`<sheetData><row r="3"><c r="B3"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row></sheetData>`:                   "Sheet1\n\n2#2\n|1#1",
		`<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>`: "Sheet1\n1#1",
	} {
		wantSheets(t, sheetXML(t, inside), want)
	}
}

// Each of these would cost gigabytes or for ever.
func TestXLSXBombs(t *testing.T) {
	many := func(n int, text string) string { return strings.Repeat(text, n) }
	for name, inside := range map[string]string{
		"cells without address":  `<sheetData><row>` + many(maxCells+1, `<c/>`) + `</row></sheetData>`,
		"cells far to the right": `<sheetData>` + many(200, `<row><c r="XFD1"><v>1</v></c></row>`) + `</sheetData>`,
		"a cell far down":        `<sheetData><row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>`,
		"merges":                 `<sheetData/><mergeCells>` + many(maxMerges+1, `<mergeCell ref="A1:B2"/>`) + `</mergeCells>`,
	} {
		t.Run(name, func(t *testing.T) { wantRefusal(t, sheetXML(t, inside), "it has more than") })
	}
	t.Run("unpacked", func(t *testing.T) {
		wantRefusal(t, sheetXML(t, `<sheetData/>`+many(maxUnpacked+1, " ")), "unpacked, the file has more than")
	})
	t.Run("merges over each other", func(t *testing.T) {
		inside := `<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1000"><c r="GR1000"><v>1</v></c></row></sheetData><mergeCells>` +
			many(100, `<mergeCell ref="A1:GR1000"/>`) + `</mergeCells>`
		if _, err := Read(sheetXML(t, inside)); err != nil && fault.KindOf(err) != fault.Upstream {
			t.Errorf("error %v, want one of kind upstream or none", err)
		}
	})
}

func TestHTML(t *testing.T) {
	wantSheets(t, []byte(`<!DOCTYPE html><html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><title> 统计
年鉴 </title></head><body>
<table><tr><td>around<table><caption>Inner <b>table</b></caption><tr><th>a</th></tr></table></td></tr></table>
<table>
<thead><tr><th rowspan=2>城市<br>City</th><th colspan="2">地区生产总值</th></tr><tr><th>全市</th><th>市辖区</th></tr></thead>
<tr><td>合&nbsp;肥</td><td x:num="12013.1234">12,013.12</td><td x:num>1,234</td></tr>
<tr><td x:str>2019</td><td>7<script>8</script></td></table></body></html>`),
		"table 1 (统计 年鉴)\naround",
		"table 2 (Inner table)\na",
		"table 3 (统计 年鉴)\n城市/City|地区生产总值|[地区生产总值]\n[城市/City]|全市|市辖区\n合 肥|12,013.12#12013.1234|1,234#1234\n2019|7")
}

func TestHTMLSpans(t *testing.T) {
	wantSheets(t, []byte(`<table><tr><td rowspan=0>a<td>b<td>c<tr><td rowspan="99" colspan=-1>d<tr><td>e</table>`),
		"table 1\na|b|c\n[a]|d\n[a]|[d]|e")
	// A title across all columns and more is filled as far as there are columns.
	wantSheets(t, []byte(`<table><tr><td colspan=1000>title<tr><td>1<td>2</table>`), "table 1\ntitle|[title]\n1|2")
	wantSheets(t, []byte(`<table><tr><td colspan=x>1<td rowspan=x>2</table>`), "table 1\n1|2")
}

func TestHTMLEncodings(t *testing.T) {
	page := func(charset string) string {
		return `<html><meta charset="` + charset + `"><table><tr><td>合肥㐂</td></tr></table></html>`
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(page("gb2312"))
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(page("gb2312"))
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{gb, utf16, page("UTF-8"), strings.Replace(page(""), `<meta charset="">`, "", 1), "\uFEFF" + page("gb2312")} {
		wantSheets(t, []byte(body), "table 1\n合肥㐂")
	}
	wantRefusal(t, []byte(strings.Replace(page("utf-8"), "合", "\xE5\x90", 1)), "it has bytes that are not UTF-8")
	wantRefusal(t, []byte(strings.Replace(gb, "\xBA\xCF", "\xBA", 1)), "it has bytes that are not GB 18030")
}

func TestHTMLRefusals(t *testing.T) {
	for body, want := range map[string]string{
		`<html><body>Please try again later.</body></html>`:        `a page without a table: "Please try again later."`,
		`<html><frameset><frame src="left.htm"></frameset></html>`: "a page without a table",
		`<html><table><tr><td>1</td></tr><tr><td>2`:                "the page breaks off: 1 <table> without its end",
		`<html><table><tr><td>1</td></tr></table><p>and`:           "the page breaks off: 1 <html> without its end",
		`<table></table>`:               "not one cell",
		`<?xml version="1.0"?><error/>`: "a page without a table",
		strings.Repeat("<table>", 501) + strings.Repeat("</table>", 501):         "",
		strings.Repeat("<table></table>", 501):                                   "it has 501 tables",
		`<table>` + strings.Repeat(`<tr><td colspan=1000>`, 1000) + `</table>`:   "",
		`<table><tr>` + strings.Repeat(`<td colspan=1000>x`, 20) + `</table>`:    "columns",
		`<table>` + strings.Repeat(`<tr><td rowspan=65534>x`, 2000) + `</table>`: "",
	} {
		wantRefusal(t, []byte(body), want)
	}
}

func TestText(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("城市,2019年\n合肥㐂,\"9,409.40\"\n")
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("a\tb,c\td\r\n1\t2\n")
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]string{
		gb:                                    "text\n城市|2019年\n合肥㐂|9,409.40",
		utf16:                                 "text\na|b,c|d\n1|2",
		"\uFEFFa;b;1,5\n":                     "text\na|b|1,5",
		"\n\na,b\n\n\"x\ny\",\n\n\n1, 2 \n\n": "text\n\n\na|b\n\nx/y\n\n\n1| 2 ",
		"alone":                               "text\nalone",
	} {
		wantSheets(t, []byte(body), want)
	}
}

func TestRefusals(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte("a,b"))
	_ = z.Close()
	for body, want := range map[string]string{
		"":                               "it is empty",
		" \r\n\t\n":                      "it is empty",
		",,,\n,,\n":                      "not one cell",
		"a,\"b\n":                        "extraneous or missing",
		string(make([]byte, 100)):        "neither a workbook nor text",
		packed.String():                  "",
		"\xFF\xFEa\x00b":                 "UTF-16",
		"PK\x03\x04rest":                 "cut short",
		string(oleMagic) + "rest":        "cut short",
		"\x09\x04\x06\x00\x00\x00\x10":   "Excel 4 or older",
		strings.Repeat(",\n", maxCells):  "it has more than",
		strings.Repeat(",", maxColumn+1): "row 1, column 16385",
	} {
		wantRefusal(t, []byte(body), want)
	}
	wantRefusal(t, bytes.Repeat([]byte("x"), 100<<20), "it has 100 MB")
}

func TestAddress(t *testing.T) {
	for want, at := range map[string][2]int{"A1": {0, 0}, "C12": {11, 2}, "AA3": {2, 26}, "XFD1048576": {maxRow - 1, maxColumn - 1}, "row 1 column 0": {0, -1}} {
		if got := Address(at[0], at[1]); got != want {
			t.Errorf("Address(%d, %d) = %s, want %s", at[0], at[1], got, want)
		}
	}
}

func TestAt(t *testing.T) {
	s := Sheet{Rows: [][]Cell{{{Text: "a"}, {Text: "b"}}, nil}}
	if s.At(0, 1).Text != "b" || s.At(0, 2) != (Cell{}) || s.At(1, 0) != (Cell{}) || s.At(2, 0) != (Cell{}) || s.At(-1, 0) != (Cell{}) || s.At(0, -1) != (Cell{}) || s.Width() != 2 {
		t.Errorf("At or Width is wrong for %+v", s)
	}
}

// The same cells read the same in every form that can hold them.
func TestFormsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`[a-z0-9,."合肥市]{1,6}`)
		want := rapid.SliceOfN(rapid.SliceOfN(cell, 1, 4), 1, 4).Draw(t, "rows")
		var csv, page strings.Builder
		page.WriteString("<table>")
		f := excelize.NewFile()
		defer f.Close()
		var records [][]biffRecord
		for r, row := range want {
			page.WriteString("<tr>")
			for c, text := range row {
				if c > 0 {
					csv.WriteByte(',')
				}
				csv.WriteString(`"` + strings.ReplaceAll(text, `"`, `""`) + `"`)
				page.WriteString("<td>" + text)
				if err := f.SetCellValue("Sheet1", Address(r, c), text); err != nil {
					t.Fatal(err)
				}
				records = append(records, []biffRecord{label(r, c, text)})
			}
			csv.WriteByte('\n')
		}
		page.WriteString("</table>")
		book, err := f.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		for form, body := range map[string][]byte{
			"csv": []byte(csv.String()), "html": []byte(page.String()), "xlsx": book.Bytes(), "xls": xls(slices.Concat(records...)...),
		} {
			sheets, err := Read(body)
			if err != nil || len(sheets) != 1 {
				t.Fatalf("%s: %d sheets, %v", form, len(sheets), err)
			}
			var got [][]string
			for _, row := range sheets[0].Rows {
				var texts []string
				for _, c := range row {
					texts = append(texts, c.Text)
				}
				got = append(got, texts)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", form, diff)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add(example(f))
	f.Add(xls(label(0, 0, "a"), number(1, 1, 2.5)))
	f.Add([]byte("<table><tr><td rowspan=2>a<td colspan=3>b<tr><td>c</table>"))
	f.Add([]byte("a,b\n\n1,\"2\"\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		sheets, err := Read(body)
		if err != nil && (fault.KindOf(err) != fault.Upstream || sheets != nil) {
			t.Errorf("%d sheets and error %v, want one of kind upstream alone", len(sheets), err)
		}
		again, _ := Read(body)
		if !cmp.Equal(sheets, again) {
			t.Error("reading twice differs")
		}
	})
}

// TestSample reads a real workbook where it is at hand. It is not part of the
// project.
func TestSample(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "samples", "yearbook", "easyquery_export_20_Major_GDP.xls")
	body, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("no sample at %s; biff_test.go writes workbooks of its own", path)
	}
	sheets, err := Read(body)
	if err != nil {
		t.Fatal(err)
	}
	if len(sheets) != 1 || len(sheets[0].Rows) != 41 || sheets[0].Width() != 21 {
		t.Fatalf("%d sheets, the first of %d rows and %d columns; want 1 of 41 and 21", len(sheets), len(sheets[0].Rows), sheets[0].Width())
	}
	for at, want := range map[string]Cell{
		"A1": {Text: "数据库：主要城市年度数据"}, "A4": {Text: "地区"}, "U4": {Text: "1999年"}, "A18": {Text: "合肥"}, "B18": {},
		"C18": {Text: "7213.45", Number: 7213.45, IsNumber: true}, "T18": {}, "S18": {Text: "363.44", Number: 363.44, IsNumber: true},
		"A41": {Text: "数据来源：国家统计局"},
	} {
		column, row, err := excelize.CellNameToCoordinates(at)
		if err != nil {
			t.Fatal(err)
		}
		if got := sheets[0].At(row-1, column-1); got != want {
			t.Errorf("%s is %+v, want %+v", at, got, want)
		}
	}
}
