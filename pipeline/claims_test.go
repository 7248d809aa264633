//go:build duckdb_arrow

package pipeline_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline"
	"citystats/pipeline/ledger"
	"citystats/pipeline/release"
	queries "citystats/sql"
)

// growthClaims say that growth of 2022 is over 3, by many readings of one figure.
const growthClaims = `publications:
  - {id: paper, publisher: economist, title: Paper, published: "2023-08-05"}
queries:
  - id: growth
    title: Real growth of a year
    value: SELECT value FROM preferred_observations WHERE region_code = $region AND indicator = 'gdp_growth_real' AND time_period = $year
    figures: SELECT document_id, record, time_period FROM preferred_observations WHERE region_code = $region AND indicator = 'gdp_growth_real' AND time_period = $year
  - id: average
    title: Average growth
    value: SELECT CASE WHEN $mean = 'geometric' THEN average_growth ELSE arithmetic_mean END AS value FROM growth WHERE region_code = $region AND window_id = $window
    figures: SELECT document_id, record, CAST(year AS VARCHAR) AS time_period FROM growth_years WHERE region_code = $region AND window_id = $window AND document_id IS NOT NULL
claims:
  - id: growth
    sentence: {en: It grew by more than 3 % in 2022., zh: 2022年增长超过3%。}
    publication: paper
    region: "340100"
    unit: percent
    decimals: 1
    threshold: {over: 3, tolerance: 0.05}
    query: growth
    set: {year: 2022}
    readings:
      - {id: latest, default: true, label: {en: now, zh: 现在}}
      - {id: first, vintage: first, label: {en: first, zh: 首次}}
      - {id: printed, vintage: "2023-08-05", label: {en: then, zh: 当时}}
      - {id: before, vintage: "2023-01-31", label: {en: before, zh: 之前}, looked_for: {en: nothing was out, zh: 未公布}}
      - {id: bureau, source: hefei_stats, label: {en: the bureau, zh: 统计局}}
      - {id: government, source: hefei_gov, label: {en: the government, zh: 市政府}}
      - {id: trap, inadmissible: {en: a trap, zh: 误区}, label: {en: trap, zh: 误区}}
  - id: average
    sentence: {en: It grew by more than 6 % a year from 2021 to 2022., zh: 2021年至2022年年均增长超过6%。}
    publication: paper
    region: "340100"
    unit: percent
    decimals: 2
    threshold: {over: 6}
    query: average
    readings:
      - {id: geometric, default: true, mean: geometric, window: {first: 2021, last: 2022}, label: {en: g, zh: 几何}}
      - {id: arithmetic, mean: arithmetic, window: {first: 2021, last: 2022}, label: {en: a, zh: 算术}}
      - {id: shorter, mean: arithmetic, window: {first: 2022, last: 2022}, label: {en: s, zh: 短}}
`

// claimsRig is a rig whose claims are the given ones.
func claimsRig(t *testing.T, claims string) *rig {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(data.Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(data.Files(), name)
		files[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files["claims.yaml"] = &fstest.MapFile{Data: []byte(claims)}
	r := newRig(t)
	if r.Catalog, err = data.Load(files); err != nil {
		t.Fatal(err)
	}
	if r.Queries, err = queries.Load(queries.Files()); err != nil { // claims ask every model
		t.Fatal(err)
	}
	r.shelf.files["communique_2021.csv"] = doc(line("gdp_growth_real", "2021", "9.2", "percent", "preliminary", "2022-03"))
	r.shelf.files["communique_2022.csv"] = doc(line("gdp_growth_real", "2022", "3.5", "percent", "preliminary", "2023-02-07"))
	return r
}

// ask is a question's rows, spelled.
func (r *rig) ask(t *testing.T, text string) []string {
	t.Helper()
	rows, err := r.open(t).Query(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, row := range rows.Rows {
		var cells []string
		for _, c := range row {
			cells = append(cells, fmt.Sprint(c))
		}
		out = append(out, strings.Join(cells, " "))
	}
	return out
}

const verdictsQuery = "SELECT reading, verdict, round(value, 3), round(margin, 3) FROM claim_checks JOIN claim_readings USING (claim, reading) ORDER BY claim DESC, position"

func same(t *testing.T, what string, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestReadings(t *testing.T) {
	r := claimsRig(t, growthClaims)
	r.run(t, pipeline.Options{})
	r.shelf.files["revision.csv"] = doc(line("gdp_growth_real", "2022", "2.9", "percent", "revised", "2024-02-01"))
	// The government's own figure, later and of another origin, is not preferred.
	r.shelf.files["report.csv"] = doc(strings.Replace(line("gdp_growth_real", "2022", "3.2", "percent", "preliminary", "2024-03-01"), ",,hefei_stats,high", ",,hefei_gov,high", 1))
	r.run(t, pipeline.Options{})
	same(t, "verdicts", []string{
		"latest reversed 2.9 -0.1", "first holds 3.5 0.5", "printed holds 3.5 0.5", "before undefined <nil> <nil>",
		"bureau reversed 2.9 -0.1", "government holds 3.2 0.2", "trap reversed 2.9 -0.1",
		"geometric holds 6.003 0.003", "arithmetic holds 6.05 0.05", "shorter reversed 2.9 -3.1",
	}, r.ask(t, verdictsQuery))
	same(t, "the claim in a row", []string{"growth reversed latest 3 0 2 1 first holds true 2024-02-01 00:00:00 +0000 UTC"},
		r.ask(t, "SELECT claim, verdict, reading, holds, weakened, reversed, undefined, flips_at, flips_to, flip_admissible, changed_on FROM claim_verdicts WHERE claim = 'growth'"))
	same(t, "changes of verdict", []string{
		"latest 2023-02-07 undefined holds first figure <nil> 3.5 2023-02-07",
		"latest 2024-02-01 holds reversed revision 3.5 2.9 2024-02-01",
		"bureau 2023-02-07 undefined holds first figure <nil> 3.5 2023-02-07",
		"bureau 2024-02-01 holds reversed revision 3.5 2.9 2024-02-01",
		"government 2024-03-01 undefined holds first figure <nil> 3.2 2024-03-01",
	}, r.ask(t, `SELECT e.reading, CAST(e.date AS VARCHAR), from_verdict, to_verdict, cause, old_value, new_value, CAST(d.published_at AS VARCHAR)
FROM claim_events AS e JOIN claim_readings AS g USING (claim, reading) JOIN store.documents AS d ON d.document_id = e.new_document_id
WHERE claim = 'growth' ORDER BY g.position, e.date`))
	same(t, "what an average stands on", []string{"2021 9.2 hefei_stats true", "2022 2.9 hefei_stats true"},
		r.ask(t, "SELECT i.time_period, i.value, i.origin, d.sha256 <> '' FROM claim_inputs AS i JOIN store.documents AS d USING (document_id) WHERE reading = 'geometric' ORDER BY i.position"))
}

// What is asked of the release as of a day is what a release of that day said.
func TestClaimsAsOf(t *testing.T) {
	r := claimsRig(t, growthClaims)
	r.run(t, pipeline.Options{})
	then := r.ask(t, verdictsQuery)
	events := r.ask(t, "SELECT * FROM claim_events ORDER BY ALL")
	r.shelf.files["revision.csv"] = doc(line("gdp_growth_real", "2022", "2.9", "percent", "revised", "2024-02-01"))
	r.run(t, pipeline.Options{})
	if slices.Equal(then, r.ask(t, verdictsQuery)) {
		t.Fatal("the revision changed no verdict: this test needs one")
	}
	reader := r.open(t)
	if err := reader.Claims(t.Context(), r.Catalog, r.Queries, "2024-01-31"); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{verdictsQuery: then, "SELECT * FROM claim_events ORDER BY ALL": events} {
		rows, err := reader.Query(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, row := range rows.Rows {
			got = append(got, strings.TrimSuffix(strings.Trim(fmt.Sprint(row), "[]"), " "))
		}
		same(t, "as of the day before the revision", want, got)
	}
}

// A revision that turns a verdict is told by the run that brings it, with its
// series, the figures and the document, and makes a strict run exit with 5.
func TestRevisionTurnsAVerdict(t *testing.T) {
	r := claimsRig(t, growthClaims)
	if first := r.run(t, pipeline.Options{Strict: true}); len(first.Claims) > 0 {
		t.Errorf("the first release changed %v; there was nothing before it", first.Claims)
	}
	r.shelf.files["revision.csv"] = doc(line("gdp_growth_real", "2022", "2.9", "percent", "revised", "2024-02-01"))
	if dry, err := r.Run(t.Context(), pipeline.Options{Strict: true, DryRun: true}); fault.ExitCode(err) != 5 || len(dry.Claims) != 2 {
		t.Errorf("a dry run: %v with %v", err, dry.Claims)
	}
	report, err := r.Run(t.Context(), pipeline.Options{Strict: true})
	if fault.ExitCode(err) != 5 || !errors.Is(err, pipeline.ErrClaims) || !report.Published || !strings.HasPrefix(err.Error(), "growth: ") {
		t.Fatalf("error %v, published %v; want exit 5 naming the claims, and the release published", err, report.Published)
	}
	var got []string
	for _, c := range report.Claims {
		got = append(got, fmt.Sprintf("%s %s %v %s %s %v %v %s", c.Claim, c.Reading, c.Natural, c.From, c.To, *c.FromValue, *c.ToValue, c.Causes))
	}
	cause := "[Hefei gdp_growth_real 2022: 3.5 became 2.9 (percent), by “Communique of 2022”, 2024-02-01]"
	same(t, "changes", []string{"growth latest true holds reversed 3.5 2.9 " + cause, "growth bureau false holds reversed 3.5 2.9 " + cause}, got[:2])
	events, err := ledger.Read(r.state)
	if err != nil {
		t.Fatal(err)
	}
	told, _ := ledger.Last(events, func(e ledger.Event) bool { return len(e.Claims) > 0 })
	if told.Event != ledger.Publishing || told.Release != report.Release || told.Claims[0].Causes[0] != strings.Trim(cause, "[]") {
		t.Errorf("the ledger tells %+v", told)
	}
	if again := r.run(t, pipeline.Options{Strict: true}); len(again.Claims) > 0 {
		t.Errorf("the next run told it again: %v", again.Claims)
	}
	rebuilt, err := r.Rebuild(t.Context())
	if err != nil || len(rebuilt.Differing) > 0 {
		t.Errorf("rebuilding changed %v, %v", rebuilt.Differing, err)
	}
}

// A change that is only in the definitions is told as one, and a claim that nobody
// knew before changes nothing.
func TestDefinitionTurnsAVerdict(t *testing.T) {
	r := claimsRig(t, growthClaims)
	r.run(t, pipeline.Options{})
	other := claimsRig(t, strings.Replace(strings.Replace(growthClaims, "over: 3,", "over: 5,", 1), "id: printed", "id: known", 1))
	r.Catalog = other.Catalog
	report := r.run(t, pipeline.Options{})
	for _, c := range report.Claims {
		if c.Claim != "growth" || c.To != "reversed" || len(c.Causes) > 0 || c.Reading == "known" || c.Reading == "trap" {
			t.Errorf("changed: %+v", c)
		}
	}
	if len(report.Claims) != 3 {
		t.Errorf("%d readings changed, want latest, first and bureau", len(report.Claims))
	}
}

// A rolled-back release is not published again, and its changes are not told again.
func TestHeldReleaseTellsNoClaims(t *testing.T) {
	r := claimsRig(t, growthClaims)
	first := r.run(t, pipeline.Options{})
	r.shelf.files["revision.csv"] = doc(line("gdp_growth_real", "2022", "2.9", "percent", "revised", "2024-02-01"))
	r.run(t, pipeline.Options{})
	if err := r.Rollback(first.Release); err != nil {
		t.Fatal(err)
	}
	if held := r.run(t, pipeline.Options{Strict: true}); held.Held == "" || len(held.Claims) > 0 {
		t.Errorf("held %q, told %v", held.Held, held.Claims)
	}
}

// A failing source and a changed claim at once: the claim decides the exit code.
func TestChangedClaimComesBeforeFailingSource(t *testing.T) {
	r := claimsRig(t, growthClaims)
	r.run(t, pipeline.Options{})
	other := claimsRig(t, strings.Replace(growthClaims, "over: 3,", "over: 5,", 1))
	r.Catalog, r.shelf.fail = other.Catalog, errors.New("away")
	_, err := r.Run(t.Context(), pipeline.Options{Strict: true})
	if fault.ExitCode(err) != 5 || !strings.Contains(err.Error(), "no good answer from bundled") {
		t.Errorf("error %v; want exit 5, and the source told too", err)
	}
}

// A query that cannot be asked or that yields something else is the editor's.
func TestMistakesInClaimQueries(t *testing.T) {
	for name, m := range map[string]struct{ old, now, where, says string }{
		"no such column":   {"SELECT value FROM", "SELECT valeu FROM", "4:5", "valeu"},
		"two rows":         {"AND time_period = $year\n    figures", "AND time_period IN ($year, '2021')\n    figures", "4:5", "the value has more than one row"},
		"unknown column":   {"SELECT value FROM", "SELECT value, unit FROM", "4:5", "unit"},
		"no place":         {"SELECT document_id, record, time_period FROM preferred_observations", "SELECT document_id, time_period FROM preferred_observations", "4:5", "no document_id or record"},
		"a place of none":  {"SELECT document_id, record, time_period FROM preferred_observations", "SELECT document_id, 99 AS record, time_period FROM preferred_observations", "4:5", "0 figures stand at document"},
		"another question": {"SELECT CASE", "DROP TABLE claims; SELECT CASE", "8:5", "syntax error"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(growthClaims, m.old) {
				t.Fatalf("%q is not in the claims", m.old)
			}
			r := claimsRig(t, strings.Replace(growthClaims, m.old, m.now, 1))
			_, err := r.Run(t.Context(), pipeline.Options{})
			if fault.ExitCode(err) != 3 || !strings.Contains(err.Error(), "data/claims.yaml:"+m.where+": the query") || !strings.Contains(err.Error(), m.says) {
				t.Errorf("error %v, want exit 3 at data/claims.yaml:%s that says %q", err, m.where, m.says)
			}
			if _, err := (release.Store{Dir: r.state}).Current(); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("something was published: %v", err)
			}
		})
	}
}

// A turn is told even where the query does not name the figure behind it.
func TestTurnWithoutACause(t *testing.T) {
	r := claimsRig(t, `publications:
  - {id: paper, publisher: economist, title: Paper, published: "2023-08-05"}
queries:
  - id: growth
    title: Growth that claims to stand on a level
    value: SELECT value FROM preferred_observations WHERE region_code = $region AND indicator = 'gdp_growth_real' AND time_period = '2022'
    figures: SELECT document_id, record FROM preferred_observations WHERE region_code = $region AND indicator = 'gdp' AND time_period = '2014'
claims:
  - id: growth
    sentence: {en: It grew., zh: 增长了。}
    publication: paper
    region: "340100"
    unit: percent
    threshold: {over: 3}
    query: growth
    readings:
      - {id: now, default: true, label: {en: now, zh: 现在}}
`)
	r.shelf.files["revision.csv"] = doc(line("gdp_growth_real", "2022", "3.6", "percent", "final", "2024-02-01"), strings.Replace(line("gdp", "2014", "5157.97", "cny_100m", "final", "2024-02-01"), "of 2014,https://tjj.hefei.gov.cn/2014", "of 2022,https://tjj.hefei.gov.cn/2022", 1))
	r.run(t, pipeline.Options{})
	want := []string{"2024-02-01 undefined holds other figures <nil>"}
	if got := r.ask(t, "SELECT CAST(date AS VARCHAR), from_verdict, to_verdict, cause, new_value FROM claim_events"); !slices.Equal(got, want) {
		// The growth of 2023-02-07 is not looked back on: the query does not own up to it.
		t.Errorf("events %v, want %v", got, want)
	}
}
