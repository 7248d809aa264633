//go:build duckdb_arrow

package charts

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The charts here are of no place on earth: they are what no bundled figure happens
// to be.

func year(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }

// series is a run of yearly figures from a year on.
func series(name string, r Role, from int, values ...float64) Series {
	s := Series{Key: key(name), Name: Text{name, name}, Role: r, Unit: Text{"yuan", "元"}}
	for i, v := range values {
		s.Points = append(s.Points, Point{Period: fmt.Sprint(from + i), Start: year(from + i), Value: v, Status: "A", Qualifier: "exact", Confidence: "high", Document: 1})
	}
	return s
}

func made(kind Kind, all ...Series) *Chart {
	c := &Chart{Definition: Definition{ID: "made", Kind: kind, Indicator: "x", Title: Text{"Something", "某指标"}}, Language: English, Series: all}
	c.Headlines.Lone = Text{"{region} {value} {period} {rank}", "{region}"}
	c.Region, c.Unit, c.UnitName = Place{"000000", Text{"Here", "此地"}}, Text{"yuan", "元"}, Text{"yuan", "元"}
	return c
}

func specOf(t *testing.T, c *Chart) map[string]any {
	t.Helper()
	text, err := c.Spec(Look{Light, Standard}, fonts(t))
	if err != nil {
		t.Fatal(err)
	}
	var spec map[string]any
	if err := json.Unmarshal(text, &spec); err != nil {
		t.Fatal(err)
	}
	return spec
}

func dataset(t *testing.T, spec map[string]any, name string) []map[string]any {
	t.Helper()
	all, _ := spec["datasets"].(map[string]any)
	rows, _ := all[name].([]any)
	var out []map[string]any
	for _, r := range rows {
		row, _ := r.(map[string]any)
		out = append(out, row)
	}
	return out
}

func TestTiesShareAPlace(t *testing.T) {
	a, b := series("A", Peer, 2020, 9), series("Here", Focus, 2020, 5)
	c := made(Ranking, a, b, series("B", Peer, 2020, 5), series("C", Peer, 2020, 1))
	if got := c.Headline(); !strings.HasSuffix(got, "joint number 2") {
		t.Errorf("two have the second place, and the headline says %q", got)
	}
	var places []string
	for _, row := range c.Table().Rows {
		places = append(places, fmt.Sprint(row[0]))
	}
	if got := strings.Join(places, " "); got != "1 2 2 4" {
		t.Errorf("the places are %s, want 1 2 2 4", got)
	}
	if got := dataset(t, specOf(t, c), "figures")[1]["name"]; got != "2= Here" {
		t.Errorf("the picture calls it %v, want 2= Here", got)
	}
	if got := c.as(Chinese).rank(); got != "并列第2位" {
		t.Errorf("in Chinese it is %s", got)
	}
}

func TestGapsInTimeAndBreaksAreNotJoined(t *testing.T) {
	s := series("Here", Focus, 2010, 1, 2, 3, 4)
	s.Points = append(s.Points[:1], s.Points[2:]...) // 2011 is missing
	c := made(Lines, s)
	c.Breaks = []Break{{At: year(2013), Title: Text{"Survey", "调查"}, Of: Focus}}
	c.segment()
	var lines []string
	for _, row := range dataset(t, specOf(t, c), "figures") {
		lines = append(lines, fmt.Sprint(row["line"]))
	}
	if got := strings.Join(lines, ", "); got != "here 0, here 1, here 2" {
		t.Errorf("the points lie on %s; a missing year and a break must part them", got)
	}
	notes := strings.Join(c.notes(), " ")
	for _, want := range []string{"No figure: Here 2011.", "Break in 2013, Here: Survey"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes lack %q: %s", want, notes)
		}
	}
}

func TestForecastIsDashedAndHollowAndSaid(t *testing.T) {
	s := series("Here", Focus, 2020, 1, 2, 3)
	s.Points[2].Status = "F"
	c := made(Lines, s)
	c.segment()
	spec := specOf(t, c)
	expected := dataset(t, spec, "expected")
	if len(expected) != 2 || expected[1]["year"] != 2022.0 {
		t.Errorf("the step to the forecast is %v", expected)
	}
	text, _ := json.Marshal(spec)
	if !strings.Contains(string(text), `"strokeDash":[3,4]`) {
		t.Error("no line of the picture has the dashes of a forecast")
	}
	if got := c.Headline(); !strings.Contains(got, "2 yuan 2021") {
		t.Errorf("the headline rests on the forecast: %s", got)
	}
	if notes := strings.Join(c.notes(), " "); !strings.Contains(notes, "not measured (hollow points, thin dashes): Here 2022.") {
		t.Errorf("the notes do not tell of the forecast: %s", notes)
	}
}

func TestBoundsAreTrianglesAndNoDifference(t *testing.T) {
	own, bench := series("Here", Focus, 2020, 10, 11), series("There", Bench, 2020, 5, 6)
	own.Points[1].Qualifier = "over"
	c := made(Lines, own, bench)
	c.Benchmark = bench.Name
	if gaps := c.gaps(); len(gaps) != 1 || gaps[0].period != "2020" {
		t.Errorf("a bound stands in a difference: %+v", gaps)
	}
	notes := strings.Join(c.notes(), " ")
	if !strings.Contains(notes, "Printed as a lower bound (triangle up): Here 2021.") {
		t.Errorf("the notes do not explain the triangle: %s", notes)
	}
	if got := c.names()["here"]; got != "Here >11" {
		t.Errorf("the line is called %q", got)
	}
	c.Kind = Gaps
	if notes := strings.Join(c.notes(), " "); !strings.Contains(notes, "Not drawn, since a figure is a bound") {
		t.Errorf("a chart of gaps does not say what it leaves out: %s", notes)
	}
}

func TestNegativeFiguresAndOnePoint(t *testing.T) {
	for _, values := range [][]float64{{-3.5}, {0}, {-3, -1, -2}, {-1, 2}} {
		s := series("Here", Focus, 2020, values...)
		c := made(Lines, s)
		c.Growth, c.Percent = true, true
		if text, _ := json.Marshal(specOf(t, c)); strings.Contains(string(text), `"datum":0`) != (values[0] < 0) {
			t.Errorf("%v: there must be a line at nothing just where figures are below it", values)
		}
		for _, row := range dataset(t, specOf(t, c), "figures") {
			if row["alone"] != (len(values) == 1) {
				t.Errorf("%v: the point is alone: %v", values, row["alone"])
			}
		}
		bench := series("There", Bench, 2020, 1, 1, 1)
		specOf(t, made(Gaps, s, bench))
		specOf(t, made(Multiples, s, bench))
	}
	if got := grouped(-0.04, 1); got != "0.0" {
		t.Errorf("what rounds to nothing is written %q", got)
	}
	if got := grouped(-1234.5, 1); got != "−1,234.5" {
		t.Errorf("−1234.5 is written %q", got)
	}
}

// TestWordsOfDifferences: the words of a difference that is none, and of exactly one.
func TestWordsOfDifferences(t *testing.T) {
	c := made(Lines)
	c.Percent, c.Decimals = true, 1
	for _, d := range []struct {
		own, other float64
		text       string
		sign       int
	}{{5, 5.02, "0.0 percentage points", 0}, {6, 5, "1.0 percentage point", 1}, {3, 5.5, "2.5 percentage points", -1}} {
		if text, sign := c.gap(Point{Value: d.own}, Point{Value: d.other}); text != d.text || sign != d.sign {
			t.Errorf("%v against %v: %q %d, want %q %d", d.own, d.other, text, sign, d.text, d.sign)
		}
	}
	c.Percent = false
	if text, sign := c.gap(Point{Value: 112.2}, Point{Value: 100}); text != "12.2%" || sign != 1 {
		t.Errorf("112.2 against 100 is %q %d", text, sign)
	}
	if text, _ := c.gap(Point{Value: 1}, Point{}); text != "" {
		t.Errorf("a difference to nothing is %q", text)
	}
}

func TestUnitsBehindNumbers(t *testing.T) {
	for _, c := range []struct{ number, unit, want string }{
		{"3", "bn yuan", "3bn yuan"},
		{"9.6", "m people", "9.6m people"},
		{"3", "亿元", "3亿元"},
		{"8", "%", "8%"},
		{"5", "yuan", "5 yuan"},
		{"30", "100m yuan", "30 × 100m yuan"},
		{"181.3", "", "181.3"},
	} {
		if got := withUnit(c.number, c.unit); got != c.want {
			t.Errorf("%s and %s: %q, want %q", c.number, c.unit, got, c.want)
		}
	}
	p := Point{Value: 61500, Qualifier: "about"}
	if got := amount(p, 2, Text{"yuan", "元"}, Chinese); got != "约61,500元" {
		t.Errorf("a rough figure is %q: digits that were not printed claim too much", got)
	}
}

// TestIndexLeavesOutWhatDoesNotCompare: another basis, another base year missing.
func TestIndexLeavesOutWhatDoesNotCompare(t *testing.T) {
	own, other := series("Here", Focus, 2012, 10, 11, 20, 22), series("There", Bench, 2015, 5, 6)
	c := made(Lines, own, other)
	c.Index = 2014
	c.Breaks = []Break{{At: year(2014), Of: Focus}}
	c.segment()
	c.rebase()
	if len(c.Series) != 1 || len(c.Series[0].Points) != 2 || c.Series[0].Points[1].Value != 110 {
		t.Fatalf("what is left is %+v", c.Series)
	}
	notes := strings.Join(c.notes(), " ")
	for _, want := range []string{"Here 2012–2013", "No figure for 2014 to start from: There"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes lack %q: %s", want, notes)
		}
	}
	if len(c.Breaks) != 0 {
		t.Error("a break is drawn that no line crosses")
	}
}

func TestLogarithmicScale(t *testing.T) {
	c := made(Lines, series("Here", Focus, 2000, 100, 1000, 10000))
	c.Log = true
	f := c.frame(Look{Light, Standard}, fonts(t))
	a := f.axis(100, 10000, true)
	if a.low != 100 || a.high != 10000 || a.at(1000, 300) != 150 {
		t.Errorf("1,000 stands at %v of 300 between %v and %v, want the middle", a.at(1000, 300), a.low, a.high)
	}
	if got := c.Subtitle(); !strings.Contains(got, "logarithmic scale") {
		t.Errorf("the subtitle does not say that the scale is logarithmic: %s", got)
	}
}

// TestSameFigure: a figure said again with fewer digits is no revision.
func TestSameFigure(t *testing.T) {
	for _, c := range []struct {
		a, b float64
		want bool
	}{{4164.34, 4164.3, true}, {4164.3, 4167.98, false}, {2702.5, 2701.6, false}, {1000, 1000.4, true}, {5, 5, true}} {
		if got := sameFigure(c.a, c.b); got != c.want {
			t.Errorf("%v and %v are the same figure: %v", c.a, c.b, got)
		}
	}
}

func TestShortNamesOfPlaces(t *testing.T) {
	for long, want := range map[string]string{"合肥市": "合肥", "新疆维吾尔自治区": "新疆", "安徽省": "安徽", "中国": "中国", "市": "市"} {
		if got := short(long); got != want {
			t.Errorf("%s is called %s, want %s", long, got, want)
		}
	}
}
