package nbs

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"citystats/sources/source"
	"citystats/sources/sourcetest"
	"citystats/sources/transport"
)

// shelf is one indicator of one catalogue as the fake site has it.
type shelf struct {
	tree                 int
	path                 []string // below the root
	catalogue, indicator string
	name, base, unit     string                       // i_showname without its unit, _name, du_name
	areas                string                       // id of its list of areas
	figures              map[string]map[string]string // by area and period
}

const (
	rootMonth, rootQuarter, rootYear, rootProvinces, rootCities = "r1", "r2", "r3", "r6", "r8"

	provinceList, cityList = "list-of-provinces", "list-of-cities"
)

var roots = map[int]string{1: rootMonth, 2: rootQuarter, 3: rootYear, 6: rootProvinces, 8: rootCities}

// shelves is a part of the site; the figures are real.
func shelves() []*shelf {
	return []*shelf{
		{tree: 8, path: []string{"国民经济核算"}, catalogue: "c-city-gdp", indicator: "i-city-gdp", name: "地区生产总值 (当年价格)", base: "地区生产总值", unit: "亿元", areas: cityList, figures: map[string]map[string]string{
			"340100000000": {"2015": "5660.27", "2016": "6274.38", "2017": "7213.45"},
			"320100000000": {"2001": "1150.3", "2002": "1297.57"},
			"110000000000": {"1999": "2678.82", "2017": ""},
		}},
		{tree: 1, path: []string{"价格指数", "居民消费价格分类指数 (上年同月=100)", "全国居民消费价格分类指数 (上年同月=100) (2016-2020)"}, catalogue: "c-cpi-2016", indicator: "i-cpi-2016", name: "居民消费价格指数 (上年同月=100)", base: "居民消费价格指数", unit: "无", figures: national(
			"2020-11", "99.5", "2020-12", "100.2")},
		{tree: 1, path: []string{"价格指数", "居民消费价格分类指数 (上年同月=100)", "全国居民消费价格分类指数 (上年同月=100) (2021-2025)"}, catalogue: "c-cpi-2021", indicator: "i-cpi-2021", name: "居民消费价格指数 (上年同月=100)", base: "居民消费价格指数", unit: "无", figures: national(
			"2021-01", "99.7", "2021-02", "99.8")},
		{tree: 2, path: []string{"国民经济核算", "国内生产总值 (现价)"}, catalogue: "c-gdp-q", indicator: "i-gdp-q-cumulative", name: "国内生产总值累计值", base: "国内生产总值", unit: "亿元", figures: national(
			"2019-Q2", "450933.1")},
		{tree: 2, path: []string{"国民经济核算", "国内生产总值指数"}, catalogue: "c-gdp-index-q", indicator: "i-gdp-index-q", name: "国内生产总值指数 (上年同期=100) 当季值", base: "国内生产总值指数", unit: "无", figures: national(
			"2018-Q4", "106.4", "2019-Q1", "106.4", "2019-Q2", "106.2", "2019-Q3", "")},
		{tree: 2, path: []string{"人民生活", "全国居民人均收入情况"}, catalogue: "c-income-q", indicator: "i-income-q", name: "居民人均可支配收入累计值", base: "居民人均可支配收入", unit: "元", figures: national(
			"2024-Q2", "20733", "2024-Q3", "30941", "2024-Q4", "41314")},
		{tree: 3, path: []string{"国民经济核算", "国内生产总值"}, catalogue: "c-gdp", indicator: "i-gdp", name: "国内生产总值", base: "国内生产总值", unit: "亿元", figures: national(
			"2020", "1034867.6")},
		{tree: 6, path: []string{"人民生活", "城镇居民人均收入情况"}, catalogue: "c-income-urban", indicator: "i-income-urban", name: "城镇居民人均可支配收入", base: "居民人均可支配收入", unit: "元", areas: provinceList, figures: map[string]map[string]string{
			"110000000000": {"2024": "92464"}, "340000000000": {"2024": ""},
		}},
	}
}

func national(pairs ...string) map[string]map[string]string {
	at := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		at[pairs[i]] = pairs[i+1]
	}
	return map[string]map[string]string{wholeNation: at}
}

// wanted are the catalogues that the tests ask for, with the ids of shelves.
func wanted() []Catalogue {
	cpi := "价格指数 > 居民消费价格分类指数(上年同月=100) > 全国居民消费价格分类指数(上年同月=100)"
	return []Catalogue{
		{ID: "city_year_gdp", Series: "city_year_gdp", Tree: 8, Root: rootCities, Path: "国民经济核算", Catalogue: "c-city-gdp", Names: []string{"地区生产总值(当年价格)", "国内生产总值"}, Indicator: "i-city-gdp", Areas: cityList, First: "1999"},
		{ID: "nation_month_cpi_2016", Series: "nation_month_cpi", Tree: 1, Root: rootMonth, Path: cpi + "(2016-2020)", Catalogue: "c-cpi-2016", Names: []string{"居民消费价格指数(上年同月=100)"}, Indicator: "i-cpi-2016", Index: true, First: "2016-01", Last: "2020-12", EasyQuery: []string{"hgyd.A01010101"}},
		{ID: "nation_month_cpi_2021", Series: "nation_month_cpi", Tree: 1, Root: rootMonth, Path: cpi + "(2021-2025)", Catalogue: "c-cpi-2021", Names: []string{"居民消费价格指数(上年同月=100)"}, Indicator: "i-cpi-2021", Index: true, First: "2021-01", EasyQuery: []string{"hgyd.A01010G01"}},
		{ID: "nation_quarter_gdp_index", Series: "nation_quarter_gdp_index", Tree: 2, Root: rootQuarter, Path: "国民经济核算 > 国内生产总值指数", Catalogue: "c-gdp-index-q", Names: []string{"国内生产总值指数(上年同期=100)当季值"}, Indicator: "i-gdp-index-q", Index: true, First: "1992-Q1", EasyQuery: []string{"hgjd.A010301"}},
		{ID: "nation_quarter_disposable_income", Series: "nation_quarter_disposable_income", Tree: 2, Root: rootQuarter, Path: "人民生活 > 全国居民人均收入情况", Catalogue: "c-income-q", Names: []string{"居民人均可支配收入累计值"}, Indicator: "i-income-q", FromJanuary: true, First: "2013-Q1"},
		{ID: "nation_year_gdp", Series: "nation_year_gdp", Tree: 3, Root: rootYear, Path: "国民经济核算 > 国内生产总值", Catalogue: "c-gdp", Names: []string{"国内生产总值"}, Indicator: "i-gdp", First: "2010", EasyQuery: []string{"hgnd.A020102"}},
		{ID: "province_year_disposable_income_urban", Series: "province_year_disposable_income_urban", Tree: 6, Root: rootProvinces, Path: "人民生活 > 城镇居民人均收入情况", Catalogue: "c-income-urban", Names: []string{"城镇居民人均可支配收入"}, Indicator: "i-income-urban", Areas: provinceList, First: "2015", EasyQuery: []string{"fsnd.A0A0201"}},
	}
}

// site behaves like data.stats.gov.cn of 2026, its lies included. Stricter than
// the real one, it fails the test when the client pretends to be a browser or asks
// what the source has no business asking.
type site struct {
	t       testing.TB
	shelves []*shelf
	areas   map[string][]place
	// lie answers in the site's place when it returns true.
	lie func(w http.ResponseWriter, r *http.Request, call int) bool
	// change alters an answer with figures before it is sent.
	change    func(call int, answer string) string
	oldPath   bool // values are where they were before June 2026
	noDate    bool
	mu        sync.Mutex
	calls     int
	asked     []string // paths, in order, below base
	questions []query
}

func newSite(t testing.TB) *site {
	return &site{t: t, shelves: shelves(), areas: map[string][]place{
		provinceList: {{"北京市", "110000000000"}, {"安徽省", "340000000000"}},
		cityList:     {{"北京", "110000000000"}, {"南京", "320100000000"}, {"合肥", "340100000000"}},
	}}
}

// today is when the fake site lives.
var today = time.Date(2026, 9, 19, 20, 0, 0, 0, time.UTC)

// ServeHTTP answers as the site would.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	s.asked = append(s.asked, strings.TrimPrefix(r.URL.Path, base))
	for _, h := range []string{"Referer", "Origin", "Cookie", "X-Requested-With", "Idempotency-Key"} {
		if r.Header.Get(h) != "" {
			s.t.Errorf("the client sends %s: %s", h, r.Header.Get(h))
		}
	}
	if strings.Contains(r.UserAgent(), "Mozilla") {
		s.t.Errorf("the client calls itself %s", r.UserAgent())
	}
	w.Header().Set("Date", today.Format(http.TimeFormat))
	if s.noDate {
		w.Header()["Date"] = nil
	}
	if s.lie != nil && s.lie(w, r, s.calls) {
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	values := valuePaths[0]
	if s.oldPath {
		values = valuePaths[1]
	}
	switch path := r.URL.Path; {
	case path == values && r.Method == http.MethodPost:
		s.esData(w, r)
	case path == valuePaths[0] || path == valuePaths[1]:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodGet && strings.HasPrefix(path, base):
		s.catalogue(w, r, strings.TrimPrefix(path, base))
	default:
		s.t.Errorf("asked %s %s", r.Method, r.URL)
		disorder(w)
	}
}

// disorder is the page that comes with status 200.
func disorder(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	_, _ = fmt.Fprint(w, "<!DOCTYPE html><html><head><title>提示</title></head><body>服务异常</body></html>")
}

func wrap(data string) string {
	return `{"data":` + data + `,"success":true,"state":20000,"message":"成功"}`
}

// esData answers a question for figures.
func (s *site) esData(w http.ResponseWriter, r *http.Request) {
	var q query
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&q); err != nil || len(q.Periods) != 1 || len(q.Indicators) != 1 || r.Header.Get("Content-Type") != "application/json;charset=UTF-8" {
		s.t.Errorf("a question of another form: %v, %+v", err, q)
		disorder(w)
		return
	}
	if q.Show == "" {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	s.questions = append(s.questions, q)
	if q.AreaList != "" {
		q.Areas = []place{{"Beijing", "110000000000"}}
	}
	answer := wrap("[" + strings.Join(s.rows(&q), ",") + "]")
	if s.change != nil {
		answer = s.change(len(s.questions), answer)
	}
	_, _ = fmt.Fprint(w, answer)
}

// rows are those of the shelf that is asked for, newest first; none when there is
// no such shelf.
func (s *site) rows(q *query) (rows []string) {
	for _, shelf := range s.shelves {
		if shelf.catalogue != q.Catalogue || shelf.indicator != q.Indicators[0] {
			continue
		}
		if roots[shelf.tree] != q.Root {
			s.t.Errorf("%s is asked for under root %s", q.Catalogue, q.Root)
		}
		from, to, _ := strings.Cut(q.Periods[0], "-")
		for _, p := range slices.Backward(between(from, to)) {
			rows = append(rows, shelf.row(p, q))
		}
	}
	return rows
}

// between lists the periods of a range of the site's codes, in ISO form.
func between(from, to string) (all []string) {
	first, last := period(from), period(to)
	for year, _ := strconv.Atoi(first[:4]); ; year++ {
		for n := 1; n <= map[string]int{"YY": 1, "SS": 4, "MM": 12}[frequency(first)]; n++ {
			p := map[string]string{"YY": fmt.Sprint(year), "SS": fmt.Sprintf("%d-Q%d", year, n), "MM": fmt.Sprintf("%d-%02d", year, n)}[frequency(first)]
			if p > last {
				return all
			}
			if p >= first {
				all = append(all, p)
			}
		}
	}
}

// row is one period: a figure for each area, empty when there is none.
func (shelf *shelf) row(p string, q *query) string {
	var values []string
	for i, area := range q.Areas {
		name := area.Text
		if area.Value == wholeNation && i%2 == len(p)%2 {
			name = "国家"
		}
		where := fmt.Sprintf(`"da":%q,"da_name":%q`, area.Value, name)
		if q.Show == allPlaces {
			where = fmt.Sprintf(`"areaCode":%q,"area":%q`, area.Value, name)
		}
		values = append(values, fmt.Sprintf(`{"i_showname":"%s (%s) ","num_accuracy_text":"0","_name":%q,"dp":"1","type":"indicator","ds_order":2,"catalogid":%q,"_id":%q,"du_name":%q,"value":%q,%s}`,
			shelf.name, shelf.unit, shelf.base, shelf.catalogue, shelf.indicator, shelf.unit, shelf.figures[area.Value][p], where))
	}
	return fmt.Sprintf(`{"code":%q,"name":%q,"values":[%s]}`, code(p), p+" 年", strings.Join(values, ","))
}

// catalogue answers questions about trees, indicators and areas.
func (s *site) catalogue(w http.ResponseWriter, r *http.Request, path string) {
	parameters := r.URL.Query()
	switch path {
	case "/new/queryIndexTreeAsync":
		number, _ := strconv.Atoi(parameters.Get("code"))
		_, _ = fmt.Fprint(w, wrap(s.children(number, parameters.Get("pid"))))
	case "/new/queryIndicatorsByCid":
		var list []string
		for _, shelf := range s.shelves {
			if shelf.catalogue == parameters.Get("cid") {
				list = append(list, fmt.Sprintf(`{"_id":%q,"i_showname":"%s (%s) ","_name":%q,"du_name":%q}`, shelf.indicator, shelf.name, shelf.unit, shelf.base, shelf.unit))
			}
		}
		_, _ = fmt.Fprint(w, wrap(fmt.Sprintf(`{"total":%d,"list":[%s]}`, len(list), strings.Join(list, ","))))
	case "/getDasByDaCatalogId":
		var list []string
		for _, p := range s.areas[parameters.Get("daCid")] {
			list = append(list, fmt.Sprintf(`{"catalog_id":%q,"name_value":%q,"show_name":%q,"name_text":%q}`, parameters.Get("daCid"), p.Value, p.Text, p.Text))
		}
		_, _ = fmt.Fprint(w, wrap("["+strings.Join(list, ",")+"]"))
	case "/getDaCatalogTreeByIndicatorCid":
		_, _ = fmt.Fprint(w, wrap(`[{"_id":"list-of-regions","name":"东部地区"},{"_id":"list-of-all","name":"全部地区"}]`))
	default:
		s.t.Errorf("asked %s", r.URL)
		disorder(w)
	}
}

// children are the entries below one of the tree; an entry's id is its path, and a
// leaf's that of the catalogue.
func (s *site) children(number int, parent string) string {
	if parent == "" {
		return fmt.Sprintf(`[{"_id":%q,"name":%q,"isLeaf":false,"type":"catalog"}]`, roots[number], trees[number].title)
	}
	var list []string
	for _, shelf := range s.shelves {
		above := roots[number]
		for i, name := range shelf.path {
			id, leaf := above+"/"+name, i == len(shelf.path)-1
			if leaf {
				id = shelf.catalogue
			}
			entry := fmt.Sprintf(`{"_id":%q,"name":%q,"_name":%q,"isLeaf":%v,"type":"catalog","sdate":""}`, id, name, name, leaf)
			if shelf.tree == number && above == parent && !slices.Contains(list, entry) {
				list = append(list, entry)
			}
			above = id
		}
	}
	return "[" + strings.Join(list, ",") + "]"
}

// fetch asks the site for catalogues, with a polite client that does not wait.
func (s *site) fetch(t *testing.T, catalogues []Catalogue) ([]source.Document, error) {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client := transport.New(transport.Options{
		UserAgent: "citystats/test (+https://example.org/contact)", AllowLocal: true, Rate: rate.Inf,
		Hosts: []string{strings.TrimPrefix(server.URL, "http://")},
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	t.Cleanup(client.CloseIdleConnections)
	return sourcetest.Fetch(t.Context(), New(Config{BaseURL: server.URL, Catalogues: catalogues}), client)
}
