//go:build duckdb_arrow

package charts_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"citystats/charts"
)

// BenchmarkPackage makes all files of a chart and compares with reading as many
// bytes from files: what serving a chart that was kept would cost.
func BenchmarkPackage(b *testing.B) {
	c := resolved(b, "income", "340100", charts.English)
	made, err := c.Package(b.Context(), drawer, charts.Formats()) // starts the engines
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	for _, m := range made {
		if err := os.WriteFile(filepath.Join(dir, m.Ending), m.Content, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	read := cpu(b, func() {
		for range 200 {
			for _, m := range made {
				if _, err := os.ReadFile(filepath.Join(dir, m.Ending)); err != nil {
					b.Fatal(err)
				}
			}
		}
	}) / 200
	for b.Loop() {
		const packages = 3
		took := cpu(b, func() {
			for range packages {
				if _, err := c.Package(b.Context(), drawer, charts.Formats()); err != nil {
					b.Fatal(err)
				}
			}
		}) / packages
		b.ReportMetric(1/took, "packages/cpu-s")
		b.ReportMetric(took/read, "package/read")
	}
}

// cpu is how many seconds of the processor f takes.
func cpu(b *testing.B, f func()) float64 {
	b.Helper()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	f()
	return (used() - before).Seconds()
}
