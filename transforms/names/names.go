// Package names finds what a person meant by a name: a region, an indicator, a
// benchmark given by code, in English or in Chinese.
//
// Lookup is exact after folding case, width, accents of punctuation and the
// administrative suffixes people leave out (合肥 for 合肥市). It never guesses: an
// unknown name comes back with the nearest known ones, and a name that two
// entries share comes back with both.
package names

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"golang.org/x/text/width"
)

// Entry is one thing that can be named.
type Entry struct {
	Key     string   // what Find returns
	Label   string   // how a message shows it: "340100 Hefei 合肥市"
	Names   []string // main names: an exact main name wins over an alias
	Aliases []string // other names; may be shared by several entries
}

// Index finds entries of one kind by name.
type Index struct {
	kind    string
	entries []Entry
	main    map[string][]int
	alias   map[string][]int
}

// NewIndex builds an index; kind is the noun messages use ("region").
func NewIndex(kind string, entries []Entry) *Index {
	x := &Index{kind: kind, entries: entries, main: map[string][]int{}, alias: map[string][]int{}}
	for i, e := range entries {
		x.add(x.main, i, append([]string{e.Key}, e.Names...))
		x.add(x.alias, i, e.Aliases)
	}
	return x
}

func (x *Index) add(m map[string][]int, i int, names []string) {
	for _, n := range names {
		k := fold(n)
		if k != "" && !slices.Contains(m[k], i) {
			m[k] = append(m[k], i)
		}
	}
}

// Find returns the key of the one entry called name. Its error says what is
// known instead, nearest first.
func (x *Index) Find(name string) (string, error) {
	k := fold(name)
	for _, m := range []map[string][]int{x.main, x.alias} {
		switch hits := m[k]; len(hits) {
		case 0:
		case 1:
			return x.entries[hits[0]].Key, nil
		default:
			return "", fmt.Errorf("%s %q could be %s", x.kind, name, x.labels(hits, " or "))
		}
	}
	return "", fmt.Errorf("%s %q is not known; the nearest are %s", x.kind, name, x.labels(x.nearest(k, 3), ", "))
}

func (x *Index) labels(hits []int, sep string) string {
	out := make([]string, len(hits))
	for i, h := range hits {
		out[i] = x.entries[h].Label
	}
	return strings.Join(out, sep)
}

// nearest ranks entries by the smallest edit distance of any of their names,
// in characters and relative to length, so that short codes do not crowd out names.
func (x *Index) nearest(k string, n int) []int {
	best := make([]float64, len(x.entries))
	for i := range best {
		best[i] = 2
	}
	for _, m := range []map[string][]int{x.main, x.alias} {
		for name, hits := range m {
			longest := max(utf8.RuneCountInString(name), utf8.RuneCountInString(k), 1)
			d := float64(levenshtein.ComputeDistance(k, name)) / float64(longest)
			for _, h := range hits {
				best[h] = min(best[h], d)
			}
		}
	}
	order := make([]int, len(x.entries))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case best[a] < best[b]:
			return -1
		case best[a] > best[b]:
			return 1
		default:
			return strings.Compare(x.entries[a].Key, x.entries[b].Key)
		}
	})
	return order[:min(n, len(order))]
}

// fold brings the spellings of one name together: full-width letters, case,
// spaces, hyphens and apostrophes do not matter (Xi'an, xian, Ｘｉ’ａｎ).
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || r == '(' || r == ')' {
			return unicode.ToLower(r)
		}
		return -1
	}, width.Narrow.String(s))
}
