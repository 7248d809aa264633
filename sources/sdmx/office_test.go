package sdmx

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"citystats/sources/source"
	"citystats/sources/sourcetest"
	"citystats/sources/transport"
)

// regions has the shape of the OECD's regional accounts; areas and figures are made up.
func regions() cube {
	return cube{
		agency: "OECD.CFE.EDS", flow: "DSD_REG_ECO@DF_GDP", area: "REF_AREA",
		dims: []string{"FREQ", "TERRITORIAL_LEVEL", "REF_AREA", "TERRITORIAL_TYPE", "MEASURE", "ACTIVITY", "PRICES", "UNIT_MEASURE"},
		series: []cubeSeries{
			{key: strings.Split("A.TL2.ZZ1._Z.GDP._T.Q.USD_PPP_PS", "."), mult: "6", obs: []cubeObs{{"2019", "1.5", "A"}, {"2020", "", "O"}}},
			{key: strings.Split("A.TL2.ZZ2._Z.GDP._T.Q.USD_PPP_PS", "."), mult: "6", obs: []cubeObs{{"2019", "2.25", "A"}, {"2020", "3", "P"}}},
			{key: strings.Split("A.TL2.ZZ3._Z.GDP._T.Q.USD_PPP_PS", "."), mult: "6", obs: []cubeObs{{"2019", "4", "B"}}},
		},
	}
}

// outlook is from the World Economic Outlook: Mexico as recorded in 2026, the
// United States as recorded in ../shared/samples/imf.
func outlook() cube {
	return cube{
		agency: "IMF.RES", flow: "WEO", area: "COUNTRY", dims: []string{"COUNTRY", "INDICATOR", "FREQUENCY"},
		actual: map[string]string{"MEX": "2024", "USA": "2024"},
		series: []cubeSeries{
			{key: strings.Split("MEX.NGDP_RPCH.A", "."), obs: []cubeObs{{"2024", "1.350576", ""}, {"2025", "0.561683", ""}, {"2026", "1.638836", ""}}},
			{key: strings.Split("USA.NGDP_RPCH.A", "."), obs: []cubeObs{{"1980", "-0.257", ""}, {"1981", "2.537", ""}}},
		},
	}
}

// office behaves like a publisher that speaks SDMX: it knows both interfaces,
// answers under status 200 what is no data, splits hairs about addresses and is
// stricter than the real ones about what it is asked.
type office struct {
	t      testing.TB
	cube   cube
	body   func(cube) []byte // writes the answer
	media  string            // of the answer, and what must be asked for unless format is
	format string            // value of the parameter format, where that is what counts
	packed bool              // gzip without a header that says so
	areas  int               // the most areas of one answer; 0 for any number
	queue  []string          // states of an answer that is prepared, in order; empty for answers at once
	lie    func(w http.ResponseWriter, r *http.Request) bool

	mu    sync.Mutex
	asked []string
}

const receipt = "98de05ea-540a-43d3-903b-7c9e14faf808"

// ServeHTTP answers as an office would.
func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, r.RequestURI)
	if o.lie != nil && o.lie(w, r) {
		return
	}
	path, _ := strings.CutPrefix(r.URL.Path, "/rest")
	switch {
	case path == "/dataflow/"+o.cube.agency+"/"+o.cube.flow+"/latest" && r.URL.RawQuery == "references=descendants" && r.Header.Get("Accept") == structureXML:
		o.send(w, structureXML, o.cube.structureXML21())
	case path == "/structure/dataflow/"+o.cube.agency+"/"+o.cube.flow+"/+" && r.URL.RawQuery == "references=descendants" && r.Header.Get("Accept") == structureJSON:
		o.send(w, structureJSON, o.cube.structureJSON2())
	case path == asyncStatus+receipt:
		o.send(w, "text/xml", fmt.Appendf(nil, `<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body><ns0:asyncResponse xmlns:ns0="urn:async" xmlns:ns1="urn:status"><ns1:status><ns1:key>%s</ns1:key><ns1:status>%s</ns1:status></ns1:status></ns0:asyncResponse></env:Body></env:Envelope>`, receipt, o.state()))
	case path == asyncData+receipt:
		o.data(w, o.cube)
	case strings.HasPrefix(path, "/data/"):
		o.question(w, r, strings.TrimPrefix(path, "/data/"))
	default:
		o.t.Errorf("asked %s (Accept %q), which nobody wants", r.RequestURI, r.Header.Get("Accept"))
		http.Error(w, "Could not find Dataflow and/or DSD related with this data request", http.StatusNotFound)
	}
}

// state is how far the prepared answer is; the last one stays.
func (o *office) state() string {
	state := o.queue[0]
	if len(o.queue) > 1 {
		o.queue = o.queue[1:]
	}
	return state
}

// question answers a request for data.
func (o *office) question(w http.ResponseWriter, r *http.Request, what string) {
	key, ok := strings.CutPrefix(what, o.cube.agency+","+o.cube.flow+",/")
	if !ok {
		key, ok = strings.CutPrefix(what, "dataflow/"+o.cube.agency+"/"+o.cube.flow+"/+/")
	}
	asked := o.format == "" && strings.HasPrefix(r.Header.Get("Accept"), o.media) || o.format != "" && r.URL.Query().Get("format") == o.format
	if !ok || !asked {
		o.t.Errorf("asked %s (Accept %q), which nobody wants", r.RequestURI, r.Header.Get("Accept"))
		http.Error(w, "Could not find Dataflow and/or DSD related with this data request", http.StatusNotFound)
		return
	}
	c := o.cube
	if parts := strings.Split(key, "."); len(parts) == len(c.dims) {
		at := slices.Index(c.dims, c.area)
		areas := strings.Split(parts[at], "+")
		if o.areas > 0 && len(areas) > o.areas {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			_, _ = w.Write([]byte(tooBig))
			return
		}
		if parts[at] != "" {
			c = c.only(areas)
		}
	} else if key != "all" && key != "*" {
		http.Error(w, fmt.Sprintf("Not enough key values in query, expecting %d got %d", len(c.dims), len(parts)), http.StatusUnprocessableEntity)
		return
	}
	switch {
	case len(o.queue) > 0:
		o.send(w, "text/xml", []byte(`<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body><queued><id>`+receipt+`</id><status>SUBMITTED</status></queued></env:Body></env:Envelope>`))
	case len(c.series) == 0:
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("NoRecordsFound"))
	default:
		o.data(w, c)
	}
}

const tooBig = `<?xml version="1.0" encoding="UTF-8"?><S:Fault xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><faultcode>413</faultcode><faultstring>EXTRACTION_TOO_BIG: The requested extraction is too big, estimated 17348292 rows, max authorised is 5000000, please change your filters to reduce the extraction size</faultstring></S:Fault>`

func (o *office) data(w http.ResponseWriter, c cube) {
	body := o.body(c)
	if o.packed {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(body)
		_ = z.Close()
		body = b.Bytes()
	}
	o.send(w, o.media, body)
}

func (o *office) send(w http.ResponseWriter, media string, body []byte) {
	w.Header().Set("Content-Type", media)
	_, _ = w.Write(body)
}

// query asks the office for all it has.
func (o *office) query() Query {
	q := o.cube.query()
	q.Format = or(o.format, o.media)
	return q
}

// source asks the office q; it does not really wait.
func (o *office) source(base string, queries ...Query) *Source {
	if base != "" {
		base += "/rest/"
	}
	return New(Config{
		ID: "oecd", Title: "OECD", Publisher: "oecd", BaseURL: base, Queries: queries,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
}

// fetch asks the office with a polite client that does not really wait.
func (o *office) fetch(t *testing.T, queries ...Query) ([]source.Document, *Source, error) {
	t.Helper()
	o.t = t
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	client := transport.New(transport.Options{
		UserAgent: "citystats/test (+https://example.org/contact)", AllowLocal: true, Rate: rate.Inf, Attempts: 2,
		Hosts: []string{strings.TrimPrefix(server.URL, "http://")},
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	t.Cleanup(client.CloseIdleConnections)
	src := o.source(server.URL, queries...)
	docs, err := sourcetest.Fetch(t.Context(), src, client)
	return docs, src, err
}
