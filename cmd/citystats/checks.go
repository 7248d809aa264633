//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"citystats/internal/fault"
	"citystats/sources"
	queries "citystats/sql"
)

func (a *app) checksCommand() *cobra.Command {
	var severity string
	var open bool
	cmd := &cobra.Command{
		Use: "checks", Short: "List the checks of the live release and what they found",
		Long: `Lists what each check found in the live release, with the document and the place
in it. A finding of severity error keeps a release from being published; a
warning is told by each run. A finding explained in data/accepted.csv is neither,
and shows its reason here.`,
		Example: "  citystats checks\n  citystats checks --open\n  citystats checks --severity warning --format json", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if severity != "" && severity != string(queries.Severe) && severity != string(queries.Warning) {
				return fault.New(fault.Usage, "", "write error or warning", "--severity is %q", severity)
			}
			return a.checks(cmd.Context(), severity, open)
		},
	}
	cmd.Flags().StringVar(&severity, "severity", "", "only checks of this severity: error or warning")
	cmd.Flags().BoolVar(&open, "open", false, "only findings that nobody accepted")
	return cmd
}

const checksQuery = `SELECT c.name AS check_name, c.severity, c.hits, c.accepted, c.title, c.hint,
	h.region_code, r.name_en AS region, h.indicator, h.time_period, h.origin, h.value, u.symbol_en, i.decimals,
	d.source, d.name AS document, h.record, a.reason, h.hit
FROM quality_checks AS c
LEFT JOIN quality_hits AS h ON h.name = c.name
LEFT JOIN accepted AS a ON a.id = h.accepted
LEFT JOIN regions AS r ON r.code = h.region_code
LEFT JOIN indicators AS i ON i.id = h.indicator
LEFT JOIN units AS u ON u.id = i.unit
LEFT JOIN store.documents AS d ON d.document_id = h.document_id
WHERE ($1 = '' OR c.severity = $1) AND ($2 = false OR (h.hit IS NOT NULL AND h.accepted IS NULL))
ORDER BY c.severity, c.name, h.accepted IS NOT NULL, h.hit`

func (a *app) checks(ctx context.Context, severity string, open bool) error {
	place, err := a.places()
	if err != nil {
		return err
	}
	r, _, err := a.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	rows, err := r.Query(ctx, checksQuery, severity, open)
	if err != nil {
		return err
	}
	g := &grid{columns: []column{
		{"check", "Check", false},
		{"severity", "Severity", false},
		{"hits", "Hits", true},
		{"title", "A hit means", false},
		{"hint", "", false},
		{"region_code", "", false},
		{"region", "Region", false},
		{"indicator", "Indicator", false},
		{"time_period", "Period", false},
		{"origin", "Origin", false},
		{"value", "Value", true},
		{"document", "Document", false},
		{"place", "Place", false},
		{"accepted", "Accepted because", false},
		{"hit", "", false},
	}}
	for _, cells := range rows.Rows {
		v := row{rows, cells}
		value := cell{v.get("value"), ""}
		if value.raw != nil {
			value.text = number(v.f("value"), v.decimals())
		}
		g.add(shown(v.str("check_name")), shown(v.str("severity")), shown(v.get("hits")), shown(v.str("title")), shown(v.str("hint")),
			nullable(v, "region_code"), nullable(v, "region"), nullable(v, "indicator"), nullable(v, "time_period"), nullable(v, "origin"), value,
			nullable(v, "document"), orNull(place(v)), nullable(v, "reason"), nullable(v, "hit"))
	}
	return a.print(g)
}

// nullable is a cell of a column that may be NULL.
func nullable(v row, name string) cell { return cell{v.get(name), v.str(name)} }

func orNull(s string) cell {
	if s == "" {
		return cell{nil, ""}
	}
	return shown(s)
}

// places tells where in its document a finding's record stands, as the source
// that read it counts.
func (a *app) places() (func(row) string, error) {
	catalog, err := a.catalog()
	if err != nil {
		return nil, err
	}
	all, err := sources.All(catalog, os.Getenv)
	if err != nil {
		return nil, err
	}
	return func(v row) string {
		record, ok := v.get("record").(int32)
		if !ok {
			return ""
		}
		for _, s := range all {
			if s.Info().ID == v.str("source") {
				return s.Place(int(record))
			}
		}
		return fmt.Sprintf("record %d", record)
	}, nil
}
