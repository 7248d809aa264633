package dbnomics

import (
	"slices"

	"citystats/sources/source"
)

// Quote is one value of the series that the document is named after, behind its
// period: the two stand in different lists.
func (s *Source) Quote(document source.Document, record int) (string, error) {
	where := place(document)
	page, err := read(where, document.Body)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(page.docs, func(d doc) bool { return d.id() == document.Name })
	if i < 0 {
		return "", inconsistent(where, "it does not have the series %s", document.Name)
	}
	l, err := page.docs[i].lists()
	if err != nil {
		return "", distrust(where, document.Body, err)
	}
	if record < 1 || record > len(l.values) {
		return "", inconsistent(where, "the series has %d values and no value %d", len(l.values), record)
	}
	return source.Short(l.periods[record-1] + ": " + string(l.values[record-1])), nil
}
