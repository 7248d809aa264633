package fred

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
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

// testKey is the one that FRED's own documentation prints as an example.
const testKey = "abcdefghijklmnopqrstuvwxyz123456"

// gdp is the configured form of the series that most examples here are about.
var gdp = Series{ID: "GDP", Region: "USA", Origin: "bea", Frequency: "Q", Units: "Billions of Dollars"}

// value is what was said of a date from one day on until the next value, or "."
// when it was withdrawn.
type value struct{ since, date, text string }

// kept is one series as the fake has it.
type kept struct {
	Series

	title  string
	units  map[string]string // by the day they changed; otherwise as configured
	values []value           // by date, then by day
}

// revised has the chain of revisions of the second quarter of 2020, and a value of 1946 that came and went.
var revised = kept{Series: gdp, title: "Gross Domestic Product", values: []value{
	{"1992-12-22", "1946-01-01", "199.7"},
	{"1996-01-19", "1946-01-01", "."},
	{"1997-05-07", "1946-01-01", "210.4"},
	{"1999-10-28", "1946-01-01", "."},
	{"2020-07-30", "2020-04-01", "19408.759"},
	{"2020-08-27", "2020-04-01", "19486.509"},
	{"2020-09-30", "2020-04-01", "19520.114"},
	{"2021-07-29", "2020-04-01", "19477.444"},
	{"2022-09-29", "2020-04-01", "19636.731"},
	{"2023-09-28", "2020-04-01", "19913.143"},
	{"2024-09-26", "2020-04-01", "19935.444"},
}}

// stLouis behaves like api.stlouisfed.org: it wants a key with every question,
// pages, writes numbers as strings, and answers mistakes with status 400.
type stLouis struct {
	t      *testing.T
	series []kept
	xml    bool // refuse in XML
	most   int  // rows a page, whatever is asked; 0 means as many as asked

	mu    sync.Mutex
	asked []string // questions, without the key
}

func (f *stLouis) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	if got := q["api_key"]; !slices.Equal(got, []string{testKey}) || q.Get("file_type") != "json" {
		f.t.Errorf("asked %s with keys %q", r.URL.Path, got)
		f.refuse(w, http.StatusBadRequest, "Bad Request.  The value for variable api_key is not registered.")
		return
	}
	f.asked = append(f.asked, strings.TrimSuffix(strings.TrimPrefix(r.RequestURI, "/fred/"), "&file_type=json&api_key="+testKey))
	i := slices.IndexFunc(f.series, func(k kept) bool { return k.ID == q.Get("series_id") })
	if i < 0 {
		f.refuse(w, http.StatusBadRequest, "Bad Request.  The series does not exist.")
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	k := f.series[i]
	from, to := q.Get("realtime_start"), q.Get("realtime_end")
	if from == "" {
		from, to = "2024-10-30", "2024-10-30" // "today"
	}
	switch r.URL.Path {
	case "/fred/series":
		fmt.Fprint(w, k.describe(from, to))
	case "/fred/series/vintagedates":
		days := k.days()
		offset, limit := f.page(r)
		end := min(offset+limit, len(days))
		fmt.Fprintf(w, `{"realtime_start":"1776-07-04","realtime_end":"9999-12-31","order_by":"vintage_date","sort_order":"asc","count":%d,"offset":%d,"limit":%d,"vintage_dates":["%s"]}`,
			len(days), offset, limit, strings.Join(days[offset:end], `","`))
	case "/fred/series/observations":
		rows := k.rows(from, to)
		if q.Get("sort_order") == "desc" {
			slices.Reverse(rows)
		}
		offset, limit := f.page(r)
		fmt.Fprint(w, envelope(from, to, len(rows), offset, limit, rows[offset:min(offset+limit, len(rows))]...))
	default:
		http.NotFound(w, r)
	}
}

// page reads paging and applies the fake's own limit.
func (f *stLouis) page(r *http.Request) (offset, limit int) {
	offset, _ = strconv.Atoi(r.URL.Query().Get("offset"))
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit < 1 || limit > 100000 {
		f.t.Errorf("asked for %s", r.RequestURI)
	}
	if f.most > 0 {
		limit = min(limit, f.most)
	}
	return offset, limit
}

func (f *stLouis) refuse(w http.ResponseWriter, status int, message string) {
	if f.xml {
		w.Header().Set("Content-Type", "text/xml; charset=UTF-8")
		w.WriteHeader(status)
		fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<error code=\"%d\" message=\"%s\"/>\n", status, message)
		return
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error_code":%d,"error_message":%q}`, status, message)
}

func (k kept) describe(from, to string) string {
	units := k.Units
	for _, day := range k.days() {
		if u, changed := k.units[day]; changed && day <= from {
			units = u
		}
	}
	return fmt.Sprintf(`{"realtime_start":"%s","realtime_end":"%s","seriess":[{"id":"%s","realtime_start":"%s","realtime_end":"%s","title":"%s","observation_start":"1946-01-01","observation_end":"2020-04-01","frequency":"Quarterly","frequency_short":"%s","units":"%s","units_short":"Bil. of $","seasonal_adjustment":"Seasonally Adjusted Annual Rate","seasonal_adjustment_short":"SAAR","last_updated":"2024-10-30 07:54:01-05","popularity":93,"notes":"BEA Account Code: A191RC\n\nsee http:\/\/www.bea.gov"}]}`,
		from, to, k.ID, from, to, k.title, k.Frequency, units)
}

// days are the vintage dates.
func (k kept) days() (days []string) {
	for _, v := range k.values {
		days = append(days, v.since)
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// rows are the values that were current some time from one day to another, each
// with that time, cut to what was asked.
func (k kept) rows(from, to string) (rows []string) {
	for i, v := range k.values {
		until := "9999-12-31"
		if i+1 < len(k.values) && k.values[i+1].date == v.date {
			day, _ := time.Parse(time.DateOnly, k.values[i+1].since)
			until = day.AddDate(0, 0, -1).Format(time.DateOnly)
		}
		if v.since <= to && until >= from {
			rows = append(rows, fmt.Sprintf(`{"realtime_start":"%s","realtime_end":"%s","date":"%s","value":"%s"}`, max(v.since, from), min(until, to), v.date, v.text))
		}
	}
	return rows
}

// envelope is the answer around rows.
func envelope(from, to string, count, offset, limit int, rows ...string) string {
	return fmt.Sprintf(`{"realtime_start":"%s","realtime_end":"%s","observation_start":"1600-01-01","observation_end":"9999-12-31","units":"lin","output_type":1,"file_type":"json","order_by":"observation_date","sort_order":"asc","count":%d,"offset":%d,"limit":%d,"observations":[%s]}`,
		from, to, count, offset, limit, strings.Join(rows, ","))
}

// config asks for the series that the fake has.
func (f *stLouis) config() Config {
	c := Config{Key: testKey}
	for _, k := range f.series {
		c.Series = append(c.Series, k.Series)
	}
	return c
}

// at makes New ask another host.
func at(c Config) func(string) source.Source {
	return func(base string) source.Source {
		c.BaseURL = base
		return New(c)
	}
}

// polite is a client for the server that does not really wait.
func polite(t *testing.T, server *httptest.Server, change func(*transport.Options)) *http.Client {
	t.Helper()
	o := transport.Options{
		UserAgent: "citystats/test (+https://example.org/contact)", AllowLocal: true, Rate: rate.Inf,
		Hosts: []string{strings.TrimPrefix(server.URL, "http://")},
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	if change != nil {
		change(&o)
	}
	client := transport.New(o)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// fetch asks h for all of c.
func fetch(t *testing.T, h http.Handler, c Config) ([]source.Document, error) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return sourcetest.Fetch(t.Context(), at(c)(server.URL), polite(t, server, nil))
}
