//go:build duckdb_arrow

// Package serve answers over HTTP: pages for people, charts for newsrooms, feeds for
// machines, all from one published release at a time.
//
// A request goes one way:
//
//	address --asked--> what is wanted --cache--> answer --send--> bytes, or 304
//	                        |                      ^
//	                        +--live.Release--------+
//
// An answer is made once for each release and each different question, packed once,
// and kept by the bytes it takes. Its entity tag is the hash of its content, so what
// did not change from one release to the next is not sent again. Nothing of a
// request is ever part of an answer but what was understood of it, so that two
// spellings of one question share an answer and no unknown parameter fills the cache.
//
// Mistakes of whoever asks are answered with 400 and what to do, what is not there
// with 404, both as RFC 9457 problems; what the operator must look at is a 503
// without any path in it, and stands in the log.
//
// Every figure leads to where it comes from: [explain] asks package provenance over
// the release that is served, as the command does over its file.
//
// A chart under embargo is found by nobody: every way to a chart goes through
// [Server.chart], which reads the clock.
package serve

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"citystats/charts"
	"citystats/charts/render"
	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/warehouse"
	"citystats/serve/live"
	"citystats/sources/source"
	queries "citystats/sql"
	"citystats/transforms/names"
)

// Config is what a server needs.
type Config struct {
	State   string // the state folder, which is only read
	Catalog *data.Catalog
	Queries *queries.Set
	Charts  []charts.Definition
	Sources []source.Source // that documents are read with, to prove figures
	Base    string          // address at which readers reach the server, as https://stats.example.org
	Version string          // of the program
	Now     func() time.Time
	Log     *zap.Logger

	Limits    warehouse.Limits // of each reader
	Readers   int              // readers of a release
	Pictures  int              // pictures drawn at once
	Compiled  string           // folder that keeps the compiled rasteriser; empty keeps nothing
	CacheMB   int              // memory that answers may take
	PerMinute int              // requests a client may make; 0 for any number
	Proxied   bool             // the client's address is in the headers that a proxy writes
	Poll      time.Duration    // how often the state folder is looked at; a quarter of a second when 0
}

// Server answers requests. Close frees what it holds.
type Server struct {
	Config
	base       *url.URL
	regions    *names.Index
	benchmarks *names.Index
	indicators *names.Index
	thousands  map[string]scaled
	shelf      *live.Shelf
	renderer   *render.Renderer
	cache      *cache
	files      assetFiles
	meters     meters
	registry   *prometheus.Registry
	handler    http.Handler
	began      time.Time
}

// New readies a server. It answers 503 until the first Refresh.
func New(c Config) (*Server, error) {
	base, err := url.Parse(strings.TrimSuffix(c.Base, "/"))
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" || base.RawQuery != "" || base.Fragment != "" {
		return nil, fault.New(fault.Usage, "", "write it as https://stats.example.org", "%q is not the address of a site", c.Base)
	}
	if base.Path != "" {
		return nil, fault.New(fault.Usage, "", "give the server a host name of its own", "%q has a path: pages name each other from the root", c.Base)
	}
	files, err := loadAssets()
	if err != nil {
		return nil, err
	}
	renderer, err := render.New(max(c.Pictures, 1), c.Compiled)
	if err != nil {
		return nil, err
	}
	if c.Poll == 0 {
		c.Poll = time.Second / 4
	}
	s := &Server{
		Config: c, base: base, files: files, renderer: renderer, began: c.Now(),
		regions: c.Catalog.RegionIndex(), benchmarks: c.Catalog.BenchmarkIndex(), indicators: c.Catalog.IndicatorIndex(),
		thousands: inThousands(c.Catalog.Units),
		shelf:     live.Open(live.Options{State: c.State, Queries: c.Queries, Catalog: c.Catalog, Now: c.Now, Limits: c.Limits, Readers: max(c.Readers, 1), Kept: 2, Days: 2}),
	}
	s.registry = prometheus.NewRegistry()
	if s.cache, err = newCache(uint64(max(c.CacheMB, 1)) << 20); err != nil {
		return nil, err
	}
	s.meters = newMeters(s.registry, s.cache)
	s.handler = s.around(s.routes())
	return s, nil
}

// Handler answers requests.
func (s *Server) Handler() http.Handler { return s.handler }

// Refresh takes over a release that was published since. The old one goes on
// answering what it has begun, and everything when the new one cannot be opened.
func (s *Server) Refresh(ctx context.Context) error {
	changed, err := s.shelf.Refresh(ctx)
	if err != nil || !changed {
		return err
	}
	r, err := s.shelf.Live()
	if err != nil {
		return err
	}
	defer r.Done()
	s.meters.release(r.ID)
	s.Log.Info("release taken over", zap.String("release", r.ID), zap.Time("created_at", r.CreatedAt))
	return nil
}

// Watch takes over each release within Poll of its being published, until the
// context ends.
func (s *Server) Watch(ctx context.Context) {
	tick := time.NewTicker(s.Poll)
	defer tick.Stop()
	last := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		// What is wrong is told when it begins and not each quarter of a second.
		text := ""
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			text = err.Error()
		}
		if text != "" && text != last {
			s.Log.Error("the published release cannot be opened", zap.String("error", text))
		}
		last = text
	}
}

// Serve answers on a listener until the context ends, and then lets requests under
// way finish.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	const patience = 20 * time.Second
	watched := make(chan struct{})
	watch, stop := context.WithCancel(ctx)
	go func() { defer close(watched); s.Watch(watch) }()
	defer func() { stop(); <-watched }()
	h := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 90 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: zap.NewStdLog(s.Log),
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(l) }()
	select {
	case err := <-ended:
		return fault.Wrap(fault.Storage, err, l.Addr().String(), "", "the server cannot listen")
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := h.Shutdown(grace); err != nil {
		return errors.Join(fault.New(fault.Internal, "", "", "requests were still under way after %s", patience), h.Close())
	}
	return nil
}

// Close frees what the server holds. No request may be under way.
func (s *Server) Close(ctx context.Context) error {
	return errors.Join(s.shelf.Close(), s.renderer.Close(ctx))
}

// address is the full address of a path of the site.
func (s *Server) address(path string) string { return s.base.String() + path }
