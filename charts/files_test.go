//go:build duckdb_arrow

package charts_test

import (
	"bytes"
	"encoding/json"
	"image"
	"testing"

	"github.com/xuri/excelize/v2"

	"citystats/charts"
)

// TestSameChartSameBytes makes every file of a few charts, alone and in a package, of
// charts that were resolved anew.
func TestSameChartSameBytes(t *testing.T) {
	for _, id := range []string{"income", "claim"} {
		first, err := resolved(t, id, "340100", charts.Both).Package(t.Context(), drawer, charts.Formats())
		if err != nil {
			t.Fatal(err)
		}
		again := resolved(t, id, "340100", charts.Both)
		for i, f := range charts.Formats() {
			alone, err := f.File(t.Context(), drawer, again)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first[i].Content, alone) || first[i].Ending != f.Ending {
				t.Errorf("%s.%s: made again it has other bytes (%d and %d)", id, f.Ending, len(first[i].Content), len(alone))
			}
		}
	}
}

func TestSizesOfPictures(t *testing.T) {
	c := resolved(t, "growth", "340100", charts.English)
	for ending, want := range map[string]image.Point{"social.png": {1200, 630}, "square.png": {1080, 1080}} {
		f, err := charts.FormatOf("growth." + ending)
		if err != nil {
			t.Fatal(err)
		}
		png, err := f.File(t.Context(), drawer, c)
		if err != nil {
			t.Fatal(err)
		}
		if got := decode(t, png).Bounds().Size(); got != want {
			t.Errorf("%s is %v pixels, want %v", ending, got, want)
		}
	}
}

func TestFormatOfTakesTheLongestEnding(t *testing.T) {
	for name, want := range map[string]string{"a.png": "png", "a.2x.png": "2x.png", "a.b.vl.json": "vl.json", "a.dark.vl.json": "dark.vl.json", "svg": "svg"} {
		if f, err := charts.FormatOf(name); err != nil || f.Ending != want {
			t.Errorf("%s is a %s (%v), want %s", name, f.Ending, err, want)
		}
	}
	if _, err := charts.FormatOf("a.gif"); err == nil {
		t.Error("a.gif is a file of a chart")
	}
}

// TestSpreadsheetHoldsTheTable reads the spreadsheet as a spreadsheet program would.
func TestSpreadsheetHoldsTheTable(t *testing.T) {
	c := resolved(t, "income", "340100", charts.English)
	content, err := c.Spreadsheet()
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("data")
	if err != nil {
		t.Fatal(err)
	}
	if want := len(c.Table().Rows) + 1; len(rows) != want || rows[0][2] != "hefei" || rows[17][2] != "53208" {
		t.Errorf("the spreadsheet has %d rows, want %d; the 18th is %v", len(rows), want, rows[17])
	}
	about, err := book.GetRows("about")
	if err != nil || about[0][1] != c.Headline() {
		t.Errorf("the second sheet begins with %v (%v)", about[0], err)
	}
}

func TestMetadataDescribesEveryColumn(t *testing.T) {
	c := resolved(t, "income", "340100", charts.English)
	text, err := c.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Context     []any             `json:"@context"`
		URL         string            `json:"url"`
		Title       map[string]string `json:"dc:title"`
		TableSchema struct {
			Columns []struct{ Name string }
		} `json:"tableSchema"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if m.Context[0] != "http://www.w3.org/ns/csvw" || m.URL != "income.csv" || m.Title["zh"] == "" || len(m.TableSchema.Columns) != len(c.Table().Columns) {
		t.Errorf("the metadata is %+v", m)
	}
}

// TestIndexIsADataPackage holds the index to what both versions of the standard ask.
func TestIndexIsADataPackage(t *testing.T) {
	c := resolved(t, "income", "340100", charts.English)
	made, err := c.Package(t.Context(), drawer, charts.Formats()[:5])
	if err != nil {
		t.Fatal(err)
	}
	folder := charts.NewFolder(charts.Params{Release: release, Language: charts.English})
	for _, m := range made {
		folder.Add("340100/income."+m.Ending, c, m)
	}
	text, err := folder.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Schema    string `json:"$schema"`
		Profile   string
		Resources []map[string]any
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	table := p.Resources[0]
	if p.Schema != "https://datapackage.org/profiles/2.0/datapackage.json" || p.Profile != "data-package" || len(p.Resources) != 5 ||
		table["name"] != "340100.income.csv" || table["path"] != "340100/income.csv" || table["type"] != "table" || table["profile"] != "tabular-data-resource" ||
		table["hash"] != charts.Hash(made[0].Content) {
		t.Errorf("the index is %s", text)
	}
	if p.Resources[2]["schema"] != nil || p.Resources[2]["type"] != nil {
		t.Errorf("a spreadsheet is described as a CSV: %v", p.Resources[2])
	}
}

func TestSheetHoldsEveryChart(t *testing.T) {
	all := []*charts.Chart{resolved(t, "growth", "340100", charts.English), resolved(t, "growth", "320100", charts.English), resolved(t, "growth_gap", "340100", charts.English)}
	said := 0
	sheet, err := charts.Sheet(t.Context(), drawer, all, looks[0], 2, 200, func(int, int) { said++ })
	if err != nil {
		t.Fatal(err)
	}
	if got := decode(t, sheet).Bounds(); got.Dx() != 400 || got.Dy() < 200 || said != 3 {
		t.Errorf("the sheet is %v, and progress was told %d times", got, said)
	}
}
