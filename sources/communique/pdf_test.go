package communique_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"citystats/internal/fault"
	"citystats/sources/communique"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// pdf makes a file with a page for each list of lines, in a font that readers bring
// along, as word processors for Chinese do.
func pdf(pages ...[]string) []byte {
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>", "",
		"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UTF16-H/DescendantFonts[4 0 R]>>",
		"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/FontDescriptor 5 0 R/DW 1000>>",
		"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80>>",
	}
	var kids []string
	for _, lines := range pages {
		n := len(objects) + 1
		kids = append(kids, fmt.Sprintf("%d 0 R", n))
		var text strings.Builder
		text.WriteString("BT /F1 12 Tf 50 780 Td 16 TL\n")
		for _, line := range lines {
			text.WriteString("<")
			for _, u := range utf16.Encode([]rune(line)) {
				fmt.Fprintf(&text, "%04x", u)
			}
			text.WriteString("> Tj T*\n")
		}
		text.WriteString("ET")
		objects = append(objects,
			fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>", n+1),
			fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", text.Len(), text.String()))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", strings.Join(kids, " "), len(pages))
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n")
	var table strings.Builder
	for i, o := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	end := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table.String(), len(objects)+1, end)
	return out.Bytes()
}

// hefei2025 is a communiqué of two pages with a sentence that runs over a line and
// over the page.
func hefei2025() source.Document {
	return source.Document{Source: communique.ID, Name: "import/hefei2025.pdf", Title: "hefei2025.pdf", Publisher: "web_reprint", Body: pdf(
		[]string{
			"合肥市2025年国民经济和社会发展统计公报", "一、综合", "全市生产总值14210亿元，按不变价格计", "算，比上年增长6.1%。", "二、工业", "规模以上工业增加值增长17.6%，战略性新兴产业产值比上年增长", "- 1 -",
		},
		[]string{"16.6%，占规上工业比重60.4%。", "三、人民生活", "全年居民人均可支配收入58930元，增长5.5%。", "地区生产总值 14210", "2025 6.1"},
	)}
}

func TestPDF(t *testing.T) {
	src := shipped(t)
	c, err := sourcetest.Decode(src, hefei2025())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range c.Observations {
		o := &c.Observations[i]
		got = append(got, src.Place(o.Record)+": "+told(o))
	}
	want := []string{
		"page 1, sentence 3, figure 1: 340100 gdp 2025 14210 cny_100m about",
		"page 1, sentence 3, figure 2: 340100 gdp_growth_real 2025 6.1 percent",
		"page 1, sentence 5, figure 1: 340100 industrial_value_added_growth 2025 17.6 percent",
		"page 1, sentence 5, figure 2: 340100 sei_output_growth 2025 16.6 percent",
		"page 1, sentence 5, figure 3: 340100 sei_output_share 2025 60.4 percent",
		"page 2, sentence 7, figure 1: 340100 disposable_income_all 2025 58930 cny",
		"page 2, sentence 7, figure 2: 340100 disposable_income_all_growth_nominal 2025 5.5 percent",
	}
	if !slices.Equal(got, want) || len(c.Rejects) > 0 {
		t.Errorf("got\n%s\nwant\n%s\nrejects %v", strings.Join(got, "\n"), strings.Join(want, "\n"), c.Rejects)
	}
}

// TestPDFCut wants an error of a file that breaks off anywhere.
func TestPDFCut(t *testing.T) {
	doc := hefei2025()
	whole := bytes.TrimSpace(doc.Body)
	for at := 0; at < len(whole); at += 1 + len(whole)/60 {
		cut := doc
		cut.Body = whole[:at]
		if _, err := sourcetest.Decode(at0, cut); fault.KindOf(err) != fault.Upstream {
			t.Errorf("cut to %d of %d bytes: error %v, want one of kind upstream", at, len(whole), err)
		}
	}
}

var at0 = at("")
