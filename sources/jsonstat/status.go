package jsonstat

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"citystats/sources/source"
)

// statuses are the remarks beside the cells, in any of the shapes they come in.
type statuses struct {
	all  string         // of every cell
	some map[int]string // of the cells that have one of their own
}

func (s statuses) of(cell int) string {
	if s.some == nil {
		return s.all
	}
	return s.some[cell]
}

// readStatuses reads "p" (all cells), ["p",null,…] (one each, or one for all), or
// {"2":"p"} (the cells that have one). Eurostat once wrote {"value":[…],
// "category":{…}}, in which the list is the one before.
func readStatuses(raw jsontext.Value, cells int) (s statuses, err error) {
	switch raw.Kind() {
	case '"':
		return statuses{all: text(raw)}, nil
	case '[':
		return listed(raw, cells)
	case '{':
		return sparse(raw, cells)
	default:
		if raw != nil && raw.Kind() != 'n' {
			return s, fmt.Errorf("status is %s, which is neither a text, a list nor an object", clip(raw))
		}
		return s, nil
	}
}

func listed(raw jsontext.Value, cells int) (statuses, error) {
	s := statuses{some: map[int]string{}}
	n := 0
	err := elements(raw, "status", func(i int, v jsontext.Value) error {
		n++
		if t := text(v); t != "" {
			s.some[i] = t
		}
		return nil
	})
	switch {
	case err != nil:
		return s, err
	case n == 1:
		return statuses{all: s.some[0]}, nil
	case n != cells && n != 0:
		return s, fmt.Errorf("it has %d cells and %d statuses", cells, n)
	}
	return s, nil
}

func sparse(raw jsontext.Value, cells int) (statuses, error) {
	s := statuses{some: map[int]string{}}
	var list jsontext.Value
	var stray error
	err := members(raw, "status", func(name string, v jsontext.Value) error {
		if name == "value" {
			list = v
			return nil
		}
		i, err := cellNumber(name, cells)
		if err != nil && stray == nil {
			stray = fmt.Errorf("a status: %w", err)
		}
		if t := text(v); t != "" && err == nil {
			s.some[i] = t
		}
		return nil
	})
	switch {
	case err != nil:
		return s, err
	case list != nil:
		return listed(list, cells)
	}
	return s, stray
}

// cellNumber reads the name of a member of value or status. Only the plain
// spelling counts, so that no cell has two names.
func cellNumber(name string, cells int) (int, error) {
	n, err := strconv.ParseUint(name, 10, 62)
	if err != nil || strconv.FormatUint(n, 10) != name || n >= uint64(cells) {
		return 0, fmt.Errorf("%q is none of its %d cells", clip(name), cells)
	}
	return int(n), nil
}

// meaning is what a status says.
type meaning struct {
	status  source.Status
	note    string // a caveat for readers
	missing string // why there is no figure; empty when there may be one
}

// symbols stand where a figure would, or as the status of a cell without one.
var symbols = map[string]string{
	".":   "not applicable",
	"..":  "not available",
	"...": "not available yet",
	"…":   "not available yet",
	"-":   "nil",
	":":   "not available, or confidential",
}

// flag is one letter of a status.
type flag struct {
	status source.Status
	note   string
}

// flags are Eurostat's letters, which others share, and those SDMX letters that
// say the same in capitals. Letters that mean different things to different
// publishers are left out.
var flags = map[rune]flag{
	'a': {source.Final, ""},
	'b': {source.Final, "break in the series"},
	'd': {source.Final, "definition differs, see the publisher's metadata"},
	'e': {source.Derived, "estimated"},
	'f': {source.Forecast, "forecast"},
	'i': {source.Final, "see the publisher's metadata"},
	'n': {source.Final, "not significant"},
	'p': {source.Preliminary, ""},
	'r': {source.Revised, ""},
	's': {source.Derived, "estimated by Eurostat"},
	'u': {source.Final, "low reliability"},
	'A': {source.Final, ""},
	'B': {source.Final, "break in the series"},
	'E': {source.Derived, "estimated"},
	'F': {source.Forecast, "forecast"},
	'P': {source.Preliminary, ""},
}

// understand reads a status. Eurostat writes flags, a bar, and whether the figure
// is confidential ("bp|C"); letters combine, and the least settled one counts.
func understand(s string) (m meaning, ok bool) {
	m.status = source.Final
	letters, secrecy, _ := strings.Cut(s, "|")
	if secrecy != "" && secrecy != "F" { // F is free
		m.missing = "confidential"
	}
	if why, is := symbols[letters]; is {
		m.missing = why
		return m, true
	}
	least := source.Final
	revised := false
	var notes []string
	for _, letter := range letters {
		switch letter {
		case 'c':
			m.missing = "confidential"
			continue
		case 'z':
			m.missing = "not applicable"
			continue
		}
		f, known := flags[letter]
		if !known {
			return meaning{}, false
		}
		revised = revised || f.status == source.Revised
		least = min(least, f.status)
		if f.note != "" && !slices.Contains(notes, f.note) {
			notes = append(notes, f.note)
		}
	}
	m.status, m.note = least, strings.Join(notes, "; ")
	if revised && least < source.Revised {
		m.note = strings.Join(append(notes, "revised"), "; ")
	}
	return m, true
}
