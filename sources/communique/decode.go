package communique

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"citystats/sources/source"
	"citystats/transforms/period"
)

// maxBody is far above any communiqué with its pictures left out.
const maxBody = 64 << 20

// byHand is what helps when a site turns programs away.
const byHand = "open it in a browser, save the page or the PDF, and bring it in with citystats import FILE --source communique --published DATE"

// Decode hands on the figures of a document, and rejects those that are unresolved.
func (s *Source) Decode(doc source.Document, sink source.Sink) error {
	r, page, err := s.read(doc)
	if err != nil {
		return err
	}
	if page.lost > 0 {
		sink.Reject(source.Reject{Record: whole, Reason: fmt.Sprintf("%d characters of the page cannot be read; figures in their sentences are unresolved", page.lost), Text: doc.Title})
	}
	if r.cut {
		sink.Reject(source.Reject{Record: whole + 1, Reason: "the document is longer than its sentences can be numbered: split it", Text: doc.Title})
	}
	confidence := source.Medium
	if doc.Publisher != "" && doc.Publisher == r.place.origin() {
		confidence = source.High
	}
	for _, f := range r.found {
		if f.problem != "" {
			sink.Reject(source.Reject{Record: f.record, Reason: "unresolved: " + f.subject.title() + ": " + f.problem, Text: source.Short(f.quote)})
			continue
		}
		o := f.observation(r.place, confidence)
		if err := sink.Observe(&o); err != nil {
			return err
		}
	}
	return nil
}

// title is what a reader calls it.
func (s *subject) title() string {
	if s.level == "" {
		return first(s.growth, s.id)
	}
	return s.level
}

// Quote is the span of text a figure came from, as printed; of a table, the row.
func (s *Source) Quote(doc source.Document, record int) (string, error) {
	r, _, err := s.read(doc)
	if err != nil {
		return "", err
	}
	for _, f := range r.found {
		if f.record == record {
			return source.Short(f.quote), nil
		}
	}
	return "", distrust(first(doc.URL, doc.Name), "", "there is no figure at %s", s.Place(record))
}

// read finds all figures of a document.
func (s *Source) read(doc source.Document) (*reading, *document, error) {
	where := first(doc.URL, doc.Name)
	page, problem := see(doc.Body)
	if problem != "" {
		return nil, nil, distrust(where, byHand, "the document cannot be read: %s", problem)
	}
	r := s.identify(doc, page)
	tables, above := 0, ""
	for _, b := range exploded(page.blocks) {
		if b.rows == nil {
			r.paragraphOf(&b)
			above = b.raw
			continue
		}
		tables++
		r.tableOf(tables, b.rows, above)
	}
	if len(r.found) == 0 {
		return nil, nil, distrust(where, byHand, "the page names none of the figures looked for, and may be a notice or a check for browsers: %q", page.beginning())
	}
	r.found = settle(r.found)
	return r, page, nil
}

// see reads the bytes as what they are.
func see(body []byte) (*document, string) {
	switch {
	case len(body) > maxBody:
		return nil, fmt.Sprintf("it has more than %d MB", maxBody>>20)
	case bytes.HasPrefix(body, pdfMagic):
		return readPDF(body)
	}
	return readPage(body)
}

// beginning is what a person sees first.
func (d *document) beginning() string {
	var texts []string
	for _, b := range d.blocks {
		texts = append(texts, b.raw)
	}
	runes := []rune(strings.Join(append(texts, d.titles...), " "))
	return string(runes[:min(len(runes), 60)])
}

// atConstantPrices is the note at the end of most communiqués.
var atConstantPrices = regexp.MustCompile(`增长速度(?:均)?按(?:可比|不变)价格?计算|增速(?:均)?按(?:可比|不变)价格?计算`)

// identify finds out what the document is about.
func (s *Source) identify(doc source.Document, page *document) *reading {
	r := &reading{g: s.areas, status: source.Preliminary}
	var claims []claim
	rows := s.rowsOf(doc, nil)
	if rows == nil {
		rows = s.rowsOf(doc, page.titles)
	}
	if c, ok := s.claimed(rows); ok {
		claims = append(claims, c)
	}
	if c, ok := s.areas.readTitle("its title", doc.Title); ok {
		claims = append(claims, c)
	}
	if title, ok := s.ownTitle(page); ok {
		if c, ok := s.areas.readTitle("the page", title); ok {
			claims = append(claims, c)
		}
	}
	for _, c := range claims {
		r.believe(c)
	}
	for _, b := range page.blocks {
		if strings.Contains(b.raw, "价") || strings.Contains(b.raw, "價") {
			r.constant = r.constant || atConstantPrices.MatchString(plain(b.raw).plain)
		}
	}
	return r
}

// believe takes what a claim says, or notes that it contradicts an earlier one.
func (r *reading) believe(c claim) {
	switch {
	case c.area == nil:
	case r.place.region() == "":
		r.place = *c.area
	case r.place.region() != c.area.region():
		r.conflict = fmt.Sprintf("the document is said to be about %s, but %s says %s", r.place, c.by, c.area)
	}
	switch {
	case c.period.year == 0:
	case r.period.year == 0:
		r.period = c.period
	case r.period != c.period:
		r.conflict = first(r.conflict, fmt.Sprintf("the document is said to be about %s, but %s says %s", r.period, c.by, c.period))
	}
	r.status = max(r.status, c.status)
}

// claimed is what the rows of data/communiques.csv say, when they agree.
func (s *Source) claimed(rows []Publication) (claim, bool) {
	if len(rows) == 0 {
		return claim{}, false
	}
	c := claim{by: "data/communiques.csv"}
	for _, row := range rows {
		if row.Region != rows[0].Region || row.Period != rows[0].Period {
			return claim{}, false
		}
	}
	if a := s.areas.byCode[rows[0].Region]; a != nil {
		c.area = &place{a.Name, a}
	}
	c.period = spanOf(rows[0].Period, rows[0].Kind)
	return c, true
}

// spanOf is the span of a period as package period writes it. Quarters and months of
// a cumulative release begin in January.
func spanOf(text, kind string) span {
	p, err := period.Parse(text)
	if err != nil {
		return span{}
	}
	at := p.Start.Time()
	out := span{at.Year(), int(at.Month()), int(at.Month())}
	out.last += map[period.Freq]int{period.Annual: 11, period.HalfYear: 5, period.Quarter: 2}[p.Freq]
	if kind == cumulative {
		out.first = 1
	}
	return out
}

// cumulative is the kind of releases whose figures run from January.
const cumulative = "year_to_date"

// ownTitle is the first title of a page that is one of such a publication.
func (s *Source) ownTitle(page *document) (string, bool) {
	candidates := page.titles
	for _, b := range page.blocks[:min(len(page.blocks), 8)] {
		if len(b.raw) < 200 && communique.MatchString(plain(b.raw).plain) {
			candidates = append(candidates, b.raw)
		}
	}
	best, most := "", 0
	for _, t := range candidates {
		c, ok := s.areas.readTitle("", t)
		if !ok {
			continue
		}
		known := 0
		if c.area != nil {
			known++
		}
		if c.period.year != 0 {
			known++
		}
		if known > most {
			best, most = strings.Join(strings.Fields(t), " "), known
		}
	}
	return best, best != ""
}
