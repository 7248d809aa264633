//go:build duckdb_arrow

package pipeline_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline"
	"citystats/pipeline/answers"
	"citystats/pipeline/ledger"
	"citystats/pipeline/release"
	"citystats/pipeline/warehouse"
	"citystats/sources/bundled"
	"citystats/sources/source"
	queries "citystats/sql"
)

const header = "region,indicator,period,value,unit,status,qualifier,origin,confidence,published,not_before,publisher,title,url,derivation,note\n"

// line is one row of a publication of the Hefei bureau.
func line(indicator, year, value, unit, status, published string) string {
	return "340100," + indicator + "," + year + "," + value + "," + unit + "," + status + ",,hefei_stats,high," + published + ",,hefei_stats,Communique of " + year + ",https://tjj.hefei.gov.cn/" + year + ",,\n"
}

func doc(rows ...string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(header + strings.Join(rows, ""))}
}

// shelf is a source over documents that a test changes between runs, and that
// can be told to fail.
type shelf struct {
	*bundled.Source
	files fstest.MapFS
	fail  error
}

func newShelf() *shelf {
	files := fstest.MapFS{
		"communique_2013.csv": doc(line("gdp", "2013", "4672.91", "cny_100m", "preliminary", "2014-04"), line("gdp_growth_real", "2013", "11.5", "percent", "preliminary", "2014-04")),
		"communique_2014.csv": doc(line("gdp", "2014", "5157.97", "cny_100m", "preliminary", "2015-04"), line("gdp_growth_real", "2014", "10.0", "percent", "preliminary", "2015-04")),
	}
	return &shelf{bundled.New(files), files, nil}
}

func (s *shelf) Info() source.Info {
	info := s.Source.Info()
	info.Hosts = []string{"tjj.hefei.gov.cn"}
	return info
}

func (s *shelf) Fetch(ctx context.Context, c *http.Client, emit func(source.Document) error) error {
	if s.fail != nil {
		return s.fail
	}
	return s.Source.Fetch(ctx, c, emit)
}

// clock is a time that tests move.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { c.t = c.t.Add(time.Second); return c.t }

type rig struct {
	*pipeline.Pipeline
	shelf *shelf
	clock *clock
	state string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	return rigAt(t, t.TempDir(), newShelf())
}

// first is a state folder that a first run has left, made once for all tests.
var first struct {
	sync.Mutex
	folder string // outlives single tests
	state  string
	now    time.Time
	report pipeline.Report
}

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(first.folder) // of nothing when no test made it
	os.Exit(code)
}

// published is a rig whose first run has been, in a copy of that folder.
func published(t *testing.T) (*rig, pipeline.Report) {
	t.Helper()
	first.Lock()
	defer first.Unlock()
	if first.state == "" {
		var err error
		if first.folder, err = os.MkdirTemp("", "pipeline"); err != nil { //nolint:usetesting // it outlives the test that makes it
			t.Fatal(err)
		}
		r := rigAt(t, filepath.Join(first.folder, "state"), newShelf())
		first.report = r.run(t, pipeline.Options{})
		first.state, first.now = r.state, r.clock.t
	}
	r := newRig(t)
	if err := os.CopyFS(r.state, os.DirFS(first.state)); err != nil {
		t.Fatal(err)
	}
	r.clock.t = first.now
	return r, first.report
}

func rigAt(t testing.TB, state string, s *shelf) *rig {
	t.Helper()
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	set, err := queries.Load(queries.Files())
	if err != nil {
		t.Fatal(err)
	}
	lean(catalog, set)
	c := &clock{time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
	p, err := pipeline.New(pipeline.Config{
		State: state, Catalog: catalog, Queries: set, Sources: []source.Source{s},
		Client: func(source.Info, *answers.Store) *http.Client { return nil }, Now: c.now, Log: zap.NewNop(), Keep: 3,
		Limits: warehouse.Limits{MemoryMB: 512, Threads: 1}, // these figures are few, and the tests run side by side
	})
	if err != nil {
		t.Fatal(err)
	}
	return &rig{p, s, c, state}
}

// lean leaves out what most of these tests do not look at, since they run the
// pipeline hundreds of times: of the models it keeps those that revisions and
// changes of figures need, of checks and macros those that read only these, and no
// claims. What needs everything asks for it with whole.
func lean(c *data.Catalog, set *queries.Set) {
	c.Claims = data.Claims{}
	kept := map[string]bool{"preferred_observations": true, "revisions": true, "changes": true}
	for _, q := range slices.Backward(set.Models) {
		for _, r := range q.Reads {
			kept[r] = kept[r] || kept[q.Name]
		}
	}
	unreadable := func(q queries.Query) bool {
		return slices.ContainsFunc(q.Reads, func(r string) bool {
			_, model := set.Model(r)
			return model && !kept[r] || slices.ContainsFunc(set.Macros, func(m queries.Query) bool { return m.Name == r })
		})
	}
	checks, macros := slices.DeleteFunc(slices.Clone(set.Checks), unreadable), slices.DeleteFunc(slices.Clone(set.Macros), unreadable)
	set.Models = slices.DeleteFunc(set.Models, func(q queries.Query) bool { return !kept[q.Name] })
	set.Checks, set.Macros = checks, macros
}

// whole makes a rig run every model, check and macro.
func (r *rig) whole(t testing.TB) *rig {
	t.Helper()
	var err error
	if r.Queries, err = queries.Load(queries.Files()); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) run(t *testing.T, opts pipeline.Options) pipeline.Report {
	t.Helper()
	report, err := r.Run(t.Context(), opts)
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	return report
}

// value reads one figure of the live release.
func (r *rig) value(t *testing.T, indicator, year string) any {
	t.Helper()
	store := release.Store{Dir: r.state}
	m, err := store.Current()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := warehouse.OpenReader(t.Context(), store.Path(m.ID), warehouse.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	rows, err := reader.Query(t.Context(), "SELECT value FROM observations WHERE indicator = ? AND time_period = ?", indicator, year)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows.Rows) == 0 {
		return nil
	}
	return rows.Rows[0][0]
}

func TestRunTwicePublishesOnce(t *testing.T) {
	r := newRig(t)
	first := r.run(t, pipeline.Options{})
	if want := (ledger.Counts{Documents: 2, NewDocuments: 2, New: 4}); !first.Published || first.Sources[0].Counts != want {
		t.Fatalf("first run: published %v, counts %+v; want %+v", first.Published, first.Sources[0].Counts, want)
	}
	before := tree(t, r.state)
	second := r.run(t, pipeline.Options{})
	if want := (ledger.Counts{Documents: 2}); second.Published || second.Release != first.Release || second.Sources[0].Counts != want {
		t.Errorf("second run: published %v %s, counts %+v; want nothing new", second.Published, second.Release, second.Sources[0].Counts)
	}
	after := tree(t, r.state)
	delete(before, "ledger.jsonl")
	delete(after, "ledger.jsonl")
	delete(before, "lock")
	delete(after, "lock")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("a run without news changed the state folder beyond its ledger:\n%s", diff)
	}
}

// tree is every file of a folder with its content, links as their target.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if d.Type()&fs.ModeSymlink != 0 {
			out[name], err = os.Readlink(path)
			return err
		}
		text, err := os.ReadFile(path)
		out[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRevisionBecomesAVintage(t *testing.T) {
	r, _ := published(t)
	r.shelf.files["census.csv"] = doc(line("gdp", "2014", "5180.6", "cny_100m", "revised", "2016-01"))
	report := r.run(t, pipeline.Options{})
	if want := (ledger.Counts{Documents: 3, NewDocuments: 1, Changed: 1}); !report.Published || report.Sources[0].Counts != want {
		t.Errorf("published %v, counts %+v; want %+v", report.Published, report.Sources[0].Counts, want)
	}
	if got := r.value(t, "gdp", "2014"); got != 5180.6 {
		t.Errorf("latest vintage of 2014 is %v, want 5180.6", got)
	}
}

func TestIncrementalEqualsRebuild(t *testing.T) {
	r, _ := published(t)
	r.shelf.files["census.csv"] = doc(line("gdp", "2014", "5180.6", "cny_100m", "revised", "2016-01"))
	r.run(t, pipeline.Options{})
	r.shelf.files["yearbook.csv"] = doc(line("gdp", "2013", "4672.91", "cny_100m", "preliminary", "2016-11"), line("gdp_growth_real", "2013", "11.5", "percent", "final", "2016-11"))
	r.shelf.files["communique_2015.csv"] = doc(line("gdp", "2015", "5660.27", "cny_100m", "preliminary", "2016-04"))
	incremental := r.run(t, pipeline.Options{})
	if incremental.Rebuilt != "" {
		t.Fatalf("the run loaded everything anew (%s): this test needs an incremental one", incremental.Rebuilt)
	}
	rebuilt, err := r.Rebuild(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(rebuilt.Differing) > 0 || rebuilt.Published || rebuilt.Release != incremental.Release {
		t.Errorf("rebuilding changed %v: loading one document at a time must not depend on the night it came", rebuilt.Differing)
	}
}

// The order in which papers are found says nothing about which is the latest.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	papers := []string{line("gdp", "2016", "6270", "cny_100m", "preliminary", "2018-01"), line("gdp", "2016", "6300", "cny_100m", "preliminary", "2020-01"), line("gdp", "2016", "6270", "cny_100m", "preliminary", "2022-01")}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			for _, i := range order {
				r.shelf.files[fmt.Sprintf("paper_%d.csv", i)] = doc(papers[i])
				r.run(t, pipeline.Options{AcceptRevisions: true})
			}
			if got := r.value(t, "gdp", "2016"); got != 6270.0 {
				t.Errorf("latest vintage is %v, want that of 2022", got)
			}
			rows, err := r.open(t).Query(t.Context(), "SELECT value FROM as_of('2021-01-01') WHERE time_period = '2016'")
			if err != nil || len(rows.Rows) != 1 || rows.Rows[0][0] != 6300.0 {
				t.Errorf("in 2021 one would have read %v, %v; want 6300", rows.Rows, err)
			}
			if report, err := r.Rebuild(t.Context()); err != nil || len(report.Differing) > 0 {
				t.Errorf("a rebuild differs in %v, %v", report.Differing, err)
			}
		})
	}
}

func TestDryRunTouchesNothing(t *testing.T) {
	r := newRig(t)
	empty := tree(t, r.state)
	if report := r.run(t, pipeline.Options{DryRun: true}); report.Sources[0].Counts.New != 4 || report.Published {
		t.Errorf("dry run reports %+v, published %v; want 4 new figures and nothing published", report.Sources[0].Counts, report.Published)
	}
	if diff := cmp.Diff(empty, tree(t, r.state)); diff != "" {
		t.Errorf("a dry run left something behind:\n%s", diff)
	}
	r.run(t, pipeline.Options{})
	r.shelf.files["communique_2015.csv"] = doc(line("gdp", "2015", "5660.27", "cny_100m", "preliminary", "2016-04"))
	before := tree(t, r.state)
	if report := r.run(t, pipeline.Options{DryRun: true}); report.Sources[0].Counts.New != 1 || len(report.Differing) == 0 {
		t.Errorf("dry run reports %+v, differing %v; want 1 new figure", report.Sources[0].Counts, report.Differing)
	}
	if diff := cmp.Diff(before, tree(t, r.state)); diff != "" {
		t.Errorf("a dry run changed the state folder:\n%s", diff)
	}
}

func TestFailingSource(t *testing.T) {
	r, _ := published(t)
	r.shelf.fail = fault.New(fault.Upstream, "https://tjj.hefei.gov.cn", "", "the site answers 503")
	report := r.run(t, pipeline.Options{})
	if report.Sources[0].Err == nil || report.Sources[0].Stale {
		t.Errorf("report %+v: want the failure, within the allowance", report.Sources[0])
	}
	if _, err := r.Run(t.Context(), pipeline.Options{Strict: true}); fault.ExitCode(err) != 4 {
		t.Errorf("strict run: %v, exit %d; want 4", err, fault.ExitCode(err))
	}
	// Beyond the allowance the release is published with the source marked, and the exit code is 4.
	r.clock.t = r.clock.t.AddDate(11, 0, 0)
	report, err := r.Run(t.Context(), pipeline.Options{})
	if fault.ExitCode(err) != 4 || !report.Sources[0].Stale || !report.Published {
		t.Errorf("run beyond the allowance: %v, stale %v, published %v; want exit 4 and a release that says so", err, report.Sources[0].Stale, report.Published)
	}
	// The next such night says so again and publishes nothing new.
	report, err = r.Run(t.Context(), pipeline.Options{})
	if fault.ExitCode(err) != 4 || report.Published {
		t.Errorf("the night after: %v, published %v", err, report.Published)
	}
	r.shelf.fail = nil
	if report = r.run(t, pipeline.Options{}); !report.Published || report.Sources[0].Stale {
		t.Errorf("after recovery: published %v, stale %v", report.Published, report.Sources[0].Stale)
	}
}

func TestSourceThatNeverAnsweredHasItsAllowance(t *testing.T) {
	r := newRig(t)
	r.shelf.fail = fault.New(fault.Upstream, "", "", "no such host")
	r.run(t, pipeline.Options{})
	r.clock.t = r.clock.t.AddDate(11, 0, 0)
	if _, err := r.Run(t.Context(), pipeline.Options{}); fault.ExitCode(err) != 4 {
		t.Errorf("a source that never answered in eleven years: %v, want exit 4", err)
	}
}

func TestBadDocumentIsQuarantinedAndTheRunGoesOn(t *testing.T) {
	r := newRig(t)
	r.shelf.files["broken.csv"] = &fstest.MapFile{Data: []byte("<html>error</html>")}
	r.shelf.files["odd.csv"] = doc(line("gdp", "2015", "5660.27", "cny_100m", "preliminary", "2016-04"), line("gdp", "MMXV", "1", "cny_100m", "preliminary", "2016-04"), line("no_such", "2015", "1", "cny", "final", "2016-04"))
	report := r.run(t, pipeline.Options{})
	if c := report.Sources[0].Counts; !report.Published || c.FailedDocs != 1 || c.Rejected != 2 || c.New != 5 {
		t.Errorf("published %v, counts %+v; want 5 new, 2 rejected, 1 failed", report.Published, c)
	}
	reader := r.open(t)
	rows, err := reader.Query(t.Context(), "SELECT d.name, q.place, q.reason FROM store.quarantine q JOIN store.documents d USING (document_id) ORDER BY 1, 2")
	if err != nil || len(rows.Rows) != 3 {
		t.Fatalf("quarantine: %v, %v", rows.Rows, err)
	}
	for i, want := range [][2]string{{"broken", "the whole document"}, {"odd", "row 2"}, {"odd", "row 3"}} {
		if rows.Rows[i][0] != want[0] || rows.Rows[i][1] != want[1] || rows.Rows[i][2] == "" {
			t.Errorf("quarantine row %d is %v, want %v with a reason", i, rows.Rows[i], want)
		}
	}
}

func (r *rig) open(t *testing.T) *warehouse.Reader {
	t.Helper()
	store := release.Store{Dir: r.state}
	m, err := store.Current()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := warehouse.OpenReader(t.Context(), store.Path(m.ID), warehouse.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	return reader
}

func TestGate(t *testing.T) {
	r, first := published(t)
	r.shelf.files["revision.csv"] = doc(line("gdp", "2014", "8000", "cny_100m", "revised", "2016-01"))
	report, err := r.Run(t.Context(), pipeline.Options{})
	if fault.ExitCode(err) != 5 || report.Published || !strings.Contains(err.Error(), "340100 gdp 2014") {
		t.Fatalf("a revision by half: %v, published %v; want exit 5 naming the figure", err, report.Published)
	}
	if m, err := (release.Store{Dir: r.state}).Current(); err != nil || m.ID != first.Release {
		t.Errorf("the live release is %s, %v; a refused build must not touch it", m.ID, err)
	}
	if report := r.run(t, pipeline.Options{AcceptRevisions: true}); !report.Published {
		t.Error("an accepted revision was not published")
	}
}

func TestGateKeepsSeriesFromVanishing(t *testing.T) {
	r, _ := published(t)
	// A decoder that no longer finds growth: everything is loaded anew, and a series is gone.
	blind := rigAt(t, r.state, r.shelf)
	blind.Sources = []source.Source{&forgetful{r.shelf}}
	report, err := blind.Run(t.Context(), pipeline.Options{})
	if fault.ExitCode(err) != 5 || report.Published || !strings.Contains(err.Error(), "lost_series") {
		t.Errorf("a lost series: %v, published %v; want the gate to refuse", err, report.Published)
	}
}

// forgetful decodes no growth rates.
type forgetful struct{ *shelf }

func (f *forgetful) Info() source.Info {
	info := f.shelf.Info()
	info.Generation++
	return info
}

func (f *forgetful) Decode(d source.Document, sink source.Sink) error {
	return f.shelf.Decode(d, withoutGrowth{sink})
}

type withoutGrowth struct{ source.Sink }

func (w withoutGrowth) Observe(o *source.Observation) error {
	if strings.Contains(o.Indicator, "growth") {
		return nil
	}
	return w.Sink.Observe(o)
}

func TestSevereCheckStopsTheRelease(t *testing.T) {
	r, _ := published(t)
	r.shelf.files["share.csv"] = doc(line("sei_output_share", "2014", "302", "percent", "preliminary", "2015-01"))
	report, err := r.Run(t.Context(), pipeline.Options{})
	if fault.ExitCode(err) != 5 || report.Published || !strings.Contains(err.Error(), "share_out_of_range") {
		t.Errorf("a share of 302 %%: %v, published %v; want exit 5 naming the check", err, report.Published)
	}
}

func TestRollbackHolds(t *testing.T) {
	r, first := published(t)
	r.shelf.files["communique_2015.csv"] = doc(line("gdp", "2015", "5660.27", "cny_100m", "preliminary", "2016-04"))
	second := r.run(t, pipeline.Options{})
	if err := r.Rollback(first.Release); err != nil {
		t.Fatal(err)
	}
	if r.value(t, "gdp", "2015") != nil {
		t.Error("the release rolled back to has the later figure")
	}
	report := r.run(t, pipeline.Options{})
	if report.Published || report.Held != second.Release || report.Release != first.Release {
		t.Errorf("the night after a rollback: published %v, held %q, live %s; want %s held", report.Published, report.Held, report.Release, second.Release)
	}
	r.shelf.files["communique_2016.csv"] = doc(line("gdp", "2016", "6274.3", "cny_100m", "preliminary", "2017-04"))
	if report := r.run(t, pipeline.Options{}); !report.Published {
		t.Error("news after a rollback was not published")
	}
	if err := r.Rollback("2020-01-01-00000000"); fault.ExitCode(err) != 2 {
		t.Errorf("rollback to a release that is not there: %v", err)
	}
}

func TestOldReleasesArePruned(t *testing.T) {
	r := newRig(t)
	for _, y := range []string{"2015", "2016", "2017", "2019"} {
		r.run(t, pipeline.Options{})
		r.shelf.files["communique_"+y+".csv"] = doc(line("gdp", y, "6000", "cny_100m", "preliminary", "2021-04"))
	}
	last := r.run(t, pipeline.Options{})
	all, err := release.Store{Dir: r.state}.List()
	if err != nil || len(all) != 3 || all[2].ID != last.Release {
		t.Errorf("%d releases are kept, %v; want 3, the newest among them", len(all), err)
	}
}

func TestImport(t *testing.T) {
	r, _ := published(t)
	body := []byte(header + line("gdp", "2015", "5660.27", "cny_100m", "preliminary", "2016-04"))
	d := bundled.Describe("import/by_hand", body)
	report, err := r.Import(t.Context(), d, pipeline.Options{})
	if err != nil || !report.Published || r.value(t, "gdp", "2015") != 5660.27 {
		t.Fatalf("import: %v, published %v", err, report.Published)
	}
	if report, err = r.Import(t.Context(), d, pipeline.Options{}); err != nil || report.Published {
		t.Errorf("the same import again: %v, published %v; want nothing new", err, report.Published)
	}
	d.Body = []byte("<html>")
	if _, err = r.Import(t.Context(), d, pipeline.Options{}); fault.ExitCode(err) != 2 {
		t.Errorf("an unreadable document was imported: %v", err)
	}
	d.Source = "nowhere"
	if _, err = r.Import(t.Context(), d, pipeline.Options{}); fault.ExitCode(err) != 2 {
		t.Errorf("a document of an unknown source was imported: %v", err)
	}
}

func TestBadImportIsNotKept(t *testing.T) {
	r, _ := published(t)
	wrong := bundled.Describe("import/by_hand", []byte(header+line("gdp", "2015", "56602700", "cny_100m", "preliminary", "2016-04")))
	if _, err := r.Import(t.Context(), wrong, pipeline.Options{}); fault.ExitCode(err) != 5 {
		t.Errorf("a figure ten thousand times too large: %v, want exit 5", err)
	}
	r.run(t, pipeline.Options{})
	right := bundled.Describe("import/by_hand", []byte(header+line("gdp", "2015", "5660.27", "cny_100m", "preliminary", "2016-04")))
	if _, err := r.Import(t.Context(), right, pipeline.Options{}); err != nil || r.value(t, "gdp", "2015") != 5660.27 {
		t.Errorf("the corrected document: %v", err)
	}
}

func TestEarlierRollbacksHoldToo(t *testing.T) {
	r, first := published(t)
	r.shelf.files["communique_2015.csv"] = doc(line("gdp", "2015", "5660.27", "cny_100m", "preliminary", "2016-04"))
	second := r.run(t, pipeline.Options{})
	r.shelf.files["communique_2016.csv"] = doc(line("gdp", "2016", "6274.3", "cny_100m", "preliminary", "2017-04"))
	r.run(t, pipeline.Options{})
	for _, id := range []string{second.Release, first.Release} {
		if err := r.Rollback(id); err != nil {
			t.Fatal(err)
		}
	}
	if report := r.run(t, pipeline.Options{}); report.Published {
		t.Errorf("after two rollbacks the run published %s again", report.Release)
	}
}
