//go:build duckdb_arrow

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/time/rate"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline"
	"citystats/pipeline/answers"
	"citystats/pipeline/release"
	"citystats/pipeline/warehouse"
	"citystats/sources"
	"citystats/sources/source"
	"citystats/sources/transport"
	queries "citystats/sql"
)

// app is what the commands share: the flags everybody has and what they open.
type app struct {
	in       io.Reader
	out, err io.Writer

	state, root, format string
	contact             string
	logFormat, logLevel string

	record string // folder for exchanges with publishers; empty for not recording
	meter  *meter
}

// keepReleases is how many releases are kept, the live one among them.
const keepReleases = 30

// limits keeps the engine within what a small server has to spare.
var limits = warehouse.Limits{MemoryMB: 1024}

func newRoot(in io.Reader, out, errs io.Writer) *cobra.Command {
	a := &app{in: in, out: out, err: errs, meter: newMeter(errs)}
	root := &cobra.Command{
		Use:   "citystats",
		Short: "City statistics you can cite, trace and compare",
		Long: `citystats collects statistics of cities and their country, keeps every document
and every vintage, and compares any city with any benchmark.

Everything is kept in one state folder. "citystats run" brings it up to date;
the other commands read the last published release.

Exit codes: 0 good, 1 a fault of ours, 2 usage, 3 a mistake in data/ or sql/,
4 a publisher failed, 5 an editor must decide, 6 the operator must act,
130 stopped.`,
		Example: `  citystats run
  citystats compare --region hefei --benchmark national_urban --indicator disposable_income_urban
  citystats sql "SELECT time_period, value FROM observations WHERE region = 'Hefei' AND indicator = 'gdp'"`,
		SilenceErrors: true, SilenceUsage: true,
		Args:              cobra.NoArgs,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.checkFlags(cmd) },
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	flags := root.PersistentFlags()
	flags.StringVar(&a.state, "state", envOr("CITYSTATS_STATE", "state"), "state folder (environment CITYSTATS_STATE)")
	flags.StringVar(&a.root, "root", "", "read data/ and sql/ from this folder instead of those built in")
	flags.StringVar(&a.format, "format", "table", "table, json or csv")
	flags.StringVar(&a.contact, "contact", os.Getenv("CITYSTATS_CONTACT"), "how a publisher reaches you, sent with each request (environment CITYSTATS_CONTACT)")
	flags.StringVar(&a.logFormat, "log-format", "console", "console or json")
	flags.StringVar(&a.logLevel, "log-level", "warn", "debug, info, warn or error")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fault.New(fault.Usage, "", "see "+cmd.CommandPath()+" --help", "%s", err.Error())
	})
	root.AddCommand(
		a.runCommand(), a.compareCommand(), a.revisionsCommand(), a.reconcileCommand(), a.explainCommand(), a.resembleCommand(), a.syntheticCommand(), a.sqlCommand(), a.workerCommand(), a.indicatorsCommand(), a.regionsCommand(),
		a.sourcesCommand(), a.runsCommand(), a.releasesCommand(), a.checksCommand(), a.claimsCommand(), a.importCommand(),
		a.rebuildCommand(), a.scheduleCommand(), a.doctorCommand(), a.sourceCommand(), a.chartCommand(), a.exportCommand(), a.serveCommand(), a.notifyCommand(), a.versionCommand(),
	)
	for _, c := range append(root.Commands(), root) {
		c.Args = usageArgs(c.Args)
	}
	return root
}

// checkFlags refuses what no command could do, before any begins. A command with
// formats of its own lists them in its annotation.
func (a *app) checkFlags(cmd *cobra.Command) error {
	formats := []string{"table", "json", "csv"}
	if own := cmd.Annotations["formats"]; own != "" {
		formats = strings.Split(own, " ")
	}
	if !slices.Contains(formats, a.format) {
		return fault.New(fault.Usage, "", "write one of "+strings.Join(formats, ", "), "--format %q is nothing %s can do", a.format, cmd.CommandPath())
	}
	if strings.ContainsAny(a.state, "?\x00") {
		return fault.New(fault.Usage, "", "name another folder", "--state %q: the database cannot be in a folder with a question mark in its path", a.state)
	}
	_, err := a.log()
	return err
}

// usageArgs makes a wrong number of arguments the fault of whoever typed them.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check == nil {
			return nil
		}
		if err := check(cmd, args); err != nil {
			return fault.New(fault.Usage, "", "see "+cmd.CommandPath()+" --help", "%s", err.Error())
		}
		return nil
	}
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// folders are data/ and sql/, built in or below --root.
func (a *app) folders() (dataFS, sqlFS fs.FS, err error) {
	if a.root == "" {
		return data.Files(), queries.Files(), nil
	}
	for _, name := range []string{"data", "sql"} {
		if info, err := os.Stat(filepath.Join(a.root, name)); err != nil || !info.IsDir() {
			return nil, nil, fault.New(fault.Usage, "", "name the folder that holds data/ and sql/", "--root %s has no folder %s", a.root, name)
		}
	}
	return os.DirFS(filepath.Join(a.root, "data")), os.DirFS(filepath.Join(a.root, "sql")), nil
}

func (a *app) catalog() (*data.Catalog, error) {
	files, _, err := a.folders()
	if err != nil {
		return nil, err
	}
	return data.Load(files)
}

func (a *app) definitions() (*data.Catalog, *queries.Set, error) {
	dataFS, sqlFS, err := a.folders()
	if err != nil {
		return nil, nil, err
	}
	catalog, errData := data.Load(dataFS)
	set, errSQL := queries.Load(sqlFS)
	if err := errors.Join(errData, errSQL); err != nil {
		return nil, nil, err
	}
	return catalog, set, acceptable(catalog, set)
}

// acceptable holds accepted.csv to the checks there are: a misspelt one would
// accept nothing and never expire.
func acceptable(catalog *data.Catalog, set *queries.Set) error {
	t, _ := catalog.Table("accepted")
	var problems []error
	for i := range t.Rows {
		for _, name := range t.List(i, "checks") {
			if !slices.ContainsFunc(set.Checks, func(q queries.Query) bool { return q.Name == name }) {
				problems = append(problems, fault.New(fault.Definition, t.Place(i, "checks"), "write the name of a file in sql/checks", "there is no check %q", name))
			}
		}
	}
	return errors.Join(problems...)
}

// pipeline wires everything a run needs.
func (a *app) pipeline() (*pipeline.Pipeline, error) {
	catalog, set, err := a.definitions()
	if err != nil {
		return nil, err
	}
	log, err := a.log()
	if err != nil {
		return nil, err
	}
	all, err := sources.All(catalog, os.Getenv)
	if err != nil {
		return nil, err
	}
	return pipeline.New(pipeline.Config{
		State: a.state, Catalog: catalog, Queries: set, Sources: all, Now: time.Now,
		Client: func(info source.Info, kept *answers.Store) *http.Client { return a.client(catalog, info, kept) },
		Log:    log, Progress: a.meter.progress, Limits: limits, Keep: keepReleases,
	})
}

// client is a polite HTTP client that calls only the source's own hosts, as often
// as data/sources.csv allows. What is recorded is asked for in full.
func (a *app) client(catalog *data.Catalog, info source.Info, kept *answers.Store) *http.Client {
	agent := "citystats/" + version()
	if a.contact != "" {
		agent += " (" + a.contact + ")"
	}
	o := transport.Options{UserAgent: agent, Hosts: info.Hosts, Kept: kept, Traffic: a.meter.client()}
	if a.record != "" {
		o.Kept, o.Record = nil, transport.Folder(filepath.Join(a.record, info.ID))
	}
	for _, s := range catalog.Sources {
		if s.ID == info.ID {
			o.Rate = rate.Limit(1 / s.SecondsBetween)
		}
	}
	return transport.New(o)
}

func (a *app) log() (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(a.logLevel)
	if err != nil {
		return nil, fault.New(fault.Usage, "", "write debug, info, warn or error", "--log-level is %q", a.logLevel)
	}
	encoding := zap.NewProductionEncoderConfig()
	encoding.EncodeTime = zapcore.ISO8601TimeEncoder
	var encoder zapcore.Encoder
	switch a.logFormat {
	case "json":
		encoder = zapcore.NewJSONEncoder(encoding)
	case "console":
		encoder = zapcore.NewConsoleEncoder(encoding)
	default:
		return nil, fault.New(fault.Usage, "", "write console or json", "--log-format is %q", a.logFormat)
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.AddSync(a.aside()), level)), nil
}

// aside is where remarks go that are no result, past the line of progress.
func (a *app) aside() io.Writer {
	if a.meter != nil {
		return a.meter
	}
	return a.err
}

// reader opens the live release.
func (a *app) reader(ctx context.Context) (*warehouse.Reader, release.Manifest, error) {
	path, m, err := a.live()
	if err != nil {
		return nil, m, err
	}
	r, err := warehouse.OpenReader(ctx, path, limits)
	return r, m, err
}

// live is the database of the live release, its link resolved once.
func (a *app) live() (string, release.Manifest, error) {
	store := release.Store{Dir: a.state}
	m, err := store.Current()
	if errors.Is(err, fs.ErrNotExist) {
		return "", m, fault.New(fault.Usage, a.state, "run citystats run first, or name another folder with --state", "nothing was published here yet")
	}
	if err != nil {
		return "", m, err
	}
	path, err := filepath.Abs(store.Path(m.ID))
	return path, m, err
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return strings.TrimPrefix(info.Main.Version, "v")
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Example: "  citystats version", Args: cobra.NoArgs,
		Annotations: map[string]string{"formats": "table json"},
		RunE: func(*cobra.Command, []string) error {
			if a.format == "json" {
				return writeJSON(a.out, object{{"version", version()}})
			}
			_, err := fmt.Fprintln(a.out, "citystats "+version())
			return err
		},
	}
}
