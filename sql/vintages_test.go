package queries_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	queries "citystats/sql"
)

// said is a vintage as a property draws it.
type said struct {
	series, year, value      int
	status                   string
	published, notBefore, at int // days of 2020; -1 for none
}

var standings = map[string]int{"forecast": 1, "derived": 2, "preliminary": 3, "revised": 3, "final": 3}

func drawVintage() *rapid.Generator[said] {
	return rapid.Custom(func(r *rapid.T) said {
		day := func(name string) int { return rapid.IntRange(-1, 9).Draw(r, name) }
		s := said{
			rapid.IntRange(1, 2).Draw(r, "series"), rapid.IntRange(2018, 2019).Draw(r, "year"), rapid.IntRange(1, 4).Draw(r, "value"),
			rapid.SampledFrom([]string{"forecast", "derived", "preliminary", "revised", "final"}).Draw(r, "status"),
			day("published"), day("not_before"), rapid.IntRange(0, 12).Draw(r, "known"),
		}
		return s
	})
}

func date(day int) string { return fmt.Sprintf("DATE '2020-01-%02d'", day+1) }

// sql is the vintage as a row of observation_vintages.
func (s said) sql(document int) string {
	published, vintage, visible := "NULL", "DATE '0001-01-01'", date(s.at)
	switch {
	case s.published >= 0:
		published, vintage, visible = date(s.published), date(s.published), date(min(s.published, s.at))
	case s.notBefore >= 0:
		vintage = date(s.notBefore)
	}
	return fmt.Sprintf("SELECT %d AS series_id, 'A' AS frequency, '%d' AS time_period, DATE '%d-01-01' AS period_start, %d AS value, '%s' AS status, %d AS standing, 'exact' AS qualifier, %s AS published_at, TIMESTAMP '2020-01-01' AS known_at, %s AS visible_from, %s AS vintage, %d AS document_id, 1 AS record",
		s.series, s.year, s.year, s.value, s.status, standings[s.status], published, visible, vintage, document)
}

// TestAsOfIsWhatTheModelsSayOfThatDay holds the days written beside each vintage
// against the observations computed from what was visible, whatever was said when.
func TestAsOfIsWhatTheModelsSayOfThatDay(t *testing.T) {
	conn, set := engine(t), load(t)
	release(t, set, conn)
	run(t, conn, "INSERT INTO observation_statuses (number, id) VALUES (2, 'forecast'), (3, 'derived'), (4, 'preliminary'), (5, 'revised'), (6, 'final')")
	for _, m := range set.Macros {
		if m.Name == "as_of" || m.Name == "nth_release" {
			run(t, conn, "CREATE MACRO "+m.Name+"("+m.Args+") AS TABLE "+m.SQL)
		}
	}
	history, _ := set.Model("vintage_history")
	rapid.Check(t, func(r *rapid.T) {
		run(t, conn, "DELETE FROM observation_vintages")
		var rows []string
		for i, s := range rapid.SliceOfN(drawVintage(), 1, 12).Draw(r, "vintages") {
			rows = append(rows, s.sql(i+1))
		}
		run(t, conn, "INSERT INTO observation_vintages BY NAME "+strings.Join(rows, " UNION ALL "))
		run(t, conn, "CREATE OR REPLACE TABLE vintage_history AS "+history.SQL)
		const columns = "series_id, period_start, document_id, value"
		day := date(rapid.IntRange(0, 12).Draw(r, "day"))
		fast := ask(t, conn, "SELECT "+columns+" FROM as_of("+day+") ORDER BY ALL").rows
		seen := map[string]string{"observation_vintages": queries.SeenBy(strings.Trim(day[len("DATE "):], "'"))}
		slow := ask(t, conn, set.Instead(seen, "SELECT "+columns+" FROM observations")+" ORDER BY ALL").rows
		if !slices.EqualFunc(fast, slow, slices.Equal[[]string]) {
			r.Errorf("as_of(%s) yields %v, the models say %v", day, fast, slow)
		}
		gaps := ask(t, conn, `SELECT series_id, period_start FROM vintage_history WHERE vintage_number IS NOT NULL
GROUP BY ALL HAVING count(*) <> max(vintage_number) OR min(vintage_number) <> 1 OR count(DISTINCT vintage_number) <> count(*)`).rows
		if len(gaps) > 0 {
			r.Errorf("releases are not numbered 1, 2, 3 ... for %v", gaps)
		}
	})
}
