package worldbank

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"citystats/sources/source"
	"citystats/sources/sourcetest"
	"citystats/sources/transport"
)

// series is one indicator as the fake bank has it.
type series struct {
	code, name string
	rows       []string // dates and values of China, newest first
}

// china is real: World Development Indicators.
var china = []series{
	{"NY.GDP.MKTP.CD", "GDP (current US$)", []string{
		"2023", "17794781986104", "2022", "17881783387001", "2021", "17820459508852", "2020", "14687744162801", "2019", "14279968506272",
	}},
	{"SP.POP.TOTL", "Population, total", []string{"2025", "null", "2024", "1408975000", "2023", "1410710000", "2022", "1412175000"}},
	{"FP.CPI.TOTL.ZG", "Inflation, consumer prices (annual %)", []string{"2024", `"0.218129"`, "2023", "0.234837", "2022", "1.973576"}},
}

// head is the first element of an answer before it is written.
type head struct {
	page, pages, perPage, total int
	updated                     string
	rows                        []string
}

// bank behaves like api.worldbank.org: it pages, writes numbers as strings when
// it feels like it, hides errors under status 200, and refuses over-long
// addresses. Stricter than the real one, it fails the test when it is asked
// anything the source has no business asking.
type bank struct {
	t          testing.TB
	series     []series
	countries  string // the one list it expects
	perPage    int
	stringMeta bool // numbers of meta as strings
	bare       bool // later pages without sourceid and lastupdated
	lie        func(page, call int, h *head)

	server *httptest.Server
	mu     sync.Mutex
	asked  []int // pages, in order
}

func (b *bank) codes() (codes []string) {
	for _, s := range b.series {
		codes = append(codes, s.code)
	}
	return codes
}

// ServeHTTP answers as the API would.
func (b *bank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	query := r.URL.Query()
	page, _ := strconv.Atoi(query.Get("page"))
	perPage, _ := strconv.Atoi(query.Get("per_page"))
	if len(r.RequestURI) > 4000 || query.Get("format") != "json" || page < 1 || perPage < 1 {
		b.t.Errorf("asked %s", r.RequestURI)
		http.Error(w, "Request Error", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	h, ok := b.find(r.URL, page, perPage)
	if !ok {
		b.t.Errorf("asked %s, which nobody wants", r.RequestURI)
		_, _ = fmt.Fprint(w, `[{"message":[{"id":"120","key":"Invalid value","value":"The provided parameter value is not valid"}]}]`)
		return
	}
	b.asked = append(b.asked, page)
	if b.lie != nil {
		b.lie(page, len(b.asked), &h)
	}
	_, _ = fmt.Fprint(w, b.write(h))
}

// find looks up what the path asks for and cuts the page out of it.
func (b *bank) find(u *url.URL, page, perPage int) (head, bool) {
	if u.Path == "/v2/country" && b.countries == everywhere && perPage == 400 {
		return cut([]string{
			`{"id":"CHN","iso2Code":"CN","name":"China","region":{"id":"EAS","iso2code":"Z4","value":"East Asia & Pacific"}}`,
			`{"id":"WLD","iso2Code":"1W","name":"World","region":{"id":"NA","iso2code":"NA","value":"Aggregates"}}`,
		}, page, perPage), true
	}
	for _, s := range b.series {
		if u.Path == "/v2/country/"+b.countries+"/indicator/"+s.code && (perPage == b.perPage || perPage == 1) && u.Query().Get("source") == "2" {
			return cut(b.rows(s), page, perPage), true
		}
	}
	return head{}, false
}

// rows writes a series; with all countries an aggregate comes along.
func (b *bank) rows(s series) (rows []string) {
	for i := 0; i < len(s.rows); i += 2 {
		rows = append(rows, fmt.Sprintf(`{"indicator":{"id":%q,"value":%q},"country":{"id":"CN","value":"China"},"countryiso3code":"CHN","date":%q,"value":%s,"unit":"","obs_status":"","decimal":0}`,
			s.code, s.name, s.rows[i], s.rows[i+1]))
	}
	if b.countries == everywhere {
		rows = append(rows, fmt.Sprintf(`{"indicator":{"id":%q,"value":%q},"country":{"id":"1W","value":"World"},"countryiso3code":"","date":"2025","value":null,"unit":"","obs_status":"","decimal":0}`,
			s.code, s.name))
	}
	return rows
}

func cut(rows []string, page, perPage int) head {
	from := min((page-1)*perPage, len(rows))
	to := min(from+perPage, len(rows))
	return head{page, (len(rows) + perPage - 1) / perPage, perPage, len(rows), "2026-07-13", rows[from:to]}
}

// write is the answer's text, in the API's order of members.
func (b *bank) write(h head) string {
	number := strconv.Itoa
	if b.stringMeta {
		number = func(n int) string { return strconv.Quote(strconv.Itoa(n)) }
	}
	meta := fmt.Sprintf(`"page":%s,"pages":%s,"per_page":%s,"total":%s`, number(h.page), number(h.pages), number(h.perPage), number(h.total))
	if h.page == 1 || !b.bare {
		meta += fmt.Sprintf(`,"sourceid":"2","lastupdated":%q`, h.updated)
	}
	if len(h.rows) == 0 {
		return "[{" + meta + "},null]"
	}
	return "[{" + meta + "},[" + strings.Join(h.rows, ",") + "]]"
}

// serve starts the bank and a polite client that does not really wait.
func (b *bank) serve(t *testing.T) (*http.Client, string) {
	t.Helper()
	b.server = httptest.NewServer(b)
	t.Cleanup(b.server.Close)
	client := transport.New(transport.Options{
		UserAgent: "citystats/test (+https://example.org/contact)", AllowLocal: true, Rate: rate.Inf,
		Hosts: []string{strings.TrimPrefix(b.server.URL, "http://")},
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	t.Cleanup(client.CloseIdleConnections)
	return client, b.server.URL
}

// fetch asks the bank for all it has.
func (b *bank) fetch(t *testing.T) ([]source.Document, error) {
	t.Helper()
	client, base := b.serve(t)
	return sourcetest.Fetch(t.Context(), New(Config{BaseURL: base, Series: b.codes(), Countries: []string{b.countries}, PerPage: b.perPage}), client)
}
