//go:build duckdb_arrow

// Package notify tells a receiver what changed: figures that were revised and claims
// whose verdict turned, one message for all that it has not had yet.
//
// Messages follow Standard Webhooks: the headers webhook-id, webhook-timestamp and
// webhook-signature, which is HMAC-SHA256 over id, time and body with a secret that
// both sides hold, in base64. A receiver checks it, and that the time is near.
//
// What a receiver has had is kept in a file of the state folder. It is written after
// the receiver has answered 2xx, so a crash between the two sends a message a second
// time and never loses one; the id is made from what the message tells, and so is the
// same both times.
package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go/failsafehttp"

	"citystats/internal/fault"
	"citystats/pipeline/durable"
	"citystats/serve/news"
)

// Message is the body. Its keys stay: receivers read them.
type Message struct {
	Type      string          `json:"type"` // citystats.changes
	Timestamp time.Time       `json:"timestamp"`
	Data      Changes         `json:"data"`
	keys      map[string]bool // of what it tells
}

// Changes are what the receiver has not had.
type Changes struct {
	Release   string          `json:"release"`
	Revisions []news.Revision `json:"revisions"`
	Turns     []news.Turn     `json:"turns"`
}

// Receiver is where messages go.
type Receiver struct {
	URL    string
	Secret []byte
	State  string // the state folder
	Now    func() time.Time
	Client *http.Client // makes one try; see NewClient
}

// memory is what a receiver has had, as it is kept.
type memory struct {
	URL       string    `json:"url"`
	Release   string    `json:"release"`
	Delivered time.Time `json:"delivered"`
	Keys      []string  `json:"keys"`
}

// Secret reads a secret as Standard Webhooks writes it, whsec_ and base64, or plain.
func Secret(text string) ([]byte, error) {
	key := []byte(text)
	if coded, ok := strings.CutPrefix(text, "whsec_"); ok {
		var err error
		if key, err = base64.StdEncoding.DecodeString(coded); err != nil {
			return nil, fault.New(fault.Usage, "", "write whsec_ and base64, or a plain text", "the secret cannot be read")
		}
	}
	if len(key) < 16 {
		return nil, fault.New(fault.Usage, "", "make one with: openssl rand -base64 32", "the secret is shorter than 16 bytes")
	}
	return key, nil
}

// NewClient tries again what may work the next time: when there was no answer, at 429
// and at 5xx, as long as the receiver asks for, five times in all.
func NewClient(first time.Duration) *http.Client {
	retry := failsafehttp.NewRetryPolicyBuilder().WithMaxRetries(4).WithBackoff(first, 30*first).WithJitterFactor(0.2).ReturnLastFailure().Build() //nolint:bodyclose // it is a builder
	return &http.Client{
		Transport:     failsafehttp.NewRoundTripper(http.DefaultTransport, retry),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       5 * time.Minute,
	}
}

// check refuses receivers that nobody should send signed messages to.
func (r Receiver) check() error {
	u, err := url.Parse(r.URL)
	local := err == nil && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1")
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && (u.Scheme != "http" || !local)) {
		return fault.New(fault.Usage, "", "give an https address, without a password in it", "%q is no address to notify", r.URL)
	}
	return nil
}

// path is where the receiver's memory is kept. The address may hold a token, so its
// hash names the file.
func (r Receiver) path() string {
	sum := sha256.Sum256([]byte(r.URL))
	return filepath.Join(r.State, "notified", hex.EncodeToString(sum[:8])+".json")
}

func (r Receiver) recall() (m memory, known bool, err error) {
	text, err := os.ReadFile(r.path())
	if errors.Is(err, fs.ErrNotExist) {
		return m, false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	return m, true, fault.Wrap(fault.Storage, err, r.path(), "remove it to begin anew", "what the receiver has had cannot be read")
}

// Pending is the message with what the receiver has not had; false when that is
// nothing. A receiver that is new has had everything, unless all is wanted.
func (r Receiver) Pending(release string, revisions []news.Revision, turns []news.Turn, all bool) (Message, bool, error) {
	if err := r.check(); err != nil {
		return Message{}, false, err
	}
	had, known, err := r.recall()
	if err != nil {
		return Message{}, false, err
	}
	m := Message{Type: "citystats.changes", Timestamp: r.Now().UTC().Truncate(time.Second), Data: Changes{release, []news.Revision{}, []news.Turn{}}, keys: map[string]bool{}}
	for _, k := range had.Keys {
		m.keys[k] = true
	}
	missed := func(key string) bool {
		fresh := !m.keys[key] && (known || all)
		m.keys[key] = true
		return fresh
	}
	for _, v := range revisions {
		if missed("revision/" + v.ID) {
			m.Data.Revisions = append(m.Data.Revisions, v)
		}
	}
	for _, t := range turns {
		if missed("claim/" + t.ID) {
			m.Data.Turns = append(m.Data.Turns, t)
		}
	}
	return m, len(m.Data.Revisions)+len(m.Data.Turns) > 0, nil
}

// Remember keeps that the receiver has had a message, or that there was nothing new.
func (r Receiver) Remember(m Message) error {
	keys := make([]string, 0, len(m.keys))
	for k := range m.keys {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	text, err := json.MarshalIndent(memory{redacted(r.URL), m.Data.Release, m.Timestamp, keys}, "", " ")
	if err != nil {
		return err
	}
	if err := durable.MkdirAll(filepath.Dir(r.path())); err != nil {
		return err
	}
	return durable.WriteFile(r.path(), append(text, '\n'))
}

// redacted is an address without what may be a token.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// Deliver sends a message. Its error is of kind Upstream when the receiver did not
// take it; nothing is remembered then.
func (r Receiver) Deliver(ctx context.Context, m Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(body))
	if err != nil {
		return fault.Wrap(fault.Usage, err, "", "give an https address", "the receiver cannot be asked")
	}
	id, at := m.id(), strconv.FormatInt(m.Timestamp.Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "citystats")
	req.Header.Set("webhook-id", id)
	req.Header.Set("webhook-timestamp", at)
	req.Header.Set("webhook-signature", "v1,"+Sign(r.Secret, id, at, body))
	resp, err := r.Client.Do(req)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		var told *url.Error
		if errors.As(err, &told) {
			err = told.Err // without the address
		}
		return fault.Wrap(fault.Upstream, err, redacted(r.URL), "run it again: nothing is lost", "the receiver does not answer")
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 1<<16) // so that the connection can be used again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fault.New(fault.Upstream, redacted(r.URL), "look at the receiver and run it again: nothing is lost", "the receiver answers %s", resp.Status)
	}
	return r.Remember(m)
}

// id names the message by what it tells, so that the same one sent again is known.
func (m Message) id() string {
	h := sha256.New()
	for _, v := range m.Data.Revisions {
		fmt.Fprintln(h, "revision", v.ID)
	}
	for _, t := range m.Data.Turns {
		fmt.Fprintln(h, "claim", t.ID)
	}
	return "msg_" + hex.EncodeToString(h.Sum(nil)[:16])
}

// Sign is the signature of a message, in base64.
func Sign(secret []byte, id, at string, body []byte) string {
	h := hmac.New(sha256.New, secret)
	fmt.Fprintf(h, "%s.%s.", id, at)
	h.Write(body)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
