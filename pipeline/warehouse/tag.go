//go:build !duckdb_arrow

package warehouse

// The build tag duckdb_arrow switches on the driver's Arrow door. Without it
// the compiler stops here instead of with a riddle further down.
var _ = build_with_the_tag_duckdb_arrow____go_build_tags_duckdb_arrow
