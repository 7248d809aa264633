//go:build duckdb_arrow

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/peterh/liner"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"citystats/internal/fault"
	"citystats/pipeline/durable"
	"citystats/pipeline/warehouse"
)

// What one typed query may take. The engine cannot be interrupted inside a
// scalar function and does not count what such a function allocates, so the
// operating system holds these limits on the worker process.
const (
	workerAddressSpace = 3 << 30
	workerMemoryMB     = 768
)

func (a *app) sqlCommand() *cobra.Command {
	output := ""
	timeout := time.Minute
	cmd := &cobra.Command{
		Use:   "sql [QUERY]",
		Short: "Ask the live release in SQL, read-only",
		Long: `Runs one SELECT on the live release and prints the result. Without a query it
opens a prompt with history; a query there ends with a semicolon.

The tables are explained in the table dictionary, the calculations in the table
macros. Some look back in time: as_of(day), comparisons_as_of(day),
preferred_as_of(day) and growth_as_of(day) show what one would have read on a day;
first_release(), nth_release(n) and revision_triangle(region, indicator) show what
was said first and what later. In a DuckDB of your own, open the file, or attach it
and USE it.

Each query runs in a process of its own that can read the release and nothing
else, and is stopped after --timeout. --format also takes parquet and arrow (an
IPC stream).`,
		Example: `  citystats sql "SELECT time_period, value, obs_status FROM observations WHERE region = 'Hefei' AND indicator = 'gdp' ORDER BY 1"
  citystats sql "FROM as_of('2023-08-05')" --format parquet -o asof.parquet
  citystats sql "FROM yoy('hefei', 'gdp', splice := true)"
  citystats sql "FROM revision_triangle('china', 'gdp') WHERE time_period = '2020'"
  citystats sql "SELECT * FROM dictionary"
  citystats sql`,
		Args:        cobra.MaximumNArgs(1),
		Annotations: map[string]string{"formats": "table json csv parquet arrow"},
		RunE: func(cmd *cobra.Command, args []string) error {
			path, _, err := a.live()
			if err != nil {
				return err
			}
			ask := func(ctx context.Context, query string) error {
				return a.ask(ctx, workerJob{path, query}, timeout, output)
			}
			if len(args) == 1 {
				return ask(cmd.Context(), args[0])
			}
			if output != "" {
				return fault.New(fault.Usage, "", "give a query as well", "-o needs a query")
			}
			return a.prompt(cmd.Context(), ask)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "write the result to this file")
	cmd.Flags().DurationVar(&timeout, "timeout", timeout, "stop a query after this long")
	return cmd
}

// workerJob is what the worker process is told on its standard input.
type workerJob struct{ Path, Query string }

// workerCommand is the process a typed query runs in. It answers with an Arrow
// stream, or with an error object on standard error.
func (a *app) workerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "sql-worker", Hidden: true, Args: cobra.NoArgs,
		Short: "Run one query given as JSON on standard input (used by citystats sql)", Example: "  citystats sql",
		RunE: func(cmd *cobra.Command, _ []string) error {
			for resource, most := range map[int]uint64{unix.RLIMIT_AS: workerAddressSpace, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_CORE: 0} {
				if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: most, Max: most}); err != nil {
					return fmt.Errorf("limit %d: %w", resource, err)
				}
			}
			var job workerJob
			if err := json.NewDecoder(a.in).Decode(&job); err != nil {
				return fmt.Errorf("job: %w", err)
			}
			return warehouse.Guard(cmd.Context(), job.Path, job.Query, warehouse.Limits{MemoryMB: workerMemoryMB, Threads: 2}, a.out)
		},
	}
}

// ask runs a query in a worker and prints what it answers.
func (a *app) ask(ctx context.Context, job workerJob, timeout time.Duration, output string) error {
	var result bytes.Buffer
	if err := runWorker(ctx, job, timeout, &result); err != nil {
		return err
	}
	rows, err := ipc.NewReader(&result)
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	defer rows.Release()
	if output == "" {
		return a.writeRows(a.out, rows)
	}
	return writeOutput(output, func(w io.Writer) error { return a.writeRows(w, rows) })
}

// writeOutput writes a file so that a failure leaves the old one. What is there
// and is no plain file, such as a device or a pipe, is written into, not replaced.
func writeOutput(path string, fill func(io.Writer) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().IsRegular() {
		return durable.Write(path, fill)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return durable.Explain(err, path)
	}
	return errors.Join(fill(f), f.Close())
}

func runWorker(ctx context.Context, job workerJob, timeout time.Duration, result io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("own path: %w", err)
	}
	text, err := json.Marshal(job)
	if err != nil {
		return fmt.Errorf("job: %w", err)
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var complaint bytes.Buffer
	worker := exec.CommandContext(limited, self, "sql-worker") // killed at the deadline: no query can outlive it
	worker.Env = []string{"HOME=/nonexistent"}
	worker.Stdin, worker.Stdout, worker.Stderr = bytes.NewReader(text), result, &complaint
	worker.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL} // Ctrl-C reaches us alone, and we kill it; it does not outlive us
	err = worker.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return fault.New(fault.Usage, "", "ask for less, or give it longer with --timeout", "the query was stopped after %s", timeout)
	}
	return workerError(err, complaint.String())
}

// workerError gives the worker's own words when it had any.
func workerError(err error, complaint string) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("worker: %w", err)
	}
	message := strings.TrimSpace(strings.TrimPrefix(complaint, "citystats: "))
	text, hint, _ := strings.Cut(message, "\n  ")
	switch exit.ExitCode() {
	case fault.ExitCode(&fault.Error{Kind: fault.Usage}):
		return fault.New(fault.Usage, "", hint, "%s", text)
	case fault.ExitCode(&fault.Error{Kind: fault.Storage}):
		return fault.New(fault.Storage, "", hint, "%s", text)
	}
	first, _, _ := strings.Cut(message, "\n")
	return fault.New(fault.Usage, "", "ask for fewer rows, or page by a key", "the query took more than a query may (%s %s)", exit, first)
}

// writeRows prints an Arrow stream in the format asked for.
func (a *app) writeRows(w io.Writer, rows *ipc.Reader) error {
	switch a.format {
	case "arrow":
		return writeArrow(w, rows)
	case "parquet":
		return writeParquet(w, rows)
	}
	g := &grid{}
	for _, f := range rows.Schema().Fields() {
		g.columns = append(g.columns, column{f.Name, f.Name, isNumber(f.Type)})
	}
	for rows.Next() {
		batch := rows.RecordBatch()
		for r := range int(batch.NumRows()) {
			cells := make([]cell, batch.NumCols())
			for c := range cells {
				cells[c] = arrowCell(batch.Column(c), r)
			}
			g.add(cells...)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("result: %w", err)
	}
	switch a.format {
	case "json":
		return writeJSON(w, g.objects())
	case "csv":
		return g.csv(w)
	}
	return g.table(w)
}

func isNumber(t arrow.DataType) bool {
	return arrow.IsInteger(t.ID()) || arrow.IsFloating(t.ID()) || arrow.IsDecimal(t.ID())
}

func arrowCell(column arrow.Array, r int) cell {
	if column.IsNull(r) {
		return cell{nil, ""}
	}
	switch col := column.(type) {
	case *array.Float64:
		if v := col.Value(r); math.IsNaN(v) || math.IsInf(v, 0) {
			return cell{nil, fmt.Sprint(v)} // JSON and CSV have no such number
		}
		return shown(col.Value(r))
	case *array.Int64:
		return shown(col.Value(r))
	case *array.Int32:
		return shown(col.Value(r))
	case *array.Boolean:
		return shown(col.Value(r))
	case *array.String:
		return shown(col.Value(r))
	case *array.Date32:
		return shown(col.Value(r).ToTime().Format(time.DateOnly))
	case *array.Timestamp:
		unit := col.DataType().(*arrow.TimestampType).Unit
		return shown(col.Value(r).ToTime(unit).Format("2006-01-02T15:04:05.999999Z"))
	}
	text := column.ValueStr(r)
	if isNumber(column.DataType()) {
		return cell{json.Number(text), text}
	}
	if raw, err := json.Marshal(column.GetOneForMarshal(r)); err == nil && strings.HasPrefix(string(raw), "{") || strings.HasPrefix(string(raw), "[") {
		return cell{json.RawMessage(raw), string(raw)}
	}
	return shown(text)
}

func writeArrow(w io.Writer, rows *ipc.Reader) error {
	out := ipc.NewWriter(w, ipc.WithSchema(rows.Schema()))
	for rows.Next() {
		if err := out.Write(rows.RecordBatch()); err != nil {
			return fmt.Errorf("arrow: %w", err)
		}
	}
	return errors.Join(rows.Err(), out.Close())
}

func writeParquet(w io.Writer, rows *ipc.Reader) error {
	props := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCreatedBy("citystats"))
	out, err := pqarrow.NewFileWriter(rows.Schema(), writerOnly{w}, props, pqarrow.DefaultWriterProps())
	if err != nil {
		return fault.New(fault.Usage, "", "CAST the column to a plain type", "the result cannot be written as Parquet: %v", err)
	}
	for rows.Next() {
		if err := out.Write(rows.RecordBatch()); err != nil {
			return errors.Join(fmt.Errorf("parquet: %w", err), out.Close())
		}
	}
	return errors.Join(rows.Err(), out.Close())
}

// writerOnly hides Close, which the Parquet writer would call on standard output.
type writerOnly struct{ io.Writer }

// prompt reads queries until the end of input and answers each.
func (a *app) prompt(ctx context.Context, ask func(context.Context, string) error) error {
	line := liner.NewLiner()
	defer func() { _ = line.Close() }() // gives the terminal back; there is nobody to tell
	line.SetCtrlCAborts(true)
	history := historyFile()
	if f, err := os.Open(history); err == nil {
		_, _ = line.ReadHistory(f) // a damaged history is not worth a failure
		f.Close()
	}
	defer func() {
		_ = durable.Write(history, func(w io.Writer) error {
			_, err := line.WriteHistory(w)
			return err
		})
	}()
	query := ""
	for {
		mark := "citystats> "
		if query != "" {
			mark = "       ... "
		}
		text, err := promptOrStop(ctx, line, mark)
		if errors.Is(err, liner.ErrPromptAborted) {
			query = ""
			continue
		}
		if errors.Is(err, io.EOF) && query != "" {
			return ask(ctx, query) // a script's last query may lack its semicolon
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("prompt: %w", err)
		}
		if query == "" && (text == "exit" || text == "quit" || text == ".exit" || text == ".quit") {
			return nil
		}
		query = strings.TrimSpace(query + "\n" + text)
		if !strings.HasSuffix(query, ";") {
			continue
		}
		line.AppendHistory(strings.ReplaceAll(query, "\n", " "))
		if err := ask(ctx, strings.TrimSuffix(query, ";")); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			explain(a.err, err)
		}
		query = ""
	}
}

// promptOrStop reads a line, or returns when ctx is done: the read itself cannot
// be interrupted.
func promptOrStop(ctx context.Context, line *liner.State, mark string) (string, error) {
	type read struct {
		text string
		err  error
	}
	done := make(chan read, 1)
	go func() {
		text, err := line.Prompt(mark)
		done <- read{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func historyFile() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	dir = filepath.Join(dir, "citystats")
	_ = os.MkdirAll(dir, 0o700) // without it there is no history, and nothing else
	return filepath.Join(dir, "history")
}
