// Package house is only its test: it walks the project's own code and holds it
// to the layout that docs/decisions/0001-the-house.md describes. Data runs
// sources, pipeline, sql, charts, serve; what a package may import follows.
package house
