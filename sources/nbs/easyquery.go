package nbs

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"citystats/sources/walk"
)

// The database before 27 March 2026 answered easyquery.htm with
//
//	{"returncode":200,"returndata":{"datanodes":[…],"hasdatacount":10,"wdnodes":[…]}}
//
// where a datanode is a figure with its dimensions zb (indicator), reg (area; not
// there in national databases) and sj (period), and wdnodes name their members.
// What it does and what is made of it:
//
//   - A figure that is not there has hasdata false and data 0. Only hasdata counts.
//   - strdata is the figure as printed, data the unrounded one. strdata is taken,
//     and must be what data rounds to.
//   - The members of a dimension can be [null], when a code is not one of the
//     database.
//   - An error is 200 too, with returncode 501 and a sentence as returndata.
//   - Trees and lists of members have no figures.
//   - The answer does not say which database it is from, and the same zb means
//     other things in others. Whether there is a reg, and the form of sj, tell the
//     frequency and whether it is national; with a reg it is provincial or of the
//     cities, as the code and the name of the indicator together say.

// queryFigure is a datanode.
type queryFigure struct {
	data        jsontext.Value // the unrounded figure
	has         bool
	digits      int
	text        string // the figure as printed
	zb, sj, reg string
	regional    bool // there is a reg
	problem     error
}

// readQueryFigure takes the members of {"data":{…},"wds":[{…}]} that matter.
func readQueryFigure(raw jsontext.Value) (f queryFigure) {
	c := walk.New(raw)
	err := c.Members(func(name []byte) error {
		switch string(name) {
		case "data":
			return c.Members(func(name []byte) error { return f.datum(string(name), c.Value()) })
		case "wds":
			return c.Elements(func() error { return f.dimension(c.Value()) })
		}
		c.Value()
		return nil
	})
	f.problem = errors.Join(f.problem, err)
	return f
}

// datum takes one member of data.
func (f *queryFigure) datum(name string, v jsontext.Value) (err error) {
	switch kind := v.Kind(); {
	case name == "data":
		f.data = v
	case kind == 'n': // as if it were not there
	case name == "hasdata" && kind != 't' && kind != 'f', name == "strdata" && kind != '"':
		return fmt.Errorf("%s is %s", name, clip(v))
	case name == "hasdata":
		f.has = kind == 't'
	case name == "dotcount":
		f.digits, err = strconv.Atoi(string(v))
	case name == "strdata":
		f.text = string(walk.Unquoted(v))
	}
	return err
}

// dimension takes one of wds.
func (f *queryFigure) dimension(v jsontext.Value) error {
	var name, code string
	err := walk.Texts(v, func(member string) *string {
		switch member {
		case "wdcode":
			return &name
		case "valuecode":
			return &code
		}
		return nil
	})
	switch name {
	case "zb":
		f.zb = code
	case "sj":
		f.sj = code
	case "reg":
		f.reg, f.regional = code, true
	}
	return err
}

// queryMember is a member of a dimension.
type queryMember struct {
	Code string `json:"code"`
	Name string `json:"cname"`
	Unit string `json:"unit"`
}

// queryTable is returndata of a question for figures.
type queryTable struct {
	Figures    []jsontext.Value `json:"datanodes"`
	Count      *int             `json:"hasdatacount"`
	Dimensions []struct {
		Name    string         `json:"wdcode"`
		Members []*queryMember `json:"nodes"`
	} `json:"wdnodes"`
}

// easyQuery reads what easyquery.htm answered.
func (d *decoder) easyQuery(code int, data jsontext.Value) error {
	switch {
	case code != 200 || data.Kind() == '"':
		return fmt.Errorf("easyquery refused: returncode %d, %s", code, clip(data))
	case data.Kind() == '[':
		return members(data)
	}
	var t queryTable
	if err := json.Unmarshal(data, &t); err != nil {
		return err
	}
	if t.Figures == nil || t.Dimensions == nil {
		return errors.New("returndata has no datanodes or no wdnodes")
	}
	indicators := map[string]*queryMember{}
	for _, dimension := range t.Dimensions {
		for _, m := range dimension.Members {
			if m != nil && dimension.Name == "zb" {
				indicators[m.Code] = m
			}
		}
	}
	return d.queryFigures(&t, indicators)
}

func (d *decoder) queryFigures(t *queryTable, indicators map[string]*queryMember) error {
	has := 0
	for _, raw := range t.Figures {
		d.n++
		f := readQueryFigure(raw)
		if f.problem != nil {
			_ = d.reject(fmt.Sprintf("it is no figure as easyquery wrote them: %v", f.problem), raw)
			continue
		}
		if !f.has {
			continue
		}
		has++
		if err := d.queryFigure(&f, indicators, raw); err != nil {
			return err
		}
	}
	if t.Count != nil && *t.Count != has {
		return fmt.Errorf("hasdatacount is %d, but %d figures have data", *t.Count, has)
	}
	return nil
}

// queryFigure reads one figure that is there.
func (d *decoder) queryFigure(f *queryFigure, indicators map[string]*queryMember, raw []byte) error {
	zb, at := f.zb, queryPeriod(f.sj)
	indicator := indicators[zb]
	o := figure{series: "zb." + zb, area: wholeNation, period: at, value: f.text}
	region, regional := f.reg, f.regional
	if regional {
		o.area = region
	}
	switch {
	case at == "":
		return d.reject(fmt.Sprintf("its period %q is none of the forms 2024, 2024D, 202412", clip([]byte(f.sj))), raw)
	case indicator == nil:
		return d.reject(fmt.Sprintf("the answer does not name its indicator %q", clip([]byte(zb))), raw)
	case regional && !isDivision(region):
		return d.reject(fmt.Sprintf("its area %q is no code of six digits", clip([]byte(region))), raw)
	case !printed(f.text, f.data, f.digits):
		return d.reject(fmt.Sprintf("it is printed as %q, but data is %s", clip([]byte(f.text)), clip(f.data)), raw)
	}
	o.unit = plain(indicator.Unit)
	for _, number := range slices.Sorted(maps.Keys(trees)) {
		t := trees[number]
		c := d.source.byQuery[t.dbcode+"."+zb]
		if c != nil && (t.scope != nation) == regional && t.suffix == frequency(at) && c.called(indicator.Name) {
			return d.observe(c, o, raw)
		}
	}
	return d.outside(o, raw)
}

// printed says whether text is what data rounds to.
func printed(text string, data jsontext.Value, digits int) bool {
	shown, ok := number(text)
	exact, err := strconv.ParseFloat(string(data), 64)
	return ok && err == nil && digits >= 0 && digits <= 15 && math.Abs(shown-exact) <= 0.5000001*math.Pow10(-digits)
}

// members accepts lists of members, which have no figures.
func members(data jsontext.Value) error {
	var dimensions []struct {
		Name string `json:"wdcode"`
	}
	if err := json.Unmarshal(data, &dimensions); err != nil {
		return err
	}
	for _, d := range dimensions {
		if d.Name == "" {
			return errors.New("it is a list, but not of dimensions (wdcode)")
		}
	}
	return nil
}

// queryTree accepts a tree of indicators, which has no figures.
func (d *decoder) queryTree(body []byte) error {
	if strings.TrimSpace(string(body[1:])) == "]" {
		return errors.New("it is an empty list: easyquery did not know the entry of the tree")
	}
	return members(body)
}
