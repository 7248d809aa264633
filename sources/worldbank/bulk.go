package worldbank

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"citystats/sources/source"
	"citystats/sources/transport"
)

// BulkID is the key of the bulk files in data/sources.csv; their publisher is the
// World Bank like that of the other source.
const BulkID = "worldbank_bulk"

// BulkConfig says what is wanted.
type BulkConfig struct {
	BaseURL string   // scheme and host; empty means the World Bank's own
	Series  []string // indicator codes of the World Development Indicators
}

// Bulk is the World Bank's files for downloading: one ZIP archive of CSV files
// per indicator, with all countries, aggregates and years.
//
// The figures are those that [Source] gets row by row. It is worth having for
// whoever wants the whole world: one request for an indicator instead of pages
// that may not fit each other, a checksum over all of it, and the date of the
// database in the same bytes as the figures. It does not tell estimates from
// other figures, as obs_status does.
//
// One archive is one Document with the exact bytes, named indicator/CODE/csv and
// published on the "Last Updated Date" that is in it. Decode reads the archive as
// a stream and nothing of it twice; members are read to their end, where their
// checksum is, and not beyond 64 MiB: an archive can claim any size. All three
// members must be there and whole. The description of the indicator must be of
// the one that was asked for, and the data of the World Development Indicators,
// since the same code can be in several databases with different figures.
type Bulk struct{ config BulkConfig }

// NewBulk makes the source. Without series it has nothing to ask.
func NewBulk(c BulkConfig) *Bulk {
	if c.BaseURL == "" {
		c.BaseURL = defaultBase
	}
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	c.Series = slices.Clone(c.Series)
	return &Bulk{c}
}

// Info describes the source.
func (b *Bulk) Info() source.Info {
	info := source.Info{ID: BulkID, Title: "World Bank, World Development Indicators, bulk files", Generation: 1}
	if u, err := url.Parse(b.config.BaseURL); err == nil { // an address that is none has no host, and every request is refused
		info.Hosts = []string{u.Host}
	}
	return info
}

// Place is where row n is.
func (b *Bulk) Place(n int) string { return fmt.Sprintf("row %d below the header of API_*.csv", n) }

// Probe asks for the archive of the first wanted series: there is nothing smaller.
func (b *Bulk) Probe(ctx context.Context, client *http.Client) error {
	if len(b.config.Series) == 0 {
		return nil
	}
	_, err := b.get(ctx, client, b.config.Series[0])
	return err
}

// Fetch asks for each archive and emits those that are whole. Failures are
// gathered, so that one indicator does not cost the others.
func (b *Bulk) Fetch(ctx context.Context, client *http.Client, emit func(source.Document) error) error {
	var failures []error
	for _, code := range b.config.Series {
		doc, err := b.get(ctx, client, code)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", bulkName(code), err))
			if ctx.Err() != nil || transport.Unreachable(err) {
				break
			}
			continue
		}
		if err := emit(doc); err != nil {
			return err
		}
	}
	return errors.Join(failures...)
}

// get asks for one archive and looks through it.
func (b *Bulk) get(ctx context.Context, client *http.Client, code string) (source.Document, error) {
	got, err := transport.Get(ctx, client, b.config.BaseURL+"/v2/en/indicator/"+url.PathEscape(code)+"?downloadformat=csv")
	if err != nil {
		return source.Document{}, err
	}
	doc := source.Document{Source: BulkID, Name: bulkName(code), Publisher: ID, URL: got.URL, MediaType: got.MediaType, Body: got.Body}
	about, err := readBulk(doc, code, func(*sheet) error { return nil })
	doc.Title = about.title + " (World Bank, World Development Indicators, bulk file)"
	doc.Published = isoDay(about.lastUpdated)
	return doc, err
}

const (
	bulkPrefix = "indicator/"
	bulkSuffix = "/csv"
)

func bulkName(code string) string { return bulkPrefix + url.PathEscape(code) + bulkSuffix }

// bulkCode is the indicator that a document's name says it is about.
func bulkCode(name string) (string, error) {
	code, found := strings.CutPrefix(name, bulkPrefix)
	code, ended := strings.CutSuffix(code, bulkSuffix)
	code, err := url.PathUnescape(code)
	if !found || !ended || err != nil || code == "" {
		return "", fmt.Errorf("the document's name is not of the form %sNY.GDP.MKTP.CD%s, which would say which indicator it is about", bulkPrefix, bulkSuffix)
	}
	return code, nil
}
