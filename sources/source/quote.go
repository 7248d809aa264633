package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// longestQuote is how many bytes of a record a reader needs to find it again.
const longestQuote = 400

// Short makes text a quotation: on one line, and no longer than a person reads.
func Short(text string) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), unicode.IsSpace), " ")
	if len(text) <= longestQuote {
		return text
	}
	end := longestQuote
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// JSONAt is the JSON value at a path of member names and places in lists, such as
// "observations", "17", without the white space around its parts.
func JSONAt(body []byte, path ...string) (jsontext.Value, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))))
	for _, step := range path {
		if err := enter(dec, step); err != nil {
			return nil, fmt.Errorf("nothing is at /%s: %w", strings.Join(path, "/"), err)
		}
	}
	found, err := dec.ReadValue()
	if err != nil {
		return nil, fmt.Errorf("nothing is at /%s: %w", strings.Join(path, "/"), err)
	}
	found = found.Clone()
	return found, found.Compact()
}

// enter moves to a member or element of the value that comes next.
func enter(dec *jsontext.Decoder, step string) error {
	open, err := dec.ReadToken()
	if err != nil {
		return err
	}
	index, isPlace := strconv.Atoi(step)
	for n := 0; ; n++ {
		switch kind := dec.PeekKind(); {
		case kind == '}' || kind == ']':
			return errors.New("it ends before")
		case open.Kind() == '{':
			name, err := dec.ReadToken()
			if err != nil || name.String() == step {
				return err
			}
		case open.Kind() != '[' || isPlace != nil:
			return io.ErrUnexpectedEOF
		case n == index:
			return nil
		}
		if err := dec.SkipValue(); err != nil {
			return err
		}
	}
}
