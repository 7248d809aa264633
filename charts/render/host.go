package render

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero/api"
)

type rasteriserKey struct{}

// withRasteriser lets the host's functions find the instance that calls them.
func withRasteriser(ctx context.Context, w *rasteriser) context.Context {
	return context.WithValue(ctx, rasteriserKey{}, w)
}

// host gives the module the functions it imports. Their names end in hashes that
// differ from version to version, so they are found by what stands before and by
// the number of arguments; one that is not known stops the program at its first
// picture and not in the middle.
func (m *module) host(ctx context.Context) error {
	builder := m.runtime.NewHostModuleBuilder("wbg")
	for _, f := range m.compiled.ImportedFunctions() {
		_, name, _ := f.Import()
		serve := hostFunction(name, len(f.ParamTypes()))
		if serve == nil {
			return fmt.Errorf("rasteriser: it wants the function %s, which charts/render/host.go does not have", name)
		}
		builder = builder.NewFunctionBuilder().WithGoFunction(api.GoFunc(func(ctx context.Context, stack []uint64) {
			w, _ := ctx.Value(rasteriserKey{}).(*rasteriser)
			serve(w, ctx, stack)
		}), f.ParamTypes(), f.ResultTypes()).Export(name)
	}
	_, err := builder.Instantiate(ctx)
	return err
}

// hostFunction is the function of that name. Arguments are on the stack, and the
// result replaces the first.
func hostFunction(name string, arity int) func(w *rasteriser, ctx context.Context, stack []uint64) {
	const hash = 16
	if cut := len(name) - hash - 1; strings.HasPrefix(name, "__wbg_") && cut > 0 && name[cut] == '_' {
		name = name[:cut]
	}
	return hostFunctions[fmt.Sprintf("%s/%d", name, arity)]
}

func handle(stack []uint64, i int) uint32 { return api.DecodeU32(stack[i]) }

func flag(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

var hostFunctions = map[string]func(w *rasteriser, ctx context.Context, stack []uint64){
	"__wbg_new/2": func(w *rasteriser, _ context.Context, stack []uint64) {
		stack[0] = uint64(w.keep(fmt.Errorf("%s", w.bytes(handle(stack, 0), handle(stack, 1)))))
	},
	"__wbg_new/1": func(w *rasteriser, _ context.Context, stack []uint64) {
		from := w.objects[handle(stack, 0)]
		if _, whole := from.(memory); whole {
			stack[0] = uint64(w.keep(from))
			return
		}
		stack[0] = uint64(w.keep(w.copied(from)))
	},
	"__wbg_new/0":         func(w *rasteriser, _ context.Context, stack []uint64) { stack[0] = uint64(w.keep(&array{})) },
	"__wbindgen_memory/0": func(w *rasteriser, _ context.Context, stack []uint64) { stack[0] = uint64(w.keep(memory{})) },
	"__wbg_buffer/1":      func(w *rasteriser, _ context.Context, stack []uint64) { stack[0] = uint64(w.keep(memory{})) },
	"__wbg_newwithbyteoffsetandlength/3": func(w *rasteriser, _ context.Context, stack []uint64) {
		stack[0] = uint64(w.keep(view{handle(stack, 1), handle(stack, 2)}))
	},
	"__wbindgen_object_drop_ref/1": func(w *rasteriser, _ context.Context, stack []uint64) { w.drop(handle(stack, 0)) },
	"__wbg_values/1": func(w *rasteriser, _ context.Context, stack []uint64) {
		a, _ := w.objects[handle(stack, 0)].(*array)
		stack[0] = uint64(w.keep(&cursor{a.items}))
	},
	"__wbg_next/1": func(w *rasteriser, _ context.Context, stack []uint64) {
		c, _ := w.objects[handle(stack, 0)].(*cursor)
		s := step{done: len(c.rest) == 0}
		if !s.done {
			s.value, c.rest = c.rest[0], c.rest[1:]
		}
		stack[0] = uint64(w.keep(s))
	},
	"__wbg_done/1": func(w *rasteriser, _ context.Context, stack []uint64) {
		s, _ := w.objects[handle(stack, 0)].(step)
		stack[0] = flag(s.done)
	},
	"__wbg_value/1": func(w *rasteriser, _ context.Context, stack []uint64) {
		s, _ := w.objects[handle(stack, 0)].(step)
		stack[0] = uint64(w.keep(s.value))
	},
	"__wbg_instanceof_Uint8Array/1": func(w *rasteriser, _ context.Context, stack []uint64) {
		_, is := w.objects[handle(stack, 0)].([]byte)
		stack[0] = flag(is)
	},
	"__wbindgen_string_get/2": func(w *rasteriser, ctx context.Context, stack []uint64) {
		out, s, is := handle(stack, 0), "", false
		var pointer, size uint64
		if s, is = w.objects[handle(stack, 1)].(string); is {
			var err error
			if pointer, size, err = w.text(ctx, s); err != nil {
				panic(err)
			}
		}
		words := w.bytes(out, 8)
		binary.LittleEndian.PutUint32(words, api.DecodeU32(pointer))
		binary.LittleEndian.PutUint32(words[4:], api.DecodeU32(size))
	},
	"__wbindgen_string_new/2": func(w *rasteriser, _ context.Context, stack []uint64) {
		stack[0] = uint64(w.keep(string(w.bytes(handle(stack, 0), handle(stack, 1)))))
	},
	"__wbg_push/2": func(w *rasteriser, _ context.Context, stack []uint64) {
		a, _ := w.objects[handle(stack, 0)].(*array)
		a.items = append(a.items, w.objects[handle(stack, 1)])
		stack[0] = uint64(len(a.items))
	},
	"__wbg_length/1": func(w *rasteriser, _ context.Context, stack []uint64) {
		stack[0] = uint64(len(w.copied(w.objects[handle(stack, 0)])))
	},
	"__wbg_set/3": func(w *rasteriser, _ context.Context, stack []uint64) {
		if _, whole := w.objects[handle(stack, 0)].(memory); !whole {
			panic(fmt.Errorf("rasteriser: it writes into a %T", w.objects[handle(stack, 0)]))
		}
		if !w.mod.Memory().Write(handle(stack, 2), w.copied(w.objects[handle(stack, 1)])) {
			panic(errors.New("rasteriser: its memory is too small"))
		}
	},
	"__wbindgen_throw/2": func(w *rasteriser, _ context.Context, stack []uint64) {
		panic(fmt.Errorf("rasteriser: %s", w.bytes(handle(stack, 0), handle(stack, 1))))
	},
}
