package jsonstat

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// edge is a dimension of a fake office's table.
type edge struct {
	id         string
	codes      []string
	eliminable bool
	isTime     bool
}

// office behaves like Eurostat or an installation of PxWeb, with one table each.
// Stricter than the real ones, it fails the test when it is asked anything a source
// has no business asking.
type office struct {
	t        testing.TB
	dialect  Dialect
	path     string // of the table
	edges    []edge
	cells    map[string]string // values as JSON by joined codes; what is not there is missing
	statuses map[string]string
	limit    int  // cells; 0 is none
	async    bool // says that a question is too big as Eurostat does it: with status 200

	mu    sync.Mutex
	asked int // cells, over all questions answered
}

// growth is real: Eurostat, nama_10_gdp, real growth of gross domestic product.
func growth() *office {
	return &office{
		dialect: Eurostat, path: "/stat/1.0/data/nama_10_gdp",
		edges: []edge{
			{id: "freq", codes: []string{"A"}},
			{id: "unit", codes: []string{"CLV_PCH_PRE"}},
			{id: "na_item", codes: []string{"B1GQ"}},
			{id: "geo", codes: []string{"DE", "FR", "IE"}},
			{id: "time", codes: []string{"2021", "2022", "2023"}, isTime: true},
		},
		cells: map[string]string{
			"A.CLV_PCH_PRE.B1GQ.DE.2021": "3.7", "A.CLV_PCH_PRE.B1GQ.DE.2022": "1.4", "A.CLV_PCH_PRE.B1GQ.DE.2023": "-0.3",
			"A.CLV_PCH_PRE.B1GQ.FR.2021": "6.9", "A.CLV_PCH_PRE.B1GQ.FR.2022": "2.6", "A.CLV_PCH_PRE.B1GQ.IE.2021": "16.3",
		},
		statuses: map[string]string{"A.CLV_PCH_PRE.B1GQ.DE.2023": "p", "A.CLV_PCH_PRE.B1GQ.IE.2022": "|C", "A.CLV_PCH_PRE.B1GQ.FR.2023": ":"},
	}
}

// sweden is real: Statistics Sweden, BefolkningNy, population at the end of the year.
func sweden(d Dialect) *office {
	o := &office{
		dialect: d, path: "/api/BefolkningNy", limit: 4,
		edges: []edge{
			{id: "Region", codes: []string{"00", "0180", "1480"}, eliminable: true},
			{id: "Kon", codes: []string{"1", "2"}, eliminable: true},
			{id: "ContentsCode", codes: []string{"BE0101N1", "BE0101N2"}},
			{id: "Tid", codes: []string{"2021", "2022", "2023"}, isTime: true},
		},
		cells: map[string]string{
			"00.BE0101N1.2021": "10452326", "00.BE0101N1.2022": "10521556", "00.BE0101N1.2023": "10551707",
			"0180.BE0101N1.2021": "978770", "0180.BE0101N1.2022": "984748", "0180.BE0101N1.2023": `"988943"`,
			"1480.BE0101N1.2023": `".."`,
		},
		statuses: map[string]string{"1480.BE0101N1.2022": ".."},
	}
	if d == PxWeb2 {
		o.path = "/api/tables/BefolkningNy"
	}
	return o
}

// query is what the tests ask this office for.
func (o *office) query(name string) Query {
	if o.dialect == Eurostat {
		return Query{
			Name: name, Dialect: Eurostat, Path: "data/nama_10_gdp", Table: "nama_10_gdp", Area: "geo", Time: "time",
			Selections: []string{"unit=CLV_PCH_PRE", "geo=DE,FR", "geo=IE", "sinceTimePeriod=2021"},
		}
	}
	return Query{
		Name: name, Dialect: o.dialect, Path: strings.TrimPrefix(o.path, "/api/"), Table: "BefolkningNy", Area: "Region", Time: "Tid",
		Selections: []string{"ContentsCode=BE0101N1"},
	}
}

// base is the part of the address before queries' paths.
func (o *office) base() string {
	if o.dialect == Eurostat {
		return "/stat/1.0"
	}
	return "/api"
}

// ServeHTTP answers as the office would.
func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case o.dialect == Eurostat && r.Method == http.MethodGet && r.URL.Path == o.path:
		o.eurostat(w, r.URL)
	case o.dialect == PxWeb1 && r.Method == http.MethodGet && r.RequestURI == o.path:
		o.describe1(w)
	case o.dialect == PxWeb1 && r.Method == http.MethodPost && r.RequestURI == o.path:
		o.post1(w, r)
	case o.dialect == PxWeb2 && r.Method == http.MethodGet && r.RequestURI == "/api/config":
		_, _ = fmt.Fprintf(w, `{"apiVersion":"2.0.0","maxDataCells":%d,"maxCallsPerTimeWindow":30,"timeWindow":10}`, o.limit)
	case o.dialect == PxWeb2 && r.Method == http.MethodGet && r.RequestURI == o.path+"/metadata?lang=en":
		_, _ = io.WriteString(w, o.dataset(o.edges, false))
	case o.dialect == PxWeb2 && r.Method == http.MethodPost && r.RequestURI == o.path+"/data?lang=en&outputFormat=json-stat2":
		o.post2(w, r)
	default:
		o.t.Errorf("asked %s %s, which nobody wants", r.Method, r.RequestURI)
		w.WriteHeader(http.StatusNotFound)
	}
}

// eurostat filters as Eurostat does: silently.
func (o *office) eurostat(w http.ResponseWriter, u *url.URL) {
	query := u.Query()
	if query.Get("format") != "JSON" || query.Get("lang") != "EN" || strings.Contains(u.RawQuery, ",") || strings.Contains(u.RawQuery, "%2C") {
		o.t.Errorf("asked %s", u)
	}
	edges := slices.Clone(o.edges)
	for i, e := range edges {
		if wanted := query[e.id]; wanted != nil {
			edges[i].codes = keep(e.codes, func(c string) bool { return slices.Contains(wanted, c) })
		}
	}
	last := &edges[len(edges)-1]
	if since := query.Get("sinceTimePeriod"); since != "" {
		last.codes = keep(last.codes, func(c string) bool { return c >= since })
	}
	if n, err := strconv.Atoi(query.Get("lastTimePeriod")); err == nil {
		if query.Has("sinceTimePeriod") {
			o.t.Errorf("asked for the last and for other periods in one: %s", u)
		}
		last.codes = last.codes[max(0, len(last.codes)-n):]
	}
	if n := size(edges); o.limit > 0 && n > o.limit {
		if o.async {
			_, _ = io.WriteString(w, `{"warning":{"status":413,"label":"ASYNCHRONOUS_RESPONSE. Your request will be treated asynchronously. Please try again later."}}`)
			return
		}
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		_, _ = fmt.Fprintf(w, `{"error":[{"status":413,"id":413,"label":"EXTRACTION_TOO_BIG: The requested extraction is too big, estimated %d rows, max authorised is %d, please change your filters to reduce the extraction size"}]}`, n, o.limit)
		return
	}
	o.asked += size(edges)
	_, _ = io.WriteString(w, o.dataset(edges, true))
}

func keep(codes []string, f func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return !f(c) })
}

func size(edges []edge) int {
	n := 1
	for _, e := range edges {
		n *= len(e.codes)
	}
	return n
}

// describe1 is PxWeb 1's description of the table.
func (o *office) describe1(w io.Writer) {
	type described struct {
		Code        string   `json:"code"`
		Text        string   `json:"text"`
		Values      []string `json:"values"`
		ValueTexts  []string `json:"valueTexts"`
		Elimination bool     `json:"elimination,omitempty"`
		Time        bool     `json:"time,omitempty"`
	}
	var all struct {
		Title     string      `json:"title"`
		Variables []described `json:"variables"`
	}
	all.Title = "Population by region and year"
	for _, e := range o.edges {
		all.Variables = append(all.Variables, described{e.id, strings.ToLower(e.id), e.codes, e.codes, e.eliminable, e.isTime})
	}
	text, _ := json.Marshal(all)
	_, _ = io.WriteString(w, o.mark()+string(text))
}

func (o *office) post1(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Query []struct {
			Code      string
			Selection struct {
				Filter string
				Values []string
			}
		}
		Response struct{ Format string }
	}
	o.body(r, &q)
	chosen := map[string][]string{}
	for _, s := range q.Query {
		if s.Selection.Filter != "item" {
			o.t.Errorf("asked with the filter %q", s.Selection.Filter)
		}
		chosen[s.Code] = s.Selection.Values
	}
	if q.Response.Format != "json-stat2" {
		o.t.Errorf("asked for the format %q", q.Response.Format)
	}
	o.choose(w, chosen, func() {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<html>Too many values selected</html>")
	})
}

func (o *office) post2(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Selection []struct {
			VariableCode string
			ValueCodes   []string
		}
	}
	o.body(r, &q)
	chosen := map[string][]string{}
	for _, s := range q.Selection {
		chosen[s.VariableCode] = s.ValueCodes
	}
	o.choose(w, chosen, func() {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"type":"Parameter error","title":"Forbiden","status":403,"detail":"The query resulted in cell that exceeds the number of allowed."}`) //nolint:misspell // as PxWeb spells it
	})
}

// body reads a question, which must not say anything the office does not know.
func (o *office) body(r *http.Request, into any) {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil || r.Header.Get("Content-Type") != "application/json" {
		o.t.Errorf("asked with a body of type %q: %v", r.Header.Get("Content-Type"), err)
	}
}

// choose answers with the chosen cells; variables nobody chose are eliminated.
func (o *office) choose(w http.ResponseWriter, chosen map[string][]string, tooMany func()) {
	var edges []edge
	for _, e := range o.edges {
		codes, named := chosen[e.id]
		delete(chosen, e.id)
		unknown := func(c string) bool { return !slices.Contains(e.codes, c) }
		if named && (len(codes) == 0 || slices.ContainsFunc(codes, unknown)) || !named && !e.eliminable {
			o.t.Errorf("asked for %q of %s", codes, e.id)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if named {
			edges = append(edges, edge{id: e.id, codes: codes, isTime: e.isTime})
		}
	}
	if len(chosen) > 0 {
		o.t.Errorf("asked for variables there are none of: %v", chosen)
	}
	if size(edges) > o.limit {
		tooMany()
		return
	}
	o.asked += size(edges)
	_, _ = io.WriteString(w, o.mark()+o.dataset(edges, true))
}

// mark is the byte order mark that older installations send.
func (o *office) mark() string {
	if o.dialect == PxWeb1 {
		return "\ufeff"
	}
	return ""
}

// dataset writes JSON-stat 2.0, with sparse values as Eurostat has them and a list
// as PxWeb has it.
func (o *office) dataset(edges []edge, withValues bool) string {
	var ids, sizes, dims, times []string
	for _, e := range edges {
		var index []string
		for i, c := range slices.Backward(e.codes) {
			index = append(index, fmt.Sprintf("%q:%d", c, i))
		}
		ids, sizes = append(ids, strconv.Quote(e.id)), append(sizes, strconv.Itoa(len(e.codes)))
		dims = append(dims, fmt.Sprintf(`%q:{"label":%q,"extension":{"elimination":%v},"category":{"index":{%s}}}`, e.id, e.id, e.eliminable, strings.Join(index, ",")))
		if e.isTime {
			times = append(times, strconv.Quote(e.id))
		}
	}
	out := fmt.Sprintf(`{"version":"2.0","class":"dataset","label":"A table","updated":"2026-09-21T23:00:00+0200","id":[%s],"size":[%s],"role":{"time":[%s]},"dimension":{%s}`,
		strings.Join(ids, ","), strings.Join(sizes, ","), strings.Join(times, ","), strings.Join(dims, ","))
	if withValues {
		out += o.values(edges)
	}
	return out + "}"
}

func (o *office) values(edges []edge) string {
	var list, sparse, statuses []string
	for n := range size(edges) {
		key := joinedCodes(edges, n)
		value, there := o.cells[key]
		if s := o.statuses[key]; s != "" {
			statuses = append(statuses, fmt.Sprintf(`"%d":%q`, n, s))
		}
		if there {
			sparse = append(sparse, fmt.Sprintf(`"%d":%s`, n, value))
		} else {
			value = "null"
		}
		list = append(list, value)
	}
	out := `,"value":[` + strings.Join(list, ",") + "]"
	if o.dialect == Eurostat {
		out = `,"value":{` + strings.Join(sparse, ",") + "}"
	}
	if len(statuses) > 0 {
		out += `,"status":{` + strings.Join(statuses, ",") + "}"
	}
	return out
}

// joinedCodes are those of cell n: the last dimension turns fastest.
func joinedCodes(edges []edge, n int) string {
	var codes []string
	for _, e := range slices.Backward(edges) {
		codes = append(codes, e.codes[n%len(e.codes)])
		n /= len(e.codes)
	}
	slices.Reverse(codes)
	return strings.Join(codes, ".")
}
