//go:build duckdb_arrow

package warehouse

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"citystats/data"
	"citystats/pipeline/archive"
	"citystats/pipeline/normalise"
	"citystats/sources/bundled"
	"citystats/sources/source"
	queries "citystats/sql"
	"citystats/transforms/period"
)

// arrival is how a wrong figure comes in, beside the true ones that are there.
type arrival string

const (
	revision arrival = "revision" // by a dated document of the same origin
	undated  arrival = "undated"  // by an undated copy of the same origin
	another  arrival = "copy"     // under another origin
	first    arrival = "first"    // before any true figure is there
)

// wrong is a fault of the corpus: a document with one wrong figure, or with
// several that are wrong together.
type wrong struct {
	id, class string
	arrives   arrival
	rows      []map[string]string
}

// corpusColumns are those of testdata/faults*.csv.
var corpusColumns = []string{"id", "class", "arrives", "region", "indicator", "period", "value", "unit", "status", "origin", "published", "right", "pitfall"}

func readCorpus(t *testing.T, name string) []wrong {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(records) == 0 || !slices.Equal(records[0], corpusColumns) {
		t.Fatalf("testdata/%s: the header must be %s: %v", name, strings.Join(corpusColumns, ","), err)
	}
	var out []wrong
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, c := range corpusColumns {
			row[c] = record[i]
		}
		if n := len(out); n > 0 && out[n-1].id == row["id"] {
			out[n-1].rows = append(out[n-1].rows, row)
			continue
		}
		out = append(out, wrong{row["id"], row["class"], arrival(row["arrives"]), []map[string]string{row}})
	}
	return out
}

// document is the fault in the form in which a person would import it.
func (w wrong) document() source.Document {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	_ = out.Write(bundled.Header) // a bytes.Buffer takes everything
	for _, r := range w.rows {
		_ = out.Write([]string{
			r["region"], r["indicator"], r["period"], r["value"], r["unit"], r["status"], "", r["origin"], "medium",
			r["published"], "", "web_reprint", w.id, "", "", "",
		})
	}
	out.Flush()
	return source.Document{Source: "bundled", Name: w.id, Published: w.rows[0]["published"], Body: b.Bytes()}
}

// said is what a document's figures mean, and what of it could not be read.
type said struct {
	figures  []normalise.Figure
	observed []source.Observation
	rejects  int
}

type decoding struct {
	said
	n *normalise.Normaliser
}

func (d *decoding) Observe(o *source.Observation) error {
	f, err := d.n.Figure(o)
	if err != nil {
		d.rejects++
		return nil //nolint:nilerr // a reject, as in a run
	}
	d.figures, d.observed = append(d.figures, f), append(d.observed, *o)
	return nil
}

func (d *decoding) Reject(source.Reject) { d.rejects++ }

// experiment is the release of the bundled documents, in which one thing at a time is
// changed and taken back.
type experiment struct {
	*Build
	catalog *data.Catalog
	set     *queries.Set
	models  []queries.Query // that lie between the store and a check
	checks  string          // all of them in one statement
	base    map[string]bool // what the checks say of the true figures
}

func newExperiment(t *testing.T) *experiment {
	t.Helper()
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	set, err := queries.Load(queries.Files())
	if err != nil {
		t.Fatal(err)
	}
	tr := &experiment{Build: newBuild(t), catalog: catalog, set: set}
	tr.load(t)
	if _, err := tr.Derive(t.Context(), catalog, set, nil, nil); err != nil {
		t.Fatal(err)
	}
	live := filepath.Join(t.TempDir(), "live.duckdb")
	exec(t, tr.Build, "CHECKPOINT release")
	body, err := os.ReadFile(tr.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(live, body, 0o600); err != nil {
		t.Fatal(err)
	}
	exec(t, tr.Build, "ATTACH "+quote(live)+" AS live (READ_ONLY)")
	tr.between()
	tr.base = tr.found(t)
	return tr
}

// load brings in the bundled documents as a run does.
func (tr *experiment) load(t *testing.T) {
	t.Helper()
	folder, err := fs.Sub(data.Files(), data.DocumentsDir)
	if err != nil {
		t.Fatal(err)
	}
	src := bundled.New(folder)
	var captures []archive.Capture
	bodies := map[int][]byte{}
	err = src.Fetch(t.Context(), nil, func(d source.Document) error {
		c := archive.Capture{ID: len(captures) + 1, Source: d.Source, Name: d.Name, Title: d.Title, Publisher: d.Publisher, URL: d.URL, MediaType: d.MediaType, Published: d.Published, NotBefore: d.NotBefore, KnownAt: received}
		captures, bodies[c.ID] = append(captures, c), d.Body
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(captures, func(a, b archive.Capture) int {
		va, errA := Vintage(a)
		vb, errB := Vintage(b)
		if err := errors.Join(errA, errB); err != nil {
			t.Fatal(err)
		}
		return int(va - vb)
	})
	for _, c := range captures {
		l, err := tr.BeginDocument(c)
		if err != nil {
			t.Fatal(err)
		}
		d := tr.decode(t, c.Document(bodies[c.ID]))
		for i, f := range d.figures {
			s := l.Series(SeriesKey{f.Region, f.Indicator, f.Period.Freq, f.Origin}, f.OriginNumber)
			if err := l.Add(t.Context(), s, f.Period.Start, f.Value, &d.observed[i]); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := l.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// received is when this installation got everything.
var received = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

func (tr *experiment) decode(t *testing.T, d source.Document) said {
	t.Helper()
	sink := &decoding{n: normalise.New(tr.catalog, d.Source)}
	if err := bundled.New(nil).Decode(d, sink); err != nil {
		t.Fatalf("%s: %v", d.Name, err)
	}
	return sink.said
}

// between finds what must be computed anew when the store changes, and puts all
// checks into one statement.
func (tr *experiment) between() {
	needed := map[string]bool{}
	var parts []string
	for _, c := range tr.set.Checks {
		for _, r := range c.Reads {
			needed[r] = true
		}
		parts = append(parts, fmt.Sprintf("SELECT '%s %s' AS name, to_json(hit) AS j FROM (\n%s\n) AS hit", c.Severity, c.Name, c.SQL))
	}
	for _, q := range slices.Backward(tr.set.Models) {
		if needed[q.Name] {
			for _, r := range q.Reads {
				needed[r] = true
			}
		}
	}
	for _, q := range tr.set.Models {
		if needed[q.Name] && !q.View {
			tr.models = append(tr.models, q)
		}
	}
	tr.checks = "SELECT DISTINCT name || ' ' || concat_ws(' ', j->>'region_code', j->>'indicator', j->>'time_period', j->>'origin', j->>'value') FROM (\n" + strings.Join(parts, "\nUNION ALL\n") + "\n)"
}

// found is what the checks say now, one text for each figure and check.
func (tr *experiment) found(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := tr.within(t.Context(), func() error {
		for _, q := range tr.models {
			if _, err := tr.conn.ExecContext(t.Context(), "CREATE OR REPLACE TABLE "+quoteName(q.Name)+" AS\n"+q.SQL); err != nil {
				return fmt.Errorf("%s: %w", q.File, err)
			}
		}
		rows, err := query(t.Context(), tr.conn, tr.checks)
		for _, r := range rows.Rows {
			out[r[0].(string)] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// supposing changes the store, asks, and takes the change back.
func (tr *experiment) supposing(t *testing.T, ask func()) {
	t.Helper()
	exec(t, tr.Build, "BEGIN TRANSACTION")
	ask()
	exec(t, tr.Build, "ROLLBACK")
}

// without takes every figure of the region, indicator and period out.
func (tr *experiment) without(t *testing.T, f normalise.Figure) {
	t.Helper()
	exec(t, tr.Build, `DELETE FROM release.store.observation WHERE period = ? AND series_id IN (
		SELECT series_id FROM release.store.series WHERE region_code = ? AND indicator = ? AND frequency = ?)`,
		f.Period.Start.Time(), f.Region, f.Indicator, f.Period.Freq.String())
}

// bring puts the document's figures into the store.
func (tr *experiment) bring(t *testing.T, d source.Document, s said) {
	t.Helper()
	const id = 100000
	c := archive.Capture{ID: id, Source: d.Source, Name: d.Name, Publisher: "web_reprint", Published: d.Published, KnownAt: received}
	vintage, err := Vintage(c)
	if err != nil {
		t.Fatal(err)
	}
	var published any
	if m, err := period.ParseMoment(d.Published); err == nil {
		published = m.Last.Time()
	}
	exec(t, tr.Build, `INSERT INTO release.store.documents BY NAME SELECT ? AS document_id, 'bundled' AS source, ? AS name, '' AS title, 'web_reprint' AS publisher,
		'' AS url, '' AS media_type, '' AS sha256, 0 AS size, CAST(? AS DATE) AS published_at, CAST(? AS DATE) AS vintage, CAST(? AS TIMESTAMP) AS known_at, true AS readable`,
		id, d.Name, published, vintage.Time(), received)
	for i, f := range s.figures {
		series := tr.series.get(SeriesKey{f.Region, f.Indicator, f.Period.Freq, f.Origin}, f.OriginNumber)
		exec(t, tr.Build, `INSERT INTO release.store.series SELECT ?, ?, ?, ?, ?, CAST(? AS DATE) WHERE NOT EXISTS (SELECT 1 FROM release.store.series WHERE series_id = ?)`,
			series.ID, f.Region, f.Indicator, f.Period.Freq.String(), f.Origin, vintage.Time(), series.ID)
		o := s.observed[i]
		exec(t, tr.Build, "INSERT INTO release.store.observation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			series.ID, f.Period.Start.Time(), f.Value, uint8(o.Status), uint8(o.Qualifier), uint8(o.Confidence), vintage.Time(), id, o.Record)
	}
}

// verdict is what becomes of a fault.
type verdict struct {
	outcome string // stopped, told or missed
	by      []string
}

// judge lets the fault arrive and says what became of it.
func (tr *experiment) judge(t *testing.T, w wrong) verdict {
	t.Helper()
	d := w.document()
	s := tr.decode(t, d)
	if s.rejects > 0 {
		return verdict{"stopped", []string{"quarantine"}}
	}
	before := tr.base
	var after map[string]bool
	var objections Rows
	if w.arrives == first {
		tr.supposing(t, func() {
			for _, f := range s.figures {
				tr.without(t, f)
			}
			before = tr.found(t)
		})
	}
	tr.supposing(t, func() {
		if w.arrives == first {
			for _, f := range s.figures {
				tr.without(t, f)
			}
		}
		tr.bring(t, d, s)
		after = tr.found(t)
		if w.arrives == first {
			return
		}
		var err error
		if objections, err = query(t.Context(), tr.conn, largeRevision); err != nil {
			t.Fatal(err)
		}
	})
	v := verdict{outcome: "missed"}
	if len(objections.Rows) > 0 {
		v = verdict{"stopped", []string{"gate: large_revision"}}
	}
	v.hear(before, after)
	return v
}

// hear takes what the checks say after and had not said before.
func (v *verdict) hear(before, after map[string]bool) {
	for hit := range after {
		if before[hit] {
			continue
		}
		severity, rest, _ := strings.Cut(hit, " ")
		name, _, _ := strings.Cut(rest, " ")
		if !slices.Contains(v.by, name) {
			v.by = append(v.by, name)
		}
		if severity == string(queries.Severe) {
			v.outcome = "stopped"
		} else if v.outcome == "missed" {
			v.outcome = "told"
		}
	}
	slices.Sort(v.by)
}
