package dbnomics

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/transport"
)

// maxIDs is how many characters of ids go into one address.
const maxIDs = 1500

// Fetch asks for all series, data set by data set. Failures are gathered, so that
// one series does not cost the others.
func (s *Source) Fetch(ctx context.Context, client *http.Client, emit func(source.Document) error) error {
	var failures []error
	for _, wanted := range questions(s.config.Series) {
		docs, err := s.question(ctx, client, wanted)
		for _, d := range docs {
			if err := emit(d); err != nil {
				return err
			}
		}
		if err == nil {
			continue
		}
		failures = append(failures, err)
		if ctx.Err() != nil || transport.Unreachable(err) {
			break
		}
	}
	return errors.Join(failures...)
}

// questions groups neighbours of one data set, as many as an address has room for.
func questions(series []Series) (groups [][]Series) {
	room := 0
	for i, s := range series {
		if room -= len(s.ID) + 1; i == 0 || room < 0 || s.dataset() != series[i-1].dataset() {
			groups = append(groups, nil)
			room = maxIDs - len(s.ID)
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], s)
	}
	return groups
}

// question asks for series together. It gives what was found even when there is
// an error about the others.
func (s *Source) question(ctx context.Context, client *http.Client, wanted []Series) ([]source.Document, error) {
	found, problems, err := s.pages(ctx, client, wanted)
	var status transport.StatusError
	if errors.As(err, &status) && status == http.StatusNotFound && len(wanted) > 1 {
		return s.oneByOne(ctx, client, wanted)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", wanted[0].dataset(), err)
	}
	var docs []source.Document
	var failures []error
	for _, w := range wanted {
		if d, ok := found[w.ID]; ok {
			docs = append(docs, d)
			continue
		}
		failures = append(failures, s.absent(w.ID, problems))
	}
	return docs, errors.Join(failures...)
}

func (s *Source) oneByOne(ctx context.Context, client *http.Client, wanted []Series) (docs []source.Document, err error) {
	for i := range wanted {
		found, failure := s.question(ctx, client, wanted[i:i+1])
		docs, err = append(docs, found...), errors.Join(err, failure)
		if ctx.Err() != nil {
			break
		}
	}
	return docs, err
}

// absent is the error about a series that was asked for and did not come.
func (s *Source) absent(id string, problems []problem) error {
	why := "the answer neither has it nor says why"
	if i := slices.IndexFunc(problems, func(p problem) bool { return p.about(id) }); i >= 0 {
		why = "DBnomics says: " + clip([]byte(problems[i].Message))
	} else if i := slices.IndexFunc(problems, func(p problem) bool { return p.Provider == "" }); i >= 0 {
		why = "DBnomics says: " + clip([]byte(problems[i].Message))
	}
	return fault.New(fault.Upstream, s.config.BaseURL+"/v22/series/"+id, "compare the code in data/source_series.csv with https://db.nomics.world", "the series is not there: %s", why)
}

// pages asks page after page until all is told. Series may come twice; the later
// time counts.
func (s *Source) pages(ctx context.Context, client *http.Client, wanted []Series) (found map[string]source.Document, problems []problem, err error) {
	found = map[string]source.Document{}
	for offset := 0; ; {
		got, err := transport.Get(ctx, client, s.address(wanted, offset))
		if err != nil {
			return nil, nil, err
		}
		page, err := read(got.URL, got.Body)
		if err != nil {
			return nil, nil, err
		}
		problems = append(problems, page.Errors...)
		if page.Series == nil {
			return found, append(problems, problem{Message: page.Message}), nil
		}
		if *page.Series.Offset != offset {
			return nil, nil, inconsistent(got.URL, "asked for series from %d on, it has those from %d on", offset, *page.Series.Offset)
		}
		for _, d := range page.docs {
			if !slices.ContainsFunc(wanted, func(w Series) bool { return w.ID == d.id() }) {
				return nil, nil, inconsistent(got.URL, "it has the series %s, which was not asked for", clip([]byte(d.id())))
			}
			found[d.id()] = source.Document{
				Source: ID, Name: d.id(), Title: d.title(), Publisher: ID, URL: got.URL, MediaType: got.MediaType, Published: d.published(), Body: got.Body,
			}
		}
		offset += len(page.docs)
		if offset >= *page.Series.NumFound {
			return found, problems, nil
		}
		if len(page.docs) == 0 || offset > 2*len(wanted) {
			return nil, nil, inconsistent(got.URL, "%d series came, and num_found still says %d", offset, *page.Series.NumFound)
		}
	}
}

func (s *Source) address(wanted []Series, offset int) string {
	var ids []string
	for _, w := range wanted {
		ids = append(ids, escaped(w.ID))
	}
	return fmt.Sprintf("%s/v22/series?series_ids=%s&observations=1&limit=%d&offset=%d", s.config.BaseURL, strings.Join(ids, ","), s.config.PerPage, offset)
}

// escaped leaves the slashes of an id alone; colons and at signs occur in codes.
func escaped(id string) string { return strings.ReplaceAll(url.QueryEscape(id), "%2F", "/") }

func inconsistent(where, format string, args ...any) error {
	return fault.New(fault.Upstream, where, "try again later, the collection may be in the middle of an update",
		"the answer is not to the question: %s", fmt.Sprintf(format, args...))
}
