package sdmx

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// history is two vintages of the outlook in SDMX-JSON; what the earlier one says
// is made up.
func history(c cube) []byte {
	april := c
	april.series = slices.Clone(c.series)
	april.series[0].obs = []cubeObs{{"2024", "1", ""}, {"2025", "2", ""}}
	first, second := april.json2(), c.json2()
	const start, end = `"dataSets":[{`, `}],"structures":[`
	_, rest, _ := bytes.Cut(first, []byte(start))
	set1, tail, _ := bytes.Cut(rest, []byte(end))
	_, rest, _ = bytes.Cut(second, []byte(start))
	set2, tail2, _ := bytes.Cut(rest, []byte(end))
	for _, set := range []*[]byte{&set1, &set2} {
		*set = bytes.Replace(*set, []byte(`"structure":0,`), nil, 1)
	}
	tail2, _ = bytes.CutSuffix(tail2, []byte("]}}"))
	return fmt.Appendf(nil, `{"data":{"dataSets":[{%s,"structure":0,"validFrom":"2025-04-22T13:00:00Z","validTo":"2025-10-14T13:00:00Z"},{%s,"structure":1,"validFrom":"2025-10-14T13:00:00Z"}],"structures":[%s,%s]}}`,
		set1, set2, bytes.TrimSuffix(tail, []byte("]}}")), tail2)
}

// afterALine says that a cut of CSV behind a line leaves a complete file.
func afterALine(body []byte, at int) bool {
	return (body[0] == 'D' || body[0] == 'S') && at > 0 && body[at-1] == '\n'
}

func TestConformance(t *testing.T) {
	for name, tt := range map[string]struct {
		*office

		change func(*Query)
	}{
		"CSV":                     {&office{cube: regions(), body: cube.csv1, media: "application/vnd.sdmx.data+csv", format: "csvfile"}, func(q *Query) { q.Structure = true }},
		"structure-specific":      {&office{cube: outlook(), body: func(c cube) []byte { return c.specific("v2_1") }, media: "application/vnd.sdmx.structurespecificdata+xml;version=2.1"}, func(q *Query) { q.Structure = true }},
		"generic":                 {&office{cube: outlook(), body: cube.generic, media: "application/vnd.sdmx.genericdata+xml;version=2.1"}, nil},
		"JSON, 3.0":               {&office{cube: outlook(), body: cube.json2, media: "application/vnd.sdmx.data+json;version=2.0.0"}, func(q *Query) { q.Structure, q.Interface = true, "3.0" }},
		"vintages":                {&office{cube: outlook(), body: history, media: "application/vnd.sdmx.data+json;version=2.0.0"}, func(q *Query) { q.History = true }},
		"prepared, and packed":    {&office{cube: outlook(), body: cube.json2, media: "application/json", format: "JSON", queue: []string{"AVAILABLE"}, packed: true}, nil},
		"too large for one piece": {&office{cube: regions(), body: cube.csv1, media: "text/csv", format: "csvfile", areas: 1}, func(q *Query) { q.Key = "A.TL2.ZZ1+ZZ2+ZZ3._Z.GDP._T.Q.USD_PPP_PS" }},
	} {
		t.Run(name, func(t *testing.T) {
			o := tt.office
			o.t = t
			q := o.query()
			if tt.change != nil {
				tt.change(&q)
			}
			sourcetest.Run(t, sourcetest.Subject{
				New:      func(base string) source.Source { return o.source(base, q) },
				Upstream: o, Seamless: afterALine,
			})
		})
	}
}

// cases are the folders of testdata and what is asked in each.
var cases = map[string][]Query{
	"oecd":         {oecdRow("gdp_tl2", "A.TL2...GDP._T.Q.USD_PPP_PS")},
	"oecd-none":    {oecdRow("none", "A.TL2.XX..GDP._T.Q.USD_PPP_PS"), oecdRow("gdp_tl2", "A.TL2...GDP._T.Q.USD_PPP_PS")},
	"oecd-refused": {oecdRow("short", "A.TL2"), withFlow(oecdRow("gone", "all"), "DSD_X@DF_X"), oecdRow("quota", "all"), oecdRow("after", "A.TL3...GDP._T.Q.USD_PPP_PS")},
	"eurostat":     {eurostatRow("gdp_nuts3", "nama_10r_3gdp"), eurostatRow("gone", "DS-999999"), eurostatRow("big", "nama_10_gdp"), eurostatRow("none", "nama_10r_2gdp")},
	"prepared":     {eurostatRow("gdp_nuts3", "nama_10r_3gdp")},
	"prepare-fail": {eurostatRow("gdp_nuts3", "nama_10r_3gdp")},
	"imf":          {imfRow()},
	"imf-3":        {imfRow3("weo", "IMF.RES"), imfRow3("silent", "IMF"), withVersion(imfRow3("old", "IMF.RES"), "5.0")},
	"changed":      {withStructure(imfRow())},
	"vintages":     {vintages()},
	"rows":         {oecdRow("gdp_tl2", "all")},
	"warned":       {eurostatRow("warned", "nama_10_gdp")},
}

func oecdRow(name, key string) Query {
	return Query{
		Name: name, Title: "Regional GDP", Interface: "2.1", Agency: "OECD.CFE.EDS", Flow: "DSD_REG_ECO@DF_GDP", Key: key, Format: "csvfile",
		Area: "REF_AREA", Dimensions: regions().dims, Origin: "oecd",
	}
}

func eurostatRow(name, flow string) Query {
	return Query{
		Name: name, Title: "Regional accounts", Interface: "2.1", Path: "sdmx/2.1", Flow: flow, Key: "A..", Format: "SDMX-CSV", Start: "2010",
		Area: "geo", Dimensions: []string{"freq", "unit", "geo"}, Origin: "eurostat",
	}
}

func imfRow() Query {
	return Query{
		Name: "weo", Title: "World Economic Outlook", Interface: "2.1", Path: "2.1", Agency: "IMF.RES", Flow: "WEO", Version: "9.0.0",
		Key: "MEX.NGDP_RPCH.A", Format: "application/vnd.sdmx.structurespecificdata+xml;version=2.1",
		Area: "COUNTRY", Dimensions: []string{"COUNTRY", "INDICATOR", "FREQUENCY"}, LatestActual: latestActual, Origin: "imf",
	}
}

func imfRow3(name, agency string) Query {
	q := imfRow()
	q.Name, q.Interface, q.Path, q.Agency, q.Version, q.Format, q.Start = name, "3.0", "3.0", agency, "", "application/vnd.sdmx.data+json;version=2.0.0", "2020"
	return q
}

func vintages() Query {
	q := imfRow()
	q.Key, q.History, q.Format = "ZZZ.NGDP_RPCH.A", true, "application/vnd.sdmx.genericdata+xml;version=2.1"
	return q
}

func withFlow(q Query, flow string) Query       { q.Flow = flow; return q }
func withVersion(q Query, version string) Query { q.Version = version; return q }
func withStructure(q Query) Query               { q.Structure = true; return q }

func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/*/01.http")
	if err != nil || len(folders) != len(cases) {
		t.Errorf("%d folders in testdata for %d cases, %v: each case has a folder with 01.http", len(folders), len(cases), err)
	}
	for name, queries := range cases {
		t.Run(name, func(t *testing.T) {
			sourcetest.Replay(t, os.DirFS("testdata/"+name), func(base string) source.Source {
				return (&office{}).source(base, queries...)
			})
		})
	}
}

// FuzzDecode starts from every format, and from the recorded shapes.
func FuzzDecode(f *testing.F) {
	c := outlook()
	src := New(Config{ID: "imf", Queries: []Query{c.query()}})
	var docs []source.Document
	for _, body := range c.formats() {
		docs = append(docs, source.Document{Name: "data/cube", Body: body})
	}
	slices.SortFunc(docs, func(a, b source.Document) int { return bytes.Compare(a.Body, b.Body) })
	docs = append(docs,
		source.Document{Name: "data/cube@2025-10-14T13:00:00Z", Body: history(c)},
		source.Document{Name: "structure/WEO", Body: c.structureXML21()},
		source.Document{Name: "structure/WEO", Body: c.structureJSON2()},
		source.Document{Name: "data/cube", Body: []byte(tooBig)},
		source.Document{Name: "data/cube", Body: []byte(`{"errors":[{"code":100,"title":"NoRecordsFound"}]}`)},
	)
	sourcetest.Fuzz(f, src, docs...)
}

func TestInfo(t *testing.T) {
	info := New(Config{ID: "ecb", Title: "ECB", BaseURL: "https://data-api.ecb.europa.eu/service/"}).Info()
	if info.ID != "ecb" || !slices.Equal(info.Hosts, []string{"data-api.ecb.europa.eu"}) {
		t.Errorf("%+v", info)
	}
	if !strings.Contains(info.Needs, "sdmx_queries.csv") {
		t.Errorf("a source without questions needs %q, want the file to write them in", info.Needs)
	}
	src := New(Config{Queries: []Query{imfRow()}})
	if needs := src.Info().Needs; needs != "" {
		t.Errorf("a source with questions needs %q", needs)
	}
	if got := src.Place(12); got != "observation 12" {
		t.Errorf("Place(12) = %q", got)
	}
	if err := New(Config{}).Probe(t.Context(), nil); err != nil {
		t.Errorf("Probe of nothing: %v", err)
	}
}

// TestAddresses holds questions to the addresses that are known to work.
func TestAddresses(t *testing.T) {
	at := func(base string, q Query) string { return New(Config{BaseURL: base}).dataAddress(q) }
	structureAt := func(base string, q Query) string {
		address, accept := New(Config{BaseURL: base}).structureAddress(q)
		return address + " " + accept
	}
	plus := withVersion(imfRow3("x", "IMF.RES"), "+")
	history := eurostatRow("x", "nama_10r_3gdp")
	history.History = true
	dots := oecdRow("x", "..")
	slash := Query{Interface: "2.1", Flow: "WDI", Key: "A.X.CHN/"}
	for want, got := range map[string]string{
		"https://sdmx.oecd.org/public/rest/data/OECD.CFE.EDS,DSD_REG_ECO@DF_GDP,/A.TL2...GDP._T.Q.USD_PPP_PS?format=csvfile": at("https://sdmx.oecd.org/public/rest/", oecdRow("x", "A.TL2...GDP._T.Q.USD_PPP_PS")),
		"https://sdmx.oecd.org/public/rest/data/OECD.CFE.EDS,DSD_REG_ECO@DF_GDP,/all?format=csvfile":                         at("https://sdmx.oecd.org/public/rest", dots),
		"https://x/sdmx/2.1/data/nama_10r_3gdp/A..?startPeriod=2010&format=SDMX-CSV":                                         at("https://x", eurostatRow("x", "nama_10r_3gdp")),
		"https://x/sdmx/2.1/data/nama_10r_3gdp/A..?startPeriod=2010&includeHistory=true&format=SDMX-CSV":                     at("https://x", history),
		"https://api.imf.org/external/sdmx/2.1/data/IMF.RES,WEO,9.0.0/MEX.NGDP_RPCH.A":                                       at("https://api.imf.org/external/sdmx", imfRow()),
		"https://api.imf.org/external/sdmx/3.0/data/dataflow/IMF.RES/WEO/%2B/MEX.NGDP_RPCH.A?c%5BTIME_PERIOD%5D=ge:2020":     at("https://api.imf.org/external/sdmx", plus),
		"https://api.worldbank.org/v2/sdmx/rest/data/WDI/A.X.CHN/":                                                           at("https://api.worldbank.org/v2/sdmx/rest", slash),
		"https://x/sdmx/2.1/dataflow/all/nama_10r_3gdp/latest?references=descendants " + structureXML:                        structureAt("https://x", eurostatRow("x", "nama_10r_3gdp")),
		"https://x/3.0/structure/dataflow/IMF.RES/WEO/%2B?references=descendants " + structureJSON:                           structureAt("https://x", plus),
		"https://x/2.1/dataflow/IMF.RES/WEO/9.0.0?references=descendants " + structureXML:                                    structureAt("https://x", imfRow()),
	} {
		if got != want {
			t.Errorf("asks %s\nwant %s", got, want)
		}
	}
}

// TestSplit asks for three areas of an office that gives one at a time.
func TestSplit(t *testing.T) {
	o := &office{cube: regions(), body: cube.csv1, media: "text/csv", format: "csvfile", areas: 1}
	q := o.query()
	q.Key = "A.TL2.ZZ1+ZZ2+ZZ3._Z.GDP._T.Q.USD_PPP_PS"
	docs, src, err := o.fetch(t, q)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	var figures int
	for _, d := range docs {
		names = append(names, d.Name)
		c, err := sourcetest.Decode(src, d)
		if err != nil || len(c.Rejects) > 0 {
			t.Errorf("%s: %v, %v", d.Name, c.Rejects, err)
		}
		figures += len(c.Observations)
	}
	if want := []string{"data/cube/ZZ1", "data/cube/ZZ2", "data/cube/ZZ3"}; !slices.Equal(names, want) || figures != 4 {
		t.Errorf("%d figures in %v, want 4 in %v", figures, names, want)
	}
	q.Key, o.lie = "all", func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		_, _ = w.Write([]byte(tooBig))
		return true
	}
	_, _, err = o.fetch(t, q)
	if err == nil || !strings.Contains(err.Error(), "EXTRACTION_TOO_BIG") || !strings.Contains(err.Error(), "joined by +") {
		t.Errorf("error %v, want the publisher's word and how to narrow the row", err)
	}
}

// TestPrepared waits for an answer that takes its time.
func TestPrepared(t *testing.T) {
	for _, tt := range []struct {
		states []string
		want   string
	}{
		{[]string{"SUBMITTED", "PROCESSING", "PROCESSING", "AVAILABLE"}, ""},
		{[]string{"PROCESSING"}, "still being prepared after 30m0s"},
		{[]string{"ERROR"}, `its status is "ERROR"`},
		{[]string{"SUBMITTED", "EXPIRED"}, `its status is "EXPIRED"`},
	} {
		o := &office{cube: regions(), body: cube.csv1, media: "text/csv", format: "csvfile", queue: tt.states}
		docs, _, err := o.fetch(t, o.query())
		if tt.want == "" {
			if err != nil || len(docs) != 1 || !strings.Contains(docs[0].URL, "/data/") || strings.Contains(docs[0].URL, receipt) {
				t.Errorf("%v: %d documents, %v; want one at the address of the question", tt.states, len(docs), err)
			}
		} else if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: error %v, want one that says %q", tt.states, err, tt.want)
		}
	}
	asked := 0
	o := &office{cube: regions(), body: cube.csv1, media: "text/csv", format: "csvfile", queue: []string{"AVAILABLE"}, lie: func(w http.ResponseWriter, r *http.Request) bool {
		early := strings.Contains(r.URL.Path, asyncData) && asked == 0
		if early {
			asked++
			_, _ = w.Write([]byte(`<S:Fault xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><faultcode>400</faultcode><faultstring>DATA_NOT_YET_AVAILABLE</faultstring></S:Fault>`))
		}
		return early
	}}
	if docs, _, err := o.fetch(t, o.query()); err != nil || len(docs) != 1 || asked != 1 {
		t.Errorf("%d documents, %v, though the data only came late; asked too early %d times", len(docs), err, asked)
	}
}

// TestReceiptNumber wants no address made from a number that is none.
func TestReceiptNumber(t *testing.T) {
	o := &office{cube: regions(), media: "text/csv", format: "csvfile", lie: func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = w.Write([]byte(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><queued><id>../../files/inventory?x=1</id><status>SUBMITTED</status></queued></e:Envelope>`))
		return true
	}}
	_, _, err := o.fetch(t, o.query())
	if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), "which is none") || len(o.asked) != 1 {
		t.Errorf("asked %v, error %v; want one question and a complaint about the number", o.asked, err)
	}
}

// TestStopsWhenToldTo asks nothing further once the quota is used up.
func TestStopsWhenToldTo(t *testing.T) {
	const said = "You have exceeded the number of requests for data downloads or very large data ranges permitted in the OECD Data API. Please contact the OECD"
	o := &office{cube: regions(), media: "text/csv", format: "csvfile", lie: func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(said))
		return true
	}}
	second := o.query()
	second.Name = "second"
	docs, _, err := o.fetch(t, o.query(), second, second)
	if len(docs) > 0 || fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), said) || !strings.Contains(err.Error(), "2 further questions were not asked") {
		t.Errorf("%d documents, error %v; want none, the publisher's words and what was not asked", len(docs), err)
	}
	if len(o.asked) != 2 { // one question, twice
		t.Errorf("asked %v", o.asked)
	}
}

// TestUnreachable gives up after one question.
func TestUnreachable(t *testing.T) {
	o := &office{cube: regions(), media: "text/csv", format: "csvfile"}
	src := o.source("http://127.0.0.1:1", o.query(), o.query())
	_, err := sourcetest.Fetch(t.Context(), src, http.DefaultClient)
	if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), "1 further questions were not asked") {
		t.Errorf("error %v, want one for all questions", err)
	}
}

// TestTitles takes the best title there is.
func TestTitles(t *testing.T) {
	for _, tt := range []struct {
		body      func(cube) []byte
		structure bool
		want      string
	}{
		{cube.csv1, false, "A cube (OECD)"},
		{cube.csv2both, false, "Le cube (OECD)"},
		{cube.csv2name, false, "The cube (OECD)"},
		{cube.csv1, true, "The cube (OECD)"},
	} {
		o := &office{cube: regions(), body: tt.body, media: "text/csv", format: "csvfile"}
		q := o.query()
		q.Structure = tt.structure
		docs, _, err := o.fetch(t, q)
		if err != nil || docs[len(docs)-1].Title != tt.want {
			t.Errorf("%v, %v; want the title %q", docs, err, tt.want)
		}
		if tt.structure && docs[0].Title != "The cube, structure (OECD)" {
			t.Errorf("the structure has the title %q", docs[0].Title)
		}
	}
}

// TestDates wants documents dated by what they say, and by nothing else.
func TestDates(t *testing.T) {
	eurostat := regions()
	eurostat.updated = "15/09/26 11:00:00"
	for name, tt := range map[string]struct {
		*office

		published, notBefore string
	}{
		"undated":     {&office{cube: regions(), body: cube.csv1, media: "text/csv", format: "x"}, "", "2020-01-01"},
		"LAST UPDATE": {&office{cube: eurostat, body: cube.csv1, media: "text/csv", format: "x"}, "2026-09-15", ""},
		"forecasts":   {&office{cube: outlook(), body: cube.json2, media: "text/json", format: "x"}, "", "2024-01-01"},
		"UPDATE_DATE": {&office{cube: outlook(), body: func(c cube) []byte {
			return bytes.Replace(c.specific("v2_1"), []byte(` PUBLISHER="x"`), []byte(` UPDATE_DATE="2025-11-19T21:00:00Z" PUBLICATION_DATE="2025-10-14T13:00:00Z"`), 1)
		}, media: "text/xml", format: "x"}, "2025-11-19", ""},
		"only prepared": {&office{cube: outlook(), body: cube.generic, media: "text/xml", format: "x"}, "", "2024-01-01"},
	} {
		docs, _, err := tt.fetch(t, tt.query())
		if err != nil || len(docs) != 1 || docs[0].Published != tt.published || docs[0].NotBefore != tt.notBefore {
			t.Errorf("%s: %+v, %v; want it published %q, not before %q", name, docs, err, tt.published, tt.notBefore)
		}
	}
}

// TestVintages wants each vintage to be a document, and to be decoded alone.
func TestVintages(t *testing.T) {
	o := &office{cube: outlook(), body: history, media: "text/json", format: "x"}
	q := o.query()
	q.History = true
	docs, src, err := o.fetch(t, q)
	if err != nil || len(docs) != 2 {
		t.Fatalf("%d documents, %v", len(docs), err)
	}
	for i, want := range []struct {
		name, published string
		in2025          float64
	}{
		{"data/cube@2025-04-22T13:00:00Z", "2025-04-22", 2},
		{"data/cube@2025-10-14T13:00:00Z", "2025-10-14", 0.561683},
	} {
		c, err := sourcetest.Decode(src, docs[i])
		if err != nil || docs[i].Name != want.name || docs[i].Published != want.published {
			t.Errorf("%s, published %s, %v; want %+v", docs[i].Name, docs[i].Published, err, want)
		}
		at := slices.IndexFunc(c.Observations, func(o source.Observation) bool { return o.Region == "MEX" && o.Period == "2025" })
		if at < 0 || c.Observations[at].Value != want.in2025 {
			t.Errorf("%s: %+v, want Mexico in 2025 to be %v", docs[i].Name, c.Observations, want.in2025)
		}
	}
	for name, says := range map[string]string{"data/cube": "must end with @", "data/cube@2001-01-01": "none of its data sets is valid from 2001-01-01"} {
		if _, err := sourcetest.Decode(src, source.Document{Name: name, Body: docs[0].Body}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one that says %q", name, err, says)
		}
	}
}
