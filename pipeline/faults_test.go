//go:build duckdb_arrow

package pipeline_test

import (
	"bytes"
	"encoding/csv"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline"
	"citystats/pipeline/release"
	"citystats/sources/bundled"
	"citystats/sources/source"
	queries "citystats/sql"
)

// corpus reads a table of the corpus of faulty figures: its rows by column.
func corpus(t *testing.T, name string) []map[string]string {
	t.Helper()
	text, err := os.ReadFile("warehouse/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			row[records[0][i]] = cell
		}
		out = append(out, row)
	}
	return out
}

// severe are faults that the corpus says are stopped, as the documents that bring
// them: for each severe check and the gate the first that it finds. Faults that come
// before the true figure are left out: here the true one is there.
func severe(t *testing.T, checks []queries.Query) []source.Document {
	t.Helper()
	stops := map[string]bool{"gate: large_revision": true}
	for _, q := range checks {
		stops[q.Name] = q.Severity == queries.Severe
	}
	found := map[string][]string{}
	for _, o := range corpus(t, "outcomes.csv") {
		if o["outcome"] == "stopped" {
			found[o["id"]] = slices.DeleteFunc(strings.Split(o["found_by"], ";"), func(check string) bool { return !stops[check] })
		}
	}
	var out []source.Document
	seen := map[string]bool{}
	for _, r := range append(corpus(t, "faults.csv"), corpus(t, "faults_drawn.csv")...) {
		news := slices.ContainsFunc(found[r["id"]], func(check string) bool { return !seen[check] })
		if !news || r["arrives"] == "first" {
			continue
		}
		for _, check := range found[r["id"]] {
			seen[check] = true
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		_ = w.WriteAll([][]string{bundled.Header, { // a bytes.Buffer takes everything
			r["region"], r["indicator"], r["period"], r["value"], r["unit"], r["status"], "", r["origin"], "medium",
			r["published"], "", "web_reprint", r["class"], "", "", r["pitfall"],
		}})
		out = append(out, bundled.Describe("import/"+r["id"], b.Bytes()))
	}
	return out
}

// TestSevereFaultsStopTheRun lets severe faults of the corpus in by the door that
// people use: each must end with exit 5, naming what to do, and leave the old
// release live and the archive without the document.
func TestSevereFaultsStopTheRun(t *testing.T) {
	r := newRig(t).whole(t)
	folder, err := fs.Sub(data.Files(), data.DocumentsDir)
	if err != nil {
		t.Fatal(err)
	}
	r.Sources = []source.Source{bundled.New(folder)}
	before := r.run(t, pipeline.Options{})
	faults := severe(t, r.Queries.Checks)
	if len(faults) < 8 {
		t.Errorf("only %d faults of the corpus show that the checks and the gate stop a release, want 8", len(faults))
	}
	for _, doc := range faults {
		report, err := r.Import(t.Context(), doc, pipeline.Options{})
		if fault.ExitCode(err) != 5 || report.Published || !strings.Contains(err.Error(), "not published: ") {
			t.Errorf("%s (%s): %v, published %v; want exit 5 and the reason", doc.Name, doc.Title, err, report.Published)
		}
	}
	if m, err := (release.Store{Dir: r.state}).Current(); err != nil || m.ID != before.Release {
		t.Errorf("the live release is %s, %v; want %s still", m.ID, err, before.Release)
	}
	if again := r.run(t, pipeline.Options{}); again.Published || again.Sources[0].Counts.NewDocuments != 0 {
		t.Errorf("after the refusals a run publishes %v with %+v; want nothing new", again.Published, again.Sources[0].Counts)
	}
}

// TestTrueFiguresNeedNoEditor keeps the bundled documents publishable and every
// finding on them explained.
func TestTrueFiguresNeedNoEditor(t *testing.T) {
	r := newRig(t).whole(t)
	folder, err := fs.Sub(data.Files(), data.DocumentsDir)
	if err != nil {
		t.Fatal(err)
	}
	r.Sources = []source.Source{bundled.New(folder)}
	report := r.run(t, pipeline.Options{})
	for _, h := range report.Hits {
		if h.Accepted == "" {
			t.Errorf("%s: %s\n%s: look at its document; correct it, enter the break, or say in data/accepted.csv why it stands", h.Check, h.Row, h.Title)
		}
	}
}

// skipping decodes all years but one of one indicator.
type skipping struct{ *shelf }

func (s *skipping) Info() source.Info {
	info := s.shelf.Info()
	info.Generation++
	return info
}

func (s *skipping) Decode(d source.Document, sink source.Sink) error {
	return s.shelf.Decode(d, withoutGrowthOf2013{sink})
}

type withoutGrowthOf2013 struct{ source.Sink }

func (w withoutGrowthOf2013) Observe(o *source.Observation) error {
	if o.Indicator == "gdp_growth_real" && o.Period == "2013" {
		return nil
	}
	return w.Sink.Observe(o)
}

func TestGateKeepsFiguresFromVanishing(t *testing.T) {
	r, _ := published(t)
	blind := rigAt(t, r.state, r.shelf)
	blind.Sources = []source.Source{&skipping{r.shelf}}
	report, err := blind.Run(t.Context(), pipeline.Options{})
	if fault.ExitCode(err) != 5 || report.Published || !strings.Contains(err.Error(), "lost_figures: 340100 gdp_growth_real A hefei_stats: the live release has 2013") {
		t.Errorf("a lost year before the latest: %v, published %v; want the gate to refuse and name it", err, report.Published)
	}
}

// TestCopiesAreWitnesses has three publications print one figure: it is one
// vintage, and each publication is counted once, however often it is asked.
func TestCopiesAreWitnesses(t *testing.T) {
	r := newRig(t).whole(t)
	other := func(name, published string) string {
		return "340100,gdp,2013,4672.91,cny_100m,preliminary,,hefei_stats,high," + published + ",,people_online," + name + ",,,\n"
	}
	r.shelf.files["copy_a.csv"] = doc(other("A", "2014-05"))
	r.shelf.files["copy_b.csv"] = doc(other("B", "2014-06"))
	r.run(t, pipeline.Options{})
	count := func() (vintages, witnesses any) {
		rows, err := r.open(t).Query(t.Context(), `SELECT (SELECT count(*) FROM observation_vintages AS v WHERE v.indicator = 'gdp' AND v.time_period = '2013'),
			(SELECT count(*) FROM attestations AS a JOIN series AS s ON s.series_id = a.series_id WHERE s.indicator = 'gdp' AND a.value = 4672.91)`)
		if err != nil {
			t.Fatal(err)
		}
		return rows.Rows[0][0], rows.Rows[0][1]
	}
	if v, w := count(); v != int64(1) || w != int64(3) {
		t.Fatalf("%v vintages and %v witnesses, want 1 and 3", v, w)
	}
	// The second publication comes again with other bytes and the same figure.
	r.shelf.files["copy_b.csv"] = doc(strings.Replace(other("B", "2014-06"), ",,,\n", ",,,printed again\n", 1))
	r.run(t, pipeline.Options{})
	if v, w := count(); v != int64(1) || w != int64(3) {
		t.Errorf("after a publication came again: %v vintages and %v witnesses, want 1 and 3 still", v, w)
	}
	if rebuilt, err := r.Rebuild(t.Context()); err != nil || len(rebuilt.Differing) > 0 {
		t.Errorf("a rebuild differs in %v, %v", rebuilt.Differing, err)
	}
}
