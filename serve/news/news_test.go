//go:build duckdb_arrow

package news_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystats/pipeline/warehouse"
	"citystats/serve/news"
)

// canned answers every question with the same rows.
type canned []map[string]any

func (c canned) Query(context.Context, string, ...any) (warehouse.Rows, error) {
	out := warehouse.Rows{Columns: slices.Sorted(maps.Keys(c[0]))}
	for _, r := range c {
		var row []any
		for _, name := range out.Columns {
			row = append(row, r[name])
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

var (
	day   = time.Date(2020, 3, 20, 0, 0, 0, 0, time.UTC)
	known = time.Date(2026, 11, 25, 2, 15, 0, 0, time.UTC)
)

func revision(change map[string]any) map[string]any {
	r := map[string]any{
		"series_id": int64(7), "region_code": "340100", "region": "Hefei", "region_zh": "合肥市", "indicator": "gdp", "title_en": "GDP", "title_zh": "地区生产总值",
		"time_period": "2018", "unit": "cny_100m", "symbol_en": "100m yuan", "symbol_zh": "亿元", "decimals": int64(2), "old_value": 7822.9, "new_value": 8605.1, "change": 782.2,
		"old_status": "preliminary", "new_status": "revised", "origin": "hefei_stats", "origin_en": "Hefei Bureau of Statistics", "origin_zh": "合肥市统计局",
		"new_document_id": int32(68), "document_title": "Communiqué", "document_url": "https://tjj.hefei.gov.cn/x", "published_at": day, "known_at": known,
	}
	maps.Copy(r, change)
	return r
}

func TestRevisions(t *testing.T) {
	got, err := news.Revisions(t.Context(), canned{revision(nil)})
	if err != nil {
		t.Fatal(err)
	}
	want := []news.Revision{{
		ID: got[0].ID, RegionCode: "340100", Region: news.Text{EN: "Hefei", ZH: "合肥市"}, Indicator: "gdp", Title: news.Text{EN: "GDP", ZH: "地区生产总值"}, Period: "2018",
		Unit: "cny_100m", Symbol: news.Text{EN: "100m yuan", ZH: "亿元"}, Decimals: 2, Old: 7822.9, New: 8605.1, Change: 782.2, OldStatus: "preliminary", NewStatus: "revised",
		Origin: "hefei_stats", OriginName: news.Text{EN: "Hefei Bureau of Statistics", ZH: "合肥市统计局"}, Document: news.Document{ID: 68, Title: "Communiqué", URL: "https://tjj.hefei.gov.cn/x"},
		PublishedAt: "2020-03-20", KnownAt: known,
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	// A table that says more is told in full.
	percent := 10.0
	typed, err := news.Revisions(t.Context(), canned{revision(map[string]any{"type": "census", "change_percent": percent})})
	if err != nil || typed[0].Type != "census" || typed[0].ChangePercent == nil || *typed[0].ChangePercent != percent {
		t.Errorf("a typed revision is %+v (%v)", typed, err)
	}
}

// A revision's name is what it says, so that the same one has the same name in the
// next release and no other one has it.
func TestNamesOfRevisions(t *testing.T) {
	id := func(change map[string]any) string {
		got, err := news.Revisions(t.Context(), canned{revision(change)})
		if err != nil {
			t.Fatal(err)
		}
		return got[0].ID
	}
	same := id(nil)
	if id(map[string]any{"known_at": known.Add(time.Hour), "title_en": "Output", "region": "Hofei"}) != same {
		t.Error("other words make another revision")
	}
	for _, change := range []map[string]any{{"series_id": int64(8)}, {"time_period": "2017"}, {"new_value": 8605.2}, {"old_value": 1.0}, {"new_document_id": int32(69)}} {
		if id(change) == same {
			t.Errorf("another revision, %v, has the same name", change)
		}
	}
}

func TestTurns(t *testing.T) {
	value := 8.3
	event := func(position int32, year, cause string, at time.Time) map[string]any {
		return map[string]any{
			"claim": "growth_above_8", "sentence_en": "It grew.", "sentence_zh": "增长。", "reading": "bridged", "label_en": "Bridged", "label_zh": "衔接", "is_default": true,
			"from_verdict": "undefined", "to_verdict": "holds", "from_value": nil, "to_value": value, "symbol_en": "%", "symbol_zh": "%", "decimals": int64(1), "date": day, "known_at": at,
			"position": position, "cause": cause, "region_code": "340100", "region": "Hefei", "indicator": "gdp_growth_real", "time_period": year, "old_value": nil, "new_value": 9.2,
			"new_document_id": int32(66), "document_title": "Communiqué", "document_url": "",
		}
	}
	later := event(1, "2022", "revision", known)
	later["reading"] = "other"
	later["date"] = day.AddDate(1, 0, 0)
	got, err := news.Turns(t.Context(), canned{event(1, "2021", "first figure", known), event(2, "2022", "revision", known.Add(time.Second)), later})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || len(got[0].Causes) != 2 || got[0].Causes[1].Period != "2022" || got[0].FromValue != nil || *got[0].ToValue != value || !got[0].Natural || got[0].Date != "2020-03-20" {
		t.Errorf("the turns are %+v", got)
	}
	if !got[0].KnownAt.Equal(known.Add(time.Second)) || got[1].Reading != "other" {
		t.Errorf("the last known does not come first, or is not known when all of it is: %+v", got)
	}
	text, err := json.Marshal(got[0])
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := json.Unmarshal(text, &keys); err != nil {
		t.Fatal(err)
	}
	if v, ok := keys["from_value"]; !ok || v != nil {
		t.Errorf("a missing figure is not told as one: %s", text)
	}
}
