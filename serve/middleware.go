//go:build duckdb_arrow

package serve

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/felixge/httpsnoop"
	"github.com/go-chi/httprate"
	"github.com/rs/cors"
	"go.uber.org/zap"
)

// policy is what a page of the site may do: load its own files, and nothing else.
const policy = "default-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors "

// around puts what every request passes around the routes.
func (s *Server) around(routes http.Handler) http.Handler {
	limited := routes
	if s.PerMinute > 0 {
		limited = httprate.LimitBy(s.PerMinute, time.Minute, s.client, httprate.WithLimitHandler(func(w http.ResponseWriter, r *http.Request) {
			s.refuse(w, r, Problem{"about:blank", http.StatusText(http.StatusTooManyRequests), http.StatusTooManyRequests, fmt.Sprintf("more than %d requests in a minute", s.PerMinute), "slow down; files may be kept for five minutes, and those below /v/ for ever", r.URL.Path})
		}))(routes)
	}
	open := cors.New(cors.Options{
		AllowedOrigins: []string{"*"}, AllowedMethods: []string{http.MethodGet, http.MethodHead},
		AllowedHeaders: []string{"If-None-Match", "If-Modified-Since", "Range"}, MaxAge: 86400,
		ExposedHeaders: []string{"Etag", "X-Release", "Content-Disposition", "Content-Range", "Retry-After"},
	})
	inner := open.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodOptions:
			w.Header().Set("Allow", "GET, HEAD, OPTIONS")
			w.WriteHeader(http.StatusNoContent)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD, OPTIONS")
			s.refuse(w, r, Problem{"about:blank", http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed, "nothing here can be changed", "ask with GET", r.URL.Path})
		case strings.HasPrefix(r.URL.Path, "/assets/") || r.URL.Path == "/healthz" || r.URL.Path == "/readyz":
			routes.ServeHTTP(w, r)
		default:
			limited.ServeHTTP(w, r)
		}
	}))
	return s.watched(s.secured(inner))
}

// client is who a request counts for. Of the addresses in X-Forwarded-For only the
// last one is the proxy's word; those before it are what the client claims.
func (s *Server) client(r *http.Request) (string, error) {
	address := r.RemoteAddr
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	if s.Proxied {
		all := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
		if last := strings.TrimSpace(all[len(all)-1]); last != "" {
			address = last
		}
	}
	return httprate.CanonicalizeIP(address), nil
}

// secured sets the headers that every answer has, and turns a panic into a problem.
func (s *Server) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy+"'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if s.base.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		defer func() {
			switch broken := recover(); broken {
			case nil:
			case http.ErrAbortHandler:
				panic(broken)
			default:
				s.Log.Error("panic", zap.String("path", r.URL.Path), zap.String("query", r.URL.RawQuery), zap.Any("panic", broken), zap.ByteString("stack", debug.Stack()))
				s.refuse(w, r, problem(fmt.Errorf("panic: %v", broken), http.StatusInternalServerError, r.URL.Path))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// trace is where a request's route is written down, deep inside, for the log outside.
type trace struct{ pattern string }

type traceKey struct{}

// watched counts and logs requests.
func (s *Server) watched(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := &trace{}
		s.meters.flying.Inc()
		defer s.meters.flying.Dec()
		m := httpsnoop.CaptureMetrics(next, w, r.WithContext(context.WithValue(r.Context(), traceKey{}, t)))
		s.meters.answered(t.pattern, m)
		s.Log.Info("request", zap.String("method", r.Method), zap.String("path", r.URL.Path), zap.String("query", r.URL.RawQuery), zap.Int("status", m.Code),
			zap.Int64("bytes", m.Written), zap.Duration("took", m.Duration), zap.String("client", r.RemoteAddr), zap.String("agent", r.UserAgent()))
	})
}

// traced writes the route down that a request took.
func traced(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r)
		if t, ok := r.Context().Value(traceKey{}).(*trace); ok {
			t.pattern = r.Pattern
		}
	})
}
