package archive_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"citystats/internal/fault"
	"citystats/pipeline/archive"
	"citystats/sources/source"
)

var knownAt = time.Date(2026, time.November, 23, 2, 15, 0, 0, time.UTC)

func open(t rapid.TB, dir, base string) *archive.Archive {
	t.Helper()
	a, err := archive.Open(dir, base)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func shut(t rapid.TB, a *archive.Archive) {
	t.Helper()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

// put stores a document of source "x".
func put(t rapid.TB, a *archive.Archive, name, body string) (archive.Capture, bool) {
	t.Helper()
	c, fresh, err := a.Put(source.Document{Source: "x", Name: name, Body: []byte(body)}, knownAt, "run")
	if err != nil {
		t.Fatal(err)
	}
	return c, fresh
}

func wantBody(t rapid.TB, a *archive.Archive, c archive.Capture, body string) {
	t.Helper()
	got, err := a.Body(c)
	if err != nil || string(got) != body {
		t.Errorf("capture %d holds %q, %v, want %q", c.ID, got, err, body)
	}
}

// files are the paths below dir and what they hold.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		out[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func objectPath(dir string, c archive.Capture) string {
	return filepath.Join(dir, "objects", c.SHA256[:2], c.SHA256+".zst")
}

// TestPut follows a document through the nights.
func TestPut(t *testing.T) {
	a := open(t, t.TempDir(), "")
	defer shut(t, a)
	doc := func(body, published, notBefore string) source.Document {
		return source.Document{Source: "x", Name: "gdp", Body: []byte(body), Published: published, NotBefore: notBefore}
	}
	other := doc("A", "", "")
	other.Name = "income"
	stranger := doc("A", "", "")
	stranger.Source = "y"
	renamed := doc("A", "", "")
	renamed.Title, renamed.URL = "Another title", "https://example.org/moved"
	nights := []struct {
		name  string
		doc   source.Document
		id    int
		fresh bool
	}{
		{"first", doc("A", "", ""), 1, true},
		{"the same again", doc("A", "", ""), 1, false},
		{"the same under another title", renamed, 1, false},
		{"other bytes", doc("B", "", ""), 2, true},
		{"the first bytes again", doc("A", "", ""), 3, true},
		{"dated at last", doc("A", "2026-11", ""), 4, true},
		{"dated otherwise", doc("A", "2026-11-20", ""), 5, true},
		{"not before", doc("A", "2026-11-20", "2026-11-01"), 6, true},
		{"and again", doc("A", "2026-11-20", "2026-11-01"), 6, false},
		{"another document with these bytes", other, 7, true},
		{"another source with this name", stranger, 8, true},
		{"nothing in it", doc("", "", ""), 9, true},
		{"nothing again", doc("", "", ""), 9, false},
	}
	for _, n := range nights {
		c, fresh, err := a.Put(n.doc, knownAt, "run")
		if err != nil || c.ID != n.id || fresh != n.fresh {
			t.Errorf("%s: capture %d, new %v, %v; want %d, %v", n.name, c.ID, fresh, err, n.id, n.fresh)
		}
		wantBody(t, a, c, string(n.doc.Body))
	}
	if got := len(a.Captures()); got != 9 {
		t.Errorf("%d captures, want 9", got)
	}
}

// TestCapture keeps all that is known of a document, over a restart.
func TestCapture(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, "")
	doc := source.Document{
		Source: "x", Name: "a/b?c=1&d=2", Title: "统计公报 <2022>", Publisher: "nbs", URL: "https://example.org/?a=1&b=2", MediaType: "text/html",
		Published: "2023-04", NotBefore: "2023", Body: []byte("\xff\x00 any bytes"),
	}
	at := knownAt.Add(123456789 * time.Nanosecond).In(time.FixedZone("CST", 8*3600))
	c, fresh, err := a.Put(doc, at, "run 1")
	if err != nil || !fresh {
		t.Fatalf("new %v, %v", fresh, err)
	}
	want := archive.Capture{
		ID: 1, Run: "run 1", KnownAt: knownAt, SHA256: c.SHA256, Size: len(doc.Body), Source: doc.Source, Name: doc.Name, Title: doc.Title,
		Publisher: doc.Publisher, URL: doc.URL, MediaType: doc.MediaType, Published: doc.Published, NotBefore: doc.NotBefore,
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("capture (-want +got):\n%s", diff)
	}
	shut(t, a)
	a = open(t, dir, "")
	defer shut(t, a)
	if diff := cmp.Diff([]archive.Capture{want}, a.Captures()); diff != "" {
		t.Errorf("captures after reopening (-want +got):\n%s", diff)
	}
	body, err := a.Body(c)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(doc, a.Captures()[0].Document(body)); diff != "" {
		t.Errorf("document (-put +got):\n%s", diff)
	}
}

// TestDamagedObject spoils what is stored, wants it noticed and named, and
// healed when the document comes in again.
func TestDamagedObject(t *testing.T) {
	body := strings.Repeat("合肥 GDP 12013.1 ", 50)
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	packed := enc.EncodeAll([]byte("another document"), nil)
	for name, spoil := range map[string]func(stored []byte) []byte{
		"emptied":          func([]byte) []byte { return nil },
		"first half only":  func(b []byte) []byte { return b[:len(b)/2] },
		"last byte gone":   func(b []byte) []byte { return b[:len(b)-1] },
		"one bit":          func(b []byte) []byte { b = bytes.Clone(b); b[len(b)/2] ^= 1; return b },
		"first byte":       func(b []byte) []byte { b = bytes.Clone(b); b[0] ^= 0xff; return b },
		"more behind it":   func(b []byte) []byte { return append(bytes.Clone(b), "tail"...) },
		"twice":            func(b []byte) []byte { return append(bytes.Clone(b), b...) },
		"another document": func([]byte) []byte { return packed },
		"not compressed":   func([]byte) []byte { return []byte(body) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			a := open(t, dir, "")
			defer shut(t, a)
			c, _ := put(t, a, "gdp", body)
			path := objectPath(dir, c)
			stored, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, spoil(stored), 0o644); err != nil {
				t.Fatal(err)
			}
			wantDamage(t, a, c, path)
			if _, fresh := put(t, a, "gdp", body); fresh {
				t.Error("healing makes a capture")
			}
			wantBody(t, a, c, body)
		})
	}
}

// wantDamage checks that reading c fails with the object's place.
func wantDamage(t *testing.T, a *archive.Archive, c archive.Capture, path string) {
	t.Helper()
	body, err := a.Body(c)
	var told *fault.Error
	if !errors.As(err, &told) || told.Kind != fault.Storage {
		t.Errorf("%q, %v: want an error of kind storage", body, err)
		return
	}
	if told.Where != path || told.Hint == "" || !strings.Contains(told.What, c.Name) || !strings.Contains(told.What, c.Source) {
		t.Errorf("%v does not name %s, document %s and source %s, and what to do", err, path, c.Name, c.Source)
	}
}

func TestMissingObject(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, "")
	defer shut(t, a)
	c, _ := put(t, a, "gdp", "body")
	if body, err := archive.ReadBody(dir, c); err != nil || string(body) != "body" {
		t.Errorf("without opening the archive its document is %q, %v", body, err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "objects")); err != nil {
		t.Fatal(err)
	}
	wantDamage(t, a, c, objectPath(dir, c))
	if _, fresh := put(t, a, "gdp", "body"); fresh {
		t.Error("healing makes a capture")
	}
	wantBody(t, a, c, "body")
}

// TestUnnamedObject is what a crash between the object and its line leaves.
func TestUnnamedObject(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, "")
	c, _ := put(t, a, "gdp", "body")
	shut(t, a)
	if err := os.Truncate(filepath.Join(dir, "captures.jsonl"), 0); err != nil {
		t.Fatal(err)
	}
	a = open(t, dir, "")
	defer shut(t, a)
	if len(a.Captures()) != 0 {
		t.Fatalf("captures %v", a.Captures())
	}
	again, fresh := put(t, a, "gdp", "body")
	if diff := cmp.Diff(c, again); diff != "" || !fresh {
		t.Errorf("new %v (-first +again):\n%s", fresh, diff)
	}
}

// TestCut cuts the list of captures at every byte and puts the documents again.
func TestCut(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, "")
	bodies := []string{"one", "two"}
	for i, b := range bodies {
		put(t, a, fmt.Sprint(i), b)
	}
	all := a.Captures()
	shut(t, a)
	path := filepath.Join(dir, "captures.jsonl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range len(text) + 1 {
		if err := os.WriteFile(path, text[:at], 0o644); err != nil {
			t.Fatal(err)
		}
		kept := bytes.Count(text[:at], []byte("\n"))
		a := open(t, dir, "")
		if diff := cmp.Diff(all[:kept], a.Captures(), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("cut at %d (-want +got):\n%s", at, diff)
		}
		for i, b := range bodies {
			c, fresh := put(t, a, fmt.Sprint(i), b)
			if c.ID != i+1 || fresh != (i >= kept) {
				t.Fatalf("cut at %d: document %d is capture %d, new %v", at, i, c.ID, fresh)
			}
		}
		shut(t, a)
		if got, err := os.ReadFile(path); !bytes.Equal(got, text) {
			t.Fatalf("cut at %d: the list is now\n%s%v, want\n%s", at, got, err, text)
		}
	}
}

func TestDamagedList(t *testing.T) {
	sum := strings.Repeat("a", 64)
	good := `{"id":1,"sha256":"` + sum + `"}` + "\n"
	for name, lines := range map[string]string{
		"not JSON":           good + "{\"id\":2,\n",
		"another number":     good + `{"id":3,"sha256":"` + sum + `"}` + "\n",
		"the same line":      good + good,
		"no hash":            good + `{"id":2}` + "\n",
		"half a hash":        good + `{"id":2,"sha256":"aa"}` + "\n",
		"half a line within": good + `{"id":2,"sha` + good,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "captures.jsonl")
			if err := os.WriteFile(path, []byte(lines), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := archive.Open(dir, "")
			var told *fault.Error
			if !errors.As(err, &told) || told.Kind != fault.Storage || told.Where != path || !strings.Contains(err.Error(), "line 2") {
				t.Errorf("error %v, want one of kind storage at %s that names line 2", err, path)
			}
			if text, err := os.ReadFile(path); string(text) != lines || err != nil {
				t.Errorf("Open changes a damaged list: %q, %v", text, err)
			}
		})
	}
}

// TestBase lets a scratch archive start from a real one: it reads the real one's
// objects and writes none of its files.
func TestBase(t *testing.T) {
	base, dir := t.TempDir(), t.TempDir()
	whole := open(t, base, "")
	first, _ := put(t, whole, "gdp", "A")
	lost, _ := put(t, whole, "lost", "L")
	bad, _ := put(t, whole, "bad", "D")
	shut(t, whole)
	list, err := os.ReadFile(filepath.Join(base, "captures.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "captures.jsonl"), list, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(objectPath(base, lost)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(objectPath(base, bad), []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	before := files(t, base)

	a := open(t, dir, base)
	defer shut(t, a)
	wantBody(t, a, first, "A")
	wantDamage(t, a, lost, objectPath(base, lost))
	wantDamage(t, a, bad, objectPath(base, bad))
	for _, c := range []struct {
		name, body string
		fresh      bool
	}{{"gdp", "A", false}, {"gdp", "B", true}, {"other", "A", true}, {"lost", "L", false}, {"bad", "D", false}} {
		got, fresh := put(t, a, c.name, c.body)
		if fresh != c.fresh {
			t.Errorf("%s %s: new %v, want %v", c.name, c.body, fresh, c.fresh)
		}
		wantBody(t, a, got, c.body)
	}
	if diff := cmp.Diff(before, files(t, base)); diff != "" {
		t.Errorf("the base is written to (-before +after):\n%s", diff)
	}
	if _, err := os.Stat(objectPath(dir, first)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an object of the base is copied: %v", err)
	}
}

func TestNoFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Open(file, ""); fault.KindOf(err) != fault.Storage {
		t.Errorf("error %v, want one of kind storage", err)
	}
}

// TestObjectCannotBeStored leaves no capture of what could not be kept.
func TestObjectCannotBeStored(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, "")
	defer shut(t, a)
	if err := os.Remove(filepath.Join(dir, "objects")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "objects"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, _, err := a.Put(source.Document{Source: "x", Name: "gdp", Body: []byte("A")}, knownAt, "run")
	if fault.KindOf(err) != fault.Storage {
		t.Errorf("error %v, want one of kind storage", err)
	}
	if len(a.Captures()) != 0 {
		t.Errorf("captures %v of what is not stored", a.Captures())
	}
	if list, err := os.ReadFile(filepath.Join(dir, "captures.jsonl")); len(list) != 0 || err != nil {
		t.Errorf("the list says %q, %v", list, err)
	}
}

// TestReplay puts documents in any order, with restarts between. The captures
// are those of a plain list, in memory and after reopening.
func TestReplay(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		dir := filepath.Join(dir, fmt.Sprint(n))
		var want []archive.Capture
		last := map[string]string{}
		bodies := map[int]string{}
		a := open(t, dir, "")
		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"put", "put", "put", "reopen"}), 0, 8).Draw(t, "steps")
		for _, s := range steps {
			if s == "reopen" {
				shut(t, a)
				a = open(t, dir, "")
			} else {
				d := source.Document{
					Source: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "source"), Name: rapid.SampledFrom([]string{"p", "q"}).Draw(t, "name"),
					Published: rapid.SampledFrom([]string{"", "2023"}).Draw(t, "published"), Body: []byte(rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "body")),
				}
				c, fresh, err := a.Put(d, knownAt, "run")
				if err != nil {
					t.Fatal(err)
				}
				state := d.Published + "|" + string(d.Body)
				if previous, ok := last[d.Source+d.Name]; fresh != (!ok || previous != state) {
					t.Fatalf("%+v after %q: new %v", d, previous, fresh)
				}
				last[d.Source+d.Name] = state
				if fresh {
					want = append(want, c)
					bodies[c.ID] = string(d.Body)
				}
			}
			if diff := cmp.Diff(want, a.Captures(), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("captures (-want +got):\n%s", diff)
			}
		}
		for i, c := range a.Captures() {
			if c.ID != i+1 {
				t.Errorf("capture %d stands at %d", c.ID, i+1)
			}
			wantBody(t, a, c, bodies[c.ID])
		}
		shut(t, a)
	})
}
