package grid

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// readHTML reads every table of a page as a sheet. A table inside a cell is a
// sheet of its own and no text of that cell, since old pages are laid out with
// tables around tables.
func readHTML(text string) ([]Sheet, error) {
	if err := whole(text); err != nil {
		return nil, err
	}
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return nil, bad("%v", err)
	}
	page := goquery.NewDocumentFromNode(root)
	tables := page.Find("table")
	switch {
	case tables.Length() == 0:
		return nil, bad("it is a page without a table: %q", clip(strings.TrimSpace(page.Text())))
	case tables.Length() > maxSheets:
		return nil, bad("it has %d tables", tables.Length())
	}
	title := ""
	if t := page.Find("title").First(); t.Length() > 0 {
		title = squeeze(t.Text())
	}
	left := newAllowance()
	var sheets []Sheet
	for i, node := range tables.Nodes {
		s, err := readTable(node, "table "+strconv.Itoa(i+1), left)
		if err != nil {
			return nil, err
		}
		if s.Title == "" {
			s.Title = title
		}
		sheets = append(sheets, s)
	}
	return sheets, nil
}

// whole looks for the ends that a page cut short has lost; the parser supplies
// them in silence.
func whole(text string) error {
	open := map[string]int{}
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		name, _ := z.TagName()
		switch tag := string(name); {
		case tag != "table" && tag != "html":
		case kind == html.StartTagToken:
			open[tag]++
		case kind == html.EndTagToken:
			open[tag]--
		}
	}
	for _, tag := range []string{"table", "html"} {
		if open[tag] > 0 {
			return bad("the page breaks off: %d <%s> without its end", open[tag], tag)
		}
	}
	return nil
}

// readTable lays the cells out as a browser does.
func readTable(table *html.Node, name string, left *allowance) (Sheet, error) {
	b := builder{sheet: Sheet{Name: name}, left: left}
	var merges []span
	reach := map[int]int{} // rows below which a column is free again
	rows := own(table, atom.Tr)
	for row, tr := range rows {
		column := 0
		for _, td := range own(tr, atom.Td, atom.Th) {
			for reach[column] > row {
				column++
			}
			s := span{row, column, row, column + spread(td, "colspan", 1, 1000) - 1}
			s.bottom = min(row+spread(td, "rowspan", len(rows), 65534), len(rows)) - 1
			if err := b.put(row, column, readTD(td)); err != nil {
				return Sheet{}, err
			}
			if s.right >= maxColumn {
				return Sheet{}, bad("%s has more than %d columns", name, maxColumn)
			}
			for c := s.left; c <= s.right; c++ {
				reach[c] = s.bottom + 1
			}
			if s.bottom > s.top || s.right > s.left {
				merges = append(merges, s)
			}
			column = s.right + 1
		}
	}
	for _, m := range merges {
		if err := b.merge(m); err != nil {
			return Sheet{}, err
		}
	}
	if captions := own(table, atom.Caption); len(captions) > 0 {
		b.sheet.Title = squeeze(visible(captions[0]))
	}
	return b.finish(), nil
}

// spread is a cell's colspan or rowspan; all is what 0 means.
func spread(td *html.Node, name string, all, most int) int {
	n, err := strconv.Atoi(strings.TrimSpace(attr(td, name)))
	switch {
	case err != nil || n < 0:
		return 1
	case n == 0:
		return all
	}
	return min(n, most)
}

// own lists the elements of these kinds below a node that do not belong to a
// table further in.
func own(in *html.Node, kinds ...atom.Atom) []*html.Node {
	var out []*html.Node
	for n := range in.ChildNodes() {
		switch {
		case n.Type != html.ElementNode:
		case slices.Contains(kinds, n.DataAtom):
			out = append(out, n)
		case n.DataAtom != atom.Table:
			out = append(out, own(n, kinds...)...)
		}
	}
	return out
}

// readTD reads one cell. Excel writes the number a cell holds into x:num, empty
// when the text shows all of it.
func readTD(td *html.Node) Cell {
	c := Cell{Text: squeeze(visible(td))}
	for _, a := range td.Attr {
		if a.Key != "x:num" {
			continue
		}
		raw := a.Val
		if raw == "" {
			raw = strings.ReplaceAll(c.Text, ",", "")
		}
		if v, err := strconv.ParseFloat(raw, 64); err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
			c.Number, c.IsNumber = v, true
		}
	}
	return c
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// unseen elements are no text of the cell around them.
var unseen = []atom.Atom{atom.Script, atom.Style, atom.Table, atom.Template}

// visible is the text of an element without scripts and further tables. A
// mark stands for each <br> until squeeze makes it a line break.
func visible(n *html.Node) string {
	var out strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			out.WriteString(n.Data)
		case n.Type == html.ElementNode && slices.Contains(unseen, n.DataAtom):
			return
		case n.DataAtom == atom.Br, n.DataAtom == atom.P, n.DataAtom == atom.Div:
			out.WriteRune(lineBreak)
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	for c := range n.ChildNodes() {
		walk(c)
	}
	return out.String()
}

const lineBreak = '\v' // decodeText lets none through

// squeeze joins white space as a browser does and keeps line breaks.
func squeeze(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, string(lineBreak)) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
