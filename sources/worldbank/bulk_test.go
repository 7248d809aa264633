package worldbank

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// member is a file in an archive.
type member struct{ name, text string }

// archived is an archive as the bank makes them, with its byte order marks, its
// lines above the header and the comma at the end of every line.
func archived(code, name string, rows ...string) []member {
	const mark = "\uFEFF"
	lines := make([]string, 0, len(rows))
	for _, r := range rows {
		region, cells, _ := strings.Cut(r, " ")
		lines = append(lines, fmt.Sprintf("\"%s\",\"%s\",\"%s\",\"%s\",%s,\r\n", countries[region], region, name, code, cells))
	}
	return []member{
		{"Metadata_Indicator_" + dataMember + code + "_DS2_en_csv_v2_2651.csv", mark + "\"INDICATOR_CODE\",\"INDICATOR_NAME\",\"SOURCE_NOTE\",\"SOURCE_ORGANIZATION\",\r\n\"" + code + "\",\"" + name + "\",\"A note,\nin \"\"two\"\" lines\",\"World Bank\",\r\n"},
		{dataMember + code + "_DS2_en_csv_v2_2651.csv", mark + "\"Data Source\",\"World Development Indicators\",\r\n\r\n\"Last Updated Date\",\"2026-07-13\",\r\n\r\n" +
			"\"Country Name\",\"Country Code\",\"Indicator Name\",\"Indicator Code\",\"2021\",\"2022\",\"2023\",\"2024\",\r\n" + strings.Join(lines, "")},
		{"Metadata_Country_" + dataMember + code + "_DS2_en_csv_v2_2651.csv", mark + "\"Country Code\",\"Region\",\"IncomeGroup\",\"SpecialNotes\",\"TableName\",\r\n\"CHN\",\"East Asia & Pacific\",\"Upper middle income\",\"\",\"China\",\r\n\"WLD\",\"\",\"\",\"World aggregate.\",\"World\",\r\n"},
	}
}

var countries = map[string]string{"CHN": "China", "WLD": "World", "AFE": "Africa Eastern and Southern"}

// dollars and persons are real: World Development Indicators.
var (
	dollars = archived("NY.GDP.MKTP.CD", "GDP (current US$)", `AFE "","","",""`, `CHN "17820459508852","17881783387001","17794781986104",""`)
	persons = archived("SP.POP.TOTL", "Population, total", `CHN "","1412175000","1410710000","1408975000"`)
)

// packed is the archive of the members.
func packed(t testing.TB, members []member) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		w, err := z.Create(m.name)
		if err == nil {
			_, err = io.WriteString(w, m.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// changed replaces text in the member that begins so.
func changed(members []member, begins, from, to string) []member {
	members = slices.Clone(members)
	for i, m := range members {
		if strings.HasPrefix(m.name, begins) {
			members[i].text = strings.ReplaceAll(m.text, from, to)
		}
	}
	return members
}

func bulkAt(codes ...string) func(string) source.Source {
	return func(base string) source.Source { return NewBulk(BulkConfig{BaseURL: base, Series: codes}) }
}

// world adds as many countries that do not exist as real archives have of those
// that do, so that the data is most of the archive.
func world(members []member, code, name string) []member {
	members = slices.Clone(members)
	for i := range 266 {
		members[1].text += fmt.Sprintf("\"Country %d\",\"%c%02d\",\"%s\",\"%s\",\"%d\",\"\",\"%d.5\",\"\",\r\n", i, 'A'+i/100, i%100, name, code, i*i*104729, i*7919)
	}
	return members
}

func TestBulkConformance(t *testing.T) {
	files := map[string][]byte{
		"NY.GDP.MKTP.CD": packed(t, world(dollars, "NY.GDP.MKTP.CD", "GDP (current US$)")),
		"SP.POP.TOTL":    packed(t, world(persons, "SP.POP.TOTL", "Population, total")),
	}
	sourcetest.Run(t, sourcetest.Subject{
		New: bulkAt("NY.GDP.MKTP.CD", "SP.POP.TOTL"),
		Upstream: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := files[strings.TrimPrefix(r.URL.Path, "/v2/en/indicator/")]
			if body == nil || r.URL.RawQuery != "downloadformat=csv" {
				t.Errorf("asked %s", r.RequestURI)
			}
			w.Header().Set("Content-Type", "application/zip")
			_, _ = w.Write(body)
		}),
	})
}

// TestBulkCases plays exchanges that only a program can write.
func TestBulkCases(t *testing.T) {
	exchange := func(code, media string, body []byte) *fstest.MapFile {
		return &fstest.MapFile{Data: fmt.Appendf(nil, "GET /v2/en/indicator/%s?downloadformat=csv\n\n200\nContent-Type: %s\n\n%s\n", code, media, body)}
	}
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	sourcetest.Replay(t, fstest.MapFS{
		"01.http": exchange("NY.GDP.MKTP.CD", "application/zip", packed(t, dollars)),
		"02.http": exchange("NY.GDP.MKTP.XX", "text/xml", []byte("\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?><wb:error xmlns:wb=\"http://www.worldbank.org\"><wb:message id=\"175\" key=\"Invalid format\">The indicator was not found. It may have been deleted or archived.</wb:message></wb:error>")),
		"03.http": exchange("NO.SUCH", "application/json", []byte(`[{"message":[{"id":"120","key":"Invalid value","value":"The provided parameter value is not valid"}]}]`)),
		"04.http": exchange("EMPTY", "application/json", []byte(`[{"page":0,"pages":0,"per_page":null,"total":0},null]`)),
		"05.http": exchange("SP.POP.TOTL", "application/octet-stream", packed(t, changed(persons, dataMember, `"1410710000"`, `"n/a"`))),
		"want-documents.csv": text("name,title,media_type,published\n" +
			"indicator/NY.GDP.MKTP.CD/csv,\"GDP (current US$) (World Bank, World Development Indicators, bulk file)\",application/zip,2026-07-13\n" +
			"indicator/SP.POP.TOTL/csv,\"Population, total (World Bank, World Development Indicators, bulk file)\",application/octet-stream,2026-07-13\n"),
		"want.csv": text("document,record,region,indicator,period,unit,value,status\n" +
			"indicator/NY.GDP.MKTP.CD/csv,2,CHN,NY.GDP.MKTP.CD,2021,,17820459508852,final\n" +
			"indicator/NY.GDP.MKTP.CD/csv,2,CHN,NY.GDP.MKTP.CD,2022,,17881783387001,final\n" +
			"indicator/NY.GDP.MKTP.CD/csv,2,CHN,NY.GDP.MKTP.CD,2023,,17794781986104,final\n" +
			"indicator/SP.POP.TOTL/csv,1,CHN,SP.POP.TOTL,2022,,1412175000,final\n" +
			"indicator/SP.POP.TOTL/csv,1,CHN,SP.POP.TOTL,2024,,1408975000,final\n"),
		"want-rejects.csv": text("document,record,reason\nindicator/SP.POP.TOTL/csv,1,the cell of CHN for 2023 is not a finite number\n"),
		"want-error.txt":   text("message 175 (Invalid format)\nmessage 120 (Invalid value)\nindicator/EMPTY/csv: \nthis is no complete answer of the World Bank: zip: not a valid zip file\n"),
	}, bulkAt("NY.GDP.MKTP.CD", "NY.GDP.MKTP.XX", "NO.SUCH", "EMPTY", "SP.POP.TOTL"))
}

func FuzzBulk(f *testing.F) {
	var docs []source.Document
	for _, members := range [][]member{dollars, persons, changed(dollars, dataMember, "17", "x")} {
		docs = append(docs, source.Document{Name: "indicator/NY.GDP.MKTP.CD/csv", Body: packed(f, members)})
	}
	sourcetest.Fuzz(f, NewBulk(BulkConfig{}), docs...)
}

// FuzzBulkSheet gets past the checksums: it packs what the fuzzer writes.
func FuzzBulkSheet(f *testing.F) {
	f.Add([]byte(dollars[1].text))
	f.Fuzz(func(t *testing.T, text []byte) {
		members := slices.Clone(dollars)
		members[1].text = string(text)
		doc := source.Document{Name: "indicator/NY.GDP.MKTP.CD/csv", Body: packed(t, members)}
		c, err := sourcetest.Decode(NewBulk(BulkConfig{}), doc)
		if err != nil && fault.KindOf(err) != fault.Upstream {
			t.Errorf("error of kind %v: %v", fault.KindOf(err), err)
		}
		for _, o := range c.Observations {
			if o.Region == "" || isoPeriod(o.Period) == "" && len(o.Period) != len("2024-01") || math.IsNaN(o.Value) || math.IsInf(o.Value, 0) {
				t.Errorf("not a figure: %+v", o)
			}
		}
	})
}

// TestBulkDistrust is about archives that Decode refuses as a whole.
func TestBulkDistrust(t *testing.T) {
	twice := append(slices.Clone(dollars), member{"x/" + dataMember + "again.csv", "x"})
	damaged := packed(t, dollars)
	damaged[bytes.Index(damaged, []byte("csv"))+60] ^= 0xFF // within the first member's data
	for _, tt := range []struct {
		name string
		body []byte
		want string
	}{
		{"nothing", nil, "not a valid zip file"},
		{"cut in the middle", packed(t, dollars)[:900], "not a valid zip file"},
		{"a changed byte", damaged, "Metadata_Indicator_"},
		{"no data", packed(t, slices.Delete(slices.Clone(dollars), 1, 2)), "there is no member API_*.csv"},
		{"no countries", packed(t, dollars[:2]), "there is no member Metadata_Country_*.csv"},
		{"no indicator", packed(t, dollars[1:]), "there is no member Metadata_Indicator_*.csv"},
		{"data twice", packed(t, twice), "there are two members API_*.csv"},
		{"another indicator", packed(t, persons), "not about NY.GDP.MKTP.CD"},
		{"two indicators", packed(t, changed(dollars, indicatorMember, "World Bank\",\r\n", "World Bank\",\r\nX,Y,\r\n")), "describes more than one indicator"},
		{"an empty description", packed(t, changed(dollars, indicatorMember, dollars[0].text, "")), "unexpected EOF"},
		{"a description without a row", packed(t, changed(dollars, indicatorMember, dollars[0].text, "INDICATOR_CODE,INDICATOR_NAME\r\n")), "unexpected EOF"},
		{"another description", packed(t, changed(dollars, indicatorMember, "INDICATOR_CODE", "CODE")), "want INDICATOR_CODE and INDICATOR_NAME"},
		{"another list of countries", packed(t, changed(dollars, countryMember, "Country Code", "Code")), "want Country Code"},
		{"an empty list of countries", packed(t, changed(dollars, countryMember, dollars[2].text, "")), "unexpected EOF"},
		{"a list of countries that breaks off", packed(t, changed(dollars, countryMember, "World\",\r\n", "World")), "Metadata_Country_"},
		{"another database", packed(t, changed(dollars, dataMember, wdi, "Global Economic Monitor")), `the data source is "Global Economic Monitor"`},
		{"no database", packed(t, changed(dollars, dataMember, "Data Source", "Source")), "stands above the header"},
		{"no header", packed(t, changed(dollars, dataMember, "Country Name", "Name")), "stands above the header"},
		{"nothing below the lines above", packed(t, changed(dollars, dataMember, dollars[1].text, "\"Data Source\",\"World Development Indicators\",\r\n")), "unexpected EOF"},
		{"another header", packed(t, changed(dollars, dataMember, `"Country Code"`, `"ISO code"`)), "the header begins"},
		{"no years", packed(t, changed(dollars, dataMember, `"2021","2022","2023","2024",`, ``)), "the header begins"},
		{"a year twice", packed(t, changed(dollars, dataMember, `"2022"`, `"2021"`)), `the column "2021" is no year, or comes twice`},
		{"a column without a name", packed(t, changed(dollars, dataMember, `"2022"`, `""`)), `the column "" is no year`},
		{"no row", packed(t, archived("NY.GDP.MKTP.CD", "GDP (current US$)")), "there is no row below the header"},
		{"an open quote", packed(t, changed(dollars, dataMember, `"17794781986104",""`, `"17794781986104"x,"`)), "API_"},
		{"a bomb", packed(t, changed(dollars, countryMember, "World aggregate.", strings.Repeat("x", maxMember))), "it is larger than"},
		{"JSON", []byte(`[{"message":[{"id":"120","key":"Invalid value","value":"no"}]}]`), "message 120 (Invalid value): no"},
		{"a page", []byte("<html>"), "it is a page, not data"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sourcetest.Decode(NewBulk(BulkConfig{}), source.Document{Name: "indicator/NY.GDP.MKTP.CD/csv", URL: "https://x/", Body: tt.body})
			if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want one of kind upstream that says %q", err, tt.want)
			}
			if !strings.HasPrefix(err.Error(), "https://x/: ") || len(err.Error()) > 700 {
				t.Errorf("error %q does not name the document, or is too long", err)
			}
		})
	}
}

// TestBulkClaims is an archive whose directory claims that a member is small.
func TestBulkClaims(t *testing.T) {
	body := packed(t, dollars)
	central := bytes.LastIndex(body, []byte("PK\x01\x02")) // the last member's entry
	copy(body[central+24:], []byte{1, 0, 0, 0})            // its size when unpacked
	_, err := sourcetest.Decode(NewBulk(BulkConfig{}), source.Document{Name: "indicator/NY.GDP.MKTP.CD/csv", Body: body})
	if fault.KindOf(err) != fault.Upstream {
		t.Errorf("error %v, want one of kind upstream", err)
	}
}

// TestBulkRows is about rows that are rejected while the others are read.
func TestBulkRows(t *testing.T) {
	for _, tt := range []struct {
		name, from, to, reject string
		observed               int
	}{
		{"as it is", "", "", "", 3},
		{"no commas at the ends", ",\r\n", "\r\n", "", 3},
		{"a cell too many", `"17820459508852"`, `"1","17820459508852"`, "the row has 10 cells and the header 9", 0},
		{"a cell too few", `"17820459508852",`, ``, "the row has 8 cells and the header 9", 0},
		{"something after the last comma", `"17794781986104","",`, `"17794781986104","","x"`, "something follows the last comma", 0},
		{"another indicator", `"NY.GDP.MKTP.CD","17`, `"NY.GDP.MKTP.CN","17`, "about another indicator than NY.GDP.MKTP.CD", 0},
		{"no country", `"CHN"`, `""`, "there is no country code", 0},
		{"a country twice", `"AFE"`, `"CHN"`, "the country has a row already", 0},
		{"not UTF-8", `"China"`, "\"Chin\xe1\"", "the row is not UTF-8", 0},
		{"dots", `"17820459508852"`, `".."`, "the cell of CHN for 2021 is not a finite number", 2},
		{"thousands", `"17820459508852"`, `"17,820,459,508,852"`, "the cell of CHN for 2021 is not a finite number", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc := source.Document{Name: "indicator/NY.GDP.MKTP.CD/csv", Body: packed(t, changed(dollars, dataMember, tt.from, tt.to))}
			c, err := sourcetest.Decode(NewBulk(BulkConfig{}), doc)
			if err != nil || len(c.Observations) != tt.observed {
				t.Errorf("%d observations, %v; want %d", len(c.Observations), err, tt.observed)
			}
			if len(c.Rejects) != min(1, len(tt.reject)) || tt.reject != "" && !strings.Contains(c.Rejects[0].Reason, tt.reject) {
				t.Errorf("rejects %+v, want %q", c.Rejects, tt.reject)
			}
		})
	}
}

func TestBulkNames(t *testing.T) {
	if got := bulkName("A/B C"); got != "indicator/A%2FB%20C/csv" {
		t.Errorf("name %s", got)
	}
	if code, err := bulkCode("indicator/A%2FB%20C/csv"); err != nil || code != "A/B C" {
		t.Errorf("code %q, %v", code, err)
	}
	for _, name := range []string{"", "indicator/", "indicator//csv", "country/CHN/csv", "indicator/X", "indicator/%zz/csv"} {
		_, err := sourcetest.Decode(NewBulk(BulkConfig{}), source.Document{Name: name, Body: packed(t, dollars)})
		if fault.KindOf(err) != fault.Upstream {
			t.Errorf("a document named %q: %v, want an error", name, err)
		}
	}
}

func TestBulkInfo(t *testing.T) {
	info := NewBulk(BulkConfig{}).Info()
	if info.ID != "worldbank_bulk" || !slices.Equal(info.Hosts, []string{"api.worldbank.org"}) {
		t.Errorf("%+v", info)
	}
	if err := NewBulk(BulkConfig{}).Probe(t.Context(), nil); err != nil {
		t.Errorf("Probe without series: %v", err)
	}
}
