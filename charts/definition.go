//go:build duckdb_arrow

package charts

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"citystats/data"
	"citystats/internal/fault"
)

// File is where the charts are defined, inside the data folder.
const File = "charts.yaml"

// Kind is what a chart looks like.
type Kind string

// The kinds.
const (
	Lines     Kind = "lines"     // a region's series over time, with a benchmark and peers
	Gaps      Kind = "gaps"      // bars of the region less the benchmark, period by period
	Ranking   Kind = "ranking"   // one period, every member of a pool
	Multiples Kind = "multiples" // a small chart for each member of a pool
	Revisions Kind = "revisions" // what was said about one figure, by date
	Claims    Kind = "claims"    // the figure of every reading of a claim, beside the claim's number
)

// Text is a text in both languages.
type Text struct {
	EN string `yaml:"en"`
	ZH string `yaml:"zh"`
}

// In is the text in the language, or in both, one after the other.
func (t Text) In(l Language) string {
	switch l {
	case Chinese:
		return t.ZH
	case Both:
		if t.EN == t.ZH || t.ZH == "" {
			return t.EN
		}
		return t.EN + " " + t.ZH
	default:
		return t.EN
	}
}

// Language is the language of a picture.
type Language string

// The languages.
const (
	English Language = "en"
	Chinese Language = "zh"
	Both    Language = "both" // English, and Chinese after it
)

// Marker is an event that a chart of its region shows.
type Marker struct {
	Event string `yaml:"event"` // key of events
	Label Text   `yaml:"label"` // a word or two
}

// Definition is one entry of charts.yaml: what is drawn, of any region.
type Definition struct {
	ID        string `yaml:"id"`
	Kind      Kind   `yaml:"kind"`
	Region    string `yaml:"region"`    // region drawn unless another is asked for; key of regions
	Indicator string `yaml:"indicator"` // key of indicators; none for claims
	Claim     string `yaml:"claim"`     // claims: key of claims; its region is the chart's
	Benchmark string `yaml:"benchmark"` // key of benchmarks; empty for none
	Context   string `yaml:"context"`   // benchmark whose other measure is shown, labelled as such; empty for none
	Pool      string `yaml:"pool"`      // benchmark whose members are peers, ranked, or a panel each; empty for none
	From      int    `yaml:"from"`      // first year drawn; 0 for all
	Period    string `yaml:"period"`    // ranking: the period, empty for the latest with enough members; revisions: the period, empty for the one stated in most ways
	Log       bool   `yaml:"log"`
	Unit      Text   `yaml:"unit"`  // units that readers of each language expect; keys of units; empty for the indicator's
	Index     int    `yaml:"index"` // base year that is 100; 0 for the values themselves
	Title     Text   `yaml:"title"`
	// Headlines say what the data say, so there is one for each way it may turn
	// out: ahead, behind and level of the benchmark in the last common period; lone
	// when there is none. {region}, {benchmark}, {period}, {value}, {gap}, {unit},
	// {rank}, {members}, {first}, {last} and {revisions} are filled in from the data;
	// with an index {base}, {rise} and {benchmark_rise}, percent since the base; with
	// a claim {sentence} and {verdict}.
	Headlines struct {
		Ahead  Text `yaml:"ahead"`
		Behind Text `yaml:"behind"`
		Level  Text `yaml:"level"`
		Lone   Text `yaml:"lone"`
	} `yaml:"headlines"`
	Note      Text     `yaml:"note"`       // a caveat that always belongs to the chart
	Markers   []Marker `yaml:"markers"`    // events
	NotBefore string   `yaml:"not_before"` // embargo: nothing of the chart is visible before this moment, RFC 3339
}

// Embargoed says whether the chart must not be seen yet. The check has seen that
// the moment can be read.
func (d Definition) Embargoed(now time.Time) bool {
	at, err := time.Parse(time.RFC3339, d.NotBefore)
	return err == nil && now.Before(at)
}

// Load reads and checks charts.yaml. Its error lists all mistakes, each of kind
// Definition with file, line and column.
func Load(c *data.Catalog) ([]Definition, error) {
	text, err := fs.ReadFile(c.Files, File)
	if err != nil {
		return nil, fault.Wrap(fault.Definition, err, "data/"+File, "restore the file", "the charts cannot be read")
	}
	var file struct {
		Charts []Definition `yaml:"charts"`
	}
	if err := unmarshal(text, &file); err != nil {
		return nil, yamlError(err)
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, yamlError(err)
	}
	k := checker{catalog: c, tree: tree}
	for i := range file.Charts {
		k.check(i, file.Charts)
	}
	return file.Charts, errors.Join(k.problems...)
}

// unmarshal reads YAML. The reader panics on some malformed tags.
func unmarshal(text []byte, into any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("this is not YAML that can be read (%v)", p)
		}
	}()
	return yaml.UnmarshalWithOptions(text, into, yaml.Strict())
}

func yamlError(err error) error {
	where, what := "data/"+File, err.Error()
	var e yaml.Error
	if errors.As(err, &e) {
		what = e.GetMessage()
		if tok := e.GetToken(); tok != nil && tok.Position != nil {
			where = fmt.Sprintf("data/%s:%d:%d", File, tok.Position.Line, tok.Position.Column)
		}
	}
	return fault.New(fault.Definition, where, "compare it with the entries that are there", "%s", what)
}

// checker looks for what is wrong with charts that are well-formed YAML.
type checker struct {
	catalog  *data.Catalog
	tree     *ast.File
	problems []error
}

func (k *checker) bad(i int, key, hint, format string, args ...any) {
	where := "data/" + File
	for _, path := range []string{fmt.Sprintf("$.charts[%d].%s", i, key), fmt.Sprintf("$.charts[%d]", i)} {
		p, err := yaml.PathString(path)
		if err != nil {
			continue
		}
		if node, err := p.FilterFile(k.tree); err == nil && node != nil && node.GetToken() != nil {
			at := node.GetToken().Position
			where = fmt.Sprintf("data/%s:%d:%d", File, at.Line, at.Column)
			break
		}
	}
	k.problems = append(k.problems, fault.New(fault.Definition, where, hint, format, args...))
}

func (k *checker) check(i int, all []Definition) {
	d := all[i]
	if !slices.Contains([]Kind{Lines, Gaps, Ranking, Multiples, Revisions, Claims}, d.Kind) {
		k.bad(i, "kind", "write lines, gaps, ranking, multiples, revisions or claims", "chart %q has the kind %q", d.ID, d.Kind)
	}
	if !fileName.MatchString(d.ID) || slices.ContainsFunc(all[:i], func(o Definition) bool { return o.ID == d.ID }) {
		k.bad(i, "id", "give each chart an id of its own, of lower-case letters, digits and underscores", "the id %q is no such id or taken", d.ID)
	}
	k.known(i, "region", d.Region, true, func(v string) bool {
		return slices.ContainsFunc(k.catalog.Regions, func(r data.Region) bool { return r.Code == v })
	})
	k.subject(i, d)
	isBenchmark := func(v string) bool {
		return slices.ContainsFunc(k.catalog.Benchmarks, func(r data.Benchmark) bool { return r.ID == v })
	}
	k.known(i, "benchmark", d.Benchmark, d.Kind == Gaps, isBenchmark)
	k.known(i, "context", d.Context, false, isBenchmark)
	k.known(i, "pool", d.Pool, d.Kind == Ranking || d.Kind == Multiples, isBenchmark)
	k.scale(i, d)
	k.known(i, "not_before", d.NotBefore, false, func(v string) bool {
		_, err := time.Parse(time.RFC3339, v)
		return err == nil
	})
	if d.Title.EN == "" || d.Title.ZH == "" {
		k.bad(i, "title", "write title: {en: ..., zh: ...}", "chart %q has no title in both languages", d.ID)
	}
	k.words(i, d)
}

// places are those of a headline that are filled in from the data.
var places = map[string]bool{
	"region": true, "benchmark": true, "period": true, "value": true, "gap": true, "unit": true, "rank": true, "members": true, "first": true,
	"last": true, "revisions": true, "base": true, "rise": true, "benchmark_rise": true, "sentence": true, "verdict": true,
}

var placeIn = regexp.MustCompile(`\{([^}]*)\}`)

// words checks that each headline is there in both languages or in none, and that
// all its places can be filled.
func (k *checker) words(i int, d Definition) {
	for _, h := range []struct {
		name string
		Text
	}{{"ahead", d.Headlines.Ahead}, {"behind", d.Headlines.Behind}, {"level", d.Headlines.Level}, {"lone", d.Headlines.Lone}} {
		name, text := h.name, h.Text
		if (text.EN == "") != (text.ZH == "") || name == "lone" && text.EN == "" {
			k.bad(i, "headlines."+name, "write "+name+": {en: ..., zh: ...}", "chart %q has no headline %s in both languages", d.ID, name)
		}
		for _, found := range placeIn.FindAllStringSubmatch(text.EN+text.ZH, -1) {
			if !places[found[1]] {
				k.bad(i, "headlines."+name, "see the comment in charts/definition.go", "the headline %s of chart %q has a place {%s} that nothing fills", name, d.ID, found[1])
			}
		}
	}
}

// fileName is what a chart may be called: its files and addresses have that name.
var fileName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// subject checks what the chart is about: an indicator, or a claim and its region.
func (k *checker) subject(i int, d Definition) {
	if d.Kind != Claims {
		k.known(i, "indicator", d.Indicator, true, func(v string) bool { return k.indicator(v) != nil })
		k.known(i, "claim", d.Claim, false, func(string) bool { return false })
		return
	}
	claim, found := k.catalog.Claims.Find(d.Claim)
	k.known(i, "indicator", d.Indicator, false, func(string) bool { return false })
	k.known(i, "claim", d.Claim, true, func(string) bool { return found })
	if found && d.Region != claim.Region {
		k.bad(i, "region", "write "+claim.Region, "the claim %q is of another region than %q", d.Claim, d.Region)
	}
}

// scale checks unit, index and logarithm against what the figures are: rates and
// shares have no index, and what may be negative no logarithm.
func (k *checker) scale(i int, d Definition) {
	stored := ""
	if claim, ok := k.catalog.Claims.Find(d.Claim); ok {
		stored = claim.Unit
	}
	indicator := k.indicator(d.Indicator)
	if indicator != nil {
		stored = indicator.Unit
	}
	for _, unit := range []string{d.Unit.EN, d.Unit.ZH} {
		k.known(i, "unit", unit, false, func(v string) bool {
			u, ok := k.catalog.Units[v]
			return ok && k.catalog.Units[stored].Measure == u.Measure
		})
	}
	overTime := d.Kind == Lines || d.Kind == Multiples
	if d.Index != 0 && (!overTime || indicator != nil && indicator.Measure != "level" && indicator.Measure != "ratio") {
		k.bad(i, "index", "leave it out", "only lines of amounts can be restated with a year as 100")
	}
	if d.Log && (!overTime || indicator != nil && indicator.Measure != "level" && indicator.Measure != "ratio") {
		k.bad(i, "log", "leave it out", "only lines of amounts have a logarithmic scale")
	}
}

func (k *checker) indicator(id string) *data.Indicator {
	i := slices.IndexFunc(k.catalog.Indicators, func(r data.Indicator) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &k.catalog.Indicators[i]
}

// known holds a cell against what the definitions hold.
func (k *checker) known(i int, key, value string, required bool, is func(string) bool) {
	switch {
	case value == "" && required:
		k.bad(i, key, "name one", "the chart has no %s", key)
	case value != "" && !is(value):
		k.bad(i, key, "name one that the definitions hold", "there is no %s %q", key, value)
	}
}
