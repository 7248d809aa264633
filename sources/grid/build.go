package grid

import (
	"slices"

	"citystats/internal/fault"
)

// builder puts the cells of one sheet where they belong, within what is left of
// the document's allowance.
type builder struct {
	sheet Sheet
	left  *allowance
}

// allowance is what a document may still use.
type allowance struct{ cells, text, merges, filled int }

func newAllowance() *allowance { return &allowance{maxCells, maxText, maxMerges, 4 * maxCells} }

// span is a merged range, its ends included.
type span struct{ top, left, bottom, right int }

// put sets one cell. Cells come in any order, and the last one counts.
func (b *builder) put(row, column int, c Cell) error {
	if row < 0 || row >= maxRow || column < 0 || column >= maxColumn {
		return bad("sheet '%s' has a cell in row %d, column %d", b.sheet.Name, row+1, column+1)
	}
	// A row costs as much as a cell, so that a sheet with one cell far down does too.
	rows := max(0, row+1-len(b.sheet.Rows))
	if b.left.cells -= rows; b.left.cells < 0 {
		return b.tooMany()
	}
	b.sheet.Rows = append(b.sheet.Rows, make([][]Cell, rows)...)
	cells := max(0, column+1-len(b.sheet.Rows[row]))
	if b.left.cells -= cells; b.left.cells < 0 {
		return b.tooMany()
	}
	b.sheet.Rows[row] = append(b.sheet.Rows[row], make([]Cell, cells)...)
	if b.left.text -= len(c.Text); b.left.text < 0 {
		return bad("it has more than %d MB of text", maxText>>20)
	}
	b.sheet.Rows[row][column] = c
	return nil
}

func (b *builder) tooMany() error {
	return bad("it has more than %d cells, empty ones between others included", maxCells)
}

// merge fills a range with its first cell. What lies outside the cells that are
// in use is left out: a merged title may span sixteen thousand empty columns.
func (b *builder) merge(s span) error {
	if b.left.merges--; b.left.merges < 0 {
		return bad("it has more than %d merged ranges", maxMerges)
	}
	bottom, right := min(s.bottom, len(b.sheet.Rows)-1), min(s.right, b.sheet.Width()-1)
	first := b.sheet.At(s.top, s.left)
	first.Merged = true
	for row := s.top; row <= bottom; row++ {
		for column := s.left; column <= right; column++ {
			if row == s.top && column == s.left {
				continue
			}
			if b.left.filled--; b.left.filled < 0 {
				return bad("its merged ranges lie over each other")
			}
			if err := b.put(row, column, first); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish takes off what is empty at the ends of rows and at the end of the sheet.
func (b *builder) finish() Sheet {
	rows := b.sheet.Rows
	for i, r := range rows {
		rows[i] = trimEnd(r, func(c Cell) bool { return c.Text == "" && !c.IsNumber })
	}
	b.sheet.Rows = trimEnd(rows, func(r []Cell) bool { return len(r) == 0 })
	return b.sheet
}

func trimEnd[T any](list []T, empty func(T) bool) []T {
	for len(list) > 0 && empty(list[len(list)-1]) {
		list = list[:len(list)-1]
	}
	return slices.Clip(list)
}

// within says in which sheet something is wrong, unless that was said.
func within(sheet string, err error) error {
	switch {
	case err == nil || fault.KindOf(err) == fault.Upstream:
		return err
	case sheet == "":
		return bad("%v", err)
	}
	return bad("sheet '%s': %v", sheet, err)
}
