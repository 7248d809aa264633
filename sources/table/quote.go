package table

import (
	"fmt"

	"citystats/sources/grid"
	"citystats/sources/source"
)

// Quote is the cell's text, and the row it stands in.
func (s *Source) Quote(doc source.Document, record int) (string, error) {
	where := first(doc.URL, doc.Name)
	sheets, err := grid.Read(doc.Body)
	if err != nil {
		return "", fmt.Errorf("%s: %w", where, err)
	}
	n := record - 1
	sheet, row, column := n/maxColumns/maxRows, n/maxColumns%maxRows, n%maxColumns
	if n < 0 || sheet >= len(sheets) || tidy(sheets[sheet].At(row, column).Text) == "" {
		return "", distrust(where, "", "there is nothing in %s", s.Place(record))
	}
	found := &sheets[sheet]
	return source.Short(fmt.Sprintf("%s, in sheet '%s', row %d: %s", tidy(found.At(row, column).Text), found.Name, row+1, rowText(found, row))), nil
}
