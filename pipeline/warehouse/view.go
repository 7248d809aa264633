//go:build duckdb_arrow

package warehouse

import (
	"context"
	"strings"

	"citystats/data"
	queries "citystats/sql"
)

// View is what may be seen of a release: everything, or only what was visible at
// the end of a day, and no figure that is under embargo. It is the one place that
// decides this: whatever is shown to others is read through it.
type View struct {
	AsOf     string         // ISO day; empty for now
	Withheld []data.Embargo // see data.Catalog.Withheld
}

// whole says whether nothing is hidden.
func (v View) whole() bool { return v.AsOf == "" && len(v.Withheld) == 0 }

// vintages is the SELECT of the vintages that may be seen.
func (v View) vintages() string {
	where := []string{"TRUE"}
	if v.AsOf != "" {
		where = append(where, "visible_from <= DATE "+quote(v.AsOf))
	}
	for _, e := range v.Withheld {
		where = append(where, "NOT (region_code = "+quote(e.Region)+" AND indicator = "+quote(e.Indicator)+" AND time_period = "+quote(e.Period)+")")
	}
	return "SELECT * FROM release.main.observation_vintages WHERE " + strings.Join(where, "\n\tAND ")
}

// See makes later queries of this reader see the view. Every model that stands on
// a vintage is computed again without those that are hidden, and every claim is
// judged again, so that a withheld figure cannot be told from a mean, a gap or a
// verdict either. The store itself still holds it: nothing that is shown to others
// may read the schema store.
func (r *Reader) See(ctx context.Context, catalog *data.Catalog, set *queries.Set, v View) error {
	if v.whole() {
		return nil
	}
	if err := r.Overlay(ctx, set, map[string]string{"observation_vintages": v.vintages()}); err != nil {
		return err
	}
	judged, err := r.Query(ctx, "SELECT 1 FROM dictionary WHERE \"table\" = 'claim_checks'")
	if err != nil || len(judged.Rows) == 0 {
		return err
	}
	return r.Claims(ctx, catalog, set, v.AsOf)
}
