package fred

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/transport"
)

// The most rows the API gives at once.
const (
	maxObservations = 100000
	maxVintages     = 10000
)

// The last part of a document's name.
const (
	aboutSuffix  = "/series"
	valuesSuffix = "/observations"
)

// Fetch asks for every vintage of every series.
func (s *Source) Fetch(ctx context.Context, client *http.Client, emit func(source.Document) error) error {
	if len(s.series) == 0 {
		return nil
	}
	if err := s.ready(); err != nil {
		return err
	}
	a := asker{s, s.client(client)}
	var failures []error
	for _, series := range s.series {
		err := a.vintages(ctx, series, emit)
		var stop *stopped
		if errors.As(err, &stop) {
			return stop.err
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", series.ID, err))
		}
		if err != nil && (ctx.Err() != nil || transport.Unreachable(err) || final(err)) {
			break
		}
	}
	return errors.Join(failures...)
}

// stopped carries emit's own error past those of the publisher.
type stopped struct{ err error }

func (s *stopped) Error() string { return s.err.Error() }

// asker asks questions with the key.
type asker struct {
	*Source

	client *http.Client
}

// vintages emits the documents of each day on which the series changed.
func (a asker) vintages(ctx context.Context, series Series, emit func(source.Document) error) error {
	days, err := a.days(ctx, series.ID)
	if err != nil {
		return err
	}
	for _, day := range slices.Backward(days) {
		docs, err := a.day(ctx, series, day)
		if err != nil {
			return err
		}
		for _, d := range docs {
			if err := emit(d); err != nil {
				return &stopped{err}
			}
		}
	}
	return nil
}

// days lists the vintages of a series, oldest first.
func (a asker) days(ctx context.Context, id string) (days []string, err error) {
	for {
		got, err := a.ask(ctx, "series/vintagedates", "series_id", id, "limit", strconv.Itoa(maxVintages), "offset", strconv.Itoa(len(days)))
		if err != nil {
			return nil, err
		}
		page, err := readVintageDates(got.URL, got.Body)
		if err != nil {
			return nil, err
		}
		if *page.Offset != len(days) || len(days) > 0 && len(page.Dates) > 0 && page.Dates[0] <= days[len(days)-1] {
			return nil, inconsistent(got.URL, "the page from %d on does not follow the one before", len(days))
		}
		days = append(days, page.Dates...)
		if len(days) >= *page.Count {
			return days, nil
		}
	}
}

// day is the description of the series on that day and, when it is as
// configured, the pages of its figures.
func (a asker) day(ctx context.Context, series Series, day string) ([]source.Document, error) {
	got, err := a.ask(ctx, "series", "series_id", series.ID, "realtime_start", day, "realtime_end", day)
	if err != nil {
		return nil, err
	}
	about, err := readDescription(got.URL, got.Body)
	if err != nil {
		return nil, err
	}
	if about.ID != series.ID || !about.covers(day, day) {
		return nil, inconsistent(got.URL, "it describes %s from %s to %s", clip([]byte(about.ID)), about.Start, about.End)
	}
	name := url.PathEscape(series.ID) + "/" + day
	docs := []source.Document{document(got, name+aboutSuffix)}
	if series.differs(about) == "" {
		pages, err := a.figures(ctx, series, name, day)
		if err != nil {
			return nil, err
		}
		docs = append(docs, pages...)
	}
	for i := range docs {
		docs[i].Title, docs[i].Published = about.Title+" (FRED, "+series.ID+")", day
	}
	return docs, nil
}

// differs says how a description is not what is configured. Of a series about
// which nothing is configured the figures are archived, and rejected when decoded.
func (s Series) differs(d description) string {
	if s.Units != "" && spelled(d.Units) != spelled(s.Units) {
		return fmt.Sprintf("the units are %q that day, not %q: its figures are left out", clip([]byte(d.Units)), s.Units)
	}
	if s.Frequency != "" && d.Frequency != s.Frequency {
		return fmt.Sprintf("the frequency is %q that day, not %q: its figures are left out", clip([]byte(d.Frequency)), s.Frequency)
	}
	return ""
}

// spelled is units without what FRED writes now one way, now another: case, full
// stops, commas and spaces. Words, numbers and signs are the units.
func spelled(units string) string {
	return strings.Join(strings.Fields(strings.ToLower(strings.NewReplacer(".", "", ",", " ").Replace(units))), " ")
}

// figures asks for all pages of a day and checks that they are one answer.
func (a asker) figures(ctx context.Context, series Series, name, day string) (docs []source.Document, err error) {
	total, rows := 0, 0
	for n := 1; n == 1 || rows < total; n++ {
		got, err := a.ask(ctx, "series/observations", "series_id", series.ID, "realtime_start", day, "realtime_end", day,
			"limit", strconv.Itoa(maxObservations), "offset", strconv.Itoa(rows))
		if err != nil {
			return nil, err
		}
		page, err := readObservations(got.URL, got.Body)
		if err != nil {
			return nil, err
		}
		if n == 1 {
			total = *page.Count
		}
		if *page.Offset != rows || *page.Count != total || !page.covers(day, day) || n > 1 && len(page.Rows) == 0 {
			return nil, inconsistent(got.URL, "asked for rows from %d of %d on %s, it has rows from %d of %d from %s to %s",
				rows, total, day, *page.Offset, *page.Count, page.Start, page.End)
		}
		rows += len(page.Rows)
		doc := document(got, name+valuesSuffix)
		if n > 1 {
			doc.Name += "/page-" + strconv.Itoa(n)
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

func document(got transport.Answer, name string) source.Document {
	return source.Document{Source: ID, Name: name, Publisher: ID, URL: got.URL, MediaType: got.MediaType, Body: got.Body}
}

func inconsistent(where, format string, args ...any) error {
	return fault.New(fault.Upstream, where, "try again later, the series may be in the middle of an update",
		"the answer is not to the question: %s", fmt.Sprintf(format, args...))
}

// ask puts one question. Neither the answer's fields nor the error hold the key.
func (a asker) ask(ctx context.Context, path string, parameters ...string) (transport.Answer, error) {
	var query strings.Builder
	for i := 0; i < len(parameters); i += 2 {
		query.WriteString(parameters[i] + "=" + url.QueryEscape(parameters[i+1]) + "&")
	}
	got, err := transport.Get(ctx, a.client, a.base+"/fred/"+path+"?"+query.String()+"file_type=json")
	if err != nil {
		return got, a.key.clean(err)
	}
	if a.key.in([]byte(got.MediaType), got.Body) {
		return transport.Answer{}, fault.New(fault.Upstream, got.URL, "tell the St. Louis Fed, and get another key from "+keyAddress,
			"the answer repeats the key, so it cannot be archived")
	}
	return got, nil
}
