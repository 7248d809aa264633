package jsonstat

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// metadata is the last part of the name of a document that describes a table.
const metadata = "metadata"

// view is how a document is to be looked at: which table it is, and which
// dimensions are area and time. It is written in the document's name.
type view struct {
	table, query string
	area         string // id of the dimension, or empty
	region       string // the area it is all about, when area is empty
	time         string
	metadata     bool
}

func (q Query) view() view {
	v := view{table: q.Table, query: q.Name, area: q.Area, time: q.Time}
	if v.area == "" {
		v.region = q.Region
	}
	return v
}

// name is that of the n-th part.
func (v view) name(n int) string { return v.path() + "/part-" + strconv.Itoa(n) }

// metadataName is that of the table's description.
func (v view) metadataName() string { return v.path() + "/" + metadata }

func (v view) path() string {
	area := "=" + url.PathEscape(v.region)
	if v.area != "" {
		area = url.PathEscape(v.area)
	}
	return strings.Join([]string{url.PathEscape(v.table), url.PathEscape(v.query), area, url.PathEscape(v.time)}, "/")
}

// readName is the view that a document's name states.
func readName(name string) (v view, err error) {
	parts := strings.Split(name, "/")
	if len(parts) != 5 {
		return v, errors.New("its name is not table/query/area/time/part-1, so it is not known which dimensions are area and time")
	}
	for i, p := range parts {
		if parts[i], err = url.PathUnescape(strings.TrimPrefix(p, "=")); err != nil {
			return v, err
		}
	}
	v = view{table: parts[0], query: parts[1], time: parts[3], metadata: parts[4] == metadata}
	if strings.HasPrefix(strings.Split(name, "/")[2], "=") {
		v.region = parts[2]
	} else {
		v.area = parts[2]
	}
	if v.table == "" || v.time == "" || v.area == "" && v.region == "" {
		return v, errors.New("its name leaves the table, the time dimension or the area out")
	}
	return v, nil
}
