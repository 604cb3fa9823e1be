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

// A recorder writes a run as benchmark text: configuration lines once at the head, then each process's lines as they
// were printed, at once, so that whatever ends the run, what was measured until then is there.
//
// No configuration line changes within a file: benchstat makes a table of its own of every different configuration.
// The number of the round is therefore told by order: the i-th sample of a name is round i.
type recorder struct {
	w      io.Writer
	head   [][2]string // beside what the binary prints
	config [][2]string // what the first process printed; nil before it
	units  []string    // Unit lines written
}

// add writes one process's output.
func (r *recorder) add(out *output) error {
	var b strings.Builder
	if r.config == nil {
		r.config = out.config
		for _, kv := range slices.Concat(out.config, r.head) {
			fmt.Fprintf(&b, "%s: %s\n", kv[0], kv[1])
		}
	} else if !slices.Equal(r.config, out.config) {
		return failed("its configuration lines are not those of the first process: %v, %v", out.config, r.config)
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
