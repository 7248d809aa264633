package bundled_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/sources/bundled"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// good is the rows of a document with something of everything.
var good = [][]string{
	bundled.Header,
	{"340100", "gdp", "2022", "12013.1", "cny_100m", "preliminary", "", "hefei_stats", "high", "2023-02-07", "", "anhuinews", "2022年全省各市GDP", "https://example.org/a?b=1&c=2", "", "a note, with a comma"},
	{"340100", "gdp_growth_real", "2022", "3.5", "percent", "revised", "about", "hefei_stats", "medium", "2023-02-07", "", "anhuinews", "2022年全省各市GDP", "https://example.org/a?b=1&c=2", "", "two\nlines and a \"quote\""},
	{"340100", "sei_output_share", "2013", "-26.9e0", "percent", "derived", "over", "citystats", "low", "2023-02-07", "", "anhuinews", "2022年全省各市GDP", "https://example.org/a?b=1&c=2", "2011 / 7470", ""},
}

func document(rows [][]string) source.Document {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.WriteAll(rows) // a Builder takes everything
	return bundled.Describe("doc", []byte(b.String()))
}

// place is where the cell of a row stands, as a reason begins with it.
func place(doc source.Document, n int, column string) string {
	rows, err := csv.NewReader(strings.NewReader(string(doc.Body))).ReadAll()
	if err != nil {
		panic(err)
	}
	i := slices.Index(bundled.Header, column)
	before := string(document(append(rows[:n:n], append(rows[n][:i:i], "x"))).Body)
	before = before[:len(before)-len("x\n")]
	line := before[strings.LastIndex(before, "\n")+1:]
	return fmt.Sprintf("doc:%d:%d: ", strings.Count(before, "\n")+1, utf8.RuneCountInString(line)+1)
}

// with is the good document with one cell changed.
func with(row int, column, cell string) source.Document {
	rows := make([][]string, len(good))
	for i := range good {
		rows[i] = append([]string(nil), good[i]...)
	}
	for i, c := range bundled.Header {
		if c == column {
			rows[row][i] = cell
			return document(rows)
		}
	}
	panic("no column " + column)
}

func subject() sourcetest.Subject {
	files := fstest.MapFS{
		"b.csv": {Data: document(good).Body}, "a.csv": {Data: document(good[:2]).Body},
		"notes.txt": {Data: []byte("not a document")}, "below/c.csv": {Data: []byte("neither")},
	}
	return sourcetest.Subject{
		New: func(string) source.Source { return bundled.New(files) },
		// A CSV file says nowhere how many rows it has. One that ends after a whole
		// row is whole as far as anybody can see.
		Seamless: func(body []byte, at int) bool {
			rows, err := csv.NewReader(strings.NewReader(string(body[:at]))).ReadAll()
			return err == nil && len(rows) > 1 && body[at-1] == '\n'
		},
	}
}

func TestConformance(t *testing.T) { sourcetest.Run(t, subject()) }

func FuzzDecode(f *testing.F) {
	sourcetest.Fuzz(f, bundled.New(nil), document(good), document(good[:1]), document([][]string{slices.Concat(bundled.Header, bundled.Stated), append(slices.Clone(good[1]), "", "", "output", "x")}), with(2, "value", "x"), with(1, "published", "soon"), with(2, "note", strings.Repeat("很长", 1000)))
}

func TestFetch(t *testing.T) {
	docs, err := sourcetest.Fetch(t.Context(), subject().New(""), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []source.Document{
		{
			Source: "bundled", Name: "a", Title: "2022年全省各市GDP", Publisher: "anhuinews", URL: "https://example.org/a?b=1&c=2", MediaType: "text/csv",
			Published: "2023-02-07", Body: document(good[:2]).Body,
		},
		{
			Source: "bundled", Name: "b", Title: "2022年全省各市GDP", Publisher: "anhuinews", URL: "https://example.org/a?b=1&c=2", MediaType: "text/csv",
			Published: "2023-02-07", Body: document(good).Body,
		},
	}
	if diff := cmp.Diff(want, docs); diff != "" {
		t.Errorf("documents, by name (-want +got):\n%s", diff)
	}
}

func TestFetchUnreadable(t *testing.T) {
	files := fstest.MapFS{"a.csv/x": {Data: []byte("a folder that is called like a document")}}
	_, err := sourcetest.Fetch(t.Context(), bundled.New(files), nil)
	if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), "a.csv") {
		t.Errorf("error %v, want one of kind upstream that names a.csv", err)
	}
}

func TestDecode(t *testing.T) {
	got, err := sourcetest.Decode(bundled.New(nil), document(good))
	if err != nil || got.Rejects != nil {
		t.Fatalf("%v, rejects %v", err, got.Rejects)
	}
	want := []source.Observation{
		{
			Record: 1, Region: "340100", Indicator: "gdp", Period: "2022", Unit: "cny_100m", Origin: "hefei_stats", Value: 12013.1,
			Status: source.Preliminary, Qualifier: source.Exact, Confidence: source.High, Note: "a note, with a comma",
		},
		{
			Record: 2, Region: "340100", Indicator: "gdp_growth_real", Period: "2022", Unit: "percent", Origin: "hefei_stats", Value: 3.5,
			Status: source.Revised, Qualifier: source.About, Confidence: source.Medium, Note: "two\nlines and a \"quote\"",
		},
		{
			Record: 3, Region: "340100", Indicator: "sei_output_share", Period: "2013", Unit: "percent", Origin: "citystats", Value: -26.9,
			Status: source.Derived, Qualifier: source.Over, Confidence: source.Low, Derivation: "2011 / 7470",
		},
	}
	if diff := cmp.Diff(want, got.Observations); diff != "" {
		t.Errorf("observations (-want +got):\n%s", diff)
	}
}

// TestLineEnds reads what a spreadsheet on Windows saves, but for its byte order
// mark.
// TestStated reads what a publication says of the kinds of its figures.
func TestStated(t *testing.T) {
	rows := [][]string{slices.Concat(bundled.Header, bundled.Stated)}
	for i, stated := range [][]string{{"current", "urban", "", "year_to_date"}, {"", "", "", ""}, {"", "", "output", "yearly"}} {
		rows = append(rows, slices.Concat(good[min(i+1, 2)], stated))
	}
	got, err := sourcetest.Decode(bundled.New(nil), document(rows))
	if err != nil {
		t.Fatal(err)
	}
	var stated []source.Stated
	for _, o := range got.Observations {
		stated = append(stated, o.Stated)
	}
	want := []source.Stated{{PriceBasis: "current", PopulationScope: "urban", Accumulation: "year_to_date"}, {}}
	if diff := cmp.Diff(want, stated); diff != "" {
		t.Errorf("stated (-want +got):\n%s", diff)
	}
	if len(got.Rejects) != 1 || !strings.Contains(got.Rejects[0].Reason, `accumulation "yearly" is not period, year_to_date, stock or empty`) {
		t.Errorf("rejects %v, want the row that runs yearly", got.Rejects)
	}
	rows[0] = rows[0][:len(rows[0])-1]
	if _, err := sourcetest.Decode(bundled.New(nil), document(rows[:1])); fault.KindOf(err) != fault.Upstream {
		t.Errorf("some of the four columns: error %v, want one of kind upstream", err)
	}
}

func TestLineEnds(t *testing.T) {
	doc := document(good)
	doc.Body = []byte(strings.ReplaceAll(string(doc.Body), "\n", "\r\n"))
	got, err := sourcetest.Decode(bundled.New(nil), doc)
	if err != nil || len(got.Observations) != 3 || len(got.Rejects) != 0 {
		t.Errorf("%d observations, rejects %v, %v", len(got.Observations), got.Rejects, err)
	}
}

func TestRejects(t *testing.T) {
	tests := []struct {
		column, cell, reason string
	}{
		{"region", "", "region is empty"},
		{"indicator", "", "indicator is empty"},
		{"period", "", "period is empty"},
		{"unit", "", "unit is empty"},
		{"origin", "", "origin is empty"},
		{"value", "", `value "" is not a number`},
		{"value", "about 3", `value "about 3" is not a number`},
		{"value", "1,234", `value "1,234" is not a number`},
		{"value", " 3.5", `value " 3.5" is not a number`},
		{"value", "NaN", `value "NaN" is not a number`},
		{"value", "-inf", `value "-inf" is not a number`},
		{"value", "0x10", `value "0x10" is not a number`},
		{"value", "1e999", `value "1e999" is not a number`},
		{"status", "", `status "" is not one of target, forecast, derived, preliminary, revised, final`},
		{"status", "estimate", `status "estimate" is not one of target, forecast, derived, preliminary, revised, final`},
		{"qualifier", "circa", `qualifier "circa" is not about, over, under or empty`},
		{"confidence", "", `confidence "" is not high, medium or low`},
		{"confidence", "sure", `confidence "sure" is not high, medium or low`},
		{"derivation", "3.4 + 0.1", "a derived figure, and no other, says how it was derived"},
		{"status", "derived", "a derived figure, and no other, says how it was derived"},
		{"published", "2023-02-08", `published is "2023-02-08", but "2023-02-07" in the first row: one file is one publication`},
		{"not_before", "2023", `not_before is "2023", but "" in the first row: one file is one publication`},
		{"publisher", "xinhua", `publisher is "xinhua", but "anhuinews" in the first row: one file is one publication`},
		{"title", "", `title is "", but "2022年全省各市GDP" in the first row: one file is one publication`},
		{"url", "", `url is "", but "https://example.org/a?b=1&c=2" in the first row: one file is one publication`},
	}
	src := bundled.New(nil)
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %q", tt.column, tt.cell), func(t *testing.T) {
			doc := with(2, tt.column, tt.cell)
			at := tt.column
			if tt.cell == "derived" {
				at = "derivation" // which lacks its arithmetic
			}
			got, err := sourcetest.Decode(src, doc)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Observations) != 2 || got.Observations[0].Record != 1 || got.Observations[1].Record != 3 {
				t.Errorf("observations %+v, want those of rows 1 and 3", got.Observations)
			}
			if len(got.Rejects) != 1 || got.Rejects[0].Record != 2 || got.Rejects[0].Reason != place(doc, 2, at)+tt.reason {
				t.Errorf("rejects %+v, want row 2 because\n%s%s", got.Rejects, place(doc, 2, at), tt.reason)
			}
		})
	}
	if got := src.Place(2); got != "row 2" {
		t.Errorf("record 2 stands in %q, want row 2", got)
	}
}

// TestPlaces counts by hand: lines within cells, and characters, not bytes.
func TestPlaces(t *testing.T) {
	for _, tt := range []struct {
		row           int
		column, where string
	}{
		{1, "value", "doc:2:17: value"},
		{2, "url", "doc:3:109: url"},
		{3, "value", "doc:5:30: value"},
	} {
		got, err := sourcetest.Decode(bundled.New(nil), with(tt.row, tt.column, "x"))
		if err != nil || len(got.Rejects) != 1 || !strings.HasPrefix(got.Rejects[0].Reason, tt.where) {
			t.Errorf("%+v, %v; want a reject at %s", got.Rejects, err, tt.where)
		}
	}
}

// TestFirstRow is a publication without publisher or title: every row is like
// the first, and every row is rejected.
func TestFirstRow(t *testing.T) {
	for _, column := range []string{"publisher", "title"} {
		got, err := sourcetest.Decode(bundled.New(nil), document([][]string{good[0], row(with(1, column, ""))}))
		if err != nil || len(got.Observations) != 0 || len(got.Rejects) != 1 || !strings.HasSuffix(got.Rejects[0].Reason, ": "+column+" is empty") {
			t.Errorf("no %s: %+v, %v; want one reject", column, got, err)
		}
	}
}

// row is the first row of a document.
func row(d source.Document) []string {
	rows, err := csv.NewReader(strings.NewReader(string(d.Body))).ReadAll()
	if err != nil {
		panic(err)
	}
	return rows[1]
}

// TestReadable cuts what goes to quarantine between two characters.
func TestReadable(t *testing.T) {
	long := strings.Repeat("很长", 10_000)
	got, err := sourcetest.Decode(bundled.New(nil), with(2, "status", long))
	if err != nil || len(got.Rejects) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	text := got.Rejects[0].Text
	if len(text) > 1100 || strings.ContainsRune(text, '\uFFFD') || !strings.HasPrefix(text, "340100,gdp_growth_real,2022,3.5,percent,很") || !strings.HasSuffix(text, "…") {
		t.Errorf("a record of %d bytes is kept as %d: %q", len(long), len(text), text)
	}
}

func TestWholeDocument(t *testing.T) {
	body := string(document(good).Body)
	header := strings.Join(bundled.Header, ",") + "\n"
	tests := []struct {
		name, body, where, says string
	}{
		{"nothing", "", "doc:1:1", "does not have the columns"},
		{"a page", "<!DOCTYPE html>\n<html><body>404</body></html>\n", "doc:1:1", "does not have the columns"},
		{"a byte order mark", "\uFEFF" + body, "doc:1:1", "does not have the columns"},
		{"a column more", strings.Replace(body, ",note\n", ",note,more\n", 1), "doc:1:128", "does not have the columns"},
		{"a column less", strings.Replace(body, ",note\n", "\n", 1), "doc:1:122", "does not have the columns"},
		{"columns in another order", strings.Replace(body, "region,indicator", "indicator,region", 1), "doc:1:1", "does not have the columns"},
		{"semicolons", strings.ReplaceAll(body, ",", ";"), "doc:1:1", "does not have the columns"},
		{"the header only", header, "doc:2:1", "has no rows"},
		{"the header and white space", header + "\n\n", "doc:4:1", "has no rows"},
		{"the header cut", header[:len(header)-1], "doc:1:127", "cut short"},
		{"the last line cut", body[:len(body)-1], "doc:5:150", "cut short"},
		{"GB 18030", strings.Replace(body, "年", "\xc4\xea", 1), "doc:2:90", "not UTF-8"},
		{"a quote within", strings.Replace(body, "percent", "per\"cent", 1), "doc:3:36", "not CSV"},
		{"a cell less", strings.Replace(body, ",12013.1,", ",", 1), "doc:2:144", "not CSV"},
		{"a quote that never ends", strings.Replace(body, "a comma\"", "a comma", 1), "doc:3:140", "not CSV"},
		{"a quote that opens at the end", body + "340100,gdp,2022,\"1,\r\n", "doc:6:17", "not CSV"},
		{"a cell more", body + strings.TrimSuffix(string(document(good[3:]).Body), "\n") + ",more\n", "doc:6:151", "not CSV"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sourcetest.Decode(bundled.New(nil), bundled.Describe("doc", []byte(tt.body)))
			wantRefused(t, err, tt.where, tt.says)
		})
	}
}

func wantRefused(t *testing.T, err error, where, says string) {
	t.Helper()
	var told *fault.Error
	if !errors.As(err, &told) || told.Kind != fault.Upstream || told.Where != where || told.Hint == "" || !strings.Contains(err.Error(), says) {
		t.Errorf("error %v, want one of kind upstream at %s that says %q and what to do", err, where, says)
	}
}

// TestDates refuses a publication with a date nobody can order by, and does not
// claim that date for the document either.
func TestDates(t *testing.T) {
	for cell, ok := range map[string]bool{
		"": true, "2023": true, "2023-02": true, "2023-02-07": true, "2024-02-29": true,
		"7 Feb 2023": false, "2023-2-7": false, "2023-13": false, "2023-02-29": false, "2023/02/07": false, "2023-02-07T08:00": false, "202": false, "2023-": false, "0007": false,
	} {
		for _, column := range []string{"published", "not_before"} {
			rows := [][]string{good[0], row(with(1, column, cell))}
			doc := document(rows)
			claimed := map[string]string{"published": doc.Published, "not_before": doc.NotBefore}[column]
			_, err := sourcetest.Decode(bundled.New(nil), doc)
			if ok {
				if err != nil || claimed != cell {
					t.Errorf("%s %q: the document says %q, %v", column, cell, claimed, err)
				}
				continue
			}
			wantRefused(t, err, strings.TrimSuffix(place(doc, 1, column), ": "), fmt.Sprintf("%s is %q", column, cell))
			if claimed != "" || doc.Title == "" {
				t.Errorf("%s %q: the document claims %q and the title %q", column, cell, claimed, doc.Title)
			}
		}
	}
}

// TestDescribe wants a document of any bytes, with nothing claimed of it that
// its first row does not say.
func TestDescribe(t *testing.T) {
	for _, body := range []string{"", "<html>", strings.Join(bundled.Header, ",") + "\n", strings.Join(bundled.Header, ",") + "\nx,y\n"} {
		want := source.Document{Source: "bundled", Name: "doc", Title: "doc", MediaType: "text/csv", Body: []byte(body)}
		if diff := cmp.Diff(want, bundled.Describe("doc", []byte(body))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", body, diff)
		}
	}
}

// TestTruncated cuts a document at every byte. What is left is refused, or it
// ends after a whole row; no figure is ever read from half a row.
func TestTruncated(t *testing.T) {
	doc := document(good)
	whole, err := sourcetest.Decode(bundled.New(nil), doc)
	if err != nil {
		t.Fatal(err)
	}
	seamless := 0
	for at := range len(doc.Body) {
		cut := doc
		cut.Body = doc.Body[:at]
		got, err := sourcetest.Decode(bundled.New(nil), cut)
		if err != nil {
			continue
		}
		seamless++
		if diff := cmp.Diff(whole.Observations[:len(got.Observations)], got.Observations); diff != "" || len(got.Rejects) > 0 {
			t.Errorf("cut at %d: rejects %v (-whole +cut):\n%s", at, got.Rejects, diff)
		}
	}
	if want := len(good) - 2; seamless != want {
		t.Errorf("%d cuts go unnoticed, want only the %d between two rows", seamless, want)
	}
}

// TestShipped holds the documents that ship with the program to the contract.
func TestShipped(t *testing.T) {
	s := subject()
	files := fstest.MapFS{}
	for _, name := range []string{"hefei_communique_2013.csv", "worldbank_population.csv"} {
		text, err := fs.ReadFile(data.Files(), data.DocumentsDir+"/"+name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	s.New = func(string) source.Source { return bundled.New(files) }
	sourcetest.Run(t, s)
}
