package table

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"citystats/sources/grid"
)

// figure is what a cell says.
type figure struct {
	value    float64
	mult     int  // 2 where the cell shows a percentage of what it holds
	percent  bool // the cell itself says so
	decimals int  // as shown
	note     string
	missing  bool // the cell says that there is no figure
}

// errText says that a cell holds a text nobody listed.
var errText = errors.New("it is no number, and the book does not say what it means")

// read understands one cell.
func (b *Book) read(c grid.Cell) (figure, error) {
	text := tidy(c.Text)
	if _, listed := b.symbols[text]; listed && (text != "" || !c.IsNumber) {
		return figure{missing: true}, nil
	}
	if c.Merged {
		return figure{}, errors.New("it is part of a merged range: one figure stands for several")
	}
	if c.IsNumber {
		return held(c, text)
	}
	if f, ok := printed(text); ok {
		return f, nil
	}
	for _, m := range b.marks {
		bare, marked := strings.CutSuffix(text, m.text)
		if f, ok := printed(strings.TrimSpace(bare)); marked && ok {
			f.note = m.text + " " + m.meaning
			return f, nil
		}
	}
	return figure{}, errText
}

// grouped is a number with its thousands apart, all of them the same way.
var grouped = regexp.MustCompile(`^-?\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+)(?:\.\d+)?$`)

// plain is a number without.
var plain = regexp.MustCompile(`^-?\d+(?:\.\d+)?$`)

// printed reads a number as tables print them.
func printed(text string) (f figure, ok bool) {
	if bare, percent := strings.CutSuffix(text, "%"); percent {
		f.percent, text = true, strings.TrimSpace(bare)
	}
	switch {
	case grouped.MatchString(text):
		text = strings.NewReplacer(",", "", " ", "").Replace(text)
	case !plain.MatchString(text):
		return figure{}, false
	}
	_, decimals, _ := strings.Cut(text, ".")
	f.decimals = len(decimals)
	var err error
	f.value, err = strconv.ParseFloat(text, 64)
	return f, err == nil && !math.IsInf(f.value, 0)
}

// held reads a cell that holds a number, which what it shows must be a rounding of.
func held(c grid.Cell, text string) (figure, error) {
	shown, ok := printed(text)
	if !ok {
		// Very large and very small numbers show in powers of ten, with all their digits.
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || v != c.Number {
			return figure{}, fmt.Errorf("it holds %v and shows %q", c.Number, clip(text))
		}
		return figure{value: v}, nil
	}
	f := figure{value: c.Number, percent: shown.percent, decimals: shown.decimals}
	seen := shown.value
	if shown.percent {
		f.mult, seen = 2, shown.value/100
		shown.decimals += 2
	}
	// A little more than half of the last digit, for what is exactly between two.
	if math.Abs(seen-c.Number) > 0.5000001*math.Pow10(-shown.decimals)+math.Abs(c.Number)*1e-14 {
		return figure{}, fmt.Errorf("it holds %v and shows %q, which is no rounding of it", c.Number, clip(text))
	}
	return f, nil
}

// clip cuts text to a readable length.
func clip(text string) string {
	const most = 80
	if runes := []rune(text[:min(len(text), 4*most)]); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return strings.ToValidUTF8(text, "�")
}
