package batch_test

import (
	"math"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"citystats/pipeline/batch"
	"citystats/transforms/period"
)

// rowGroup is the rows of DuckDB's row group. Batches above it make the
// checkpoint after a load many times slower.
const rowGroup = 122_880

func TestSize(t *testing.T) {
	if batch.Size < 16*1024 || batch.Size >= rowGroup {
		t.Errorf("Size is %d, want at least 16384 and below %d", batch.Size, rowGroup)
	}
}

// The document every batch here is of.
const (
	vintage  = period.Day(20000)
	document = 7
)

// rows reads a batch back, column by name.
func rows(t rapid.TB, rec arrow.RecordBatch) []batch.Row {
	t.Helper()
	if !rec.Schema().Equal(batch.Schema) {
		t.Fatalf("the batch has the schema %v", rec.Schema())
	}
	column := func(name string) arrow.Array {
		at := batch.Schema.FieldIndices(name)
		if len(at) != 1 {
			t.Fatalf("%d columns are called %s", len(at), name)
		}
		if rec.Column(at[0]).NullN() != 0 {
			t.Errorf("column %s holds NULLs", name)
		}
		return rec.Column(at[0])
	}
	for i := range int(rec.NumRows()) {
		if v, d := column("vintage").(*array.Date32).Value(i), column("document_id").(*array.Int32).Value(i); period.Day(v) != vintage || d != document {
			t.Fatalf("row %d is of document %d, vintage %v", i, d, v)
		}
	}
	var out []batch.Row
	for i := range int(rec.NumRows()) {
		out = append(out, batch.Row{
			SeriesID:   column("series_id").(*array.Int64).Value(i),
			Period:     period.Day(column("period").(*array.Date32).Value(i)),
			Value:      column("value").(*array.Float64).Value(i),
			Status:     column("status").(*array.Uint8).Value(i),
			Qualifier:  column("qualifier").(*array.Uint8).Value(i),
			Confidence: column("confidence").(*array.Uint8).Value(i),
			Record:     column("record").(*array.Int32).Value(i),
		})
	}
	return out
}

var anyRow = rapid.Custom(func(t *rapid.T) batch.Row {
	day := rapid.Map(rapid.Int32(), func(n int32) period.Day { return period.Day(n) })
	return batch.Row{
		SeriesID: rapid.Int64().Draw(t, "series"), Period: day.Draw(t, "period"), Value: rapid.Float64().Draw(t, "value"),
		Status: rapid.Uint8().Draw(t, "status"), Qualifier: rapid.Uint8().Draw(t, "qualifier"), Confidence: rapid.Uint8().Draw(t, "confidence"),
		Record: rapid.Int32().Draw(t, "record"),
	}
})

// TestRoundTrip takes batches of any lengths from one builder. They are read
// only at the end: a later batch must not write into an earlier one.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := batch.NewBuilder(vintage, document)
		want := rapid.SliceOfN(rapid.SliceOfN(anyRow, 0, 20), 1, 4).Draw(t, "batches")
		var taken []arrow.RecordBatch
		for _, part := range want {
			for i, r := range part {
				b.Append(r)
				if b.Len() != i+1 || b.Full() {
					t.Fatalf("after %d rows Len is %d and Full %v", i+1, b.Len(), b.Full())
				}
			}
			rec := b.Take()
			defer rec.Release()
			taken = append(taken, rec)
			if b.Len() != 0 {
				t.Fatalf("%d rows wait after Take", b.Len())
			}
		}
		for i, rec := range taken {
			if diff := cmp.Diff(want[i], rows(t, rec), cmpopts.EquateEmpty(), cmpopts.EquateNaNs()); diff != "" {
				t.Errorf("batch %d (-appended +taken):\n%s", i, diff)
			}
		}
	})
}

// TestReuse releases some batches early and from another goroutine, as the
// engine does, while others are still held: memory given back may serve a later
// batch, and what is held keeps its rows.
func TestReuse(t *testing.T) {
	b := batch.NewBuilder(vintage, document)
	held := map[int32]arrow.RecordBatch{}
	var released sync.WaitGroup
	for round := range int32(20) {
		for range 1 + round {
			b.Append(batch.Row{SeriesID: int64(round), Period: period.Day(round), Value: float64(round), Status: uint8(round), Qualifier: uint8(round), Confidence: uint8(round), Record: round})
		}
		rec := b.Take()
		if round%4 == 0 {
			held[round] = rec
			continue
		}
		released.Go(rec.Release)
	}
	released.Wait()
	for round, rec := range held {
		got := rows(t, rec)
		if len(got) != int(1+round) {
			t.Errorf("batch %d has %d rows, want %d", round, len(got), 1+round)
		}
		for _, r := range got {
			if r.SeriesID != int64(round) || r.Period != period.Day(round) || r.Value != float64(round) || r.Status != uint8(round) || r.Record != round {
				t.Fatalf("batch %d holds the row %+v: a later batch wrote into it", round, r)
			}
		}
		rec.Release()
	}
}

func TestFull(t *testing.T) {
	b := batch.NewBuilder(vintage, document)
	for round := range 3 {
		n := 0
		for ; !b.Full(); n++ {
			b.Append(batch.Row{SeriesID: int64(n), Value: math.Pi, Record: int32(round)})
		}
		if n != batch.Size || b.Len() != batch.Size {
			t.Fatalf("full after %d rows with %d waiting, want %d", n, b.Len(), batch.Size)
		}
		rec := b.Take()
		got := rows(t, rec)
		rec.Release()
		if len(got) != batch.Size || got[n-1].SeriesID != int64(n-1) || got[n-1].Record != int32(round) {
			t.Fatalf("round %d: %d rows, the last one %+v", round, len(got), got[n-1])
		}
		if b.Full() {
			t.Fatal("full after Take")
		}
	}
}
