//go:build duckdb_arrow

package provenance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"citystats/internal/fault"
	"citystats/pipeline/warehouse"
	queries "citystats/sql"
	"citystats/transforms/period"
)

// missing says why there is no figure, as far as known, and what there is instead.
func (l *look) missing(ctx context.Context, q Question) error {
	what := fmt.Sprintf("no figure of %s for %s in %s", q.Indicator, l.regionName(q.Region), q.Period)
	if q.AsOf != "" {
		later, err := l.Reader.Query(ctx, "SELECT min(visible_from) FROM main."+queries.Leaf+" WHERE "+q.where())
		if err != nil {
			return err
		}
		if t, ok := later.Rows[0][0].(time.Time); ok {
			return fault.New(fault.Usage, "", "leave out --as-of, or give that day", "there was %s on %s: the first became visible on %s", what, q.AsOf, t.Format(time.DateOnly))
		}
	}
	there, err := l.ask(ctx, "SELECT origin, frequency, time_period, period_start FROM observations WHERE region_code = "+quoted(q.Region)+
		" AND indicator = "+quoted(q.Indicator)+" ORDER BY origin, frequency, period_start")
	if err != nil {
		return err
	}
	why := "no document received so far gives it"
	average, err := l.averages(ctx, q)
	if err != nil {
		return err
	}
	why += average
	if len(there.Rows) > 0 {
		return fault.New(fault.Usage, "", "there is "+l.ranges(there), "there is %s: %s", what, why)
	}
	others, err := l.ask(ctx, "SELECT DISTINCT indicator FROM observations WHERE region_code = "+quoted(q.Region)+" ORDER BY indicator")
	if err != nil {
		return err
	}
	var known []string
	for _, row := range others.Rows {
		known = append(known, row[0].(string))
	}
	hint := "nothing at all is known of " + l.regionName(q.Region)
	if len(known) > 0 {
		hint = "of " + l.regionName(q.Region) + " there is " + strings.Join(known, ", ")
	}
	return fault.New(fault.Usage, "", hint, "there is %s: %s", what, why)
}

// averages names the published averages over years that hold a year without a
// figure of its own.
func (l *look) averages(ctx context.Context, q Question) (string, error) {
	p, err := period.Parse(q.Period)
	if err != nil || p.Freq != period.Annual {
		return "", nil //nolint:nilerr // only a year is in a span of years
	}
	spans, err := l.ask(ctx, "SELECT indicator, time_period FROM preferred_observations WHERE region_code = "+quoted(q.Region)+
		" AND indicator = "+quoted(q.Indicator+"_average")+" ORDER BY period_start")
	if err != nil {
		return "", err
	}
	var holding []string
	for _, row := range spans.Rows {
		span, err := period.Parse(row[1].(string))
		if first := span.Start.Time().Year(); err == nil && p.Start.Time().Year() >= first && p.Start.Time().Year() < first+span.Freq.Years() {
			holding = append(holding, row[1].(string))
		}
	}
	if len(holding) == 0 {
		return "", nil
	}
	return fmt.Sprintf("; that year is only in %s_average of %s", q.Indicator, strings.Join(holding, ", ")), nil
}

func (e *Explainer) regionName(code string) string {
	for _, r := range e.Catalog.Regions {
		if r.Code == code {
			return r.NameEN
		}
	}
	return code
}

// ranges lists periods by origin, those that follow each other as a range.
func (l *look) ranges(there warehouse.Rows) string {
	var out []string
	for start := 0; start < len(there.Rows); {
		end := start
		var periods []string
		for ; end < len(there.Rows) && there.Rows[end][0] == there.Rows[start][0] && there.Rows[end][1] == there.Rows[start][1]; end++ {
			periods = append(periods, there.Rows[end][2].(string))
		}
		origin := there.Rows[start][0].(string)
		out = append(out, compact(periods)+" ("+l.Catalog.Publishers[origin].NameEN+")")
		start = end
	}
	return strings.Join(out, "; ")
}

// compact joins years that follow each other: 2007-2016, 2019.
func compact(periods []string) string {
	var out []string
	year := func(s string) int {
		p, err := period.Parse(s)
		if err != nil || p.Freq != period.Annual {
			return 0
		}
		return p.Start.Time().Year()
	}
	for start := 0; start < len(periods); {
		end := start + 1
		for end < len(periods) && year(periods[end]) != 0 && year(periods[end]) == year(periods[end-1])+1 {
			end++
		}
		run := periods[start]
		if end-start > 1 {
			run += "-" + periods[end-1]
		}
		out = append(out, run)
		start = end
	}
	return strings.Join(slices.Compact(out), ", ")
}
