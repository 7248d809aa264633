package communique

import (
	"math"
	"slices"
	"strings"

	"citystats/sources/source"
)

// settle looks at all figures of a document together: what is said twice is handed
// on once, and what contradicts leaves all sides unresolved.
func settle(found []*finding) []*finding {
	found = slices.DeleteFunc(found, func(f *finding) bool { return f.problem == "" && f.indicator == "" })
	found = once(found)
	byKey := map[string]*finding{}
	for _, f := range found {
		if f.problem == "" {
			byKey[f.key()] = f
		}
	}
	for _, f := range found {
		if f.problem == "" && f.indicator == "gdp" {
			sectors(f, byKey)
			deflator(f, byKey)
		}
		if f.problem == "" && f.indicator == "disposable_income_all" {
			between(f, byKey)
		}
	}
	slices.SortStableFunc(found, func(a, b *finding) int { return a.record - b.record })
	return found
}

// once keeps one of the figures that say the same, the one with most digits.
func once(found []*finding) []*finding {
	best := map[string]*finding{}
	for _, f := range found {
		if f.problem != "" {
			continue
		}
		other, seen := best[f.key()]
		switch {
		case !seen:
			best[f.key()] = f
		case f.status == source.Derived && other.status != source.Derived:
			f.problem = same
		case other.status == source.Derived && f.status != source.Derived:
			other.problem = same
			best[f.key()] = f
		case agree(f, other):
			if f.exact() > other.exact() {
				other.problem = same
				best[f.key()] = f
			} else {
				f.problem = same
			}
		default:
			f.fail("the document says both %s and %s", f.printed(), other.printed())
			other.fail("the document says both %s and %s", other.printed(), f.printed())
		}
	}
	return slices.DeleteFunc(found, func(f *finding) bool { return f.problem == same })
}

// same marks a figure that another one says already.
const same = "said elsewhere"

// worth is the value in the base of its unit.
func (f *finding) worth() float64 { return f.value * math.Pow10(exponents[f.unit]+f.mult) }

// exact is how small the last printed digit is.
func (f *finding) exact() int {
	n := f.decimals - exponents[f.unit] - f.mult
	if f.qualifier == source.Exact {
		n += 100 // a figure without hedges beats one with them
	}
	return n
}

// exponents are the powers of ten of the units that are printed.
var exponents = map[string]int{"cny": 0, "cny_10k": 4, "cny_100m": 8, "persons": 0, "persons_10k": 4, "percent": 0}

// agree says whether one is the other one rounded, or a bound that holds.
func agree(a, b *finding) bool {
	if a.exact() < b.exact() {
		a, b = b, a
	}
	switch b.qualifier {
	case source.Over:
		return a.worth() >= b.worth()
	case source.Under:
		return a.worth() <= b.worth()
	case source.Exact, source.About:
	}
	step := math.Pow10(exponents[b.unit] + b.mult - b.decimals)
	return math.Abs(a.worth()-b.worth()) <= step/2*(1+1e-9)
}

// printed is the figure as a person reads it.
func (f *finding) printed() string { return "'" + source.Short(f.quote) + "'" }

// with finds another indicator's figure for the same area and period.
func (f *finding) with(indicator string, byKey map[string]*finding) *finding {
	_, rest, _ := strings.Cut(f.key(), "|"+f.indicator+"|")
	return byKey[f.place.region()+"|"+indicator+"|"+rest]
}

// sectors compares the three sectors with their sum, within 0.1 or the rounding of four
// figures.
func sectors(gdp *finding, byKey map[string]*finding) {
	parts := make([]*finding, 0, 3)
	sum, step := 0.0, math.Pow10(exponents[gdp.unit]+gdp.mult-gdp.decimals)
	for _, id := range []string{"value_added_primary", "value_added_secondary", "value_added_tertiary"} {
		p := gdp.with(id, byKey)
		if p == nil {
			return
		}
		parts = append(parts, p)
		sum += p.worth()
		step = max(step, math.Pow10(exponents[p.unit]+p.mult-p.decimals))
	}
	if math.Abs(sum-gdp.worth()) <= max(0.1e8, 2*step)*(1+1e-9) {
		return
	}
	for _, f := range append(parts, gdp) {
		f.fail("the three sectors add up to %v, and the whole is %v (hundred million yuan)", round(sum/1e8, 2), round(gdp.worth()/1e8, 2))
	}
}

// deflator holds a level and its real growth against the level a year before, where
// the document states that too.
func deflator(now *finding, byKey map[string]*finding) {
	growth := now.with("gdp_growth_real", byKey)
	before := *now
	before.period.year--
	was := byKey[before.key()]
	if growth == nil || was == nil {
		return
	}
	implied := (now.worth()/was.worth()/(1+growth.value/100) - 1) * 100
	if implied >= -5 && implied <= 10 {
		return
	}
	for _, f := range []*finding{now, growth, was} {
		f.fail("the levels of two years and real growth imply that prices changed by %v %%", round(implied, 1))
	}
}

// between wants the income of all between those of town and country.
func between(all *finding, byKey map[string]*finding) {
	urban, rural := all.with("disposable_income_urban", byKey), all.with("disposable_income_rural", byKey)
	if urban == nil || rural == nil || rural.worth() <= all.worth() && all.worth() <= urban.worth() {
		return
	}
	for _, f := range []*finding{all, urban, rural} {
		f.fail("the income of all, %v, is not between those of town and country, %v and %v", all.value, urban.value, rural.value)
	}
}
