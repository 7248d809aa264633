package table

import (
	"citystats/sources/source"
)

// Book is one file of data/books: where everything stands in the tables of one
// publication. The README explains each key.
type Book struct {
	ID string `yaml:"-"` // the file's name

	Title      string            `yaml:"title"`
	Publisher  string            `yaml:"publisher"`  // who printed it
	Origin     string            `yaml:"origin"`     // who made the figures
	Status     string            `yaml:"status"`     // as source.ParseStatus reads it
	Confidence string            `yaml:"confidence"` // as source.ParseConfidence reads it
	Note       string            `yaml:"note"`       // for people who read the file
	URLs       []Address         `yaml:"urls"`
	Match      Match             `yaml:"match"`
	Ignore     []string          `yaml:"ignore_sheets"`
	Cells      map[string]string `yaml:"cells"`
	Symbols    map[string]string `yaml:"symbols"`
	Marks      map[string]string `yaml:"marks"`
	Area       string            `yaml:"area"`
	Indicator  string            `yaml:"indicator"`
	Period     string            `yaml:"period"`
	PeriodFrom *PeriodFrom       `yaml:"period_from"`
	Unit       string            `yaml:"unit"`
	Blocks     []Block           `yaml:"blocks"`

	status     source.Status
	confidence source.Confidence
	sheet      pattern
	caption    pattern
	match      map[at]pattern
	ignore     []pattern
	cells      map[at]pattern
	symbols    map[string]string
	marks      []mark
	periodAt   at
}

// Address is where a document of a book is published.
type Address struct {
	URL       string `yaml:"url"`
	Title     string `yaml:"title"`     // of this edition; the book's without it
	Published string `yaml:"published"` // when known
}

// Match says by what a sheet is known to be of this book.
type Match struct {
	Sheet   string            `yaml:"sheet"`   // its name
	Caption string            `yaml:"caption"` // the caption of an HTML table or the title of its page
	Cells   map[string]string `yaml:"cells"`
}

// PeriodFrom says which of the cells tells the period of the whole sheet.
type PeriodFrom struct {
	Cell        string `yaml:"cell"`
	YearsBefore int    `yaml:"years_before"` // 1 where the yearbook of 2018 holds 2017
}

// Block is one rectangle of figures with its labels and its header.
type Block struct {
	Rows    Rows     `yaml:"rows"`
	Columns []Column `yaml:"columns"`

	label, first, last int // counted from 0; last is -1 when the end tells
}

// Rows says what the rows of a block are about.
type Rows struct {
	First      int               `yaml:"first"` // as the spreadsheet numbers them
	Last       int               `yaml:"last"`
	Label      string            `yaml:"label"` // column of the labels
	Areas      map[string]string `yaml:"areas"` // label -> region
	Indicators []RowIndicator    `yaml:"indicators"`
	Periods    string            `yaml:"periods"` // the form of labels that are periods
	Skip       []string          `yaml:"skip"`    // labels of rows that are known and not wanted
	Total      string            `yaml:"total"`   // label of the row that all others add up to
	Count      int               `yaml:"count"`   // wanted rows there must be
	End        []string          `yaml:"end"`     // labels after which there are no more figures

	labels map[string]meaning
	period *pattern
	skip   []pattern
	total  string
	end    []pattern
}

// RowIndicator is a row that is about one indicator.
type RowIndicator struct {
	Label     string `yaml:"label"`
	Indicator string `yaml:"indicator"`
	Unit      string `yaml:"unit"`
}

// Column is one column of figures, or several with the same header.
type Column struct {
	At        string         `yaml:"at"`     // C, B:U, or B: for as far as the header goes
	Header    map[int]string `yaml:"header"` // row -> text
	Area      string         `yaml:"area"`
	Indicator string         `yaml:"indicator"`
	Period    string         `yaml:"period"`
	Unit      string         `yaml:"unit"`
	Scope     string         `yaml:"scope"` // city or districts
	Skip      string         `yaml:"skip"`  // why the column is passed over

	from, to int // counted from 0; to is -1 when it is open
	header   map[int]pattern
}

// at is a cell, counted from 0.
type at struct{ row, column int }

// mark is a footnote mark and what it says.
type mark struct{ text, meaning string }

// meaning is what a label, a column or a book says of a figure.
type meaning struct{ area, indicator, period, unit string }

// or fills what m leaves open.
func (m meaning) or(o meaning) meaning {
	return meaning{first(m.area, o.area), first(m.indicator, o.indicator), first(m.period, o.period), first(m.unit, o.unit)}
}

// symbolMeanings are what a book may say of a sign that stands for no figure.
var symbolMeanings = map[string]string{
	"below_unit":     "less than half of the last digit shown",
	"unknown":        "not known",
	"not_applicable": "there is no such thing",
	"not_yet":        "not yet published",
	"ambiguous":      "several of these, the book does not say which",
}
