package data

import (
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
	file   string   // its text
	starts []int    // of each row, in bytes of the text
	absent []string // columns Go asked for that schema.yaml does not declare
}

func loadTable(fsys fs.FS, s TableSchema) (Table, error) {
	t := Table{Schema: s}
	text, err := fs.ReadFile(fsys, s.File)
	if err != nil {
		return t, fault.Wrap(fault.Definition, err, place(s.File), "add the file or take the table out of schema.yaml", "table "+s.Name+" cannot be read")
	}
	t.file = string(text)
	if strings.HasPrefix(t.file, "\uFEFF") {
		return t, fault.New(fault.Definition, place(s.File, 1, 1), "save it as UTF-8 without a byte order mark", "the file starts with a byte order mark")
	}
	r := csv.NewReader(strings.NewReader(t.file))
	header, err := r.Read()
	if err != nil {
		return t, t.unreadable(0, err)
	}
	if err := t.checkHeader(header); err != nil {
		return t, err
	}
	var problems []error
	for {
		start := int(r.InputOffset())
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			problems = append(problems, t.unreadable(start, err))
			// A row with too many cells or too few says nothing about the next one.
			if errors.Is(err, csv.ErrFieldCount) {
				continue
			}
			break
		}
		problems = append(problems, t.add(start, record)...)
	}
	problems = append(problems, t.duplicates()...)
	return t, errors.Join(problems...)
}

// unreadable tells what encoding/csv found wrong with the row that starts at the
// byte.
func (t *Table) unreadable(start int, err error) error {
	const hint = "write one cell per column, quoting cells that hold commas or quotes"
	where := place(t.Schema.File, 1, 1)
	var at *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		err = errors.New("the file is empty")
	case errors.Is(err, csv.ErrFieldCount):
		where, err = t.field(start, len(t.Schema.Columns)), csv.ErrFieldCount
	case errors.As(err, &at):
		offset := fault.Offset(t.file, at.Line, at.Column)
		where, err = fault.At("data/"+t.Schema.File, t.file, offset), at.Err
		if !strings.HasPrefix(t.file[offset:], `"`) {
			// The file ended in search of a quote: the place to look is where it opened.
			where = t.field(start, -1)
		}
	}
	return fault.New(fault.Definition, where, hint, "%v", err)
}

// field is the place of the i-th field of the row that starts at the byte, of its
// last field when i is -1, and the end of the row when it has no such field. The
// row is read again, since places are wanted only of what is wrong.
func (t *Table) field(start, i int) string {
	r := csv.NewReader(strings.NewReader(t.file[start:]))
	r.LazyQuotes = true // a row that cannot be read has places too
	record, _ := r.Read()
	row := t.file[start : start+int(r.InputOffset())]
	offset := len(strings.TrimRight(row, "\r\n"))
	if i < 0 {
		i = len(record) - 1
	}
	if i >= 0 && i < len(record) {
		line, column := r.FieldPos(i)
		offset = fault.Offset(row, line, column)
	}
	return fault.At("data/"+t.Schema.File, t.file, start+offset)
}

// at is the place of the cell in the n-th row and the i-th column.
func (t *Table) at(n, i int) string { return t.field(t.starts[n], i) }

// Place is where the cell of the n-th row stands, as messages name it.
func (t *Table) Place(n int, column string) string { return t.at(n, t.Schema.column(column)) }

// List is a cell of the n-th row that holds several texts.
func (t *Table) List(n int, column string) []string { return t.list(t.Rows[n], column) }

func (t *Table) checkHeader(header []string) error {
	want := make([]string, len(t.Schema.Columns))
	for i, c := range t.Schema.Columns {
		want[i] = c.Name
	}
	if slices.Equal(header, want) {
		return nil
	}
	differs := 0
	for differs < min(len(header), len(want)) && header[differs] == want[differs] {
		differs++
	}
	return fault.New(fault.Definition, t.field(0, differs), "write "+strings.Join(want, ","), "the header is %s", strings.Join(header, ","))
}

func (t *Table) add(start int, record []string) []error {
	var problems []error
	row := make([]any, len(record))
	for i, c := range t.Schema.Columns {
		v, hint, err := c.parse(record[i])
		if err != nil {
			problems = append(problems, fault.New(fault.Definition, t.field(start, i), hint, "column %s: %v", c.Name, err))
		}
		row[i] = v
	}
	t.Rows = append(t.Rows, row)
	t.starts = append(t.starts, start)
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
	seen := map[string]int{}
	for i, row := range t.Rows {
		key := ""
		for _, k := range t.Schema.Key {
			key += fmt.Sprintf("%v\x00", row[t.Schema.column(k)])
		}
		first, again := seen[key]
		if !again {
			seen[key] = i
			continue
		}
		column := t.Schema.column(t.Schema.Key[0])
		problems = append(problems, fault.New(fault.Definition, t.at(i, column), "remove one of the two", "the key %s already stands at %s", strings.ReplaceAll(strings.TrimSuffix(key, "\x00"), "\x00", ", "), t.at(first, column)))
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
			problems = append(problems, fault.New(fault.Definition, t.at(n, i), fmt.Sprintf("add it to %s or correct the spelling", target.Schema.File), "column %s: %q is not in %s", t.Schema.Columns[i].Name, row[i], target.Schema.File))
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
