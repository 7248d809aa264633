package table

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"citystats/internal/fault"
)

// Known is what the definitions hold, so that a book cannot name what is not there.
type Known struct {
	Regions    []string          // codes
	Publishers []string          // ids
	Indicators map[string]string // id -> what its unit measures
	Units      map[string]string // id -> what it measures
}

// Load reads and checks every *.yaml of a folder, by name. Its error lists all
// mistakes, each of kind Definition with file, line and column. dir is what the
// messages call the folder.
func Load(files fs.FS, dir string, known Known) ([]*Book, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("folder of books: %w", err)
	}
	slices.Sort(names)
	var books []*Book
	var problems []error
	for _, name := range names {
		file := path.Join(dir, name)
		text, err := fs.ReadFile(files, name)
		if err != nil {
			problems = append(problems, fault.Wrap(fault.Definition, err, file, "restore the file", "the book cannot be read"))
			continue
		}
		b, err := parse(file, text, known)
		problems = append(problems, err)
		books = append(books, b)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return books, nil
}

// parse reads one book.
func parse(file string, text []byte, known Known) (b *Book, err error) {
	b = &Book{ID: strings.TrimSuffix(path.Base(file), ".yaml")}
	if err := unmarshal(text, b); err != nil {
		return nil, yamlError(file, err)
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, yamlError(file, err)
	}
	c := checker{book: b, known: known, file: file, tree: tree}
	c.check()
	return b, errors.Join(c.problems...)
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

// yamlError gives a YAML mistake its place.
func yamlError(file string, err error) error {
	where, what := file, err.Error()
	var e yaml.Error
	if errors.As(err, &e) {
		what = e.GetMessage()
		if tok := e.GetToken(); tok != nil && tok.Position != nil {
			where = fmt.Sprintf("%s:%d:%d", file, tok.Position.Line, tok.Position.Column)
		}
	}
	return fault.New(fault.Definition, where, "compare it with sources/table/README.md", "%s", what)
}

// checker looks for what is wrong with a book that is well-formed YAML.
type checker struct {
	book     *Book
	known    Known
	file     string
	tree     *ast.File
	problems []error
}

// bad notes a mistake at the entry that the path leads to: names and indexes.
func (c *checker) bad(to []any, hint, format string, args ...any) {
	c.problems = append(c.problems, fault.New(fault.Definition, c.place(to), hint, format, args...))
}

// place is where an entry stands, or the nearest one above it that is there.
func (c *checker) place(to []any) string {
	for n := len(to); n > 0; n-- {
		b := (&yaml.PathBuilder{}).Root()
		for _, step := range to[:n] {
			switch s := step.(type) {
			case int:
				b = b.Index(uint(s)) //nolint:gosec // an index of a list
			case string:
				b = b.Child(s)
			}
		}
		node, err := b.Build().FilterFile(c.tree)
		if err != nil || node == nil || node.GetToken() == nil {
			continue
		}
		p := node.GetToken().Position
		return fmt.Sprintf("%s:%d:%d", c.file, p.Line, p.Column)
	}
	return c.file
}
