// Package jsonstat reads publishers who answer in JSON-stat: Eurostat's statistics
// API, statistical offices that run PxWeb (API versions 1 and 2), and plain
// JSON-stat files. One instance is one base address; what to ask there is rows of
// data/jsonstat_queries.csv, so another table or another office needs no Go.
//
// # The cube
//
// A data set is a cube: dimensions in the order of id, each with size categories,
// and cells numbered row by row, the last dimension turning fastest. Everything
// depends on that order, so nothing about it is assumed. The position of a category
// is what category.index says (a list, or an object whose members come in any
// order); it may be left out only for a dimension of one category. The number of
// categories must be size, the number of values the product of the sizes. Version
// 1.x, where id, size and role are inside dimension and the data set is a member of
// an object, is read too, as are collections with their data sets inside.
//
// Values are a list, or an object that leaves missing cells out. A cell without a
// value is missing and yields nothing; zero is only what is printed as 0. The status
// (one for all, a list, or an object) says why a cell is missing (confidential, not
// available) or how settled a figure is. A cell that has a value and a status
// which says that there is none contradicts itself and is rejected, and so is one
// whose status is not known: see status.go.
//
// # What a figure is called
//
// The region is the category of the area dimension, the period that of the time
// dimension, and the indicator is the table and the categories of all other
// dimensions in their order:
//
//	nama_10_gdp:A.CLV_PCH_PRE.B1GQ
//
// A dot or percent sign inside a category is written %2E or %25 ("bnpb%2Enr23_9"),
// for otherwise two series could get one name. Which dimensions are area and time is
// a decision of whoever wrote the query and no document says it reliably, so it is
// part of the document's name, and Decode needs nothing but the document:
//
//	nama_10_gdp/growth/geo/time/part-1
//	09189/growth/=NO/Tid/part-1
//
// The second is a table without an area dimension: all of it is about NO. The unit
// of a series is fixed in data/source_series.csv; a multiplier that the data set
// states beside a category (3 for thousands) is handed on with the figure, so the
// unit there is the plain one. The base of a unit is free text in the publisher's
// language and decides nothing.
//
// # Asking PxWeb
//
// The table's variables come first. The query's selections are spelled out with
// them, to the single category, so it is known which cells must come back; then
// the question is cut into as many as the publisher's cell limit needs, by time
// first, then by area. A limit that turns out lower (403) halves the question. A
// variable that is not selected must be one that the publisher says it can
// eliminate. Each answer must have exactly the categories asked for, in the order
// of the table's variables, and all answers of a query must be of the same update;
// otherwise all are asked for again, three times at most, and what never agrees is
// an error and no documents. PxWeb leaves eliminated variables out of the answer, so
// queries of one table must select the same variables, or two series could get one
// name; that is checked before anything is asked. The variables are archived as a
// document of their own: what a code stood for that night is evidence.
//
// # Asking Eurostat
//
// There is nothing to ask first. Each selected category must be in the answer:
// Eurostat drops unknown ones without a word. Periods are the exception, they may
// not be published yet, so an answer without periods is a good one without figures.
// "Too big" (413, or a warning under status 200 that the answer will be prepared)
// halves the question along the area, or the longest selection.
package jsonstat

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"citystats/sources/source"
)

// Dialect is how a table is asked for.
type Dialect string

// The dialects, as data/jsonstat_queries.csv spells them.
const (
	Plain    Dialect = "jsonstat"
	Eurostat Dialect = "eurostat"
	PxWeb1   Dialect = "pxweb1"
	PxWeb2   Dialect = "pxweb2"
)

// Query is one table, or a part of one.
type Query struct {
	Name       string // its own name, unique within the source
	Dialect    Dialect
	Path       string   // of the table, below the base address
	Table      string   // what the table is called in indicator codes
	Selections []string // "dimension=category,category"; with PxWeb also *, top(5), from(2013)
	Area       string   // dimension that says where; empty when the table has none
	Region     string   // the area it is all about, when it has none
	Time       string   // dimension that says when
	MaxCells   int      // most cells to ask for at once; 0: as the publisher says, else no limit
}

// Config says whom to ask and for what.
type Config struct {
	ID        string // key of data/sources.csv
	Title     string // for people, and for citation
	Publisher string // key of data/publishers.csv: who makes and prints the figures
	BaseURL   string // up to where the queries' paths begin
	Queries   []Query
}

// Source is one publisher. It never changes after New and is safe for concurrent
// use.
type Source struct{ config Config }

// New makes the source. Without queries it has nothing to ask.
func New(c Config) *Source {
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	c.Queries = slices.Clone(c.Queries)
	for i := range c.Queries {
		q := &c.Queries[i]
		q.Path = strings.Trim(q.Path, "/")
		q.Selections = slices.Clone(q.Selections)
	}
	return &Source{c}
}

// Info describes the source.
func (s *Source) Info() source.Info {
	info := source.Info{ID: s.config.ID, Title: s.config.Title, Generation: 2}
	if u, err := url.Parse(s.config.BaseURL); err == nil && u.Host != "" { // otherwise it has no host, and every request is refused
		info.Hosts = []string{u.Host}
	}
	return info
}

// Place is where the value of cell n stands in its data set, as a JSON pointer
// (RFC 6901), whether value is a list or an object. Where a document holds several
// data sets the cells are counted on from one to the next.
func (s *Source) Place(n int) string { return "/value/" + strconv.Itoa(n-1) }

var _ interface {
	source.Source
	source.Prober
} = (*Source)(nil)
