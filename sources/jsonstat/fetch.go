package jsonstat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/transport"
)

const (
	// setTries is how often a query is asked until its answers agree.
	setTries = 3
	// english asks for labels in English; codes are the same in every language.
	english = "en"
)

// fetcher is one Fetch under way.
type fetcher struct {
	*Source

	client   *http.Client
	base     string
	maxCells int // as the publisher says; 0 until it was asked
}

// part is one answer.
type part struct {
	answer         transport.Answer
	title, updated string
	metadata       bool
}

// Fetch asks every query and emits the answers of each that is complete. Failures
// are gathered, so that one table does not cost the others.
func (s *Source) Fetch(ctx context.Context, client *http.Client, emit func(source.Document) error) error {
	f := &fetcher{Source: s, client: client, base: s.config.BaseURL}
	var failures []error
	for _, q := range s.config.Queries {
		docs, err := f.query(ctx, q)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", q.Name, err))
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

// Probe asks the smallest question that the first query allows: for a table's
// variables, or for the last period.
func (s *Source) Probe(ctx context.Context, client *http.Client) error {
	if len(s.config.Queries) == 0 {
		return nil
	}
	f := &fetcher{Source: s, client: client, base: s.config.BaseURL}
	q := s.config.Queries[0]
	if err := s.ready(q); err != nil {
		return err
	}
	switch q.Dialect {
	case PxWeb1, PxWeb2:
		_, _, err := f.variables(ctx, q)
		return err
	case Eurostat:
		axes, err := q.selections()
		if err != nil {
			return misconfigured(q, err)
		}
		_, err = f.eurostatCells(ctx, q, latestOnly(axes, q.Time))
		return err
	default:
		_, err := f.plain(ctx, q)
		return err
	}
}

// query asks q until its answers agree.
func (f *fetcher) query(ctx context.Context, q Query) ([]source.Document, error) {
	if err := f.ready(q); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		parts, err := f.parts(ctx, q)
		if err == nil {
			err = agree(parts)
		}
		var p *passing
		switch {
		case err == nil:
			return f.documents(q, parts), nil
		case !errors.As(err, &p) && !errors.Is(err, io.ErrUnexpectedEOF) || ctx.Err() != nil:
			return nil, err
		case try == setTries:
			return nil, fmt.Errorf("asked %d times: %w", setTries, err)
		}
	}
}

func (f *fetcher) parts(ctx context.Context, q Query) ([]part, error) {
	switch q.Dialect {
	case PxWeb1, PxWeb2:
		return f.pxweb(ctx, q)
	case Eurostat:
		return f.eurostat(ctx, q)
	default:
		return f.plain(ctx, q)
	}
}

// plain gets the file as it is.
func (f *fetcher) plain(ctx context.Context, q Query) ([]part, error) {
	req, err := newRequest(ctx, f.base+"/"+q.Path, nil)
	if err != nil {
		return nil, err
	}
	p, err := f.cells(req, q, nil)
	return []part{p}, err
}

// pieces asks for the cells, in halves and halves of halves where the publisher
// finds the question too big.
func pieces(ctx context.Context, q Query, axes []axis, askFor func(context.Context, Query, []axis) (part, error)) ([]part, error) {
	p, err := askFor(ctx, q, axes)
	if err == nil {
		return []part{p}, nil
	}
	if !tooMuch(err, q.Dialect) {
		return nil, err
	}
	a, b, ok := halve(axes, q.Area, q.Time)
	if !ok {
		return nil, fmt.Errorf("the question cannot be made smaller; list categories in its selections in data/jsonstat_queries.csv: %w", err)
	}
	first, err := pieces(ctx, q, a, askFor)
	if err != nil {
		return nil, err
	}
	second, err := pieces(ctx, q, b, askFor)
	return append(first, second...), err
}

// cells asks for figures and wants an answer that can be read to its end and
// holds what check says was asked for.
func (f *fetcher) cells(req *http.Request, q Query, check func(*dataset) error) (part, error) {
	got, err := ask(f.client, req)
	if err != nil {
		return part{}, err
	}
	all, err := document(got.Body)
	if err == nil && check != nil && len(all) != 1 {
		err = fmt.Errorf("there are %d data sets, asked for was one", len(all))
	}
	if err == nil && check != nil {
		err = check(&all[0])
	}
	if err != nil {
		return part{}, unreadable(got.URL, err)
	}
	p := part{answer: got, title: all[0].label, updated: all[0].updated}
	if err := f.Decode(f.document(q, p, q.view().name(1)), ignore{}); err != nil {
		return part{}, &passing{err}
	}
	return p, nil
}

// ignore is a sink for a look at whether a document can be decoded.
type ignore struct{}

// Observe does nothing.
func (ignore) Observe(*source.Observation) error { return nil }

// Reject does nothing.
func (ignore) Reject(source.Reject) {}

// agree wants all answers of a query to be of the same update.
func agree(parts []part) error {
	updated := ""
	for _, p := range parts {
		if updated != "" && p.updated != "" && p.updated != updated {
			return &passing{fault.New(fault.Upstream, p.answer.URL, "try again later, the table may be in the middle of an update",
				"the answers are inconsistent: updated is %s in one and %s in another", clip(updated), clip(p.updated))}
		}
		if p.updated != "" {
			updated = p.updated
		}
	}
	return nil
}

func (f *fetcher) documents(q Query, parts []part) []source.Document {
	v := q.view()
	var out []source.Document
	n := 0
	for _, p := range parts {
		name := v.metadataName()
		if !p.metadata {
			n++
			name = v.name(n)
		}
		out = append(out, f.document(q, p, name))
	}
	return out
}

func (f *fetcher) document(q Query, p part, name string) source.Document {
	title := p.title
	if title == "" {
		title = q.Table
	}
	return source.Document{
		Source: f.config.ID, Name: name, Title: title + " (" + f.config.Title + ")", Publisher: f.config.Publisher,
		URL: p.answer.URL, MediaType: p.answer.MediaType, Published: isoDay(p.updated), Body: p.answer.Body,
	}
}

// isoDay is the day of a time such as 2026-09-21T23:00:00+0200, on the publisher's
// clock; any other form is unknown rather than guessed at.
func isoDay(s string) string {
	day, _, _ := strings.Cut(s, "T")
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return ""
	}
	return day
}

// ready finds the mistakes in a query that can be found without asking.
func (s *Source) ready(q Query) error {
	if !slices.Contains([]Dialect{Plain, Eurostat, PxWeb1, PxWeb2}, q.Dialect) {
		return misconfigured(q, fmt.Errorf("%q is no dialect", q.Dialect))
	}
	if _, err := readName(q.view().name(1)); err != nil || q.Area != "" && q.Region != "" {
		return misconfigured(q, errors.New("it needs a table, a time dimension, and either an area dimension or the region that all of it is about"))
	}
	if q.Dialect == Plain && len(q.Selections) > 0 {
		return misconfigured(q, errors.New("a plain file has no selections; write what its address needs into the path"))
	}
	for _, other := range s.config.Queries {
		if other.Name == q.Name || other.Table != q.Table {
			continue
		}
		if other.Path != q.Path || other.Dialect != q.Dialect {
			return misconfigured(q, fmt.Errorf("query %s calls another path the same table %s, so their indicator codes would clash", other.Name, q.Table))
		}
		if (q.Dialect == PxWeb1 || q.Dialect == PxWeb2) && dimensions(q) != dimensions(other) {
			return misconfigured(q, fmt.Errorf("query %s selects other variables of table %s, so their indicator codes would clash", other.Name, q.Table))
		}
	}
	return nil
}

// dimensions is which variables of a PxWeb table are in the answer, and which of
// them are area and time.
func dimensions(q Query) string {
	var codes []string
	for _, s := range q.Selections {
		if code, _, _ := strings.Cut(s, "="); code != q.Area && code != q.Time {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return strings.Join(slices.Compact(codes), "\n") + "\n\n" + q.Area + "\n" + q.Time
}

// passing marks a failure that may be gone when asked again.
type passing struct{ error }

// Unwrap gives the failure.
func (p *passing) Unwrap() error { return p.error }

// unreadable says that an answer is none, and whether asking again may help.
func unreadable(address string, err error) error {
	if err == nil {
		return nil
	}
	var unknown *unknownCategoryError
	if errors.As(err, &unknown) {
		return mistaken(address, err)
	}
	told := fault.Wrap(fault.Upstream, err, address, "open the address in a browser and try again later", "this is not the answer to the question")
	if refused(err) {
		return told
	}
	return &passing{told}
}

// mistaken says that query and table do not fit.
func mistaken(address string, err error) error {
	return fault.Wrap(fault.Upstream, err, address, "compare the query in data/jsonstat_queries.csv with the table", "the table is not what the query expects")
}

// misconfigured says what is wrong with a query whatever the publisher has.
func misconfigured(q Query, err error) error {
	return fault.Wrap(fault.Definition, err, "data/jsonstat_queries.csv", "correct the row", "query "+q.Name)
}
