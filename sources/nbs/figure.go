package nbs

import (
	"cmp"
	"fmt"

	"citystats/sources/source"
)

// figure is a figure of any of the forms, on its way to an observation.
type figure struct {
	series string // code of the site's own, when it is none of ours
	area   string // code of six digits, the nation's zeros, or a name
	named  bool   // whether the area is a name
	period string // ISO form
	unit   string // the site's word
	value  string
}

// key is what a document may state once.
type key struct{ series, area, period string }

// observe hands on a figure of a catalogue, if there is one.
func (d *decoder) observe(c *Catalogue, f figure, raw []byte) error {
	if d.quote(raw) {
		return errStopped
	}
	if isNothing(f.value) {
		return nil
	}
	o, problem := c.observation(f)
	if problem != "" {
		return d.reject(problem, raw)
	}
	at := key{o.Indicator, o.Region, o.Period}
	if before, again := d.seen[at]; again && before != f.value {
		return d.reject(fmt.Sprintf("the document also states %s for the same area and period", before), raw)
	} else if again {
		return nil
	}
	d.seen[at] = f.value
	return d.emit(&o)
}

// outside hands on a figure that is none of ours, under the site's own code: the
// definitions leave it out, and the count of what was left out is right.
func (d *decoder) outside(f figure, raw []byte) error {
	if d.quote(raw) {
		return errStopped
	}
	if isNothing(f.value) {
		return nil
	}
	value, ok := number(f.value)
	if !ok {
		return d.reject(fmt.Sprintf("its value %q is not a plain number", clip([]byte(f.value))), raw)
	}
	return d.emit(&source.Observation{
		Region: f.area, Indicator: f.series, Period: f.period, Unit: units[f.unit], Origin: ID,
		Value: value, Status: source.Final, Confidence: source.High,
	})
}

func (d *decoder) emit(o *source.Observation) error {
	o.Record = d.n
	if d.stopped = d.sink.Observe(o); d.stopped != nil {
		return errStopped
	}
	return nil
}

// observation makes a figure one of the catalogue's series, or says why it is none.
func (c *Catalogue) observation(f figure) (o source.Observation, problem string) {
	value, ok := number(f.value)
	unit, known := units[f.unit]
	switch t := trees[c.Tree]; {
	case !ok:
		return o, fmt.Sprintf("its value %q is not a plain number", clip([]byte(f.value)))
	case !f.named && !t.scope.within(f.area):
		return o, fmt.Sprintf("it is about area %s, which %s does not have", f.area, t.title)
	case !c.covers(f.period):
		return o, fmt.Sprintf("%s has no period %s: it goes from %s to %s", c.ID, f.period, c.First, cmp.Or(c.Last, "now"))
	case !known:
		return o, fmt.Sprintf("its unit %q is not known here", clip([]byte(f.unit)))
	case c.Index && unit != "":
		return o, "it is an index and should have no unit, not " + f.unit
	case c.Index && (value < 50 || value > 200):
		return o, "an index with the period before = 100 is not " + f.value
	case !c.Index && unit == "":
		return o, "it states no unit"
	}
	o = source.Observation{
		Region: f.area, Indicator: c.Series, Period: f.period, Unit: unit, Origin: ID,
		Value: value, Status: source.Final, Confidence: source.High,
	}
	if c.Index {
		o.Value, o.Unit, o.Derivation = minus100(f.value), "percent", "index "+f.value+" minus 100"
	}
	if c.FromJanuary {
		o.Stated.Accumulation = "year_to_date"
		o.Note = "From January to " + closing[f.period[len(f.period)-1]] + "."
	}
	return o, ""
}

// closing is the last month of a quarter.
var closing = map[byte]string{'1': "March", '2': "June", '3': "September", '4': "December"}

// covers says whether a period is one of the catalogue's.
func (c *Catalogue) covers(period string) bool {
	return frequency(period) == frequency(c.First) && period >= c.First && period <= cmp.Or(c.Last, "9999")
}
