package sdmx

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"citystats/internal/fault"
)

// Eurostat prepares large answers in the background. How far it is and the
// result are at these addresses below the service's own, with the number of the
// receipt. No other service is known to do this.
const (
	asyncStatus = "/1.0/async/status/"
	asyncData   = "/1.0/async/data/"
	notYet      = "DATA_NOT_YET_AVAILABLE" // what the second says too early
)

const (
	looks     = 60 // at an answer that is being prepared
	lookPause = 30 * time.Second
)

// receiptNumber is what a number may look like: it becomes part of an address.
var receiptNumber = regexp.MustCompile(`^[0-9A-Za-z-]{8,64}$`)

// wait looks until the answer is there and fetches it. The reply is told as the
// one to the question.
func (f *fetch) wait(ctx context.Context, question, id string) (reply, error) {
	if !receiptNumber.MatchString(id) {
		return reply{}, fault.New(fault.Upstream, question, "open the address in a browser", "the receipt has the number %q, which is none", clip(id))
	}
	for range looks {
		if err := f.config.Sleep(ctx, lookPause); err != nil {
			return reply{}, err
		}
		ready, err := f.ready(ctx, question, id)
		if err != nil {
			return reply{}, err
		}
		if !ready {
			continue
		}
		got, err := f.ask(ctx, f.client, f.config.BaseURL+asyncData+url.PathEscape(id), "")
		got.url = question
		if err == nil && bytes.Contains(got.body[:min(len(got.body), 1000)], []byte(notYet)) {
			continue
		}
		return got, err
	}
	return reply{}, fault.New(fault.Upstream, question, "try again later, or narrow the row in data/sdmx_queries.csv",
		"the answer was still being prepared after %v", looks*lookPause)
}

// ready asks how far the answer is.
func (f *fetch) ready(ctx context.Context, question, id string) (bool, error) {
	got, err := f.ask(ctx, f.client, f.config.BaseURL+asyncStatus+url.PathEscape(id), "")
	if err != nil {
		return false, err
	}
	n, ok := asNotice(recognise(got.body))
	switch {
	case got.status != http.StatusOK:
		return false, got.refused()
	case !ok || n.kind != queued:
		return false, fault.New(fault.Upstream, got.url, "open the address in a browser", "this is not how far an answer is: %q", clip(got.said()))
	case n.code == "AVAILABLE":
		return true, nil
	case n.code == "SUBMITTED" || n.code == "PROCESSING":
		return false, nil
	}
	return false, fault.New(fault.Upstream, question, "try again later", "the answer cannot be prepared: its status is %q", clip(n.code))
}
