//go:build duckdb_arrow

package pipeline

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
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
	Due      *calendar.Window // the last release that was due
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

// compare finds what is here of the source and what was due by now.
func (d *Diagnosis) compare(all []data.Release, captures []archive.Capture, now time.Time) {
	for i := range captures {
		if captures[i].Source == d.Source {
			d.Last = &captures[i]
		}
	}
	releases := slices.DeleteFunc(slices.Clone(all), func(r data.Release) bool { return r.Source != d.Source })
	if w, ok := calendar.Next(releases, now); ok {
		d.Next = &w
	}
	w, ok := calendar.Closed(releases, now)
	if !ok {
		d.Standing = NoRelease
		return
	}
	d.Due = &w
	d.Standing = d.standing(w)
}

// standing compares with the release that was due. A document is news when it
// came, with other bytes than before, since the first day of the window.
func (d *Diagnosis) standing(due calendar.Window) Standing {
	switch {
	case d.Last != nil && !d.Last.KnownAt.Before(due.First):
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
		return "set " + info.Needs
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
