package render_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"citystats/charts/render"
)

// cache keeps the compiled rasteriser for the tests of this package.
var cache string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "render")
	if err != nil {
		panic(err)
	}
	cache = filepath.Join(dir, "cache")
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		os.Stderr.WriteString("goroutines are left: " + err.Error() + "\n")
		code = 1
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// spec is a small chart: two lines, a title in both scripts. %s is put into its top level.
const spec = `{"$schema":"https://vega.github.io/schema/vega-lite/v6.json","width":400,"height":200,"background":"white",
"config":{"font":"Noto Sans CJK SC"},"title":{"text":"合肥 Hefei","fontWeight":"bold"},
"data":{"values":[{"x":2014,"y":29348,"s":"合肥"},{"x":2019,"y":45404,"s":"合肥"},{"x":2014,"y":28844,"s":"China"},{"x":2019,"y":42359,"s":"China"}]},
"mark":"line","encoding":{"x":{"field":"x","type":"quantitative"},"y":{"field":"y","type":"quantitative"},"color":{"field":"s","type":"nominal"}}}`

func renderer(t testing.TB, parallel int) *render.Renderer {
	t.Helper()
	r, err := render.New(parallel, cache)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func draw(t testing.TB, r *render.Renderer) (svg, pic []byte) {
	t.Helper()
	svg, err := r.SVG(t.Context(), []byte(spec))
	if err != nil {
		t.Fatal(err)
	}
	pic, err = r.PNG(t.Context(), svg, 800)
	if err != nil {
		t.Fatal(err)
	}
	return svg, pic
}

// TestSameInputSameBytes draws the chart with four engines at once, twice.
func TestSameInputSameBytes(t *testing.T) {
	r := renderer(t, 4)
	svg, pic := draw(t, r)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			again, picture := draw(t, r)
			if !bytes.Equal(svg, again) || !bytes.Equal(pic, picture) {
				t.Error("the same specification gave other bytes")
			}
		})
	}
	group.Wait()
}

func TestPictureHoldsTextOfBothScripts(t *testing.T) {
	r := renderer(t, 1)
	svg, pic := draw(t, r)
	if !strings.Contains(string(svg), ">合肥 Hefei</text>") {
		t.Error("the SVG has no live text; a reader could neither search nor copy it")
	}
	img, err := png.Decode(bytes.NewReader(pic))
	if err != nil {
		t.Fatal(err)
	}
	if got := img.Bounds().Dx(); got != 800 {
		t.Errorf("the picture is %d pixels wide, want 800", got)
	}
	without, err := r.PNG(t.Context(), []byte(strings.Replace(string(svg), ">合肥 Hefei<", "><", 1)), 800)
	if err != nil {
		t.Fatal(err)
	}
	if dark(t, pic)-dark(t, without) < 500 {
		t.Error("the title leaves no ink in the picture: a font is missing")
	}
	outlined, err := r.Outlined(t.Context(), svg)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(outlined), "<text") {
		t.Error("the outlined SVG still has text")
	}
	again, err := r.PNG(t.Context(), outlined, 800)
	if err != nil {
		t.Fatal(err)
	}
	if d := dark(t, pic) - dark(t, again); d > 60 || d < -60 {
		t.Errorf("outlines leave %d dark pixels fewer than the text they are of", d)
	}
}

// dark counts pixels that are more black than white.
func dark(t *testing.T, pic []byte) int {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(pic))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if luminance(img, x, y) < 0x8000 {
				n++
			}
		}
	}
	return n
}

func luminance(img image.Image, x, y int) uint32 {
	r, g, b, _ := img.At(x, y).RGBA()
	return (299*r + 587*g + 114*b) / 1000
}

func TestRefusals(t *testing.T) {
	r := renderer(t, 1)
	for name, c := range map[string]struct{ spec, want string }{
		"no JSON":                   {`{`, "JSON"},
		"a channel that lines lack": {strings.Replace(spec, `"encoding":{`, `"encoding":{"theta":{"field":"y","type":"quantitative"},`, 1), "theta"},
		"data from elsewhere":       {strings.Replace(spec, `"data":{"values":`, `"data":{"url":"http://example.com/a.csv"},"datasets":{"x":`, 1), "loads nothing"},
	} {
		if svg, err := r.SVG(t.Context(), []byte(c.spec)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %d bytes of SVG and error %v, want an error about %q", name, len(svg), err, c.want)
		}
	}
	if _, err := r.PNG(t.Context(), []byte("<svg"), 100); err == nil {
		t.Error("a broken SVG became a picture")
	}
	draw(t, r) // after refusals both engines still work
}

func TestCancelledDrawingStops(t *testing.T) {
	r := renderer(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.SVG(ctx, []byte(spec)); !errors.Is(err, context.Canceled) {
		t.Errorf("drawing for nobody ended with %v, want context.Canceled", err)
	}
	if _, err := r.PNG(ctx, []byte("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"), 9); !errors.Is(err, context.Canceled) {
		t.Errorf("a picture for nobody ended with %v, want context.Canceled", err)
	}
	draw(t, r)
}

func TestWidthIsThatOfTheGlyphs(t *testing.T) {
	fonts := renderer(t, 1).Fonts()
	if got := fonts.Width("合肥", 20, false); got != 40 {
		t.Errorf("two Chinese characters at 20 pixels are %v wide, want 40", got)
	}
	if narrow, wide := fonts.Width("iiii", 20, false), fonts.Width("MMMM", 20, false); narrow*2 > wide {
		t.Errorf("iiii is %v wide and MMMM %v: widths are not the glyphs'", narrow, wide)
	}
	if regular, bold := fonts.Width("Hefei", 20, false), fonts.Width("Hefei", 20, true); bold <= regular {
		t.Errorf("bold is %v wide, regular %v", bold, regular)
	}
	if lacking := fonts.Lacks("合肥, Xi'an — 鑫 2014–22 €5,200 ▲ –"); len(lacking) > 0 {
		t.Errorf("the fonts lack %q", string(lacking))
	}
	if lacking := fonts.Lacks("龘"); string(lacking) != "龘" {
		t.Errorf("a character outside GB 2312 is said to be there")
	}
}

func BenchmarkSVG(b *testing.B) {
	r := renderer(b, 1)
	draw(b, r)
	for b.Loop() {
		if _, err := r.SVG(b.Context(), []byte(spec)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPNG(b *testing.B) {
	r := renderer(b, 1)
	svg, _ := draw(b, r)
	for b.Loop() {
		if _, err := r.PNG(b.Context(), svg, 1200); err != nil {
			b.Fatal(err)
		}
	}
}
