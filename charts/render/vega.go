package render

import (
	"context"
	"errors"
	"fmt"

	"github.com/dop251/goja"
)

// shims are what a browser has and the script engine lacks, as far as Vega calls it.
const shims = `
var globalThis = this, self = this;
var console = {log: function () {}, warn: function () {}, error: function () {}, info: function () {}, debug: function () {}};
function structuredClone(v) {
	if (v === null || typeof v !== 'object') { return v; }
	if (Array.isArray(v)) { return v.map(structuredClone); }
	if (v instanceof Date) { return new Date(v.getTime()); }
	var out = {};
	Object.keys(v).forEach(function (k) { out[k] = structuredClone(v[k]); });
	return out;
}
var waiting = [];
function setTimeout(f) { waiting.push(f); return waiting.length; }
function clearTimeout(n) { waiting[n - 1] = null; }
function draw(spec) {
	var out = {};
	vegaSVG.svg(spec).then(function (text) { out.svg = text; }, function (e) { out.error = String(e && e.message || e); });
	return out;
}
function pump() {
	var f = waiting.shift();
	if (f) { f(); }
	return waiting.length > 0;
}`

// script is a JavaScript engine with Vega in it, for one goroutine at a time.
type script struct {
	vm         *goja.Runtime
	draw, pump goja.Callable
}

func newScript(fonts *Fonts) (*script, error) {
	source, err := asset("vega.js")
	if err != nil {
		return nil, err
	}
	s := &script{vm: goja.New()}
	if err := s.vm.Set("textWidth", fonts.Width); err != nil {
		return nil, err
	}
	for _, part := range []struct{ name, text string }{{"shims.js", shims}, {"vega.js", string(source)}} {
		if _, err := s.vm.RunScript(part.name, part.text); err != nil {
			return nil, fmt.Errorf("chart engine: %w", err)
		}
	}
	var ok1, ok2 bool
	s.draw, ok1 = goja.AssertFunction(s.vm.Get("draw"))
	s.pump, ok2 = goja.AssertFunction(s.vm.Get("pump"))
	if !ok1 || !ok2 {
		return nil, errors.New("chart engine: the script does not define draw and pump")
	}
	return s, nil
}

// svg draws one specification; a done context stops it.
func (s *script) svg(ctx context.Context, spec []byte) ([]byte, error) {
	stop := context.AfterFunc(ctx, func() { s.vm.Interrupt(ctx.Err()) })
	defer func() {
		stop()
		s.vm.ClearInterrupt()
	}()
	out, err := s.draw(goja.Undefined(), s.vm.ToValue(string(spec)))
	for err == nil {
		// Promises are settled when a call returns; what asked for a timer goes on here.
		var more goja.Value
		if more, err = s.pump(goja.Undefined()); err == nil && !more.ToBoolean() {
			break
		}
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("chart engine: %w", err)
	}
	result := out.ToObject(s.vm)
	if svg := result.Get("svg"); svg != nil {
		return []byte(svg.String()), nil
	}
	if failure := result.Get("error"); failure != nil {
		return nil, fmt.Errorf("chart specification: %s", failure.String())
	}
	return nil, errors.New("chart engine: the picture was never finished")
}
