package fred

import (
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/walk"
)

// Decode reads the figures of one day, or checks the description of a series.
func (s *Source) Decode(doc source.Document, sink source.Sink) error {
	where := doc.URL
	if where == "" {
		where = doc.Name
	}
	id, kind, ok := parts(doc.Name)
	if !ok || !isDay(doc.Published) {
		return fault.New(fault.Upstream, where, "name the document as Fetch does: GDP/2024-10-30"+valuesSuffix,
			"nothing says which series the document is about and when it was published")
	}
	if kind == aboutSuffix {
		return s.decodeAbout(where, s.find(id), doc, sink)
	}
	answer, err := readObservations(where, doc.Body)
	if err != nil {
		return err
	}
	if !answer.covers(doc.Published, doc.Published) {
		return inconsistent(where, "it is about %s to %s, not about %s", answer.Start, answer.End, doc.Published)
	}
	d := decoder{series: s.find(id), day: doc.Published, within: answer.span, sink: sink}
	for i, raw := range answer.Rows {
		if err := d.row(i+1, raw); err != nil {
			return err
		}
	}
	return nil
}

// parts takes a document's name apart: GDP/2024-10-30/observations/page-2.
func parts(name string) (id, kind string, ok bool) {
	p := strings.Split(name, "/")
	if len(p) < 3 || len(p) > 4 {
		return "", "", false
	}
	id, err := url.PathUnescape(p[0])
	kind = "/" + p[2]
	return id, kind, err == nil && id != "" && (kind == aboutSuffix || kind == valuesSuffix)
}

// decodeAbout yields no figure, and a reject when the description says that the
// figures of its day are something else.
func (s *Source) decodeAbout(where string, series Series, doc source.Document, sink source.Sink) error {
	d, err := readDescription(where, doc.Body)
	if err != nil {
		return err
	}
	if d.ID != series.ID {
		return inconsistent(where, "it describes %s, not %s", clip([]byte(d.ID)), series.ID)
	}
	if problem := series.differs(d); problem != "" {
		sink.Reject(source.Reject{Record: 1, Reason: problem, Text: clip([]byte(d.Title))})
	}
	return nil
}

// decoder turns the rows of one day into observations.
type decoder struct {
	series Series
	day    string
	within span
	last   string // date of the last figure
	sink   source.Sink

	known span // the last one looked at, which is nearly always that of the next row
	sound bool // whether it is one, within the answer's
}

// fits says whether the row's real-time period is one, within the answer's.
func (d *decoder) fits(s span) bool {
	if s != d.known {
		d.known, d.sound = s, s.valid() && d.within.covers(s.Start, s.End)
	}
	return d.sound
}

// row is one value and the days on which it was current.
type row struct {
	span

	Date  string
	Value string
}

// readRow reads the four texts of a row.
func readRow(raw jsontext.Value) (r row, err error) {
	err = walk.Texts(raw, func(name string) *string {
		switch name {
		case "realtime_start":
			return &r.Start
		case "realtime_end":
			return &r.End
		case "date":
			return &r.Date
		case "value":
			return &r.Value
		}
		return nil
	})
	return r, err
}

// row hands the n-th row on. Its error is the sink's.
func (d *decoder) row(n int, raw jsontext.Value) error {
	r, err := readRow(raw)
	if err != nil {
		d.reject(n, "a row is an object of four texts, this is not", raw)
		return nil //nolint:nilerr // a row that cannot be read is a reject, not a failure
	}
	if d.fits(r.span) && !r.covers(d.day, d.day) {
		return nil // of another vintage, see the package comment
	}
	o, problem := d.observation(n, r)
	if problem != "" {
		d.reject(n, problem, raw)
		return nil
	}
	if o.Period == "" {
		return nil // "none"
	}
	return d.sink.Observe(&o)
}

// missing is what FRED writes where there is no value.
const missing = "."

// observation makes the row a figure, or says what is wrong with it. Without a
// period there is no figure.
func (d *decoder) observation(n int, r row) (o source.Observation, problem string) {
	switch {
	case !d.fits(r.span):
		return o, "the row's real-time period is not within the answer's"
	case !isDay(r.Date):
		return o, "the date is no day"
	case r.Date <= d.last:
		return o, "the date is not after that of the row before: one day has two values for it"
	}
	d.last = r.Date
	if r.Value == missing {
		return o, ""
	}
	period := isoPeriod(r.Date, d.series.Frequency)
	value, ok := number(r.Value)
	switch {
	case d.series.missing() != "":
		return o, d.series.missing()
	case period == "":
		return o, "the date is not the first day of a period of frequency " + d.series.Frequency
	case !ok:
		return o, "the value is neither a finite decimal number nor \".\""
	}
	return source.Observation{
		Record: n, Region: d.series.Region, Indicator: d.series.ID, Period: period, Origin: d.series.Origin,
		Value: value, Status: source.Final, Confidence: source.Medium,
	}, ""
}

func (d *decoder) reject(n int, reason string, raw jsontext.Value) {
	d.sink.Reject(source.Reject{Record: n, Reason: reason, Text: clip(raw)})
}

// isoPeriod names the period of that frequency which begins on the date, or is
// empty when none does.
func isoPeriod(date, frequency string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil || t.Day() != 1 {
		return ""
	}
	year, month := date[:4], int(t.Month())
	switch {
	case frequency == "A" && month == 1:
		return year
	case frequency == "SA" && month%6 == 1:
		return year + "-H" + strconv.Itoa(month/6+1)
	case frequency == "Q" && month%3 == 1:
		return year + "-Q" + strconv.Itoa(month/3+1)
	case frequency == "M":
		return date[:7]
	}
	return ""
}

// number reads a plain decimal number: strconv alone would also take hexadecimal,
// underscores, NaN and Inf.
func number(text string) (float64, bool) {
	if strings.ContainsFunc(text, func(c rune) bool { return !strings.ContainsRune("0123456789.-+eE", c) }) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && !math.IsInf(f, 0)
}
