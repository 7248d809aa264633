package sdmx

import (
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
)

// pair is one dimension or attribute of generic data.
type pair struct{ id, value string }

// genericPart reads a child of a generic data set.
func (r *messageReader) genericPart(e xml.StartElement) error {
	switch e.Name.Local {
	case "Attributes":
		return r.values(func(p pair) { r.put(&r.set, p.id, p.value) })
	case "Group":
		return r.genericGroup()
	case "Series":
		return r.genericSeries()
	case "Obs":
		return r.genericObs(nil, attributes{})
	}
	return r.dec.Skip()
}

// values calls f with each Value of the element that was just begun.
func (r *messageReader) values(f func(pair)) error {
	return r.children(func(e xml.StartElement) error {
		if e.Name.Local == "Value" {
			f(pair{plainAttr(e, "id"), plainAttr(e, "value")})
		}
		return r.dec.Skip()
	})
}

// genericGroup keeps the attributes of a partial key. Its dimensions are known
// only from the first series, so it is held until then.
func (r *messageReader) genericGroup() error {
	var key []pair
	var a attributes
	err := r.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "GroupKey":
			return r.values(func(p pair) { key = append(key, p) })
		case "Attributes":
			return r.values(func(p pair) { r.put(&a, p.id, p.value) })
		}
		return r.dec.Skip()
	})
	if err != nil || a == (attributes{}) {
		return err
	}
	if r.last.key != nil {
		return errors.New("a group of attributes follows the observations it may be about")
	}
	r.waiting = append(r.waiting, waiting{key, a})
	return nil
}

// waiting is a group read before the dimensions were known.
type waiting struct {
	key []pair
	a   attributes
}

// genericSeries reads a series: its key and attributes come before its observations.
func (r *messageReader) genericSeries() error {
	var key []pair
	var a attributes
	return r.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "SeriesKey":
			return r.values(func(p pair) { key = append(key, p) })
		case "Attributes":
			return r.values(func(p pair) { r.put(&a, p.id, p.value) })
		case "Obs":
			return r.genericObs(key, a)
		}
		return r.dec.Skip()
	})
}

// genericObs reads an observation, of the series with that key or by itself.
func (r *messageReader) genericObs(inSeries []pair, above attributes) error {
	key := slices.Clone(inSeries)
	var a attributes
	value := ""
	err := r.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "ObsKey":
			return r.values(func(p pair) { key = append(key, p) })
		case "ObsDimension":
			key = append(key, pair{or(plainAttr(e, "id"), r.atObs), plainAttr(e, "value")})
		case "ObsValue":
			value = plainAttr(e, "value")
		case "Attributes":
			return r.values(func(p pair) { r.put(&a, p.id, p.value) })
		}
		return r.dec.Skip()
	})
	if err != nil {
		return err
	}
	return r.explicitKey(key, value, a.over(above))
}

// explicitKey puts the values of a key in the order of the dimensions, which are
// those of the first one.
func (r *messageReader) explicitKey(key []pair, value string, a attributes) error {
	if r.explicit == nil {
		if err := r.learn(key); err != nil {
			return err
		}
	}
	values := make([]string, len(r.dims))
	time := ""
	for _, p := range key {
		i := slices.Index(r.dims, p.id)
		switch {
		case p.id == timeDimension:
			time = p.value
		case i < 0 || values[i] != "":
			return fmt.Errorf("a key has the dimension %s, which the first has not or which it has twice", clip(p.id))
		default:
			values[i] = p.value
		}
	}
	return r.observe(values, time, value, a)
}

// learn takes the dimensions from the first key of a data set, and sorts the
// groups that waited for them.
func (r *messageReader) learn(key []pair) error {
	r.explicit = []string{}
	for _, p := range key {
		if p.id != timeDimension {
			r.explicit = append(r.explicit, p.id)
		}
	}
	if err := r.structure(r.explicit); err != nil {
		return err
	}
	for _, w := range r.waiting {
		partial := make([]string, len(r.dims))
		for _, p := range w.key {
			i := slices.Index(r.dims, p.id)
			if i < 0 {
				return fmt.Errorf("a group has the dimension %s, which the series have not", clip(p.id))
			}
			partial[i] = p.value
		}
		r.groups.add(partial, w.a)
	}
	r.waiting = nil
	return nil
}
