package jsonstat

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// parameters are what Eurostat takes besides dimensions.
var parameters = []string{"geoLevel", "sinceTimePeriod", "untilTimePeriod", "lastTimePeriod"}

// eurostat asks for the selected part of a table.
func (f *fetcher) eurostat(ctx context.Context, q Query) ([]part, error) {
	axes, err := q.selections()
	if err != nil {
		return nil, misconfigured(q, err)
	}
	return pieces(ctx, q, axes, f.eurostatCells)
}

// eurostatCells asks for these categories. A parameter is repeated for each, since
// a list with commas is answered with nothing and status 200.
func (f *fetcher) eurostatCells(ctx context.Context, q Query, axes []axis) (part, error) {
	var address strings.Builder
	address.WriteString(f.base + "/" + q.Path + "?format=JSON&lang=" + strings.ToUpper(english))
	for _, a := range axes {
		for _, v := range a.values {
			address.WriteString("&" + url.QueryEscape(a.code) + "=" + url.QueryEscape(v))
		}
	}
	req, err := newRequest(ctx, address.String(), nil)
	if err != nil {
		return part{}, err
	}
	p, err := f.cells(req, q, func(d *dataset) error { return onlyThese(d, axes, q.Time) })
	return p, err
}

// onlyThese wants the answer to have what was selected. Eurostat leaves out
// categories it does not know without saying so. Periods may be left out: they are
// not published yet.
func onlyThese(d *dataset, axes []axis, timeDimension string) error {
	for _, a := range axes {
		if slices.Contains(parameters, a.code) {
			continue
		}
		at := d.find(a.code)
		if at < 0 {
			return fmt.Errorf("it has no dimension %q, of which categories were selected", a.code)
		}
		missing, extra := difference(a.values, d.dims[at].codes)
		if extra != "" {
			return fmt.Errorf("dimension %q has categories that were not asked for: %s", a.code, extra)
		}
		if missing != "" && a.code != timeDimension {
			return &unknownCategoryError{fmt.Sprintf("Eurostat leaves out what was selected of dimension %q and so does not know it: %s", a.code, missing)}
		}
	}
	return nil
}

// unknownCategoryError will be the same however often it is asked.
type unknownCategoryError struct{ what string }

// Error says which.
func (u *unknownCategoryError) Error() string { return u.what }

// latestOnly is the query's selection for the last period alone.
func latestOnly(axes []axis, timeDimension string) []axis {
	out := []axis{{"lastTimePeriod", []string{"1"}}}
	for _, a := range axes {
		if a.code == "geoLevel" || a.code != timeDimension && !slices.Contains(parameters, a.code) {
			out = append(out, a)
		}
	}
	return out
}
