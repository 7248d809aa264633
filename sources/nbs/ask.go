package nbs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"citystats/internal/fault"
	"citystats/sources/transport"
)

const (
	base = "/dg/website/publicrelease/web/external"
	// tries is how often a question is asked that brings a page or nothing.
	tries = 3
	// otherDoor is what helps when the site turns programs away.
	otherDoor = "try again later, or save the table in a browser and run: citystats import FILE --source nbs --published DATE"
)

// valuePaths are where figures are and have been asked for, the present one first.
var valuePaths = []string{base + "/stream/esData", base + "/getEsDataByCidAndDt"}

// visit is one sequence of questions.
type visit struct {
	source *Source
	client *http.Client
	year   int             // of the site's clock, once something was answered
	values int             // index of the value path that works
	areas  map[string]list // by their id
}

func (s *Source) visit(client *http.Client) *visit {
	return &visit{source: s, client: client, areas: map[string]list{}}
}

// china is the site's time.
var china = time.FixedZone("UTC+8", 8*60*60)

// envelope is around every answer.
type envelope struct {
	Data    jsontext.Value `json:"data"`
	Success bool           `json:"success"`
	State   jsontext.Value `json:"state"`
	Message string         `json:"message"`
}

// errPage is the cause of a refusal that came as a page under status 200.
var errPage = errors.New("a page came instead of data")

// get asks for a list of the catalogue, in a path below base.
func (v *visit) get(ctx context.Context, path string, parameters url.Values, data any) (transport.Answer, error) {
	address := v.source.config.BaseURL + base + path + "?" + parameters.Encode()
	return v.ask(ctx, func() (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	}, data)
}

// post asks for figures, at the next of the known paths when one is gone.
func (v *visit) post(ctx context.Context, question query, data any) (transport.Answer, error) {
	body, err := json.Marshal(question)
	if err != nil {
		return transport.Answer{}, fmt.Errorf("question: %w", err)
	}
	for {
		answer, err := v.ask(ctx, func() (*http.Request, error) { return v.request(ctx, body) }, data)
		var status transport.StatusError
		if errors.As(err, &status) && status == http.StatusNotFound && v.values+1 < len(valuePaths) {
			v.values++
			continue
		}
		return answer, err
	}
}

// request is the question in body. It changes nothing, so it may be repeated.
func (v *visit) request(ctx context.Context, body []byte) (*http.Request, error) {
	address := v.source.config.BaseURL + valuePaths[v.values]
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json;charset=UTF-8")
	req.Header["Idempotency-Key"] = nil
	return req, nil
}

// ask asks until there is an answer in the site's form, and reads its data. The
// site has disorders that pass, and shows them as pages with status 200.
func (v *visit) ask(ctx context.Context, request func() (*http.Request, error), data any) (transport.Answer, error) {
	for try := 1; ; try++ {
		req, err := request()
		if err != nil {
			return transport.Answer{}, fmt.Errorf("request: %w", err)
		}
		req.Header.Set("Accept", "application/json")
		answer, err := v.once(req, data)
		if err == nil || !passing(err) || ctx.Err() != nil || try == tries {
			return answer, explain(req.URL.Redacted(), err)
		}
	}
}

// once asks once.
func (v *visit) once(req *http.Request, data any) (transport.Answer, error) {
	answer, err := transport.Ask(v.client, req)
	if err != nil {
		return answer, err
	}
	raw, err := unwrap(answer.Body)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(raw, data); err != nil {
		return answer, fmt.Errorf("its data is not of the form expected: %w", err)
	}
	if at, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		v.year = at.In(china).Year()
	}
	return answer, nil
}

// unwrap is what is inside the envelope, when it says that all is well.
func unwrap(body []byte) (jsontext.Value, error) {
	if text := bytes.TrimSpace(body); bytes.HasPrefix(text, []byte("<")) {
		return nil, fmt.Errorf("%w: %q", errPage, clip(text))
	}
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, fmt.Errorf("it is not JSON as the site writes it: %w", err)
	}
	return e.Data, e.refusal()
}

// refusal is what the envelope says when it does not say that all is well.
func (e *envelope) refusal() error {
	if state := strings.Trim(string(e.State), `"`); state != "20000" || !e.Success {
		return fmt.Errorf("the site says state %s, success %v: %q", clip([]byte(state)), e.Success, clip([]byte(e.Message)))
	}
	return nil
}

// passing says whether a failure may be gone next time though the client, which
// has repeated what it could, has not seen it as one.
func passing(err error) bool {
	var syntactic *jsontext.SyntacticError
	return errors.Is(err, errPage) || errors.As(err, &syntactic) || errors.Is(err, io.ErrUnexpectedEOF)
}

// explain tells a person what a failure means at this site.
func explain(where string, err error) error {
	var status transport.StatusError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &status) && status == http.StatusNotFound:
		return &fault.Error{
			Kind: fault.Upstream, Where: where, Err: status, What: "the site has moved this part of its interface",
			Hint: "look for a new version of this program, or save the table in a browser and run: citystats import FILE --source nbs --published DATE",
		}
	case status >= 400 && status < 500 && status != http.StatusTooManyRequests:
		return &fault.Error{Kind: fault.Upstream, Where: where, Err: status, What: "the site turns this program away", Hint: otherDoor}
	case fault.KindOf(err) != fault.Internal:
		return err
	}
	return fault.Wrap(fault.Upstream, err, where, otherDoor, "this is no answer of the database")
}
