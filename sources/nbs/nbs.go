// Package nbs reads the database of China's National Bureau of Statistics,
// https://data.stats.gov.cn, in the form it has had since 27 March 2026, and what
// people kept of its earlier form.
//
// # The site
//
// The interface behind the site is not documented and needs no key. Everything
// answers {"data":…,"success":true,"state":20000,"message":"成功"}. Figures come
// from one question:
//
//	POST /stream/esData
//	{"cid":"f7fd…","indicatorIds":["7dc6…"],"daCatalogId":"",
//	 "das":[{"text":"全国","value":"000000000000"}],"showType":"1",
//	 "dts":["1949YY-2026YY"],"rootId":"8840…"}
//
// A catalogue (cid) is a leaf of a tree of names and holds a few indicators, each
// with an id. Ids say nothing and change when the Bureau rearranges its tree, so
// they are pinned in data/nbs_catalogues.csv beside the path and the name by
// which they can be found again. One row of that file is one question and one
// Document, named by the row's id.
//
// # Success that is none
//
// The site prefers answering 200 to saying no, so an answer is believed only when
// it echoes the question:
//
//   - An unknown catalogue or indicator gives an empty list. A catalogue asked for
//     years that are another version's (consumer prices have four) gives rows
//     without a figure.
//   - das is ignored when daCatalogId is filled in, and the answer is Beijing's. So
//     daCatalogId stays empty, areas are listed one by one as
//     getDasByDaCatalogId names them, and each figure's area must be one of them.
//   - _name lacks the qualifier (城镇, urban), so that two indicators share it. Only
//     i_showname counts, without its white space and its unit.
//   - A figure that is not published is "", "无", null or not there. So rows are no
//     figures, and an answer without any figure is a failure.
//   - A page "服务异常" with 200 is now a passing disorder, now a wrong parameter.
//     It is asked for again, three times in all.
//
// # When the ids have changed
//
// When the pinned pair brings nothing, the catalogue is looked for by its path in
// queryIndexTreeAsync and the indicator by its name in queryIndicatorsByCid, each
// of which must match exactly once. What is found is used for this fetch, since
// path, name, unit and area are all checked, and is an error all the same, naming
// the pinned ids and those found: somebody has to look before they are pinned.
// Decode knows such a figure by the document's name and the indicator's name. A
// list of areas that has moved is found again the same way.
//
// The path of the values itself has moved once (5 June 2026). The ones known are
// tried in turn when one is gone (404).
//
// # Manners
//
// The client says what it is and imitates no browser: no page is asked for first,
// no Referer or Origin is claimed, and a challenge is not solved. The site's guard turns
// such programs away now and then, from abroad more than from China. Then the
// error names the other door: a table saved by hand is read by the same Decode.
// Five failures in a row end the visit.
//
// Each visit begins with one small question. It tells whether the site answers at
// all, and its Date header tells until which year to ask, so that no clock is needed.
//
// # Vintages
//
// Nothing in an answer says when it was published, so Published stays empty, and
// NotBefore is the day after the newest period that has a figure. The database
// holds the figures as last revised and does not mark preliminary ones, so every
// status is final, as SDMX means the absence of a mark.
//
// # Indices
//
// Growth is published as an index with the period before = 100. Decode subtracts
// 100 in decimal digits, so that 105.2 becomes 5.2 and nothing near it, and the
// subtraction is each figure's Derivation. An index that is not between 50 and
// 200, or has a unit, is growth already, and rejected.
//
// # Older forms
//
// Decode tells by content what it is given:
//
//   - answers of stream/esData, in its three arrangements (showType 1, 2 and 3);
//   - answers of easyquery.htm, retired on 27 March 2026, see easyquery.go;
//   - tables saved from either site as .xls, .xlsx or CSV, see export.go;
//   - trees and lists of either, which hold no figures.
//
// A figure is one of ours when the row of data/nbs_catalogues.csv says so: by the
// indicator's id, by easyquery's code, or by database and name in a saved table,
// and always by the name too. Other figures keep a code of the site's own and are
// outside the definitions.
package nbs

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"citystats/sources/source"
)

// ID is the source's key in data/sources.csv and, as the Bureau is the publisher
// too, in data/publishers.csv.
const ID = "nbs"

const defaultBase = "https://data.stats.gov.cn"

// Config says what is wanted.
type Config struct {
	BaseURL    string // scheme and host; empty means the Bureau's own
	Catalogues []Catalogue
}

// Catalogue is one question: one indicator of one catalogue, for all its areas
// and periods.
type Catalogue struct {
	ID, Series                    string // name of the document; code of the figures
	Tree                          int    // database: see trees
	Root, Path, Catalogue         string // the root's id; names down to the catalogue, with " > " between; its id
	Names                         []string
	Indicator, Areas, First, Last string // ids of the indicator and of the list of areas; first and last period
	Index, FromJanuary            bool
	EasyQuery                     []string // dbcode.zb in the database before 2026
}

// tree is one of the site's databases.
type tree struct {
	title  string // as tables that were saved from the site head themselves
	page   string // where a reader finds it
	dbcode string // in easyquery
	suffix string // of its period codes
	scope  scope
}

// scope is what sort of areas a database is about.
type scope uint8

const (
	nation scope = iota
	provinces
	cities
)

// trees are the databases by the site's number.
var trees = map[int]tree{
	1: {"月度数据", "monthData", "hgyd", "MM", nation},
	2: {"季度数据", "quarterData", "hgjd", "SS", nation},
	3: {"年度数据", "yearData", "hgnd", "YY", nation},
	4: {"分省月度数据", "fsMonthData", "fsyd", "MM", provinces},
	5: {"分省季度数据", "fsQuarterData", "fsjd", "SS", provinces},
	6: {"分省年度数据", "fsYearData", "fsnd", "YY", provinces},
	8: {"主要城市年度数据", "mainYearData", "csnd", "YY", cities},
}

// Source is the Bureau's database. It never changes after New and is safe for
// concurrent use.
type Source struct {
	config  Config
	byID    map[string]*Catalogue   // by the id of the indicator
	byName  map[string]*Catalogue   // by the document's name
	byQuery map[string]*Catalogue   // by easyquery's dbcode.zb
	byTitle map[string][]*Catalogue // by title of the database and plain name of the indicator
}

// New makes the source. Without catalogues it has nothing to ask.
func New(c Config) *Source {
	if c.BaseURL == "" {
		c.BaseURL = defaultBase
	}
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	c.Catalogues = slices.Clone(c.Catalogues)
	s := &Source{c, map[string]*Catalogue{}, map[string]*Catalogue{}, map[string]*Catalogue{}, map[string][]*Catalogue{}}
	for i := range c.Catalogues {
		s.index(&c.Catalogues[i])
	}
	return s
}

// index makes a catalogue known by all that can name it.
func (s *Source) index(c *Catalogue) {
	s.byName[c.ID] = c
	if c.Indicator != "" {
		s.byID[c.Indicator] = c
	}
	for _, code := range c.EasyQuery {
		s.byQuery[code] = c
	}
	for _, name := range c.Names {
		key := trees[c.Tree].title + plain(name)
		s.byTitle[key] = append(s.byTitle[key], c)
	}
}

// Info describes the source.
func (s *Source) Info() source.Info {
	info := source.Info{ID: ID, Title: "National Bureau of Statistics of China, data release database", Generation: 2}
	if u, err := url.Parse(s.config.BaseURL); err == nil { // an address that is none has no host, and every request is refused
		info.Hosts = []string{u.Host}
	}
	return info
}

// Probe asks for the first series whose ids are pinned.
func (s *Source) Probe(ctx context.Context, client *http.Client) error {
	i := slices.IndexFunc(s.config.Catalogues, func(c Catalogue) bool { return c.pinned() })
	if i < 0 {
		return nil
	}
	v := s.visit(client)
	if err := v.hello(ctx); err != nil {
		return err
	}
	_, err := v.table(ctx, &s.config.Catalogues[i])
	return err
}

// Place counts figures as they are read: row by row, and within a row from the left.
func (s *Source) Place(n int) string { return fmt.Sprintf("figure %d from the top", n) }

// called says whether the site's name for an indicator is one this one has had.
func (c *Catalogue) called(name string) bool {
	name, _ = nameAndUnit(name)
	return slices.ContainsFunc(c.Names, func(n string) bool { return plain(n) == name })
}

// pinned says whether both ids are known.
func (c *Catalogue) pinned() bool { return c.Catalogue != "" && c.Indicator != "" }

// title is the publication's title: where in the database the figures are.
func (c *Catalogue) title() string {
	parts := []string{"国家数据 " + trees[c.Tree].title}
	if c.Path != "" {
		parts = append(parts, c.Path)
	}
	return strings.Join(append(parts, c.Names[0]), " > ")
}
