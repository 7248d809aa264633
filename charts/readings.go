//go:build duckdb_arrow

package charts

import (
	"fmt"
	"math"
)

// track is a reading as the picture has it: its label, and below it the figure on a
// line that begins at the claim's number.
type track struct {
	Reading
	label []string
	style style
	words string  // behind the figures
	top   float64 // of the label
	at    float64 // of the line
}

const trackHeight = 24

// labelOf is what stands above a reading's line.
func (c *Chart) labelOf(r Reading) string {
	label := r.Label.In(c.Language)
	if !r.Admissible {
		label = Text{"No reading of the sentence: ", "非原文之意："}.In(c.Language) + label
	}
	return upper(label)
}

// judged is what stands behind it: the figure, the verdict and the margin.
func (c *Chart) judged(r Reading) string {
	comma := ", "
	if c.Language == Chinese {
		comma = "，"
	}
	return withUnit(grouped(*r.Value, c.Decimals), c.Unit.In(c.Language)) + comma + verdicts[r.Verdict].word.In(c.Language) + " " + c.margin(r)
}

// tracks lays readings out one below the other until the height is used up; 0 is no
// limit.
func (c *Chart) tracks(f *frame, limit float64) (all []track, height float64) {
	for _, r := range c.answered() {
		t := track{Reading: r, top: height, style: labelStyle, words: c.judged(r)}
		t.style.bold = r.Natural
		for _, label := range c.each(func(c *Chart) string { return c.labelOf(r) }) {
			t.label = append(t.label, wrap(f.measure, label, t.style, f.width)...)
		}
		t.at = t.top + float64(len(t.label))*labelStyle.height + trackHeight/2
		if bottom := t.at + trackHeight/2; limit == 0 || bottom <= limit {
			all, height = append(all, t), bottom
			continue
		}
		break
	}
	return all, height
}

// airy gives each track so much more room.
func airy(tracks []track, more float64) {
	for i := range tracks {
		tracks[i].top = round(tracks[i].top + more*float64(i))
		tracks[i].at = round(tracks[i].at + more*float64(i))
	}
}

// readings draws the figure of every reading beside the claim's number.
func (c *Chart) readings(f *frame) object {
	const heading = 18 // room above for the claim's number
	f.top += heading
	f.stand("")
	tracks, height := c.tracks(f, 0)
	n := len(tracks)
	if f.look.Size.Height == 0 {
		f.height = height
	} else {
		if height > f.height {
			tracks, height = c.tracks(f, f.height-footStyle.height)
			f.stand(c.say(func(l Language) string {
				return fmt.Sprintf(Text{"%d of %d readings.", "仅列%d种读法，共%d种。"}.In(l), len(tracks), n)
			}))
		}
		airy(tracks, min(24, max(0, f.height-height)/float64(len(tracks))))
		last := tracks[len(tracks)-1].at + trackHeight/2
		f.bottom += f.height - last
		f.height = last
	}
	words := 0.0
	low, high := c.Said.Threshold, c.Said.Threshold
	for _, t := range tracks {
		words = max(words, f.measure.Width(t.words, labelStyle.size, true))
		for _, v := range []*float64{t.Value, t.Low, t.High} {
			if v != nil {
				low, high = min(low, *v), max(high, *v)
			}
		}
	}
	f.right += words + 14
	f.width = float64(f.look.Size.Width) - f.left - f.right
	pad := max((high-low)*0.06, math.Abs(high)*0.002)
	steps := ticks(low-pad, high+pad, max(3, int(f.width/90)))
	x := func(v float64) float64 { return round(f.width * (v - steps[0]) / (steps[len(steps)-1] - steps[0])) }
	body := f.whole(append(f.scale(steps, tracks, x, heading, c.say(func(l Language) string { return c.as(l).threshold() }), x(c.Said.Threshold)), c.marks(f, tracks, x)...))
	body["datasets"] = object{"figures": c.trackRows(tracks, x)}
	return body
}

// scale is the horizontal axis with its lines, and the claim's number above it.
func (f *frame) scale(steps []float64, tracks []track, x func(float64) float64, heading float64, label string, at float64) []any {
	t := f.look.Theme
	var rows, pieces []any
	for _, v := range steps {
		rows = append(rows, object{"at": x(v), "label": grouped(v, digits(steps))})
	}
	// The lines leave the labels free.
	for _, track := range tracks {
		for _, v := range steps {
			pieces = append(pieces, object{"at": x(v), "from": track.at - trackHeight/2 + 2, "to": track.at + trackHeight/2 - 2, "claim": false})
		}
		pieces = append(pieces, object{"at": at, "from": track.at - trackHeight/2 + 2, "to": track.at + trackHeight/2 - 2, "claim": true})
	}
	lines := func(which, colour string, width float64) object {
		out := layer("", which, object{"type": "rule", "color": colour, "strokeWidth": width, "aria": false}, object{
			"x": pixels("at"), "y": pixels("from"), "y2": object{"field": "to"},
		})
		out["data"] = object{"values": pieces}
		return out
	}
	grid, claim := lines("!datum.claim", t.Grid, 1), lines("datum.claim", t.Text, 1.5)
	names := object{
		"data": object{"values": rows}, "mark": object{"type": "text", "baseline": "top", "color": t.Muted, "aria": false},
		"encoding": object{"x": pixels("at"), "y": object{"value": f.height + 6}, "text": object{"field": "label", "type": "nominal"}},
	}
	half := f.measure.Width(label, labelStyle.size, true) / 2
	title := f.text([]string{label}, style{labelStyle.size, labelStyle.height, true}, t.Text, min(max(at-half, 0), f.width+f.right-margin-2*half), -heading)
	return []any{grid, names, claim, title}
}

// trackRows are the readings as rows of the specification.
func (c *Chart) trackRows(tracks []track, x func(float64) float64) []any {
	var rows []any
	for _, t := range tracks {
		row := object{
			"reading": c.say(func(l Language) string { return t.Reading.Label.In(l) }), "value": round(*t.Value), "margin": round(*t.Margin), "verdict": t.Verdict, "admissible": t.Admissible,
			"x": x(*t.Value), "from": x(c.Said.Threshold), "y": t.at, "words": t.words, "why": t.Why, "low": x(*t.Value), "high": x(*t.Value),
		}
		if t.Low != nil && t.High != nil {
			row["low"], row["high"] = x(*t.Low), x(*t.High)
		}
		rows = append(rows, row)
	}
	return rows
}

// marks are the labels, lines, dots and words of the readings.
func (c *Chart) marks(f *frame, tracks []track, x func(float64) float64) []any {
	l, t := c.Language, f.look.Theme
	colour := object{"condition": []any{
		object{"test": "!datum.admissible", "value": t.Peer}, object{"test": "datum.verdict == 'holds'", "value": t.Bench},
		object{"test": "datum.verdict == 'weakened'", "value": t.Context},
	}, "value": t.Focus}
	out := []any{
		layer("figures", "", object{"type": "rule", "strokeWidth": 2, "aria": false}, object{"x": pixels("from"), "x2": object{"field": "x"}, "y": pixels("y"), "color": colour}),
		layer("figures", "datum.low != datum.high", object{"type": "rule", "strokeWidth": 5, "aria": false}, object{"x": pixels("low"), "x2": object{"field": "high"}, "y": pixels("y"), "color": colour}),
		layer("figures", "", object{"type": "point", "filled": true, "size": 90, "opacity": 1}, object{
			"x": pixels("x"), "y": pixels("y"), "color": colour,
			"shape": object{"condition": []any{
				object{"test": "datum.verdict == 'holds'", "value": verdicts["holds"].shape},
				object{"test": "datum.verdict == 'weakened'", "value": verdicts["weakened"].shape},
			}, "value": verdicts["reversed"].shape},
			"tooltip": []any{
				object{"field": "reading", "type": "nominal", "title": Text{"Reading", "读法"}.In(l)},
				object{"field": "words", "type": "nominal", "title": Text{"Figure and verdict", "数据与判断"}.In(l)},
			},
		}),
		layer("figures", "", object{"type": "text", "align": "left", "baseline": "middle", "fontWeight": "bold", "aria": false}, object{
			"x": object{"value": f.width + 14}, "y": pixels("y"), "text": object{"field": "words", "type": "nominal"}, "color": colour,
		}),
	}
	for _, track := range tracks {
		ink := t.Text
		if !track.Admissible {
			ink = t.Muted
		}
		out = append(out, f.text(track.label, track.style, ink, 0, track.top))
	}
	return out
}
