package communique

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Area is a region as texts name it.
type Area struct {
	Code   string
	Name   string   // official, in Chinese
	Names  []string // other names, short ones too
	Level  string   // country, province, prefecture or county
	Office string   // key of data/publishers.csv of its bureau of statistics; empty when there is no row
}

// gazetteer finds areas in texts.
type gazetteer struct {
	byName map[string]*Area // nil where several areas have the name
	byCode map[string]*Area
	names  []string // the longest first
}

func newGazetteer(areas []Area) *gazetteer {
	g := &gazetteer{byName: map[string]*Area{}, byCode: map[string]*Area{}}
	for i := range areas {
		a := &areas[i]
		g.byCode[a.Code] = a
		for _, n := range append([]string{a.Name}, a.Names...) {
			n = plain(n).plain
			if n == "" || !isHan(firstRune(n)) {
				continue
			}
			if other, taken := g.byName[n]; taken && other != a {
				g.byName[n] = nil
				continue
			}
			g.byName[n] = a
		}
	}
	for n := range g.byName {
		g.names = append(g.names, n)
	}
	slices.SortFunc(g.names, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return g
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

// place is the area a figure or a document is about. Where the definitions do not
// hold it, it is called as the text calls it, for whoever adds the row.
type place struct {
	name string
	area *Area
}

// region is what the figure is handed on with.
func (p place) region() string {
	if p.area != nil {
		return p.area.Code
	}
	return p.name
}

func (p place) String() string {
	if p.area != nil {
		return p.area.Name
	}
	return p.name
}

// origin is the office that made the figures of the area.
func (p place) origin() string {
	if p.area != nil && p.area.Office != "" {
		return p.area.Office
	}
	return p.String() + "统计局"
}

// level is country, province, prefecture or county; city where a name in 市 is all
// that is known.
func (p place) level() string {
	switch {
	case p.area != nil:
		return p.area.Level
	case strings.HasSuffix(p.name, "省"), strings.HasSuffix(p.name, "自治区"):
		return "province"
	case strings.HasSuffix(p.name, "市"):
		return "city"
	case strings.HasSuffix(p.name, "州"), strings.HasSuffix(p.name, "盟"), strings.HasSuffix(p.name, "地区"):
		return "prefecture"
	}
	return "county"
}

// areaName is the form of names that the definitions need not hold.
var areaName = regexp.MustCompile(`^\p{Han}{1,10}(?:自治区|自治州|自治县|地区|新区|省|市|区|县|州|盟|旗)$`)

// find reads a name that stands alone: 合肥市, 安徽省合肥市庐阳区, 桐庐县.
func (g *gazetteer) find(name string) (place, bool) {
	if a, known := g.byName[name]; known {
		return place{name, a}, true
	}
	for _, n := range g.names {
		rest, ok := strings.CutPrefix(name, n)
		if !ok || rest == "" {
			continue
		}
		if rest = strings.TrimLeft(rest, "省市"); areaName.MatchString(rest) || g.byName[rest] != nil {
			return g.find(rest)
		}
	}
	if areaName.MatchString(name) && !strings.ContainsAny(name[:len("各")], "各全我本该某两三") {
		return place{name, nil}, true
	}
	return place{}, false
}

// ambiguous says whether several areas have the name.
func (g *gazetteer) ambiguous(p place) bool {
	a, known := g.byName[p.name]
	return p.area == nil && known && a == nil
}

// ends finds the longest known name that text ends with.
func (g *gazetteer) ends(text string) (string, *Area, bool) {
	for _, n := range g.names {
		if strings.HasSuffix(text, n) {
			return n, g.byName[n], true
		}
	}
	return "", nil, false
}

// mentions lists the areas named in a title, without those another one contains.
func (g *gazetteer) mentions(text string) (out []place) {
	for _, n := range g.names {
		if !strings.Contains(text, n) {
			continue
		}
		text = strings.ReplaceAll(text, n, "|")
		if p := (place{n, g.byName[n]}); !slices.ContainsFunc(out, func(o place) bool { return o.region() == p.region() }) {
			out = append(out, p)
		}
	}
	return out
}

// relative are the words that mean the document's own area, at one level.
var relative = map[string]bool{"全市": true, "我市": true, "本市": true, "全省": true, "我省": true, "全区": true, "我区": true, "全县": true, "我县": true, "全州": true, "全国": true, "我国": true}

// own says whether a relative word can mean the area p.
func own(word string, p place) bool {
	level := p.level()
	switch {
	case strings.HasSuffix(word, "国"):
		return level == "country"
	case strings.HasSuffix(word, "省"):
		return level == "province"
	case strings.HasSuffix(word, "市"):
		return level == "prefecture" || level == "city" || strings.HasSuffix(p.String(), "市")
	case strings.HasSuffix(word, "区"):
		return strings.HasSuffix(p.String(), "区")
	case strings.HasSuffix(word, "县"):
		return strings.HasSuffix(p.String(), "县")
	}
	return strings.HasSuffix(p.String(), word[len("全"):])
}
