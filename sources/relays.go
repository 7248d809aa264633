package sources

import (
	"slices"

	"citystats/sources/dbnomics"
	"citystats/sources/fred"
)

// Relays print figures that others made, and their answers do not say whose. So
// each series they are asked for is described here: without the body that made it
// nothing of it is believed, because a figure and its copy would then look like
// two bodies that agree.

// relayedByFRED are the series of FRED that somebody has looked up.
var relayedByFRED = []fred.Series{
	{ID: "MKTGDPCNA646NWDB", Region: "CHN", Origin: "worldbank", Frequency: "A", Units: "Current U.S. Dollars"},
}

// relayedByDBnomics are the series of DBnomics that somebody has looked up.
var relayedByDBnomics = []dbnomics.Series{
	{ID: "IMF/WEO:2024-10/CHN.NGDP_RPCH.pcent_change", Region: "CHN", Origin: "imf", Outlook: true},
	{ID: "IMF/WEO:2025-04/CHN.NGDP_RPCH.pcent_change", Region: "CHN", Origin: "imf", Outlook: true},
}

// fredSeries describes the wanted codes; one that nobody has looked up is bare.
func fredSeries(codes []string) []fred.Series {
	return described(codes, relayedByFRED, func(s fred.Series) string { return s.ID }, func(id string) fred.Series { return fred.Series{ID: id} })
}

// dbnomicsSeries is the same for DBnomics.
func dbnomicsSeries(codes []string) []dbnomics.Series {
	return described(codes, relayedByDBnomics, func(s dbnomics.Series) string { return s.ID }, func(id string) dbnomics.Series { return dbnomics.Series{ID: id} })
}

func described[S any](codes []string, known []S, id func(S) string, bare func(string) S) []S {
	out := make([]S, len(codes))
	for i, code := range codes {
		out[i] = bare(code)
		if k := slices.IndexFunc(known, func(s S) bool { return id(s) == code }); k >= 0 {
			out[i] = known[k]
		}
	}
	return out
}
