package fault_test

import (
	"strings"
	"testing"

	"citystats/internal/fault"
)

func TestAt(t *testing.T) {
	const text = "id,name\r\ncny,人民币,x\n\n😀,\xcd\xf2,y"
	for _, c := range []struct {
		name   string
		offset int
		want   string
	}{
		{"the beginning", 0, "f:1:1"},
		{"the end of a line", strings.Index(text, "\r\n"), "f:1:8"},
		{"the next line", strings.Index(text, "cny"), "f:2:1"},
		{"after three characters of three bytes", strings.Index(text, "x\n"), "f:2:9"},
		{"an empty line", strings.Index(text, "\n😀"), "f:3:1"},
		{"after a character of four bytes and two that are no text", strings.LastIndex(text, "y"), "f:4:6"},
		{"the end", len(text), "f:4:7"},
		{"beyond the end", len(text) + 9, "f:4:7"},
		{"before the beginning", -1, "f:1:1"},
	} {
		if got := fault.At("f", text, c.offset); got != c.want {
			t.Errorf("%s is %s, want %s", c.name, got, c.want)
		}
	}
}

func TestOffset(t *testing.T) {
	const text = "a,b\n中,d\ne"
	for _, c := range []struct{ line, column, want int }{
		{1, 1, 0}, {1, 3, 2}, {2, 1, 4}, {2, 5, 8}, {3, 1, 10}, {3, 2, 11}, {3, 9, 11}, {9, 1, 10},
	} {
		if got := fault.Offset(text, c.line, c.column); got != c.want {
			t.Errorf("line %d, column %d is byte %d, want %d", c.line, c.column, got, c.want)
		}
	}
}
