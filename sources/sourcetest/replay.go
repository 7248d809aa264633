package sourcetest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"citystats/internal/fault"
	"citystats/sources/source"
)

// Replay plays one case: the files of one folder, which need no Go to write.
//
// Files named *.http are exchanges, each a question and what the publisher
// answers, in this form (a final line break does not belong to the body):
//
//	GET /v2/country/CHN?format=json&page=1
//
//	200
//	Content-Type: application/json
//
//	[{"page":1}]
//
// Each exchange happens exactly once; the same question in several files is
// answered in the order of their names. A question that no file has, and an
// exchange that never happens, fail the test.
//
// "citystats run --source NAME --record DIR" writes such files from real answers.
// It hides secrets, so newSource then gives the source transport.Redacted as its
// key. Cut what is recorded down to what the case needs.
//
// What must come of it is in files of the same folder. One that is missing
// wants nothing of its sort:
//
//	want.csv            document,record,region,indicator,period,unit,value,status
//	want-documents.csv  name,title,media_type,published
//	want-rejects.csv    document,record,reason
//	want-error.txt      each line occurs in an error of Fetch or Decode, all of kind Upstream
func Replay(t *testing.T, folder fs.FS, newSource func(baseURL string) source.Source) {
	t.Helper()
	watchGoroutines(t)
	got := play(t, folder, newSource)
	wantCSV(t, folder, "want-documents.csv", "name,title,media_type,published", got.documents)
	wantCSV(t, folder, "want.csv", "document,record,region,indicator,period,unit,value,status", got.observations)
	wantCSV(t, folder, "want-rejects.csv", "document,record,reason", got.rejects)
	wantErrors(t, folder, errors.Join(got.errs...))
}

// outcome is all that came of a case, as rows of the want files.
type outcome struct {
	documents, observations, rejects [][]string
	errs                             []error
}

func play(t *testing.T, folder fs.FS, newSource func(string) source.Source) *outcome {
	t.Helper()
	played := newScript(t, folder)
	p := Subject{}.publisher(t, played)
	src := newSource(p.URL)
	docs, err := Fetch(t.Context(), src, p.client(src))
	played.finish()
	var got outcome
	got.note(err)
	for _, d := range docs {
		got.add(src, d)
	}
	return &got
}

func (o *outcome) note(err error) {
	if err != nil {
		o.errs = append(o.errs, err)
	}
}

func (o *outcome) add(src source.Source, d source.Document) {
	o.documents = append(o.documents, []string{d.Name, d.Title, d.MediaType, d.Published})
	c, err := Decode(src, d)
	o.note(err)
	for _, v := range c.Observations {
		o.observations = append(o.observations, []string{
			d.Name, strconv.Itoa(v.Record), v.Region, v.Indicator, v.Period, v.Unit,
			strconv.FormatFloat(v.Value, 'f', -1, 64), statusName(v.Status),
		})
	}
	for _, r := range c.Rejects {
		o.rejects = append(o.rejects, []string{d.Name, strconv.Itoa(r.Record), r.Reason})
	}
}

// statusName is the spelling that source.ParseStatus reads.
func statusName(s source.Status) string {
	for _, name := range []string{"target", "forecast", "derived", "preliminary", "revised", "final"} {
		if v, ok := source.ParseStatus(name); ok && v == s {
			return name
		}
	}
	return fmt.Sprintf("status %d", s)
}

// wantCSV compares rows with a want file.
func wantCSV(t *testing.T, folder fs.FS, name, header string, got [][]string) {
	t.Helper()
	want := [][]string{strings.Split(header, ",")}
	if text, err := fs.ReadFile(folder, name); err == nil {
		if want, err = csv.NewReader(bytes.NewReader(text)).ReadAll(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	got = slices.Concat([][]string{strings.Split(header, ",")}, got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// wantErrors looks for each wanted line in err.
func wantErrors(t *testing.T, folder fs.FS, err error) {
	t.Helper()
	text, readErr := fs.ReadFile(folder, "want-error.txt")
	if readErr != nil {
		if err != nil {
			t.Errorf("unwanted error: %v", err)
		}
		return
	}
	wantKind(t, err, fault.Upstream)
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); err != nil && !strings.Contains(err.Error(), line) {
			t.Errorf("error does not say %q:\n%v", line, err)
		}
	}
}

// reply is what the publisher answers once.
type reply struct {
	file   string
	status int
	header http.Header
	body   []byte
}

// script is a publisher that answers what is written and nothing else.
type script struct {
	t       *testing.T
	mu      sync.Mutex
	replies map[string][]reply // by "METHOD uri", in order
}

func newScript(t *testing.T, folder fs.FS) *script {
	t.Helper()
	files, err := fs.Glob(folder, "*.http")
	if err != nil || len(files) == 0 {
		t.Fatalf("no *.http files: %v", err)
	}
	s := &script{t: t, replies: map[string][]reply{}}
	for _, f := range files { // Glob sorts
		text, err := fs.ReadFile(folder, f)
		if err != nil {
			t.Fatal(err)
		}
		question, r, err := parseExchange(text)
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		r.file = path.Base(f)
		s.replies[question] = append(s.replies[question], r)
	}
	return s
}

// parseExchange reads the form that Replay describes.
func parseExchange(text []byte) (question string, r reply, err error) {
	head, rest, found1 := bytes.Cut(text, []byte("\n\n"))
	answer, body, found2 := bytes.Cut(rest, []byte("\n\n"))
	if !found1 || !found2 {
		return "", r, errors.New("want a question, an answer's head and a body, with blank lines between")
	}
	lines := strings.Split(string(answer), "\n")
	if r.status, err = strconv.Atoi(strings.TrimSpace(lines[0])); err != nil {
		return "", r, fmt.Errorf("status: %w", err)
	}
	r.header = http.Header{}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		r.header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	r.body = bytes.TrimSuffix(body, []byte("\n"))
	return strings.TrimSpace(string(head)), r, nil
}

// ServeHTTP gives the next reply to the question.
func (s *script) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	question := req.Method + " " + req.RequestURI
	left := s.replies[question]
	if len(left) == 0 {
		s.t.Errorf("nobody wrote an answer (or another one) to %s", question)
		w.WriteHeader(http.StatusNotImplemented)
		return
	}
	s.replies[question] = left[1:]
	for name, values := range left[0].header {
		w.Header()[name] = values
	}
	w.WriteHeader(left[0].status)
	_, _ = w.Write(left[0].body)
}

// finish complains about exchanges that did not happen.
func (s *script) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for question, left := range s.replies {
		for _, r := range left {
			s.t.Errorf("%s: %s was never asked", r.file, question)
		}
	}
}
