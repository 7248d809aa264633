package jsonstat

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// Decode reads the figures of a document, or checks the description of a table.
func (s *Source) Decode(doc source.Document, sink source.Sink) error {
	v, err := readName(doc.Name)
	if err != nil {
		return distrust(doc, err)
	}
	if v.metadata {
		_, err := readVariables(doc.Body)
		return distrust(doc, err)
	}
	all, err := document(doc.Body)
	if err != nil {
		return distrust(doc, err)
	}
	before := 0
	for i := range all {
		d := decoder{dataset: &all[i], view: v, sink: sink, origin: s.config.Publisher, before: before}
		if err := d.decode(); err != nil {
			if d.stopped != nil {
				return d.stopped
			}
			return distrust(doc, err)
		}
		before += all[i].cells
	}
	return nil
}

// distrust says why a document is not data. Nil stays nil.
func distrust(doc source.Document, err error) error {
	where := doc.URL
	if where == "" {
		where = doc.Name
	}
	return fault.Wrap(fault.Upstream, err, where,
		"open the address in a browser, and compare the answer with the row in data/jsonstat_queries.csv", "this is no complete data set")
}

// decoder turns the cells of one data set into observations.
type decoder struct {
	*dataset
	view

	sink    source.Sink
	origin  string
	before  int // cells of the data sets before this one
	stopped error

	areaAt, timeAt int // positions among dims; areaAt is -1 when there is no such dimension
	steps          []int
	periods        []string
	escaped        [][]string // categories of the other dimensions, ready to be joined
	series         map[int]series
}

// series is what all cells share that differ in area and time only.
type series struct {
	code    string
	mult    int
	problem string
}

func (d *decoder) decode() error {
	if err := d.check(d.view); err != nil {
		return err
	}
	if d.value == nil {
		return errors.New("value is missing")
	}
	d.prepare()
	return d.eachCell(d.cell)
}

// check wants the dimensions that the query says are area and time, and nothing
// in the data set to contradict it.
func (d *dataset) check(v view) error {
	switch {
	case d.find(v.time) < 0:
		return fmt.Errorf("it has no dimension %q, which should be time", clip(v.time))
	case len(d.time) > 0 && !slices.Contains(d.time, v.time):
		return fmt.Errorf("time should be dimension %q, but its role.time is %q", clip(v.time), d.time)
	case v.area != "" && d.find(v.area) < 0:
		return fmt.Errorf("it has no dimension %q, which should be the area", clip(v.area))
	case v.area == v.time:
		return fmt.Errorf("dimension %q cannot be both area and time", clip(v.area))
	case v.area == "" && len(d.geo) > 0:
		return fmt.Errorf("it should be all about %q, but its role.geo is %q", clip(v.region), d.geo)
	}
	for _, dim := range d.dims {
		if (dim.id == v.time || dim.id == v.area) && len(dim.multipliers) > 0 {
			return fmt.Errorf("dimension %q states multipliers, which belong to what is measured", clip(dim.id))
		}
	}
	return nil
}

// prepare works out once what many cells need.
func (d *decoder) prepare() {
	d.areaAt, d.timeAt = -1, d.find(d.view.time)
	if d.area != "" {
		d.areaAt = d.find(d.area)
	}
	d.steps = make([]int, len(d.dims))
	for i, step := len(d.dims)-1, 1; i >= 0; i-- {
		d.steps[i] = step
		step *= max(1, len(d.dims[i].codes))
	}
	names := d.dims[d.timeAt].named()
	for _, code := range d.dims[d.timeAt].codes {
		d.periods = append(d.periods, cmp.Or(isoPeriod(code), spelledPeriod(names[code])))
	}
	d.escaped = make([][]string, len(d.dims))
	for i, dim := range d.dims {
		for _, code := range dim.codes {
			if i != d.areaAt && i != d.timeAt {
				d.escaped[i] = append(d.escaped[i], escape.Replace(code))
			}
		}
	}
	d.series = map[int]series{}
}

// escape keeps joined categories apart.
var escape = strings.NewReplacer("%", "%25", ".", "%2E")

// eachCell calls f with each value there is, in the document's order.
func (d *dataset) eachCell(f func(n int, v jsontext.Value) error) error {
	if d.value.Kind() == '{' {
		return members(d.value, "value", func(name string, v jsontext.Value) error {
			n, err := cellNumber(name, d.cells)
			if err != nil {
				return fmt.Errorf("a value: %w", err)
			}
			return f(n, v)
		})
	}
	got := 0
	err := elements(d.value, "value", func(i int, v jsontext.Value) error {
		if got++; got > d.cells {
			return fmt.Errorf("it has more values than its sizes make cells, %d", d.cells)
		}
		return f(i, v)
	})
	if err == nil && got != d.cells {
		err = fmt.Errorf("it has %d values, but its sizes make %d cells", got, d.cells)
	}
	return err
}

// cell hands on the figure in cell n, if there is one.
func (d *decoder) cell(n int, v jsontext.Value) error {
	m, known := understand(d.status.of(n))
	value, missing, problem := figure(v)
	switch {
	case missing:
		return nil
	case problem == "" && !known:
		problem = fmt.Sprintf("the status %q is not known", clip(d.status.of(n)))
	case problem == "" && m.missing != "":
		problem = fmt.Sprintf("there is a value, but its status %q says that there is none: %s", clip(d.status.of(n)), m.missing)
	}
	s := d.seriesOf(n)
	period := d.periods[d.position(n, d.timeAt)]
	if problem == "" {
		problem = s.problem
	}
	if problem == "" && period == "" {
		problem = "the period is none of the forms 2023, 2023K1, 2023-Q1, 2023M05, 2023-05, 2023-S1"
	}
	if problem != "" {
		d.sink.Reject(source.Reject{Record: d.before + n + 1, Reason: problem, Text: d.describe(n, v)})
		return nil
	}
	o := source.Observation{
		Record: d.before + n + 1, Region: d.regionOf(n), Indicator: s.code, Period: period, Mult: s.mult,
		Origin: d.origin, Value: value, Status: m.status, Confidence: source.High, Note: m.note,
	}
	d.stopped = d.sink.Observe(&o)
	return d.stopped
}

// figure reads a value: a number, a number as text, or one of the ways of saying
// that there is none.
func figure(raw jsontext.Value) (value float64, missing bool, problem string) {
	var ok bool
	switch raw.Kind() {
	case 'n':
		return 0, true, ""
	case '0':
		value, ok = finite(string(raw))
	case '"':
		s := strings.TrimSpace(text(raw))
		if symbols[s] != "" {
			return 0, true, ""
		}
		value, ok = number(s)
	default: // true, a list: no figure
	}
	if !ok {
		return 0, false, fmt.Sprintf("value %s is not a finite number", clip(raw))
	}
	return value, false, ""
}

// position is where cell n is along a dimension.
func (d *decoder) position(n, dim int) int { return n / d.steps[dim] % len(d.dims[dim].codes) }

func (d *decoder) regionOf(n int) string {
	if d.areaAt < 0 {
		return d.region
	}
	return d.dims[d.areaAt].codes[d.position(n, d.areaAt)]
}

// seriesOf is what cell n is a figure of.
func (d *decoder) seriesOf(n int) series {
	key := n - d.position(n, d.timeAt)*d.steps[d.timeAt]
	if d.areaAt >= 0 {
		key -= d.position(n, d.areaAt) * d.steps[d.areaAt]
	}
	s, known := d.series[key]
	if !known {
		s = d.newSeries(n)
		d.series[key] = s
	}
	return s
}

func (d *decoder) newSeries(n int) (s series) {
	s.code = d.table
	if d.key != "" {
		s.code += "/" + d.key
	}
	separator := ":"
	scaled := 0
	for i, dim := range d.dims {
		if i == d.areaAt || i == d.timeAt {
			continue
		}
		at := d.position(n, i)
		s.code += separator + d.escaped[i][at]
		separator = "."
		if m := dim.multipliers[dim.codes[at]]; m != 0 {
			s.mult = m
			scaled++
		}
	}
	if scaled > 1 {
		s.problem = "several of its dimensions state a multiplier"
	}
	return s
}

// describe is cell n for a person to find it by.
func (d *decoder) describe(n int, v jsontext.Value) string {
	var s strings.Builder
	for i, dim := range d.dims {
		s.WriteString(dim.id + "=" + dim.codes[d.position(n, i)] + " ")
	}
	out := clip(v) + " at " + strings.TrimSpace(s.String())
	if st := d.status.of(n); st != "" {
		out += " status " + strconv.Quote(clip(st))
	}
	if len(out) > 1000 {
		out = clip(out)
	}
	return out
}
