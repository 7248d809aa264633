package sdmx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// namespace is where all elements of SDMX-ML come from, whatever the version.
const namespace = "http://www.sdmx.org/resources/sdmxml/schemas/"

// messageReader walks SDMX-ML token by token. Only one series is held at a time.
type messageReader struct {
	*decoder

	dec      *xml.Decoder
	generic  bool
	atObs    string   // the dimension the observations differ in
	action   string   // of the message
	explicit []string // dimensions of generic data, once known
	waiting  []waiting
	scratch  []string
	sets     int
	footer   *notice
}

// readXML reads a data message, generic or structure-specific, or the notice
// that stands in its place.
func (d *decoder) readXML(text io.Reader) error {
	r := &messageReader{decoder: d, dec: xml.NewDecoder(text), atObs: timeDimension}
	root, err := rootElement(r.dec)
	if err != nil {
		return err
	}
	switch root.Name.Local {
	case "Fault", "Envelope", "Error":
		return soap(r.dec)
	case "GenericData", "GenericTimeSeriesData":
		r.generic = true
	case "StructureSpecificData", "StructureSpecificTimeSeriesData":
	default:
		return fmt.Errorf("it is a document called %s, not SDMX data", clip(root.Name.Local))
	}
	if !strings.HasPrefix(root.Name.Space, namespace) {
		return fmt.Errorf("its namespace is %q, not one of SDMX", clip(root.Name.Space))
	}
	if err := r.children(r.part); err != nil {
		return err
	}
	if err := atEnd(r.dec); err != nil {
		return err
	}
	if r.sets == 0 && r.footer != nil || r.footer != nil && r.footer.kind == tooLarge {
		return r.footer
	}
	return nil
}

// rootElement is the first element of a document.
func rootElement(dec *xml.Decoder) (xml.StartElement, error) {
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return xml.StartElement{}, errors.New("it has no element")
		}
		if err != nil {
			return xml.StartElement{}, err
		}
		if start, ok := token.(xml.StartElement); ok {
			return start, nil
		}
	}
}

// atEnd reads what follows the root: nothing but comments and white space.
func atEnd(dec *xml.Decoder) error {
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		text, isText := token.(xml.CharData)
		if _, isStart := token.(xml.StartElement); isStart || isText && len(bytes.TrimSpace(text)) > 0 {
			return errors.New("something follows the message")
		}
	}
}

// children calls f with each child of the element that was just begun, until its
// end. f must read its element to the end.
func (r *messageReader) children(f func(xml.StartElement) error) error {
	for {
		token, err := r.dec.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := f(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// text reads the text of an element to its end; its children do not count.
func (r *messageReader) text() (string, error) {
	var b strings.Builder
	for {
		token, err := r.dec.Token()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			if err := r.dec.Skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return strings.TrimSpace(b.String()), nil
		}
	}
}

// part reads one part of the message.
func (r *messageReader) part(e xml.StartElement) error {
	switch e.Name.Local {
	case "Header":
		return r.children(r.header)
	case "DataSet":
		return r.dataSet(e)
	case "Footer":
		return r.children(r.footerMessage)
	}
	return r.dec.Skip()
}

func (r *messageReader) header(e xml.StartElement) error {
	switch e.Name.Local {
	case "Structure":
		r.atObs = or(plainAttr(e, "dimensionAtObservation"), r.atObs)
		return r.children(r.usage)
	case "DataSetAction":
		action, err := r.text()
		r.action = action
		return err
	}
	return r.dec.Skip()
}

// usage reads which dataflow the message is about; a Structure names the data
// structure instead, which has an id of its own.
func (r *messageReader) usage(e xml.StartElement) error {
	if e.Name.Local != "StructureUsage" {
		return r.dec.Skip()
	}
	var urn strings.Builder
	for {
		token, err := r.dec.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.CharData:
			urn.Write(t)
		case xml.StartElement:
			if t.Name.Local == "Ref" {
				if err := r.flow(plainAttr(t, "id")); err != nil {
					return err
				}
			}
			if err := r.dec.Skip(); err != nil {
				return err
			}
		case xml.EndElement:
			return r.flow(flowOfURN(strings.TrimSpace(urn.String())))
		}
	}
}

// flowOfURN is the id in …Dataflow=AGENCY:ID(1.0), empty for other names.
func flowOfURN(urn string) string {
	_, name, ok := strings.Cut(urn, ".Dataflow=")
	if !ok {
		return ""
	}
	name, _, _ = strings.Cut(name, "(")
	return name[strings.LastIndex(name, ":")+1:]
}

func (r *messageReader) footerMessage(e xml.StartElement) error {
	var texts []string
	err := r.children(func(xml.StartElement) error {
		text, err := r.text()
		texts = append(texts, text)
		return err
	})
	if n := message(plainAttr(e, "code"), strings.Join(texts, " ")); r.footer == nil || n.kind == tooLarge {
		r.footer = n
	}
	return err
}

// dataSet reads one data set.
func (r *messageReader) dataSet(e xml.StartElement) error {
	r.sets++
	if err := r.startSet(or(plainAttr(e, "action"), r.action), anyAttr(e, "validFromDate")); err != nil {
		return err
	}
	if r.generic {
		r.explicit, r.waiting = nil, nil
		return r.children(r.genericPart)
	}
	if len(r.q.Dimensions) == 0 {
		return fmt.Errorf("structure-specific data do not say which attributes are dimensions: name them for %s in data/sdmx_queries.csv", r.q.Name)
	}
	if err := r.structure(r.q.Dimensions); err != nil {
		return err
	}
	r.specific(e, &observation{key: make([]string, len(r.dims))}, &r.set)
	return r.children(r.specificPart)
}

// observation is one as far as it has been read.
type observation struct {
	key         []string
	time, value string
}

// specific reads attributes of an element: components of the structure have no
// namespace, everything else has one.
func (r *messageReader) specific(e xml.StartElement, o *observation, a *attributes) {
	for _, at := range e.Attr {
		if at.Name.Space != "" || at.Name.Local == "xmlns" {
			continue
		}
		id := at.Name.Local
		switch i := slices.Index(r.dims, id); {
		case i >= 0:
			o.key[i] = at.Value
		case id == timeDimension:
			o.time = at.Value
		case id == r.q.Measure:
			o.value = at.Value
		default:
			r.put(a, id, at.Value)
		}
	}
}

// specificPart reads a child of a structure-specific data set.
func (r *messageReader) specificPart(e xml.StartElement) error {
	o, a := observation{key: make([]string, len(r.dims))}, attributes{}
	r.specific(e, &o, &a)
	switch e.Name.Local {
	case "Group", "Atts":
		if err := r.group(o.key, a); err != nil {
			return err
		}
	case "Obs":
		if err := r.observe(o.key, o.time, o.value, a); err != nil {
			return err
		}
	case "Series":
		return r.children(func(e xml.StartElement) error { return r.specificObs(e, o, a) })
	}
	return r.dec.Skip()
}

// group keeps attributes of a partial key. By the schema groups come before what
// they are about; one that came later would have been missed.
func (r *messageReader) group(partial []string, a attributes) error {
	if r.last.key != nil && a != (attributes{}) {
		return errors.New("a group of attributes follows the observations it may be about")
	}
	r.groups.add(partial, a)
	return nil
}

// specificObs reads an observation of a series.
func (r *messageReader) specificObs(e xml.StartElement, inSeries observation, above attributes) error {
	if e.Name.Local != "Obs" {
		return r.dec.Skip()
	}
	r.scratch = append(r.scratch[:0], inSeries.key...)
	o, a := observation{key: r.scratch, time: inSeries.time}, attributes{}
	r.specific(e, &o, &a)
	if err := r.observe(o.key, o.time, o.value, a.over(above)); err != nil {
		return err
	}
	return r.dec.Skip()
}

// plainAttr is an attribute without a namespace.
func plainAttr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// anyAttr is an attribute with or without a namespace: the format moved some of
// them between versions.
func anyAttr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
