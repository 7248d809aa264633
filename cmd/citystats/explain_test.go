//go:build duckdb_arrow

package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"go.uber.org/zap"

	"citystats/data"
	"citystats/pipeline"
	"citystats/pipeline/answers"
	"citystats/sources/bundled"
	"citystats/sources/source"
	queries "citystats/sql"
)

var update = flag.Bool("update", false, "write what explain prints into testdata/explain.txtar")

// command runs the program in this process and gives what it prints.
func command(t *testing.T, state string, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	root := newRoot(strings.NewReader(""), &out, os.Stderr)
	root.SetArgs(append([]string{"--state", state}, args...))
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("citystats %s: %v", strings.Join(args, " "), err)
	}
	return out.String()
}

// few is a state folder with three publications, at a fixed time. Figures and
// publications are real but for the last, which is made up.
func few(t *testing.T, documents txtar.Archive) string {
	t.Helper()
	files := fstest.MapFS{}
	for _, f := range documents.Files {
		if name, ok := strings.CutPrefix(f.Name, "in/"); ok {
			files[name] = &fstest.MapFile{Data: f.Data}
		}
	}
	catalog, err := data.Load(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	set, err := queries.Load(queries.Files())
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	p, err := pipeline.New(pipeline.Config{
		State: state, Catalog: catalog, Queries: set, Sources: []source.Source{bundled.New(files)}, Log: zap.NewNop(), Keep: 1, Limits: limits,
		Now:    func() time.Time { return time.Date(2026, 11, 23, 2, 15, 0, 0, time.UTC) },
		Client: func(source.Info, *answers.Store) *http.Client { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(t.Context(), pipeline.Options{}); err != nil {
		t.Fatal(err)
	}
	return state
}

// TestExplainPrints holds every form of explain in every format to
// testdata/explain.txtar, whose in/ files are the documents. A file is named after
// the arguments.
func TestExplainPrints(t *testing.T) {
	const path = "testdata/explain.txtar"
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	state := few(t, *archive)
	var releases []struct{ Release string }
	if err := json.Unmarshal([]byte(command(t, state, "releases", "--format", "json")), &releases); err != nil {
		t.Fatal(err)
	}
	for i, f := range archive.Files {
		if !strings.HasPrefix(f.Name, "explain ") {
			continue
		}
		// The release is named by its contents, all definitions among them.
		got := strings.ReplaceAll(command(t, state, strings.Fields(f.Name)...), releases[0].Release, "RELEASE")
		if *update {
			archive.Files[i].Data = []byte(got)
			continue
		}
		if diff := cmp.Diff(string(f.Data), got); diff != "" {
			t.Errorf("citystats %s does not print what %s says (-want +got); look at it and run go test -tags duckdb_arrow ./cmd/citystats -run ExplainPrints -update:\n%s", f.Name, path, diff)
		}
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
