package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// fixture is a package of benchmarks with the names of the real ones; see its comment.
const fixture = "./cmd/benchcmp/testdata/fixture"

// fixtureCell measures one cell of the fixture.
const fixtureCell = "Sweep/registry=tree+table/n=10k/order=fresh/density=25/threads=1/sweep=walk,list"

// samples lists the lines of a run that are benchmark lines.
func samples(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool { return !strings.HasPrefix(l, "Benchmark") })
}

// TestSweepEndToEnd goes from source to sentence on the fixture, reads the raw run again by table, and refuses to write over it.
func TestSweepEndToEnd(t *testing.T) {
	atRoot(t)
	raw := filepath.Join(t.TempDir(), "raw.txt")
	args := []string{"sweep", "-pkg", fixture, "-n", "10k", "-rounds", "6", "-seed", "1", "-benchtime", "2x", "-o", raw}
	code, out, errs := benchcmp(t.Context(), "", args...)
	if code != 0 {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	for _, want := range []string{"Answer: As forked, on tree+table the walk is ", "; after churn, ", "keeping the list makes a fork with its exit ", "; measured twice, the walk differs from itself by up to ", "\nnote: A/A floor: ", "raw run: " + raw, "report:  " + strings.TrimSuffix(raw, ".txt") + ".html\nchart:   "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if !strings.HasPrefix(errs, "plan: 5 cells × 6 rounds = 30 processes") {
		t.Errorf("standard error begins %.80q", errs)
	}
	code, table, errs := benchcmp(t.Context(), "", "table", raw)
	if code != 0 || !slices.Equal(column(t, table, "verdict"), []string{"walk wins", "walk wins", "walk wins", "walk wins"}) {
		t.Errorf("table of the raw run: exit %d, %s\n%s", code, errs, table)
	}
	checkRecording(t, raw)
	for _, k := range []kind{htmlFile, svgFile} {
		path := strings.TrimSuffix(raw, ".txt") + map[kind]string{htmlFile: ".html", svgFile: ".svg"}[k]
		if text, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(text), k.begins) {
			t.Errorf("%s: %v, begins %.40q", path, err, text)
		}
	}
	if code, _, errs = benchcmp(t.Context(), "", args...); code != 2 || !strings.Contains(errs, "exists already") {
		t.Errorf("over an old run: exit %d, %s", code, errs)
	}
	resumeSweep(t, raw)
}

// resumeSweep cuts the last process off a sweep and goes on: it ends as it would have, with an answer and a report.
func resumeSweep(t *testing.T, raw string) {
	t.Helper()
	text, err := os.ReadFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	writeFiles(t, map[string]string{raw: strings.Join(lines[:len(lines)-4], "")})
	code, out, errs := benchcmp(t.Context(), "", "run", "-resume", raw)
	if code != 0 || !strings.Contains(errs, "holds 29 of 30 processes") || !strings.Contains(out, "\nAnswer: As forked, ") || !strings.Contains(out, "\nreport:  ") {
		t.Errorf("exit %d, %s\n%s", code, errs, out)
	}
}

// checkRecording holds a run to its form: one head, the same for all lines, and the sides the other way round in every
// other round.
func checkRecording(t *testing.T, path string) {
	t.Helper()
	rec, err := readFiles(nil, []string{path})
	if err != nil {
		t.Fatal(err)
	}
	if heads := headsOf(rec.results); len(heads) != 1 {
		t.Errorf("%d heads", len(heads))
	}
	for _, key := range []string{"goos", "goarch", "pkg", "toolchain", "machine", "commit", "seed", "rounds", "cells", "command"} {
		if v, _ := rec.results[0].head.get(key); v == "" {
			t.Errorf("no line %s: at the head", key)
		}
	}
	var order []string
	for _, r := range rec.results {
		if side, _ := r.get("/lists"); side != "" {
			order = append(order, side)
		}
	}
	if got := strings.Join(order, " "); got != strings.TrimSuffix(strings.Repeat("none list none+again none+again list none ", 3), " ") {
		t.Errorf("sides in the order %s", got)
	}
}

// TestRunDiscovers measures what a regexp finds, on standard output, with the sides paired.
func TestRunDiscovers(t *testing.T) {
	atRoot(t)
	code, out, errs := benchcmp(t.Context(), "", "run", "-bench", "Upkeep", "-side", "lists", "-rounds", "2", "-benchtime", "2x", fixture)
	if code != 0 || len(samples(out)) != 4 || !strings.Contains(errs, "1 cell × 2 rounds") || !strings.Contains(errs, "warning: fewer than 6 rounds") {
		t.Errorf("exit %d\n%s\n%s", code, errs, out)
	}
}

// built is the fixture's test binary, built once for the tests that need no more of run than its processes.
func built(t *testing.T) *binary {
	t.Helper()
	atRoot(t)
	b, err := build(t.Context(), "", fixture, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// alone is a binary as the one variant of the fixture's plans.
func alone(b *binary) []variant { return []variant{{binaries: map[string]*binary{fixture: b}}} }

func fixturePlan(t *testing.T, cells ...string) *plan {
	t.Helper()
	p := &plan{pkgs: []string{fixture}, rounds: 6, benchtime: "2x", timeout: 20 * time.Second}
	for _, expr := range cells {
		c, err := parseCells(expr, nil)
		if strings.Contains(expr, "sweep=") {
			c, err = parseCells(expr, []string{"sweep"})
		}
		if err != nil {
			t.Fatal(err)
		}
		p.cells = append(p.cells, c...)
	}
	p.draw()
	return p
}

// TestRunFails: whatever a process does wrong ends the run with an error that names the cell and says what it was.
func TestRunFails(t *testing.T) {
	b := built(t)
	for _, c := range []struct {
		mode, cells string
		code        int
		want        string
	}{
		{"fail", fixtureCell, 1, "told to fail"},
		{"exit", fixtureCell, 1, "exit status 3"},
		{"hang", fixtureCell, 1, "no end within"},
		{"flood", fixtureCell, 1, "more than 16 MiB"},
		{"chatter", fixtureCell, 1, "not benchmark text"},
		{"", strings.Replace(fixtureCell, "fresh", "frsh", 1), 2, "mistyped"},
		{"", strings.Replace(fixtureCell, "walk,list", "walk,array", 1), 2, "sweep=array printed no result"},
		{"", "Sweep/registry=tree+table/n=10k", 2, "printed were Sweep/registry=tree+table/n=10k/order=fresh"},
	} {
		t.Setenv("FIXTURE", c.mode)
		p := fixturePlan(t, c.cells)
		if c.mode == "hang" {
			p.timeout = 300 * time.Millisecond
		}
		start := time.Now()
		err := p.measureWith(t.Context(), alone(b), &recorder{w: io.Discard}, io.Discard)
		if err == nil || exitCode(err) != c.code || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), p.cells[0].label) {
			t.Errorf("%s %s: exit %d, %v", c.mode, c.cells, exitCode(err), err)
		}
		if c.mode == "hang" && time.Since(start) > 5*time.Second {
			t.Errorf("a grandchild that held the output open kept the run waiting for %v", time.Since(start))
		}
	}
}

// stopAfter cancels after a number of writes, one a process.
type stopAfter struct {
	buf    bytes.Buffer
	left   int
	cancel context.CancelFunc
}

func (s *stopAfter) Write(p []byte) (int, error) {
	if s.left--; s.left == 0 {
		s.cancel()
	}
	return s.buf.Write(p)
}

// TestRunInterrupted: what was measured is written, the error says how much that is, the exit status is 1.
func TestRunInterrupted(t *testing.T) {
	b := built(t)
	ctx, cancel := context.WithCancel(t.Context())
	w := &stopAfter{left: 3, cancel: cancel}
	err := fixturePlan(t, fixtureCell).measureWith(ctx, alone(b), &recorder{w: w}, io.Discard)
	if err == nil || exitCode(err) != 1 || !errors.Is(err, errInterrupted) || !strings.Contains(err.Error(), "3 of 6 processes are done") {
		t.Errorf("%v", err)
	}
	if n := len(samples(w.buf.String())); n != 6 {
		t.Errorf("%d samples kept", n)
	}
}

// TestRunKeepsFile: a run that ends early leaves its file and names it; one that measured nothing leaves none.
func TestRunKeepsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.txt")
	err := intoFile(path, func(io.Writer) error { return errInterrupted })
	if _, serr := os.Stat(path); serr == nil || exitCode(err) != 1 {
		t.Errorf("empty file kept, %v", err)
	}
	err = intoFile(path, func(w io.Writer) error {
		io.WriteString(w, good)
		return errInterrupted
	})
	if text, _ := os.ReadFile(path); string(text) != good || !strings.Contains(err.Error(), "kept in "+path) {
		t.Errorf("%q, %v", text, err)
	}
}

func TestBuildFails(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/broken\ngo 1.26\n")
	write("x.go", "package broken\n")
	t.Chdir(dir)
	t.Setenv("GOFLAGS", "")
	if _, err := build(t.Context(), "", ".", dir); exitCode(err) != 2 || !strings.Contains(err.Error(), "no test files") {
		t.Errorf("without tests: %v", err)
	}
	write("x_test.go", "package broken\nfunc BenchmarkX(b *B) {}\n")
	if _, err := build(t.Context(), "", ".", dir); exitCode(err) != 1 || !strings.Contains(err.Error(), "x_test.go:2") {
		t.Errorf("that does not compile: %v", err)
	}
}

// TestPlanIsDrawnBySeed: every cell once a round, the same orders for the same seed, others for another.
func TestPlanIsDrawnBySeed(t *testing.T) {
	draw := func(seed uint64) [][]int {
		p := fixturePlan(t, "A/n=1,2,3,4,5,6,7,8")
		p.seed = seed
		p.draw()
		return p.order
	}
	a, again, other := draw(1), draw(1), draw(2)
	equal := func(x, y [][]int) bool { return slices.EqualFunc(x, y, slices.Equal[[]int]) }
	if !equal(a, again) || equal(a, other) {
		t.Errorf("%v, %v, %v", a, again, other)
	}
	for _, order := range a {
		sorted := slices.Sorted(slices.Values(order))
		if !slices.Equal(sorted, []int{0, 1, 2, 3, 4, 5, 6, 7}) {
			t.Errorf("a round of %v", order)
		}
	}
}

func TestProgress(t *testing.T) {
	var b bytes.Buffer
	p := &progress{w: &b, on: true, total: 4, start: time.Now().Add(-10 * time.Second)}
	p.show(1, 2, "A/n=1")
	if got := b.String(); !strings.Contains(got, "[#####...............] 1/4, round 2, 30s left  A/n=1") {
		t.Errorf("%q", got)
	}
	b.Reset()
	newProgress(&b, 4).show(1, 2, "A")
	if b.Len() > 0 {
		t.Errorf("%q printed where there is no terminal", b.String())
	}
}

func TestCommandLine(t *testing.T) {
	got := commandLine("run", true, 7, []string{"-cells", "A/n=1,2", "-odd", "-x y", "-bench", "it's"})
	if want := `benchcmp run -seed 7 -cells A/n=1,2 -odd '-x y' -bench "it's"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
