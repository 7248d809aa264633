//go:build duckdb_arrow

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"citystats/internal/fault"
	"citystats/pipeline/provenance"
	"citystats/sources"
)

// explained is what explain was asked for.
type explained struct {
	provenance.Question

	document string
	claim    string
	chart    string
	of       string // region of the chart
	lang     string
	sql      bool
}

func (a *app) explainCommand() *cobra.Command {
	var q explained
	cmd := &cobra.Command{
		Use:   "explain REGION INDICATOR PERIOD | ID | --chart ID PERIOD [COLUMN]",
		Short: "Say where a number comes from: its SQL, its inputs, the documents and the places in them",
		Long: `Traces a number to the documents it stands on. Each figure is looked up again: the
archived document is opened by its SHA-256, its record is read and converted once
more, and the outcome is held against what is stored. A figure that does not come
out the same is printed as NOT VERIFIED, and the exit code says so.

Names may be English, Chinese or codes. These name a number:

  REGION INDICATOR PERIOD            the figure that the comparisons use
    --all                            each vintage of each origin
    --against BENCHMARK              a cell of compare, with its gap
  REGION gdp_growth_real 2013/2022   average growth over years
  REGION --window WINDOW             the same, by the window's name
  DOCUMENT_ID:RECORD                 any row of any output that has these columns
  TABLE:KEY:KEY                      a row of a table, as this command names rows
  --claim ID or ID:READING           the verdict of a claim, by its natural reading or another
  --chart ID PERIOD [COLUMN]         a point of a chart, by the period (or place, day, reading)
                                     and the column of its CSV; --region and --against as drawn
  --document SHA256                  all figures of a document (or its document_id)

--as-of explains what one would have read on that day. --format markdown gives a
footnote to paste, in English or Chinese; --sql also prints the whole statement
and the definitions of the tables it asks.`,
		Example: `  citystats explain hefei gdp 2018
  citystats explain 合肥 城镇居民人均可支配收入 2021 --against national_urban
  citystats explain hefei gdp 2018 --all
  citystats explain hefei --window decade_bridged --against national
  citystats explain hefei gdp_growth_real 2019/2022
  citystats explain 71:2 --format markdown --lang zh
  citystats explain article_comparison:340100:3
  citystats explain --claim growth_above_8
  citystats explain --chart growth_gap 2013 gap_points
  citystats explain hefei gdp 2018 --as-of 2023-08-05 --sql`,
		Args:        cobra.MaximumNArgs(3),
		Annotations: map[string]string{"formats": "table json markdown"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.explain(cmd.Context(), q, args)
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.Against, "against", "", "explain the comparison with this benchmark")
	f.StringVar(&q.Window, "window", "", "explain the average growth of this window")
	f.StringVar(&q.AsOf, "as-of", "", "explain what one would have read on this day, as 2023-08-05")
	f.BoolVar(&q.All, "all", false, "explain every vintage of every origin")
	f.StringVar(&q.document, "document", "", "explain every figure of a document, by SHA-256 or document_id")
	f.StringVar(&q.claim, "claim", "", "explain the verdict of a claim: its id, or ID:READING")
	f.StringVar(&q.chart, "chart", "", "explain a point of this chart")
	f.StringVar(&q.of, "region", "", "region that the chart is drawn of; its own when left out")
	f.StringVar(&q.lang, "lang", "en", "language of a footnote: en or zh")
	f.BoolVar(&q.sql, "sql", false, "also print the whole statement and the definitions of its tables")
	return cmd
}

// arguments says which of the forms was used.
func (q *explained) arguments(args []string) (id string, err error) {
	usage := func(format string, args ...any) error {
		return fault.New(fault.Usage, "", "see citystats explain --help", format, args...)
	}
	if q.lang != string(provenance.English) && q.lang != string(provenance.Chinese) {
		return "", fault.New(fault.Usage, "", "write en or zh", "--lang is %q", q.lang)
	}
	if q.of != "" && q.chart == "" {
		return "", usage("--region goes with --chart; a figure's region is the first word")
	}
	switch {
	case q.chart != "":
		if len(args) < 1 || len(args) > 2 || q.Window != "" || q.All || q.document != "" || q.claim != "" {
			return "", usage("a point of a chart is named by --chart ID PERIOD, or with a column of its CSV after the period")
		}
		return "", nil
	case q.All && (q.Against != "" || q.Window != ""):
		return "", usage("--all lists vintages of a figure; a comparison or a window has none")
	case q.document != "":
		if len(args) > 0 || q.Against != "" || q.Window != "" || q.AsOf != "" || q.All {
			return "", usage("--document goes with nothing else: a document does not change")
		}
		return "", nil
	case q.claim != "":
		if len(args) > 0 || q.Against != "" || q.Window != "" || q.AsOf != "" || q.All {
			return "", usage("--claim goes with nothing else: citystats claims has --as-of")
		}
		return "", nil
	case len(args) == 1 && q.Window != "":
		q.Region = args[0]
		return "", nil
	case len(args) == 1 && strings.Contains(args[0], ":"):
		if q.Against != "" || q.All {
			return "", usage("the id %s names one row: --against and --all go with REGION INDICATOR PERIOD", args[0])
		}
		return args[0], nil
	case len(args) == 3 && q.Window == "":
		q.Region, q.Indicator, q.Period = args[0], args[1], args[2]
		return "", nil
	}
	return "", usage("a number is named by REGION INDICATOR PERIOD, by REGION with --window, by an id such as 71:2, by --claim, by --chart or by --document")
}

func (a *app) explain(ctx context.Context, q explained, args []string) error {
	id, err := q.arguments(args)
	if err != nil {
		return err
	}
	e, done, err := a.explainer(ctx)
	if err != nil {
		return err
	}
	defer done()
	if q.document != "" {
		return a.explainDocument(ctx, e, q)
	}
	var x *provenance.Explanation
	switch {
	case q.chart != "":
		x, err = a.point(ctx, e, q, args)
	case q.claim != "":
		claim, reading, _ := strings.Cut(q.claim, ":")
		x, err = e.Claim(ctx, claim, reading)
	case id != "":
		x, err = e.Reference(ctx, id, q.AsOf)
	default:
		x, err = e.Figure(ctx, q.Question)
	}
	if err != nil {
		return err
	}
	return errors.Join(a.tellExplanation(e, x, q), x.Err())
}

// explainer explains the live release until the caller is done.
func (a *app) explainer(ctx context.Context) (e *provenance.Explainer, done func(), err error) {
	catalog, set, err := a.definitions()
	if err != nil {
		return nil, nil, err
	}
	all, err := sources.All(catalog, os.Getenv)
	if err != nil {
		return nil, nil, err
	}
	r, m, err := a.reader(ctx)
	if err != nil {
		return nil, nil, err
	}
	e = &provenance.Explainer{Release: m.ID, Reader: r, Queries: set, Catalog: catalog, Sources: all, Archive: filepath.Join(a.state, "archive")}
	return e, func() { _ = r.Close() }, nil // it was only read
}

func (a *app) tellExplanation(e *provenance.Explainer, x *provenance.Explanation, q explained) error {
	switch a.format {
	case "json":
		return writeJSON(a.out, x)
	case "markdown":
		_, err := fmt.Fprint(a.out, e.Footnotes(x, provenance.Language(q.lang)))
		return err
	}
	if err := a.tellRows(e, x); err != nil {
		return err
	}
	for _, remark := range x.Remarks {
		fmt.Fprintln(a.out, "\n"+remark+".")
	}
	if q.sql {
		for _, r := range x.Rows {
			fmt.Fprintf(a.out, "\n-- the statement that gives %s\n%s;\n", r.ID, r.SQL)
		}
		for _, m := range x.Models {
			fmt.Fprintf(a.out, "\n-- %s: %s\n%s\n", m.File, m.Title, m.SQL)
		}
	}
	return nil
}

// explainDocument tells all that was read from a document.
func (a *app) explainDocument(ctx context.Context, e *provenance.Explainer, q explained) error {
	found, err := e.Document(ctx, q.document)
	if err != nil {
		return err
	}
	problems := make([]error, 0, len(found))
	for _, w := range found {
		problems = append(problems, w.Figures.Err())
	}
	switch a.format {
	case "json":
		err = writeJSON(a.out, found)
	case "markdown":
		for _, w := range found {
			_, bad := fmt.Fprint(a.out, e.Footnotes(w.Figures, provenance.Language(q.lang)))
			err = errors.Join(err, bad)
		}
	default:
		for i, w := range found {
			if i > 0 {
				fmt.Fprintln(a.out)
			}
			err = errors.Join(err, a.tellDocument(w))
		}
	}
	return errors.Join(err, errors.Join(problems...))
}
