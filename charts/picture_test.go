//go:build duckdb_arrow

package charts_test

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"citystats/charts"
)

// box is where a line of text stands in a picture.
type box struct {
	text                     string
	left, top, right, bottom float64
	fill                     string
}

// picture is what a test wants to know of an SVG.
type picture struct {
	width, height float64
	texts         []box
	colours       map[string]bool // of fills and lines that are not text
}

var translated = regexp.MustCompile(`translate\(([-0-9.e]+),([-0-9.e]+)\)`)

// parsed reads an SVG as Vega writes it: nested groups that are moved, and texts of
// one line or of several.
func parsed(t *testing.T, svg []byte) picture {
	t.Helper()
	p := picture{colours: map[string]bool{}}
	type place struct{ x, y float64 }
	at := []place{{}}
	var open box
	var size float64
	var bold bool
	var anchor string
	d := xml.NewDecoder(strings.NewReader(string(svg)))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			attr := map[string]string{}
			for _, a := range e.Attr {
				attr[a.Name.Local] = a.Value
			}
			here := at[len(at)-1]
			if m := translated.FindStringSubmatch(attr["transform"]); m != nil {
				here = place{here.x + float(m[1]), here.y + float(m[2])}
			}
			switch e.Name.Local {
			case "svg":
				p.width, p.height = float(attr["width"]), float(attr["height"])
			case "text":
				size, bold, anchor = float(strings.TrimSuffix(attr["font-size"], "px")), attr["font-weight"] == "bold", attr["text-anchor"]
				open = box{fill: attr["fill"]}
			case "tspan":
				here.y += float(attr["dy"])
				at[len(at)-1].y += float(attr["dy"])
			default:
				for _, c := range []string{attr["fill"], attr["stroke"]} {
					if strings.HasPrefix(c, "#") && attr["opacity"] != "0" {
						p.colours[c] = true
					}
				}
			}
			at = append(at, here)
		case xml.EndElement:
			at = at[:len(at)-1]
		case xml.CharData:
			text := strings.TrimSpace(string(e))
			if text == "" {
				continue
			}
			here, width := at[len(at)-1], drawer.Fonts().Width(text, size, bold)
			left := here.x - map[string]float64{"start": 0, "middle": width / 2, "end": width}[anchor]
			p.texts = append(p.texts, box{text, left, here.y - 0.75*size, left + width, here.y + 0.15*size, open.fill})
		}
	}
}

func float(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64)
	return v
}

// TestTextsStandApartAndInside draws every chart in every language and size: no text
// leaves its picture and none touches another.
func TestTextsStandApartAndInside(t *testing.T) {
	every(t, func(t *testing.T, c *charts.Chart) {
		for _, look := range looks {
			wanted := map[string]charts.Language{"dark standard": charts.English, "light square": charts.English, "light social": charts.Both}
			if l, some := wanted[name(look)]; some && l != c.Language {
				continue // what is longest in a size, and each theme once
			}
			spec, err := c.Spec(look, drawer.Fonts())
			if err != nil {
				t.Fatal(err)
			}
			svg, err := drawer.SVG(t.Context(), spec)
			if err != nil {
				t.Fatal(err)
			}
			p := parsed(t, svg)
			if p.width != float64(look.Size.Width) || look.Size.Height != 0 && p.height != float64(look.Size.Height) {
				t.Errorf("%s: the picture is %v by %v pixels, want %d by %d", name(look), p.width, p.height, look.Size.Width, look.Size.Height)
			}
			for i, a := range p.texts {
				if a.left < 0 || a.right > p.width || a.top < 0 || a.bottom > p.height {
					t.Errorf("%s: %q leaves the picture: it stands from %.0f,%.0f to %.0f,%.0f of %.0f,%.0f", name(look), a.text, a.left, a.top, a.right, a.bottom, p.width, p.height)
				}
				for _, b := range p.texts[:i] {
					if math.Min(a.right, b.right)-math.Max(a.left, b.left) > 0.5 && math.Min(a.bottom, b.bottom)-math.Max(a.top, b.top) > 0.5 {
						t.Errorf("%s: %q and %q overlap", name(look), a.text, b.text)
					}
				}
				for _, r := range drawer.Fonts().Lacks(a.text) {
					t.Errorf("%s: the fonts lack %q of %q", name(look), r, a.text)
				}
			}
			contrasts(t, look, p)
		}
	})
}

// contrasts wants what is drawn to stand out from its background by 4.5 to 1, but
// for the lines of the grid.
func contrasts(t *testing.T, look charts.Look, p picture) {
	t.Helper()
	for _, b := range p.texts {
		if got := contrast(b.fill, look.Theme.Background); !(got >= 4.5) {
			t.Errorf("%s: %q in %s stands out by %.2f to 1 only", name(look), b.text, b.fill, got)
		}
	}
	for c := range p.colours {
		if got := contrast(c, look.Theme.Background); !(got >= 4.5) && c != look.Theme.Grid && c != look.Theme.Background {
			t.Errorf("%s: %s stands out by %.2f to 1 only", name(look), c, got)
		}
	}
}

func TestThemesStandOut(t *testing.T) {
	for _, theme := range []charts.Theme{charts.Light, charts.Dark} {
		for name, colour := range map[string]string{
			"text": theme.Text, "muted": theme.Muted, "focus": theme.Focus, "benchmark": theme.Bench, "context": theme.Context, "peer": theme.Peer,
		} {
			if got := contrast(colour, theme.Background); !(got >= 4.5) {
				t.Errorf("%s: the %s colour %s stands out by %.2f to 1 only", theme.ID, name, colour, got)
			}
		}
	}
	if got := contrast("#ffffff", "#000000"); math.Abs(got-21) > 0.01 {
		t.Errorf("white on black is %.2f to 1, want 21", got)
	}
}

// contrast is that of WCAG 2.
func contrast(a, b string) float64 {
	light, dark := luminance(a), luminance(b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

func luminance(hex string) float64 {
	var parts [3]float64
	if len(hex) != 7 {
		return math.NaN()
	}
	for i := range parts {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return math.NaN()
		}
		parts[i] = float64(n) / 255
		if parts[i] <= 0.04045 {
			parts[i] /= 12.92
		} else {
			parts[i] = math.Pow((parts[i]+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*parts[0] + 0.7152*parts[1] + 0.0722*parts[2]
}
