package sourcetest

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// errFull is what a sink says that cannot go on.
var errFull = errors.New("sink refuses")

// decode examines Decode and Place on good documents and on what can become of them.
func (s Subject) decode(t *testing.T, docs []source.Document) {
	src := s.New("")
	observed := 0
	for _, d := range docs {
		t.Run(d.Name, func(t *testing.T) {
			c := s.good(t, src, d)
			observed += len(c.Observations)
			s.sinkErrors(t, src, d, len(c.Observations))
			quotes(t, src, d, c.Observations)
			s.cuts(t, src, d)
			s.corrupt(t, src, d)
		})
	}
	if observed == 0 {
		t.Error("no document yields an observation")
	}
	t.Run("100 MB", func(t *testing.T) { s.huge(t, src, docs[0]) })
	if src.Place(1) == "" || src.Place(1) == src.Place(2) {
		t.Errorf("Place(1) is %q and Place(2) is %q", src.Place(1), src.Place(2))
	}
}

// good decodes a document that is as it should be.
func (s Subject) good(t *testing.T, src source.Source, d source.Document) *Collector {
	t.Helper()
	body := bytes.Clone(d.Body)
	c, err := steady(t, src, d)
	if err != nil {
		t.Errorf("a good document: %v", err)
	}
	if !bytes.Equal(body, d.Body) {
		t.Error("Decode changes the document's bytes")
	}
	return c
}

// steady decodes twice, wants the same and checks what holds of any bytes.
func steady(t *testing.T, src source.Source, d source.Document) (*Collector, error) {
	t.Helper()
	c, err := Decode(src, d)
	again, err2 := Decode(src, d)
	if diff := cmp.Diff(c.Observations, again.Observations); diff != "" {
		t.Errorf("decoding twice differs (-first +then):\n%s", diff)
	}
	if !slices.Equal(c.Rejects, again.Rejects) || (err == nil) != (err2 == nil) {
		t.Errorf("decoding twice differs: %v and %v, rejects %v and %v", err, err2, c.Rejects, again.Rejects)
	}
	for _, o := range c.Observations {
		wellFormed(t, o)
	}
	for _, r := range c.Rejects {
		if r.Record < 1 || r.Reason == "" || len(r.Text) > 4096 {
			t.Errorf("reject %+v: want a record, a reason and a readable length", r)
		}
	}
	return c, err
}

func wellFormed(t *testing.T, o source.Observation) {
	t.Helper()
	switch {
	case o.Record < 1, o.Region == "", o.Indicator == "", o.Period == "", o.Origin == "":
		t.Errorf("incomplete: %+v", o)
	case math.IsNaN(o.Value) || math.IsInf(o.Value, 0):
		t.Errorf("not a figure: %+v", o)
	case o.Status < source.Target || o.Status > source.Final, o.Qualifier > source.Under,
		o.Confidence < source.Low || o.Confidence > source.High:
		t.Errorf("status, qualifier or confidence outside its list: %+v", o)
	}
}

// quotes wants each of the first figures in the words of the document, and none of a
// record that is not there.
func quotes(t *testing.T, src source.Source, d source.Document, found []source.Observation) {
	t.Helper()
	q, ok := src.(source.Quoter)
	if !ok {
		return
	}
	const enough = 40
	for _, o := range found[:min(len(found), enough)] {
		text, err := q.Quote(d, o.Record)
		if err != nil || !strings.ContainsAny(text, "0123456789") || strings.ContainsAny(text, "\r\n") || text != source.Short(text) {
			t.Errorf("the quotation of record %d is %q, %v; want one line with the figure %v", o.Record, text, err, o.Value)
		}
	}
	for _, record := range []int{-1, 0, math.MaxInt32} {
		if text, err := q.Quote(d, record); err == nil || fault.KindOf(err) != fault.Upstream {
			t.Errorf("the quotation of record %d, which is not there, is %q, %v; want an error of kind upstream", record, text, err)
		}
	}
}

// sinkErrors lets the receiver fail at the first and at the last observation.
func (s Subject) sinkErrors(t *testing.T, src source.Source, d source.Document, n int) {
	t.Helper()
	for _, after := range []int{0, n - 1} {
		if after < 0 || n == 0 {
			continue
		}
		c := Collector{Err: errFull, After: after}
		if err := src.Decode(d, &c); err != errFull { //nolint:errorlint // the contract is identity
			t.Errorf("the sink refuses observation %d: Decode returns %v, want the sink's own error", after+1, err)
		}
		if c.refused != 1 {
			t.Errorf("the sink refused observation %d and was offered %d more", after+1, c.refused-1)
		}
	}
}

// cuts takes the end away at many places.
func (s Subject) cuts(t *testing.T, src source.Source, d source.Document) {
	t.Helper()
	whole := bytes.TrimRightFunc(d.Body, unicode.IsSpace)
	for _, at := range offsets(len(whole)) {
		if s.Seamless != nil && s.Seamless(d.Body, at) {
			continue
		}
		cut := d
		cut.Body = d.Body[:at:at]
		if _, err := Decode(src, cut); fault.KindOf(err) != s.DecodeKind || err == nil {
			t.Errorf("cut to %d of %d bytes: error %v, want one of kind %v", at, len(d.Body), err, s.DecodeKind)
		}
	}
}

// offsets are all places below n, or 200 spread evenly and the last 100.
func offsets(n int) []int {
	var at []int
	for i := range n {
		if n <= 400 || i >= n-100 || i%max(n/200, 1) == 0 {
			at = append(at, i)
		}
	}
	return at
}

// corrupt replaces the body with what it is not.
func (s Subject) corrupt(t *testing.T, src source.Source, d source.Document) {
	t.Helper()
	for name, body := range map[string][]byte{
		"nothing": {}, "white space": []byte(" \r\n\t\n"), "zero bytes": make([]byte, len(d.Body)),
		"an HTML page": htmlPage, "UTF-16": encodeUTF16(d.Body), "gzip": gzipBomb(),
		"deep nesting": bytes.Repeat([]byte("["), 1<<20), "the end only": d.Body[len(d.Body)/2:],
	} {
		bad := d
		bad.Body = body
		if _, err := steady(t, src, bad); fault.KindOf(err) != s.DecodeKind || err == nil {
			t.Errorf("%s instead of the body: error %v, want one of kind %v", name, err, s.DecodeKind)
		}
	}
	bad := d
	bad.Body = otherCharset(d.Body)
	s.noticed(t, src, bad, "a byte that is not UTF-8")
}

// huge is the first half of a document and then 100 MB without an end.
func (s Subject) huge(t *testing.T, src source.Source, d source.Document) {
	body := bytes.Repeat([]byte("x"), 100<<20)
	copy(body, d.Body[:len(d.Body)/2])
	d.Body = body
	s.noticed(t, src, d, "100 MB of one letter")
}

// noticed wants an error, or at least a record rejected.
func (s Subject) noticed(t *testing.T, src source.Source, d source.Document, what string) {
	t.Helper()
	c, err := Decode(src, d)
	if err == nil && len(c.Rejects) == 0 {
		t.Errorf("%s goes unnoticed", what)
	}
	if err != nil {
		wantKind(t, err, s.DecodeKind)
	}
}

func encodeUTF16(body []byte) []byte {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(string(body))) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

// otherCharset puts a byte in the middle that no UTF-8 text contains.
func otherCharset(body []byte) []byte {
	out := bytes.Clone(body)
	out[len(out)/2] = 0xFF
	return out
}
