//go:build duckdb_arrow

package warehouse

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"math"
	"slices"
	"time"

	"citystats/transforms/period"
)

// SeriesKey is what makes a series: two figures that differ in one of these are
// never vintages of each other. Unit, price basis, population scope, numerator
// and accumulation are the indicator's.
type SeriesKey struct {
	Region    string
	Indicator string
	Freq      period.Freq
	Origin    string
}

// Series is a numbered series.
type Series struct {
	ID  int64
	key SeriesKey
	// reached is the latest vintage of any document that gave it a figure, also
	// of those whose figures were no news.
	reached period.Day
	// born is the document that first gave it a figure, while that is being
	// loaded, and last the newest period it gave: see DocumentLoad.Add.
	born int
	last period.Day
	// touched is the last document that gave it a figure.
	touched int
}

// keyBits is the part of a series' id that comes from its key; above it stands
// the origin's number. Each origin's ids lie together, so that comparing with
// what is stored reads only that origin's part of the table however long the
// history of the others grows. Numbers come from keys and not from a count, so
// that they do not depend on which document came first.
const keyBits = 40

// registry is every series of the store. It is kept in memory while a build is
// under way and written once.
type registry struct {
	byKey map[SeriesKey]*Series
	byID  map[int64]*Series
}

func (r *registry) load(ctx context.Context, conn *sql.Conn) error {
	r.byKey, r.byID = map[SeriesKey]*Series{}, map[int64]*Series{}
	rows, err := conn.QueryContext(ctx, "SELECT series_id, region_code, indicator, frequency, origin, reached FROM release.store.series")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		s := &Series{}
		var freq string
		var reached time.Time
		if err := rows.Scan(&s.ID, &s.key.Region, &s.key.Indicator, &freq, &s.key.Origin, &reached); err != nil {
			return err
		}
		if s.key.Freq, err = period.ParseFreq(freq); err != nil {
			return err
		}
		s.reached = period.DayOf(reached.Date())
		r.byKey[s.key], r.byID[s.ID] = s, s
	}
	return rows.Err()
}

// never is before every vintage.
const never period.Day = math.MinInt32

// get finds the series or numbers it.
func (r *registry) get(k SeriesKey, originNumber int) *Series {
	if s, ok := r.byKey[k]; ok {
		return s
	}
	sum := sha256.Sum256([]byte(k.Region + "\x00" + k.Indicator + "\x00" + k.Freq.String() + "\x00" + k.Origin))
	id := int64(originNumber)<<keyBits | int64(binary.BigEndian.Uint64(sum[:])>>(64-keyBits))
	for r.byID[id] != nil {
		id++ // two keys in 2^40: as good as never, and then the next number serves
	}
	s := &Series{ID: id, key: k, reached: never}
	r.byKey[k], r.byID[id] = s, s
	return s
}

// forget takes back a series that has no figure after all.
func (r *registry) forget(s *Series) {
	delete(r.byKey, s.key)
	delete(r.byID, s.ID)
}

// rows are the registry's rows for store.series, by id.
func (r *registry) rows() [][]driver.Value {
	var out [][]driver.Value
	for _, s := range r.byID {
		if s.reached != never {
			out = append(out, []driver.Value{s.ID, s.key.Region, s.key.Indicator, s.key.Freq.String(), s.key.Origin, s.reached.Time()})
		}
	}
	slices.SortFunc(out, func(a, b []driver.Value) int { return cmp.Compare(a[0].(int64), b[0].(int64)) })
	return out
}
