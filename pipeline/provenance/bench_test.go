//go:build duckdb_arrow

package provenance_test

import (
	"syscall"
	"testing"
	"time"

	"citystats/pipeline/provenance"
)

// BenchmarkExplain compares an explanation, from the question to the words in the
// archived documents, with a bare look at the same figure in the database, in the
// same run: how much longer it takes to know where a figure comes from.
//
//	go test -tags duckdb_arrow -run '^$' -bench Explain ./pipeline/provenance
func BenchmarkExplain(b *testing.B) {
	e := shared(b)
	const lookup = "SELECT value FROM observations WHERE region_code = '340100' AND indicator = 'disposable_income_urban' AND time_period = '2021'"
	bare := func() time.Duration {
		return timed(b, func() error {
			_, err := e.Reader.Query(b.Context(), lookup)
			return err
		})
	}
	income := provenance.Question{Region: "hefei", Indicator: "disposable_income_urban", Period: "2021"}
	cell, pool, past := income, income, income
	cell.Against, pool.Against, past.AsOf = "national_urban", "peers", "2026-12-31"
	for name, q := range map[string]provenance.Question{
		"figure": income, "cell": cell, "pool": pool, "past": past, "window": {Region: "hefei", Window: "decade_bridged", Against: "national"},
	} {
		b.Run(name, func(b *testing.B) {
			var explained, looked time.Duration
			for b.Loop() {
				explained += timed(b, func() error {
					x, err := e.Figure(b.Context(), q)
					if err != nil {
						return err
					}
					return x.Err()
				})
				looked += bare()
			}
			b.ReportMetric(float64(explained)/float64(looked), "explain/lookup")
			b.ReportMetric(explained.Seconds()*1000/float64(b.N), "cpu-ms")
		})
	}
}

// timed is the processor time of f in all threads, which other programs on the
// machine do not change.
func timed(b *testing.B, f func() error) time.Duration {
	b.Helper()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	start := used()
	if err := f(); err != nil {
		b.Fatal(err)
	}
	return used() - start
}
