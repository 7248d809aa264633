//go:build duckdb_arrow

package charts_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"citystats/charts"
	"citystats/internal/fault"
)

// TestCellsNameTheirRows asks for what stands behind cells of each kind of chart.
func TestCellsNameTheirRows(t *testing.T) {
	for _, tt := range []struct{ chart, row, column, want string }{
		{"income", "2014", "", "1 records"},
		{"income", "2014", "national_urban", "1 records"},
		{"income", "2014", "gap_percent", "comparisons:340100:national_urban:disposable_income_urban:A:2014"},
		{"income_index", "2014", "hefei", "1 records"},
		{"income_index", "2015", "hefei", "2 records"},
		{"income_index", "2015", "hefei_rise_percent", "2 records"},
		{"income_index", "2015", "gap_percent", "4 records"},
		{"revisions", "first", "", "1 records"},
		{"rank", "Hefei", "", "1 records"},
		{"claim", "bridged", "", "claim_checks:growth_above_8:bridged"},
		{"claim", "every_year", "", "claim_checks:growth_above_8:every_year"},
	} {
		c := resolved(t, tt.chart, "340100", charts.English)
		row := tt.row
		if row == "first" {
			row, _ = c.Table().Rows[0][0].(string)
		}
		got, err := c.StandsOn(row, tt.column)
		stands := strings.Join(got, " ")
		if records := regexp.MustCompile(`^(\d+:\d+ ?)+$`); records.MatchString(stands) {
			stands = fmt.Sprintf("%d records", len(got))
		}
		if stands != tt.want || err != nil {
			t.Errorf("%s %s %s stands on %q, %v; want %s", tt.chart, tt.row, tt.column, got, err, tt.want)
		}
	}
}

// TestCellsThatAreNone wants the error to name what can be asked for.
func TestCellsThatAreNone(t *testing.T) {
	for _, tt := range []struct{ chart, row, column, want string }{
		{"income", "1066", "", `no period "1066"`},
		{"income", "2014", "wuhan", "write one of hefei, national_urban, gap_percent"},
		{"income", "2014", "hefei_status", "write one of hefei"},
		{"income", "2024", "hefei", "has no hefei for 2024"},
		{"rank", "Atlantis", "", `no region "Atlantis"`},
	} {
		_, err := resolved(t, tt.chart, "340100", charts.English).StandsOn(tt.row, tt.column)
		if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %s %s: %v; want %s", tt.chart, tt.row, tt.column, err, tt.want)
		}
	}
}
