package communique

import (
	"fmt"
	"math"
	"strings"

	"citystats/sources/source"
)

// finding is a figure in the text. It has all its attributes or a problem.
type finding struct {
	record    int
	subject   *subject
	indicator string
	place     place
	period    span
	unit      string
	mult      int
	value     float64
	decimals  int // as printed
	status    source.Status
	qualifier source.Qualifier
	notes     []string
	derived   string
	quote     string // the span of text it came from
	problem   string // why it is unresolved
	growth    bool
}

// key is what two findings must not say differently.
func (f *finding) key() string {
	form, _ := f.period.form()
	return f.place.region() + "|" + f.indicator + "|" + form
}

// fail notes a problem.
func (f *finding) fail(format string, args ...any) {
	problem := fmt.Sprintf(format, args...)
	if f.problem != "" {
		problem = f.problem + "; " + problem
	}
	f.problem = problem
}

// attend completes a finding: what the time and the size say of it.
func (f *finding) attend(doc span) {
	_, ahead := f.period.form()
	switch {
	case f.period.year == 0:
		f.fail("nothing says which period it is about")
		return
	case doc.year != 0 && (f.period.year > doc.year || f.period.year == doc.year && f.period.last > doc.last):
		f.fail("it is about %s, which had not ended when the document was about %s", f.period, doc)
	}
	if f.status == 0 {
		f.status = source.Preliminary
	}
	switch inMonths := f.period.last-f.period.first < 11; {
	case surveyed(f.indicator) && inMonths && (f.period.first != 1 || f.period.last%3 != 0):
		f.fail("no indicator holds incomes of %s", f.period)
	case strings.HasPrefix(f.indicator, "population_") && inMonths:
		f.fail("no indicator holds the population at a time other than the end of a year")
	case ahead:
		id, ok := toDate[f.indicator]
		if !ok {
			f.fail("it runs from January to %s, and no indicator holds such figures of %s", months[f.period.last], f.indicator)
			return
		}
		f.indicator = id
	}
	f.plausible()
}

// plausible holds the figure against the limits of its kind.
func (f *finding) plausible() {
	most := mostGrowth
	if strings.HasPrefix(f.indicator, "sei_") {
		most = mostSurge
	}
	switch {
	case f.growth && math.Abs(f.value) > most:
		f.fail("a growth of %v %% is beyond %v %%", f.value, most)
	case strings.Contains(f.indicator, "_share") && (f.value < 0 || f.value > 100):
		f.fail("a share of %v %% is none", f.value)
	}
}

// observation is the finding as it is handed on.
func (f *finding) observation(about place, confidence source.Confidence) source.Observation {
	form, _ := f.period.form()
	o := source.Observation{
		Record: f.record, Region: f.place.region(), Indicator: f.indicator, Period: form, Unit: f.unit, Mult: f.mult, Origin: f.place.origin(),
		Value: f.value, Status: f.status, Qualifier: f.qualifier, Confidence: confidence, Derivation: f.derived, Note: strings.Join(f.notes, " "),
	}
	if o.Region != about.region() {
		o.Confidence = min(o.Confidence, source.Medium)
	}
	return o
}
