//go:build duckdb_arrow

package serve

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"citystats/charts"
	"citystats/internal/fault"
	"citystats/transforms/period"
)

// asked is what of a request decides the answer, with names resolved to keys. Equal
// questions are equal values.
type asked struct {
	region, benchmark, indicator, period string
	lang                                 charts.Language
	asOf                                 string
	mark                                 bool   // begin CSV with a byte order mark, for Excel
	kind                                 string // of revision
	naming
}

// naming is how a number is named by what it stands in, and not by what it is of.
type naming struct {
	window               string // of growth
	drawing, row, column string // of a chart's table
	verdictOf, reading   string // of a claim
	id                   string // of a row of a table
}

// word is where a parameter that is taken as it is written goes; nil for others.
func (a *asked) word(name string) *string {
	switch name {
	case "window":
		return &a.window
	case "chart":
		return &a.drawing
	case "row":
		return &a.row
	case "column":
		return &a.column
	case "claim":
		return &a.verdictOf
	case "reading":
		return &a.reading
	case "id":
		return &a.id
	}
	return nil
}

// words are the names of the parameters that are taken as they are written.
var words = []string{"window", "chart", "row", "column", "claim", "reading", "id"}

// longest is how much of a parameter is looked at.
const longest = 80

// parameter is the first value of a parameter; unfit text is a mistake of whoever asks.
func parameter(q url.Values, name string) (string, error) {
	v := strings.TrimSpace(q.Get(name))
	if len(v) > longest || !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' }) {
		return "", fault.New(fault.Usage, "", "write a name or a code", "the parameter %s cannot be read", name)
	}
	return v, nil
}

// asks reads the parameters that an address takes. Others are none of its business.
func (s *Server) asks(r *http.Request, names ...string) (asked, error) {
	a := asked{lang: charts.English}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return a, fault.New(fault.Usage, "", "encode it as forms do", "the query of the address cannot be read")
	}
	for _, name := range names {
		v, err := parameter(q, name)
		if err == nil && v != "" {
			err = s.take(&a, name, v)
		}
		if err != nil {
			return a, err
		}
	}
	return a, nil
}

// take understands one parameter.
func (s *Server) take(a *asked, name, v string) (err error) {
	switch name {
	case "region":
		a.region, err = s.regions.Find(v)
		return usage(err, "see /regions")
	case "benchmark":
		a.benchmark, err = s.benchmarks.Find(v)
		return usage(err, "see /charts")
	case "indicator":
		a.indicator, err = s.indicators.Find(v)
		return usage(err, "see /indicators")
	case "period":
		p, err := period.Parse(v)
		if err != nil {
			return fault.New(fault.Usage, "", "write it as 2018, 2018-Q3 or 2013/2022", "period is %q, which is none", v)
		}
		a.period = p.String()
	case "type":
		if _, ok := kinds[v]; !ok {
			return fault.New(fault.Usage, "", "write update, correction, methodology or census", "type is %q", v)
		}
		a.kind = v
	case "lang":
		a.lang = charts.Language(v)
		if !slices.Contains([]charts.Language{charts.English, charts.Chinese, charts.Both}, a.lang) {
			return fault.New(fault.Usage, "", "write en, zh or both", "lang is %q", v)
		}
	case "as_of":
		if m, err := period.ParseMoment(v); err != nil || m.Precision != "day" {
			return fault.New(fault.Usage, "", "write it as 2023-08-05", "as_of is %q, which is not a day", v)
		}
		a.asOf = v
	case "bom":
		a.mark, err = onOff(name, v)
	default:
		*a.word(name) = v
	}
	return err
}

// onOff reads a parameter that is set or not.
func onOff(name, v string) (bool, error) {
	switch v {
	case "1", "true":
		return true, nil
	case "", "0", "false":
		return false, nil
	}
	return false, fault.New(fault.Usage, "", "write 1 or 0", "%s is %q", name, v)
}

// usage makes an unknown name the mistake of whoever wrote it.
func usage(err error, hint string) error {
	if err == nil {
		return nil
	}
	return fault.New(fault.Usage, "", hint, "%s", err.Error())
}

// missing is the error for something that the site does not have.
type missing struct{ told *fault.Error }

func (m missing) Error() string { return m.told.Error() }
func (m missing) Unwrap() error { return m.told }

// notFound says what is not there and where to look.
func notFound(hint, format string, args ...any) error {
	return missing{fault.New(fault.Usage, "", hint, format, args...)}
}

// isMissing says whether an error is that something is not there.
func isMissing(err error) bool {
	var m missing
	return errors.As(err, &m)
}

// query writes what was asked as an address has it, leaving out what goes without
// saying.
func (a asked) query() string {
	q := url.Values{}
	for name, v := range map[string]string{"region": a.region, "benchmark": a.benchmark, "indicator": a.indicator, "period": a.period, "as_of": a.asOf, "type": a.kind} {
		if v != "" {
			q.Set(name, v)
		}
	}
	for _, name := range words {
		if v := *a.word(name); v != "" {
			q.Set(name, v)
		}
	}
	if a.lang != "" && a.lang != charts.English {
		q.Set("lang", string(a.lang))
	}
	if a.mark {
		q.Set("bom", "1")
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}
