package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"strings"
)

// Bounds on the raw run within a report.
const (
	maxShown  = 256 << 10 // bytes to read in the page
	maxPacked = 16 << 20  // bytes to download, compressed
)

// A copied is an input as it was read: its beginning, and the whole of it compressed.
type copied struct {
	label  string
	head   []byte
	size   int64
	lines  int
	packed bytes.Buffer
	gz     *gzip.Writer
	full   bool // it is larger than maxPacked
}

// readCopying reads as readFiles does and keeps what it read.
func readCopying(stdin io.Reader, paths []string) (*recording, []*copied, error) {
	var inputs []*copied
	rd := newReader()
	rd.copyTo = func(label string) io.Writer {
		c := &copied{label: label}
		c.gz = gzip.NewWriter(&c.packed)
		inputs = append(inputs, c)
		return c
	}
	rec, err := rd.readAll(stdin, paths)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range inputs {
		if err := c.gz.Close(); err != nil {
			return nil, nil, failed("compressing %s: %w", c.label, err)
		}
	}
	return rec, inputs, nil
}

func (c *copied) Write(p []byte) (int, error) {
	c.size += int64(len(p))
	c.lines += bytes.Count(p, []byte("\n"))
	if room := maxShown - len(c.head); room > 0 {
		c.head = append(c.head, p[:min(room, len(p))]...)
	}
	if c.full = c.full || c.packed.Len() > maxPacked; c.full {
		return len(p), nil
	}
	if n, err := c.gz.Write(p); err != nil {
		return n, errors.Join(errors.New("compressing"), err)
	}
	return len(p), nil
}

// An inputPage is an input as the page shows it.
type inputPage struct {
	Label, Size, File, Cut, Summary, Text string
	Link                                  template.URL
}

func (c *copied) page() inputPage {
	p := inputPage{Label: c.label, Size: fmt.Sprintf("%d lines, %d bytes", c.lines, c.size), Text: string(c.head), Summary: "Read it here"}
	p.File = strings.ReplaceAll(filepath.Base(c.label), " ", "-") + ".gz"
	if int64(len(c.head)) < c.size {
		p.Text = string(c.head[:bytes.LastIndexByte(c.head, '\n')+1])
		p.Summary = fmt.Sprintf("Read the first %d lines here", strings.Count(p.Text, "\n"))
	}
	if c.full {
		p.Cut = "It is too large to be held in this page whole."
		return p
	}
	// The bytes are base64: they cannot leave the attribute, whatever they say.
	p.Link = template.URL("data:application/gzip;base64," + base64.StdEncoding.EncodeToString(c.packed.Bytes()))
	return p
}
