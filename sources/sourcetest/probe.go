package sourcetest

import (
	"testing"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// probe examines a source that can tell whether its publisher answers as
// expected: one question to a healthy publisher is understood, and what a sick
// one sends is not.
func (s Subject) probe(t *testing.T) {
	if _, ok := s.New("").(source.Prober); !ok {
		t.Fatal("the source calls a publisher and has no Probe: citystats doctor cannot tell a changed interface from a publisher who is away")
	}
	p := s.publisher(t, s.Upstream)
	src := s.New(p.URL)
	if err := src.(source.Prober).Probe(t.Context(), p.client(src)); err != nil {
		t.Errorf("Probe of a healthy publisher: %v", err)
	}
	for _, sick := range sicknesses {
		p := s.publisher(t, answers(s.Upstream, sick.answer))
		src := s.New(p.URL)
		if err := src.(source.Prober).Probe(t.Context(), p.client(src)); fault.KindOf(err) != fault.Upstream {
			t.Errorf("Probe of a publisher who answers with %s returns %v, want an error of kind Upstream", sick.name, err)
		}
	}
}
