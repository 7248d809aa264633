package render

import (
	"fmt"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Family is the name of the fonts in pictures.
const Family = "Noto Sans CJK SC"

// Fonts are the two weights that pictures are drawn with.
type Fonts struct {
	files  [][]byte
	widths [2]map[rune]float64 // regular and bold: advance in units of the em
}

// LoadFonts unpacks the embedded fonts.
func LoadFonts() (*Fonts, error) {
	f := &Fonts{}
	for i, weight := range []string{"Regular", "Bold"} {
		file, err := asset("NotoSansSC-" + weight + ".otf")
		if err != nil {
			return nil, err
		}
		f.files = append(f.files, file)
		if f.widths[i], err = advances(file); err != nil {
			return nil, fmt.Errorf("font %s: %w", weight, err)
		}
	}
	return f, nil
}

// advances are the widths of all glyphs that have a character, in em.
func advances(file []byte) (map[rune]float64, error) {
	parsed, err := sfnt.Parse(file)
	if err != nil {
		return nil, err
	}
	var buffer sfnt.Buffer
	out := map[rune]float64{}
	em := parsed.UnitsPerEm()
	for r := rune(0x20); r <= 0xFFFF; r++ {
		glyph, err := parsed.GlyphIndex(&buffer, r)
		if err != nil {
			return nil, err
		}
		if glyph == 0 {
			continue
		}
		advance, err := parsed.GlyphAdvance(&buffer, glyph, fixed.Int26_6(em)<<6, font.HintingNone)
		if err != nil {
			return nil, err
		}
		out[r] = float64(advance) / 64 / float64(em)
	}
	return out, nil
}

// Width is how wide the text is in pixels at a font size in pixels, without
// kerning. A character that the fonts lack counts as wide as the size.
func (f *Fonts) Width(text string, size float64, bold bool) float64 {
	weight := 0
	if bold {
		weight = 1
	}
	width := 0.0
	for _, r := range text {
		if w, ok := f.widths[weight][r]; ok {
			width += w
		} else {
			width++
		}
	}
	return math.Round(width*size*100) / 100
}

// Lacks are the characters of the text that the fonts cannot draw.
func (f *Fonts) Lacks(text string) []rune {
	var out []rune
	for _, r := range text {
		if _, ok := f.widths[0][r]; !ok {
			out = append(out, r)
		}
	}
	return out
}
