// Command fileserver is the bare limit that .ci/load measures citystats against:
// net/http sending files of a folder, and nothing else.
package main

import (
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
	s := &http.Server{Addr: os.Args[1], Handler: http.FileServer(http.Dir(os.Args[2])), ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(s.ListenAndServe())
}
