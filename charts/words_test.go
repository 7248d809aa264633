//go:build duckdb_arrow

package charts_test

import (
	"encoding/csv"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"citystats/charts"
	"citystats/pipeline/warehouse"
)

var numeral = regexp.MustCompile(`[0-9][0-9,]*(\.[0-9]+)?`)

// TestNumbersInWordsAreInTheTable looks every number of the description up in the
// CSV: rounded as it is said, without its sign, for "0.9 less" has none. Counts are of
// rows or of columns.
func TestNumbersInWordsAreInTheTable(t *testing.T) {
	every(t, func(t *testing.T, c *charts.Chart) {
		file, err := c.CSV(false)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(string(file))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		known := []float64{float64(len(rows) - 1)}
		columns := 0
		for _, name := range rows[0] {
			if !strings.Contains(name, "_status") && !strings.Contains(name, "_qualifier") {
				columns++
			}
		}
		// date and period are no series, nor are the region itself, its benchmark and the gap.
		known = append(known, float64(columns-5))
		for _, cell := range slices.Concat(rows[1:]...) {
			for _, n := range numeral.FindAllString(cell, -1) {
				known = append(known, float(strings.ReplaceAll(n, ",", "")))
			}
		}
		// What is no figure: the digits of a unit, and the sentence that is judged.
		words := strings.NewReplacer(c.Unit.EN, "", c.UnitName.EN, "", strings.TrimRight(c.Said.Sentence.EN, "."), "", strings.TrimRight(c.Said.Sentence.ZH, "。"), "").Replace(c.Alt())
		for _, n := range numeral.FindAllString(words, -1) {
			said := strings.TrimRight(strings.ReplaceAll(n, ",", ""), ",")
			_, fraction, _ := strings.Cut(said, ".")
			half := math.Pow(10, -float64(len(fraction)))/2 + 1e-9
			if !slices.ContainsFunc(known, func(v float64) bool { return math.Abs(v-float(said)) <= half }) {
				t.Errorf("the description says %s, which the CSV does not hold:\n%s\n%s", n, c.Alt(), file)
			}
		}
	})
}

// TestSentencesRestOnFirmFigures makes what a sentence would rest on weak, and wants
// it to rest on something else.
func TestSentencesRestOnFirmFigures(t *testing.T) {
	c := resolved(t, "growth", "340100", charts.English)
	last := c.Series[0].Points[len(c.Series[0].Points)-1]
	if last.Confidence != "low" || last.Period != "2025" {
		t.Fatalf("the store's last rate of Hefei is %+v; this test needs a weak one", last)
	}
	for _, text := range []string{c.Headline(), c.Alt()} {
		if strings.Contains(text, "6.1") || strings.Contains(text, "in 2025") {
			t.Errorf("a sentence rests on a single weak copy: %s", text)
		}
	}
	c = resolved(t, "revisions", "340100", charts.English)
	if got := c.Headline(); got != "The output of Hefei in 2012 has been stated in one way, as 416.434bn yuan" {
		t.Errorf("the second statement is a single weak copy, and yet: %s", got)
	}
}

// TestRevisionsOfAnotherRegion takes the period that was stated in most ways there, and
// tells a census from an update.
func TestRevisionsOfAnotherRegion(t *testing.T) {
	c := resolved(t, "revisions", "CHN", charts.English)
	if got := c.Headline(); got != "The output of China in 2020 has been stated in 3 ways, from 101,598.6bn yuan to 103,486.76bn yuan" {
		t.Error(got)
	}
	if notes := strings.Join(c.Notes(), " "); !strings.Contains(notes, "Why it was revised: Final verification of 2020 (2021-12-17), Fifth economic census (2026-04-18).") {
		t.Error(notes)
	}
}

func TestHeadlines(t *testing.T) {
	for _, c := range []struct {
		id, region string
		language   charts.Language
		want       string
	}{
		{"income", "340100", charts.English, "In 2021 urban residents of Hefei had 12.2% more than those of urban China"},
		{"income", "340100", charts.Chinese, "2021年合肥城镇居民人均可支配收入比全国城镇高12.2%"},
		{"income", "340100", charts.Both, "In 2021 urban residents of Hefei had 12.2% more than those of urban China 2021年合肥城镇居民人均可支配收入比全国城镇高12.2%"},
		{"growth", "320100", charts.English, "Nanjing grew by 0.9 percentage points less than China in 2022"},
		{"growth", "320100", charts.Chinese, "2022年南京增速低于全国0.9个百分点"},
		{"growth_gap", "340100", charts.English, "Hefei grew faster by 0.6 percentage points in 2023"},
		{"income_index", "340100", charts.English, "From 2014 to 2021 incomes in Hefei rose by 81.3%, in urban China by 64.4%"},
		{"rank", "340100", charts.English, "By output Hefei was number 6 of 7 in 2017"},
		{"rank", "340100", charts.Chinese, "2017年合肥在7个城市中居第6位"},
		{"per_head", "340100", charts.Chinese, "2021年合肥人均地区生产总值为120,579元"},
		{"claim", "340100", charts.English, "The claim: From 2012 to 2022 Hefei's GDP grew by more than 8 % a year on average. It holds"},
	} {
		if got := resolved(t, c.id, c.region, c.language).Headline(); got != c.want {
			t.Errorf("%s of %s: %q, want %q", c.id, c.region, got, c.want)
		}
	}
}

// TestNotesSayWhatThePictureMarks looks for what must never be left unsaid.
func TestNotesSayWhatThePictureMarks(t *testing.T) {
	for _, c := range []struct {
		id    string
		wants []string
	}{
		{"income", []string{
			"Break in 2014, Hefei: ", "not comparable across it", "Provisional (hollow points): Hefei 2005–2014, 2019; urban China 2020–2025.",
			"From a single weak copy: urban China 2025.", "2005–2013 not like for like with urban China",
		}},
		{"growth", []string{"No figure: Hefei 2017–2018.", "Forecast or target, not measured (hollow points, thin dashes): Hefei 2024.", "Printed as about: Hefei 2024."}},
		{"growth_gap", []string{"No figure: Hefei 2017–2018.", "Provisional (hollow bars): Hefei 2007–2016, 2019–2023; China 2023."}},
		{"share", []string{"Another measure, China: ", "Derived from other published figures (hollow points): Hefei 2013, 2015."}},
		{"income_index", []string{"Left out, as beyond a break, a bound, a forecast or a single weak copy: Hefei 2005–2013."}},
		{"cities", []string{"No figure: Beijing, Shanghai, Lhasa.", "Break in 2014, all cities: "}},
		{"revisions", []string{"Provisional (hollow points): 2013-04-30.", "From a single weak copy: 2023-05-24."}},
		{"claim", []string{"told in our words", "No figure: growth years 2013 to 2022, each by its own rate; ", "The number behind a verdict is the margin"}},
		{"claim_about", []string{"the tolerance less the distance from the claim's number"}},
	} {
		notes := strings.Join(resolved(t, c.id, "340100", charts.English).Notes(), " ")
		for _, want := range c.wants {
			if !strings.Contains(notes, want) {
				t.Errorf("%s: the notes lack %q:\n%s", c.id, want, notes)
			}
		}
	}
}

// TestIndexStopsAtBreaks: levels at current prices are never restated across one.
func TestIndexStopsAtBreaks(t *testing.T) {
	c := resolved(t, "income_index", "340100", charts.English)
	for _, s := range c.Series {
		for _, p := range s.Points {
			if s.Key == "hefei" && p.Period < "2014" {
				t.Errorf("%s %s is beyond the break of 2014 and yet %v of its base", s.Key, p.Period, p.Value)
			}
			if p.Period == "2014" && p.Value != 100 {
				t.Errorf("%s is %v in its base year", s.Key, p.Value)
			}
		}
	}
	if got, want := rowOf(t, c, "2021"), "181.3"; !strings.HasPrefix(got[2], want) {
		t.Errorf("Hefei stands at %s in 2021, want 53,208 / 29,348 = %s", got[2], want)
	}
}

func rowOf(t *testing.T, c *charts.Chart, period string) []string {
	t.Helper()
	file, err := c.CSV(false)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(file))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(rows, func(r []string) bool { return r[1] == period })
	if i < 0 {
		t.Fatalf("the CSV has no row of %s:\n%s", period, file)
	}
	return rows[i]
}

// TestTable holds what a newsroom's tools read against figures that were looked up.
func TestTable(t *testing.T) {
	row := rowOf(t, resolved(t, "income", "340100", charts.English), "2021")
	if got := strings.Join(row, ","); got != "2021-01-01,2021,53208,47412,12.2,A,exact,P,exact" {
		t.Errorf("the row of 2021 is %s", got)
	}
	with, err := resolved(t, "income", "340100", charts.English).CSV(true)
	if err != nil || !strings.HasPrefix(string(with), "\ufeffdate,period,hefei,national_urban,gap_percent,") {
		t.Errorf("with a byte order mark the file begins %.60q (%v)", with, err)
	}
	if got := strconv.Itoa(len(resolved(t, "rank", "340100", charts.English).Table().Rows)); got != "7" {
		t.Errorf("the ranking has %s rows, want one for each of the 7 members", got)
	}
}

// TestRankingLeavesOutAnotherDefinition puts one member on the survey before and
// wants it left out and named.
func TestRankingLeavesOutAnotherDefinition(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mixed.duckdb")
	if err := build(path, "UPDATE comparable_observations SET basis = 'before Integrated household survey' WHERE region_code = '440300' AND time_period = '2014'"); err != nil {
		t.Fatal(err)
	}
	r, err := warehouse.OpenReader(t.Context(), path, warehouse.Limits{MemoryMB: 256})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c, err := charts.Resolve(t.Context(), r, definition(t, "rank_mixed"), charts.Params{Language: charts.English})
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(c.Notes(), " ")
	if got := c.Headline(); got != "Hefei was number 3 of 3" || !strings.Contains(notes, "Left out, on another definition: Shenzhen.") || !strings.Contains(notes, "No figure: Beijing, Shanghai, Lhasa.") {
		t.Errorf("%s: %s", got, notes)
	}
}
