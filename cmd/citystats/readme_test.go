//go:build duckdb_arrow

package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The tables in the README are what a newcomer believes first.
func TestReadmeShowsWhatTheProgramPrints(t *testing.T) {
	a := released(t)
	r, _, err := a.reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	article, err := articleGrid(t.Context(), r, articleRegion)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := claimsGrid(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mark string
		want string
	}{
		{"comparison", markdown(article, "Measure", "Hefei", "Benchmark", "Gap")},
		{"claims", markdown(claims, "What was printed", "Figure", "Verdict", "Readings")},
	} {
		_, after, _ := strings.Cut(string(readme), "<!-- "+c.mark)
		_, after, _ = strings.Cut(after, "-->\n")
		if got, _, _ := strings.Cut(after, "<!-- end -->"); got != c.want {
			t.Errorf("the README's table of %s is not what the program prints; put this there:\n%s", c.mark, c.want)
		}
	}
}

// markdown is a grid as the README has it, with some of its columns.
func markdown(g *grid, heads ...string) string {
	line, rule := "|", "|"
	for _, c := range g.columns {
		if slices.Contains(heads, c.head) {
			line += " " + c.head + " |"
			rule += map[bool]string{false: " --- |", true: " ---: |"}[c.right]
		}
	}
	out := line + "\n" + rule + "\n"
	for _, row := range g.rows {
		out += "|"
		for i, c := range g.columns {
			if slices.Contains(heads, c.head) {
				out += " " + row[i].text + " |"
			}
		}
		out += "\n"
	}
	return out
}
