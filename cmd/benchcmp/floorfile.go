package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
)

// floorFormat names the form of floor.json; another form gets another name.
const floorFormat = "benchcmp floor 1"

// maxFloor bounds what is read of a floor file.
const maxFloor = 64 << 20

// A floorJSON is what floor writes and gate reads.
type floorJSON struct {
	Format     string            `json:"format"`
	Unit       string            `json:"unit"`
	Confidence float64           `json:"confidence"`
	Facts      map[string]string `json:"facts"` // of the machine
	Cells      []floorCell       `json:"cells"`
}

// A floorCell is one benchmark: the effect that noise alone shows over so many rounds, 0.02 for 2%.
type floorCell struct {
	Pkg    string  `json:"pkg"`
	Name   string  `json:"name"`
	Rounds int     `json:"rounds"`
	Floor  float64 `json:"floor"`
}

func readFloor(path string) (*floorJSON, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFloor+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFloor {
		return nil, fmt.Errorf("%s: more than %d MiB", path, maxFloor>>20)
	}
	doc, err := parseFloor(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return doc, nil
}

// parseFloor takes nothing on trust: a floor that is wrong makes a gate that is open.
func parseFloor(text []byte) (*floorJSON, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var doc floorJSON
	if err := dec.Decode(&doc); err != nil {
		return nil, fmt.Errorf("not what benchcmp floor writes: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("holds more than one JSON value")
	}
	if doc.Format != floorFormat {
		return nil, fmt.Errorf("format %q, not %q", doc.Format, floorFormat)
	}
	if doc.Unit == "" || len(doc.Cells) == 0 {
		return nil, fmt.Errorf("no unit or no cell in it")
	}
	seen := map[[2]string]bool{}
	for _, c := range doc.Cells {
		id := [2]string{c.Pkg, c.Name}
		switch {
		case c.Name == "" || seen[id]:
			return nil, fmt.Errorf("cell %q has no name, or stands twice", c.Name)
		case c.Rounds < minRounds:
			return nil, fmt.Errorf("cell %s: %d rounds are too few for a floor", c.Name, c.Rounds)
		case !(c.Floor >= 0) || math.IsInf(c.Floor, 0):
			return nil, fmt.Errorf("cell %s: a floor of %v", c.Name, c.Floor)
		}
		seen[id] = true
	}
	return &doc, nil
}

// of is the floor of a benchmark over that many rounds.
func (doc *floorJSON) of(pkg, name string, rounds int) (float64, bool) {
	for _, c := range doc.Cells {
		if c.Pkg == pkg && c.Name == name {
			return measuredFloor{c.Floor, c.Rounds}.over([2]int{rounds, rounds}), true
		}
	}
	return 0, false
}

// sameMachine refuses a floor from elsewhere.
func (doc *floorJSON) sameMachine(r *row, free func(key string) bool) error {
	for _, key := range machineKeys {
		was, there := doc.Facts[key]
		if values := r.valuesOf(key); there && !free(key) && (len(values) != 1 || values[0] != was) {
			return fmt.Errorf("the floor was measured with %s: %s, the run with %s; measure a floor here, or allow it by -across %s", key, was, strings.Join(values, ", "), key)
		}
	}
	return nil
}
