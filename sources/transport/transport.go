// Package transport is how the project talks to publishers: politely, and never
// believing more than it received.
//
// [New] returns an ordinary *http.Client. What it does beyond one is a chain of
// small http.RoundTrippers, each wrapping the next and each in a file of its
// own. From the source inwards:
//
//	explained   every failure becomes one fault of kind Upstream that names the URL
//	recorded    writes down each exchange as a test can play it, without secrets; when asked to
//	identified  the honest User-Agent, whatever the source has set
//	guarded     https, and only the hosts the source declares; each redirect passes here too
//	conditional asks only for what changed since the answer that is kept; when some are kept
//	sparing     leaves a host alone that keeps failing or asked to be left alone
//	retried     waits and asks again while that is likely to help and welcome
//	throttled   requests a second and requests at once, per host
//	timed       a limit on one attempt, to the last byte of its body
//	sized       a limit on the body after decompression; no encoding we did not ask for
//	counted     tells how much has come in; when somebody wants to know
//	net/http    connections, gzip, and a dialer that refuses private addresses
//
// A new behaviour is one more file and one more line in chain; its place in the
// list is its meaning.
//
// The circuit of sparing is failsafe-go's, and its clock the real one: tests
// run in a bubble of fake time (testing/synctest).
//
// Retrying is thirty lines here and not failsafehttp, which answers a different
// question. It leaves the bodies of given-up answers open, which would keep our
// slot at the host for ever; to stay within its time budget it shortens the wait,
// which means calling earlier than Retry-After asked; and it has one number of
// tries for all failures, where a machine without a network should give up in
// seconds and a busy server deserves patience.
//
// Retry-After as a date is read against the answer's own Date header: the wait
// is what the publisher meant even if our clocks differ, and no clock is needed.
//
// A body that ends early is an error from Read, never a short body: HTTP frames
// (Content-Length, chunks, gzip's checksum) say where the end is. The exception
// is HTTP/1.0 without a length, where the end of the connection is the end of
// the body and only the decoder can tell.
package transport

import (
	"context"
	"net"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

// Options say how to behave towards the hosts of one source. The zero value of
// every field but UserAgent is a polite default.
type Options struct {
	// UserAgent names the software, its version and a contact, as in
	// "citystats/1.2 (+https://example.org/contact)". New panics without one:
	// publishers must be able to reach whoever runs this.
	UserAgent string
	// Hosts are the only ones that may be called, with a port unless it is the
	// scheme's own: source.Info.Hosts. With none, every request is refused.
	Hosts []string
	// AllowLocal lifts the demand for https and public addresses, for tests.
	AllowLocal bool

	Rate        rate.Limit    // requests a second to one host; 0 means 1
	Concurrency int           // requests at once to one host; 0 means 2
	Timeout     time.Duration // for one attempt, to the last byte; 0 means 2 minutes
	MaxBody     int64         // bytes of one decompressed body; 0 means 256 MiB
	Attempts    int           // tries of one request; 0 means 5
	Backoff     time.Duration // before the second try, then doubling; 0 means 1 second
	// MaxWait bounds the pauses of one request together, so also the longest
	// Retry-After that is heeded: when more is asked for the answer is handed
	// out as it is, since calling earlier than asked is not an option. 0 means
	// 2 minutes.
	MaxWait  time.Duration
	Failures int           // questions in a row whose failure makes us leave a host alone; 0 means 5
	Pause    time.Duration // for how long; 0 means 5 minutes

	Kept    Kept                        // earlier answers; nil means that everything is asked for in full
	Record  func(exchange []byte) error // takes each exchange in the form of sourcetest.Replay; nil means nobody does
	Traffic func(Traffic)               // is told what has come in; must be quick; may be nil

	// Sleep pauses between tries and returns early with ctx's error; nil means
	// real time.
	Sleep func(ctx context.Context, d time.Duration) error
}

// New makes a client that behaves as o says towards the hosts o names. It is
// safe for concurrent use; limits hold for one client, so sources that share a
// host should share the client. CloseIdleConnections frees its connections.
func New(o Options) *http.Client {
	if o.UserAgent == "" {
		panic("transport: Options.UserAgent is empty")
	}
	o = o.withDefaults()
	base := connections(o)
	return &http.Client{Transport: &client{chain(o, base), base.CloseIdleConnections}}
}

func (o Options) withDefaults() Options {
	o.Rate = orDefault(o.Rate, 1)
	o.Concurrency = orDefault(o.Concurrency, 2)
	o.Timeout = orDefault(o.Timeout, 2*time.Minute)
	o.MaxBody = orDefault(o.MaxBody, 256<<20)
	o.Attempts = orDefault(o.Attempts, 5)
	o.Backoff = orDefault(o.Backoff, time.Second)
	o.MaxWait = orDefault(o.MaxWait, 2*time.Minute)
	o.Failures = orDefault(o.Failures, 5)
	o.Pause = orDefault(o.Pause, 5*time.Minute)
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return o
}

func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// chain puts the layers around base; see the package comment for the order.
func chain(o Options, base http.RoundTripper) http.RoundTripper {
	rt := base
	if o.Traffic != nil {
		rt = newCounted(rt, o.Traffic)
	}
	rt = &sized{rt, o.MaxBody}
	rt = &timed{rt, o.Timeout}
	rt = newThrottled(rt, o)
	rt = &retried{rt, o.Attempts, unreachableTries(o), o.Backoff, o.MaxWait, o.Sleep}
	rt = newSparing(rt, o)
	if o.Kept != nil {
		rt = &conditional{rt, o.Kept}
	}
	rt = &guarded{rt, hostSet(o.Hosts), o.AllowLocal}
	rt = &identified{rt, o.UserAgent}
	if o.Record != nil {
		rt = &recorded{rt, o.Record}
	}
	return &explained{rt, o.Timeout}
}

// connections is the innermost transport. Its gzip is the transparent one, so
// bodies reach the size limit decompressed.
func connections(o Options) *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            newDialer(o).DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    10 * time.Second,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConnsPerHost:    o.Concurrency,
		MaxResponseHeaderBytes: 1 << 20,
	}
}

// client lets http.Client.CloseIdleConnections through the chain.
type client struct {
	http.RoundTripper
	closeIdle func()
}

// CloseIdleConnections is called by the method of the same name of http.Client.
func (c *client) CloseIdleConnections() { c.closeIdle() }

// identified says who is asking.
type identified struct {
	next      http.RoundTripper
	userAgent string
}

// RoundTrip sets the User-Agent. It also takes away any Accept-Encoding, because
// net/http only undoes the compression it asked for itself.
func (t *identified) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", t.userAgent)
	req.Header.Del("Accept-Encoding")
	return t.next.RoundTrip(req)
}

// sleep waits in real time.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// dialTimeout is short, for a host that does not even take the connection is
// not going to be there at the second try either.
const dialTimeout = 10 * time.Second

func newDialer(o Options) *dialer {
	plain := &net.Dialer{Timeout: dialTimeout}
	checked := &net.Dialer{Timeout: dialTimeout, Control: refusePrivate}
	if o.AllowLocal {
		checked = plain
	}
	return &dialer{checked: checked, plain: plain, hosts: hostSet(o.Hosts)}
}
