package claims_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"citystats/data"
	"citystats/pipeline/claims"
)

func number(v float64) *float64 { return &v }

func TestVerdicts(t *testing.T) {
	over8 := data.Threshold{Over: number(8), Tolerance: 0.05}
	income := data.Threshold{Over: number(0), Tolerance: 0.05, Clear: number(5), Slack: number(0)}
	under27 := data.Threshold{Under: number(27), Tolerance: 0.5}
	people := data.Threshold{About: number(960), Tolerance: 5}
	distance := data.Threshold{About: number(470), Tolerance: 5, Slack: number(10)}
	least50 := data.Threshold{AtLeast: number(50)}
	strict := data.Threshold{Over: number(50)}
	most := data.Threshold{AtMost: number(3)}
	exact := data.Threshold{About: number(12)}
	for _, c := range []struct {
		name      string
		threshold data.Threshold
		figure    claims.Figure
		want      claims.Verdict
		margin    float64
		why       claims.Why
	}{
		{"clearly over", over8, claims.Figure{Value: number(8.3)}, claims.Holds, 0.3, claims.Clear},
		{"over by the tolerance", over8, claims.Figure{Value: number(8.05)}, claims.Holds, 0.05, claims.Clear},
		{"over by less", over8, claims.Figure{Value: number(8.04)}, claims.Weakened, 0.04, claims.Near},
		{"short by less than the tolerance", over8, claims.Figure{Value: number(7.96)}, claims.Weakened, -0.04, claims.Near},
		{"short by the tolerance", over8, claims.Figure{Value: number(7.95)}, claims.Weakened, -0.05, claims.Near},
		{"short", over8, claims.Figure{Value: number(7.9)}, claims.Reversed, -0.1, claims.Clear},
		{"both bounds over", over8, claims.Figure{Value: number(8.3), Low: number(8.27), High: number(8.32)}, claims.Holds, 0.3, claims.Clear},
		{"one bound over", over8, claims.Figure{Value: number(8.3), Low: number(7.8), High: number(8.6)}, claims.Weakened, 0.3, claims.Spread},
		{"over on weak evidence", over8, claims.Figure{Value: number(9), Weak: true}, claims.Weakened, 1, claims.Weak},
		{"short on weak evidence", over8, claims.Figure{Value: number(1), Weak: true}, claims.Weakened, -7, claims.Weak},
		{"comfortably above", income, claims.Figure{Value: number(12.2)}, claims.Holds, 12.2, claims.Clear},
		{"above, not comfortably", income, claims.Figure{Value: number(1.7)}, claims.Weakened, 1.7, claims.Near},
		{"equal", income, claims.Figure{Value: number(0)}, claims.Reversed, 0, claims.Clear},
		{"below", income, claims.Figure{Value: number(-15.9)}, claims.Reversed, -15.9, claims.Clear},
		{"just under", under27, claims.Figure{Value: number(26.9)}, claims.Weakened, 0.1, claims.Near},
		{"under", under27, claims.Figure{Value: number(26)}, claims.Holds, 1, claims.Clear},
		{"not under", under27, claims.Figure{Value: number(30.2)}, claims.Reversed, -3.2, claims.Clear},
		{"about", people, claims.Figure{Value: number(963.4)}, claims.Holds, 1.6, claims.Clear},
		{"not about", people, claims.Figure{Value: number(946.5)}, claims.Reversed, -8.5, claims.Clear},
		{"about, either bound within", people, claims.Figure{Value: number(963), Low: number(956), High: number(964)}, claims.Holds, 2, claims.Clear},
		{"about, the number between far bounds", people, claims.Figure{Value: number(963), Low: number(900), High: number(1000)}, claims.Weakened, 2, claims.Spread},
		{"about, off by no more than the slack", distance, claims.Figure{Value: number(483)}, claims.Weakened, -8, claims.Near},
		{"about, off by more", distance, claims.Figure{Value: number(402)}, claims.Reversed, -63, claims.Clear},
		{"counted", exact, claims.Figure{Value: number(12)}, claims.Holds, 0, claims.Clear},
		{"counted otherwise", exact, claims.Figure{Value: number(11)}, claims.Reversed, -1, claims.Clear},
		{"at least, equal", least50, claims.Figure{Value: number(50)}, claims.Holds, 0, claims.Clear},
		{"over, equal", strict, claims.Figure{Value: number(50)}, claims.Reversed, 0, claims.Clear},
		{"at most, equal", most, claims.Figure{Value: number(3)}, claims.Holds, 0, claims.Clear},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := claims.Judge(c.threshold, c.figure)
			if got.Verdict != c.want || got.Why != c.why || math.Abs(*got.Margin-c.margin) > 1e-9 {
				t.Errorf("%s, margin %v, %s; want %s, %v, %s", got.Verdict, *got.Margin, got.Why, c.want, c.margin, c.why)
			}
		})
	}
	for _, f := range []claims.Figure{{}, {Low: number(1), High: number(2)}, {Value: number(math.NaN())}} {
		if got := claims.Judge(over8, f); got.Verdict != claims.Undefined || got.Margin != nil || got.Why != claims.NoData {
			t.Errorf("without a figure: %+v, want undefined", got)
		}
	}
}

var rank = map[claims.Verdict]int{claims.Reversed: 0, claims.Weakened: 1, claims.Holds: 2}

// A figure further on the claim's side never fares worse.
func TestVerdictIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Float64Range(0, 10)
		threshold := data.Threshold{Tolerance: small.Draw(t, "tolerance")}
		for _, band := range []**float64{&threshold.Clear, &threshold.Slack} {
			if rapid.Bool().Draw(t, "band given") {
				*band = number(small.Draw(t, "band"))
			}
		}
		n := number(rapid.Float64Range(-100, 100).Draw(t, "number"))
		sign := 1.0
		switch rapid.IntRange(0, 3).Draw(t, "operator") {
		case 0:
			threshold.Over = n
		case 1:
			threshold.AtLeast = n
		case 2:
			threshold.Under, sign = n, -1
		case 3:
			threshold.AtMost, sign = n, -1
		}
		below, above := small.Draw(t, "below"), small.Draw(t, "above")
		judge := func(v float64) claims.Judgement {
			return claims.Judge(threshold, claims.Figure{Value: &v, Low: number(v - below), High: number(v + above)})
		}
		a := rapid.Float64Range(-120, 120).Draw(t, "value")
		b := a + sign*small.Draw(t, "step")
		if worse, better := judge(a), judge(b); rank[worse.Verdict] > rank[better.Verdict] {
			t.Fatalf("%v is %s and %v, on the claim's side of it, %s", a, worse.Verdict, b, better.Verdict)
		}
	})
}

// Nearer to the number of an "about" never fares worse either.
func TestAboutIsMonotoneInDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Float64Range(0, 10)
		threshold := data.Threshold{About: number(100), Tolerance: small.Draw(t, "tolerance"), Slack: number(small.Draw(t, "slack"))}
		near := small.Draw(t, "near")
		far := near + small.Draw(t, "further")
		for _, side := range []float64{1, -1} {
			a, b := claims.Judge(threshold, claims.Figure{Value: number(100 + side*far)}), claims.Judge(threshold, claims.Figure{Value: number(100 - side*near)})
			if rank[a.Verdict] > rank[b.Verdict] {
				t.Fatalf("at a distance of %v %s, at one of %v %s", far, a.Verdict, near, b.Verdict)
			}
		}
	})
}

func TestFlip(t *testing.T) {
	natural := data.Reading{ID: "natural", Mean: "geometric", Set: map[string]any{"year": 2021}}
	read := func(verdict claims.Verdict, change func(r *data.Reading)) claims.Read {
		r := natural
		change(&r)
		return claims.Read{Reading: r, Judgement: claims.Judgement{Verdict: verdict}}
	}
	all := []claims.Read{
		read(claims.Holds, func(r *data.Reading) { r.ID, r.Mean = "same verdict", "arithmetic" }),
		read(claims.Reversed, func(r *data.Reading) {
			r.ID, r.Population, r.Set = "far", "all", map[string]any{"year": 2014, "other": 1}
		}),
		read(claims.Undefined, func(r *data.Reading) { r.ID, r.Source = "undefined", "nbs" }),
		read(claims.Reversed, func(r *data.Reading) {
			r.ID, r.Mean, r.Inadmissible = "inadmissible", "arithmetic", data.Words{EN: "no"}
		}),
	}
	weak := read(claims.Weakened, func(r *data.Reading) { r.ID, r.Mean = "weak evidence", "arithmetic" })
	weak.Why = claims.Weak
	all = append(all, weak)
	for _, c := range []struct {
		verdict claims.Verdict
		all     []claims.Read
		want    string
	}{
		{claims.Holds, all, "far"},
		{claims.Holds, append(all, read(claims.Weakened, func(r *data.Reading) { r.ID, r.Set = "near", map[string]any{"year": 2014} })), "near"},
		{claims.Holds, all[3:], "inadmissible"},
		{claims.Holds, all[2:3], ""},
		{claims.Undefined, all, ""},
	} {
		got, ok := claims.Flip(claims.Read{Reading: natural, Judgement: claims.Judgement{Verdict: c.verdict}}, c.all)
		if got.Reading.ID != c.want || ok != (c.want != "") {
			t.Errorf("a %s claim turns at %q, want %q", c.verdict, got.Reading.ID, c.want)
		}
	}
}
