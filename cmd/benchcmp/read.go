package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// Bounds on what is read. A line is bounded by benchfmt at 64 KiB.
const (
	maxLines = 4 << 20  // benchmark lines over all inputs
	maxNames = 64 << 10 // different benchmark names
	maxHeads = 64 << 10 // stretches of different configuration
	maxParts = 64       // parts of one name
	maxKeys  = 1024     // keys of names over all inputs; keys at the head of one file
)

// readFiles reads the files named, "-" or no name at all meaning stdin. Every error is bad input and names the file.
func readFiles(stdin io.Reader, paths []string) (*recording, error) {
	return newReader().readAll(stdin, paths)
}

// A reader gathers inputs into one recording.
type reader struct {
	rec    recording
	parser benchfmt.Reader
	sums   map[[sha256.Size]byte]string // content → the input that had it
	keys   set[string]                  // of names
	heads  map[string]*head             // by input and configuration
	copyTo func(label string) io.Writer // if there is one, gets each input's bytes
}

func newReader() *reader {
	return &reader{
		rec:   recording{names: map[string]*name{}},
		sums:  map[[sha256.Size]byte]string{},
		heads: map[string]*head{},
	}
}

func (rd *reader) readAll(stdin io.Reader, paths []string) (*recording, error) {
	if err := eachInput(stdin, paths, rd.read); err != nil {
		return nil, err
	}
	return &rd.rec, nil
}

// read adds one input. Text that benchfmt would skip without a word, and that says that the numbers beside it
// cannot be trusted, is an error, and is preferred to what the parser stumbles over: see sniffer.
func (rd *reader) read(r io.Reader, label string) error {
	var copies []io.Writer
	if rd.copyTo != nil {
		copies = append(copies, rd.copyTo(label))
	}
	in := newInput(r, label, copies...)
	before := len(rd.rec.results)
	rd.parser.Reset(in.sniff, label, ".file", label)
	rd.rec.inputs = append(rd.rec.inputs, label)
	err := rd.scan(in)
	if v := in.sniff.verdict(); v != nil {
		return fmt.Errorf("%s%w", label, v)
	}
	switch {
	case err != nil && strings.HasPrefix(err.Error(), label):
		return err
	case err != nil:
		return fmt.Errorf("%s: %w", label, err)
	case len(rd.rec.results) == before:
		return fmt.Errorf("%s: %s", label, in.sniff.nothing())
	}
	return rd.once(in.digest(), label)
}

// once refuses content that was read before: the same samples counted twice would look like more rounds.
func (rd *reader) once(sum [sha256.Size]byte, label string) error {
	if first, ok := rd.sums[sum]; ok {
		return fmt.Errorf("%s: holds the same bytes as %s; counted twice, its rounds would look like more rounds", label, first)
	}
	rd.sums[sum] = label
	return nil
}

func (rd *reader) scan(in *input) error {
	var h *head
	err := in.scan(&rd.parser, func(rec benchfmt.Record) (err error) {
		switch rec := rec.(type) {
		case *benchfmt.SyntaxError:
			return fmt.Errorf("%w (cut short, or other output mixed in? mend or remove the line)", rec)
		case *benchfmt.Result:
			if h, err = rd.headOf(h, in.label, rec); err == nil {
				err = rd.add(h, rec)
			}
		}
		return err
	})
	rd.rec.units = rd.parser.Units()
	return err
}

func (rd *reader) add(h *head, res *benchfmt.Result) error {
	n, ok := rd.rec.names[string(res.Name)]
	if !ok {
		if len(rd.rec.names) >= maxNames {
			return fmt.Errorf("more than %d different benchmark names", maxNames)
		}
		if n = newName(string(res.Name)); len(n.keys) > maxParts {
			return fmt.Errorf("a benchmark name has more than %d parts", maxParts)
		}
		for _, kv := range n.keys {
			rd.keys.add(kv.key)
		}
		if len(rd.keys.list) > maxKeys {
			return fmt.Errorf("more than %d different keys in benchmark names", maxKeys)
		}
		rd.rec.names[n.full] = n
	}
	if len(rd.rec.results) >= maxLines {
		return fmt.Errorf("more than %d benchmark lines", maxLines)
	}
	_, line := res.Pos()
	rd.rec.results = append(rd.rec.results, result{h, n, slices.Clone(res.Values), line})
	return nil
}

// headOf returns last if res has the configuration it stands for, else the head that does. Two commits measured in turn
// change the configuration at each process, and come to two heads all the same.
func (rd *reader) headOf(last *head, label string, res *benchfmt.Result) (*head, error) {
	if last != nil && sameConfig(last.config, res.Config) {
		return last, nil
	}
	if len(res.Config) > maxKeys {
		return nil, fmt.Errorf("more than %d configuration keys", maxKeys)
	}
	id := identify(label, res.Config)
	if h := rd.heads[id]; h != nil {
		return h, nil
	}
	if len(rd.heads) >= maxHeads {
		return nil, fmt.Errorf("more than %d different configurations", maxHeads)
	}
	h := &head{input: label}
	for _, c := range res.Config {
		h.config = append(h.config, benchfmt.Config{Key: c.Key, Value: slices.Clone(c.Value), File: c.File})
	}
	h.view.Config = slices.Clone(h.config)
	rd.heads[id] = h
	return h, nil
}

// identify writes a configuration as a string that no other has: keys and values hold no newline.
func identify(label string, config []benchfmt.Config) string {
	var b strings.Builder
	b.WriteString(label)
	for _, c := range config {
		b.WriteString("\n" + c.Key + ":")
		b.Write(c.Value)
	}
	return b.String()
}

// sameConfig compares in the reader's own order, which changes only when a key comes or goes.
func sameConfig(a, b []benchfmt.Config) bool {
	return slices.EqualFunc(a, b, func(x, y benchfmt.Config) bool {
		return x.Key == y.Key && bytes.Equal(x.Value, y.Value)
	})
}
