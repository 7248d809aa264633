// Command build makes the parts of the program that are not Go, from pinned packages
// and from src: the chart engine, the rasteriser and the fonts that draw pictures, and
// the scripts and the style of the pages. It needs what npm ci
// leaves in node_modules, and for the fonts pyftsubset and Debian's
// fonts-noto-cjk. Compiling the program needs neither: what is made here is
// committed, and with -check this command says whether it still is what the
// sources give. It also brings the schema of Vega-Lite that tests hold
// specifications against.
//
//	cd web && npm ci && go run -C build . [-check] [-fonts]
package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// The folders, from web/build, where go run -C leaves us.
const (
	web    = ".."
	engine = "../../charts/render/assets"
	pages  = "../../serve/assets"
	tests  = "../../charts/testdata"
)

func main() {
	log.SetFlags(0)
	check := flag.Bool("check", false, "compare with what is committed and write nothing")
	fonts := flag.Bool("fonts", false, "make the fonts as well")
	flag.Parse()
	made, err := assets(*fonts)
	if err != nil {
		log.Fatal(err)
	}
	differs := false
	for _, path := range slices.Sorted(maps.Keys(made)) {
		if !*check {
			if err := write(path, made[path]); err != nil {
				log.Fatal(err)
			}
			continue
		}
		if old, err := read(path); err != nil || !bytes.Equal(old, made[path]) {
			differs = true
			log.Printf("%s is not what its sources give (%d bytes committed, %d made): run without -check and commit", path, len(old), len(made[path]))
		}
	}
	if differs {
		os.Exit(1)
	}
}

// assets are all files by path, before compression.
func assets(fonts bool) (map[string][]byte, error) {
	out := map[string][]byte{}
	script, packages, err := bundle("src/render.ts", api.FormatIIFE, "vegaSVG")
	if err != nil {
		return nil, err
	}
	out[engine+"/vega.js.gz"] = script
	packages = append(packages, "@resvg/resvg-wasm")
	if out[engine+"/resvg.wasm.gz"], err = os.ReadFile(web + "/node_modules/@resvg/resvg-wasm/index_bg.wasm"); err != nil {
		return nil, err
	}
	if out[engine+"/LICENCES.txt"], err = licences(packages); err != nil {
		return nil, err
	}
	out[engine+"/LICENCES.txt"] = append(out[engine+"/LICENCES.txt"], section("Noto Sans CJK SC, cut down to the characters of charts", ofl)...)
	// What specifications are held against by the tests.
	if out[tests+"/vega-lite-schema.json.gz"], err = os.ReadFile(web + "/node_modules/vega-lite/build/vega-lite-schema.json"); err != nil {
		return nil, err
	}
	if out[tests+"/LICENCES.txt"], err = licences([]string{"vega-lite"}); err != nil {
		return nil, err
	}
	if err := forPages(out); err != nil {
		return nil, err
	}
	if !fonts {
		return out, nil
	}
	for _, weight := range []string{"Regular", "Bold"} {
		if out[engine+"/NotoSansSC-"+weight+".otf.gz"], err = subset(weight); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// forPages adds the scripts and the style of the pages.
func forPages(out map[string][]byte) error {
	var all []string
	for name, entry := range map[string]string{"page.css": "src/page.css", "page.js": "src/page.ts", "chart.js": "src/chart.ts", "embed.js": "src/embed.ts", "host.js": "src/host.ts"} {
		format := api.FormatESModule
		if name == "host.js" {
			format = api.FormatIIFE // a site may load it as it likes
		}
		script, packages, err := bundle(entry, format, "")
		if err != nil {
			return err
		}
		out[pages+"/"+name+".gz"] = script
		all = append(all, packages...)
	}
	icon, err := os.ReadFile(web + "/src/icon.svg")
	if err != nil {
		return err
	}
	out[pages+"/icon.svg.gz"] = icon
	slices.Sort(all)
	out[pages+"/LICENCES.txt"], err = licences(slices.Compact(all))
	return err
}

// bundle is one script made of entry and all it imports, and the packages it is from.
func bundle(entry string, format api.Format, global string) (script []byte, packages []string, err error) {
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{entry}, AbsWorkingDir: absolute(web),
		Bundle: true, Format: format, GlobalName: global, Target: target(format), Charset: api.CharsetUTF8,
		MinifySyntax: true, MinifyWhitespace: true, MinifyIdentifiers: true, LegalComments: api.LegalCommentsNone,
		Metafile: true, LogLevel: api.LogLevelWarning,
	})
	if len(result.Errors) > 0 {
		return nil, nil, fmt.Errorf("%s: %s", entry, result.Errors[0].Text)
	}
	return result.OutputFiles[0].Contents, packagesIn(result.Metafile), nil
}

// target is what runs a script: the program's own engine, or a browser of these years.
func target(format api.Format) api.Target {
	if format == api.FormatESModule {
		return api.ES2022
	}
	return api.ES2017
}

// packagesIn finds the names of the packages whose files went into a bundle.
func packagesIn(metafile string) []string {
	found := map[string]bool{}
	for _, piece := range strings.Split(metafile, "node_modules/")[1:] {
		parts := strings.SplitN(piece, "/", 3)
		name := parts[0]
		if strings.HasPrefix(name, "@") {
			name += "/" + parts[1]
		}
		found[name] = true
	}
	return slices.Collect(maps.Keys(found))
}

// licences are the licence texts of the packages, each once.
func licences(packages []string) ([]byte, error) {
	slices.Sort(packages)
	var out bytes.Buffer
	for _, name := range packages {
		folder := filepath.Join(web, "node_modules", name)
		found, err := filepath.Glob(filepath.Join(folder, "[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*"))
		if err != nil {
			return nil, err
		}
		text := []byte(declared[name])
		if len(found) > 0 {
			if text, err = os.ReadFile(found[0]); err != nil {
				return nil, err
			}
		}
		if len(text) == 0 {
			return nil, fmt.Errorf("%s: no licence file and none declared in build/main.go", name)
		}
		out.Write(section(name, text))
	}
	return out.Bytes(), nil
}

// section is a licence under the name of what it is of.
func section(name string, text []byte) []byte {
	return fmt.Appendf(nil, "%s\n%s\n\n%s\n\n", name, strings.Repeat("=", len(name)), bytes.TrimSpace(text))
}

//go:embed OFL.txt
var ofl []byte

// declared are the licences of packages that state one without carrying its text.
var declared = map[string]string{
	"@resvg/resvg-wasm": "Mozilla Public License 2.0, https://www.mozilla.org/MPL/2.0/. The file is the package's own, unchanged.\nIts source: https://github.com/yisibl/resvg-js, version 2.6.2, and https://github.com/linebender/resvg.",
}

// glyphs are what a chart can write: Latin, punctuation, signs, and the 6,763
// Chinese characters of GB 2312.
func glyphs() string {
	ranges := "U+0020-007E,U+00A0-017F,U+0394,U+03B2,U+03C3,U+2010-2027,U+2030,U+2032-2033,U+2039-203A,U+20AC,U+2103,U+2116,U+2190-2193,U+2212,U+2236,U+2248,U+2260,U+2264-2265,U+25A0,U+25B2,U+25BC,U+25CB,U+25CF,U+3000-3002,U+3008-3011,U+3014-3017,U+FF01-FF5E,U+FFE5"
	var b strings.Builder
	b.WriteString(ranges)
	for _, r := range gb2312() {
		fmt.Fprintf(&b, ",U+%04X", r)
	}
	return b.String()
}

// subset cuts the Simplified Chinese face of Noto Sans CJK down to glyphs.
func subset(weight string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "fonts")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	list, out := filepath.Join(dir, "unicodes"), filepath.Join(dir, "font.otf")
	if err := os.WriteFile(list, []byte(glyphs()), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command("pyftsubset", "/usr/share/fonts/opentype/noto/NotoSansCJK-"+weight+".ttc", "--font-number=2",
		"--unicodes-file="+list, "--layout-features=kern", "--no-hinting", "--notdef-outline",
		"--name-IDs=*", "--output-file="+out)
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("pyftsubset: %w: %s", err, text)
	}
	return os.ReadFile(out)
}

func write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if !strings.HasSuffix(path, ".gz") {
		return os.WriteFile(path, content, 0o644)
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(content); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil || !strings.HasSuffix(path, ".gz") {
		return os.ReadFile(path)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

func absolute(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		log.Fatal(err)
	}
	return abs
}
