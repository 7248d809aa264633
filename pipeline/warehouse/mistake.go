//go:build duckdb_arrow

package warehouse

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/duckdb/duckdb-go/v2"

	"citystats/internal/fault"
	queries "citystats/sql"
)

// statement is a query as the engine gets it.
type statement struct {
	query         queries.Query
	before, after string
	written       []span // the parts of before that stand in the file too
}

// span is a part of a statement, from one byte to another, and where it stands in
// the query's file.
type span struct{ from, to, at int }

func (s statement) text() string { return s.before + s.query.SQL + s.after }

// teller tells mistakes in the queries of a set to whoever edits them.
type teller struct {
	conn *sql.Conn
	path string
	set  *queries.Set
}

// run gives the statement's text to f, and tells a mistake in the query at its
// place in the file.
func (t teller) run(ctx context.Context, s statement, f func(text string) error) error {
	err := t.errorsAsJSON(ctx, func() error { return f(s.text()) })
	m, ok := mistakeIn(err)
	if !ok || fault.KindOf(err) != fault.Internal {
		return err
	}
	if err := storage(m.said, t.path); fault.KindOf(err) != fault.Internal {
		return err
	}
	where := s.query.Where(s.query.Start)
	if at := m.offset(s.text()); at >= 0 && t.isOwn(s.query, m) && m.isAt(s.text(), at) {
		where = s.place(at)
	}
	message, _, _ := strings.Cut(m.said.Msg, "\n")
	return fault.New(fault.Definition, where, "correct the SQL; its test shows what it reads", "%s", message)
}

// errorsAsJSON calls f while the engine gives its errors as JSON. Only there do
// they carry their position: the text for people shows a caret below a part of
// the line, and none at all for the end of the statement.
func (t teller) errorsAsJSON(ctx context.Context, f func() error) error {
	if _, err := t.conn.ExecContext(ctx, "SET errors_as_json = true"); err != nil {
		return err
	}
	err := f()
	_, back := t.conn.ExecContext(context.WithoutCancel(ctx), "SET errors_as_json = false")
	return errors.Join(err, back)
}

// isOwn says whether the mistake's position is one in q's own text. That of a
// mistake inside a macro is in the macro's text, and that of one which only the
// rows of a view bring about is in the view's.
func (t teller) isOwn(q queries.Query, m mistake) bool {
	if m.syntax() {
		return true
	}
	running := m.kind != "Parser" && m.kind != "Catalog" && m.kind != "Binder"
	return !slices.ContainsFunc(q.Reads, func(name string) bool {
		model, _ := t.set.Model(name)
		isMacro := slices.ContainsFunc(t.set.Macros, func(m queries.Query) bool { return m.Name == name })
		return isMacro || (running && model.View)
	})
}

// place is the place in the query's file of a byte of the statement: what stands
// behind the SQL is at its end, and what the file does not have at its beginning.
func (s statement) place(at int) string {
	q := s.query
	if at >= len(s.before) {
		return q.Where(q.Start + min(at-len(s.before), len(q.SQL)))
	}
	for _, w := range s.written {
		if at >= w.from && at <= w.to {
			return q.Where(w.at + at - w.from)
		}
	}
	return q.Where(q.Start)
}

// mistake is an engine error with what its JSON says about it.
type mistake struct {
	said     *duckdb.Error // as the engine puts it without JSON
	kind     string
	subtype  string
	call     string // "ln(VARCHAR)", when no function takes these arguments
	position int    // in the statement, or -1
}

// operators are the kinds of error that [storage] gives to the operator.
var operators = map[string]duckdb.ErrorType{
	"IO": duckdb.ErrorTypeIO, "Permission": duckdb.ErrorTypePermission, "Out of Memory": duckdb.ErrorTypeOutOfMemory,
}

// mistakeIn finds the first engine error in err. What follows it there is that
// the broken transaction takes no settings.
func mistakeIn(err error) (mistake, bool) {
	var e *duckdb.Error
	if !errors.As(err, &e) {
		return mistake{}, false
	}
	m := mistake{said: e, position: -1}
	var told struct {
		Kind     string `json:"exception_type"`
		Message  string `json:"exception_message"`
		Subtype  string `json:"error_subtype"`
		Call     string `json:"call"`
		Position string `json:"position"`
	}
	// The parser's errors have their kind before the JSON too.
	if start := strings.IndexByte(e.Msg, '{'); start < 0 || json.Unmarshal([]byte(e.Msg[start:]), &told) != nil {
		return m, true
	}
	m.said = &duckdb.Error{Type: operators[told.Kind], Msg: told.Kind + " Error: " + told.Message}
	m.kind, m.subtype, m.call = told.Kind, told.Subtype, told.Call
	if n, err := strconv.Atoi(told.Position); err == nil {
		m.position = n
	}
	return m, true
}

// syntax says whether the grammar refused the statement.
func (m mistake) syntax() bool { return m.subtype == "SYNTAX_ERROR" }

// offset is the byte of the statement that the mistake is at, or -1. The grammar
// counts characters, the rest of the engine bytes.
func (m mistake) offset(text string) int {
	if !m.syntax() || m.position < 0 {
		return m.position
	}
	at := 0
	for range m.position {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

// isAt says whether the text has at the byte what the mistake is about. Many of
// the engine's own functions are macros, which may call another function wrongly
// when they are: the position is then in their text.
func (m mistake) isAt(text string, at int) bool {
	name, _, _ := strings.Cut(m.call, "(")
	return at+len(name) <= len(text) && strings.EqualFold(text[at:at+len(name)], name)
}
