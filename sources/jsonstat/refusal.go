package jsonstat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"citystats/sources/transport"
)

// refusal is the publisher's own word that it will not answer, or not now.
type refusal struct {
	status int    // as the body says it, which may be 413 in an answer with 200
	text   string // as written
	err    error  // what else is known, such as where; may be nil
}

// Error is what the publisher says.
func (r *refusal) Error() string {
	said := "no reason is given"
	if r.text != "" {
		said = "the publisher says: " + clip(r.text)
	}
	switch {
	case r.err != nil:
		return r.err.Error() + " (" + said + ")"
	case r.status != 0:
		return strconv.Itoa(r.status) + ": " + said
	}
	return said
}

// Unwrap gives what else is known.
func (r *refusal) Unwrap() error { return r.err }

// refusalIn finds the forms in which publishers refuse: Eurostat's
// {"error":[{"status","id","label"}]} and {"warning":{"status","label"}}, the
// problem+json of PxWeb 2 {"title","status","detail"}, and {"errorTypeCode","message"}.
func refusalIn(parts map[string]jsontext.Value) *refusal {
	if parts["dimension"] != nil {
		return nil
	}
	for _, name := range []string{"error", "warning"} {
		if v := parts[name]; v != nil && v.Kind() != 'n' {
			return labelled(v)
		}
	}
	said := joined(text(parts["title"]), text(parts["detail"]), text(parts["errorTypeCode"]), text(parts["message"]))
	if said == "" || parts["value"] != nil || parts["variables"] != nil {
		return nil
	}
	status, _ := strconv.Atoi(text(parts["status"]))
	return &refusal{status: status, text: said}
}

// labelled reads one or several of {"status","id","label"}. It was read by a
// decoder before, so what it has no place for is another shape and not a fault.
func labelled(v jsontext.Value) *refusal {
	r := &refusal{}
	add := func(v jsontext.Value) {
		if s := text(v); s != "" {
			r.text = joined(r.text, s)
			return
		}
		parts, err := fields(v, "the error")
		if err != nil {
			return
		}
		if n, err := strconv.Atoi(text(parts["status"])); err == nil {
			r.status = n
		}
		r.text = joined(r.text, text(parts["label"]))
	}
	if v.Kind() != '[' {
		add(v)
		return r
	}
	_ = elements(v, "the errors", func(_ int, v jsontext.Value) error { add(v); return nil }) // well-formed, and a list
	return r
}

func joined(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ": ")
}

// tooMuch says whether the publisher wants a smaller question.
func tooMuch(err error, d Dialect) bool {
	var r *refusal
	if !errors.As(err, &r) {
		return false
	}
	return r.status == http.StatusRequestEntityTooLarge || r.status == http.StatusForbidden && (d == PxWeb1 || d == PxWeb2)
}

func refused(err error) bool {
	var r *refusal
	return errors.As(err, &r)
}

// mostSaid is how much of a refusal is read.
const mostSaid = 8 << 10

// ask is transport.Ask, and keeps what the publisher says beside a status that is
// not 200: why it refuses stands in the body.
func ask(client *http.Client, req *http.Request) (transport.Answer, error) {
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	heard := &listener{next: next}
	listening := *client
	listening.Transport = heard
	got, err := transport.Ask(&listening, req)
	var status transport.StatusError
	if errors.As(err, &status) {
		return got, &refusal{status: int(status), text: spoken(heard.said), err: err}
	}
	return got, err
}

// listener notes the beginning of the last answer that is none.
type listener struct {
	next http.RoundTripper
	said []byte
}

// RoundTrip hands the answer on as it is.
func (l *listener) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(req)
	if err != nil || resp.StatusCode < 400 {
		return resp, err
	}
	l.said, _ = io.ReadAll(io.LimitReader(resp.Body, mostSaid)) // what does not come is not said
	rest := resp.Body
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(l.said), rest), rest}
	return resp, nil
}

// spoken is what a refusal's body says, in one line.
func spoken(body []byte) string {
	if v, err := whole(body); err == nil {
		if parts, err := fields(v, "the refusal"); err == nil {
			if r := refusalIn(parts); r != nil {
				return r.text
			}
		}
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(string(body), "?")), " ")
}

// newRequest makes a question; one with a body is marked as harmless to repeat,
// for it only reads.
func newRequest(ctx context.Context, address string, body []byte) (*http.Request, error) {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("request for %q: %w", address, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header["Idempotency-Key"] = nil
	}
	return req, nil
}
