package sdmx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"citystats/internal/fault"
)

// notice is what a service says in the place of data.
type notice struct {
	kind       noticeKind
	code, text string
	id         string // of the receipt
}

type noticeKind uint8

const (
	refusal   noticeKind = iota // it will not answer
	noRecords                   // the question is good, and there is nothing
	tooLarge                    // there is more than it gives at once
	queued                      // it will answer later
)

// Error is the message with its code.
func (n *notice) Error() string {
	switch {
	case n.code == "":
		return n.text
	case strings.HasPrefix(n.text, n.code):
		return n.text
	}
	return n.code + ": " + n.text
}

func asNotice(err error) (*notice, bool) {
	var n *notice
	return n, errors.As(err, &n)
}

// message makes the notice for a code of SDMX (or of Eurostat, which adds HTTP's)
// and its text. Code 100 is "no results", but Eurostat also uses it for data
// sets that do not exist, and that must not pass for an empty one.
func message(code, text string) *notice {
	n := &notice{kind: refusal, code: code, text: strings.Join(strings.Fields(text), " ")}
	switch {
	case code == "100" && !strings.Contains(text, "NOT_FOUND"):
		n.kind = noRecords
	case strings.Contains(text, "ASYNCHRONOUS_RESPONSE"):
		n.kind = queued
	case code == "130" || code == "413" || code == "510" || strings.Contains(text, "EXTRACTION_TOO_BIG"):
		n.kind = tooLarge
	}
	return n
}

// plainNotices are whole answers of the OECD.
var plainNotices = []string{"NoRecordsFound", "No Results Found"}

// recognise says what an answer is that is no data message, nil when it may be
// one. It is for short answers; the readers of each format find notices in long ones.
func recognise(body []byte) error {
	text := strings.TrimSpace(string(body[:min(len(body), maxRefusal)]))
	for _, known := range plainNotices {
		if text == known {
			return &notice{kind: noRecords, text: text}
		}
	}
	switch {
	case strings.HasPrefix(text, "<"):
		return xmlNotice([]byte(text))
	case strings.HasPrefix(text, "{"):
		_, err := readOutline([]byte(text))
		if n, ok := asNotice(err); ok {
			return n
		}
	}
	return nil
}

// xmlNotice reads SOAP faults, receipts and error messages of SDMX. Other
// documents give nil or the error of reading them.
func xmlNotice(body []byte) error {
	dec := xml.NewDecoder(bytes.NewReader(body))
	root, err := rootElement(dec)
	if err != nil {
		return err
	}
	switch root.Name.Local {
	case "Fault", "Envelope", "Error":
		return soap(dec)
	}
	return nil
}

// soap reads what remains of an error or receipt: its elements without children.
func soap(dec *xml.Decoder) error {
	leaves, code, err := leafTexts(dec)
	if err != nil {
		return err
	}
	switch {
	case leaves["faultcode"] != "" || leaves["faultstring"] != "":
		return message(leaves["faultcode"], leaves["faultstring"])
	case or(leaves["id"], leaves["key"]) != "" && leaves["status"] != "":
		return &notice{kind: queued, code: leaves["status"], text: "the answer is being prepared", id: or(leaves["id"], leaves["key"])}
	case code != "" || leaves["Text"] != "":
		return message(code, leaves["Text"])
	}
	return errors.New("it is a message without anything known in it")
}

// leafTexts gathers the first text of each element name, and the code attribute
// of an error message.
func leafTexts(dec *xml.Decoder) (leaves map[string]string, code string, err error) {
	leaves = map[string]string{}
	var text strings.Builder
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return leaves, code, nil
		}
		if err != nil {
			return nil, "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			text.Reset()
			if t.Name.Local == "ErrorMessage" && code == "" {
				code = plainAttr(t, "code")
			}
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			if s := strings.TrimSpace(text.String()); s != "" && leaves[t.Name.Local] == "" {
				leaves[t.Name.Local] = s
			}
			text.Reset()
		}
	}
}

// distrust says why an answer cannot be used; nil stays nil.
func distrust(where string, err error) error {
	if err == nil || fault.KindOf(err) != fault.Internal {
		return err
	}
	what, hint := "this is no answer that can be trusted", "open the address in a browser and try again later"
	if n, ok := asNotice(err); ok {
		what = "the publisher answers with a message and no data"
		switch n.kind {
		case tooLarge:
			hint = narrower
		case queued:
			hint = "try again later"
		case refusal, noRecords:
			hint = "compare agency, flow, version and key in data/sdmx_queries.csv with the structure of the dataflow"
		}
	}
	return fault.Wrap(fault.Upstream, err, where, hint, what)
}

// narrower is what to do about an answer that is too large.
const narrower = "narrow the row in data/sdmx_queries.csv: write the areas into the key, joined by +, so that the question can be halved, or give a later start_period"

// clip cuts text to a readable length, at a character's start.
func clip(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
