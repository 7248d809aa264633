// Package normalise gives a publisher's figure our meaning: which region and
// indicator it is about, which period, in which unit, made by whom. It refuses a
// figure that its own document says is of another kind than the indicator.
//
// Everything here is a lookup in the definitions; nothing is guessed. A figure
// that names something the definitions do not hold is outside when its source
// speaks in codes of its own (most of what such a publisher offers is not ours to
// keep), and a reject otherwise. It does when source_series.csv lists some of its
// codes, and when it is asked by sdmx_queries.csv, mapped or not.
package normalise

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"citystats/data"
	"citystats/sources/source"
	"citystats/transforms/measure"
	"citystats/transforms/period"
	"citystats/transforms/units"
)

// ErrOutside says that the figure is about something the definitions leave out.
var ErrOutside = errors.New("outside the definitions")

// Subject is what a figure is about, but for the period.
type Subject struct {
	Region       string // key of regions
	Indicator    string // key of indicators
	Origin       string // key of publishers
	OriginNumber int    // block of series ids
}

// Figure is an observation in our terms. Figures that a normaliser finds to be
// about the same subject share the pointer, so that whoever numbers series needs
// to look at each subject once.
type Figure struct {
	*Subject
	Period period.Period
	Value  float64 // in the indicator's unit
}

type question struct {
	region, indicator, unit, origin string
	mult                            int
	stated                          source.Stated
}

type answer struct {
	subject  *Subject
	measure  measure.Measure
	stated   measure.Attributes
	from, to units.Unit
	err      error
}

// Normaliser translates the figures of one source. It is for one goroutine.
type Normaliser struct {
	catalog    *data.Catalog
	areas      map[string]string // the source's own codes of regions -> code; they come before ours
	regions    map[string]string // code, ISO 3166-1 alpha-3, exact English or Chinese name -> code; shared names -> ""
	indicators map[string]data.Indicator
	codes      map[string]data.SourceSeries // the source's own codes; empty when it speaks ours
	foreign    bool                         // the source speaks in codes of its own, mapped or not
	seen       map[question]answer
	lastAsked  question
	last       answer
}

// New readies translation for the source with that id.
func New(c *data.Catalog, sourceID string) *Normaliser {
	n := &Normaliser{
		catalog: c, areas: map[string]string{}, regions: map[string]string{}, indicators: map[string]data.Indicator{},
		codes: map[string]data.SourceSeries{}, seen: map[question]answer{}, last: answer{err: ErrOutside},
	}
	for _, r := range c.Regions {
		for _, name := range []string{r.ISO3, r.NameZH, r.NameEN} {
			if code, taken := n.regions[name]; taken && code != r.Code {
				n.regions[name] = ""
			} else if name != "" {
				n.regions[name] = r.Code
			}
		}
	}
	for _, r := range c.Regions {
		n.regions[r.Code] = r.Code
	}
	for _, r := range c.SourceRegions {
		if r.Source == sourceID {
			n.areas[r.Code] = r.Region
		}
	}
	for _, i := range c.Indicators {
		n.indicators[i.ID] = i
	}
	for _, s := range c.SourceSeries {
		if s.Source == sourceID {
			n.codes[s.Code] = s
		}
	}
	n.foreign = len(n.codes) > 0 || slices.ContainsFunc(c.SDMXQueries, func(q data.SDMXQuery) bool { return q.Source == sourceID })
	return n
}

// Figure translates o. Its error is ErrOutside or the reason for quarantine.
func (n *Normaliser) Figure(o *source.Observation) (Figure, error) {
	// Figures of one series come together, so the last answer nearly always serves.
	q := question{o.Region, o.Indicator, o.Unit, o.Origin, o.Mult, o.Stated}
	if q != n.lastAsked || n.last.err != nil {
		n.lastAsked, n.last = q, n.lookUp(q)
	}
	if n.last.err != nil {
		return Figure{}, n.last.err
	}
	f := Figure{Subject: n.last.subject}
	var err error
	if f.Period, err = period.Parse(o.Period); err != nil {
		return Figure{}, err
	}
	if refusal := n.last.measure.Takes(n.last.stated, f.Period); refusal != "" {
		return Figure{}, errors.New(refusal)
	}
	f.Value, err = units.Convert(o.Value, n.last.from, n.last.to)
	return f, err
}

func (n *Normaliser) lookUp(q question) answer {
	a, ok := n.seen[q]
	if !ok {
		a = n.answer(q)
		n.seen[q] = a
	}
	return a
}

func (n *Normaliser) answer(q question) answer {
	region, ok := n.areas[q.region]
	if !ok {
		region, ok = n.regions[q.region]
	}
	if !ok {
		return n.unknown("region %q is not in regions.csv", q.region)
	}
	if region == "" {
		return answer{err: fmt.Errorf("several regions in regions.csv are called %q: give the code", q.region)}
	}
	id, unit := q.indicator, q.unit
	if s, coded := n.codes[q.indicator]; coded {
		if s.Country != "" && n.catalog.CountryOf(region) != s.Country {
			return answer{err: ErrOutside}
		}
		id, unit = s.Indicator, cmp.Or(q.unit, s.Unit)
	} else if n.foreign {
		return answer{err: ErrOutside}
	}
	indicator, ok := n.indicators[id]
	if !ok {
		return n.unknown("indicator %q is not in indicators.csv", q.indicator)
	}
	from, ok := n.catalog.Units[unit]
	if !ok {
		return answer{err: fmt.Errorf("unit %q is not in units.csv", q.unit)}
	}
	to := n.catalog.Units[indicator.Unit]
	if from.Measure != to.Measure {
		return answer{err: fmt.Errorf("%s is given in %s, which measures %s; the indicator is in %s", id, from, from.Measure, to)}
	}
	if q.mult != 0 && from.Mult != 0 {
		return answer{err: fmt.Errorf("the size of %s is stated twice: %s stands for 10^%d, and the document states 10^%d beside the figure", id, from, from.Mult, q.mult)}
	}
	origin, ok := n.catalog.Publishers[q.origin]
	if !ok {
		return answer{err: fmt.Errorf("origin %q is not in publishers.csv", q.origin)}
	}
	return answer{
		subject: &Subject{Region: region, Indicator: id, Origin: origin.ID, OriginNumber: origin.Number},
		measure: n.catalog.MeasureOf(indicator),
		stated:  measure.Attributes(q.stated),
		from:    from.Times(q.mult), to: to.Unit,
	}
}

func (n *Normaliser) unknown(format string, name string) answer {
	if n.foreign {
		return answer{err: ErrOutside}
	}
	return answer{err: fmt.Errorf(format, name)}
}
