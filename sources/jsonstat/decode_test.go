package jsonstat

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
	"citystats/transforms/period"
)

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.http")
	if err != nil {
		f.Fatal(err)
	}
	var docs []source.Document
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		parts := strings.SplitN(string(text), "\n\n", 3)
		docs = append(docs, source.Document{Name: "t/q/" + viewOf(file, parts[0]), Body: []byte(parts[2])})
	}
	sourcetest.Fuzz(f, New(cso), docs...)
}

// viewOf is the end of the name that fits the answer in a file of testdata.
func viewOf(file, question string) string {
	sweden := strings.Contains(question, "BefolkningNy")
	switch {
	case sweden && strings.HasPrefix(question, "GET "), strings.Contains(question, "/metadata"):
		return "Region/Tid/metadata"
	case sweden:
		return "Region/Tid/part-1"
	case strings.Contains(file, "pxweb2"):
		return "=NO/Tid/part-1"
	case strings.Contains(file, "bundle"):
		return "=IE/Quarter/part-1"
	default:
		return "geo/time/part-1"
	}
}

// TestAnyCube writes tables in all the ways JSON-stat allows and wants the same
// figures of each.
func TestAnyCube(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		edges, want := drawCube(t)
		doc := source.Document{Name: "T/q/area/time/part-1", Body: []byte(writeCube(t, edges, want))}
		c, err := sourcetest.Decode(New(cso), doc)
		if err != nil || len(c.Rejects) > 0 {
			t.Fatalf("%v, rejects %+v of\n%s", err, c.Rejects, doc.Body)
		}
		got := map[string]string{}
		for _, o := range c.Observations {
			got[o.Region+"\n"+o.Period+"\n"+o.Indicator] = fmt.Sprint(o.Value)
		}
		wanted := map[string]string{}
		for key, value := range want {
			codes := strings.Split(key, "\n")
			by := map[string]string{}
			for i, e := range edges {
				by[e.id] = codes[i]
			}
			var others []string
			for _, e := range edges {
				if e.id == "x" || e.id == "y" {
					others = append(others, strings.ReplaceAll(strings.ReplaceAll(by[e.id], "%", "%25"), ".", "%2E"))
				}
			}
			wanted[by["area"]+"\n"+by["time"]+"\n"+"T:"+strings.Join(others, ".")] = value
		}
		if diff := cmp.Diff(wanted, got); diff != "" || len(c.Observations) != len(want) {
			t.Fatalf("%d figures, want %d (-want +got):\n%s\nof\n%s", len(c.Observations), len(want), diff, doc.Body)
		}
	})
}

// drawCube is a table of four dimensions in any order, and its figures by the
// codes of their cells.
func drawCube(t *rapid.T) (edges []edge, figures map[string]string) {
	code := rapid.StringMatching(`[A-Za-z0-9.%:]{1,3}`)
	years := rapid.SliceOfNDistinct(rapid.StringMatching(`20[0-3][0-9]`), 1, 3, rapid.ID[string])
	for _, id := range []string{"area", "x", "y"} {
		edges = append(edges, edge{id: id, codes: rapid.SliceOfNDistinct(code, 1, 4, rapid.ID[string]).Draw(t, id)})
	}
	edges = append(edges, edge{id: "time", codes: years.Draw(t, "years")})
	edges = rapid.Permutation(edges).Draw(t, "order")
	figures = map[string]string{}
	for n := range size(edges) {
		if rapid.Bool().Draw(t, "there") {
			figures[cellKey(edges, n)] = fmt.Sprint(rapid.IntRange(-999, 999).Draw(t, "value"))
		}
	}
	return edges, figures
}

func cellKey(edges []edge, n int) string {
	var codes []string
	for _, e := range slices.Backward(edges) {
		codes = append(codes, e.codes[n%len(e.codes)])
		n /= len(e.codes)
	}
	slices.Reverse(codes)
	return strings.Join(codes, "\n")
}

// writeCube writes the table in one of the ways there are.
func writeCube(t *rapid.T, edges []edge, figures map[string]string) string {
	var ids, sizes, dims []string
	for _, e := range edges {
		ids, sizes = append(ids, fmt.Sprintf("%q", e.id)), append(sizes, fmt.Sprint(len(e.codes)))
		dims = append(dims, fmt.Sprintf("%q:{\"category\":{%s}}", e.id, writeCategories(t, e.codes)))
	}
	dims = rapid.Permutation(dims).Draw(t, "described in any order")
	order := fmt.Sprintf(`"id":[%s],"size":[%s],"role":{"time":["time"]}`, strings.Join(ids, ","), strings.Join(sizes, ","))
	value := `"value":` + writeValues(t, edges, figures)
	if rapid.Bool().Draw(t, "version 1") {
		return fmt.Sprintf(`{"dataset":{"dimension":{%s,%s},%s}}`, order, strings.Join(dims, ","), value)
	}
	return fmt.Sprintf(`{%s,"class":"dataset",%s,"dimension":{%s},"version":"2.0"}`, value, order, strings.Join(dims, ","))
}

func writeCategories(t *rapid.T, codes []string) string {
	var list, object []string
	for i, c := range codes {
		list, object = append(list, fmt.Sprintf("%q", c)), append(object, fmt.Sprintf("%q:%d", c, i))
	}
	switch {
	case len(codes) == 1 && rapid.Bool().Draw(t, "no index"):
		return fmt.Sprintf(`"label":{%q:"only one"}`, codes[0])
	case rapid.Bool().Draw(t, "index is a list"):
		return `"index":[` + strings.Join(list, ",") + "]"
	}
	return `"index":{` + strings.Join(rapid.Permutation(object).Draw(t, "index"), ",") + "}"
}

func writeValues(t *rapid.T, edges []edge, figures map[string]string) string {
	var list, object []string
	for n := range size(edges) {
		v, there := figures[cellKey(edges, n)]
		if there && rapid.Bool().Draw(t, "as text") {
			v = `"` + v + `"`
		}
		if !there {
			v = rapid.SampledFrom([]string{"null", `".."`, `"-"`, `":"`}).Draw(t, "missing")
		}
		list = append(list, v)
		if there || rapid.Bool().Draw(t, "said to be missing") {
			object = append(object, fmt.Sprintf(`"%d":%s`, n, v))
		}
	}
	if rapid.Bool().Draw(t, "sparse") {
		return "{" + strings.Join(rapid.Permutation(append([]string{}, object...)).Draw(t, "values"), ",") + "}"
	}
	return "[" + strings.Join(list, ",") + "]"
}

// good is a data set of two cells to make bad ones from.
const good = `{"version":"2.0","class":"dataset","label":"Population","updated":"2024-02-22T07:00:00Z","id":["geo","time"],"size":[1,2],"role":{"time":["time"]},"dimension":{"geo":{"category":{"index":["SE"]}},"time":{"category":{"index":{"2022":0,"2023":1}}}},"value":[10521556,10551707],"status":["a","a"]}`

const goodName = "pop/all/geo/time/part-1"

// TestDistrust is about documents that Decode refuses as a whole.
func TestDistrust(t *testing.T) {
	swap := func(from, to string) string { return strings.Replace(good, from, to, 1) }
	for _, tt := range []struct{ name, body, want string }{
		{"fewer values", swap(",10551707", ""), "it has 1 values, but its sizes make 2 cells"},
		{"more values", swap("10551707", "1,2"), "more values than its sizes make cells, 2"},
		{"a value beyond the last cell", swap("[10521556,10551707]", `{"2":1}`), `"2" is none of its 2 cells`},
		{"a cell with another name", swap("[10521556,10551707]", `{"01":1}`), `"01" is none of its 2 cells`},
		{"a negative cell", swap("[10521556,10551707]", `{"-1":1}`), `"-1" is none of its 2 cells`},
		{"a cell twice", swap("[10521556,10551707]", `{"1":1,"1":2}`), "duplicate"},
		{"no values", swap(`"value":[10521556,10551707],`, ""), "value is missing"},
		{"values as text", swap("[10521556,10551707]", `"1 2"`), "value is string"},
		{"fewer statuses", swap(`["a","a"]`, `["a","a","a"]`), "it has 2 cells and 3 statuses"},
		{"a status beyond the last cell", swap(`["a","a"]`, `{"2":"a"}`), `a status: "2" is none of its 2 cells`},
		{"a status of another sort", swap(`["a","a"]`, `7`), "neither a text, a list nor an object"},
		{"more categories than size", swap(`"size":[1,2]`, `"size":[1,1]`), "it has 2 categories, but size says 1"},
		{"a huge size", swap(`"size":[1,2]`, `"size":[1,4611686018427387904]`), "which is no count"},
		{"a negative size", swap(`"size":[1,2]`, `"size":[1,-2]`), "a size is -2, which is no count"},
		{"fewer sizes", swap(`"size":[1,2]`, `"size":[2]`), "it has 2 dimensions and 1 sizes"},
		{"a position twice", swap(`"2023":1`, `"2023":0`), `category "2023" has position 0, which is taken`},
		{"a position beyond the last", swap(`"2023":1`, `"2023":2`), `category "2023" has position 2`},
		{"a category twice", swap(`["SE"]`, `["SE","SE"]`), `category "SE" is listed twice`},
		{"a category without a code", swap(`["SE"]`, `[""]`), "a category's code is empty"},
		{"a long code", swap(`["SE"]`, `["`+strings.Repeat("长", 100)+`"]`), "longer than 200 bytes"},
		{"no order of categories", swap(`"index":{"2022":0,"2023":1}`, `"label":{"2022":"","2023":""}`), "2 categories have no index, so their order is not known"},
		{"neither index nor label", swap(`"index":["SE"]`, ""), "neither index nor label"},
		{"a dimension twice", swap(`"id":["geo","time"]`, `"id":["time","time"]`), `dimension "time" is listed twice`},
		{"a dimension not described", swap(`"geo":{"category":{"index":["SE"]}},`, ""), `dimension "geo": its description is missing`},
		{"a dimension not listed", swap(`"geo":{"cat`, `"sex":{},"geo":{"cat`), "a dimension is described that id does not list"},
		{"a role of nothing", swap(`"time":["time"]`, `"time":["year"]`), `role.time names "year", which is no dimension`},
		{"another dimension is time", swap(`"time":["time"]`, `"time":["geo"]`), `time should be dimension "time", but its role.time is ["geo"]`},
		{"no time", strings.ReplaceAll(good, `"time"`, `"year"`), `it has no dimension "time", which should be time`},
		{"no area", strings.ReplaceAll(good, `"geo"`, `"area"`), `it has no dimension "geo", which should be the area`},
		{"areas with multipliers", swap(`"index":["SE"]`, `"index":["SE"],"unit":{"SE":{"multiplier":3}}`), `dimension "geo" states multipliers`},
		{"a multiplier that is none", swap(`"index":["SE"]`, `"index":["SE"],"unit":{"SE":{"multiplier":1000}}`), `the multiplier of "SE" is 1000, which is no power of ten`},
		{"no dimensions", swap(`"id":["geo","time"],"size":[1,2]`, `"id":[],"size":[]`), "it has no dimensions"},
		{"another version", swap(`"2.0"`, `"3.0"`), `its version is "3.0"`},
		{"a dimension", `{"version":"2.0","class":"dimension","label":"sex","category":{"index":["T"]}}`, `its class is "dimension", which holds no figures`},
		{"a collection of addresses", `{"version":"2.0","class":"collection","link":{"item":[{"class":"dataset","href":"https://json-stat.org/samples/oecd.json"}]}}`, "only the address of one"},
		{"an empty collection", `{"version":"2.0","class":"collection","link":{"item":[]}}`, "there is no data set in it"},
		{"a collection without items", `{"version":"2.0","class":"collection"}`, "the collection's link is missing"},
		{"nothing", `{}`, "there is no data set in it"},
		{"a list", `[1]`, "the answer is ["},
		{"two answers", good + good, "something follows the answer"},
		{"not UTF-8", swap("Population", "Popul\xe4"), "invalid UTF-8"},
		{"NaN", swap("10551707", "NaN"), "invalid"},
		{"Eurostat is busy", `{"warning":{"status":413,"label":"ASYNCHRONOUS_RESPONSE. Your request will be treated asynchronously. Please try again later."}}`, "413: the publisher says: ASYNCHRONOUS_RESPONSE."},
		{"Eurostat knows it not", `{"error":[{"status":404,"id":100,"label":"ERR_NOT_FOUND_4: DS-999999 is not available for dissemination."}]}`, "404: the publisher says: ERR_NOT_FOUND_4"},
		{"an error of another shape", `{"error":["a",7,{"label":"b"}]}`, "a: 7: b"},
		{"an error that says nothing", `{"error":{}}`, "no reason is given"},
		{"PxWeb 2 refuses", `{"type":"x","title":"Forbiden","status":403,"detail":"The query resulted in cell that exceeds the number of allowed."}`, "403: the publisher says: Forbiden: The query resulted"}, //nolint:misspell // as PxWeb spells it
		{"StatBank refuses", `{"errorTypeCode":"EXTRACT-NOTALLOWED","message":"too many cells"}`, "EXTRACT-NOTALLOWED: too many cells"},
		{"a page", "\ufeff <html>" + strings.Repeat("长", 1000), "it is a page, not data"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := sourcetest.Decode(New(cso), source.Document{Name: goodName, URL: "https://x/", Body: []byte(tt.body)})
			if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want one of kind upstream that says %q", err, tt.want)
			}
			if !strings.HasPrefix(err.Error(), "https://x/: ") || len(err.Error()) > 700 || len(c.Rejects) > 0 {
				t.Errorf("error %q, rejects %v: it does not name the document, or is too long, or comes with rejects", err, c.Rejects)
			}
		})
	}
}

func TestNames(t *testing.T) {
	for _, q := range []Query{
		{Table: "nama_10_gdp", Name: "growth", Area: "geo", Time: "time"},
		{Table: "a/b", Name: "ü %", Region: "=/NO", Time: "T id"},
	} {
		v, err := readName(q.view().name(12))
		if diff := cmp.Diff(q.view(), v, cmp.AllowUnexported(view{})); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", q.view().name(12), err, diff)
		}
		if v, err := readName(q.view().metadataName()); err != nil || !v.metadata {
			t.Errorf("%s: %+v, %v", q.view().metadataName(), v, err)
		}
	}
	for _, bad := range []string{"", "a/b/c/d", "a/b//d/part-1", "a/b/=/d/part-1", "a/b/c//part-1", "/b/c/d/part-1", "a/b/c/%/part-1"} {
		_, err := sourcetest.Decode(New(cso), source.Document{Name: bad, Body: []byte(good)})
		if fault.KindOf(err) != fault.Upstream {
			t.Errorf("the name %q: error %v, want one of kind upstream", bad, err)
		}
	}
}

// TestAllAboutOneArea refuses a table that has areas after all.
func TestAllAboutOneArea(t *testing.T) {
	body := strings.Replace(good, `"role":{`, `"role":{"geo":["geo"],`, 1)
	_, err := sourcetest.Decode(New(cso), source.Document{Name: "pop/all/=SE/time/part-1", Body: []byte(body)})
	if err == nil || !strings.Contains(err.Error(), `it should be all about "SE", but its role.geo is ["geo"]`) {
		t.Errorf("error %v", err)
	}
}

// TestCollection reads the data sets inside a collection and names them apart;
// one that cannot be read spoils the document.
func TestCollection(t *testing.T) {
	body := `{"version":"2.0","class":"collection","link":{"item":[` + good + "," + good + `]}}`
	c, err := sourcetest.Decode(New(cso), source.Document{Name: goodName, Body: []byte(body)})
	var got []string
	for _, o := range c.Observations {
		got = append(got, fmt.Sprint(o.Record, " ", o.Indicator, " ", o.Period, " ", o.Value))
	}
	want := []string{"1 pop/1 2022 1.0521556e+07", "2 pop/1 2023 1.0551707e+07", "3 pop/2 2022 1.0521556e+07", "4 pop/2 2023 1.0551707e+07"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	body = strings.Replace(body, `"size":[1,2]`, `"size":[2,1]`, 1)
	_, err = sourcetest.Decode(New(cso), source.Document{Name: goodName, Body: []byte(body)})
	if err == nil || !strings.Contains(err.Error(), `data set "1": dimension "geo": it has 1 categories, but size says 2`) {
		t.Errorf("error %v, want one that names the data set", err)
	}
}

func TestMultipliers(t *testing.T) {
	body := `{"version":"2.0","class":"dataset","id":["time","x","y"],"size":[1,2,2],"dimension":{"time":{"category":{"index":["2023"]}},
		"x":{"category":{"index":["K","N"],"unit":{"K":{"base":"people","decimals":1,"multiplier":3},"N":{"multiplier":0}}}},
		"y":{"category":{"index":["M","P"],"unit":{"M":{"multiplier":"6"},"P":{"base":"%"}}}}},"value":[1,2,3,4]}`
	c, err := sourcetest.Decode(New(cso), source.Document{Name: "t/q/=NO/time/part-1", Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, o := range c.Observations {
		got[o.Indicator] = o.Mult
	}
	if diff := cmp.Diff(map[string]int{"t:K.P": 3, "t:N.M": 6, "t:N.P": 0}, got); diff != "" {
		t.Error(diff)
	}
	if len(c.Rejects) != 1 || c.Rejects[0].Reason != "several of its dimensions state a multiplier" || c.Rejects[0].Text != "1 at time=2023 x=K y=M" {
		t.Errorf("rejects %+v, want the cell that is in thousands and in millions", c.Rejects)
	}
}

func TestStatusShapes(t *testing.T) {
	for shape, want := range map[string][]source.Status{
		`"p"`:        {source.Preliminary, source.Preliminary},
		`["p"]`:      {source.Preliminary, source.Preliminary},
		`["p",null]`: {source.Preliminary, source.Final},
		`[null,"e"]`: {source.Final, source.Derived},
		`[]`:         {source.Final, source.Final},
		`{"1":"f"}`:  {source.Final, source.Forecast},
		`{}`:         {source.Final, source.Final},
		`null`:       {source.Final, source.Final},
		`{"value":["r",null],"category":{"label":{"r":"revised"}}}`: {source.Revised, source.Final},
	} {
		body := strings.Replace(good, `["a","a"]`, shape, 1)
		c, err := sourcetest.Decode(New(cso), source.Document{Name: goodName, Body: []byte(body)})
		var got []source.Status
		for _, o := range c.Observations {
			got = append(got, o.Status)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("status %s: %v, %v; want %v", shape, got, err, want)
		}
	}
}

func TestStatuses(t *testing.T) {
	for in, want := range map[string]meaning{
		"":    {source.Final, "", ""},
		"a":   {source.Final, "", ""},
		"A":   {source.Final, "", ""},
		"p":   {source.Preliminary, "", ""},
		"b":   {source.Final, "break in the series", ""},
		"bp":  {source.Preliminary, "break in the series", ""},
		"ep":  {source.Derived, "estimated", ""},
		"s":   {source.Derived, "estimated by Eurostat", ""},
		"f":   {source.Forecast, "forecast", ""},
		"r":   {source.Revised, "", ""},
		"pr":  {source.Preliminary, "revised", ""},
		"u":   {source.Final, "low reliability", ""},
		"bd":  {source.Final, "break in the series; definition differs, see the publisher's metadata", ""},
		"p|F": {source.Preliminary, "", ""},
		"c":   {source.Final, "", "confidential"},
		"|C":  {source.Final, "", "confidential"},
		"p|N": {source.Preliminary, "", "confidential"},
		"z":   {source.Final, "", "not applicable"},
		":":   {source.Final, "", "not available, or confidential"},
		"..":  {source.Final, "", "not available"},
		".":   {source.Final, "", "not applicable"},
		"...": {source.Final, "", "not available yet"},
		"-":   {source.Final, "", "nil"},
		":|C": {source.Final, "", "not available, or confidential"},
		"bc":  {source.Final, "break in the series", "confidential"},
	} {
		if got, ok := understand(in); got != want || !ok {
			t.Errorf("status %q means %+v (%v), want %+v", in, got, ok, want)
		}
	}
	for _, in := range []string{"Q", "px", "p ", "S", "C", "x|F", "1"} {
		if got, ok := understand(in); ok {
			t.Errorf("status %q means %+v, want it not to be known", in, got)
		}
	}
}

func TestPeriods(t *testing.T) {
	for in, want := range map[string]string{
		"2023": "2023", "2023K1": "2023-Q1", "2023K4": "2023-Q4", "2023Q1": "2023-Q1", "2023-Q1": "2023-Q1", "2023M05": "2023-05",
		"2023-05": "2023-05", "2023M12": "2023-12", "2023-S1": "2023-H1", "2023S2": "2023-H2", "2023H1": "2023-H1", "2023-M05": "2023-05",
		"": "", "23": "", "2023-": "", "2023K0": "", "2023K5": "", "2023K12": "", "2023M5": "", "2023M13": "", "2023-13": "", "2023-5": "",
		"2023U18": "", "2023W18": "", "2023-W18": "", "2023-01-15": "", "2022/23": "", "2016-2020": "", "2023T1": "", "２０２３": "",
		" 2023": "", "2023 ": "", "0999": "", "2023H3": "", "2023-K": "", "2023--5": "",
	} {
		if got := isoPeriod(in); got != want {
			t.Errorf("isoPeriod(%q) = %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`[0-9]{4}-?[KQMHS]?[0-9]{0,2}`).Draw(t, "code")
		if out := isoPeriod(in); out != "" {
			if p, err := period.Parse(out); err != nil || p.String() != out || out[:4] != in[:4] {
				t.Fatalf("isoPeriod(%q) = %q: %v", in, out, err)
			}
		}
	})
}

// TestSpelledPeriods reads labels where the codes of time mean nothing, as the
// Office for National Statistics has written them.
func TestSpelledPeriods(t *testing.T) {
	for in, want := range map[string]string{
		"2011": "2011", "2023 Q1": "2023-Q1", "Q1 2023": "2023-Q1", "Sep 1999": "1999-09", "September 1999": "1999-09", "1999 May": "1999-05", "2023-05": "2023-05",
		"": "", "Mar-May 1993": "", "Census 2011": "", "Time": "", "5 2011": "", "Sep 99": "", "2011 to 2012": "",
	} {
		if got := spelledPeriod(in); got != want {
			t.Errorf("spelledPeriod(%q) = %q, want %q", in, got, want)
		}
	}
	const body = `{"version":"2.0","class":"dataset","id":["geo","m","time"],"size":[1,1,2],"value":[1,2],"dimension":{"geo":{"category":{"index":["X"]}},` +
		`"m":{"category":{"index":["N"],"unit":{"N":{"multiplier":"Thousands"}}}},"time":{"category":{"index":{"CI_2":1,"CI_1":0},"label":{"CI_1":"Sep 1999","CI_2":"Mar-May 1993"}}}}}`
	c, err := sourcetest.Decode(New(cso), source.Document{Name: "t/q/geo/time/part-1", Body: []byte(body)})
	if err != nil || len(c.Observations) != 1 || told(c.Observations[0]) != "X N 1999-09 1 3" || len(c.Rejects) != 1 {
		t.Errorf("%+v, %v; want September 1999 in thousands, and the three months rejected", c, err)
	}
}

func TestUpdated(t *testing.T) {
	for in, want := range map[string]string{
		"2026-09-21T23:00:00+0200": "2026-09-21", "2015-11-25T19:36:00Z": "2015-11-25", "2012-09-27": "2012-09-27",
		"": "", "1446764400000": "", "27/09/2012": "", "2012-13-01T00:00:00Z": "", "yesterday": "",
	} {
		if got := isoDay(in); got != want {
			t.Errorf("isoDay(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestRecorded decodes real answers where they are at hand. They are not part of
// the project.
func TestRecorded(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "samples")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("no recorded answers at %s; the cases in testdata have their shapes", folder)
	}
	for _, tt := range []struct {
		file, view       string
		figures, rejects int
		first, last      string
		err              string
	}{
		{"jsonstat/canada.json", "country/year", 120, 0, "CA T.POP.T 2012 34880.5 3", "CA older.PERCENT.F 2012 1 0", ""},
		{"jsonstat/cso_ie-NQQ25.json", "=IE/Quarter", 1216, 0, "", "", ""},
		{"jsonstat/eurostat-name_gpd_c-geo_IT.json", "geo/time", 24, 0, "IT EUR_HAB.B1GM 1990 15800 0", "IT EUR_HAB.B1GM 2013 25600 0", ""},
		{"jsonstat/oecd.json", "area/year", 432, 0, "AU UNR 2003 5.943826289 0", "", ""},
		{"jsonstat/order.json", "A/B", 0, 24, "", "", ""},
		{"jsonstat/pyjstat_statswe.json", "Region/Tid", 1120, 0, "25 23-28.0.1.HS0301A1 1969 0 0", "", ""},
		{"eurostat/RECORDED_nama_10_gdp_DE_since_2030_trimmed.json", "geo/time", 0, 0, "", "", ""},
		{"eurostat/RECORDED_sts_inpr_m_confidential_trimmed.json", "geo/time", 0, 0, "", "", ""},
		{"eurostat/RECORDED_statistics_404.json", "geo/time", 0, 0, "", "", "404: the publisher says: ERR_NOT_FOUND_4: DS-999999"},
		{"eurostat/RECORDED_statistics_413.json", "geo/time", 0, 0, "", "", "413: the publisher says: EXTRACTION_TOO_BIG"},
		{"eurostat/DOC_statistics_async_warning_http200.json", "geo/time", 0, 0, "", "", "413: the publisher says: ASYNCHRONOUS_RESPONSE"},
		{"eurostat/RECORDED_fault_413.xml", "geo/time", 0, 0, "", "", "it is a page, not data"},
		{"pxweb/03024_metadata-jsonstat.json", "=NO/Tid", 0, 0, "", "", "invalid character '/'"},    // a draft with comments
		{"pxweb/response-scb-all-region.json", "Region/Tid", 0, 0, "", "", "invalid character '/'"}, // a draft with comments that is cut
		{"pxweb/json-stat_query_example.json", "Region/Tid", 0, 0, "", "", "it is no data set"},     // a question
	} {
		t.Run(tt.file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(tt.file)))
			if err != nil {
				t.Fatal(err)
			}
			c, err := sourcetest.Decode(New(cso), source.Document{Name: "t/q/" + tt.view + "/part-1", Body: body})
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if len(c.Observations) != tt.figures || len(c.Rejects) != tt.rejects {
				t.Fatalf("%d figures and %d rejects, want %d and %d", len(c.Observations), len(c.Rejects), tt.figures, tt.rejects)
			}
			if tt.first != "" && told(c.Observations[0]) != tt.first || tt.last != "" && told(c.Observations[tt.figures-1]) != tt.last {
				t.Errorf("from %s to %s, want from %s to %s", told(c.Observations[0]), told(c.Observations[tt.figures-1]), tt.first, tt.last)
			}
		})
	}
}

func told(o source.Observation) string {
	return fmt.Sprint(o.Region, " ", strings.TrimPrefix(o.Indicator, "t:"), " ", o.Period, " ", o.Value, " ", o.Mult)
}
