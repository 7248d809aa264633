package fred

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"citystats/internal/fault"
	"citystats/sources/walk"
)

// paging is what the answers with lists share.
type paging struct {
	Count  *int `json:"count"`
	Offset *int `json:"offset"`
	Limit  *int `json:"limit"`
}

// holds checks that a page has the rows that its own numbers promise.
func (p *paging) holds(rows int) error {
	if p.Count == nil || p.Offset == nil || p.Limit == nil {
		return errors.New("it does not say how much there is (count, offset, limit)")
	}
	if *p.Count < 0 || *p.Offset < 0 || *p.Limit < 1 {
		return fmt.Errorf("count %d, offset %d and limit %d cannot be", *p.Count, *p.Offset, *p.Limit)
	}
	if want := max(0, min(*p.Limit, *p.Count-*p.Offset)); rows != want {
		return fmt.Errorf("it holds %d rows, but count %d, offset %d and limit %d promise %d", rows, *p.Count, *p.Offset, *p.Limit, want)
	}
	return nil
}

// span is a real-time period: from the first to the last day.
type span struct {
	Start string `json:"realtime_start"`
	End   string `json:"realtime_end"`
}

func (s span) valid() bool { return isDay(s.Start) && isDay(s.End) && s.Start <= s.End }

// covers says whether the day, or the whole of another span, is within.
func (s span) covers(from, to string) bool { return s.Start <= from && to <= s.End }

// observations is the answer of series/observations. Rows are read one by one.
type observations struct {
	span
	paging

	Units      string         `json:"units"`
	OutputType int            `json:"output_type"`
	List       jsontext.Value `json:"observations"`

	Rows []jsontext.Value `json:"-"` // of List
}

// readObservations reads the answer, but not its rows.
func readObservations(where string, body []byte) (a observations, err error) {
	if err := read(where, body, &a); err != nil {
		return a, err
	}
	a.Rows = walk.Values(a.List)
	switch {
	case a.Rows == nil:
		err = errors.New("there is no list of observations")
	case a.Units != "lin":
		err = fmt.Errorf("units is %q, want %q: the figures are not as their maker stated them", clip([]byte(a.Units)), "lin")
	case a.OutputType != 1:
		err = fmt.Errorf("output_type is %d, want 1", a.OutputType)
	case !a.valid():
		err = fmt.Errorf("realtime_start %q and realtime_end %q are no span of days", clip([]byte(a.Start)), clip([]byte(a.End)))
	default:
		err = a.holds(len(a.Rows))
	}
	return a, distrust(where, body, err)
}

// vintageDates is the answer of series/vintagedates.
type vintageDates struct {
	paging

	Dates []string `json:"vintage_dates"`
}

func readVintageDates(where string, body []byte) (a vintageDates, err error) {
	if err := read(where, body, &a); err != nil {
		return a, err
	}
	err = a.holds(len(a.Dates))
	for i, d := range a.Dates {
		if !isDay(d) || i > 0 && d <= a.Dates[i-1] {
			err = fmt.Errorf("vintage date %q is no day after the one before", clip([]byte(d)))
		}
	}
	return a, distrust(where, body, err)
}

// description is what FRED says about a series on one day.
type description struct {
	span

	ID        string `json:"id"`
	Title     string `json:"title"`
	Frequency string `json:"frequency_short"`
	Units     string `json:"units"`
}

// readDescription reads the answer of fred/series: one series, on one day.
func readDescription(where string, body []byte) (description, error) {
	var a struct {
		span

		Series []description `json:"seriess"` // sic
	}
	if err := read(where, body, &a); err != nil {
		return description{}, err
	}
	if len(a.Series) != 1 {
		return description{}, distrust(where, body, fmt.Errorf("it describes %d series, want 1", len(a.Series)))
	}
	d := a.Series[0]
	if d.ID == "" || d.Title == "" || d.Frequency == "" || d.Units == "" || !d.valid() || !a.valid() {
		return d, distrust(where, body, errors.New("the description lacks id, title, frequency_short, units or its real-time period"))
	}
	return d, nil
}

// read unmarshals the whole body: nothing may follow, nothing may be named twice.
func read(where string, body []byte, into any) error {
	return distrust(where, body, json.Unmarshal(body, into))
}

// distrust says why a document is not an answer. Nil stays nil.
func distrust(where string, body []byte, err error) error {
	if err == nil {
		return nil
	}
	if r := readRefusal(body); r != nil {
		return r.fault(where)
	}
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		err = fmt.Errorf("it is a page, not data: %q", clip(body))
	}
	return fault.Wrap(fault.Upstream, err, where, "try again later, then compare the answer with https://fred.stlouisfed.org/docs/api/fred/", "this is no complete answer of FRED")
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
