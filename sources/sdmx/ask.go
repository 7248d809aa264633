package sdmx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"citystats/internal/fault"
	"citystats/sources/transport"
)

// maxRefusal is as much as is read of an answer whose status is not 200.
const maxRefusal = 1 << 20

// structureXML and structureJSON are what structures are asked for as. Plain
// XML would be answered with JSON by the OECD.
const (
	structureXML  = "application/vnd.sdmx.structure+xml;version=2.1"
	structureJSON = "application/vnd.sdmx.structure+json;version=2.0.0"
)

// reply is an answer of any status. The client does not tell what a refusal
// says, and here that decides what it means.
type reply struct {
	url, mediaType string
	status         int
	retryAfter     string
	body           []byte
}

// contentType is the declared media type, or HTTP's word for an unknown one.
func (r reply) contentType() string { return or(r.mediaType, "application/octet-stream") }

// ask sends one question and reads the whole answer.
func (s *Source) ask(ctx context.Context, client *http.Client, address, accept string) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return reply{}, fault.Wrap(fault.Upstream, err, address, "correct the address in data/sources.csv or the row in data/sdmx_queries.csv", "this is no address")
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	resp, err := client.Do(req)
	if err != nil {
		return reply{}, unwrapped(address, err)
	}
	defer resp.Body.Close()
	r := reply{url: address, status: resp.StatusCode, mediaType: mediaType(resp.Header.Get("Content-Type")), retryAfter: resp.Header.Get("Retry-After")}
	from := io.Reader(resp.Body)
	if r.status != http.StatusOK {
		from = io.LimitReader(resp.Body, maxRefusal)
	}
	if r.body, err = io.ReadAll(from); err != nil {
		return reply{}, unwrapped(address, err)
	}
	return r, nil
}

// unwrapped takes off the *url.Error that http.Client puts around everything.
func unwrapped(address string, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return fault.Wrap(fault.Upstream, err, address, "try again later", "no usable answer")
}

func mediaType(header string) string {
	name, _, _ := strings.Cut(header, ";") // parameters are often malformed; the name matters
	if parsed, _, err := mime.ParseMediaType(header); err == nil {
		name = parsed
	}
	return strings.ToLower(strings.TrimSpace(name))
}

// accept is the header the question is sent with.
func (q Query) accept() string {
	if strings.Contains(q.Format, "/") {
		return q.Format
	}
	return ""
}

// dataAddress is where q is asked.
func (s *Source) dataAddress(q Query) string {
	var parameters []string
	address := s.service(q) + "/data/"
	if q.Interface == "3.0" {
		address += "dataflow/" + escape(or(q.Agency, "*")) + "/" + escape(q.Flow) + "/" + version(or(q.Version, "+")) + "/" + escape(q.key("*"))
		if q.Start != "" {
			parameters = append(parameters, "c%5BTIME_PERIOD%5D=ge:"+url.QueryEscape(q.Start))
		}
	} else {
		address += escape(q.flowRef()) + "/" + escape(q.key("all"))
		if q.Start != "" {
			parameters = append(parameters, "startPeriod="+url.QueryEscape(q.Start))
		}
	}
	if q.History {
		parameters = append(parameters, "includeHistory=true")
	}
	if q.accept() == "" && q.Format != "" {
		parameters = append(parameters, "format="+q.Format)
	}
	for _, p := range parameters {
		address = withParameter(address, p)
	}
	return address
}

// structureAddress is where the structure of q's dataflow is.
func (s *Source) structureAddress(q Query) (address, accept string) {
	if q.Interface == "3.0" {
		return s.service(q) + "/structure/dataflow/" + escape(or(q.Agency, "*")) + "/" + escape(q.Flow) + "/" +
			version(or(q.Version, "+")) + "?references=descendants", structureJSON
	}
	return s.service(q) + "/dataflow/" + escape(or(q.Agency, "all")) + "/" + escape(q.Flow) + "/" +
		version(or(q.Version, "latest")) + "?references=descendants", structureXML
}

func (s *Source) service(q Query) string {
	if q.Path == "" {
		return s.config.BaseURL
	}
	return s.config.BaseURL + "/" + escape(strings.Trim(q.Path, "/"))
}

// flowRef names the dataflow as the 2.1 interface does. An agency without a
// version keeps the comma, which is how the OECD spells "the latest".
func (q Query) flowRef() string {
	if q.Agency == "" {
		return q.Flow
	}
	return q.Agency + "," + q.Flow + "," + q.Version
}

// key is what is asked for, never nothing but dots.
func (q Query) key(everything string) string {
	if strings.Trim(q.Key, ".") == "" {
		return everything
	}
	return q.Key
}

// escape keeps what SDMX writes between slashes (commas, plus, at) as it is.
func escape(path string) string { return (&url.URL{Path: path}).EscapedPath() }

// version escapes the plus that stands for the latest version, which the IMF
// takes for a space otherwise.
func version(v string) string { return strings.ReplaceAll(escape(v), "+", "%2B") }

func withParameter(address, parameter string) string {
	if strings.Contains(address, "?") {
		return address + "&" + parameter
	}
	return address + "?" + parameter
}

// refused says what a status other than 200 means, quoting the publisher.
func (r reply) refused() error {
	status := transport.StatusError(r.status)
	hint := "open the address in a browser to see what the publisher says"
	switch r.status {
	case http.StatusNoContent:
		hint = "compare agency, flow and version in data/sdmx_queries.csv with the publisher's list: this is also how a wrong agency is answered"
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity:
		hint = "compare agency, flow, version and key in data/sdmx_queries.csv with the structure of the dataflow"
	case http.StatusNotAcceptable:
		hint = "ask for another format in data/sdmx_queries.csv"
	case http.StatusTooManyRequests:
		hint = "try again in an hour, and raise seconds_between in data/sources.csv if this comes again"
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		hint = "try again later"
	}
	if r.retryAfter != "" && r.retryAfter != "0" {
		hint = "try again later: the publisher asks to wait (Retry-After: " + r.retryAfter + ")"
	}
	what := "the publisher refused"
	if text := r.said(); text != "" {
		what = fmt.Sprintf("the publisher refused with %q", clip(text))
	}
	return fault.Wrap(fault.Upstream, status, r.url, hint, what)
}

// said is the publisher's own word in a refusal.
func (r reply) said() string {
	if n, ok := asNotice(recognise(r.body)); ok {
		return n.Error()
	}
	text := strings.ToValidUTF8(string(r.body[:min(len(r.body), 1000)]), "\uFFFD")
	return strings.Join(strings.Fields(text), " ")
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
