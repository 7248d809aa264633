package nbs

import (
	"cmp"
	"errors"
	"fmt"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// Quote is the figure's object of an answer, or its cell of an exported table.
func (s *Source) Quote(doc source.Document, record int) (string, error) {
	d := decoder{source: s, sink: nothing{}, seen: map[key]string{}, wanted: record}
	err := d.decode(doc)
	if d.quoted != "" {
		return d.quoted, nil
	}
	return "", fault.Wrap(fault.Upstream, cmp.Or(err, errors.New("it has fewer figures")), cmp.Or(doc.URL, doc.Name), "",
		fmt.Sprintf("figure %d of the document cannot be quoted", record))
}

// quote keeps the figure at hand if it is the wanted one.
func (d *decoder) quote(raw []byte) bool {
	if d.n != d.wanted {
		return false
	}
	d.quoted = source.Short(string(raw))
	return true
}

// nothing is the sink of a reading whose figures nobody needs.
type nothing struct{}

func (nothing) Observe(*source.Observation) error { return nil }
func (nothing) Reject(source.Reject)              {}
