package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"citystats/internal/fault"
)

// errSlow is the cause timed cancels an attempt with.
var errSlow = errors.New("time limit reached")

// timed limits one attempt from sending to the last byte of the body.
type timed struct {
	next  http.RoundTripper
	limit time.Duration
}

// RoundTrip cancels the attempt when its time is up, whatever it is doing then.
func (t *timed) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(req.Context(), t.limit, errSlow)
	resp, err := t.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		defer cancel()
		return nil, slowOr(ctx, err)
	}
	resp.Body = &timedBody{onClose(resp.Body, cancel), ctx}
	return resp, nil
}

// slowOr names our own limit, where net/http only says that a deadline passed.
func slowOr(ctx context.Context, err error) error {
	if context.Cause(ctx) == errSlow { //nolint:errorlint // identity: this very context timed out
		return errSlow
	}
	return err
}

// timedBody holds the attempt's context because the attempt is not over before
// its body is read.
type timedBody struct {
	io.ReadCloser
	ctx context.Context //nolint:containedctx // see above
}

// Read names the time limit when it struck.
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = slowOr(b.ctx, err)
	}
	return n, err
}

// sized limits bodies as the source will read them, after decompression.
type sized struct {
	next  http.RoundTripper
	limit int64
}

// RoundTrip refuses at once what is announced as too big, and an encoding
// that net/http has not undone, because nobody asked for it.
func (t *sized) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	where := req.URL.Redacted()
	if encoding := resp.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		_ = resp.Body.Close()
		return nil, fault.New(fault.Upstream, where, "", "the answer is encoded as %q, which was not asked for", encoding)
	}
	if resp.ContentLength > t.limit && req.Method != http.MethodHead {
		_ = resp.Body.Close()
		return nil, tooBig(where, t.limit)
	}
	resp.Body = &sizedBody{resp.Body, where, t.limit, t.limit}
	return resp, nil
}

func tooBig(where string, limit int64) error {
	return fault.New(fault.Upstream, where, "look at the address, then raise the source's limit if this is right",
		"the answer is larger than %d bytes", limit)
}

type sizedBody struct {
	io.ReadCloser
	where       string
	limit, left int64
}

// Read fails at the first byte over the limit; an exact fit is fine.
func (b *sizedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, tooBig(b.where, b.limit)
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, tooBig(b.where, b.limit)
	}
	return n, err
}

// onClose calls f once, after the body is closed.
func onClose(body io.ReadCloser, f func()) io.ReadCloser {
	return &closer{body, sync.OnceFunc(f)}
}

type closer struct {
	io.ReadCloser
	after func()
}

// Close closes the body and then does what was waiting for that.
func (c *closer) Close() error {
	defer c.after()
	return c.ReadCloser.Close()
}
