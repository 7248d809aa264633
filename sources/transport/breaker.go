package transport

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"citystats/internal/fault"
)

// sparing leaves a host alone that keeps failing, and one that asked for more
// patience than a request has. What counts is a question's end after all its
// tries: no answer, a failure of theirs (5xx) or "too many requests". Any other
// answer shows that the host is well, also one we refuse, and also one whose body
// breaks off later: that is the next question's chance to find out.
type sparing struct {
	next    http.RoundTripper
	maxWait time.Duration
	hosts   map[string]*circuit // never changed, so safe to read from anywhere
}

func newSparing(next http.RoundTripper, o Options) *sparing {
	t := &sparing{next, o.MaxWait, make(map[string]*circuit, len(o.Hosts))}
	for host := range hostSet(o.Hosts) {
		t.hosts[host] = newCircuit(host, o)
	}
	return t
}

// RoundTrip asks when the circuit lets it and tells the circuit what came of it.
func (t *sparing) RoundTrip(req *http.Request) (*http.Response, error) {
	c := t.hosts[hostKey(req.URL)]
	b, err := c.enter(req)
	if err != nil {
		return nil, err
	}
	resp, err := t.next.RoundTrip(req)
	switch {
	case req.Context().Err() != nil:
		giveUp(b)
	case failing(resp, err):
		b.RecordFailure()
		if asked := retryAfter(resp); asked > t.maxWait {
			c.hold(asked)
		}
	default:
		b.RecordSuccess()
	}
	return resp, err
}

// giveUp tells a circuit of a question that somebody stopped, which says nothing
// about the host. Half open, where one question is let through to find out, that
// one must be accounted for, or no other would ever be.
func giveUp(b circuitbreaker.CircuitBreaker[any]) {
	if b.IsHalfOpen() {
		b.RecordFailure()
	}
}

// failing says whether a question ended in a way that others would, too.
func failing(resp *http.Response, err error) bool {
	if err != nil {
		return fault.KindOf(err) != fault.Upstream // which is our refusal of an answer that came
	}
	return resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusTooManyRequests
}

// circuit is the state of one host.
type circuit struct {
	host     string
	failures int
	pause    time.Duration

	mu      sync.Mutex
	breaker circuitbreaker.CircuitBreaker[any]
	why     string // it is open
}

func newCircuit(host string, o Options) *circuit {
	c := &circuit{host: host, failures: o.Failures, pause: o.Pause}
	c.breaker, c.why = c.closed(c.pause), fmt.Sprintf("it failed %d times in a row", c.failures)
	return c
}

// closed is a circuit that opens after so many failures in a row, lets one
// question through after the pause, and closes when that succeeds.
func (c *circuit) closed(pause time.Duration) circuitbreaker.CircuitBreaker[any] {
	return circuitbreaker.NewBuilder[any]().WithFailureThreshold(uint(c.failures)).WithSuccessThreshold(1).WithDelay(pause).Build()
}

// hold opens the circuit for as long as the host asked.
func (c *circuit) hold(pause time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.breaker, c.why = c.closed(pause), "it asked to be left alone"
	c.breaker.Open()
}

// enter gives the breaker to report to, or says why the host is not asked.
func (c *circuit) enter(req *http.Request) (circuitbreaker.CircuitBreaker[any], error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.breaker.TryAcquirePermit() {
		return c.breaker, nil
	}
	hint := "it may be asked again once the question that is under way is answered"
	if left := c.breaker.RemainingDelay(); left > 0 {
		hint = "it may be asked again in " + (left + time.Second - 1).Truncate(time.Second).String()
	}
	closeBody(req)
	return nil, &fault.Error{
		Kind: fault.Upstream, Where: req.URL.Redacted(), Hint: hint, Err: circuitbreaker.ErrOpen,
		What: "the host " + c.host + " is not asked, because " + c.why,
	}
}
