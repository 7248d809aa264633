//go:build duckdb_arrow

package pipeline_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"citystats/data"
	"citystats/pipeline"
	"citystats/pipeline/answers"
	"citystats/sources/sdmx"
	"citystats/sources/source"
	queries "citystats/sql"
)

// world answers what the rows of sdmx_queries.csv ask Eurostat, the OECD and the
// IMF, by a part of the address. Figures are the publishers' own, as public
// documents quote them: Eurostat's nama_10r_3gdp (gross domestic product per
// inhabitant, France and Paris), the OECD's DSD_REG_ECO@DF_GDP (Hamburg,
// Thuringia) and DSD_FUA_ECO@DF_ECONOMY as pulled in July 2026 (functional urban
// areas), and the World Economic Outlook of April 2026 (Italy, India).
var world = map[string]string{
	"data/nama_10r_3gdp": `DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS
ESTAT:NAMA_10R_3GDP(1.0),20/02/26 11:00:00,A,EUR_HAB,FR,2013,32300,,
ESTAT:NAMA_10R_3GDP(1.0),20/02/26 11:00:00,A,EUR_HAB,FR,2024,42600,p,
ESTAT:NAMA_10R_3GDP(1.0),20/02/26 11:00:00,A,EUR_HAB,FR101,2013,90900,,
ESTAT:NAMA_10R_3GDP(1.0),20/02/26 11:00:00,A,EUR_HAB,FR101,2024,133700,p,
ESTAT:NAMA_10R_3GDP(1.0),20/02/26 11:00:00,A,EUR_HAB,FRK26,2024,57600,p,
`,
	"/A.TL2..": `DATAFLOW,FREQ,TERRITORIAL_LEVEL,REF_AREA,TERRITORIAL_TYPE,MEASURE,ACTIVITY,PRICES,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT,DECIMALS
OECD.CFE.EDS:DSD_REG_ECO@DF_GDP(2.4),A,TL2,DE6,_Z,GDP,_T,Q,USD_PPP_PS,2023,102133.1,A,0,1
OECD.CFE.EDS:DSD_REG_ECO@DF_GDP(2.4),A,TL2,DE6,_Z,GDP,_T,Q,USD_PPP_PS,2024,103023.4,P,0,1
OECD.CFE.EDS:DSD_REG_ECO@DF_GDP(2.4),A,TL2,DEG,_Z,GDP,_T,Q,USD_PPP_PS,2023,44158.3,A,0,1
`,
	"DF_ECONOMY": `DATAFLOW,REF_AREA,FREQ,MEASURE,UNIT_MEASURE,TERRITORIAL_LEVEL,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT
OECD.CFE.EDS:DSD_FUA_ECO@DF_ECONOMY(1.1),DE001F,A,GDP,USD_PPP_PS,FUA,2022,59205,A,0
OECD.CFE.EDS:DSD_FUA_ECO@DF_ECONOMY(1.1),FR001F,A,GDP,USD_PPP_PS,FUA,2021,83089,A,0
OECD.CFE.EDS:DSD_FUA_ECO@DF_ECONOMY(1.1),USA01F,A,GDP,USD_PPP_PS,FUA,2023,91990,A,0
`,
	"IMF.RES,WEO": `<m:StructureSpecificData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"><m:DataSet action="Replace" PUBLICATION_DATE="2026-04-14T13:00:00Z">` +
		`<Group COUNTRY="ITA" INDICATOR="NGDP_RPCH" LATEST_ACTUAL_ANNUAL_DATA="2025"/><Group COUNTRY="IND" INDICATOR="NGDP_RPCH" LATEST_ACTUAL_ANNUAL_DATA="FY2024/25"/>` +
		`<Series COUNTRY="ITA" INDICATOR="NGDP_RPCH" FREQUENCY="A" SCALE="0"><Obs TIME_PERIOD="2024" OBS_VALUE="0.783024"/><Obs TIME_PERIOD="2025" OBS_VALUE="0.539615"/></Series>` +
		`<Series COUNTRY="IND" INDICATOR="NGDP_RPCH" FREQUENCY="A" SCALE="0"><Obs TIME_PERIOD="2024" OBS_VALUE="6.5"/></Series></m:DataSet></m:StructureSpecificData>`,
}

// globe is the transport that reaches nobody else than the world above.
type globe struct{ queries []data.SDMXQuery }

func (g globe) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Request: r, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
			Header: http.Header{"Content-Type": {"application/octet-stream"}},
		}, nil
	}
	for _, q := range g.queries {
		if strings.Contains(r.URL.Path, "dataflow/") && strings.Contains(r.URL.Path, "/"+q.Flow) {
			return answer(http.StatusOK, structure(q))
		}
	}
	for part, body := range world {
		if strings.Contains(r.URL.Path, part) {
			return answer(http.StatusOK, body)
		}
	}
	return answer(http.StatusNotFound, "NoRecordsFound")
}

// structure is a structure message with the dimensions of a row.
func structure(q data.SDMXQuery) string {
	var dims bytes.Buffer
	for i, d := range q.Dimensions {
		fmt.Fprintf(&dims, `<s:Dimension id="%s" position="%d"/>`, d, i+1)
	}
	return `<m:Structure xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:s="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure" xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"><m:Structures>` +
		`<s:Dataflows><s:Dataflow id="` + q.Flow + `"><c:Name xml:lang="en">` + q.Title + `</c:Name><s:Structure><Ref id="D"/></s:Structure></s:Dataflow></s:Dataflows>` +
		`<s:DataStructures><s:DataStructure id="D"><s:DataStructureComponents><s:DimensionList>` + dims.String() + `</s:DimensionList></s:DataStructureComponents></s:DataStructure></s:DataStructures></m:Structures></m:Structure>`
}

// asked is the source of that id with its rows of sdmx_queries.csv.
func asked(c *data.Catalog, id, base string) source.Source {
	config := sdmx.Config{ID: id, Title: id, Publisher: strings.TrimSuffix(id, "_sdmx"), BaseURL: base}
	for _, q := range c.SDMXQueries {
		if q.Source == id {
			config.Queries = append(config.Queries, sdmx.Query{
				Name: q.Name, Title: q.Title, Interface: q.Interface, Path: q.Path, Agency: q.Agency, Flow: q.Flow, Version: q.Version, Key: q.Key, Format: q.Format,
				Start: q.Start, Area: q.Area, Dimensions: q.Dimensions, Measure: q.Measure, LatestActual: q.LatestActual, Origin: q.Origin, History: q.History, Structure: q.Structure,
			})
		}
	}
	return sdmx.New(config)
}

// Cities and regions of the world come from the wire to the comparison, each
// beside its own country and never beside another.
func TestTheWorldThroughTheRun(t *testing.T) {
	r := newRig(t)
	set, err := queries.Load(queries.Files())
	if err != nil {
		t.Fatal(err)
	}
	r.Queries = set // with the comparisons
	r.Sources = []source.Source{
		asked(r.Catalog, "eurostat_sdmx", "https://ec.europa.eu/eurostat/api/dissemination"),
		asked(r.Catalog, "oecd", "https://sdmx.oecd.org/public/rest"),
		asked(r.Catalog, "imf", "https://api.imf.org/external/sdmx"),
	}
	r.Client = func(source.Info, *answers.Store) *http.Client {
		return &http.Client{Transport: globe{r.Catalog.SDMXQueries}}
	}
	report := r.run(t, pipeline.Options{})
	loaded := map[string]int{"eurostat_sdmx": 4, "oecd": 6, "imf": 3}
	for _, s := range report.Sources {
		if s.Err != nil || s.Counts.New != loaded[s.ID] || s.Counts.Rejected > 0 {
			t.Errorf("%s: %+v, %v; want %d figures loaded, none rejected", s.ID, s.Counts, s.Err, loaded[s.ID])
		}
	}
	rows, err := r.open(t).Query(t.Context(), `SELECT region, benchmark_region, time_period, value, benchmark_value, obs_status FROM comparisons
		WHERE benchmark = 'national' AND benchmark_value IS NOT NULL
		UNION ALL SELECT region, '', time_period, value, NULL, obs_status FROM observations WHERE indicator IN ('gdp_per_capita_ppp_fua', 'gdp_growth_real', 'gdp_per_capita_ppp')
		ORDER BY ALL`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows.Rows {
		got = append(got, fmt.Sprint(row))
	}
	want := []string{
		"[Berlin (functional urban area)  2022 59205 <nil> A]",
		"[Hamburg (state)  2023 102133.1 <nil> A]",
		"[Hamburg (state)  2024 103023.4 <nil> P]",
		"[India  2024 6.5 <nil> A]",
		"[Italy  2024 0.783024 <nil> A]",
		"[Italy  2025 0.539615 <nil> A]",
		"[New York (functional urban area)  2023 91990 <nil> A]",
		"[Paris FRA 2013 90900 32300 A]",
		"[Paris FRA 2024 133700 42600 P]",
		"[Paris (functional urban area)  2021 83089 <nil> A]",
		"[Thuringia  2023 44158.3 <nil> A]",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the release has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	rows, err = r.open(t).Query(t.Context(), `SELECT region FROM comparisons AS c JOIN region_countries AS m ON m.region_code = c.region_code
		LEFT JOIN region_countries AS b ON b.region_code = c.benchmark_region WHERE b.country <> m.country OR m.country <> 'CHN' AND c.benchmark_members_declared > 1`)
	if err != nil || len(rows.Rows) > 0 {
		t.Errorf("compared across a border: %v, %v", rows, err)
	}
}
