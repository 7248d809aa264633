package communique

import "fmt"

// A record's number says where its figure stands, so that Place needs no document.
// From the right: which figure of the sentence, which sentence of the document, and
// the page of a PDF; or, with the highest of the bits used, column, row and table.
const (
	figureBits   = 5
	sentenceBits = 15
	pageBits     = 9
	columnBits   = 6
	rowBits      = 12
	tableBits    = 11
	tableBit     = 1 << (figureBits + sentenceBits + pageBits)
)

// whole is the record of a remark on the document as a whole.
const whole = 1

func inSentence(page, sentence, figure int) int {
	return ((page<<sentenceBits)|sentence)<<figureBits | figure
}

func inTable(table, row, column int) int {
	return tableBit | ((table<<rowBits)|row)<<columnBits | column
}

// fits says whether a place has a number of its own.
func fits(n, bits int) bool { return n < 1<<bits }

// Place says where in the document record n is: "page 2, sentence 12, figure 1" or
// "table 1, row 3, column 2". Sentences are counted through the whole document, as
// sentences end at 。 and ； and with their paragraph.
func (s *Source) Place(n int) string {
	if n >= tableBit {
		n &^= tableBit
		return fmt.Sprintf("table %d, row %d, column %d", n>>(columnBits+rowBits), n>>columnBits&(1<<rowBits-1), n&(1<<columnBits-1))
	}
	figure, sentence, page := n&(1<<figureBits-1), n>>figureBits&(1<<sentenceBits-1), n>>(figureBits+sentenceBits)
	switch {
	case sentence == 0:
		return fmt.Sprintf("the document, remark %d", figure)
	case page == 0:
		return fmt.Sprintf("sentence %d, figure %d", sentence, figure)
	}
	return fmt.Sprintf("page %d, sentence %d, figure %d", page, sentence, figure)
}
