package queries_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain has properties drawn forty times, since each drawing asks the engine some
// questions; -rapid.checks=1000 draws more.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "40"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}
