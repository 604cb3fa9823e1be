package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// twoPackages makes the current folder a git checkout of a module with two packages of benchmarks, a and b.
func twoPackages(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("GOFLAGS", "")
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	writeFiles(t, map[string]string{"go.mod": "module example.com/two\ngo 1.26\n", "a/a_test.go": benchOf("a", 10), "b/b_test.go": benchOf("b", 20)})
	git(t, "init", "-q")
	git(t, "add", ".")
	git(t, "commit", "-qm", "first")
}

func benchOf(pkg string, ns int) string {
	return strings.NewReplacer("PKG", pkg, "NS", strings.Repeat("+1", ns)[1:]).Replace(`package PKG
import "testing"
func BenchmarkOne(b *testing.B) { b.Run("n=1", func(b *testing.B) { b.ReportMetric(NS, "ns/pid") }) }
`)
}

func writeFiles(t *testing.T, files map[string]string) {
	t.Helper()
	for path, text := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func git(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestRunBase measures two commits of two packages in turn; table and gate tell them apart; no worktree is left behind.
func TestRunBase(t *testing.T) {
	twoPackages(t)
	if code, _, errs := benchcmp(t.Context(), "", "run", "-base", "HEAD", "-bench", ".", "./a"); code != 2 || !strings.Contains(errs, "nothing to compare") {
		t.Errorf("against itself: exit %d, %s", code, errs)
	}
	writeFiles(t, map[string]string{"a/a_test.go": benchOf("a", 15)})
	code, out, errs := benchcmp(t.Context(), "", "run", "-base", "HEAD", "-bench", ".", "-rounds", "6", "-seed", "1", "-benchtime", "1x", "./a", "./b")
	if code != 0 || !strings.Contains(errs, "2 cells × 6 rounds × 2 commits = 24 processes of ./a ./b") {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	if worktrees := git(t, "worktree", "list"); strings.Count(worktrees, "\n") != 1 {
		t.Errorf("left behind: %s", worktrees)
	}
	code, table, errs := benchcmp(t.Context(), out, "table", "-side", "commit", "-row", "pkg")
	if code != 0 || !slices.Contains(column(t, table, "verdict"), "no difference shown") || strings.Contains(table, "not all rounds are paired") {
		t.Errorf("table: exit %d, %s\n%s", code, errs, table)
	}
	old := strings.TrimSpace(git(t, "rev-parse", "--short=12", "HEAD"))
	code, said, errs := benchcmp(t.Context(), out, "gate", "-unit", "ns/pid", "-side", "commit="+old+","+old+"+dirty", "-")
	if code != 1 || !strings.Contains(errs, "1 regressed, 0 missing, 0 inconclusive, 1 fine") {
		t.Errorf("gate: exit %d, %s\n%s", code, errs, said)
	}
}

// TestRunBaseInterrupted: an interrupt takes the worktree away too.
func TestRunBaseInterrupted(t *testing.T) {
	twoPackages(t)
	writeFiles(t, map[string]string{"a/a_test.go": benchOf("a", 15)})
	ctx, cancel := context.WithCancel(t.Context())
	w := &stopAfter{left: 2, cancel: cancel}
	var errs strings.Builder
	code := main1(ctx, []string{"run", "-base", "HEAD", "-cells", "One/n=1", "-benchtime", "1x", "./a"}, stdio{strings.NewReader(""), w, &errs})
	if code != 1 || !strings.Contains(errs.String(), "2 of 20 processes are done") {
		t.Errorf("exit %d, %s", code, &errs)
	}
	if worktrees := git(t, "worktree", "list"); strings.Count(worktrees, "\n") != 1 {
		t.Errorf("left behind: %s", worktrees)
	}
}

// TestResume cuts a run off after some processes and goes on: the names come in the order they would have come in, and
// what is not that run's own, or cannot be told, is refused.
func TestResume(t *testing.T) {
	twoPackages(t)
	git(t, "config", "core.excludesFile", os.DevNull)
	path := "run.txt"
	for _, args := range [][]string{
		{"run", "-bench", ".", "-rounds", "3", "-benchtime", "1x", "-o", path, "./a", "./b"},
		{"floor", "-cells", "One/n=1", "-rounds", "6", "-benchtime", "1x", "-unit", "ns/pid", "-w", os.DevNull, "-o", path, "./a"},
	} {
		os.Remove(path)
		if code, _, errs := benchcmp(t.Context(), "", args...); code != 0 {
			t.Fatalf("%v: %s", args, errs)
		}
		whole, _ := os.ReadFile(path)
		at := slices.Collect(strings.Lines(string(whole)))
		cut := slices.IndexFunc(at, func(l string) bool { return strings.HasPrefix(l, "Benchmark") }) + 1
		writeFiles(t, map[string]string{path: strings.Join(at[:cut], "")})
		code, _, errs := benchcmp(t.Context(), "", "run", "-resume", path)
		text, _ := os.ReadFile(path)
		if code != 0 || !strings.Contains(errs, "holds 1 of") || withoutNumbers(string(text)) != withoutNumbers(string(whole)) {
			t.Errorf("%v: exit %d, %s\nwant %s\ngot  %s", args, code, errs, whole, text)
		}
	}
	whole, _ := os.ReadFile(path)
	for want, text := range map[string]string{
		"not written by benchcmp run":        good,
		"cannot be gone on with":             strings.Replace(string(whole), "command: benchcmp floor", "command: benchcmp tabel", 1),
		"is not what its command measures":   strings.ReplaceAll(string(whole), "BenchmarkOne", "BenchmarkTwo"),
		"is more than its command measures":  string(whole) + "copy: a\nBenchmarkOne/n=1-2 1 1 ns/pid\n",
		"cut short":                          strings.TrimSuffix(string(whole), "\n"),
		"was measured with machine: another": strings.Replace(string(whole), "machine: ", "machine: another ", 1),
		"-flag":                              strings.Replace(string(whole), "benchcmp floor", "benchcmp floor -flag", 1),
	} {
		writeFiles(t, map[string]string{path: text})
		if code, _, errs := benchcmp(t.Context(), "", "run", "-resume", path); code != 2 || !strings.Contains(errs, want) {
			t.Errorf("exit %d, %s, want %q", code, errs, want)
		}
	}
}

// withoutNumbers keeps the names and configuration of a run, in their order.
func withoutNumbers(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "Benchmark") {
			line = strings.Fields(line)[0] + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

// TestPin: a pinned process sees that many processors, its names carry no -GOMAXPROCS of ours, and the head says so.
func TestPin(t *testing.T) {
	if !pinning {
		code, _, errs := benchcmp(t.Context(), "", "run", "-cpu", "0", "-bench", ".")
		if code != 2 || !strings.Contains(errs, "-cpu 0") {
			t.Errorf("exit %d, %s", code, errs)
		}
		return
	}
	atRoot(t)
	t.Setenv("FIXTURE", "cpus")
	code, out, errs := benchcmp(t.Context(), "", "run", "-cpu", "0", "-cells", fixtureCell, "-side", "sweep", "-rounds", "1", "-benchtime", "1x", fixture)
	if code != 0 || !strings.Contains(out, "\npinned: CPU 0\n") || !strings.Contains(out, "sweep=walk ") || !strings.Contains(out, " 1.000 cpus") {
		t.Errorf("exit %d, %s\n%s", code, errs, out)
	}
	if runtime.NumCPU() < 1000 {
		if code, _, errs = benchcmp(t.Context(), "", "run", "-cpu", "1000", "-bench", ".", fixture); code != 1 {
			t.Errorf("on a CPU that is not there: exit %d, %s", code, errs)
		}
	}
}

func TestShellFields(t *testing.T) {
	for _, words := range [][]string{{"run", "-seed", "7", "a b", "it's", "", "x\ty", "$HOME", "a\"b"}, {}, {"'"}} {
		var quoted []string
		for _, w := range words {
			quoted = append(quoted, shellWord(w))
		}
		if got, err := shellFields(strings.Join(quoted, " ")); err != nil || !slices.Equal(got, words) {
			t.Errorf("%q: %q, %v", words, got, err)
		}
	}
	for _, line := range []string{"'a", "\"a", `"\q"`} {
		if got, err := shellFields(line); err == nil {
			t.Errorf("%s: %q", line, got)
		}
	}
}
