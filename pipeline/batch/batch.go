// Package batch is the one Arrow schema everything a source yields becomes.
//
// A row is narrow: what region, indicator, unit and origin it is about has been
// resolved to an integer series id before it gets here, which is what makes
// loading cheap; when it was published and captured stands once, with its
// document. Record batches hold Size rows, half of DuckDB's row group of
// 122,880: larger ones make the checkpoint that follows many times slower.
package batch

import (
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"citystats/transforms/period"
)

// Size is the rows of a full batch.
const Size = 60 * 1024

// Row is what differs from one observation of a document to the next.
type Row struct {
	SeriesID   int64      // key of store.series
	Period     period.Day // first day of the period; the frequency is the series'
	Value      float64    // in the indicator's own unit
	Status     uint8      // source.Status
	Qualifier  uint8      // source.Qualifier
	Confidence uint8      // source.Confidence
	Record     int32      // ordinal in the document
}

// Schema is the schema of every batch, in the column order of store.observation.
var Schema = arrow.NewSchema([]arrow.Field{
	{Name: "series_id", Type: arrow.PrimitiveTypes.Int64},
	{Name: "period", Type: arrow.FixedWidthTypes.Date32},
	{Name: "value", Type: arrow.PrimitiveTypes.Float64},
	{Name: "status", Type: arrow.PrimitiveTypes.Uint8},
	{Name: "qualifier", Type: arrow.PrimitiveTypes.Uint8},
	{Name: "confidence", Type: arrow.PrimitiveTypes.Uint8},
	{Name: "vintage", Type: arrow.FixedWidthTypes.Date32},
	{Name: "document_id", Type: arrow.PrimitiveTypes.Int32},
	{Name: "record", Type: arrow.PrimitiveTypes.Int32},
}, nil)

// columns is the memory of one batch. No column can be null, so there are no
// validity bitmaps; the arrays are views on plain memory, which is filled
// several times faster than through array builders.
type columns struct {
	buffers                       []*memory.Buffer // of the slices below, in that order
	series                        []int64
	period                        []arrow.Date32
	value                         []float64
	status, qualifier, confidence []uint8
	record                        []int32
}

// Builder packs the rows of one document into batches.
type Builder struct {
	vintage  []arrow.Date32 // the same in every row of the document
	document []int32
	pool     pool
	c        *columns
	n        int
}

// NewBuilder returns an empty builder for a document with that vintage and id.
func NewBuilder(vintage period.Day, documentID int32) *Builder {
	return &Builder{vintage: []arrow.Date32{arrow.Date32(vintage)}, document: []int32{documentID}}
}

// Append adds a row. The caller takes the batch once Full says so.
func (b *Builder) Append(r Row) {
	if b.n == 0 {
		b.room()
	}
	c, i := b.c, b.n
	c.series[i], c.period[i], c.value[i], c.record[i] = r.SeriesID, arrow.Date32(r.Period), r.Value, r.Record
	c.status[i], c.qualifier[i], c.confidence[i] = r.Status, r.Qualifier, r.Confidence
	b.n++
}

// room readies the memory of the next batch.
func (b *Builder) room() {
	b.c = &columns{}
	take := func(width int) []byte {
		buffer := memory.NewResizableBuffer(&b.pool)
		buffer.Resize(Size * width)
		b.c.buffers = append(b.c.buffers, buffer)
		return buffer.Bytes()
	}
	b.c.series = arrow.Int64Traits.CastFromBytes(take(8))
	b.c.period = arrow.Date32Traits.CastFromBytes(take(4))
	b.c.value = arrow.Float64Traits.CastFromBytes(take(8))
	b.c.status, b.c.qualifier, b.c.confidence = take(1), take(1), take(1)
	b.c.record = arrow.Int32Traits.CastFromBytes(take(4))
	if len(b.document) < Size {
		b.vintage, b.document = repeat(b.vintage[0]), repeat(b.document[0])
	}
}

func repeat[T any](v T) []T {
	out := make([]T, Size)
	for i := range out {
		out[i] = v
	}
	return out
}

// pool hands out the memory of batches that have been released. The engine
// releases them from threads of its own.
type pool struct {
	mu   sync.Mutex
	free map[int][][]byte // by length
}

// Allocate is part of memory.Allocator.
func (p *pool) Allocate(size int) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if list := p.free[size]; len(list) > 0 {
		p.free[size] = list[:len(list)-1]
		return list[len(list)-1]
	}
	return memory.DefaultAllocator.Allocate(size)
}

// Reallocate is part of memory.Allocator.
func (p *pool) Reallocate(size int, b []byte) []byte {
	return memory.DefaultAllocator.Reallocate(size, b)
}

// Free is part of memory.Allocator.
func (p *pool) Free(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free == nil {
		p.free = map[int][][]byte{}
	}
	p.free[len(b)] = append(p.free[len(b)], b)
}

// Len is the number of rows waiting.
func (b *Builder) Len() int { return b.n }

// Full says that Take must come before the next Append.
func (b *Builder) Full() bool { return b.n == Size }

// Take returns the waiting rows as a batch, which the caller releases, and
// starts the next one.
func (b *Builder) Take() arrow.RecordBatch {
	if b.n == 0 {
		b.room()
	}
	c, n := b.c, b.n
	b.c, b.n = nil, 0
	vintage := memory.NewBufferBytes(arrow.Date32Traits.CastToBytes(b.vintage))
	document := memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(b.document))
	// The document's own columns stand before the last, the record.
	buffers := slices.Insert(c.buffers, len(c.buffers)-1, vintage, document)
	arrays := make([]arrow.Array, len(buffers))
	for i, f := range Schema.Fields() {
		data := array.NewData(f.Type, n, []*memory.Buffer{nil, buffers[i]}, nil, 0, 0)
		arrays[i] = array.MakeFromData(data)
		data.Release()
		buffers[i].Release()
	}
	rec := array.NewRecordBatch(Schema, arrays, int64(n))
	for _, a := range arrays {
		a.Release()
	}
	return rec
}
