//go:build duckdb_arrow

package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"citystats/charts"
	"citystats/serve/news"
)

// enough is how many entries a feed has.
const enough = 200

const feedType, jsonType = "application/atom+xml; charset=utf-8", "application/json"

// feed is an Atom feed, RFC 4287.
type feed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []feedLink  `xml:"link"`
	Entries []feedEntry `xml:"entry"`
}

type feedLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type feedEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Updated    string         `xml:"updated"`
	Links      []feedLink     `xml:"link"`
	Categories []feedCategory `xml:"category"`
	Summary    string         `xml:"summary"`
}

// feedCategory is the type of a revision, or the verdict that a claim has now.
type feedCategory struct {
	Term  string `xml:"term,attr"`
	Label string `xml:"label,attr"`
}

// newFeed is a feed without entries. path is its own, site that of its page.
func (p *page) newFeed(title, path, site string) feed {
	q := p.query()
	return feed{
		Lang: p.tongue(), ID: p.address(path + q), Title: title, Updated: p.release.CreatedAt.UTC().Format(time.RFC3339), Author: "citystats",
		Links: []feedLink{{"self", "application/atom+xml", p.address(path + q)}, {"alternate", "text/html", p.address(site + q)}},
	}
}

// write is the feed as text. It was updated when its newest entry was.
func (f feed) write() ([]byte, error) {
	if len(f.Entries) > 0 {
		f.Updated = f.Entries[0].Updated
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(f); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func (s *Server) revisionsAtom(w http.ResponseWriter, r *http.Request) {
	s.feed(w, r, "revisions.atom", func(ctx context.Context, p *page) ([]byte, error) {
		all, err := p.revised(ctx)
		if err != nil {
			return nil, err
		}
		return p.revisionFeed(all)
	})
}

func (p *page) revisionFeed(all []news.Revision) ([]byte, error) {
	f := p.newFeed(p.say("Figures that were revised", "数据修订"), "/revisions.atom", "/revisions")
	for _, v := range all[:min(len(all), enough)] {
		e := feedEntry{
			ID: p.entry("revision", v.ID), Title: p.revisedInWords(v), Summary: p.revisedBy(v), Updated: v.KnownAt.Format(time.RFC3339),
			Links: []feedLink{{"alternate", "text/html", p.address(p.explainPath(v.RegionCode, v.Indicator, v.Period))}},
		}
		if v.Type != "" {
			e.Categories = []feedCategory{{v.Type, p.kind(v)}}
		}
		if v.Document.URL != "" {
			e.Links = append(e.Links, feedLink{"via", "", v.Document.URL})
		}
		f.Entries = append(f.Entries, e)
	}
	return f.write()
}

func (s *Server) claimsAtom(w http.ResponseWriter, r *http.Request) {
	s.feed(w, r, "claims.atom", func(ctx context.Context, p *page) ([]byte, error) {
		all, err := news.Turns(ctx, p.release)
		if err != nil {
			return nil, err
		}
		return p.claimFeed(all)
	})
}

func (p *page) claimFeed(all []news.Turn) ([]byte, error) {
	f := p.newFeed(p.say("Claims whose verdict turned", "结论变化的论断"), "/claims.atom", "/claims")
	for _, t := range all[:min(len(all), enough)] {
		f.Entries = append(f.Entries, feedEntry{
			ID: p.entry("claim", t.ID), Title: p.turnInWords(t), Summary: p.turnedBy(t), Updated: t.KnownAt.Format(time.RFC3339),
			Links:      []feedLink{{"alternate", "text/html", p.address("/claim/" + t.Claim + p.langOnly())}},
			Categories: []feedCategory{{t.To, p.verdict(t.To)}},
		})
	}
	return f.write()
}

// entry is the name of an entry: it stays when the address of the site changes hosts
// only in its first part, and never means another entry.
func (p *page) entry(kind, id string) string {
	return fmt.Sprintf("tag:%s,2026:%s/%s", p.base.Hostname(), kind, id)
}

// feed answers with a feed in the language asked for.
func (s *Server) feed(w http.ResponseWriter, r *http.Request, route string, work func(context.Context, *page) ([]byte, error)) {
	a, err := s.inOne(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.known(w, r, route, feedType, a, work)
}

func (s *Server) revisionsJSON(w http.ResponseWriter, r *http.Request) {
	s.known(w, r, "revisions.json", jsonType, asked{}, func(ctx context.Context, p *page) ([]byte, error) {
		all, err := p.revised(ctx)
		if err != nil {
			return nil, err
		}
		return indented(struct {
			Release   string          `json:"release"`
			Revisions []news.Revision `json:"revisions"`
		}{p.release.ID, all})
	})
}

func (s *Server) claimsJSON(w http.ResponseWriter, r *http.Request) {
	s.known(w, r, "claims.json", jsonType, asked{}, func(ctx context.Context, p *page) ([]byte, error) {
		all, err := news.Turns(ctx, p.release)
		if err != nil {
			return nil, err
		}
		return indented(struct {
			Release string      `json:"release"`
			Turns   []news.Turn `json:"turns"`
		}{p.release.ID, all})
	})
}

// kept is a release as /releases.json tells it.
type kept struct {
	ID          string    `json:"id"`
	CreatedAt   time.Time `json:"created_at"`
	ContentHash string    `json:"content_hash"`
	Database    string    `json:"database"`
	SHA256      string    `json:"sha256"`
	Size        int64     `json:"size"`
	Live        bool      `json:"live"`
}

// releases lists what is kept. It is not cached: releases come and go without the
// live one changing.
func (s *Server) releases(w http.ResponseWriter, r *http.Request) {
	live, err := s.shelf.Live()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer live.Done()
	all, err := s.shelf.List()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	out := struct {
		Releases []kept `json:"releases"`
	}{}
	for _, m := range all {
		out.Releases = append(out.Releases, kept{m.ID, m.CreatedAt.UTC(), m.ContentHash, s.address("/v/" + m.ID + "/citystats.duckdb"), m.FileSHA256, m.FileSize, m.ID == live.ID})
	}
	body, err := indented(out)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	a, err := newAnswer(body, jsonType, s.since(live))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, r, a, forNow)
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false) // it is JSON, and nobody takes it for a page
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// tongue is the language of the answer as HTML and XML name it.
func (p *page) tongue() string {
	if p.lang == charts.Chinese {
		return "zh-Hans"
	}
	return "en"
}
