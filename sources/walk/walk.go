// Package walk reads JSON that has been found to be well-formed.
//
// A decoder checks a whole document first: a reader that stops at the first mistake
// would hand on less than there was. What comes after that check (a row of a
// hundred thousand, or observations that are explained only behind them) is passed
// over again, some of it several times, and checking it once is enough. A [Cursor]
// finds where values begin and end, and nothing else. On bytes that are no JSON it
// ends, with an error or with some value.
package walk

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// Cursor is a place in JSON that is well-formed.
type Cursor struct {
	body []byte
	at   int
}

// New stands before the first value of body.
func New(body []byte) *Cursor { return &Cursor{body: body} }

// next is the next character that is not white space; 0 at the end.
func (c *Cursor) next() byte {
	for c.at < len(c.body) {
		switch b := c.body[c.at]; b {
		case ' ', '\t', '\r', '\n', ',', ':':
			c.at++
		default:
			return b
		}
	}
	return 0
}

func (c *Cursor) open(kind byte) error {
	if b := c.next(); b != kind {
		return fmt.Errorf("at byte %d is %q, not %q", c.at, b, kind)
	}
	c.at++
	return nil
}

var errEnds = errors.New("it ends before it should")

// Members reads an object and calls f with each member's name, which f must not
// keep; f reads the value.
func (c *Cursor) Members(f func(name []byte) error) error {
	if err := c.open('{'); err != nil {
		return err
	}
	for c.next() != '}' {
		if c.at == len(c.body) {
			return errEnds
		}
		if err := f(Unquoted(c.Value())); err != nil {
			return err
		}
	}
	c.at++
	return nil
}

// Elements reads an array and calls f before each element; f reads it.
func (c *Cursor) Elements(f func() error) error {
	if err := c.open('['); err != nil {
		return err
	}
	for c.next() != ']' {
		if c.at == len(c.body) {
			return errEnds
		}
		if err := f(); err != nil {
			return err
		}
	}
	c.at++
	return nil
}

// Value is the bytes of the next value, which are those of the message.
func (c *Cursor) Value() jsontext.Value {
	first := c.next()
	start := c.at
	if first != '{' && first != '[' && first != '"' {
		for c.at < len(c.body) && !ends(c.body[c.at]) {
			c.at++
		}
		if c.at == start && start < len(c.body) {
			c.at++ // no value begins here; there has to be an end all the same
		}
		return c.body[start:c.at]
	}
	for depth := 0; c.at < len(c.body); {
		c.at++
		switch c.body[c.at-1] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			c.text()
		}
		if depth == 0 {
			return c.body[start:c.at]
		}
	}
	return c.body[start:c.at]
}

// ends says whether a number or a word ends before that character.
func ends(b byte) bool {
	switch b {
	case ',', ']', '}', ' ', '\t', '\r', '\n':
		return true
	}
	return false
}

// text passes the rest of a string.
func (c *Cursor) text() {
	for c.at < len(c.body) {
		n := bytes.IndexByte(c.body[c.at:], '"')
		if n < 0 {
			c.at = len(c.body)
			return
		}
		c.at += n + 1
		slashes := 0
		for i := c.at - 2; i >= 0 && c.body[i] == '\\'; i-- {
			slashes++
		}
		if slashes%2 == 0 {
			return
		}
	}
}

// Unquoted is the text of a string.
func Unquoted(raw []byte) []byte {
	if len(raw) >= 2 && bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // it was well-formed
	return text
}

// Texts reads an object of which some members are texts: to says where the one of
// that name belongs, and is nil for the others. Null leaves a text as it was; a
// number, a list or an object is an error.
func Texts(object jsontext.Value, to func(name string) *string) error {
	if object.Kind() != '{' {
		return fmt.Errorf("it is no object but %q", object.Kind())
	}
	c := New(object)
	return c.Members(func(name []byte) error {
		text, raw := to(string(name)), c.Value()
		switch {
		case text == nil || raw.Kind() == 'n':
			return nil
		case raw.Kind() != '"':
			return fmt.Errorf("%s is no text but %q", name, raw.Kind())
		}
		*text = string(Unquoted(raw))
		return nil
	})
}

// Values are the elements of a list, which are its bytes; nil for anything else.
func Values(list jsontext.Value) []jsontext.Value {
	if list.Kind() != '[' {
		return nil
	}
	c, out := New(list), []jsontext.Value{}
	_ = c.Elements(func() error { out = append(out, c.Value()); return nil }) // a list that was checked ends
	return out
}
