//go:build duckdb_arrow

package serve

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path"
	"reflect"
	"strings"
	"time"

	"citystats/internal/fault"
)

//go:embed assets
var assets embed.FS

var problemType = reflect.TypeFor[Problem]()

// assetFiles are the scripts and styles that web/build made: by the address that
// holds the hash of their content, and that address by their name.
type assetFiles struct {
	answers map[string]*answer // page-0123456789ab.css
	paths   map[string]string  // page.css -> /assets/page-0123456789ab.css
	byName  map[string]*answer
}

func loadAssets() (assetFiles, error) {
	out := assetFiles{map[string]*answer{}, map[string]string{}, map[string]*answer{}}
	entries, err := assets.ReadDir("assets")
	if err != nil {
		return out, err
	}
	for _, e := range entries {
		name, packed := strings.CutSuffix(e.Name(), ".gz")
		if !packed {
			continue
		}
		body, err := unpacked("assets/" + e.Name())
		if err != nil {
			return out, err
		}
		a, err := newAnswer(body, mime.TypeByExtension(path.Ext(name)), time.Time{})
		if err != nil {
			return out, fmt.Errorf("embedded file %s: %w", name, err)
		}
		ext := path.Ext(name)
		hashed := strings.TrimSuffix(name, ext) + "-" + a.tag[:12] + ext
		out.answers[hashed], out.paths[name], out.byName[name] = a, "/assets/"+hashed, a
	}
	return out, nil
}

func unpacked(name string) ([]byte, error) {
	text, err := assets.ReadFile(name)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("embedded file %s: %w", name, err)
	}
	return io.ReadAll(z)
}

// asset answers with a script or a style, which never changes under its address.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	a, ok := s.files.answers[r.PathValue("file")]
	if !ok {
		s.fail(w, r, notFound("load the page again", "there is no file %q", r.PathValue("file")))
		return
	}
	send(w, r, a, forEver)
}

// hostScript answers with the script that pages which embed a chart may load.
func (s *Server) hostScript(w http.ResponseWriter, r *http.Request) {
	send(w, r, s.files.byName["host.js"], forNow)
}

// database answers with a release's file, whole or in part.
func (s *Server) database(w http.ResponseWriter, r *http.Request) {
	release, keep, err := s.releaseOf(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer release.Done()
	if !release.Whole() {
		s.fail(w, r, notFound("ask for the files of charts, or try again later", "the whole database is not offered at the moment"))
		return
	}
	f, err := os.Open(release.Path)
	if err != nil {
		s.fail(w, r, fault.Wrap(fault.Storage, err, release.Path, "run again", "the database cannot be read"))
		return
	}
	defer f.Close()
	// It may take longer than any page.
	err = http.NewResponseController(w).SetWriteDeadline(s.Now().Add(time.Hour))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.duckdb")
	h.Set("Content-Disposition", `attachment; filename="citystats-`+release.ID+`.duckdb"`)
	h.Set("Cache-Control", keep)
	h.Set("Etag", `"`+release.FileSHA256+`"`)
	h.Set("X-Release", release.ID)
	http.ServeContent(w, r, "", release.CreatedAt, f)
}
