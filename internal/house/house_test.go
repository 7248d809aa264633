package house_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type pkg struct {
	ImportPath                string
	Doc                       string
	Imports                   []string
	GoFiles                   []string
	TestGoFiles, XTestGoFiles []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Doc,Imports,GoFiles,TestGoFiles,XTestGoFiles", "-tags", "duckdb_arrow", "./...")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// mayImport says which of the project's own packages the packages below a path
// may import; the longest matching path counts. A package may import what is
// below its own path only if that is listed.
var mayImport = map[string][]string{
	"citystats/internal/fault":     {},
	"citystats/internal/house":     {},
	"citystats/transforms":         {},
	"citystats/transforms/measure": {"citystats/transforms/period", "citystats/transforms/units"},
	"citystats/data":               {"citystats/internal/fault", "citystats/transforms"},
	"citystats/sql":                {"citystats/internal/fault"},
	"citystats/sources/grid":       {"citystats/internal/fault"},
	"citystats/sources/source":     {},
	"citystats/sources/transport":  {"citystats/internal/fault"},
	"citystats/sources/walk":       {},
	"citystats/sources/sourcetest": {"citystats/internal/fault", "citystats/sources/source", "citystats/sources/transport"},
	"citystats/sources/":           {"citystats/internal/fault", "citystats/transforms", "citystats/sources/grid", "citystats/sources/source", "citystats/sources/transport", "citystats/sources/walk"},
	"citystats/sources":            {"citystats/data", "citystats/sources"},
	"citystats/pipeline":           {"citystats/internal/fault", "citystats/transforms", "citystats/data", "citystats/sql", "citystats/sources/source", "citystats/pipeline"},
	"citystats/charts/render":      {},
	"citystats/charts":             {"citystats/internal/fault", "citystats/transforms", "citystats/data", "citystats/sql", "citystats/pipeline/warehouse", "citystats/charts/render"},
	"citystats/serve":              {"citystats/internal/fault", "citystats/transforms", "citystats/data", "citystats/sql", "citystats/sources/source", "citystats/pipeline/durable", "citystats/pipeline/provenance", "citystats/pipeline/release", "citystats/pipeline/revisions", "citystats/pipeline/warehouse", "citystats/charts", "citystats/serve"},
	"citystats/cmd":                {"citystats"},
}

func TestImportsRunOneWay(t *testing.T) {
	for _, p := range packages(t) {
		longest := ""
		for path := range mayImport {
			if strings.HasPrefix(p.ImportPath, path) && len(path) > len(longest) {
				longest = path
			}
		}
		if longest == "" {
			t.Errorf("%s is in no room of the house: add its folder to mayImport and to docs/decisions/0001-the-house.md", p.ImportPath)
			continue
		}
		for _, i := range p.Imports {
			below := func(path string) bool { return i == path || strings.HasPrefix(i, path+"/") }
			if strings.HasPrefix(i, "citystats") && !slices.ContainsFunc(mayImport[longest], below) {
				t.Errorf("%s imports %s: data would run backwards", p.ImportPath, i)
			}
			if strings.HasPrefix(i, "github.com/duckdb/") && p.ImportPath != "citystats/pipeline/warehouse" {
				t.Errorf("%s imports %s: only pipeline/warehouse knows the database", p.ImportPath, i)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no package comment: it is the design document", p.ImportPath)
		}
		if len(p.TestGoFiles)+len(p.XTestGoFiles) == 0 {
			t.Errorf("%s has no test", p.ImportPath)
		}
	}
}

func TestEverySourceIsWholeAndListed(t *testing.T) {
	list, err := os.ReadFile(filepath.Join(root(t), "sources", "sources.go"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(root(t), "sources"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() || slices.Contains([]string{"grid", "source", "sourcetest", "transport", "walk"}, e.Name()) {
			continue
		}
		if !strings.Contains(string(list), e.Name()+".New(") {
			t.Errorf("source %s is not in sources.All", e.Name())
		}
		if _, err := os.Stat(filepath.Join(root(t), "sources", e.Name(), "README.md")); err != nil {
			t.Errorf("source %s has no README.md: licence, limits, cadence, quirks", e.Name())
		}
		tests := testsOf(t, e.Name())
		for part, why := range map[string]string{"sourcetest.Run(": "is not held to the contract", "\nfunc Fuzz": "has no fuzz target"} {
			if !strings.Contains(tests, part) {
				t.Errorf("source %s %s: its tests want %q", e.Name(), why, strings.TrimSpace(part))
			}
		}
	}
}

// testsOf is the text of a source's tests.
func testsOf(t *testing.T, source string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), "sources", source, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// What must stay in one place, or nowhere, because the engine punishes it.
func TestEngineTrapsHaveOneRoom(t *testing.T) {
	only := map[string]string{
		"Register" + "View(":      "pipeline/warehouse/stream.go",
		"ReaderFrom" + "Iter(":    "",
		"COPY FROM " + "DATABASE": "",
		"PRIMARY " + "KEY (":      "",
		"ON CONFLICT " + "DO":     "",
		".Prepare" + "Context(":   "",
		"http.Default" + "Client": "",
	}
	err := filepath.WalkDir(root(t), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if ext := filepath.Ext(path); (ext != ".go" && ext != ".sql") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		name, err := filepath.Rel(root(t), path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for what, where := range only {
			if name != where && strings.Contains(string(text), what) {
				t.Errorf("%s holds %q, which belongs in %q: see the package comment of pipeline/warehouse", name, what, where)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
