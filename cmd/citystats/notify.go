//go:build duckdb_arrow

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"citystats/internal/fault"
	"citystats/pipeline/revisions"
	"citystats/pipeline/warehouse"
	"citystats/serve/news"
	"citystats/serve/notify"
)

// secretName is the environment variable with the secret of webhooks.
const secretName = "CITYSTATS_WEBHOOK_SECRET"

func (a *app) notifyCommand() *cobra.Command {
	var to string
	var all, dry bool
	cmd := &cobra.Command{
		Use:   "notify --url URL",
		Short: "Tell a webhook which figures were revised and which claims turned",
		Long: `Sends one signed message with all revisions of figures and changes of verdict in
the live release that the receiver has not had yet; none when there is nothing new.
Each revision says its type and, with the last of a figure, what it moves; each
change of verdict the figures and documents that caused it.
A receiver that is new has had everything so far, unless --all is given.

The message follows Standard Webhooks. Its secret is read from the environment
variable ` + secretName + `: whsec_ and base64, or a text of 16 bytes
or more. What could not be delivered is tried five times and then by the next call;
a message may come twice, with the same webhook-id, and is never lost.

For cron, after each run: citystats run && citystats notify --url ...`,
		Example: `  citystats notify --url https://hooks.example.org/citystats
  citystats notify --url https://hooks.example.org/citystats --dry-run
  citystats notify --url https://hooks.example.org/citystats --all`,
		Args:        cobra.NoArgs,
		Annotations: map[string]string{"formats": "table"},
		RunE:        func(cmd *cobra.Command, _ []string) error { return a.notify(cmd.Context(), to, all, dry) },
	}
	f := cmd.Flags()
	f.StringVar(&to, "url", "", "address of the receiver")
	f.BoolVar(&all, "all", false, "tell a new receiver everything so far")
	f.BoolVar(&dry, "dry-run", false, "print the message, send nothing and remember nothing")
	return cmd
}

func (a *app) notify(ctx context.Context, to string, all, dry bool) error {
	if to == "" {
		return fault.New(fault.Usage, "", "add --url https://...", "there is no receiver")
	}
	receiver := notify.Receiver{URL: to, State: a.state, Now: time.Now, Client: notify.NewClient(time.Second)}
	if !dry {
		text := os.Getenv(secretName)
		if text == "" {
			return fault.New(fault.Usage, "", "set it to what the receiver holds too", "%s is not set", secretName)
		}
		var err error
		if receiver.Secret, err = notify.Secret(text); err != nil {
			return err
		}
	}
	changes, err := a.changes(ctx)
	if err != nil {
		return err
	}
	message, some, err := receiver.Pending(changes.release, changes.revisions, changes.turns, all)
	if err != nil {
		return err
	}
	if dry {
		return writeJSON(a.out, message)
	}
	if !some {
		fmt.Fprintln(a.out, "nothing new")
		return receiver.Remember(message)
	}
	if err := receiver.Deliver(ctx, message); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "delivered: %d revisions, %d changes of verdict\n", len(message.Data.Revisions), len(message.Data.Turns))
	return nil
}

// changed is what may be told of the live release.
type changed struct {
	release   string
	revisions []news.Revision
	turns     []news.Turn
}

// changes reads what is not under embargo; that is told by the first call after it
// has ended.
func (a *app) changes(ctx context.Context) (changed, error) {
	catalog, set, err := a.definitions()
	if err != nil {
		return changed{}, err
	}
	now, out := time.Now(), changed{}
	open := func(ctx context.Context) (*warehouse.Reader, error) {
		r, m, err := a.reader(ctx)
		if err != nil {
			return nil, err
		}
		out.release = m.ID
		if err := r.See(ctx, catalog, set, warehouse.View{Withheld: catalog.Withheld(now)}); err != nil {
			return nil, errors.Join(err, r.Close())
		}
		return r, nil
	}
	figures, err := revisions.Ask(ctx, open, set, revisions.Question{})
	if err != nil {
		return changed{}, err
	}
	r, err := open(ctx)
	if err != nil {
		return changed{}, err
	}
	defer r.Close()
	if out.revisions, err = news.Revisions(ctx, r); err != nil {
		return changed{}, err
	}
	news.Moved(out.revisions, figures)
	out.turns, err = news.Turns(ctx, r)
	return out, err
}
