package worldbank

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/transport"
)

const (
	// setTries is how often a set is asked for before its pages must agree.
	setTries = 3
	// maxSegment is what the API takes between two slashes of an address.
	maxSegment = 1500
	// everywhere is the API's word for all countries and aggregates.
	everywhere = "all"
	// countryList is the name of the document that lists countries and aggregates.
	countryList = "country"
)

// question is one set of pages.
type question struct {
	name    string // of the documents, to which the page is added
	path    string
	more    string // parameters besides format and paging
	title   string // empty: the indicator's name, as the answer gives it
	code    string // of the indicator
	perPage int
}

// questions lists all there is to ask, in order.
func (s *Source) questions() []question {
	var all []question
	lists := countryLists(s.config.Countries)
	if len(s.config.Series) > 0 && slices.Equal(lists, []string{everywhere}) {
		// 400 is more than there are, so the list is one page, called by its plain name.
		all = append(all, question{name: countryList, path: "/v2/country", title: "Countries and aggregates (World Bank)", perPage: 400})
	}
	for _, code := range s.config.Series {
		for _, list := range lists {
			name := "country/" + list + "/indicator/" + url.PathEscape(code)
			all = append(all, question{name: name, path: "/v2/" + name, more: "&source=2", code: code, perPage: s.config.PerPage})
		}
	}
	return all
}

// countryLists joins codes with semicolons into as few lists as addresses allow.
func countryLists(codes []string) []string {
	if slices.Contains(codes, everywhere) {
		return []string{everywhere}
	}
	var lists []string
	for _, code := range codes {
		code = url.PathEscape(code)
		if last := len(lists) - 1; last >= 0 && len(lists[last])+1+len(code) <= maxSegment {
			lists[last] += ";" + code
		} else {
			lists = append(lists, code)
		}
	}
	return lists
}

// Fetch asks every question and emits the pages of each set that is complete.
// Failures are gathered, so that one indicator does not cost the others.
func (s *Source) Fetch(ctx context.Context, client *http.Client, emit func(source.Document) error) error {
	var failures []error
	for _, q := range s.questions() {
		docs, err := s.set(ctx, client, q)
		if err != nil {
			failures = append(failures, err)
			if ctx.Err() != nil || transport.Unreachable(err) {
				break
			}
			continue
		}
		for _, d := range docs {
			if err := emit(d); err != nil {
				return err
			}
		}
	}
	return errors.Join(failures...)
}

// set asks q until its pages agree.
func (s *Source) set(ctx context.Context, client *http.Client, q question) ([]source.Document, error) {
	for try := 1; ; try++ {
		docs, again, err := s.pages(ctx, client, q)
		switch {
		case err == nil:
			return docs, nil
		case !again:
			return nil, fmt.Errorf("%s: %w", q.name, err)
		case try == setTries:
			return nil, fmt.Errorf("%s: asked %d times: %w", q.name, setTries, err)
		}
	}
}

// pages asks for each page of q once. When err is not nil, again says whether
// another time may be better.
func (s *Source) pages(ctx context.Context, client *http.Client, q question) (docs []source.Document, again bool, err error) {
	var whole set
	for n := 1; n == 1 || n <= whole.pages; n++ {
		p, again, err := s.page(ctx, client, q, n)
		if err != nil {
			return nil, again, err
		}
		if what := whole.add(n, p); what != "" {
			return nil, true, inconsistent(p.doc.URL, what)
		}
	}
	if whole.rows != whole.total {
		return nil, true, inconsistent(whole.docs[0].URL,
			fmt.Sprintf("its pages hold %d rows, but total says %d", whole.rows, whole.total))
	}
	return whole.finish(q), false, nil
}

func inconsistent(where, what string) error {
	return fault.New(fault.Upstream, where, "try again later, the database may be in the middle of an update",
		"the answer is inconsistent: %s", what)
}

// page is one page as fetched.
type page struct {
	meta

	rows int
	name string // of the indicator, from the first row
	doc  source.Document
}

// page asks for page n and checks that it is whole.
func (s *Source) page(ctx context.Context, client *http.Client, q question, n int) (p page, again bool, err error) {
	address := fmt.Sprintf("%s%s?format=json&per_page=%d&page=%d%s", s.config.BaseURL, q.path, q.perPage, n, q.more)
	got, err := transport.Get(ctx, client, address)
	if err != nil {
		return page{}, passing(err), err
	}
	p.doc = source.Document{Source: ID, Name: q.name, Publisher: ID, URL: got.URL, MediaType: got.MediaType, Body: got.Body}
	if q.name != countryList || n > 1 {
		p.doc.Name = fmt.Sprintf("%s/page-%d", q.name, n)
	}
	p.meta, p.rows, err = read(p.doc, p.look)
	return p, !refused(err), err
}

// look takes the indicator's name from the first row and skips the others.
func (p *page) look(a *answer) error {
	if p.name != "" || a.dec.PeekKind() != '{' {
		return a.dec.SkipValue()
	}
	return a.members(func(member []byte) error {
		if string(member) != "indicator" {
			return a.dec.SkipValue()
		}
		raw, err := a.dec.ReadValue()
		if err == nil {
			p.name = pair(raw).value
		}
		return err
	})
}

// passing says whether a failure without an answer may be gone next time. The
// client has tried again already, except where it could not know better: 400 is
// what this API also says when it is busy, and a body can break off.
func passing(err error) bool {
	var status transport.StatusError
	if errors.As(err, &status) {
		return status == http.StatusBadRequest
	}
	return errors.Is(err, io.ErrUnexpectedEOF)
}

// set is the pages of one answer so far.
type set struct {
	pages, total, rows int
	lastUpdated, name  string
	docs               []source.Document
}

// add takes the n-th page in and says what is wrong with it, if anything.
func (s *set) add(n int, p page) string {
	if n == 1 {
		s.pages, s.total = p.pages, p.total
	}
	empty := p.total == 0 && p.rows == 0 && p.pages <= 1
	switch {
	case p.page != n && (!empty || p.page != 0):
		return fmt.Sprintf("asked for page %d, it calls itself page %d", n, p.page)
	case p.pages != s.pages:
		return fmt.Sprintf("pages is %d on page 1 and %d on page %d", s.pages, p.pages, n)
	case p.total != s.total:
		return fmt.Sprintf("total is %d on page 1 and %d on page %d", s.total, p.total, n)
	case s.lastUpdated != "" && p.lastUpdated != "" && p.lastUpdated != s.lastUpdated:
		return fmt.Sprintf("lastupdated is %s before page %d and %s on it", s.lastUpdated, n, p.lastUpdated)
	case p.rows == 0 && !empty:
		return fmt.Sprintf("page %d of %d has no rows", n, s.pages)
	}
	s.rows += p.rows
	s.lastUpdated = first(s.lastUpdated, p.lastUpdated) // later pages may leave it out
	s.name = first(s.name, p.name)
	s.docs = append(s.docs, p.doc)
	return ""
}

// finish gives each document what only the set as a whole knows.
func (s *set) finish(q question) []source.Document {
	title := q.title
	if title == "" {
		title = first(s.name, q.code) + " (World Bank, World Development Indicators)"
	}
	for i := range s.docs {
		s.docs[i].Title = title
		s.docs[i].Published = isoDay(s.lastUpdated)
	}
	return s.docs
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
