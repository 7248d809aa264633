package queries_test

import (
	"slices"
	"strings"
	"testing"
)

// TestInsteadComputesWhatLiesBetween looks at the statement as the engine would:
// what depends on the replaced table stands in it once, after what it reads.
func TestInsteadComputesWhatLiesBetween(t *testing.T) {
	set := load(t)
	text := set.Instead(map[string]string{"observation_vintages": "SELECT * FROM main.observation_vintages WHERE false"}, "SELECT count(*) FROM comparisons")
	last := -1
	for _, name := range []string{"observation_vintages", "observations", "preferred_observations", "benchmark_observations", "comparisons"} {
		at := strings.Index(text, `"`+name+`" AS (`)
		if at <= last {
			t.Errorf("%s stands at byte %d, want it after byte %d, behind what it reads", name, at, last)
		}
		last = at
	}
	for _, name := range []string{"series", "growth", "revisions"} {
		if strings.Contains(text, `"`+name+`" AS (`) {
			t.Errorf("%s is computed again, but nothing between the vintages and the comparisons needs it", name)
		}
	}
	if !strings.HasSuffix(strings.TrimSpace(text), "SELECT count(*) FROM comparisons\n) AS answer") {
		t.Errorf("the question is not at the end:\n%s", text)
	}
}

// TestInsteadAnswersFromTheOtherRows asks the engine: the average of the years
// that are left, and the table that was not replaced as it was.
func TestInsteadAnswersFromTheOtherRows(t *testing.T) {
	conn := engine(t)
	grow(t, conn, []rate{{"yearly", 10, 0.05}, {"yearly", 20, 0.05}})
	set := load(t)
	replace := map[string]string{"growth_years": "SELECT * FROM main.growth_years WHERE year = 2013"}
	got := ask(t, conn, set.Instead(replace, "WITH mine AS (SELECT * FROM growth) SELECT round(average_growth, 6) AS average, years FROM mine")).rows
	if want := [][]string{{"10", "1"}}; !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("the growth of the years that are left is %v, want %v", got, want)
	}
	plain := "SELECT count(*) AS n FROM growth_years"
	if got := set.Instead(map[string]string{"events": "SELECT * FROM main.events WHERE false"}, plain); got != plain {
		t.Errorf("a question that nothing replaced concerns became\n%s", got)
	}
}
