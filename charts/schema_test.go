//go:build duckdb_arrow

package charts_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"citystats/charts"
)

// vegaLite is the schema that the package vega-lite carries, of the very version
// that draws; web/build brings it here.
func vegaLite(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open("testdata/vega-lite-schema.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jsonschema.UnmarshalJSON(z)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	// The schema names formats, such as colours, that are Vega's own.
	if err := c.AddResource("vega-lite.json", text); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("vega-lite.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestSpecificationsAreVegaLite(t *testing.T) {
	schema := vegaLite(t)
	every(t, func(t *testing.T, c *charts.Chart) {
		for _, look := range looks {
			spec, err := c.Spec(look, drawer.Fonts())
			if err != nil {
				t.Fatal(err)
			}
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(spec))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(v); err != nil {
				t.Errorf("%s: %s", name(look), deepest(err.Error()))
			}
		}
	})
	wrong, err := jsonschema.UnmarshalJSON(strings.NewReader(`{"mark": "pie chart", "data": {"values": []}}`))
	if err != nil {
		t.Fatal(err)
	}
	if schema.Validate(wrong) == nil {
		t.Error("the schema takes a mark that there is not: it holds nothing")
	}
}

// deepest are the lines of a long complaint that say most.
func deepest(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}
