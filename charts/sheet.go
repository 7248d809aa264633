//go:build duckdb_arrow

package charts

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	imagepng "image/png"

	"citystats/charts/render"
)

// Sheet is one picture of many charts, side by side in rows, each so many pixels
// wide: a contact sheet, to look a definition over for every region at once.
func Sheet(ctx context.Context, r *render.Renderer, all []*Chart, look Look, columns, width int, progress func(done, total int)) ([]byte, error) {
	var pictures []image.Image
	for i, c := range all {
		progress(i, len(all))
		drawn, err := png(look, width)(ctx, c.drawing(r))
		if err != nil {
			return nil, err
		}
		picture, err := imagepng.Decode(bytes.NewReader(drawn))
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, picture)
	}
	sheet := tiled(pictures, columns, width)
	var out bytes.Buffer
	err := imagepng.Encode(&out, sheet)
	return out.Bytes(), err
}

// tiled lays pictures of one width out in rows as high as their highest.
func tiled(pictures []image.Image, columns, width int) image.Image {
	columns = min(columns, len(pictures))
	var tops []int
	height := 0
	for i := 0; i < len(pictures); i += columns {
		tops = append(tops, height)
		row := 0
		for _, p := range pictures[i:min(i+columns, len(pictures))] {
			row = max(row, p.Bounds().Dy())
		}
		height += row
	}
	sheet := image.NewRGBA(image.Rect(0, 0, columns*width, height))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	for i, p := range pictures {
		at := image.Pt(i%columns*width, tops[i/columns])
		draw.Draw(sheet, image.Rectangle{at, at.Add(p.Bounds().Size())}, p, p.Bounds().Min, draw.Src)
	}
	return sheet
}
