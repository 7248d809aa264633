// Package fred reads FRED and ALFRED, the databases of the Federal Reserve Bank
// of St. Louis, through their API, version 1.
//
// # A relay
//
// FRED makes next to nothing itself: it copies what statistics offices, central
// banks and international bodies publish. So every series is configured with the
// body that made it, its origin, and a series without one is archived and all its
// figures are rejected. A figure from here and the same figure from its maker are
// one statement, told twice: they share an origin and never confirm each other.
// The document is FRED's, one step removed, so confidence is medium.
//
// # Vintages
//
// ALFRED remembers what was said when. Each series is asked three kinds of questions:
//
//	/fred/series/vintagedates?series_id=GDP                on which days did it change?
//	/fred/series?series_id=GDP&realtime_start=D&realtime_end=D                in which unit was it on D?
//	/fred/series/observations?series_id=GDP&realtime_start=D&realtime_end=D   what did it say on D?
//
// The last two are asked for every such day, the newest first, and become two
// documents published on D:
//
//	GDP/2024-10-30/series
//	GDP/2024-10-30/observations
//
// Units change over the years (1987 dollars, chained 2009 dollars) and the answer
// with the figures does not name them; nor does it name the frequency, or the
// series. So the description of that day comes first. Where it is not the
// configured unit and frequency the figures of that day are not asked for, and
// decoding the description yields a reject that says so: left out, but not
// silently. More than 100,000 figures come in pages, the first of which has the
// plain name and later ones page-2 and so on. The pages of a day must agree in
// count, and hold that many rows together.
//
// A failure ends its series, since a publisher in trouble is not helped by four
// hundred more questions; what was emitted of the series is good. A refused key
// and "too many requests" end everything.
//
// # The key
//
// Every question needs a key, and the API only takes it in the address. Addresses
// are archived, printed in errors and logged, so no address we hold has it: a
// RoundTripper around the client's own adds it to a copy of the request. Errors
// from further in name that copy, therefore all errors pass through one place
// that takes the key out of every text in the chain, and an answer that repeats
// the key is refused rather than archived. Redirects are not followed: the API
// has none, and the key is for this host. See key.go.
//
// # Rows
//
// A row is {"realtime_start","realtime_end","date","value"}. The date is the first
// day of the period, so with the configured frequency it becomes 2013, 2020-H1,
// 2017-Q1 or 2024-05; any other day is a reject. The value is a string, and "."
// is how FRED says "none": neither a figure nor a defect. The real-time period of
// a row says on which days that value was current. In our documents it is the one
// day that was asked for. An answer about a longer span is read too: then only
// the rows that were current on the day the document was published are its figures.
package fred

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// ID is the source's key in data/sources.csv and in data/publishers.csv.
const ID = "fred"

// KeyVariable is the environment variable that an operator puts the key in.
const KeyVariable = "CITYSTATS_FRED_KEY"

const (
	defaultBase = "https://api.stlouisfed.org"
	// keyAddress is where anybody can ask for a key.
	keyAddress = "https://fred.stlouisfed.org/docs/api/api_key.html"
)

// Config says what is wanted.
type Config struct {
	BaseURL string // scheme and host; empty means the St. Louis Fed's own
	Key     string // 32 lower-case letters and digits; without one nothing can be asked
	Series  []Series
}

// Series is one series and what the answers do not say about its figures. A
// series whose facts are not complete is archived and its figures rejected.
type Series struct {
	ID        string // such as MKTGDPCNA646NWDB
	Region    string // the region it is about
	Origin    string // who made the figures, key of data/publishers.csv
	Frequency string // frequency_short: A, SA, Q or M
	Units     string // units, word by word as FRED writes them
}

// missing says which fact is not there.
func (s Series) missing() string {
	switch {
	case s.Origin == "":
		return "nobody has said who made the series " + s.ID
	case s.Region == "":
		return "nobody has said which region the series " + s.ID + " is about"
	case s.Units == "":
		return "nobody has said which unit the series " + s.ID + " is in"
	case !slices.Contains([]string{"A", "SA", "Q", "M"}, s.Frequency):
		return "the series " + s.ID + " has the frequency " + strconv.Quote(s.Frequency) + ", which is none of A, SA, Q, M"
	}
	return ""
}

// Source is FRED. It never changes after New and is safe for concurrent use.
type Source struct {
	base   string
	series []Series
	needs  string
	key    secret
}

// New makes the source. Without series it has nothing to ask, and without a key
// it cannot.
func New(c Config) *Source {
	base := c.BaseURL
	if base == "" {
		base = defaultBase
	}
	s := &Source{base: strings.TrimSuffix(base, "/"), series: slices.Clone(c.Series), key: hidden(c.Key)}
	switch {
	case c.Key == "":
		s.needs = KeyVariable + ", a key from " + keyAddress
	case !wellFormed(c.Key):
		s.needs = KeyVariable + ", a key of 32 lower-case letters and digits from " + keyAddress + ", which what is set now is not"
	}
	return s
}

// Info describes the source.
func (s *Source) Info() source.Info {
	info := source.Info{ID: ID, Title: "FRED and ALFRED, Federal Reserve Bank of St. Louis", Needs: s.needs, Generation: 2}
	if u, err := url.Parse(s.base); err == nil { // an address that is none has no host, and every request is refused
		info.Hosts = []string{u.Host}
	}
	return info
}

// Probe asks for the latest figure of the first series.
func (s *Source) Probe(ctx context.Context, client *http.Client) error {
	if len(s.series) == 0 {
		return nil
	}
	if err := s.ready(); err != nil {
		return err
	}
	a := asker{s, s.client(client)}
	got, err := a.ask(ctx, "series/observations", "series_id", s.series[0].ID, "sort_order", "desc", "limit", "1")
	if err != nil {
		return err
	}
	_, err = readObservations(got.URL, got.Body)
	return err
}

// ready is an error while something is missing.
func (s *Source) ready() error {
	if s.needs == "" {
		return nil
	}
	return fault.New(fault.Upstream, s.base, "set it and run again", "FRED cannot be asked without %s", s.needs)
}

// find is the configured series of that id.
func (s *Source) find(id string) Series {
	if i := slices.IndexFunc(s.series, func(x Series) bool { return x.ID == id }); i >= 0 {
		return s.series[i]
	}
	return Series{ID: id}
}

// Place is the JSON pointer (RFC 6901) of row n. A description has but one record.
func (s *Source) Place(n int) string { return "/observations/" + strconv.Itoa(n-1) }
