package fault

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// At is a place in a text file as [Error.Where] spells it, "data/units.csv:12:3":
// line and column from 1. The offset counts bytes of the text, the column
// characters, as editors do, so that Chinese names before it do not shift it.
func At(file, text string, offset int) string {
	before := text[:max(0, min(offset, len(text)))]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return fmt.Sprintf("%s:%d:%d", file, strings.Count(before, "\n")+1, utf8.RuneCountInString(line)+1)
}

// Offset finds the byte that a line and a column of bytes, both from 1, name in
// a text: encoding/csv counts so.
func Offset(text string, line, column int) int {
	start := 0
	for range line - 1 {
		i := strings.IndexByte(text[start:], '\n')
		if i < 0 {
			break
		}
		start += i + 1
	}
	return min(start+column-1, len(text))
}
