//go:build duckdb_arrow

package serve

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"citystats/charts"
	"citystats/internal/fault"
	"citystats/serve/live"
)

// visible are the charts that may be seen now, in the order of their file.
func (s *Server) visible() []charts.Definition {
	now := s.Now()
	return slices.DeleteFunc(slices.Clone(s.Charts), func(d charts.Definition) bool { return d.Embargoed(now) })
}

// embargo names the charts that may not be seen now: answers that list charts are
// others when it is another.
func (s *Server) embargo() string {
	var hidden []string
	now := s.Now()
	for _, d := range s.Charts {
		if d.Embargoed(now) {
			hidden = append(hidden, d.ID)
		}
	}
	return strings.Join(hidden, " ")
}

// since is when answers of a release can last have become other ones: when it was
// built, when this program began, or when an embargo ended.
func (s *Server) since(r *live.Release) time.Time {
	last, now := r.CreatedAt, s.Now()
	later := func(at time.Time) {
		if at.After(last) && !at.After(now) {
			last = at
		}
	}
	later(s.began)
	for _, e := range s.Catalog.Embargoes {
		later(e.NotBefore)
	}
	for _, d := range s.Charts {
		if at, err := time.Parse(time.RFC3339, d.NotBefore); err == nil {
			later(at)
		}
	}
	return last
}

// chart finds a chart that may be seen.
func (s *Server) chart(id string) (charts.Definition, error) {
	now := s.Now()
	for i := range s.Charts {
		if d := &s.Charts[i]; d.ID == id && !d.Embargoed(now) {
			return *d, nil
		}
	}
	return charts.Definition{}, notFound("see /charts for those there are", "there is no chart %q", id)
}

// fileOf finds the chart and the format that a file's name names.
func (s *Server) fileOf(name string) (charts.Definition, charts.Format, error) {
	f, err := charts.FormatOf(name)
	id, cut := strings.CutSuffix(name, "."+f.Ending)
	if err != nil || !cut {
		return charts.Definition{}, f, notFound("see /charts for the files of a chart", "%q is no file of a chart", name)
	}
	d, err := s.chart(id)
	return d, f, err
}

// chartParameters are those that a chart's files take.
var chartParameters = []string{"region", "benchmark", "lang", "as_of", "bom"}

// ofChart leaves out what the definition says anyway, so that both ways of asking
// share an answer.
func ofChart(d charts.Definition, a asked) asked {
	if a.region == d.Region {
		a.region = ""
	}
	if a.benchmark == d.Benchmark {
		a.benchmark = ""
	}
	return a
}

// resolve fills a chart in from a release, as of the day that was asked for.
func resolve(ctx context.Context, r *live.Release, d charts.Definition, a asked) (*charts.Chart, error) {
	params := charts.Params{Region: a.region, Benchmark: a.benchmark, Language: a.lang, Release: r.ID, AsOf: a.asOf}
	if a.asOf == "" {
		return charts.Resolve(ctx, r, d, params)
	}
	day, err := r.AsOf(ctx, a.asOf)
	if err != nil {
		return nil, err
	}
	defer day.Done()
	return charts.Resolve(ctx, day, d, params)
}

// chartAnswer is a file of a chart.
func (s *Server) chartAnswer(ctx context.Context, r *live.Release, d charts.Definition, f charts.Format, a asked) (*answer, error) {
	a = ofChart(d, a)
	a.mark = a.mark && f.Ending == "csv"
	return s.cache.get(ctx, question{release: r.View(), route: "chart", subject: d.ID + "." + f.Ending, asked: a}, func(ctx context.Context) (*answer, error) {
		defer s.meters.making("chart")()
		c, err := resolve(ctx, r, d, a)
		if err != nil {
			return nil, err
		}
		body, err := f.File(ctx, s.renderer, c)
		if err != nil {
			return nil, err
		}
		if a.mark {
			body = append([]byte("\ufeff"), body...)
		}
		return newAnswer(body, f.MediaType, s.since(r))
	})
}

// chartFile answers /charts/{file} from the live release, and from a kept one below /v/.
func (s *Server) chartFile(w http.ResponseWriter, r *http.Request) {
	d, f, err := s.fileOf(r.PathValue("file"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.sendChart(w, r, d, f)
}

// sendChart answers with a file of a chart.
func (s *Server) sendChart(w http.ResponseWriter, r *http.Request, d charts.Definition, f charts.Format) {
	a, err := s.asks(r, chartParameters...)
	if err == nil && a.mark && f.Ending != "csv" {
		err = fault.New(fault.Usage, "", "leave bom out", "a byte order mark is for .csv")
	}
	var download bool
	if err == nil {
		download, err = onOff("download", r.URL.Query().Get("download"))
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	release, keep, err := s.releaseOf(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer release.Done()
	out, err := s.chartAnswer(r.Context(), release, d, f, a)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("X-Release", release.ID)
	if download {
		name := d.ID
		if a.region != "" {
			name += "-" + a.region
		}
		h.Set("Content-Disposition", `attachment; filename="`+name+"."+f.Ending+`"`)
	}
	if strings.HasPrefix(f.MediaType, "image/svg") {
		// A picture is also a document when it is opened by itself: it may load and run nothing.
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	}
	send(w, r, out, keep)
}

// releaseOf takes the release that an address names, or else the live one, with how
// long its answers may be kept.
func (s *Server) releaseOf(r *http.Request) (*live.Release, string, error) {
	if name := r.PathValue("release"); name != "" {
		release, err := s.shelf.Kept(r.Context(), name)
		if err != nil && fault.KindOf(err) == fault.Usage {
			err = notFound("see /releases.json for those that are", "the release %q is not kept here", name)
		}
		if err == nil && !release.Whole() {
			return release, forNow, nil // more of it may be seen later
		}
		return release, forEver, err
	}
	release, err := s.shelf.Live()
	return release, forNow, err
}
