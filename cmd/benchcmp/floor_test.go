package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFloorGolden(t *testing.T) {
	atRoot(t)
	aa := filepath.Join("testdata", "benchcmp", "aa.txt")
	golden(t, "aa.txt", madeTwice(4, "copy", [2]string{"a", "b"}, 10, 1))
	_, out, errs := benchcmp(t.Context(), "", "floor", "-read", "-unit", "ns/pid", "-w", "-", aa)
	if errs != "" {
		t.Fatal(errs)
	}
	golden(t, "floor.json", out)
	for _, format := range []string{"text", "md", "csv", "json"} {
		path := filepath.Join(t.TempDir(), "floor.json")
		code, out, errs := benchcmp(t.Context(), "", "floor", "-read", "-unit", "ns/pid", "-w", path, "-format", format, aa)
		if code != 0 || errs != "" {
			t.Errorf("exit %d, %s", code, errs)
		}
		golden(t, "floor."+strings.Replace(format, "text", "txt", 1)+".golden", out)
		if _, err := readFloor(path); err != nil {
			t.Error(err)
		}
	}
}

// TestFloorMeasures runs the fixture against itself, then gate by what came of it.
func TestFloorMeasures(t *testing.T) {
	atRoot(t)
	dir := t.TempDir()
	raw, floor := filepath.Join(dir, "aa.txt"), filepath.Join(dir, "floor.json")
	code, out, errs := benchcmp(t.Context(), "", "floor", "-side", "sweep", "-rounds", "6", "-seed", "1", "-benchtime", "2x",
		"-cells", fixtureCell, "-unit", "ns/pid", "-o", raw, "-w", floor, fixture)
	if code != 0 || !strings.Contains(errs, "1 cell × 6 rounds × 2 copies = 12 processes") || !strings.Contains(out, "sweep=list") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	doc, err := readFloor(floor)
	if err != nil || len(doc.Cells) != 2 || doc.Cells[0].Rounds != 6 || doc.Cells[0].Floor <= 0 || doc.Cells[0].Floor > 0.1 {
		t.Errorf("%v, %+v", err, doc)
	}
	if code, _, errs := benchcmp(t.Context(), "", "gate", "-side", "copy=a,b", "-unit", "ns/pid", "-max", "20%", "-floor", floor, raw); code != 0 {
		t.Errorf("gate on the A/A run: exit %d, %s", code, errs)
	}
	text, _ := os.ReadFile(raw)
	var copies []string
	for line := range strings.Lines(string(text)) {
		if c, ok := strings.CutPrefix(line, "copy: "); ok {
			copies = append(copies, strings.TrimSpace(c))
		}
	}
	if got := strings.Join(copies, ""); got != "abababa" {
		t.Errorf("copy lines %s: the order is to turn every round, and a line to be written where the copy changes", got)
	}
}

func TestReach(t *testing.T) {
	for want, v := range map[float64]interval{0.1: {1, 0.95, 1.1}, 0.25: {1, 0.8, 1.1}, 0: {1, 1, 1}} {
		if got := reach(v); math.Abs(got-want) > 1e-12 {
			t.Errorf("reach(%v) = %g, want %g", v, got, want)
		}
	}
}

// TestFloorOfFewerRounds: over a quarter of the rounds noise shows twice as much, in the logarithm.
func TestFloorOfFewerRounds(t *testing.T) {
	doc := &floorJSON{Cells: []floorCell{{"p", "A", 40, 0.1}}}
	for rounds, want := range map[int]float64{10: 1.1*1.1 - 1, 40: 0.1, 160: 0.1} {
		if got, ok := doc.of("p", "A", rounds); !ok || math.Abs(got-want) > 1e-12 {
			t.Errorf("%d rounds: %g, want %g", rounds, got, want)
		}
	}
	if _, ok := doc.of("q", "A", 10); ok {
		t.Error("another package has the floor of this one")
	}
}

// FuzzFloor reads any bytes: a floor that gate can use, or an error.
func FuzzFloor(f *testing.F) {
	const cell = `{"pkg":"p","name":"A","rounds":10,"floor":0.01}`
	f.Add([]byte(`{"format":"benchcmp floor 1","unit":"ns/op","confidence":0.95,"facts":{},"cells":[` + cell + `]}`))
	f.Add([]byte(`{"format":"benchcmp floor 1","unit":"ns/op","cells":[` + cell + `,` + cell + `]}`))
	f.Add([]byte(`{"format":"benchcmp floor 1","unit":"ns/op","cells":[{"name":"A","rounds":1e9,"floor":-1}]}{}`))
	f.Add([]byte("\x00[[[[{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := parseFloor(text)
		if (doc == nil) == (err == nil) {
			t.Fatalf("%v, %v", doc, err)
		}
		if doc == nil {
			return
		}
		for _, c := range doc.Cells {
			if v, ok := doc.of(c.Pkg, c.Name, 1); !ok || !(v >= 0) {
				t.Errorf("%+v: %v, %v", c, v, ok)
			}
		}
	})
}
