package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// atRoot makes the module's root the current folder, where the examples in the help texts are meant to be typed.
func atRoot(t *testing.T) {
	t.Helper()
	t.Chdir(filepath.Join("..", ".."))
}

// benchcmp runs a command and returns its exit status and what it printed.
func benchcmp(ctx context.Context, stdin string, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = main1(ctx, args, stdio{strings.NewReader(stdin), &o, &e})
	return code, o.String(), e.String()
}

// golden compares got with testdata/benchcmp/NAME in the module's root, which must be the current folder.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "benchcmp", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs (go test ./cmd/benchcmp -update writes it anew):\n%s", path, firstDifference(string(want), got))
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return "want " + w[i] + "\ngot  " + g[i]
		}
	}
	return "one is longer than the other"
}

func TestHelp(t *testing.T) {
	atRoot(t)
	_, out, _ := benchcmp(t.Context(), "", "-h")
	golden(t, "help.golden", out)
	for i, c := range commands() {
		code, out, errs := benchcmp(t.Context(), "", c.name, []string{"-h", "-help", "--help"}[i%3])
		if code != 0 || errs != "" {
			t.Errorf("%s: exit %d, standard error %q", c.name, code, errs)
		}
		golden(t, "help-"+c.name+".golden", out)
	}
}

// helpOf is the help text of a command without the list of its flags.
func helpOf(t *testing.T, c command) string {
	_, out, _ := benchcmp(t.Context(), "", c.name, "-h")
	help, _, _ := strings.Cut(out, "\nFlags:\n")
	return help
}

// TestHelpIsOnePage holds each help text to a page of a terminal's width.
func TestHelpIsOnePage(t *testing.T) {
	for _, c := range commands() {
		lines := strings.Split(helpOf(t, c), "\n")
		if len(lines) > 36 {
			t.Errorf("%s: %d lines", c.name, len(lines))
		}
		for _, line := range lines {
			if len(line) > 120 && !strings.HasPrefix(line, "    benchcmp") {
				t.Errorf("%s: %d columns: %s", c.name, len(line), line)
			}
		}
	}
}

// TestExamples runs every example of the help texts, as a shell would, in the module's root.
func TestExamples(t *testing.T) {
	atRoot(t)
	for _, c := range commands() {
		n := 0
		for line := range strings.Lines(helpOf(t, c)) {
			command, ok := strings.CutPrefix(line, "    benchcmp ")
			if !ok {
				continue
			}
			n++
			words, err := shellFields(command)
			if err != nil {
				t.Fatal(err)
			}
			code, out, errs := benchcmp(t.Context(), "", words...)
			if code != 0 || out == "" || errs != "" {
				t.Errorf("benchcmp %sexit %d, standard error %q", command, code, errs)
			}
		}
		if n == 0 {
			t.Errorf("benchcmp %s has no example", c.name)
		}
	}
}

const good = "BenchmarkA/sweep=walk-2 1 10 ns/pid\nBenchmarkA/sweep=list-2 1 12 ns/pid\n"

// TestExitCodes runs what can go wrong before anything is measured, and looks for the name of it on standard error.
func TestExitCodes(t *testing.T) {
	cells := "-cells=A/n=1/sweep=walk,list"
	for _, c := range []struct {
		stdin, args string
		code        int
		errs        string
	}{
		{"", "", 2, "no command"},
		{"", "tabel", 2, `unknown command "tabel"`},
		{"", "help", 0, ""},
		{good, "table", 0, ""},
		{good, "table -", 0, ""},
		{good, "table -filer x", 2, "-filer"},
		{good, "table -alpha 0", 2, "-alpha"},
		{good, "table -alpha NaN", 2, "-alpha"},
		{good, "table -confidence 1", 2, "-confidence"},
		{good, "table -format html", 2, `"html"`},
		{good, "table -sort size", 2, `"size"`},
		{good, "table -bars yes", 2, `"yes"`},
		{good, "table -table n", 2, `no key "n"`},
		{good, "table -table @", 2, "-table"},
		{good, "table -better more", 2, `"more"`},
		{good, "table -side swep", 2, `no key "swep"`},
		{good, "table -side sweep=walk,lst", 2, "sweep=lst"},
		{good, "table -side sweep=walk", 2, "two values"},
		{good, "table -side sweep=walk,walk", 2, "two values"},
		{good, "table -side .config", 2, ".config"},
		{good, "table -row n", 2, `no key "n"`},
		{good, "table -row sweep", 2, "is the side"},
		{good, "table -row .name,.name", 2, "twice"},
		{good, "table -row .name@up", 2, "unknown order"},
		{good, "table -row .name@(B)", 2, "B"},
		{good, "table -filter regstry:x", 2, `no key "regstry"`},
		{good, "table -filter -regstry:x", 2, `no key "regstry"`},
		{good, "table -filter (", 2, "syntax error"},
		{good, "table -filter .name:B", 2, "matches none"},
		{good, "table -unit B/op", 2, "there are ns/pid"},
		{good, "table /nonexistent/file", 2, "/nonexistent/file"},
		{good, "table .", 2, "is a folder"},
		{"", "table", 2, "is empty"},
		{"hello\n", "table", 2, "no benchmark line"},
		{good + "--- FAIL: BenchmarkA\nFAIL\n", "table", 2, ":3: the run it records failed"},
		{good + "BenchmarkB-2 \t--- FAIL: BenchmarkB-2\n", "table", 2, ":3: the run it records failed"},
		{`{"Action":"run"}` + "\n" + good, "table", 2, "without -json"},
		{good + "a\x00b\n", "table", 2, ":3: holds a NUL"},
		{good + strings.Repeat("x", 70_000) + "\n", "table", 2, "line 3 is longer than 64 KiB"},
		{good + "BenchmarkA/sweep=walk-2 1 10\n", "table", 2, ":3: missing units"},
		{good + "BenchmarkA/sweep=walk-2 1 10 ns/pi\n", "table", 2, ":3: no ns/pid"},
		{good + "BenchmarkA/sweep=walk-2 1 0 ns/pid\n", "table", 2, ":3: 0 ns/pid"},
		{good + "BenchmarkA/sweep=walk-2 1 -1 ns/pid\n", "table", 2, ":3: -1 ns/pid"},
		{good + "BenchmarkA/sweep=walk-2 1 NaN ns/pid\n", "table", 2, ":3: NaN ns/pid"},
		{good + "BenchmarkA/sweep=walk-2 1 +Inf ns/pid\n", "table", 2, ":3: +Inf ns/pid"},
		{good + "BenchmarkB/sweep=walk-2 1 1 ns/pid\n", "table", 2, "row benchmark=B has no result with sweep=list"},
		{"BenchmarkA/sweep=walk 1 1 ns/pid\nBenchmarkA/sweep=list 1 1 us/pid\n", "table", 2, "no result with sweep=list in ns/pid (1 result is without it)"},
		{good + "BenchmarkA/sweep=walk-2 1 1e300 ns/pid\n", "table", 2, ":3: 1e+300 ns/pid cannot be compared"},
		{good + "BenchmarkA/sweep=walk-2 1 1e-300 ns/pid\n", "table", 2, ":3: 1e-300 ns/pid cannot be compared"},
		{good + "BenchmarkA/sw", "table", 2, ":3: the last line is cut short"},
		{good + "BenchmarkA/sweep=walk-2 1 10 ns/pi", "table", 2, ":3: no ns/pid"},
		{good + "BenchmarkA/sweep=walk-2 1 10 ", "table", 2, ":3: missing units"},
		{good + "BenchmarkA/sweep=walk-2 1 1", "table", 2, ":3: missing units"},
		{good, "table - -brief", 2, "-brief stands behind an argument"},
		{good, "plot - -columns=2", 2, "-columns=2 stands behind an argument"},
		{good, "table -- -", 0, ""},
		{good, "table -- -brief", 2, "open -brief"},
		{good, "readme a.md -check", 2, "-check stands behind"},
		{good, "run . -plan", 2, "-plan stands behind"},
		{good + "BenchmarkB/sweep=walk-2 1 1 ns/pid\n", "table -row sweep=x", 2, "no key"},
		{good + "BenchmarkA/n=1/sweep=walk-2 1 1 ns/pid\n", "table -row .name", 2, "would pool n = (none), 1"},
		{good + "commit: b\n" + good, "table", 2, "would pool commit = (none), b"},
		{good + "cpu: b\n" + good, "table", 2, "would pool cpu"},
		{"BenchmarkA/sweep=walk 1 1 hops\nBenchmarkA/sweep=list 1 1 hops\n", "table -unit hops", 2, "which way is hops better"},
		{"", "sweep now", 2, `"now"`},
		{"", "sweep -plan -n 10k,,30k", 2, "a key or a value is missing"},
		{"", "sweep -plan -rounds 0", 2, "-rounds 0"},
		{"", "sweep -plan -format csv", 2, `"csv"`},
		{"", "sweep -plan -benchtime soon", 2, `"soon"`},
		{"", "sweep -plan -benchtime 0x", 2, `"0x"`},
		{"", "sweep -plan -timeout 0s", 2, "-timeout"},
		{"", "sweep -plan -seed x", 2, "-seed"},
		{"", "run -plan", 2, "either -cells or -bench"},
		{"", "run -plan -side n " + cells, 2, "one value"},
		{"", "run -plan -side order " + cells, 2, "has no key order"},
		{"", "run -plan -side n -side sweep -cells A/n=1,2/sweep=walk,list", 2, "two sides"},
		{"", "run -plan -cells A/n=1 -cells A/n=1,2", 2, "A/n=1 is asked for twice"},
		{"", "run -plan -cells A/n=1,1", 2, "stands twice"},
		{"", "run -plan -cells A//n=1", 2, "slash"},
		{"", "run -plan -rounds 99999999 " + cells, 2, "more than 1000000 processes"},
		{"", "run -plan " + cells + " a b", 2, "one package"},
		{"", "run -plan -cpu 3-1 " + cells, 2, "-cpu"},
		{"", "run -plan -cpu 99999 " + cells, 2, "-cpu"},
		{"", "run -resume x -plan", 2, "stands alone"},
		{"", "run -resume /nonexistent/file", 2, "/nonexistent/file"},
		{"", "run -base nowhere -seed 1 " + cells, 2, "-base nowhere"},
		{good, "cross -over n", 2, "-over n"},
		{good, "cross -format html", 2, `"html"`},
		{good, "cross -over sweep", 2, "-over sweep"},
		{strings.ReplaceAll(good, "/sweep", "/n=1/sweep"), "cross -refine x -", 2, "must be in a file"},
		{good, "floor -read", 2, "-side: no key"},
		{good, "floor -read -confidence 2", 2, "-confidence"},
		{good, "gate", 2, "-base and -head"},
		{good, "gate -base x", 2, "-base and -head"},
		{good, "gate -base x -head y z", 2, "-base and -head"},
		{good, "gate -max much -", 2, `"much"`},
		{good, "gate -max -1% -", 2, `"-1%"`},
		{good, "gate -", 2, `no key "commit"`},
		{good, "gate -side sweep -unit ns/pid -", 2, "is a key of names"},
		{"", "run " + cells + " ./nowhere", 2, "nowhere"},
		{"", "run " + cells + " -C", 2, "-C"},
	} {
		code, _, errs := benchcmp(t.Context(), c.stdin, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(errs, c.errs) || (code == 0) != (errs == "") {
			t.Errorf("benchcmp %s: exit %d, want %d; standard error %q, want %q in it", c.args, code, c.code, errs, c.errs)
		}
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestNothingWritten: no command is done that could not say what it did.
func TestNothingWritten(t *testing.T) {
	for _, args := range []string{"help", "table -h", "table -", "check -", "plot -", "report -", "sweep -plan -seed 1", "sweep -axes list", "run -plan -seed 1 -cells A/n=1"} {
		var errs bytes.Buffer
		if code := main1(t.Context(), strings.Fields(args), stdio{strings.NewReader(good), full{}, &errs}); code != 1 || !strings.Contains(errs.String(), "no space left") {
			t.Errorf("benchcmp %s: exit %d, %s", args, code, &errs)
		}
	}
}

// TestSameFileTwice: the same samples counted twice would look like more rounds.
func TestSameFileTwice(t *testing.T) {
	a := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(a, []byte(good), 0o666); err != nil {
		t.Fatal(err)
	}
	code, _, errs := benchcmp(t.Context(), good, "table", a, "-")
	if code != 2 || !strings.Contains(errs, "same bytes") {
		t.Errorf("exit %d, %q", code, errs)
	}
}
