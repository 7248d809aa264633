package transport

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"citystats/internal/fault"
)

var urlUser = url.UserPassword("me", "abcdef")

// recording asks once and gives what was written down.
func recording(t *testing.T, h http.HandlerFunc, query string, set func(*http.Request)) (exchanges []string, base string, err error) {
	t.Helper()
	c, base := serve(t, h, func(o *Options) {
		o.Attempts = 2
		o.Record = func(b []byte) error { exchanges = append(exchanges, string(b)); return nil }
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+query, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	set(req)
	_, err = Ask(c, req)
	return exchanges, base, err
}

func TestRecord(t *testing.T) {
	nothing := func(*http.Request) {}
	for _, tt := range []struct {
		name  string
		h     http.HandlerFunc
		query string
		set   func(*http.Request)
		want  []string
	}{
		{
			"an answer, its headers sorted",
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["X-Two"] = []string{"z", "y"}
				w.Header().Set("Content-Type", "text/csv")
				_, _ = fmt.Fprint(w, "b\n\n1\n")
			},
			"/x?b=%20&a=1&a=+2", nothing,
			[]string{"GET /x?b=%20&a=1&a=+2\n\n200\nContent-Type: text/csv\nX-Two: z\nX-Two: y\n\nb\n\n1\n\n"},
		},
		{
			"no media type, no body",
			func(w http.ResponseWriter, _ *http.Request) { w.Header()["Content-Type"] = nil },
			"", nothing,
			[]string{"GET /\n\n200\nContent-Type: \n\n\n"},
		},
		{
			"decompressed",
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/csv")
				w.Header().Set("Content-Encoding", "gzip")
				_, _ = w.Write(gzipped(strings.NewReader("plain")))
			},
			"", nothing,
			[]string{"GET /\n\n200\nContent-Type: text/csv\n\nplain\n"},
		},
		{
			"a refusal",
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(http.StatusNotFound)
				_, _ = fmt.Fprint(w, "<html>")
			},
			"/y", nothing,
			[]string{"GET /y\n\n404\nContent-Type: text/html\n\n<html>\n"},
		},
		{
			"a redirect to itself",
			func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/plain")
				if r.URL.Path == "/old" {
					w.Header().Set("Location", "http://"+r.Host+"/new?token=abcdef")
					w.WriteHeader(http.StatusFound)
				}
			},
			"/old", nothing,
			[]string{
				"GET /old\n\n302\nContent-Type: text/plain\nLocation: /new?token=REDACTED\n\n\n",
				"GET /new?token=REDACTED\n\n200\nContent-Type: text/plain\n\n\n",
			},
		},
		{
			"secrets of the query, also where the answer repeats them",
			func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/plain")
				w.Header().Set("Link", "</?page=2&api_key=ab%2Fc+def>")
				w.Header().Set("Set-Cookie", "ab=cd")
				_, _ = fmt.Fprintf(w, "key %s, next %s", r.URL.Query().Get("api_key"), r.URL.RawQuery)
			},
			"/?a=1&api_key=ab%2Fc+def&z=2", nothing,
			[]string{"GET /?a=1&api_key=REDACTED&z=2\n\n200\nContent-Type: text/plain\nLink: </?page=2&api_key=REDACTED>\n\nkey REDACTED, next a=1&api_key=REDACTED&z=2\n"},
		},
		{
			"secrets of headers",
			func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/plain")
				_, _ = fmt.Fprint(w, strings.Fields(r.Header.Get("Authorization"))[1], r.Header.Get("X-Api-Key"))
			},
			"", func(r *http.Request) {
				r.Header.Set("Authorization", "Bearer abcdef")
				r.Header.Set("X-Api-Key", "ghijkl")
			},
			[]string{"GET /\n\n200\nContent-Type: text/plain\n\nREDACTEDREDACTED\n"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _, _ := recording(t, tt.h, tt.query, tt.set)
			if strings.Join(got, "---") != strings.Join(tt.want, "---") {
				t.Errorf("recorded %q\nwant     %q", got, tt.want)
			}
		})
	}
}

// Tries that were given up, and answers that broke off, are no exchanges.
func TestRecordOnlyWholeExchanges(t *testing.T) {
	tries := 0
	got, _, err := recording(t, func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}, "", func(*http.Request) {})
	if err != nil || len(got) != 1 || !strings.Contains(got[0], "\n200\n") {
		t.Errorf("recorded %q, %v; want the answer that came in the end", got, err)
	}
	got, base, err := recording(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = fmt.Fprint(w, "half")
	}, "", func(*http.Request) {})
	wantUpstream(t, err, "cut short", base)
	if len(got) > 0 {
		t.Errorf("recorded %q of an answer that broke off", got)
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cases", "new")
	record := Folder(dir)
	for _, text := range []string{"one", "two"} {
		if err := record([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"0001.http": "one", "0002.http": "two"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v; want %q", name, got, err, want)
		}
	}
	// A folder that cannot be made is the operator's, and stops the request.
	file := filepath.Join(dir, "0001.http")
	c, base := serve(t, func(http.ResponseWriter, *http.Request) {}, func(o *Options) { o.Record = Folder(file) })
	if _, err := Get(t.Context(), c, base); fault.KindOf(err) != fault.Storage {
		t.Errorf("recording into a file: %v, want a storage fault", err)
	}
}

func TestSecret(t *testing.T) {
	for name, want := range map[string]bool{
		"api_key": true, "apiKey": true, "key": true, "Subscription-Key": true, "registrationkey": true, "access_token": true,
		"Authorization": true, "Proxy-Authorization": true, "Cookie": true, "Set-Cookie": true, "X-Api-Key": true, "WWW-Authenticate": true,
		"password": true, "client_secret": true, "UserID": true, "": false,
		"format": false, "per_page": false, "page": false, "series_id": false, "startPeriod": false, "keyword": false, "Accept": false, "Content-Type": false,
	} {
		if got := secret(name); got != want {
			t.Errorf("secret(%q) = %v, want %v", name, got, want)
		}
	}
}
