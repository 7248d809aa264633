package sdmx

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"citystats/sources/walk"
)

// readJSON reads SDMX-JSON 1 or 2.
func (d *decoder) readJSON(body []byte) error {
	o, err := readOutline(body)
	if err != nil {
		return err
	}
	for _, s := range o.structures {
		d.found.title = or(d.found.title, string(s.Name))
	}
	c := walk.New(o.dataSets)
	return c.Elements(func() error { return d.readSet(c.Value(), o.structures) })
}

// jsonSet reads one data set.
type jsonSet struct {
	*decoder

	jsonStructure
	all     []component // dimensions of the data set, the series and the observation, in this order
	place   []int       // of each among d.dims; -1 for time
	fixed   int         // how many are of the data set
	series  int         // how many are of the series
	measure int         // which of the measures is the figure
	inObs   int         // how many measures an observation has
	atObs   []placed    // attributes that matter
	atSer   []placed
	values  []string // of all dimensions, for the observation being read
	key     []string
	list    listed // attributes of the observation being read
}

// placed is a component that matters and its place in lists of values.
type placed struct {
	at int
	component
}

// readSet reads one data set in two passes: what it says about itself may follow
// the observations.
func (d *decoder) readSet(body []byte, structures []jsonStructure) error {
	var head struct {
		structure         int
		action, validFrom text
		attributes        listed
		groups            map[string]listed
	}
	data := map[string][]byte{}
	c := walk.New(body)
	err := c.Members(func(name []byte) error {
		raw := c.Value
		switch string(name) {
		case "structure":
			head.structure = index(raw())
		case "action":
			head.action = text(scalar(raw()))
		case "validFrom":
			head.validFrom = text(scalar(raw()))
		case "attributes":
			return json.Unmarshal(raw(), &head.attributes)
		case "dimensionGroupAttributes":
			return json.Unmarshal(raw(), &head.groups)
		case "series", "observations":
			data[string(name)] = raw()
		default:
			raw()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := d.startSet(string(head.action), string(head.validFrom)); err != nil {
		return err
	}
	if head.structure < 0 || head.structure >= len(structures) {
		return fmt.Errorf("a data set has the structure %d, of %d", head.structure, len(structures))
	}
	s := &jsonSet{decoder: d, jsonStructure: structures[head.structure]}
	if err := s.aboutFlow(); err != nil {
		return err
	}
	s.take(&d.set, chosen(s.Attributes.DataSet, d.q, true), head.attributes)
	if isEmpty(data["series"]) && isEmpty(data["observations"]) {
		return nil // the format's way of saying that there is nothing
	}
	if err := s.begin(head.groups); err != nil {
		return err
	}
	if err := s.readSeries(data["series"]); err != nil {
		return err
	}
	return s.readObservations(data["observations"], nil, attributes{})
}

// listed is a list of values of attributes; null is an empty one.
type listed []jsontext.Value

// index is a number, or 0 for anything else: before version 2 there is one
// structure, and the OECD has written its name here.
func index(raw jsontext.Value) int {
	n, err := strconv.Atoi(string(raw))
	if err != nil {
		return 0
	}
	return n
}

func isEmpty(object []byte) bool {
	return len(object) == 0 || bytes.Equal(object, []byte("null")) || len(object) < 100 && len(bytes.Trim(object, "{} \t\r\n")) == 0
}

func (s *jsonSet) aboutFlow() error {
	for _, l := range s.Links {
		if err := s.flow(flowOfURN(string(l.URN))); err != nil {
			return err
		}
	}
	return nil
}

// begin sorts the dimensions and reads the groups.
func (s *jsonSet) begin(partial map[string]listed) error {
	s.all = slices.Concat(s.Dimensions.DataSet, s.Dimensions.Series, s.Dimensions.Observation)
	s.fixed, s.series = len(s.Dimensions.DataSet), len(s.Dimensions.Series)
	dims := dimensionOrder(s.all)
	s.place = make([]int, len(s.all))
	for i, c := range s.all {
		s.place[i] = slices.Index(dims, string(c.ID))
	}
	if err := s.structure(dims); err != nil {
		return err
	}
	s.values, s.key = make([]string, len(s.all)), make([]string, len(dims))
	s.inObs = max(1, len(s.Measures.Observation))
	s.measure = max(0, slices.IndexFunc(s.Measures.Observation, func(c component) bool { return string(c.ID) == s.q.Measure }))
	if s.inObs > 1 && string(s.Measures.Observation[s.measure].ID) != s.q.Measure {
		return fmt.Errorf("none of its %d measures is called %s", s.inObs, s.q.Measure)
	}
	s.atSer, s.atObs = chosen(s.Attributes.Series, s.q, false), chosen(s.Attributes.Observation, s.q, false)
	for i := range s.fixed {
		if err := s.index(i, []byte("0")); err != nil {
			return err
		}
	}
	return s.readGroups(partial)
}

// dimensionOrder is the dimensions without time in the order of the structure:
// by their positions where all have one, else as they come.
func dimensionOrder(all []component) []string {
	sorted := slices.DeleteFunc(slices.Clone(all), func(c component) bool { return c.ID == timeDimension })
	if !slices.ContainsFunc(sorted, func(c component) bool { return c.KeyPosition == nil }) {
		slices.SortStableFunc(sorted, func(a, b component) int { return cmp.Compare(*a.KeyPosition, *b.KeyPosition) })
	}
	var ids []string
	for _, c := range sorted {
		ids = append(ids, string(c.ID))
	}
	return ids
}

// index sets the value of dimension i.
func (s *jsonSet) index(i int, number []byte) error {
	n := 0
	for _, c := range number {
		if c < '0' || c > '9' || n >= len(s.all[i].Values) {
			n = len(s.all[i].Values)
			break
		}
		n = n*10 + int(c-'0')
	}
	if len(number) == 0 || n >= len(s.all[i].Values) {
		return fmt.Errorf("the dimension %s has no value number %q", s.all[i].ID, clip(string(number)))
	}
	s.values[i] = s.all[i].Values[n].text()
	return nil
}

// indexes sets the values of the dimensions from first on, as in "0:3:1".
func (s *jsonSet) indexes(key []byte, first, count int) error {
	if count == 0 && len(key) == 0 {
		return nil
	}
	if parts := bytes.Count(key, []byte(":")) + 1; parts != count {
		return fmt.Errorf("the key %q has %d parts, not %d", clip(string(key)), parts, count)
	}
	for i := range count {
		var part []byte
		part, key, _ = bytes.Cut(key, []byte(":"))
		if err := s.index(first+i, part); err != nil {
			return err
		}
	}
	return nil
}

// readGroups keeps attributes of partial keys: ":0::" is the first value of the
// second dimension, whatever the others. What is left out at the end is open.
func (s *jsonSet) readGroups(partial map[string]listed) error {
	attributesOf := chosen(s.Attributes.DimensionGroup, s.q, false)
	for _, key := range slices.Sorted(maps.Keys(partial)) {
		var a attributes
		s.take(&a, attributesOf, partial[key])
		if a == (attributes{}) {
			continue
		}
		parts := strings.Split(key, ":")
		if len(parts) > len(s.all) || s.fixed > 0 && len(parts) != len(s.all) {
			return fmt.Errorf("the group %q has %d parts for %d dimensions", clip(key), len(parts), len(s.all))
		}
		into := make([]string, len(s.dims))
		for i, part := range parts {
			if part == "" {
				continue
			}
			if err := s.index(i, []byte(part)); err != nil {
				return err
			}
			if s.place[i] < 0 {
				return fmt.Errorf("the group %q is of one period, which cannot be kept", clip(key))
			}
			into[s.place[i]] = s.values[i]
		}
		s.groups.add(into, a)
	}
	return nil
}

// chosen is the attributes that matter. Those of a data set may also say when it
// was changed.
func chosen(components []component, q Query, dataSet bool) []placed {
	var out []placed
	for i, c := range components {
		if c.Role == "UNIT_MULT" || slices.Contains(c.Roles, "UNIT_MULT") {
			c.ID = "UNIT_MULT" // the OECD has called it POWERCODE
		}
		var a attributes
		dates := c.ID == "UPDATE_DATE" || c.ID == "PUBLICATION_DATE"
		if a.field(string(c.ID), q.LatestActual) != nil || dataSet && dates {
			out = append(out, placed{i, c})
		}
	}
	return out
}

// take reads the attributes that matter from a list of values.
func (s *jsonSet) take(a *attributes, which []placed, values []jsontext.Value) {
	for _, c := range which {
		value := string(c.Default)
		if c.at < len(values) {
			var problem string
			if value, problem = c.value(values[c.at]); problem != "" {
				a.problem = problem
			}
		}
		s.put(a, string(c.ID), value)
	}
}

// value reads an attribute: an index into its values, the value itself where it
// is not coded, a list of one of the two, or null.
func (c component) value(raw jsontext.Value) (value, problem string) {
	switch raw.Kind() {
	case 'n':
		return string(c.Default), ""
	case '"':
		return scalar(raw), ""
	case '0':
		if n, err := strconv.Atoi(string(raw)); err == nil && n >= 0 && n < len(c.Values) {
			return c.Values[n].text(), ""
		}
		return "", fmt.Sprintf("%s has no value number %s", c.ID, clip(string(raw)))
	case '[':
		var inside []jsontext.Value
		if err := json.Unmarshal(raw, &inside); err == nil && len(inside) == 1 && inside[0].Kind() != '[' {
			return c.value(inside[0])
		}
	default: // told below, as are longer lists
	}
	return "", fmt.Sprintf("%s is %s, which is no single value", c.ID, clip(string(raw)))
}

// readSeries reads the series of a data set.
func (s *jsonSet) readSeries(body []byte) error {
	if isEmpty(body) {
		return nil
	}
	c := walk.New(body)
	return c.Members(func(key []byte) error {
		var list listed
		var observations []byte
		err := c.Members(func(name []byte) error {
			switch string(name) {
			case "attributes":
				return json.Unmarshal(c.Value(), &list)
			case "observations":
				observations = c.Value()
			default:
				c.Value()
			}
			return nil
		})
		if err != nil {
			return err
		}
		var a attributes
		s.take(&a, s.atSer, list)
		return s.readObservations(observations, &key, a)
	})
}

// readObservations reads the observations of a series with that key or, without
// one, of the data set. There the key of each is the whole key, also where the
// structure has dimensions of series.
func (s *jsonSet) readObservations(body []byte, inSeries *[]byte, above attributes) error {
	if isEmpty(body) {
		return nil
	}
	first, count := s.fixed, len(s.all)-s.fixed
	if inSeries != nil {
		if err := s.indexes(*inSeries, s.fixed, s.series); err != nil {
			return err
		}
		first, count = first+s.series, count-s.series
	}
	c := walk.New(body)
	return c.Members(func(key []byte) error {
		if err := s.indexes(key, first, count); err != nil {
			return err
		}
		return s.readObservation(c, above)
	})
}

// readObservation reads [measures…, attributes…].
func (s *jsonSet) readObservation(c *walk.Cursor, above attributes) error {
	value, n := "", 0
	s.list = s.list[:0]
	err := c.Elements(func() error {
		raw := c.Value()
		switch {
		case n == s.measure:
			value = figure(raw)
		case n >= s.inObs && len(s.atObs) > 0:
			s.list = append(s.list, raw)
		}
		n++
		return nil
	})
	if err != nil {
		return err
	}
	var a attributes
	s.take(&a, s.atObs, s.list)
	time := ""
	for i, at := range s.place {
		if at < 0 {
			time = s.values[i]
		} else {
			s.key[at] = s.values[i]
		}
	}
	return s.observe(s.key, time, value, a.over(above))
}

// figure is a measure as text: null is none, and what is neither number nor text
// stays as it is, to be rejected.
func figure(raw jsontext.Value) string {
	switch raw.Kind() {
	case 'n':
		return ""
	case '0', '"':
		return scalar(raw)
	default:
		return string(raw)
	}
}
