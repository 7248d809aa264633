package communique

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
)

// pdfMagic is how a PDF begins.
var pdfMagic = []byte("%PDF-")

// maxPages is far above any communiqué.
const maxPages = 300

// reader is PDFium, compiled to WebAssembly so that a damaged file cannot reach
// the process. Compiling takes about three seconds, once and only for whoever meets a PDF.
var reader = sync.OnceValues(func() (pdfium.Pool, error) {
	return webassembly.Init(webassembly.Config{MinIdle: 0, MaxIdle: 1, MaxTotal: 2})
})

var trailer = regexp.MustCompile(`startxref\s+(\d+)\s+%%EOF\s*$`)

// wholePDF looks for the end, whose number leads to the table of contents; PDFium
// repairs in silence what breaks off.
func wholePDF(body []byte) bool {
	found := trailer.FindSubmatch(body)
	if found == nil {
		return false
	}
	at, err := strconv.Atoi(string(found[1]))
	return err == nil && at > 0 && at < len(body) && (bytes.HasPrefix(body[at:], []byte("xref")) || regexp.MustCompile(`^\d+ \d+ obj`).Match(body[at:min(len(body), at+40)]))
}

// readPDF reads the text of all pages.
func readPDF(body []byte) (doc *document, problem string) {
	if !wholePDF(body) {
		return nil, "the PDF breaks off: its end does not lead to its table of contents"
	}
	pool, err := reader()
	if err != nil {
		return nil, "PDFium does not start: " + err.Error()
	}
	instance, err := pool.GetInstance(time.Minute)
	if err != nil {
		return nil, "PDFium does not start: " + err.Error()
	}
	defer func() {
		if err := instance.Close(); err != nil && problem == "" {
			doc, problem = nil, "PDFium does not close: "+err.Error()
		}
	}()
	opened, err := instance.OpenDocument(&requests.OpenDocument{File: &body})
	if err != nil {
		return nil, "the PDF cannot be opened: " + err.Error()
	}
	count, err := instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: opened.Document})
	if err != nil || count.PageCount > maxPages {
		return nil, "the PDF has no pages, or too many"
	}
	out := &document{paged: true}
	for i := range count.PageCount {
		page, err := instance.GetPageText(&requests.GetPageText{Page: requests.Page{ByIndex: &requests.PageByIndex{Document: opened.Document, Index: i}}})
		if err != nil {
			return nil, "page " + strconv.Itoa(i+1) + " of the PDF cannot be read: " + err.Error()
		}
		out.add(i+1, page.Text)
	}
	if len(out.blocks) == 0 {
		return nil, "the PDF holds no text, only pictures of it"
	}
	for _, b := range out.blocks[:min(len(out.blocks), 3)] {
		out.titles = append(out.titles, b.raw)
	}
	return out, ""
}

var (
	pageNumber = regexp.MustCompile(`^[-—–\s]*\d{1,3}[-—–\s]*$`)
	heading    = regexp.MustCompile(`^(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]|\[\d+\]|注释?[:：]|表\s*\d|图\s*\d)`)
)

// add joins the lines of a page to paragraphs: a line that does not end a sentence
// goes on in the next one, over the page's end too. A title or heading stands alone.
func (d *document) add(page int, text string) {
	open := len(d.blocks) > 1 && !endsSentence(d.blocks[len(d.blocks)-1].raw)
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "\n")) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || pageNumber.MatchString(line):
			continue
		case open && !heading.MatchString(line) && !title(line):
			last := &d.blocks[len(d.blocks)-1]
			last.raw += seam(last.raw, line) + line
		default:
			d.blocks = append(d.blocks, block{page: page, raw: line})
		}
		alone := title(line) || heading.MatchString(line) && len(line) < 60
		open = !alone && !endsSentence(line)
	}
}

// seam keeps numbers apart that meet where a line breaks.
func seam(before, after string) string {
	if before != "" && strings.ContainsAny(before[len(before)-1:], "0123456789.,") && strings.ContainsAny(after[:1], "0123456789.,") {
		return " "
	}
	return ""
}

func endsSentence(line string) bool {
	return strings.HasSuffix(line, "。") || strings.HasSuffix(line, "：") || strings.HasSuffix(line, ":")
}

// title is whether a line is called like such a publication.
func title(line string) bool {
	return publication.MatchString(line) && !strings.ContainsAny(line, "，。,")
}
