//go:build duckdb_arrow

package charts

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"citystats/charts/render"
	"citystats/internal/fault"
)

// Format is a file that a chart is offered as: its name is the chart's with this
// ending, wherever the file is asked for.
type Format struct {
	Ending    string // "csv", "2x.png"
	MediaType string
	What      string // for people
	make      func(ctx context.Context, r *render.Renderer, c *Chart) ([]byte, error)
}

// Formats are all files of a chart.
func Formats() []Format {
	return []Format{
		{"csv", "text/csv; charset=utf-8", "figures, one row a period", func(_ context.Context, _ *render.Renderer, c *Chart) ([]byte, error) { return c.CSV(false) }},
		{"metadata.json", "application/csvm+json", "what the CSV holds, as CSV on the Web", func(_ context.Context, _ *render.Renderer, c *Chart) ([]byte, error) { return c.Metadata() }},
		{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "figures and notes as a spreadsheet", func(_ context.Context, _ *render.Renderer, c *Chart) ([]byte, error) { return c.Spreadsheet() }},
		{"txt", "text/plain; charset=utf-8", "the chart in words, for who cannot see it", func(_ context.Context, _ *render.Renderer, c *Chart) ([]byte, error) {
			return []byte(c.Alt() + "\n"), nil
		}},
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

func spec(look Look) func(context.Context, *render.Renderer, *Chart) ([]byte, error) {
	return func(_ context.Context, r *render.Renderer, c *Chart) ([]byte, error) { return c.Spec(look, r.Fonts()) }
}

func svg(look Look) func(context.Context, *render.Renderer, *Chart) ([]byte, error) {
	return func(ctx context.Context, r *render.Renderer, c *Chart) ([]byte, error) {
		spec, err := c.Spec(look, r.Fonts())
		if err != nil {
			return nil, err
		}
		picture, err := r.SVG(ctx, spec)
		if err != nil {
			return nil, fmt.Errorf("chart %s: %w", c.ID, err)
		}
		return picture, nil
	}
}

func outlined(look Look) func(context.Context, *render.Renderer, *Chart) ([]byte, error) {
	return func(ctx context.Context, r *render.Renderer, c *Chart) ([]byte, error) {
		picture, err := svg(look)(ctx, r, c)
		if err != nil {
			return nil, err
		}
		return r.Outlined(ctx, picture)
	}
}

func png(look Look, width int) func(context.Context, *render.Renderer, *Chart) ([]byte, error) {
	return func(ctx context.Context, r *render.Renderer, c *Chart) ([]byte, error) {
		picture, err := svg(look)(ctx, r, c)
		if err != nil {
			return nil, err
		}
		return r.PNG(ctx, picture, width)
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
	return f.make(ctx, r, c)
}
