package sourcetest

import (
	"hash/crc32"
	"syscall"
	"testing"
	"time"

	"citystats/sources/source"
)

// Count is a sink that only counts, for benchmarks.
type Count struct{ Observed, Rejected int }

// Observe counts.
func (c *Count) Observe(*source.Observation) error { c.Observed++; return nil }

// Reject counts.
func (c *Count) Reject(source.Reject) { c.Rejected++ }

// Bench decodes a document that yields so many observations and no reject. It
// reports megabytes and records for each second of CPU time, the collector of
// garbage included, and how many times longer decoding takes than looking at each
// byte once (a CRC-32) in the same run. Seconds differ between machines; the ratio
// says more.
func Bench(b *testing.B, src source.Source, doc source.Document, observations int) {
	b.Helper()
	b.ReportAllocs()
	decode := func() {
		var sink Count
		if err := src.Decode(doc, &sink); err != nil || sink != (Count{observations, 0}) {
			b.Fatalf("%v, %+v; want %d observations", err, sink, observations)
		}
	}
	bare := cpu(func() {
		for range 20 {
			crc32.ChecksumIEEE(doc.Body)
		}
	}).Seconds() / 20
	runs := 0
	used := cpu(func() {
		for b.Loop() {
			decode()
			runs++
		}
	}).Seconds() / float64(runs)
	b.ReportMetric(float64(len(doc.Body))/1e6/used, "MB/cpu-s")
	b.ReportMetric(float64(observations)/used, "records/cpu-s")
	b.ReportMetric(used/max(bare, 1e-9), "times_scan")
}

// cpu is the CPU time of this process while f runs.
func cpu(f func()) time.Duration {
	used := func() time.Duration {
		var r syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
			return 0 // it fails for bad arguments only
		}
		return time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	start := used()
	f()
	return used() - start
}
