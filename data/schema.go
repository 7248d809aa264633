package data

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"citystats/internal/fault"
)

const schemaFile = "schema.yaml"

// Type is what the cells of a column hold.
type Type string

// The column types and what they become in the database.
const (
	Text    Type = "text"    // VARCHAR
	Integer Type = "integer" // BIGINT
	Number  Type = "number"  // DOUBLE
	Boolean Type = "boolean" // BOOLEAN
	Date    Type = "date"    // DATE: 2011-08-22
	Moment  Type = "moment"  // VARCHAR: an ISO date as precise as known: 2019, 2019-06, 2019-06-17
	Period  Type = "period"  // VARCHAR: 2013, 2020-H1, 2017-Q1, 2024-05, 2016/2020
	List    Type = "list"    // VARCHAR: texts separated by semicolons
)

// Column is one declared column of a definition table.
type Column struct {
	Name       string   `yaml:"name"`
	Type       Type     `yaml:"type"`
	Required   bool     `yaml:"required"`
	OneOf      []string `yaml:"one_of"`
	References string   `yaml:"references"` // "units.id": a value of that column
	Comment    string   `yaml:"comment"`    // becomes COMMENT ON COLUMN
}

// TableSchema is one declared definition table.
type TableSchema struct {
	Name    string   `yaml:"name"`
	File    string   `yaml:"file"`
	Title   string   `yaml:"title"` // becomes COMMENT ON TABLE
	Key     []string `yaml:"key"`
	Columns []Column `yaml:"columns"`
}

func (s TableSchema) column(name string) int {
	return slices.IndexFunc(s.Columns, func(c Column) bool { return c.Name == name })
}

func loadSchema(fsys fs.FS) ([]TableSchema, error) {
	text, err := fs.ReadFile(fsys, schemaFile)
	if err != nil {
		return nil, fault.Wrap(fault.Definition, err, place(schemaFile), "restore the file", "the schema of the definition tables cannot be read")
	}
	var doc struct {
		Tables []TableSchema `yaml:"tables"`
	}
	if err := unmarshal(text, &doc); err != nil {
		return nil, yamlError(schemaFile, err)
	}
	var problems []error
	declared := map[string]bool{}
	for _, t := range doc.Tables {
		if declared[t.Name] {
			problems = append(problems, fault.New(fault.Definition, place(schemaFile), "remove one of the two", "table %s is declared twice", t.Name))
		}
		declared[t.Name] = true
		problems = append(problems, t.problems()...)
	}
	return doc.Tables, errors.Join(problems...)
}

// unmarshal reads YAML. The reader panics on some malformed tags.
func unmarshal(text []byte, into any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("this is not YAML that can be read (%v)", p)
		}
	}()
	return yaml.UnmarshalWithOptions(text, into, yaml.Strict())
}

// place is where a mistake stands, as messages name it: "data/units.csv:12:3".
func place(file string, lineAndColumn ...int) string {
	out := "data/" + file
	for _, n := range lineAndColumn {
		out += fmt.Sprintf(":%d", n)
	}
	return out
}

// yamlError gives a YAML mistake its place.
func yamlError(file string, err error) error {
	where, what := place(file), err.Error()
	var at yaml.Error
	if errors.As(err, &at) {
		what = at.GetMessage()
		if tok := at.GetToken(); tok != nil && tok.Position != nil {
			where = place(file, tok.Position.Line, tok.Position.Column)
		}
	}
	return fault.New(fault.Definition, where, "compare it with the entries above it", "%s", what)
}

func (s TableSchema) problems() []error {
	var out []error
	bad := func(hint, format string, args ...any) {
		out = append(out, fault.New(fault.Definition, place(schemaFile), hint, "table "+s.Name+": "+format, args...))
	}
	known := []Type{Text, Integer, Number, Boolean, Date, Moment, Period, List}
	for i, c := range s.Columns {
		if s.column(c.Name) != i {
			bad("remove one of the two", "column %s is declared twice", c.Name)
		}
		if !slices.Contains(known, c.Type) {
			bad(fmt.Sprintf("write one of %v", known), "column %s has the unknown type %q", c.Name, c.Type)
		}
		if c.Comment == "" {
			bad("say what it holds and in which unit", "column %s has no comment", c.Name)
		}
	}
	for _, k := range s.Key {
		if s.column(k) < 0 {
			bad("name a declared column", "key column %q is not declared", k)
		}
	}
	if s.Name == "" || s.File == "" || s.Title == "" || len(s.Key) == 0 || len(s.Columns) == 0 {
		bad("write name, file, title, key and columns", "the declaration is incomplete")
	}
	return out
}

// checkReferences follows every reference of every table.
func checkReferences(tables []Table) error {
	byName := map[string]Table{}
	for _, t := range tables {
		byName[t.Schema.Name] = t
	}
	var problems []error
	for _, t := range tables {
		for i, c := range t.Schema.Columns {
			if c.References == "" {
				continue
			}
			name, column, _ := strings.Cut(c.References, ".")
			target, ok := byName[name]
			if !ok || target.Schema.column(column) < 0 {
				problems = append(problems, fault.New(fault.Definition, place(schemaFile), "name table.column", "%s.%s references %q, which does not exist", t.Schema.Name, c.Name, c.References))
				continue
			}
			problems = append(problems, t.dangling(i, target, target.Schema.column(column))...)
		}
	}
	return errors.Join(problems...)
}
