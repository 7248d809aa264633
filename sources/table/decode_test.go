package table

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/time/rate"
	"pgregory.net/rapid"

	"citystats/internal/fault"
	"citystats/sources/grid"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
	"citystats/sources/transport"
)

const plainTable = "2019年\n地区,生产总值\n合肥,9409.4\n注\n"

func wantRefused(t *testing.T, c *sourcetest.Collector, err error, want string) {
	t.Helper()
	if fault.KindOf(err) != fault.Upstream || !strings.Contains(fmt.Sprint(err), want) || len(c.Observations) > 0 {
		t.Errorf("%d observations, error %v, want none and one of kind upstream that says %q", len(c.Observations), err, want)
	}
}

// TestDifferences makes the small table differ from its book in every way.
func TestDifferences(t *testing.T) {
	for _, tt := range []struct{ table, want string }{
		{"2019\n地区,生产总值\n合肥,9409.4\n注\n", `sheet 'text', cell A1: expected "{year}年", found "2019"`},
		{"2019年\n地区,总产值\n合肥,9409.4\n注\n", `cell B2: expected "生产总值", found "总产值"`},
		{"2019年\n地区,,生产总值\n合肥,,9409.4\n注\n", `cell B2: expected "生产总值", found ""; sheet 'text', cell C2: expected nothing, found "生产总值"`},
		{"2019年,单位：万元\n地区,生产总值\n合肥,9409.4\n注\n", `cell B1: expected nothing, found "单位:万元"`},
		{"2019年\n地区,生产总值\n合肥,9409.4,1\n注\n", `cell C3: expected nothing, found "1"`},
		{"2019年\n地区,生产总值\n合肥,9409.4\n,10045.72\n注\n", `cell A4: expected a label of its own`},
		{"2019年\n地区,生产总值\n合肥,9409.4\n合　肥,10045.72\n注\n", `cell A4: expected a label that was not there before`},
		{"2019年\n地区,生产总值\n合肥,9409.4\n", `cell A4: expected "注" after the last row`},
		{"2019年\n地区,生产总值\n合肥,9409.4\n注\n续表,1\n", `cell B5: expected nothing, found "1"`},
		{"2019年\n\n地区,生产总值\n合肥,9409.4\n注\n", `cell A2: expected`},
		{"", "no readable spreadsheet"},
		{"{error: busy}", `cell A1: expected "{year}年"`},
	} {
		c, err := decode(t, plainBook, []byte(tt.table))
		wantRefused(t, c, err, tt.want)
	}
	years := strings.NewReplacer("period_from: {cell: A1}\n", "", "at: B, header: {2: 生产总值}", `at: "B:", header: {2: "{year}年"}`).Replace(plainBook)
	c, err := decode(t, years, []byte("2019年\n地区,2019年,2019年\n合肥,9409.4,7822.9\n注\n"))
	wantRefused(t, c, err, "cell C2: expected a heading that was not there before")
	// Below the figures there may be words.
	c, err = decode(t, plainBook, []byte(plainTable+"本表,另有,文字\n"))
	if err != nil || len(c.Observations) != 1 || len(c.Rejects) > 0 {
		t.Errorf("%+v, %v; want one observation", c, err)
	}
}

// Whatever column or row comes in between, nothing is read from a wrong place.
func TestShiftsNeverGoUnnoticed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := [][]string{{"2019年", ""}, {"地区", "生产总值"}, {"合肥", "9409.4"}, {"注", ""}}
		text := rapid.SampledFrom([]string{"", "x", "5", "合肥"}).Draw(t, "text")
		if rapid.Bool().Draw(t, "column") {
			at := rapid.IntRange(0, 1).Draw(t, "at")
			for i := range rows {
				rows[i] = slices.Insert(rows[i], at, text)
			}
		} else {
			rows = slices.Insert(rows, rapid.IntRange(0, 2).Draw(t, "at"), []string{text, text})
		}
		var lines []string
		for _, r := range rows {
			lines = append(lines, strings.Join(r, ","))
		}
		books, err := parse("b.yaml", []byte(plainBook), known)
		if err != nil {
			t.Fatal(err)
		}
		c, err := sourcetest.Decode(New([]*Book{books}), source.Document{Name: "x", Body: []byte(strings.Join(lines, "\n"))})
		// An empty row between header and figures changes nothing that matters.
		same := err == nil && len(c.Observations) == 1 && c.Observations[0].Value == 9409.4 && c.Observations[0].Region == "340100"
		if fault.KindOf(err) != fault.Upstream && !same {
			t.Fatalf("%q: %+v, %v; want an error of kind upstream, or the one figure as it was", lines, c.Observations, err)
		}
	})
}

func TestObservation(t *testing.T) {
	book := plainBook + "marks: {①: 快报, ②: 含巢湖}\n"
	c, err := decode(t, book, []byte("2019年\n地区,生产总值\n合肥②,\"9,409.4①\"\n注\n"))
	want := []source.Observation{{
		Record: 2*maxColumns + 2, Region: "340100", Indicator: "gdp", Period: "2019", Unit: "cny_100m", Origin: "hefei_stats",
		Value: 9409.4, Status: source.Final, Confidence: source.High, Note: "① 快报; ② 含巢湖",
	}}
	if diff := cmp.Diff(want, c.Observations); err != nil || diff != "" {
		t.Errorf("%v, observations (-want +got):\n%s", err, diff)
	}
}

// A workbook may show percentages of what it holds.
func TestPercent(t *testing.T) {
	book := strings.NewReplacer("indicator: gdp", "indicator: gdp_growth_real", "cny_100m", "percent", "sheet: text", "sheet: Sheet1").Replace(plainBook)
	f := excelize.NewFile()
	defer f.Close()
	style, err := f.NewStyle(&excelize.Style{NumFmt: 10})
	if err != nil {
		t.Fatal(err)
	}
	for cell, v := range map[string]any{"A1": "2019年", "A2": "地区", "B2": "生产总值", "A3": "合肥", "B3": 0.076, "A4": "注"} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellStyle("Sheet1", "B3", "B3", style); err != nil {
		t.Fatal(err)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	c, err := decode(t, book, b.Bytes())
	if err != nil || len(c.Observations) != 1 || c.Observations[0].Value != 0.076 || c.Observations[0].Mult != 2 {
		t.Errorf("%+v, %v; want 0.076 times ten to the 2", c.Observations, err)
	}
}

func TestRead(t *testing.T) {
	b := Book{symbols: map[string]string{"": "ambiguous", "-": "unknown"}, marks: []mark{{"**", "second"}, {"*", "first"}}}
	held := func(text string, v float64) grid.Cell { return grid.Cell{Text: text, Number: v, IsNumber: true} }
	text := func(text string) grid.Cell { return grid.Cell{Text: text} }
	for _, tt := range []struct {
		cell grid.Cell
		want string // value, mult, note; or the beginning of the reason
	}{
		{text("12"), "12 0 "},
		{text("-12.50"), "-12.5 0 "},
		{text("１２，３４５．６"), "12345.6 0 "},
		{text("1 234 567.8"), "1.2345678e+06 0 "},
		{text("1\u00a0234"), "1234 0 "},
		{text("8.3%"), "8.3 0 "},
		{text("8.3 ％"), "8.3 0 "},
		{text("12**"), "12 0 ** second"},
		{text("12 *"), "12 0 * first"},
		{text(" － "), "missing"},
		{text(""), "missing"},
		{text("—"), "it is no number"},
		{text("12,34"), "it is no number"},
		{text("1,234 567"), "it is no number"},
		{text("12 3.4"), "it is no number"},
		{text("1e5"), "it is no number"},
		{text("0x1p4"), "it is no number"},
		{text("NaN"), "it is no number"},
		{text("+5"), "it is no number"},
		{text(".5"), "it is no number"},
		{text("12①"), "it is no number"},
		{text(strings.Repeat("9", 400)), "it is no number"},
		{held("12,013.12", 12013.123), "12013.123 0 "},
		{held("12013", 12013.5), "12013.5 0 "},
		{held("0.3", 0.30000000000000004), "0.30000000000000004 0 "},
		{held("8.34%", 0.0834), "0.0834 2 "},
		{held("1.5E+20", 1.5e20), "1.5e+20 0 "},
		{held("12014", 12013.123), "it holds 12013.123 and shows \"12014\", which is no rounding"},
		{held("1.2", 1200), "it holds 1200 and shows"},
		{held("8.34%", 8.34), "it holds 8.34 and shows"},
		{held("2019年5月", 43586), "it holds 43586 and shows"},
		{held("", 5), "it holds 5 and shows \"\""},
		{held("1.5E+20", 1.6e20), "it holds 1.6e+20 and shows"},
		{grid.Cell{Text: "12", Merged: true}, "it is part of a merged range"},
		{grid.Cell{Merged: true}, "missing"},
	} {
		f, err := b.read(tt.cell)
		got := fmt.Sprintf("%v %d %s", f.value, f.mult, f.note)
		switch {
		case err != nil:
			got = err.Error()
		case f.missing:
			got = "missing"
		}
		if got != tt.want && (err == nil || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%+v: %q, want %q", tt.cell, got, tt.want)
		}
	}
}

// What is printed with grouped thousands reads as the number it is.
func TestPrinted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(-1<<40, 1<<40).Draw(t, "n")
		decimals := rapid.IntRange(0, 3).Draw(t, "decimals")
		plain := fmt.Sprintf("%.*f", decimals, float64(n)/math.Pow10(decimals))
		whole, rest, _ := strings.Cut(strings.TrimPrefix(plain, "-"), ".")
		comma := rapid.SampledFrom([]string{",", " ", "，"}).Draw(t, "comma")
		text := ""
		for i, digit := range whole {
			if i > 0 && (len(whole)-i)%3 == 0 {
				text += comma
			}
			text += string(digit)
		}
		if rest != "" {
			text += "." + rest
		}
		if strings.HasPrefix(plain, "-") {
			text = "-" + text
		}
		a, okA := printed(tidy(text))
		b, okB := printed(plain)
		if !okA || !okB || a != b || a.decimals != decimals {
			t.Fatalf("%q reads as %+v %v, %q as %+v %v", text, a, okA, plain, b, okB)
		}
	})
}

func TestTotals(t *testing.T) {
	book := strings.NewReplacer(`areas: {合肥: "340100"}`, `areas: {合肥: "340100", 南京: "320100"}, total: 合计`).Replace(plainBook)
	for rows, want := range map[string]string{
		"合 计,15068.0\n合肥,5660.3\n南京,9407.8\n": "", // each may be rounded
		"合计,15068.10\n合肥,5660.3\n南京,9407.8\n": "",
		"合计,15068.2\n合肥,5660.3\n南京,9407.8\n":  "",
		"合计,15069.0\n合肥,5660.3\n南京,9407.8\n":  "cell B3 says 15069, but the rows add up to 15068.099999999999",
		"合计,1\n合肥,5660.3\n南京,-\n":             "", // nothing to compare
		"合计,-\n合肥,5660.3\n南京,9407.8\n":        "",
		"合肥,5660.3\n南京,9407.8\n":              `sheet 'text' has no row "合计"`,
	} {
		c, err := decode(t, book, []byte("2019年\n地区,生产总值\n"+rows+"注\n"))
		if want != "" {
			wantRefused(t, c, err, want)
		} else if err != nil || len(c.Observations) == 0 {
			t.Errorf("%q: %v", rows, err)
		}
	}
}

// TestLies is about an office that sends something else than it did.
func TestLies(t *testing.T) {
	swap := func(from, to string) func(string, []byte) []byte {
		return func(path string, body []byte) []byte {
			if strings.HasPrefix(path, "/2017") {
				return []byte(strings.Replace(htmlEdition, from, to, 1))
			}
			return body
		}
	}
	for name, tt := range map[string]struct {
		serve func(string, []byte) []byte
		docs  int
		want  string
	}{
		"workbook":              {nil, 2, ""},
		"a page called .xls":    {swap("", ""), 2, ""},
		"a column more":         {swap("<td>全市</td>", "<td>位次</td><td>全市</td>"), 1, `cell B4: expected "全市", found "位次"`},
		"columns changed round": {swap("<td>全市</td><td>市辖区</td>", "<td>市辖区</td><td>全市</td>"), 1, `cell B4: expected "全市", found "市辖区"`},
		"another unit":          {swap("亿元", "万元"), 1, `cell C2: expected "单位：亿元", found "单位:万元"`},
		"a row less":            {swap("<tr><td>杭州</td><td>12603.36</td></tr>", ""), 1, "expected 3 rows with known labels and not 2"},
		"a wrong sum":           {swap("7213.45", "7313.45"), 1, "says 31531.91, but the rows add up to 31631.91"},
		"an error page":         {swap(htmlEdition, "<html><body>系统繁忙</body></html>"), 1, "a page without a table"},
		"another table":         {swap(htmlEdition, "<table><tr><td>1</td></tr></table>"), 1, `book wants "主要城市地区生产总值（{year}年）" in cell A1`},
	} {
		t.Run(name, func(t *testing.T) {
			// In HTML sheets have no names of their own.
			book := strings.Replace(officeBook, "{sheet: 表1}", `{cells: {A1: "主要城市地区生产总值（{year}年）"}}`, 1)
			docs, err := fetchFrom(t, &office{t: t, serve: tt.serve}, book)
			if len(docs) != tt.docs || (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%d documents, error %v, want %d and %q", len(docs), err, tt.docs, tt.want)
			}
		})
	}
}

func TestFetchAsksAHostThatIsNotThereOnce(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	client := transport.New(transport.Options{
		UserAgent: "citystats/test (+https://example.org/contact)", AllowLocal: true, Rate: rate.Inf, Attempts: 1,
		Hosts: []string{strings.TrimPrefix(server.URL, "http://")},
	})
	defer client.CloseIdleConnections()
	_, err := sourcetest.Fetch(t.Context(), New([]*Book{load(t, officeBook, server.URL)}), client)
	if fault.KindOf(err) != fault.Upstream || strings.Count(err.Error(), server.URL) != 1 {
		t.Errorf("error %v, want one about the connection, not one per address", err)
	}
}

// htmlEdition is the edition of 2017 as a page.
const htmlEdition = `<html><table>
<tr><td colspan=3>主要城市地区生产总值（2017年）</td></tr><tr><td></td><td></td><td>单位：亿元</td></tr>
<tr><td rowspan=2>城市</td><td colspan=2>地区生产总值</td></tr><tr><td>全市</td><td>市辖区</td></tr>
<tr><td>合计</td><td>31531.91</td></tr>
<tr><td>南京</td><td>11715.10</td></tr><tr><td>杭州</td><td>12603.36</td></tr><tr><td>合肥</td><td>7213.45</td></tr>
<tr><td>注：市辖区不含县。</td></tr></table></html>`

func TestSheets(t *testing.T) {
	one, two := load(t, plainBook, ""), load(t, plainBook, "")
	one.ID, two.ID = "one", "two"
	doc := source.Document{Name: "x", Body: []byte(plainTable)}
	c, err := sourcetest.Decode(New([]*Book{one, two}), doc)
	wantRefused(t, c, err, "sheet 'text' could be of one and of two")
	c, err = sourcetest.Decode(New(nil), doc)
	wantRefused(t, c, err, "none of its sheets is of a book")
	var many []*Book
	for range 8 {
		many = append(many, load(t, officeBook, ""))
	}
	c, err = sourcetest.Decode(New(many), doc)
	wantRefused(t, c, err, `book wants a sheet called "表1"; and 3 more`)
	c, err = sourcetest.Decode(New(nil), source.Document{Body: []byte(strings.Repeat("<table><tr><td>1</table>", maxSheets+1))})
	wantRefused(t, c, err, "more than the 63")
	c, err = decode(t, plainBook, []byte(plainTable+strings.Repeat("x\n", maxRows)))
	wantRefused(t, c, err, "more than 32768 rows")
	c, err = decode(t, strings.Replace(plainBook, "{sheet: text}", `{caption: 表二}`, 1), []byte(plainTable))
	wantRefused(t, c, err, `book wants the caption "表二"`)
	c, err = decode(t, strings.Replace(plainBook, "{sheet: text}", `{cells: {B2: 总产值}}`, 1), []byte(plainTable))
	wantRefused(t, c, err, `book wants "总产值" in cell B2`)
}

func TestDescribe(t *testing.T) {
	src := New([]*Book{load(t, plainBook, "")})
	doc := src.Describe(source.Document{Title: "x.csv", Publisher: "citystats", Body: []byte(plainTable)})
	if doc.Title != "合肥统计年鉴" || doc.Publisher != "hefei_stats" {
		t.Errorf("%+v, want the book's title and publisher", doc)
	}
	for _, body := range []string{"", "<table><tr><td>1</table>"} {
		if doc := src.Describe(source.Document{Title: "x.csv", Body: []byte(body)}); doc.Title != "x.csv" || src.Recognise([]byte(body)) != nil {
			t.Errorf("%q is described as %q and found to be of %v", body, doc.Title, src.Recognise([]byte(body)))
		}
	}
	if diff := cmp.Diff([]Found{{"text", "book", "合肥统计年鉴"}}, src.Recognise([]byte(plainTable))); diff != "" {
		t.Error(diff)
	}
}

func TestPlace(t *testing.T) {
	src := New(nil)
	for want, at := range map[string][3]int{"sheet 1, cell A1": {0, 0, 0}, "sheet 1, cell C12": {0, 11, 2}, "sheet 63, cell AMJ32768": {maxSheets - 1, maxRows - 1, maxColumns - 1}} {
		n := recordOf(at[0], at[1], at[2])
		if got := src.Place(n); got != want || n > math.MaxInt32 {
			t.Errorf("Place(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestInfo(t *testing.T) {
	info := New([]*Book{load(t, officeBook, ""), load(t, officeBook, ""), load(t, plainBook, "")}).Info()
	if info.ID != "table" || !slices.Equal(info.Hosts, []string{"office.example"}) {
		t.Errorf("%+v, want the one host of the books", info)
	}
	src := New([]*Book{load(t, plainBook, "")})
	if docs, err := sourcetest.Fetch(t.Context(), src, nil); err != nil || len(docs) > 0 || len(src.Info().Hosts) > 0 || src.Probe(t.Context(), nil) != nil {
		t.Errorf("%d documents, %v; books without addresses ask nobody", len(docs), err)
	}
}
