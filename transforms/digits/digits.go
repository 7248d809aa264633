// Package digits writes numbers for people: thousands separated, as many decimals
// as their publisher prints, and a hyphen for a minus sign, which survives copying
// into a spreadsheet.
package digits

import (
	"strconv"
	"strings"
)

// Number writes v with the given decimals; with -1, as many as it has.
func Number(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, fraction, hasFraction := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if hasFraction {
		fraction = "." + fraction
	}
	return sign + whole + fraction
}

// Signed is Number with a plus for what is not negative.
func Signed(v float64, decimals int) string {
	s := Number(v, decimals)
	if !strings.HasPrefix(s, "-") {
		s = "+" + s
	}
	return s
}
