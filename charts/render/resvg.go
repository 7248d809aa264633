package render

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// module is the compiled rasteriser, shared by its instances.
type module struct {
	cacheDir string

	once     sync.Once
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	err      error
}

func (m *module) compile(ctx context.Context) error {
	m.once.Do(func() {
		// A module that can be stopped halfway asks whether to go on at each step, and
		// takes twice as long; a picture takes a tenth of a second.
		config := wazero.NewRuntimeConfig()
		if m.cacheDir != "" {
			cache, err := wazero.NewCompilationCacheWithDir(m.cacheDir)
			if err != nil {
				m.err = fmt.Errorf("cache of the rasteriser: %w", err)
				return
			}
			config = config.WithCompilationCache(cache)
		}
		code, err := asset("resvg.wasm")
		if err != nil {
			m.err = err
			return
		}
		m.runtime = wazero.NewRuntimeWithConfig(ctx, config)
		if m.compiled, m.err = m.runtime.CompileModule(ctx, code); m.err != nil {
			return
		}
		m.err = m.host(ctx)
	})
	return m.err
}

func (m *module) close(ctx context.Context) error {
	if m.runtime == nil {
		return nil
	}
	return m.runtime.Close(ctx)
}

// instance starts one rasteriser.
func (m *module) instance(ctx context.Context, fonts *Fonts) (*rasteriser, error) {
	// What is compiled or started for one caller serves later ones too.
	ctx = context.WithoutCancel(ctx)
	if err := m.compile(ctx); err != nil {
		return nil, err
	}
	w := &rasteriser{fonts: fonts, objects: map[uint32]any{}}
	mod, err := m.runtime.InstantiateModule(withRasteriser(ctx, w), m.compiled, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, fmt.Errorf("rasteriser: %w", err)
	}
	w.mod = mod
	return w, nil
}

// rasteriser is one instance. The module was made by wasm-bindgen for a JavaScript
// host: values that are no numbers are handed over as handles of objects that the
// host keeps.
type rasteriser struct {
	fonts   *Fonts
	mod     api.Module
	objects map[uint32]any
	next    uint32
}

// The objects a host keeps, beside []byte, string and error.
type (
	memory struct{}                      // the module's memory, or its buffer
	view   struct{ offset, size uint32 } // a part of it
	array  struct{ items []any }
	cursor struct{ rest []any } // an iterator over an array
	step   struct {             // what an iterator gives
		value any
		done  bool
	}
)

// firstHandle keeps clear of the handles that stand for undefined, null, true and false.
const firstHandle = 132

func (w *rasteriser) keep(v any) uint32 {
	w.next++
	h := firstHandle + w.next
	w.objects[h] = v
	return h
}

func (w *rasteriser) drop(h uint32) any {
	v := w.objects[h]
	delete(w.objects, h)
	return v
}

func (w *rasteriser) bytes(offset, size uint32) []byte {
	b, ok := w.mod.Memory().Read(offset, size)
	if !ok {
		panic(fmt.Errorf("rasteriser: bytes %d to %d are outside its memory", offset, offset+size))
	}
	return b
}

// copied is what a handle's bytes are.
func (w *rasteriser) copied(v any) []byte {
	switch x := v.(type) {
	case []byte:
		return x
	case view:
		return append([]byte(nil), w.bytes(x.offset, x.size)...)
	default:
		panic(fmt.Errorf("rasteriser: a %T is not bytes", v))
	}
}

func (w *rasteriser) call(ctx context.Context, name string, args ...uint64) (uint64, error) {
	f := w.mod.ExportedFunction(name)
	if f == nil {
		return 0, fmt.Errorf("rasteriser: it exports no %s", name)
	}
	out, err := f.Call(withRasteriser(ctx, w), args...)
	if err != nil {
		return 0, fmt.Errorf("rasteriser: %s: %w", name, err)
	}
	if len(out) == 0 {
		return 0, nil
	}
	return out[0], nil
}

// returned calls a function that writes three words: a result, or an error and a
// flag.
func (w *rasteriser) returned(ctx context.Context, name string, args ...uint64) ([3]uint32, error) {
	var words [3]uint32
	pointer, err := w.call(ctx, "__wbindgen_add_to_stack_pointer", api.EncodeI32(-16))
	if err != nil {
		return words, err
	}
	_, err = w.call(ctx, name, append([]uint64{pointer}, args...)...)
	if err == nil {
		raw := w.bytes(api.DecodeU32(pointer), 12)
		for i := range words {
			words[i] = binary.LittleEndian.Uint32(raw[4*i:])
		}
	}
	_, back := w.call(ctx, "__wbindgen_add_to_stack_pointer", 16)
	return words, errors.Join(err, back)
}

// text puts a string into the module's memory.
func (w *rasteriser) text(ctx context.Context, s string) (pointer, size uint64, err error) {
	if pointer, err = w.call(ctx, "__wbindgen_malloc", uint64(len(s)), 1); err != nil {
		return 0, 0, err
	}
	if !w.mod.Memory().WriteString(api.DecodeU32(pointer), s) {
		return 0, 0, errors.New("rasteriser: its memory is too small")
	}
	return pointer, uint64(len(s)), nil
}

// open reads an SVG, unless nobody waits for it any more.
func (w *rasteriser) open(ctx context.Context, svg []byte, options string) (uint32, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	pointer, size, err := w.text(ctx, options)
	if err != nil {
		return 0, err
	}
	fonts := &array{}
	for _, f := range w.fonts.files {
		fonts.items = append(fonts.items, f)
	}
	words, err := w.returned(ctx, "resvg_new", uint64(w.keep(string(svg))), pointer, size, uint64(w.keep(fonts)))
	if err == nil && words[2] != 0 {
		err = fmt.Errorf("rasteriser: the SVG cannot be read: %v", w.drop(words[1]))
	}
	return words[0], err
}

const options = `{"font":{"loadSystemFonts":false,"defaultFontFamily":"` + Family + `"},"textRendering":1%s}`

// png draws the SVG. The module could write the file as well, but takes three times
// as long for it as Go.
func (w *rasteriser) png(ctx context.Context, svg []byte, width int) ([]byte, error) {
	opened, err := w.open(ctx, svg, fmt.Sprintf(options, fmt.Sprintf(`,"fitTo":{"mode":"width","value":%d}`, width)))
	if err != nil {
		return nil, err
	}
	words, err := w.returned(ctx, "resvg_render", uint64(opened))
	if err == nil && words[2] != 0 {
		err = fmt.Errorf("rasteriser: the SVG cannot be drawn: %v", w.drop(words[1]))
	}
	if err != nil {
		return nil, err
	}
	drawn := uint64(words[0])
	height, err1 := w.call(ctx, "renderedimage_height", drawn)
	pixels, err2 := w.call(ctx, "renderedimage_pixels", drawn)
	_, err3 := w.call(ctx, "__wbg_renderedimage_free", drawn)
	_, err4 := w.call(ctx, "__wbg_resvg_free", uint64(opened))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	img := &image.RGBA{Stride: 4 * width, Rect: image.Rect(0, 0, width, int(api.DecodeU32(height)))}
	if img.Pix, _ = w.drop(api.DecodeU32(pixels)).([]byte); len(img.Pix) != img.Stride*img.Rect.Dy() {
		return nil, fmt.Errorf("rasteriser: %d bytes are no picture of %v", len(img.Pix), img.Rect)
	}
	var out bytes.Buffer
	err = png.Encode(&out, img)
	return out.Bytes(), err
}

func (w *rasteriser) outlined(ctx context.Context, svg []byte) ([]byte, error) {
	image, err := w.open(ctx, svg, fmt.Sprintf(options, ""))
	if err != nil {
		return nil, err
	}
	words, err := w.returned(ctx, "resvg_toString", uint64(image))
	if err != nil {
		return nil, err
	}
	out := append([]byte(nil), w.bytes(words[0], words[1])...)
	_, err1 := w.call(ctx, "__wbindgen_free", uint64(words[0]), uint64(words[1]), 1)
	_, err2 := w.call(ctx, "__wbg_resvg_free", uint64(image))
	return out, errors.Join(err1, err2)
}

func (w *rasteriser) close(ctx context.Context) error { return w.mod.Close(ctx) }
