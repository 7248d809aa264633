package queries

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"citystats/internal/fault"
)

// token is a word, a quoted text or a sign of SQL, and where it starts.
type token struct {
	text string // words in lower case; texts with their quotes
	at   int    // bytes before it
}

// tokenize splits SQL far enough to find names and forbidden words. It keeps
// quoted texts whole, so that nothing inside one is taken for SQL.
func tokenize(sql string) []token {
	var out []token
	for i := 0; i < len(sql); {
		start := i
		switch c := rune(sql[i]); {
		case c < utf8.RuneSelf && unicode.IsSpace(c):
			i++
			continue
		case strings.HasPrefix(sql[i:], "--"):
			i = end(sql, i, "\n")
			continue
		case strings.HasPrefix(sql[i:], "/*"):
			i = min(end(sql, i+2, "*/")+2, len(sql))
			out = append(out, oddSpaces(sql[:i], start)...)
			continue
		case c == '\'' || c == '"':
			i = min(end(sql, i+1, string(c))+1, len(sql))
		case isOddSpace(sql[i:]):
			_, size := utf8.DecodeRuneInString(sql[i:])
			i += size
		case isWord(c):
			for i < len(sql) && (isWord(rune(sql[i])) || sql[i] == '.') && !isOddSpace(sql[i:]) {
				i++
			}
		case strings.HasPrefix(sql[i:], "::"), strings.HasPrefix(sql[i:], "->"):
			i += 2
		default:
			i++
		}
		out = append(out, token{strings.ToLower(sql[start:i]), start})
	}
	return out
}

// isOddSpace says whether the text starts with a space or an invisible sign
// beyond ASCII, as web pages and word processors leave them behind. DuckDB reads
// one outside of quotes as a space of one byte, which also shifts the places of
// its messages.
func isOddSpace(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r > unicode.MaxASCII && (unicode.IsSpace(r) || unicode.Is(unicode.Cf, r))
}

// oddSpaces are those in the text from the byte on.
func oddSpaces(s string, from int) []token {
	var out []token
	for i, r := range s[from:] {
		if isOddSpace(string(r)) {
			out = append(out, token{string(r), from + i})
		}
	}
	return out
}

func end(s string, from int, mark string) int {
	if from > len(s) {
		return len(s)
	}
	if i := strings.Index(s[from:], mark); i >= 0 {
		return from + i
	}
	return len(s)
}

func isWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || r >= 0x80
}

// scope is one level of parentheses.
type scope struct {
	query    bool // it holds a query, not the arguments of a function
	selected bool // its SELECT was seen
	from     bool // in its FROM clause, where a comma joins a table
}

// clauses walks the levels of parentheses and finds the tokens that follow a
// FROM, a JOIN or a comma between tables, and the FROMs that have no SELECT.
func clauses(tokens []token) (tables, first []int) {
	levels := []scope{{query: true}}
	for i, t := range tokens {
		s := &levels[len(levels)-1]
		switch t.text {
		case "(":
			levels = append(levels, scope{})
		case ")":
			if len(levels) > 1 {
				levels = levels[:len(levels)-1]
			}
		case "with":
			s.query = true
		case "select":
			*s = scope{query: true, selected: true}
		case "union", "except", "intersect":
			*s = scope{query: true}
		case "where", "group", "having", "window", "order":
			s.from = false
		case "from":
			before := ""
			if i > 0 {
				before = tokens[i-1].text
			}
			// extract(YEAR FROM day) and a IS DISTINCT FROM b name no table.
			if before == "distinct" || (!s.query && before != "(") {
				continue
			}
			if !s.selected {
				first = append(first, i)
			}
			s.from = true
			tables = append(tables, i+1)
		case "join":
			tables = append(tables, i+1)
		case ",":
			if s.from {
				tables = append(tables, i+1)
			}
		}
	}
	return tables, first
}

// reads lists the tables a query names, without its CTEs.
func reads(tokens []token) []string {
	ctes := commonTables(tokens)
	tables, _ := clauses(tokens)
	var out []string
	for _, i := range tables {
		name := tableName(tokens, i)
		if name != "" && name != "(" && name != "lateral" && !ctes[name] && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// readAt is where the tokens name the table.
func readAt(tokens []token, table string) int {
	tables, _ := clauses(tokens)
	for _, i := range tables {
		if tableName(tokens, i) == table {
			return tokens[i].at
		}
	}
	return 0
}

// tableName is the name at the token, which may be quoted in parts.
func tableName(tokens []token, i int) string {
	name := ""
	for ; i < len(tokens) && (name == "" || strings.HasSuffix(name, ".") || tokens[i].text == "."); i++ {
		name += strings.Trim(tokens[i].text, `"`)
	}
	return name
}

// commonTables finds the names in WITH: name AS (, name (columns) AS (. A window
// is named in the same way, but is no table.
func commonTables(tokens []token) map[string]bool {
	out := map[string]bool{}
	for i := 1; i+1 < len(tokens); i++ {
		if tokens[i].text != "as" || (tokens[i+1].text != "(" && tokens[i+1].text != "materialized" && tokens[i+1].text != "not") {
			continue
		}
		name := i - 1
		if tokens[name].text == ")" {
			for name > 0 && tokens[name].text != "(" {
				name--
			}
			name--
		}
		if name > 0 && tokens[name-1].text != "window" {
			out[strings.Trim(tokens[name].text, `"`)] = true
		}
	}
	return out
}

// forbidden are words that other engines do not know or read differently, and
// what to write instead.
var forbidden = map[string]string{
	"::":            "CAST(x AS type)",
	"->":            "a join; lambdas are not portable",
	"qualify":       "row_number() in a subquery",
	"asof":          "a window function",
	"pivot":         "one aggregate with FILTER per column",
	"unpivot":       "UNION ALL",
	"exclude":       "the column list",
	"columns":       "the column list",
	"quantile_cont": "percentile_cont(...) WITHIN GROUP (ORDER BY ...)",
	"any_value":     "min or max",
	"strftime":      "extract and lpad, or do text work in Go",
	"ifnull":        "coalesce",
	"limit":         "a rank in a subquery",
	";":             "one SELECT without a semicolon",
}

func (q *Query) unportable(tokens []token) []error {
	var problems []error
	bad := func(at int, hint, format string, args ...any) {
		problems = append(problems, fault.New(fault.Definition, q.Where(q.Start+at), hint, format, args...))
	}
	tokens = slices.DeleteFunc(slices.Clone(tokens), func(t token) bool {
		odd := isOddSpace(t.text)
		if odd {
			bad(t.at, "write an ordinary space", "%+q is not portable SQL", []rune(t.text)[0])
		}
		return odd
	})
	macro := q.Kind == Macro // for people at a prompt: all of DuckDB, but one statement
	if len(tokens) == 0 {
		bad(0, "start with SELECT or WITH", "the file is not one SELECT")
		return problems
	}
	if !macro && tokens[0].text != "select" && tokens[0].text != "with" {
		bad(tokens[0].at, "start with SELECT or WITH", "the file is not one SELECT")
		return problems
	}
	for i, t := range tokens {
		if instead, no := forbidden[t.text]; no && (!macro || t.text == ";") {
			bad(t.at, "write "+instead, "%s is not portable SQL", strings.ToUpper(t.text))
		}
		if !macro && t.text == "*" && i+2 < len(tokens) && tokens[i+1].text == "replace" && tokens[i+2].text == "(" {
			bad(t.at, "write the column list", "* REPLACE is not portable SQL")
		}
	}
	if _, first := clauses(tokens); !macro {
		for _, i := range first {
			bad(tokens[i].at, "write SELECT ... FROM", "a query that starts with FROM is not portable SQL")
		}
	}
	return problems
}
