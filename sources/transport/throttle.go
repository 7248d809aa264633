package transport

import (
	"net/http"

	"golang.org/x/time/rate"
)

// throttled holds requests back until the host may be asked. A place is taken
// until the body is closed, for a publisher still sending is still busy with us.
type throttled struct {
	next  http.RoundTripper
	lanes map[string]lane // by host; never changed, so safe to read from anywhere
}

type lane struct {
	limiter *rate.Limiter
	places  chan struct{}
}

func newThrottled(next http.RoundTripper, o Options) *throttled {
	t := &throttled{next, make(map[string]lane, len(o.Hosts))}
	for host := range hostSet(o.Hosts) {
		t.lanes[host] = lane{rate.NewLimiter(o.Rate, 1), make(chan struct{}, o.Concurrency)}
	}
	return t
}

// RoundTrip waits for a place and then for the rate. guarded has let only known
// hosts through.
func (t *throttled) RoundTrip(req *http.Request) (*http.Response, error) {
	l := t.lanes[hostKey(req.URL)]
	select {
	case l.places <- struct{}{}:
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	leave := func() { <-l.places }
	if err := l.limiter.Wait(req.Context()); err != nil {
		leave()
		return nil, err
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		leave()
		return nil, err
	}
	resp.Body = onClose(resp.Body, leave)
	return resp, nil
}
