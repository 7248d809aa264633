package communique

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/longbridgeapp/opencc"
	"golang.org/x/text/width"

	"citystats/transforms/numerals"
)

// text is a stretch of a document twice: as printed, and plain: in simplified
// characters and half-width forms, without white space, footnote marks and the
// readings that copying machines put behind characters. Grammars read the plain
// form; at and end lead back to the printed one.
type text struct {
	raw     string
	plain   string
	at, end []int32 // of each byte of plain: where its character begins and ends in raw
}

// slice is a part of the plain form.
func (t text) slice(from, to int) text {
	return text{t.raw, t.plain[from:to], t.at[from:to], t.end[from:to]}
}

// without is the text with a part of the plain form taken out.
func (t text) without(from, to int) text {
	join := func(a []int32) []int32 { return append(append([]int32{}, a[:from]...), a[to:]...) }
	return text{t.raw, t.plain[:from] + t.plain[to:], join(t.at), join(t.end)}
}

// glyph is a character on its way to the plain form.
type glyph struct {
	r        rune
	from, to int
	wide     bool
	gone     bool
}

// plain makes the plain form of what is printed.
func plain(raw string) text {
	var glyphs []glyph
	for i, r := range raw {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(raw[i:])
		}
		if g, ok := fold(r); ok {
			glyphs = append(glyphs, glyph{r: g, from: i, to: i + size, wide: g != r})
		}
	}
	for _, step := range []func([]glyph){readings, footnotes, abbreviations, years} {
		step(glyphs)
		glyphs = kept(glyphs)
	}
	spaces(glyphs)
	glyphs = kept(glyphs)
	punctuation(glyphs)
	t := text{raw: raw}
	var out strings.Builder
	for _, g := range glyphs {
		n, _ := out.WriteRune(g.r)
		for range n {
			t.at, t.end = append(t.at, int32(g.from)), append(t.end, int32(g.to))
		}
	}
	t.plain = out.String()
	return t
}

func kept(glyphs []glyph) []glyph {
	out := glyphs[:0]
	for _, g := range glyphs {
		if !g.gone {
			out = append(out, g)
		}
	}
	return out
}

// forms are characters that mean the same as another.
var forms = map[rune]rune{
	'∶': ':', '−': '-', '–': '-', '—': '-', '―': '-', '﹣': '-', '～': '-', '~': '-', '〔': '[', '［': '[', '【': '[', '〕': ']', '］': ']', '】': ']',
	'﹙': '(', '﹚': ')', '﹪': '%', '…': '，', '；': ';', '！': '。', '!': '。', '？': '。', '?': '。', '｡': '。', '﹐': '，', '，': '，', '﹒': '.', '○': '〇',
	'産': '产', '済': '济', '総': '总', '増': '增', '価': '价', '県': '县', '収': '收', '処': '处', '戸': '户', '経': '经', '発': '发', '億': '亿',
}

// fold gives a character's plain form; false for one that nobody sees.
func fold(r rune) (rune, bool) {
	switch {
	case r == gap:
		return r, true
	case unicode.Is(unicode.Cf, r): // zero-width characters, soft hyphens, byte order marks
		return 0, false
	case unicode.IsSpace(r):
		return ' ', true
	}
	if f, ok := forms[r]; ok {
		return f, true
	}
	if f := width.LookupRune(r).Folded(); f != 0 {
		return f, true
	}
	if r >= 0x3400 {
		if s, ok := simplified()[r]; ok {
			return s, true
		}
	}
	return r, true
}

// simplified maps traditional characters to simplified ones, one to one.
var simplified = sync.OnceValue(func() map[rune]rune {
	out := map[rune]rune{}
	converter, err := opencc.New("t2s")
	if err != nil {
		return out // its dictionaries are built in: TestSimplified would fail
	}
	for r := rune(0x3400); r < 0xFB00; r++ {
		s, err := converter.Convert(string(r))
		if to, size := utf8.DecodeRuneInString(s); err == nil && size == len(s) && to != r {
			out[r] = to
		}
	}
	return out
})

func isHan(r rune) bool   { return unicode.Is(unicode.Han, r) }
func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// closes finds the mate of the bracket at i, at most reach characters on.
func closes(g []glyph, i, reach int, mate rune, inside func(rune) bool) int {
	for j := i + 1; j < len(g) && j <= i+reach; j++ {
		if g[j].r == mate {
			return j
		}
		if !inside(g[j].r) {
			return -1
		}
	}
	return -1
}

// readings takes the pinyin out that copies carry: 經(jīng)濟(jì).
func readings(g []glyph) {
	lower := func(r rune) bool { return unicode.IsLower(r) || r == ' ' }
	for i := 1; i < len(g); i++ {
		if g[i].r != '(' || !isHan(g[i-1].r) {
			continue
		}
		if j := closes(g, i, 8, ')', lower); j > i+1 {
			remove(g, i, j)
		}
	}
}

// footnotes takes marks such as [2] and ① away without joining what they stood between.
func footnotes(g []glyph) {
	number := func(r rune) bool { return isDigit(r) || r == '注' || r == ' ' }
	for i := range g {
		j := i
		switch {
		case g[i].r == gap, g[i].r >= '①' && g[i].r <= '⑳':
		case g[i].r == '[':
			if j = closes(g, i, 4, ']', number); j <= i+1 {
				continue
			}
		default:
			continue
		}
		remove(g, i, j)
		if i > 0 && j+1 < len(g) && isDigit(g[i-1].r) && isDigit(g[j+1].r) {
			g[i].r, g[i].gone = ' ', false
		}
	}
}

// abbreviations takes (GDP) and the like away: the name before it says it all.
func abbreviations(g []glyph) {
	upper := func(r rune) bool { return r >= 'A' && r <= 'Z' || r == ' ' }
	for i := range g {
		if g[i].r != '(' {
			continue
		}
		if j := closes(g, i, 8, ')', upper); j > i+1 {
			remove(g, i, j)
		}
	}
}

// years writes 二〇二二年 with digits.
func years(g []glyph) {
	for i := 4; i < len(g); i++ {
		if g[i].r != '年' {
			continue
		}
		var digits [4]int
		ok := true
		for k := range digits {
			d, is := numerals.Digit(g[i-4+k].r)
			digits[k], ok = d, ok && is && !isDigit(g[i-4+k].r) && g[i-4+k].r != '两'
		}
		if ok {
			for k, d := range digits {
				g[i-4+k].r = rune('0' + d)
			}
		}
	}
}

func remove(g []glyph, from, to int) {
	for k := from; k <= to; k++ {
		g[k].gone = true
	}
}

// spaces keeps only those that part numbers or words in Latin letters.
func spaces(g []glyph) {
	number := func(r rune) bool { return isDigit(r) || r == '.' }
	letter := func(r rune) bool { return r < 0x80 && unicode.IsLetter(r) }
	for i := range g {
		if g[i].r != ' ' {
			continue
		}
		before, after := i-1, i+1
		for after < len(g) && g[after].r == ' ' {
			after++
		}
		parts := before >= 0 && after < len(g) &&
			(number(g[before].r) && number(g[after].r) || letter(g[before].r) && letter(g[after].r))
		g[i].gone = !parts
	}
}

// punctuation tells commas between thousands from commas between clauses, and
// points in numbers from points that end a sentence.
func punctuation(g []glyph) {
	digit := func(i int) bool { return i >= 0 && i < len(g) && isDigit(g[i].r) }
	for i := range g {
		switch g[i].r {
		case ',', '，':
			// A wide comma between narrow digits stands between clauses.
			narrow := g[i].r == ',' || (digit(i-1) && g[i-1].wide)
			if narrow && digit(i-1) && digit(i+1) && digit(i+2) && digit(i+3) && !digit(i+4) {
				g[i].r = ','
			} else {
				g[i].r = '，'
			}
		case '.':
			if i > 0 && !digit(i-1) && !digit(i+1) && (isHan(g[i-1].r) || g[i-1].r == '%') {
				g[i].r = '。'
			}
		}
	}
}
