package table

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/xuri/excelize/v2"
	"golang.org/x/time/rate"

	"citystats/sources/source"
	"citystats/sources/sourcetest"
	"citystats/sources/transport"
)

// known is a small excerpt of the definitions.
var known = Known{
	Regions:    strings.Fields("110000 210100 210200 220100 320100 330100 330200 340100 350100 350200 360100 370100 370200 410100 420100 430100 540100 630100"),
	Publishers: []string{"nbs", "hefei_stats"},
	Indicators: map[string]string{"gdp": "CNY", "gdp_growth_real": "PERCENT", "value_added_primary": "CNY", "population_registered": "PERSON"},
	Units:      map[string]string{"cny": "CNY", "cny_10k": "CNY", "cny_100m": "CNY", "percent": "PERCENT", "persons_10k": "PERSON"},
}

// load reads one book, whose office is moved to base.
func load(t testing.TB, text, base string) *Book {
	t.Helper()
	if base == "" {
		base = "https://office.example"
	}
	text = strings.ReplaceAll(text, "https://office.example", base)
	books, err := Load(fstest.MapFS{"book.yaml": {Data: []byte(text)}}, "data/books", known)
	if err != nil {
		t.Fatal(err)
	}
	return books[0]
}

func readFile(t testing.TB, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestCases plays every folder of testdata, each with a book of its own.
func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/*/book.yaml")
	if err != nil || len(folders) < 6 {
		t.Fatalf("%d cases in testdata, %v; want 6 or more", len(folders), err)
	}
	for _, path := range folders {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			text := readFile(t, path)
			sourcetest.Replay(t, os.DirFS(folder), func(base string) source.Source { return New([]*Book{load(t, text, base)}) })
		})
	}
}

// office publishes two editions of a workbook, as .xlsx with a hidden watermark,
// and the wrong media type, as offices do. It fails the test when it is asked
// anything a book does not list.
type office struct {
	t *testing.T
	// serve changes what is sent, when it is not nil.
	serve func(path string, body []byte) []byte
}

const officeBook = `
title: 主要城市地区生产总值
publisher: nbs
origin: nbs
status: final
confidence: high
urls:
  - {url: https://office.example/2017/gdp.xls, title: 2017, published: 2018-10}
  - {url: https://office.example/download?id=2016, title: 2016}
match: {sheet: 表1}
cells: {A1: "主要城市地区生产总值（{year}年）", C2: 单位：亿元, A3: 城市}
period_from: {cell: A1}
indicator: gdp
unit: cny_100m
symbols: {"": ambiguous}
blocks:
  - rows:
      first: 5
      label: A
      areas: {南京: "320100", 杭州: "330100", 合肥: "340100"}
      total: 合计
      count: 3
      end: [注：*]
    columns:
      - {at: B, header: {3: 地区生产总值, 4: 全市}, scope: city}
      - {at: C, header: {3: 地区生产总值, 4: 市辖区}, scope: districts, skip: no region stands for districts alone}
`

// editions are real: the three cities' figures as the National Bureau has them.
var editions = map[string][]float64{"2017": {11715.10, 12603.36, 7213.45}, "2016": {10503.02, 11313.72, 6274.38}}

// edition writes a workbook. Shared by tests, since excelize never writes the same
// bytes twice.
func edition(year string) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	rows := [][]any{
		{"主要城市地区生产总值（" + year + "年）"},
		{nil, nil, "单位：亿元"},
		{"城　市", "地区生产总值"},
		{nil, "全市", "市辖区"},
		{"合 计", 0.0},
		{"南　京"},
		{"杭　州"},
		{"合　肥"},
		{"注：市辖区不含县。"},
	}
	sum := 0.0
	for i, v := range editions[year] {
		rows[5+i] = append(rows[5+i], v)
		sum += v
	}
	rows[4][1] = sum
	if err := f.SetSheetName("Sheet1", "表1"); err != nil {
		return nil, err
	}
	style, err := f.NewStyle(&excelize.Style{NumFmt: 4}) // 12,603.36
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		if err := f.SetSheetRow("表1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			return nil, err
		}
	}
	for _, err := range []error{
		f.SetCellStyle("表1", "B5", "B8", style), f.MergeCell("表1", "A1", "C1"), f.MergeCell("表1", "B3", "C3"), f.MergeCell("表1", "A3", "A4"),
		sheetOf(f, "CNKI"), f.SetSheetVisible("CNKI", false),
	} {
		if err != nil {
			return nil, err
		}
	}
	b, err := f.WriteToBuffer()
	return b.Bytes(), err
}

func sheetOf(f *excelize.File, name string) error {
	if _, err := f.NewSheet(name); err != nil {
		return err
	}
	return f.SetCellValue(name, "A1", "watermark 1")
}

var (
	edition2017 = sync.OnceValues(func() ([]byte, error) { return edition("2017") })
	edition2016 = sync.OnceValues(func() ([]byte, error) { return edition("2016") })
)

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	write := map[string]func() ([]byte, error){"/2017/gdp.xls": edition2017, "/download?id=2016": edition2016}[r.RequestURI]
	if write == nil {
		o.t.Errorf("asked %s, which no book lists", r.RequestURI)
		http.NotFound(w, r)
		return
	}
	body, err := write()
	if err != nil {
		o.t.Error(err)
	}
	if o.serve != nil {
		body = o.serve(r.RequestURI, body)
	}
	w.Header().Set("Content-Type", "application/vnd.ms-excel")
	_, _ = w.Write(body)
}

func TestConformance(t *testing.T) {
	sourcetest.Run(t, sourcetest.Subject{
		New:      func(base string) source.Source { return New([]*Book{load(t, officeBook, base)}) },
		Upstream: &office{t: t},
	})
}

func FuzzDecode(f *testing.F) {
	books := []*Book{load(f, officeBook, "")}
	body, err := edition2017()
	if err != nil {
		f.Fatal(err)
	}
	docs := []source.Document{{Name: "xlsx", Body: body}}
	cases, err := filepath.Glob("testdata/*/01.http")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		b := load(f, readFile(f, filepath.Dir(c), "book.yaml"), "")
		b.ID = filepath.Base(filepath.Dir(c))
		if b.ID != "shifted" { // the same book as yearbook
			books = append(books, b)
		}
		docs = append(docs, source.Document{Name: b.ID, Body: []byte(strings.SplitN(readFile(f, c), "\n\n", 3)[2])})
	}
	sourcetest.Fuzz(f, New(books), docs...)
}

// decode reads a body by one book.
func decode(t *testing.T, book string, body []byte) (*sourcetest.Collector, error) {
	t.Helper()
	return sourcetest.Decode(New([]*Book{load(t, book, "")}), source.Document{Name: "x", Body: body})
}

// fetchFrom asks an office for all a book lists.
func fetchFrom(t *testing.T, o *office, book string) ([]source.Document, error) {
	t.Helper()
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	client := transport.New(transport.Options{
		UserAgent: "citystats/test (+https://example.org/contact)", AllowLocal: true, Rate: rate.Inf,
		Hosts: []string{strings.TrimPrefix(server.URL, "http://")},
	})
	t.Cleanup(client.CloseIdleConnections)
	return sourcetest.Fetch(t.Context(), New([]*Book{load(t, book, server.URL)}), client)
}
