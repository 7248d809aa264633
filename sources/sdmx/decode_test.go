package sdmx

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// decode reads body as the answer to q.
func decode(q Query, body string) (*sourcetest.Collector, error) {
	q.Name = "x"
	return sourcetest.Decode(New(Config{ID: "oecd", Queries: []Query{q}}), source.Document{Name: "data/x", URL: "https://x/", Body: []byte(body)})
}

// one is a cube of one figure.
func one(value, time, status, mult string) cube {
	return cube{agency: "A", flow: "F", dims: []string{"REF_AREA", "MEASURE"}, area: "REF_AREA", series: []cubeSeries{
		{key: []string{"CHN", "GDP"}, mult: mult, obs: []cubeObs{{time, value, status}}},
	}}
}

// TestStatuses reads every status with a figure beside it.
func TestStatuses(t *testing.T) {
	for _, tt := range []struct {
		attributes
		want source.Status
		note string
	}{
		{attributes{}, source.Final, ""},
		{attributes{status: "A"}, source.Final, ""},
		{attributes{status: "B"}, source.Final, "break in the series"},
		{attributes{status: "E"}, source.Derived, "estimated"},
		{attributes{status: "F"}, source.Forecast, ""},
		{attributes{status: "I"}, source.Derived, "imputed"},
		{attributes{status: "P"}, source.Preliminary, ""},
		{attributes{status: "V"}, source.Preliminary, "not validated"},
		{attributes{status: "U"}, source.Final, "low reliability"},
		{attributes{status: "M"}, 0, "OBS_STATUS is M (missing, cannot exist), but a figure stands beside it"},
		{attributes{status: "Q"}, 0, "OBS_STATUS is Q (missing, suppressed), but a figure stands beside it"},
		{attributes{status: "XX"}, source.Preliminary, "OBS_STATUS XX, a code of the publisher's own"},
		{attributes{status: "e"}, source.Preliminary, "OBS_STATUS e, a code of the publisher's own"},
		{attributes{flags: "p"}, source.Preliminary, ""},
		{attributes{flags: "bp"}, source.Preliminary, "break in the series"},
		{attributes{flags: "b e"}, source.Derived, "break in the series; estimated"},
		{attributes{flags: "ef"}, source.Forecast, "estimated"},
		{attributes{flags: "r"}, source.Revised, ""},
		{attributes{flags: "s"}, source.Derived, "estimated by Eurostat"},
		{attributes{flags: "c"}, 0, "OBS_FLAG is c (confidential), but a figure stands beside it"},
		{attributes{flags: "x"}, source.Preliminary, "OBS_FLAG x, a code of the publisher's own"},
		{attributes{flags: "p|C"}, source.Preliminary, "CONF_STATUS C"},
		{attributes{flags: "|"}, source.Final, ""},
		{attributes{conf: "F"}, source.Final, ""},
		{attributes{conf: "N"}, source.Final, "CONF_STATUS N"},
	} {
		s := standingOf(tt.attributes)
		status, note := s.status, strings.Join(s.notes, "; ")
		if s.problem != "" {
			status, note = 0, s.problem
		}
		if status != tt.want || note != tt.note {
			t.Errorf("%+v: status %d, %q; want %d, %q", tt.attributes, status, note, tt.want, tt.note)
		}
	}
}

func TestPeriods(t *testing.T) {
	for in, want := range map[string]string{
		"2024": "2024", "2024-A1": "2024", "2020-S1": "2020-H1", "2020-H2": "2020-H2", "2017-Q4": "2017-Q4", "2024-05": "2024-05", "2024-M05": "2024-05",
		"2024M12": "2024-12", "2013Q1": "2013-Q1", "2013S2": "2013-H2",
		"": "", "24": "", "2024-": "", "202405": "", "2024-13": "", "2024-M13": "", "2024-Q5": "", "2024-S3": "", "2024-W03": "", "2024-T1": "", "2024-05-01": "",
		"2024-01-01/P1Y": "", "0024": "", "9999": "", "２０２４": "", "2024-D001": "", "2024 ": "", "-024": "",
	} {
		if got := isoPeriod(in); got != want {
			t.Errorf("isoPeriod(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestMultipliers holds UNIT_MULT to be a power of ten that multiplies.
func TestMultipliers(t *testing.T) {
	for mult, want := range map[string]int{"": 0, "0": 0, "9": 9, "-3": -3} {
		c, err := decode(one("26054.614", "2022", "A", "").query(), string(one("26054.614", "2022", "A", mult).csv1()))
		if err != nil || len(c.Observations) != 1 || c.Observations[0].Mult != want || c.Observations[0].Value != 26054.614 {
			t.Errorf("UNIT_MULT %q: %+v, %v; want 26054.614 with %d", mult, c, err, want)
		}
	}
	for _, mult := range []string{"9999", "x", "1.5", "1e3", "-31"} {
		c, err := decode(one("1", "2022", "A", "").query(), string(one("1", "2022", "A", mult).csv1()))
		if err != nil || len(c.Observations) > 0 || len(c.Rejects) != 1 || !strings.Contains(c.Rejects[0].Reason, "UNIT_MULT is") {
			t.Errorf("UNIT_MULT %q: %+v, %v; want a reject", mult, c, err)
		}
	}
}

// TestScaleDoesNotMultiply is the trap of the IMF, with its recorded figure.
func TestScaleDoesNotMultiply(t *testing.T) {
	c := cube{agency: "IMF.RES", flow: "WEO", dims: outlook().dims, area: "COUNTRY", actual: map[string]string{"SVK": "2024"}, series: []cubeSeries{
		{key: []string{"SVK", "NGDP_R", "A"}, obs: []cubeObs{{"2018", "94669000000", ""}}},
	}}
	body := c.specific("v2_1")
	if !bytes.Contains(body, []byte(`SCALE="9"`)) {
		t.Fatal("the test has no SCALE")
	}
	got, err := decode(c.query(), string(body))
	if err != nil || len(got.Observations) != 1 || got.Observations[0].Mult != 0 || got.Observations[0].Value != 94669000000 {
		t.Errorf("%+v, %v; want 94669000000 and no multiplier", got, err)
	}
}

// TestMissing yields nothing for what is not available, and rejects nothing.
func TestMissing(t *testing.T) {
	for _, value := range []string{"", "NaN", "#N/A", ":", " "} {
		c, err := decode(one("", "2022", "M", "").query(), string(one(value, "2022", "M", "0").csv1()))
		if err != nil || len(c.Observations)+len(c.Rejects) > 0 {
			t.Errorf("%q: %+v, %v; want nothing", value, c, err)
		}
	}
}

// TestForecasts tells measured years from projections by the attribute alone.
func TestForecasts(t *testing.T) {
	c := outlook()
	c.actual["USA"] = ""
	got, err := decode(c.query(), string(c.generic()))
	if err != nil {
		t.Fatal(err)
	}
	status := map[string]source.Status{}
	for _, o := range got.Observations {
		status[o.Period] = o.Status
	}
	if want := map[string]source.Status{"2024": source.Final, "2025": source.Forecast, "2026": source.Forecast}; !cmp.Equal(status, want) {
		t.Errorf("statuses %v, want %v", status, want)
	}
	if len(got.Rejects) != 2 || !strings.Contains(got.Rejects[0].Reason, `LATEST_ACTUAL_ANNUAL_DATA is "", which is no year`) {
		t.Errorf("rejects %v, want the two of the country that does not say", got.Rejects)
	}
}

// TestNamelessCSV reads what the ECB and the Bank for International Settlements
// call CSV: without the dataflow, and in one case with a key in front.
func TestNamelessCSV(t *testing.T) {
	q := Query{Flow: "EXR", Area: "REF_AREA", Dimensions: []string{"FREQ", "REF_AREA"}, Origin: "x"}
	for _, body := range []string{
		"KEY,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nEXR.M.ZZ,M,ZZ,2026-08,6.5,A\n",
		"FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE\nM,ZZ,2026-07,\nM,ZZ,2026-08,6.5\n",
		"FREQ;REF_AREA;TIME_PERIOD;OBS_VALUE\nM;ZZ;2026-08;6,5\n",
		"DATAFLOW,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE\nECB:EXR(1.0),M,ZZ,2026-08,6.5\n",
	} {
		c, err := decode(q, body)
		if err != nil || len(c.Observations) != 1 || c.Observations[0].Indicator != "EXR:M" || c.Observations[0].Value != 6.5 {
			t.Errorf("%q: %+v, %v; want 6.5 of EXR:M", body, c, err)
		}
	}
	// The IMF's way of saying that there is nothing, as recorded.
	if c, err := decode(q, "DATAFLOW,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE\n,,,,\n"); err != nil || len(c.Observations)+len(c.Rejects) > 0 {
		t.Errorf("%+v, %v; want nothing", c, err)
	}
}

// TestTSV reads Eurostat's own table; figures of Paris are its own.
func TestTSV(t *testing.T) {
	const head = "freq,unit,geo\\TIME_PERIOD\t2013 \t2014 \t2024 \n"
	q := Query{Flow: "nama_10r_3gdp", Area: "geo", Dimensions: []string{"freq", "unit", "geo"}, Origin: "x"}
	c, err := decode(q, head+"A,EUR_HAB,FR101\t90900 \t92500 \t133700 p\nA,EUR_HAB,FRY50\t: \t7600 \t: z\r\nA,EUR_HAB,XX\t|C\t: |C\t5 e|C\n")
	if err != nil || len(c.Observations) != 5 || len(c.Rejects) != 0 {
		t.Fatalf("%+v, %v; want 5 figures", c, err)
	}
	if o := c.Observations[2]; o.Region != "FR101" || o.Indicator != "nama_10r_3gdp:A.EUR_HAB" || o.Period != "2024" || o.Value != 133700 || o.Status != source.Preliminary {
		t.Errorf("the third is %+v, want Paris in 2024, preliminary", o)
	}
	if o := c.Observations[4]; o.Status != source.Derived || o.Note != "estimated; CONF_STATUS C" {
		t.Errorf("the last is %+v, want an estimate that is confidential", o)
	}
	old := strings.Replace(head, "TIME_PERIOD", "time", 1)
	for body, want := range map[string]string{
		head + "A,EUR_HAB,FR101\t1\t2\n":            "has 3 codes and 2 cells, the header 3 and 3",
		head + "A,FR101\t1\t2\t3\n":                 "has 2 codes and 3 cells",
		head + "A,EUR_HAB,FR101\t1\t2\t3":           "its last line is not ended",
		"unit,geo\\time\t2013\nEUR_HAB,FR101\t1\n":  "there is no dimension freq",
		old + "A,EUR_HAB,FR101\t1\t2\t3\nmore \n\n": "has 1 codes and 1 cells",
	} {
		if _, err := decode(q, body); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", body, err, want)
		}
	}
}

// TestPackedXML reads packed XML as it is unpacked, and what is wrong with it.
func TestPackedXML(t *testing.T) {
	c := outlook()
	good := c.specific("v2_1")
	long := bytes.Replace(good, []byte("<Series"), append(bytes.Repeat([]byte("<!-- 合肥 -->"), 30000), "<Series"...), 1)
	for name, body := range map[string][]byte{"as it is": good, "with a mark": append(slices.Clone(bom), good...), "long": long} {
		plain, err := decode(c.query(), string(body))
		packed, err2 := decode(c.query(), string(zipped(body)))
		if err != nil || err2 != nil || len(plain.Observations) == 0 || !cmp.Equal(plain.Observations, packed.Observations) {
			t.Errorf("%s: %v, %v; packed %d figures, else %d", name, err, err2, len(packed.Observations), len(plain.Observations))
		}
	}
	for name, tt := range map[string]struct {
		body []byte
		want string
	}{
		"another charset":  {zipped(bytes.Replace(long, []byte("肥"), []byte("\xb7\xca"), 1)), "it is not UTF-8"},
		"half a character": {zipped(append(bytes.TrimSpace(good), "\xe5\x90"...)), "it is not UTF-8"},
		"cut":              {zipped(long)[:300], "unexpected EOF"},
		"cut when packed":  {zipped(long[:len(long)/2]), "XML syntax error"},
		"nothing":          {zipped([]byte(" \n")), "it is empty"},
		"a page":           {zipped([]byte("<html><p>x</p></html>")), "a document called html"},
	} {
		if _, err := decode(c.query(), string(tt.body)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
	if n, err := io.Copy(io.Discard, &checked{from: strings.NewReader("合肥"), left: 5}); err == nil || n > 5 {
		t.Errorf("six bytes of five: %d, %v; want an error", n, err)
	}
	if got, err := io.ReadAll(iotest.OneByteReader(&checked{from: iotest.OneByteReader(strings.NewReader("合a肥€𝄞")), left: 100})); err != nil || string(got) != "合a肥€𝄞" {
		t.Errorf("byte by byte: %q, %v", got, err)
	}
}

// zipped is packed as Eurostat sends it.
func zipped(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(body)
	_ = w.Close() // a bytes.Buffer does not fail
	return b.Bytes()
}

// TestLastMeasured reads the years the IMF writes, fiscal ones too.
func TestLastMeasured(t *testing.T) {
	for in, want := range map[string]string{"2024": "2024", "FY2024/25": "2024", "FY2023/24": "2023", "": "", "n/a": "", "FY2024": "", "2024-Q1": "", "FY2024/2025": "", "FY24/25": ""} {
		if got := lastMeasured(in); got != want {
			t.Errorf("lastMeasured(%q) = %q, want %q", in, got, want)
		}
	}
}

const csvHead = "DATAFLOW,REF_AREA,MEASURE,TIME_PERIOD,OBS_VALUE\n"

// TestRejects is about records that cannot be read in documents that can.
func TestRejects(t *testing.T) {
	q := one("", "", "", "").query()
	row := func(rest string) string { return csvHead + "A:F(1.0)," + rest + "\n" }
	const json1 = `{"dataSets":[{"observations":{"0:0:0":%s}}],"structure":{"dimensions":{"observation":[{"id":"REF_AREA","values":[{"id":"CHN"}]},{"id":"MEASURE","values":[{"id":"GDP"}]},{"id":"TIME_PERIOD","values":[{"id":"2022"}]}]},"attributes":{"observation":[{"id":"UNIT_MULT","values":[]},{"id":"OBS_STATUS","values":[{"id":"A"}]}]}}}`
	for _, tt := range []struct{ name, body, reason string }{
		{"text for a value", row("CHN,GDP,2022,n/a"), `the value "n/a" is not a finite number`},
		{"infinite", row("CHN,GDP,2022,Infinity"), `the value "Infinity"`},
		{"thousands", row(`CHN,GDP,2022,"1,234"`), `the value "1,234"`},
		{"no area", row(",GDP,2022,1"), "the area, REF_AREA, has no value"},
		{"area switched off", row("~,GDP,2022,1"), "the area, REF_AREA, has no value"},
		{"no measure", row("CHN,,2022,1"), "the dimension MEASURE has no value"},
		{"a week", row("CHN,GDP,2022-W01,1"), `the period "2022-W01" is none of the forms`},
		{"no period", row("CHN,GDP,,1"), `the period "" is none of the forms`},
		{"withdrawn", strings.Replace(row("CHN,GDP,2022,-"), "DATAFLOW", "DATAFLOW,ACTION", 1), ""},
		{"index without values", fmt.Sprintf(json1, "[1,0,0]"), "UNIT_MULT has no value number 0"},
		{"index beyond", fmt.Sprintf(json1, "[1,null,7]"), "OBS_STATUS has no value number 7"},
		{"attribute as an object", fmt.Sprintf(json1, `[1,{"en":"6"},0]`), `UNIT_MULT is {"en":"6"}, which is no single value`},
		{"several attributes", fmt.Sprintf(json1, `[1,["3","6"],0]`), `UNIT_MULT is ["3","6"], which is no single value`},
		{"a truth for a value", fmt.Sprintf(json1, `[true,null,0]`), `the value "true" is not a finite number`},
	} {
		if tt.reason == "" {
			tt.body = "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,MEASURE,TIME_PERIOD,OBS_VALUE\ndataflow,A:F(1.0),D,CHN,,2022,-\n"
			tt.reason = "the publisher withdraws this"
		}
		c, err := decode(q, tt.body)
		if err != nil || len(c.Observations) > 0 || len(c.Rejects) != 1 || !strings.Contains(c.Rejects[0].Reason, tt.reason) {
			t.Errorf("%s: %+v, %v; want one reject that says %q", tt.name, c, err, tt.reason)
		} else if !strings.Contains(c.Rejects[0].Text, "MEASURE=") || !strings.Contains(c.Rejects[0].Text, "TIME_PERIOD=") {
			t.Errorf("%s: the reject quotes %q, want the record", tt.name, c.Rejects[0].Text)
		}
	}
	defaulted := strings.Replace(json1, `"UNIT_MULT",`, `"UNIT_MULT","default":"3",`, 1)
	for _, body := range []string{"[1,null]", "[1]"} {
		c, err := decode(q, fmt.Sprintf(defaulted, body))
		if err != nil || len(c.Observations) != 1 || c.Observations[0].Mult != 3 {
			t.Errorf("UNIT_MULT with a default and %s: %+v, %v; want 3", body, c, err)
		}
	}
	for inline, want := range map[string]int{`"6"`: 6, `["6"]`: 6, `null`: 0} {
		c, err := decode(q, fmt.Sprintf(json1, "[1,"+inline+"]"))
		if err != nil || len(c.Observations) != 1 || c.Observations[0].Mult != want {
			t.Errorf("UNIT_MULT %s: %+v, %v; want %d", inline, c, err, want)
		}
	}
}

// TestDistrust is about documents that are refused as a whole.
func TestDistrust(t *testing.T) {
	q := one("", "", "", "").query()
	free := q
	free.Dimensions = nil
	swap := func(body []byte, from, to string) string {
		if !bytes.Contains(body, []byte(from)) {
			t.Errorf("nothing to swap for %q", to)
		}
		return strings.Replace(string(body), from, to, 1)
	}
	good := one("1", "2022", "A", "6")
	plus := good
	plus.dims = []string{"REF_AREA", "MEASURE", "SEX"}
	plus.series = []cubeSeries{{key: []string{"CHN", "GDP", "M"}, obs: []cubeObs{{"2022", "1", ""}}}}
	flat, json2, generic, specific := good.jsonFlat(), good.json2(), good.generic(), good.specific("v2_1")
	for _, tt := range []struct {
		name, body, want string
		q                Query
	}{
		{"a dimension more in CSV", string(plus.csv1()), "its dimensions are REF_AREA;MEASURE;SEX, and there are others besides", q},
		{"a dimension more in JSON", string(plus.json2()), "there are others besides", q},
		{"a dimension more in generic data", string(plus.generic()), "there are others besides", q},
		{"a dimension less", "DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE\nA:F(1.0),CHN,2022,1\n", "there is no dimension MEASURE", q},
		{"no area", "DATAFLOW,LOCATION,MEASURE,TIME_PERIOD,OBS_VALUE\nA:F(1.0),CHN,GDP,2022,1\n", "none is the area, REF_AREA", free},
		{"dimensions that cannot be told", string(specific), "do not say which attributes are dimensions", free},
		{"any order, and dimensions unknown", string(good.csv2()), "none is the area", free},
		{"no measure", "DATAFLOW,REF_AREA,MEASURE,TIME_PERIOD\nA:F(1.0),CHN,GDP,2022\n", "it has no column TIME_PERIOD or no column OBS_VALUE", q},
		{"a column twice", "DATAFLOW,REF_AREA,MEASURE,TIME_PERIOD,OBS_VALUE,OBS_VALUE\nA:F(1.0),CHN,GDP,2022,1,2\n", "two of its columns are called OBS_VALUE", q},
		{"another dataflow in CSV", csvHead + "A:G(1.0),CHN,GDP,2022,1\n", "it is about the dataflow G, not F", q},
		{"another dataflow in XML", swap(generic, `id="F"`, `id="G"`), "it is about the dataflow G, not F", q},
		{"another dataflow as URN", swap(good.specific("v3_0"), "A:F(1.0)", "A:G(1.0)"), "it is about the dataflow G, not F", q},
		{"another dataflow in JSON", swap(json2, `"structures":[{`, `"structures":[{"links":[{"urn":"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=A:G(1.0)","rel":"dataflow"}],`), "it is about the dataflow G, not F", q},
		{"too few cells", csvHead + "A:F(1.0),CHN,GDP,2022\n", "wrong number of fields", q},
		{"last line not ended", csvHead + "A:F(1.0),CHN,GDP,2022,1", "its last line is not ended", q},
		{"an open quote", csvHead + "A:F(1.0),CHN,GDP,2022,\"1\n", `extraneous or missing " in quoted-field`, q},
		{"unknown action", "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,MEASURE,TIME_PERIOD,OBS_VALUE\ndataflow,A:F(1.0),X,CHN,GDP,2022,1\n", `a row has the ACTION "X"`, q},
		{"attributes for one period", "DATAFLOW,REF_AREA,MEASURE,TIME_PERIOD,OBS_VALUE,UNIT_MULT\nA:F(1.0),,GDP,2022,,6\n", "attributes for 2022 of several series at once", q},
		{"another CSV", "name,value\nx,1\n", `it is in no format of SDMX: it begins with "name,value`, q},
		{"almost a header", "DATAFLOWS\nx\n", "which is no header of SDMX-CSV", q},
		{"index beyond the values", swap(json2, `"0":["1"`, `"5":["1"`), `the dimension TIME_PERIOD has no value number "5"`, q},
		{"index that is none", swap(flat, `"0:0"`, `"0:x"`), `has no value number "x"`, q},
		{"key too short", swap(flat, `"0:0"`, `"0"`), `the key "0" has 1 parts, not 2`, q},
		{"structure beyond", swap(json2, `"structure":0`, `"structure":3`), "a data set has the structure 3, of 1", q},
		{"group of one period", swap([]byte(swap(json2, `{"id":"BASE_YEAR"}`, `{"id":"UNIT_MULT"}`)), `"dimensionGroupAttributes":{}`, `"dimensionGroupAttributes":{"::0":["6"]}`), `the group "::0" is of one period`, q},
		{"group of too many dimensions", swap([]byte(swap(json2, `{"id":"BASE_YEAR"}`, `{"id":"UNIT_MULT"}`)), `"dimensionGroupAttributes":{}`, `"dimensionGroupAttributes":{":::0":["6"]}`), `the group ":::0" has 4 parts for 3 dimensions`, q},
		{"observations outside of series", swap(json2, `"dimensionGroupAttributes":{}`, `"observations":{"0":[1]}`), `the key "0" has 1 parts, not 3`, q},
		{"something after it", string(json2) + "{}", "something follows the message", q},
		{"no data sets", `{"data":{"structures":[]}}`, "it has no dataSets", q},
		{"a member twice", swap(json2, `"action":"Replace"`, `"action":"Replace","action":"Delete"`), "duplicate object member name", q},
		{"error of the IMF", `{ "statusCode": 404, "message": "Resource not found" }`, "404: Resource not found", q},
		{"error of Eurostat", `{"error":[{"status":413,"id":413,"label":"EXTRACTION_TOO_BIG: The requested extraction is too big"}]}`, "joined by +", q},
		{"unknown data set in JSON", `{"error":[{"status":404,"id":100,"label":"ERR_NOT_FOUND_4: DS-999999 (DATA_FLOW:ALL,1.0) is not available for dissemination."}]}`, "is not available for dissemination", q},
		{"warning of Eurostat", `{"warning":{"status":413,"label":"ASYNCHRONOUS_RESPONSE. Your request will be treated asynchronously. Please try again later."}}`, "try again later", q},
		{"a receipt", `<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body><queued><id>98de05ea-540a-43d3</id><status>SUBMITTED</status></queued></env:Body></env:Envelope>`, "the answer is being prepared", q},
		{"an envelope of nothing", `<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"/>`, "a message without anything known in it", q},
		{"error message of SDMX", `<mes:Error xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"><mes:ErrorMessage code="140"><c:Text xmlns:c="x">Syntax error</c:Text></mes:ErrorMessage></mes:Error>`, "140: Syntax error", q},
		{"a footer that says why", swap(specific, "</message:DataSet>", `</message:DataSet><f:Footer xmlns:f="x"><f:Message code="510" severity="Error"><c:Text xmlns:c="x">Response size exceeds limit</c:Text></f:Message></f:Footer>`), "510: Response size exceeds limit", q},
		{"a footer and nothing else", footerOnly, "413: Due to the large query", q},
		{"another vocabulary", `<GenericData xmlns="https://example.org/"></GenericData>`, "not one of SDMX", q},
		{"SDMX 2.0", `<CompactData xmlns="http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message"/>`, "a document called CompactData", q},
		{"a structure", string(good.structureXML21()), "a document called Structure", q},
		{"a group too late", swap(specific, "</message:DataSet>", `<Group REF_AREA="CHN" UNIT_MULT="3"/></message:DataSet>`), "a group of attributes follows", q},
		{"a generic group too late", swap(generic, "</message:DataSet>", `<generic:Group><generic:GroupKey><generic:Value id="REF_AREA" value="CHN"/></generic:GroupKey><generic:Attributes><generic:Value id="UNIT_MULT" value="3"/></generic:Attributes></generic:Group></message:DataSet>`), "a group of attributes follows", q},
		{"a dimension twice", swap(generic, `<generic:Value id="MEASURE" value="GDP"/>`, `<generic:Value id="MEASURE" value="GDP"/><generic:Value id="MEASURE" value="POP"/>`), "there are others besides", q},
		{"group of dimensions of series alone", `{"data":{"dataSets":[{"series":{"0":{"observations":{"0":[1]}}},"dimensionGroupAttributes":{"0":["6"]}}],"structures":[{"dimensions":{"dataSet":[{"id":"REF_AREA","values":[{"id":"CHN"}]}],"series":[{"id":"MEASURE","values":[{"id":"GDP"}]}],"observation":[{"id":"TIME_PERIOD","values":[{"id":"2022"}]}]},"attributes":{"dimensionGroup":[{"id":"UNIT_MULT"}]}}]}}`, `the group "0" has 1 parts for 3 dimensions`, q},
		{"an entity of its own", `<!DOCTYPE x [<!ENTITY a "b">]>` + strings.Replace(afterProlog(specific), `"GDP"`, `"&a;"`, 1), "invalid character entity &a;", q},
		{"not UTF-8", csvHead + "A:F(1.0),CH\xe1,GDP,2022,1\n", "it is not UTF-8", q},
		{"broken gzip", "\x1f\x8bnot gzip", "gzip: invalid header", q},
	} {
		_, err := decode(tt.q, tt.body)
		if fault.KindOf(err) != fault.Upstream || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s: error %v, want one of kind upstream that says %q", tt.name, err, tt.want)
			continue
		}
		if !strings.HasPrefix(err.Error(), "https://x/: ") || len(err.Error()) > 1200 {
			t.Errorf("%s: error %q does not name the document, or is too long", tt.name, err)
		}
	}
	_, err := sourcetest.Decode(New(Config{ID: "oecd"}), source.Document{Name: "data/gone", Body: good.csv1()})
	if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), "no row of data/sdmx_queries.csv") {
		t.Errorf("a document of a row that is gone: error %v", err)
	}
}

// afterProlog is an XML document from its root on.
func afterProlog(body []byte) string {
	_, root, _ := strings.Cut(string(body), "?>")
	return root
}

const footerOnly = `<message:GenericData xmlns:footer="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message/footer" xmlns:common="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common" xmlns:message="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"><message:Header/><footer:Footer><footer:Message code="413" severity="Warning"><common:Text xml:lang="en">Due to the large query the response will be written to a file</common:Text></footer:Message></footer:Footer></message:GenericData>`

// TestNothing decodes what says that there is nothing to nothing.
func TestNothing(t *testing.T) {
	for name, body := range map[string]string{
		"OECD":            "NoRecordsFound",
		"OECD, otherwise": "No Results Found\r\n",
		"Eurostat":        `<S:Fault xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><faultcode>100</faultcode><faultstring>NO_RESULTS</faultstring></S:Fault>`,
		"SDMX 2.1":        `<mes:Error xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"><mes:ErrorMessage code="100"><c:Text xmlns:c="x">No Results Found</c:Text></mes:ErrorMessage></mes:Error>`,
		"SDMX-JSON":       `{"errors":[{"code":100,"title":"NoRecordsFound"}]}`,
		"IMF":             `{"data":{"dataSets":[{"structure":0,"action":"Replace"}],"structures":[{"dimensions":{"series":[],"observation":[]}}]}}`,
		"a header alone":  csvHead,
		"no data set":     one("", "", "", "").head("GenericData", "v2_1", "TIME_PERIOD") + "</message:GenericData>",
	} {
		c, err := decode(one("", "", "", "").query(), body)
		if err != nil || len(c.Observations)+len(c.Rejects) > 0 {
			t.Errorf("%s: %+v, %v; want nothing", name, c, err)
		}
	}
}

// TestLevels puts UNIT_MULT at every level: the nearest counts.
func TestLevels(t *testing.T) {
	c := one("1", "2022", "A", "")
	specific := string(c.specific("v2_1"))
	at := func(set, group, series, obs string) string {
		body := strings.Replace(specific, ` PUBLISHER="x"`, xmlAttr("UNIT_MULT", set), 1)
		body = strings.Replace(body, "<Series", "<Group"+xmlAttr("REF_AREA", "CHN")+xmlAttr("UNIT_MULT", group)+"/><Series", 1)
		body = strings.Replace(body, ` SCALE="9"`, xmlAttr("UNIT_MULT", series), 1)
		return strings.Replace(body, "<Obs", "<Obs"+xmlAttr("UNIT_MULT", obs), 1)
	}
	for want, body := range map[int]string{1: at("1", "", "", ""), 2: at("1", "2", "", ""), 3: at("1", "2", "3", ""), 4: at("1", "2", "3", "4")} {
		got, err := decode(c.query(), body)
		if err != nil || len(got.Observations) != 1 || got.Observations[0].Mult != want {
			t.Errorf("%+v, %v; want the multiplier %d in\n%s", got, err, want, body)
		}
	}
	var g groups
	g.add([]string{"CHN", ""}, attributes{mult: "1", status: "E"})
	g.add([]string{"CHN", "GDP"}, attributes{mult: "2"})
	g.add([]string{"", ""}, attributes{mult: "3", conf: "N"})
	if got, want := g.of([]string{"CHN", "GDP"}), (attributes{mult: "2", status: "E", conf: "N"}); got != want {
		t.Errorf("%+v, want %+v: the group with more dimensions comes first", got, want)
	}
	if got, want := g.of([]string{"USA", "GDP"}), (attributes{mult: "3", conf: "N"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestMultAsDimension multiplies also where the structure makes it a dimension.
func TestMultAsDimension(t *testing.T) {
	c := one("2.5", "2022", "", "")
	c.dims = []string{"REF_AREA", "UNIT_MULT"}
	c.series[0].key = []string{"CHN", "6"}
	body := "DATAFLOW,REF_AREA,UNIT_MULT,TIME_PERIOD,OBS_VALUE\nA:F(1.0),CHN,6,2022,2.5\n"
	got, err := decode(c.query(), body)
	if err != nil || len(got.Observations) != 1 || got.Observations[0].Mult != 6 || got.Observations[0].Indicator != "F:6" {
		t.Errorf("%+v, %v; want 2.5 million of F:6", got, err)
	}
}

// TestMeasures picks one of several measures.
func TestMeasures(t *testing.T) {
	q := one("", "", "", "").query()
	q.Measure = "OBS_VALUE2"
	for _, body := range []string{
		"STRUCTURE[;],STRUCTURE_ID,ACTION,OBS_VALUE1,OBS_VALUE2,ATTR_1[],MEASURE,REF_AREA,TIME_PERIOD\ndataflow,A:F(1.0),I,12.4,12.5,X;Y,GDP,CHN,2014\n",
		`{"data":{"dataSets":[{"series":{"0:0":{"observations":{"0":["12.4","12.5",0]}}}}],"structures":[{"dimensions":{"series":[{"id":"REF_AREA","values":[{"id":"CHN"}]},{"id":"MEASURE","values":[{"id":"GDP"}]}],"observation":[{"id":"TIME_PERIOD","values":[{"value":"2014"}]}]},"measures":{"observation":[{"id":"OBS_VALUE1"},{"id":"OBS_VALUE2"}]},"attributes":{"observation":[{"id":"OBS_STATUS","values":[{"id":"P"}]}]}}]}}`,
	} {
		got, err := decode(q, body)
		if err != nil || len(got.Observations) != 1 || got.Observations[0].Value != 12.5 {
			t.Errorf("%+v, %v; want 12.5", got, err)
		}
	}
	q.Measure = "OTHER"
	for _, body := range []string{
		`{"data":{"dataSets":[{"observations":{"0:0:0":[1,2]}}],"structures":[{"dimensions":{"observation":[{"id":"REF_AREA","values":[{"id":"CHN"}]},{"id":"MEASURE","values":[{"id":"GDP"}]},{"id":"TIME_PERIOD","values":[{"value":"2014"}]}]},"measures":{"observation":[{"id":"OBS_VALUE1"},{"id":"OBS_VALUE2"}]}}]}}`,
	} {
		if _, err := decode(q, body); err == nil || !strings.Contains(err.Error(), "none of its 2 measures is called OTHER") {
			t.Errorf("error %v", err)
		}
	}
}

// TestStructures reads titles and dimensions of structure messages.
func TestStructures(t *testing.T) {
	c := regions()
	want := flowStructure{"The cube", c.dims}
	for name, body := range map[string][]byte{"XML": c.structureXML21(), "JSON": c.structureJSON2()} {
		got, err := readStructure(body, c.flow)
		if err != nil || !cmp.Equal(got, want, cmp.AllowUnexported(flowStructure{})) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
		if _, err := readStructure(body, "DF_OTHER"); err == nil || !strings.Contains(err.Error(), "does not describe the dataflow DF_OTHER") {
			t.Errorf("%s: error %v, want one about the other dataflow", name, err)
		}
	}
	nameless := bytes.Replace(c.structureXML21(), []byte(`id="FREQ" `), nil, 1)
	if got, err := readStructure(nameless, c.flow); err != nil || got.dimensions != nil {
		t.Errorf("%+v, %v; want no dimensions where one has no id", got, err)
	}
	for body, says := range map[string]string{
		tooBig:           "EXTRACTION_TOO_BIG",
		"NoRecordsFound": "NoRecordsFound",
		"x":              "it is no structure message",
		"<html/>":        "a document called html",
		`{"data":null}`:  "it holds no structures",
		`{"statusCode":404,"message":"Resource not found"}`:          "Resource not found",
		string(c.structureXML21()) + "<x/>":                          "something follows",
		strings.TrimSuffix(string(c.structureXML21()), "e>\n"):       "unexpected EOF",
		`{"data":{"dataflows":[{"id":"DSD_REG_ECO@DF_GDP"}]}} `[:20]: "unexpected EOF",
	} {
		if _, err := readStructure([]byte(body), c.flow); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.60s: error %v, want one that says %q", body, err, says)
		}
	}
}

// TestRecorded decodes real answers where they are at hand. They are not part of the
// project.
func TestRecorded(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "samples")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("no recorded answers at %s; the cases in testdata have their shapes", folder)
	}
	query := func(flow, area string, dims ...string) Query {
		return Query{Flow: flow, Area: area, Dimensions: dims, Origin: "x"}
	}
	weo := query("WEO", "COUNTRY", "COUNTRY", "INDICATOR", "FREQUENCY")
	weo.LatestActual = latestActual
	plain := weo
	plain.LatestActual = ""
	qna := query("QNA", "LOCATION", "LOCATION", "SUBJECT", "MEASURE", "FREQUENCY")
	exr := query("ECB_EXR_NG", "CURRENCY", "FREQ", "CURRENCY", "CURRENCY_DENOM", "EXR_TYPE", "EXR_VAR")
	main := query("NA_MAIN", "DIM_2", "DIM_1", "DIM_2")
	first := main
	first.Measure = "OBS_VALUE1"
	trade := query("DS-045409", "reporter", "freq", "reporter", "partner", "product", "flow", "indicators")
	time := [2]string{"DIM_3", "TIME_PERIOD"}
	for _, tt := range []struct {
		file         string
		q            Query
		change       [2]string
		observations int
		first        string // region indicator period value mult status
		err          string
	}{
		{"sdmx/IMF_RES_WEO-data.xml", weo, [2]string{}, 1, "SVK WEO:NGDP_R.A 2018 94669000000 0 6", ""},
		{"sdmx/ECB_EXR_ng-flat.xml", exr, [2]string{}, 12, "CHF ECB_EXR_NG:M.EUR.SP00.E 2010-08 1.3413 0 6", ""},
		{"sdmx/ESTAT_footer.xml", exr, [2]string{}, 0, "", "413: Due to the large query"},
		{"sdmx/v1json/pdr_oecd1.json", qna, [2]string{}, 60, "AUS QNA:B1_GE.VOBARSA.Q 2009-Q1 1321158.283224 6 6", ""},
		{"sdmx/v3csv/example-01.csv", main, time, 2, "B NA_MAIN:A 2014-01 12.4 0 6", ""},
		{"sdmx/v3csv/example-04.csv", main, time, 2, "B NA_MAIN:A 2014-01 12.4 0 6", ""},
		{"sdmx/v3csv/example-05.csv", main, time, 0, "", ""}, // months written as days: rejected
		{"sdmx/v3csv/example-06.csv", main, time, 2, "B NA_MAIN:A 2014-01 12.4 0 6", ""},
		{"sdmx/v3csv/example-07.csv", main, time, 2, "B NA_MAIN:A 2014-01 12.4 0 6", ""},
		{"sdmx/v3csv/example-08.csv", main, time, 2, "B NA_MAIN:A 2014-01 12.4 0 6", ""},
		{"sdmx/v3csv/example-02.csv", first, time, 2, "B NA_MAIN:A 2014-01 12.4 0 6", ""},
		{"sdmx/v3csv/example-03.csv", first, time, 2, "B NA_MAIN:A 2014-01 12.4 0 6", ""},
		{"oecd/ERROR_404_norecords.txt", exr, [2]string{}, 0, "", ""},
		{"oecd/ERROR_429_download.txt", exr, [2]string{}, 0, "", "in no format of SDMX"},
		{"oecd/ERROR_429_rate.txt", exr, [2]string{}, 0, "", "in no format of SDMX"},
		{"oecd/ERROR_422_key.txt", exr, [2]string{}, 0, "", "in no format of SDMX"},
		{"oecd/LIVE_SHAPE_naag_alldimensions.json", query("NAAG", "REF_AREA"), [2]string{}, 3, "USA NAAG:A 2022 26054.614 9 6", ""},
		{"imf/EMPTY_200_no_series_key.json", weo, [2]string{}, 0, "", ""},
		{"imf/ERROR_404.json", weo, [2]string{}, 0, "", "404: Resource not found"},
		{"imf/LIVE_SHAPE_weo_usa_ngdp_rpch.json", plain, [2]string{}, 2, "USA WEO:NGDP_RPCH.A 1980 -0.257 0 6", ""},
		{"eurostat/RECORDED_fault_100_http404.xml", exr, [2]string{}, 0, "", "DS-999999 is not available"},
		{"eurostat/RECORDED_fault_413.xml", exr, [2]string{}, 0, "", "EXTRACTION_TOO_BIG"},
		{"eurostat/RECORDED_statistics_404.json", exr, [2]string{}, 0, "", "is not available for dissemination"},
		{"eurostat/RECORDED_statistics_413.json", exr, [2]string{}, 0, "", "EXTRACTION_TOO_BIG"},
		{"eurostat/DOC_statistics_async_warning_http200.json", exr, [2]string{}, 0, "", "ASYNCHRONOUS_RESPONSE"},
		{"eurostat/SHAPE_async_submitted.xml", exr, [2]string{}, 0, "", "being prepared"},
		{"eurostat/SHAPE_async_status.xml", exr, [2]string{}, 0, "", "PROCESSING"},
		{"eurostat/RECORDED_ds-045409-de-us-m-2026-06-07.tsv", trade, [2]string{}, 5, "DE DS-045409:M.US.01.1.VALUE_IN_EUROS 2026-06 1235161 0 6", ""},
		{"eurostat/RECORDED_nama_10_gdp_DE_since_2030_trimmed.json", exr, [2]string{}, 0, "", "it has no dataSets"}, // JSON-stat
	} {
		body, err := os.ReadFile(filepath.Join(folder, tt.file))
		if err != nil {
			t.Fatal(err)
		}
		if tt.change[0] != "" {
			body = bytes.Replace(body, []byte(tt.change[0]), []byte(tt.change[1]), 1)
		}
		c, err := decode(tt.q, string(body))
		if len(c.Observations) != tt.observations {
			t.Errorf("%s: %d observations, rejects %v; want %d", tt.file, len(c.Observations), c.Rejects, tt.observations)
		}
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", tt.file, err, tt.err)
		}
		if tt.first != "" && len(c.Observations) > 0 {
			o := c.Observations[0]
			if got := fmt.Sprintf("%s %s %s %v %d %d", o.Region, o.Indicator, o.Period, number2(o.Value), o.Mult, o.Status); got != tt.first {
				t.Errorf("%s: the first is %s, want %s", tt.file, got, tt.first)
			}
		}
	}
	daily := query("EXR", "CURRENCY", "FREQ", "CURRENCY", "CURRENCY_DENOM", "EXR_TYPE", "EXR_SUFFIX")
	body, err := os.ReadFile(filepath.Join(folder, "sdmx/ECB_EXR_flat.json"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := decode(daily, string(body))
	if err != nil || len(c.Rejects) != 4 || !slices.ContainsFunc(c.Rejects, func(r source.Reject) bool {
		return strings.Contains(r.Text, "CURRENCY=RUB") && strings.Contains(r.Text, "=40.3426")
	}) {
		t.Errorf("ECB_EXR_flat.json: %+v, %v; want 4 days rejected, among them 40.3426 roubles", c, err)
	}
}

// number2 writes a value without an exponent.
func number2(v float64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.6f", v), "0"), ".")
}
