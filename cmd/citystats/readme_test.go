//go:build duckdb_arrow

package main

import (
	"io"
	"os"
	"strings"
	"testing"
)

// The table in the README is what a newcomer believes first.
func TestReadmeShowsWhatTheProgramPrints(t *testing.T) {
	a := &app{state: t.TempDir(), in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	root := newRoot(a.in, a.out, a.err)
	root.SetArgs([]string{"--state", a.state, "run", "--offline"})
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, _, err := a.reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	g, err := articleGrid(t.Context(), r, articleRegion)
	if err != nil {
		t.Fatal(err)
	}
	want := "| Measure | Hefei | Benchmark | Gap |\n| --- | ---: | ---: | ---: |\n"
	for _, row := range g.rows {
		want += "|"
		for i, c := range g.columns {
			if c.head != "" && c.head != "Status" && c.head != "Remarks" {
				want += " " + row[i].text + " |"
			}
		}
		want += "\n"
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(readme), "<!-- comparison")
	_, after, _ = strings.Cut(after, "-->\n")
	got, _, _ := strings.Cut(after, "<!-- end -->")
	if got != want {
		t.Errorf("the README's table is not what the program prints; put this there:\n%s", want)
	}
}
