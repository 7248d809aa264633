# The build tag switches on the database driver's Arrow door; without it the
# compiler stops with a message that says so.
TAGS := duckdb_arrow

.PHONY: run test build bench corpus
run: ## fetch, load, check, publish, and print Hefei against China
	go run -tags $(TAGS) ./cmd/citystats run

test: ## everything that needs no more than Go and a C compiler
	go test -tags $(TAGS) -timeout 30m ./...

build: ## the one binary
	go build -tags $(TAGS) -trimpath -ldflags "-s -w" -o citystats ./cmd/citystats

bench: ## speed, as ratios to DuckDB doing the same work bare
	go test -tags $(TAGS) -run '^$$' -bench . -benchtime 1x -timeout 60m ./...

corpus: ## every faulty figure of the corpus, held to what docs/checks.md says
	go test -tags $(TAGS) ./pipeline/warehouse -run TestCorpus -all -timeout 60m
