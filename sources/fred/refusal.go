package fred

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"citystats/internal/fault"
	"citystats/sources/transport"
)

// refusal is FRED's own word that it will not answer.
type refusal struct {
	Status  int    `json:"error_code" xml:"code,attr"`
	Message string `json:"error_message" xml:"message,attr"`
}

// Error is FRED's sentence with its number.
func (r *refusal) Error() string {
	return fmt.Sprintf("FRED says %d: %s", r.Status, strings.Join(strings.Fields(clip([]byte(r.Message))), " "))
}

// Unwrap gives the status as an error, as for any other publisher.
func (r *refusal) Unwrap() error { return transport.StatusError(r.Status) }

// ofKey says whether it is the key that is refused.
func (r *refusal) ofKey() bool { return strings.Contains(r.Message, "api_key") }

// fault tells the operator what to do about it.
func (r *refusal) fault(where string) error {
	hint := "compare the series in data/source_series.csv with https://fred.stlouisfed.org"
	switch {
	case r.ofKey():
		hint = "check " + KeyVariable + ", or get another key from " + keyAddress
	case r.Status == http.StatusTooManyRequests:
		hint = "try again later: FRED takes 120 questions a minute with one key"
	case r.Status >= http.StatusInternalServerError:
		hint = "try again later"
	}
	return fault.Wrap(fault.Upstream, r, where, hint, "FRED refuses")
}

// final says whether every other question would be refused too.
func final(err error) bool {
	var r *refusal
	var status transport.StatusError
	return errors.As(err, &r) && r.ofKey() || errors.As(err, &status) && status == http.StatusTooManyRequests
}

// worded turns a refusal into an error with FRED's own words, which tell a
// mistyped series from a mistyped key: both are status 400.
type worded struct{ next http.RoundTripper }

// RoundTrip passes on what is no refusal, or one without words.
func (t *worded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil || resp.StatusCode == http.StatusOK {
		return resp, err
	}
	const enough = 16 << 10
	body, err := io.ReadAll(io.LimitReader(resp.Body, enough))
	if err == nil {
		if r := readRefusal(body); r != nil {
			_ = resp.Body.Close() // the words are known, the rest is not wanted
			return nil, r.fault(req.URL.Redacted())
		}
	}
	return resp, nil // the status alone says enough, even of a body that broke off
}

// readRefusal recognises both forms; nil when it is neither.
func readRefusal(body []byte) *refusal {
	body = bytes.TrimSpace(body)
	var document struct {
		XMLName xml.Name `json:"-" xml:"error"`
		refusal
	}
	var err error
	if bytes.HasPrefix(body, []byte("<")) {
		err = xml.Unmarshal(body, &document)
	} else {
		err = json.Unmarshal(body, &document)
	}
	if r := document.refusal; err == nil && r.Message != "" {
		return &r
	}
	return nil
}

// clip cuts text to a readable length, at a character's start.
func clip(text []byte) string {
	const most = 160
	if len(text) <= most {
		return string(text)
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return string(text[:end]) + "…"
}
