//go:build duckdb_arrow

package serve

import (
	"strconv"

	"github.com/felixge/httpsnoop"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// meters are what /metrics tells.
type meters struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	flying   prometheus.Gauge
	made     *prometheus.HistogramVec
	live     *prometheus.GaugeVec
}

func newMeters(r *prometheus.Registry, c *cache) meters {
	m := meters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "citystats_requests_total", Help: "Requests by route and status."}, []string{"route", "status"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "citystats_request_seconds", Help: "Time to answer, by route.", Buckets: []float64{.001, .005, .02, .1, .5, 2, 10}}, []string{"route"}),
		flying:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "citystats_requests_under_way", Help: "Requests being answered."}),
		made:     prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "citystats_answer_making_seconds", Help: "Time to make an answer that was not kept.", Buckets: []float64{.01, .05, .2, .5, 1, 3, 10}}, []string{"kind"}),
		live:     prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "citystats_release_info", Help: "1 for the live release."}, []string{"release"}),
	}
	r.MustRegister(m.requests, m.seconds, m.flying, m.made, m.live, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "citystats_cache_bytes", Help: "Memory that kept answers take."}, func() float64 { return float64(c.answers.WeightedSize()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "citystats_cache_hits_total", Help: "Answers that were kept."}, func() float64 { return float64(c.counts.Snapshot().Hits) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "citystats_cache_misses_total", Help: "Answers that had to be made."}, func() float64 { return float64(c.counts.Snapshot().Misses) }),
	)
	return m
}

// answered counts a request. Addresses that are no route share a name, so that
// nobody can make meters by asking for nonsense.
func (m meters) answered(route string, got httpsnoop.Metrics) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(got.Code)).Inc()
	m.seconds.WithLabelValues(route).Observe(got.Duration.Seconds())
}

// making times the making of an answer.
func (m meters) making(kind string) (done func()) {
	t := prometheus.NewTimer(m.made.WithLabelValues(kind))
	return func() { t.ObserveDuration() }
}

// release tells which release is live.
func (m meters) release(id string) {
	m.live.Reset()
	m.live.WithLabelValues(id).Set(1)
}
