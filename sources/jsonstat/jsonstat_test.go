package jsonstat

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
	"citystats/sources/transport"
)

func eurostatQuery(name, table string, selections ...string) Query {
	return Query{Name: name, Dialect: Eurostat, Path: "data/" + table, Table: table, Selections: selections, Area: "geo", Time: "time"}
}

var growthOf = []string{"freq=A", "unit=CLV_PCH_PRE", "na_item=B1GQ"}

func swedishQuery(name, suffix string, selections ...string) Query {
	return Query{
		Name: name, Dialect: PxWeb1, Path: "ssd/BE/BE0101/BE0101A/BefolkningNy" + suffix, Table: "BefolkningNy" + suffix,
		Selections: append([]string{"ContentsCode=BE0101N1"}, selections...), Area: "Region", Time: "Tid",
	}
}

func norwegianQuery(name, table string, selections ...string) Query {
	return Query{Name: name, Dialect: PxWeb2, Path: "tables/" + table, Table: table, Selections: selections, Region: "NO", Time: "Tid"}
}

func limited(q Query, cells int) Query { q.MaxCells = cells; return q }

var (
	eurostat = Config{ID: "eurostat_statistics", Title: "Eurostat", Publisher: "eurostat", BaseURL: "/eurostat/api/dissemination/statistics/1.0"}
	scb      = Config{ID: "scb", Title: "Statistics Sweden", Publisher: "scb", BaseURL: "/OV0104/v1/doris/en"}
	ssb      = Config{ID: "ssb", Title: "Statistics Norway", Publisher: "ssb", BaseURL: "/api/pxwebapi/v2"}
	cso      = Config{ID: "cso", Title: "Central Statistics Office", Publisher: "cso", BaseURL: "/files/"}
)

func (c Config) asking(queries ...Query) Config { c.Queries = queries; return c }

// cases are the folders of testdata and what is wanted in each.
var cases = map[string]Config{
	"eurostat":       eurostat.asking(eurostatQuery("growth", "nama_10_gdp", slices.Concat(growthOf, []string{"geo=DE,FR,IE", "sinceTimePeriod=2021"})...)),
	"eurostat-empty": eurostat.asking(eurostatQuery("growth", "nama_10_gdp", slices.Concat(growthOf, []string{"geo=DE", "sinceTimePeriod=2030"})...)),
	"eurostat-split": eurostat.asking(eurostatQuery("growth", "nama_10_gdp", slices.Concat(growthOf, []string{"geo=DE,FR,IT"})...)),
	"settles":        eurostat.asking(eurostatQuery("growth", "nama_10_gdp", slices.Concat(growthOf, []string{"geo=DE,FR"})...)),
	"never-settles":  eurostat.asking(eurostatQuery("growth", "nama_10_gdp", slices.Concat(growthOf, []string{"geo=DE,FR"})...)),
	"eurostat-refused": eurostat.asking(
		eurostatQuery("gone", "ds-999999", "geo=DE"), eurostatQuery("dimension", "prc_hicp_aind", "COICOP=CP00"),
		eurostatQuery("some", "nama_10_gdp", slices.Concat(growthOf, []string{"geo=DE,XX"})...), eurostatQuery("all", "nama_10_pc", "geo=XX"),
		eurostatQuery("big", "ext_lt_intratrd", "partner=CN"), eurostatQuery("more", "nama_10_a64", "geo=DE"),
		eurostatQuery("good", "naida_10_gdp", slices.Concat(growthOf, []string{"geo=DE"})...),
	),
	"pxweb1":          scb.asking(limited(swedishQuery("population", "", "Region=00,0180"), 4)),
	"pxweb1-too-many": scb.asking(swedishQuery("population", "", "Region=00,0180")),
	"pxweb1-refused": scb.asking(
		Query{Name: "gone", Dialect: PxWeb1, Path: "ssd/GONE", Table: "GONE", Area: "Region", Time: "Tid"},
		swedishQuery("variable", "", "Sex=1"), swedishQuery("value", "2", "Region=9999"), swedishQuery("calls", "3"),
		swedishQuery("cells", "4", "Region=00", "Tid=2023"), swedishQuery("short", "5", "Region=00"),
		swedishQuery("order", "6", "Region=00", "Tid=top(1)"), swedishQuery("closed", "7"),
	),
	"pxweb2": ssb.asking(norwegianQuery("growth", "09189", "Makrost=bnpb.nr23_9", "ContentsCode=Volum")),
	"pxweb2-refused": ssb.asking(
		norwegianQuery("gone", "99999", "ContentsCode=Volum"),
		norwegianQuery("cells", "09190", "Makrost=bnpb.nr23_9", "ContentsCode=Volum", "Tid=2022"),
		norwegianQuery("value", "09191", "Makrost=bnpb.nr23_9", "ContentsCode=Volum"),
		norwegianQuery("default", "09192", "Makrost=bnpb.nr23_9", "ContentsCode=Volum", "Tid=2022"),
		norwegianQuery("mandatory", "09193", "Makrost=bnpb.nr23_9"),
	),
	"bundle": cso.asking(Query{Name: "quarters", Dialect: Plain, Path: "NQQ25.json", Table: "NQQ25", Region: "IE", Time: "Quarter"}),
	"cells":  cso.asking(Query{Name: "all", Dialect: Plain, Path: "cells.json", Table: "cells", Area: "geo", Time: "time"}),
}

// at makes New ask another host.
func at(c Config) func(string) source.Source {
	return func(base string) source.Source {
		moved := c
		moved.BaseURL = base + c.BaseURL
		return New(moved)
	}
}

func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/*/01.http")
	if err != nil || len(folders) != len(cases) {
		t.Errorf("%d folders in testdata for %d cases, %v", len(folders), len(cases), err)
	}
	for name, config := range cases {
		t.Run(name, func(t *testing.T) {
			sourcetest.Replay(t, os.DirFS("testdata/"+name), at(config))
		})
	}
}

func TestConformance(t *testing.T) {
	split := growth()
	split.limit = 4
	async := growth()
	async.limit, async.async = 4, true
	for name, o := range map[string]*office{
		"Eurostat": growth(), "Eurostat in parts": split, "Eurostat in parts for another reason": async,
		"PxWeb 1": sweden(PxWeb1), "PxWeb 2": sweden(PxWeb2),
	} {
		t.Run(name, func(t *testing.T) {
			o.t = t
			sourcetest.Run(t, sourcetest.Subject{
				New:      at(Config{ID: "office", Title: "An office", Publisher: "office", BaseURL: o.base(), Queries: []Query{o.query("one"), o.query("two")}}),
				Upstream: o,
			})
		})
	}
}

func TestConformanceOfPlainFiles(t *testing.T) {
	o := growth()
	o.t = t
	q := Query{Name: "file", Dialect: Plain, Path: "file.json", Table: "file", Area: "geo", Time: "time"}
	sourcetest.Run(t, sourcetest.Subject{
		New: at(Config{ID: "office", Title: "An office", Publisher: "office", Queries: []Query{q}}),
		Upstream: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.RequestURI != "/file.json" {
				t.Errorf("asked %s", r.RequestURI)
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(o.dataset(o.edges, true)))
		}),
	})
}

// fetch asks the office for one query and counts the figures.
func (o *office) fetch(t *testing.T, queries ...Query) ([]source.Document, []source.Observation, error) {
	t.Helper()
	o.t = t
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	client := transport.New(transport.Options{
		UserAgent: "citystats/test (+https://example.org/contact)", AllowLocal: true, Rate: rate.Inf,
		Hosts: []string{strings.TrimPrefix(server.URL, "http://")},
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	t.Cleanup(client.CloseIdleConnections)
	src := New(Config{ID: "office", Title: "An office", Publisher: "office", BaseURL: server.URL + o.base(), Queries: queries})
	docs, err := sourcetest.Fetch(t.Context(), src, client)
	var all []source.Observation
	for _, d := range docs {
		c, err := sourcetest.Decode(src, d)
		if err != nil || len(c.Rejects) > 0 {
			t.Errorf("%s: %v, rejects %+v", d.Name, err, c.Rejects)
		}
		all = append(all, c.Observations...)
	}
	return docs, all, err
}

// TestWhole asks under every limit and wants every cell exactly once, whatever
// the number of questions.
func TestWhole(t *testing.T) {
	for _, d := range []Dialect{Eurostat, PxWeb1, PxWeb2} {
		for limit := 1; limit <= 10; limit++ {
			o := sweden(d)
			want := 9
			if d == Eurostat {
				o = growth()
				limit = max(limit, 3) // it has no selection of periods to halve
			}
			o.limit = limit
			docs, figures, err := o.fetch(t, o.query("all"))
			if err != nil {
				t.Fatalf("%s, %d cells at most: %v", d, limit, err)
			}
			if o.asked != want || len(figures) != 6 {
				t.Errorf("%s, %d cells at most: asked for %d cells and got %d figures in %d documents, want %d and 6", d, limit, o.asked, len(figures), len(docs), want)
			}
			seen := map[string]float64{}
			for _, f := range figures {
				seen[f.Region+" "+f.Period] = f.Value
			}
			if len(seen) != 6 || seen["DE 2023"]+seen["0180 2023"] != map[bool]float64{true: -0.3, false: 988943}[d == Eurostat] {
				t.Errorf("%s, %d cells at most: %v", d, limit, seen)
			}
		}
	}
}

// TestLimitIsLowerThanSaid has PxWeb refuse what its configuration allows.
func TestLimitIsLowerThanSaid(t *testing.T) {
	o := sweden(PxWeb2)
	o.limit = 2
	q := o.query("all")
	q.MaxCells = 9
	_, figures, err := o.fetch(t, q)
	if err != nil || len(figures) != 6 || o.asked != 9 {
		t.Errorf("%d figures of %d cells, %v; want 6 of 9", len(figures), o.asked, err)
	}
}

// TestClash wants queries refused whose indicator codes could mean two things.
func TestClash(t *testing.T) {
	good := swedishQuery("a", "")
	for _, tt := range []struct {
		name string
		bad  Query
		want string
	}{
		{"other variables", swedishQuery("b", "", "Kon=1"), "query a selects other variables of table BefolkningNy"},
		{"another area", func() Query { q := swedishQuery("b", ""); q.Area = "Kon"; return q }(), "query a selects other variables of table BefolkningNy"},
		{"another path", func() Query { q := swedishQuery("b", ""); q.Path = "x"; return q }(), "query a calls another path the same table BefolkningNy"},
		{"no time", Query{Name: "b", Dialect: Eurostat, Table: "t", Area: "geo"}, "it needs a table, a time dimension"},
		{"no area", Query{Name: "b", Dialect: Eurostat, Table: "t", Time: "time"}, "it needs a table, a time dimension"},
		{"area twice", Query{Name: "b", Dialect: Eurostat, Table: "t", Time: "time", Area: "geo", Region: "DE"}, "either an area dimension or the region"},
		{"no dialect", Query{Name: "b", Table: "t", Time: "time", Area: "geo"}, `"" is no dialect`},
		{"a file with selections", Query{Name: "b", Dialect: Plain, Table: "t", Time: "time", Area: "geo", Selections: []string{"geo=DE"}}, "a plain file has no selections"},
		{"selection without categories", eurostatQuery("b", "t", "geo="), `the selection "geo=" is not dimension=category,category`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := scb.asking(tt.bad, good)
			c.BaseURL = "https://nobody.invalid"
			s := New(c)
			err := s.ready(tt.bad)
			if err == nil {
				_, err = (&fetcher{Source: s}).query(t.Context(), tt.bad)
			}
			if fault.KindOf(err) != fault.Definition || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one of kind definition that says %q", err, tt.want)
			}
		})
	}
	if err := New(scb.asking(good, swedishQuery("b", "", "Region=00"))).ready(good); err != nil {
		t.Errorf("two parts of one table that have the same variables: %v", err)
	}
}

func TestGivesUpOnAHostThatIsNotThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	base := server.URL
	server.Close()
	client := transport.New(transport.Options{
		UserAgent: "citystats/test (+https://example.org/contact)", AllowLocal: true, Rate: rate.Inf, Hosts: []string{strings.TrimPrefix(base, "http://")},
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	t.Cleanup(client.CloseIdleConnections)
	_, err := sourcetest.Fetch(t.Context(), at(scb.asking(swedishQuery("a", ""), swedishQuery("b", "")))(base), client)
	if fault.KindOf(err) != fault.Upstream || strings.Count(err.Error(), "no connection") != 1 {
		t.Errorf("error %v, want one about the connection, not one per query", err)
	}
}

func TestNothingWanted(t *testing.T) {
	s := New(Config{ID: "x", Title: "X"})
	if docs, err := sourcetest.Fetch(t.Context(), s, nil); len(docs) > 0 || err != nil {
		t.Errorf("%d documents, %v", len(docs), err)
	}
	if err := s.Probe(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestInfo(t *testing.T) {
	c := scb
	c.BaseURL = "https://api.scb.se/OV0104/v1/doris/en/"
	info := New(c).Info()
	if info.ID != "scb" || info.Title != "Statistics Sweden" || !slices.Equal(info.Hosts, []string{"api.scb.se"}) || info.Generation < 1 {
		t.Errorf("%+v", info)
	}
	if hosts := New(Config{BaseURL: "nowhere"}).Info().Hosts; len(hosts) > 0 {
		t.Errorf("an address without a host gives %q", hosts)
	}
	if got := New(c).Place(38); got != "/value/37" {
		t.Errorf("Place(38) = %s, want /value/37", got)
	}
}
