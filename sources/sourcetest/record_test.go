package sourcetest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/time/rate"

	"citystats/sources/source"
	"citystats/sources/transport"
)

// keyedToy asks with a key, by way of a redirect.
type keyedToy struct {
	toy

	key string
}

func newKeyedToy(base, key string) source.Source {
	return &keyedToy{toy{base: base + "/latest?api_key=" + key + "&file="}, key}
}

func (s *keyedToy) Info() source.Info {
	info := s.toy.Info()
	info.Hosts[0], _, _ = strings.Cut(info.Hosts[0], "/")
	return info
}

// What "citystats run --record" writes is what Replay plays: the same documents
// and figures, and no secret in the files.
func TestRecordedExchangesReplay(t *testing.T) {
	const key = "0123456789abcdef"
	busy := true
	live := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "session="+key)
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		switch {
		case busy:
			busy = false
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Query().Get("api_key") != key:
			w.WriteHeader(http.StatusForbidden)
		case r.URL.Path == "/latest":
			http.Redirect(w, r, "http://"+r.Host+"/toy.csv?"+r.URL.RawQuery, http.StatusFound)
		default:
			_, _ = fmt.Fprint(w, "2\nCHN,2022,1412175000\nCHN,2023,not for "+key+"\n")
		}
	}))
	defer live.Close()
	dir := t.TempDir()
	src := newKeyedToy(live.URL, key)
	c := transport.New(transport.Options{
		UserAgent: "citystats/test (+https://example.org/contact)", Hosts: src.Info().Hosts, AllowLocal: true,
		Rate: rate.Inf, Backoff: 1, Record: transport.Folder(dir),
	})
	defer c.CloseIdleConnections()
	docs, err := Fetch(t.Context(), src, c)
	if err != nil || len(docs) != 1 || !strings.Contains(string(docs[0].Body), key) {
		t.Fatalf("the live fetch: %d documents, %v; want one, as the publisher sent it", len(docs), err)
	}
	for name, text := range map[string]string{
		"want-documents.csv": "name,title,media_type,published\ntoy,A toy,text/csv,\n",
		"want.csv":           "document,record,region,indicator,period,unit,value,status\ntoy,1,CHN,population,2022,,1412175000,final\n",
		"want-rejects.csv":   "document,record,reason\ntoy,2,\"not region,period,value\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.http"))
	if err != nil || len(files) != 2 {
		t.Fatalf("recorded %v, %v; want the redirect and the answer", files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil || strings.Contains(string(text), key) {
			t.Errorf("%s holds the secret, or cannot be read: %v\n%s", f, err, text)
		}
	}
	Replay(t, os.DirFS(dir), func(base string) source.Source { return newKeyedToy(base, transport.Redacted) })
}
