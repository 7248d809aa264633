//go:build duckdb_arrow

package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"citystats/transforms/digits"
)

// column is one column of a grid: key in JSON and CSV, head in a table. A column
// without a head is left out of tables.
type column struct {
	key, head string
	right     bool
}

// cell is one value, as machines read it and, when that differs, as people do.
type cell struct {
	raw  any
	text string
}

// grid is a result that can be printed in every format.
type grid struct {
	columns []column
	rows    [][]cell
	width   int // most characters of a column in a table; 0 for the usual 60
}

func (g *grid) add(cells ...cell) { g.rows = append(g.rows, cells) }

// shown is a cell whose text follows from its value.
func shown(v any) cell { return cell{v, display(v)} }

// display is how people read a bare value.
func display(v any) string {
	switch x := v.(type) {
	case nil:
		return "—"
	case time.Time:
		if x.Equal(x.Truncate(24 * time.Hour)) {
			return x.Format(time.DateOnly)
		}
		return x.UTC().Format("2006-01-02 15:04:05Z")
	case json.RawMessage:
		return string(x)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	default:
		return fmt.Sprint(x)
	}
}

// machine is a value as JSON and CSV carry it: dates in ISO 8601.
func machine(v any) any {
	t, ok := v.(time.Time)
	switch {
	case !ok:
		return v
	case t.IsZero():
		return nil
	case t.Equal(t.Truncate(24 * time.Hour)):
		return t.Format(time.DateOnly)
	default:
		return t.UTC().Format(time.RFC3339)
	}
}

// object keeps the order of its keys in JSON.
type object []field

type field struct {
	key   string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		k, err := json.Marshal(f.key)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		b.Write(k)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (g *grid) objects() []object {
	out := make([]object, len(g.rows))
	for i, row := range g.rows {
		for j, c := range row {
			out[i] = append(out[i], field{g.columns[j].key, machine(c.raw)})
		}
	}
	return out
}

// print writes the grid in the format asked for.
func (a *app) print(g *grid) error {
	switch a.format {
	case "table":
		return g.table(a.out)
	case "json":
		return writeJSON(a.out, g.objects())
	}
	return g.csv(a.out)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func (g *grid) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	header := make([]string, len(g.columns))
	for i, c := range g.columns {
		header[i] = c.key
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, row := range g.rows {
		record := make([]string, len(row))
		for i, c := range row {
			if v := machine(c.raw); v != nil {
				record[i] = display(v)
			}
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (g *grid) table(w io.Writer) error {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options.DrawBorder = false
	style.Options.SeparateColumns = false
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	header := table.Row{}
	var configs []table.ColumnConfig
	for _, c := range g.columns {
		if c.head == "" {
			continue
		}
		header = append(header, c.head)
		config := table.ColumnConfig{Number: len(header), WidthMax: cmp.Or(g.width, 60), WidthMaxEnforcer: text.WrapSoft}
		if c.right {
			config.Align, config.AlignHeader = text.AlignRight, text.AlignRight
		}
		configs = append(configs, config)
	}
	t.AppendHeader(header)
	t.SetColumnConfigs(configs)
	for _, row := range g.rows {
		var cells table.Row
		for i, c := range row {
			if g.columns[i].head != "" {
				cells = append(cells, strings.Map(printable, c.text))
			}
		}
		t.AppendRow(cells)
	}
	var b strings.Builder
	for line := range strings.SplitSeq(t.Render(), "\n") {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printable keeps what a publisher or a file name says from steering a terminal.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}

// number and signed write figures for people.
func number(v float64, decimals int) string { return digits.Number(v, decimals) }

func signed(v float64, decimals int) string { return digits.Signed(v, decimals) }
