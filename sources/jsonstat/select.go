package jsonstat

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// axis is a dimension and the categories of it that are asked for.
type axis struct {
	code   string
	values []string
}

// selections reads a query's "dimension=category,category". What is said twice
// about a dimension is said together.
func (q Query) selections() ([]axis, error) {
	var out []axis
	for _, s := range q.Selections {
		code, list, ok := strings.Cut(s, "=")
		if code = strings.TrimSpace(code); !ok || code == "" || strings.TrimSpace(list) == "" {
			return nil, fmt.Errorf("the selection %q is not dimension=category,category", clip(s))
		}
		i := slices.IndexFunc(out, func(a axis) bool { return a.code == code })
		if i < 0 {
			i = len(out)
			out = append(out, axis{code: code})
		}
		for v := range strings.SplitSeq(list, ",") {
			if v = strings.TrimSpace(v); v != "" && !slices.Contains(out[i].values, v) {
				out[i].values = append(out[i].values, v)
			}
		}
	}
	return out, nil
}

// variable is one of a table's variables, as PxWeb describes it.
type variable struct {
	code       string
	values     []string
	eliminable bool
}

// spellOut turns the selections into categories, in the order of the table's
// variables. Area and time are wanted whole unless selected.
func (q Query) spellOut(variables []variable) ([]axis, error) {
	chosen, err := q.selections()
	if err != nil {
		return nil, err
	}
	for _, c := range chosen {
		if !slices.ContainsFunc(variables, func(v variable) bool { return v.code == c.code }) {
			return nil, fmt.Errorf("the table has no variable %q (it has %s)", c.code, codesOf(variables))
		}
	}
	for _, code := range []string{q.Area, q.Time} {
		if code != "" && !slices.ContainsFunc(variables, func(v variable) bool { return v.code == code }) {
			return nil, fmt.Errorf("the table has no variable %q (it has %s)", code, codesOf(variables))
		}
	}
	var out []axis
	for _, v := range variables {
		expressions := []string{"*"}
		if i := slices.IndexFunc(chosen, func(a axis) bool { return a.code == v.code }); i >= 0 {
			expressions = chosen[i].values
		} else if v.code != q.Area && v.code != q.Time {
			if !v.eliminable {
				return nil, fmt.Errorf("the table wants categories of %q to be selected (such as %s)", v.code, clip(strings.Join(v.values[:min(5, len(v.values))], ",")))
			}
			continue
		}
		values, err := v.match(expressions, v.code == q.Time)
		if err != nil {
			return nil, err
		}
		out = append(out, axis{v.code, values})
	}
	return out, nil
}

func codesOf(variables []variable) string {
	var codes []string
	for _, v := range variables {
		codes = append(codes, v.code)
	}
	return clip(strings.Join(codes, ", "))
}

// match is the categories that any of the expressions names, in the variable's order.
func (v variable) match(expressions []string, isTime bool) ([]string, error) {
	wanted := map[string]bool{}
	for _, e := range expressions {
		found, err := v.expand(e, isTime)
		if err != nil {
			return nil, err
		}
		for _, code := range found {
			wanted[code] = true
		}
	}
	var out []string
	for _, code := range v.values {
		if wanted[code] {
			out = append(out, code)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no category of %q is %s", v.code, clip(strings.Join(expressions, ",")))
	}
	return out, nil
}

// expand is the categories that one expression names.
func (v variable) expand(expression string, isTime bool) ([]string, error) {
	word, argument, _ := strings.Cut(strings.TrimSuffix(expression, ")"), "(")
	switch {
	case slices.Contains(v.values, expression):
		return []string{expression}, nil
	case expression == "*":
		return v.values, nil
	case word != "top" && word != "from" || !strings.HasSuffix(expression, ")"):
		return nil, fmt.Errorf("variable %q has no category %q", v.code, clip(expression))
	case !isTime:
		return nil, fmt.Errorf("%s is for time, and %q is not the time dimension", expression, v.code)
	}
	periods, err := v.periods()
	if err != nil {
		return nil, err
	}
	if word == "top" {
		return v.latest(argument, periods)
	}
	from := isoPeriod(argument)
	if from == "" {
		return nil, fmt.Errorf("%s: %q is no period", expression, clip(argument))
	}
	var out []string
	for i, p := range periods {
		if p >= from {
			out = append(out, v.values[i])
		}
	}
	return out, nil
}

// periods are the categories in the form that sorts.
func (v variable) periods() ([]string, error) {
	out := make([]string, len(v.values))
	for i, code := range v.values {
		if out[i] = isoPeriod(code); out[i] == "" || len(out[i]) != len(out[0]) {
			return nil, fmt.Errorf("category %q of %q is no period, or of another frequency than the first", clip(code), v.code)
		}
	}
	return out, nil
}

// latest is the n categories with the latest periods, wherever the publisher lists them.
func (v variable) latest(n string, periods []string) ([]string, error) {
	count, err := strconv.Atoi(n)
	if err != nil || count < 1 {
		return nil, fmt.Errorf("top(%s) is not top(5)", clip(n))
	}
	order := make([]int, len(periods))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(periods[b], periods[a]) })
	var out []string
	for _, i := range order[:min(count, len(order))] {
		out = append(out, v.values[i])
	}
	return out, nil
}

// cellsOf is how many cells a question asks for.
func cellsOf(axes []axis) int {
	n := 1
	for _, a := range axes {
		if len(a.values) > 0 && n > maxCells/len(a.values) {
			return maxCells
		}
		n *= len(a.values)
	}
	return n
}

// cut makes one question into as many as the limit needs, none asking for more
// cells and together for the same; a limit of 0 is none.
func cut(axes []axis, limit int, q Query) [][]axis {
	if limit <= 0 || cellsOf(axes) <= limit {
		return [][]axis{axes}
	}
	at := widest(axes, q.Time, q.Area)
	if at < 0 {
		return [][]axis{axes} // a single cell
	}
	a := axes[at]
	each := max(1, limit/(cellsOf(axes)/len(a.values)))
	var out [][]axis
	for values := range slices.Chunk(a.values, each) {
		out = append(out, cut(with(axes, at, values), limit, q)...)
	}
	return out
}

// halve makes one question into two, or says that it cannot.
func halve(axes []axis, first ...string) (a, b []axis, ok bool) {
	at := widest(axes, first...)
	if at < 0 {
		return nil, nil, false
	}
	values := axes[at].values
	return with(axes, at, values[:len(values)/2]), with(axes, at, values[len(values)/2:]), true
}

// widest is the axis to divide: the first of those named that can be, else the
// longest; -1 when there is none.
func widest(axes []axis, first ...string) int {
	for _, code := range first {
		i := slices.IndexFunc(axes, func(a axis) bool { return a.code == code })
		if i >= 0 && len(axes[i].values) > 1 {
			return i
		}
	}
	at := -1
	for i, a := range axes {
		if len(a.values) > 1 && (at < 0 || len(a.values) > len(axes[at].values)) {
			at = i
		}
	}
	return at
}

func with(axes []axis, at int, values []string) []axis {
	out := slices.Clone(axes)
	out[at].values = values
	return out
}
