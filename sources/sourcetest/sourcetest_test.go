package sourcetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"citystats/internal/fault"
	"citystats/sources/source"
	"citystats/sources/transport"
)

// toy is the smallest source there can be. Its documents say how many lines
// follow and then give them as region,period,value. With a vice it breaks one
// rule of the contract, and the suite has to notice.
type toy struct {
	base, vice string
	files      fs.FS // instead of a network
	calls      int
}

const toyText = "3\nCHN,2022,1412175000\nCHN,2023,1410710000\nCHN,2024,1408975000\n"

func (s *toy) Info() source.Info {
	info := source.Info{ID: "toy", Title: "A toy", Generation: 1}
	if s.vice == "no title" {
		info.Title = ""
	}
	if s.files == nil {
		info.Hosts = []string{strings.TrimPrefix(s.base, "http://")}
	}
	return info
}

func (s *toy) Place(n int) string { return "line " + strconv.Itoa(n+1) }

func (s *toy) Quote(doc source.Document, record int) (string, error) {
	lines := strings.Split(string(doc.Body), "\n")
	if s.vice == "quotes anything" {
		return "2022", nil
	}
	if record < 1 || record >= len(lines)-1 {
		return "", fault.New(fault.Upstream, doc.Name, "", "no line %d", record)
	}
	if s.vice == "misquotes" {
		return "somewhere", nil
	}
	return lines[record], nil
}

func (s *toy) Fetch(ctx context.Context, client *http.Client, emit func(source.Document) error) error {
	if s.vice == "leaves a goroutine" {
		go time.Sleep(time.Minute)
	}
	d := source.Document{Source: "toy", Name: "toy", Title: "A toy", Publisher: "toy", MediaType: "text/csv"}
	var err error
	if d.Body, d.URL, err = s.bytes(ctx, client); err != nil && s.vice != "swallows failures" {
		return err
	}
	if s.vice == "misses the end" {
		d.Body = bytes.TrimSuffix(d.Body, []byte("CHN,2024,1408975000\n"))
	}
	if err := emit(d); err != nil && s.vice == "wraps emit's error" {
		return fmt.Errorf("emit: %w", err)
	} else if err != nil {
		return err
	}
	return nil
}

func (s *toy) bytes(ctx context.Context, client *http.Client) ([]byte, string, error) {
	if s.files != nil {
		body, err := fs.ReadFile(s.files, "toy.csv")
		return body, "", err
	}
	base := s.base
	if s.vice == "asks elsewhere" {
		base = "http://127.0.0.1:1"
	}
	answer, err := transport.Get(ctx, client, base+"/toy.csv")
	if err != nil && s.vice == "hides the kind" {
		err = errors.New(err.Error())
	}
	return answer.Body, base + "/toy.csv", err
}

// Probe asks for the one document there is.
func (s *toy) Probe(ctx context.Context, client *http.Client) error {
	if s.vice == "is always well" {
		return nil
	}
	body, _, err := s.bytes(ctx, client)
	if err != nil {
		return err
	}
	_, err = Decode(&toy{}, source.Document{Name: "toy", Body: body})
	return err
}

func (s *toy) Decode(doc source.Document, sink source.Sink) error {
	s.calls++
	if s.vice == "changes the bytes" && len(doc.Body) > 0 {
		doc.Body[len(doc.Body)-1] = ' '
	}
	if s.vice == "panics" && len(doc.Body) == 0 {
		panic("no first line")
	}
	lines := strings.SplitAfter(string(doc.Body), "\n")
	n, err := strconv.Atoi(strings.TrimSuffix(lines[0], "\n"))
	if s.vice != "believes anything" && (err != nil || n != len(lines)-2 || lines[len(lines)-1] != "") {
		return fault.New(fault.Upstream, doc.Name, "", "not a toy")
	}
	for i, line := range lines[min(1, len(lines)-1) : len(lines)-1] {
		if err := s.line(i+1, line, sink); err != nil && s.vice != "goes on without the sink" {
			return err
		}
	}
	return nil
}

func (s *toy) line(n int, line string, sink source.Sink) error {
	fields := strings.Split(strings.TrimSpace(line), ",")
	value, err := strconv.ParseFloat(fields[len(fields)-1], 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) || len(fields) != 3 || fields[0] == "" || fields[1] == "" || !utf8.ValidString(line) {
		sink.Reject(source.Reject{Record: n, Reason: "not region,period,value", Text: line[:min(len(line), 100)]})
		return nil //nolint:nilerr // a bad line is a reject, not a failure
	}
	if s.vice == "differs each time" {
		value += float64(s.calls)
	}
	o := source.Observation{
		Record: n, Region: fields[0], Indicator: "population", Period: fields[1], Origin: "toy",
		Value: value, Status: source.Final, Confidence: source.High,
	}
	if s.vice == "forgets the status" {
		o.Status = 0
	}
	return sink.Observe(&o)
}

func toyUpstream(vice string) Subject {
	return Subject{
		New: func(base string) source.Source { return &toy{base: base, vice: vice} },
		Upstream: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/csv")
			_, _ = fmt.Fprint(w, toyText)
		}),
	}
}

func TestGoodSource(t *testing.T) { Run(t, toyUpstream("")) }

func TestSourceWithoutNetwork(t *testing.T) {
	files := fstest.MapFS{"toy.csv": {Data: []byte(toyText)}}
	Run(t, Subject{
		New:       func(string) source.Source { return &toy{files: files} },
		Documents: []source.Document{{Name: "another", Body: []byte("1\nCHN,2021,1412360000\n")}},
		Seamless:  func(_ []byte, at int) bool { return at < 0 },
	})
}

func FuzzToy(f *testing.F) {
	Fuzz(f, &toy{}, source.Document{Name: "toy", Body: []byte(toyText)})
}

var toyCase = fstest.MapFS{
	"01.http": {Data: []byte("GET /toy.csv\n\n502\nContent-Type: text/html\n\n<html>\n")},
	"02.http": {Data: []byte("GET /toy.csv\n\n200\nContent-Type: text/csv; charset=utf-8\n\n2\nCHN,2022,1412175000\nCHN,2023,?\n\n")},
	"want.csv": {Data: []byte("document,record,region,indicator,period,unit,value,status\n" +
		"toy,1,CHN,population,2022,,1412175000,final\n")},
	"want-documents.csv": {Data: []byte("name,title,media_type,published\ntoy,A toy,text/csv,\n")},
	"want-rejects.csv":   {Data: []byte("document,record,reason\ntoy,2,\"not region,period,value\"\n")},
}

func newToy(base string) source.Source { return &toy{base: base} }

func TestReplay(t *testing.T) { Replay(t, toyCase, newToy) }

func TestReplayError(t *testing.T) {
	Replay(t, fstest.MapFS{
		"01.http":        {Data: []byte("GET /toy.csv\n\n404\n\n")},
		"want-error.txt": {Data: []byte("HTTP 404 Not Found\n")},
	}, newToy)
}

// without is the toy's case with files changed; empty text takes one away.
func without(name, text string) fstest.MapFS {
	out := fstest.MapFS{}
	for n, f := range toyCase {
		out[n] = f
	}
	out[name] = &fstest.MapFile{Data: []byte(text)}
	if text == "" {
		delete(out, name)
	}
	return out
}

// failures are tests that must fail, and what they must complain about.
var failures = map[string]struct {
	test func(*testing.T)
	want string
}{
	"no title":                 {vice("no title"), "incomplete Info"},
	"asks elsewhere":           {vice("asks elsewhere"), "which Info does not declare"},
	"hides the kind":           {vice("hides the kind"), "context canceled, want a cancel"},
	"swallows failures":        {vice("swallows failures"), "returns <nil>, want a cancel"},
	"misses the end":           {vice("misses the end"), "a good document: toy: not a toy"},
	"wraps emit's error":       {vice("wraps emit's error"), "want emit's own error"},
	"leaves a goroutine":       {vice("leaves a goroutine"), "found unexpected goroutines"},
	"changes the bytes":        {vice("changes the bytes"), "changes the document's bytes"},
	"is always well":           {vice("is always well"), "want an error of kind Upstream"},
	"panics":                   {vice("panics"), "no first line"},
	"believes anything":        {vice("believes anything"), "no error"},
	"goes on without the sink": {vice("goes on without the sink"), "want the sink's own error"},
	"differs each time":        {vice("differs each time"), "decoding twice differs"},
	"quotes anything":          {vice("quotes anything"), "which is not there"},
	"misquotes":                {vice("misquotes"), "want one line with the figure"},
	"forgets the status":       {vice("forgets the status"), "outside its list"},
	"exchange too many":        {replay("03.http", "GET /x\n\n200\n\n\n"), "03.http: GET /x was never asked"},
	"question too many":        {replay("02.http", ""), "nobody wrote an answer (or another one) to GET /toy.csv"},
	"observation too many":     {replay("want.csv", ""), "want.csv (-want +got)"},
	"reject too many":          {replay("want-rejects.csv", ""), "want-rejects.csv (-want +got)"},
	"document too many":        {replay("want-documents.csv", ""), "want-documents.csv (-want +got)"},
	"error that is not there":  {replay("want-error.txt", "busy"), "no error"},
	"exchange without answer":  {replay("02.http", "GET /toy.csv\n"), "want a question, an answer's head and a body"},
	"exchange without status":  {replay("02.http", "GET /toy.csv\n\nOK\n\n\n"), "status:"},
}

func vice(name string) func(*testing.T) {
	return func(t *testing.T) { Run(t, toyUpstream(name)) }
}

func replay(name, text string) func(*testing.T) {
	return func(t *testing.T) { Replay(t, without(name, text), newToy) }
}

// failing names the one of failures that a process of TestComplaints runs.
const failing = "SOURCETEST_FAILING"

// TestFailing fails on purpose when TestComplaints asks for it.
func TestFailing(t *testing.T) {
	name := os.Getenv(failing)
	if name == "" {
		t.Skip("only run by TestComplaints, to fail")
	}
	failures[name].test(t)
}

// TestComplaints wants the suite to fail sources that break the contract, each
// in a process of its own because a test cannot catch another's failure.
func TestComplaints(t *testing.T) {
	for name, f := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFailing$", "-test.v", "-test.failfast")
			cmd.Env = append(os.Environ(), failing+"="+name)
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Error("the suite does not notice")
			}
			if !strings.Contains(string(out), f.want) {
				t.Errorf("the suite does not say %q:\n%s", f.want, out)
			}
		})
	}
}
