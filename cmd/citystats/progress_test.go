//go:build duckdb_arrow

package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"citystats/sources/transport"
)

// screen is what a terminal shows after text: what a carriage return leads back
// over is overwritten.
func screen(text string) string {
	last := text[strings.LastIndex(text, "\n")+1:]
	var line []rune
	for part := range strings.SplitSeq(last, "\r") {
		for i, r := range []rune(part) {
			if i < len(line) {
				line[i] = r
			} else {
				line = append(line, r)
			}
		}
	}
	return strings.TrimSpace(string(line))
}

// In a bubble of fake time, a second passes before each look.
func TestMeter(t *testing.T) {
	const mb = 1_000_000
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		m := &meter{out: &out}
		look := func(what string, want ...string) {
			t.Helper()
			got := screen(out.String())
			for _, w := range want {
				if !strings.Contains(got, w) {
					t.Errorf("%s: the line is %q, want %q in it", what, got, w)
				}
			}
			if len(want) == 0 && got != "" {
				t.Errorf("%s: the line is %q, want none", what, got)
			}
			time.Sleep(time.Second)
		}
		bank, bureau := m.client(), m.client()
		m.progress("fetching worldbank", 0, 0)
		look("at the start", "fetching worldbank")
		bank(transport.Traffic{Received: 40_000, Open: 40_000, Length: -1})
		time.Sleep(time.Second)
		m.progress("fetching worldbank", 1, 0)
		look("one document", "fetching worldbank, 1 document, 0.0 MB")
		bank(transport.Traffic{Received: 2 * mb})
		time.Sleep(time.Second)
		m.progress("fetching worldbank", 12, 0)
		look("some documents", "fetching worldbank, 12 documents, 2.0 MB")
		// A long answer, its length known.
		bank(transport.Traffic{Received: 2 * mb, Length: 10 * mb})
		look("before it comes", "12 documents", "0%")
		bank(transport.Traffic{Received: 4 * mb, Open: 2 * mb, Length: 10 * mb})
		look("a fifth after a second, four fifths to go", "12 documents", "20%", "2.0/10 MB", "1s:4s")
		// Somebody else answers, for nobody knows how long.
		bureau(transport.Traffic{Received: mb, Open: mb, Length: -1})
		look("an end that is not known", "12 documents, 5.0 MB")
		bureau(transport.Traffic{Received: mb})
		bank(transport.Traffic{Received: 12 * mb})
		look("both are done", "12 documents, 13.0 MB")
		// Documents of which the number is known.
		m.progress("loading", 0, 100)
		time.Sleep(time.Second)
		m.progress("loading", 25, 100)
		look("a quarter after a second", "loading", "25%", "25/100", "1s:3s")
		if _, err := m.Write([]byte("a log line\n")); err != nil || !strings.HasSuffix(out.String(), "\ra log line\n") {
			t.Errorf("a log line among the bars: %q, %v; want it on a line of its own", out.String(), err)
		}
		m.progress("loading", 50, 100)
		look("after a log line", "loading", "50%", "50/100", "2s:2s")
		m.progress("computing", 0, 0)
		look("a step without a measure", "computing")
		m.progress("", 0, 0)
		look("at the end")
		bank(transport.Traffic{Received: 13 * mb})
		look("a late report")
	})
}

// Nothing is drawn where nobody looks: into a file, a pipe, a log.
func TestMeterIsQuietElsewhere(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/errors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var m *meter
	for _, m = range []*meter{newMeter(f), newMeter(&bytes.Buffer{})} {
		if m != nil || m.client() != nil {
			t.Errorf("a meter draws into something that is no terminal")
		}
		m.progress("loading", 1, 2)
	}
	if info, err := f.Stat(); err != nil || info.Size() > 0 {
		t.Errorf("%d bytes were drawn, %v", info.Size(), err)
	}
}
