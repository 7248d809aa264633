package data

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"citystats/internal/fault"
	"citystats/transforms/period"
)

// Table is one definition table. Cells are string, int64, float64, bool,
// [period.Day], or nil where the file is empty, as the column's type says.
type Table struct {
	Schema TableSchema
	Rows   [][]any
	places []string // "data/units.csv:12:1" of each row
	absent []string // columns Go asked for that schema.yaml does not declare
}

func loadTable(fsys fs.FS, s TableSchema) (Table, error) {
	t := Table{Schema: s}
	text, err := fs.ReadFile(fsys, s.File)
	if err != nil {
		return t, fault.Wrap(fault.Definition, err, place(s.File), "add the file or take the table out of schema.yaml", "table "+s.Name+" cannot be read")
	}
	if bytes.HasPrefix(text, []byte("\uFEFF")) {
		return t, fault.New(fault.Definition, place(s.File, 1, 1), "save it as UTF-8 without a byte order mark", "the file starts with a byte order mark")
	}
	r := csv.NewReader(bytes.NewReader(text))
	header, err := r.Read()
	if err != nil {
		return t, csvError(s.File, err)
	}
	if err := s.checkHeader(header); err != nil {
		return t, err
	}
	var problems []error
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			problems = append(problems, csvError(s.File, err))
			break
		}
		problems = append(problems, t.add(r, record)...)
	}
	problems = append(problems, t.duplicates()...)
	return t, errors.Join(problems...)
}

func csvError(file string, err error) error {
	where := place(file)
	var at *csv.ParseError
	if errors.As(err, &at) {
		where, err = place(file, at.Line, at.Column), at.Err
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("the file is empty")
	}
	return fault.New(fault.Definition, where, "write one cell per column, quoting cells that hold commas or quotes", "%v", err)
}

func (s TableSchema) checkHeader(header []string) error {
	want := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		want[i] = c.Name
	}
	if slices.Equal(header, want) {
		return nil
	}
	return fault.New(fault.Definition, place(s.File, 1, 1), "write "+strings.Join(want, ","), "the header is %s", strings.Join(header, ","))
}

func (t *Table) add(r *csv.Reader, record []string) []error {
	var problems []error
	row := make([]any, len(record))
	for i, c := range t.Schema.Columns {
		v, hint, err := c.parse(record[i])
		if err != nil {
			line, column := r.FieldPos(i)
			problems = append(problems, fault.New(fault.Definition, place(t.Schema.File, line, column), hint, "column %s: %v", c.Name, err))
		}
		row[i] = v
	}
	line, _ := r.FieldPos(0)
	t.Rows = append(t.Rows, row)
	t.places = append(t.places, place(t.Schema.File, line, 1))
	return problems
}

// parse gives the cell its type; the second result is what to write instead.
func (c Column) parse(cell string) (value any, hint string, err error) {
	switch {
	case cell == "" && c.Required:
		return nil, "fill it in", errors.New("the cell is empty")
	case cell == "":
		return nil, "", nil
	case cell != strings.TrimSpace(cell):
		return nil, "remove the space", fmt.Errorf("%q has space around it", cell)
	case !utf8.ValidString(cell):
		return nil, "save the file as UTF-8", fmt.Errorf("%q is not UTF-8 text", cell)
	case len(c.OneOf) > 0 && !slices.Contains(c.OneOf, cell):
		return nil, "write one of " + strings.Join(c.OneOf, ", "), fmt.Errorf("%q is not allowed", cell)
	}
	switch c.Type {
	case Integer:
		n, bad := strconv.ParseInt(cell, 10, 64)
		return n, "write a whole number", unless(bad == nil, "%q is not a whole number", cell)
	case Number:
		v, ok := plainNumber(cell)
		return v, "write a plain number without separators or unit", unless(ok, "%q is not a number", cell)
	case Boolean:
		return cell == "true", "write true or false", unless(cell == "true" || cell == "false", "%q is not a truth value", cell)
	case Date:
		at, bad := time.Parse(time.DateOnly, cell)
		return period.DayOf(at.Date()), "write the date as 2011-08-22", unless(bad == nil, "%q is not a date", cell)
	case Moment:
		_, err = period.ParseMoment(cell)
		return cell, "write the date as precisely as it is known", err
	case Period:
		_, err = period.Parse(cell)
		return cell, "write the period in one of these forms", err
	default:
		return cell, "", nil
	}
}

func unless(ok bool, format, cell string) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, cell)
}

// plainNumber reads decimal digits; the words and the hexadecimal forms that
// ParseFloat knows are no figures.
func plainNumber(cell string) (float64, bool) {
	v, err := strconv.ParseFloat(cell, 64)
	return v, err == nil && strings.Trim(cell, "+-.0123456789eE") == ""
}

func (t *Table) duplicates() []error {
	var problems []error
	seen := map[string]string{}
	for i, row := range t.Rows {
		key := ""
		for _, k := range t.Schema.Key {
			key += fmt.Sprintf("%v\x00", row[t.Schema.column(k)])
		}
		if first, again := seen[key]; again {
			problems = append(problems, fault.New(fault.Definition, t.places[i], "remove one of the two", "the key %s already stands at %s", strings.ReplaceAll(strings.TrimSuffix(key, "\x00"), "\x00", ", "), first))
			continue
		}
		seen[key] = t.places[i]
	}
	return problems
}

// dangling finds cells of column i that are no value of the target's column j.
func (t *Table) dangling(i int, target Table, j int) []error {
	known := map[any]bool{}
	for _, row := range target.Rows {
		known[row[j]] = true
	}
	var problems []error
	for n, row := range t.Rows {
		if row[i] != nil && !known[row[i]] {
			problems = append(problems, fault.New(fault.Definition, t.places[n], fmt.Sprintf("add it to %s or correct the spelling", target.Schema.File), "column %s: %q is not in %s", t.Schema.Columns[i].Name, row[i], target.Schema.File))
		}
	}
	return problems
}

// cell is the value in the named column; an empty cell is nil.
func (t *Table) cell(row []any, name string) any {
	i := t.Schema.column(name)
	if i < 0 {
		t.absent = append(t.absent, name)
		return nil
	}
	return row[i]
}

func (t *Table) text(row []any, name string) string {
	v, _ := t.cell(row, name).(string)
	return v
}

func (t *Table) whole(row []any, name string) int {
	v, _ := t.cell(row, name).(int64)
	return int(v)
}

func (t *Table) number(row []any, name string) float64 {
	v, _ := t.cell(row, name).(float64)
	return v
}

func (t *Table) flag(row []any, name string) bool {
	v, _ := t.cell(row, name).(bool)
	return v
}

func (t *Table) list(row []any, name string) []string {
	var out []string
	for s := range strings.SplitSeq(t.text(row, name), ";") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
