package nbs

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"citystats/internal/fault"
)

// node is an entry of the site's tree.
type node struct {
	ID   string `json:"_id"`
	Name string `json:"name"`
	Leaf bool   `json:"isLeaf"`
}

// indicator is an entry of a catalogue.
type indicator struct {
	ID   string `json:"_id"`
	Name string `json:"i_showname"`
}

// ids are those of a series, as they were found.
type ids struct{ root, catalogue, indicator string }

// find looks for a catalogue and its indicator by their names.
func (v *visit) find(ctx context.Context, c *Catalogue) (ids, error) {
	if c.Catalogue != "" && c.Indicator == "" {
		id, err := v.named(ctx, c, c.Catalogue)
		if err == nil || c.Path == "" {
			return ids{c.Root, c.Catalogue, id}, err
		}
	}
	found, err := v.walk(ctx, c)
	if err != nil {
		return ids{}, err
	}
	found.indicator, err = v.named(ctx, c, found.catalogue)
	return found, err
}

// walk goes down the tree by the names of the path.
func (v *visit) walk(ctx context.Context, c *Catalogue) (ids, error) {
	roots, where, err := v.children(ctx, c, "")
	if err != nil {
		return ids{}, err
	}
	if len(roots) != 1 {
		return ids{}, fault.New(fault.Upstream, where, "look for a new version of this program", "a tree has one root, this has %d", len(roots))
	}
	at := roots[0]
	for name := range strings.SplitSeq(c.Path, " > ") {
		if at.Leaf {
			break // the rest of the path is the indicator
		}
		below, where, err := v.children(ctx, c, at.ID)
		if err != nil {
			return ids{}, err
		}
		if at, err = only(below, name, where, c); err != nil {
			return ids{}, err
		}
	}
	return ids{root: roots[0].ID, catalogue: at.ID}, nil
}

// children are the entries below an entry of the tree; below "" is the root.
func (v *visit) children(ctx context.Context, c *Catalogue, parent string) ([]node, string, error) {
	var nodes []node
	answer, err := v.get(ctx, "/new/queryIndexTreeAsync", url.Values{"pid": {parent}, "code": {strconv.Itoa(c.Tree)}}, &nodes)
	return nodes, answer.URL, err
}

// only is the one entry of that name.
func only(nodes []node, name, where string, c *Catalogue) (found node, err error) {
	var names []string
	n := 0
	for _, child := range nodes {
		names = append(names, child.Name)
		if plain(child.Name) == plain(name) {
			found = child
			n++
		}
	}
	if n != 1 {
		return node{}, fault.New(fault.Upstream, where, "correct the path of "+c.ID+" in data/nbs_catalogues.csv",
			"looking for %s, %d entries are called %q among %s", c.Path, n, name, clip([]byte(strings.Join(names, ", "))))
	}
	return found, nil
}

// named is the id of the one indicator of a catalogue that has a name of c.
func (v *visit) named(ctx context.Context, c *Catalogue, catalogue string) (string, error) {
	var data struct {
		List []indicator `json:"list"`
	}
	answer, err := v.get(ctx, "/new/queryIndicatorsByCid", url.Values{"cid": {catalogue}, "dt": {""}, "name": {""}}, &data)
	if err != nil {
		return "", err
	}
	var found, names []string
	for _, i := range data.List {
		names = append(names, strings.TrimSpace(i.Name))
		if c.called(i.Name) {
			found = append(found, i.ID)
		}
	}
	if len(found) != 1 {
		return "", fault.New(fault.Upstream, answer.URL, "correct the names of "+c.ID+" in data/nbs_catalogues.csv",
			"%d indicators of the catalogue are called %q: it has %s", len(found), c.Names[0], clip([]byte(strings.Join(names, ", "))))
	}
	return found[0], nil
}

// alarm says that ids are not the pinned ones; nothing when only blanks were filled in.
func (found ids) alarm(c *Catalogue, where string) error {
	var changes []string
	for _, id := range []struct{ what, pinned, found string }{
		{"root", c.Root, found.root}, {"catalogue", c.Catalogue, found.catalogue}, {"indicator", c.Indicator, found.indicator},
	} {
		if id.pinned != "" && id.pinned != id.found {
			changes = append(changes, fmt.Sprintf("%s %s is now %s", id.what, id.pinned, id.found))
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return fault.New(fault.Upstream, where, "look at the series on the site, then write the new ids into data/nbs_catalogues.csv",
		"the ids of %s have changed: %s; found by path and name, and its figures were kept", c.ID, strings.Join(changes, ", "))
}

// everyPlace is what the site calls the list with all areas.
const everyPlace = "全部地区"

// findPlaces looks for the list of areas of a catalogue when the pinned one is
// empty or gone.
func (v *visit) findPlaces(ctx context.Context, c *Catalogue) (list, error) {
	var lists []node
	answer, err := v.get(ctx, "/getDaCatalogTreeByIndicatorCid", url.Values{"indicatorCid": {c.Catalogue}}, &lists)
	if err != nil {
		return list{}, err
	}
	for _, l := range lists {
		if l.Name != everyPlace && len(lists) > 1 {
			continue
		}
		places, err := v.listed(ctx, l.ID)
		if err != nil {
			return list{}, err
		}
		if len(places) > 0 {
			return list{places, fault.New(fault.Upstream, answer.URL, "look at the areas on the site, then write the new id into data/nbs_catalogues.csv",
				"the list of areas %s of %s is now %s (%s, %d areas)", c.Areas, c.ID, l.ID, l.Name, len(places))}, nil
		}
	}
	return list{}, fault.New(fault.Upstream, answer.URL, otherDoor, "the site names no areas for %s: list %s is empty", c.ID, c.Areas)
}
