package transport

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
)

func TestTraffic(t *testing.T) {
	body := bytes.Repeat([]byte("x"), 100_000)
	for _, tt := range []struct {
		name   string
		h      http.HandlerFunc
		length int64 // as reported before the end
	}{
		{"length known", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			_, _ = w.Write(body)
		}, 100_000},
		{"length not known", func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush()
			_, _ = w.Write(body)
		}, -1},
		{"compressed", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(gzipped(bytes.NewReader(body)))
		}, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var all []Traffic
			c, base := serve(t, tt.h, func(o *Options) { o.Traffic = func(now Traffic) { all = append(all, now) } })
			for n := int64(1); n <= 2; n++ {
				all = nil
				if _, err := Get(t.Context(), c, base); err != nil {
					t.Fatal(err)
				}
				before := (n - 1) * 100_000
				if want := (Traffic{Received: before, Length: tt.length}); all[0] != want {
					t.Errorf("at the start %+v, want %+v", all[0], want)
				}
				for i := 1; i < len(all); i++ {
					now := all[i]
					if now.Received < all[i-1].Received || now.Open > 0 && (now.Open != now.Received-before || now.Length != tt.length) {
						t.Errorf("report %d is %+v after %+v", i+1, now, all[i-1])
					}
				}
				if last := all[len(all)-1]; last != (Traffic{Received: n * 100_000}) {
					t.Errorf("at the end %+v, want %d bytes and nothing open", last, n*100_000)
				}
			}
		})
	}
}

// Two at once: their lengths add up while both are known.
func TestTrafficOfSeveral(t *testing.T) {
	var now Traffic
	sizes := []int64{300, 700, -1}
	next := 0
	c := newCounted(roundTrip(func(*http.Request) (*http.Response, error) {
		size := sizes[next]
		next++
		return &http.Response{Body: io.NopCloser(io.LimitReader(zero{}, max(size, 50))), ContentLength: size}, nil
	}), func(t Traffic) { now = t })
	open := func() io.ReadCloser {
		resp, err := c.RoundTrip(nil)
		if err != nil {
			t.Fatal(err)
		}
		return resp.Body
	}
	want := func(w Traffic) {
		t.Helper()
		if now != w {
			t.Errorf("reported %+v, want %+v", now, w)
		}
	}
	a, b := open(), open()
	want(Traffic{Length: 1000})
	if _, err := io.ReadFull(a, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	want(Traffic{Received: 100, Open: 100, Length: 1000})
	unknown := open()
	want(Traffic{Received: 100, Open: 100, Length: -1})
	_ = unknown.Close() // given up
	want(Traffic{Received: 100, Open: 100, Length: 1000})
	if _, err := io.Copy(io.Discard, b); err != nil {
		t.Fatal(err)
	}
	want(Traffic{Received: 800, Open: 100, Length: 300})
	_ = a.Close()
	_ = b.Close()
	want(Traffic{Received: 800})
}
