package sdmx

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// outline is a JSON message before its data are read: the structures, and where
// in the bytes the data sets are. Data may come before what explains them.
type outline struct {
	structures []jsonStructure
	dataSets   []byte
}

// jsonStructure says what the indexes in data sets mean.
type jsonStructure struct {
	Name       text       `json:"name"`
	Links      []jsonLink `json:"links"`
	Dimensions struct {
		DataSet     []component `json:"dataSet"`
		Series      []component `json:"series"`
		Observation []component `json:"observation"`
	} `json:"dimensions"`
	Measures struct {
		Observation []component `json:"observation"`
	} `json:"measures"`
	Attributes struct {
		DataSet        []component `json:"dataSet"`
		DimensionGroup []component `json:"dimensionGroup"`
		Series         []component `json:"series"`
		Observation    []component `json:"observation"`
	} `json:"attributes"`
}

type jsonLink struct {
	URN text `json:"urn"`
	Rel text `json:"rel"`
}

// component is a dimension, measure or attribute and the values it takes.
type component struct {
	ID          text    `json:"id"`
	KeyPosition *int    `json:"keyPosition"`
	Role        text    `json:"role"`
	Roles       []text  `json:"roles"`
	Default     text    `json:"default"`
	Values      []coded `json:"values"`
}

// coded is one value. Codes have an id; what is not coded, and time at the IMF,
// has a value.
type coded struct {
	ID    text `json:"id"`
	Value text `json:"value"`
}

func (c coded) text() string { return or(string(c.ID), string(c.Value)) }

// text is a JSON string or number as text, and empty for anything else.
type text string

// UnmarshalJSONFrom reads any value.
func (t *text) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	raw, err := dec.ReadValue()
	if err == nil {
		*t = text(scalar(raw))
	}
	return err
}

// scalar is the text of a JSON string or number, and empty for anything else.
func scalar(raw jsontext.Value) string {
	switch raw.Kind() {
	case '0':
		return string(raw)
	case '"':
		unquoted, _ := jsontext.AppendUnquote(nil, raw) // raw was read by a decoder, so it is well-formed
		return string(unquoted)
	default:
		return ""
	}
}

// readOutline walks a message without its data. Its error may be the notice that
// stands in the place of data.
func readOutline(body []byte) (o outline, err error) {
	w := walker{jsontext.NewDecoder(bytes.NewBuffer(body)), body}
	seen := false
	var n notices
	member := func(name string, inData bool) error {
		switch name {
		case "dataSets":
			seen = true
			o.dataSets, err = w.raw()
			return err
		case "structure":
			var one jsonStructure
			err := w.value(&one)
			o.structures = append(o.structures, one)
			return err
		case "structures":
			return w.value(&o.structures)
		}
		if !inData {
			return n.member(&w, name)
		}
		return w.dec.SkipValue()
	}
	err = w.members(func(name string) error {
		if name == "data" && w.dec.PeekKind() == '{' {
			return w.members(func(name string) error { return member(name, true) })
		}
		return member(name, false)
	})
	if err != nil {
		return o, err
	}
	if _, err := w.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return o, errors.Join(errors.New("something follows the message"), err)
	}
	if said := n.notice(); said != nil && !seen {
		return o, said
	}
	if !seen {
		return o, errors.New("it has no dataSets")
	}
	return o, nil
}

// notices gathers the forms in which services say something in JSON.
type notices struct {
	status, message text
	list            []jsonNotice
}

// jsonNotice is one message: SDMX-JSON has code, title and detail, Eurostat has
// status, id and label.
type jsonNotice struct {
	Code    text `json:"code"`
	ID      text `json:"id"`
	Status  text `json:"status"`
	Title   text `json:"title"`
	Detail  text `json:"detail"`
	Label   text `json:"label"`
	Message text `json:"message"`
}

func (n *notices) member(w *walker, name string) error {
	switch {
	case name == "statusCode":
		return w.value(&n.status)
	case name == "message":
		return w.value(&n.message)
	case (name == "errors" || name == "error") && w.dec.PeekKind() == '[':
		return w.value(&n.list)
	case name == "warning" && w.dec.PeekKind() == '{':
		var one jsonNotice
		err := w.value(&one)
		n.list = append(n.list, one)
		return err
	}
	return w.dec.SkipValue()
}

// notice is the first message, or nil.
func (n *notices) notice() error {
	if len(n.list) > 0 {
		first := n.list[0]
		words := []string{string(first.Title), string(first.Detail), string(first.Label), string(first.Message)}
		return message(cmp.Or(string(first.Code), string(first.ID), string(first.Status)), strings.Join(words, " "))
	}
	if n.status != "" || n.message != "" {
		return message(string(n.status), string(n.message))
	}
	return nil
}

// walker walks JSON token by token.
type walker struct {
	dec  *jsontext.Decoder
	body []byte
}

// members reads an object and calls f with each member's name; f reads the value.
func (w *walker) members(f func(name string) error) error {
	if err := w.expect('{'); err != nil {
		return err
	}
	for w.dec.PeekKind() != '}' {
		name, err := w.dec.ReadToken()
		if err != nil {
			return err
		}
		if err := f(name.String()); err != nil {
			return err
		}
	}
	return w.expect('}')
}

func (w *walker) expect(kind jsontext.Kind) error {
	token, err := w.dec.ReadToken()
	if err == nil && token.Kind() != kind {
		err = fmt.Errorf("at byte %d is %v, not %v", w.dec.InputOffset(), token.Kind(), kind)
	}
	return err
}

// value reads a value into a Go one.
func (w *walker) value(into any) error { return json.UnmarshalDecode(w.dec, into) }

// raw skips a value and gives its bytes, which are those of the document.
func (w *walker) raw() ([]byte, error) {
	from := w.dec.InputOffset()
	if err := w.dec.SkipValue(); err != nil {
		return nil, err
	}
	return bytes.TrimLeft(w.body[from:w.dec.InputOffset()], " \t\r\n:,"), nil
}
