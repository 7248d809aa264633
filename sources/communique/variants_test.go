package communique_test

import (
	"slices"
	"strings"
	"testing"

	"citystats/sources/communique"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// variant is a way in which such texts mislead, and what must come of it: all figures
// and no other, and a part of the reason of each reject.
type variant struct {
	number  int
	title   string
	text    string
	want    []string
	rejects []string
}

const (
	of2022 = "合肥市2022年国民经济和社会发展统计公报"
	of2019 = "滁州市2019年国民经济和社会发展统计公报"
)

// variants are the thirty ways in which such texts mislead, numbered as the
// specification of the source numbers them. The sentences are written to have their
// form; a figure without a row in data/ is made up for it.
var variants = []variant{
	{1, of2019, "初步测算，全年实现生产总值（GDP）[2]2909.1亿元，按可比价格计算，同比增长9.7%。", []string{"341100 gdp 2019 2909.1 cny_100m", "341100 gdp_growth_real 2019 9.7 percent"}, nil},
	{1, of2019, "初步测算，全年实现生产总值（GDP）<sup>2</sup>2909.1亿元。", []string{"341100 gdp 2019 2909.1 cny_100m"}, nil},
	{1, of2019, "人均GDP达70429<sup>2</sup>3元。", nil, []string{"between name and number"}},
	{1, of2019, `初步测算，全年实现生产总值<a href="#_ftn2">[2]</a>2909.1亿元。`, []string{"341100 gdp 2019 2909.1 cny_100m"}, nil},
	{2, "阜阳市2018年国民经济和社会发展统计公报", "全年生产总值（GDP[2]1759.5亿元，比上年增长9.6%。", []string{"341200 gdp 2018 1759.5 cny_100m", "341200 gdp_growth_real 2018 9.6 percent"}, nil},
	{3, "合肥市2021年国民经济和社会发展统计公报", "全年生产总值11412.80 亿元，按可比价格计算，比上年增长 9.2 %。", []string{"340100 gdp 2021 11412.8 cny_100m", "340100 gdp_growth_real 2021 9.2 percent"}, nil},
	{4, of2019, "全年生产总值2909.1亿元，同比增长9.7%，高于全省2.2个百分点，总量居全省第3位，增速居全省第1位。", []string{"341100 gdp 2019 2909.1 cny_100m", "341100 gdp_growth_real 2019 9.7 percent"}, nil},
	{5, "合肥市2015年上半年经济运行情况", "上半年，全市实现生产总值（GDP）2367.9亿元，增长10.5%，分别高于全国、全省3.5和1.9个百分点，比一季度加快0.8个百分点。", []string{"340100 gdp 2015-H1 2367.9 cny_100m", "340100 gdp_growth_real 2015-H1 10.5 percent"}, nil},
	{6, "合肥市2014年国民经济和社会发展统计公报", "全市生产总值（GDP）5157.97亿元，同比增长10%，增幅高于全国和全省。按常住人口计算，全年人均GDP达到67394元，折合美元首次超过1万美元，达到10971美元；按可比价计算，比上年增长9.1%。", []string{"340100 gdp 2014 5157.97 cny_100m", "340100 gdp_growth_real 2014 10 percent", "340100 gdp_per_capita 2014 67394 cny", "340100 gdp_per_capita_growth_real 2014 9.1 percent"}, nil},
	{7, of2019, "人均GDP达70429元（折合10209美元）。", []string{"341100 gdp_per_capita 2019 70429 cny"}, nil},
	{7, "珠海市2013年国民经济和社会发展统计公报", "人均10.48万元，按年平均汇率折算1.69万美元。", []string{"440400 gdp_per_capita 2013 104800 cny"}, nil},
	{7, "深圳市2022年国民经济和社会发展统计公报", "人均地区生产总值按年平均汇率折算为27248美元。", nil, nil},
	{7, "珠海市2013年国民经济和社会发展统计公报", "居民人均消费支出较快，人均2.48万元，折合0.40万美元。", nil, nil},
	{8, "武汉市2020年国民经济和社会发展统计公报", "地区生产总值15616.06亿元，比上年下降4.7%。", []string{"420100 gdp 2020 15616.06 cny_100m", "420100 gdp_growth_real 2020 -4.7 percent"}, nil},
	{8, "武汉市2020年国民经济和社会发展统计公报", "规模以上工业增加值下降6.9%。", []string{"420100 industrial_value_added_growth 2020 -6.9 percent"}, nil},
	{8, "武汉市2020年国民经济和社会发展统计公报", "地区生产总值负增长4.7%。", []string{"420100 gdp_growth_real 2020 -4.7 percent"}, nil},
	{8, "武汉市2020年国民经济和社会发展统计公报", "地区生产总值增长-4.7%。", []string{"420100 gdp_growth_real 2020 -4.7 percent"}, nil},
	{8, "武汉市2020年国民经济和社会发展统计公报", "地区生产总值下降-4.7%。", nil, []string{"falls by a negative"}},
	{8, "武汉市2020年国民经济和社会发展统计公报", table("指标|绝对数（亿元）|比上年增长（%）", "地区生产总值|15616.06|-4.7", "规模以上工业增加值||下降6.9"), []string{"420100 gdp 2020 15616.06 cny_100m", "420100 gdp_growth_real 2020 -4.7 percent", "420100 industrial_value_added_growth 2020 -6.9 percent"}, nil},
	{9, of2022, "全年居民消费价格与上年持平。规模以上工业增加值基本持平。", []string{"340100 cpi_growth 2022 0 percent", "340100 industrial_value_added_growth 2022 0 percent about"}, nil},
	{10, of2022, "战略性新兴产业产值增长1倍。", []string{"340100 sei_output_growth 2022 100 percent"}, nil},
	{10, of2022, "战略性新兴产业产值增长1.4倍。", []string{"340100 sei_output_growth 2022 140 percent"}, nil},
	{10, of2022, "战略性新兴产业产值比上年翻一番。", []string{"340100 sei_output_growth 2022 100 percent"}, nil},
	{10, of2022, "战略性新兴产业产值比上年翻了两番。", []string{"340100 sei_output_growth 2022 300 percent"}, nil},
	{10, of2022, "战略性新兴产业产值是2015年的2倍。", nil, nil},
	{11, "合肥市2021年国民经济和社会发展统计公报", "全年生产总值11412.8亿元，比上年增长9.2%，两年平均增长6.7%。", []string{"340100 gdp 2021 11412.8 cny_100m", "340100 gdp_growth_real 2021 9.2 percent"}, []string{"average over years"}},
	{12, of2022, "三次产业结构由上年的3.1∶36.5∶60.4调整为3.2:36.6:60.2。", nil, nil},
	{13, "合肥市2015年上半年经济运行情况", "上半年，合肥战略性新兴产业实现增加值319.11亿元、增长26.5%，对工业增长贡献率为56.1%。", []string{"340100 sei_value_added 2015-H1 319.11 cny_100m", "340100 sei_value_added_growth 2015-H1 26.5 percent"}, nil},
	{14, "深圳市2022年国民经济和社会发展统计公报", "战略性新兴产业增加值13324.02亿元，占地区生产总值比重41.1%。", []string{"440300 sei_value_added 2022 13324.02 cny_100m", "440300 sei_gdp_share 2022 41.1 percent"}, nil},
	{14, of2022, "战略性新兴产业产值占规模以上工业总产值比重为54.9%。", []string{"340100 sei_output_share 2022 54.9 percent"}, nil},
	{14, of2022, "战略性新兴产业增加值占规模以上工业增加值的比重达54.9%。", []string{"340100 sei_value_added_share 2022 54.9 percent"}, nil},
	{14, of2022, "战略性新兴产业占规上工业比重54.9%。", nil, []string{"whether output or value added"}},
	{14, of2022, "战略性新兴产业产值占GDP比重54.9%。", nil, []string{"output is no part"}},
	{15, of2022, "战略性新兴产业增长12%。", nil, []string{"whether output or value added"}},
	{15, "合肥市2014年国民经济和社会发展统计公报", "战略性新兴产业产值增长27%，增加值增长29.7%。", []string{"340100 sei_output_growth 2014 27 percent", "340100 sei_value_added_growth 2014 29.7 percent"}, nil},
	{16, "合肥市2014年国民经济和社会发展统计公报", "战略性新兴产业产值突破2550亿元。", []string{"340100 sei_output 2014 2550 cny_100m over"}, nil},
	{16, "合肥市2014年国民经济和社会发展统计公报", "战略性新兴产业产值超2550亿元，全市生产总值约5158亿元，居民人均可支配收入近24300元。", []string{"340100 sei_output 2014 2550 cny_100m over", "340100 gdp 2014 5158 cny_100m about", "340100 disposable_income_all 2014 24300 cny under"}, nil},
	{16, "合肥市2014年国民经济和社会发展统计公报", "全市生产总值5100亿元以上，增长10%左右。", []string{"340100 gdp 2014 5100 cny_100m over", "340100 gdp_growth_real 2014 10 percent about"}, nil},
	{16, "合肥市2024年国民经济和社会发展统计公报", "全市生产总值预计增长5.8%左右。", []string{"340100 gdp_growth_real 2024 5.8 percent forecast about"}, nil},
	{16, "合肥市2024年国民经济和社会发展统计公报", "预期目标是：地区生产总值增长6%左右；规模以上工业增加值增长8%。", nil, []string{"an aim", "an aim"}},
	{17, "合肥市2025年前三季度经济运行情况", "前三季度，全市生产总值10252.4亿元，按不变价格计算，同比增长6.0%。", []string{"340100 gdp_year_to_date 2025-Q3 10252.4 cny_100m", "340100 gdp_growth_real_year_to_date 2025-Q3 6 percent"}, nil},
	{17, "阜阳市2014年1-11月经济运行情况", "1-11月全市战略性新兴产业累计完成产值141.9亿元，同比增长29%。", []string{"341200 sei_output_year_to_date 2014-11 141.9 cny_100m", "341200 sei_output_growth_year_to_date 2014-11 29 percent"}, nil},
	{17, "合肥市2024年1月至7月经济运行情况", "1月至7月，全市规模以上工业增加值同比增长14.5%。", []string{"340100 industrial_value_added_growth_year_to_date 2024-07 14.5 percent"}, nil},
	{17, "合肥市2025年前三季度经济运行情况", "前三季度，全市居民人均可支配收入44000元，同比增长5.4%。", []string{"340100 disposable_income_all_year_to_date 2025-Q3 44000 cny", "340100 disposable_income_all_growth_nominal_year_to_date 2025-Q3 5.4 percent"}, nil},
	{17, "合肥市2024年11-12月经济运行情况", "11-12月全市规模以上工业增加值增长14.5%。", nil, []string{"not understood: 1"}},
	{17, of2022, "截至2022年末，全市常住人口963.4万人；户籍人口800.5万人。其中户籍常住人口700万人，城镇常住人口814.1万人。", []string{"340100 population_resident 2022 963.4 persons_10k", "340100 population_registered 2022 800.5 persons_10k"}, nil},
	{17, "合肥市2022年上半年经济运行情况", "一季度，全市经济平稳。规模以上工业增加值增长8.0%。", nil, []string{"as its paragraph was"}},
	{17, "合肥市2024年1-11月经济运行情况", "1-11月，全市战略性新兴产业增加值500亿元。", nil, []string{"runs from January to November"}},
	{18, "合肥市2024年1-7月经济运行情况", "1-7月，全市规模以上工业增加值增长14.5%，7月当月增速达13.8%。", []string{"340100 industrial_value_added_growth_year_to_date 2024-07 14.5 percent", "340100 industrial_value_added_growth 2024-07 13.8 percent"}, nil},
	{19, "2019年安徽各市经济运行情况", "经初步核算，2019年合肥市GDP为9409.4亿元，超过阜阳市的2705.0亿元。", []string{"340100 gdp 2019 9409.4 cny_100m", "341200 gdp 2019 2705 cny_100m"}, nil},
	{20, "安徽省2020年国民经济和社会发展统计公报", "战略性新兴产业产值占规模以上工业产值比重达40.3%。从区域分布看，合肥、芜湖、滁州3市贡献了全省50%的战略性新兴产业产值。", []string{"340000 sei_output_share 2020 40.3 percent"}, nil},
	{20, "合肥市2020年国民经济和社会发展统计公报", "全省战略性新兴产业产值占规模以上工业产值比重达40.3%。", nil, []string{"speaks of 全省"}},
	{20, "合肥市2020年国民经济和社会发展统计公报", "安徽省经济总体平稳，生产总值38680.6亿元。", nil, []string{"may be about 安徽省"}},
	{21, "阜阳市2014年国民经济和社会发展统计公报", "全市战略性新兴产业产值155.0亿元，与合肥市并列全省第一。", []string{"341200 sei_output 2014 155 cny_100m"}, nil},
	{22, "合肥市庐阳区2016年国民经济和社会发展统计公报", "初步核算，全年地区生产总值（GDP）[2]684.84亿元，比上年增长10.5%。", []string{"340103 gdp 2016 684.84 cny_100m", "340103 gdp_growth_real 2016 10.5 percent"}, nil},
	{22, "2023年肥西县国民经济和社会发展统计公报", "全县生产总值1046.3亿元。全市生产总值12673.8亿元。", []string{"340123 gdp 2023 1046.3 cny_100m"}, []string{"speaks of 全市"}},
	{22, of2022, "庐阳区生产总值1184.7亿元。高新区生产总值1300亿元。", []string{"340103 gdp 2022 1184.7 cny_100m"}, []string{"not understood: 高新区"}},
	{22, "合肥市滨湖新区2023年国民经济和社会发展统计公报", "全市生产总值100亿元。", nil, []string{"全市"}},
	{23, "2017年国民经济和社会发展统计公报", "初步核算，全年生產總值（GDP）[2]333.7億元，按可比價格計算，比上年增長8.6%。", nil, []string{"nothing says which area", "nothing says which area"}},
	{24, "亳州市2019年国民经济和社会发展统计公报", "亳州市2019年实现生产总值1749.0亿元（按第四次全国经济普查结果修订，2018年全市GDP为1551.3亿元），按可比价格计算，比上年增长9.4%。", []string{"341600 gdp 2018 1551.3 cny_100m revised", "341600 gdp 2019 1749 cny_100m", "341600 gdp_growth_real 2019 9.4 percent"}, nil},
	{25, "合肥市2019年国民经济和社会发展统计公报", "2019年合肥市GDP为9409.4亿元，与2018年的修正值（8605.1亿元）相比增长了804.3亿元。", []string{"340100 gdp 2018 8605.1 cny_100m revised", "340100 gdp 2019 9409.4 cny_100m"}, nil},
	{25, "合肥市2019年国民经济和社会发展统计公报", "全市生产总值比上年增加804.3亿元。", nil, []string{"between name and number"}},
	{26, "合肥市2012年国民经济和社会发展统计公报", "从2008年到2012年，合肥市地区生产总值从1776亿元增加到4164亿元，规模以上工业产值从2070亿元增加到6600亿元，其中高新技术产业产值从1057亿元增加到3533亿元，占比为54%。", []string{"340100 gdp 2008 1776 cny_100m revised about", "340100 gdp 2012 4164 cny_100m about"}, nil},
	{26, "合肥市2012年国民经济和社会发展统计公报", "从2008年到2012年合肥市地区生产总值从1776亿元增加到4164亿元。", []string{"340100 gdp 2008 1776 cny_100m revised about", "340100 gdp 2012 4164 cny_100m about"}, nil},
	{26, "合肥市2012年国民经济和社会发展统计公报", "合肥市地区生产总值从1776亿元增加到4164亿元。", nil, []string{"from which year", "from which year"}},
	{27, "合肥市2021年国民经济和社会发展统计公报", "全年全市常住居民人均可支配收入46009元，增长9.6%；城镇常住居民人均可支配收入53208元，增长9.1%，农村常住居民人均可支配收入26856元，增长10.6%。", []string{
		"340100 disposable_income_all 2021 46009 cny", "340100 disposable_income_all_growth_nominal 2021 9.6 percent",
		"340100 disposable_income_urban 2021 53208 cny", "340100 disposable_income_urban_growth_nominal 2021 9.1 percent",
		"340100 disposable_income_rural 2021 26856 cny", "340100 disposable_income_rural_growth_nominal 2021 10.6 percent",
	}, nil},
	{27, "合肥市2011年国民经济和社会发展统计公报", "城镇居民人均可支配收入22459元，增长17.8%。农民人均现金收入8500元，增长20%。", []string{"340100 disposable_income_urban 2011 22459 cny", "340100 disposable_income_urban_growth_nominal 2011 17.8 percent"}, []string{"other measures"}},
	{27, "合肥市2011年国民经济和社会发展统计公报", "居民人均可支配收入22459元。", nil, []string{"before 2013"}},
	{27, "合肥市2021年国民经济和社会发展统计公报", "城镇、农村居民人均可支配收入分别为53208元、26856元。", nil, nil},
	{28, "2021年全国居民收入和消费支出情况", "全国居民人均可支配收入35128元，比上年名义增长9.1%，扣除价格因素，实际增长8.1%。", []string{"CHN disposable_income_all 2021 35128 cny", "CHN disposable_income_all_growth_nominal 2021 9.1 percent", "CHN disposable_income_all_growth_real 2021 8.1 percent"}, nil},
	{28, of2022, "地区生产总值名义增长5.3%，实际增长3.5%。", []string{"340100 gdp_growth_nominal 2022 5.3 percent", "340100 gdp_growth_real 2022 3.5 percent"}, nil},
	{29, "合肥2023年經濟運行情況", "2023年，全市生産總值12673.8億元，同比增長5.8%，高於全國0.6個百分點。規上工業增加值同比增長10.6%，高於全國6個百分點。", []string{"340100 gdp 2023 12673.8 cny_100m", "340100 gdp_growth_real 2023 5.8 percent", "340100 industrial_value_added_growth 2023 10.6 percent"}, nil},
	{29, "滁州市2019年國民經(jīng)濟(jì)和社會發(fā)展統(tǒng)計公報", "全年生產(chǎn)總值2909.1億元，其中，第一產業(yè)增加值249.4億元，增長3.6%。", []string{"341100 gdp 2019 2909.1 cny_100m", "341100 value_added_primary 2019 249.4 cny_100m"}, nil},
	{29, of2022, "**产业增加值80.7亿元，增长4.9%。", nil, []string{"the copy hides"}},
	{29, of2022, "**生产总值12013.1亿元。", nil, []string{"not understood: **"}},
	{30, "石家庄市2018年国民经济和社会发展统计公报", "全年生产总值（含辛集市）6082.6亿元。", nil, []string{"scope"}},
	{30, "合肥市2011年国民经济和社会发展统计公报", "全年生产总值（不含巢湖）3000.5亿元，比上年增长15.4%。", nil, []string{"scope", "scope"}},
	{30, of2022, "规模以上工业增加值按同口径计算增长9.0%。", []string{"340100 industrial_value_added_growth 2022 9 percent"}, nil},
	{30, of2022, table("指标|绝对数（亿元）|比上年增长(%", "生产总值（GDP）|12,013.1|3.5", "第一产业增加值|379.2|4.3"), []string{"340100 gdp 2022 12013.1 cny_100m", "340100 gdp_growth_real 2022 3.5 percent", "340100 value_added_primary 2022 379.2 cny_100m"}, nil},
	{30, of2022, "<p>单位：亿元</p>" + table("指标|2022年|比上年增长（%）", "地区生产总值|12013.1|3.5"), []string{"340100 gdp 2022 12013.1 cny_100m", "340100 gdp_growth_real 2022 3.5 percent"}, nil},
	{30, of2022, "<p>指标</p><p>绝对数（亿元）</p><p>比上年增长（%）</p><p>地区生产总值</p><p>12013.1</p><p>3.5</p><p>规模以上工业增加值</p><p>-</p><p>9.0</p>", []string{"340100 gdp 2022 12013.1 cny_100m", "340100 gdp_growth_real 2022 3.5 percent", "340100 industrial_value_added_growth 2022 9 percent"}, nil},
	{30, of2022, "全年生产总值12,013.1亿元，比上年增长3.5%，比上年回落5.7个千分点。", []string{"340100 gdp 2022 12013.1 cny_100m", "340100 gdp_growth_real 2022 3.5 percent"}, nil},
	{30, of2022, "全年生产总值12013.1亿元，3.5%。", []string{"340100 gdp 2022 12013.1 cny_100m"}, nil},
	{30, "桐庐县2010年国民经济和社会发展统计公报", "全县生产总值2016500万元。", []string{"330122 gdp 2010 2.0165e+10 cny"}, nil},
	{30, of2022, "全年生产总值1.2万亿元，增长3.5%。" + table("指标|绝对数（亿元）|比上年增长（%）", "地区生产总值|12013.1|3.5"), []string{"340100 gdp 2022 12013.1 cny_100m", "340100 gdp_growth_real 2022 3.5 percent"}, nil},
	{30, of2022, "全年生产总值12103.1亿元。" + table("指标|绝对数（亿元）|比上年增长（%）", "地区生产总值|12013.1|3.5"), []string{"340100 gdp_growth_real 2022 3.5 percent"}, []string{"says both", "says both"}},
	{30, of2022, table("指标|计量单位|2022年|2021年|比2021年增长（%）", "地区生产总值|亿元|12013.1|11412.8|3.5", "居民消费价格指数（上年=100）|%|102.0|101.1|-"), []string{"340100 gdp 2021 11412.8 cny_100m revised", "340100 gdp 2022 12013.1 cny_100m", "340100 gdp_growth_real 2022 3.5 percent", "340100 cpi_growth 2021 1.1 percent revised", "340100 cpi_growth 2022 2 percent"}, nil},
	{30, of2022, "<table><tr><td><table><tr><td>指标</td><td>绝对数（亿元）</td></tr><tr><td>地区生产总值</td><td>12013.1</td></tr></table></td></tr><tr><td>友情链接</td><td>首页</td></tr></table>", []string{"340100 gdp 2022 12013.1 cny_100m"}, nil},
	{30, of2022, table("指标|绝对数（亿元）|绝对数（亿元）", "地区生产总值|12013.1|12000"), nil, []string{"headings"}},
	{30, of2022, table("指标|上月|去年底", "地区生产总值|12013.1|3.5"), nil, []string{"headings"}},
}

// table writes an HTML table of rows with cells between bars.
func table(rows ...string) string {
	var out strings.Builder
	out.WriteString("<table>")
	for _, r := range rows {
		out.WriteString("<tr><td>" + strings.ReplaceAll(r, "|", "</td><td>") + "</td></tr>")
	}
	return out.String() + "</table>"
}

// page puts a title and what stands below it on a page.
func page(title, body string) source.Document {
	text := "<!DOCTYPE html><html><head><title>" + title + "</title></head><body><h1>" + title + "</h1><div>" + body + "</div></body></html>"
	return source.Document{Source: communique.ID, Name: "import/page.html", Title: "page.html", Publisher: "web_reprint", Body: []byte(text)}
}

var qualifiers = map[source.Qualifier]string{source.About: " about", source.Over: " over", source.Under: " under"}

// told writes a figure as the variants have it: what is preliminary and exact says so
// by saying nothing.
func told(o *source.Observation) string {
	status := map[source.Status]string{source.Forecast: " forecast", source.Derived: " derived", source.Revised: " revised", source.Final: " final"}
	return figure(o.Region, o.Indicator, o.Period, o.Value, o.Unit) + status[o.Status] + qualifiers[o.Qualifier]
}

func TestVariants(t *testing.T) {
	src := shipped(t)
	numbers := map[int]bool{}
	for _, v := range variants {
		numbers[v.number] = true
		c, err := sourcetest.Decode(src, page(v.title, v.text))
		if err != nil && len(v.want)+len(v.rejects) > 0 {
			t.Errorf("%d, %s: %v", v.number, v.text, err)
			continue
		}
		var got []string
		for i := range c.Observations {
			got = append(got, told(&c.Observations[i]))
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(v.want))
		if !slices.Equal(got, want) {
			t.Errorf("%d, %s:\n got %q\nwant %q\nrejects %v", v.number, v.text, got, want, c.Rejects)
		}
		if len(c.Rejects) != len(v.rejects) {
			t.Errorf("%d, %s: rejects %+v, want %d", v.number, v.text, c.Rejects, len(v.rejects))
			continue
		}
		for i, r := range c.Rejects {
			if !strings.Contains(r.Reason, v.rejects[i]) {
				t.Errorf("%d, %s: rejected because %q, want %q", v.number, v.text, r.Reason, v.rejects[i])
			}
		}
	}
	for n := 1; n <= 30; n++ {
		if !numbers[n] {
			t.Errorf("variant %d of the specification has no row", n)
		}
	}
}
