package digits_test

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"citystats/transforms/digits"
)

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		v        float64
		decimals int
		want     string
	}{
		{29348, 0, "29,348"},
		{1234567.891, 1, "1,234,567.9"},
		{-15.94, 1, "-15.9"},
		{-1000, 0, "-1,000"},
		{999, 0, "999"},
		{40.3, -1, "40.3"},
		{13, -1, "13"},
		{0.5, 0, "0"},
	} {
		if got := digits.Number(tt.v, tt.decimals); got != tt.want {
			t.Errorf("Number(%v, %d) = %q, want %q", tt.v, tt.decimals, got, tt.want)
		}
	}
	if got := digits.Signed(1.7, 1) + " " + digits.Signed(-2, 0) + " " + digits.Signed(0, 0); got != "+1.7 -2 +0" {
		t.Errorf("signed: %q", got)
	}
}

func TestNumberKeepsItsDigits(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		v := rapid.Float64Range(-1e15, 1e15).Draw(r, "v")
		text := digits.Number(v, -1)
		if back, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64); err != nil || back != v {
			r.Errorf("%v is written %s", v, text)
		}
	})
}
