//go:build duckdb_arrow

package serve

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"citystats/charts"
	"citystats/internal/fault"
)

// endpoint is an address for machines, as /openapi.json describes it.
type endpoint struct {
	path, id, summary string
	media             []string
	parameters        []string // of the path and the query
	answer            http.HandlerFunc
}

// parameters are all that endpoints take.
var parameters = map[string]*huma.Param{
	"file":      {Name: "file", In: "path", Required: true, Description: "Name of a chart and the ending of a file, as income.csv", Schema: &huma.Schema{Type: "string"}, Example: "income.csv"},
	"release":   {Name: "release", In: "path", Required: true, Description: "Name of a release that is kept, see /releases.json", Schema: &huma.Schema{Type: "string"}},
	"region":    {Name: "region", In: "query", Description: "Region by code or name, English or Chinese; the chart's own when left out", Schema: &huma.Schema{Type: "string"}, Example: "hefei"},
	"benchmark": {Name: "benchmark", In: "query", Description: "Benchmark by id or name; the chart's own when left out", Schema: &huma.Schema{Type: "string"}, Example: "national_urban"},
	"lang":      {Name: "lang", In: "query", Description: "Language", Schema: &huma.Schema{Type: "string", Enum: []any{"en", "zh", "both"}, Default: "en"}},
	"as_of":     {Name: "as_of", In: "query", Description: "Answer as one would have read it on this day", Schema: &huma.Schema{Type: "string", Format: "date"}},
	"bom":       {Name: "bom", In: "query", Description: "1 begins a CSV with a byte order mark, for Excel", Schema: &huma.Schema{Type: "string", Enum: []any{"0", "1"}}},
	"download":  {Name: "download", In: "query", Description: "1 makes browsers save the file", Schema: &huma.Schema{Type: "string", Enum: []any{"0", "1"}}},
	"url":       {Name: "url", In: "query", Required: true, Description: "Address of a chart's page", Schema: &huma.Schema{Type: "string", Format: "uri"}},
	"format":    {Name: "format", In: "query", Description: "json, the only one there is", Schema: &huma.Schema{Type: "string", Enum: []any{"json"}}},
	"indicator": {Name: "indicator", In: "query", Description: "Indicator by id or name", Schema: &huma.Schema{Type: "string"}, Example: "gdp"},
	"period":    {Name: "period", In: "query", Description: "Period as SDMX writes it, or 2013/2022", Schema: &huma.Schema{Type: "string"}, Example: "2018"},
	"window":    {Name: "window", In: "query", Description: "Window of growth, instead of indicator and period", Schema: &huma.Schema{Type: "string"}, Example: "decade_bridged"},
	"chart":     {Name: "chart", In: "query", Description: "Chart of which a point is asked for", Schema: &huma.Schema{Type: "string"}, Example: "income"},
	"row":       {Name: "row", In: "query", Description: "Row of the chart's CSV: period, region, date or reading", Schema: &huma.Schema{Type: "string"}},
	"column":    {Name: "column", In: "query", Description: "Column of the chart's CSV; that of its number when left out", Schema: &huma.Schema{Type: "string"}},
	"claim":     {Name: "claim", In: "query", Description: "Claim of which the verdict is asked for", Schema: &huma.Schema{Type: "string"}, Example: "growth_above_8"},
	"reading":   {Name: "reading", In: "query", Description: "Reading of the claim; the natural one when left out", Schema: &huma.Schema{Type: "string"}},
	"id":        {Name: "id", In: "query", Description: "Row as explanations name them: DOCUMENT_ID:RECORD or TABLE:KEY:KEY", Schema: &huma.Schema{Type: "string"}, Example: "comparisons:340100:national:gdp:A:2018"},
	"maxwidth":  {Name: "maxwidth", In: "query", Description: "Widest the embedded chart may be", Schema: &huma.Schema{Type: "integer"}},
	"maxheight": {Name: "maxheight", In: "query", Description: "Highest the embedded chart may be", Schema: &huma.Schema{Type: "integer"}},
}

// routes are all addresses: those for machines, which describe themselves, and the
// pages.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	config := huma.DefaultConfig("citystats", s.Version)
	// The page of documentation that the library offers loads its parts from elsewhere.
	config.DocsPath, config.SchemasPath, config.OpenAPIPath, config.CreateHooks = "", "", "", nil
	config.Servers = []*huma.Server{{URL: s.base.String()}}
	config.Info.Description = "Charts, feeds and files of city statistics. Every answer is of one release, named by X-Release; figures have sources, see /sources."
	api := humago.New(mux, config)
	for _, e := range s.endpoints() {
		s.describe(api, e)
	}
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) {
		s.sendJSON(w, r, "openapi", "application/openapi+json", api.OpenAPI())
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { health(w, "ok", http.StatusOK) })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /assets/{file}", s.asset)
	mux.HandleFunc("GET /embed.js", s.hostScript)
	mux.HandleFunc("GET /robots.txt", s.robots)
	mux.HandleFunc("GET /sitemap.xml", s.sitemap)
	s.pages(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, notFound("begin at /", "there is nothing at %s", r.URL.Path))
	})
	return traced(mux)
}

// endpoints are the addresses for machines.
func (s *Server) endpoints() []endpoint {
	of := func(path ...string) []string {
		return append(path, append(slices.Clone(chartParameters), "download")...)
	}
	all := map[string]bool{}
	for _, f := range charts.Formats() {
		all[f.MediaType] = true
	}
	files := slices.Sorted(maps.Keys(all))
	const table, object, feed, database = "text/csv; charset=utf-8", "application/json", "application/atom+xml; charset=utf-8", "application/vnd.duckdb"
	return []endpoint{
		{"/charts/{file}", "chart-file", "A file of a chart: figures, picture, specification, text", files, of("file"), s.chartFile},
		{"/v/{release}/charts/{file}", "frozen-chart-file", "The same from a release that is kept, unchanged for ever", files, of("release", "file"), s.chartFile},
		{"/dw/{file}", "datawrapper", "External data (.csv) and external metadata (.json) of a Datawrapper chart", []string{table, object}, of("file"), s.datawrapper},
		{"/flourish/{file}", "flourish", "A chart's figures for Flourish", []string{table}, of("file"), s.table},
		{"/sheets/{file}", "sheets", "A chart's figures for =IMPORTDATA()", []string{table}, of("file"), s.table},
		{"/oembed", "oembed", "oEmbed of a chart's page", []string{object}, []string{"url", "format", "maxwidth", "maxheight"}, s.oembed},
		{"/revisions.json", "revisions", "Figures that were revised, the last known first", []string{object}, nil, s.revisionsJSON},
		{"/revisions.atom", "revisions-feed", "The same as a feed", []string{feed}, []string{"lang"}, s.revisionsAtom},
		{"/claims.json", "claims", "Changes of a claim's verdict, the last known first", []string{object}, nil, s.claimsJSON},
		{"/claims.atom", "claims-feed", "The same as a feed", []string{feed}, []string{"lang"}, s.claimsAtom},
		{"/explain.json", "explain", "Where a number comes from, as citystats explain --format json says it", []string{object}, explainParameters, s.explainJSON},
		{"/releases.json", "releases", "Releases that are kept, oldest first", []string{object}, nil, s.releases},
		{"/download/citystats.duckdb", "database", "The live release, whole; parts by Range", []string{database}, nil, s.database},
		{"/v/{release}/citystats.duckdb", "frozen-database", "A release that is kept, whole; parts by Range", []string{database}, []string{"release"}, s.database},
	}
}

// describe adds an endpoint to the routes and the description. What is asked is
// understood by the handler, so that mistakes are told in one way everywhere.
func (s *Server) describe(api huma.API, e endpoint) {
	content := map[string]*huma.MediaType{}
	for _, m := range e.media {
		content[m] = &huma.MediaType{}
	}
	wrong := &huma.Response{Description: "What is wrong, and what to do", Content: map[string]*huma.MediaType{
		"application/problem+json": {Schema: huma.SchemaFromType(api.OpenAPI().Components.Schemas, problemType)},
	}}
	op := huma.Operation{
		OperationID: e.id, Method: http.MethodGet, Path: e.path, Summary: e.summary,
		Responses: map[string]*huma.Response{"200": {Description: "The answer", Content: content}, "304": {Description: "What the client has is the answer"}, "default": wrong},
	}
	for _, name := range e.parameters {
		op.Parameters = append(op.Parameters, parameters[name])
	}
	huma.Register(api, op, func(context.Context, *struct{}) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(c huma.Context) {
			r, w := humago.Unwrap(c)
			e.answer(w, r)
		}}, nil
	})
}

// sendJSON answers with a value that changes only with the program.
func (s *Server) sendJSON(w http.ResponseWriter, r *http.Request, route, media string, v any) {
	a, err := s.cache.get(r.Context(), question{route: route}, func(context.Context) (*answer, error) {
		text, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return nil, err
		}
		return newAnswer(append(text, '\n'), media, time.Time{})
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, r, a, forNow)
}

// ready says whether requests can be answered.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	release, err := s.shelf.Live()
	if err != nil {
		health(w, "no release is open", http.StatusServiceUnavailable)
		return
	}
	defer release.Done()
	health(w, "release "+release.ID, http.StatusOK)
}

func health(w http.ResponseWriter, text string, status int) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", notAtAll)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // the client has gone
}

// known makes an answer of the live release that takes no more than a language.
func (s *Server) known(w http.ResponseWriter, r *http.Request, route, media string, a asked, work func(context.Context, *page) ([]byte, error)) {
	release, err := s.shelf.Live()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer release.Done()
	out, err := s.cache.get(r.Context(), question{release: release.View(), embargo: s.embargo(), route: route, asked: a}, func(ctx context.Context) (*answer, error) {
		defer s.meters.making(route)()
		body, err := work(ctx, &page{Server: s, release: release, asked: a})
		if err != nil {
			return nil, err
		}
		return newAnswer(body, media, s.since(release))
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("X-Release", release.ID)
	send(w, r, out, forNow)
}

// inOne reads parameters of an answer that is in one language at a time.
func (s *Server) inOne(r *http.Request, names ...string) (asked, error) {
	a, err := s.asks(r, append(names, "lang")...)
	if err == nil && a.lang == charts.Both {
		err = fault.New(fault.Usage, "", "write en or zh", "only charts are in both languages at once")
	}
	return a, err
}
