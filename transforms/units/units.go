// Package units converts a printed figure between units that measure the same
// thing in different sizes: yuan, 万元, 亿元.
//
// A unit is a measure and a power of ten (SDMX UNIT_MEASURE and UNIT_MULT).
// Chinese statistics differ by factors of ten thousand and nothing but the unit
// says so, which is why conversion exists once, here, refuses two measures, and
// moves the decimal point instead of multiplying: 963.4 万人 is 9634000 persons
// and never 9634000.000000001.
package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Unit is a measure and a size.
type Unit struct {
	ID      string // as data/units.csv names it
	Name    string // as English text writes it after a number: 100m yuan
	Measure string // UNIT_MEASURE: CNY, PERSON, PERCENT
	Mult    int    // UNIT_MULT: the power of ten one unit stands for
}

// String names the unit for people, in its key and in words.
func (u Unit) String() string {
	if u.Name == "" {
		return u.ID
	}
	return u.ID + " (" + u.Name + ")"
}

// Times is the unit that is ten to the n of these: million yuan is yuan times 6.
func (u Unit) Times(n int) Unit {
	u.Mult += n
	return u
}

// Convert restates v, given in from, in to. It fails when the two measure
// different things or when v is not a finite number.
func Convert(v float64, from, to Unit) (float64, error) {
	if from.Measure != to.Measure {
		return 0, fmt.Errorf("unit %s measures %s, but %s measures %s", from.ID, from.Measure, to.ID, to.Measure)
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%v is not a number", v)
	}
	shift := from.Mult - to.Mult
	if shift == 0 {
		return v, nil
	}
	return shiftPoint(v, shift)
}

// shiftPoint multiplies by ten to the n in decimal: it rewrites the exponent of
// the shortest text that means v, so the digits a publisher printed survive.
func shiftPoint(v float64, n int) (float64, error) {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
	e, err := strconv.Atoi(exponent)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(mantissa+"e"+strconv.Itoa(e+n), 64)
}
