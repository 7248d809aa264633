package communique

import (
	"regexp"
	"strings"
)

// subject is something a sentence can be about, and which of our indicators its
// figures are. An empty indicator means that such a figure is known and not wanted.
type subject struct {
	id      string
	names   string // how texts call it: an expression over the plain form
	unit    dimension
	level   string // indicator of an amount
	growth  string // of a growth rate that says neither 名义 nor 实际
	nominal string // of 名义增长
	real    string // of 实际增长 and of 按可比价格计算 … 增长
	index   bool   // a number near 100 is an index whose excess is the growth
	low     float64
	high    float64 // bounds of the amount in the unit's base
	silent  bool    // another measure under a similar name: why says which
	why     string
}

// dimension is what an amount is counted in.
type dimension uint8

const (
	none    dimension = iota
	total             // money of a whole area: 万元, 亿元, 万亿元
	perHead           // money of one person: 元, 万元
	people            // 人, 万人
)

// limits of what is believed without a person looking.
const (
	mostGrowth  = 40.0      // percent, either way
	mostSurge   = 300.0     // of strategic industries, which begin small
	leastIncome = 5_000.0   // yuan a year
	mostIncome  = 150_000.0 // yuan a year
)

// subjects in the order in which names at one place are tried.
var subjects = []subject{
	{id: "gdp_per_head", names: `人均(?:地区|国内)?(?:生产总值|GDP)\(?(?:GDP)?`, unit: perHead, level: "gdp_per_capita", growth: "gdp_per_capita_growth_real", real: "gdp_per_capita_growth_real", low: 1000, high: 500_000},
	{id: "gdp", names: `(?:地区|国内)?生产总值\(?(?:GDP)?|GDP`, unit: total, level: "gdp", growth: "gdp_growth_real", real: "gdp_growth_real", nominal: "gdp_growth_nominal", low: 1e8, high: 3e14},
	{id: "primary", names: `第一产业(?:实现|完成)?增加值`, unit: total, level: "value_added_primary", low: 0, high: 3e13},
	{id: "secondary", names: `第二产业(?:实现|完成)?增加值`, unit: total, level: "value_added_secondary", low: 0, high: 1e14},
	{id: "tertiary", names: `第三产业(?:实现|完成)?增加值`, unit: total, level: "value_added_tertiary", low: 0, high: 2e14},
	{id: "industry", names: `(?:规模以上|规上)工业(?:企业)?(?:累计)?(?:实现|完成)?增加值`, unit: total, level: "industrial_value_added", growth: "industrial_value_added_growth", real: "industrial_value_added_growth", low: 1e7, high: 8e13},
	{id: "sei_output", names: sei + `(?:总产值|工业总产值|工业产值|产值)`, unit: total, level: "sei_output", growth: "sei_output_growth", low: 1e7, high: 5e13},
	{id: "sei_value_added", names: sei + `(?:工业)?增加值`, unit: total, level: "sei_value_added", growth: "sei_value_added_growth", real: "sei_value_added_growth", low: 1e7, high: 3e13},
	{id: "sei", names: `战略性新兴产业|战新产业`},
	{id: "income_urban", names: `(?:城镇|城市)(?:常住)?居民(?:家庭)?人均可支配收入`, unit: perHead, level: "disposable_income_urban", growth: "disposable_income_urban_growth_nominal", nominal: "disposable_income_urban_growth_nominal", real: "disposable_income_urban_growth_real", low: leastIncome, high: mostIncome},
	{id: "income_rural", names: `农村(?:常住)?居民(?:家庭)?人均可支配收入`, unit: perHead, level: "disposable_income_rural", growth: "disposable_income_rural_growth_nominal", nominal: "disposable_income_rural_growth_nominal", real: "disposable_income_rural_growth_real", low: leastIncome, high: mostIncome},
	{id: "income_all", names: `(?:全体|城乡)?(?:常住)?居民人均可支配收入`, unit: perHead, level: "disposable_income_all", growth: "disposable_income_all_growth_nominal", nominal: "disposable_income_all_growth_nominal", real: "disposable_income_all_growth_real", low: leastIncome, high: mostIncome},
	{id: "income_net", names: `(?:农民|农村(?:常住)?居民)(?:家庭)?人均(?:现金|纯)收入`, silent: true, why: "net and cash incomes of farmers are other measures than disposable income"},
	{id: "cpi", names: `居民消费价格(?:总水平|总指数|指数)?(?:\(CPI\))?|CPI`, growth: "cpi_growth", index: true},
	{id: "resident", names: `常住总?人口(?:总量|总数)?`, unit: people, level: "population_resident", low: 1e4, high: 1.6e9},
	{id: "registered", names: `户籍总?人口(?:总量|总数)?`, unit: people, level: "population_registered", low: 1e4, high: 1.6e9},
}

// sei is the entity whose output and value added are two measures.
const sei = `(?:战略性新兴产业|战新产业)(?:企业)?(?:累计|全年|共|已)*(?:实现|完成)?`

// byID finds a subject.
var byID = func() map[string]*subject {
	out := map[string]*subject{}
	for i := range subjects {
		out[subjects[i].id] = &subjects[i]
	}
	return out
}()

// named finds the first subject in a clause; each has a group of its own.
var named = func() *regexp.Regexp {
	var groups []string
	for i := range subjects {
		groups = append(groups, "("+subjects[i].names+")")
	}
	return regexp.MustCompile(strings.Join(groups, "|"))
}()

// find gives the first subject of a clause and where its name stands.
func find(clause string) (s *subject, from, to int) {
	m := named.FindStringSubmatchIndex(clause)
	if m == nil {
		return nil, 0, 0
	}
	for i := range subjects {
		if m[2*i+2] >= 0 {
			return &subjects[i], m[0], m[1]
		}
	}
	return nil, 0, 0
}

// toDate are the indicators of figures from January to the end of the period, for
// periods in which that is something else than the period's own figure.
var toDate = map[string]string{
	"gdp":                           "gdp_year_to_date",
	"gdp_growth_real":               "gdp_growth_real_year_to_date",
	"industrial_value_added_growth": "industrial_value_added_growth_year_to_date",
	"cpi_growth":                    "cpi_growth_year_to_date",

	"disposable_income_all":                  "disposable_income_all_year_to_date",
	"disposable_income_all_growth_nominal":   "disposable_income_all_growth_nominal_year_to_date",
	"disposable_income_all_growth_real":      "disposable_income_all_growth_real_year_to_date",
	"disposable_income_urban":                "disposable_income_urban_year_to_date",
	"disposable_income_urban_growth_nominal": "disposable_income_urban_growth_nominal_year_to_date",
	"disposable_income_urban_growth_real":    "disposable_income_urban_growth_real_year_to_date",
	"disposable_income_rural":                "disposable_income_rural_year_to_date",
	"disposable_income_rural_growth_nominal": "disposable_income_rural_growth_nominal_year_to_date",
	"disposable_income_rural_growth_real":    "disposable_income_rural_growth_real_year_to_date",

	"sei_output":             "sei_output_year_to_date",
	"sei_output_growth":      "sei_output_growth_year_to_date",
	"sei_output_share":       "sei_output_share_year_to_date",
	"sei_value_added_growth": "sei_value_added_growth_year_to_date",
}

// surveyed says of an indicator that it is an income: the household survey gives
// none of part of a year but from January to the end of a quarter.
func surveyed(indicator string) bool {
	return strings.HasPrefix(indicator, "disposable_income_")
}

// lead are words that may stand between the beginning of a clause and its subject
// without changing what is said. Anything else there leaves the figure unresolved.
var lead = []string{
	"初步核算", "初步测算", "初步统计", "初步核定", "快报统计", "快报", "最终核实", "最终核定", "最终核算", "经", "据", "根据", "统计", "统计显示", "数据显示", "显示", "核算", "测算",
	"全市", "我市", "本市", "全省", "我省", "全区", "我区", "全县", "我县", "全州", "全国", "我国",
	"实现", "完成", "累计", "其中", "合计", "共", "的", "达到", "达", "预计", "按常住人口计算", "按年平均常住人口计算", "按年均常住人口计算", "按平均常住人口计算", "按常住地分",
	"分城乡看", "按城乡分", "从城乡看", "分城乡", "公安", "末", "年", "截至", "截止", "主要", "经济总量", "综合", "人民生活", "物价", "价格", "人口", "总体", "一是", "二是", "三是", "同时", "并", "而", "则", "全部", ":", "-", "\"", "“", "”", "、",
}

// others are words before a name that make another measure of it, one that nobody asks for.
var others = regexp.MustCompile(`(?:户籍|城镇|乡村|农村|城区|市区|主城区|中心城区|外来|流动|男性|女性|非农业|农业|非公有制经济|民营经济|高于|低于|快于|慢于|超过|占|比|对|拉动|按|每|单位|万元|亿元|绿色|人均|亩均|与)$`)

// aims are words of plans.
var aims = regexp.MustCompile(`目标|力争|确保|争取|预期(?:增长|值|目标)|计划|规划`)

// planned begins a list of aims, which may go on to the end of the paragraph.
var planned = regexp.MustCompile(`(?:主要|预期|发展|年度|工作)目标(?:是|为|:|建议)|目标是|目标为`)
