//go:build duckdb_arrow

package pipeline_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline"
	"citystats/pipeline/answers"
	"citystats/sources/source"
	"citystats/sources/transport"
)

// patient is a shelf whose publisher can be asked how it is.
type patient struct {
	*shelf
	base, needs string
}

func (p *patient) Info() source.Info {
	info := p.shelf.Info()
	info.Hosts, info.Needs = []string{strings.TrimPrefix(p.base, "http://")}, p.needs
	return info
}

func (p *patient) Probe(ctx context.Context, c *http.Client) error {
	answer, err := transport.Get(ctx, c, p.base)
	if err == nil && string(answer.Body) != "well" {
		err = fault.New(fault.Upstream, p.base, "", "the answer is %q, want well", answer.Body)
	}
	return err
}

// clinic is a rig with a patient instead of its shelf, and a calendar by which
// the publisher brings something each month from the 10th to the 12th.
func clinic(t *testing.T, says string, status int) (*rig, *patient) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(says))
	}))
	t.Cleanup(server.Close)
	r := newRig(t)
	p := &patient{shelf: r.shelf, base: server.URL}
	r.Sources = []source.Source{p}
	r.Client = func(info source.Info, _ *answers.Store) *http.Client {
		return transport.New(transport.Options{UserAgent: "citystats/test (test)", Hosts: info.Hosts, AllowLocal: true, Attempts: 1})
	}
	r.Catalog.Releases = []data.Release{{
		ID: "monthly", Source: "bundled", TitleEN: "the monthly release", Months: []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, FirstDay: 10, LastDay: 12,
	}}
	return r, p
}

func (r *rig) diagnose(t *testing.T, offline bool) pipeline.Diagnosis {
	t.Helper()
	all, err := r.Diagnose(t.Context(), nil, offline)
	if err != nil || len(all) != 1 {
		t.Fatalf("Diagnose: %+v, %v; want one source", all, err)
	}
	return all[0]
}

func TestDoctorAsks(t *testing.T) {
	for _, tt := range []struct {
		name, says, needs string
		status            int
		offline           bool
		want              pipeline.Reach
		advice            string
	}{
		{"well", "well", "", 200, false, pipeline.Understood, "citystats run"},
		{"another shape", "<html>", "", 200, false, pipeline.Changed, "citystats import FILE --source bundled"},
		{"their failure", "", "", 500, false, pipeline.Away, "try again later"},
		{"offline", "well", "", 200, true, pipeline.NotAsked, "citystats run"},
		{"no key", "well", "A_KEY", 200, false, pipeline.NotAsked, "it needs A_KEY"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, p := clinic(t, tt.says, tt.status)
			p.needs = tt.needs
			d := r.diagnose(t, tt.offline)
			if d.Reach != tt.want || (d.Problem != nil) != (tt.want == pipeline.Changed || tt.want == pipeline.Away) {
				t.Errorf("the answer is %q with problem %v, want %q", d.Reach, d.Problem, tt.want)
			}
			if !strings.Contains(d.Advice, tt.advice) {
				t.Errorf("advice %q, want %q in it", d.Advice, tt.advice)
			}
		})
	}
}

// Who is behind: the publisher, or us.
func TestDoctorTellsLateFromFailed(t *testing.T) {
	r, p := clinic(t, "well", 200)
	on := func(day int) { r.clock.t = time.Date(2026, 11, day, 8, 0, 0, 0, time.UTC) }
	want := func(what pipeline.Standing) {
		t.Helper()
		if d := r.diagnose(t, true); d.Standing != what {
			t.Errorf("on %s the standing is %q, want %q", r.clock.t.Format(time.DateOnly), d.Standing, what)
		}
	}
	on(5)
	r.run(t, pipeline.Options{})
	want(pipeline.UpToDate) // with the release of October, which is when the next window opens
	on(13)
	want(pipeline.Unasked)
	p.fail = fault.New(fault.Upstream, "", "", "the site answers 503")
	r.run(t, pipeline.Options{})
	want(pipeline.WeFailed)
	p.fail = nil
	r.run(t, pipeline.Options{})
	want(pipeline.Late)
	if d := r.diagnose(t, true); !strings.Contains(d.Advice, "the monthly release was due by 2026-11-12") || d.Next == nil || d.Next.First.Day() != 10 {
		t.Errorf("advice %q, next %+v: want the release that is late, and the next one", d.Advice, d.Next)
	}
	p.files["communique_2015.csv"] = doc(line("gdp", "2015", "5660.27", "cny_100m", "preliminary", "2016-04"))
	on(14)
	r.run(t, pipeline.Options{})
	want(pipeline.UpToDate)
	r.Catalog.Releases = nil
	want(pipeline.NoRelease)
}

// Several releases: the yearly one that spans months is late though a monthly
// document of the same source has come since.
func TestDoctorTellsReleasesApart(t *testing.T) {
	r, p := clinic(t, "well", 200)
	r.Catalog.Releases = []data.Release{
		{ID: "monthly", Source: "bundled", TitleEN: "the monthly release", Documents: []string{"communique_2015"}, Months: []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, FirstDay: 1, LastDay: 5},
		{ID: "yearly", Source: "bundled", TitleEN: "the yearbook", Documents: []string{"communique_2014", "communique_1"}, Months: []int{10}, FirstDay: 1, FurtherMonths: 2, LastDay: 31},
		{ID: "another", Source: "another", TitleEN: "another's", Months: []int{1}, FirstDay: 1, LastDay: 31},
	}
	r.clock.t = time.Date(2026, 9, 30, 8, 0, 0, 0, time.UTC)
	r.run(t, pipeline.Options{})
	r.clock.t = time.Date(2027, 1, 7, 8, 0, 0, 0, time.UTC)
	p.files["communique_2015.csv"] = doc(line("gdp", "2015", "5660.27", "cny_100m", "preliminary", "2016-04"))
	r.run(t, pipeline.Options{})
	if d := r.diagnose(t, true); d.Standing != pipeline.Late || d.Due.Title != "the yearbook" || d.Due.Last.Format(time.DateOnly) != "2026-12-31" {
		t.Errorf("%s, %+v; want the yearbook to be late since the end of December", d.Standing, d.Due)
	}
	p.files["communique_2014.csv"] = doc(line("gdp", "2014", "5158.00", "cny_100m", "preliminary", "2015-04"))
	r.clock.t = r.clock.t.AddDate(0, 0, 1)
	r.run(t, pipeline.Options{})
	if d := r.diagnose(t, true); d.Standing != pipeline.UpToDate || d.Due.Title != "the monthly release" {
		t.Errorf("%s, %+v; want all up to date, the monthly release last", d.Standing, d.Due)
	}
}

func TestDoctorNeedsNoState(t *testing.T) {
	r, _ := clinic(t, "well", 200)
	before := tree(t, r.state)
	if d := r.diagnose(t, false); d.Last != nil || d.Standing != pipeline.Unasked {
		t.Errorf("before the first run: %+v", d)
	}
	if after := tree(t, r.state); len(after) != len(before) {
		t.Errorf("Diagnose wrote %v", after)
	}
	if _, err := r.Diagnose(t.Context(), []string{"nobody"}, true); fault.KindOf(err) != fault.Usage {
		t.Errorf("an unknown source: %v, want a fault of usage", err)
	}
}
