package communique_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/longbridgeapp/opencc"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/width"
	"pgregory.net/rapid"

	"citystats/sources/communique"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// plainText is a page of sentences without markup, to be disguised.
const plainText = "初步核算，全年全市生产总值12,013.1亿元，按可比价格计算，比上年增长3.5%，高于全国0.5个百分点。" +
	"城镇居民人均可支配收入56177元，增长5.6%；年末户籍人口800.16万人。战略性新兴产业产值占规模以上工业总产值的比重为54.9%。"

// figures are what a page yields, without the places.
func figures(t interface{ Fatalf(string, ...any) }, src *communique.Source, title, text string, as encoding.Encoding) []string {
	doc := page(title, "<p>"+text+"</p>")
	if as != nil {
		body, err := as.NewEncoder().Bytes(doc.Body)
		if err != nil {
			t.Fatalf("%v", err)
		}
		doc.Body = body
	}
	c, err := sourcetest.Decode(src, doc)
	if err != nil || len(c.Rejects) > 0 {
		t.Fatalf("%s: %v, %v", text, err, c.Rejects)
	}
	var out []string
	for i := range c.Observations {
		out = append(out, told(&c.Observations[i]))
	}
	return out
}

// TestDisguises wants the same figures whatever script, encoding and markup they come in.
func TestDisguises(t *testing.T) {
	src := at("")
	const title = "合肥市2022年国民经济和社会发展统计公报"
	want := figures(t, src, title, plainText, nil)
	if len(want) != 6 {
		t.Fatalf("the plain text yields %q, want six figures", want)
	}
	traditional, err := opencc.New("s2tw")
	if err != nil {
		t.Fatal(err)
	}
	inTraditional := func(s string) string {
		out, err := traditional.Convert(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		text, name := plainText, title
		var as encoding.Encoding
		switch rapid.IntRange(0, 4).Draw(t, "encoding") {
		case 1:
			as = simplifiedchinese.GB18030
		case 2:
			as, text, name = traditionalchinese.Big5, inTraditional(text), inTraditional(name)
		case 3:
			text, name = inTraditional(text), inTraditional(name)
		}
		if rapid.Bool().Draw(t, "wide") && as == nil {
			text = width.Widen.String(text)
		}
		between := []string{"", "", "", "</span><span lang=EN-US>", "<o:p></o:p>", "<b></b>"}
		if as == nil {
			between = append(between, "\u200b", "&#173;")
		}
		var out strings.Builder
		for _, r := range text {
			out.WriteRune(r)
			out.WriteString(rapid.SampledFrom(between).Draw(t, "between"))
		}
		if diff := cmp.Diff(want, figures(t, src, name, out.String(), as)); diff != "" {
			t.Fatalf("%s (-plain +disguised):\n%s", out.String(), diff)
		}
	})
}

// TestUnknownWords wants no figure where a word that nobody knows stands between its
// name and its number, or right before its name.
func TestUnknownWords(t *testing.T) {
	src := at("")
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"某", "辖区", "中的服务业部分", "计划外", "口径外", "平均", "每平方公里", "损失", "缺口", "负债"}).Draw(t, "word")
		text := rapid.SampledFrom([]string{
			"全市" + word + "生产总值12013.1亿元。", "全市生产总值" + word + "12013.1亿元。", "全市生产总值" + word + "增长3.5%。", "年末" + word + "常住人口963.4万人。",
			"常住人口" + word + "963.4万人。", "规模以上工业增加值" + word + "增长6.3%。", "战略性新兴产业产值占规上工业" + word + "比重54.9%。",
			word + "居民消费价格上涨2%。", "城镇居民人均可支配收入" + word + "56177元。", "全市生产总值12013.1亿元" + word + "。", "规模以上工业增加值增长6.3%" + word + "。",
		}).Draw(t, "text")
		c, err := sourcetest.Decode(src, page("合肥市2022年国民经济和社会发展统计公报", text))
		if err == nil && len(c.Observations) > 0 {
			t.Fatalf("%s: %+v, want no figure", text, c.Observations)
		}
	})
}

// TestNothingIsInvented wants each number that is handed on to stand in its quotation,
// unless the finding says how it was computed or worded.
func TestNothingIsInvented(t *testing.T) {
	src := shipped(t)
	for _, v := range variants {
		doc := page(v.title, v.text)
		c, err := sourcetest.Decode(src, doc)
		if err != nil {
			continue
		}
		for i := range c.Observations {
			o := &c.Observations[i]
			quote, err := src.Quote(doc, o.Record)
			if err != nil {
				t.Errorf("%s: %v", v.text, err)
			}
			said := o.Derivation != "" || strings.Contains(o.Note, "printed as")
			printed := strings.TrimPrefix(strconv.FormatFloat(o.Value, 'f', -1, 64), "-")
			if !said && !strings.Contains(strings.ReplaceAll(quote, ",", ""), printed) {
				t.Errorf("%d: %s is %s, which is not in %q", v.number, o.Indicator, printed, quote)
			}
		}
	}
}

var _ source.Quoter = (*communique.Source)(nil)
