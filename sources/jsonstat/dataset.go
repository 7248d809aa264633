package jsonstat

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// dataset is one cube, read but for its cells.
type dataset struct {
	key     string // what tells it from the other data sets of its document; empty when it is alone
	label   string
	updated string // as written
	dims    []dimension
	time    []string // ids of dimensions that are said to be time
	geo     []string // ids of dimensions that are said to be areas
	cells   int
	value   jsontext.Value // nil when there is none, as in metadata
	status  statuses
}

// maxCells is more than any table has; it keeps the arithmetic within bounds.
const maxCells = 1 << 40

// document reads all data sets of a body: a data set, a collection of them, or an
// object of named ones as version 1 has it. What stands in the place of data is
// returned as a *refusal.
func document(body []byte) ([]dataset, error) {
	top, err := whole(body)
	if err != nil {
		return nil, err
	}
	parts, err := fields(top, "the answer")
	if err != nil {
		return nil, err
	}
	if r := refusalIn(parts); r != nil {
		return nil, r
	}
	class := text(parts["class"])
	switch {
	case class == "collection":
		return collection(parts)
	case class != "" && class != "dataset":
		return nil, fmt.Errorf("its class is %q, which holds no figures", clip(class))
	case class == "" && parts["dimension"] == nil:
		return bundle(top)
	}
	d, err := readDataset(parts)
	if err != nil {
		return nil, err
	}
	return []dataset{d}, nil
}

// fields are the members of an object by name. Names given twice are an error of
// the decoder's.
func fields(raw jsontext.Value, what string) (map[string]jsontext.Value, error) {
	out := map[string]jsontext.Value{}
	err := members(raw, what, func(name string, v jsontext.Value) error { out[name] = v; return nil })
	return out, err
}

// bundle reads {"name":{data set},…}.
func bundle(top jsontext.Value) (all []dataset, err error) {
	err = members(top, "the answer", func(name string, v jsontext.Value) error {
		if v.Kind() != '{' {
			return fmt.Errorf("it is no data set, and %q in it is none either", clip(name))
		}
		d, err := nested(v, name)
		all = append(all, d)
		return err
	})
	return alone(all, err)
}

// collection reads {"class":"collection","link":{"item":[{data set},…]}}.
func collection(parts map[string]jsontext.Value) (all []dataset, err error) {
	link, err := fields(parts["link"], "the collection's link")
	if err != nil {
		return nil, err
	}
	err = elements(link["item"], "the collection's link.item", func(i int, v jsontext.Value) error {
		d, err := nested(v, strconv.Itoa(i+1))
		all = append(all, d)
		return err
	})
	return alone(all, err)
}

func nested(v jsontext.Value, key string) (dataset, error) {
	parts, err := fields(v, "data set "+clip(key))
	if err != nil {
		return dataset{}, err
	}
	if parts["dimension"] == nil {
		return dataset{}, fmt.Errorf("%q is no data set, or only the address of one; give the query that address", clip(key))
	}
	d, err := readDataset(parts)
	if err != nil {
		return d, fmt.Errorf("data set %q: %w", clip(key), err)
	}
	d.key = key
	return d, nil
}

// alone takes the key off a data set that needs none.
func alone(all []dataset, err error) ([]dataset, error) {
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errors.New("there is no data set in it")
	}
	if len(all) == 1 {
		all[0].key = ""
	}
	return all, nil
}

// layout is where a data set keeps the order of its dimensions: beside them
// (version 2), or among them (version 1).
type layout struct {
	ids   []string
	sizes []int
	role  jsontext.Value
}

func readDataset(parts map[string]jsontext.Value) (d dataset, err error) {
	if v := text(parts["version"]); v != "" && !strings.HasPrefix(v, "1.") && !strings.HasPrefix(v, "2.") {
		return d, fmt.Errorf("its version is %q; 1.x and 2.x are known", clip(v))
	}
	dims, err := fields(parts["dimension"], "dimension")
	if err != nil {
		return d, err
	}
	holder := parts
	if parts["id"] == nil {
		holder = dims
	}
	l, err := readLayout(holder)
	if err != nil {
		return d, err
	}
	if err := d.readRoles(l); err != nil {
		return d, err
	}
	if err := d.readDimensions(l, dims, parts["id"] == nil); err != nil {
		return d, err
	}
	d.label, d.updated, d.value = text(parts["label"]), text(parts["updated"]), parts["value"]
	if d.label == "" {
		d.label = text(parts["title"])
	}
	d.status, err = readStatuses(parts["status"], d.cells)
	return d, err
}

func readLayout(holder map[string]jsontext.Value) (l layout, err error) {
	if l.ids, err = texts(holder["id"], "id"); err != nil {
		return l, err
	}
	err = elements(holder["size"], "size", func(_ int, v jsontext.Value) error {
		n, err := count(v, "a size")
		l.sizes = append(l.sizes, n)
		return err
	})
	if err == nil && len(l.sizes) != len(l.ids) {
		err = fmt.Errorf("it has %d dimensions and %d sizes", len(l.ids), len(l.sizes))
	}
	if err == nil && len(l.ids) == 0 {
		err = errors.New("it has no dimensions")
	}
	for i, id := range l.ids {
		if slices.Index(l.ids, id) != i {
			return l, fmt.Errorf("dimension %q is listed twice", clip(id))
		}
	}
	l.role = holder["role"]
	return l, err
}

func (d *dataset) readRoles(l layout) error {
	if l.role == nil || l.role.Kind() == 'n' {
		return nil
	}
	return members(l.role, "role", func(name string, v jsontext.Value) (err error) {
		var ids []string
		switch name {
		case "time":
			d.time, err = texts(v, "role.time")
			ids = d.time
		case "geo":
			d.geo, err = texts(v, "role.geo")
			ids = d.geo
		}
		for _, id := range ids {
			if !slices.Contains(l.ids, id) {
				return fmt.Errorf("role.%s names %q, which is no dimension", name, clip(id))
			}
		}
		return err
	})
}

// readDimensions reads each dimension that id names and accepts no others.
func (d *dataset) readDimensions(l layout, parts map[string]jsontext.Value, inside bool) error {
	d.cells = 1
	for i, id := range l.ids {
		dim, err := readDimension(id, l.sizes[i], parts[id])
		if err != nil {
			return fmt.Errorf("dimension %q: %w", clip(id), err)
		}
		d.dims = append(d.dims, dim)
	}
	for _, dim := range d.dims {
		n := len(dim.codes)
		if n > 0 && d.cells > maxCells/n {
			return errors.New("its sizes multiply to more cells than any table has")
		}
		d.cells *= n
	}
	for name := range parts {
		if slices.Contains(l.ids, name) || inside && slices.Contains([]string{"id", "size", "role"}, name) {
			continue
		}
		return fmt.Errorf("a dimension is described that id does not list (%d described, %d listed)", len(parts), len(l.ids))
	}
	return nil
}

// find is the position of the dimension with that id, or -1.
func (d *dataset) find(id string) int {
	return slices.IndexFunc(d.dims, func(dim dimension) bool { return dim.id == id })
}
