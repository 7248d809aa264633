package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"golang.org/x/time/rate"

	"citystats/internal/fault"
)

// unreachableAttempts is how often a host is tried that cannot be reached at
// all: enough for a hiccup, few enough that a run without a network ends in seconds.
const unreachableAttempts = 3

// unreachableTries is fewer for a host that is asked so seldom that the pace alone
// would make a run without a network wait for minutes.
func unreachableTries(o Options) int {
	if o.Rate < slowRate {
		return 1
	}
	return min(unreachableAttempts, o.Attempts)
}

// slowRate is one question in ten seconds.
const slowRate = rate.Limit(0.1)

// retried asks again when the failure looks passing.
type retried struct {
	next     http.RoundTripper
	attempts int
	// unreachable is attempts for a host that cannot be reached.
	unreachable int
	backoff     time.Duration
	maxWait     time.Duration
	sleep       func(context.Context, time.Duration) error
}

// RoundTrip returns the last answer or error. A request with a body is sent once,
// since it might do something twice, unless whoever made it says that it may be
// repeated: see Ask.
func (t *retried) RoundTrip(req *http.Request) (*http.Response, error) {
	var waited time.Duration
	for attempt := 1; ; attempt++ {
		resp, err := t.next.RoundTrip(req)
		if attempt >= t.worth(req, resp, err) {
			return resp, err
		}
		wait := max(t.pause(attempt), retryAfter(resp))
		if waited += wait; waited > t.maxWait {
			return resp, err
		}
		discard(resp)
		if err := t.sleep(req.Context(), wait); err != nil {
			return nil, err
		}
		if req, err = again(req); err != nil {
			return nil, err
		}
	}
}

// worth is how many attempts in all this outcome deserves.
func (t *retried) worth(req *http.Request, resp *http.Response, err error) int {
	switch {
	case !repeatable(req) || req.Context().Err() != nil:
		return 1
	case err == nil && !busy(resp.StatusCode):
		return 1
	case Unreachable(err) && !hopeless(err):
		return t.unreachable
	case hopeless(err):
		return 1
	}
	return t.attempts
}

func repeatable(req *http.Request) bool {
	if req.Body == nil || req.Body == http.NoBody {
		return true
	}
	_, marked := req.Header["Idempotency-Key"]
	return marked && req.GetBody != nil
}

// again readies a request for being sent once more: its body has been read.
func again(req *http.Request) (*http.Request, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	req.Body = body
	return req, nil
}

// busy says whether a status means "not now" rather than "no".
func busy(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// hopeless says whether err will be the same next time: a refusal of our own or
// a certificate nobody vouches for.
func hopeless(err error) bool {
	var cert *tls.CertificateVerificationError
	return fault.KindOf(err) == fault.Upstream || errors.As(err, &cert)
}

// Unreachable says whether err means that no connection came about (no network,
// no such name, nobody listening, or a host that failed so often that it is left
// alone for a while), so that other questions to the same host would fail alike.
func Unreachable(err error) bool {
	var name *net.DNSError
	var op *net.OpError
	return errors.As(err, &name) || errors.As(err, &op) && op.Op == "dial" || errors.Is(err, circuitbreaker.ErrOpen)
}

// pause is the wait after a failed attempt: doubling, and somewhere in its upper
// half so that many clients do not come back together.
func (t *retried) pause(attempt int) time.Duration {
	full := t.backoff << min(attempt-1, 16)
	return full/2 + rand.N(full/2+1)
}

// retryAfter is how long the publisher asks us to stay away; 0 when it does not
// say or cannot be understood.
func retryAfter(resp *http.Response) time.Duration {
	if resp == nil {
		return 0
	}
	asked := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(asked, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(asked)
	if err != nil {
		return 0
	}
	from, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0
	}
	return until.Sub(from)
}

// discard gives an answer up. A little of it is read so that the connection can
// be used again.
func discard(resp *http.Response) {
	if resp == nil {
		return
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // nobody wants this body, nor why it failed
	_ = resp.Body.Close()
}
