package transport

import (
	"io"
	"net/http"
	"sync"
)

// Traffic is what a client has received, in bytes as the source reads them.
type Traffic struct {
	Received int64 // of all answers so far
	Open     int64 // of those under way
	Length   int64 // how long those under way will be; -1 when that is not known of each
}

// counted reports what comes in. Innermost, it sees every attempt, also those
// that are given up, and nothing that did not come from the publisher.
type counted struct {
	next   http.RoundTripper
	report func(Traffic)

	mu       sync.Mutex
	received int64
	open     map[*countedBody]bool
}

func newCounted(next http.RoundTripper, report func(Traffic)) *counted {
	return &counted{next: next, report: report, open: map[*countedBody]bool{}}
}

// RoundTrip begins to count an answer.
func (t *counted) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	b := &countedBody{ReadCloser: resp.Body, all: t, length: resp.ContentLength}
	t.change(func() { t.open[b] = true })
	resp.Body = b
	return resp, nil
}

// change makes a change and reports what it came to. One report is over before
// the next begins, so they arrive in order.
func (t *counted) change(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
	now := Traffic{Received: t.received}
	known := true
	for b := range t.open {
		now.Open += b.read
		now.Length += b.length
		known = known && b.length >= 0
	}
	if !known {
		now.Length = -1
	}
	t.report(now)
}

type countedBody struct {
	io.ReadCloser
	all    *counted
	length int64 // -1 when not known
	read   int64
}

// Read counts. A body is done at its end, whether or not it is closed then.
func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.all.change(func() {
		b.read += int64(n)
		b.all.received += int64(n)
		if err != nil {
			delete(b.all.open, b)
		}
	})
	return n, err
}

// Close ends the counting of a body that was given up.
func (b *countedBody) Close() error {
	b.all.change(func() { delete(b.all.open, b) })
	return b.ReadCloser.Close()
}
