//go:build duckdb_arrow

package pipeline

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"citystats/data"
	"citystats/pipeline/archive"
	"citystats/pipeline/calendar"
	"citystats/pipeline/ledger"
	"citystats/pipeline/warehouse"
	"citystats/sources/source"
)

// Reach says how far a question to a publisher got.
type Reach string

// How far it got.
const (
	Understood Reach = "as expected" // the answer has the shape its decoder expects
	Changed    Reach = "changed"     // something answered with success, and it was not that
	Away       Reach = "no answer"   // nothing did: no network, a refusal, an error of theirs
	NotAsked   Reach = "not asked"   // offline, or its key is not set
	NoNetwork  Reach = "not needed"  // the source reads what is here
)

// Standing says who is behind, if anybody.
type Standing string

// The standings, worst first.
const (
	WeFailed  Standing = "we failed"      // a release was due and our last try did not get through
	Unasked   Standing = "not asked"      // a release was due and nobody has asked since
	Late      Standing = "publisher late" // a release was due, we asked, and there is nothing new
	UpToDate  Standing = "up to date"     // what was due is here
	NoRelease Standing = "no calendar"    // release_calendar.csv knows no release of the source
)

// Diagnosis is how one source is.
type Diagnosis struct {
	Source   string
	Reach    Reach
	Problem  error // why Reach is Changed or Away
	Standing Standing
	Health   warehouse.Health
	Last     *archive.Capture // the newest document; nil when there is none
	Due      *calendar.Window // the release that was due and that Standing is about
	Next     *calendar.Window // the next one
	Advice   string           // what to do; empty for nothing
}

// Diagnose asks each source, or those named in only, one small question and
// compares what is here with what was due. It changes nothing and needs no lock.
// Offline, nobody is asked.
func (p *Pipeline) Diagnose(ctx context.Context, only []string, offline bool) ([]Diagnosis, error) {
	for _, id := range only {
		if _, err := p.source(id); err != nil {
			return nil, err
		}
	}
	events, err := ledger.Read(p.State)
	if err != nil {
		return nil, err
	}
	captures, err := archive.Read(filepath.Join(p.State, "archive"))
	if err != nil {
		return nil, err
	}
	defer p.Progress("", 0, 0)
	var out []Diagnosis
	for _, src := range p.Sources {
		id := src.Info().ID
		if len(only) > 0 && !slices.Contains(only, id) {
			continue
		}
		d := Diagnosis{Source: id, Health: Health(p, events, id)}
		d.Reach, d.Problem = p.reach(ctx, src, offline)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		d.compare(p.Catalog.Releases, captures, p.Now())
		d.Advice = d.advise(src.Info())
		out = append(out, d)
		p.Progress("asking", len(out), len(p.Sources))
	}
	return out, nil
}

// reach asks one small question.
func (p *Pipeline) reach(ctx context.Context, src source.Source, offline bool) (Reach, error) {
	info := src.Info()
	prober, asks := src.(source.Prober)
	switch {
	case len(info.Hosts) == 0 || !asks:
		return NoNetwork, nil
	case offline || info.Needs != "":
		return NotAsked, nil
	}
	client := *p.Client(info, nil) // the answer itself is what matters
	seen := &listener{next: client.Transport}
	client.Transport = seen
	err := prober.Probe(ctx, &client)
	switch {
	case err == nil:
		return Understood, nil
	case seen.good.Load():
		return Changed, err
	}
	return Away, err
}

// listener notes whether anything was answered with success.
type listener struct {
	next http.RoundTripper
	good atomic.Bool
}

// RoundTrip passes everything on.
func (l *listener) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusOK {
		l.good.Store(true)
	}
	return resp, err
}

// compare finds what is here of the source and what was due by now. Where several
// releases were due, the one that stands worst counts, and of those the last.
func (d *Diagnosis) compare(all []data.Release, captures []archive.Capture, now time.Time) {
	mine := func(c archive.Capture) bool { return c.Source == d.Source }
	d.Last = newest(captures, mine)
	d.Standing = NoRelease
	releases := slices.DeleteFunc(slices.Clone(all), func(r data.Release) bool { return r.Source != d.Source })
	if w, ok := calendar.Next(releases, now); ok {
		d.Next = &w
	}
	for _, r := range releases {
		w, ok := calendar.Closed([]data.Release{r}, now)
		if !ok {
			continue
		}
		s := d.standing(w, newest(captures, func(c archive.Capture) bool { return mine(c) && brings(r, c.Name) }))
		if worse := slices.Index(standings, s) - slices.Index(standings, d.Standing); worse < 0 || worse == 0 && w.Last.After(d.Due.Last) {
			d.Standing, d.Due = s, &w
		}
	}
}

// standings are all of them, worst first.
var standings = []Standing{WeFailed, Unasked, Late, UpToDate, NoRelease}

// newest is the last of the captures that are wanted; nil when there is none.
func newest(captures []archive.Capture, wanted func(archive.Capture) bool) *archive.Capture {
	for i := len(captures) - 1; i >= 0; i-- {
		if wanted(captures[i]) {
			return &captures[i]
		}
	}
	return nil
}

// brings says whether a document of that name can be news of the release.
func brings(r data.Release, name string) bool {
	return len(r.Documents) == 0 || slices.ContainsFunc(r.Documents, func(begin string) bool { return strings.HasPrefix(name, begin) })
}

// standing compares with the release that was due. A document is news when it
// came, with other bytes than before, since the first day of the window.
func (d *Diagnosis) standing(due calendar.Window, news *archive.Capture) Standing {
	switch {
	case news != nil && !news.KnownAt.Before(due.First):
		return UpToDate
	case d.Health.LastError != "":
		return WeFailed
	case d.Health.LastGoodAt.Before(due.Last.AddDate(0, 0, 1)):
		return Unasked
	}
	return Late
}

// advise says what a person can do.
func (d *Diagnosis) advise(info source.Info) string {
	byHand := "citystats import FILE --source " + d.Source + " --published DATE"
	switch {
	case info.Needs != "":
		return "it needs " + info.Needs
	case d.Reach == Changed:
		return "the publisher's answers have changed: look for a newer citystats, and meanwhile bring documents by " + byHand
	case d.Reach == Away && d.Health.Stale:
		return "try again later; the source is beyond its allowance, so bring what is urgent by " + byHand
	case d.Reach == Away:
		return "try again later; what is here stays in use"
	case d.Standing == WeFailed, d.Standing == Unasked:
		return "run citystats run --source " + d.Source
	case d.Standing == Late:
		return fmt.Sprintf("nothing here: %s was due by %s, and the publisher has nothing new", d.Due.Title, d.Due.Last.Format(time.DateOnly))
	case d.Health.LastTriedAt.IsZero():
		return "run citystats run"
	}
	return ""
}
