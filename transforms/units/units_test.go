package units_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"citystats/transforms/units"
)

var (
	yuan    = units.Unit{ID: "cny", Measure: "CNY"}
	wan     = units.Unit{ID: "cny_10k", Measure: "CNY", Mult: 4}
	yi      = units.Unit{ID: "cny_100m", Measure: "CNY", Mult: 8}
	persons = units.Unit{ID: "persons", Measure: "PERSON"}
)

func TestConvertKeepsPrintedDigits(t *testing.T) {
	for _, c := range []struct {
		v        float64
		from, to units.Unit
		want     float64
	}{
		{963.4, wan, yuan, 9634000},
		{12013.1, yi, wan, 120131000},
		{5157.97, yi, yuan, 515797000000},
		{29348, yuan, wan, 2.9348},
		{-2.1, yi, yi, -2.1},
		{0, yi, yuan, 0},
	} {
		if got, err := units.Convert(c.v, c.from, c.to); err != nil || got != c.want {
			t.Errorf("Convert(%v %s to %s) = %v, %v; want exactly %v", c.v, c.from.ID, c.to.ID, got, err, c.want)
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	if v, err := units.Convert(1, yuan, persons); err == nil {
		t.Errorf("yuan became %v persons; two measures must never convert", v)
	}
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		if got, err := units.Convert(v, yi, yuan); err == nil {
			t.Errorf("Convert(%v) = %v, want an error", v, got)
		}
	}
}

func TestConvertThereAndBack(t *testing.T) {
	all := []units.Unit{yuan, wan, yi}
	rapid.Check(t, func(t *rapid.T) {
		// Fifteen digits are what a decimal survives in a float64; publishers print fewer.
		v := float64(rapid.Int64Range(-999999999999999, 999999999999999).Draw(t, "digits")) / 100
		a, b := rapid.SampledFrom(all).Draw(t, "a"), rapid.SampledFrom(all).Draw(t, "b")
		there, err := units.Convert(v, a, b)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := units.Convert(there, b, a); err != nil || back != v {
			t.Fatalf("%v %s -> %v %s -> %v, %v", v, a.ID, there, b.ID, back, err)
		}
	})
}
