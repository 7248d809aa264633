package jsonstat

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"citystats/sources/source"
)

// errFound ends the search for a cell.
var errFound = errors.New("found")

// Quote is the value of a cell and the categories it stands at.
func (s *Source) Quote(doc source.Document, record int) (string, error) {
	v, err := readName(doc.Name)
	if err != nil {
		return "", distrust(doc, err)
	}
	all, err := document(doc.Body)
	if err != nil {
		return "", distrust(doc, err)
	}
	n := record - 1
	for i := range all {
		if n >= all[i].cells {
			n -= all[i].cells
			continue
		}
		text, err := all[i].quote(v, n)
		return text, distrust(doc, err)
	}
	return "", distrust(doc, fmt.Errorf("it has no cell %d", record))
}

func (d *dataset) quote(v view, n int) (text string, err error) {
	reader := decoder{dataset: d, view: v}
	if err := d.check(v); err != nil {
		return "", err
	}
	reader.prepare()
	err = d.eachCell(func(at int, value jsontext.Value) error {
		if at != n {
			return nil
		}
		text = source.Short(reader.describe(n, value))
		return errFound
	})
	if err == nil {
		err = fmt.Errorf("cell %d holds nothing", n+1)
	}
	if errors.Is(err, errFound) {
		err = nil
	}
	return text, err
}
