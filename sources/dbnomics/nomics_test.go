package dbnomics

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

// kept is one series as the fake has it.
type kept struct {
	Series

	name, datasetName, frequency, indexed string
	periods, days, values                 []string // values as JSON
	attributes                            string   // as JSON; empty when there are none
}

// The figures are real: World Development Indicators, and the World Economic
// Outlook as its tables print it.
var (
	dollars = kept{
		Series: Series{ID: "WB/WDI/A-NY.GDP.MKTP.CD-CHN", Region: "CHN", Origin: "worldbank"},
		name:   "Annual – GDP (current US$) – China", datasetName: "World Development Indicators", frequency: "annual", indexed: "2024-07-03T05:12:44.907Z",
		periods: []string{"2021", "2022", "2023"}, days: []string{"2021-01-01", "2022-01-01", "2023-01-01"},
		values: []string{"17820459508852", "17881783387001", "17794781986104"},
	}
	persons = kept{
		Series: Series{ID: "WB/WDI/A-SP.POP.TOTL-CHN", Region: "CHN", Origin: "worldbank"},
		name:   "Annual – Population, total – China", datasetName: "World Development Indicators", frequency: "annual", indexed: "2024-07-01T23:59:59+02:00",
		periods: []string{"2022", "2023", "2024"}, days: []string{"2022-01-01", "2023-01-01", "2024-01-01"},
		values: []string{"1412175000", "1410710000", `"NA"`},
	}
	growth = kept{
		Series: Series{ID: "IMF/WEO:2024-10/CHN.NGDP_RPCH.pcent_change", Region: "CHN", Origin: "imf", Outlook: true},
		name:   "China – Gross domestic product, constant prices – Percent change", datasetName: "World Economic Outlook by countries (2024-10 release)",
		frequency: "annual", indexed: "2025-02-03T09:00:00.000Z",
		periods: []string{"2022", "2023", "2024", "2025"}, days: []string{"2022-01-01", "2023-01-01", "2024-01-01", "2025-01-01"},
		values: []string{"3.0", "5.2", "4.8", "4.5"},
	}
)

// nomics behaves like api.db.nomics.world: it pages in its own size, answers 200
// with some of what was asked for, and says what is missing beside it.
type nomics struct {
	t        *testing.T
	series   []kept
	most     int  // series a page at most; 0 means as asked
	strict   bool // answers 404 as soon as one series is missing
	repeated bool // gives the first series again on the second page, as after an update

	mu    sync.Mutex
	asked []string
}

func (f *nomics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, r.RequestURI)
	q := r.URL.Query()
	limit, _ := strconv.Atoi(q.Get("limit"))
	offset, err := strconv.Atoi(q.Get("offset"))
	if err != nil || limit < 1 || limit > 1000 || q.Get("observations") != "1" || r.URL.Path != "/v22/series" || len(r.RequestURI) > 2000 {
		f.t.Errorf("asked %s", r.RequestURI)
		http.Error(w, `{"message":"bad request"}`, http.StatusBadRequest)
		return
	}
	var docs, problems []string
	for id := range strings.SplitSeq(q.Get("series_ids"), ",") {
		if i := slices.IndexFunc(f.series, func(k kept) bool { return k.ID == id }); i >= 0 {
			docs = append(docs, f.series[i].json())
			continue
		}
		p := strings.Split(id, "/")
		problems = append(problems, fmt.Sprintf(`{"message":"Series not found","provider_code":%q,"dataset_code":%q,"series_code":%q}`, p[0], p[1], p[2]))
	}
	w.Header().Set("Content-Type", "application/json")
	if len(docs) == 0 || f.strict && len(problems) > 0 {
		w.WriteHeader(http.StatusNotFound)
		docs = nil
	}
	if f.most > 0 {
		limit = min(limit, f.most)
	}
	if f.repeated {
		docs = slices.Insert(docs, 1, docs[0])
	}
	found := len(docs)
	fmt.Fprint(w, page(found, offset, limit, problems, docs[min(offset, found):min(offset+limit, found)]...))
}

// page is an answer's text.
func page(found, offset, limit int, problems []string, docs ...string) string {
	text := `{"_meta":{"args":{"observations":true},"version":"22.1.17"},`
	if len(problems) > 0 {
		text += `"errors":[` + strings.Join(problems, ",") + `],`
	}
	return text + fmt.Sprintf(`"series":{"docs":[%s],"limit":%d,"num_found":%d,"offset":%d}}`, strings.Join(docs, ","), limit, found, offset)
}

// json is the series as the answers have it.
func (k kept) json() string {
	p := strings.Split(k.ID, "/")
	more := ""
	if k.attributes != "" {
		more = `"observations_attributes":` + k.attributes + `,`
	}
	return fmt.Sprintf(`{"@frequency":%q,"dataset_code":%q,"dataset_name":%q,"dimensions":{"unit":"persons"},"indexed_at":%q,%s"period":["%s"],"period_start_day":["%s"],"provider_code":%q,"series_code":%q,"series_name":%q,"value":[%s]}`,
		k.frequency, p[1], k.datasetName, k.indexed, more, strings.Join(k.periods, `","`), strings.Join(k.days, `","`), p[0], p[2], k.name, strings.Join(k.values, ","))
}

// config asks for what the fake has.
func (f *nomics) config() (c Config) {
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

// fetch asks h for all of c with a polite client that does not really wait.
func fetch(t *testing.T, h http.Handler, c Config) ([]source.Document, error) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	client := transport.New(transport.Options{
		UserAgent: "citystats/test (+https://example.org/contact)", AllowLocal: true, Rate: rate.Inf,
		Hosts: []string{strings.TrimPrefix(server.URL, "http://")},
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	t.Cleanup(client.CloseIdleConnections)
	return sourcetest.Fetch(t.Context(), at(c)(server.URL), client)
}

// names of documents, in order.
func names(docs []source.Document) (out []string) {
	for _, d := range docs {
		out = append(out, d.Name)
	}
	return out
}
