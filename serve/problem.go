//go:build duckdb_arrow

package serve

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"go.uber.org/zap"

	"citystats/internal/fault"
)

// Problem is a failure as RFC 9457 has it, with what to do.
type Problem struct {
	Type     string `json:"type" doc:"Kind of problem: always about:blank, the status says it"`
	Title    string `json:"title" doc:"Name of the status"`
	Status   int    `json:"status"`
	Detail   string `json:"detail" doc:"What is wrong"`
	Hint     string `json:"hint,omitempty" doc:"What to do"`
	Instance string `json:"instance" doc:"Path that was asked for"`
}

// statusOf is the HTTP status of a failure, by who must act.
func statusOf(err error) int {
	switch {
	case isMissing(err):
		return http.StatusNotFound
	case errors.Is(err, errBusy), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	}
	switch fault.KindOf(err) {
	case fault.Usage:
		return http.StatusBadRequest
	case fault.Upstream:
		return http.StatusBadGateway
	case fault.Storage, fault.Cancelled:
		return http.StatusServiceUnavailable
	case fault.Internal, fault.Definition, fault.Quality:
	}
	return http.StatusInternalServerError
}

// problem tells a failure to whoever asked. Only their own mistakes are told in
// full: other messages name files and statements, which belong in the log.
func problem(err error, status int, path string) Problem {
	p := Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Instance: path}
	var f *fault.Error
	switch {
	case status < http.StatusInternalServerError && errors.As(err, &f):
		p.Detail, p.Hint = f.What, f.Hint
	case status < http.StatusInternalServerError:
		p.Detail = err.Error()
	case errors.Is(err, errBusy):
		p.Detail, p.Hint = "too many new answers are being made at once", "try again in a few seconds"
	case status == http.StatusServiceUnavailable:
		p.Detail, p.Hint = "nothing can be read at the moment", "try again later"
	default:
		p.Detail = "this is a fault of the program; it stands in the log of the server"
	}
	return p
}

// fail answers with a problem: a page for browsers, JSON for everybody else.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := statusOf(err)
	if status >= http.StatusInternalServerError && r.Context().Err() == nil {
		s.Log.Error("request failed", zap.String("path", r.URL.Path), zap.String("query", r.URL.RawQuery), zap.Error(err))
	}
	s.refuse(w, r, problem(err, status, r.URL.Path))
}

// refuse writes a problem.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, p Problem) {
	h := w.Header()
	for _, name := range []string{"Etag", "Last-Modified", "Content-Encoding", "Content-Disposition", "Content-Language"} {
		h.Del(name)
	}
	h.Set("Cache-Control", notAtAll)
	h.Add("Vary", "Accept")
	if p.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "5")
	}
	body, media := []byte(nil), "application/problem+json"
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		if page, err := s.problemPage(r, p); err == nil {
			body, media = page, "text/html; charset=utf-8"
		}
	}
	if body == nil {
		body, _ = indented(p) // texts and a number
	}
	h.Set("Content-Type", media)
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client has gone
	}
}
