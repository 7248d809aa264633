//go:build duckdb_arrow

package main

import (
	"cmp"
	"fmt"
	"strings"

	"citystats/pipeline/provenance"
)

// tellRows prints the rows that were asked for: several figures as a list, and
// else each in full.
func (a *app) tellRows(e *provenance.Explainer, x *provenance.Explanation) error {
	var single []*provenance.Observation
	for _, r := range x.Rows {
		if o := x.Single(r); o != nil {
			single = append(single, o)
		}
	}
	if len(single) > 1 && len(single) == len(x.Rows) {
		return a.tellList(single)
	}
	for i, r := range x.Rows {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		if err := a.tellRow(e, x, r); err != nil {
			return err
		}
	}
	return nil
}

// tellList prints figures in the order they became known.
func (a *app) tellList(figures []*provenance.Observation) error {
	g := &grid{columns: []column{
		{"id", "Id", false},
		{"figure", "Figure", false},
		{"value", "Value", true},
		{"status", "Status", false},
		{"origin", "Made by", false},
		{"document", "Document", false},
		{"published", "Published", false},
		{"place", "Place", false},
		{"superseded_by", "Superseded by", false},
		{"verified", "Verified", false},
	}}
	for _, o := range figures {
		g.add(shown(o.ID), shown(o.Subject(provenance.English)), shown(o.Amount(provenance.English)), shown(statusWords(o)), shown(o.OriginName),
			shown(o.Document.Title), shown(known(o.Document.Published)), shown(o.Place), shown(o.SupersededBy), shown(shortVerified(o)))
	}
	return g.table(a.out)
}

// tellRow prints one row: a single figure field by field, a computed one with the
// figures it stands on below it.
func (a *app) tellRow(e *provenance.Explainer, x *provenance.Explanation, r *provenance.Row) error {
	if o := x.Single(r); o != nil {
		return a.tellObservation(x, r, o)
	}
	fmt.Fprintf(a.out, "%s (%s), release %s%s\n\n", e.Subject(r, provenance.English), r.ID, x.Release, asOfWords(x))
	g := fieldsGrid()
	for _, f := range e.Figures(r, provenance.English) {
		label := f.Column
		if f.Label != "" && f.Label != strings.ReplaceAll(f.Column, "_", " ") {
			label = f.Column + " (" + f.Label + ")"
		}
		g.add(shown(label), shown(f.Text))
	}
	if verdict := r.Values.Text("verdict"); verdict != "" {
		g.add(shown("verdict"), shown(verdict+", "+r.Values.Text("why")))
	}
	if relation := e.Relation(r, provenance.English); relation != "" {
		g.add(shown("relation"), shown(relation))
	}
	g.add(shown("table"), shown(r.Title))
	g.add(shown("SQL"), shown(sqlWords(r.SQL)))
	if err := g.table(a.out); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	inputs := traceGrid()
	addInputs(inputs, e, x, r, 0)
	return inputs.table(a.out)
}

// fieldsGrid is wide enough for a SHA-256, which must not be broken.
func fieldsGrid() *grid {
	return &grid{columns: []column{{"field", "Field", false}, {"value", "Value", false}}, width: 100}
}

func asOfWords(x *provenance.Explanation) string {
	if x.AsOf == "" {
		return ""
	}
	return ", as one would have read it on " + x.AsOf
}

// sqlWords leaves out a statement that is longer than its place.
func sqlWords(sql string) string {
	const enough = 400
	if len(sql) > enough {
		return "one statement that computes it anew; --sql prints it"
	}
	return sql
}

func (a *app) tellObservation(x *provenance.Explanation, r *provenance.Row, o *provenance.Observation) error {
	fmt.Fprintf(a.out, "%s: %s\n\n", o.Subject(provenance.English), o.Amount(provenance.English))
	g := fieldsGrid()
	add := func(field, value string) {
		if value != "" {
			g.add(shown(field), shown(value))
		}
	}
	d := o.Document
	add("Stored", fmt.Sprintf("%s %s, %s of %s in %s", display(o.Value), o.Unit, o.Indicator, o.RegionCode, o.TimePeriod))
	add("Status", o.ObsStatus+", "+o.Standing(provenance.English)+", confidence "+o.Confidence)
	add("Made by", o.OriginName)
	add("Printed by", d.PublisherName)
	add("Publication", d.Title)
	add("Published", known(d.Published))
	add("Known here since", d.KnownAt)
	add("URL", d.URL)
	add("Document", fmt.Sprintf("%d, %s of source %s", d.ID, d.Name, d.Source))
	add("SHA-256", d.SHA256)
	add("Place", o.Place)
	add("There it says", o.Quote)
	add("As printed", printedWords(o.Printed))
	add("Verified", verifiedWords(o))
	add("Derivation", o.Derivation)
	add("Note", o.Note)
	add("Superseded by", o.SupersededBy)
	add("Observation", o.ID)
	add("Release", x.Release+asOfWords(x))
	add("SQL", sqlWords(r.SQL))
	return g.table(a.out)
}

func known(s string) string { return cmp.Or(s, "not known") }

// printedWords is the figure in its publisher's codes, names and unit.
func printedWords(p *provenance.Printed) string {
	if p == nil {
		return ""
	}
	out := fmt.Sprintf("%s, %s, %s: %s %s", p.Region, p.Indicator, p.Period, display(p.Value), p.Unit)
	if p.Mult != 0 {
		out += fmt.Sprintf(" times 10^%d", p.Mult)
	}
	return strings.TrimSpace(out)
}

func verifiedWords(o *provenance.Observation) string {
	if !o.Verified {
		return "NOT VERIFIED: " + o.Problem
	}
	return "yes: the archived bytes have that SHA-256, and reading them again gives the stored figure"
}

func traceGrid() *grid {
	return &grid{columns: []column{
		{"input", "Stands on", false},
		{"value", "Value", true},
		{"status", "Status", false},
		{"document", "Document", false},
		{"published", "Published", false},
		{"place", "Place", false},
		{"id", "Id", false},
		{"verified", "Verified", false},
	}}
}

// addInputs adds the rows below r, each level further in.
func addInputs(g *grid, e *provenance.Explainer, x *provenance.Explanation, r *provenance.Row, depth int) {
	if len(r.Inputs) == 0 && r.Computed() {
		g.add(shown(indent(depth)+"nothing: no figure is known"), shown(""), shown(""), shown(""), shown(""), shown(""), shown(""), shown(""))
	}
	for _, i := range r.Inputs {
		if o := x.Single(i); o != nil {
			g.add(shown(indent(depth)+roleWords(i)+o.Subject(provenance.English)), shown(o.Amount(provenance.English)), shown(statusWords(o)),
				shown(o.Document.Title), shown(known(o.Document.Published)), shown(o.Place), shown(o.ID), shown(shortVerified(o)))
			continue
		}
		g.add(shown(indent(depth)+roleWords(i)+e.Subject(i, provenance.English)), shown(e.Main(i, provenance.English)), shown(""), shown(""), shown(""), shown(""), shown(""), shown(""))
		addInputs(g, e, x, i, depth+1)
	}
}

// indent survives a table that trims its cells.
func indent(depth int) string { return strings.Repeat("· ", depth) }

// roleWords is what the row is to the one above, with its year where it has one.
func roleWords(r *provenance.Row) string {
	if year := r.Values.Get("year"); year != nil {
		return fmt.Sprintf("%s %v: ", r.Role, year)
	}
	return r.Role + ": "
}

func statusWords(o *provenance.Observation) string {
	if o.Confidence == "high" {
		return o.ObsStatus
	}
	return o.ObsStatus + " " + o.Confidence
}

func shortVerified(o *provenance.Observation) string {
	if !o.Verified {
		return "NOT VERIFIED: " + o.Problem
	}
	return "yes"
}

func (a *app) tellDocument(w provenance.Whole) error {
	d := w.Document
	g := fieldsGrid()
	for _, f := range [][2]string{
		{"Publication", d.Title},
		{"Printed by", d.PublisherName},
		{"Published", known(d.Published)},
		{"Known here since", d.KnownAt},
		{"URL", known(d.URL)},
		{"Document", fmt.Sprintf("%d, %s of source %s", d.ID, d.Name, d.Source)},
		{"SHA-256", d.SHA256},
	} {
		g.add(shown(f[0]), shown(f[1]))
	}
	if err := g.table(a.out); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	figures := &grid{columns: []column{{"id", "Id", false}, {"place", "Place", false}, {"figure", "Figure", false}, {"value", "Value", true}, {"status", "Status", false}, {"quote", "There it says", false}, {"verified", "Verified", false}}}
	for _, o := range w.Figures.Observations {
		figures.add(shown(o.ID), shown(o.Place), shown(o.Subject(provenance.English)), shown(o.Amount(provenance.English)), shown(statusWords(o)), shown(o.Quote), shown(shortVerified(o)))
	}
	for _, bad := range w.Quarantined {
		figures.add(shown(fmt.Sprintf("%d:%d", d.ID, bad.Record)), shown(bad.Place), shown("in quarantine: "+bad.Reason), shown(""), shown(""), shown(bad.Text), shown(""))
	}
	return figures.table(a.out)
}
