package sdmx

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// componentID is what SDMX allows as the id of a dimension, measure or attribute.
var componentID = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_@$-]*$`)

// leading are columns of SDMX-CSV 1 and 2 that are no components. Eurostat adds
// LAST UPDATE to them; the ECB writes KEY, and neither it nor the Bank for
// International Settlements names the dataflow.
var leading = []string{"DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "SERIES_KEY", "OBS_KEY", "KEY", lastUpdate}

const lastUpdate = "LAST UPDATE"

// layout is where in a row things are; places are -1 for what is not there.
type layout struct {
	separator  rune
	columns    []column
	key        []int // the dimensions
	time       int
	value      int
	attributes []int
	kind       int // STRUCTURE: what STRUCTURE_ID is the id of
	flow       int // STRUCTURE_ID or DATAFLOW
	name       int
	action     int
	updated    int
}

// column is one cell of the header.
type column struct {
	id    string
	both  bool // labels=both: id and label in one cell
	label bool // labels=name: the label of the column before
}

// readCSV reads SDMX-CSV 1 or 2. A file has no end mark and a cut after a line
// cannot be seen, but one inside a line is: the last line must be ended too.
func (d *decoder) readCSV(body []byte) error {
	if !bytes.HasSuffix(body, []byte("\n")) {
		return errors.New("its last line is not ended, so it may be cut short")
	}
	separator, err := csvSeparator(body)
	if err != nil {
		return err
	}
	r := rows{decoder: d}
	if err := r.begin(body, separator); err != nil {
		return err
	}
	if err := d.startSet("", ""); err != nil {
		return err
	}
	// Attributes of partial keys may stand in rows of their own, before or after
	// the rows they are about.
	if err := r.each(body, r.gather); err != nil {
		return err
	}
	return r.each(body, r.row)
}

// isCSV says whether a text may be SDMX-CSV: its header names the time.
func isCSV(body []byte) bool {
	header, _, _ := bytes.Cut(body, []byte("\n"))
	return bytes.Contains(header, []byte(timeDimension)) || bytes.HasPrefix(header, []byte("DATAFLOW")) || bytes.HasPrefix(header, []byte("STRUCTURE"))
}

// csvSeparator is the character after the first cell of the header, which may hold
// the separator of lists in brackets.
func csvSeparator(body []byte) (rune, error) {
	head := string(body[:min(len(body), 100)])
	quoted := strings.HasPrefix(head, `"`)
	head = strings.TrimPrefix(head, `"`)
	rest := strings.TrimLeft(head, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
	ok := len(rest) < len(head)
	if strings.HasPrefix(rest, "[") {
		_, rest, ok = strings.Cut(rest, "]")
	}
	if ok && quoted {
		rest, ok = strings.CutPrefix(rest, `"`)
	}
	r, _ := utf8.DecodeRuneInString(rest)
	if !ok || !strings.ContainsRune(",;\t|", r) {
		return 0, fmt.Errorf("it begins with %q, which is no header of SDMX-CSV", clip(strings.ToValidUTF8(head, "\uFFFD")))
	}
	return r, nil
}

// rows reads the rows of one file.
type rows struct {
	*decoder

	at       layout
	key      []string // of the row being read
	flowCell string   // the last one looked at
}

func csvReader(body []byte, separator rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(body))
	r.Comma = separator
	r.ReuseRecord = true
	return r
}

// each calls f with every row but the header.
func (r *rows) each(body []byte, f func(cells []string) error) error {
	reader := csvReader(body, r.at.separator)
	for n := 0; ; n++ {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if err := f(cells); err != nil {
			return err
		}
	}
}

// begin reads the header.
func (r *rows) begin(body []byte, separator rune) error {
	header, err := csvReader(body, separator).Read()
	if err != nil {
		return err
	}
	r.at = layout{separator: separator, columns: columnsOf(header)}
	if err := r.unique(); err != nil {
		return err
	}
	r.at.time, r.at.value = r.find(timeDimension), r.find(r.q.Measure)
	r.at.kind, r.at.flow, r.at.name = r.find("STRUCTURE"), max(r.find("STRUCTURE_ID"), r.find("DATAFLOW")), r.find("STRUCTURE_NAME")
	r.at.action, r.at.updated = r.find("ACTION"), r.find(lastUpdate)
	if err := r.dimensions(); err != nil {
		return err
	}
	for i, c := range r.at.columns {
		if !c.label && i != r.at.value && i != r.at.time && !slices.Contains(r.at.key, i) {
			r.at.attributes = append(r.at.attributes, i)
		}
	}
	return nil
}

// columnsOf reads the cells of the header.
func columnsOf(header []string) []column {
	columns := make([]column, len(header))
	named := slices.Contains(header, "STRUCTURE_NAME")
	for i, cell := range header {
		id, _, both := strings.Cut(cell, ": ")
		both = both && componentID.MatchString(id)
		if !both {
			id = cell
		}
		if first, _, cut := strings.Cut(id, "["); cut { // several values in a cell
			id = first
		}
		// With labels=name each component is followed by its label.
		label := named && i > 0 && !columns[i-1].label && !slices.Contains(leading, columns[i-1].id) && !slices.Contains(leading, id)
		columns[i] = column{id, both, label}
	}
	return columns
}

// unique wants each component once: with two there is no telling which counts.
func (r *rows) unique() error {
	seen := map[string]bool{}
	for _, c := range r.at.columns {
		if !c.label && seen[c.id] {
			return fmt.Errorf("two of its columns are called %s", clip(c.id))
		}
		seen[c.id] = seen[c.id] || !c.label
	}
	return nil
}

func (r *rows) find(id string) int {
	return slices.IndexFunc(r.at.columns, func(c column) bool { return c.id == id && !c.label })
}

// dimensions finds the columns of the dimensions. Services write dimensions,
// then measures, then attributes, so what stands before the measure must be all
// of them. Only in a file with dimensions behind the measure are the names of the
// row relied on alone.
func (r *rows) dimensions() error {
	if r.at.value < 0 || r.at.time < 0 {
		return fmt.Errorf("it has no column %s or no column %s: its columns are %s", timeDimension, r.q.Measure, clip(r.names()))
	}
	var ids []string
	for i, c := range r.at.columns[:r.at.value] {
		if !c.label && i != r.at.time && !slices.Contains(leading, c.id) {
			ids = append(ids, c.id)
		}
	}
	if slices.ContainsFunc(r.q.Dimensions, func(id string) bool { return r.find(id) > r.at.value }) {
		ids = r.q.Dimensions
	}
	r.key = make([]string, len(ids))
	r.at.key = nil
	for _, id := range ids {
		r.at.key = append(r.at.key, r.find(id))
	}
	if i := slices.Index(r.at.key, -1); i >= 0 {
		return fmt.Errorf("it has no column %s: its columns are %s", ids[i], clip(r.names()))
	}
	return r.structure(ids)
}

func (r *rows) names() string {
	var names []string
	for _, c := range r.at.columns {
		if !c.label {
			names = append(names, c.id)
		}
	}
	return strings.Join(names, ",")
}

// cell is the value in a column, without its label.
func (r *rows) cell(cells []string, at int) string {
	if at < 0 {
		return ""
	}
	if r.at.columns[at].both {
		id, _, _ := strings.Cut(cells[at], ": ")
		return id
	}
	return cells[at]
}

// read takes the key and the attributes of a row.
func (r *rows) read(cells []string) (a attributes) {
	for i, at := range r.at.key {
		r.key[i] = r.cell(cells, at)
	}
	for _, at := range r.at.attributes {
		r.put(&a, r.at.columns[at].id, r.cell(cells, at))
	}
	return a
}

// gather takes the rows that hold attributes of a partial key.
func (r *rows) gather(cells []string) error {
	if !missing(cells[r.at.value]) || deletes(r.cell(cells, r.at.action)) {
		return nil
	}
	a, partial := r.read(cells), slices.Clone(r.key)
	for i, v := range partial {
		if v == "~" { // switched off
			partial[i] = ""
		}
	}
	time := r.cell(cells, r.at.time)
	switch {
	case a == (attributes{}):
	case time == "" || time == "~":
		r.groups.add(partial, a)
	case slices.Contains(partial, ""):
		return fmt.Errorf("it states attributes for %s of several series at once, which cannot be kept", clip(time))
	}
	return nil
}

// row takes one row that is about an observation.
func (r *rows) row(cells []string) error {
	if err := r.about(cells); err != nil {
		return err
	}
	a := r.read(cells)
	switch action := r.cell(cells, r.at.action); action {
	case "", "I", "A", "M", "R", "D":
		r.deleting = action == "D"
	default:
		return fmt.Errorf("a row has the ACTION %q", clip(action))
	}
	value := strings.TrimSpace(cells[r.at.value])
	if r.at.separator == ';' && strings.Count(value, ",") == 1 && !strings.Contains(value, ".") {
		value = strings.Replace(value, ",", ".", 1) // the decimal mark follows the locale, as the separator does
	}
	return r.observe(r.key, r.cell(cells, r.at.time), value, a)
}

// about checks what a row says about itself: the dataflow and its last change.
func (r *rows) about(cells []string) error {
	if at := r.at.updated; at >= 0 {
		r.dated(lastChange(cells[at]))
	}
	if r.at.flow < 0 || cells[r.at.flow] == r.flowCell || r.at.kind >= 0 && !strings.EqualFold(cells[r.at.kind], "dataflow") {
		return nil
	}
	r.flowCell = cells[r.at.flow]
	full, label, _ := strings.Cut(r.flowCell, ": ")
	if r.at.name >= 0 {
		label = cells[r.at.name]
	}
	r.found.title = or(r.found.title, label)
	id, _, _ := strings.Cut(full, "(")
	return r.flow(id[strings.LastIndex(id, ":")+1:])
}

// lastChange reads Eurostat's LAST UPDATE, dd/mm/yy with or without a time.
func lastChange(cell string) string {
	day, _, _ := strings.Cut(cell, " ")
	t, err := time.Parse("02/01/06", day)
	if err != nil {
		return ""
	}
	return t.Format(time.DateOnly)
}
