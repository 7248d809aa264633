//go:build duckdb_arrow

package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/normalise"
	"citystats/sources"
	"citystats/sources/source"
	"citystats/sources/table"
)

func (a *app) sourceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "source", Short: "Look at documents through a source",
		Example: "  citystats source preview export.xls",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.previewCommand())
	return cmd
}

func (a *app) previewCommand() *cobra.Command {
	var sourceID, published string
	cmd := &cobra.Command{
		Use:   "preview FILE",
		Short: "Show what a document would bring in, and load nothing",
		Long: `Reads a downloaded document as citystats import would: the source decodes it and
the definitions give each figure its region, indicator and unit. Then it shows
what would be read and what would be rejected, each with its place in the
document. Nothing is archived and no state folder is needed.

For the source "table" it also says which book of data/books each sheet is of.
--published matters to sources whose documents hold several vintages.`,
		Example: "  citystats source preview export.xls\n  citystats source preview NY.GDP.MKTP.CN.json --source worldbank --format csv",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			catalog, err := a.catalog()
			if err != nil {
				return err
			}
			all, err := sources.All(catalog, os.Getenv)
			if err != nil {
				return err
			}
			src, doc, err := openDocument(args[0], sourceID, catalog, all)
			if err != nil {
				return err
			}
			if published != "" {
				if err := checkPublished(published); err != nil {
					return err
				}
				doc.Published = published
			}
			p := newPreview(catalog, src)
			if err := src.Decode(doc, p); err != nil {
				return err
			}
			return a.tellPreview(p, doc, booksOf(src, doc))
		},
	}
	cmd.Flags().StringVar(&sourceID, "source", table.ID, "source whose form the document has")
	cmd.Flags().StringVar(&published, "published", "", "publication date: 2026-07-13, 2026-07 or 2026")
	return cmd
}

// booksOf says of which book each sheet is, for the source that has books.
func booksOf(src source.Source, doc source.Document) []table.Found {
	if t, ok := src.(*table.Source); ok {
		return t.Recognise(doc.Body)
	}
	return nil
}

// preview is a sink that shows what a load would make of each record.
type preview struct {
	src                     source.Source
	normaliser              *normalise.Normaliser
	regions                 map[string]data.Region
	indicators              map[string]data.Indicator
	units                   map[string]data.Unit
	grid                    grid
	read, rejected, outside int
}

func newPreview(catalog *data.Catalog, src source.Source) *preview {
	p := &preview{
		src: src, normaliser: normalise.New(catalog, src.Info().ID),
		regions: map[string]data.Region{}, indicators: map[string]data.Indicator{}, units: catalog.Units,
		grid: grid{columns: []column{
			{"place", "Place", false},
			{"outcome", "Would be", false},
			{"region", "Region", false},
			{"region_code", "", false},
			{"indicator", "Indicator", false},
			{"period", "Period", false},
			{"value", "Value", true},
			{"unit", "Unit", false},
			{"status", "Status", false},
			{"qualifier", "", false},
			{"confidence", "", false},
			{"origin", "", false},
			{"note", "", false},
			{"reason", "Reason", false},
			{"text", "", false},
			{"record", "", true},
		}},
	}
	for _, r := range catalog.Regions {
		p.regions[r.Code] = r
	}
	for _, i := range catalog.Indicators {
		p.indicators[i.ID] = i
	}
	return p
}

// Observe shows the figure as it would be loaded, or as its publisher states it
// when it would not be.
func (p *preview) Observe(o *source.Observation) error {
	f, err := p.normaliser.Figure(o)
	said := []cell{
		shown(o.Region), shown(""), shown(o.Indicator), shown(o.Period), shown(o.Value), shown(o.Unit), shown(statusNames[o.Status]),
		shown(qualifierNames[o.Qualifier]), shown(confidenceNames[o.Confidence]), shown(o.Origin), shown(o.Note),
	}
	switch {
	case errors.Is(err, normalise.ErrOutside):
		p.outside++
		p.add("outside", o.Record, said, "", "")
		return nil
	case err != nil:
		p.rejected++
		p.add("rejected", o.Record, said, err.Error(), strconv.FormatFloat(o.Value, 'f', -1, 64))
		return nil
	}
	p.read++
	indicator := p.indicators[f.Indicator]
	decimals := indicator.Decimals
	if o.Qualifier != source.Exact {
		decimals = -1 // "over 13", as it was printed: digits would claim more than was said
	}
	said[0], said[1], said[2], said[3] = shown(p.regions[f.Region].NameEN), shown(f.Region), shown(f.Indicator), shown(f.Period.String())
	said[4] = cell{f.Value, bounds[qualifierNames[o.Qualifier]] + number(f.Value, decimals)}
	said[5] = cell{indicator.Unit, p.units[indicator.Unit].SymbolEN}
	p.add("read", o.Record, said, "", "")
	return nil
}

// Reject shows what could not be read.
func (p *preview) Reject(r source.Reject) {
	p.rejected++
	nothing := make([]cell, 11)
	p.add("rejected", r.Record, nothing, r.Reason, r.Text)
}

func (p *preview) add(outcome string, record int, said []cell, reason, text string) {
	p.grid.add(slices.Concat([]cell{shown(p.src.Place(record)), shown(outcome)}, said, []cell{shown(reason), shown(text), shown(record)})...)
}

// How statuses, qualifiers and confidences are written in the project's files.
var (
	statusNames = map[source.Status]string{
		source.Target: "target", source.Forecast: "forecast", source.Derived: "derived",
		source.Preliminary: "preliminary", source.Revised: "revised", source.Final: "final",
	}
	qualifierNames  = map[source.Qualifier]string{source.About: "about", source.Over: "over", source.Under: "under"}
	confidenceNames = map[source.Confidence]string{source.High: "high", source.Medium: "medium", source.Low: "low"}
)

func (a *app) tellPreview(p *preview, doc source.Document, books []table.Found) error {
	switch a.format {
	case "json":
		found := make([]object, len(books))
		for i, b := range books {
			found[i] = object{{"sheet", b.Sheet}, {"book", b.Book}, {"title", b.Title}}
		}
		return writeJSON(a.out, object{
			{"source", doc.Source},
			{"title", doc.Title},
			{"publisher", doc.Publisher},
			{"published", doc.Published},
			{"books", found},
			{"read", p.read},
			{"rejected", p.rejected},
			{"outside", p.outside},
			{"records", p.grid.objects()},
		})
	case "csv":
		return p.grid.csv(a.out)
	}
	for _, b := range books {
		fmt.Fprintf(a.out, "Sheet '%s' is of the book %s: %s\n", b.Sheet, b.Book, b.Title)
	}
	if err := p.grid.table(a.out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.out, "\n%d figures would be read, %d records rejected, %d are outside the definitions. Nothing was loaded.\n", p.read, p.rejected, p.outside)
	return err
}

// openDocument reads a file as the document of a source.
func openDocument(path, sourceID string, catalog *data.Catalog, all []source.Source) (source.Source, source.Document, error) {
	i := slices.IndexFunc(all, func(s source.Source) bool { return s.Info().ID == sourceID })
	if i < 0 {
		return nil, source.Document{}, fault.New(fault.Usage, "", "see citystats sources", "source %q is not known", sourceID)
	}
	doc, err := describe(path, all[i], catalog)
	return all[i], doc, err
}
