// Package worldbank reads the World Bank's Indicators API, version 2.
//
// # Asking
//
// Each wanted indicator is one question, asked for all wanted countries at once:
//
//	/v2/country/CHN;USA/indicator/NY.GDP.MKTP.CD?format=json&per_page=20000&page=1&source=2
//
// source=2 is the World Development Indicators: without it the API picks a
// database, and an indicator can be in several with different figures. footnote=y
// is not asked for, because databases without footnotes answer it with 400.
// A list of countries too long for one address becomes several questions.
//
// The answer to a question is a set of pages that only make sense together.
// The API has no snapshot: when the database is updated while we turn pages, the
// first pages are old and the last ones new. So the pages of a set must agree in
// lastupdated (where they state it), total and pages, each must be the page that
// was asked for, and the rows of all together must be as many as total says.
// Otherwise the whole set is asked for again, three times at most. The same goes
// for what is known to pass: JSON that ends early, a gateway's page under status
// 200, and status 400, which a busy API also gives to good questions. A message
// of the API itself (unknown indicator, wrong parameter) is final. One failing
// indicator does not keep the others from being fetched, unless the host cannot
// be reached at all.
//
// # Documents
//
// One page is one Document with the exact bytes and address, named
//
//	country/CHN;USA/indicator/NY.GDP.MKTP.CD/page-1
//
// and published on the set's lastupdated: that is when the database was updated,
// the API knows no finer vintage.
//
// # Aggregates
//
// Country "all" brings about 78 aggregates (World, Euro area, Low income) among
// some 295 entries. Which codes are aggregates is in another answer, /v2/country,
// and a decoder that looks at one document alone cannot know it. So Decode yields
// rows for any code, and the pipeline's catalogue of regions decides what it
// wants, as it does for every other code it does not know. A project that names
// its countries never sees an aggregate. When "all" is wanted Fetch also brings
// the list, as document "country", ahead of the figures: what a code stood for on
// that night is evidence, and only kept if we keep it. Decode checks that it is
// whole; there are no figures in it.
//
// # Rows
//
// A row is {"indicator":{"id"},"country":{"id"},"countryiso3code","date","value",
// "obs_status"}; other members are ignored. The region is countryiso3code or,
// where a database leaves that empty, country.id. The unit is fixed per
// indicator, in data/source_series.csv. A null value is how the API says "not
// available": it lists every year for every country, so most such rows are
// years before the series began. They are neither figures nor defects.
//
// Decode believes bytes, not labels: the media type is whatever the gateway made
// of it, so it is archived and otherwise ignored. A byte order mark is allowed,
// the API sends one now and then.
package worldbank

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"citystats/sources/source"
)

// ID is the source's key in data/sources.csv and, as the bank is the publisher
// too, in data/publishers.csv.
const ID = "worldbank"

const (
	defaultBase    = "https://api.worldbank.org"
	defaultPerPage = 20000
)

// Config says what is wanted.
type Config struct {
	BaseURL   string   // scheme and host; empty means the World Bank's own
	Series    []string // indicator codes of the World Development Indicators, such as NY.GDP.MKTP.CD
	Countries []string // ISO 3166 alpha-3 codes such as CHN; "all" for every country and aggregate
	PerPage   int      // rows a page; 0 means 20000, up to 32500 is known to work
}

// Source is the World Bank. It never changes after New and is safe for
// concurrent use.
type Source struct{ config Config }

// New makes the source. Without series or without countries it has nothing to ask.
func New(c Config) *Source {
	if c.BaseURL == "" {
		c.BaseURL = defaultBase
	}
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	if c.PerPage == 0 {
		c.PerPage = defaultPerPage
	}
	c.Series, c.Countries = slices.Clone(c.Series), slices.Clone(c.Countries)
	return &Source{c}
}

// Info describes the source.
func (s *Source) Info() source.Info {
	info := source.Info{ID: ID, Title: "World Bank, World Development Indicators", Generation: 1}
	if u, err := url.Parse(s.config.BaseURL); err == nil { // an address that is none has no host, and every request is refused
		info.Hosts = []string{u.Host}
	}
	return info
}

// Probe asks for one row of the first wanted series.
func (s *Source) Probe(ctx context.Context, client *http.Client) error {
	all := s.questions()
	if len(all) == 0 {
		return nil
	}
	q := all[len(all)-1]
	q.perPage = 1
	_, _, err := s.page(ctx, client, q, 1)
	return err
}

// Place is the JSON pointer (RFC 6901) of row n.
func (s *Source) Place(n int) string { return "/1/" + strconv.Itoa(n-1) }
