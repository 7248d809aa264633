package sourcetest

import (
	"citystats/sources/source"
)

// Collector is a sink that remembers everything, in order. The zero value is ready.
type Collector struct {
	Observations []source.Observation
	Rejects      []source.Reject
	// Err, when set, is what Observe returns once After observations are in.
	Err   error
	After int

	refused int // observations offered after Err was returned
}

// Observe remembers o or returns Err.
func (c *Collector) Observe(o *source.Observation) error {
	if c.Err != nil && len(c.Observations) == c.After {
		c.refused++
		return c.Err
	}
	c.Observations = append(c.Observations, *o)
	return nil
}

// Reject remembers r.
func (c *Collector) Reject(r source.Reject) { c.Rejects = append(c.Rejects, r) }

// Decode collects what src makes of doc.
func Decode(src source.Source, doc source.Document) (*Collector, error) {
	var c Collector
	err := src.Decode(doc, &c)
	return &c, err
}
