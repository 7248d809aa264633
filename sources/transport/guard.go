package transport

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"citystats/internal/fault"
)

// guarded keeps a source to the hosts it declares. http.Client sends each
// redirect through here as well, so a publisher cannot send us elsewhere.
type guarded struct {
	next       http.RoundTripper
	hosts      map[string]bool
	allowLocal bool
}

// RoundTrip refuses what is not declared before anything leaves the machine.
func (t *guarded) RoundTrip(req *http.Request) (*http.Response, error) {
	u := req.URL
	switch {
	case u.Scheme != "https" && !t.allowLocal:
		return refuse(req, "use the publisher's https address", "the address is not https")
	case !t.hosts[hostKey(u)]:
		return refuse(req, "declare the host in the source if the publisher has moved",
			"the host "+u.Host+" is not one the source declares")
	}
	return t.next.RoundTrip(req)
}

// refuse ends a request unsent.
func refuse(req *http.Request, hint, what string) (*http.Response, error) {
	closeBody(req)
	return nil, fault.New(fault.Upstream, req.URL.Redacted(), hint, "%s", what)
}

// closeBody is owed by a RoundTripper that does not send a request.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close() // it was never read, so there is nothing to lose
	}
}

func hostSet(hosts []string) map[string]bool {
	set := make(map[string]bool, len(hosts))
	for _, h := range hosts {
		set[strings.ToLower(h)] = true
	}
	return set
}

// hostKey is the host as hosts lists spell it: without the scheme's own port.
func hostKey(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if u.Scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

// dialer refuses private addresses for the declared hosts, after their names
// are resolved, so that a name server cannot point us into the operator's own
// network. Any other address it is asked for is the operator's proxy, which may
// well be private: guarded lets no request for another host get this far.
type dialer struct {
	checked, plain *net.Dialer
	hosts          map[string]bool
}

// DialContext connects to a declared host or to the proxy.
func (d *dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if d.hosts[host] || d.hosts[net.JoinHostPort(host, port)] {
		return d.checked.DialContext(ctx, network, addr)
	}
	return d.plain.DialContext(ctx, network, addr)
}

// refusePrivate is called with the resolved address just before connecting.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if isPublic(ap.Addr().Unmap()) {
		return nil
	}
	return fault.New(fault.Upstream, address, "check this machine's name server",
		"the publisher's name leads to a private address")
}

// sharedSpace is what carriers use between themselves and their customers.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

func isPublic(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !sharedSpace.Contains(a)
}
