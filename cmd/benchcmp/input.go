package main

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"golang.org/x/perf/benchfmt"
)

// An input is one stream of benchmark text on its way to a parser: sniffed, and summed so that it is known when it comes
// again.
type input struct {
	label string
	sniff *sniffer
	sum   hash.Hash
}

// eachInput opens the files named, "-" or no name at all meaning stdin, one after the other. Every error is bad input.
func eachInput(stdin io.Reader, paths []string, read func(r io.Reader, label string) error) error {
	if len(paths) == 0 {
		paths = []string{"-"}
	}
	for _, path := range paths {
		if err := openInput(stdin, path, read); err != nil {
			return &exitError{exitInput, err}
		}
	}
	return nil
}

func openInput(stdin io.Reader, path string, read func(r io.Reader, label string) error) error {
	if path == "-" {
		return read(stdin, "standard input")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && st.IsDir() {
		return fmt.Errorf("%s: is a folder, not a file of benchmark text", path)
	}
	return read(f, path)
}

// newInput reads from r; copies get its bytes too.
func newInput(r io.Reader, label string, copies ...io.Writer) *input {
	sum := sha256.New()
	buf := bufio.NewReaderSize(io.TeeReader(r, io.MultiWriter(append(copies, sum)...)), 64<<10)
	skipByteOrderMark(buf)
	return &input{label, &sniffer{r: buf}, sum}
}

// skipByteOrderMark keeps an editor's mark from hiding the first line, which the parser would skip as unknown.
func skipByteOrderMark(r *bufio.Reader) {
	const mark = "\xef\xbb\xbf"
	if b, err := r.Peek(len(mark)); err == nil && string(b) == mark {
		r.Discard(len(mark))
	}
}

// scan gives each record of a parser that reads from in. The error, if there is one, names the input.
func (in *input) scan(p *benchfmt.Reader, each func(benchfmt.Record) error) error {
	for p.Scan() {
		if err := each(p.Result()); err != nil {
			return err
		}
	}
	err := p.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("%s: line %d is longer than %d KiB: not benchmark text", in.label, in.sniff.line+1, bufio.MaxScanTokenSize>>10)
	}
	return err
}

// digest is what in held, once it was read to its end.
func (in *input) digest() [sha256.Size]byte { return [sha256.Size]byte(in.sum.Sum(nil)) }
