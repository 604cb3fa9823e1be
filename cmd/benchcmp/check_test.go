package main

import (
	"strings"
	"testing"
)

// clean is a run without a fault.
var clean = "goos: linux\ncpu: a\nUnit ns/pid better=lower\n" + strings.Repeat(good, minRounds)

// TestCheckFinds: each fault by itself, where it is, and nothing else beside it.
func TestCheckFinds(t *testing.T) {
	for name, c := range map[string]struct{ text, place, want string }{
		"positional part":      {strings.ReplaceAll(clean, "A/", "A/small/"), ":4 ", "no key"},
		"duplicate name":       {strings.ReplaceAll(clean, "-2 ", "#01-2 "), "", ""},
		"duplicate part":       {strings.ReplaceAll(clean, "A/", "A/#01/"), ":4 ", "#01"},
		"hyphen and procs":     {strings.ReplaceAll(clean, "walk-2", "walk-3-2"), ":4 ", "sweep=walk.3"},
		"hyphen, one proc":     {strings.ReplaceAll(clean, "list-2", "list"), ":4 ", "sweep=walk.2"},
		"both -cpu 1,2":        {clean + strings.ReplaceAll(strings.Repeat(good, minRounds), "-2 ", " "), "", ""},
		"stray configuration":  {strings.Replace(clean, "\nBenchmarkA/sweep=list", "\nnote: x\nBenchmarkA/sweep=list", 1), ":6 ", "note: …"},
		"package between":      {clean + "pkg: b\n" + strings.Repeat(good, minRounds), "", ""},
		"few samples":          {strings.Replace(clean, good, "", 1), ":5 ", "fewer than 6"},
		"unequal":              {clean + strings.SplitAfter(good, "\n")[0], "", "from 6 to 7"},
		"two runs":             {"command: x 6\n" + clean + "command: x 10\n" + strings.ReplaceAll(strings.Repeat(good, 10), "A/", "B/"), "", ""},
		"two runs, one cut":    {"command: x 6\n" + clean + "command: x 10\n" + strings.ReplaceAll(strings.Repeat(good, 10)+strings.SplitAfter(good, "\n")[0], "A/", "B/"), ":19 ", "from 10 to 11"},
		"two machines":         {clean + "cpu: b\n" + strings.ReplaceAll(strings.Repeat(good, minRounds), "A/", "B/"), "", "several values of cpu: a; b"},
		"no Unit line":         {strings.Replace(clean, "Unit", "Units", 1), ":4 ", "ns/pid"},
		"a count":              {strings.ReplaceAll(clean, "ns/pid\n", "ns/pid 5 tasks\n"), ":4 ", "Unit tasks"},
		"a count, declared":    {"Unit tasks assume=exact\n" + strings.ReplaceAll(clean, " ns/pid\n", " ns/pid 5 tasks\n"), "", ""},
		"failure":              {clean + "FAIL\n", ":16 ", "failed"},
		"JSON":                 {clean + "{\"Action\":\"run\"}\n", ":16 ", "-json"},
		"NUL":                  {clean + "\x00\n", ":16 ", "NUL"},
		"cut short":            {clean + "BenchmarkA/sweep=walk-2 1 10\n", ":16 ", "missing units"},
		"cut in the name":      {clean + "BenchmarkA/sweep=wa", ":16 ", "cut short"},
		"names by themselves":  {"BenchmarkA\n" + clean + "BenchmarkB\n", "", ""},
		"NaN":                  {strings.Replace(clean, " 10 ns", " NaN ns", 1), ":4 ", "NaN"},
		"no zero is a fault":   {strings.ReplaceAll(clean, " ns/pid\n", " ns/pid 0 allocs/op\n"), "", ""},
		"nothing":              {"", "standard input", "is empty"},
		"no benchmark":         {"hello\n", "standard input", "no benchmark line"},
		"a byte order mark":    {"\xef\xbb\xbf" + clean, "", ""},
		"clean":                {clean, "", ""},
		"clean, CRLF":          {strings.ReplaceAll(clean, "\n", "\r\n"), "", ""},
		"two commits, in turn": {madeTwice(5, "commit", [2]string{"a", "b"}, 6, 1), "", ""},
	} {
		code, out, errs := benchcmp(t.Context(), c.text, "check")
		if (c.want == "") != (code == 0) || code > 1 || !strings.Contains(out, c.want) || !strings.Contains(out, c.place) {
			t.Errorf("%s: exit %d, %s, want %q at %q in\n%s", name, code, errs, c.want, c.place, out)
		}
		if n := strings.Count(out, "\n"); code == 1 && n != 4 {
			t.Errorf("%s: one fault is wanted\n%s", name, out)
		}
	}
}

func TestCheckGolden(t *testing.T) {
	atRoot(t)
	text := strings.NewReplacer("A/", "A/small/", "ns/pid\n", "ns/pid 7 hops\nlog: x\n").Replace(clean)
	for _, format := range []string{"text", "md", "csv", "json"} {
		code, out, errs := benchcmp(t.Context(), text, "check", "-format", format)
		if code != 1 || !strings.Contains(errs, "3 kinds of fault found") {
			t.Errorf("exit %d, %s", code, errs)
		}
		golden(t, "check."+strings.Replace(format, "text", "txt", 1)+".golden", out)
	}
}

func TestCheckFiles(t *testing.T) {
	for args, want := range map[string]int{"/nonexistent/file": 2, ".": 2, "- -": 1, "-format html": 2} {
		if code, _, errs := benchcmp(t.Context(), clean, append([]string{"check"}, strings.Fields(args)...)...); code != want || errs == "" {
			t.Errorf("%s: exit %d, %s", args, code, errs)
		}
	}
	if code, _, errs := benchcmp(t.Context(), strings.Repeat("x", 70_000), "check"); code != 2 || !strings.Contains(errs, "longer than 64 KiB") {
		t.Errorf("a long line: exit %d, %s", code, errs)
	}
}

// FuzzCheck reads any bytes: a list, or an error of reading.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(clean))
	f.Add([]byte("Unit x\nBenchmarkA/x/#00-1-1 1 NaN x -1 y\na: b\nBenchmarkA 1 1 ns/op\nFAIL\n{\"\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		code, out, errs := benchcmp(t.Context(), string(text), "check")
		if code == 2 && errs == "" || code != 2 && out == "" || code > 2 {
			t.Errorf("exit %d, %q, %q", code, out, errs)
		}
	})
}
