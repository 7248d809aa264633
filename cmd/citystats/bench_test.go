//go:build duckdb_arrow

package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkColdStart starts the program for its version and compares with
// starting a program that does nothing: what a command costs before it works.
func BenchmarkColdStart(b *testing.B) {
	program := filepath.Join(b.TempDir(), "citystats")
	build := exec.Command("go", "build", "-tags", "duckdb_arrow", "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	const starts = 20
	cpu := func(name string, args ...string) (seconds float64) {
		for range starts {
			cmd := exec.Command(name, args...)
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
			seconds += (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
		}
		return seconds / starts
	}
	for b.Loop() {
		version, nothing := cpu(program, "version"), cpu("true")
		b.ReportMetric(version*1000, "version-cpu-ms")
		b.ReportMetric(version/nothing, "version/true")
	}
}
