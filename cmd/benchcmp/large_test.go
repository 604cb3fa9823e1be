//go:build pidmap_long && unix

package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// largeRun is a run of so many rows and rounds, two lines each.
func largeRun(rows, rounds int) []byte {
	rng := rand.New(rand.NewPCG(1, 0))
	b := bytes.NewBufferString("pkg: example.com/made\ncommit: none\nUnit ns/pid better=lower\n")
	for range rounds {
		for _, i := range rng.Perm(rows) {
			for k, side := range []string{"walk", "list"} {
				v := float64(8+k) * (1 + 0.1*rng.Float64())
				fmt.Fprintf(b, "BenchmarkSweep/registry=r%d/n=%dk/order=o%d/density=25/threads=1/sweep=%s-2\t100\t%.0f ns/op\t%.2f ns/pid\n",
					i%50, 1+i/500, i/50%10, side, 1000*v, v)
			}
		}
	}
	return b.Bytes()
}

// TestLargeRuns holds table, report, cross and check of 100,000 lines, in many rows or in many rounds, to 5 s of processor time (which
// other programs on the machine do not lengthen much) and 500 MB.
func TestLargeRuns(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "benchcmp")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, shape := range map[string][2]int{"many rows": {5000, 10}, "some of each": {100, 500}, "many rounds": {16, 3125}} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, largeRun(shape[0], shape[1]), 0o666); err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"table", "report", "cross", "check"} {
			cmd := exec.Command(program, command, path)
			if err := cmd.Run(); err != nil {
				t.Fatalf("%s, %s: %v", command, name, err)
			}
			used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			rss := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss // in kB, in bytes on some systems
			t.Logf("%s, %s: %v, %d kB", command, name, used, rss)
			if used > 5*time.Second || runtime.GOOS == "linux" && rss > 500_000 {
				t.Errorf("%s, %s: over its bounds", command, name)
			}
		}
	}
}
