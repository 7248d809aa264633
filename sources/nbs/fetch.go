package nbs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/transport"
)

// patience is how many failures in a row end a visit.
const patience = 5

// place is an area as the site wants it named in a question.
type place struct {
	Text  string `json:"text"`
	Value string `json:"value"`
}

// query is a question for figures.
type query struct {
	Catalogue  string   `json:"cid"`
	Indicators []string `json:"indicatorIds"`
	AreaList   string   `json:"daCatalogId"` // always empty: with one, the areas are ignored
	Areas      []place  `json:"das"`
	Show       string   `json:"showType"`
	Periods    []string `json:"dts"`
	Root       string   `json:"rootId"`
}

// Arrangements of figures.
const (
	onePlace  = "1" // rows are periods, of one area
	allPlaces = "3" // rows are periods, with a figure for each area
)

// Fetch asks for every catalogue and emits what answers it. Failures are gathered,
// so that one catalogue does not cost the others.
func (s *Source) Fetch(ctx context.Context, client *http.Client, emit func(source.Document) error) error {
	if len(s.config.Catalogues) == 0 {
		return nil
	}
	v := s.visit(client)
	if err := v.hello(ctx); err != nil {
		return err
	}
	var failures []error
	inARow := 0
	for i := range s.config.Catalogues {
		doc, err := v.table(ctx, &s.config.Catalogues[i])
		inARow++
		if doc != nil {
			inARow = 0
			if err := emit(*doc); err != nil {
				return err
			}
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", s.config.Catalogues[i].ID, err))
		}
		if left := len(s.config.Catalogues) - i - 1; left > 0 && (inARow == patience || ctx.Err() != nil || transport.Unreachable(err)) {
			failures = append(failures, fault.New(fault.Upstream, s.config.BaseURL, otherDoor, "the visit ended with %d catalogues not asked for", left))
			break
		}
	}
	return errors.Join(failures...)
}

// hello begins the visit: it learns whether the site answers and what year it is
// there. It asks for figures because the site's guard minds that least.
func (v *visit) hello(ctx context.Context) error {
	for i := range v.source.config.Catalogues {
		c := &v.source.config.Catalogues[i]
		if c.pinned() && c.Areas == "" {
			q := c.question(c.Catalogue, c.Indicator, []place{{"全国", wholeNation}}, c.First)
			var rows []row
			_, err := v.post(ctx, q, &rows)
			return err
		}
	}
	return nil // the first catalogue is looked up, which will tell as much
}

// question asks for a catalogue's figures up to a period.
func (c *Catalogue) question(catalogue, indicator string, areas []place, until string) query {
	q := query{
		Catalogue: catalogue, Indicators: []string{indicator}, Areas: areas, Show: onePlace, Root: c.Root,
		Periods: []string{code(c.First) + "-" + code(until)},
	}
	if len(areas) > 1 {
		q.Show = allPlaces
	}
	return q
}

// table asks for one catalogue's figures. There can be a document and an error:
// figures that are good, found where they were not expected.
func (v *visit) table(ctx context.Context, c *Catalogue) (*source.Document, error) {
	areas, err := v.places(ctx, c)
	if err != nil {
		return nil, err
	}
	var pinned error // why the pinned ids were no good
	if c.pinned() {
		doc, err := v.figures(ctx, c, c.Catalogue, c.Indicator, areas.places)
		if !errors.Is(err, errNothing) && !errors.Is(err, errOther) || c.Path == "" {
			return doc, errors.Join(areas.moved, err)
		}
		pinned = err
	}
	found, err := v.find(ctx, c)
	if err != nil {
		return nil, errors.Join(areas.moved, pinned, err)
	}
	doc, err := v.figures(ctx, c, found.catalogue, found.indicator, areas.places)
	return doc, errors.Join(areas.moved, err, found.alarm(c, v.source.config.BaseURL))
}

var (
	// errNothing is the cause of a failure when the site knows of no figure.
	errNothing = errors.New("the answer holds no figure")
	// errOther is the cause when the ids lead to another indicator.
	errOther = errors.New("the ids lead elsewhere")
)

// figures asks with these ids and checks that the answer is one to the question.
func (v *visit) figures(ctx context.Context, c *Catalogue, catalogue, indicator string, areas []place) (*source.Document, error) {
	until := c.Last
	if until == "" {
		if v.year == 0 {
			return nil, fault.New(fault.Upstream, v.source.config.BaseURL, "try again later", "the site's answers have no date, so it is not known until when to ask")
		}
		until = last(c.First, v.year)
	}
	for try := 1; ; try++ {
		var rows []row
		answer, err := v.post(ctx, c.question(catalogue, indicator, areas, until), &rows)
		if err != nil {
			return nil, err
		}
		newest, absent, err := c.echo(rows, indicator, areas)
		if errors.Is(err, errNothing) && try < tries {
			continue // the site does this now and then though it has figures
		}
		if err != nil {
			return nil, fault.Wrap(fault.Upstream, err, answer.URL,
				"compare the row "+c.ID+" of data/nbs_catalogues.csv with "+v.page(c), "the answer is not one to the question")
		}
		return v.document(c, answer, newest), v.missing(c, absent)
	}
}

// document is an answer as it is kept.
func (v *visit) document(c *Catalogue, answer transport.Answer, newest string) *source.Document {
	return &source.Document{
		Source: ID, Name: c.ID, Title: c.title(), Publisher: ID, URL: v.page(c),
		MediaType: answer.MediaType, NotBefore: dayAfter(newest), Body: answer.Body,
	}
}

// page is where a reader can look at a catalogue.
func (v *visit) page(c *Catalogue) string {
	return v.source.config.BaseURL + "/dg/website/page.html#/pc/national/" + trees[c.Tree].page
}

func (v *visit) missing(c *Catalogue, absent []string) error {
	if len(absent) == 0 {
		return nil
	}
	return fault.New(fault.Upstream, v.page(c), "see whether the site still has them; the other areas were kept",
		"%d areas that were asked for are not in the answer: %s", len(absent), clip([]byte(strings.Join(absent, ", "))))
}

// echo holds an answer to its question: the indicator by id and name, the areas,
// at least one figure. It gives the newest period with a figure, and the areas
// that were asked for and are not mentioned. What cannot be read is left to
// Decode, which rejects it.
func (c *Catalogue) echo(rows []row, indicator string, areas []place) (newest string, absent []string, err error) {
	mentioned := map[string]bool{}
	for _, a := range areas {
		mentioned[a.Value] = false
	}
	problem := ""
	for _, r := range rows {
		for _, raw := range r.Values {
			f, unreadable := r.figure(raw)
			if unreadable != "" {
				problem = cmp.Or(problem, unreadable)
				continue
			}
			if err := c.answers(f, indicator, mentioned); err != nil {
				return "", nil, err
			}
			mentioned[f.area] = true
			if !isNothing(f.value) {
				newest = max(newest, f.period)
			}
		}
	}
	switch {
	case newest == "" && problem != "":
		return "", nil, errors.New(problem)
	case newest == "":
		return "", nil, errNothing
	}
	for _, a := range areas {
		if !mentioned[a.Value] {
			absent = append(absent, a.Text)
		}
	}
	return newest, absent, nil
}

// answers says what a figure is about that was not asked for.
func (c *Catalogue) answers(f found, indicator string, areas map[string]bool) error {
	_, asked := areas[f.area]
	switch {
	case f.ID != indicator:
		return fmt.Errorf("%w: asked for indicator %s, the answer has %s", errOther, indicator, clip([]byte(f.ID)))
	case !c.called(f.Name):
		return fmt.Errorf("%w: indicator %s is called %q, not %q", errOther, indicator, clip([]byte(f.Name)), c.Names[0])
	case !asked:
		return fmt.Errorf("it has area %q, which was not asked for", clip([]byte(f.area)))
	}
	return nil
}

// list is the areas of one of the site's lists, and what has to be told about it.
type list struct {
	places []place
	moved  error
}

// places are the areas to ask for.
func (v *visit) places(ctx context.Context, c *Catalogue) (list, error) {
	if c.Areas == "" {
		return list{places: []place{{"全国", wholeNation}}}, nil
	}
	if known, asked := v.areas[c.Areas]; asked {
		return known, nil
	}
	places, err := v.listed(ctx, c.Areas)
	if err != nil {
		return list{}, err
	}
	found := list{places: places}
	if len(places) == 0 {
		if found, err = v.findPlaces(ctx, c); err != nil {
			return list{}, err
		}
	}
	v.areas[c.Areas] = list{places: found.places} // that it has moved is told once
	return found, nil
}

// listed reads one of the site's lists of areas; one that is not known is empty.
func (v *visit) listed(ctx context.Context, id string) ([]place, error) {
	var areas []struct {
		Code string `json:"name_value"`
		Name string `json:"show_name"`
	}
	answer, err := v.get(ctx, "/getDasByDaCatalogId", url.Values{"daCid": {id}}, &areas)
	if err != nil {
		return nil, err
	}
	var places []place
	for _, a := range areas {
		if !areaForm.MatchString(a.Code) {
			return nil, fault.New(fault.Upstream, answer.URL, "look for a new version of this program", "the code of an area has twelve digits, %q has not", clip([]byte(a.Code)))
		}
		places = append(places, place{a.Name, a.Code})
	}
	return places, nil
}
