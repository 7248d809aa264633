//go:build duckdb_arrow

// Package live holds published releases open for readers that come and go.
//
// A [Shelf] has one live release and a few kept ones. Whoever answers a request
// takes a [Release], asks it as often as the answer needs and gives it back, so that
// an answer never mixes two releases. When the state folder's pointer moves,
// [Shelf.Refresh] opens the new release first and swaps then: requests under way
// finish on the one they took, and the last to give it back closes it. A release
// that cannot be opened changes nothing.
//
// A reader is one connection with an engine of its own, for one question at a time,
// so a release has several. What one would have read on an earlier day needs tables
// computed anew; a release keeps those of a few days.
//
// No reader sees a figure under embargo: each is opened through warehouse.View. When
// an embargo ends, the release is opened again with what may be seen now, and the
// old view of it is treated like an old release.
package live

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"citystats/data"
	"citystats/internal/fault"
	"citystats/pipeline/release"
	"citystats/pipeline/warehouse"
	queries "citystats/sql"
)

// Options say how releases are opened.
type Options struct {
	State   string // the state folder
	Queries *queries.Set
	Catalog *data.Catalog // says what is under embargo
	Now     func() time.Time
	Limits  warehouse.Limits // of each reader
	Readers int              // of a release, at least 1
	Kept    int              // releases besides the live one that stay open without a user
	Days    int              // earlier days of a release that stay computed without a user
}

// Shelf is the releases of one state folder. It is safe for concurrent use.
type Shelf struct {
	opts  Options
	store release.Store

	mu   sync.Mutex
	live *Release
	kept []*Release // open ones besides the live one, the last used last
	down bool       // closed
}

// Open readies a shelf. Nothing is live before the first Refresh.
func Open(o Options) *Shelf {
	return &Shelf{opts: o, store: release.Store{Dir: o.State}}
}

// Refresh makes the release that the state folder points at the live one. It says
// whether it changed. On an error what was live stays so.
func (s *Shelf) Refresh(ctx context.Context) (changed bool, err error) {
	m, err := s.store.Current()
	if errors.Is(err, fs.ErrNotExist) {
		return false, fault.New(fault.Storage, s.opts.State, "run citystats run", "nothing was published here yet")
	}
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	same := s.live != nil && s.live.ID == m.ID && !s.live.outdated() || s.down
	s.mu.Unlock()
	if same {
		return false, nil
	}
	fresh, err := s.open(ctx, m)
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	old := s.live
	s.live = fresh
	if s.down {
		old, s.live = fresh, nil
	}
	s.mu.Unlock()
	return true, errors.Join(s.drop(old))
}

// Live takes the live release; the caller gives it back with Done. It is an error of
// kind Storage when nothing is published.
func (s *Shelf) Live() (*Release, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live == nil {
		return nil, fault.New(fault.Storage, s.opts.State, "run citystats run", "no release is open")
	}
	s.live.users++
	return s.live, nil
}

// id is how releases are called; nothing else becomes part of a path.
var id = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}-[0-9a-f]{8}$`)

// Kept takes a release by its name, the live one or an earlier one that is still
// kept; the caller gives it back with Done. One that is not there is of kind Usage.
func (s *Shelf) Kept(ctx context.Context, name string) (*Release, error) {
	missing := fault.New(fault.Usage, "", "see /releases.json for those that are", "the release %q is not kept here", name)
	if !id.MatchString(name) {
		return nil, missing
	}
	if r := s.takeOpen(name); r != nil {
		return r, nil
	}
	m, err := s.store.Get(name)
	if err != nil {
		missing.Err = err
		return nil, missing
	}
	r, err := s.open(ctx, m)
	if err != nil {
		return nil, err
	}
	r.users++
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, errors.Join(missing, r.close())
	}
	// Another request may have opened it meanwhile; two of the same do no harm.
	s.kept = append(s.kept, r)
	return r, s.evict()
}

// takeOpen takes a release that is open already.
func (s *Shelf) takeOpen(name string) *Release {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live != nil && s.live.ID == name && !s.live.outdated() {
		s.live.users++
		return s.live
	}
	for i, r := range s.kept {
		if r.ID == name && !r.outdated() {
			r.users++
			s.kept = append(append(s.kept[:i:i], s.kept[i+1:]...), r)
			return r
		}
	}
	return nil
}

// evict closes kept releases that nobody uses beyond those that may stay. The
// caller holds the lock.
func (s *Shelf) evict() error {
	var errs []error
	for i := 0; i < len(s.kept) && len(s.kept) > s.opts.Kept; {
		if r := s.kept[i]; r.users == 0 {
			s.kept = append(s.kept[:i:i], s.kept[i+1:]...)
			errs = append(errs, r.close())
			continue
		}
		i++
	}
	return errors.Join(errs...)
}

// drop closes a release that is live no more, now or when its last user is done.
func (s *Shelf) drop(r *Release) error {
	if r == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.retired = true
	if r.users > 0 {
		return nil
	}
	return r.close()
}

// done gives a release back.
func (s *Shelf) done(r *Release) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.users--
	if r.users > 0 {
		return nil
	}
	if r.retired {
		return r.close()
	}
	return s.evict()
}

// Close closes what nobody uses, and lets users close what they hold.
func (s *Shelf) Close() error {
	s.mu.Lock()
	all := s.kept
	if s.live != nil {
		all = append(all, s.live)
	}
	s.live, s.kept, s.down = nil, nil, true
	s.mu.Unlock()
	var errs []error
	for _, r := range all {
		errs = append(errs, s.drop(r))
	}
	return errors.Join(errs...)
}

// List names the releases that are kept, oldest first.
func (s *Shelf) List() ([]release.Manifest, error) { return s.store.List() }

// open opens a release without making it anything.
func (s *Shelf) open(ctx context.Context, m release.Manifest) (*Release, error) {
	path, err := filepath.Abs(s.store.Path(m.ID))
	if err != nil {
		return nil, err
	}
	r := &Release{Manifest: m, Path: path, shelf: s, readers: make(chan *warehouse.Reader, s.opts.Readers)}
	now := s.opts.Now()
	r.withheld = s.opts.Catalog.Withheld(now)
	if at, ok := s.opts.Catalog.NextLifted(now); ok {
		r.until = at
	}
	for range s.opts.Readers {
		reader, err := r.open(ctx, "")
		if err != nil {
			return nil, errors.Join(err, r.close())
		}
		r.readers <- reader
	}
	return r, nil
}
