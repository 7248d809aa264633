package numerals_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"citystats/transforms/numerals"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"二〇二二": "2022 true", "二○一三": "2013 true", "二零零八": "2008 true", "2022": "2022 true",
		"两": "2 true", "十": "10 true", "十一": "11 true", "二十": "20 true", "二十五": "25 true",
		"": "0 false", "十十": "0 false", "百": "0 false", "二十五六": "0 false", "零十": "0 false", "十零": "0 false", "2x": "0 false", "1234567890": "0 false",
	} {
		n, ok := numerals.Parse(in)
		if got := fmt.Sprint(n, ok); got != want {
			t.Errorf("Parse(%q) = %s, want %s", in, got, want)
		}
	}
}

// Whatever is written with tens is read back.
func TestParseInvertsWriting(t *testing.T) {
	names := []rune("〇一二三四五六七八九")
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(10, 99).Draw(t, "n")
		s := "十"
		if n/10 > 1 {
			s = string(names[n/10]) + s
		}
		if n%10 > 0 {
			s += string(names[n%10])
		}
		if got, ok := numerals.Parse(s); !ok || got != n {
			t.Fatalf("Parse(%q) = %d, %v; want %d", s, got, ok, n)
		}
	})
}
