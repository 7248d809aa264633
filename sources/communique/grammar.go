package communique

import (
	"regexp"
	"strconv"
	"strings"

	"citystats/sources/source"
	"citystats/transforms/numerals"
)

const (
	number = `(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)`
	hedges = `((?:的|总量|总额|总值|总数|规模|累计|共|已|首次|再次|成功|历史性|仅|均|为|是|有|达到?|到|实现|完成|突破|首破|跨越|迈上|站上|跨上|超过?|逾|约为?|大约|近|接近|将近|不足|不到|预计|预期|:)*)`
	behind = `(左右|上下|以上|以内|大关|台阶|多|余)?`
	than   = `((?:与|和|同|比|较)?(?:上年末?|去年末?|前一年|上一年|(?:19|20)\d\d年末?)?(?:同期|同月)?(?:相比|同比|相同)?)`
	basis  = `(?:(按可比价格?(?:口径)?(?:计算|核算)?|按不变价格?(?:计算|核算)?|按?同口径(?:计算|比较)?|扣除(?:物价|价格)(?:上涨)?(?:因素|影响)+后?，?)?)`
)

// The forms of figures, each anchored at the first character after what it is said
// of. Whatever follows the match must be nothing, or a phrase of harmless.
var (
	amountRE = regexp.MustCompile(`^` + hedges + number + `(多|余)?(万亿元|亿元|万元|元|万人|人)` + behind)
	growthRE = regexp.MustCompile(`^的?` + basis + than + `(名义|实际|现价)?` +
		`(负增长|增长速度|增长率?|增速|增幅|涨幅|上涨|上升|增加|提高|提升|增|涨|下降|下跌|减少|降低|回落|降)` +
		`((?:回落|加快|放缓|扩大|收窄|提高|提升)(?:至|到)|了|约|近|超过?|达到?|为|:)*` +
		`(?:(-?)` + number + `(多|余)?(%|倍)|(翻番|翻了?[一两二1-3]番))` + behind)
	flatRE    = regexp.MustCompile(`^的?` + than + `(基本)?(?:持平|零增长)`)
	doubledRE = regexp.MustCompile(`^(?:的)?` + than + `(?:实现)?()翻了?([一两二1-3]?)番`)
	signedRE  = regexp.MustCompile(`^[,，:]?\+` + number + `%`)
	averageRE = regexp.MustCompile(`^的?(?:近)?(两|三|四|五|六|七|八|九|十)?年?(?:年均|平均|年平均)(?:增长|增速为?|增长率为?|递增)` + number + `%`)
	shareRE   = regexp.MustCompile(`^(?:的)?占(全市|全省|全国|我市|本市)?((?:规模以上|规上|全部)?工业(?:企业)?(?:总产值|产值|增加值)?|GDP|(?:地区|国内)?生产总值)(?:的)?(?:比重|比例|份额)?` +
		`(?:由((?:(?:19|20)\d\d年|上年)?的?)` + number + `%(?:提高|提升|上升|增加|下降|回落|降低)(?:到|至)((?:19|20)\d\d年的?)?` + number + `%|` + hedges + number + `%)` + behind)
	sinceThenRE = regexp.MustCompile(`^(?:比|较)((?:19|20)\d\d)年(提升|提高|上升|增加|下降|回落|降低)了?` + number + `个百分点$`)
	fromToRE    = regexp.MustCompile(`^从` + number + `(万亿元|亿元|万元|元|万人)(?:增加|增长|提高|提升|扩大|跃升|上升)(?:到|至)` + number + `(万亿元|亿元|万元|元|万人)$`)
	yearsTail   = regexp.MustCompile(`^从(?:19|20)\d\d年到$`)
	yearsRE     = regexp.MustCompile(`从((?:19|20)\d\d)年到((?:19|20)\d\d)年`)
	indexRE     = regexp.MustCompile(`^(?:\(?以?上年(?:同期)?(?:=|为)100\)?)?(?:为|达到?|:)*(\d{2,3}(?:\.\d+)?)(%?)$`)
	exceedsRE   = regexp.MustCompile(`^(?:超过|高于|低于|领先|仅次于|落后于)(\p{Han}+?)的?` + number + `(万亿元|亿元|万元)$`)
	restatedRE  = regexp.MustCompile(`((?:19|20)\d\d)年的?(?:修正|修订|核定|核实|普查)(?:值|数|数据|后)?$`)
	dollarsRE   = regexp.MustCompile(`^人均(?:为|达到?)?` + number + `(万元|元)(?:=|，?(?:按[^，]*汇率[^，]*)?(?:折合|约合|折算)[^，]*?)` + number + `万?美元$`)
)

// harmless is what may follow a figure in its clause, or stand as a clause between a
// subject and its growth, without taking the subject away.
var harmless = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`[-、=，和与及]`,
	`(?:稳)?(?:位?居|位列|列|排名?|跻身|占)[^%]*`,
	`(?:总量|增速|增幅|涨幅|规模|经济总量|人均水平)(?:[^\d%]|\d+位)*`,
	`(?:分别|均)?(?:高于|低于|快于|慢于|领先|落后|超过|高出|高|低|快|慢)[^%]*(?:百分点|千分点|平均水平|全国|全省)`,
	`(?:增速|增幅|涨幅|降幅|同比)?(?:比|较|与)[^%]*(?:百分点|千分点)`,
	`(?:增速|增幅|涨幅|降幅)?(?:回落|提高|提升|上升|加快|放缓|收窄|扩大|下降)[^%]*(?:百分点|千分点)`,
	`(?:按|以)[^，%]{0,12}(?:价格?|价|口径|人口)(?:计算|核算|比较)?`,
	`扣除(?:物价|价格)(?:上涨)?(?:因素|影响)+后?`,
	`(?:按[^，]*汇率[^，]*)?(?:折合|约合|折算|折)[^，]*美元[^，]*`,
	`(?:首次)?(?:达到?|超过?|突破|为|约)*[\d.,]+[万亿]*美元`,
	`(?:对[^，]*)?(?:贡献率|贡献)[^，]*`, `拉动[^，]*`,
	`(?:其中|同比|均|实现[^\d%]*)`,
}, "|") + `)$`)

// units of amounts: the unit of the definitions, the power of ten stated beside it,
// and what one is worth in the dimension's base.
var units = map[string]struct {
	id    string
	mult  int
	worth float64
	of    []dimension
}{
	"万亿元": {"cny_100m", 4, 1e12, []dimension{total}},
	"亿元":  {"cny_100m", 0, 1e8, []dimension{total}},
	"万元":  {"cny_10k", 0, 1e4, []dimension{total, perHead}},
	"元":   {"cny", 0, 1, []dimension{perHead}},
	"万人":  {"persons_10k", 0, 1e4, []dimension{people}},
	"人":   {"persons", 0, 1, []dimension{people}},
}

// printedNumber is a number as printed, and its decimals.
func printedNumber(s string) (v float64, decimals int) {
	s = strings.ReplaceAll(s, ",", "")
	v, _ = strconv.ParseFloat(s, 64)
	if i := strings.IndexByte(s, '.'); i >= 0 {
		decimals = len(s) - i - 1
	}
	return v, decimals
}

// hedge is what words around a number say of it.
type hedge struct {
	qualifier source.Qualifier
	forecast  bool
	problem   string
}

// hedged reads them; two that contradict leave the figure unresolved.
func hedged(before, after string) hedge {
	var h hedge
	said := map[source.Qualifier]bool{}
	for _, w := range []struct {
		words string
		means source.Qualifier
	}{
		{"突破 首破 跨越 迈上 站上 跨上 超 逾", source.Over}, {"约 大约", source.About}, {"近 接近 将近 不足 不到", source.Under},
	} {
		for word := range strings.FieldsSeq(w.words) {
			if strings.Contains(before, word) {
				said[w.means] = true
			}
		}
	}
	for _, w := range []struct {
		words string
		means source.Qualifier
	}{{"左右 上下", source.About}, {"以上 多 余", source.Over}, {"以内", source.Under}} {
		for word := range strings.FieldsSeq(w.words) {
			if strings.Contains(after, word) {
				said[w.means] = true
			}
		}
	}
	h.forecast = strings.Contains(before, "预计") || strings.Contains(before, "预期")
	if len(said) > 1 {
		h.problem = "the words around the number contradict each other"
	}
	for q := range said {
		h.qualifier = max(h.qualifier, q)
	}
	return h
}

// rate is a growth rate as found.
type rate struct {
	percent  float64
	decimals int
	kind     string // 名义, 实际, 现价, or nothing
	constant bool   // at comparable prices, as it says itself
	deflated bool   // 扣除价格因素
	comps    bool   // 同口径
	against  string // what it is compared with, as printed
	hedge    hedge
	length   int
	note     string
}

// foretold reads a growth rate that may be one that is only expected.
func foretold(s string) (rate, bool) {
	bare := strings.TrimPrefix(strings.TrimPrefix(s, "预计"), "预期")
	r, ok := readGrowth(bare)
	if len(bare) < len(s) {
		r.hedge.forecast = true
		r.length += len(s) - len(bare)
	}
	return r, ok
}

// readGrowth reads a growth rate at the beginning of s.
func readGrowth(s string) (rate, bool) {
	if m := signedRE.FindStringSubmatch(s); m != nil {
		v, d := printedNumber(m[1])
		return rate{percent: v, decimals: d, length: len(m[0])}, true
	}
	if m := flatRE.FindStringSubmatch(s); m != nil {
		r := rate{against: m[1], length: len(m[0]), note: "printed as 持平, unchanged"}
		if m[2] != "" {
			r.hedge.qualifier = source.About
		}
		return r, true
	}
	if m := doubledRE.FindStringSubmatch(s); m != nil {
		return rate{percent: doubling(m[3]), against: m[1], length: len(m[0]), note: "printed as 翻番, doubling"}, true
	}
	m := growthRE.FindStringSubmatch(s)
	if m == nil {
		return rate{}, false
	}
	r := rate{
		kind: m[3], against: m[2], length: len(m[0]),
		constant: strings.Contains(m[1], "价") && strings.HasPrefix(m[1], "按"), deflated: strings.HasPrefix(m[1], "扣除"), comps: strings.Contains(m[1], "同口径"),
		hedge: hedged(m[5], m[8]+m[11]),
	}
	if m[10] != "" {
		r.percent, r.note = doubling(strings.Trim(m[10], "翻了番")), "printed as 翻番, doubling"
		return r, true
	}
	v, d := printedNumber(m[7])
	if m[9] == "倍" {
		v, r.note = v*100, "printed as "+m[7]+"倍, times"
		d = max(d-2, 0)
	}
	falls := strings.HasPrefix(m[4], "下") || strings.HasPrefix(m[4], "减") || strings.HasPrefix(m[4], "降") || m[4] == "回落" || m[4] == "负增长"
	if falls && m[6] == "-" {
		r.hedge.problem = "it falls by a negative number"
	}
	if (falls || m[6] == "-") && v != 0 {
		v = -v
	}
	r.percent, r.decimals = v, d
	return r, true
}

// doubling is the growth when something doubles n times.
func doubling(times string) float64 {
	n, ok := numerals.Parse(times)
	if !ok || n < 1 {
		n = 1
	}
	return float64(int(1)<<n-1) * 100
}
