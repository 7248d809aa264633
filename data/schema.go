package data

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

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

func loadSchema(fsys fs.FS) ([]TableSchema, layout, error) {
	text, err := fs.ReadFile(fsys, schemaFile)
	if err != nil {
		return nil, layout{}, fault.Wrap(fault.Definition, err, place(schemaFile), "restore the file", "the schema of the definition tables cannot be read")
	}
	var doc struct {
		Tables []TableSchema `yaml:"tables"`
	}
	l := layout{schemaFile, text}
	if err := unmarshal(text, &doc); err != nil {
		return nil, l, yamlError(schemaFile, err)
	}
	var problems []error
	declared := map[string]bool{}
	for i, t := range doc.Tables {
		if declared[t.Name] {
			problems = append(problems, fault.New(fault.Definition, l.at(tablePath(i)+".name", tablePath(i)), "remove one of the two", "table %s is declared twice", t.Name))
		}
		declared[t.Name] = true
		problems = append(problems, t.problems(l, tablePath(i))...)
	}
	return doc.Tables, l, errors.Join(problems...)
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

// layout is a YAML file's text, to find places in.
type layout struct {
	name string
	text []byte
}

func tablePath(i int) string { return fmt.Sprintf("$.tables[%d]", i) }

// at is the place of the first of the YAML paths that the file has. What is not
// there has no place: the paths end with something that is.
func (l layout) at(paths ...string) string {
	file, err := parser.ParseBytes(l.text, 0)
	if err != nil {
		return place(l.name)
	}
	for _, p := range paths {
		path, err := yaml.PathString(p)
		if err != nil {
			continue
		}
		if n, err := path.FilterFile(file); err == nil && n != nil {
			return placeOf(l.name, start(n))
		}
	}
	return place(l.name, 1, 1)
}

// start is a node's first token. The reader's own for a mapping in lines is its
// first colon.
func start(n ast.Node) *token.Token {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return m.Values[0].Key.GetToken()
	}
	return n.GetToken()
}

// placeOf is the place of a token, which counts characters too.
func placeOf(file string, tok *token.Token) string {
	if tok == nil || tok.Position == nil {
		return place(file)
	}
	return place(file, tok.Position.Line, tok.Position.Column)
}

// yamlError gives a YAML mistake its place.
func yamlError(file string, err error) error {
	where, what := place(file), err.Error()
	var at yaml.Error
	if errors.As(err, &at) {
		what, where = at.GetMessage(), placeOf(file, at.GetToken())
	}
	return fault.New(fault.Definition, where, "compare it with the entries above it", "%s", what)
}

// problems are the mistakes in the declaration that stands at the path.
func (s TableSchema) problems(l layout, path string) []error {
	var out []error
	bad := func(where, hint, format string, args ...any) {
		out = append(out, fault.New(fault.Definition, where, hint, "table "+s.Name+": "+format, args...))
	}
	known := []Type{Text, Integer, Number, Boolean, Date, Moment, Period, List}
	for i, c := range s.Columns {
		at := fmt.Sprintf("%s.columns[%d]", path, i)
		if s.column(c.Name) != i {
			bad(l.at(at+".name", at), "remove one of the two", "column %s is declared twice", c.Name)
		}
		if !slices.Contains(known, c.Type) {
			bad(l.at(at+".type", at), fmt.Sprintf("write one of %v", known), "column %s has the unknown type %q", c.Name, c.Type)
		}
		if c.Comment == "" {
			bad(l.at(at+".comment", at), "say what it holds and in which unit", "column %s has no comment", c.Name)
		}
	}
	for i, k := range s.Key {
		if s.column(k) < 0 {
			bad(l.at(fmt.Sprintf("%s.key[%d]", path, i), path+".key", path), "name a declared column", "key column %q is not declared", k)
		}
	}
	if missing := s.missing(); missing != "" {
		bad(l.at(path+"."+missing, path), "write name, file, title, key and columns", "the declaration is incomplete: it has no %s", missing)
	}
	return out
}

// missing is the first part that every declaration has and this one lacks.
func (s TableSchema) missing() string {
	switch {
	case s.Name == "":
		return "name"
	case s.File == "":
		return "file"
	case s.Title == "":
		return "title"
	case len(s.Key) == 0:
		return "key"
	case len(s.Columns) == 0:
		return "columns"
	default:
		return ""
	}
}

// checkReferences follows every reference of every table.
func checkReferences(tables []Table, l layout) error {
	byName := map[string]Table{}
	for _, t := range tables {
		byName[t.Schema.Name] = t
	}
	var problems []error
	for n, t := range tables {
		for i, c := range t.Schema.Columns {
			if c.References == "" {
				continue
			}
			name, column, _ := strings.Cut(c.References, ".")
			target, ok := byName[name]
			if !ok || target.Schema.column(column) < 0 {
				where := l.at(fmt.Sprintf("%s.columns[%d].references", tablePath(n), i), tablePath(n))
				problems = append(problems, fault.New(fault.Definition, where, "name table.column", "%s.%s references %q, which does not exist", t.Schema.Name, c.Name, c.References))
				continue
			}
			problems = append(problems, t.dangling(i, target, target.Schema.column(column))...)
		}
	}
	return errors.Join(problems...)
}
