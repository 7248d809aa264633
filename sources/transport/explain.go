package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"citystats/internal/fault"
)

// explained turns whatever went wrong on the way or within the body into one
// fault of kind Upstream that a person can act on. Being outermost it sees all.
type explained struct {
	next  http.RoundTripper
	limit time.Duration // of one attempt, for the text
}

// RoundTrip passes answers on and explains failures.
func (t *explained) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, t.explain(req, err)
	}
	resp.Body = &explainedBody{resp.Body, func(err error) error { return t.explain(req, err) }}
	return resp, nil
}

type explainedBody struct {
	io.ReadCloser
	explain func(error) error
}

// Read explains every end but the proper one.
func (b *explainedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == nil || err == io.EOF {
		return n, err
	}
	return n, b.explain(err)
}

// explain leaves a cancel a cancel and what has a kind its kind.
func (t *explained) explain(req *http.Request, err error) error {
	if ctxErr := req.Context().Err(); errors.Is(ctxErr, context.Canceled) {
		return fmt.Errorf("%s: %w", req.URL.Redacted(), ctxErr)
	}
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	what, hint := t.describe(err)
	return fault.Wrap(fault.Upstream, err, req.URL.Redacted(), hint, what)
}

func (t *explained) describe(err error) (what, hint string) {
	var cert *tls.CertificateVerificationError
	var name *net.DNSError
	switch {
	case errors.Is(err, errSlow):
		return fmt.Sprintf("no complete answer within %s", t.limit), "try again later"
	case errors.As(err, &cert):
		return "the host's certificate is not trusted", "check this machine's clock and its root certificates"
	case errors.As(err, &name):
		return "the host's name cannot be resolved", "check this machine's network and its name server"
	case Unreachable(err):
		return "no connection to the host", "check this machine's network, then try again later"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the answer was cut short", "try again later"
	}
	return "no usable answer", "try again later"
}
