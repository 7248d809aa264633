package queries_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	queries "citystats/sql"
)

func TestTouchedRowsAreThoseOfTheWholeModel(t *testing.T) {
	set, err := queries.Load(fstest.MapFS{
		"staging/series.sql": {Data: []byte("-- column series_id: S\n-- column region: R\n" + titled("SELECT series_id, region FROM store.series"))},
		"marts/figures.sql":  {Data: []byte("-- column region: R\n-- column value: V\n" + titled("SELECT region, value FROM t"))},
		"marts/m.sql":        {Data: []byte("-- per: region\n-- column region: R\n-- column n: N\n" + titled("SELECT f.region, sum(f.value) AS n FROM figures AS f JOIN other ON true GROUP BY f.region"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	conn := engine(t)
	run(t, conn, `CREATE TABLE series AS FROM (VALUES (1, 'Hefei'), (2, 'Wuhu'), (3, 'Hefei')) AS s (series_id, region);
CREATE TABLE figures AS FROM (VALUES ('Hefei', 1), ('Hefei', 2), ('Wuhu', 4)) AS f (region, value);
CREATE TABLE other AS SELECT 1 AS one`)
	m, _ := set.Model("m")
	rows, replaced := set.Touched(m, "series_id = 3")
	run(t, conn, "CREATE TABLE m AS FROM (VALUES ('Hefei', 0), ('Wuhu', 0)) AS m (region, n); DELETE FROM m WHERE "+replaced+"; INSERT INTO m "+rows)
	got := ask(t, conn, "SELECT region, n FROM m ORDER BY region").rows
	if want := [][]string{{"Hefei", "3"}, {"Wuhu", "0"}}; !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("after the third series was touched m is %v, want Hefei's row anew and Wuhu's as it was: %v", got, want)
	}
}

func TestPerIsRefusedWhereItCannotBeTrue(t *testing.T) {
	series := &fstest.MapFile{Data: []byte("-- column series_id: S\n-- column region: R\n" + titled("SELECT 1"))}
	for _, c := range []struct{ name, header, sql, what string }{
		{"a view", "-- per: region\n-- materialize: view\n-- column region: R\n", "SELECT region FROM series", "a view is computed when it is read"},
		{"not a column of its own", "-- per: series_id\n-- column region: R\n", "SELECT region FROM series", "not all of series_id are columns of both"},
		{"not a column of series", "-- per: region, year\n-- column region: R\n-- column year: Y\n", "SELECT region, year FROM series", "not all of region, year are columns of both"},
		{"no input has it", "-- per: region\n-- column region: R\n", "SELECT region FROM store.t", "no model it reads has the columns region"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := queries.Load(fstest.MapFS{"staging/series.sql": series, "marts/x.sql": {Data: []byte(c.header + titled(c.sql))}})
			refused(t, err, "sql/marts/x.sql:1:9", c.what)
		})
	}
}

// TestPerHoldsForTheModels computes each model that has the line for a part of the
// series, from generated vintages, and holds it against the whole.
func TestPerHoldsForTheModels(t *testing.T) {
	conn, set := engine(t), load(t)
	release(t, set, conn)
	run(t, conn, `INSERT INTO observation_statuses (number, id) VALUES (4, 'preliminary'), (5, 'revised'), (6, 'final');
INSERT INTO series (series_id, region_code, indicator, frequency, origin, origin_priority)
	SELECT i, 'r' || i % 3, 'i' || i % 2, 'A', 'o' || i, i FROM range(12) AS s (i);
INSERT INTO observation_vintages BY NAME SELECT s.series_id, s.region_code, s.indicator, s.frequency, s.origin, 'p' || p AS time_period,
	make_date(2000 + CAST(p AS INTEGER), 1, 1) AS period_start, hash(s.series_id, p, d) % 5 AS value, ['preliminary', 'revised', 'final'][1 + CAST(hash(d, p) % 3 AS INTEGER)] AS status,
	3 AS standing, 'exact' AS qualifier, make_date(2020, CAST(d AS INTEGER), 1) AS visible_from, make_date(2020, CAST(d AS INTEGER), 1) AS vintage, d AS document_id, p AS record
	FROM series AS s, range(4) AS periods (p), range(1, 5) AS documents (d) WHERE hash(s.series_id, p, d) % 3 > 0`)
	tested := 0
	for _, q := range set.Models {
		if q.Name != "observation_vintages" && q.Name != "series" {
			run(t, conn, "CREATE OR REPLACE TABLE "+q.Name+" AS "+q.SQL)
		}
		if len(q.Per) == 0 {
			continue
		}
		tested++
		rows, replaced := set.Touched(q, "series_id IN (1, 5)")
		part, whole := ask(t, conn, "SELECT * FROM ("+rows+") ORDER BY ALL"), ask(t, conn, "SELECT * FROM "+q.Name+" WHERE "+replaced+" ORDER BY ALL")
		if len(part.rows) == 0 || part.csv() != whole.csv() {
			t.Errorf("sql/%s: computed for %s alone it is not what it is on the whole; remove its -- per line\npart:\n%s\nwhole:\n%s", q.File, strings.Join(q.Per, ", "), part.csv(), whole.csv())
		}
	}
	if tested == 0 {
		t.Error("no model has a -- per line any more; remove the code behind it")
	}
}
