// Package numerals reads Chinese numerals as statistics use them: years written
// digit by digit (二〇二二), and small counts (十一, 二十五, 两).
package numerals

import "strings"

// digits are the characters that stand for one digit.
var digits = map[rune]int{
	'〇': 0, '○': 0, '零': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9,
	'0': 0, '1': 1, '2': 2, '3': 3, '4': 4, '5': 5, '6': 6, '7': 7, '8': 8, '9': 9,
}

// Digit is the digit a character stands for.
func Digit(r rune) (int, bool) {
	d, ok := digits[r]
	return d, ok
}

// Parse reads a whole number below 100 written with 十, or one written digit by
// digit. It says false of anything else: a numeral nobody can read is not guessed.
func Parse(s string) (int, bool) {
	tens, ones, ten := strings.Cut(s, "十")
	if !ten {
		return plain(s)
	}
	t, o := 1, 0
	var ok bool
	if tens != "" {
		if t, ok = single(tens); !ok || t == 0 {
			return 0, false
		}
	}
	if ones != "" {
		if o, ok = single(ones); !ok || o == 0 {
			return 0, false
		}
	}
	return t*10 + o, true
}

func single(s string) (int, bool) {
	r := []rune(s)
	if len(r) != 1 {
		return 0, false
	}
	return Digit(r[0])
}

// plain reads digit by digit, at most nine of them.
func plain(s string) (int, bool) {
	n, count := 0, 0
	for _, r := range s {
		d, ok := Digit(r)
		if !ok || count == 9 {
			return 0, false
		}
		n, count = n*10+d, count+1
	}
	return n, count > 0
}
