//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"citystats/charts"
	"citystats/internal/fault"
	"citystats/pipeline/warehouse"
	"citystats/serve"
	"citystats/sources"
)

// served is what serve was asked for.
type served struct {
	addr, base string
	cacheMB    int
	readers    int
	perMinute  int
	proxied    bool
}

func (a *app) serveCommand() *cobra.Command {
	var o served
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve pages, charts, feeds and files over HTTP",
		Long: `Serves the live release: pages for people, the files of every chart, feeds for
newsrooms, the database itself. The state folder is only read; a release that is
published meanwhile is taken over within a second, without dropping a request.

Each number on a page leads to where it comes from, as citystats explain says it; the
archive in the state folder is read for that.

--base-url is the address at which readers reach the server; feeds, previews and
embedded charts name it. Behind a proxy that ends TLS give --behind-proxy, so that
the limit on requests counts readers and not the proxy.

/healthz says that the program runs, /readyz that a release is open, /metrics counts
for Prometheus, /openapi.json describes what programs may ask.`,
		Example: `  citystats serve
  citystats serve --addr 127.0.0.1:9000 --base-url https://stats.example.org --behind-proxy
  citystats serve --addr 127.0.0.1:0 --log-level info --log-format json`,
		Args:        cobra.NoArgs,
		Annotations: map[string]string{"formats": "table"},
		RunE:        func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.addr, "addr", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	f.StringVar(&o.base, "base-url", "", "address at which readers reach the server; http:// and the address it listens on when left out")
	f.IntVar(&o.cacheMB, "cache", 256, "megabytes of memory for finished answers")
	f.IntVar(&o.readers, "readers", runtime.GOMAXPROCS(0), "questions asked of the release at once")
	f.IntVar(&o.perMinute, "rate", 1200, "requests a client may make in a minute; 0 for any number")
	f.BoolVar(&o.proxied, "behind-proxy", false, "the client's address is in the headers that the proxy writes")
	return cmd
}

func (a *app) serve(ctx context.Context, o served) error {
	catalog, set, err := a.definitions()
	if err != nil {
		return err
	}
	defs, err := charts.Load(catalog)
	if err != nil {
		return err
	}
	all, err := sources.All(catalog, os.Getenv)
	if err != nil {
		return err
	}
	log, err := a.log()
	if err != nil {
		return err
	}
	if o.cacheMB < 1 || o.readers < 1 || o.perMinute < 0 {
		return fault.New(fault.Usage, "", "see citystats serve --help", "--cache and --readers are at least 1, --rate at least 0")
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return fault.Wrap(fault.Usage, err, o.addr, "name another address with --addr", "the server cannot listen")
	}
	defer l.Close() //nolint:errcheck // the server has closed it unless it never began
	if o.base == "" {
		o.base = "http://" + l.Addr().String()
	}
	s, err := serve.New(serve.Config{
		State: a.state, Catalog: catalog, Queries: set, Charts: defs, Sources: all, Base: o.base, Version: version(), Now: time.Now, Log: log,
		Limits: warehouse.Limits{MemoryMB: 256, Threads: 1}, Readers: o.readers, Pictures: runtime.GOMAXPROCS(0), Compiled: compiled(),
		CacheMB: o.cacheMB, PerMinute: o.perMinute, Proxied: o.proxied,
	})
	if err != nil {
		return err
	}
	defer s.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the process ends
	if err := s.Refresh(ctx); err != nil {
		fmt.Fprintln(a.err, "nothing can be served yet: "+err.Error())
		log.Error("no release is open", zap.Error(err))
	}
	fmt.Fprintf(a.out, "listening on http://%s\n", l.Addr())
	return s.Serve(ctx, l)
}

// compiled is the folder that keeps the compiled rasteriser where the machine has a
// place for that.
func compiled() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "citystats")
}
