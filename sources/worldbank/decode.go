package worldbank

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"citystats/sources/source"
)

// Decode reads one page of figures, or checks the list of countries.
func (s *Source) Decode(doc source.Document, sink source.Sink) error {
	if doc.Name == countryList || strings.HasPrefix(doc.Name, countryList+"/page-") {
		_, _, err := read(doc, checkCountry)
		return err
	}
	d := decoder{sink: sink, pairs: map[string]idValue{}, words: map[string]string{}, periods: map[string]string{}}
	_, _, err := read(doc, d.readRow)
	if d.stopped != nil {
		return d.stopped
	}
	return err
}

// checkCountry wants each entry of the list to name a country.
func checkCountry(a *answer) error {
	id := ""
	err := a.members(func(name []byte) (err error) {
		if string(name) == "id" {
			id, err = a.text()
			return err
		}
		return a.dec.SkipValue()
	})
	if err == nil && id == "" {
		return errors.New("an entry of the list of countries has no id")
	}
	return err
}

// decoder turns rows into observations. Rows repeat themselves, so it remembers
// what it has seen by its raw bytes: a page has few indicators, countries and
// periods, and a lookup costs neither an allocation nor a second parse.
type decoder struct {
	sink    source.Sink
	n       int                // rows so far
	pairs   map[string]idValue // indicators and countries, by their JSON
	words   map[string]string
	periods map[string]string // ISO form by the API's; empty when it is none
	row     row
	stopped error // what the sink said when it would not go on
}

// row is one row as far as it has been read.
type row struct {
	indicator, country, iso3, date, status string
	value                                  float64
	state                                  state
	problem                                string // the first thing wrong with it
}

// state says what is known of a row's value.
type state uint8

const (
	absent    state = iota // no such member
	available              // a figure
	null                   // "not available"
)

// errStopped ends the walk; the sink's own error is in decoder.stopped.
var errStopped = errors.New("the sink stopped")

// readRow reads the next row and hands it on.
func (d *decoder) readRow(a *answer) error {
	d.n++
	if a.dec.PeekKind() != '{' {
		raw, err := a.dec.ReadValue()
		if err == nil {
			d.reject("a row is an object, this is not", raw)
		}
		return err
	}
	start := a.dec.InputOffset()
	d.row = row{}
	if err := a.members(func(name []byte) error { return d.member(a, name) }); err != nil {
		return err
	}
	if d.row.state == null {
		return nil // "not available", see the package comment
	}
	o, problem := d.observation()
	if problem != "" {
		d.reject(problem, trimComma(a.body[start:a.dec.InputOffset()]))
		return nil
	}
	if d.stopped = d.sink.Observe(&o); d.stopped != nil {
		return errStopped
	}
	return nil
}

// trimComma takes off what separates a row from the one before.
func trimComma(raw []byte) []byte {
	for len(raw) > 0 && raw[0] != '{' {
		raw = raw[1:]
	}
	return raw
}

// member reads the value of one member.
func (d *decoder) member(a *answer, name []byte) error {
	r := &d.row
	switch string(name) {
	case "indicator":
		return d.pair(a, &r.indicator)
	case "country":
		return d.pair(a, &r.country)
	case "countryiso3code":
		return d.word(a, &r.iso3)
	case "date":
		return d.word(a, &r.date)
	case "obs_status":
		return d.word(a, &r.status)
	case "value":
		return d.value(a)
	}
	return a.dec.SkipValue()
}

// pair reads {"id","value"} and keeps the id.
func (d *decoder) pair(a *answer, id *string) error {
	raw, err := a.dec.ReadValue()
	if err != nil {
		return err
	}
	p, known := d.pairs[string(raw)]
	if !known {
		p = pair(raw)
		d.pairs[string(raw)] = p
	}
	*id = d.short(p.id)
	return nil
}

// word reads a short text; null and other kinds of value leave it empty.
func (d *decoder) word(a *answer, to *string) error {
	raw, err := a.dec.ReadValue()
	if err != nil {
		return err
	}
	text := scalar(raw)
	w, known := d.words[string(text)]
	if !known {
		w = string(text)
		d.words[w] = w
	}
	*to = d.short(w)
	return nil
}

// longest is more than any code or date of the API has.
const longest = 64

// short refuses codes that cannot be any.
func (d *decoder) short(text string) string {
	if len(text) > longest {
		d.row.fail("a code or date is longer than %d bytes", longest)
		return ""
	}
	return text
}

// value reads the figure: a number, a number written as a string, or null.
func (d *decoder) value(a *answer) error {
	raw, err := a.dec.ReadValue()
	if err != nil {
		return err
	}
	if raw.Kind() == 'n' {
		d.row.state = null
		return nil
	}
	d.row.state = available
	var ok bool
	if d.row.value, ok = number(scalar(raw)); !ok {
		d.row.fail("value %s is not a finite number", clip(raw))
	}
	return nil
}

// number reads a decimal number as JSON writes them. That is narrower than
// strconv, which also reads hexadecimal, NaN and Inf.
func number(text []byte) (float64, bool) {
	v := jsontext.Value(text)
	if v.Kind() != '0' {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(text), 64)
	return f, err == nil && !math.IsInf(f, 0) && plainDigits(text)
}

// plainDigits excludes what only strconv understands.
func plainDigits(text []byte) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return false
		}
	}
	return true
}

// fail notes what is wrong; the first problem is the one told.
func (r *row) fail(format string, args ...any) {
	if r.problem == "" {
		r.problem = fmt.Sprintf(format, args...)
	}
}

// statuses are the values of obs_status.
var statuses = map[string]source.Status{
	"":  source.Final,
	"P": source.Preliminary,
	"E": source.Derived, // an estimate of the World Bank's own
	"F": source.Forecast,
}

// observation makes the row a figure, or says what is wrong with a row that
// states a value or should.
func (d *decoder) observation() (o source.Observation, problem string) {
	r := &d.row
	region, period := first(r.iso3, r.country), d.period(r.date)
	status, known := statuses[r.status]
	switch {
	case r.problem != "":
		return o, r.problem
	case r.state == absent:
		return o, "there is no value, not even null"
	case r.indicator == "":
		return o, "there is no indicator.id"
	case region == "":
		return o, "there is neither countryiso3code nor country.id"
	case period == "":
		return o, "the date is none of the forms 2025, 2012M01, 2013Q1"
	case !known:
		return o, "obs_status is none of P, E, F or empty"
	}
	return source.Observation{
		Record: d.n, Region: region, Indicator: r.indicator, Period: period,
		Origin: ID, Value: r.value, Status: status, Confidence: source.High,
	}, ""
}

func (d *decoder) reject(reason string, text []byte) {
	d.sink.Reject(source.Reject{Record: d.n, Reason: reason, Text: clip(text)})
}

// period is the ISO form of a date, or empty.
func (d *decoder) period(date string) string {
	iso, known := d.periods[date]
	if !known {
		iso = isoPeriod(date)
		d.periods[date] = iso
	}
	return iso
}

// isoPeriod turns 2025, 2012M01 and 2013Q1 into 2025, 2012-01 and 2013-Q1, and
// anything else into nothing.
func isoPeriod(date string) string {
	if len(date) < 4 || !digits(date[:4]) {
		return ""
	}
	year, part := date[:4], date[4:]
	switch {
	case part == "":
		return year
	case len(part) == 3 && part[0] == 'M' && part[1:] >= "01" && part[1:] <= "12" && digits(part[1:]):
		return year + "-" + part[1:]
	case len(part) == 2 && part[0] == 'Q' && part[1] >= '1' && part[1] <= '4':
		return year + "-" + part
	}
	return ""
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
