package sdmx

import (
	"bytes"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// large is a cube of made-up figures as regional accounts have them: so many
// areas, each with years from 1975 on; every tenth figure is provisional.
func large(areas, years int) cube {
	c := regions()
	c.series = nil
	for a := range areas {
		s := cubeSeries{key: strings.Split(fmt.Sprintf("A.TL3.ZZ%d._Z.GDP._T.Q.USD_PPP_PS", a), "."), mult: "0"}
		for y := range years {
			status := "A"
			if y%10 == 9 {
				status = "P"
			}
			s.obs = append(s.obs, cubeObs{fmt.Sprint(1975 + y), fmt.Sprintf("%d.%d", 20000+a*7+y*31, y%10), status})
		}
		c.series = append(c.series, s)
	}
	return c
}

// tsv is the cube in Eurostat's own form.
func (c cube) tsv() []byte {
	var b bytes.Buffer
	b.WriteString(strings.Join(c.dims, ",") + `\TIME_PERIOD`)
	for _, o := range c.series[0].obs {
		b.WriteString("\t" + o.time + " ")
	}
	for _, s := range c.series {
		b.WriteString("\n" + strings.Join(s.key, ","))
		for _, o := range s.obs {
			b.WriteString("\t" + o.value + " " + strings.ToLower(strings.Trim(o.status, "A")))
		}
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// BenchmarkDecode decodes 100,000 figures in each format.
func BenchmarkDecode(b *testing.B) {
	c := large(2000, 50)
	src := New(Config{ID: "oecd", Queries: []Query{c.query()}})
	formats := c.formats()
	formats["TSV"] = c.tsv()
	for _, name := range slices.Sorted(maps.Keys(formats)) {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			sourcetest.Bench(b, src, source.Document{Name: "data/cube", Body: formats[name]}, 100_000)
		})
	}
}

// endless writes series of a structure-specific message until there are enough
// bytes, and notes the largest heap it sees on the way. Nothing of it is stored.
type endless struct {
	bytes.Buffer
	want, sent, series int
	peak               uint64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.Len() == 0 && e.sent < e.want {
		e.Reset()
		for range 100 {
			e.more()
		}
		if e.series%10_000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			e.peak = max(e.peak, m.HeapAlloc)
		}
		if e.sent+e.Len() >= e.want {
			e.WriteString("</message:DataSet></message:StructureSpecificData>")
		}
		e.sent += e.Len()
	}
	return e.Buffer.Read(p)
}

// more is one more series of 50 figures.
func (e *endless) more() {
	if e.series == 0 {
		e.WriteString(one("", "", "", "").head("StructureSpecificData", "v2_1", "TIME_PERIOD") + `<message:DataSet action="Replace">`)
	}
	fmt.Fprintf(e, "<Series REF_AREA=\"ZZ%d\" MEASURE=\"GDP\" UNIT_MULT=\"6\">\n", e.series)
	for y := range 50 {
		fmt.Fprintf(e, "<Obs TIME_PERIOD=\"%d\" OBS_VALUE=\"%d.%d\" OBS_STATUS=\"A\"/>\n", 1975+y, e.series%90000, y)
	}
	e.WriteString("</Series>\n")
	e.series++
}

// BenchmarkGigabyteOfXML reads 1 GB of XML as it comes. The largest heap is to stay
// what it is for 100 MB.
func BenchmarkGigabyteOfXML(b *testing.B) {
	q := one("", "", "", "").query()
	q.Measure = "OBS_VALUE"
	for _, size := range []int{100e6, 1e9} {
		b.Run(fmt.Sprintf("%d_MB", size/1e6), func(b *testing.B) {
			b.SetBytes(int64(size))
			var text *endless
			var sink sourcetest.Count
			for b.Loop() {
				runtime.GC()
				text, sink = &endless{want: size}, sourcetest.Count{}
				if err := newDecoder(q, &sink).readXML(&checked{from: text, left: maxStreamed}); err != nil || sink.Observed != text.series*50 {
					b.Fatalf("%v, %+v of %d series", err, sink, text.series)
				}
			}
			b.ReportMetric(float64(text.peak)/1e6, "peak-heap-MB")
			b.ReportMetric(float64(sink.Observed), "records")
		})
	}
}
