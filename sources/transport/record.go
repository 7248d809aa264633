package transport

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"citystats/internal/fault"
)

// Redacted stands where a secret was in what is recorded. A test that plays a
// recording gives its source this as the key.
const Redacted = "REDACTED"

// Folder is where exchanges are recorded, one file each, in the form that
// sourcetest.Replay plays: 0001.http and so on, in the order they ended. It is
// made when there is something to put in it.
func Folder(dir string) func(exchange []byte) error {
	var mu sync.Mutex
	n := 0
	return func(exchange []byte) error {
		mu.Lock()
		defer mu.Unlock()
		n++
		path := filepath.Join(dir, fmt.Sprintf("%04d.http", n))
		err := os.MkdirAll(dir, 0o755)
		if err == nil {
			err = os.WriteFile(path, exchange, 0o644)
		}
		return fault.Wrap(fault.Storage, err, path, "make the folder writable, or record elsewhere", "the exchange cannot be recorded")
	}
}

// recorded hands on a copy of every exchange as the source sees it: after all
// tries, decompressed, without secrets. What was not answered to the end is no
// exchange.
type recorded struct {
	next   http.RoundTripper
	record func(exchange []byte) error
}

// RoundTrip reads the answer to its end before anybody else does.
func (t *recorded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // what matters was read
	if err != nil {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err}))
		return resp, nil //nolint:nilerr // the reader of the body meets the error where it happened
	}
	if err := t.record(exchange(req, resp, body)); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// broken is the rest of a body that broke off.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// exchange writes a question and its answer as sourcetest.Replay reads them. The
// question's own body is no part of that form.
func exchange(req *http.Request, resp *http.Response, body []byte) []byte {
	hide := redaction(req)
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s\n\n%d\n", req.Method, recordedURI(req.URL), resp.StatusCode)
	header := resp.Header.Clone()
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "") // or the one who plays it would guess
	}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if connectionHeader(name) || name == "Date" || secret(name) {
			continue
		}
		for _, value := range header[name] {
			if name == "Location" {
				value = local(req.URL, value)
			}
			fmt.Fprintf(&out, "%s: %s\n", name, hide.Replace(value))
		}
	}
	out.WriteString("\n")
	_, _ = hide.WriteString(&out, string(body)) // into memory: cannot fail
	out.WriteString("\n")
	return out.Bytes()
}

// recordedURI is path and query as sent, with secrets hidden.
func recordedURI(u *url.URL) string {
	clean := *u
	var query []string
	for _, p := range parameters(u.RawQuery) {
		if secret(p.name) {
			name, _, _ := strings.Cut(p.written, "=")
			p.written = name + "=" + Redacted
		}
		query = append(query, p.written)
	}
	clean.RawQuery = strings.Join(query, "&")
	return clean.RequestURI()
}

// local makes an address of the same host one without a host, for whoever plays
// the recording is another host.
func local(asked *url.URL, location string) string {
	target, err := asked.Parse(location)
	if err != nil || target.Host != asked.Host {
		return location
	}
	return recordedURI(target)
}

// redaction hides the question's secrets wherever the answer repeats them.
func redaction(req *http.Request) *strings.Replacer {
	var pairs []string
	hide := func(value string) {
		const shortest = 4 // what is shorter is no secret, but occurs everywhere
		for _, form := range []string{value, url.QueryEscape(value), url.PathEscape(value)} {
			if len(value) >= shortest {
				pairs = append(pairs, form, Redacted)
			}
		}
	}
	for _, p := range parameters(req.URL.RawQuery) {
		if secret(p.name) {
			hide(p.value)
		}
	}
	if password, ok := req.URL.User.Password(); ok {
		hide(password)
	}
	for name, values := range req.Header {
		if !secret(name) {
			continue
		}
		for _, value := range values {
			hide(value)
			_, credentials, _ := strings.Cut(value, " ") // "Bearer abc"
			hide(credentials)
		}
	}
	return strings.NewReplacer(pairs...)
}
