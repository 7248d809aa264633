package grid

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/richardlehane/mscfb"
)

// readXLS reads the workbook in an OLE container: Excel 5 to 2003.
func readXLS(body []byte) ([]Sheet, error) {
	container, err := mscfb.New(bytes.NewReader(body))
	if err != nil {
		return nil, bad("the file is damaged or cut short: %v", err)
	}
	for _, f := range container.File {
		if len(f.Path) > 0 {
			continue
		}
		switch f.Name {
		case "Workbook", "Book":
			stream, err := io.ReadAll(io.LimitReader(f, maxBody))
			if err != nil || int64(len(stream)) != f.Size {
				return nil, bad("the file is damaged or cut short: %d of %d bytes, %v", len(stream), f.Size, err)
			}
			return readBIFF(stream)
		case "EncryptedPackage":
			return nil, errLocked
		}
	}
	return nil, bad("it is an Office document, but no workbook")
}

var errLocked = bad("it is locked with a password")

// isBareBIFF tells workbooks from before there were containers.
func isBareBIFF(body []byte) bool {
	return len(body) >= 4 && body[0] == 0x09 && (body[1] == 0x00 || body[1] == 0x02 || body[1] == 0x04) && body[2] <= 8 && body[3] == 0
}

// record is one BIFF record.
type record struct {
	id   uint16
	data []byte
	more [][]byte // what the CONTINUE records after it hold
}

// records of a stream, read one after the other.
type records struct {
	stream []byte
	at     int
}

var errCut = errors.New("the file breaks off")

// next reads a record and the CONTINUE records that belong to it.
func (r *records) next() (record, error) {
	id, data, err := r.one()
	rec := record{id: id, data: data}
	for err == nil && r.at+4 <= len(r.stream) && binary.LittleEndian.Uint16(r.stream[r.at:]) == recContinue {
		var more []byte
		_, more, err = r.one()
		rec.more = append(rec.more, more)
	}
	return rec, err
}

func (r *records) one() (uint16, []byte, error) {
	if r.at < 0 || r.at+4 > len(r.stream) {
		return 0, nil, errCut
	}
	id, size := binary.LittleEndian.Uint16(r.stream[r.at:]), int(binary.LittleEndian.Uint16(r.stream[r.at+2:]))
	from := r.at + 4
	if from+size > len(r.stream) {
		return 0, nil, errCut
	}
	r.at = from + size
	return id, r.stream[from:r.at], nil
}

// fields reads a record's fields in order. A field that is not there is zero and
// leaves an error behind, so that many can be read before one looks.
type fields struct {
	record

	err error
}

// take is the next n bytes, which never reach over into a CONTINUE record.
func (f *fields) take(n int) []byte {
	if n > len(f.data) {
		f.err, f.data = errCut, nil
		return make([]byte, min(n, 16))
	}
	out := f.data[:n]
	f.data = f.data[n:]
	return out
}

func (f *fields) u8() int  { return int(f.take(1)[0]) }
func (f *fields) u16() int { return int(binary.LittleEndian.Uint16(f.take(2))) }
func (f *fields) u32() uint32 {
	return binary.LittleEndian.Uint32(f.take(4))
}

// turn goes on in the next CONTINUE record when this one is used up.
func (f *fields) turn() bool {
	if len(f.data) > 0 || len(f.more) == 0 {
		return false
	}
	f.data, f.more = f.more[0], f.more[1:]
	return true
}

// skip passes over n bytes, through CONTINUE records.
func (f *fields) skip(n int) {
	for n > 0 && f.err == nil {
		f.turn()
		step := min(n, len(f.data))
		if step == 0 {
			f.err = errCut
			return
		}
		f.data = f.data[step:]
		n -= step
	}
}
