package jsonstat

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"citystats/sources/walk"
)

var bom = []byte("\xEF\xBB\xBF")

// whole is the one JSON value that body is, without the byte order mark that some
// PxWeb installations send. Everything read from it shares body's memory, which
// jsontext promises for a bytes.Buffer.
func whole(body []byte) (jsontext.Value, error) {
	body = bytes.TrimPrefix(body, bom)
	if text := bytes.TrimSpace(body); bytes.HasPrefix(text, []byte("<")) {
		return nil, fmt.Errorf("it is a page, not data: %q", clip(text))
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(body))
	v, err := dec.ReadValue()
	if err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.Join(errors.New("something follows the answer"), err)
	}
	return v, nil
}

// members calls f with each member of an object, which is part of what whole has
// checked.
func members(raw jsontext.Value, what string, f func(name string, v jsontext.Value) error) error {
	if err := is(raw, '{', what); err != nil {
		return err
	}
	c := walk.New(raw)
	return c.Members(func(name []byte) error { return f(string(name), c.Value()) })
}

// elements calls f with each element of a list, which is part of what whole has
// checked.
func elements(raw jsontext.Value, what string, f func(i int, v jsontext.Value) error) error {
	if err := is(raw, '[', what); err != nil {
		return err
	}
	c, i := walk.New(raw), -1
	return c.Elements(func() error { i++; return f(i, c.Value()) })
}

// is wants a value of a kind.
func is(raw jsontext.Value, kind jsontext.Kind, what string) error {
	if len(raw) == 0 {
		return fmt.Errorf("%s is missing", what)
	}
	if raw.Kind() != kind {
		return fmt.Errorf("%s is %v, not %v", what, raw.Kind(), kind)
	}
	return nil
}

// texts reads a list of strings.
func texts(raw jsontext.Value, what string) (out []string, err error) {
	err = elements(raw, what, func(_ int, v jsontext.Value) error {
		if v.Kind() != '"' {
			return fmt.Errorf("%s holds %s, which is no text", what, clip(v))
		}
		out = append(out, text(v))
		return nil
	})
	return out, err
}

// text is a JSON string or number as text, and empty for anything else.
func text(raw jsontext.Value) string {
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

// count reads a whole number from 0, which may be written as a string.
func count(raw jsontext.Value, what string) (int, error) {
	n, err := strconv.ParseUint(text(raw), 10, 62)
	if err != nil {
		return 0, fmt.Errorf("%s is %s, which is no count", what, clip(raw))
	}
	return int(n), nil
}

// number reads a decimal number as JSON writes them. That is narrower than
// strconv, which also reads hexadecimal, NaN and Inf.
func number(s string) (float64, bool) {
	if v := jsontext.Value(s); v.Kind() != '0' || !v.IsValid() || strings.TrimSpace(s) != s {
		return 0, false
	}
	return finite(s)
}

// finite is the number that JSON text is known to be.
func finite(s string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// clip cuts text to a readable length, at a character's start.
func clip[T ~[]byte | ~string](s T) string {
	const most = 160
	if len(s) <= most {
		return string(s)
	}
	end := most
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return string(s[:end]) + "…"
}
