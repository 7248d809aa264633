package worldbank

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"citystats/sources/source"
)

const (
	// maxMember is some hundred times what a member of these archives holds.
	maxMember = 64 << 20
	// wdi is what the archive must call its database.
	wdi = "World Development Indicators"
)

// The members of an archive begin with these; what follows differs each time.
const (
	dataMember      = "API_"
	countryMember   = "Metadata_Country_"
	indicatorMember = "Metadata_Indicator_"
)

// bulkAbout is what an archive says of itself.
type bulkAbout struct{ title, lastUpdated string }

// readBulk reads the whole archive and calls row with the sheet at each of its
// rows; an error of row ends it. Any other error is of kind Upstream.
func readBulk(doc source.Document, code string, row func(*sheet) error) (about bulkAbout, err error) {
	members, err := openBulk(doc.Body)
	if err == nil {
		about, err = members.read(code, row)
	}
	if err != nil {
		body := bytes.TrimPrefix(doc.Body, bom)
		return about, distrust(doc, body, inWords(body, err))
	}
	return about, nil
}

// inWords is the API's own message where one came instead of an archive.
func inWords(body []byte, err error) error {
	if !bytes.HasPrefix(body, []byte("[")) {
		return err
	}
	if _, _, said := newAnswer(body).walk(func(a *answer) error { return a.dec.SkipValue() }); refused(said) {
		return said
	}
	return err
}

// bulkMembers are the members by their beginnings.
type bulkMembers map[string]*zip.File

// openBulk finds the members. Their names are only looked at, so that a member
// called ../x does no harm.
func openBulk(body []byte) (bulkMembers, error) {
	r, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, err
	}
	found := bulkMembers{}
	for _, f := range r.File {
		for _, begins := range []string{dataMember, countryMember, indicatorMember} {
			if name := path.Base(f.Name); !strings.HasPrefix(name, begins) || !strings.HasSuffix(name, ".csv") {
				continue
			}
			if found[begins] != nil {
				return nil, fmt.Errorf("there are two members %s*.csv", begins)
			}
			found[begins] = f
		}
	}
	return found, nil
}

func (m bulkMembers) read(code string, row func(*sheet) error) (about bulkAbout, err error) {
	if err := m.member(indicatorMember, func(r *csv.Reader) (err error) { about.title, err = readIndicator(r, code); return err }); err != nil {
		return about, err
	}
	if err := m.member(countryMember, readCountries); err != nil {
		return about, err
	}
	err = m.member(dataMember, func(r *csv.Reader) (err error) { about.lastUpdated, err = readSheet(r, row); return err })
	return about, err
}

// member reads one member to its end, where the checksum is.
func (m bulkMembers) member(begins string, read func(*csv.Reader) error) error {
	f := m[begins]
	if f == nil {
		return fmt.Errorf("there is no member %s*.csv", begins)
	}
	opened, err := f.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", clip([]byte(f.Name)), err)
	}
	defer opened.Close() // a second report of what reading says
	text := bufio.NewReader(&bounded{opened, maxMember})
	if head, _ := text.Peek(len(bom)); bytes.Equal(head, bom) { // what is wrong is said again when reading
		_, _ = text.Discard(len(bom))
	}
	r := csv.NewReader(text)
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	if err := read(r); err != nil {
		if errors.Is(err, errStopped) {
			return err
		}
		return fmt.Errorf("%s: %w", clip([]byte(f.Name)), err)
	}
	return nil
}

// bounded ends in an error where a member is larger than any can be, whatever
// size it claims to have.
type bounded struct {
	r    io.Reader
	left int64
}

// Read reads on while there is room.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("it is larger than %d bytes", maxMember)
	}
	return n, err
}

// readIndicator reads the description: a header and one row.
func readIndicator(r *csv.Reader, code string) (title string, err error) {
	header, err := r.Read()
	if err != nil {
		return "", noSurprise(err)
	}
	if len(header) < 2 || header[0] != "INDICATOR_CODE" || header[1] != "INDICATOR_NAME" {
		return "", fmt.Errorf("the header begins %q, want INDICATOR_CODE and INDICATOR_NAME", clip([]byte(strings.Join(header, ","))))
	}
	row, err := r.Read()
	if err != nil {
		return "", noSurprise(err)
	}
	if len(row) < 2 || row[0] != code || row[1] == "" {
		return "", fmt.Errorf("it is about %q, not about %s", clip([]byte(strings.Join(row, ","))), code)
	}
	title = strings.Clone(row[1])
	if _, err := r.Read(); !errors.Is(err, io.EOF) {
		return "", errors.Join(errors.New("it describes more than one indicator"), err)
	}
	return title, nil
}

// readCountries looks through the description of countries, which holds no
// figure: that it is whole belongs to the archive being whole.
func readCountries(r *csv.Reader) error {
	header, err := r.Read()
	if err != nil {
		return noSurprise(err)
	}
	if header[0] != "Country Code" {
		return fmt.Errorf("the header begins %q, want Country Code", clip([]byte(header[0])))
	}
	for {
		if _, err := r.Read(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// noSurprise calls an end that comes too early by its name.
func noSurprise(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
