// Package communique reads what statistical offices print in words: the yearly
// communiqués of cities (国民经济和社会发展统计公报), releases of half-years, quarters and
// months, and their copies on other sites. Documents are HTML, HTML made by Word, and PDF.
//
// # Precision first
//
// A sentence is never searched for numbers. It is read from the name of something we
// want (地区生产总值, 居民消费价格) on, and every word between the name and the number, and
// after it to the comma, must be one the grammar knows. So of each figure it is known
// what it is of, in which unit, of which period, for which area, at which prices and
// how settled; and when one of these is missing, or a word is not understood, there is
// no figure but a reject with the span of text. A reader loses a figure that way now
// and then, and is never given a wrong one to believe.
//
// The names and words are tables in vocabulary.go, the forms of figures in grammar.go.
// A clause is read on its own (read.go, figures.go); what a sentence has said before,
// its time, area and subject, is carried in a scope, and a clause that is not
// understood ends the subject, so that no later growth rate is taken for its.
//
// # From bytes to plain text
//
// The encoding is found by which one makes sense (charset.go): what pages declare is
// wrong too often. HTML is cut into paragraphs and tables, inline elements dissolved,
// so that 1141<span>2.80</span> is one number, and footnote marks taken out without
// joining what they stand between (page.go). The plain form (plain.go) has simplified
// characters, half-width digits and no readings such as 經(jīng); each of its characters
// knows where it stood in the printed text, and every figure is quoted as printed.
//
// # What a document is about
//
// A publication says so in its title: 合肥市2022年国民经济和社会发展统计公报. Known ones are rows
// of data/communiques.csv, found by address or title. When the row, the given title and
// the page's own title name two areas or two periods, nothing of the document is
// believed and both sides are named. An area is never taken from an address. A
// sentence may name another area or time; 全市 in a document about a province, and a
// district named almost like its city, are noticed.
//
// # Whose figure it is
//
// The publisher is who printed the page, the origin the office of the area the figure
// is about. A figure is of high confidence only on the office's own page. First
// figures are preliminary; a figure for an earlier year than the document's is revised.
//
// # What is checked
//
// Limits of growth, shares and incomes; the three sectors against their sum; income of
// all between town and country; two years' levels against real growth; one figure
// printed twice. What contradicts is unresolved on all sides.
package communique

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/transport"
)

// ID is the source's key in data/sources.csv.
const ID = "communique"

// reprint is the publisher of a page of which it is not known who printed it.
const reprint = "web_reprint"

// Publication is a row of data/communiques.csv.
type Publication struct {
	ID                               string
	Region                           string // code
	Period                           string // as package period reads it
	Kind                             string // communique, release, or year_to_date: from January to the end of the period
	Title, Publisher, URL, Published string
	Fetch                            bool
}

// Publisher is somebody whose pages are known by their host.
type Publisher struct{ ID, Host string }

// Config is what the definitions know.
type Config struct {
	Areas        []Area
	Publications []Publication
	Publishers   []Publisher
}

// Source reads communiqués. It never changes after New and is safe for concurrent use.
type Source struct {
	config Config
	areas  *gazetteer
}

// New makes the source.
func New(c Config) *Source {
	return &Source{config: c, areas: newGazetteer(slices.Clone(c.Areas))}
}

// Info describes the source. Its hosts are those of the addresses that may be asked.
func (s *Source) Info() source.Info {
	info := source.Info{ID: ID, Title: "Statistical communiqués and releases", Generation: 1}
	for _, p := range s.config.Publications {
		if host := hostOf(p.URL); p.Fetch && !slices.Contains(info.Hosts, host) {
			info.Hosts = append(info.Hosts, host)
		}
	}
	return info
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// Fetch asks for every publication that may be asked for. Failures are gathered, so
// that one does not cost the others; a host that is not there is asked once.
func (s *Source) Fetch(ctx context.Context, client *http.Client, emit func(source.Document) error) error {
	var failures []error
	gone := map[string]bool{}
	for _, p := range s.config.Publications {
		if !p.Fetch || gone[hostOf(p.URL)] {
			continue
		}
		doc, err := s.ask(ctx, client, p)
		switch {
		case ctx.Err() != nil:
			return errors.Join(append(failures, err, ctx.Err())...)
		case err != nil:
			gone[hostOf(p.URL)] = transport.Unreachable(err)
			failures = append(failures, err)
			continue
		}
		if err := emit(doc); err != nil {
			return err
		}
	}
	return errors.Join(failures...)
}

// ask gets one publication and makes sure that figures can be read from it.
func (s *Source) ask(ctx context.Context, client *http.Client, p Publication) (source.Document, error) {
	answer, err := transport.Get(ctx, client, p.URL)
	if err != nil {
		return source.Document{}, err
	}
	doc := source.Document{
		Source: ID, Name: p.ID, Title: p.Title, Publisher: p.Publisher, URL: p.URL, MediaType: answer.MediaType, Published: p.Published, Body: answer.Body,
	}
	return doc, s.Decode(doc, nothing{})
}

// Probe asks for the first publication of all. Without any there is nobody to ask.
func (s *Source) Probe(ctx context.Context, client *http.Client) error {
	for _, p := range s.config.Publications {
		if p.Fetch {
			_, err := s.ask(ctx, client, p)
			return err
		}
	}
	return nil
}

// nothing is a sink for those who only want to know whether a document is good.
type nothing struct{}

// Observe does nothing.
func (nothing) Observe(*source.Observation) error { return nil }

// Reject does nothing.
func (nothing) Reject(source.Reject) {}

// Describe fills in what is known of an imported document: its title when that is
// only a file's name, and who printed it, which only its address can tell.
func (s *Source) Describe(doc source.Document) source.Document {
	if page, problem := see(doc.Body); problem == "" && !publication.MatchString(plain(doc.Title).plain) {
		if title, ok := s.ownTitle(page); ok {
			doc.Title = title
		}
	}
	doc.Publisher = first(s.publisherAt(hostOf(doc.URL)), reprint)
	for _, p := range s.config.Publications {
		if p.URL != "" && p.URL == doc.URL {
			doc.Title, doc.Publisher = first(p.Title, doc.Title), p.Publisher
		}
	}
	return doc
}

// publisherAt is who prints at a host: whoever has it, or else the domain it is in.
func (s *Source) publisherAt(host string) (id string) {
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	for _, p := range s.config.Publishers {
		switch {
		case host == "" || p.Host == "":
		case p.Host == host:
			return p.ID
		case err == nil && strings.TrimPrefix(p.Host, "www.") == domain:
			id = p.ID
		}
	}
	return id
}

// rowsOf finds the rows of a document: by its address, or else by its title.
func (s *Source) rowsOf(doc source.Document, titles []string) (rows []Publication) {
	for _, p := range s.config.Publications {
		if p.URL != "" && p.URL == doc.URL {
			return []Publication{p}
		}
	}
	for _, t := range append([]string{doc.Title}, titles...) {
		for _, p := range s.config.Publications {
			if p.Title != "" && plain(p.Title).plain == plain(t).plain {
				rows = append(rows, p)
			}
		}
		if rows != nil {
			return rows
		}
	}
	return nil
}

func distrust(where, hint, format string, args ...any) error {
	return fault.New(fault.Upstream, where, hint, format, args...)
}
