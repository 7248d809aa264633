package walk_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"citystats/sources/walk"
)

// outline is what a cursor finds: values in order, members behind their names.
func outline(t interface{ Fatal(...any) }, raw jsontext.Value) (out []string) {
	c := walk.New(raw)
	var err error
	switch raw.Kind() {
	case '{':
		err = c.Members(func(name []byte) error {
			out = append(out, string(name)+"=")
			out = append(out, outline(t, c.Value())...)
			return nil
		})
	case '[':
		err = c.Elements(func() error { out = append(out, outline(t, c.Value())...); return nil })
	case '"':
		out = append(out, string(walk.Unquoted(raw)))
	default:
		out = append(out, string(raw))
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// reference is the same by a reader that checks everything.
func reference(raw jsontext.Value) (out []string) {
	dec := jsontext.NewDecoder(strings.NewReader(string(raw)))
	for {
		token, err := dec.ReadToken()
		if err != nil {
			return out
		}
		if strings.ContainsRune("{}[]", rune(token.Kind())) {
			continue
		}
		text := token.String()
		if kind, length := dec.StackIndex(dec.StackDepth()); kind == '{' && length%2 == 1 {
			text += "="
		}
		out = append(out, text)
	}
}

// Any JSON is walked as a reader that checks it would.
func TestCursorFindsWhatIsThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := jsontext.Value(document(t, 4))
		if !raw.IsValid() {
			t.Fatalf("the test wrote %s", raw)
		}
		if diff := cmp.Diff(reference(raw), outline(t, raw)); diff != "" {
			t.Errorf("%s (-reader +cursor):\n%s", raw, diff)
		}
		if got := walk.New([]byte("  " + string(raw) + " ,")).Value(); string(got) != string(raw) {
			t.Errorf("the value is %s, want %s", got, raw)
		}
	})
}

// document draws JSON with white space in odd places and texts that need escapes.
func document(t *rapid.T, depth int) string {
	space := rapid.SampledFrom([]string{"", " ", "\n\t"})
	text := func() string {
		quoted, err := jsontext.AppendQuote(nil, rapid.StringOf(rapid.SampledFrom([]rune(`ab"\[]{},: 合/`))).Draw(t, "text"))
		if err != nil {
			t.Fatal(err)
		}
		return string(quoted)
	}
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	if depth == 0 {
		kind = min(kind, 2)
	}
	switch kind {
	case 0:
		return rapid.SampledFrom([]string{"null", "true", "false", "-1.5e3", "0"}).Draw(t, "word")
	case 1, 2:
		return text()
	}
	var parts []string
	names := map[string]bool{}
	for range rapid.IntRange(0, 4).Draw(t, "members") {
		part := document(t, depth-1)
		if kind == 3 {
			name := text()
			if names[name] {
				continue
			}
			names[name] = true
			part = name + space.Draw(t, "space") + ":" + space.Draw(t, "space") + part
		}
		parts = append(parts, space.Draw(t, "space")+part+space.Draw(t, "space"))
	}
	if kind == 3 {
		return "{" + strings.Join(parts, ",") + "}"
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func TestTexts(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":"x","b":"y\n","c":[1]}`: "x|y\n", `{"b":null}`: "|", `{}`: "|", `{"a":1}`: `a is no text but "number"`, `{"b":["x"]}`: `b is no text but`,
		`"a"`: `it is no object but "string"`, `[]`: "it is no object",
	} {
		var a, b string
		err := walk.Texts(jsontext.Value(in), func(name string) *string { return map[string]*string{"a": &a, "b": &b}[name] })
		if got := a + "|" + b; err == nil && got != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestValues(t *testing.T) {
	got := walk.Values(jsontext.Value(` [1, "a,]", {"b":[2]} ,null]`))
	if diff := cmp.Diff([]jsontext.Value{jsontext.Value("1"), jsontext.Value(`"a,]"`), jsontext.Value(`{"b":[2]}`), jsontext.Value("null")}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := walk.Values(jsontext.Value("[]")); got == nil || len(got) > 0 {
		t.Errorf("of an empty list: %v, want a list of none", got)
	}
	if got := walk.Values(jsontext.Value(`{"a":1}`)); got != nil {
		t.Errorf("of an object: %v, want nil", got)
	}
}

// FuzzCursor wants an end on any bytes.
func FuzzCursor(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"\\\""}],"c":null}`))
	f.Add([]byte(`{"a`))
	f.Add([]byte(`[[[`))
	f.Fuzz(func(_ *testing.T, body []byte) {
		c := walk.New(body)
		for range 10 {
			_ = c.Members(func([]byte) error { c.Value(); return nil })
			_ = c.Elements(func() error { c.Value(); return nil })
		}
	})
}
