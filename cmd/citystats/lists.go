//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline"
	"citystats/pipeline/ledger"
	"citystats/pipeline/release"
	"citystats/sources/bundled"
	"citystats/sources/source"
	"citystats/sources/table"
	"citystats/transforms/period"
)

func (a *app) indicatorsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "indicators [NAME]", Short: "List the indicators, or explain one",
		Example: "  citystats indicators\n  citystats indicators 城镇居民人均可支配收入 --format json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			catalog, err := a.catalog()
			if err != nil {
				return err
			}
			return a.definitionsOf(catalog, "indicators", "id", catalog.IndicatorIndex().Find, args,
				[]column{{"id", "Indicator", false}, {"title_en", "Title", false}, {"title_zh", "中文", false}, {"unit", "Unit", false}, {"price_basis", "Prices", false}, {"population_scope", "Population", false}, {"numerator", "Numerator", false}})
		},
	}
}

func (a *app) regionsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "regions [NAME]", Short: "List the regions, or explain one",
		Example: "  citystats regions\n  citystats regions 合肥",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			catalog, err := a.catalog()
			if err != nil {
				return err
			}
			return a.definitionsOf(catalog, "regions", "code", catalog.RegionIndex().Find, args,
				[]column{{"code", "Code", false}, {"name_en", "Name", false}, {"name_zh", "中文", false}, {"level", "Level", false}, {"parent", "Parent", false}, {"valid_to", "Valid to", false}})
		},
	}
}

// definitionsOf lists a definition table; with a name, one row as key and value.
func (a *app) definitionsOf(catalog *data.Catalog, table, key string, find func(string) (string, error), args []string, heads []column) error {
	t, _ := catalog.Table(table)
	if len(args) == 1 {
		k, err := find(args[0])
		if err != nil {
			return fault.New(fault.Usage, "", "", "%s", err.Error())
		}
		return a.print(oneRow(t, key, k))
	}
	// What people see comes first, in their order; machines get every column.
	g := &grid{columns: heads}
	var order []int
	for _, h := range heads {
		order = append(order, slices.IndexFunc(t.Schema.Columns, func(c data.Column) bool { return c.Name == h.key }))
	}
	for i, c := range t.Schema.Columns {
		if !slices.Contains(order, i) {
			order = append(order, i)
			g.columns = append(g.columns, column{key: c.Name})
		}
	}
	for _, r := range t.Rows {
		cells := make([]cell, len(order))
		for i, from := range order {
			cells[i] = definition(r[from])
		}
		g.add(cells...)
	}
	return a.print(g)
}

func definition(v any) cell {
	if d, ok := v.(period.Day); ok {
		return cell{d.Time(), d.String()}
	}
	if v == nil {
		return cell{nil, ""}
	}
	return shown(v)
}

func oneRow(t data.Table, keyColumn, key string) *grid {
	g := &grid{columns: []column{{"field", "Field", false}, {"value", "Value", false}}}
	k := slices.IndexFunc(t.Schema.Columns, func(c data.Column) bool { return c.Name == keyColumn })
	for _, r := range t.Rows {
		if r[k] != key {
			continue
		}
		for i, c := range t.Schema.Columns {
			g.add(shown(c.Name), definition(r[i]))
		}
	}
	return g
}

func (a *app) sourcesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "sources", Short: "List the sources and how each stands", Example: "  citystats sources",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			p, err := a.pipeline()
			if err != nil {
				return err
			}
			events, err := ledger.Read(a.state)
			if err != nil {
				return err
			}
			g := &grid{columns: []column{
				{"id", "Source", false},
				{"title", "Title", false},
				{"last_good_at", "Last good answer", false},
				{"last_tried_at", "Last asked", false},
				{"allowance_days", "Allowance", true},
				{"state", "State", false},
				{"schedule", "Schedule", false},
				{"time_zone", "", false},
				{"licence", "", false},
				{"url", "", false},
				{"last_error", "Last error", false},
			}}
			for _, s := range p.Catalog.Sources {
				h := pipeline.Health(p, events, s.ID)
				state := "good"
				switch {
				case h.Stale:
					state = "stale"
				case h.LastError != "":
					state = "failed"
				case h.LastTriedAt.IsZero():
					state = "not asked yet"
				}
				g.add(shown(s.ID), shown(s.TitleEN), timeCell(h.LastGoodAt), timeCell(h.LastTriedAt), cell{s.AllowanceDays, fmt.Sprintf("%d days", s.AllowanceDays)},
					shown(state), cell{s.Cron, s.Cron + " " + s.TimeZone}, shown(s.TimeZone), shown(s.Licence), shown(s.URL), shown(h.LastError))
			}
			return a.print(g)
		},
	}
}

func timeCell(t time.Time) cell {
	if t.IsZero() {
		return cell{nil, "—"}
	}
	t = t.UTC().Truncate(time.Second)
	return cell{t.Format(time.RFC3339), t.Format("2006-01-02 15:04:05Z")}
}

func (a *app) runsCommand() *cobra.Command {
	last := 20
	cmd := &cobra.Command{
		Use: "runs", Short: "List the latest runs, from the ledger", Example: "  citystats runs --last 5",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if last < 1 {
				return fault.New(fault.Usage, "", "give 1 or more", "--last is %d", last)
			}
			events, err := ledger.Read(a.state)
			if err != nil {
				return err
			}
			runs := ledger.Runs(events)
			g := &grid{columns: []column{
				{"run", "Run", false},
				{"command", "Command", false},
				{"started_at", "Started", false},
				{"finished_at", "Finished", false},
				{"exit_code", "Exit", true},
				{"documents", "Documents", true},
				{"new_documents", "of them new", true},
				{"new", "New", true},
				{"changed", "Changed", true},
				{"unchanged", "Unchanged", true},
				{"rejected", "Rejected", true},
				{"failed", "Failed", true},
				{"release", "Release", false},
				{"error", "", false},
			}}
			for _, r := range runs[max(len(runs)-last, 0):] {
				exit := cell{nil, "killed or still running"}
				if r.Exit != nil {
					exit = shown(*r.Exit)
				}
				c := r.Counts
				g.add(shown(r.ID), shown(r.Command), timeCell(r.StartedAt), timeCell(r.FinishedAt), exit, shown(c.Documents), shown(c.NewDocuments),
					shown(c.New), shown(c.Changed), shown(c.Unchanged), shown(c.Rejected), shown(c.FailedDocs), shown(r.Release), shown(r.Error))
			}
			return a.print(g)
		},
	}
	cmd.Flags().IntVar(&last, "last", last, "how many runs")
	return cmd
}

func (a *app) releasesCommand() *cobra.Command {
	rollback := ""
	cmd := &cobra.Command{
		Use: "releases", Short: "List the releases, or point back at an earlier one",
		Long: `Lists the releases that are kept; the live one is marked.

--rollback makes an earlier release the live one at once. Runs then publish
nothing while what they would build is the same as the release rolled back; the
next document or definition that changes something is published again.`,
		Example: "  citystats releases\n  citystats releases --rollback 2026-11-22-1f0c3a9e",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if rollback != "" {
				p, err := a.pipeline()
				if err != nil {
					return err
				}
				if err := p.Rollback(rollback); err != nil {
					return err
				}
			}
			store := release.Store{Dir: a.state}
			all, err := store.List()
			if err != nil {
				return err
			}
			live, liveErr := store.Current()
			g := &grid{columns: []column{
				{"release", "Release", false},
				{"live", "Live", false},
				{"created_at", "Built", false},
				{"run", "Run", false},
				{"captures", "Documents", true},
				{"size", "MB", true},
				{"content_hash", "", false},
				{"file_sha256", "", false},
				{"path", "", false},
			}}
			for _, m := range all {
				mark, isLive := "", liveErr == nil && m.ID == live.ID
				if isLive {
					mark = "live"
				}
				g.add(shown(m.ID), cell{isLive, mark}, timeCell(m.CreatedAt), shown(m.Run), shown(m.Captures),
					cell{m.FileSize, fmt.Sprintf("%.1f", float64(m.FileSize)/1e6)}, shown(m.ContentHash), shown(m.FileSHA256), shown(store.Path(m.ID)))
			}
			return a.print(g)
		},
	}
	cmd.Flags().StringVar(&rollback, "rollback", "", "make this release the live one")
	return cmd
}

func (a *app) checksCommand() *cobra.Command {
	return &cobra.Command{
		Use: "checks", Short: "List the checks of the live release and what they found",
		Example: "  citystats checks\n  citystats checks --format json", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, _, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer r.Close()
			rows, err := r.Query(cmd.Context(), `SELECT c.name, c.severity, c.hits, c.title, c.hint, h.hit
FROM quality_checks AS c LEFT JOIN quality_hits AS h ON h.name = c.name ORDER BY c.severity, c.name, h.hit`)
			if err != nil {
				return err
			}
			g := &grid{columns: []column{
				{"check", "Check", false}, {"severity", "Severity", false}, {"hits", "Hits", true}, {"title", "A hit means", false}, {"hint", "", false}, {"hit", "Found", false},
			}}
			for _, row := range rows.Rows {
				found := cell{row[5], ""}
				if row[5] != nil {
					found.text = display(row[5])
				}
				g.add(shown(row[0]), shown(row[1]), shown(row[2]), shown(row[3]), shown(row[4]), found)
			}
			return a.print(g)
		},
	}
}

func (a *app) importCommand() *cobra.Command {
	var sourceID, published, url, title string
	var opts pipeline.Options
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Archive a downloaded document and publish what is new in it",
		Long: `Takes a document somebody downloaded, as if its source had fetched it: it is
archived byte for byte, decoded by the named source, and what is new in it is
published. --published is when its publisher said it, as precisely as known.

The source "bundled" reads the project's own CSV form, which is the way to enter
a figure by hand; there each row says when it was published.`,
		Example: "  citystats import NY.GDP.MKTP.CN.json --source worldbank --published 2026-07-13 --url https://api.worldbank.org/v2/country/CHN/indicator/NY.GDP.MKTP.CN?format=json\n  citystats import figures.csv --source bundled --published 2026-04\n  citystats import export.xls --source table --published 2019-05",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if sourceID == "" || published == "" {
				return fault.New(fault.Usage, "", "see citystats import --help", "--source and --published are needed")
			}
			p, err := a.pipeline()
			if err != nil {
				return err
			}
			doc, err := readDocument(args[0], sourceID, published, url, title, p.Catalog, p.Sources)
			if err != nil {
				return err
			}
			report, runErr := p.Import(cmd.Context(), doc, opts)
			return a.tell(cmd.Context(), report, opts, runErr)
		},
	}
	f := cmd.Flags()
	f.StringVar(&sourceID, "source", "", "source whose form the document has")
	f.StringVar(&published, "published", "", "publication date: 2026-07-13, 2026-07 or 2026")
	f.StringVar(&url, "url", "", "address the document is from")
	f.StringVar(&title, "title", "", "title of the publication; the file's name without it")
	f.BoolVar(&opts.AcceptRevisions, "accept-revisions", false, "publish although figures were revised beyond their tolerance")
	return cmd
}

func readDocument(path, sourceID, published, url, title string, catalog *data.Catalog, all []source.Source) (source.Document, error) {
	if err := checkPublished(published); err != nil {
		return source.Document{}, err
	}
	_, doc, err := openDocument(path, sourceID, catalog, all)
	if err != nil {
		return source.Document{}, err
	}
	if doc.Published != "" && doc.Published != published {
		return source.Document{}, fault.New(fault.Usage, "", "correct the one that is wrong", "--published is %s, but the rows of %s say %s", published, filepath.Base(path), doc.Published)
	}
	doc.Published = published
	if url != "" {
		doc.URL = url
	}
	if title != "" {
		doc.Title = title
	}
	return doc, nil
}

// checkPublished wants a date that has come.
func checkPublished(published string) error {
	at, err := period.ParseMoment(published)
	if err != nil {
		return fault.New(fault.Usage, "", "write it as precisely as known", "--published: %v", err)
	}
	if at.First.Time().After(time.Now()) {
		return fault.New(fault.Usage, "", "give the date on which the publisher said it", "--published %s has not come yet", published)
	}
	return nil
}

// describe reads a file as a document of its source: what the bytes themselves
// say of the publication, and else the file's name and the source's publisher.
func describe(path string, src source.Source, catalog *data.Catalog) (source.Document, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return source.Document{}, fault.Wrap(fault.Usage, err, "", "give the path of the document", "the document cannot be read")
	}
	name, id := filepath.Base(path), src.Info().ID
	doc := source.Document{Source: id, Name: "import/" + name, Title: name, Body: body}
	for _, s := range catalog.Sources {
		if s.ID == id {
			doc.Publisher = s.Publisher
		}
	}
	switch s := src.(type) {
	case *bundled.Source:
		doc = bundled.Describe("import/"+strings.TrimSuffix(name, ".csv"), body)
	case *table.Source:
		doc = s.Describe(doc)
	}
	return doc, nil
}

func (a *app) rebuildCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rebuild", Short: "Make the release anew from the archive",
		Long: `Loads every archived document again, in order, with today's definitions, and
publishes the result when it differs from the live release. It needs no network.
When nothing was damaged and no definition changed, the tables are identical.`,
		Example: "  citystats rebuild", Args: cobra.NoArgs,
		Annotations: map[string]string{"formats": "table json"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.pipeline()
			if err != nil {
				return err
			}
			report, err := p.Rebuild(cmd.Context())
			if err != nil {
				return err
			}
			return a.tellRebuild(cmd.Context(), report)
		},
	}
}

func (a *app) tellRebuild(_ context.Context, report pipeline.Report) error {
	said := "identical tables"
	if len(report.Differing) > 0 {
		said = "tables that differ: " + strings.Join(report.Differing, ", ")
	}
	if a.format == "json" {
		return writeJSON(a.out, object{{"run", report.Run}, {"release", report.Release}, {"published", report.Published}, {"differing", orEmpty(report.Differing)}, {"claims_changed", changedClaims(report.Claims)}})
	}
	if _, err := fmt.Fprintf(a.out, "Rebuilt from the archive: %s. %s\n", said, outcome(report, pipeline.Options{}, nil)); err != nil {
		return err
	}
	return a.printChanges(report.Claims)
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
