package source_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"citystats/sources/source"
)

func TestJSONAt(t *testing.T) {
	const body = "\uFEFF[{\"page\": 1}, [ {\"date\": \"2020\", \"value\": 1.5e3}, {\"date\":\"2021\", \"value\" : null} ]]"
	for _, tt := range []struct {
		path []string
		want string
	}{
		{[]string{"1", "0"}, `{"date":"2020","value":1.5e3}`},
		{[]string{"1", "1", "date"}, `"2021"`},
		{[]string{"0", "page"}, "1"},
		{nil, `[{"page":1},[{"date":"2020","value":1.5e3},{"date":"2021","value":null}]]`},
	} {
		got, err := source.JSONAt([]byte(body), tt.path...)
		if err != nil || string(got) != tt.want {
			t.Errorf("at %v: %s, %v; want %s", tt.path, got, err, tt.want)
		}
	}
	for _, path := range [][]string{{"2"}, {"1", "2"}, {"1", "-1"}, {"1", "x"}, {"0", "pages"}, {"0", "page", "0"}} {
		if got, err := source.JSONAt([]byte(body), path...); err == nil {
			t.Errorf("at %v: %s, want an error", path, got)
		}
	}
	for _, bad := range []string{"", "[", `{"a"`, `{"a":`, `[1,]`} {
		if got, err := source.JSONAt([]byte(bad), "a"); err == nil {
			t.Errorf("in %q: %s, want an error", bad, got)
		}
	}
}

func TestShort(t *testing.T) {
	for in, want := range map[string]string{" a\r\n\tb  c ": "a b c", "合肥　市": "合肥 市", "\xff": "\uFFFD", "": ""} {
		if got := source.Short(in); got != want {
			t.Errorf("Short(%q) = %q, want %q", in, got, want)
		}
	}
	long := source.Short(strings.Repeat("合肥市", 200))
	if !utf8.ValidString(long) || !strings.HasSuffix(long, "…") || len(long) > 410 {
		t.Errorf("a long text becomes %d bytes: %q", len(long), long)
	}
}
