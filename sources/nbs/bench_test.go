package nbs

import (
	"fmt"
	"strings"
	"testing"

	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// bigCities is the catalogue of the documents below, whose figures are made up.
var bigCities = Catalogue{
	ID: "city_year_gdp", Series: "city_year_gdp", Tree: 8, Names: []string{"地区生产总值(当年价格)"}, Catalogue: "75a85abe58c749e0ad1d85be343e9056",
	Indicator: "35613910b9ad47e19cf79ae041ccb7ed", First: "1978",
}

// BenchmarkDecode decodes 37,600 figures as the site sends them, and as its
// predecessor did.
func BenchmarkDecode(b *testing.B) {
	src := New(Config{Catalogues: []Catalogue{bigCities}})
	const areas, years = 800, 47
	b.Run("esData", func(b *testing.B) {
		var rows []string
		for y := range years {
			var values []string
			for a := range areas {
				values = append(values, fmt.Sprintf(`{"i_showname":"地区生产总值(当年价格) (亿元) ","num_accuracy_text":"2","_name":"地区生产总值","dp":"1","type":"indicator","ds_order":2,"catalogid":%q,"_id":%q,"du_name":"亿元","value":"%d.%d","areaCode":"%06d000000","area":"某市"}`,
					bigCities.Catalogue, bigCities.Indicator, 100+a, y, 110100+100*a))
			}
			rows = append(rows, fmt.Sprintf(`{"code":"%dYY","name":"%d年","values":[%s]}`, 1978+y, 1978+y, strings.Join(values, ",")))
		}
		sourcetest.Bench(b, src, source.Document{Name: bigCities.ID, Body: []byte(wrap("[" + strings.Join(rows, ",") + "]"))}, areas*years)
	})
	b.Run("easyquery", func(b *testing.B) {
		var nodes, regions, times []string
		for a := range areas {
			regions = append(regions, fmt.Sprintf(`{"code":"%06d","cname":"某市","unit":""}`, 110100+100*a))
			for y := range years {
				nodes = append(nodes, fmt.Sprintf(`{"code":"zb.A0101_reg.%06d_sj.%d","data":{"data":%d.5,"dotcount":1,"hasdata":true,"strdata":"%d.5"},"wds":[{"valuecode":"A0101","wdcode":"zb"},{"valuecode":"%06d","wdcode":"reg"},{"valuecode":"%d","wdcode":"sj"}]}`,
					110100+100*a, 1978+y, a, a, 110100+100*a, 1978+y))
			}
		}
		for y := range years {
			times = append(times, fmt.Sprintf(`{"code":"%d","cname":"%d年","unit":""}`, 1978+y, 1978+y))
		}
		body := fmt.Appendf(nil, `{"returncode":200,"returndata":{"datanodes":[%s],"freshsort":0,"hasdatacount":%d,"wdnodes":[{"nodes":[{"code":"A0101","cname":"地区生产总值","unit":"亿元"}],"wdcode":"zb","wdname":"指标"},{"nodes":[%s],"wdcode":"reg","wdname":"地区"},{"nodes":[%s],"wdcode":"sj","wdname":"时间"}]}}`,
			strings.Join(nodes, ","), areas*years, strings.Join(regions, ","), strings.Join(times, ","))
		sourcetest.Bench(b, src, source.Document{Name: "easyquery", Body: body}, areas*years)
	})
}
