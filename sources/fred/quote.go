package fred

import (
	"strconv"

	"citystats/sources/source"
)

// Quote is the row of the list of observations.
func (s *Source) Quote(doc source.Document, record int) (string, error) {
	row, err := source.JSONAt(doc.Body, "observations", strconv.Itoa(record-1))
	if err != nil {
		return "", distrust(doc.Name, doc.Body, err)
	}
	return source.Short(string(row)), nil
}
