package nbs

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// savedCities is a table as the site saved it, as CSV.
const savedCities = "数据库：主要城市年度数据\n指标：国内生产总值(亿元)\n时间：最近20年\n地区,2018年,2017年,2016年\n合肥,,7213.45,6274.38\n南京,,11715.1,10503.02\n数据来源：国家统计局\n"

// queryQuarters is an answer of easyquery.
const queryQuarters = `{"returncode":200,"returndata":{"datanodes":[{"code":"zb.A010301_sj.2019B","data":{"data":106.2,"dotcount":1,"hasdata":true,"strdata":"106.2"},"wds":[{"valuecode":"A010301","wdcode":"zb"},{"valuecode":"2019B","wdcode":"sj"}]},{"code":"zb.A010302_sj.2019B","data":{"data":106.3,"dotcount":1,"hasdata":true,"strdata":"106.3"},"wds":[{"valuecode":"A010302","wdcode":"zb"},{"valuecode":"2019B","wdcode":"sj"}]},{"code":"zb.A010301_sj.2019C","data":{"data":0.0,"dotcount":1,"hasdata":false,"strdata":""},"wds":[{"valuecode":"A010301","wdcode":"zb"},{"valuecode":"2019C","wdcode":"sj"}]}],"freshsort":0,"hasdatacount":2,"wdnodes":[{"nodes":[{"cname":"国内生产总值指数(上年同期=100)_当季值","code":"A010301","dotcount":1,"unit":""},{"cname":"国内生产总值指数(上年同期=100)_累计值","code":"A010302","dotcount":1,"unit":""}],"wdcode":"zb","wdname":"指标"},{"nodes":[{"cname":"2019年第二季度","code":"2019B"}],"wdcode":"sj","wdname":"时间"}]}}`

// one is an answer with one figure, to build others from.
const one = `{"data":[{"code":"2020YY","name":"2020年","values":[{"i_showname":"国内生产总值 (亿元) ","_name":"国内生产总值","_id":"i-gdp","du_name":"亿元","value":"1034867.6","da":"000000000000","da_name":"国家"}]}],"success":true,"state":20000,"message":"成功"}`

// outcome is what came of a document, on lines.
func outcome(t *testing.T, name, body string) (lines []string, err error) {
	t.Helper()
	c, err := sourcetest.Decode(New(Config{Catalogues: wanted()}), source.Document{Name: name, Body: []byte(body)})
	for _, o := range c.Observations {
		lines = append(lines, strconv.Itoa(o.Record)+" "+summary(o))
	}
	for _, r := range c.Rejects {
		lines = append(lines, strconv.Itoa(r.Record)+" rejected: "+r.Reason)
	}
	return lines, err
}

const gdp2020 = "1 nation_year_gdp 000000000000 2020 1.0348676e+06 cny_100m"

// TestAnswers is about single figures in answers of the site.
func TestAnswers(t *testing.T) {
	swap := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(one) }
	for _, tt := range []struct {
		name, document, body string
		want                 []string
	}{
		{"as it is", "nation_year_gdp", one, []string{gdp2020}},
		{"under another name", "import/x.json", one, []string{gdp2020}},
		{"with a byte order mark", "x", "\xEF\xBB\xBF" + one + "\n", []string{gdp2020}},
		{"a number", "x", swap(`"1034867.6"`, `1034867.6`), []string{gdp2020}},
		{"space around it", "x", swap(`1034867.6`, ` 1034867.6 `), []string{gdp2020}},
		{"grouped by area", "x", swap(`"2020YY"`, `"000000000000"`, `"value"`, `"dt":"2020YY","value"`), []string{gdp2020}},
		{"areaCode", "x", swap(`"da"`, `"areaCode"`), []string{gdp2020}},
		{"full-width brackets in its name", "x", swap(`(亿元)`, `（亿元）`), []string{gdp2020}},
		{"another unit of the measure", "x", swap(`亿元`, `万元`), []string{"1 nation_year_gdp 000000000000 2020 1.0348676e+06 cny_10k"}},
		{"a new id under the catalogue's name", "nation_year_gdp", swap("i-gdp", "i-new"), []string{gdp2020}},
		{"nobody's id", "x", swap("i-gdp", "i-new"), []string{"1 i-new 000000000000 2020 1.0348676e+06 cny_100m"}},
		{"nobody's id and no number", "x", swap("i-gdp", "i-new", "1034867.6", "约"), []string{`1 rejected: its value "约" is not a plain number`}},
		{"nobody's id and nothing", "x", swap("i-gdp", "i-new", "1034867.6", ""), nil},
		{"empty", "x", swap("1034867.6", ""), nil},
		{"无", "x", swap("1034867.6", "无"), nil},
		{"null", "x", swap(`"1034867.6"`, "null"), nil},
		{"no value at all", "x", swap(`"value":"1034867.6",`, ""), nil},
		{"no values", "x", wrap(`[{"code":"2020YY","values":[]},{"code":"2019YY"}]`), nil},
		{"no rows", "x", wrap(`[]`), nil},
		{"entries of the tree", "x", wrap(`[{"_id":"a","name":"国民经济核算","isLeaf":false,"type":"catalog"}]`), nil},
		{"areas", "x", wrap(`[{"catalog_id":"a","name_value":"340100000000","show_name":"合肥"}]`), nil},
		{"indicators", "x", wrap(`{"total":1,"list":[{"_id":"i-gdp","i_showname":"国内生产总值 (亿元) "}]}`), nil},
		{"the same twice", "x", swap(`]}],"success"`, `]},{"code":"2020YY","values":[{"i_showname":"国内生产总值","_id":"i-gdp","du_name":"亿元","value":"1034867.6","da":"000000000000"}]}],"success"`), []string{gdp2020}},
		{
			"another figure for the same", "x", swap(`]}],"success"`, `]},{"code":"2020YY","values":[{"i_showname":"国内生产总值","_id":"i-gdp","du_name":"亿元","value":"1013567","da":"000000000000"}]}],"success"`),
			[]string{gdp2020, "2 rejected: the document also states 1034867.6 for the same area and period"},
		},
		{"separators", "x", swap("1034867.6", "1,034,867.6"), []string{`1 rejected: its value "1,034,867.6" is not a plain number`}},
		{"exponent", "x", swap("1034867.6", "1e6"), []string{`1 rejected: its value "1e6" is not a plain number`}},
		{"a truth value", "x", swap(`"1034867.6"`, "true"), []string{"1 rejected: its value is true"}},
		{"another's name", "x", swap("国内生产总值", "国民总收入"), []string{`1 rejected: it is called "国民总收入 (亿元) ", and nation_year_gdp has no such name in data/nbs_catalogues.csv`}},
		{"another's figures under the catalogue's name", "city_year_gdp", one, []string{`1 rejected: it is about area 000000000000, which 主要城市年度数据 does not have`}},
		{"Beijing instead of the nation", "x", swap(`"000000000000"`, `"110000000000"`), []string{"1 rejected: it is about area 110000, which 年度数据 does not have"}},
		{"before its years", "x", swap("2020YY", "1978YY"), []string{"1 rejected: nation_year_gdp has no period 1978: it goes from 2010 to now"}},
		{"a quarter", "x", swap("2020YY", "202004SS"), []string{"1 rejected: nation_year_gdp has no period 2020-Q4: it goes from 2010 to now"}},
		{"a unit nobody knows", "x", swap(`"亿元"`, `"亿美元"`), []string{`1 rejected: its unit "亿美元" is not known here`}},
		{"no unit", "x", swap(`"du_name":"亿元",`, ""), []string{"1 rejected: it states no unit"}},
		{"no area", "x", swap(`"da":"000000000000",`, ""), []string{"1 rejected: it does not say which area it is about (da, areaCode)"}},
		{"no indicator", "x", swap(`"_id":"i-gdp",`, ""), []string{"1 rejected: it does not say which indicator it is (_id)"}},
		{"another form of period", "x", swap("2020YY", "2020AA"), []string{`1 rejected: its period is none of the forms 2024YY, 202404SS, 202412MM: row "2020AA"`}},
		{"a text instead of a figure", "x", wrap(`[{"code":"2020YY","values":["1034867.6"]}]`), []string{"1 rejected: it is no figure as the site writes them: it is no object but \"string\""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := outcome(t, tt.document, tt.body)
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestIndices is about what must be an index and may not be one.
func TestIndices(t *testing.T) {
	body := strings.NewReplacer("2020YY", "201902SS", "国内生产总值 (亿元) ", "国内生产总值指数 (上年同期=100) 当季值", "i-gdp", "i-gdp-index-q", "亿元", "无").Replace(one)
	for value, want := range map[string]string{
		"106.2": "1 nation_quarter_gdp_index 000000000000 2019-Q2 6.2 percent index 106.2 minus 100",
		"93.2":  "1 nation_quarter_gdp_index 000000000000 2019-Q2 -6.8 percent index 93.2 minus 100",
		"100":   "1 nation_quarter_gdp_index 000000000000 2019-Q2 0 percent index 100 minus 100",
		"6.2":   "1 rejected: an index with the period before = 100 is not 6.2",
		"1062":  "1 rejected: an index with the period before = 100 is not 1062",
	} {
		got, err := outcome(t, "x", strings.ReplaceAll(body, "1034867.6", value))
		if err != nil || !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %v, %v; want %s", value, got, err, want)
		}
	}
	got, _ := outcome(t, "x", strings.ReplaceAll(body, `"无"`, `"%"`))
	if want := []string{"1 rejected: it is an index and should have no unit, not %"}; !slices.Equal(got, want) {
		t.Errorf("an index in percent: %v, want %v", got, want)
	}
}

// query is an answer of easyquery with one figure, to build others from.
const queried = `{"returncode":200,"returndata":{"datanodes":[{"code":"zb.A020102_sj.2020","data":{"data":1034867.6012,"dotcount":1,"hasdata":true,"strdata":"1034867.6"},"wds":[{"valuecode":"A020102","wdcode":"zb"},{"valuecode":"2020","wdcode":"sj"}]}],"hasdatacount":1,"wdnodes":[{"nodes":[{"cname":"国内生产总值","code":"A020102","unit":"亿元"}],"wdcode":"zb"},{"nodes":[null],"wdcode":"sj"}]}}`

// TestEasyQuery is about the interface that was retired in March 2026.
func TestEasyQuery(t *testing.T) {
	swap := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(queried) }
	province := swap("A020102", "A0A0201", `{"valuecode":"2020","wdcode":"sj"}`, `{"valuecode":"110000","wdcode":"reg"},{"valuecode":"2020","wdcode":"sj"}`, "国内生产总值", "城镇居民人均可支配收入", "亿元", "元")
	for _, tt := range []struct {
		name, body string
		want       []string
	}{
		{"as it is", queried, []string{gdp2020}},
		{"quarters", queryQuarters, []string{
			"1 nation_quarter_gdp_index 000000000000 2019-Q2 6.2 percent index 106.2 minus 100",
			"2 zb.A010302 000000000000 2019-Q2 106.3",
		}},
		{"months", strings.NewReplacer("A010301", "A01010101", "2019B", "202012", "2019C", "202011", "国内生产总值指数(上年同期=100)_当季值", "居民消费价格指数(上年同月=100)", "A010302", "A01010102", "106.2", "100.2").Replace(queryQuarters), []string{
			"1 nation_month_cpi 000000000000 2020-12 0.2 percent index 100.2 minus 100",
			"2 zb.A01010102 000000000000 2020-12 106.3",
		}},
		{"a province", province, []string{"1 province_year_disposable_income_urban 110000 2020 1.0348676e+06 cny"}},
		{"a province under a national code", strings.ReplaceAll(province, "A0A0201", "A020102"), []string{"1 zb.A020102 110000 2020 1.0348676e+06 cny"}},
		{"the code of another database", swap("国内生产总值", "规上工业增加值_同比增长", "亿元", "%", "2020", "202412"), []string{"1 zb.A020102 000000000000 2024-12 1.0348676e+06 percent"}},
		{"the code in another database of the frequency", swap("国内生产总值", "年末人口"), []string{"1 zb.A020102 000000000000 2020 1.0348676e+06 cny_100m"}},
		{"no data", swap(`"data":1034867.6012`, `"data":0.0`, `"hasdata":true`, `"hasdata":false`, `"1034867.6"`, `""`, `count":1,"wd`, `count":0,"wd`), nil},
		{"nodes of null", `{"returncode":200,"returndata":{"datanodes":[],"hasdatacount":0,"wdnodes":[{"nodes":[null],"wdcode":"zb"},{"nodes":[{"cname":"合肥","code":"340100"}],"wdcode":"reg"}]}}`, nil},
		{"a tree", `[{"dbcode":"hgyd","id":"A01","isParent":true,"name":"价格指数","pid":"","wdcode":"zb"}]`, nil},
		{"members", `{"returncode":200,"returndata":[{"issj":false,"nodes":[{"code":"110000","name":"北京市","sort":"1"}],"selcode":"110000","wdcode":"reg"}]}`, nil},
		{"printed otherwise", swap(`"1034867.6"`, `"1013567"`), []string{`1 rejected: it is printed as "1013567", but data is 1034867.6012`}},
		{"not printed", swap(`"1034867.6"`, `""`), []string{`1 rejected: it is printed as "", but data is 1034867.6012`}},
		{"an indicator without a name", swap(`"code":"A020102"`, `"code":"A020103"`), []string{`1 rejected: the answer does not name its indicator "A020102"`}},
		{"another form of period", swap(`"2020"`, `"2020Q1"`), []string{`1 rejected: its period "2020Q1" is none of the forms 2024, 2024D, 202412`}},
		{"an area without a code", strings.ReplaceAll(province, `"110000"`, `"北京"`), []string{`1 rejected: its area "北京" is no code of six digits`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := outcome(t, "import/x.json", tt.body)
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSavedTables is about tables that people saved, in all their arrangements.
func TestSavedTables(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       []string
	}{
		{"areas by periods", savedCities, []string{
			"1 city_year_gdp 合肥 2017 7213.45 cny_100m", "2 city_year_gdp 合肥 2016 6274.38 cny_100m",
			"3 city_year_gdp 南京 2017 11715.1 cny_100m", "4 city_year_gdp 南京 2016 10503.02 cny_100m",
		}},
		{"indicators by periods", "数据库：季度数据\n时间：最近6季度\n指标,2019年第二季度,2019年第一季度\n国内生产总值指数(上年同期=100)_当季值,106.2,106.4\n国内生产总值指数(上年同期=100)_累计值,106.3,\n数据来源：国家统计局\n", []string{
			"1 nation_quarter_gdp_index 000000000000 2019-Q2 6.2 percent index 106.2 minus 100",
			"2 nation_quarter_gdp_index 000000000000 2019-Q1 6.4 percent index 106.4 minus 100",
			"3 季度数据 国内生产总值指数(上年同期=100)累计值 000000000000 2019-Q2 106.3",
		}},
		{"two versions of an index", "数据库:月度数据\n地区:全国\n指标,2021年1月,2020年12月\n居民消费价格指数(上年同月=100),99.7,100.2\n数据来源:国家统计局\n", []string{
			"1 nation_month_cpi 000000000000 2021-01 -0.3 percent index 99.7 minus 100",
			"2 nation_month_cpi 000000000000 2020-12 0.2 percent index 100.2 minus 100",
		}},
		{"areas by indicators", "数据库：分省年度数据\n时间：2024年\n地区,城镇居民人均可支配收入(元),年末总人口(万人)\n北京市,92464,无\n合计\n\n数据来源：国家统计局\n", []string{
			"1 province_year_disposable_income_urban 北京市 2024 92464 cny",
		}},
		{"indicators by areas", "数据库：主要城市年度数据\n时间：2017年\n指标,合肥\n国内生产总值(亿元),7213.45\n数据来源：国家统计局\n", []string{"1 city_year_gdp 合肥 2017 7213.45 cny_100m"}},
		{"periods by areas", "数据库：主要城市年度数据\n指标：国内生产总值(亿元)\n时间,合肥\n2017年,7213.45\n数据来源：国家统计局\n", []string{"1 city_year_gdp 合肥 2017 7213.45 cny_100m"}},
		{"periods by indicators", "数据库：年度数据\n时间,国内生产总值(亿元)\n2020年,1034867.6\n数据来源：国家统计局\n", []string{gdp2020}},
		{"a province in a national table", "数据库：年度数据\n地区：北京市\n时间,国内生产总值(亿元)\n2020年,1\n数据来源：国家统计局\n", []string{"1 rejected: it is about area 北京市, which 年度数据 does not have"}},
		{"figures that are none", "数据库：年度数据\n时间,国内生产总值(亿元),,\n2020年,约1000,5\n,7\n2020,8\n数据来源：国家统计局\n", []string{
			`1 rejected: its value "约1000" is not a plain number`,
			"2 rejected: a figure without a head of its column or a name of its row",
			"3 rejected: a figure without a head of its column or a name of its row",
			`4 rejected: its period "2020" is none of the forms 2024年, 2024年第四季度, 2024年12月`,
		}},
		{"before its years", "数据库：年度数据\n时间,国内生产总值(亿元)\n1952年,679.1\n数据来源：国家统计局\n", []string{
			"1 rejected: nation_year_gdp has no period 1952: it goes from 2010 to now",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := outcome(t, "import/x.csv", tt.body)
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDistrust is about documents that Decode refuses as a whole.
func TestDistrust(t *testing.T) {
	for _, tt := range []struct{ name, body, want string }{
		{"page", "<html>服务异常</html>", `a page came instead of data: "<html>服务异常</html>"`},
		{"nothing", " \n", "it is empty"},
		{"a message", `{"success":false,"state":50000,"message":"系统错误"}`, `state 50000, success false: "系统错误"`},
		{"no success", strings.Replace(one, "true", "false", 1), "state 20000, success false"},
		{"data is a text", wrap(`"no"`), `neither a list nor an object but "no"`},
		{"data is null", wrap(`null`), "neither a list nor an object but null"},
		{"results of a search", wrap(`{"types":[],"count":1,"data":[{"show_name":"国内生产总值","value":"1034867.6"}]}`), "answers of the site's search are not read"},
		{"a row of nothing", wrap(`[{"values":[]}]`), "row 1 says neither which period nor which area it is"},
		{"the oldest interface", wrap(`[{"dt":"2020YY","v":"1034867.6"}]`), "row 1 says neither"},
		{"duplicate member", strings.Replace(one, `"success":true`, `"success":true,"success":true`, 1), "duplicate object member name"},
		{"not UTF-8", strings.Replace(one, "国", "\xff", 1), "invalid UTF-8"},
		{"another after it", one + one, "after top-level value"},
		{"easyquery's error", `{"returncode":501,"returndata":"对不起，未能找到符合查询条件的信息。"}`, "easyquery refused: returncode 501, \"对不起"},
		{"easyquery without figures", `{"returncode":200,"returndata":{}}`, "no datanodes or no wdnodes"},
		{"easyquery's count", strings.Replace(queried, `"hasdatacount":1`, `"hasdatacount":10`, 1), "hasdatacount is 10, but 1 figures have data"},
		{"easyquery's empty tree", "[ ]", "easyquery did not know the entry"},
		{"a list of other things", `[{"name":"x"}]`, "not of dimensions (wdcode)"},
		{"a list of numbers", `[1]`, "unmarshal JSON"},
		{"CSV of another kind", "a,b\n1,2\n", `A1 is "a", where a saved table has`},
		{"cut short", strings.TrimSuffix(savedCities, "数据来源：国家统计局\n"), "it does not end with 数据来源：国家统计局"},
		{"only its end", "数据来源：国家统计局\n", "it does not end with"},
		{"no database", strings.Replace(savedCities, "主要城市年度数据", "港澳台年度数据", 1), `its database "港澳台年度数据" is none`},
		{"no indicator", strings.Replace(savedCities, "指标：", "说明：", 1), "it does not say of which 指标 it is"},
		{"no columns", "数据库：年度数据\n指标\n数据来源：国家统计局\n", "its head has no columns"},
		{"a broken workbook", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1xx", "no readable spreadsheet"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sourcetest.Decode(New(Config{Catalogues: wanted()}), source.Document{Name: "import/x", Body: []byte(tt.body)})
			if fault.KindOf(err) != fault.Upstream || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want one of kind upstream that says %q", err, tt.want)
			}
			if len(err.Error()) > 700 {
				t.Errorf("error of %d bytes, nobody reads that: %v", len(err.Error()), err)
			}
		})
	}
}

// TestCutTables cuts a saved table everywhere: only white space may go unnoticed.
func TestCutTables(t *testing.T) {
	for at := range len(savedCities) - 1 {
		_, err := sourcetest.Decode(New(Config{}), source.Document{Body: []byte(savedCities[:at])})
		if fault.KindOf(err) != fault.Upstream {
			t.Errorf("cut to %d of %d bytes: %v, want an error of kind upstream", at, len(savedCities), err)
		}
	}
	full := &sourcetest.Collector{Err: errors.New("full"), After: 1}
	if err := New(Config{}).Decode(source.Document{Body: []byte(savedCities)}, full); err != full.Err || len(full.Observations) != 1 { //nolint:errorlint // the contract is identity
		t.Errorf("the sink refuses the second figure: %v after %d", err, len(full.Observations))
	}
}

// TestNames is about what is the same name, and what only looks like it.
func TestNames(t *testing.T) {
	for in, want := range map[string][2]string{
		"国内生产总值 (亿元) ":              {"国内生产总值", "亿元"},
		"国内生产总值指数（上年同期=100）_当季值":    {"国内生产总值指数(上年同期=100)当季值", ""},
		"国内生产总值指数 (上年=100) (无) ":    {"国内生产总值指数(上年=100)", "无"},
		"国内生产总值指数 (上年=100)":         {"国内生产总值指数(上年=100)", ""},
		"地区生产总值 (当年价格) (亿元)":        {"地区生产总值(当年价格)", "亿元"},
		"居民人均可支配收入累计增长 (％) ":        {"居民人均可支配收入累计增长", "%"},
		"城镇居民人均可支配收入":               {"城镇居民人均可支配收入", ""},
		"(2026-)":                   {"(2026-)", ""},
		"x()":                       {"x()", ""},
		"":                          {"", ""},
		"全国居民消费价格分类指数 (2016-2020) ": {"全国居民消费价格分类指数(2016-2020)", ""},
	} {
		if name, unit := nameAndUnit(in); name != want[0] || unit != want[1] {
			t.Errorf("%q is %q in %q, want %q", in, name, unit, want)
		}
	}
}

// TestPeriods reads each form, and nothing like it.
func TestPeriods(t *testing.T) {
	for _, tt := range []struct {
		read func(string) string
		in   string
		want string
	}{
		{period, "2024YY", "2024"},
		{period, "202404SS", "2024-Q4"},
		{period, "202412MM", "2024-12"},
		{period, "202405SS", ""},
		{period, "202400MM", ""},
		{period, "202413MM", ""},
		{period, "2024", ""},
		{period, "2024AA", ""},
		{period, "202412YY", ""},
		{period, "2024YY ", ""},
		{period, "２０２４YY", ""},
		{queryPeriod, "2024", "2024"},
		{queryPeriod, "2024D", "2024-Q4"},
		{queryPeriod, "202401", "2024-01"},
		{queryPeriod, "2024E", ""},
		{queryPeriod, "202413", ""},
		{queryPeriod, "LAST10", ""},
		{wordPeriod, "2018年", "2018"},
		{wordPeriod, " 2018 年 ", "2018"},
		{wordPeriod, "2018年第四季度", "2018-Q4"},
		{wordPeriod, "2018年3季度", "2018-Q3"},
		{wordPeriod, "2018年12月", "2018-12"},
		{wordPeriod, "2018年2月", "2018-02"},
		{wordPeriod, "2018年02月", "2018-02"},
		{wordPeriod, "2018年13月", ""},
		{wordPeriod, "2018年第五季度", ""},
		{wordPeriod, "最近20年", ""},
		{wordPeriod, "2018", ""},
	} {
		if got := tt.read(tt.in); got != tt.want {
			t.Errorf("%q is %q, want %q", tt.in, got, tt.want)
		}
	}
	for in, want := range map[string]string{"2020": "2021-01-01", "2024-Q1": "2024-04-01", "2024-Q4": "2025-01-01", "2024-09": "2024-10-01", "2024-12": "2025-01-01"} {
		if got := dayAfter(in); got != want {
			t.Errorf("the day after %s is %s, want %s", in, got, want)
		}
		if got := period(code(in)); got != in {
			t.Errorf("%s comes back from the site's form as %s", in, got)
		}
	}
}

// TestMinus100 holds the subtraction to decimal digits: what is left has the same
// digits after the point, and adding 100 brings the index back.
func TestMinus100(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.IntRange(0, 4).Draw(t, "digits")
		whole := rapid.Int64Range(0, 300).Draw(t, "whole")
		text := strconv.FormatInt(whole, 10)
		if digits > 0 {
			text += fmt.Sprintf(".%0*d", digits, rapid.Int64Range(0, int64(math.Pow10(digits))-1).Draw(t, "fraction"))
		}
		got := minus100(text)
		short := strconv.FormatFloat(got, 'f', -1, 64)
		if _, fraction, _ := strings.Cut(short, "."); len(fraction) > digits {
			t.Errorf("%s minus 100 is %s", text, short)
		}
		want, _ := number(text)
		if math.Abs(got+100-want) > 1e-9 {
			t.Errorf("%s minus 100 is %v", text, got)
		}
	})
}

func FuzzDecode(f *testing.F) {
	sourcetest.Fuzz(f, New(Config{Catalogues: wanted()}), seeds(f)...)
}

// seeds are the answers of all cases and one document of each older form.
func seeds(f *testing.F) []source.Document {
	docs := []source.Document{
		{Name: "nation_year_gdp", Body: []byte(one)},
		{Name: "x", Body: []byte(one)},
		{Name: "x", Body: []byte(queried)},
		{Name: "x", Body: []byte(queryQuarters)},
		{Name: "x", Body: []byte(savedCities)},
	}
	files, err := filepath.Glob("testdata/*/*.http")
	if err != nil || len(files) == 0 {
		f.Fatalf("%d files in testdata, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		parts := strings.SplitN(string(text), "\n\n", 3)
		docs = append(docs, source.Document{Name: "province_year_disposable_income_urban", Body: []byte(parts[2])})
	}
	return docs
}

// TestRecorded decodes real answers and tables where they are at hand, with the
// catalogues they are in. They are not part of the project.
func TestRecorded(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "shared", "samples")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("no recorded answers at %s; the cases in testdata have their shapes", folder)
	}
	catalogues := []Catalogue{
		{ID: "urban", Series: "urban", Tree: 6, Names: []string{"城镇居民人均可支配收入"}, Indicator: "dd28563a8af84935bc8a010abf8b772c", First: "1978"},
		{ID: "industry", Series: "industry", Tree: 1, Names: []string{"规模以上工业增加值同比增长"}, Indicator: "ef1b1765960d45a29b4d7c4ca91be916", First: "1998-01"},
		{ID: "index", Series: "index", Tree: 2, Names: []string{"国内生产总值指数(上年同期=100)当季值"}, Index: true, First: "1992-Q1", EasyQuery: []string{"hgjd.A010301"}},
		{ID: "cities", Series: "cities", Tree: 8, Names: []string{"地区生产总值", "国内生产总值"}, First: "1978"},
	}
	for _, tt := range []struct {
		file           string
		ours, outside  int
		contains, says string
	}{
		{"nbs_new/RECORDED_esData_beijing_2024_urban_income.json", 1, 0, "urban 110000 2024 92464 cny", ""},
		{"nbs_new/SHAPE_esData_unpublished_months.json", 0, 0, "", ""},
		{"nbs_new/SHAPE_queryIndexTreeAsync.json", 0, 0, "", ""},
		{"nbs_new/SHAPE_queryIndicatorsByCid.json", 0, 0, "", ""},
		{"nbs_legacy/ceco_LAST_12_QUARTER_GDP_Y2Y.json", 6, 186, "index 000000000000 2019-Q2 6.2 percent index 106.2 minus 100", ""},
		{"nbs_legacy/test_cli_simple_query.0.json", 0, 1, "zb.A0D0101 000000000000 2022-01 2.43102272e+06 cny_100m", ""},
		{"nbs_legacy/test_get_reg_cities.0.json", 0, 0, "", ""},
		{"nbs_legacy/test_get_tree.0.json", 0, 0, "", ""},
		{"nbs_legacy/test_invalid_query.0.json", 0, 0, "", "returncode 501"},
		{"nbs_legacy/test_stats_gdp.0.json", 0, 10, "zb.A020101 000000000000 2024-12 6.2 percent", ""},
		{"nbs_legacy/test_stats_with_reg_annual.0.json", 0, 0, "", ""},
		{"yearbook/easyquery_export_20_Major_GDP.xls", 618, 0, "cities 合肥 2017 7213.45 cny_100m", ""},
	} {
		t.Run(tt.file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(folder, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			c, err := sourcetest.Decode(New(Config{Catalogues: catalogues}), source.Document{Name: tt.file, Body: body})
			if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want %q", err, tt.says)
			}
			var lines []string
			ours := 0
			for _, o := range c.Observations {
				lines = append(lines, summary(o))
				if slices.ContainsFunc(catalogues, func(c Catalogue) bool { return c.Series == o.Indicator }) {
					ours++
				}
			}
			outside := len(c.Observations) - ours
			if len(c.Rejects) > 0 || ours != tt.ours || outside != tt.outside {
				t.Errorf("%d figures of ours and %d others, rejects %v; want %d, %d and none", ours, outside, c.Rejects, tt.ours, tt.outside)
			}
			if tt.contains != "" && !slices.Contains(lines, tt.contains) {
				t.Errorf("no figure %q among %q", tt.contains, lines)
			}
		})
	}
}
