package sdmx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/transport"
	"citystats/transforms/period"
)

// Fetch asks every question and emits what is good. Failures are gathered, so
// that one question does not cost the others, unless the publisher cannot be
// reached or wants to be left alone.
func (s *Source) Fetch(ctx context.Context, client *http.Client, emit func(source.Document) error) error {
	f := fetch{Source: s, client: client, structures: map[string]flowStructure{}}
	var failures []error
	for i, q := range s.config.Queries {
		docs, err := f.question(ctx, q)
		for _, d := range docs {
			if err := emit(d); err != nil {
				return err
			}
		}
		if err == nil {
			continue
		}
		failures = append(failures, fmt.Errorf("%s: %w", q.Name, err))
		if left := len(s.config.Queries) - i - 1; left > 0 && leftAlone(err) {
			failures = append(failures, fmt.Errorf("%d further questions were not asked", left))
		}
		if ctx.Err() != nil || leftAlone(err) {
			break
		}
	}
	return errors.Join(failures...)
}

// leftAlone says whether other questions would fail alike.
func leftAlone(err error) bool {
	var status transport.StatusError
	return transport.Unreachable(err) || errors.As(err, &status) && status == http.StatusTooManyRequests
}

// fetch is one round of questions.
type fetch struct {
	*Source

	client     *http.Client
	structures map[string]flowStructure // by address; empty where it could not be had
}

// question asks for the structure, where it is wanted, and for the data.
func (f *fetch) question(ctx context.Context, q Query) (docs []source.Document, err error) {
	structure := flowStructure{}
	if q.Structure {
		var doc *source.Document
		if structure, doc, err = f.structure(ctx, q); doc != nil {
			docs = append(docs, *doc)
		}
		if ctx.Err() != nil || err != nil && leftAlone(err) {
			return docs, err
		}
		if changed := q.changed(structure, f.dataAddress(q)); changed != nil {
			return docs, changed
		}
	}
	data, failure := f.data(ctx, q, structure.title)
	return append(docs, data...), errors.Join(err, failure)
}

// changed says that the dimensions are no longer those of the row.
func (q Query) changed(k flowStructure, where string) error {
	if len(q.Dimensions) == 0 || len(k.dimensions) == 0 || slices.Equal(q.Dimensions, k.dimensions) {
		return nil
	}
	return fault.New(fault.Upstream, where, "correct dimensions and key of the row in data/sdmx_queries.csv, and raise what rests on its codes in data/source_series.csv",
		"the dataflow has the dimensions %s, the row has %s", strings.Join(k.dimensions, ";"), strings.Join(q.Dimensions, ";"))
}

// structure asks for the structure of q's dataflow, once for all its questions:
// the document and the error come with the first.
func (f *fetch) structure(ctx context.Context, q Query) (flowStructure, *source.Document, error) {
	address, accept := f.structureAddress(q)
	if known, asked := f.structures[address]; asked {
		return known, nil, nil
	}
	f.structures[address] = flowStructure{}
	got, err := f.ask(ctx, f.client, address, accept)
	if err == nil && got.status != http.StatusOK {
		err = got.refused()
	}
	if err != nil {
		return flowStructure{}, nil, err
	}
	found, err := readStructure(got.body, q.Flow)
	if err != nil {
		return flowStructure{}, nil, distrust(address, err)
	}
	f.structures[address] = found
	return found, &source.Document{
		Source: f.config.ID, Name: structPrefix + q.Flow, Publisher: f.config.Publisher, URL: address,
		Title: f.title(or(found.title, q.Title) + ", structure"), MediaType: got.contentType(), Body: got.body,
	}, nil
}

func (s *Source) title(what string) string { return what + " (" + s.config.Title + ")" }

// data asks for the data of q and makes the documents. An answer that is too
// large is asked for in halves.
func (f *fetch) data(ctx context.Context, q Query, title string) ([]source.Document, error) {
	got, found, err := f.answer(ctx, q)
	if n, ok := asNotice(err); ok && n.kind == tooLarge {
		if halves := q.halves(); halves != nil {
			return f.parts(ctx, halves, title)
		}
	}
	if err != nil {
		return nil, err
	}
	return f.documents(q, got, found, title), nil
}

// parts asks several questions that were one.
func (f *fetch) parts(ctx context.Context, queries []Query, title string) (docs []source.Document, err error) {
	var failures []error
	for _, q := range queries {
		part, err := f.data(ctx, q, title)
		docs = append(docs, part...)
		if err != nil {
			failures = append(failures, err)
			if ctx.Err() != nil || leftAlone(err) {
				break
			}
		}
	}
	return docs, errors.Join(failures...)
}

// halves splits the list of areas in the key, nil when there is no list.
func (q Query) halves() []Query {
	at := slices.Index(q.Dimensions, q.Area)
	parts := strings.Split(q.Key, ".")
	if at < 0 || len(parts) != len(q.Dimensions) {
		return nil
	}
	areas := strings.Split(parts[at], "+")
	if len(areas) < 2 {
		return nil
	}
	word, _, _ := strings.Cut(q.Name, "/")
	var out []Query
	for _, half := range [][]string{areas[:len(areas)/2], areas[len(areas)/2:]} {
		p := q
		p.Name = word + "/" + half[0]
		if len(half) > 1 {
			p.Name += "-" + half[len(half)-1]
		}
		key := slices.Clone(parts)
		key[at] = strings.Join(half, "+")
		p.Key = strings.Join(key, ".")
		out = append(out, p)
	}
	return out
}

// answer asks q and reads the answer to its end. An answer that says that there
// are no records is one, whatever its status.
func (f *fetch) answer(ctx context.Context, q Query) (reply, findings, error) {
	got, err := f.ask(ctx, f.client, f.dataAddress(q), q.accept())
	if err != nil {
		return reply{}, findings{}, err
	}
	found, err := f.examine(q, got)
	if n, ok := asNotice(err); ok && n.kind == queued && n.id != "" {
		if got, err = f.wait(ctx, got.url, n.id); err != nil {
			return reply{}, findings{}, err
		}
		found, err = f.examine(q, got)
	}
	if n, ok := asNotice(err); ok && n.kind == noRecords {
		err = nil
	}
	return got, found, distrust(got.url, err)
}

// findings is what was found in an answer.
type findings struct {
	summary
	latest period.Day // start of the last period that is no forecast; 0 when there is none
}

// examine reads an answer as Decode will, all vintages of it.
func (s *Source) examine(q Query, got reply) (findings, error) {
	if got.status != http.StatusOK {
		n, ok := asNotice(recognise(got.body))
		switch {
		case ok && n.kind == noRecords && got.status == http.StatusNotFound:
			return findings{}, n
		case ok && n.kind == tooLarge || got.status == http.StatusRequestEntityTooLarge:
			return findings{}, &notice{kind: tooLarge, code: "413", text: or(got.said(), "the answer is too large")}
		}
		return findings{}, got.refused()
	}
	var last latest
	d := newDecoder(q, &last)
	err := d.read(got.body)
	return findings{d.found, last.day}, err
}

// latest is a sink that remembers the last period that was not only expected.
type latest struct{ day period.Day }

// Observe looks at the period.
func (l *latest) Observe(o *source.Observation) error {
	if p, err := period.Parse(o.Period); err == nil && o.Status > source.Forecast {
		l.day = max(l.day, p.Start)
	}
	return nil
}

// Reject does nothing: rejects are told when the document is decoded.
func (l *latest) Reject(source.Reject) {}

// documents makes one document for each vintage of an answer.
func (f *fetch) documents(q Query, got reply, found findings, title string) []source.Document {
	vintages := found.vintages
	if len(vintages) == 0 {
		vintages = []string{""}
	}
	var docs []source.Document
	for _, v := range vintages {
		doc := source.Document{
			Source: f.config.ID, Name: dataPrefix + q.Name, Title: f.title(or(title, or(found.title, q.Title))),
			Publisher: f.config.Publisher, URL: f.dataAddress(q), MediaType: got.contentType(),
			Published: or(isoDay(v), found.updated), Body: got.body,
		}
		if len(vintages) > 1 || q.History && v != "" {
			doc.Name += "@" + v
		}
		if doc.Published == "" && found.latest != 0 {
			doc.NotBefore = found.latest.String()
		}
		docs = append(docs, doc)
	}
	return docs
}
