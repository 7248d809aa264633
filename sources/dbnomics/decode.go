package dbnomics

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"citystats/sources/source"
	"citystats/sources/walk"
	"citystats/transforms/period"
)

// Decode reads the series that the document is named after.
func (s *Source) Decode(document source.Document, sink source.Sink) error {
	where := place(document)
	page, err := read(where, document.Body)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(page.docs, func(d doc) bool { return d.id() == document.Name })
	if i < 0 {
		return inconsistent(where, "it does not have the series %s", document.Name)
	}
	found := page.docs[i]
	if found.published() != document.Published {
		return inconsistent(where, "the series is of %q, not of %q", found.published(), document.Published)
	}
	l, err := found.lists()
	if err != nil {
		return distrust(where, document.Body, err)
	}
	d := decoder{series: s.find(document.Name), frequency: found.Frequency, lists: l, seen: map[period.Period]bool{}}
	for n := range l.values {
		o, problem := d.observation(n)
		if problem != "" {
			sink.Reject(source.Reject{Record: n + 1, Reason: problem, Text: clip([]byte(l.periods[n] + " " + string(l.values[n])))})
			continue
		}
		if o.Period == "" {
			continue // there is no value
		}
		if err := sink.Observe(&o); err != nil {
			return err
		}
	}
	return nil
}

// lists are the columns of a series.
type lists struct {
	periods, days []string
	values        []jsontext.Value
	attributes    []attribute
}

// attribute is one of observations_attributes: a name and a text for each value.
type attribute struct {
	name  string
	texts []string
}

func (d doc) lists() (l lists, err error) {
	l.periods, l.days = d.Period, d.StartDay
	if l.values = walk.Values(d.Value); l.values == nil {
		return l, errors.New("value is no list: were the observations asked for?")
	}
	if len(l.periods) != len(l.values) || len(l.days) != len(l.values) {
		return l, fmt.Errorf("there are %d periods, %d first days and %d values", len(l.periods), len(l.days), len(l.values))
	}
	if len(d.Attributes) > 0 {
		l.attributes, err = readAttributes(d.Attributes, len(l.values))
	}
	return l, err
}

// readAttributes reads [["OBS_STATUS",["","p"]],…].
func readAttributes(raw jsontext.Value, n int) (all []attribute, err error) {
	var pairs [][]jsontext.Value
	if err := json.Unmarshal(raw, &pairs); err != nil {
		return nil, errors.New("observations_attributes is no list of pairs")
	}
	for _, p := range pairs {
		var a attribute
		if len(p) != 2 || json.Unmarshal(p[0], &a.name) != nil || json.Unmarshal(p[1], &a.texts) != nil || len(a.texts) != n || a.name == "" {
			return nil, fmt.Errorf("one of observations_attributes is not a name and %d texts: %s", n, clip(raw))
		}
		all = append(all, a)
	}
	return all, nil
}

// decoder turns a series into observations.
type decoder struct {
	lists

	series    Series
	frequency string
	seen      map[period.Period]bool
}

// observation makes the n-th value a figure, or says what is wrong with it.
// Without a period there is no figure.
func (d *decoder) observation(n int) (o source.Observation, problem string) {
	value, present, ok := figure(d.values[n])
	if !ok {
		return o, "the value is neither a finite number, nor null, nor NA"
	}
	p, problem := d.period(n)
	if problem != "" || !present {
		return o, problem
	}
	if problem := d.series.distrusted(); problem != "" {
		return o, problem
	}
	if d.seen[p] {
		return o, "the period has a value already"
	}
	status, note, problem := d.attributesOf(n)
	if problem != "" {
		return o, problem
	}
	if d.series.Outlook {
		status = min(status, outlook(p, d.series.edition()))
	}
	d.seen[p] = true
	return source.Observation{
		Record: n + 1, Region: d.series.Region, Indicator: d.series.ID, Period: p.String(), Origin: d.series.Origin,
		Value: value, Status: status, Confidence: source.Medium, Note: note,
	}, ""
}

// figure reads one of value: a number, or null or "NA" where there is none.
func figure(raw jsontext.Value) (value float64, present, ok bool) {
	switch {
	case raw.Kind() == 'n' || string(raw) == `"NA"`:
		return 0, false, true
	case raw.Kind() != '0':
		return 0, false, false
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	return f, true, err == nil && !math.IsInf(f, 0)
}

// frequencies are the words of @frequency for the periods there are.
var frequencies = map[string]period.Freq{
	"annual": period.Annual, "bi-annual": period.HalfYear, "quarterly": period.Quarter, "monthly": period.Month,
}

// period reads the n-th period and holds it to the frequency and to its first day.
func (d *decoder) period(n int) (p period.Period, problem string) {
	text := d.periods[n]
	if year, month, found := strings.Cut(text, "-M"); found && len(month) == 2 {
		text = year + "-" + month
	}
	p, err := period.Parse(text)
	switch {
	case err != nil:
		return p, "the period is none of 2024, 2024-S1, 2024-Q1, 2024-01"
	case p.Freq != frequencies[d.frequency]:
		return p, fmt.Sprintf("the period is not of the frequency of the series, which is %q", clip([]byte(d.frequency)))
	case p.Start.String() != d.days[n]:
		return p, fmt.Sprintf("the period does not begin on its period_start_day, which is %q", clip([]byte(d.days[n])))
	}
	return p, ""
}

// statuses are the values of OBS_STATUS, in lower case: providers write both.
var statuses = map[string]source.Status{
	"": source.Final, "a": source.Final, "p": source.Preliminary, "e": source.Derived, "f": source.Forecast,
}

// attributesOf reads what is said beside the n-th value.
func (d *decoder) attributesOf(n int) (status source.Status, note, problem string) {
	status = source.Final
	var notes []string
	for _, a := range d.attributes {
		text := a.texts[n]
		if a.name == "OBS_STATUS" {
			stated, known := statuses[strings.ToLower(text)]
			if !known {
				return 0, "", fmt.Sprintf("OBS_STATUS is %q, which is none of A, P, E, F or empty", clip([]byte(text)))
			}
			status = stated
		} else if text != "" {
			notes = append(notes, clip([]byte(a.name+" "+text)))
		}
	}
	return status, strings.Join(notes, "; "), ""
}

// outlook is the best standing a figure for p can have in an edition.
func outlook(p period.Period, edition string) source.Status {
	month, err := time.Parse("2006-01", edition)
	if err != nil {
		return source.Forecast // distrusted already
	}
	end := p.Start.Time().AddDate(0, months[p.Freq], 0) // the first day after
	switch {
	case end.After(month):
		return source.Forecast
	case end.AddDate(1, 0, 0).After(month):
		return source.Derived
	}
	return source.Final
}

// months is how long the periods last.
var months = map[period.Freq]int{period.Annual: 12, period.HalfYear: 6, period.Quarter: 3, period.Month: 1}
