package main

import "golang.org/x/text/encoding/simplifiedchinese"

// gb2312 are the Chinese characters of GB 2312, levels 1 and 2.
func gb2312() []rune {
	decode := simplifiedchinese.GBK.NewDecoder()
	var out []rune
	for row := byte(0xB0); row <= 0xF7; row++ {
		for cell := byte(0xA1); cell <= 0xFE; cell++ {
			text, err := decode.Bytes([]byte{row, cell})
			if r := []rune(string(text)); err == nil && len(r) == 1 && r[0] >= 0x4E00 && r[0] <= 0x9FFF {
				out = append(out, r[0])
			}
		}
	}
	return out
}
