//go:build duckdb_arrow

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/warehouse"
	"citystats/transforms/synth"
)

// study is what synthetic was asked for.
type study struct {
	data.Study
	asOf   string // ISO date; empty for now
	panels int    // simulated
}

func (a *app) syntheticCommand() *cobra.Command {
	var s study
	var id string
	cmd := &cobra.Command{
		Use:   "synthetic",
		Short: "What a region would have been without an event, by synthetic control",
		Long: `Makes a region's counterpart from others that the event did not befall, weighted so
that it went the region's way before the event, and shows how the two part from then
on. Without --study it lists the studies of data/studies.csv; the other flags change
what a study says, or describe one of your own.

With the gap come: the weights, the fit before the event, the same asked of every
donor (the p-value is the share of regions whose gap grew as much), the event
pretended to have come earlier, the effect without each donor that carries weight,
and how often the test calls an effect in panels like this one in which nothing
happened. A gap is no proof of a cause.

A panel that is too thin, broken by a change of territory or definition, or badly
matched before the event is refused with every reason, and the exit code is 5.`,
		Example: `  citystats synthetic
  citystats synthetic --study hefei_nio_2020
  citystats synthetic --study hefei_boe_2008 --format json
  citystats synthetic --region 武汉 --indicator disposable_income_urban --from 2014 --first-treated 2020 --to 2021`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			catalog, set, err := a.definitions()
			if err != nil {
				return err
			}
			if id == "" && !cmd.Flags().Changed("region") {
				return a.print(studiesGrid(catalog))
			}
			if err := s.resolve(catalog, id, cmd.Flags().Changed); err != nil {
				return err
			}
			r, m, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer r.Close()
			if err := r.Overlay(cmd.Context(), set, s.overlay()); err != nil {
				return err
			}
			return a.synthetic(cmd.Context(), s, catalog, r, m.ID)
		},
	}
	f := cmd.Flags()
	f.StringVar(&id, "study", "", "study of data/studies.csv to begin from")
	f.StringVar(&s.Region, "region", "", "region the event befell")
	f.StringVar(&s.Indicator, "indicator", "", "outcome, a level")
	f.StringVar(&s.Donors, "donors", "peers", "benchmark whose members the synthetic region is made of")
	f.IntVar(&s.From, "from", 0, "first year")
	f.IntVar(&s.FirstTreated, "first-treated", 0, "first year the event can have changed")
	f.IntVar(&s.To, "to", 0, "last year")
	f.IntSliceVar(&s.Placebos, "placebo-year", nil, "earlier year in which the event is also pretended to have come; may be given more than once")
	f.IntVar(&s.panels, "simulations", 1000, "panels without an event to simulate")
	f.StringVar(&s.asOf, "as-of", "", "use what one would have read on this day, as 2023-08-05")
	return cmd
}

// ownStudy is a study that is not among those of data/studies.csv.
var ownStudy = data.Study{ID: "asked", TitleEN: "a study of one's own", TitleZH: "自定研究", Donors: "peers"}

// resolve begins from the named study, puts what was given by flag in its place, and
// turns names into keys.
func (s *study) resolve(catalog *data.Catalog, id string, given func(string) bool) error {
	usage := func(hint, format string, args ...any) error { return fault.New(fault.Usage, "", hint, format, args...) }
	asked := s.Study
	s.Study = ownStudy
	if id != "" {
		i := slices.IndexFunc(catalog.Studies, func(d data.Study) bool { return d.ID == id })
		if i < 0 {
			return usage("citystats synthetic lists them", "study %q is not known", id)
		}
		s.Study = catalog.Studies[i]
	}
	for flag, put := range map[string]func(){
		// Another region was not befallen by the study's event.
		"region": func() {
			s.Region, s.TitleEN, s.TitleZH, s.Event, s.Note = asked.Region, ownStudy.TitleEN, ownStudy.TitleZH, "", ""
		},
		"indicator":     func() { s.Indicator = asked.Indicator },
		"donors":        func() { s.Donors = asked.Donors },
		"from":          func() { s.From = asked.From },
		"first-treated": func() { s.FirstTreated = asked.FirstTreated },
		"to":            func() { s.To = asked.To },
		"placebo-year":  func() { s.Placebos = asked.Placebos },
	} {
		if given(flag) {
			put()
			s.ID = ownStudy.ID
		}
	}
	var err error
	if s.Region, err = catalog.RegionIndex().Find(s.Region); err != nil {
		return usage("see citystats regions", "%s", err.Error())
	}
	if s.Indicator, err = catalog.IndicatorIndex().Find(s.Indicator); err != nil {
		return usage("see citystats indicators", "%s", err.Error())
	}
	if s.Donors, err = catalog.BenchmarkIndex().Find(s.Donors); err != nil {
		return usage("", "%s", err.Error())
	}
	measure := catalog.Indicators[slices.IndexFunc(catalog.Indicators, func(i data.Indicator) bool { return i.ID == s.Indicator })].Measure
	scope := benchmarkOf(catalog, s.Donors).Scope
	switch {
	case measure != "level":
		return usage("name a level, such as disposable_income_urban", "%s is a %s, and logarithms of levels are compared", s.Indicator, measure)
	case scope != "members":
		return usage("name a benchmark of many, such as peers", "%s has no members to be donors", s.Donors)
	case s.From == 0 || s.FirstTreated <= s.From || s.To < s.FirstTreated:
		return usage("give --from, --first-treated and --to in this order", "%d, %d and %d are no years of a study", s.From, s.FirstTreated, s.To)
	case s.panels < 1:
		return usage("give at least 1", "--simulations is %d", s.panels)
	}
	for _, y := range s.Placebos {
		if y <= s.From || y >= s.FirstTreated {
			return usage("give a year between --from and --first-treated", "--placebo-year %d is not before the event", y)
		}
	}
	return checkDay(s.asOf)
}

// overlay puts the study among the others, and the reader back in time.
func (s study) overlay() map[string]string {
	out := map[string]string{"studies": fmt.Sprintf(
		"SELECT '%s' AS id, '%s' AS region, '%s' AS indicator, '%s' AS donors, CAST(%d AS BIGINT) AS from_year, CAST(%d AS BIGINT) AS first_treated, CAST(%d AS BIGINT) AS to_year",
		s.ID, s.Region, s.Indicator, s.Donors, s.From, s.FirstTreated, s.To)}
	maps.Copy(out, comparison{asOf: s.asOf}.overlay())
	return out
}

func studiesGrid(catalog *data.Catalog) *grid {
	g := &grid{columns: []column{
		{"id", "Study", false},
		{"title_en", "Title", false},
		{"title_zh", "", false},
		{"region", "Region", false},
		{"indicator", "Outcome", false},
		{"donors", "Donors", false},
		{"from_year", "From", true},
		{"first_treated", "Event can show from", true},
		{"to_year", "To", true},
		{"event", "", false},
		{"note", "", false},
	}}
	for _, s := range catalog.Studies {
		g.add(shown(s.ID), shown(s.TitleEN), shown(s.TitleZH), shown(s.Region), shown(s.Indicator), shown(s.Donors),
			shown(s.From), shown(s.FirstTreated), shown(s.To), shown(s.Event), shown(s.Note))
	}
	return g
}

// answer is a study with its panel and what came of it.
type answer struct {
	study
	catalog *data.Catalog
	panel   panel
	event   string
	result  synth.Result
	size    synth.Size
	refused synth.RefusedError
}

func (a *app) synthetic(ctx context.Context, s study, catalog *data.Catalog, r *warehouse.Reader, release string) error {
	out := answer{study: s, catalog: catalog}
	var err error
	if out.panel, err = readPanel(ctx, r, s); err != nil {
		return err
	}
	if out.event, err = eventOf(ctx, r, s.Event); err != nil {
		return err
	}
	if err := out.work(ctx, a.meter); err != nil {
		return err
	}
	if err := a.printSynthetic(out, release); err != nil {
		return err
	}
	if out.refused != nil {
		return fault.New(fault.Quality, "", "choose years, donors or an outcome without these; the limits are those of docs/decisions/0012", "no synthetic region can be made: %s", out.refused.Error())
	}
	return nil
}

// work answers the study, or says why it is refused.
func (n *answer) work(ctx context.Context, m *meter) error {
	if n.refused = n.panel.refusal(n.study); n.refused != nil {
		return nil
	}
	p := n.panel.logs(n.FirstTreated)
	var earlier []int
	for _, y := range n.Placebos {
		earlier = append(earlier, y-n.From)
	}
	var err error
	if n.result, err = synth.Study(p, earlier, synth.Default); err != nil {
		if errors.As(err, &n.refused) {
			return nil
		}
		return err
	}
	defer m.progress("", 0, 0)
	n.size, err = synth.Simulate(ctx, p, n.result.Mean, n.panels, synth.Default, func(done int) { m.progress("simulating panels", done, n.panels) })
	return err
}

// eventOf is the event in a sentence, with its source.
func eventOf(ctx context.Context, r *warehouse.Reader, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	rows, err := r.Query(ctx, `SELECT e.date, e.investor, e.investee, coalesce(e.project, ''), coalesce(p.name_en, ''), e.confidence
FROM events AS e LEFT JOIN publishers AS p ON p.id = e.publisher WHERE e.id = ?`, id)
	if err != nil || len(rows.Rows) == 0 {
		return "", err
	}
	var t []string
	for _, c := range rows.Rows[0] {
		t = append(t, display(c))
	}
	return fmt.Sprintf("%s, %s with %s, %s (%s, %s confidence; event %s)", t[0], t[1], t[2], t[3], t[4], t[5], id), nil
}

// benchmarkOf is the benchmark with this key, which is known.
func benchmarkOf(catalog *data.Catalog, id string) data.Benchmark {
	return catalog.Benchmarks[slices.IndexFunc(catalog.Benchmarks, func(b data.Benchmark) bool { return b.ID == id })]
}

// regionName is the English name of the region with this key, which is known.
func regionName(catalog *data.Catalog, code string) string {
	return catalog.Regions[slices.IndexFunc(catalog.Regions, func(r data.Region) bool { return r.Code == code })].NameEN
}

// percentOf turns a difference of logarithms into percent.
func percentOf(log float64) string { return signed(math.Expm1(log)*100, 1) + " %" }
