// Package sdmx reads publishers that speak SDMX over REST: OECD, Eurostat, IMF,
// ECB, World Bank and whoever else is declared. One package is the protocol; a
// publisher is a row in data/sources.csv with the address of its service, and
// what to ask it is a row in data/sdmx_queries.csv for each question.
//
// # Asking
//
// A question is a dataflow and a key. The two generations of the interface spell
// it differently:
//
//	2.1  {base}/{path}/data/{agency},{flow},{version}/{key}?startPeriod=2010&format=csvfile
//	3.0  {base}/{path}/data/dataflow/{agency}/{flow}/{version}/{key}?c[TIME_PERIOD]=ge:2010
//
// The format is asked for by the parameter format or, when it is written as a
// media type, by the header Accept; publishers differ in which of the two they
// listen to. A key of nothing but dots is sent as "all" ("*" in 3.0), because
// ".." is taken for the folder above by whatever normalises addresses on the way.
//
// Where a row wants it, the structure of the dataflow (dimensions and code lists
// with their labels) is fetched first, as a document of its own: what a code
// stood for on that night is evidence, and only kept if we keep it. It also says
// what the dataflow is called, which becomes the title of its data, and whether
// the dimensions are still those the row names: if not, the data are not asked
// for, as their codes would mean something else.
//
// # Answers that are not data
//
// Services answer in the place of data, and not always with a status that says
// so. A message that there are no records is an answer like any other: archived,
// and decoded to nothing. Status 204 has no bytes to archive and, at the IMF, is
// also what a wrong agency gets, so it is an error. "Too large" is answered by
// halving the list of areas in the key, when there is one. A receipt (Eurostat
// prepares large answers in the background, under status 200) is waited for: the
// service is asked how far it is, at an address we make from the receipt's
// number, never at one that an answer names. Everything else is an error that
// quotes what the publisher said. After status 429 nothing further is asked.
//
// # Formats
//
// Decode believes bytes, not labels, and reads SDMX-CSV 1 and 2, SDMX-JSON 1 and
// 2, and SDMX-ML generic and structure-specific, 2.1 and 3.0, all also packed
// with gzip. All end in [decoder.observe], so that the same figures give the same
// observations in whatever format they come.
//
// Structure-specific XML does not tell dimensions from attributes, so a row that
// asks for it names the dimensions. Wherever the format does tell, the dimensions
// must be those of the row: a dataflow that gains a dimension would otherwise
// pile several series onto one code.
//
// # Observations
//
// The region is the value of the dimension that the row calls the area. The
// indicator is the dataflow, a colon, and the values of all other dimensions but
// time, joined by dots in the order of the structure:
//
//	WEO:NGDP_RPCH.A
//
// UNIT_MULT multiplies and is handed on as [source.Observation.Mult], from the
// observation, its series, its group or its data set, the nearest first. SCALE,
// which the IMF writes, says how its own pages show a figure; the figure is in
// units already, so it is ignored. A row can name the attribute that holds the
// last measured year (LATEST_ACTUAL_ANNUAL_DATA of the World Economic Outlook):
// later figures are forecasts, and figures without it are rejected, since nothing
// else tells the two apart.
//
// A missing value (empty, null, NaN, #N/A) is how SDMX says "not available" and
// is neither a figure nor a defect.
//
// # Vintages
//
// One document is one vintage. A row that wants the history gets the data sets of
// several validity spans in one answer; the same bytes are then emitted once for
// each, named
//
//	data/{name}@{validFrom}
//
// and Decode yields only that vintage. Data sets that delete cannot be figures:
// what they withdraw is rejected, for an editor to see. Otherwise a document is
// published on the last change that the answer itself states (LAST UPDATE,
// UPDATE_DATE, PUBLICATION_DATE); the moment a message was prepared is only when
// we asked.
package sdmx

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"citystats/sources/source"
)

// Config says whose service it is and what is wanted of it.
type Config struct {
	ID        string // key of data/sources.csv
	Title     string // for people, and for citing
	Publisher string // key of data/publishers.csv
	BaseURL   string // of the service, without what differs between questions
	Queries   []Query
	// Sleep pauses between two looks at an answer that is being prepared and
	// returns early with ctx's error; nil means real time.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Query is one question, a row of data/sdmx_queries.csv.
type Query struct {
	Name         string   // of the document, a lower-case word
	Title        string   // for people, where the publisher gives none
	Interface    string   // "2.1" or "3.0"
	Path         string   // between the base address and the question
	Agency       string   // empty for services that know flows by their id alone
	Flow         string   // id of the dataflow
	Version      string   // empty for the latest
	Key          string   // empty for everything
	Format       string   // a media type for Accept, or the value of the parameter format
	Start        string   // first period asked for
	Area         string   // dimension whose values are regions
	Dimensions   []string // all but time, in the order of the structure; empty where the answer tells
	Measure      string   // component with the figure; empty means OBS_VALUE
	LatestActual string   // attribute with the last measured year; empty when there is none
	Origin       string   // key of data/publishers.csv: who made the figures
	History      bool     // ask for all vintages
	Structure    bool     // fetch the structure too
}

const (
	timeDimension  = "TIME_PERIOD"
	defaultMeasure = "OBS_VALUE"
	dataPrefix     = "data/"
	structPrefix   = "structure/"
)

// Source is one publisher. It never changes after New and is safe for
// concurrent use.
type Source struct{ config Config }

// New makes the source. Without queries it has nothing to ask.
func New(c Config) *Source {
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	c.Queries = slices.Clone(c.Queries)
	for i := range c.Queries {
		q := &c.Queries[i]
		q.Dimensions = slices.DeleteFunc(slices.Clone(q.Dimensions), func(id string) bool { return id == timeDimension })
		if q.Measure == "" {
			q.Measure = defaultMeasure
		}
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	return &Source{c}
}

// Info describes the source.
func (s *Source) Info() source.Info {
	info := source.Info{ID: s.config.ID, Title: s.config.Title, Generation: 2}
	if u, err := url.Parse(s.config.BaseURL); err == nil && u.Host != "" { // an address that is none has no host, and every request is refused
		info.Hosts = []string{u.Host}
	}
	if len(s.config.Queries) == 0 {
		info.Needs = "rows with source " + s.config.ID + " in data/sdmx_queries.csv"
	}
	return info
}

// Probe asks the first question for the last observation of each series.
func (s *Source) Probe(ctx context.Context, client *http.Client) error {
	if len(s.config.Queries) == 0 {
		return nil
	}
	q := s.config.Queries[0]
	q.History = false
	return s.probe(ctx, client, q)
}

// probe understands an answer that is too large as a reason to ask for less.
func (s *Source) probe(ctx context.Context, client *http.Client, q Query) error {
	got, err := s.ask(ctx, client, withParameter(s.dataAddress(q), "lastNObservations=1"), q.accept())
	if err != nil {
		return err
	}
	_, err = s.examine(q, got)
	if n, ok := asNotice(err); ok {
		halves := q.halves()
		switch {
		case n.kind == noRecords || n.kind == queued:
			return nil
		case n.kind == tooLarge && halves != nil:
			return s.probe(ctx, client, halves[0])
		}
	}
	return distrust(got.url, err)
}

// Place counts observations, as the formats have nothing in common to point at.
func (s *Source) Place(n int) string { return "observation " + strconv.Itoa(n) }

// query finds the question that a document answers.
func (s *Source) query(name string) (Query, bool) {
	word, _, _ := strings.Cut(strings.TrimPrefix(name, dataPrefix), "@")
	word, _, _ = strings.Cut(word, "/")
	i := slices.IndexFunc(s.config.Queries, func(q Query) bool { return q.Name == word })
	if i < 0 {
		return Query{}, false
	}
	return s.config.Queries[i], true
}

// sleep waits in real time.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
