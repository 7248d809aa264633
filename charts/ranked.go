//go:build duckdb_arrow

package charts

import (
	"fmt"
	"slices"
)

// ranked draws one period of every member as a bar, longest first. Where not all
// fit, the first ones are drawn, and the focus, and the foot says so.
func (c *Chart) ranked(f *frame) object {
	const bar, spare = 15, 20 // spare is what the foot needs not keep clear for an axis
	l, t := c.Language, f.look.Theme
	all := c.Series
	if f.look.Size.Height == 0 {
		f.height = bar * float64(len(all))
	} else {
		all = c.fitting(f, int((f.height+spare)/bar))
		f.height += spare
	}
	f.bottom -= spare
	names, numbers := 0.0, 0.0
	var rows, order []any
	for _, s := range all {
		p := s.Points[0]
		name := c.placed(s)
		names = max(names, f.measure.Width(name, labelStyle.size, true))
		numbers = max(numbers, f.measure.Width(number(p, c.Decimals), footStyle.size, true))
		order = append(order, name)
		rows = append(rows, object{
			"name": name, "value": p.Value, "role": s.Role, "label": number(p, c.Decimals), "settled": p.Status == "A",
			"shown": c.shown(p) + statusWord(p, l),
		})
	}
	f.left += names + 8
	f.right += numbers + 8
	f.width = float64(f.look.Size.Width) - f.left - f.right
	y := object{
		"field": "name", "type": "nominal", "sort": order, "scale": object{"paddingInner": 0.25, "paddingOuter": 0.1},
		"axis": object{"title": nil, "domain": false, "labelLimit": 0, "labelColor": t.Text, "labelFontWeight": object{
			"condition": object{"test": fmt.Sprintf("datum.value == %q", c.placed(*c.of(Focus))), "value": "bold"}, "value": "normal",
		}},
	}
	x := object{"field": "value", "type": "quantitative", "scale": object{"nice": false, "zero": true}, "axis": nil}
	colour := object{"condition": object{"test": "datum.role == 'focus'", "value": t.Focus}, "value": t.Peer}
	bars := layer("figures", "", object{"type": "bar", "strokeWidth": 1.5, "opacity": 1}, object{
		"x": x, "y": y, "stroke": colour,
		"fill": object{"condition": []any{
			object{"test": "!datum.settled", "value": t.Background}, object{"test": "datum.role == 'focus'", "value": t.Focus},
		}, "value": t.Peer},
		"tooltip": []any{
			object{"field": "name", "type": "nominal", "title": Text{"Region", "地区"}.In(l)},
			object{"field": "shown", "type": "nominal", "title": Text{"Figure", "数值"}.In(l)},
		},
	})
	labels := layer("figures", "", object{"type": "text", "align": "left", "dx": 5, "fontSize": footStyle.size, "color": t.Text, "aria": false}, object{
		"x": x, "y": y, "text": object{"field": "label", "type": "nominal"},
	})
	body := f.whole([]any{bars, labels})
	body["datasets"] = object{"figures": rows}
	return body
}

// fitting are the members that a picture of fixed height has room for.
func (c *Chart) fitting(f *frame, room int) []Series {
	if len(c.Series) <= room {
		return c.Series
	}
	own := slices.IndexFunc(c.Series, func(s Series) bool { return s.Role == Focus })
	if own < room {
		f.stand(c.say(func(l Language) string {
			return fmt.Sprintf(Text{"The first %d of %d.", "仅列前%d位，共%d个。"}.In(l), room, len(c.Series))
		}))
		return c.Series[:room]
	}
	f.stand(c.say(func(l Language) string {
		return fmt.Sprintf(Text{"The first %d of %d, and %s.", "仅列前%d位（共%d个）及%s。"}.In(l), room-1, len(c.Series), c.Region.Name.In(l))
	}))
	return append(slices.Clone(c.Series[:room-1]), c.Series[own])
}

// placed is a member with its place before its name; a sign of equality stands
// behind a place that others share.
func (c *Chart) placed(s Series) string {
	place, shared := c.placeOf(s)
	return fmt.Sprintf("%d%s %s", place, map[bool]string{true: "="}[shared], s.Name.In(c.Language))
}
