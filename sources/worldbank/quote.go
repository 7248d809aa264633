package worldbank

import (
	"strconv"

	"citystats/sources/source"
)

// Quote is the row at its place in the second element of the answer.
func (s *Source) Quote(doc source.Document, record int) (string, error) {
	row, err := source.JSONAt(doc.Body, "1", strconv.Itoa(record-1))
	if err != nil {
		return "", distrust(doc, doc.Body, err)
	}
	return source.Short(string(row)), nil
}
