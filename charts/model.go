//go:build duckdb_arrow

package charts

import (
	"strings"
	"time"
)

// Role is what a series is in its chart.
type Role string

// The roles.
const (
	Focus   Role = "focus"     // the region the chart is of
	Bench   Role = "benchmark" // what it is compared with
	Context Role = "context"   // another measure, shown and labelled as such
	Peer    Role = "peer"      // another member of the pool
)

// Chart is a definition filled in from one release for readers of one language:
// everything that a picture, a table or a sentence about it is made of. Values are
// in the unit that those readers expect.
type Chart struct {
	Definition
	Language  Language
	Region    Place
	Benchmark Text // empty when there is none
	Unit      Text // what stands after a number: "yuan" and "元"
	UnitName  Text // the unit spelled out, for subtitles
	Percent   bool // values are percent, so that differences are percentage points
	Growth    bool // values are rates of change
	Decimals  int  // digits that publishers print, in the chart's unit
	Series    []Series
	Breaks    []Break
	Events    []Event
	Said      Said      // claims: the sentence
	Readings  []Reading // claims: the natural one first
	Caveats   []Text    // what must be printed with it, from the data
	Sources   []Source
	Release   string // id of the release, which begins with its day
	AsOf      string // day the chart is pinned to; empty for now
}

// Place is a region's code and names.
type Place struct {
	Code string
	Name Text
}

// Series is one line of a chart.
type Series struct {
	Key    string // column of the CSV: "hefei", "national_urban"
	Name   Text
	Role   Role
	Unit   Text // differs from the chart's for a context series
	Points []Point
}

// Point is one figure.
type Point struct {
	Period     string // as stored: 2013, 2020-H1
	Start      time.Time
	Value      float64
	Status     string // SDMX OBS_STATUS
	Qualifier  string // exact, about, over, under
	Confidence string // high, medium, low
	Segment    int    // points of different segments are not joined: a break or a missing period stands between them
	Basis      int    // points of different bases cannot be compared: a break stands between them
	Document   int32  // store.documents; 0 for a figure computed from several
	Record     int32
	Said       time.Time // revisions: when it was said
	Publisher  Text      // revisions: who said it
	State      string    // revisions: its status in words
}

// Break is a place at which figures before and after are not comparable.
type Break struct {
	At    time.Time // first period on the new basis
	Title Text
	Of    Role // whose series breaks
}

// Event is something that happened, drawn as a mark on the time axis.
type Event struct {
	At    time.Time
	Label Text
}

// Source is a body whose figures are in the chart.
type Source struct {
	Name    Text
	Licence string
}

// as is the chart in one language of two.
func (c *Chart) as(l Language) *Chart {
	out := *c
	out.Language = l
	return &out
}

// each is a text about the chart in its language, or one in each of both.
func (c *Chart) each(text func(*Chart) string) []string {
	if c.Language != Both {
		return []string{text(c)}
	}
	return []string{text(c.as(English)), text(c.as(Chinese))}
}

// say is a text in the chart's language, or in both, one behind the other.
func (c *Chart) say(text func(Language) string) string {
	return strings.Join(c.each(func(c *Chart) string { return text(c.Language) }), " ")
}

// Headline is the message of the chart: what its figures say, in a sentence.
func (c *Chart) Headline() string { return strings.Join(c.each((*Chart).headline), " ") }

// Subtitle says what is drawn, in which unit, for which periods.
func (c *Chart) Subtitle() string { return strings.Join(c.each((*Chart).subtitle), " ") }

// SourceLine names whose figures are drawn, and the day up to which the release
// they are from knew what publishers had said.
func (c *Chart) SourceLine() string { return strings.Join(c.each((*Chart).sourceLine), " ") }

// Licence says under which terms the figures may be used.
func (c *Chart) Licence() string { return strings.Join(c.each((*Chart).licence), " ") }

// Alt describes the chart for who cannot see it. Every number in it is in the CSV.
func (c *Chart) Alt() string { return strings.Join(c.each((*Chart).alt), "\n") }

// Notes are what must be printed with the chart.
func (c *Chart) Notes() []string {
	if c.Language != Both {
		return c.notes()
	}
	return append(c.as(English).notes(), c.as(Chinese).notes()...)
}

// of returns the first series in the role.
func (c *Chart) of(r Role) *Series {
	for i := range c.Series {
		if c.Series[i].Role == r {
			return &c.Series[i]
		}
	}
	return nil
}

// common is the last period that the focus and the benchmark both have.
func (c *Chart) common() (own, other Point, ok bool) {
	focus, bench := c.of(Focus), c.of(Bench)
	if focus == nil || bench == nil {
		return own, other, false
	}
	for _, p := range focus.Points {
		if q, found := bench.at(p.Period); found && comparable(p) && comparable(q) {
			own, other, ok = p, q, true
		}
	}
	return own, other, ok
}

// comparable says whether a figure may stand in a difference: bounds may not, nor
// what was only expected, nor what is known from a single weak copy.
func comparable(p Point) bool {
	return (p.Qualifier == "exact" || p.Qualifier == "about") && printable(p)
}

// printable says whether a sentence may rest on the figure.
func printable(p Point) bool { return p.Status != "F" && p.Confidence != "low" }

func (s *Series) at(period string) (Point, bool) {
	for _, p := range s.Points {
		if p.Period == period {
			return p, true
		}
	}
	return Point{}, false
}

// last is the last point that a sentence may rest on.
func (s *Series) last() (Point, bool) {
	for i := len(s.Points) - 1; i >= 0; i-- {
		if printable(s.Points[i]) {
			return s.Points[i], true
		}
	}
	return Point{}, false
}
