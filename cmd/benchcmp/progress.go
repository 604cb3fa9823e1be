package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// A progress is one line on a terminal, drawn over again; anywhere else it is silent.
type progress struct {
	w     io.Writer
	on    bool
	total int
	start time.Time
}

func newProgress(w io.Writer, total int) *progress {
	return &progress{w: w, on: isTerminal(w), total: total, start: time.Now()}
}

func isTerminal(w io.Writer) bool {
	if c, ok := w.(*checked); ok {
		w = c.w
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

// show says what is measured next, with done of total behind it.
func (p *progress) show(done, round int, label string) {
	if !p.on {
		return
	}
	left := ""
	if elapsed := time.Since(p.start); done > 0 {
		rest := elapsed / time.Duration(done) * time.Duration(p.total-done)
		left = fmt.Sprintf(", %v left", rest.Round(time.Second))
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s %d/%d, round %d%s  %.60s", bar(done, p.total), done, p.total, round, left, label)
}

func (p *progress) clear() {
	if p.on {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// bar draws done of total in 20 places.
func bar(done, total int) string {
	const places = 20
	full := done * places / max(1, total)
	b := make([]byte, places)
	for i := range b {
		b[i] = '.'
		if i < full {
			b[i] = '#'
		}
	}
	return "[" + string(b) + "]"
}
