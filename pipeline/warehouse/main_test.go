//go:build duckdb_arrow

package warehouse

import "context"

// bg is for helpers that property tests share with ordinary ones: a rapid.T has
// no context of its own.
var bg = context.Background()
