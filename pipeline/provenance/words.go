//go:build duckdb_arrow

package provenance

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"citystats/data"
	"citystats/transforms/digits"
	"citystats/transforms/period"
)

// Language is one that footnotes are written in.
type Language string

// The languages.
const (
	English Language = "en"
	Chinese Language = "zh"
)

// pick is the text in the language; English where there is none.
func (l Language) pick(en, zh string) string {
	if l == Chinese && zh != "" {
		return zh
	}
	return en
}

// Figure is one number of a row as it is printed.
type Figure struct {
	Column string
	Label  string // what it is; empty for the figure itself
	Text   string // with its unit
	Count  bool   // it counts what stands behind the others, and is not cited
}

// shape is how a column of any model is printed. Columns without one are printed
// bare, under their own name.
type shape struct {
	en, zh   string
	decimals int  // ownDecimals for those of the indicator
	unit     bool // in the row's unit
	suffix   string
	signed   bool
}

const ownDecimals = -2

var shapes = map[string]shape{
	"value":                    {decimals: ownDecimals, unit: true},
	"benchmark_value":          {en: "benchmark", zh: "比较对象", decimals: ownDecimals, unit: true},
	"previous_value":           {en: "the year before", zh: "上年", decimals: ownDecimals, unit: true},
	"old_value":                {en: "before", zh: "修订前", decimals: ownDecimals, unit: true},
	"new_value":                {en: "after", zh: "修订后", decimals: ownDecimals, unit: true},
	"change":                   {en: "change", zh: "变动", decimals: ownDecimals, unit: true, signed: true},
	"gap":                      {en: "gap", zh: "差距", decimals: ownDecimals, unit: true, signed: true},
	"gap_percent":              {en: "gap", zh: "差距", decimals: 1, suffix: " %", signed: true},
	"change_percent":           {en: "change", zh: "变动", decimals: 1, suffix: " %", signed: true},
	"ratio":                    {en: "ratio", zh: "比率", decimals: 3},
	"rate":                     {en: "rate", zh: "增速", decimals: -1, suffix: " %"},
	"average_growth":           {decimals: 2, suffix: " %"},
	"average_low":              {en: "lowest by rounding", zh: "四舍五入下限", decimals: 2, suffix: " %"},
	"average_high":             {en: "highest by rounding", zh: "四舍五入上限", decimals: 2, suffix: " %"},
	"arithmetic_mean":          {en: "arithmetic mean", zh: "算术平均", decimals: 2, suffix: " %"},
	"benchmark_average_growth": {en: "benchmark", zh: "比较对象", decimals: 2, suffix: " %"},
}

// bounds is how a qualified figure is written.
var bounds = map[string][2]string{"about": {"about ", "约"}, "over": {"over ", "超过"}, "under": {"under ", "不到"}}

// notFigures are numbers that order or name rows, or only serve to compute others.
var notFigures = []string{"half_unit", "record", "standing", "position", "year", "first_year", "last_year"}

// Figures are the numbers of a row that is not an observation.
func (e *Explainer) Figures(r *Row, lang Language) []Figure {
	var out []Figure
	for _, v := range r.Values {
		if slices.Contains(notFigures, v.Column) || strings.HasSuffix(v.Column, "_id") || strings.HasSuffix(v.Column, "_record") {
			continue
		}
		name := strings.ReplaceAll(v.Column, "_", " ")
		if n, isCount := v.Value.(int64); isCount {
			out = append(out, Figure{v.Column, name, strconv.FormatInt(n, 10), true})
		}
		x, ok := v.Value.(float64)
		if !ok {
			continue
		}
		s, known := shapes[v.Column]
		if !known {
			s = shape{en: name, zh: name, decimals: -1}
			if math.Abs(x) > 1e-4 && x != math.Trunc(x) {
				s.decimals = 4
			}
		}
		out = append(out, Figure{v.Column, lang.pick(s.en, s.zh), e.written(r, v.Column, s, x, lang), false})
	}
	return out
}

// Main is the number that the row is about; empty when it has none.
func (e *Explainer) Main(r *Row, lang Language) string {
	own := slices.ContainsFunc(r.Values, func(v Value) bool { s, known := shapes[v.Column]; return known && s.en == "" })
	for _, f := range e.Figures(r, lang) {
		if !f.Count && (f.Label == "" || !own) {
			return f.Text
		}
	}
	return ""
}

// written is the number with its unit, as the tables of the program print it.
func (e *Explainer) written(r *Row, column string, s shape, x float64, lang Language) string {
	unit, id := r.Values.Text("unit"), r.Values.Text("indicator")
	if column == "benchmark_value" {
		unit, id = cmp.Or(r.Values.Text("benchmark_unit"), unit), cmp.Or(r.Values.Text("benchmark_indicator"), id)
	}
	indicator := e.indicator(id)
	decimals, bound := s.decimals, ""
	switch {
	case decimals == ownDecimals && (r.Values.Text("window_id") != "" || indicator.ID == ""):
		decimals = 2 // averages of rates
	case decimals == ownDecimals:
		decimals = indicator.Decimals
	}
	if b, qualified := bounds[r.Values.Text(strings.TrimSuffix(column, "value")+"qualifier")]; qualified && !s.signed {
		decimals, bound = -1, lang.pick(b[0], b[1])
	}
	text := digits.Number(x, decimals)
	if s.signed {
		text = digits.Signed(x, decimals)
	}
	switch {
	case s.unit && s.signed && (unit == "percent" || unit == ""):
		return text + lang.pick(" pp", "个百分点")
	case s.unit:
		is := map[string]string{"id": unit}
		return bound + text + lang.pick(" "+e.defined("units", "symbol_en", is), e.defined("units", "symbol_zh", is))
	}
	return text + lang.pick(s.suffix, strings.TrimSpace(s.suffix))
}

func (e *Explainer) indicator(id string) data.Indicator {
	for _, i := range e.Catalog.Indicators {
		if i.ID == id {
			return i
		}
	}
	return data.Indicator{}
}

// Subject names what a row is about: the region, the indicator, the period, and the
// benchmark where there is one.
func (e *Explainer) Subject(r *Row, lang Language) string {
	region := e.region(r.Values.Text("region_code"), lang)
	if b := r.Values.Text("benchmark"); b != "" {
		for _, known := range e.Catalog.Benchmarks {
			if known.ID == b {
				region += lang.pick(" against ", "与") + lang.pick(known.NameEN, known.NameZH) + lang.pick("", "相比")
			}
		}
	}
	parts := []string{}
	if region != "" {
		parts = append(parts, region)
	}
	i := e.indicator(r.Values.Text("indicator"))
	switch {
	case r.Values.Get("year") != nil:
		parts = append(parts, lang.pick("real growth", "地区生产总值实际增速"))
	case r.Values.Text("window_id") != "":
		parts = append(parts, lang.pick("average real growth a year", "地区生产总值实际年均增速"))
	case i.ID != "":
		parts = append(parts, lang.pick(i.TitleEN, i.TitleZH))
	default:
		parts = append(parts, r.Title)
	}
	if at := r.at(); at != "" {
		parts = append(parts, lang.period(at))
	}
	return strings.Join(parts, lang.pick(", ", "，"))
}

// at is the period of a row.
func (r *Row) at() string {
	if p := r.Values.Text("time_period"); p != "" {
		return p
	}
	first, last := r.Values.Get("first_year"), r.Values.Get("last_year")
	if first != nil && last != nil {
		return fmt.Sprintf("%v/%v", first, last)
	}
	return plainText(r.Values.Get("year"))
}

func (e *Explainer) region(code string, lang Language) string {
	for _, r := range e.Catalog.Regions {
		if r.Code == code {
			return lang.pick(r.NameEN, r.NameZH)
		}
	}
	return code
}

// Amount is the figure with its unit and bound.
func (o *Observation) Amount(lang Language) string {
	decimals, bound := o.decimals, ""
	if b, ok := bounds[o.Qualifier]; ok {
		decimals, bound = -1, lang.pick(b[0], b[1]) // as it was printed: digits would claim more than was said
	}
	return bound + digits.Number(o.Value, decimals) + lang.pick(" "+o.words.symbol, o.words.symbolZH)
}

// Symbol is the figure's unit.
func (o *Observation) Symbol(lang Language) string {
	return lang.pick(o.words.symbol, o.words.symbolZH)
}

// Subject names what the figure is about.
func (o *Observation) Subject(lang Language) string {
	return strings.Join([]string{lang.pick(o.Region, o.words.regionZH), lang.pick(o.Title, o.words.titleZH), lang.period(o.TimePeriod)}, lang.pick(", ", "，"))
}

// Maker is who made the figure.
func (o *Observation) Maker(lang Language) string { return lang.pick(o.OriginName, o.words.originZH) }

// Whereabouts is the place in the document in words.
func (o *Observation) Whereabouts(lang Language) string { return lang.place(o.Place) }

// Printer is who published the document.
func (d Document) Printer(lang Language) string { return lang.pick(d.PublisherName, d.publisherZH) }

// Standing is the figure's status in words.
func (o *Observation) Standing(lang Language) string {
	return lang.pick(strings.ToLower(o.words.status[:1])+o.words.status[1:], o.words.statusZH)
}

// period writes a period for readers.
func (l Language) period(text string) string {
	p, err := period.Parse(text)
	if err != nil {
		return text
	}
	t := p.Start.Time()
	year, month := t.Year(), int(t.Month())
	switch {
	case p.Freq.Years() > 1:
		return l.pick(fmt.Sprintf("%d to %d", year, year+p.Freq.Years()-1), fmt.Sprintf("%d至%d年", year, year+p.Freq.Years()-1))
	case p.Freq == period.HalfYear:
		return l.pick([]string{"first", "second"}[month/7]+fmt.Sprintf(" half of %d", year), fmt.Sprintf("%d年", year)+[]string{"上", "下"}[month/7]+"半年")
	case p.Freq == period.Quarter:
		return l.pick(fmt.Sprintf("quarter %d of %d", (month+2)/3, year), fmt.Sprintf("%d年%d季度", year, (month+2)/3))
	case p.Freq == period.Month:
		return l.pick(t.Format("January 2006"), t.Format("2006年1月"))
	}
	return l.pick(text, text+"年")
}

// date writes a date that is as precise as known.
func (l Language) date(text string) string {
	for layout, forms := range map[string][2]string{
		time.DateOnly: {"2 January 2006", "2006年1月2日"}, "2006-01": {"January 2006", "2006年1月"}, "2006": {"2006", "2006年"},
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Format(l.pick(forms[0], forms[1]))
		}
	}
	return text
}

var (
	rowPlace  = regexp.MustCompile(`^row (\d+)$`)
	cellPlace = regexp.MustCompile(`^sheet (\d+), cell ([A-Z]+\d+)$`)
)

// place writes a place; only the common ones have a Chinese form.
func (l Language) place(text string) string {
	if l != Chinese {
		return text
	}
	text = rowPlace.ReplaceAllString(text, "第${1}行")
	return cellPlace.ReplaceAllString(text, "第${1}张表${2}单元格")
}
