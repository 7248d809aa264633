package communique

import (
	"regexp"
	"strings"

	"citystats/sources/source"
)

// kinds are the words by which a title is known as one of a publication read here.
const kinds = `国民经济(?:和|与)社会发展(?:主要)?(?:情况)?(?:的)?统计公报|统计公报|国民经济(?:和社会发展|运行|发展)?(?:情况|概况|简况)|(?:国民)?经济运行(?:总体)?(?:情况|简况|概况|分析|平稳|稳中)?|` +
	`主要(?:经济|统计)?指标|(?:地区|国内)?生产总值|GDP|居民人均可支配收入|居民收入(?:和消费支出)?(?:情况)?|居民消费价格|规模以上工业|人口(?:主要数据|情况|变动)|经济(?:社会)?发展(?:情况)?|统计数据`

var (
	publication = regexp.MustCompile(kinds)
	communique  = regexp.MustCompile(`统计公报`)
)

// claim is what something says a document is: its row in communiques.csv, the
// title it was given, the title on the page.
type claim struct {
	by     string // who claims it, for people
	area   *place
	period span
	status source.Status
}

// readTitle reads a title such as 合肥市2022年国民经济和社会发展统计公报.
func (g *gazetteer) readTitle(by, title string) (claim, bool) {
	t := plain(title).plain
	at := publication.FindStringIndex(t)
	if at == nil {
		return claim{}, false
	}
	c := claim{by: by, status: standing(t)}
	if w, ok := timeOf(t); ok && w.year != 0 {
		c.period, _ = w.within(span{year: w.year})
	}
	if p, ok := g.titled(t[:at[0]], t); ok {
		c.area = &p
	}
	return c, c.area != nil || c.period.year != 0
}

var titleNoise = regexp.MustCompile(`\([^()]*\)|^[^\p{Han}\d]*(?:关于)?|(?:发布|公布|关于|的|:|：|-|_|\||«|»|《|》|统计局)`)

// titled finds the area of a title: what is left of its head without the time, or
// the only area it names.
func (g *gazetteer) titled(head, title string) (place, bool) {
	head = titleNoise.ReplaceAllString(timeRE.ReplaceAllString(head, ""), "")
	if p, ok := g.find(head); ok {
		return p, true
	}
	// 合肥市统计局: 合肥市2022年…
	if i := strings.LastIndex(title, "局"); i >= 0 && i < len(head) {
		if p, ok := g.find(head[i+len("局"):]); ok {
			return p, true
		}
	}
	named := g.mentions(title)
	if strings.Contains(head, "、") || len(named) != 1 || named[0].area == nil || partsAfter.MatchString(after(title, named[0].name)) {
		return place{}, false
	}
	return named[0], true
}

// partsAfter is what follows the name of an area in a title about parts of it: one
// county or district, or all its cities.
var partsAfter = regexp.MustCompile(`^\p{Han}{1,4}[区县旗]|^\p{Han}{2,4}市|^省?(?:各|所有|部分|十|\d+个?[市县区城])`)

func after(text, name string) string {
	_, rest, _ := strings.Cut(text, name)
	return rest
}

// standing is how settled the figures of a publication are by its title.
func standing(title string) source.Status {
	switch {
	case strings.Contains(title, "最终核实"):
		return source.Final
	case strings.Contains(title, "修订"), strings.Contains(title, "普查"):
		return source.Revised
	}
	return source.Preliminary
}
