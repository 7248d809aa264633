package sdmx

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// anyCube draws a data set of up to 12 series.
func anyCube(t *rapid.T) cube {
	c := cube{agency: "OECD.CFE.EDS", flow: "DSD_REG_ECO@DF_GDP", dims: []string{"FREQ", "REF_AREA", "MEASURE", "UNIT_MEASURE"}[:rapid.IntRange(2, 4).Draw(t, "dims")], area: "REF_AREA"}
	codes := [][]string{{"A", "Q"}, {"CHN", "CN01", "ES51", "AUS"}, {"GDP", "_T"}, {"USD_PPP_PS", "XDC"}}
	if rapid.Bool().Draw(t, "forecasts") {
		c.actual = map[string]string{}
		for _, area := range codes[1] {
			c.actual[area] = rapid.SampledFrom([]string{"2021", "2023", "", "FY2023/24"}).Draw(t, "actual")
		}
	}
	seen := map[string]bool{}
	for range rapid.IntRange(0, 12).Draw(t, "series") {
		var s cubeSeries
		for i := range c.dims {
			s.key = append(s.key, rapid.SampledFrom(codes[i]).Draw(t, "code"))
		}
		key := joined(s.key, []int{0, 1, len(s.key) - 1, len(s.key) - 2})
		if seen[key] {
			continue
		}
		seen[key] = true
		s.mult = rapid.SampledFrom([]string{"", "0", "3", "6", "-2", "9999"}).Draw(t, "mult")
		times := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"2019", "2021", "2022-Q3", "2023-M04", "2023-S2", "2024-11", "2024-W01", "2024"}), 1, 6, rapid.ID[string]).Draw(t, "times")
		for _, at := range times {
			o := cubeObs{time: at, status: rapid.SampledFrom([]string{"", "A", "B", "E", "F", "P", "M", "Y"}).Draw(t, "status")}
			if rapid.IntRange(0, 4).Draw(t, "there") > 0 {
				o.value = strconv.FormatFloat(float64(rapid.IntRange(-1e9, 1e9).Draw(t, "value"))/1000, 'f', -1, 64)
			}
			s.obs = append(s.obs, o)
		}
		c.series = append(c.series, s)
	}
	return c
}

// told is what was found, without the order and the numbers of the records.
type told struct {
	observations []source.Observation
	reasons      []string
}

func tell(c *sourcetest.Collector) told {
	var t told
	for _, o := range c.Observations {
		o.Record = 0
		t.observations = append(t.observations, o)
	}
	slices.SortFunc(t.observations, func(a, b source.Observation) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Indicator, b.Indicator), cmp.Compare(a.Period, b.Period))
	})
	for _, r := range c.Rejects {
		t.reasons = append(t.reasons, r.Reason)
	}
	slices.Sort(t.reasons)
	return t
}

// TestFormatsAgree writes one data set in every format and wants the same from each.
func TestFormatsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCube(t)
		src := New(Config{ID: "oecd", Queries: []Query{c.query()}})
		formats := c.formats()
		var want *told
		first := ""
		for _, name := range slices.Sorted(maps.Keys(formats)) {
			got, err := sourcetest.Decode(src, source.Document{Name: "data/cube", Body: formats[name]})
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, formats[name])
			}
			now := tell(got)
			if want == nil {
				want, first = &now, name
				wantAll(t, c, now)
				continue
			}
			if diff := gocmp.Diff(*want, now, gocmp.AllowUnexported(told{})); diff != "" {
				t.Fatalf("%s and %s differ (-%s +%s):\n%s", first, name, first, name, diff)
			}
		}
	})
}

// wantAll checks that every value of the cube became an observation or a reject,
// and every observation is one of its values.
func wantAll(t *rapid.T, c cube, got told) {
	values := map[string]int{}
	n := 0
	for _, s := range c.series {
		for _, o := range s.obs {
			if o.value != "" {
				n++
				values[o.value]++
			}
		}
	}
	if n != len(got.observations)+len(got.reasons) {
		t.Fatalf("%d values became %d observations and %d rejects", n, len(got.observations), len(got.reasons))
	}
	for _, o := range got.observations {
		text := strconv.FormatFloat(o.Value, 'f', -1, 64)
		if values[text]--; values[text] < 0 {
			t.Fatalf("the value %s of %s is none of the cube's", text, o.Indicator)
		}
	}
}

// TestNumbers holds the reading of numbers to strconv, for what both read.
func TestNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Draw(t, "number")
		text := strconv.FormatFloat(f, rapid.SampledFrom([]byte("efg")).Draw(t, "form"), -1, 64)
		if got, ok := number(text); !ok || got != f {
			t.Fatalf("number(%s) = %v, %v", text, got, ok)
		}
	})
	for _, text := range []string{"", "Inf", "-inf", "NaN", "0x1p4", "1_000", "1,000", "1 000", "1e999", "12a", "true", "١"} {
		if got, ok := number(text); ok {
			t.Errorf("number(%q) = %v", text, got)
		}
	}
}
