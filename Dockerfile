# The database driver is C++: building needs a compiler, running needs its library.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -tags duckdb_arrow -trimpath -ldflags "-s -w" -o /citystats ./cmd/citystats \
    && mkdir /state

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libstdc++6 tzdata \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /citystats /usr/local/bin/citystats
# 65532 is nobody's number on the host; the folder must be theirs before a volume takes its place.
COPY --from=build --chown=65532:65532 /state /state
USER 65532:65532
ENV CITYSTATS_STATE=/state HOME=/tmp
VOLUME /state
ENTRYPOINT ["citystats"]
CMD ["run"]
