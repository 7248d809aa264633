package communique

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// block is a paragraph, or a table.
type block struct {
	page int    // of a PDF, from 1
	raw  string // as a reader sees it
	rows [][]string
}

// document is what can be seen of a document.
type document struct {
	titles []string // what the page says it is called, the surest first
	blocks []block
	lost   int // characters that could not be read
	paged  bool
}

// gap stands where a footnote mark stood between two digits, lest they become one number.
const gap = '\u2063'

var opening = regexp.MustCompile(`(?i)^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!doctype\s+html|<html)`)

// readPage reads an HTML page that is there from beginning to end.
func readPage(body []byte) (*document, string) {
	d, ok := decode(body)
	switch {
	case !ok:
		return nil, "it is neither UTF-8, GB 18030 nor Big5"
	case !opening.MatchString(d.text[:min(len(d.text), 4096)]):
		return nil, "it does not begin as an HTML page"
	case !strings.Contains(strings.ToLower(d.text[max(0, len(d.text)-1<<16):]), "</html>"):
		return nil, "the page breaks off before </html>"
	}
	root, err := html.Parse(strings.NewReader(d.text))
	if err != nil {
		return nil, err.Error()
	}
	page := goquery.NewDocumentFromNode(root)
	out := &document{titles: titlesOf(page), lost: d.lost}
	w := walker{out: out}
	w.walk(page.Find("body").Get(0))
	w.flush()
	return out, ""
}

// titlesOf lists where content management systems put the title of a publication.
func titlesOf(page *goquery.Document) (out []string) {
	for _, where := range []string{`meta[name="ArticleTitle" i]`, `meta[property="og:title" i]`} {
		if t, ok := page.Find(where).Attr("content"); ok {
			out = append(out, t)
		}
	}
	for _, where := range []string{"h1", "h2", "title"} {
		page.Find(where).Each(func(_ int, s *goquery.Selection) { out = append(out, s.Text()) })
	}
	return out
}

// walker puts the text of a page into blocks.
type walker struct {
	out  *document
	line strings.Builder
}

func (w *walker) flush() {
	if raw := strings.Join(strings.Fields(w.line.String()), " "); raw != "" {
		w.out.blocks = append(w.out.blocks, block{raw: raw})
	}
	w.line.Reset()
}

var (
	unseen = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Noscript: true, atom.Template: true, atom.Select: true, atom.Textarea: true, atom.Iframe: true}
	// inline elements do not end a paragraph; every other element does.
	inline = map[atom.Atom]bool{
		atom.Span: true, atom.A: true, atom.B: true, atom.Strong: true, atom.I: true, atom.Em: true, atom.U: true, atom.Font: true,
		atom.Sub: true, atom.Sup: true, atom.Small: true, atom.Big: true, atom.Mark: true, atom.S: true, atom.Ins: true, atom.Del: true,
		atom.Label: true, atom.Wbr: true, atom.Img: true, atom.Code: true, atom.Nobr: true, atom.Abbr: true, atom.Cite: true,
	}
	footnote = regexp.MustCompile(`^\s*(?:[\[［〔(（]?\s*(?:注\s*)?[0-9０-９]{1,2}\s*[\]］〕)）]?|[①-⑳*＊]+|注)\s*$`)
	hidden   = regexp.MustCompile(`(?i)display\s*:\s*none`)
)

func (w *walker) walk(n *html.Node) {
	switch {
	case n == nil, n.Type == html.CommentNode, n.Type == html.DoctypeNode:
		return
	case n.Type == html.TextNode:
		w.line.WriteString(n.Data)
		return
	case n.Type == html.ElementNode && (unseen[n.DataAtom] || hidden.MatchString(attr(n, "style"))):
		return
	case n.DataAtom == atom.Sup && footnote.MatchString(textOf(n)):
		w.line.WriteRune(gap)
		return
	case n.DataAtom == atom.Table:
		if rows := figures(n); rows != nil {
			w.flush()
			w.out.blocks = append(w.out.blocks, block{rows: rows})
			return
		}
	}
	// Word's own elements (o:p, st1:…) have no atom and stand within lines.
	breaks := n.Type == html.ElementNode && !inline[n.DataAtom] && n.DataAtom != 0
	if breaks {
		w.flush()
	}
	for c := range n.ChildNodes() {
		w.walk(c)
	}
	if breaks {
		w.flush()
	}
}

func textOf(n *html.Node) string { return goquery.NewDocumentFromNode(n).Text() }

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// longestCell is how long a text in a table of figures may be: old pages lay out
// their articles with tables too.
const longestCell = 120

// maxCells is far above any table of a communiqué.
const maxCells = 20_000

// figures are the cells of a table of figures; nil when the table only arranges a page.
func figures(table *html.Node) [][]string {
	s := goquery.NewDocumentFromNode(table)
	if s.Find("table").Length() > 0 || s.Find("tr").Length() < 2 {
		return nil
	}
	var rows [][]string
	type held struct {
		text string
		left int
	}
	below := map[int]held{} // column -> what a cell above reaches down with
	cells, fits := 0, true
	s.Find("tr").Each(func(_ int, tr *goquery.Selection) {
		var row []string
		down := func() {
			for below[len(row)].left > 0 {
				h := below[len(row)]
				below[len(row)] = held{h.text, h.left - 1}
				row = append(row, h.text)
			}
		}
		tr.ChildrenFiltered("td,th").Each(func(_ int, td *goquery.Selection) {
			text := strings.Join(strings.Fields(cellText(td.Get(0))), " ")
			fits = fits && len([]rune(text)) <= longestCell
			down()
			for range spread(td.Get(0), "colspan") {
				if rows := spread(td.Get(0), "rowspan"); rows > 1 {
					below[len(row)] = held{text, rows - 1}
				}
				row = append(row, text)
				cells++
			}
		})
		down()
		fits = fits && cells <= maxCells
		rows = append(rows, row)
	})
	if !fits || widest(rows) < 2 {
		return nil
	}
	return rows
}

func widest(rows [][]string) (n int) {
	for _, r := range rows {
		n = max(n, len(r))
	}
	return n
}

// cellText is the text of a cell without footnote marks.
func cellText(n *html.Node) string {
	var w walker
	var out strings.Builder
	w.out = &document{}
	for c := range n.ChildNodes() {
		w.walk(c)
	}
	w.flush()
	for _, b := range w.out.blocks {
		out.WriteString(b.raw)
	}
	return out.String()
}

func spread(td *html.Node, key string) int {
	n, err := strconv.Atoi(strings.TrimSpace(attr(td, key)))
	if err != nil {
		return 1
	}
	return min(max(n, 1), 200)
}
