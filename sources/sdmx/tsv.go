package sdmx

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Eurostat's own table: a row for each series, its codes joined by commas, and a
// column for each period:
//
//	freq,unit,geo\TIME_PERIOD<TAB>2023 <TAB>2024
//	A,EUR_HAB,FR101<TAB>129100 <TAB>133700 p
//
// Flags stand behind the figure; ":" is none. Nothing says when it was changed.

// isTSV looks for the mark between the names of dimensions and the periods.
func isTSV(body []byte) bool {
	first, _, _ := bytes.Cut(body, []byte("\t"))
	return len(first) < 1000 && (bytes.HasSuffix(first, []byte(`\TIME_PERIOD`)) || bytes.HasSuffix(first, []byte(`\time`)))
}

// readTSV reads such a table.
func (d *decoder) readTSV(body []byte) error {
	if !bytes.HasSuffix(body, []byte("\n")) {
		return errors.New("its last line is not ended, so it may be cut short")
	}
	lines := bytes.SplitSeq(body[:len(body)-1], []byte("\n"))
	var periods []string
	for line := range lines {
		head, cells, _ := strings.Cut(strings.TrimSuffix(string(line), "\r"), "\t")
		codes := strings.Split(head, ",")
		if periods == nil {
			periods = strings.Split(cells, "\t")
			for i, p := range periods {
				periods[i] = strings.TrimSpace(p)
			}
			last := &codes[len(codes)-1]
			*last, _, _ = strings.Cut(*last, `\`)
			if err := errors.Join(d.startSet("", ""), d.structure(codes)); err != nil {
				return err
			}
			continue
		}
		if err := d.tsvRow(codes, periods, strings.Split(cells, "\t")); err != nil {
			return err
		}
	}
	return nil
}

// tsvRow reads the figures of one series.
func (d *decoder) tsvRow(codes, periods, cells []string) error {
	if len(codes) != len(d.dims) || len(cells) != len(periods) {
		return fmt.Errorf("the row %s has %d codes and %d cells, the header %d and %d", clip(strings.Join(codes, ",")), len(codes), len(cells), len(d.dims), len(periods))
	}
	for i, cell := range cells {
		value, flags, _ := strings.Cut(strings.TrimSpace(cell), " ")
		if bare, conf, ok := strings.Cut(value, "|"); ok { // no space before the confidentiality
			value, flags = bare, "|"+conf
		}
		if err := d.observe(codes, periods[i], value, attributes{flags: strings.ReplaceAll(flags, " ", "")}); err != nil {
			return err
		}
	}
	return nil
}
