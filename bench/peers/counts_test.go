package peers

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What a pair does, counted instead of timed: this process runs a benchmark of
// its own below valgrind's cachegrind, which executes every instruction in a
// machine that it simulates, once with few pairs and once with more; the
// difference is the pairs'. The counts are the same on every machine and under
// every load, but for what the runtime does beside. The caches are those of a Zen 5 core (48 KiB, 1 MiB); the branch
// predictor is valgrind's own and smaller than any of today, so what it
// mispredicts is an upper bound. A miss of the second level may still hit the third.

var (
	countInto = flag.String("counts", "", "count what a pair does, in every cell of Churn's table, into this `file` (needs valgrind)")
	fixed     = flag.Int("pairs", 0, "run this many `pairs` at a time, and do not look how long they take")
)

// The runs whose difference is counted: batches of pairs, more of them where a
// pair is short, since what the runtime does beside is in the difference too.
const (
	countedBatch = 4096
	fewBatches   = 1
	moreBatches  = 1 + 16
	mostBatches  = 1 + 256
	longPair     = 3000 // instructions
)

// leastCount is what is written for less. The runtime's own work differs from
// run to run, so a difference may come out at nothing, or below.
const leastCount = 0.001

// events are the units of what is counted, with the columns of cachegrind that
// add up to each.
var events = []struct {
	unit    string
	columns []string
}{
	{"instructions/pair", []string{"Ir"}},
	{"branches/pair", []string{"Bc"}},
	{"mispredictions/pair", []string{"Bcm"}},
	{"l1-misses/pair", []string{"D1mr", "D1mw"}},
	{"l2-misses/pair", []string{"DLmr", "DLmw"}},
}

// TestCounts counts one cell, or with -counts all of them.
func TestCounts(t *testing.T) {
	if _, err := exec.LookPath("valgrind"); err != nil {
		t.Skip("no valgrind to count with: apt-get install valgrind")
	}
	if *countInto == "" {
		countOne(t)
		return
	}
	file, err := os.Create(*countInto)
	if err != nil {
		t.Fatal(err)
	}
	heading(t, file)
	for _, size := range []string{"32k", "1M"} {
		for _, load := range loads {
			for _, impl := range []string{"harness", "oracle", "tree", "bitset", "gvisor", "flat"} {
				name := fmt.Sprintf("Churn/max=%s/fill=%s/impl=%s", size, load.name, impl)
				each, pairs := counts(t, name)
				writeCounts(t, file, name, each, pairs)
			}
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// countOne holds that counting counts: a pair of any side costs instructions,
// less of them than could be spent, and no more branches than instructions.
func countOne(t *testing.T) {
	harness, _ := counts(t, "Churn/max=32k/fill=50/impl=harness")
	tree, _ := counts(t, "Churn/max=32k/fill=50/impl=tree")
	for i, most := range []float64{200, 50, 5, 10, 5} {
		if tree[i] > most {
			t.Errorf("tree: %.2f %s, %g at most are wanted", tree[i], events[i].unit, most)
		}
	}
	if harness[0] < 3 || tree[0] < harness[0]+10 {
		t.Errorf("%.1f instructions a pair of the harness, %.1f of the tree", harness[0], tree[0])
	}
}

// counts gives what a pair of the benchmark does, an entry an event, and of how
// many pairs that is the mean.
func counts(t *testing.T, name string) (each []float64, pairs int) {
	few := counted1(t, name, fewBatches)
	for _, batches := range []int{moreBatches, mostBatches} {
		more := counted1(t, name, batches)
		each, pairs = make([]float64, len(events)), (batches-fewBatches)*countedBatch
		for i, e := range events {
			for _, column := range e.columns {
				each[i] += (more[column] - few[column]) / float64(pairs)
			}
			each[i] = max(each[i], leastCount)
		}
		if each[0] > longPair {
			break
		}
	}
	return each, pairs
}

// counted1 runs a benchmark below cachegrind and gives what it summed up.
func counted1(t *testing.T, name string, batches int) map[string]float64 {
	t.Helper()
	parts := strings.Split("Benchmark"+name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	out := t.TempDir() + "/out"
	cmd := exec.Command("valgrind", "--tool=cachegrind", "--cache-sim=yes", "--branch-sim=yes", "--D1=49152,12,64", "--LL=1048576,16,64",
		"--cachegrind-out-file="+out, os.Args[0], "-test.run=^$", "-test.bench="+strings.Join(parts, "/"),
		fmt.Sprintf("-test.benchtime=%dx", batches), fmt.Sprintf("-pairs=%d", countedBatch))
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off")
	if text, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(text, []byte(name)) {
		t.Fatalf("%s: %v\n%s", name, err, text)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	sums, err := summed(string(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return sums
}

// summed reads the columns and the summary of a file of cachegrind's.
func summed(text string) (map[string]float64, error) {
	var columns, values []string
	for line := range strings.Lines(text) {
		if after, ok := strings.CutPrefix(line, "events: "); ok {
			columns = strings.Fields(after)
		}
		if after, ok := strings.CutPrefix(line, "summary: "); ok {
			values = strings.Fields(after)
		}
	}
	if len(columns) == 0 || len(columns) != len(values) {
		return nil, fmt.Errorf("%d events and %d sums", len(columns), len(values))
	}
	sums := map[string]float64{}
	for i, column := range columns {
		v, err := strconv.ParseFloat(values[i], 64)
		if err != nil {
			return nil, err
		}
		sums[column] = v
	}
	for _, e := range events {
		for _, column := range e.columns {
			if _, ok := sums[column]; !ok {
				return nil, fmt.Errorf("no %s among %s", column, slices.Sorted(maps.Keys(sums)))
			}
		}
	}
	return sums, nil
}

func TestSummed(t *testing.T) {
	good := "desc: x\nevents: Ir D1mr D1mw DLmr DLmw Bc Bcm\nfn=f\n1 2 3\nsummary: 1 2 3 4 5 6 7\n"
	if sums, err := summed(good); err != nil || sums["Bcm"] != 7 || sums["Ir"] != 1 {
		t.Errorf("%v, %v", sums, err)
	}
	for _, bad := range []string{"", "events: Ir\n", strings.Replace(good, " 7", "", 1), strings.Replace(good, " 7", " x", 1), strings.ReplaceAll(good, "Bcm", "Bim")} {
		if sums, err := summed(bad); err == nil {
			t.Errorf("%q gave %v", bad, sums)
		}
	}
}

// heading writes what benchmark text begins with.
func heading(t *testing.T, w io.Writer) {
	version, err := exec.Command("valgrind", "--version").Output()
	commit, errCommit := exec.Command("git", "describe", "--always", "--abbrev=12", "--dirty=+dirty").Output()
	if err := errors.Join(err, errCommit); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(w, "pkg: example.com/pidmap/bench/peers\ncommit: %scommand: go test -run TestCounts -counts FILE\ncpu: simulated by %s",
		commit, version)
	for _, e := range events {
		fmt.Fprintf(w, "Unit %s better=lower\n", e.unit)
	}
}

func writeCounts(t *testing.T, w io.Writer, name string, each []float64, pairs int) {
	line := fmt.Sprintf("Benchmark%s %d", name, pairs)
	for i, e := range events {
		line += fmt.Sprintf(" %.3f %s", each[i], e.unit)
	}
	if _, err := fmt.Fprintln(w, line); err != nil {
		t.Fatal(err)
	}
}
