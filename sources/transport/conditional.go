package transport

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Kept is what questions were answered before. It is safe for concurrent use.
type Kept interface {
	// Load gives the answer to the question with this key, as it was received;
	// false when there is none, or none that can be relied on to the last byte.
	Load(key string) (http.Header, []byte, bool)
	// Save notes that the question was answered with this header and a body with
	// this SHA-256 (in hex), to its end. The body itself is not handed over: what
	// a source finds worth keeping is in the archive under that very name.
	Save(key string, header http.Header, sha256 string)
}

// conditional asks a publisher to send only what it did not send before, and
// hands out the kept answer when there is nothing newer. Sources see the same
// either way. A kept body is in hand before the question is put, so there is
// never a "nothing newer" without something to show for it.
type conditional struct {
	next http.RoundTripper
	kept Kept
}

// RoundTrip makes a plain GET conditional; everything else passes.
func (t *conditional) RoundTrip(req *http.Request) (*http.Response, error) {
	key, ok := questionKey(req)
	if !ok {
		return t.next.RoundTrip(req)
	}
	header, body, have := t.kept.Load(key)
	asked := req
	if have {
		asked = req.Clone(req.Context())
		setValidators(asked.Header, header)
	}
	resp, err := t.next.RoundTrip(asked)
	if err != nil {
		return nil, err
	}
	if have && resp.StatusCode == http.StatusNotModified {
		discard(resp)
		return unchanged(req, header, body), nil
	}
	if worthKeeping(resp) {
		resp.Body = &hashedBody{resp.Body, sha256.New(), func(sum string) { t.kept.Save(key, keptHeader(resp.Header), sum) }}
	}
	return resp, nil
}

// questionKey is what an answer depends on: the address and every header the
// source has set. So answers that vary by a header are kept apart without a look
// at Vary. A question with a secret, or with conditions of its own, has no key.
func questionKey(req *http.Request) (string, bool) {
	if req.Method != http.MethodGet || (req.Body != nil && req.Body != http.NoBody) || hasSecret(req) {
		return "", false
	}
	key := []string{}
	for name, values := range req.Header {
		switch {
		case name == "User-Agent":
		case name == "Range" || strings.HasPrefix(name, "If-"):
			return "", false
		default:
			key = append(key, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(key)
	return strings.Join(append([]string{req.URL.String()}, key...), "\n"), true
}

// setValidators puts the conditions by which a publisher knows its own answer.
func setValidators(ask, kept http.Header) {
	if tag := etag(kept); tag != "" {
		ask.Set("If-None-Match", tag)
	}
	if date := lastModified(kept); date != "" {
		ask.Set("If-Modified-Since", date)
	}
}

func etag(h http.Header) string {
	tag := h.Get("ETag")
	if strings.TrimPrefix(tag, "W/") == `""` {
		return "" // names nothing
	}
	return tag
}

// lastModified is the date if it can be relied on. It counts whole seconds, so a
// page sent within moments of its last change may have changed again since and
// bear the same date; one that is made anew for each request always is.
func lastModified(h http.Header) string {
	text := h.Get("Last-Modified")
	changed, err := http.ParseTime(text)
	if err != nil {
		return ""
	}
	sent, err := http.ParseTime(h.Get("Date"))
	if err != nil || sent.Sub(changed) < time.Minute {
		return ""
	}
	return text
}

// worthKeeping says whether the same answer can be asked about later.
func worthKeeping(resp *http.Response) bool {
	return resp.StatusCode == http.StatusOK && framed(resp) &&
		(etag(resp.Header) != "" || lastModified(resp.Header) != "") &&
		!lists(resp.Header, "Cache-Control", "no-store") && !lists(resp.Header, "Vary", "*")
}

// framed says whether the body's end can be told from a broken connection. Where
// it cannot, a body cut short would be taken for the whole again and again.
func framed(resp *http.Response) bool {
	return resp.ContentLength >= 0 || resp.Uncompressed || resp.ProtoMajor > 1 || slices.Contains(resp.TransferEncoding, "chunked")
}

// lists says whether a header that is a list of words has this one.
func lists(h http.Header, name, word string) bool {
	for _, line := range h.Values(name) {
		for item := range strings.SplitSeq(line, ",") {
			item, _, _ = strings.Cut(item, "=")
			if strings.EqualFold(strings.TrimSpace(item), word) {
				return true
			}
		}
	}
	return false
}

// keptHeader is all of the header that says something about the answer, and not
// about the connection or who asked.
func keptHeader(h http.Header) http.Header {
	out := h.Clone()
	for name := range out {
		if connectionHeader(name) || secret(name) {
			delete(out, name)
		}
	}
	return out
}

// connectionHeader says whether a header is about the way and not the answer.
func connectionHeader(name string) bool {
	switch name {
	case "Alt-Svc", "Connection", "Content-Encoding", "Content-Length", "Keep-Alive", "Proxy-Connection", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}

// unchanged is the kept answer, as if it had just come.
func unchanged(req *http.Request, header http.Header, body []byte) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header.Clone(), Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}
}

// hashedBody tells the SHA-256 of a body that was read to its proper end.
type hashedBody struct {
	io.ReadCloser
	sum  hash.Hash
	done func(sum string)
}

// Read passes bytes on.
func (b *hashedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.sum.Write(p[:n])
	if err == io.EOF && b.done != nil {
		b.done(hex.EncodeToString(b.sum.Sum(nil)))
		b.done = nil
	}
	return n, err
}
