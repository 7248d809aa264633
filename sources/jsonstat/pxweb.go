package jsonstat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"citystats/sources/transport"
)

// readVariables reads the description of a table: PxWeb 1's {"title","variables"}
// or PxWeb 2's data set without values.
func readVariables(body []byte) (table, error) {
	top, err := whole(body)
	if err != nil {
		return table{}, err
	}
	parts, err := fields(top, "the answer")
	if err != nil {
		return table{}, err
	}
	if parts["variables"] != nil {
		return readVariables1(parts)
	}
	all, err := document(body)
	if err != nil {
		return table{}, err
	}
	if len(all) != 1 {
		return table{}, fmt.Errorf("there are %d data sets, a table is one", len(all))
	}
	t := table{title: all[0].label, updated: all[0].updated}
	for _, d := range all[0].dims {
		t.variables = append(t.variables, variable{d.id, d.codes, d.eliminable})
	}
	return t, nil
}

// table is the description of a table.
type table struct {
	title, updated string
	variables      []variable
}

func readVariables1(parts map[string]jsontext.Value) (table, error) {
	t := table{title: text(parts["title"])}
	err := elements(parts["variables"], "variables", func(_ int, raw jsontext.Value) error {
		v, err := readVariable1(raw)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(t.variables, func(other variable) bool { return other.code == v.code }) {
			return fmt.Errorf("variable %q is listed twice", clip(v.code))
		}
		t.variables = append(t.variables, v)
		return nil
	})
	if err == nil && len(t.variables) == 0 {
		err = errors.New("the table has no variables")
	}
	return t, err
}

func readVariable1(raw jsontext.Value) (v variable, err error) {
	parts, err := fields(raw, "a variable")
	if err != nil {
		return v, err
	}
	v.code, v.eliminable = text(parts["code"]), parts["elimination"].Kind() == 't'
	if v.values, err = texts(parts["values"], "the values of a variable"); err != nil {
		return v, err
	}
	if err := distinct([]string{v.code}); err != nil {
		return v, err
	}
	return v, distinct(v.values)
}

// pxweb asks for the table's variables, then for its cells.
func (f *fetcher) pxweb(ctx context.Context, q Query) ([]part, error) {
	described, axes, err := f.variables(ctx, q)
	if err != nil {
		return nil, err
	}
	limit, err := f.limit(ctx, q)
	if err != nil {
		return nil, err
	}
	parts := []part{described}
	for _, a := range cut(axes, limit, q) {
		more, err := pieces(ctx, q, a, f.pxwebCells)
		if err != nil {
			return nil, err
		}
		parts = append(parts, more...)
	}
	return parts, nil
}

// variables asks for the table's variables and spells the query out with them.
func (f *fetcher) variables(ctx context.Context, q Query) (part, []axis, error) {
	address := f.base + "/" + q.Path
	if q.Dialect == PxWeb2 {
		address += "/metadata?lang=" + english
	}
	got, t, err := f.describe(ctx, address)
	if err != nil {
		return part{}, nil, err
	}
	axes, err := q.spellOut(t.variables)
	if err != nil {
		return part{}, nil, mistaken(address, err)
	}
	return part{answer: got, title: t.title, updated: t.updated, metadata: true}, axes, nil
}

func (f *fetcher) describe(ctx context.Context, address string) (transport.Answer, table, error) {
	req, err := newRequest(ctx, address, nil)
	if err != nil {
		return transport.Answer{}, table{}, err
	}
	got, err := ask(f.client, req)
	if err != nil {
		return got, table{}, err
	}
	t, err := readVariables(got.Body)
	return got, t, unreadable(address, err)
}

// limit is how many cells one question may ask for. PxWeb 2 says so itself, in
// either of two spellings; 0 is no limit.
func (f *fetcher) limit(ctx context.Context, q Query) (int, error) {
	if q.MaxCells > 0 || q.Dialect != PxWeb2 {
		return q.MaxCells, nil
	}
	if f.maxCells > 0 {
		return f.maxCells, nil
	}
	address := f.base + "/config"
	req, err := newRequest(ctx, address, nil)
	if err != nil {
		return 0, err
	}
	got, err := ask(f.client, req)
	if err != nil {
		return 0, err
	}
	f.maxCells, err = readLimit(got.Body)
	return f.maxCells, unreadable(address, err)
}

func readLimit(body []byte) (int, error) {
	top, err := whole(body)
	if err != nil {
		return 0, err
	}
	parts, err := fields(top, "the configuration")
	if err != nil {
		return 0, err
	}
	for _, name := range []string{"maxDataCells", "MaxDataCells"} {
		if parts[name] != nil {
			n, err := count(parts[name], name)
			if err == nil && n == 0 {
				err = fmt.Errorf("%s is 0: no question would be answered", name)
			}
			return n, err
		}
	}
	return 0, errors.New("the configuration does not say how many cells may be asked for (maxDataCells)")
}

// The two forms of a question. The order of members is that of the documentation.
type (
	question1 struct {
		Query    []selection1 `json:"query"`
		Response struct {
			Format string `json:"format"`
		} `json:"response"`
	}
	selection1 struct {
		Code      string `json:"code"`
		Selection struct {
			Filter string   `json:"filter"`
			Values []string `json:"values"`
		} `json:"selection"`
	}
	question2 struct {
		Selection []selection2 `json:"selection"`
	}
	selection2 struct {
		VariableCode string   `json:"variableCode"`
		ValueCodes   []string `json:"valueCodes"`
	}
)

const jsonStat2 = "json-stat2"

// pxwebCells asks for exactly these cells.
func (f *fetcher) pxwebCells(ctx context.Context, q Query, axes []axis) (part, error) {
	address, body, err := pxwebQuestion(f.base+"/"+q.Path, q.Dialect, axes)
	if err != nil {
		return part{}, err
	}
	req, err := newRequest(ctx, address, body)
	if err != nil {
		return part{}, err
	}
	return f.cells(req, q, func(d *dataset) error { return sameCells(d, axes) })
}

func pxwebQuestion(table string, d Dialect, axes []axis) (address string, body []byte, err error) {
	if d == PxWeb2 {
		var ask question2
		for _, a := range axes {
			ask.Selection = append(ask.Selection, selection2{a.code, a.values})
		}
		body, err = json.Marshal(ask)
		return table + "/data?lang=" + english + "&outputFormat=" + jsonStat2, body, err
	}
	var ask question1
	ask.Response.Format = jsonStat2
	for _, a := range axes {
		s := selection1{Code: a.code}
		s.Selection.Filter, s.Selection.Values = "item", a.values
		ask.Query = append(ask.Query, s)
	}
	body, err = json.Marshal(ask)
	return table, body, err
}

// sameCells wants the answer to have the dimensions that were asked for, in the
// table's order, each with exactly the categories asked for.
func sameCells(d *dataset, axes []axis) error {
	var got, want []string
	for _, dim := range d.dims {
		got = append(got, dim.id)
	}
	for _, a := range axes {
		want = append(want, a.code)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("its dimensions are %q, asked for were %q in this order", got, want)
	}
	for i, a := range axes {
		if missing, extra := difference(a.values, d.dims[i].codes); missing != "" || extra != "" {
			return fmt.Errorf("dimension %q has %d categories, asked for were %d (missing: %q; not asked for: %q)",
				a.code, len(d.dims[i].codes), len(a.values), missing, extra)
		}
	}
	return nil
}

// difference is what got lacks of want, and what it has besides.
func difference(want, got []string) (missing, extra string) {
	return lacking(want, got), lacking(got, want)
}

// lacking lists what is in a and not in b, and is empty when there is nothing.
func lacking(a, b []string) string {
	in := make(map[string]bool, len(b))
	for _, v := range b {
		in[v] = true
	}
	var out []string
	for _, v := range a {
		if !in[v] {
			out = append(out, v)
		}
	}
	return clip(strings.Join(out, ", "))
}
