//go:build duckdb_arrow

package serve_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// parse reads a page and gives its elements in order.
func parse(t *testing.T, text string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func content(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// Pages are what a careful hand would have written.
func TestPagesAreSound(t *testing.T) {
	r := shared(t)
	for _, plain := range pages {
		for _, page := range []string{plain, inChinese(plain)} {
			lang := "en"
			if page != plain {
				lang = "zh-Hans"
			}
			w := r.get(page)
			text := w.Body.String()
			if got := w.Header().Get("Content-Language"); got != lang {
				t.Errorf("%s is in %q", page, got)
			}
			for _, bad := range []string{"%!", "ZgotmplZ", "<nil>", "NaN", "map["} {
				if strings.Contains(text, bad) {
					t.Errorf("%s holds %q", page, bad)
				}
			}
			sound(t, page, lang, parse(t, text))
		}
	}
}

func sound(t *testing.T, page, lang string, all []*html.Node) {
	t.Helper()
	ids, level, heads, titles := map[string]bool{}, 0, 0, 0
	for _, n := range all {
		if id, ok := attr(n, "id"); ok {
			if ids[id] || id == "" {
				t.Errorf("%s: the id %q is there twice", page, id)
			}
			ids[id] = true
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(strings.TrimSpace(a.Val), "javascript:") {
				t.Errorf("%s: <%s %s=%q> is against the policy of the page", page, n.Data, a.Key, a.Val)
			}
		}
		switch n.DataAtom { //nolint:exhaustive // there are hundreds
		case atom.Html:
			if got, _ := attr(n, "lang"); got != lang {
				t.Errorf("%s says it is in %q", page, got)
			}
		case atom.Title:
			titles++
			if content(n) == "" {
				t.Errorf("%s has no title", page)
			}
		case atom.Img:
			for _, name := range []string{"alt", "width", "height"} {
				if v, _ := attr(n, name); v == "" || v == "0" {
					src, _ := attr(n, "src")
					t.Errorf("%s: the picture %s has no %s", page, src, name)
				}
			}
		case atom.H1, atom.H2, atom.H3:
			now := int(n.Data[1] - '0')
			if now > level+1 {
				t.Errorf("%s: <%s>%s follows a heading of level %d", page, n.Data, content(n), level)
			}
			if level = now; now == 1 {
				heads++
			}
			if content(n) == "" {
				t.Errorf("%s has an empty heading", page)
			}
		case atom.Select:
			if n.Parent.DataAtom != atom.Label {
				t.Errorf("%s has a picker without a name", page)
			}
		case atom.Style:
			t.Errorf("%s has a style in itself: the policy forbids it", page)
		case atom.Script:
			script(t, page, n)
		case atom.A:
			if href, _ := attr(n, "href"); href == "" || content(n) == "" {
				t.Errorf("%s: the link %q to %q is empty", page, content(n), href)
			}
		case atom.Link, atom.Source, atom.Iframe:
			for _, name := range []string{"href", "srcset", "src"} {
				v, ok := attr(n, name)
				if u, err := url.Parse(v); ok && (err != nil || u.Host != "" && u.Host != "stats.example.org") {
					t.Errorf("%s: <%s> loads %s", page, n.Data, v)
				}
			}
		}
	}
	if heads != 1 || titles != 1 {
		t.Errorf("%s has %d first headings and %d titles", page, heads, titles)
	}
}

// script wants a script to be a file of the site or data that is JSON.
func script(t *testing.T, page string, n *html.Node) {
	t.Helper()
	src, _ := attr(n, "src")
	kind, _ := attr(n, "type")
	switch {
	case kind == "application/ld+json":
		var v map[string]any
		if err := json.Unmarshal([]byte(content(n)), &v); err != nil || v["@context"] != "https://schema.org" || v["@type"] == nil {
			t.Errorf("%s: its description is %v (%v)", page, v, err)
		}
		if v["@type"] == "Dataset" {
			for _, key := range []string{"name", "description", "url", "license", "distribution", "version"} {
				if v[key] == nil || v[key] == "" {
					t.Errorf("%s: its description has no %s", page, key)
				}
			}
		}
	case !strings.HasPrefix(src, "/assets/"):
		t.Errorf("%s has a script in itself or from %q: the policy forbids it", page, src)
	}
}

// Every link of the site leads somewhere.
func TestLinksLead(t *testing.T) {
	r := shared(t)
	seen := map[string]bool{}
	kinds := map[string]int{}
	dots := regexp.MustCompile(`^/([a-z]+)`)
	for _, page := range pages {
		for _, n := range parse(t, r.good(page)) {
			for _, name := range []string{"href", "src", "srcset", "data-wide", "data-small-dark", "data-chart"} {
				target, ok := attr(n, name)
				if target = strings.TrimPrefix(target, base); !ok || !strings.HasPrefix(target, "/") || seen[target] {
					continue
				}
				seen[target] = true
				// Pictures of points take the same way as the others and are slow; of what there are hundreds, some are enough.
				kind := dots.FindString(target)
				if kinds[kind]++; strings.Contains(target, ".png") || kinds[kind] > 25 {
					continue
				}
				if w := r.get(target); w.Code != 200 {
					t.Errorf("%s links to %s, which answers %d: %.200s", page, target, w.Code, w.Body)
				}
			}
		}
	}
	if len(seen) < 100 {
		t.Errorf("only %d links were found", len(seen))
	}
}

// A page may load nothing of others, and run nothing that stands in it.
func TestPolicy(t *testing.T) {
	r := shared(t)
	for _, page := range append([]string{"/nope"}, pages...) {
		got := r.get(page, "Accept", "text/html").Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(got, "default-src 'self';") || strings.Contains(got, "unsafe") || strings.Contains(got, "http") || !strings.Contains(got, "object-src 'none'") {
			t.Errorf("%s has the policy %q", page, got)
		}
		framed := strings.Contains(got, "frame-ancestors *")
		if framed != strings.HasPrefix(page, "/embed/") {
			t.Errorf("%s: may it be in a frame? %v", page, framed)
		}
	}
	if got := r.get("/charts/income.svg").Header().Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") {
		t.Errorf("a picture has the policy %q", got)
	}
}

// What somebody puts into an address comes out as text.
func TestNothingOfAnAddressIsMarkup(t *testing.T) {
	r := shared(t)
	const evil = `"><script>alert(1)</script>`
	for _, target := range []string{
		"/explain?region=hefei&indicator=gdp&period=", "/chart/income?region=", "/chart/", "/region/", "/claim/", "/indicator/", "/charts?region=", "/?lang=", "/nope/",
	} {
		w := r.get(target+url.QueryEscape(evil), "Accept", "text/html")
		if strings.Contains(w.Body.String(), "<script>alert") {
			t.Errorf("%s lets markup through: %s", target, w.Body)
		}
	}
}

// What the first page needs before anything can be read is small.
func TestFirstViewIsSmall(t *testing.T) {
	r := shared(t)
	const most = 50 << 10
	for _, page := range []string{"/", "/?lang=zh", "/chart/income", "/region/340100", "/claims"} {
		size := 0
		add := func(target string) {
			w := r.get(target, "Accept-Encoding", "gzip")
			if w.Code != 200 {
				t.Errorf("%s needs %s, which answers %d", page, target, w.Code)
			}
			size += w.Body.Len()
		}
		add(page)
		for _, n := range parse(t, r.good(page)) {
			src, _ := attr(n, "src")
			href, _ := attr(n, "href")
			rel, _ := attr(n, "rel")
			_, lazy := attr(n, "loading")
			switch {
			case n.DataAtom == atom.Link && (rel == "stylesheet" || rel == "icon"):
				add(href)
			case n.DataAtom == atom.Script && src != "", n.DataAtom == atom.Img && !lazy:
				add(src)
			}
		}
		if size > most {
			t.Errorf("the first view of %s is %d bytes, more than %d", page, size, most)
		}
		t.Logf("first view of %s: %d bytes", page, size)
	}
}
