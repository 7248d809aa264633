package data

import (
	"errors"
	"maps"
	"slices"

	"citystats/internal/fault"
	"citystats/transforms/measure"
	"citystats/transforms/units"
)

// The tables here have no file: they are worked out from the definitions by rules
// that exist once, in transforms, so that SQL needs none of its own.

// pairs is every two indicators with why they may not be set against each other.
func (c *Catalog) pairs() Table {
	t := Table{Schema: TableSchema{
		Name: "indicator_pairs", Title: "Every two indicators, and why their figures may not be set against each other", Key: []string{"indicator", "other"},
		Columns: []Column{
			{Name: "indicator", Type: Text, Required: true, References: "indicators.id", Comment: "The one; key of indicators"},
			{Name: "other", Type: Text, Required: true, References: "indicators.id", Comment: "The other; key of indicators"},
			{Name: "refusal", Type: Text, Comment: "What speaks against it, naming both sides: another unit, price basis, population, numerator, accumulation; NULL when nothing does"},
		},
	}}
	for _, one := range c.Indicators {
		for _, other := range c.Indicators {
			row := []any{one.ID, other.ID, nil}
			if refusal := c.MeasureOf(one).Against(c.MeasureOf(other)); refusal != "" {
				row[2] = refusal
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// checkLikeForLike refuses a pair that benchmark_pairs.csv calls like for like and
// that is not.
func (c *Catalog) checkLikeForLike() error {
	t, ok := c.Table("benchmark_pairs")
	if !ok {
		return nil
	}
	measures := map[string]measure.Measure{}
	for _, i := range c.Indicators {
		measures[i.ID] = c.MeasureOf(i)
	}
	var problems []error
	for n, row := range t.Rows {
		refusal := measures[t.text(row, "indicator")].Against(measures[t.text(row, "benchmark_indicator")])
		if t.text(row, "relation") == "like_for_like" && refusal != "" {
			problems = append(problems, fault.New(fault.Definition, t.at(n, t.Schema.column("relation")), "write not_like_for_like or context, and the reason", "column relation: %s", refusal))
		}
	}
	return errors.Join(problems...)
}

// conversions is what one of each unit is in every other of its measure.
func (c *Catalog) conversions() Table {
	t := Table{Schema: TableSchema{
		Name: "unit_conversions", Title: "What one of a unit is in another of the same measure; units of two measures have no row", Key: []string{"from_unit", "to_unit"},
		Columns: []Column{
			{Name: "from_unit", Type: Text, Required: true, References: "units.id", Comment: "From this unit; key of units"},
			{Name: "to_unit", Type: Text, Required: true, References: "units.id", Comment: "Into this one; key of units"},
			{Name: "factor", Type: Number, Required: true, Comment: "A power of ten: what one of from_unit is in to_unit"},
		},
	}}
	ids := slices.Sorted(maps.Keys(c.Units))
	for _, from := range ids {
		for _, into := range ids {
			if factor, err := units.Convert(1, c.Units[from].Unit, c.Units[into].Unit); err == nil {
				t.Rows = append(t.Rows, []any{from, into, factor})
			}
		}
	}
	return t
}
