package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// A recorder writes a run as benchmark text: configuration lines at the head, then each process's lines as they were
// printed, at once, so that whatever ends the run, what was measured until then is there.
//
// After the head a configuration line is written only where it changes, and only two ever do: the package, where there
// are several, and the line that tells variants apart (commit, copy). Benchstat makes a table of its own of every
// different configuration, and columns of a key that it is told of (-col commit). The number of the round is therefore
// told by order: the i-th sample of a name is round i.
type recorder struct {
	w     io.Writer
	head  [][2]string       // beside what the binary prints
	held  int               // processes whose lines were there before this run went on
	now   map[string]string // configuration in force; nil before the head is written
	units []string          // Unit lines written
}

// add writes one process's output, of the variant with that label.
func (r *recorder) add(out *output, label [2]string) error {
	var b strings.Builder
	if err := r.steady(out.config); err != nil {
		return err
	}
	fresh := r.now == nil
	r.set(&b, out.config)
	if fresh {
		r.set(&b, r.head)
	}
	if label[0] != "" {
		r.set(&b, [][2]string{label})
	}
	for _, u := range out.units {
		if !slices.Contains(r.units, u) {
			r.units = append(r.units, u)
			fmt.Fprintln(&b, u)
		}
	}
	for _, line := range out.lines {
		fmt.Fprintln(&b, line)
	}
	if _, err := io.WriteString(r.w, b.String()); err != nil {
		return failed("writing the run: %w", err)
	}
	return nil
}

// set writes the lines of config that are not in force.
func (r *recorder) set(b *strings.Builder, config [][2]string) {
	if r.now == nil {
		r.now = map[string]string{}
	}
	for _, kv := range config {
		if v, ok := r.now[kv[0]]; !ok || v != kv[1] {
			r.now[kv[0]] = kv[1]
			fmt.Fprintf(b, "%s: %s\n", kv[0], kv[1])
		}
	}
}

// steady refuses configuration that changes within a run, the package excepted.
func (r *recorder) steady(config [][2]string) error {
	for _, kv := range config {
		if v, ok := r.now[kv[0]]; kv[0] != "pkg" && r.now != nil && (!ok || v != kv[1]) {
			return failed("its configuration lines are not those of the first process: %s: %s was %q", kv[0], kv[1], v)
		}
	}
	return nil
}

// createNew opens a file that must not exist yet: a run is never written over another.
func createNew(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, badInput("-o %s: exists already; remove it or name another file", path)
	}
	if err != nil {
		return nil, badInput("-o: %w", err)
	}
	return f, nil
}

// closeFile closes f and removes it if nothing was written.
func closeFile(f *os.File) error {
	st, err := f.Stat()
	if cerr := f.Close(); cerr != nil {
		return failed("writing the run: %w", cerr)
	}
	if err == nil && st.Size() == 0 {
		return os.Remove(f.Name())
	}
	return nil
}

func statSize(path string) (int64, error) {
	st, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}
