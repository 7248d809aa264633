//go:build duckdb_arrow

package serve

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2/negotiation"
	"github.com/klauspost/compress/gzip"
)

// answer is a finished representation: it is made and packed once, and sent as
// often as it is asked for.
type answer struct {
	body   []byte
	packed []byte // gzip of it; nil where that is no gain
	media  string
	tag    string // hash of the body, without quotes
	at     time.Time
}

// packable are the types worth packing. Pictures, spreadsheets and databases are
// packed already, and only what is sent as it is can be asked for in part.
var packable = []string{
	"text/html", "text/css", "text/csv", "text/plain", "text/javascript", "image/svg+xml", "application/json",
	"application/csvm+json", "application/atom+xml", "application/xml", "application/problem+json", "application/openapi+json", "application/ld+json",
}

// newAnswer packs a body. at is when it was last other than it is now, at the latest.
func newAnswer(body []byte, media string, at time.Time) (*answer, error) {
	sum := sha256.Sum256(body)
	a := &answer{body: body, media: media, tag: hex.EncodeToString(sum[:16]), at: at.UTC().Truncate(time.Second)}
	kind, _, err := mime.ParseMediaType(media)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(packable, kind) || len(body) < 256 {
		return a, nil
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if b.Len() < len(body) {
		a.packed = b.Bytes()
	}
	return a, nil
}

// size is what the answer takes of the cache.
func (a *answer) size() int { return len(a.body) + len(a.packed) + len(a.media) + len(a.tag) + 128 }

// How long others may keep an answer.
const (
	forNow     = "public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800"
	forEver    = "public, max-age=31536000, immutable"
	notAtAll   = "no-store"
	packedMark = "-gz"
)

// send writes an answer, or 304 when the client has it. The packed form has a tag of
// its own, since tags are strong; a client may hold either.
func send(w http.ResponseWriter, r *http.Request, a *answer, keep string) {
	h := w.Header()
	h.Set("Content-Type", a.media)
	h.Set("Cache-Control", keep)
	if a.packed != nil {
		h.Add("Vary", "Accept-Encoding")
	}
	packed := a.packed != nil && r.Header.Get("Range") == "" && negotiation.SelectQValueFast(r.Header.Get("Accept-Encoding"), []string{"gzip", "identity"}) == "gzip"
	tag := a.tag
	if packed {
		tag += packedMark
	}
	h.Set("Etag", `"`+tag+`"`)
	if held(r.Header.Get("If-None-Match"), a.tag) {
		a.dated(h)
		h.Del("Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if r.Header.Get("Range") != "" {
		http.ServeContent(w, r, "", a.at, bytes.NewReader(a.body))
		return
	}
	a.dated(h)
	if notSince(r, a.at) {
		h.Del("Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.body
	if packed {
		body = a.packed
		h.Set("Content-Encoding", "gzip")
	} else {
		h.Set("Accept-Ranges", "bytes")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // in one piece; the client has gone when it fails
	}
}

// dated says when the answer was last otherwise, where that is known.
func (a *answer) dated(h http.Header) {
	if !a.at.IsZero() {
		h.Set("Last-Modified", a.at.Format(http.TimeFormat))
	}
}

// held says whether the client's list of tags has that of an answer in either form.
func held(list, tag string) bool {
	for t := range strings.SplitSeq(list, ",") {
		t = strings.TrimPrefix(strings.TrimSpace(t), "W/")
		if t == "*" || t == `"`+tag+`"` || t == `"`+tag+packedMark+`"` {
			return true
		}
	}
	return false
}

// notSince says whether the client only wants what changed after a time, and it did
// not. A list of tags goes before a time.
func notSince(r *http.Request, at time.Time) bool {
	if r.Header.Get("If-None-Match") != "" {
		return false
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !at.IsZero() && !at.After(since)
}
