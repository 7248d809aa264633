// Package render turns a Vega-Lite specification into pictures, without a browser,
// a font of the machine or a program beside this one.
//
//	specification --vega in goja--> SVG with live text --resvg in wazero--> PNG, or SVG of outlines
//
// All three parts are third parties' and embedded: assets/ is made by web/build and
// says whose they are. One family of fonts holds Latin and Chinese; text is measured
// with the very glyphs that are drawn, so that a picture looks alike in the SVG, the
// PNG and on every machine. The same specification gives the same bytes.
//
// Both engines are single-threaded, so a Renderer keeps as many of each as it may
// use at once and makes them when first wanted: a script engine takes some 0.3
// seconds to start, and the rasteriser some 3 seconds to compile unless a cache
// folder holds what an earlier process compiled.
package render

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
)

//go:embed assets
var assets embed.FS

// Licences are the texts of the licences of the embedded parts.
func Licences() string {
	text, err := assets.ReadFile("assets/LICENCES.txt")
	if err != nil {
		panic(err) // it is embedded
	}
	return string(text)
}

// Renderer makes pictures. It is safe for use by several goroutines.
type Renderer struct {
	fonts *Fonts
	vega  pool[*script]
	resvg pool[*rasteriser]
	wasm  *module
}

// New readies a renderer that makes up to parallel pictures at once. cacheDir
// keeps the compiled rasteriser between processes; empty keeps nothing.
func New(parallel int, cacheDir string) (*Renderer, error) {
	fonts, err := LoadFonts()
	if err != nil {
		return nil, err
	}
	r := &Renderer{fonts: fonts, wasm: &module{cacheDir: cacheDir}}
	r.vega = newPool(parallel, func(context.Context) (*script, error) { return newScript(fonts) })
	r.resvg = newPool(parallel, func(ctx context.Context) (*rasteriser, error) { return r.wasm.instance(ctx, fonts) })
	return r, nil
}

// Fonts are those that text is measured and drawn with.
func (r *Renderer) Fonts() *Fonts { return r.fonts }

// SVG draws a Vega-Lite specification, with text as text. What Vega warns about is
// an error: a picture that is not what its specification says is none.
func (r *Renderer) SVG(ctx context.Context, spec []byte) ([]byte, error) {
	s, err := r.vega.take(ctx)
	if err != nil {
		return nil, err
	}
	defer r.vega.give(s)
	return s.svg(ctx, spec)
}

// Outlined draws the text of an SVG as outlines, for where no font can be relied on.
func (r *Renderer) Outlined(ctx context.Context, svg []byte) ([]byte, error) {
	return r.rasterise(ctx, func(w *rasteriser) ([]byte, error) { return w.outlined(ctx, svg) })
}

// PNG draws an SVG as a picture that is width pixels wide.
func (r *Renderer) PNG(ctx context.Context, svg []byte, width int) ([]byte, error) {
	return r.rasterise(ctx, func(w *rasteriser) ([]byte, error) { return w.png(ctx, svg, width) })
}

func (r *Renderer) rasterise(ctx context.Context, draw func(*rasteriser) ([]byte, error)) ([]byte, error) {
	w, err := r.resvg.take(ctx)
	if err != nil {
		return nil, err
	}
	out, err := draw(w)
	if err != nil {
		// An instance that has failed may be in any state.
		r.resvg.drop()
		return nil, errors.Join(err, w.close(ctx))
	}
	r.resvg.give(w)
	return out, nil
}

// Close frees the engines.
func (r *Renderer) Close(ctx context.Context) error { return r.wasm.close(ctx) }

// pool lends out up to a number of engines and makes them when needed.
type pool[E any] struct {
	idle    chan E
	permits chan struct{}
	fresh   func(context.Context) (E, error)
}

func newPool[E any](size int, fresh func(context.Context) (E, error)) pool[E] {
	p := pool[E]{make(chan E, size), make(chan struct{}, size), fresh}
	for range size {
		p.permits <- struct{}{}
	}
	return p
}

// take waits for an engine.
func (p pool[E]) take(ctx context.Context) (engine E, err error) {
	select {
	case engine = <-p.idle: // rather than making one
		return engine, nil
	default:
	}
	select {
	case engine = <-p.idle:
		return engine, nil
	case <-p.permits:
		if engine, err = p.fresh(ctx); err != nil {
			p.drop()
		}
		return engine, err
	case <-ctx.Done():
		return engine, ctx.Err()
	}
}

func (p pool[E]) give(engine E) { p.idle <- engine }

// drop allows another engine in place of one that is not given back.
func (p pool[E]) drop() { p.permits <- struct{}{} }

// asset is an embedded file, decompressed.
func asset(name string) ([]byte, error) {
	packed, err := assets.ReadFile("assets/" + name + ".gz")
	if err != nil {
		return nil, fmt.Errorf("embedded file %s: %w", name, err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("embedded file %s: %w", name, err)
	}
	return io.ReadAll(z)
}
