package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

// A kind of file is one that can be made again from its input, so that an older one may be written over. It is known by
// its beginning: nothing else is ever written over.
type kind struct{ name, begins string }

var (
	svgFile  = kind{"an SVG picture", "<svg "}
	htmlFile = kind{"an HTML report", "<!doctype html>"}
)

// checkTarget tells whether a file of this kind may be written to path. It is asked before the work is done.
func checkTarget(path string, k kind) error {
	if path == "-" {
		return nil
	}
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return badInput("-o: %w", err)
	case st.IsDir():
		return badInput("-o %s: is a folder", path)
	case !st.Mode().IsRegular() || st.Size() == 0:
		return nil
	}
	if head, err := beginning(path, len(k.begins)); err != nil || !strings.EqualFold(string(head), k.begins) {
		return badInput("-o %s: exists and is not %s; remove it or name another file", path, k.name)
	}
	return nil
}

func beginning(path string, n int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, int64(n)))
}

// writeTarget writes text to path, or to standard output for "-".
func writeTarget(std stdio, path string, k kind, text string) error {
	if path == "-" {
		if _, err := io.WriteString(std.out, text); err != nil {
			return failed("writing %s: %w", k.name, err)
		}
		return nil
	}
	if err := checkTarget(path, k); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		return failed("writing %s: %w", k.name, err)
	}
	return nil
}
