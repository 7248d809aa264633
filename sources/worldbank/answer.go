package worldbank

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// meta is the first element of an answer. Numbers that are missing or null are 0.
type meta struct {
	page, pages, total int
	lastUpdated        string
}

// answer walks the tokens of one answer: [meta, rows].
type answer struct {
	dec  *jsontext.Decoder
	body []byte // what dec reads, for quoting from
}

var bom = []byte("\xEF\xBB\xBF")

// newAnswer reads straight from body, which jsontext promises for a bytes.Buffer.
func newAnswer(body []byte) *answer {
	body = bytes.TrimPrefix(body, bom)
	return &answer{jsontext.NewDecoder(bytes.NewBuffer(body)), body}
}

// read walks doc, calls row with the decoder before each row, and counts them.
// row must read exactly one value; its error ends the walk. Any other error is a
// fault of kind Upstream that names the document: the answer is not one, is cut
// short, is a refusal, or does not hold what it says.
func read(doc source.Document, row func(*answer) error) (meta, int, error) {
	a := newAnswer(doc.Body)
	m, rows, err := a.walk(row)
	if err != nil {
		return m, rows, distrust(doc, a.body, err)
	}
	if m.pages <= 1 && rows != m.total {
		return m, rows, distrust(doc, a.body, fmt.Errorf("it holds %d rows, but total says %d", rows, m.total))
	}
	return m, rows, nil
}

// walk reads the answer from its first token to the end of the bytes.
func (a *answer) walk(row func(*answer) error) (m meta, rows int, err error) {
	if err := a.expect('[', "the answer"); err != nil {
		return m, 0, err
	}
	if m, err = a.readMeta(); err != nil {
		return m, 0, err
	}
	if rows, err = a.readRows(row); err != nil {
		return m, rows, err
	}
	if err := a.expect(']', "what follows the rows"); err != nil {
		return m, rows, err
	}
	if _, err := a.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return m, rows, errors.Join(errors.New("something follows the answer"), err)
	}
	return m, rows, nil
}

// readRows reads the second element: an array, or null when there is nothing.
func (a *answer) readRows(row func(*answer) error) (n int, err error) {
	if a.dec.PeekKind() == 'n' {
		_, err := a.dec.ReadToken()
		return 0, err
	}
	if err := a.expect('[', "the second element"); err != nil {
		return 0, err
	}
	for a.dec.PeekKind() != ']' {
		if err := row(a); err != nil {
			return n, err
		}
		n++
	}
	return n, a.expect(']', "the end of the rows")
}

// expect reads the token of this kind.
func (a *answer) expect(kind jsontext.Kind, what string) error {
	token, err := a.dec.ReadToken()
	if err != nil {
		return err
	}
	if token.Kind() != kind {
		return fmt.Errorf("%s is %v, not %v", what, token.Kind(), kind)
	}
	return nil
}

// members reads an object and calls f with each member's name, which is only
// valid until f reads the member's value, as it must.
func (a *answer) members(f func(name []byte) error) error {
	if err := a.expect('{', "an element"); err != nil {
		return err
	}
	for a.dec.PeekKind() != '}' {
		name, err := a.dec.ReadValue()
		if err != nil {
			return err
		}
		if err := f(scalar(name)); err != nil {
			return err
		}
	}
	return a.expect('}', "the end of an element")
}

// readMeta reads the first element, or the messages that are there instead.
func (a *answer) readMeta() (m meta, err error) {
	counted := false
	err = a.members(func(name []byte) error {
		var err error
		switch string(name) {
		case "page":
			m.page, err = a.count("page")
		case "pages":
			m.pages, err = a.count("pages")
		case "total":
			counted = true
			m.total, err = a.count("total")
		case "lastupdated":
			m.lastUpdated, err = a.text()
		case "message":
			err = a.readMessages()
		default:
			err = a.dec.SkipValue()
		}
		return err
	})
	if err == nil && !counted {
		err = errors.New("it does not say how many rows there are (total)")
	}
	return m, err
}

// count reads a number that may be written as a string or be null.
func (a *answer) count(what string) (int, error) {
	text, err := a.text()
	if err != nil || text == "" {
		return 0, err
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%s is %q, which is no count", what, clip([]byte(text)))
	}
	return int(n), nil
}

// text reads a string or a number as text; null and anything else is empty.
func (a *answer) text() (string, error) {
	raw, err := a.dec.ReadValue()
	return string(scalar(raw)), err
}

// scalar is the text of a JSON string or number, and nil for anything else. It
// shares raw's memory unless there was something to unescape.
func scalar(raw jsontext.Value) []byte {
	kind := raw.Kind()
	switch {
	case kind == '0':
		return raw
	case kind != '"':
		return nil
	case bytes.IndexByte(raw, '\\') < 0:
		return raw[1 : len(raw)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // raw was read by a decoder, so it is well-formed
	return text
}

// idValue is what the API calls indicators and countries by.
type idValue struct{ id, value string }

// pair reads {"id":…,"value":…}; other things give an empty id.
func pair(raw jsontext.Value) (p idValue) {
	if raw.Kind() != '{' {
		return p
	}
	a := newAnswer(raw)
	// raw was read by a decoder, so it is well-formed and reading cannot fail.
	_ = a.members(func(name []byte) (err error) {
		switch string(name) {
		case "id":
			p.id, err = a.text()
		case "value":
			p.value, err = a.text()
		default:
			err = a.dec.SkipValue()
		}
		return err
	})
	return p
}

// refusal is the API's own word that it will not answer.
type refusal struct {
	ID   string `xml:"id,attr"`
	Key  string `xml:"key,attr"`
	Text string `xml:",chardata"`
}

// Error is the message with the number the API's documentation lists it under.
func (r *refusal) Error() string {
	return fmt.Sprintf("message %s (%s): %s", r.ID, r.Key, strings.TrimSpace(r.Text))
}

func refused(err error) bool {
	var r *refusal
	return errors.As(err, &r)
}

// readMessages reads what stands in the place of an answer and returns it as an error.
func (a *answer) readMessages() error {
	if err := a.expect('[', "the message"); err != nil {
		return err
	}
	var r refusal
	for a.dec.PeekKind() == '{' {
		if err := a.members(func(name []byte) error { return r.member(a, name) }); err != nil {
			return err
		}
	}
	if err := a.expect(']', "the end of the message"); err != nil {
		return err
	}
	return &r
}

// member reads one member of a message; of several messages the last counts.
func (r *refusal) member(a *answer, name []byte) (err error) {
	switch string(name) {
	case "id":
		r.ID, err = a.text()
	case "key":
		r.Key, err = a.text()
	case "value":
		r.Text, err = a.text()
	default:
		err = a.dec.SkipValue()
	}
	return err
}

// distrust says why a document is not an answer.
func distrust(doc source.Document, body []byte, err error) error {
	where := first(doc.URL, doc.Name)
	if marked := markup(body); marked != nil {
		err = marked
	}
	if refused(err) {
		return fault.Wrap(fault.Upstream, err, where,
			"compare the indicator in data/source_series.csv with https://data.worldbank.org/indicator", "the World Bank refuses")
	}
	return fault.Wrap(fault.Upstream, err, where,
		"open the address in a browser and try again later", "this is no complete answer of the World Bank")
}

// markup recognises what comes in angle brackets though JSON was asked for: the
// API's own XML error, or a page of some gateway.
func markup(body []byte) error {
	body = bytes.TrimSpace(body)
	if !bytes.HasPrefix(body, []byte("<")) {
		return nil
	}
	var document struct {
		XMLName xml.Name `xml:"http://www.worldbank.org error"`
		Message refusal  `xml:"message"`
	}
	if err := xml.Unmarshal(body, &document); err == nil {
		return &document.Message
	}
	return fmt.Errorf("it is a page, not data: %q", clip(body))
}

// clip cuts text to a readable length, at a character's start.
func clip(text []byte) string {
	const most = 160
	if len(text) <= most {
		return string(text)
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return string(text[:end]) + "…"
}

// isoDay keeps a date that is one; lastupdated in any other form is unknown
// rather than guessed at.
func isoDay(s string) string {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
}
