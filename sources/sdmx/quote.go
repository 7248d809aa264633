package sdmx

import (
	"fmt"

	"citystats/sources/source"
)

// Quote is the observation with its key, the same for all formats.
func (s *Source) Quote(doc source.Document, record int) (string, error) {
	q, ok := s.query(doc.Name)
	if !ok {
		return "", distrust(or(doc.URL, doc.Name), fmt.Errorf("no row of data/sdmx_queries.csv has the name of the document %q", doc.Name))
	}
	d := newDecoder(q, nil) // which hands on nothing while it looks for one
	d.wanted = record
	if record < 1 {
		return "", distrust(or(doc.URL, doc.Name), fmt.Errorf("it has no observation %d", record))
	}
	err := d.read(doc.Body)
	if d.quoted != "" {
		return source.Short(d.quoted), nil
	}
	if err == nil {
		err = fmt.Errorf("it has no observation %d", record)
	}
	return "", distrust(or(doc.URL, doc.Name), err)
}
