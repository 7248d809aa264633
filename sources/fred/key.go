package fred

import (
	"bytes"
	"errors"
	"net/http"
	"strings"

	"citystats/internal/fault"
)

// secret holds the key where printing a struct does not find it.
type secret func() string

func hidden(key string) secret { return func() string { return key } }

// wellFormed says whether text is what FRED calls a key. Escaping leaves such
// text alone, so it has the same form in an address and in an error.
func wellFormed(text string) bool {
	for _, c := range []byte(text) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return len(text) == 32
}

// keyed adds the key to a copy of each request: the request that others hold,
// and that answers refer to, never has it.
type keyed struct {
	next http.RoundTripper
	key  secret
}

// RoundTrip sends the copy.
func (t *keyed) RoundTrip(req *http.Request) (*http.Response, error) {
	sent := req.Clone(req.Context())
	sent.URL.RawQuery += "&api_key=" + t.key()
	resp, err := t.next.RoundTrip(sent)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// client asks as the given one does, with the key.
func (s *Source) client(polite *http.Client) *http.Client {
	return &http.Client{
		Transport:     &worded{&keyed{polite.Transport, s.key}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       polite.Timeout,
	}
}

// mask stands where the key was.
const mask = "(key)"

// clean takes the key out of every text in err's chain, and keeps its kind and
// its causes.
func (k secret) clean(err error) error {
	if err == nil || !strings.Contains(err.Error(), k()) {
		return err
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return &fault.Error{Kind: f.Kind, Where: k.hide(f.Where), What: k.hide(f.What), Hint: k.hide(f.Hint), Err: k.clean(f.Err)}
	}
	cause := err
	for cause != nil && strings.Contains(cause.Error(), k()) {
		cause = errors.Unwrap(cause)
	}
	return &cleaned{k.hide(err.Error()), cause}
}

func (k secret) hide(text string) string { return strings.ReplaceAll(text, k(), mask) }

// in says whether any of the texts holds the key.
func (k secret) in(texts ...[]byte) bool {
	for _, text := range texts {
		if bytes.Contains(text, []byte(k())) {
			return true
		}
	}
	return false
}

// cleaned is an error whose text held the key. Its cause is the outermost one
// whose text does not.
type cleaned struct {
	text  string
	cause error
}

// Error is the text without the key.
func (c *cleaned) Error() string { return c.text }

// Unwrap gives the cause.
func (c *cleaned) Unwrap() error { return c.cause }
