package transport

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"citystats/internal/fault"
)

// patientHost answers with what a test sets and counts how often it was asked.
type patientHost struct {
	status int
	header http.Header
	err    error
	asked  int
}

func (p *patientHost) RoundTrip(*http.Request) (*http.Response, error) {
	p.asked++
	if p.err != nil {
		return nil, p.err
	}
	return answer(p.status, p.header), nil
}

// client asks once a question, so that what is counted is questions.
func (p *patientHost) client() *http.Client {
	o := Options{UserAgent: agent, Hosts: []string{"h", "other"}, Rate: rate.Inf, Attempts: 1}
	return &http.Client{Transport: chain(o.withDefaults(), p)}
}

// TestCircuit runs in a bubble of fake time: minutes pass at once.
func TestCircuit(t *testing.T) {
	type step struct {
		status int           // what the host would answer
		times  int           // so many questions
		after  time.Duration // first wait
		asked  int           // of which so many reach the host
		err    string
	}
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"opens after five failures", []step{
			{500, 5, 0, 5, "HTTP 500"},
			{200, 3, 0, 0, "the host h is not asked, because it failed 5 times in a row"},
			{200, 1, 0, 0, "asked again in 5m0s"},
			{200, 1, 61 * time.Second, 0, "asked again in 3m59s"},
		}},
		{"too many requests is a failure", []step{{429, 5, 0, 5, "HTTP 429"}, {429, 1, 0, 0, "circuit breaker open"}}},
		{"no and not found are answers", []step{{404, 9, 0, 9, "HTTP 404"}, {403, 9, 0, 9, "HTTP 403"}}},
		{"four failures and a success, again and again", []step{
			{503, 4, 0, 4, "HTTP 503"}, {200, 1, 0, 1, ""}, {503, 4, 0, 4, "HTTP 503"}, {404, 1, 0, 1, "HTTP 404"}, {503, 4, 0, 4, "HTTP 503"},
		}},
		{"one question after the pause, and all is well", []step{
			{500, 5, 0, 5, "HTTP 500"}, {200, 9, 5 * time.Minute, 9, ""}, {500, 4, 0, 4, "HTTP 500"}, {200, 1, 0, 1, ""},
		}},
		{"one question after the pause, and no more", []step{
			{500, 5, 0, 5, "HTTP 500"}, {500, 1, 5 * time.Minute, 1, "HTTP 500"}, {200, 4, 0, 0, "not asked"}, {200, 1, 5 * time.Minute, 1, ""},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var host patientHost
				c := host.client()
				for i, s := range tt.steps {
					time.Sleep(s.after)
					host.status, host.asked = s.status, 0
					for range s.times {
						_, err := Get(t.Context(), c, "https://h/x")
						if s.err == "" && err != nil {
							t.Fatalf("step %d: %v", i+1, err)
						}
						if s.err != "" {
							wantUpstream(t, err, s.err)
						}
					}
					if host.asked != s.asked {
						t.Fatalf("step %d: %d of %d questions reached the host, want %d", i+1, host.asked, s.times, s.asked)
					}
				}
			})
		})
	}
}

func TestCircuitIsOneHosts(t *testing.T) {
	host := patientHost{status: 500}
	c := host.client()
	for range 5 {
		_, err := Get(t.Context(), c, "https://h/")
		wantUpstream(t, err, "HTTP 500")
	}
	_, err := Get(t.Context(), c, "https://h/")
	wantUpstream(t, err, "https://h/", "not asked")
	if !Unreachable(err) {
		t.Error("a source cannot tell that other questions would fail alike")
	}
	host.status = 200
	if _, err := Get(t.Context(), c, "https://other/"); err != nil {
		t.Errorf("another host is not asked either: %v", err)
	}
}

func TestUnreachableHostOpensTheCircuit(t *testing.T) {
	host := patientHost{err: errors.New("connection reset by peer")}
	c := host.client()
	for range 5 {
		_, err := Get(t.Context(), c, "https://h/")
		wantUpstream(t, err, "no usable answer")
	}
	_, err := Get(t.Context(), c, "https://h/")
	wantUpstream(t, err, "not asked")
	// What we refuse ourselves did come: the host is well.
	host = patientHost{err: fault.New(fault.Upstream, "https://h/", "", "larger than we take")}
	c = host.client()
	for range 9 {
		_, err := Get(t.Context(), c, "https://h/")
		wantUpstream(t, err, "larger than we take")
	}
}

// What a request would not wait for, other requests must not ignore.
func TestHostThatAsksForPatienceIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := patientHost{status: 503, header: header("Retry-After", "3600")}
		c := host.client()
		_, err := Get(t.Context(), c, "https://h/")
		wantUpstream(t, err, "Retry-After: 3600")
		time.Sleep(59 * time.Minute)
		host.status, host.header = 200, nil
		_, err = Get(t.Context(), c, "https://h/")
		wantUpstream(t, err, "it asked to be left alone", "asked again in 1m0s")
		if host.asked != 1 {
			t.Errorf("the host was asked %d times within the hour, want once", host.asked)
		}
		time.Sleep(time.Minute)
		if _, err = Get(t.Context(), c, "https://h/"); err != nil {
			t.Errorf("after the hour: %v", err)
		}
	})
}

// A cancelled question says nothing about the host, nor does it block the one
// question that is to find out.
func TestCircuitAndCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := patientHost{err: context.Canceled}
		c := host.client()
		stopped, cancel := context.WithCancel(t.Context())
		cancel()
		for range 9 {
			if _, err := Get(stopped, c, "https://h/"); fault.KindOf(err) != fault.Cancelled {
				t.Fatalf("error %v, want a cancel", err)
			}
		}
		host = patientHost{status: 500}
		for range 5 {
			_, err := Get(t.Context(), c, "https://h/")
			wantUpstream(t, err, "HTTP 500")
		}
		time.Sleep(5 * time.Minute)
		if _, err := Get(stopped, c, "https://h/"); fault.KindOf(err) != fault.Cancelled {
			t.Fatalf("error %v, want a cancel", err)
		}
		time.Sleep(5 * time.Minute)
		host = patientHost{status: 200}
		if _, err := Get(t.Context(), c, "https://h/"); err != nil {
			t.Errorf("the host is never asked again: %v", err)
		}
	})
}
