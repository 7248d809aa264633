//go:build duckdb_arrow

package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"citystats/sources/transport"
)

// meter draws one line about how far a command is: the step, what came of it, and
// time left where the end is known. A nil one is silent.
type meter struct {
	out io.Writer

	mu          sync.Mutex
	step        string
	done, total int
	clients     []transport.Traffic
	bar         *progressbar.ProgressBar
	size        int64 // of bar; -1 when its end is not known
	text        string
	drawn       time.Time
}

// newMeter draws on a terminal, and nothing elsewhere.
func newMeter(out io.Writer) *meter {
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return &meter{out: out}
}

// progress takes what the pipeline says of a step; the empty one ends the line.
func (m *meter) progress(step string, done, total int) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if step != m.step {
		m.clear()
	}
	m.step, m.done, m.total = step, done, total
	if step == "" {
		m.clients = nil
		return
	}
	m.draw()
}

// client gives what a client reports its traffic to.
func (m *meter) client() func(transport.Traffic) {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.clients)
	m.clients = append(m.clients, transport.Traffic{})
	return func(now transport.Traffic) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if n < len(m.clients) && m.step != "" {
			m.clients[n] = now
			m.draw()
		}
	}
}

// Write lets other text, such as a log, through between two states of the line.
func (m *meter) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bar != nil {
		_ = m.bar.Clear() // as for clear
		m.drawn = time.Time{}
	}
	return m.out.Write(p)
}

func (m *meter) clear() {
	if m.bar != nil {
		_ = m.bar.Clear() // a terminal that takes no text gets none
		m.bar = nil
	}
}

// worthWaiting is how long an answer must be to get a bar of its own.
const worthWaiting = 1 << 20

// often is how long a state of the line stands at least.
const often = 100 * time.Millisecond

// draw makes the line anew. Its bar is that of a long answer coming in, or of
// documents whose number is known; without either there is none.
func (m *meter) draw() {
	traffic := m.traffic()
	size, at := int64(-1), int64(0)
	switch {
	case m.total > 0:
		size, at = int64(m.total), int64(m.done)
	case traffic.Length >= worthWaiting:
		size, at = traffic.Length, traffic.Open
	}
	text := m.describe(traffic.Received)
	switch {
	case m.bar == nil || size != m.size:
		m.clear()
		m.size, m.text = size, text
		m.bar = newBar(m.out, text, size, m.total == 0)
	case time.Since(m.drawn) < often:
		return
	}
	m.drawn = time.Now()
	_ = m.bar.Set64(at) // as for clear
	if text != m.text || size < 0 {
		m.text = text
		m.bar.Describe(text)
	}
}

// describe says what came of the step, where its bar does not.
func (m *meter) describe(received int64) string {
	text := m.step
	if m.total > 0 {
		return text
	}
	switch {
	case m.done == 1:
		text += ", 1 document"
	case m.done > 1:
		text += fmt.Sprintf(", %d documents", m.done)
	}
	if received > 0 {
		text += fmt.Sprintf(", %.1f MB", float64(received)/1e6)
	}
	return text
}

func newBar(out io.Writer, text string, size int64, bytes bool) *progressbar.ProgressBar {
	options := []progressbar.Option{
		progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(text), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(20),
		progressbar.OptionSetSpinnerChangeInterval(0), // its goroutine would outlive the bar
	}
	if size > 0 {
		options = append(options, progressbar.OptionShowCount(), progressbar.OptionShowBytes(bytes))
	}
	return progressbar.NewOptions64(size, options...)
}

// traffic is that of all clients. Its length is known when each one's is.
func (m *meter) traffic() transport.Traffic {
	var sum transport.Traffic
	known := true
	for _, c := range m.clients {
		sum.Received += c.Received
		sum.Open += c.Open
		sum.Length += c.Length
		known = known && c.Length >= 0
	}
	if !known {
		sum.Length = -1
	}
	return sum
}
