package data_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"

	"citystats/data"
	"citystats/pipeline/normalise"
	"citystats/sources/bundled"
	"citystats/sources/source"
	"citystats/transforms/period"
	"citystats/transforms/units"
)

// lintedOn is the day these documents were last gone through: nothing in them
// was published after it. Raise it when a newer publication comes in.
var lintedOn = period.DayOf(2026, time.November, 23)

// hefei is the city the comparison is about.
const hefei = "340100"

// load reads the definitions that ship with the program.
func load(t testing.TB) *data.Catalog {
	t.Helper()
	c, err := data.Load(data.Files())
	if err != nil {
		t.Fatalf("correct the definitions: %v", err)
	}
	return c
}

// row is a figure of a bundled document, as it is written and as it is meant.
type row struct {
	place string            // "documents/x.csv row 3"
	text  map[string]string // by column
	said  source.Observation
	means normalise.Figure
}

// document is a bundled document, decoded.
type document struct {
	source.Document
	rows []row
}

// collector is a sink that takes everything.
type collector struct {
	observations []source.Observation
	rejects      []source.Reject
}

func (c *collector) Observe(o *source.Observation) error {
	c.observations = append(c.observations, *o)
	return nil
}

func (c *collector) Reject(r source.Reject) { c.rejects = append(c.rejects, r) }

// documents decodes and normalises everything in documents/. Whatever is wrong
// with a row is an error of the test.
func documents(t *testing.T, c *data.Catalog) []document {
	t.Helper()
	folder, err := fs.Sub(data.Files(), data.DocumentsDir)
	if err != nil {
		t.Fatal(err)
	}
	src := bundled.New(folder)
	var out []document
	err = src.Fetch(t.Context(), nil, func(d source.Document) error {
		out = append(out, document{Document: d, rows: decode(t, c, src, d)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		t.Fatal("there are no documents")
	}
	return out
}

func decode(t *testing.T, c *data.Catalog, src source.Source, d source.Document) []row {
	t.Helper()
	var sink collector
	if err := src.Decode(d, &sink); err != nil {
		t.Errorf("documents/%s.csv: %v", d.Name, err)
		return nil
	}
	for _, r := range sink.rejects {
		t.Errorf("documents/%s.csv %s: %s\n%s", d.Name, src.Place(r.Record), r.Reason, r.Text)
	}
	records, err := csv.NewReader(bytes.NewReader(d.Body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	n := normalise.New(c, src.Info().ID)
	var rows []row
	for _, o := range sink.observations {
		r := row{place: fmt.Sprintf("documents/%s.csv %s", d.Name, src.Place(o.Record)), text: map[string]string{}, said: o}
		for i, column := range bundled.Header {
			r.text[column] = records[o.Record][i]
		}
		if r.means, err = n.Figure(&o); err != nil {
			t.Errorf("%s: %v", r.place, err)
			continue
		}
		rows = append(rows, r)
	}
	return rows
}

// end is the last day of a period.
func end(p period.Period) period.Day {
	from := p.Start.Time()
	var next time.Time
	switch p.Freq {
	case period.Month:
		next = from.AddDate(0, 1, 0)
	case period.Quarter:
		next = from.AddDate(0, 3, 0)
	case period.HalfYear:
		next = from.AddDate(0, 6, 0)
	default:
		next = from.AddDate(p.Freq.Years(), 0, 0)
	}
	return period.DayOf(next.Date()) - 1
}

// address complains about what a reader cannot open.
func address(s string) string {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.ContainsAny(s, " \t") {
		return fmt.Sprintf("url %q is no address: write it as found, from http:// or https:// on", s)
	}
	return ""
}

func TestDocuments(t *testing.T) {
	c := load(t)
	indicators := map[string][2]float64{}
	table, _ := c.Table("indicators")
	for _, r := range table.Rows {
		indicators[text(table, r, "id")] = [2]float64{cell(table, r, "plausible_low").(float64), cell(table, r, "plausible_high").(float64)}
	}
	for _, d := range documents(t, c) {
		t.Run(d.Name, func(t *testing.T) {
			stands := map[string]string{}
			for _, r := range d.rows {
				for _, what := range []string{
					cited(c, r), dated(r), plausible(r, indicators[r.means.Indicator]),
				} {
					if what != "" {
						t.Errorf("%s: %s", r.place, what)
					}
				}
				key := fmt.Sprint(r.means.Region, r.means.Indicator, r.means.Period, r.means.Origin, r.text["status"])
				if first, again := stands[key]; again {
					t.Errorf("%s: the same region, indicator, period, origin and status stand at %s; remove one of the two", r.place, first)
				}
				stands[key] = r.place
			}
		})
	}
}

// cited complains about what keeps a reader from finding the publication.
func cited(c *data.Catalog, r row) string {
	for _, column := range []string{"title", "publisher", "status", "origin"} {
		if r.text[column] == "" {
			return column + " is empty; fill it in"
		}
	}
	for column, cell := range r.text {
		if strings.TrimSpace(cell) != cell {
			return fmt.Sprintf("%s is %q; remove the space around it", column, cell)
		}
	}
	if _, ok := c.Publishers[r.text["publisher"]]; !ok {
		return fmt.Sprintf("publisher %q is not in publishers.csv; add it there or correct the spelling", r.text["publisher"])
	}
	if (r.said.Status == source.Derived) != (r.said.Derivation != "") {
		return "a derived figure, and no other, says how it was derived"
	}
	if r.text["url"] != "" {
		return address(r.text["url"])
	}
	if !strings.Contains(r.text["note"], "no address was recorded") {
		return `there is no url; give it, or say "no address was recorded" in the note`
	}
	return ""
}

// dated complains about dates that cannot be.
func dated(r row) string {
	for _, column := range []string{"published", "not_before"} {
		if r.text[column] == "" {
			continue
		}
		m, err := period.ParseMoment(r.text[column])
		if err != nil {
			return column + ": " + err.Error()
		}
		if m.First > lintedOn {
			return fmt.Sprintf("%s is %s, which is still to come; correct it, or raise lintedOn in this test", column, r.text[column])
		}
		if expected := r.said.Status == source.Target || r.said.Status == source.Forecast; column == "published" && !expected && m.Last < end(r.means.Period) {
			return fmt.Sprintf("published is %s, before %s ended; correct the date or the period, or give it the status forecast or target", r.text[column], r.means.Period)
		}
	}
	if r.text["published"] != "" && r.text["not_before"] != "" {
		return "not_before is for publications without a date; remove it"
	}
	return ""
}

// plausible complains about figures far from what was ever measured, as a wrong
// unit gives.
func plausible(r row, bounds [2]float64) string {
	if v := r.means.Value; v < bounds[0] || v > bounds[1] {
		return fmt.Sprintf("%v is outside %v to %v; check the figure and its unit, or widen the bounds in indicators.csv", v, bounds[0], bounds[1])
	}
	return ""
}

// TestKnownFigures has the figures the comparison stands on or the program's headline
// comparison stands on, each with a document that prints it.
func TestKnownFigures(t *testing.T) {
	const urban, sei, growth = "disposable_income_urban", "sei_output_share", "gdp_growth_real"
	tests := []struct {
		file, region, indicator, period string
		value                           float64
		unit                            string
		status                          source.Status
	}{
		{"hefei_mofcom_2015", hefei, urban, "2014", 29348, "cny", source.Preliminary},
		{"city_income_panel_2005_2021", hefei, urban, "2014", 29348, "cny", source.Final},
		{"china_urban_income_2001_2020", "CHN", urban, "2014", 28844, "cny", source.Final},
		{"city_income_panel_2005_2021", hefei, urban, "2019", 45404, "cny", source.Final},
		{"hefei_work_report_2020", hefei, urban, "2019", 45404, "cny", source.Preliminary},
		{"china_income_2019", "CHN", urban, "2019", 42359, "cny", source.Preliminary},
		{"city_income_panel_2005_2021", hefei, urban, "2021", 53208, "cny", source.Final},
		{"china_income_2021", "CHN", urban, "2021", 47412, "cny", source.Preliminary},
		{"hefei_mofcom_2015", hefei, "disposable_income_all", "2014", 24272, "cny", source.Preliminary},

		{"hefei_sei_anhui_daily_2015", hefei, sei, "2013", 26.9, "percent", source.Derived},
		{"hefei_work_report_2015", hefei, sei, "2014", 30.2, "percent", source.Preliminary},
		{"hefei_sei_commentary_2025", hefei, sei, "2015", 31.0, "percent", source.Derived},
		{"hefei_industry_cri_2023", hefei, sei, "2022", 54.9, "percent", source.Preliminary},
		{"hefei_sei_commentary_2025", hefei, sei, "2024", 55.8, "percent", source.Preliminary},
		{"anhui_sei_2021", "340000", sei, "2020", 40.3, "percent", source.Preliminary},
		{"hefei_plan_13_review_2021", hefei, "sei_value_added_share", "2020", 51.6, "percent", source.Preliminary},
		{"hefei_sei_economic_daily_2020", hefei, "sei_value_added_share", "2020-H1", 49.1, "percent", source.Preliminary},
		{"china_sei_plan_14", "CHN", "sei_gdp_share", "2021/2025", 13, "percent", source.Target},

		{"hefei_communique_2012", hefei, growth, "2012", 13.6, "percent", source.Preliminary},
		{"hefei_communique_2013", hefei, growth, "2013", 11.5, "percent", source.Preliminary},
		{"hefei_communique_2014", hefei, growth, "2014", 10.0, "percent", source.Preliminary},
		{"hefei_communique_2015", hefei, growth, "2015", 10.5, "percent", source.Preliminary},
		{"hefei_communique_2016", hefei, growth, "2016", 9.8, "percent", source.Preliminary},
		{"hefei_work_report_2020", hefei, growth, "2019", 7.6, "percent", source.Preliminary},
		{"hefei_communique_2020", hefei, growth, "2020", 4.3, "percent", source.Preliminary},
		{"hefei_communique_2021_digest", hefei, growth, "2021", 9.2, "percent", source.Preliminary},
		{"anhui_cities_gdp_2022", hefei, growth, "2022", 3.5, "percent", source.Preliminary},
		{"hefei_plan_13_review_2021", hefei, "gdp_growth_real_average", "2016/2020", 7.7, "percent", source.Preliminary},
		{"hefei_ten_years_briefing_2022", hefei, "gdp_growth_real_average", "2013/2021", 9.1, "percent", source.Revised},

		{"hefei_communique_2012", hefei, "gdp", "2012", 4164.34, "cny_100m", source.Preliminary},
		{"anhui_cities_gdp_2022", hefei, "gdp", "2022", 12013.1, "cny_100m", source.Preliminary},
		{"hefei_population_2022", hefei, "population_resident", "2022", 963.4, "persons_10k", source.Preliminary},
		{"worldbank_consumer_prices", "CHN", "cpi_growth", "2021", 0.981015, "percent", source.Final},
	}
	c := load(t)
	byName := map[string][]row{}
	for _, d := range documents(t, c) {
		byName[d.Name] = d.rows
	}
	canonical := map[string]string{}
	for _, i := range c.Indicators {
		canonical[i.ID] = i.Unit
	}
	for _, tt := range tests {
		found := false
		for _, r := range byName[tt.file] {
			if r.means.Region != tt.region || r.means.Indicator != tt.indicator || r.means.Period.String() != tt.period || r.said.Status != tt.status {
				continue
			}
			found = true
			want, err := units.Convert(tt.value, c.Units[tt.unit].Unit, c.Units[canonical[tt.indicator]].Unit)
			if err != nil {
				t.Fatal(err)
			}
			if r.means.Value != want {
				t.Errorf("%s: %s of %s in %s is %v, want %v %s as the publication has it", r.place, tt.indicator, tt.region, tt.period, r.means.Value, tt.value, tt.unit)
			}
		}
		if !found {
			t.Errorf("documents/%s.csv: %s of %s in %s (%v %s) is gone; the comparison needs it", tt.file, tt.indicator, tt.region, tt.period, tt.value, tt.unit)
		}
	}
}

// TestUnknownYears keeps two figures out that many remember and nobody printed
// where it could be stored.
func TestUnknownYears(t *testing.T) {
	for _, d := range documents(t, load(t)) {
		for _, r := range d.rows {
			p := r.means.Period.String()
			if r.means.Region == hefei && r.means.Indicator == "gdp_growth_real" && (p == "2017" || p == "2018") {
				t.Errorf("%s: a growth rate of Hefei for %s; no publication with it is known, so show the publication or remove the row", r.place, p)
			}
		}
	}
}

// TestDocumentFiles wants names that stay readable in a citation.
func TestDocumentFiles(t *testing.T) {
	found, err := fs.ReadDir(data.Files(), data.DocumentsDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		name := strings.TrimSuffix(f.Name(), ".csv")
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || path.Ext(f.Name()) != ".csv" {
			t.Errorf("documents/%s: name it in lower-case letters, digits and underscores, ending in .csv", f.Name())
		}
	}
}

func cell(t data.Table, row []any, column string) any {
	for i, c := range t.Schema.Columns {
		if c.Name == column {
			return row[i]
		}
	}
	panic("no column " + strconv.Quote(column) + " in " + t.Schema.Name)
}

func text(t data.Table, row []any, column string) string {
	s, _ := cell(t, row, column).(string)
	return s
}
