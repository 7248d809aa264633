//go:build duckdb_arrow

package charts

// Theme is a set of colours. Every text and every line of a theme stands out from
// its background by 4.5 to 1 at least; a test says so.
type Theme struct {
	ID         string
	Background string
	Text       string // headline, labels
	Muted      string // subtitle, axis, notes
	Grid       string // lines that nobody needs to see
	Focus      string
	Bench      string
	Context    string
	Peer       string
}

// The themes.
var (
	Light = Theme{"light", "#ffffff", "#18242d", "#55636e", "#dde3e7", "#b8430b", "#1c5a8a", "#5b4b9a", "#6b7883"}
	Dark  = Theme{"dark", "#12181d", "#f0f4f7", "#aab6c0", "#323d46", "#ffa05c", "#7cc0f5", "#c0b0ff", "#8b98a4"}
)

// colour is that of a role.
func (t Theme) colour(r Role) string {
	return map[Role]string{Focus: t.Focus, Bench: t.Bench, Context: t.Context, Peer: t.Peer}[r]
}

// Size is the frame of a picture in pixels.
type Size struct {
	ID     string
	Width  int
	Height int // 0 for as high as the chart needs
}

// The sizes. Social and square are laid out smaller than the pictures made from
// them, so that their text is larger.
var (
	Standard = Size{"standard", 696, 0}
	Social   = Size{"social", 800, 420}
	Square   = Size{"square", 720, 720}
)

// Look is how a chart is drawn.
type Look struct {
	Theme Theme
	Size  Size
}
