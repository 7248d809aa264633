//go:build duckdb_arrow

// Package charts makes pictures, tables and sentences of a release.
//
// A chart is defined once, as an entry of data/charts.yaml, and is of any region.
// From the definition to a file it goes one way:
//
//	definition --Resolve, asks a release--> Chart --Spec--> Vega-Lite --render--> SVG, PNG
//	                                          |----> CSV, spreadsheet, metadata, text
//
// A [Chart] holds everything that is said of it in whatever form: the figures with
// their statuses, what breaks them, who made them, what is not like for like. So
// the picture, the table and the description for who cannot see it cannot
// contradict each other, and none of them holds a number that somebody typed:
// headlines are templates, one for each way the data may turn out.
//
// What a picture must not hide is drawn and written without anybody asking for
// it: hollow points for what is provisional, derived or expected, gaps in a line
// where a year is missing or a break stands, a note for each. A sentence rests on
// no figure that is only expected or known from a single weak copy.
//
// The specification is laid out here to the pixel, with the fonts it will be drawn
// with, because Vega's own layout lets titles, labels and notes run into each other
// and knows no Chinese line breaks.
package charts
