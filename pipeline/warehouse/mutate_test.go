//go:build duckdb_arrow

package warehouse

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// truth is a measured yearly figure of the bundled documents, with what stands
// near it in tables and is taken for it by mistake.
type truth struct {
	region, indicator, year, unit, origin, measure string
	value                                          float64
	before, neighbour, change                      float64 // NaN when there is none
}

const truths = `SELECT o.region_code, o.indicator, o.time_period, o.unit, o.origin, i.measure, o.value,
	(SELECT p.value FROM release.main.observations AS p WHERE p.series_id = o.series_id AND p.time_period = CAST(CAST(o.time_period AS INTEGER) - 1 AS VARCHAR)) AS before,
	(SELECT min_by(n.value, n.region_code) FROM release.main.observations AS n WHERE n.indicator = o.indicator AND n.origin = o.origin
		AND n.time_period = o.time_period AND n.region_code > o.region_code AND n.value <> o.value) AS neighbour,
	(SELECT min(c.change_percent) FROM release.main.changes AS c WHERE c.region_code = o.region_code AND c.indicator = 'gdp' AND c.time_period = o.time_period) AS change
FROM release.main.observations AS o
JOIN release.main.indicators AS i ON i.id = o.indicator
WHERE o.frequency = 'A' AND o.standing = 3 AND o.qualifier = 'exact'
ORDER BY o.indicator, o.region_code, o.time_period, o.origin`

func (tr *experiment) truths(t *testing.T) []truth {
	t.Helper()
	rows, err := query(t.Context(), tr.conn, truths)
	if err != nil {
		t.Fatal(err)
	}
	number := func(v any) float64 {
		if f, ok := v.(float64); ok {
			return f
		}
		return math.NaN()
	}
	var out []truth
	for _, r := range rows.Rows {
		s := func(i int) string { return r[i].(string) }
		out = append(out, truth{s(0), s(1), s(2), s(3), s(4), s(5), number(r[6]), number(r[7]), number(r[8]), number(r[9])})
	}
	return out
}

// mutation is a way figures go wrong on their way from a page into a table.
type mutation struct {
	class, pitfall string
	n              int
	wrong          func(t truth, r *rand.Rand) float64 // NaN when it does not apply
}

func level(f func(truth, *rand.Rand) float64) func(truth, *rand.Rand) float64 {
	return func(t truth, r *rand.Rand) float64 {
		if t.measure != "level" {
			return math.NaN()
		}
		return f(t, r)
	}
}

func rate(f func(truth) float64) func(truth, *rand.Rand) float64 {
	return func(t truth, _ *rand.Rand) float64 {
		if t.measure == "level" || t.unit != "percent" {
			return math.NaN()
		}
		return f(t)
	}
}

var mutations = []mutation{
	{"ten-thousandfold", "The unit above the column is 10 thousand where 100 million is read", 12, level(func(t truth, _ *rand.Rand) float64 { return t.value * 1e4 })},
	{"ten-thousandfold", "The unit above the column is 100 million where 10 thousand is read", 8, level(func(t truth, _ *rand.Rand) float64 { return t.value / 1e4 })},
	{"decimal point", "The decimal point is lost or one off", 18, level(func(t truth, r *rand.Rand) float64 { return t.value * []float64{0.1, 10, 100}[r.IntN(3)] })},
	{"percent as fraction", "0.083 for 8.3 percent", 12, rate(func(t truth) float64 { return t.value / 100 })},
	{"index for growth", "108.3 for growth of 8.3", 12, rate(func(t truth) float64 {
		if t.measure != "growth" {
			return math.NaN()
		}
		return t.value + 100
	})},
	{"sign", "The minus sign is lost or added", 12, rate(func(t truth) float64 {
		if t.measure != "growth" {
			return math.NaN()
		}
		return -t.value
	})},
	{"two digits swapped", "Two neighbouring digits changed places in typing", 24, func(t truth, r *rand.Rand) float64 { return swapped(t.value, r) }},
	{"one digit wrong", "One digit was read wrongly", 24, func(t truth, r *rand.Rand) float64 { return mistyped(t.value, r) }},
	{"neighbour copied", "The row below in the table", 18, level(func(t truth, _ *rand.Rand) float64 { return t.neighbour })},
	{"year shifted", "The column to the left in the table", 18, level(func(t truth, _ *rand.Rand) float64 { return t.before })},
	{"nominal for real", "The change at current prices for real growth", 8, func(t truth, _ *rand.Rand) float64 {
		if t.indicator != "gdp_growth_real" {
			return math.NaN()
		}
		return math.Round(t.change*10) / 10
	}},
}

// swapped exchanges two neighbouring digits that differ.
func swapped(v float64, r *rand.Rand) float64 {
	digits := []byte(strconv.FormatFloat(v, 'f', -1, 64))
	var at []int
	for i := 1; i < len(digits); i++ {
		if isDigit(digits[i-1]) && isDigit(digits[i]) && digits[i] != digits[i-1] && (i > 1 || digits[i] != '0') {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return math.NaN()
	}
	i := at[r.IntN(len(at))]
	digits[i-1], digits[i] = digits[i], digits[i-1]
	return asNumber(digits)
}

// mistyped replaces one digit by another.
func mistyped(v float64, r *rand.Rand) float64 {
	digits := []byte(strconv.FormatFloat(v, 'f', -1, 64))
	i := r.IntN(len(digits))
	if !isDigit(digits[i]) {
		return math.NaN()
	}
	other := byte('0' + (int(digits[i]-'0')+1+r.IntN(9))%10)
	if i == 0 && other == '0' {
		return math.NaN()
	}
	digits[i] = other
	return asNumber(digits)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func asNumber(digits []byte) float64 {
	v, err := strconv.ParseFloat(string(digits), 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

// mutated writes testdata/faults_drawn.csv: each mutation on figures drawn with a
// fixed seed, one for each way of arriving in turn.
func (tr *experiment) mutated(t *testing.T) {
	t.Helper()
	all := tr.truths(t)
	f, err := os.Create(filepath.Join("testdata", "faults_drawn.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := csv.NewWriter(f)
	_ = out.Write(corpusColumns) // Error tells below
	n := 0
	for _, m := range mutations {
		r := rand.New(rand.NewPCG(20261125, uint64(len(m.pitfall))))
		for done := 0; done < m.n; {
			v := all[r.IntN(len(all))]
			// Two series make most of the figures; the others are to be drawn too.
			if (v.indicator == "gdp" && v.origin == "nbs" || v.origin == "hfut_panel") && r.IntN(3) > 0 {
				continue
			}
			w := m.wrong(v, r)
			if math.IsNaN(w) || w == v.value {
				continue
			}
			arrives := []arrival{first, another, revision}[done%3]
			origin, published := v.origin, ""
			switch arrives {
			case another:
				origin = "third_party_repository"
			case revision:
				published = "2026-11-20"
			case first, undated:
			}
			n++
			done++
			_ = out.Write([]string{
				fmt.Sprintf("d%03d", n), m.class, string(arrives), v.region, v.indicator, v.year, plain(w), v.unit, "final", origin, published, plain(v.value), m.pitfall,
			})
		}
	}
	if out.Flush(); out.Error() != nil {
		t.Fatal(out.Error())
	}
}

// plain writes a number as a page does, without the noise of floating point.
func plain(v float64) string {
	s := strconv.FormatFloat(v, 'f', 6, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
