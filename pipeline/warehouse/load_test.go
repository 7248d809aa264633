//go:build duckdb_arrow

package warehouse

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"citystats/pipeline/archive"
	"citystats/pipeline/ledger"
	"citystats/sources/source"
	"citystats/transforms/period"
)

type figure struct {
	region, indicator string
	year              int
	value             float64
	status            source.Status
}

type fataler interface {
	Helper()
	Fatal(args ...any)
}

func add(t fataler, l *DocumentLoad, figures ...figure) {
	t.Helper()
	for i, f := range figures {
		s := l.Series(SeriesKey{f.region, f.indicator, period.Annual, "nbs"}, 1)
		o := source.Observation{Record: i + 1, Status: f.status, Confidence: source.High}
		if err := l.Add(bg, s, period.DayOf(f.year, 1, 1), f.value, &o); err != nil {
			t.Fatal(err)
		}
	}
}

func load(t fataler, b *Build, c archive.Capture, figures ...figure) ledger.Counts {
	t.Helper()
	l, err := b.BeginDocument(c)
	if err != nil {
		t.Fatal(err)
	}
	add(t, l, figures...)
	counts, err := l.Commit(bg)
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// stored lists the store's vintages as "region year value status document".
func stored(t fataler, b *Build) []string {
	t.Helper()
	if err := b.saveSeries(bg); err != nil {
		t.Fatal(err)
	}
	rows, err := query(bg, b.conn, `SELECT s.region_code || ' ' || s.indicator || ' ' || extract(YEAR FROM o.period) || ' ' || o.value || ' ' || o.status || ' ' || o.document_id
		FROM release.store.observation o JOIN release.store.series s USING (series_id) ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range rows.Rows {
		out = append(out, r[0].(string))
	}
	return out
}

// What its maker has replaced is not brought back by somebody else's copy, however
// late that is dated; what a copy says that nobody has said yet is news.
func TestTheMakersOwnDocumentWins(t *testing.T) {
	b := newBuild(t)
	const city, gdp = "340100", "gdp"
	for i, step := range []struct {
		name, publisher, published string
		value                      float64
		counts                     ledger.Counts
		latest                     string
	}{
		{"a copy comes first", "fred", "2019-01-10", 7822.9, ledger.Counts{New: 1}, "7822.9"},
		{"the maker says the same", "nbs", "2019-01-20", 7822.9, ledger.Counts{Unchanged: 1}, "7822.9"},
		{"the maker revises", "nbs", "2020-03-01", 8605.1, ledger.Counts{Changed: 1}, "8605.1"},
		{"a copy lags", "fred", "2020-03-20", 7822.9, ledger.Counts{Unchanged: 1}, "8605.1"},
		{"the copy follows", "fred", "2020-04-20", 8605.1, ledger.Counts{Unchanged: 1}, "8605.1"},
		{"a copy has what the maker has not yet sent us", "fred", "2021-03-20", 8700.5, ledger.Counts{Changed: 1}, "8700.5"},
		{"one copy after another: neither is the maker", "xinhua", "2021-04-01", 8605.1, ledger.Counts{Changed: 1}, "8605.1"},
		{"the maker goes back itself", "nbs", "2021-05-01", 7822.9, ledger.Counts{Changed: 1}, "7822.9"},
	} {
		c := archive.Capture{ID: i + 1, Publisher: step.publisher, Published: step.published}
		if got := load(t, b, c, figure{city, gdp, 2018, step.value, source.Final}); got != step.counts {
			t.Errorf("%s: %+v, want %+v", step.name, got, step.counts)
		}
		rows, err := query(bg, b.conn, "SELECT CAST(max_by(value, {v: vintage, d: document_id}) AS VARCHAR) FROM release.store.observation")
		if err != nil || rows.Rows[0][0] != step.latest {
			t.Errorf("%s: the latest is %v, %v, want %s", step.name, rows.Rows, err, step.latest)
		}
	}
}

func TestOnlyWhatIsNewIsAppended(t *testing.T) {
	b := newBuild(t)
	const hefei, gdp = "340100", "gdp"
	steps := []struct {
		name    string
		capture archive.Capture
		figures []figure
		counts  ledger.Counts
		stored  []string
	}{
		{
			"a first document",
			archive.Capture{ID: 1, Published: "2019-01"},
			[]figure{{hefei, gdp, 2017, 7213.45, source.Preliminary}, {hefei, gdp, 2018, 7822.9, source.Preliminary}},
			ledger.Counts{New: 2},
			[]string{"340100 gdp 2017 7213.45 4 1", "340100 gdp 2018 7822.9 4 1"},
		},
		{
			"the same again, published later: nothing",
			archive.Capture{ID: 2, Published: "2019-06"},
			[]figure{{hefei, gdp, 2018, 7822.9, source.Preliminary}, {hefei, gdp, 2017, 7213.45, source.Preliminary}},
			ledger.Counts{Unchanged: 2},
			[]string{"340100 gdp 2017 7213.45 4 1", "340100 gdp 2018 7822.9 4 1"},
		},
		{
			"a revision: one row more",
			archive.Capture{ID: 3, Published: "2020-03"},
			[]figure{{hefei, gdp, 2018, 8605.1, source.Revised}, {hefei, gdp, 2017, 7213.45, source.Preliminary}},
			ledger.Counts{Changed: 1, Unchanged: 1},
			[]string{"340100 gdp 2017 7213.45 4 1", "340100 gdp 2018 7822.9 4 1", "340100 gdp 2018 8605.1 5 3"},
		},
		{
			"the first value again, later still: the publisher went back",
			archive.Capture{ID: 4, Published: "2021"},
			[]figure{{hefei, gdp, 2018, 7822.9, source.Revised}},
			ledger.Counts{Changed: 1},
			[]string{"340100 gdp 2017 7213.45 4 1", "340100 gdp 2018 7822.9 4 1", "340100 gdp 2018 7822.9 5 4", "340100 gdp 2018 8605.1 5 3"},
		},
		{
			"two vintages of one year in one document",
			archive.Capture{ID: 6, Published: "2022"},
			[]figure{{hefei, gdp, 2020, 10045.72, source.Preliminary}, {hefei, gdp, 2020, 10005.96, source.Revised}},
			ledger.Counts{New: 2},
			[]string{
				"340100 gdp 2017 7213.45 4 1", "340100 gdp 2018 7822.9 4 1", "340100 gdp 2018 7822.9 5 4", "340100 gdp 2018 8605.1 5 3",
				"340100 gdp 2020 10005.96 5 6", "340100 gdp 2020 10045.72 4 6",
			},
		},
		{
			"both of them printed again, in the other order: nothing",
			archive.Capture{ID: 7, Published: "2023"},
			[]figure{{hefei, gdp, 2020, 10005.96, source.Revised}, {hefei, gdp, 2020, 10045.72, source.Preliminary}},
			ledger.Counts{Unchanged: 2},
			[]string{
				"340100 gdp 2017 7213.45 4 1", "340100 gdp 2018 7822.9 4 1", "340100 gdp 2018 7822.9 5 4", "340100 gdp 2018 8605.1 5 3",
				"340100 gdp 2020 10005.96 5 6", "340100 gdp 2020 10045.72 4 6",
			},
		},
		{
			"the first estimate as before, another result: one row",
			archive.Capture{ID: 8, Published: "2024"},
			[]figure{{hefei, gdp, 2020, 10045.72, source.Preliminary}, {hefei, gdp, 2020, 10006, source.Revised}},
			ledger.Counts{Changed: 1, Unchanged: 1},
			[]string{
				"340100 gdp 2017 7213.45 4 1", "340100 gdp 2018 7822.9 4 1", "340100 gdp 2018 7822.9 5 4", "340100 gdp 2018 8605.1 5 3",
				"340100 gdp 2020 10005.96 5 6", "340100 gdp 2020 10006.0 5 8", "340100 gdp 2020 10045.72 4 6",
			},
		},
		{
			"another first estimate, the same result: both, or the estimate would be the latest word",
			archive.Capture{ID: 9, Published: "2025"},
			[]figure{{hefei, gdp, 2020, 10040, source.Preliminary}, {hefei, gdp, 2020, 10006, source.Revised}},
			ledger.Counts{Changed: 2},
			[]string{
				"340100 gdp 2017 7213.45 4 1", "340100 gdp 2018 7822.9 4 1", "340100 gdp 2018 7822.9 5 4", "340100 gdp 2018 8605.1 5 3",
				"340100 gdp 2020 10005.96 5 6", "340100 gdp 2020 10006.0 5 8", "340100 gdp 2020 10006.0 5 9",
				"340100 gdp 2020 10040.0 4 9", "340100 gdp 2020 10045.72 4 6",
			},
		},
	}
	for _, s := range steps {
		if got := load(t, b, s.capture, s.figures...); got != s.counts {
			t.Errorf("%s: counted %+v, want %+v", s.name, got, s.counts)
		}
		if diff := gocmp.Diff(s.stored, stored(t, b)); diff != "" {
			t.Errorf("%s: store (-want +got):\n%s", s.name, diff)
		}
	}
}

func TestContradictionGoesToQuarantine(t *testing.T) {
	b := newBuild(t)
	counts := load(t, b, archive.Capture{ID: 1}, figure{"340100", "gdp", 2014, 5157.97, source.Preliminary}, figure{"340100", "gdp", 2014, 5158, source.Preliminary})
	if want := (ledger.Counts{New: 1, Rejected: 1}); counts != want {
		t.Errorf("counted %+v, want %+v", counts, want)
	}
	rows, err := query(t.Context(), b.conn, "SELECT record, reason FROM release.store.quarantine")
	if err != nil || len(rows.Rows) != 1 || rows.Rows[0][0] != int32(2) || !strings.Contains(rows.Rows[0][1].(string), "5157.97 and 5158") {
		t.Errorf("quarantine holds %v, %v; want record 2 with both values", rows.Rows, err)
	}
}

func TestFailedDocumentIsQuarantinedWhole(t *testing.T) {
	b := newBuild(t)
	l, err := b.BeginDocument(archive.Capture{ID: 1, Name: "bad"})
	if err != nil {
		t.Fatal(err)
	}
	add(t, l, figure{"340100", "gdp", 2014, 5157.97, source.Preliminary})
	counts, err := l.Fail(t.Context(), errors.New("cut short"), "region,indic")
	if err != nil || counts != (ledger.Counts{FailedDocs: 1}) {
		t.Fatalf("Fail = %+v, %v", counts, err)
	}
	if got := stored(t, b); len(got) != 0 {
		t.Errorf("the store keeps %v of a document that cannot be trusted", got)
	}
	if n := len(b.series.rows()); n != 0 {
		t.Errorf("%d series are left of a document that cannot be trusted", n)
	}
	if n := number(t, b, "SELECT count(*) FROM release.store.documents WHERE NOT readable"); n != 1 {
		t.Errorf("%v unreadable documents recorded, want 1", n)
	}
}

func TestSeriesNumbersStayInTheirOriginsBlock(t *testing.T) {
	b := newBuild(t)
	seen := map[int64]bool{}
	for i := range 500 {
		for _, origin := range []int{40, 2, 2000} {
			key := SeriesKey{"340100", fmt.Sprint("i", i), period.Annual, fmt.Sprint("o", origin)}
			s := b.series.get(key, origin)
			if s.ID>>keyBits != int64(origin) || seen[s.ID] || b.series.get(key, origin) != s {
				t.Errorf("series %d is outside the block of origin %d, or another's number", s.ID, origin)
			}
			seen[s.ID] = true
		}
	}
}

// A repeat leaves no row. Had 2020 been loaded after 2022, nothing in the store
// would say that the figure of 2018 stood again in 2022.
func TestDocumentFromBeforeIsLate(t *testing.T) {
	b := newBuild(t)
	figures := func(v float64) figure { return figure{"340100", "gdp", 2016, v, source.Preliminary} }
	load(t, b, archive.Capture{ID: 1, Published: "2018"}, figures(700))
	load(t, b, archive.Capture{ID: 2, Published: "2022"}, figures(700))
	before := stored(t, b)
	l, err := b.BeginDocument(archive.Capture{ID: 3, Published: "2020"})
	if err != nil {
		t.Fatal(err)
	}
	add(t, l, figures(705), figure{"CHN", "gdp", 2016, 1, source.Final})
	if _, err := l.Commit(t.Context()); !errors.Is(err, ErrLate) {
		t.Errorf("a document of 2020 after one of 2022: %v, want ErrLate", err)
	}
	if diff := gocmp.Diff(before, stored(t, b)); diff != "" {
		t.Errorf("a late document left something behind:\n%s", diff)
	}
	// Another series is not concerned.
	load(t, b, archive.Capture{ID: 4, Published: "2020"}, figure{"CHN", "gdp", 2016, 1, source.Final})
}

func TestFirstDatedConfirmationIsKept(t *testing.T) {
	b := newBuild(t)
	f := figure{"340100", "gdp", 2016, 710, source.Preliminary}
	load(t, b, archive.Capture{ID: 1}, f)
	load(t, b, archive.Capture{ID: 2, Published: "2019-06-01"}, f)
	load(t, b, archive.Capture{ID: 3, Published: "2020"}, f)
	want := []string{"340100 gdp 2016 710.0 4 1", "340100 gdp 2016 710.0 4 2"}
	if diff := gocmp.Diff(want, stored(t, b)); diff != "" {
		t.Errorf("a figure's first proven publication must be known, later repeats not (-want +got):\n%s", diff)
	}
}

// China's GDP of 2020 in a table that rounds to ten, after the exact result.
func TestRoundedCopyIsNoVintage(t *testing.T) {
	for _, c := range []struct {
		name    string
		value   float64
		status  source.Status
		appends int
	}{
		{"a rounded copy", 1013570, source.Revised, 0},
		{"a rounded figure that tells something else", 1034870, source.Revised, 1},
		{"a forecast is another statement", 1013570, source.Forecast, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBuild(t)
			load(t, b, archive.Capture{ID: 1, Published: "2021-12-17"}, figure{"CHN", "gdp", 2020, 1013567, source.Final})
			l, err := b.BeginDocument(archive.Capture{ID: 2, Published: "2023-03"})
			if err != nil {
				t.Fatal(err)
			}
			o := source.Observation{Record: 1, Status: c.status, Qualifier: source.About, Confidence: source.Medium}
			if err := l.Add(bg, l.Series(SeriesKey{"CHN", "gdp", period.Annual, "nbs"}, 1), period.DayOf(2020, 1, 1), c.value, &o); err != nil {
				t.Fatal(err)
			}
			counts, err := l.Commit(bg)
			if err != nil {
				t.Fatal(err)
			}
			if counts.Changed != c.appends || counts.Unchanged != 1-c.appends {
				t.Errorf("%+v, want %d changed: the store holds %v", counts, c.appends, stored(t, b))
			}
		})
	}
}

// row and reference are the rule of the store written a second time, plainly.
type row struct {
	figure
	vintage, document, record int
}

func reference(documents [][]row) []string {
	var kept []row
	for _, d := range documents {
		// Within a document the rows are judged together, in vintage order.
		slices.SortStableFunc(d, func(a, b row) int { return cmp.Compare(a.status, b.status) })
		known := slices.Clone(kept)
		for _, r := range d {
			// What stands beside something more settled is history.
			history := slices.ContainsFunc(d, func(o row) bool { return same(o, r) && o.status > r.status })
			if last := before(kept, r, true); history && last != nil && last.value == r.value {
				continue
			}
			before := before(known, r, false)
			known = append(known, r)
			if before == nil || before.value != r.value || before.status != r.status {
				kept = append(kept, r)
			}
		}
	}
	var out []string
	for _, r := range kept {
		out = append(out, fmt.Sprintf("%s %s %d %v %d %d", r.region, r.indicator, r.year, r.value, r.status, r.document))
	}
	slices.Sort(out)
	return out
}

// before is the last of rows that speaks of r's figure, at r's status if told to.
func before(rows []row, r row, atStatus bool) (last *row) {
	for i := range rows {
		k := &rows[i]
		if same(*k, r) && !after(*k, r) && (!atStatus || k.status == r.status) && (last == nil || after(*k, *last)) {
			last = k
		}
	}
	return last
}

func same(a, b row) bool {
	return a.region == b.region && a.indicator == b.indicator && a.year == b.year
}

func after(a, b row) bool {
	return cmp.Or(cmp.Compare(a.vintage, b.vintage), cmp.Compare(a.status, b.status), cmp.Compare(a.document, b.document), cmp.Compare(a.record, b.record)) > 0
}

func TestLoadFollowsTheRule(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b, err := Create(bg, fmt.Sprintf("%s/%s", t.TempDir(), FileName), Limits{Threads: 1})
		if err != nil {
			rt.Fatal(err)
		}
		defer b.Discard()
		var documents [][]row
		vintage := 2014
		for d := 1; d <= rapid.IntRange(1, 5).Draw(rt, "documents"); d++ {
			vintage += rapid.IntRange(0, 2).Draw(rt, "years later")
			var rows []row
			var figures []figure
			seen := map[string]bool{}
			for range rapid.IntRange(1, 8).Draw(rt, "figures") {
				f := figure{
					rapid.SampledFrom([]string{"340100", "CHN"}).Draw(rt, "region"), "gdp",
					rapid.IntRange(2010, 2012).Draw(rt, "year"), float64(rapid.IntRange(1, 3).Draw(rt, "value")) + 0.5,
					rapid.SampledFrom([]source.Status{source.Preliminary, source.Final}).Draw(rt, "status"),
				}
				if key := fmt.Sprint(f.region, f.year, f.status); seen[key] {
					continue
				} else {
					seen[key] = true
				}
				figures = append(figures, f)
				rows = append(rows, row{f, vintage, d, len(figures)})
			}
			documents = append(documents, rows)
			load(rt, b, archive.Capture{ID: d, Published: fmt.Sprint(vintage)}, figures...)
		}
		if diff := gocmp.Diff(reference(documents), stored(rt, b)); diff != "" {
			rt.Fatalf("store (-want +got):\n%s", diff)
		}
	})
}
