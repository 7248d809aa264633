//go:build duckdb_arrow

package charts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"citystats/charts/render"
	"citystats/internal/fault"
)

// Format is a file that a chart is offered as: its name is the chart's with this
// ending, wherever the file is asked for.
type Format struct {
	Ending    string // "csv", "2x.png"
	MediaType string
	What      string // for people
	make      func(ctx context.Context, d *drawing) ([]byte, error)
}

// Formats are all files of a chart.
func Formats() []Format {
	return []Format{
		{"csv", "text/csv; charset=utf-8", "figures, one row a period", func(_ context.Context, d *drawing) ([]byte, error) { return d.CSV(false) }},
		{"metadata.json", "application/csvm+json", "what the CSV holds, as CSV on the Web", func(_ context.Context, d *drawing) ([]byte, error) { return d.Metadata() }},
		{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "figures and notes as a spreadsheet", func(_ context.Context, d *drawing) ([]byte, error) { return d.Spreadsheet() }},
		{"txt", "text/plain; charset=utf-8", "the chart in words, for who cannot see it", func(_ context.Context, d *drawing) ([]byte, error) { return []byte(d.Alt() + "\n"), nil }},
		{"vl.json", "application/json", "Vega-Lite specification with its data", spec(Look{Light, Standard})},
		{"dark.vl.json", "application/json", "the same, for dark pages", spec(Look{Dark, Standard})},
		{"svg", "image/svg+xml", "picture with live text", svg(Look{Light, Standard})},
		{"dark.svg", "image/svg+xml", "the same, for dark pages", svg(Look{Dark, Standard})},
		{"outlined.svg", "image/svg+xml", "picture with text as outlines", outlined(Look{Light, Standard})},
		{"png", "image/png", "picture, 696 pixels wide", png(Look{Light, Standard}, 696)},
		{"2x.png", "image/png", "picture, 1392 pixels wide", png(Look{Light, Standard}, 1392)},
		{"dark.png", "image/png", "picture for dark pages, 1392 pixels wide", png(Look{Dark, Standard}, 1392)},
		{"social.png", "image/png", "picture of 1200 by 630 pixels", png(Look{Light, Social}, 1200)},
		{"square.png", "image/png", "picture of 1080 by 1080 pixels", png(Look{Light, Square}, 1080)},
	}
}

// drawing is a chart in the making: what several of its files are made from is made
// once. It is safe for use by several goroutines.
type drawing struct {
	*Chart
	renderer *render.Renderer
	mu       sync.Mutex
	pictures map[Look]func() ([]byte, error)
}

func (c *Chart) drawing(r *render.Renderer) *drawing {
	return &drawing{Chart: c, renderer: r, pictures: map[Look]func() ([]byte, error){}}
}

func (d *drawing) svg(ctx context.Context, look Look) ([]byte, error) {
	d.mu.Lock()
	picture, ok := d.pictures[look]
	if !ok {
		picture = sync.OnceValues(func() ([]byte, error) {
			spec, err := d.Spec(look, d.renderer.Fonts())
			if err != nil {
				return nil, err
			}
			picture, err := d.renderer.SVG(ctx, spec)
			if err != nil {
				return nil, fmt.Errorf("chart %s: %w", d.ID, err)
			}
			return picture, nil
		})
		d.pictures[look] = picture
	}
	d.mu.Unlock()
	return picture()
}

func spec(look Look) func(context.Context, *drawing) ([]byte, error) {
	return func(_ context.Context, d *drawing) ([]byte, error) { return d.Spec(look, d.renderer.Fonts()) }
}

func svg(look Look) func(context.Context, *drawing) ([]byte, error) {
	return func(ctx context.Context, d *drawing) ([]byte, error) { return d.svg(ctx, look) }
}

func outlined(look Look) func(context.Context, *drawing) ([]byte, error) {
	return func(ctx context.Context, d *drawing) ([]byte, error) {
		picture, err := d.svg(ctx, look)
		if err != nil {
			return nil, err
		}
		return d.renderer.Outlined(ctx, picture)
	}
}

func png(look Look, width int) func(context.Context, *drawing) ([]byte, error) {
	return func(ctx context.Context, d *drawing) ([]byte, error) {
		picture, err := d.svg(ctx, look)
		if err != nil {
			return nil, err
		}
		return d.renderer.PNG(ctx, picture, width)
	}
}

// FormatOf finds the format of a file by its name: income.2x.png is a 2x.png, and
// so is anything.2x.png. A name without a known ending is an error of kind Usage.
func FormatOf(name string) (Format, error) {
	var endings []string
	found := Format{}
	for _, f := range Formats() {
		endings = append(endings, f.Ending)
		if (name == f.Ending || strings.HasSuffix(name, "."+f.Ending)) && len(f.Ending) > len(found.Ending) {
			found = f
		}
	}
	if found.Ending == "" {
		slices.Sort(endings)
		return found, fault.New(fault.Usage, "", "end it in one of "+strings.Join(endings, ", "), "%q is no file of a chart", name)
	}
	return found, nil
}

// File makes a file of a chart. The same chart gives the same bytes, from whichever
// command or address it is asked.
func (f Format) File(ctx context.Context, r *render.Renderer, c *Chart) ([]byte, error) {
	return f.make(ctx, c.drawing(r))
}

// Made is one file of a package.
type Made struct {
	Format
	Content []byte
}

// Package makes the chart's files in the given formats, each with the bytes that its
// File gives, as many at once as the renderer can.
func (c *Chart) Package(ctx context.Context, r *render.Renderer, formats []Format) ([]Made, error) {
	d := c.drawing(r)
	out, failed := make([]Made, len(formats)), make([]error, len(formats))
	var all sync.WaitGroup
	for i, f := range formats {
		all.Go(func() {
			out[i].Format = f
			out[i].Content, failed[i] = f.make(ctx, d)
		})
	}
	all.Wait()
	return out, errors.Join(failed...)
}
