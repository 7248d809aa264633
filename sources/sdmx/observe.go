package sdmx

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"citystats/sources/source"
	"citystats/transforms/period"
)

// summary is what a data message says about itself.
type summary struct {
	title    string   // what the dataflow is called; empty where the format does not say
	updated  string   // ISO date of the last change stated in it
	vintages []string // validFrom of the data sets, in order, empty for those without
}

// decoder turns what the readers of all formats find into observations.
type decoder struct {
	q       Query
	sink    source.Sink
	only    bool   // yield only the data sets of one vintage
	vintage string // its validFrom
	found   summary
	n       int // observations so far
	wanted  int // the observation to quote; 0 for none
	quoted  string
	stopped error

	dims  []string // all but time, as the reader gives their values
	area  int      // the place of the area among them
	order []int    // the places of the others, in the order of the code
	mult  int      // the place of UNIT_MULT when it is a dimension; else -1

	skip     bool // the data set is of another vintage
	deleting bool // the data set, or record, says what is withdrawn
	set      attributes
	groups   groups
	last     series
	periods  map[string]string // ISO form by the publisher's; empty when it is none
}

// series is what all observations with the same key have in common.
type series struct {
	key          []string
	region, code string
	above        attributes // of its groups and its data set
	problem      string
}

// errStopped ends a reader; the sink's own error is in decoder.stopped.
var errStopped = errors.New("the sink stopped")

func newDecoder(q Query, sink source.Sink) *decoder {
	return &decoder{q: q, sink: sink, periods: map[string]string{}}
}

// structure takes the dimensions in the order in which a reader gives their
// values, and holds them to those of the row.
func (d *decoder) structure(dims []string) error {
	want := d.q.Dimensions
	if len(want) == 0 {
		want = dims
	}
	d.dims, d.order, d.area, d.mult = slices.Clone(dims), nil, -1, slices.Index(dims, "UNIT_MULT")
	d.last = series{}
	for _, id := range want {
		at := slices.Index(dims, id)
		switch {
		case at < 0:
			return d.otherDimensions("there is no dimension " + id)
		case id == d.q.Area:
			d.area = at
		default:
			d.order = append(d.order, at)
		}
	}
	if len(dims) != len(want) {
		return d.otherDimensions("there are others besides")
	}
	if d.area < 0 {
		return d.otherDimensions("none is the area, " + d.q.Area)
	}
	return nil
}

func (d *decoder) otherDimensions(what string) error {
	return fmt.Errorf("its dimensions are %s, and %s: compare area and dimensions of %s in data/sdmx_queries.csv with the structure",
		strings.Join(d.dims, ";"), what, d.q.Name)
}

// startSet begins a data set.
func (d *decoder) startSet(action, validFrom string) error {
	if !slices.Contains(d.found.vintages, validFrom) {
		d.found.vintages = append(d.found.vintages, validFrom)
	}
	d.skip = d.only && d.vintage != validFrom
	d.deleting = deletes(action)
	d.set, d.groups, d.last = attributes{}, nil, series{}
	return nil
}

// deletes says whether an action withdraws what follows.
func deletes(action string) bool { return action == "D" || strings.EqualFold(action, "Delete") }

// flow checks that the answer is about the dataflow that was asked for.
func (d *decoder) flow(id string) error {
	if id == "" || strings.EqualFold(id, d.q.Flow) {
		return nil
	}
	return fmt.Errorf("it is about the dataflow %s, not %s", clip(id), d.q.Flow)
}

// dated takes a moment at which the publisher says it changed the data.
func (d *decoder) dated(moment string) {
	if day := isoDay(moment); day > d.found.updated {
		d.found.updated = day
	}
}

// observe takes one observation: the values of d.dims, the period, and the
// figure as text, empty when there is none. key may be used again afterwards.
func (d *decoder) observe(key []string, time, value string, a attributes) error {
	d.n++
	switch {
	case d.n == d.wanted:
		d.quoted = d.describe(key, time, value)
		return errStopped
	case d.skip || d.wanted != 0:
		return nil
	case d.deleting:
		d.reject("the publisher withdraws this, which is no figure: look whether it was kept", key, time, value)
		return nil
	case missing(value):
		return nil
	}
	if d.last.key == nil || !slices.Equal(key, d.last.key) {
		d.last = d.newSeries(key)
	}
	o, problem := d.observation(time, value, a)
	if problem != "" {
		d.reject(problem, key, time, value)
		return nil
	}
	if d.stopped = d.sink.Observe(&o); d.stopped != nil {
		return errStopped
	}
	return nil
}

// missing says whether the text stands for "not available".
func missing(value string) bool {
	switch strings.TrimSpace(value) {
	case "", "NaN", "#N/A", ":":
		return true
	}
	return false
}

// newSeries works out what is the same for all observations with that key.
func (d *decoder) newSeries(key []string) series {
	s := series{key: slices.Clone(key), region: key[d.area], above: d.groups.of(key).over(d.set)}
	parts := make([]string, len(d.order))
	for i, at := range d.order {
		parts[i] = key[at]
		if key[at] == "" {
			s.problem = fmt.Sprintf("the dimension %s has no value", d.dims[at])
		}
	}
	if s.region == "" || s.region == "~" {
		s.problem = fmt.Sprintf("the area, %s, has no value", d.q.Area)
	}
	s.code = d.q.Flow + ":" + strings.Join(parts, ".")
	if d.mult >= 0 {
		s.above = attributes{mult: key[d.mult]}.over(s.above)
	}
	return s
}

// observation makes the figure, or says what is wrong with it.
func (d *decoder) observation(time, value string, a attributes) (o source.Observation, problem string) {
	a = a.over(d.last.above)
	figure, ok := number(strings.TrimSpace(value))
	iso := d.period(time)
	mult, multProblem := multiplier(a.mult)
	state := standingOf(a)
	switch {
	case d.last.problem != "":
		return o, d.last.problem
	case a.problem != "":
		return o, a.problem
	case !ok:
		return o, fmt.Sprintf("the value %q is not a finite number", clip(value))
	case iso == "":
		return o, fmt.Sprintf("the period %q is none of the forms 2025, 2025-S1, 2025-Q1, 2025-01", clip(time))
	case multProblem != "":
		return o, multProblem
	case state.problem != "":
		return o, state.problem
	}
	status, problem := d.measured(iso, a.actual, state.status)
	return source.Observation{
		Record: d.n, Region: d.last.region, Indicator: d.last.code, Period: iso, Mult: mult, Origin: d.q.Origin,
		Value: figure, Status: status, Confidence: source.High, Note: strings.Join(state.notes, "; "),
	}, problem
}

// measured tells forecasts from measurements where only an attribute does.
func (d *decoder) measured(iso, actual string, status source.Status) (source.Status, string) {
	if d.q.LatestActual == "" {
		return status, ""
	}
	last := lastMeasured(actual)
	if last == "" {
		return 0, fmt.Sprintf("%s is %q, which is no year: nothing tells whether the figure is measured or a forecast", d.q.LatestActual, clip(actual))
	}
	if iso[:4] > last {
		return min(status, source.Forecast), ""
	}
	return status, ""
}

// lastMeasured is the year in an attribute such as 2024 or FY2024/25, else empty.
// A fiscal year is the one it begins in, as India's is at the IMF; where the fund
// means the other, a measured year is called a forecast, and never the reverse.
func lastMeasured(actual string) string {
	if begins, ends, ok := strings.Cut(actual, "/"); ok && len(ends) == 2 {
		actual, _ = strings.CutPrefix(begins, "FY")
	}
	if _, err := period.Parse(actual); err != nil || len(actual) != 4 {
		return ""
	}
	return actual
}

func (d *decoder) reject(reason string, key []string, time, value string) {
	d.sink.Reject(source.Reject{Record: d.n, Reason: reason, Text: clip(d.describe(key, time, value))})
}

// describe quotes the observation in one form, whatever the format.
func (d *decoder) describe(key []string, time, value string) string {
	var text []string
	for i, id := range d.dims {
		text = append(text, id+"="+key[i])
	}
	return strings.Join(append(text, timeDimension+"="+time, d.q.Measure+"="+value), " ")
}

// period is the ISO form of a time, or empty.
func (d *decoder) period(time string) string {
	iso, known := d.periods[time]
	if !known {
		iso = isoPeriod(time)
		d.periods[time] = iso
	}
	return iso
}

// isoPeriod reads the forms SDMX services write: 2025, 2025-A1, 2025-S1, 2025-Q1,
// 2025-01, 2025-M01, and the last four without the dash. Days, weeks and ranges
// are nothing the pipeline keeps.
func isoPeriod(time string) string {
	if len(time) < 4 {
		return ""
	}
	year, part := time[:4], strings.TrimPrefix(time[4:], "-")
	iso := year
	switch {
	case part == "" && len(time) == 4, part == "A1":
	case len(part) == 2 && (part[0] == 'S' || part[0] == 'H'):
		iso += "-H" + part[1:]
	case len(part) == 2 && part[0] == 'Q':
		iso += "-" + part
	case len(part) == 3 && part[0] == 'M':
		iso += "-" + part[1:]
	case len(part) == 2 && time[4] == '-':
		iso += "-" + part
	default:
		return ""
	}
	if _, err := period.Parse(iso); err != nil {
		return ""
	}
	return iso
}

// isoDay is the date of a moment that begins with one, or empty.
func isoDay(moment string) string {
	if len(moment) < 10 || len(moment) > 10 && moment[10] != 'T' {
		return ""
	}
	if _, err := period.ParseMoment(moment[:10]); err != nil {
		return ""
	}
	return moment[:10]
}

// number reads a decimal number. That is narrower than strconv, which also reads
// hexadecimal, underscores, NaN and Inf.
func number(text string) (float64, bool) {
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && !math.IsInf(f, 0)
}
