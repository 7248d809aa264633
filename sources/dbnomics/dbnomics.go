// Package dbnomics reads DBnomics, the collection of other publishers' series at
// db.nomics.world, through its API, version 22.
//
// # A relay
//
// DBnomics makes no figures. It copies those of some ninety providers, and a
// provider is often a relay itself: the World Bank's figures for China are those
// of China's statistics office. So every series is configured with the body that
// made it, its origin; there is no guessing from the provider's code. A series
// that nobody has described is archived and all its figures are rejected. The
// same figure from here and from its maker is one statement, told twice: both
// have the same origin and never confirm each other. Confidence is medium.
//
// # Asking
//
// The series of one data set are one question:
//
//	/v22/series?series_ids=WB/WDI/A-NY.GDP.MKTP.CD-CHN,…&observations=1&limit=50&offset=0
//
// Its answer comes in pages; limit is only a wish, so the next page begins where
// the last one ended. num_found may change meanwhile and a series may then come
// twice, so it is not counted but looked up: each series that was asked for must
// have come, or be among the answer's errors, which DBnomics sends with status
// 200 beside what it did find. What was found is emitted, what was not is an
// error. Status 404 to a question about several series says nothing about the
// others: they are then asked one by one.
//
// # Documents and vintages
//
// One series is one document, named by its id
//
//	IMF/WEO:2024-10/CHN.NGDP_RPCH.pcent_change
//
// with the bytes of the page that it came in, and Decode reads that series and no
// other: series on one page were indexed on different days, and a document has one
// date. A data set with an edition in its code (WEO:2024-10) was published by its
// provider in that month; it never changes after, though it can be indexed again,
// years later. Publishing it on that later day would put an old edition before a
// newer one. For all other data sets the day of indexed_at is the best there is:
// on it DBnomics began to say this, a while after the provider did.
//
// "latest" in the place of the edition is another edition every few months.
// Figures of different editions would be mixed under one name, so series of
// "latest" are not believed.
//
// # Outlooks
//
// The World Economic Outlook holds measured years, estimates and five years of
// forecasts in one row of numbers, and DBnomics does not say which is which. A
// series configured as an outlook gets its statuses from the edition: a period
// that had not ended when the edition's month began is a forecast; the last year
// before is an estimate, as statistics of a year are rarely complete within
// twelve months; what is older is measured.
//
// # Rows
//
// period, period_start_day and value are three lists of one length. Values are
// numbers, or null or "NA" where there is none. Periods are 2024, 2024-S1,
// 2024-Q1, 2024-01 or 2024-M01; each must be of the series' @frequency and begin
// on its period_start_day, else the row is rejected, and so are weeks and other
// periods the project has no figures for. Of observations_attributes OBS_STATUS
// becomes the status, the others a note.
package dbnomics

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"citystats/sources/source"
)

// ID is the source's key in data/sources.csv and in data/publishers.csv.
const ID = "dbnomics"

const (
	defaultBase    = "https://api.db.nomics.world"
	defaultPerPage = 50 // what every deployment gives with observations
)

// Config says what is wanted.
type Config struct {
	BaseURL string // scheme and host; empty means DBnomics' own
	Series  []Series
	PerPage int // series a page; 0 means 50
}

// Series is one series and what the answers do not say about its figures.
type Series struct {
	ID      string // provider/dataset/series
	Region  string // the region it is about
	Origin  string // who made the figures, key of data/publishers.csv
	Outlook bool   // measured, estimated and expected figures are in one row
}

// dataset is the id without the series.
func (s Series) dataset() string { return s.ID[:max(0, strings.LastIndexByte(s.ID, '/'))] }

// edition is the month in the data set's code; empty when there is none.
func (s Series) edition() string {
	_, edition, _ := strings.Cut(s.dataset(), ":")
	if !isMonth(edition) {
		return ""
	}
	return edition
}

// distrusted says why no figure of the series can be believed; empty when it can.
func (s Series) distrusted() string {
	switch {
	case s.Origin == "":
		return "nobody has said who made the series " + s.ID
	case s.Region == "":
		return "nobody has said which region the series " + s.ID + " is about"
	case strings.HasSuffix(s.dataset(), ":latest"):
		return "the series " + s.ID + " is of another edition every few months: name one in the place of latest"
	case s.Outlook && s.edition() == "":
		return "the series " + s.ID + " holds forecasts, and no edition says from when on: name one, as in WEO:2024-10"
	}
	return ""
}

// Source is DBnomics. It never changes after New and is safe for concurrent use.
type Source struct{ config Config }

// New makes the source. Without series it has nothing to ask.
func New(c Config) *Source {
	if c.BaseURL == "" {
		c.BaseURL = defaultBase
	}
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	if c.PerPage == 0 {
		c.PerPage = defaultPerPage
	}
	c.Series = slices.Clone(c.Series)
	return &Source{c}
}

// Info describes the source.
func (s *Source) Info() source.Info {
	info := source.Info{ID: ID, Title: "DBnomics", Generation: 1}
	if u, err := url.Parse(s.config.BaseURL); err == nil { // an address that is none has no host, and every request is refused
		info.Hosts = []string{u.Host}
	}
	return info
}

// Probe asks for the first series.
func (s *Source) Probe(ctx context.Context, client *http.Client) error {
	if len(s.config.Series) == 0 {
		return nil
	}
	_, err := s.question(ctx, client, s.config.Series[:1])
	return err
}

// find is the configured series of that id.
func (s *Source) find(id string) Series {
	if i := slices.IndexFunc(s.config.Series, func(x Series) bool { return x.ID == id }); i >= 0 {
		return s.config.Series[i]
	}
	return Series{ID: id}
}

// Place is the JSON pointer (RFC 6901) of value n within the series that the
// document is named after.
func (s *Source) Place(n int) string { return "/value/" + strconv.Itoa(n-1) + " of the series" }
