//go:build duckdb_arrow

package provenance

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"citystats/internal/fault"
	"citystats/pipeline/archive"
	"citystats/pipeline/normalise"
	"citystats/sources/source"
)

// verify opens each document once and looks for its figures again.
func (l *look) verify(ctx context.Context) error {
	byDocument := map[int][]*Observation{}
	var order []int
	for _, o := range l.answer.Observations {
		if byDocument[o.Document.ID] == nil {
			order = append(order, o.Document.ID)
		}
		byDocument[o.Document.ID] = append(byDocument[o.Document.ID], o)
	}
	readers := map[string]*normalise.Normaliser{}
	for _, id := range order {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := l.open(byDocument[id], readers); err != nil {
			return err
		}
	}
	return nil
}

// open proves the figures of one document.
func (l *look) open(figures []*Observation, readers map[string]*normalise.Normaliser) error {
	about := figures[0].Document
	src := l.source(about.Source)
	for _, o := range figures {
		o.Place = fmt.Sprintf("record %d", o.Record)
		o.Problem = fmt.Sprintf("no source is called %s any more, so nobody can read the document", about.Source)
		if src != nil {
			o.Place, o.Problem = src.Place(o.Record), ""
		}
	}
	if src == nil {
		return nil
	}
	doc, err := l.document(about)
	if err != nil {
		for _, o := range figures {
			o.Problem = plainly(err)
		}
		if fault.KindOf(err) == fault.Storage {
			if l.answer.storage == nil {
				l.answer.storage = err
			}
			return nil
		}
		return err
	}
	if readers[about.Source] == nil {
		readers[about.Source] = normalise.New(l.Catalog, about.Source)
	}
	p := picker{wanted: figures, normaliser: readers[about.Source]}
	err = src.Decode(doc, &p)
	if errors.Is(err, errEnough) {
		err = nil
	}
	p.judge(err)
	quote(src, doc, figures)
	return nil
}

// source is the source with that id, or nil.
func (e *Explainer) source(id string) source.Source {
	i := slices.IndexFunc(e.Sources, func(s source.Source) bool { return s.Info().ID == id })
	if i < 0 {
		return nil
	}
	return e.Sources[i]
}

// document is the archived document, its bytes proved by their hash.
func (e *Explainer) document(about Document) (source.Document, error) {
	if e.captures == nil {
		var err error
		if e.captures, err = archive.Read(e.Archive); err != nil {
			return source.Document{}, err
		}
	}
	list := filepath.Join(e.Archive, "captures.jsonl")
	if about.ID < 1 || about.ID > len(e.captures) {
		return source.Document{}, fault.New(fault.Storage, list, "restore the archive that the release was made from", "the archive does not have document %d", about.ID)
	}
	c := e.captures[about.ID-1]
	if c.SHA256 != about.SHA256 {
		return source.Document{}, fault.New(fault.Storage, list, "restore the archive that the release was made from",
			"document %d of the archive has the SHA-256 %s, in the release it is %s", about.ID, c.SHA256, about.SHA256)
	}
	body, err := archive.ReadBody(e.Archive, c)
	return c.Document(body), err
}

// plainly is what is wrong, without the names of files: it is printed with the
// figure, and they are for the operator.
func plainly(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.What
	}
	return err.Error()
}

// errEnough ends the reading of a document in which all was found.
var errEnough = errors.New("enough")

// picker is the sink that looks for figures of one document.
type picker struct {
	wanted     []*Observation
	normaliser *normalise.Normaliser
	found      int
}

// Observe compares a figure with those wanted of its record.
func (p *picker) Observe(o *source.Observation) error {
	for _, w := range p.wanted {
		if w.Record != o.Record || w.Verified {
			continue
		}
		f, err := p.normaliser.Figure(o)
		if err != nil {
			w.Problem = fmt.Sprintf("%s is now outside or wrong: %v", w.Place, err)
			continue
		}
		if f.Region != w.RegionCode || f.Indicator != w.Indicator || f.Origin != w.Origin || f.Period.String() != w.TimePeriod {
			if w.Printed == nil {
				w.Problem = fmt.Sprintf("%s is now read as %s, %s, %s, made by %s", w.Place, f.Region, f.Indicator, f.Period, f.Origin)
			}
			continue
		}
		w.Printed = &Printed{o.Region, o.Indicator, o.Period, o.Value, o.Unit, o.Mult}
		w.Problem = differs(w, o, f.Value)
		w.Verified = w.Problem == ""
		if p.found++; p.found == len(p.wanted) {
			return errEnough
		}
	}
	return nil
}

// differs says what a figure read anew has otherwise than the stored one.
func differs(stored *Observation, o *source.Observation, value float64) string {
	confidence, _ := source.ParseConfidence(stored.Confidence)
	word := stored.Qualifier
	if word == "exact" {
		word = ""
	}
	qualifier, _ := source.ParseQualifier(word)
	switch {
	case value != stored.Value:
		return fmt.Sprintf("%s gives %v, but %v is stored", stored.Place, value, stored.Value)
	case o.Status != stored.statusNumber, o.Qualifier != qualifier, o.Confidence != confidence:
		return fmt.Sprintf("%s now has another status, qualifier or confidence than %s, %s, %s", stored.Place, stored.Status, stored.Qualifier, stored.Confidence)
	}
	return ""
}

// Reject tells of a wanted record that it cannot be read.
func (p *picker) Reject(r source.Reject) {
	for _, w := range p.wanted {
		if w.Record == r.Record && !w.Verified {
			w.Problem = fmt.Sprintf("%s cannot be read: %s", w.Place, r.Reason)
		}
	}
}

// judge says why a figure was not found; err is what the reading ended with.
func (p *picker) judge(err error) {
	for _, w := range p.wanted {
		switch {
		case err != nil:
			w.Verified, w.Problem = false, fmt.Sprintf("the document cannot be read: %v", err)
		case !w.Verified && w.Problem == "":
			w.Problem = "the document has no figure in " + w.Place
		}
	}
}

// quote adds the words of the document where its source can quote.
func quote(src source.Source, doc source.Document, figures []*Observation) {
	q, ok := src.(source.Quoter)
	if !ok {
		return
	}
	for _, o := range figures {
		text, err := q.Quote(doc, o.Record)
		if err == nil {
			o.Quote = text
		} else if o.Verified {
			o.Verified, o.Problem = false, fmt.Sprintf("%s cannot be quoted: %v", o.Place, err)
		}
	}
}
