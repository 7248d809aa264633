package nbs

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"citystats/sources/walk"
)

// row is one row of an answer: a period or, when figures are grouped by area, an area.
type row struct {
	Code   string           `json:"code"`
	Values []jsontext.Value `json:"values"`
}

// found is one figure as an answer has it.
type found struct {
	ID     string         // _id
	Name   string         // i_showname
	Unit   string         // du_name
	Area   string         // da
	Place  string         // areaCode
	Period string         // dt
	Value  jsontext.Value // value

	area, period, value string // as they were found, whatever the arrangement; the period in ISO form
}

// read takes the members that matter.
func (f *found) read(raw jsontext.Value) error {
	if raw.Kind() == '{' {
		c := walk.New(raw)
		_ = c.Members(func(name []byte) error {
			if v := c.Value(); string(name) == "value" {
				f.Value = v
			}
			return nil
		}) // f gives no error, and raw is an object
	}
	return walk.Texts(raw, func(name string) *string {
		switch name {
		case "_id":
			return &f.ID
		case "i_showname":
			return &f.Name
		case "du_name":
			return &f.Unit
		case "da":
			return &f.Area
		case "areaCode":
			return &f.Place
		case "dt":
			return &f.Period
		}
		return nil
	})
}

// figure reads one figure of the row, or says why it cannot be read.
func (r row) figure(raw jsontext.Value) (f found, problem string) {
	if err := f.read(raw); err != nil {
		return f, fmt.Sprintf("it is no figure as the site writes them: %v", err)
	}
	f.area, f.period = f.Place, period(r.Code)
	if f.area == "" {
		f.area = f.Area
	}
	if areaForm.MatchString(r.Code) { // grouped by area
		f.area, f.period = r.Code, period(f.Period)
	}
	switch {
	case f.ID == "":
		return f, "it does not say which indicator it is (_id)"
	case f.area == "":
		return f, "it does not say which area it is about (da, areaCode)"
	case f.period == "":
		return f, fmt.Sprintf("its period is none of the forms 2024YY, 202404SS, 202412MM: row %q", clip([]byte(r.Code)))
	}
	f.value, problem = text(f.Value)
	return f, problem
}

// text is a value as text: the site writes strings; null and no member at all say
// that nothing is published.
func text(raw jsontext.Value) (value, problem string) {
	switch raw.Kind() {
	case jsontext.KindString:
		unquoted, _ := jsontext.AppendUnquote(nil, raw) // raw was read by a decoder, so it is well-formed
		return strings.TrimSpace(string(unquoted)), ""
	case jsontext.KindNumber:
		return string(raw), ""
	case jsontext.KindNull, jsontext.KindInvalid: // the second is no member at all
		return "", ""
	default:
		return "", "its value is " + clip(raw)
	}
}
