package jsonstat

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// dimension is one edge of the cube.
type dimension struct {
	id          string
	codes       []string       // categories by position
	multipliers map[string]int // powers of ten that values of a category are to be multiplied with
	labels      jsontext.Value // what categories are called, as it stands; nil for nothing
	eliminable  bool           // PxWeb: may be left out of a question
}

// longest is more than any code has.
const longest = 200

// readDimension reads the description of a dimension. A dimension without
// categories may be described or not: Eurostat does both.
func readDimension(id string, size int, raw jsontext.Value) (dimension, error) {
	dim := dimension{id: id}
	if raw == nil && size == 0 {
		return dim, nil
	}
	parts, err := fields(raw, "its description")
	if err != nil {
		return dim, err
	}
	if ext := parts["extension"]; ext != nil && ext.Kind() == '{' {
		more, err := fields(ext, "its extension")
		if err != nil {
			return dim, err
		}
		dim.eliminable = more["elimination"].Kind() == 't'
	}
	if parts["category"] == nil && size == 0 {
		return dim, nil
	}
	category, err := fields(parts["category"], "its category")
	if err != nil {
		return dim, err
	}
	if dim.codes, err = readCodes(category); err != nil {
		return dim, err
	}
	if len(dim.codes) != size {
		return dim, fmt.Errorf("it has %d categories, but size says %d", len(dim.codes), size)
	}
	dim.labels = category["label"]
	dim.multipliers, err = readMultipliers(category["unit"])
	return dim, err
}

// named is what the categories are called, as far as it is said.
func (d dimension) named() map[string]string {
	if d.labels.Kind() != '{' {
		return nil
	}
	names := map[string]string{}
	_ = members(d.labels, "category.label", func(code string, v jsontext.Value) error {
		if v.Kind() == '"' {
			names[code] = text(v)
		}
		return nil
	}) // it was well-formed when the document was read
	return names
}

// readCodes puts the categories in their positions.
func readCodes(category map[string]jsontext.Value) ([]string, error) {
	index := category["index"]
	switch {
	case index == nil || index.Kind() == 'n':
		return onlyCode(category["label"])
	case index.Kind() == '[':
		codes, err := texts(index, "category.index")
		if err != nil {
			return nil, err
		}
		return codes, distinct(codes)
	}
	var names []string
	var places []int
	err := members(index, "category.index", func(name string, v jsontext.Value) error {
		n, err := count(v, "a position")
		names, places = append(names, name), append(places, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	codes := make([]string, len(names))
	taken := make([]bool, len(names))
	for i, n := range places {
		if n >= len(names) || taken[n] {
			return nil, fmt.Errorf("category %q has position %d, which is taken or beyond the last of %d", clip(names[i]), n, len(names))
		}
		codes[n], taken[n] = names[i], true
	}
	return codes, distinct(codes)
}

// onlyCode is the category of a dimension that has one and gives it no position.
func onlyCode(label jsontext.Value) ([]string, error) {
	var codes []string
	if label == nil {
		return nil, errors.New("its categories have neither index nor label")
	}
	err := members(label, "category.label", func(name string, _ jsontext.Value) error {
		codes = append(codes, name)
		return nil
	})
	if err == nil && len(codes) != 1 {
		err = fmt.Errorf("its %d categories have no index, so their order is not known", len(codes))
	}
	if err != nil {
		return nil, err
	}
	return codes, distinct(codes)
}

func distinct(codes []string) error {
	seen := make(map[string]bool, len(codes))
	for _, c := range codes {
		switch {
		case c == "" || len(c) > longest:
			return fmt.Errorf("a category's code is empty or longer than %d bytes: %q", longest, clip(c))
		case seen[c]:
			return fmt.Errorf("category %q is listed twice", c)
		}
		seen[c] = true
	}
	return nil
}

// multiplierWords are powers of ten in words.
var multiplierWords = map[string]int{"units": 0, "thousands": 3, "millions": 6, "billions": 9}

// readMultipliers reads the powers of ten out of category.unit.
func readMultipliers(units jsontext.Value) (map[string]int, error) {
	if units == nil || units.Kind() == 'n' {
		return nil, nil
	}
	var out map[string]int
	err := members(units, "category.unit", func(code string, v jsontext.Value) error {
		unit, err := fields(v, "the unit of a category")
		if err != nil {
			return err
		}
		m := unit["multiplier"]
		if m == nil || m.Kind() == 'n' {
			return nil
		}
		n, err := strconv.Atoi(text(m))
		if word, known := multiplierWords[strings.ToLower(text(m))]; known { // the Office for National Statistics
			n, err = word, nil
		}
		if err != nil || n < -30 || n > 30 {
			return fmt.Errorf("the multiplier of %q is %s, which is no power of ten", clip(code), clip(m))
		}
		if n != 0 {
			if out == nil {
				out = map[string]int{}
			}
			out[code] = n
		}
		return nil
	})
	return out, err
}
