package grid

import (
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// BenchmarkRead reads a sheet of 40,000 figures, made up, in each of the formats that
// tables come in: 2,000 places with 20 years each.
func BenchmarkRead(b *testing.B) {
	const places, years = 2000, 20
	value := func(p, y int) float64 { return float64(p*31+y) + 0.25 }
	var cells []biffRecord
	var html, csv strings.Builder
	html.WriteString("<html><body><table>")
	for p := range places {
		name := fmt.Sprintf("城市%d", p)
		cells = append(cells, label(p, 0, name))
		html.WriteString("<tr><td>" + name + "</td>")
		csv.WriteString(name)
		for y := range years {
			cells = append(cells, number(p, y+1, value(p, y)))
			fmt.Fprintf(&html, "<td>%.2f</td>", value(p, y))
			fmt.Fprintf(&csv, ",%.2f", value(p, y))
		}
		html.WriteString("</tr>")
		csv.WriteByte('\n')
	}
	html.WriteString("</table></body></html>")
	for _, tt := range []struct {
		name string
		body []byte
	}{
		{"xls", xls(cells...)},
		{"xlsx", xlsx(b, func(f *excelize.File) error {
			for p := range places {
				row := []any{fmt.Sprintf("城市%d", p)}
				for y := range years {
					row = append(row, value(p, y))
				}
				if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", p+1), &row); err != nil {
					return err
				}
			}
			return nil
		})},
		{"html", []byte(html.String())},
		{"csv", []byte(csv.String())},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			start := time.Now()
			for range 20 {
				crc32.ChecksumIEEE(tt.body)
			}
			bare := time.Since(start).Seconds() / 20
			for b.Loop() {
				sheets, err := Read(tt.body)
				if err != nil || len(sheets) != 1 || len(sheets[0].Rows) != places {
					b.Fatalf("%d sheets, %v", len(sheets), err)
				}
			}
			each := b.Elapsed().Seconds() / float64(b.N)
			b.ReportMetric(float64(len(tt.body))/1e6/each, "MB/s")
			b.ReportMetric(places*years/each, "cells/s")
			b.ReportMetric(each/bare, "times_scan")
		})
	}
}
