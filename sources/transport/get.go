package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"citystats/internal/fault"
)

// Answer is one complete answer with status 200.
type Answer struct {
	URL       string // as asked
	MediaType string // as declared, lower case, without parameters; may be empty
	Header    http.Header
	Body      []byte
}

// StatusError is the cause of an error from [Get] when the publisher did answer, but
// not with 200.
type StatusError int

// Error is the status as HTTP spells it.
func (s StatusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("HTTP %d %s", int(s), http.StatusText(int(s))))
}

// Get asks a plain question and reads the whole answer. Errors are of kind
// Upstream, with a [StatusError] in the chain when there was one, unless ctx was
// cancelled.
func Get(ctx context.Context, c *http.Client, address string) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return Answer{}, fmt.Errorf("request for %q: %w", address, err)
	}
	return Ask(c, req)
}

// Ask sends a question that needs more than an address (a body, an Accept
// header) and is like [Get] otherwise. A question with a body is asked again after
// a passing failure only when it is marked as harmless to repeat, as net/http has
// it: req.Header["Idempotency-Key"] = nil, which is not sent.
func Ask(c *http.Client, req *http.Request) (Answer, error) {
	address := req.URL.Redacted()
	resp, err := c.Do(req)
	if err != nil {
		return Answer{}, plain(address, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Answer{}, statusFault(address, resp)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return Answer{}, plain(address, err)
	}
	return Answer{address, mediaType(resp.Header.Get("Content-Type")), resp.Header, body}, nil
}

// plain takes off the *url.Error that http.Client puts around everything: what
// is inside names the URL already. What http.Client found out itself (too many
// redirects) has no kind yet.
func plain(address string, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Upstream, err, address, "try again later", "no usable answer")
}

func statusFault(address string, resp *http.Response) error {
	hint := "open the address in a browser to see what the publisher says"
	if busy(resp.StatusCode) {
		hint = "try again later"
	}
	if asked := resp.Header.Get("Retry-After"); asked != "" {
		hint = "try again later: the publisher asks to wait (Retry-After: " + asked + ")"
	}
	return fault.Wrap(fault.Upstream, StatusError(resp.StatusCode), address, hint, "the publisher refused")
}

func mediaType(header string) string {
	name, _, _ := strings.Cut(header, ";") // parameters are often malformed; the name matters
	if parsed, _, err := mime.ParseMediaType(header); err == nil {
		name = parsed
	}
	return strings.ToLower(strings.TrimSpace(name))
}
