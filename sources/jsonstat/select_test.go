package jsonstat

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// tableOf is a table in which the publisher lists the newest period first.
var tableOf = []variable{
	{"Region", []string{"00", "01", "0180"}, true},
	{"Kon", []string{"1", "2"}, true},
	{"ContentsCode", []string{"POP", "top(2)"}, false},
	{"Tid", []string{"2023K2", "2023K1", "2022K4", "2022K3"}, false},
}

func TestSpellOut(t *testing.T) {
	for _, tt := range []struct {
		selections string
		want       string
	}{
		{"ContentsCode=POP", "Region=00,01,0180;ContentsCode=POP;Tid=2023K2,2023K1,2022K4,2022K3"},
		{"ContentsCode=top(2);Tid=top(2)", "Region=00,01,0180;ContentsCode=top(2);Tid=2023K2,2023K1"},
		{"ContentsCode=*;Region=0180,00;Tid=from(2022K4)", "Region=00,0180;ContentsCode=POP,top(2);Tid=2023K2,2023K1,2022K4"},
		{" ContentsCode = POP ;Kon=2;Kon=2, 1;Tid=top(99)", "Region=00,01,0180;Kon=1,2;ContentsCode=POP;Tid=2023K2,2023K1,2022K4,2022K3"},
		{"ContentsCode=POP;Tid=2022K3,top(1)", "Region=00,01,0180;ContentsCode=POP;Tid=2023K2,2022K3"},
		{"Region=00", `wants categories of "ContentsCode" to be selected (such as POP,top(2))`},
		{"ContentsCode=POP;Sex=1", `the table has no variable "Sex" (it has Region, Kon, ContentsCode, Tid)`},
		{"ContentsCode=POP;Region=99", `variable "Region" has no category "99"`},
		{"ContentsCode=POP;Region=top(1)", `top(1) is for time, and "Region" is not the time dimension`},
		{"ContentsCode=POP;Tid=top(0)", "top(0) is not top(5)"},
		{"ContentsCode=POP;Tid=top(x)", "top(x) is not top(5)"},
		{"ContentsCode=POP;Tid=from(x)", `from(x): "x" is no period`},
		{"ContentsCode=POP;Tid=from(2024K1)", `no category of "Tid" is from(2024K1)`},
		{"ContentsCode=POP;Tid=top(2", `variable "Tid" has no category "top(2"`},
		{"ContentsCode", `the selection "ContentsCode" is not dimension=category,category`},
		{"=POP", `the selection "=POP" is not`},
	} {
		q := Query{Area: "Region", Time: "Tid", Selections: strings.Split(tt.selections, ";")}
		axes, err := q.spellOut(tableOf)
		got := spelled(axes)
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != tt.want || err != nil && !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s, want %s", tt.selections, got, tt.want)
		}
	}
	for _, q := range []Query{{Area: "Land", Time: "Tid"}, {Area: "Region", Time: "year"}} {
		if _, err := q.spellOut(tableOf); err == nil || !strings.Contains(err.Error(), "the table has no variable") {
			t.Errorf("%+v: error %v", q, err)
		}
	}
	mixed := slices.Clone(tableOf)
	mixed[3].values = []string{"2023", "2023K1"}
	if _, err := (Query{Time: "Tid", Selections: []string{"ContentsCode=POP", "Tid=top(1)"}}).spellOut(mixed); err == nil || !strings.Contains(err.Error(), "of another frequency") {
		t.Errorf("years and quarters in one: error %v", err)
	}
}

func spelled(axes []axis) string {
	var out []string
	for _, a := range axes {
		out = append(out, a.code+"="+strings.Join(a.values, ","))
	}
	return strings.Join(out, ";")
}

// TestCut wants every cell asked for exactly once and no question over the limit.
func TestCut(t *testing.T) {
	q := Query{Area: "area", Time: "time"}
	rapid.Check(t, func(t *rapid.T) {
		var axes []axis
		for _, code := range []string{"area", "x", "time"} {
			a := axis{code: code}
			for i := range rapid.IntRange(1, 12).Draw(t, code) {
				a.values = append(a.values, string(rune('a'+i)))
			}
			axes = append(axes, a)
		}
		before := spelled(axes)
		limit := rapid.IntRange(0, 200).Draw(t, "limit")
		seen := map[string]int{}
		questions := cut(axes, limit, q)
		for _, piece := range questions {
			if n := cellsOf(piece); limit > 0 && n > limit {
				t.Fatalf("a question for %d cells, the limit is %d", n, limit)
			}
			for _, a := range piece[0].values {
				for _, x := range piece[1].values {
					for _, y := range piece[2].values {
						seen[a+x+y]++
					}
				}
			}
		}
		for cell, n := range seen {
			if n != 1 {
				t.Fatalf("cell %s is asked for %d times", cell, n)
			}
		}
		if len(seen) != cellsOf(axes) || spelled(axes) != before {
			t.Fatalf("%d cells asked for, want %d; the selection is %s, was %s", len(seen), cellsOf(axes), spelled(axes), before)
		}
		if limit >= cellsOf(axes) && len(questions) != 1 {
			t.Fatalf("%d questions for %d cells under a limit of %d", len(questions), cellsOf(axes), limit)
		}
	})
}

// TestCutByTimeFirst keeps years apart before it keeps areas apart, so that a part
// is the same the next time.
func TestCutByTimeFirst(t *testing.T) {
	axes := []axis{{"area", []string{"a", "b", "c"}}, {"x", []string{"1", "2", "3", "4"}}, {"time", []string{"2021", "2022"}}}
	var got []string
	for _, piece := range cut(axes, 8, Query{Area: "area", Time: "time"}) {
		got = append(got, spelled(piece))
	}
	want := []string{
		"area=a,b;x=1,2,3,4;time=2021", "area=c;x=1,2,3,4;time=2021",
		"area=a,b;x=1,2,3,4;time=2022", "area=c;x=1,2,3,4;time=2022",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLimit(t *testing.T) {
	for body, want := range map[string]int{
		`{"maxDataCells":150000}`:                     150000,
		`{"ApiVersion":"2.0","MaxDataCells":"10000"}`: 10000,
	} {
		if got, err := readLimit([]byte(body)); got != want || err != nil {
			t.Errorf("%s: %d, %v; want %d", body, got, err, want)
		}
	}
	for _, body := range []string{`{}`, `[]`, ``, `{"maxDataCells":0}`, `{"maxDataCells":null}`, `{"maxDataCells":-1}`, `<html>`} {
		if got, err := readLimit([]byte(body)); err == nil {
			t.Errorf("%q is a limit of %d", body, got)
		}
	}
}

func TestVariables(t *testing.T) {
	got, err := readVariables([]byte(`{"title":"T","variables":[{"code":"Region","text":"region","values":["00","01"],"valueTexts":["a","b"],"elimination":true},{"code":"Tid","values":["2023"]}]}`))
	want := table{title: "T", variables: []variable{{"Region", []string{"00", "01"}, true}, {"Tid", []string{"2023"}, false}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(table{}, variable{})); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	for body, want := range map[string]string{
		`{"title":"T","variables":[]}`:                                                        "the table has no variables",
		`{"title":"T","variables":[{"values":["1"]}]}`:                                        "a category's code is empty",
		`{"title":"T","variables":[{"code":"a"}]}`:                                            "the values of a variable is missing",
		`{"title":"T","variables":[{"code":"a","values":["1","1"]}]}`:                         `category "1" is listed twice`,
		`{"title":"T","variables":[{"code":"a","values":[1]}]}`:                               "which is no text",
		`{"title":"T","variables":[{"code":"a","values":["1"]},{"code":"a","values":["1"]}]}`: `variable "a" is listed twice`,
		`{"title":"Not Found","status":404,"detail":"Node with id, x can not be found"}`:      "404: the publisher says: Not Found: Node with id",
		`[{"id":"BE","type":"l","text":"Population"}]`:                                        "the answer is [",
	} {
		if _, err := readVariables([]byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", body, err, want)
		}
	}
}
