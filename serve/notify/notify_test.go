//go:build duckdb_arrow

package notify_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"citystats/internal/fault"
	"citystats/serve/news"
	"citystats/serve/notify"
)

var (
	secret = []byte("0123456789abcdef0123456789abcdef")
	clock  = time.Date(2026, 11, 25, 2, 15, 0, 0, time.UTC)
	first  = news.Revision{ID: "one", Region: news.Text{EN: "Hefei", ZH: "合肥市"}, Old: 1, New: 2, KnownAt: clock}
	second = news.Revision{ID: "two", Old: 2, New: 3, KnownAt: clock}
	turn   = news.Turn{ID: "three", Claim: "growth_above_8", From: "holds", To: "reversed", KnownAt: clock}
)

// hook is a receiver that checks what it is sent and answers as it is told.
type hook struct {
	*httptest.Server
	t       *testing.T
	mu      sync.Mutex
	answers []int // for the next requests; 204 after them
	got     []notify.Message
	ids     []string
}

func newHook(t *testing.T, answers ...int) *hook {
	h := &hook{t: t, answers: answers}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		h.t.Errorf("the receiver is sent %s %s (%v)", r.Method, r.Header.Get("Content-Type"), err)
	}
	// As Standard Webhooks tells receivers to check.
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(r.Header.Get("webhook-id") + "." + r.Header.Get("webhook-timestamp") + "." + string(body)))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.Header.Get("webhook-signature") != want {
		h.t.Errorf("the signature is %q, want %q", r.Header.Get("webhook-signature"), want)
	}
	if r.Header.Get("webhook-timestamp") != "1795572900" {
		h.t.Errorf("the time is %s", r.Header.Get("webhook-timestamp"))
	}
	var m notify.Message
	if err := json.Unmarshal(body, &m); err != nil {
		h.t.Error(err)
	}
	h.ids = append(h.ids, r.Header.Get("webhook-id"))
	if len(h.answers) > 0 {
		status := h.answers[0]
		h.answers = h.answers[1:]
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		if status == http.StatusFound {
			w.Header().Set("Location", "http://127.0.0.1:1/")
		}
		w.WriteHeader(status)
		return
	}
	h.got = append(h.got, m)
	w.WriteHeader(http.StatusNoContent)
}

func (h *hook) receiver(state string) notify.Receiver {
	return notify.Receiver{URL: h.URL + "/x?token=hush", Secret: secret, State: state, Now: func() time.Time { return clock }, Client: notify.NewClient(time.Millisecond)}
}

// tell delivers what is pending.
func tell(t *testing.T, r notify.Receiver, all bool, revisions []news.Revision, turns ...news.Turn) (told int, err error) {
	t.Helper()
	m, some, err := r.Pending("2026-11-25-00000000", revisions, turns, all)
	if err != nil {
		t.Fatal(err)
	}
	if !some {
		return 0, r.Remember(m)
	}
	return len(m.Data.Revisions) + len(m.Data.Turns), r.Deliver(t.Context(), m)
}

func TestEachChangeIsToldOnce(t *testing.T) {
	h, state := newHook(t), t.TempDir()
	r := h.receiver(state)
	if n, err := tell(t, r, false, []news.Revision{first}); n != 0 || err != nil {
		t.Errorf("a new receiver is told %d things of the past (%v)", n, err)
	}
	if n, err := tell(t, r, false, []news.Revision{second, first}, turn); n != 2 || err != nil {
		t.Errorf("told %d, %v; want the new revision and the claim", n, err)
	}
	if n, err := tell(t, r, true, []news.Revision{second, first}, turn); n != 0 || err != nil {
		t.Errorf("told again %d, %v", n, err)
	}
	if len(h.got) != 1 || h.got[0].Data.Revisions[0].ID != "two" || h.got[0].Data.Turns[0].Claim != "growth_above_8" || h.got[0].Type != "citystats.changes" || h.got[0].Data.Release == "" {
		t.Errorf("the receiver got %+v", h.got)
	}
	other := h.receiver(state)
	other.URL = h.URL + "/y"
	if n, err := tell(t, other, true, []news.Revision{first}, turn); n != 2 || err != nil {
		t.Errorf("another receiver that wants all is told %d (%v)", n, err)
	}
	files, err := filepath.Glob(filepath.Join(state, "notified", "*.json"))
	if err != nil || len(files) != 2 {
		t.Fatalf("what receivers had is in %v (%v)", files, err)
	}
	for _, f := range files {
		if text, err := os.ReadFile(f); err != nil || strings.Contains(string(text), "hush") {
			t.Errorf("%s keeps the receiver's token: %s (%v)", f, text, err)
		}
	}
}

func TestTriesAgain(t *testing.T) {
	h := newHook(t, 503, 0, 429, 500)
	r := h.receiver(t.TempDir())
	if n, err := tell(t, r, true, []news.Revision{first}); n != 1 || err != nil {
		t.Fatalf("told %d, %v", n, err)
	}
	if len(h.ids) != 5 || len(h.got) != 1 {
		t.Errorf("%d tries, %d taken", len(h.ids), len(h.got))
	}
	for _, id := range h.ids {
		if id != h.ids[0] || !strings.HasPrefix(id, "msg_") {
			t.Errorf("the tries have the ids %v, want one", h.ids)
		}
	}
}

// What was not taken is told by the next call, under the same name.
func TestNothingIsLost(t *testing.T) {
	for _, status := range []int{400, 401, 404, 410, http.StatusFound, 501} {
		h := newHook(t, status)
		r := h.receiver(t.TempDir())
		if _, err := tell(t, r, true, []news.Revision{first}); fault.KindOf(err) != fault.Upstream || strings.Contains(err.Error(), "hush") {
			t.Errorf("a receiver that answers %d: %v", status, err)
		}
		if n, err := tell(t, r, true, []news.Revision{first}); n != 1 || err != nil {
			t.Errorf("after %d the next call tells %d, %v", status, n, err)
		}
		if len(h.ids) != 2 || h.ids[0] != h.ids[1] {
			t.Errorf("after %d the ids are %v, want one try each under one name", status, h.ids)
		}
	}
	h := newHook(t)
	r := h.receiver(t.TempDir())
	h.Close()
	if _, err := tell(t, r, true, []news.Revision{first}); fault.KindOf(err) != fault.Upstream || strings.Contains(err.Error(), "hush") {
		t.Errorf("a receiver that is gone: %v", err)
	}
}

func TestStops(t *testing.T) {
	h := newHook(t, 503, 503, 503, 503, 503)
	r := h.receiver(t.TempDir())
	r.Client = notify.NewClient(time.Hour)
	m, _, err := r.Pending("r", []news.Revision{first}, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if err := r.Deliver(ctx, m); err == nil || ctx.Err() == nil {
		t.Errorf("told to stop it goes on: %v", err)
	}
}

func TestReceiversThatAreRefused(t *testing.T) {
	for _, address := range []string{"", "hooks.example.org", "http://hooks.example.org/", "ftp://x/", "https://user:password@x/", "https://"} {
		r := notify.Receiver{URL: address, State: t.TempDir(), Now: func() time.Time { return clock }}
		if _, _, err := r.Pending("r", nil, nil, false); fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestDamagedMemory(t *testing.T) {
	h, state := newHook(t), t.TempDir()
	r := h.receiver(state)
	if _, err := tell(t, r, false, nil); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(state, "notified", "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if err := os.WriteFile(files[0], []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Pending("r", nil, nil, false); fault.KindOf(err) != fault.Storage {
		t.Errorf("a damaged memory: %v", err)
	}
}

func TestSecrets(t *testing.T) {
	if key, err := notify.Secret("whsec_" + base64.StdEncoding.EncodeToString(secret)); err != nil || string(key) != string(secret) {
		t.Errorf("%q, %v", key, err)
	}
	if key, err := notify.Secret(string(secret)); err != nil || string(key) != string(secret) {
		t.Errorf("%q, %v", key, err)
	}
	for _, bad := range []string{"", "short", "whsec_!", "whsec_MTIz"} {
		if _, err := notify.Secret(bad); fault.KindOf(err) != fault.Usage {
			t.Errorf("%q: %v", bad, err)
		}
	}
	// The example of the specification.
	key, err := notify.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if got := notify.Sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)); err != nil || got != "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("the example of Standard Webhooks is signed %s (%v)", got, err)
	}
}
