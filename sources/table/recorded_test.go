package table_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"citystats/data"
	"citystats/sources"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
	"citystats/sources/table"
)

// shipped is the source with the books that ship with the program.
func shipped(t testing.TB) source.Source {
	t.Helper()
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	all, err := sources.All(catalog, func(string) string { return "" })
	if err != nil {
		t.Fatalf("correct the books: %v", err)
	}
	i := slices.IndexFunc(all, func(s source.Source) bool { return s.Info().ID == table.ID })
	if i < 0 {
		t.Fatal("sources.All does not have the source table")
	}
	return all[i]
}

// hefei is what the National Bureau's site said of Hefei's gross domestic product,
// in 100 million yuan, in an export of 2019.
var hefei = map[string]float64{
	"2017": 7213.45, "2016": 6274.38, "2015": 5660.27, "2014": 5157.97, "2013": 4672.91, "2012": 4164.3, "2011": 3636.6, "2010": 2701.6, "2009": 2102,
	"2008": 1664.84, "2007": 1334.61, "2006": 1073.76, "2005": 853.57, "2004": 589.7, "2003": 484.96, "2002": 412.81, "2001": 363.44,
}

// TestRecorded decodes a real export where it is at hand. It is not part of the
// project.
func TestRecorded(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "samples", "yearbook", "easyquery_export_20_Major_GDP.xls")
	body, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("no recorded export at %s; the cases in testdata have their shapes", path)
	}
	src := shipped(t)
	c, err := sourcetest.Decode(src, source.Document{Name: "export", Body: body})
	if err != nil || len(c.Observations) != 618 || len(c.Rejects) > 0 {
		t.Fatalf("%d observations, rejects %v, error %v; want 618 and neither", len(c.Observations), c.Rejects, err)
	}
	cities, found := map[string]bool{}, 0
	for _, o := range c.Observations {
		cities[o.Region] = true
		if o.Indicator != "gdp" || o.Unit != "cny_100m" || o.Origin != "nbs" || o.Period < "1999" || o.Period > "2017" {
			t.Errorf("%+v is not about gross domestic product from 1999 to 2017", o)
		}
		if o.Region != "340100" {
			continue
		}
		if found++; hefei[o.Period] != o.Value {
			t.Errorf("%s: Hefei %s is %v, want %v", src.Place(o.Record), o.Period, o.Value, hefei[o.Period])
		}
	}
	if len(cities) != 36 || found != len(hefei) {
		t.Errorf("%d cities and %d figures of Hefei, want 36 and %d", len(cities), found, len(hefei))
	}
	if got := src.Place(c.Observations[0].Record); got != "sheet 1, cell C5" {
		t.Errorf("the first figure is at %s, want sheet 1, cell C5", got)
	}
}

// TestShippedBooks loads the books as the program does.
func TestShippedBooks(t *testing.T) {
	if hosts := shipped(t).Info().Hosts; len(hosts) > 0 {
		t.Errorf("the books ask %v; add the recorded answers that show these addresses are right, and name the hosts here", hosts)
	}
}
