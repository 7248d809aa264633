//go:build duckdb_arrow

package warehouse

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"citystats/transforms/period"
)

var (
	drawFaults    = flag.Bool("draw", false, "draw testdata/faults_drawn.csv anew, with its fixed seed")
	wholeCorpus   = flag.Bool("all", false, "let the whole corpus arrive, not every eighth of it")
	publishCorpus = flag.Bool("publish", false, "let the whole corpus arrive, and write what the checks say into testdata/outcomes.csv and docs/checks.md")
)

const (
	outcomesFile = "testdata/outcomes.csv"
	checksPage   = "../../docs/checks.md"
	markBegin    = "<!-- corpus: written by go test -tags duckdb_arrow ./pipeline/warehouse -run TestCorpus -publish -->\n"
	markEnd      = "<!-- end -->\n"
	howTo        = "look at each difference, then run go test -tags duckdb_arrow ./pipeline/warehouse -run TestCorpus -publish -timeout 30m"
)

// trueFigures is how many true figures are let in for precision.
const trueFigures = 200

// TestCorpus lets faults and true figures arrive, one at a time, and holds what the
// checks say to testdata/outcomes.csv, which docs/checks.md is made from. Each
// arrival computes a release, so every eighth is asked here and all of them with -all.
func TestCorpus(t *testing.T) {
	tr := newExperiment(t)
	if *drawFaults {
		tr.mutated(t)
	}
	faults := append(readCorpus(t, "faults.csv"), readCorpus(t, "faults_drawn.csv")...)
	tr.anchored(t, faults)
	truths := tr.drawn(t)
	stride := 8
	if *wholeCorpus || *publishCorpus {
		stride = 1
	}
	got := map[string]verdict{}
	for i, w := range faults {
		if i%stride == 0 {
			got[w.id] = tr.judge(t, w)
		}
	}
	for i, v := range truths {
		if i%stride == 0 {
			got[v.id()] = tr.arrive(t, v)
		}
	}
	if *publishCorpus {
		writeOutcomes(t, faults, truths, got)
	}
	want := readOutcomes(t)
	for id, v := range got {
		if diff := cmp.Diff(want[id], v, cmp.AllowUnexported(verdict{})); diff != "" {
			t.Errorf("%s: %s says otherwise than the checks (-file +checks); %s:\n%s", id, outcomesFile, howTo, diff)
		}
	}
	onPage(t, report(t, faults, truths, want))
}

// onPage holds docs/checks.md to the report, or writes it there.
func onPage(t *testing.T, report string) {
	t.Helper()
	page, err := os.ReadFile(checksPage)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, okBegin := strings.Cut(string(page), markBegin)
	said, tail, okEnd := strings.Cut(rest, markEnd)
	if !okBegin || !okEnd {
		t.Fatalf("%s has lost its marks %q and %q", checksPage, markBegin, markEnd)
	}
	if *publishCorpus {
		if err := os.WriteFile(checksPage, []byte(head+markBegin+report+markEnd+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(said, report); diff != "" {
		t.Errorf("%s does not say what is in %s (-page +file); %s:\n%s", checksPage, outcomesFile, howTo, diff)
	}
}

func writeOutcomes(t *testing.T, faults []wrong, truths []truth, got map[string]verdict) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("id,outcome,found_by\n")
	for _, w := range faults {
		fmt.Fprintf(&b, "%s,%s,%s\n", w.id, got[w.id].outcome, strings.Join(got[w.id].by, ";"))
	}
	for _, v := range truths {
		fmt.Fprintf(&b, "%s,%s,%s\n", v.id(), got[v.id()].outcome, strings.Join(got[v.id()].by, ";"))
	}
	if err := os.WriteFile(outcomesFile, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readOutcomes(t *testing.T) map[string]verdict {
	t.Helper()
	text, err := os.ReadFile(outcomesFile)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]verdict{}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ",")
		v := verdict{outcome: f[1]}
		if f[2] != "" {
			v.by = strings.Split(f[2], ";")
		}
		out[f[0]] = v
	}
	return out
}

// anchored holds the corpus to the figures it distorts.
func (tr *experiment) anchored(t *testing.T, faults []wrong) {
	t.Helper()
	if len(faults) < 200 {
		t.Errorf("the corpus has %d faults, want 200 at least", len(faults))
	}
	for _, w := range faults {
		for _, r := range w.rows {
			if r["right"] == "" {
				continue
			}
			rows, err := query(t.Context(), tr.conn, "SELECT count(*) FROM release.main.observation_vintages WHERE region_code = ? AND indicator = ? AND time_period = ? AND abs(value - CAST(? AS DOUBLE)) <= 1e-6 * abs(value)",
				r["region"], r["indicator"], r["period"], r["right"])
			if err != nil {
				t.Fatal(err)
			}
			if rows.Rows[0][0] == int64(0) {
				t.Errorf("fault %s: no document gives %s for %s %s %s; correct the column right", w.id, r["right"], r["region"], r["indicator"], r["period"])
			}
		}
	}
}

// drawn are the true figures for precision: those that testdata/outcomes.csv
// names, or with -draw others, drawn with a fixed seed.
func (tr *experiment) drawn(t *testing.T) []truth {
	t.Helper()
	all := tr.truths(t)
	if *drawFaults {
		r := rand.New(rand.NewPCG(340100, 0))
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return all[:trueFigures]
	}
	byID := map[string]truth{}
	for _, v := range all {
		byID[v.id()] = v
	}
	var out []truth
	for id := range readOutcomes(t) {
		v, there := byID[id]
		if strings.HasPrefix(id, "true/") && !there {
			t.Errorf("%s names %s, which no document gives any more; draw anew with -draw -publish", outcomesFile, id)
		}
		if there {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b truth) int { return strings.Compare(a.id(), b.id()) })
	if len(out) < trueFigures/2 {
		t.Errorf("only %d true figures are let in, want %d", len(out), trueFigures)
	}
	return out
}

func (v truth) id() string {
	return strings.Join([]string{"true", v.region, v.indicator, v.year, v.origin, plain(v.value)}, "/")
}

// arrive lets a true figure arrive where it was missing: what the checks then say,
// and had not said without it, is a false alarm.
func (tr *experiment) arrive(t *testing.T, v truth) verdict {
	t.Helper()
	var before map[string]bool
	at, err := period.Parse(v.year)
	if err != nil {
		t.Fatal(err)
	}
	tr.supposing(t, func() {
		exec(t, tr.Build, `DELETE FROM release.store.observation WHERE period = ? AND series_id IN (
			SELECT series_id FROM release.store.series WHERE region_code = ? AND indicator = ? AND frequency = 'A' AND origin = ?)`,
			at.Start.Time(), v.region, v.indicator, v.origin)
		before = tr.found(t)
	})
	out := verdict{outcome: "missed"}
	out.hear(before, tr.base)
	return out
}

// report is what docs/checks.md says of the corpus.
func report(t *testing.T, faults []wrong, truths []truth, verdicts map[string]verdict) string {
	t.Helper()
	var b strings.Builder
	var falseAlarms []string
	for _, v := range truths {
		switch heard, known := verdicts[v.id()]; {
		case !known:
			t.Errorf("%s lacks %s; %s", outcomesFile, v.id(), howTo)
		case heard.outcome == "stopped":
			t.Errorf("%s is true and would be stopped by %s", v.id(), strings.Join(heard.by, ", "))
		case heard.outcome == "told":
			falseAlarms = append(falseAlarms, fmt.Sprintf("| %s | %s | %s | %s | %s | %s |", v.region, v.indicator, v.year, v.origin, plain(v.value), strings.Join(heard.by, ", ")))
		}
	}
	slices.Sort(falseAlarms)
	total, byArrival := tally{}, map[string]*tally{}
	var classes, arrivals []string
	byClass := map[string]*tally{}
	by := map[string]int{}
	for _, w := range faults {
		v, known := verdicts[w.id]
		if !known {
			t.Errorf("%s lacks %s; %s", outcomesFile, w.id, howTo)
		}
		for _, group := range []struct {
			name  string
			in    map[string]*tally
			order *[]string
		}{{w.class, byClass, &classes}, {string(w.arrives), byArrival, &arrivals}} {
			if group.in[group.name] == nil {
				group.in[group.name] = &tally{}
				*group.order = append(*group.order, group.name)
			}
			group.in[group.name].add(v.outcome)
		}
		total.add(v.outcome)
		for _, name := range v.by {
			by[name]++
		}
	}
	found := total["stopped"] + total["told"]
	fmt.Fprintf(&b, "Of %d faulty figures %d are stopped and %d told: recall %.1f %%. Of %d true figures that newly arrive %d are told\nthough nothing is wrong with them, and none is stopped: precision %.1f %%.\n\n",
		total.n(), total["stopped"], total["told"], 100*float64(found)/float64(total.n()), len(truths), len(falseAlarms), 100*float64(found)/float64(found+len(falseAlarms)))
	table := func(head string, order []string, in map[string]*tally) {
		fmt.Fprintf(&b, "| %s | faults | stopped | told | missed | recall |\n| --- | ---: | ---: | ---: | ---: | ---: |\n", head)
		for _, name := range order {
			c := *in[name]
			fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %.0f %% |\n", name, c.n(), c["stopped"], c["told"], c["missed"], 100*float64(c["stopped"]+c["told"])/float64(c.n()))
		}
		b.WriteString("\n")
	}
	slices.Sort(classes)
	table("class", classes, byClass)
	table("arrives", arrivals, byArrival)
	b.WriteString("| found by | faults |\n| --- | ---: |\n")
	for _, name := range sortedKeys(by) {
		fmt.Fprintf(&b, "| %s | %d |\n", name, by[name])
	}
	b.WriteString("\nWhat is missed:\n\n| fault | class | arrives | figure | is given as | should be | pitfall |\n| --- | --- | --- | --- | ---: | ---: | --- |\n")
	for _, w := range faults {
		if r := w.rows[0]; verdicts[w.id].outcome == "missed" {
			fmt.Fprintf(&b, "| %s | %s | %s | %s %s %s | %s | %s | %s |\n", w.id, w.class, w.arrives, r["region"], r["indicator"], r["period"], r["value"], r["right"], r["pitfall"])
		}
	}
	b.WriteString("\nTrue figures that a check hits when they arrive:\n\n| region | indicator | period | origin | value | hit by |\n| --- | --- | --- | --- | ---: | --- |\n")
	for _, line := range falseAlarms {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// tally counts outcomes.
type tally map[string]int

func (c tally) add(outcome string) { c[outcome]++ }
func (c tally) n() int             { return c["stopped"] + c["told"] + c["missed"] }

func sortedKeys(m map[string]int) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b string) int {
		if m[a] != m[b] {
			return m[b] - m[a]
		}
		return strings.Compare(a, b)
	})
	return out
}
