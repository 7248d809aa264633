//go:build duckdb_arrow

package charts_test

import (
	"bytes"
	"encoding/json"
	"image"
	imagepng "image/png"
	"os"
	"path/filepath"
	"testing"

	"citystats/charts"
)

// TestPicturesAreWhatTheyWere compares a few charts with the specifications, vector
// pictures and pictures that were looked at. After a wanted change: go test
// ./charts -run Pictures -update, and look at what git says has changed.
func TestPicturesAreWhatTheyWere(t *testing.T) {
	for _, g := range []struct {
		file, id, region string
		language         charts.Language
		look             charts.Look
		picture          bool
	}{
		{"income.en.light", "income", "340100", charts.English, charts.Look{Theme: charts.Light, Size: charts.Standard}, true},
		{"growth.zh.dark", "growth", "340100", charts.Chinese, charts.Look{Theme: charts.Dark, Size: charts.Standard}, true},
		{"share.both.light", "share", "340100", charts.Both, charts.Look{Theme: charts.Light, Size: charts.Standard}, false},
		{"claim.en.social", "claim", "340100", charts.English, charts.Look{Theme: charts.Light, Size: charts.Social}, true},
		{"cities.zh.square", "cities", "320100", charts.Chinese, charts.Look{Theme: charts.Light, Size: charts.Square}, false},
		{"rank.en.light", "rank", "340100", charts.English, charts.Look{Theme: charts.Light, Size: charts.Standard}, false},
	} {
		t.Run(g.file, func(t *testing.T) {
			c := resolved(t, g.id, g.region, g.language)
			spec, err := c.Spec(g.look, drawer.Fonts())
			if err != nil {
				t.Fatal(err)
			}
			var indented bytes.Buffer
			if err := json.Indent(&indented, spec, "", " "); err != nil {
				t.Fatal(err)
			}
			golden(t, g.file+".vl.json", append(indented.Bytes(), '\n'))
			svg, err := drawer.SVG(t.Context(), spec)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, g.file+".svg", append(svg, '\n'))
			if !g.picture {
				return
			}
			png, err := drawer.PNG(t.Context(), svg, g.look.Size.Width)
			if err != nil {
				t.Fatal(err)
			}
			alike(t, g.file+".png", png)
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	around := func(b []byte) []byte { return b[max(0, min(at-80, len(b))):min(at+80, len(b))] }
	t.Errorf("%s differs from byte %d: it is\n%s\nand was\n%s\nIf that is wanted: go test ./charts -run Pictures -update, and look at the pictures", path, at, around(got), around(want))
}

// alike compares pictures by their pixels: a few may differ by rounding.
func alike(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a, b := decode(t, got), decode(t, want)
	if a.Bounds() != b.Bounds() {
		t.Fatalf("%s is %v and was %v", path, a.Bounds(), b.Bounds())
	}
	const step, share = 24, 0.001 // of 255, and of all pixels
	differ := 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			for _, d := range []int{int(r1) - int(r2), int(g1) - int(g2), int(b1) - int(b2)} {
				if max(d, -d) > step<<8 {
					differ++
					break
				}
			}
		}
	}
	if all := a.Bounds().Dx() * a.Bounds().Dy(); float64(differ) > share*float64(all) {
		t.Errorf("%s: %d of %d pixels differ from what was looked at; if that is wanted: go test ./charts -run Pictures -update", path, differ, all)
	}
}

func decode(t *testing.T, png []byte) image.Image {
	t.Helper()
	img, err := imagepng.Decode(bytes.NewReader(png))
	if err != nil {
		t.Fatal(err)
	}
	return img
}
