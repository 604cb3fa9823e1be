package main

import (
	"bytes"
	"fmt"
	"io"
)

// A sniffer passes a stream through and looks at the beginning of each line for what a parser of benchmark text
// skips in silence: failed tests, test2json output, binary data. It holds the first 256 bytes of a line at most.
type sniffer struct {
	r      io.Reader
	head   []byte // beginning of the line being read
	line   int    // lines ended so far
	total  int64  // bytes
	binary int    // line of the first NUL, from 1
	json   int    // line of the first JSON object
	fail   int    // line of the first failure
	failed string // and its beginning
	cut    int    // the last line, if it is the beginning of a benchmark line and no more
}

const sniffed = 256 // bytes of each line that are looked at

func (s *sniffer) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.total += int64(n)
	for rest := p[:n]; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		s.grow(line)
		if ended {
			s.endLine()
		}
		rest = after
	}
	if err == io.EOF && len(s.head) > 0 {
		if isCut(s.head) {
			s.cut = s.line + 1
		}
		s.endLine()
	}
	return n, err
}

func (s *sniffer) grow(part []byte) {
	if s.binary == 0 && bytes.IndexByte(part, 0) >= 0 {
		s.binary = s.line + 1
	}
	if room := sniffed - len(s.head); room > 0 {
		s.head = append(s.head, part[:min(room, len(part))]...)
	}
}

func (s *sniffer) endLine() {
	s.line++
	line := bytes.TrimRight(s.head, " \t\r")
	if s.json == 0 && bytes.HasPrefix(line, []byte("{\"")) {
		s.json = s.line
	}
	if s.fail == 0 && isFailure(line) {
		s.fail, s.failed = s.line, string(line)
	}
	s.head = s.head[:0]
}

// isCut tells the beginning of a benchmark line that ends within the name, which a parser takes for a name printed by
// itself, as go test -v prints them, each on a line that ends.
func isCut(line []byte) bool {
	return bytes.HasPrefix(line, []byte("Benchmark")) && len(bytes.Fields(line)) == 1
}

// isFailure tells the lines by which go test says that what ran did not run well.
func isFailure(line []byte) bool {
	line = bytes.TrimLeft(line, " \t")
	for _, prefix := range []string{"--- FAIL", "FAIL\t", "panic: ", "fatal error: ", "signal: ", "exit status "} {
		if bytes.HasPrefix(line, []byte(prefix)) {
			return true
		}
	}
	return bytes.Equal(line, []byte("FAIL")) || bytes.Contains(line, []byte("\t--- FAIL: "))
}

// verdict is nil for text that may be trusted. The error begins with ":" or ": " so that a file's name goes before it.
func (s *sniffer) verdict() error {
	switch {
	case s.binary > 0:
		return fmt.Errorf(":%d: holds a NUL byte: binary data, or text that is not UTF-8; benchmark text is wanted", s.binary)
	case s.json > 0:
		return fmt.Errorf(":%d: is JSON as go test -json writes it; run go test without -json", s.json)
	case s.fail > 0:
		return fmt.Errorf(":%d: the run it records failed (%q); numbers beside a failure are not compared", s.fail, s.failed)
	case s.cut > 0:
		return fmt.Errorf(":%d: the last line is cut short; remove it, or read the whole file", s.cut)
	}
	return nil
}

// nothing says why an input without any result is no input.
func (s *sniffer) nothing() string {
	if s.total == 0 {
		return "is empty"
	}
	return fmt.Sprintf("no benchmark line in %d lines (was -bench given? did its pattern match?)", s.line)
}
