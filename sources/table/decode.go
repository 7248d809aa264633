package table

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"citystats/sources/grid"
	"citystats/sources/source"
)

// Decode reads every visible sheet by its book.
func (s *Source) Decode(doc source.Document, sink source.Sink) error {
	where := first(doc.URL, doc.Name)
	sheets, err := grid.Read(doc.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	if len(sheets) > maxSheets {
		return distrust(where, "split the file", "it has %d sheets, more than the %d that can be told apart", len(sheets), maxSheets)
	}
	found, err := s.assign(where, sheets)
	if err != nil {
		return err
	}
	for i := range sheets {
		if found[i] == nil {
			unclaimed(i, &sheets[i], found, sink)
			continue
		}
		r := reader{book: found[i], sheet: &sheets[i], number: i, where: where, sink: sink}
		if err := r.run(); err != nil {
			return err
		}
	}
	return nil
}

// assign finds the book of each sheet; nil where there is none.
func (s *Source) assign(where string, sheets []grid.Sheet) ([]*Book, error) {
	out := make([]*Book, len(sheets))
	known := false
	for i := range sheets {
		books := s.matching(&sheets[i])
		switch len(books) {
		case 0:
		case 1:
			out[i], known = books[0], true
		default:
			return nil, distrust(where, "make the match of one of them narrower",
				"sheet '%s' could be of %s and of %s", sheets[i].Name, books[0].ID, books[1].ID)
		}
	}
	if !known {
		return nil, s.unknown(where, sheets)
	}
	return out, nil
}

// matching lists the books that a visible sheet may be of.
func (s *Source) matching(sheet *grid.Sheet) (books []*Book) {
	for _, b := range s.books {
		if !sheet.Hidden && b.mismatch(sheet) == "" {
			books = append(books, b)
		}
	}
	return books
}

// mismatch says by what a sheet is known not to be of the book.
func (b *Book) mismatch(sheet *grid.Sheet) string {
	if _, ok := b.sheet.fits(sheet.Name, 0); !ok {
		return fmt.Sprintf("a sheet called %q", b.sheet.text)
	}
	if _, ok := b.caption.fits(sheet.Title, 0); !ok {
		return fmt.Sprintf("the caption %q", b.caption.text)
	}
	for _, where := range sortedCells(b.match) {
		if _, ok := b.match[where].fits(sheet.At(where.row, where.column).Text, 0); !ok {
			return fmt.Sprintf("%q in cell %s", b.match[where].text, grid.Address(where.row, where.column))
		}
	}
	return ""
}

// unknown says of each book what it looked for in vain.
func (s *Source) unknown(where string, sheets []grid.Sheet) error {
	var missed []string
	for _, b := range s.books {
		for i := range sheets {
			if sheets[i].Hidden {
				continue
			}
			missed = append(missed, fmt.Sprintf("%s wants %s", b.ID, b.mismatch(&sheets[i])))
			break
		}
	}
	const enough = 5
	if n := len(missed) - enough; n > 0 {
		missed = append(missed[:enough], fmt.Sprintf("and %d more", n))
	}
	return distrust(where, "write a book for it: see sources/table/README.md",
		"none of its sheets is of a book in data/books (%s)", strings.Join(missed, "; "))
}

// unclaimed rejects a sheet that people see and no book describes.
func unclaimed(number int, sheet *grid.Sheet, found []*Book, sink source.Sink) {
	if sheet.Hidden || len(sheet.Rows) == 0 {
		return
	}
	for _, b := range found {
		if b != nil && anyFits(b.ignore, sheet.Name) {
			return
		}
	}
	sink.Reject(source.Reject{
		Record: recordOf(number, 0, 0), Text: clip(rowText(sheet, 0)),
		Reason: fmt.Sprintf("no book in data/books describes sheet '%s'; write one, or list the sheet under ignore_sheets", sheet.Name),
	})
}

func anyFits(patterns []pattern, text string) bool {
	return slices.ContainsFunc(patterns, func(p pattern) bool { _, ok := p.fits(text, 0); return ok })
}

// rowText is a row as a person reads it.
func rowText(sheet *grid.Sheet, row int) string {
	var texts []string
	if row < len(sheet.Rows) {
		for _, c := range sheet.Rows[row] {
			if text := tidy(c.Text); text != "" {
				texts = append(texts, text)
			}
		}
	}
	return strings.Join(texts, " | ")
}

func sortedCells(m map[at]pattern) []at {
	var out []at
	for where := range m {
		out = append(out, where)
	}
	slices.SortFunc(out, func(a, b at) int {
		if a.row != b.row {
			return a.row - b.row
		}
		return a.column - b.column
	})
	return out
}

// reader holds one sheet against its book.
type reader struct {
	book   *Book
	sheet  *grid.Sheet
	number int
	where  string
	sink   source.Sink

	period   string // of the whole sheet, when a cell tells it
	claimed  map[at]bool
	problems []string // what differs from the book
	more     int      // of those that are not listed
}

// run looks at the whole sheet before it reads a figure.
func (r *reader) run() error {
	if len(r.sheet.Rows) > maxRows || r.sheet.Width() > maxColumns {
		return distrust(r.where, "split the sheet", "sheet '%s' has more than %d rows or %d columns", r.sheet.Name, maxRows, maxColumns)
	}
	r.claimed = map[at]bool{}
	r.titles()
	var blocks []block
	for i := range r.book.Blocks {
		blocks = append(blocks, r.layOut(&r.book.Blocks[i]))
	}
	r.leftovers(blocks)
	if len(r.problems) > 0 {
		return r.differs()
	}
	for _, b := range blocks {
		if err := r.totals(b); err != nil {
			return err
		}
	}
	for _, b := range blocks {
		if err := r.figures(b); err != nil {
			return err
		}
	}
	return nil
}

// differ notes that a cell is not what the book says.
func (r *reader) differ(where at, expected string) {
	const enough = 5
	if len(r.problems) >= enough {
		r.more++
		return
	}
	r.problems = append(r.problems, fmt.Sprintf("sheet '%s', cell %s: expected %s, found %q",
		r.sheet.Name, grid.Address(where.row, where.column), expected, clip(tidy(r.sheet.At(where.row, where.column).Text))))
}

func (r *reader) differs() error {
	text := strings.Join(r.problems, "; ")
	if r.more > 0 {
		text += fmt.Sprintf("; and %d more", r.more)
	}
	return distrust(r.where, "if the layout is new, write a book for it; nothing of the document was read",
		"the table is not as %s.yaml describes it: %s", r.book.ID, text)
}

// expect compares a cell and claims it.
func (r *reader) expect(where at, p pattern, yearsBefore int) (period string) {
	r.claimed[where] = true
	period, ok := p.fits(r.sheet.At(where.row, where.column).Text, yearsBefore)
	if !ok {
		r.differ(where, fmt.Sprintf("%q", p.text))
	}
	return period
}

// titles compares the cells around the figures.
func (r *reader) titles() {
	for _, where := range sortedCells(r.book.cells) {
		from := r.book.PeriodFrom
		if from != nil && r.book.periodAt == where {
			r.period = r.expect(where, r.book.cells[where], from.YearsBefore)
			continue
		}
		r.expect(where, r.book.cells[where], 0)
	}
}

// block is a block of the book as it lies in the sheet.
type block struct {
	*Block

	end     int // row after the last with figures
	columns []column
	rows    []row
}

type column struct {
	*Column

	at      int
	meaning meaning
}

type row struct {
	at      int
	kind    rowKind
	label   string
	meaning meaning
	note    string
}

type rowKind uint8

const (
	wanted rowKind = iota
	passed         // known and not wanted
	total
	strange // a label nobody listed
)

// layOut finds the columns and rows of a block and compares the header.
func (r *reader) layOut(b *Block) block {
	out := block{Block: b}
	for i := range b.Columns {
		out.columns = append(out.columns, r.columnsOf(&b.Columns[i])...)
	}
	r.distinct(out.columns)
	out.end = r.endOf(b)
	for n := b.first; n < out.end; n++ {
		r.claimed[at{n, b.label}] = true
		for _, c := range out.columns {
			r.claimed[at{n, c.at}] = true
		}
		if labelled, isRow := r.rowAt(b, n, out.columns); isRow {
			out.rows = append(out.rows, labelled)
		}
	}
	r.counted(out)
	return out
}

// columnsOf compares the header of one column, or of as many as it stands for.
func (r *reader) columnsOf(c *Column) (out []column) {
	rows := sortedRows(c.header)
	last := c.to
	if last < 0 { // as far as the header goes
		for last = c.from; r.sheet.At(rows[0], last+1).Text != ""; {
			last++
		}
	}
	for n := c.from; n <= last; n++ {
		m := meaning{c.Area, c.Indicator, c.Period, c.Unit}
		for _, row := range rows {
			m.period = first(m.period, r.expect(at{row, n}, c.header[row], 0))
		}
		out = append(out, column{c, n, m})
	}
	return out
}

// distinct wants no two columns to be about the same.
func (r *reader) distinct(columns []column) {
	seen := map[meaning]bool{}
	for _, c := range columns {
		if c.Skip != "" {
			continue
		}
		if seen[c.meaning] {
			r.differ(at{sortedRows(c.header)[0], c.at}, "a heading that was not there before")
		}
		seen[c.meaning] = true
	}
}

func sortedRows(m map[int]pattern) []int {
	var out []int
	for row := range m {
		out = append(out, row)
	}
	slices.Sort(out)
	return out
}

// endOf finds the row after the last with figures.
func (r *reader) endOf(b *Block) int {
	if b.last >= 0 {
		if where := (at{b.last, b.label}); tidy(r.sheet.At(where.row, where.column).Text) == "" {
			r.differ(where, "the label of the last row")
		}
		return b.last + 1
	}
	for n := b.first; n < len(r.sheet.Rows); n++ {
		if anyFits(b.Rows.end, r.sheet.At(n, b.label).Text) {
			return n
		}
	}
	r.differ(at{len(r.sheet.Rows), b.label}, fmt.Sprintf("%q after the last row", b.Rows.End[0]))
	return len(r.sheet.Rows)
}

// rowAt understands a row's label. A row without anything is none.
func (r *reader) rowAt(b *Block, n int, columns []column) (row, bool) {
	cell := r.sheet.At(n, b.label)
	out := row{at: n, label: tidy(cell.Text)}
	if out.label == "" || cell.Merged {
		if slices.ContainsFunc(columns, func(c column) bool { return holds(r.sheet.At(n, c.at)) }) {
			r.differ(at{n, b.label}, "a label of its own")
		}
		return row{}, false
	}
	rows := &b.Rows
	if rows.Total != "" && out.label == rows.total {
		out.kind = total
		return out, true
	}
	if anyFits(rows.skip, out.label) {
		out.kind = passed
		return out, true
	}
	var ok bool
	if out.meaning, ok = rows.meaningOf(out.label); ok {
		return out, true
	}
	for _, m := range r.book.marks {
		bare, marked := strings.CutSuffix(out.label, m.text)
		if out.meaning, ok = rows.meaningOf(strings.TrimSpace(bare)); marked && ok {
			out.note = m.text + " " + m.meaning
			return out, true
		}
	}
	out.kind = strange
	return out, true
}

func (r *Rows) meaningOf(label string) (meaning, bool) {
	if r.period == nil {
		m, ok := r.labels[label]
		return m, ok
	}
	p, ok := r.period.fits(label, 0)
	return meaning{period: p}, ok
}

// counted compares how many rows there are and that no two mean the same.
func (r *reader) counted(b block) {
	seen := map[meaning]bool{}
	n := 0
	for _, row := range b.rows {
		if row.kind != wanted {
			continue
		}
		if n++; seen[row.meaning] {
			r.differ(at{row.at, b.label}, "a label that was not there before")
		}
		seen[row.meaning] = true
	}
	if b.Rows.Count > 0 && n != b.Rows.Count {
		where := at{b.end, b.label}
		if i := slices.IndexFunc(b.rows, func(row row) bool { return row.kind == strange }); i >= 0 {
			where.row = b.rows[i].at
		}
		r.differ(where, fmt.Sprintf("%d rows with known labels and not %d", b.Rows.Count, n))
	}
}

// leftovers wants every cell that holds something to be described. Only below the
// figures may there be text, such as footnotes; a number there is a figure that
// nobody reads.
func (r *reader) leftovers(blocks []block) {
	below := len(r.sheet.Rows)
	if len(blocks) > 0 {
		below = slices.MaxFunc(blocks, func(a, b block) int { return a.end - b.end }).end
	}
	for n := range r.sheet.Rows {
		for column, c := range r.sheet.Rows[n] {
			where := at{n, column}
			if r.claimed[where] || c.Merged || !holds(c) {
				continue
			}
			if _, number := printed(tidy(c.Text)); n < below || c.IsNumber || number {
				r.differ(where, "nothing")
			}
		}
	}
}

// holds is also true of a number that its format hides.
func holds(c grid.Cell) bool { return c.IsNumber || tidy(c.Text) != "" }

// figures hands on what the block holds.
func (r *reader) figures(b block) error {
	for _, row := range b.rows {
		switch row.kind {
		case strange:
			r.reject(at{row.at, b.label}, fmt.Sprintf("the book does not list the label %q", clip(row.label)), rowText(r.sheet, row.at))
			continue
		case passed, total:
			continue
		case wanted:
		}
		for _, c := range b.columns {
			if c.Skip != "" {
				continue
			}
			if err := r.figure(row, c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *reader) figure(row row, c column) error {
	where := at{row.at, c.at}
	cell := r.sheet.At(row.at, c.at)
	f, err := r.book.read(cell)
	m := row.meaning.or(c.meaning).or(meaning{r.book.Area, r.book.Indicator, first(r.period, r.book.Period), r.book.Unit})
	switch {
	case err != nil:
		r.reject(where, err.Error(), cell.Text)
		return nil
	case f.missing:
		return nil
	case f.percent && m.unit != "percent":
		r.reject(where, "it shows a percentage, but the book says "+m.unit, cell.Text)
		return nil
	}
	return r.sink.Observe(&source.Observation{
		Record: recordOf(r.number, row.at, c.at), Region: m.area, Indicator: m.indicator, Period: m.period, Unit: m.unit, Mult: f.mult,
		Origin: r.book.Origin, Value: f.value, Status: r.book.status, Confidence: r.book.confidence, Note: joined(f.note, row.note),
	})
}

func (r *reader) reject(where at, reason, text string) {
	r.sink.Reject(source.Reject{
		Record: recordOf(r.number, where.row, where.column), Text: clip(text),
		Reason: fmt.Sprintf("sheet '%s', cell %s: %s", r.sheet.Name, grid.Address(where.row, where.column), reason),
	})
}

// totals adds up the rows where the table itself says what they come to.
func (r *reader) totals(b block) error {
	i := slices.IndexFunc(b.rows, func(row row) bool { return row.kind == total })
	switch {
	case b.Rows.Total == "":
		return nil
	case i < 0:
		return distrust(r.where, "look for the missing row", "sheet '%s' has no row %q", r.sheet.Name, b.Rows.Total)
	}
	for _, c := range b.columns {
		if c.Skip != "" {
			continue
		}
		if said, sum, ok := r.addUp(b, c, b.rows[i].at); !ok {
			return distrust(r.where, "compare the sheet with the printed book",
				"sheet '%s', cell %s says %v, but the rows add up to %v", r.sheet.Name, grid.Address(b.rows[i].at, c.at), said, sum)
		}
	}
	return nil
}

// addUp compares a total with its parts, as far as rounding allows. Where a part
// or the total is no number there is nothing to compare.
func (r *reader) addUp(b block, c column, totalRow int) (said, sum float64, ok bool) {
	whole, err := r.book.read(r.sheet.At(totalRow, c.at))
	if err != nil || whole.missing {
		return 0, 0, true
	}
	decimals, n := whole.decimals, 1.0
	for _, row := range b.rows {
		if row.kind == total || row.kind == passed {
			continue
		}
		part, err := r.book.read(r.sheet.At(row.at, c.at))
		if err != nil || part.missing {
			return 0, 0, true
		}
		sum += part.value
		decimals, n = max(decimals, part.decimals), n+1
	}
	// Each figure may be half a digit away from what was added up; a column shows
	// all its figures alike, and those that seem shorter end in zeros.
	return whole.value, sum, math.Abs(sum-whole.value) <= n*0.5000001*math.Pow10(-decimals)
}

// joined puts notes behind each other.
func joined(notes ...string) string {
	return strings.Join(slices.DeleteFunc(notes, func(n string) bool { return n == "" }), "; ")
}
