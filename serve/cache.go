//go:build duckdb_arrow

package serve

import (
	"context"
	"errors"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"
)

// question is what an answer is kept under: nothing else may decide what it says.
type question struct {
	release string // its view
	embargo string // the charts that were visible, for answers that list charts
	route   string // "chart", "page/region"
	subject string // "income.2x.png", "340100"
	asked
}

// cache keeps answers within so many bytes. The same question asked twice at once is
// worked on once.
type cache struct {
	answers *otter.Cache[question, *answer]
	counts  *stats.Counter
	busy    chan struct{}
}

// errBusy is for requests beyond those that may wait for work at once.
var errBusy = errors.New("too many answers are being made")

// atOnce is how many answers may be in the making: most wait for an engine.
const atOnce = 64

func newCache(bytes uint64) (*cache, error) {
	counts := stats.NewCounter()
	answers, err := otter.New(&otter.Options[question, *answer]{
		MaximumWeight: bytes,
		Weigher:       func(_ question, a *answer) uint32 { return uint32(min(a.size(), 1<<31)) }, //nolint:gosec // bounded
		StatsRecorder: counts,
	})
	if err != nil {
		return nil, err
	}
	return &cache{answers, counts, make(chan struct{}, atOnce)}, nil
}

// get answers a question from the cache or by work. The work goes on when whoever
// asked first has gone, since others may wait for it.
func (c *cache) get(ctx context.Context, q question, work func(context.Context) (*answer, error)) (*answer, error) {
	return c.answers.Get(context.WithoutCancel(ctx), q, otter.LoaderFunc[question, *answer](func(ctx context.Context, _ question) (*answer, error) {
		select {
		case c.busy <- struct{}{}:
			defer func() { <-c.busy }()
		default:
			return nil, errBusy
		}
		ctx, stop := context.WithTimeout(ctx, time.Minute)
		defer stop()
		return work(ctx)
	}))
}
