//go:build duckdb_arrow

package pipeline_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"citystats/data"
	"citystats/pipeline"
	"citystats/pipeline/answers"
	"citystats/pipeline/archive"
	"citystats/pipeline/batch"
	"citystats/pipeline/warehouse"
	"citystats/sources/source"
	queries "citystats/sql"
	"citystats/transforms/period"
)

// The benchmarks print ratios to what DuckDB does alone with the same rows in
// the same run, since seconds depend on the machine. Each job runs in a process
// of its own, whose CPU time and peak memory the system measures.
//
//	go test -tags duckdb_arrow -run '^$' -bench . -benchtime 1x ./pipeline

// million is the unit of the benchmarks' sizes.
const million = 1_000_000

// generator is a source whose one document stands for n figures: monthly values
// of 500 months for as many series as it takes.
type generator struct {
	catalog *data.Catalog
	n       int
	edition int // another edition has the same figures and other bytes
	revised int // so many figures of one indicator are revised in a second document
}

// changed is the edition in which every figure is another.
const changed = 3

func (g *generator) Info() source.Info {
	return source.Info{ID: "bundled", Title: "Generated", Generation: 1}
}

func (g *generator) Fetch(_ context.Context, _ *http.Client, emit func(source.Document) error) error {
	documents := []source.Document{{Name: "generated", Published: "2026-01", Body: fmt.Appendf(nil, "%d %d", g.n, g.edition)}}
	if g.revised > 0 {
		documents = append(documents, source.Document{Name: "revised", Published: "2026-02", Body: fmt.Appendf(nil, "%d %d", g.revised, changed)})
	}
	for _, d := range documents {
		d.Source, d.Title, d.Publisher, d.MediaType = "bundled", "Generated", "citystats", "text/plain"
		if err := emit(d); err != nil {
			return err
		}
	}
	return nil
}

func (g *generator) Place(n int) string { return "figure " + strconv.Itoa(n) }

func (g *generator) Decode(doc source.Document, sink source.Sink) error {
	var n, edition int
	if _, err := fmt.Sscan(string(doc.Body), &n, &edition); err != nil {
		return err
	}
	const months = 500
	var names [months]string
	for m := range names {
		names[m] = period.Period{Freq: period.Month, Start: period.DayOf(1980+m/12, time.Month(m%12+1), 1)}.String()
	}
	o := source.Observation{Status: source.Final, Confidence: source.High}
	for s := 0; ; s++ {
		region := g.catalog.Regions[s%len(g.catalog.Regions)]
		rest := s / len(g.catalog.Regions)
		indicator := g.catalog.Indicators[rest%len(g.catalog.Indicators)]
		origins := []string{"nbs", "hefei_stats", "worldbank", "anhui_stats", "hfut_panel", "citystats"}
		o.Region, o.Indicator, o.Unit, o.Origin = region.Code, indicator.ID, indicator.Unit, origins[rest/len(g.catalog.Indicators)]
		for m := range months {
			if o.Record == n {
				return nil
			}
			o.Record++
			o.Period, o.Value = names[m], 50+float64((s*31+m*7)%997)/100
			if edition == changed {
				o.Value++
			}
			if err := sink.Observe(&o); err != nil {
				return err
			}
		}
	}
}

func generated(tb testing.TB, state string, n, edition int) *pipeline.Pipeline {
	tb.Helper()
	return revising(tb, state, n, edition, 0)
}

func revising(tb testing.TB, state string, n, edition, revised int) *pipeline.Pipeline {
	tb.Helper()
	catalog, err := data.Load(data.Files())
	if err != nil {
		tb.Fatal(err)
	}
	set, err := queries.Load(queries.Files())
	if err != nil {
		tb.Fatal(err)
	}
	// The checks' bounds are about real indicators; generated ones would all hit.
	set.Checks = nil
	p, err := pipeline.New(pipeline.Config{
		State: state, Catalog: catalog, Queries: set, Sources: []source.Source{&generator{catalog, n, edition, revised}},
		Client: func(source.Info, *answers.Store) *http.Client { return nil }, Now: time.Now, Log: zap.NewNop(), Keep: 1, Limits: warehouse.Limits{MemoryMB: 1024},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// jobs are what a child process can be asked to do; the test named TestJob does it.
var jobs = map[string]func(t *testing.T, dir string, n int){
	// Decode, normalise, batch, load: the real path into a new file.
	"load": func(t *testing.T, dir string, n int) {
		p := generated(t, dir, n, 1)
		b, err := warehouse.Create(t.Context(), filepath.Join(dir, "loaded.duckdb"), warehouse.Limits{MemoryMB: 1024, TempDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		counts, err := p.LoadDocument(t.Context(), b, archive.Capture{ID: 1, Source: "bundled", Published: "2026-01"}, []byte(fmt.Sprint(n, " ", 1)))
		if err != nil || counts.New != n {
			t.Fatalf("%+v, %v", counts, err)
		}
		if err := b.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	},
	// Only making the figures, which no loader can save.
	"generate": func(t *testing.T, dir string, n int) {
		g := generated(t, dir, n, 1).Sources[0]
		if err := g.Decode(source.Document{Body: []byte(fmt.Sprint(n, " ", 1))}, nothing{}); err != nil {
			t.Fatal(err)
		}
	},
	// DuckDB alone: the same rows out of a Parquet file it wrote itself.
	"export": func(t *testing.T, dir string, _ int) {
		bare(t, "ATTACH '"+dir+"/loaded.duckdb' AS loaded (READ_ONLY)", "COPY loaded.store.observation TO '"+dir+"/rows.parquet' (FORMAT parquet)")
	},
	"parquet": func(t *testing.T, dir string, _ int) {
		bare(t, "ATTACH '"+dir+"/bare.duckdb' AS bare", "CREATE TABLE bare.observation AS SELECT * FROM '"+dir+"/rows.parquet' LIMIT 0", "INSERT INTO bare.observation SELECT * FROM '"+dir+"/rows.parquet'", "CHECKPOINT bare")
	},
	"write-csv": writeCSV, "decode-csv": decodeCSV, "read-csv": readCSV, "idle": func(*testing.T, string, int) {},
	"run": func(t *testing.T, dir string, n int) {
		if _, err := generated(t, dir, n, 1).Run(t.Context(), pipeline.Options{}); err != nil {
			t.Fatal(err)
		}
	},
	// One indicator of one region is revised: what a run costs that hears of it.
	"revise": func(t *testing.T, dir string, n int) {
		report, err := revising(t, dir, n, 1, 500).Run(t.Context(), pipeline.Options{AcceptRevisions: true})
		if err != nil || report.Sources[0].Counts.Changed != 500 {
			t.Fatalf("%+v, %v", report.Sources, err)
		}
	},
	"rebuild": func(t *testing.T, dir string, n int) {
		if report, err := revising(t, dir, n, 1, 500).Rebuild(t.Context()); err != nil || len(report.Differing) > 0 {
			t.Fatalf("%v differ, %v", report.Differing, err)
		}
	},
	// The same figures in other bytes: every one is compared with what is stored.
	"again": func(t *testing.T, dir string, n int) {
		p := generated(t, dir, n, 2)
		from := filepath.Join(dir, "loaded.duckdb")
		b, err := warehouse.Continue(t.Context(), from, warehouse.Limits{MemoryMB: 1024, TempDir: dir}, nil)
		if err != nil {
			t.Fatal(err)
		}
		counts, err := p.LoadDocument(t.Context(), b, archive.Capture{ID: 2, Source: "bundled", Published: "2026-01"}, []byte(fmt.Sprint(million/10, " ", 2)))
		if err != nil || counts.Unchanged != million/10 {
			t.Fatalf("%+v, %v", counts, err)
		}
		if err := b.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	},
}

type nothing struct{}

func (nothing) Observe(*source.Observation) error { return nil }
func (nothing) Reject(source.Reject)              {}

func bare(t *testing.T, statements ...string) {
	t.Helper()
	db, err := sql.Open("duckdb", "?memory_limit=1024MB")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, s := range statements {
		if _, err := conn.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// TestJob is the child process of a benchmark; as a test it has nothing to do.
func TestJob(t *testing.T) {
	var job struct {
		Name, Dir string
		N         int
	}
	text := os.Getenv("CITYSTATS_BENCH_JOB")
	if text == "" {
		return
	}
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		t.Fatal(err)
	}
	jobs[job.Name](t, job.Dir, job.N)
}

// cost is what a job took.
type cost struct{ cpu, wall, peakMB float64 }

func measure(b *testing.B, name, dir string, n int) cost {
	b.Helper()
	text, err := json.Marshal(map[string]any{"Name": name, "Dir": dir, "N": n})
	if err != nil {
		b.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestJob$")
	child.Env = append(os.Environ(), "CITYSTATS_BENCH_JOB="+string(text))
	start := time.Now()
	if out, err := child.CombinedOutput(); err != nil {
		b.Fatalf("job %s: %v\n%s", name, err, out)
	}
	usage := child.ProcessState.SysUsage().(*syscall.Rusage)
	cpu := child.ProcessState.UserTime() + child.ProcessState.SystemTime()
	return cost{cpu.Seconds(), time.Since(start).Seconds(), float64(usage.Maxrss) / 1024}
}

// BenchmarkLoad loads ten million figures through the real path and compares
// with DuckDB loading the same rows from its own Parquet.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		const n = 10 * million
		load := measure(b, "load", dir, n)
		generate := measure(b, "generate", dir, n)
		measure(b, "export", dir, n)
		parquet := measure(b, "parquet", dir, n)
		b.ReportMetric((load.cpu-generate.cpu)/parquet.cpu, "load/parquet")
		b.ReportMetric(load.cpu, "load-cpu-s")
		b.ReportMetric(generate.cpu, "generate-cpu-s")
		b.ReportMetric(parquet.cpu, "parquet-cpu-s")
		b.ReportMetric(load.peakMB, "load-peak-MB")
		b.ReportMetric(parquet.peakMB, "parquet-peak-MB")
	}
}

// BenchmarkNothingNew runs the pipeline when the documents are those of the last
// run, over a short and a long history, and loads 100,000 figures that repeat
// what is stored, over both.
func BenchmarkNothingNew(b *testing.B) {
	for b.Loop() {
		runs, loads := map[int]cost{}, map[int]cost{}
		for _, n := range []int{million, 10 * million} {
			dir := b.TempDir()
			measure(b, "run", dir, n)
			runs[n] = measure(b, "run", dir, n)
			measure(b, "load", dir, n)
			loads[n] = measure(b, "again", dir, n)
		}
		b.ReportMetric(runs[10*million].cpu/runs[million].cpu, "same-bytes-10M/1M")
		b.ReportMetric(runs[10*million].cpu*1000, "same-bytes-10M-cpu-ms")
		b.ReportMetric(loads[10*million].cpu/loads[million].cpu, "same-figures-10M/1M")
		b.ReportMetric(loads[10*million].cpu*1000, "same-figures-10M-cpu-ms")
	}
}

// BenchmarkRecompute revises 500 figures of one indicator in a store of a million,
// and compares the run with making everything anew from the archive.
func BenchmarkRecompute(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		measure(b, "run", dir, million)
		revise := measure(b, "revise", dir, million)
		rebuild := measure(b, "rebuild", dir, million)
		b.ReportMetric(revise.cpu/rebuild.cpu, "revise/rebuild")
		b.ReportMetric(revise.cpu, "revise-cpu-s")
		b.ReportMetric(rebuild.cpu, "rebuild-cpu-s")
		b.ReportMetric(revise.peakMB, "revise-peak-MB")
	}
}

// BenchmarkBatch packs a million rows into Arrow batches.
func BenchmarkBatch(b *testing.B) {
	builder := batch.NewBuilder(period.DayOf(2026, time.January, 1), 1)
	for b.Loop() {
		for i := range million {
			builder.Append(batch.Row{SeriesID: int64(i), Period: period.Day(i), Value: float64(i)})
			if builder.Full() {
				rec := builder.Take()
				rec.Release()
			}
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/1M-rows")
}
