package queries_test

import (
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// rate is what stands for one year of a window.
type rate struct {
	kind     string
	value    float64
	halfUnit float64
}

// window is a row of growth, without its labels.
type window struct {
	average, low, high, arithmetic sql.NullFloat64
}

// grow asks the real model growth what the rates average to.
func grow(t testing.TB, conn *sql.Conn, years []rate) window {
	t.Helper()
	rows := make([]string, len(years))
	for i, y := range years {
		value := fmt.Sprintf("CAST(%v AS DOUBLE)", y.value)
		if y.kind == "missing" {
			value = "CAST(NULL AS DOUBLE)"
		}
		rows[i] = fmt.Sprintf("('w', '340100', 'Hefei', %d, '%s', %s, CAST(%v AS DOUBLE), 'A', 'high')", 2013+i, y.kind, value, y.halfUnit)
	}
	// The order of the table's rows is not the order of the years.
	slices.Reverse(rows)
	run(t, conn, "CREATE OR REPLACE TABLE growth_years AS FROM (VALUES "+strings.Join(rows, ", ")+
		") AS y (window_id, region_code, region, year, kind, rate, half_unit, obs_status, confidence)")
	model, _ := load(t).Model("growth")
	var w window
	row := conn.QueryRowContext(t.Context(), "SELECT average_growth, average_low, average_high, arithmetic_mean FROM (\n"+model.SQL+"\n)")
	if err := row.Scan(&w.average, &w.low, &w.high, &w.arithmetic); err != nil {
		t.Fatal(err)
	}
	return w
}

// percent draws a rate as publishers print it.
func percent() *rapid.Generator[float64] {
	return rapid.Map(rapid.IntRange(-150, 300), func(tenths int) float64 { return float64(tenths) / 10 })
}

func year(kinds ...string) *rapid.Generator[rate] {
	return rapid.Custom(func(r *rapid.T) rate {
		return rate{rapid.SampledFrom(kinds).Draw(r, "kind"), percent().Draw(r, "rate"), 0.05}
	})
}

func TestGrowthOfAConstantRateIsThatRate(t *testing.T) {
	conn := engine(t)
	rapid.Check(t, func(r *rapid.T) {
		value := percent().Draw(r, "rate")
		w := grow(t, conn, slices.Repeat([]rate{{"yearly", value, 0.05}}, rapid.IntRange(1, 20).Draw(r, "years")))
		if !close9(w.average.Float64, value) || !close9(w.arithmetic.Float64, value) {
			r.Errorf("%v every year averages to %v, arithmetically to %v", value, w.average.Float64, w.arithmetic.Float64)
		}
	})
}

func TestGrowthLiesWithinItsBounds(t *testing.T) {
	conn := engine(t)
	rapid.Check(t, func(r *rapid.T) {
		years := rapid.SliceOfN(year("yearly", "bridge"), 1, 12).Draw(r, "years")
		w := grow(t, conn, years)
		average, low, high := w.average.Float64, w.low.Float64, w.high.Float64
		if low > average || average > high {
			r.Errorf("low %v, average %v and high %v are not in this order", low, average, high)
		}
		if bridged := slices.ContainsFunc(years, func(y rate) bool { return y.kind == "bridge" }); bridged != (low < high) {
			r.Errorf("low %v and high %v; they must differ only where a year is bridged: %v", low, high, bridged)
		}
		// Shifting every rate by d shifts the geometric mean by d times its ratio to
		// the harmonic one, which is below 1.03 for rates between -15 and 30 percent.
		if high-low > 0.1*1.03 {
			r.Errorf("low %v and high %v are further apart than a printed digit allows", low, high)
		}
		if average > w.arithmetic.Float64+1e-9 {
			r.Errorf("average %v is above the arithmetic mean %v", average, w.arithmetic.Float64)
		}
	})
}

func TestGrowthDoesNotDependOnTheOrderOfYears(t *testing.T) {
	conn := engine(t)
	rapid.Check(t, func(r *rapid.T) {
		years := rapid.SliceOfN(year("yearly", "bridge"), 1, 12).Draw(r, "years")
		shuffled := rapid.Permutation(years).Draw(r, "shuffled")
		// Not close but equal: two builds of one release must not differ in a digit.
		if a, b := grow(t, conn, years), grow(t, conn, shuffled); a != b {
			r.Errorf("%v in order, %v in another", a, b)
		}
	})
}

func TestGrowthHasNoAverageWhileAYearIsMissing(t *testing.T) {
	conn := engine(t)
	rapid.Check(t, func(r *rapid.T) {
		years := rapid.SliceOfN(year("yearly", "bridge", "missing"), 0, 12).Draw(r, "years")
		years = append(years, rate{kind: "missing"})
		if w := grow(t, conn, years); w != (window{}) {
			r.Errorf("a year is missing and the window has %v", w)
		}
	})
}

// close9 takes two rates for one that differ by less than publishers could print.
func close9(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
