package transport

import (
	"net/http"
	"net/url"
	"strings"
)

// secretWords betray a parameter or header whose value is nobody else's business.
var secretWords = []string{"apikey", "appkey", "userkey", "accesskey", "subscriptionkey", "registrationkey", "token", "secret", "passw", "authoriz", "authentic", "credential", "cookie", "session", "signature"}

// secret says whether what goes by this name must not be written down. It errs
// on the side of silence.
func secret(name string) bool {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_.$[] ", r) {
			return -1
		}
		return r
	}, strings.ToLower(name))
	switch plain {
	case "key", "xkey", "sig", "pwd", "auth", "sid", "jsessionid", "userid", "appid":
		return true
	}
	for _, w := range secretWords {
		if strings.Contains(plain, w) {
			return true
		}
	}
	return false
}

// parameter is one piece of a query as it was written. Rewriting the pieces,
// and not a map of them, keeps their order and spelling.
type parameter struct{ name, value, written string }

func parameters(rawQuery string) []parameter {
	if rawQuery == "" {
		return nil
	}
	var out []parameter
	for piece := range strings.SplitSeq(rawQuery, "&") {
		name, value, _ := strings.Cut(piece, "=")
		out = append(out, parameter{unescaped(name), unescaped(value), piece})
	}
	return out
}

func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// hasSecret says whether anything in a question is secret.
func hasSecret(req *http.Request) bool {
	if req.URL.User != nil {
		return true
	}
	for _, p := range parameters(req.URL.RawQuery) {
		if secret(p.name) {
			return true
		}
	}
	for name := range req.Header {
		if secret(name) {
			return true
		}
	}
	return false
}
