// Package source is the contract between publishers and the pipeline.
//
// A Source is one publisher protocol. It does two things that never mix: Fetch
// brings bytes, with a network and without understanding more than it needs to
// page; Decode reads bytes, without a network, a clock or a disk. Between the
// two the pipeline archives every document exactly as received, so any night
// can be replayed offline and every figure traced to the bytes it came from.
//
// What Decode yields is the publisher's own view: its codes, its names, its
// units, its periods as text. Giving them our meaning (regions, indicators,
// canonical units, parsed periods) is the pipeline's next step and the same for
// all sources; a source knows nothing of the database, of SQL or of its
// siblings.
package source

import (
	"context"
	"net/http"
)

// Info describes a source to the pipeline. What an operator may tune (schedule,
// allowance, licence text) is in data/sources.csv under the same ID.
type Info struct {
	ID    string   // lower-case word, key of data/sources.csv
	Title string   // for people
	Hosts []string // the only hosts Fetch may call; empty means it needs no network
	// Needs is what an operator must set before the source can be asked, such as
	// the environment variable with a key; empty when nothing is missing. A source
	// with needs is not asked and has not failed; what it once brought is decoded.
	Needs string
	// Generation is raised by hand when Decode would yield something else for
	// the same bytes; it is part of what makes a release need rebuilding.
	Generation int
}

// Source fetches and decodes one publisher protocol.
type Source interface {
	Info() Info

	// Fetch gets everything the source has to offer now and hands each document
	// to emit in a deterministic order. The client already is polite (honest
	// User-Agent, rate limit, retries, size and time limits): Fetch makes plain
	// requests with it and calls no other host than Info declares. Documents
	// that only make sense together (the pages of one answer) are emitted only
	// once all of them are there and agree; those emitted before an error are
	// good. Errors are of kind Upstream unless ctx was cancelled. An error from
	// emit is returned as it is.
	Fetch(ctx context.Context, client *http.Client, emit func(Document) error) error

	// Decode reads one document, without network, clock or disk: the same bytes
	// give the same calls in the same order. A record that cannot be read goes
	// to sink.Reject with its place and is not an error. A document that cannot
	// be trusted as a whole (truncated, another media type, an error page) is an
	// error of kind Upstream, and what was observed before it is discarded by
	// the caller.
	Decode(doc Document, sink Sink) error

	// Place says where in the document record n is ("row 12", "/1/37"), as a
	// person with the file open would look for it.
	Place(n int) string
}

// Prober is a source that can tell in one small question whether its publisher
// still answers in the shape that Decode expects. It is what "citystats doctor"
// asks, so that a changed interface is told from a publisher who is away.
type Prober interface {
	// Probe asks one question with the polite client. A nil error means that the
	// answer was understood. An error is of kind Upstream and says what was
	// expected and what came, unless ctx was cancelled.
	Probe(ctx context.Context, client *http.Client) error
}

// Quoter is a source that can quote a record in the document's own words. It is
// what "citystats explain" prints beside the place, so that whoever checks a figure
// sees it as it was printed.
type Quoter interface {
	// Quote is the record as the document's bytes have it, short enough to read: the
	// row, the span of text, the cell, the value at its pointer. Like Decode it needs
	// no network, clock or disk. An error is of kind Upstream: the bytes are no
	// document of this source, or hold no such record.
	Quote(doc Document, record int) (text string, err error)
}

// Sink receives what Decode finds.
type Sink interface {
	// Observe takes one figure, which the caller may reuse afterwards. An error means the receiver cannot go on: Decode
	// returns it unchanged.
	Observe(*Observation) error
	// Reject takes one record that could not be read.
	Reject(Reject)
}

// Document is bytes exactly as received and where they came from.
type Document struct {
	Source    string // Info.ID of the source that fetched it
	Name      string // stable across fetches: the same question asked again has the same name
	Title     string // the publication's own title, for citation
	Publisher string // key of data/publishers.csv: who printed it
	URL       string // where a reader can look; may be empty when no address is known
	MediaType string // as declared by the publisher, without parameters
	// Published is when the publisher said it, ISO 8601, as precise as known:
	// "2023-02-07", "2013-04", "2019"; empty when unknown, never guessed.
	Published string
	// NotBefore is the earliest date the document can be from, when its content
	// proves one though Published is empty: it orders vintages and is never
	// shown as a publication date.
	NotBefore string
	Body      []byte
}

// Observation is one figure as its publisher states it.
type Observation struct {
	Record     int    // ordinal of the record in the document, from 1; see Source.Place
	Region     string // in the publisher's scheme: a code or a name
	Indicator  string // in the publisher's scheme
	Period     string // as written: "2013", "2020-H1", "2016/2020"
	Unit       string // as written, or empty where the scheme fixes it per indicator
	Stated     Stated // what else the document says of the figure's kind
	Mult       int    // UNIT_MULT stated beside the figure: Value is in Unit times ten to this; 0 when none is
	Origin     string // key of data/publishers.csv: who made the figure, whoever prints it
	Value      float64
	Status     Status
	Qualifier  Qualifier
	Confidence Confidence
	Derivation string // the arithmetic, when the figure is derived and not printed
	Note       string // a caveat that belongs to this one figure
}

// Stated is what a document says outright about a figure, in the words of
// data/indicators.csv: that it is at constant prices, of urban residents, from
// January on. Empty means that the document does not say; a decoder never
// concludes. The loader holds it against the indicator and refuses a figure that
// is of another kind.
type Stated struct {
	PriceBasis      string // current, constant
	PopulationScope string // all, urban, rural
	Numerator       string // output, value_added
	Accumulation    string // period, year_to_date, stock
}

// Reject is a record that could not be read, kept for quarantine.
type Reject struct {
	Record int    // ordinal of the record, from 1
	Reason string // what is wrong with it and what was expected
	Text   string // the record as found, cut to a readable length
}

// Status is the standing of a figure with its publisher. The numbers are stored.
type Status uint8

// Statuses from least to most settled. Within one document the more settled
// figure is the later vintage.
const (
	Target      Status = 1 // a plan's aim, not a measurement; OBS_STATUS F
	Forecast    Status = 2 // said before the period closed or was measured; OBS_STATUS F
	Derived     Status = 3 // computed from other printed figures; OBS_STATUS E
	Preliminary Status = 4 // first release; OBS_STATUS P
	Revised     Status = 5 // a later vintage; OBS_STATUS A
	Final       Status = 6 // final verification, or the only vintage; OBS_STATUS A
)

// Qualifier says how the printed number bounds the true one. The numbers are stored.
type Qualifier uint8

// The qualifiers. Only Exact and About figures enter arithmetic.
const (
	Exact Qualifier = 0 // printed as a number
	About Qualifier = 1 // "about", or visibly rounded
	Over  Qualifier = 2 // "more than": a lower bound
	Under Qualifier = 3 // "less than": an upper bound
)

// Confidence is how far the stored document can be trusted to carry the
// publisher's own figure. The numbers are stored.
type Confidence uint8

// The confidences.
const (
	High   Confidence = 3 // the publisher itself, or copies that agree
	Medium Confidence = 2 // one step removed: a mirror, a transcription
	Low    Confidence = 1 // a single weak copy: never cite without a second source
)

var (
	statusNames     = map[string]Status{"target": Target, "forecast": Forecast, "derived": Derived, "preliminary": Preliminary, "revised": Revised, "final": Final}
	qualifierNames  = map[string]Qualifier{"": Exact, "about": About, "over": Over, "under": Under}
	confidenceNames = map[string]Confidence{"high": High, "medium": Medium, "low": Low}
)

// ParseStatus reads a status as the project's own files spell it.
func ParseStatus(s string) (Status, bool) { v, ok := statusNames[s]; return v, ok }

// ParseQualifier reads a qualifier as the project's own files spell it.
func ParseQualifier(s string) (Qualifier, bool) { v, ok := qualifierNames[s]; return v, ok }

// ParseConfidence reads a confidence as the project's own files spell it.
func ParseConfidence(s string) (Confidence, bool) { v, ok := confidenceNames[s]; return v, ok }
