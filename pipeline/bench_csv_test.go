//go:build duckdb_arrow

package pipeline_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"citystats/sources/sdmx"
	"citystats/sources/source"
	"citystats/sources/sourcetest"
)

// accounts is the dataflow of BenchmarkCSV.
var accounts = sdmx.Query{
	Name: "gdp", Title: "Regional accounts", Interface: "2.1", Agency: "OECD.CFE.EDS", Flow: "DSD_REG_ECO@DF_GDP", Key: "all", Format: "csvfile",
	Area: "REF_AREA", Origin: "oecd", Dimensions: []string{"FREQ", "TERRITORIAL_LEVEL", "REF_AREA", "TERRITORIAL_TYPE", "MEASURE", "ACTIVITY", "PRICES", "UNIT_MEASURE"},
}

// writeCSV writes n made-up figures as the OECD sends its regional accounts.
func writeCSV(t *testing.T, dir string, n int) {
	f, err := os.Create(filepath.Join(dir, "accounts.csv"))
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprint(w, "DATAFLOW,FREQ,TERRITORIAL_LEVEL,REF_AREA,TERRITORIAL_TYPE,MEASURE,ACTIVITY,PRICES,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT,DECIMALS\n")
	for i := range n {
		fmt.Fprintf(w, "OECD.CFE.EDS:DSD_REG_ECO@DF_GDP(2.4),A,TL3,ZZ%d,_Z,GDP,_T,Q,USD_PPP_PS,%d,%d.%d,A,0,1\n", i/50, 1975+i%50, 20000+i%77777, i%10)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// decodeCSV reads the file and decodes it.
func decodeCSV(t *testing.T, dir string, n int) {
	body, err := os.ReadFile(filepath.Join(dir, "accounts.csv"))
	if err != nil {
		t.Fatal(err)
	}
	var sink sourcetest.Count
	src := sdmx.New(sdmx.Config{ID: "oecd", Queries: []sdmx.Query{accounts}})
	if err := src.Decode(source.Document{Name: "data/gdp", Body: body}, &sink); err != nil || sink.Observed != n {
		t.Fatalf("%+v, %v", sink, err)
	}
}

// readCSV lets DuckDB read the same file with the types given.
func readCSV(t *testing.T, dir string, _ int) {
	bare(t, `CREATE TABLE accounts AS SELECT * FROM read_csv('`+dir+`/accounts.csv', header = true, delim = ',', quote = '"', escape = '"', columns = {
		'DATAFLOW': 'VARCHAR', 'FREQ': 'VARCHAR', 'TERRITORIAL_LEVEL': 'VARCHAR', 'REF_AREA': 'VARCHAR', 'TERRITORIAL_TYPE': 'VARCHAR', 'MEASURE': 'VARCHAR',
		'ACTIVITY': 'VARCHAR', 'PRICES': 'VARCHAR', 'UNIT_MEASURE': 'VARCHAR', 'TIME_PERIOD': 'INTEGER', 'OBS_VALUE': 'DOUBLE', 'OBS_STATUS': 'VARCHAR', 'UNIT_MULT': 'INTEGER', 'DECIMALS': 'INTEGER'})`)
}

// BenchmarkCSV decodes two million figures of SDMX-CSV and compares with DuckDB's
// read_csv on the same file in the same run: CPU time of processes of their own,
// less what starting one takes.
func BenchmarkCSV(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		const n = 2 * million
		measure(b, "write-csv", dir, n)
		idle := measure(b, "idle", dir, 0)
		ours := measure(b, "decode-csv", dir, n).cpu - idle.cpu
		theirs := measure(b, "read-csv", dir, n).cpu - idle.cpu
		b.ReportMetric(ours/theirs, "decode/read_csv")
		b.ReportMetric(n/ours, "records/cpu-s")
		b.ReportMetric(n/theirs, "read_csv-records/cpu-s")
	}
}
