package sdmx

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// cube is a small data set before it is written in some format.
type cube struct {
	agency, flow string
	dims         []string // without time
	area         string
	updated      string            // dd/mm/yy, in formats that can say it
	actual       map[string]string // last measured year by area
	series       []cubeSeries
}

type cubeSeries struct {
	key  []string
	mult string
	obs  []cubeObs
}

type cubeObs struct{ time, value, status string }

// latestActual is the attribute that says which years are measured.
const latestActual = "LATEST_ACTUAL_ANNUAL_DATA"

// query asks for the cube.
func (c cube) query() Query {
	q := Query{
		Name: "cube", Title: "A cube", Interface: "2.1", Agency: c.agency, Flow: c.flow, Key: "all", Format: "csvfile",
		Area: c.area, Dimensions: c.dims, Origin: "oecd",
	}
	if c.actual != nil {
		q.LatestActual = latestActual
	}
	return q
}

// only keeps the series of some areas.
func (c cube) only(areas []string) cube {
	at := slices.Index(c.dims, c.area)
	c.series = slices.DeleteFunc(slices.Clone(c.series), func(s cubeSeries) bool { return !slices.Contains(areas, s.key[at]) })
	return c
}

func (c cube) actualOf(s cubeSeries) string { return c.actual[s.key[slices.Index(c.dims, c.area)]] }

// csv1 is SDMX-CSV 1, in which Eurostat says when it was updated.
func (c cube) csv1() []byte {
	head := []string{"DATAFLOW"}
	lead := []string{c.agency + ":" + c.flow + "(1.0)"}
	if c.updated != "" {
		head, lead = append(head, lastUpdate), append(lead, c.updated)
	}
	return c.csv(',', append(slices.Concat(head, c.dims), "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT_MULT", latestActual),
		func(s cubeSeries, o cubeObs) []string {
			return append(slices.Concat(lead, s.key), o.time, o.value, o.status, s.mult, c.actualOf(s))
		})
}

// csv2 is SDMX-CSV 2 with labels=id, and the measure in front of all else.
func (c cube) csv2() []byte {
	return c.csv(',', append(append([]string{"STRUCTURE[;]", "STRUCTURE_ID", "ACTION", "OBS_VALUE", "OBS_STATUS", "UNIT_MULT", latestActual}, c.dims...), "TIME_PERIOD"),
		func(s cubeSeries, o cubeObs) []string {
			value := o.value
			if value == "" {
				value = "NaN"
			}
			return append(append([]string{"dataflow", c.agency + ":" + c.flow + "(1.0)", "I", value, o.status, s.mult, c.actualOf(s)}, s.key...), o.time)
		})
}

// csv2both has labels=both and is French: semicolons, and commas in numbers.
func (c cube) csv2both() []byte {
	label := func(id string) string { return id + ": The label: of " + id }
	head := []string{"STRUCTURE[|]", "STRUCTURE_ID", "ACTION", "SERIES_KEY"}
	for _, d := range append(slices.Clone(c.dims), "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT_MULT", latestActual) {
		head = append(head, label(d))
	}
	return c.csv(';', head, func(s cubeSeries, o cubeObs) []string {
		row := []string{"dataflow", c.agency + ":" + c.flow + "(1.0): Le cube", "M", strings.Join(s.key, ".")}
		for _, v := range s.key {
			row = append(row, label(v))
		}
		row = append(row, label(o.time), strings.Replace(o.value, ".", ",", 1))
		for _, v := range []string{o.status, s.mult} {
			if v != "" {
				v = label(v)
			}
			row = append(row, v)
		}
		return append(row, c.actualOf(s))
	})
}

// csv2name has labels=name, as the OECD's csvfilewithlabels.
func (c cube) csv2name() []byte {
	head := []string{"STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION"}
	for _, d := range append(slices.Clone(c.dims), "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT_MULT", latestActual) {
		head = append(head, d, strings.ToLower(d))
	}
	return c.csv(',', head, func(s cubeSeries, o cubeObs) []string {
		row := []string{"DATAFLOW", c.agency + ":" + c.flow + "(1.0)", "The cube", "I"}
		for _, v := range s.key {
			row = append(row, v, "label, of "+v)
		}
		return append(row, o.time, o.time, o.value, "", o.status, "status", s.mult, "multiplier", c.actualOf(s), "")
	})
}

// csv2partial states attributes in rows of partial keys.
func (c cube) csv2partial() []byte {
	head := append([]string{"STRUCTURE", "STRUCTURE_ID", "ACTION"}, append(slices.Clone(c.dims), "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT_MULT", latestActual)...)
	lead := []string{"dataflow", c.agency + ":" + c.flow + "(1.0)", "R"}
	var after [][]string
	for _, s := range c.series {
		partial := make([]string, len(c.dims))
		at := slices.Index(c.dims, c.area)
		partial[at] = s.key[at]
		after = append(after, slices.Concat(lead, partial, []string{"", "", "", "", c.actualOf(s)}), slices.Concat(lead, s.key, []string{"~", "", "", s.mult, ""}))
	}
	body := c.csv(',', head, func(s cubeSeries, o cubeObs) []string {
		return slices.Concat(lead, s.key, []string{o.time, o.value, o.status, "", ""})
	})
	var b bytes.Buffer
	b.Write(body)
	w := csv.NewWriter(&b)
	_ = w.WriteAll(after)
	return b.Bytes()
}

func (c cube) csv(separator rune, head []string, row func(cubeSeries, cubeObs) []string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = separator
	_ = w.Write(head)
	for _, s := range c.series {
		for _, o := range s.obs {
			_ = w.Write(row(s, o))
		}
	}
	w.Flush()
	return b.Bytes()
}

// values collects the codes of a component and gives their indexes.
type values struct {
	id    string
	codes []string
}

func (v *values) index(code string) string {
	i := slices.Index(v.codes, code)
	if i < 0 {
		i = len(v.codes)
		v.codes = append(v.codes, code)
	}
	return strconv.Itoa(i)
}

// attribute is an index, or null for nothing.
func (v *values) attribute(code string) string {
	if code == "" {
		return "null"
	}
	return v.index(code)
}

// declared is the component as a structure declares it; member is id or value.
func (v *values) declared(member string, more string) string {
	var list []string
	for _, c := range v.codes {
		list = append(list, fmt.Sprintf(`{%q:%q,"name":%q}`, member, c, "label of "+c))
	}
	return fmt.Sprintf(`{"id":%q%s,"values":[%s]}`, v.id, more, strings.Join(list, ","))
}

// codebook is the components of a cube.
type codebook struct {
	dims               []*values
	time, status, mult *values
	actual             *values
}

func (c cube) codebook() codebook {
	b := codebook{time: &values{id: "TIME_PERIOD"}, status: &values{id: "OBS_STATUS"}, mult: &values{id: "UNIT_MULT"}, actual: &values{id: latestActual}}
	for _, d := range c.dims {
		b.dims = append(b.dims, &values{id: d})
	}
	return b
}

func (b codebook) key(s cubeSeries) string {
	var parts []string
	for i, v := range s.key {
		parts = append(parts, b.dims[i].index(v))
	}
	return strings.Join(parts, ":")
}

// declaredDims declares the dimensions, with their places in the key if wanted.
func (b codebook) declaredDims(positions bool) string {
	var list []string
	for i, d := range b.dims {
		more := ""
		if positions {
			more = fmt.Sprintf(`,"keyPosition":%d`, i)
		}
		list = append(list, d.declared("id", more))
	}
	if positions {
		slices.Reverse(list) // it is the positions that count; see jsonSeries for the keys
	}
	return strings.Join(list, ",")
}

// figure is a value as JSON: a number, text as the IMF has it, or null.
func jsonFigure(value string, quoted bool) string {
	switch {
	case value == "":
		return "null"
	case quoted:
		return strconv.Quote(value)
	}
	return value
}

// json1 is SDMX-JSON 1 by series, with the data before what explains them.
func (c cube) json1() []byte {
	b := c.codebook()
	var series []string
	for _, s := range c.series {
		var obs []string
		for _, o := range s.obs {
			obs = append(obs, fmt.Sprintf(`%q:[%s,%s]`, b.time.index(o.time), jsonFigure(o.value, false), b.status.attribute(o.status)))
		}
		key := strings.Split(b.key(s), ":")
		slices.Reverse(key)
		series = append(series, fmt.Sprintf(`%q:{"attributes":[%s,%s],"observations":{%s}}`, strings.Join(key, ":"), b.mult.attribute(s.mult), b.actual.attribute(c.actualOf(s)), strings.Join(obs, ",")))
	}
	return fmt.Appendf(nil, `{"header":{"id":"x","prepared":"2026-01-01T00:00:00"},"dataSets":[{"action":"Information","series":{%s}}],"structure":{"name":"The cube","dimensions":{"dataSet":[],"series":[%s],"observation":[%s]},"attributes":{"dataSet":[],"series":[%s,%s],"observation":[%s]}}}`,
		strings.Join(series, ","), b.declaredDims(true), b.time.declared("id", `,"role":"TIME_PERIOD"`),
		strings.Replace(b.mult.declared("id", `,"role":"UNIT_MULT"`), "UNIT_MULT", "POWERCODE", 1), b.actual.declared("id", ""), b.status.declared("id", ""))
}

// json2 is SDMX-JSON 2 by series, with texts for numbers and attributes of groups.
func (c cube) json2() []byte {
	b := c.codebook()
	at := slices.Index(c.dims, c.area)
	var series, groups []string
	grouped := map[string]bool{}
	for _, s := range c.series {
		key := b.key(s)
		var obs []string
		for _, o := range s.obs {
			obs = append(obs, fmt.Sprintf(`%q:[%s,%s]`, b.time.index(o.time), jsonFigure(o.value, true), b.status.attribute(o.status)))
		}
		series = append(series, fmt.Sprintf(`%q:{"attributes":[%s],"observations":{%s}}`, key, b.mult.attribute(s.mult), strings.Join(obs, ",")))
		if area := s.key[at]; !grouped[area] && c.actual[area] != "" {
			grouped[area] = true
			slots := make([]string, len(c.dims)+1)
			slots[at] = b.dims[at].index(area)
			groups = append(groups, fmt.Sprintf(`%q:[null,[%q]]`, strings.Join(slots, ":"), c.actual[area]))
		}
	}
	return fmt.Appendf(nil, `{"meta":{"prepared":"2026-01-01T00:00:00"},"data":{"dataSets":[{"structure":0,"action":"Replace","series":{%s},"dimensionGroupAttributes":{%s}}],"structures":[{"dimensions":{"series":[%s],"observation":[%s]},"measures":{"observation":[{"id":"OBS_VALUE"}]},"attributes":{"dimensionGroup":[{"id":"BASE_YEAR"},%s],"series":[%s],"observation":[%s]}}]}}`,
		strings.Join(series, ","), strings.Join(groups, ","), b.declaredDims(false), b.time.declared("value", ""),
		b.actual.declared("id", ""), b.mult.declared("id", ""), b.status.declared("id", ""))
}

// jsonFlat is SDMX-JSON with AllDimensions: the first dimension belongs to the
// data set when it has one value only.
func (c cube) jsonFlat() []byte {
	b := c.codebook()
	var obs []string
	fixed := len(c.series) > 0 && !slices.ContainsFunc(c.series, func(s cubeSeries) bool { return s.key[0] != c.series[0].key[0] })
	for _, s := range c.series {
		key := b.key(s)
		if fixed {
			_, key, _ = strings.Cut(key, ":")
		}
		for _, o := range s.obs {
			obs = append(obs, fmt.Sprintf(`"%s:%s":[%s,%s,%s,%s]`, key, b.time.index(o.time), jsonFigure(o.value, false), b.status.attribute(o.status), b.mult.attribute(s.mult), b.actual.attribute(c.actualOf(s))))
		}
	}
	dims, set := b.dims, ""
	if fixed {
		set, dims = dims[0].declared("id", ""), dims[1:]
	}
	rest := codebook{dims: dims}
	list := strings.TrimPrefix(rest.declaredDims(false)+","+b.time.declared("id", ""), ",")
	return fmt.Appendf(nil, `{"data":{"dataSets":[{"observations":{%s}}],"structures":[{"dimensions":{"dataSet":[%s],"observation":[%s]},"attributes":{"observation":[%s,%s,%s]}}]}}`,
		strings.Join(obs, ","), set, list, b.status.declared("id", ""), b.mult.declared("id", ""), b.actual.declared("value", ""))
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

// xmlValue is <generic:Value>, or nothing for nothing.
func xmlValue(id, value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf(`<generic:Value id="%s" value="%s"/>`, escaped(id), escaped(value))
}

func xmlAttr(id, value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf(` %s="%s"`, id, escaped(value))
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>
<message:%s xmlns:message="http://www.sdmx.org/resources/sdmxml/schemas/%[2]s/message" xmlns:common="http://www.sdmx.org/resources/sdmxml/schemas/%[2]s/common" xmlns:generic="http://www.sdmx.org/resources/sdmxml/schemas/%[2]s/data/generic" xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/%[2]s/data/structurespecific" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns1="urn:x">
<message:Header><message:ID>x</message:ID><message:Prepared>2026-01-01T00:00:00</message:Prepared><message:Structure structureID="S" dimensionAtObservation="%s">%s</message:Structure></message:Header>
`

func (c cube) head(root, version, atObs string) string {
	usage := fmt.Sprintf(`<common:StructureUsage><Ref agencyID="%s" id="%s" version="1.0"/></common:StructureUsage>`, c.agency, c.flow)
	if version == "v3_0" {
		usage = fmt.Sprintf(`<common:StructureUsage>urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=%s:%s(1.0)</common:StructureUsage>`, c.agency, c.flow)
	}
	return fmt.Sprintf(xmlHead, root, version, atObs, usage)
}

func (c cube) values(s cubeSeries) string {
	var b strings.Builder
	for i, d := range c.dims {
		b.WriteString(xmlValue(d, s.key[i]))
	}
	return b.String()
}

// generic is SDMX-ML generic by series, with groups.
func (c cube) generic() []byte {
	var b strings.Builder
	b.WriteString(c.head("GenericData", "v2_1", "TIME_PERIOD") + `<message:DataSet structureRef="S" action="Replace">`)
	at := slices.Index(c.dims, c.area)
	for _, s := range c.series {
		if a := c.actualOf(s); a != "" {
			fmt.Fprintf(&b, `<generic:Group type="G"><generic:GroupKey>%s</generic:GroupKey><generic:Attributes>%s</generic:Attributes></generic:Group>`, xmlValue(c.area, s.key[at]), xmlValue(latestActual, a))
		}
	}
	for _, s := range c.series {
		fmt.Fprintf(&b, `<generic:Series><generic:SeriesKey>%s</generic:SeriesKey><generic:Attributes>%s</generic:Attributes>`, c.values(s), xmlValue("UNIT_MULT", s.mult))
		for _, o := range s.obs {
			value := o.value
			if value == "" {
				value = "NaN"
			}
			fmt.Fprintf(&b, `<generic:Obs><generic:ObsDimension value="%s"/><generic:ObsValue value="%s"/><generic:Attributes>%s</generic:Attributes></generic:Obs>`, o.time, value, xmlValue("OBS_STATUS", o.status))
		}
		b.WriteString(`</generic:Series>`)
	}
	b.WriteString("</message:DataSet></message:GenericData>\n")
	return []byte(b.String())
}

// genericFlat is SDMX-ML generic with AllDimensions.
func (c cube) genericFlat() []byte {
	var b strings.Builder
	b.WriteString(c.head("GenericData", "v2_1", "AllDimensions") + `<message:DataSet structureRef="S">`)
	for _, s := range c.series {
		for _, o := range s.obs {
			value := ""
			if o.value != "" {
				value = fmt.Sprintf(`<generic:ObsValue value="%s"/>`, o.value)
			}
			fmt.Fprintf(&b, `<generic:Obs><generic:ObsKey>%s%s</generic:ObsKey>%s<generic:Attributes>%s%s%s</generic:Attributes></generic:Obs>`,
				xmlValue("TIME_PERIOD", o.time), c.values(s), value, xmlValue("OBS_STATUS", o.status), xmlValue("UNIT_MULT", s.mult), xmlValue(latestActual, c.actualOf(s)))
		}
	}
	b.WriteString("</message:DataSet></message:GenericData>\n")
	return []byte(b.String())
}

// specific is SDMX-ML structure-specific by series, as the IMF writes it: groups,
// and SCALE, which must not multiply.
func (c cube) specific(version string) []byte {
	var b strings.Builder
	b.WriteString(c.head("StructureSpecificData", version, "TIME_PERIOD") + `<message:DataSet ss:dataScope="DataStructure" xsi:type="ns1:DataSetType" ss:structureRef="S" action="Replace" PUBLISHER="x">` + "\n")
	group := map[string]string{"v2_1": `Group xsi:type="ns1:G"`, "v3_0": "Atts"}[version]
	name, _, _ := strings.Cut(group, " ")
	at := slices.Index(c.dims, c.area)
	for _, s := range c.series {
		if a := c.actualOf(s); a != "" {
			fmt.Fprintf(&b, `<%s%s%s></%s>`, group, xmlAttr(c.area, s.key[at]), xmlAttr(latestActual, a), name)
		}
	}
	for _, s := range c.series {
		b.WriteString("<Series")
		for i, d := range c.dims {
			b.WriteString(xmlAttr(d, s.key[i]))
		}
		b.WriteString(xmlAttr("UNIT_MULT", s.mult) + ` SCALE="9">`)
		for _, o := range s.obs {
			b.WriteString("<Obs" + xmlAttr("TIME_PERIOD", o.time) + xmlAttr("OBS_VALUE", o.value) + xmlAttr("OBS_STATUS", o.status) + "/>")
		}
		b.WriteString("</Series>\n")
	}
	b.WriteString("</message:DataSet></message:StructureSpecificData>\n")
	return []byte(b.String())
}

// specificFlat is SDMX-ML structure-specific with AllDimensions.
func (c cube) specificFlat() []byte {
	var b strings.Builder
	b.WriteString(c.head("StructureSpecificData", "v2_1", "AllDimensions") + `<message:DataSet ss:structureRef="S">`)
	for _, s := range c.series {
		for _, o := range s.obs {
			b.WriteString("<Obs" + xmlAttr("TIME_PERIOD", o.time))
			for i, d := range c.dims {
				b.WriteString(xmlAttr(d, s.key[i]))
			}
			value := o.value
			if value == "" {
				value = "NaN"
			}
			b.WriteString(xmlAttr("OBS_VALUE", value) + xmlAttr("OBS_STATUS", o.status) + xmlAttr("UNIT_MULT", s.mult) + xmlAttr(latestActual, c.actualOf(s)) + "/>")
		}
	}
	b.WriteString("</message:DataSet></message:StructureSpecificData>\n")
	return []byte(b.String())
}

// formats is a cube in every format there is.
func (c cube) formats() map[string][]byte {
	return map[string][]byte{
		"CSV 1": c.csv1(), "CSV 2": c.csv2(), "CSV 2 labels=both, French": c.csv2both(), "CSV 2 labels=name": c.csv2name(), "CSV 2 partial keys": c.csv2partial(),
		"JSON 1": c.json1(), "JSON 2": c.json2(), "JSON flat": c.jsonFlat(),
		"generic": c.generic(), "generic flat": c.genericFlat(),
		"structure-specific 2.1": c.specific("v2_1"), "structure-specific 3.0": c.specific("v3_0"), "structure-specific flat": c.specificFlat(),
	}
}

// structureXML21 describes the cube.
func (c cube) structureXML21() []byte {
	var b strings.Builder
	b.WriteString(c.head("Structure", "v2_1", "AllDimensions") + `<message:Structures xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure">`)
	fmt.Fprintf(&b, `<str:Dataflows><str:Dataflow id="%s" agencyID="%s"><common:Name xml:lang="fr">Le cube</common:Name><common:Name xml:lang="en">The cube</common:Name><str:Structure><Ref id="DSD_CUBE" class="DataStructure"/></str:Structure></str:Dataflow></str:Dataflows>`, c.flow, c.agency)
	b.WriteString(`<str:Codelists><str:Codelist id="CL_AREA"><common:Name xml:lang="en">Areas</common:Name><str:Code id="CHN"><common:Name xml:lang="en">China</common:Name></str:Code></str:Codelist></str:Codelists>`)
	b.WriteString(`<str:DataStructures><str:DataStructure id="DSD_CUBE"><common:Name xml:lang="en">Structure</common:Name><str:DataStructureComponents><str:DimensionList id="DimensionDescriptor">`)
	for i, d := range slices.Backward(c.dims) {
		fmt.Fprintf(&b, `<str:Dimension id="%s" position="%d"/>`, d, i+1)
	}
	b.WriteString(`<str:TimeDimension id="TIME_PERIOD" position="99"/></str:DimensionList></str:DataStructureComponents></str:DataStructure></str:DataStructures></message:Structures></message:Structure>` + "\n")
	return []byte(b.String())
}

// structureJSON2 describes the cube in SDMX-JSON.
func (c cube) structureJSON2() []byte {
	var dims []string
	for i, d := range c.dims {
		dims = append(dims, fmt.Sprintf(`{"id":%q,"position":%d}`, d, i))
	}
	return fmt.Appendf(nil, `{"meta":{"prepared":"2026-01-01T00:00:00"},"data":{"dataflows":[{"id":%q,"agencyID":%q,"name":"Le cube","names":{"en":"The cube"},"structure":"urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=%s:DSD_CUBE(1.0)"}],"dataStructures":[{"id":"DSD_CUBE","dataStructureComponents":{"dimensionList":{"dimensions":[%s],"timeDimensions":[{"id":"TIME_PERIOD"}]}}},{"id":"DSD_OTHER"}],"codelists":[{"id":"CL_AREA","codes":[{"id":"CHN","name":"China"}]}]}}`,
		c.flow, c.agency, c.agency, strings.Join(dims, ","))
}
