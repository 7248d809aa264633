//go:build duckdb_arrow

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/warehouse"
	"citystats/transforms/period"
)

// claimsAsked is what claims was asked for.
type claimsAsked struct {
	id, reading string // empty for all
	asOf, since string // ISO days; empty for now and for ever
	changes     bool
}

func (a *app) claimsCommand() *cobra.Command {
	var c claimsAsked
	cmd := &cobra.Command{
		Use:   "claims [ID]",
		Short: "List what was printed and whether it holds, or explain one claim",
		Long: `Each claim of data/claims.yaml is held against the figures of the live release
under every reading it allows.

  holds      the figure is on the claim's side by a clear margin
  weakened   rounding could decide, or the evidence is weak: a single weak copy,
             a forecast, a bound or a rough figure proves nothing either way
  reversed   the figure contradicts the claim
  undefined  there is no figure; what was looked for is printed

The claim's verdict is that of its natural reading. Readings that the sentence does
not allow are shown apart and never counted. The margin is how far the figure is on
the claim's side, in its unit; of "about", the tolerance less the distance.

With an ID every reading is printed, the reading at which the verdict turns, the
days on which it changed and the figures that changed it, and what it stands on.

--as-of judges by what one would have read on that day. Figures have vintages;
investments and chains, which are tables of data/, have none and stay as they are.
--changes lists the days on which verdicts changed; --since leaves out those that
this installation knew before.`,
		Example: `  citystats claims
  citystats claims growth_above_8
  citystats claims income_above_urban_average --reading all_2014
  citystats claims --as-of 2023-08-05
  citystats claims --changes --since 2026-01-01`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				c.id = args[0]
			}
			return a.claims(cmd.Context(), c)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.reading, "reading", "", "only this reading")
	f.StringVar(&c.asOf, "as-of", "", "judge by what one would have read on this day, as 2023-08-05")
	f.BoolVar(&c.changes, "changes", false, "list the days on which verdicts changed")
	f.StringVar(&c.since, "since", "", "with --changes: only those known here since this day")
	return cmd
}

// check refuses what cannot be answered.
func (c claimsAsked) check(all data.Claims) error {
	for name, day := range map[string]string{"as-of": c.asOf, "since": c.since} {
		if m, err := period.ParseMoment(day); day != "" && (err != nil || m.Precision != "day") {
			return fault.New(fault.Usage, "", "write it as 2023-08-05", "--%s %q is not a day", name, day)
		}
	}
	if c.since != "" && !c.changes {
		return fault.New(fault.Usage, "", "add --changes", "--since says which changes are listed")
	}
	found, known := all.Find(c.id)
	if c.id != "" && !known {
		return fault.New(fault.Usage, "", "see citystats claims", "claim %q is not known", c.id)
	}
	entries := all.Entries
	if known {
		entries = []data.Claim{found}
	}
	if c.reading != "" && !slices.ContainsFunc(entries, func(e data.Claim) bool {
		return slices.ContainsFunc(e.Readings, func(r data.Reading) bool { return r.ID == c.reading })
	}) {
		return fault.New(fault.Usage, "", "see citystats claims "+c.id, "no reading is called %q", c.reading)
	}
	return nil
}

func (a *app) claims(ctx context.Context, c claimsAsked) error {
	catalog, set, err := a.definitions()
	if err != nil {
		return err
	}
	if err := c.check(catalog.Claims); err != nil {
		return err
	}
	r, m, err := a.reader(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	there, err := r.Query(ctx, "SELECT 1 FROM dictionary WHERE \"table\" = 'claim_verdicts'")
	if err == nil && len(there.Rows) == 0 {
		err = fault.New(fault.Usage, a.state, "run citystats run", "release %s is from before there were claims", m.ID)
	}
	if err == nil && c.asOf != "" {
		err = r.Claims(ctx, catalog, set, c.asOf)
	}
	if err != nil {
		return err
	}
	switch {
	case c.changes:
		return a.printGrid(claimChanges(ctx, r, c))
	case c.id != "":
		return a.oneClaim(ctx, r, c, m.ID)
	case c.reading != "":
		return a.printGrid(readingsGrid(ctx, r, c, "TRUE"))
	}
	return a.printGrid(claimsGrid(ctx, r))
}

func (a *app) printGrid(g *grid, err error) error {
	if err != nil {
		return err
	}
	return a.print(g)
}

// oneClaim prints all that is known of a claim.
func (a *app) oneClaim(ctx context.Context, r *warehouse.Reader, c claimsAsked, releaseID string) error {
	readings, err := readingsGrid(ctx, r, c, "g.admissible")
	if err != nil || a.format == "csv" {
		if err == nil {
			readings, err = readingsGrid(ctx, r, c, "TRUE")
		}
		return a.printGrid(readings, err)
	}
	others, err := readingsGrid(ctx, r, c, "NOT g.admissible")
	if err != nil {
		return err
	}
	about, err := r.Query(ctx, `SELECT c.*, v.*, u.symbol_en, p.name_en AS printed_by FROM claims AS c JOIN claim_verdicts AS v ON v.claim = c.id
JOIN units AS u ON u.id = c.unit JOIN publishers AS p ON p.id = c.publisher WHERE c.id = ?`, c.id)
	if err != nil {
		return err
	}
	v := row{about, about.Rows[0]}
	if c.reading == "" && a.format == "table" {
		c.reading = v.str("reading") // people first want the natural one
	}
	changes, err := claimChanges(ctx, r, c)
	if err != nil {
		return err
	}
	inputs, err := inputsGrid(ctx, r, c)
	if err != nil {
		return err
	}
	if a.format == "json" {
		out := object{{"release", releaseID}, {"as_of", c.asOf}}
		for i, name := range about.Columns {
			if name != "claim" && name != "symbol_en" {
				out = append(out, field{name, machine(v.cells[i])})
			}
		}
		return writeJSON(a.out, append(out, field{"readings", append(readings.objects(), others.objects()...)}, field{"changes", changes.objects()}, field{"inputs", inputs.objects()}))
	}
	fmt.Fprintln(a.out, v.introduction(c.asOf, releaseID))
	for _, part := range []struct {
		title string
		g     *grid
	}{
		{"Readings; * is the natural one", readings},
		{"No readings of the sentence, shown for what they are and never counted", others},
		{"Changes of verdict, " + c.reading, changes},
		{"What it stands on, " + c.reading, inputs},
	} {
		if len(part.g.rows) == 0 {
			continue
		}
		fmt.Fprintf(a.out, "\n%s\n\n", part.title)
		if err := part.g.table(a.out); err != nil {
			return err
		}
	}
	return nil
}

// introduction is what stands above the tables of a claim.
func (v row) introduction(asOf, releaseID string) string {
	lines := []string{
		v.str("sentence_en"),
		v.str("sentence_zh"),
		fmt.Sprintf("%s, “%s”, %s%s", v.str("printed_by"), v.str("title"), v.str("published_at"), map[bool]string{true: "; in our words"}[v.str("paraphrase") == "true"]),
		"",
		fmt.Sprintf("The figure is to be %s. It %s; by reading: %s.", v.says(), verdictInWords[v.str("verdict")], v.tally()),
	}
	if v.get("flips_at") != nil {
		lines = append(lines, "The verdict turns at "+v.flip()+".")
	}
	for _, text := range []string{v.str("note_en"), prefixed("Looked for: ", v.str("looked_for_en"))} {
		if text != "" {
			lines = append(lines, text)
		}
	}
	where := "Release " + releaseID
	if asOf != "" {
		where += ", as one would have read it on " + asOf
	}
	return strings.Join(append(lines, where+"."), "\n")
}

var verdictInWords = map[string]string{
	"holds": "holds", "weakened": "is weakened", "reversed": "is reversed", "undefined": "is undefined",
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
