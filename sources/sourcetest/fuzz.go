package sourcetest

import (
	"testing"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// Fuzz throws bytes at Decode, starting from the bodies of seeds; everything
// else of a document stays as the seed has it. Whatever the bytes, Decode must
// not panic, must do the same twice, yield only well-formed observations, and
// give errors of kind Upstream.
func Fuzz(f *testing.F, src source.Source, seeds ...source.Document) {
	f.Helper()
	for i, d := range seeds {
		f.Add(uint8(i), d.Body)
	}
	f.Fuzz(func(t *testing.T, seed uint8, body []byte) {
		d := seeds[int(seed)%len(seeds)]
		d.Body = body
		if _, err := steady(t, src, d); err != nil {
			wantKind(t, err, fault.Upstream)
		}
	})
}
