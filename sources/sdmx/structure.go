package sdmx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// flowStructure is what a structure message says about one dataflow, as far as
// it is needed here. The rest, above all the code lists, is kept in the archive.
type flowStructure struct {
	title      string
	dimensions []string // without time; empty when the message leaves them out
}

// readStructure reads a structure message about the dataflow with that id.
func readStructure(body []byte, flow string) (flowStructure, error) {
	body, err := unpacked(body)
	if err != nil {
		return flowStructure{}, err
	}
	var m structures
	switch first(body) {
	case '<':
		m, err = structuresXML(body)
	case '{':
		m, err = structuresJSON(body)
	default:
		err = recognise(body)
		if err == nil {
			err = errors.New("it is no structure message")
		}
	}
	if err != nil {
		return flowStructure{}, err
	}
	return m.of(flow)
}

// structures is all dataflows and data structures of a message.
type structures struct {
	flows []dataflow
	dsds  []dataStructure
}

type dataflow struct{ id, name, dsd string }

type dataStructure struct {
	id         string
	dimensions []positioned
}

// positioned is a dimension and where in the key it stands, as far as it is said.
type positioned struct {
	id       string
	position int
}

// of picks one dataflow and its data structure.
func (m structures) of(flow string) (flowStructure, error) {
	i := slices.IndexFunc(m.flows, func(f dataflow) bool { return strings.EqualFold(f.id, flow) })
	if i < 0 {
		return flowStructure{}, fmt.Errorf("it does not describe the dataflow %s", flow)
	}
	f := flowStructure{title: m.flows[i].name}
	for _, d := range m.dsds {
		if d.id != m.flows[i].dsd && len(m.dsds) > 1 {
			continue
		}
		slices.SortStableFunc(d.dimensions, func(a, b positioned) int { return a.position - b.position })
		for _, dim := range d.dimensions {
			f.dimensions = append(f.dimensions, dim.id)
		}
	}
	if slices.Contains(f.dimensions, "") { // 2.1 lets a dimension go by the name of its concept
		f.dimensions = nil
	}
	return f, nil
}

// structuresXML reads a structure message token by token.
func structuresXML(body []byte) (structures, error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	root, err := rootElement(dec)
	if err != nil {
		return structures{}, err
	}
	switch root.Name.Local {
	case "Fault", "Envelope", "Error":
		return structures{}, soap(dec)
	case "Structure":
	default:
		return structures{}, fmt.Errorf("it is a document called %s, not a structure of SDMX", clip(root.Name.Local))
	}
	r := structureReader{path: []string{root.Name.Local}}
	for len(r.path) > 0 {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return r.structures, errors.New("it is cut short")
		}
		if err != nil {
			return r.structures, err
		}
		r.token(token)
	}
	return r.structures, atEnd(dec)
}

// structureReader knows where in the message it is.
type structureReader struct {
	structures

	path []string
	lang string
	text strings.Builder
}

func (r *structureReader) token(token xml.Token) {
	switch t := token.(type) {
	case xml.StartElement:
		r.path = append(r.path, t.Name.Local)
		r.text.Reset()
		r.start(t)
	case xml.CharData:
		r.text.Write(t)
	case xml.EndElement:
		r.end()
		r.path = r.path[:len(r.path)-1]
		r.text.Reset()
	}
}

// in says whether the path ends with these elements.
func (r *structureReader) in(names ...string) bool {
	return len(r.path) > len(names) && slices.Equal(r.path[len(r.path)-len(names):], names)
}

func (r *structureReader) start(e xml.StartElement) {
	switch {
	case r.in("Dataflows", "Dataflow"):
		r.flows = append(r.flows, dataflow{id: plainAttr(e, "id")})
	case r.in("DataStructures", "DataStructure"):
		r.dsds = append(r.dsds, dataStructure{id: plainAttr(e, "id")})
	case r.in("Dataflow", "Structure", "Ref") && len(r.flows) > 0:
		r.flows[len(r.flows)-1].dsd = plainAttr(e, "id")
	case (r.in("DimensionList", "Dimension") || r.in("DimensionList", "MeasureDimension")) && len(r.dsds) > 0:
		d := &r.dsds[len(r.dsds)-1]
		d.dimensions = append(d.dimensions, positioned{plainAttr(e, "id"), atoi(plainAttr(e, "position"))})
	}
	if e.Name.Local == "Name" {
		r.lang = anyAttr(e, "lang")
	}
}

// end takes texts: names, English before others, and references written as URN.
func (r *structureReader) end() {
	text := strings.TrimSpace(r.text.String())
	if len(r.flows) == 0 || text == "" {
		return
	}
	f := &r.flows[len(r.flows)-1]
	switch {
	case r.in("Dataflows", "Dataflow", "Name") && (f.name == "" || r.lang == "en"):
		f.name = text
	case r.in("Dataflow", "Structure") && f.dsd == "":
		f.dsd = idOfURN(text)
	}
}

// idOfURN is ID in urn:…=AGENCY:ID(1.0).
func idOfURN(urn string) string {
	name := urn[strings.LastIndex(urn, "=")+1:]
	name, _, _ = strings.Cut(name, "(")
	return name[strings.LastIndex(name, ":")+1:]
}

// atoi reads a position; what is none sorts first and keeps its place.
func atoi(text string) (n int) {
	for _, c := range []byte(text) {
		if c < '0' || c > '9' || n > 1<<20 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// structuresJSON reads a structure message in JSON, version 1 or 2.
func structuresJSON(body []byte) (structures, error) {
	var message struct {
		Data *struct {
			Dataflows []struct {
				ID        text            `json:"id"`
				Name      text            `json:"name"`
				Names     map[string]text `json:"names"`
				Structure text            `json:"structure"`
			} `json:"dataflows"`
			DataStructures []struct {
				ID         text `json:"id"`
				Components struct {
					List struct {
						Dimensions []struct {
							ID       text `json:"id"`
							Position int  `json:"position"`
						} `json:"dimensions"`
					} `json:"dimensionList"`
				} `json:"dataStructureComponents"`
			} `json:"dataStructures"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &message); err != nil {
		return structures{}, err
	}
	if message.Data == nil {
		return structures{}, noStructures(body)
	}
	var m structures
	for _, f := range message.Data.Dataflows {
		name := or(string(f.Names["en"]), string(f.Name))
		m.flows = append(m.flows, dataflow{string(f.ID), name, idOfURN(string(f.Structure))})
	}
	for _, s := range message.Data.DataStructures {
		d := dataStructure{id: string(s.ID)}
		for _, dim := range s.Components.List.Dimensions {
			d.dimensions = append(d.dimensions, positioned{string(dim.ID), dim.Position})
		}
		m.dsds = append(m.dsds, d)
	}
	return m, nil
}

// noStructures says what a message is that has no data.
func noStructures(body []byte) error {
	if n, ok := asNotice(recognise(body)); ok {
		return n
	}
	return errors.New("it holds no structures")
}
