//go:build duckdb_arrow

package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"citystats/pipeline"
	"citystats/pipeline/ledger"
	"citystats/sources/source"
)

// restless is a publisher whose one document is another each time it is asked
// for, though it says the same: it bears the time, and its rows come in any order.
type restless struct {
	*shelf
	asked     int
	rows      []string // indicator,period,value,unit,status
	published func(asked int) string
}

func (s *restless) Fetch(_ context.Context, _ *http.Client, emit func(source.Document) error) error {
	rows := slices.Clone(s.rows)
	if s.asked%2 == 1 {
		slices.Reverse(rows)
	}
	rows = append(rows[s.asked%len(rows):], rows[:s.asked%len(rows)]...)
	s.asked++
	body := fmt.Sprintf("generated at second %d\n%s\n", s.asked, strings.Join(rows, "\n"))
	return emit(source.Document{Source: "bundled", Name: "restless", Title: "Restless", Publisher: "hefei_stats", MediaType: "text/csv", Published: s.published(s.asked), Body: []byte(body)})
}

func (s *restless) Decode(doc source.Document, sink source.Sink) error {
	for i, row := range strings.Split(strings.TrimSpace(string(doc.Body)), "\n")[1:] {
		f := strings.Split(row, ",")
		value, err := strconv.ParseFloat(f[2], 64)
		if err != nil {
			return err
		}
		status, _ := source.ParseStatus(f[4])
		o := source.Observation{Record: i + 1, Region: "340100", Indicator: f[0], Period: f[1], Unit: f[3], Origin: "hefei_stats", Value: value, Status: status, Confidence: source.High}
		if err := sink.Observe(&o); err != nil {
			return err
		}
	}
	return nil
}

// vintages is every vintage of every figure with all that is known of it.
func (r *rig) vintages(t *testing.T) []string {
	t.Helper()
	rows, err := r.open(t).Query(t.Context(), "SELECT * FROM observation_vintages ORDER BY ALL")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, row := range rows.Rows {
		out = append(out, fmt.Sprint(row))
	}
	return out
}

// A document that changed without saying anything new is kept, for it is what
// the publisher sent, and the release that lists it is another. No figure gets a
// vintage from it.
func TestFalseRevisionsMakeNoVintages(t *testing.T) {
	for name, published := range map[string]func(int) string{
		"undated":         func(int) string { return "" },
		"dated each time": func(asked int) string { return fmt.Sprintf("2020-01-%02d", asked) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			s := &restless{shelf: r.shelf, published: published, rows: []string{
				"gdp,2013,4672.91,cny_100m,preliminary", "gdp,2014,5157.97,cny_100m,preliminary", "gdp,2015,5660.27,cny_100m,final",
				"gdp_growth_real,2014,10.0,percent,preliminary", "gdp_growth_real,2014,10.1,percent,final",
			}}
			r.Sources = []source.Source{s}
			first := r.run(t, pipeline.Options{})
			if want := (ledger.Counts{Documents: 1, NewDocuments: 1, New: 4, Changed: 1}); first.Sources[0].Counts != want {
				t.Fatalf("the first run counts %+v, want %+v", first.Sources[0].Counts, want)
			}
			before := r.vintages(t)
			for n := 2; n <= 4; n++ {
				report := r.run(t, pipeline.Options{})
				if got, want := report.Sources[0].Counts, (ledger.Counts{Documents: 1, NewDocuments: 1, Unchanged: 5}); got != want {
					t.Errorf("run %d counts %+v, want %+v: nothing was said that is new", n, got, want)
				}
				if diff := cmp.Diff(before, r.vintages(t)); diff != "" {
					t.Fatalf("run %d: other bytes with the same figures changed the vintages (-before +after):\n%s", n, diff)
				}
			}
			s.rows[1] = "gdp,2014,5180.6,cny_100m,revised"
			report := r.run(t, pipeline.Options{})
			if got, want := report.Sources[0].Counts, (ledger.Counts{Documents: 1, NewDocuments: 1, Changed: 1, Unchanged: 4}); got != want || r.value(t, "gdp", "2014") != 5180.6 {
				t.Errorf("after one real revision: %+v, want %+v", got, want)
			}
			if rebuilt, err := r.Rebuild(t.Context()); err != nil || len(rebuilt.Differing) > 0 {
				t.Errorf("a rebuild differs in %v, %v", rebuilt.Differing, err)
			}
		})
	}
}
