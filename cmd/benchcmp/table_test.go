package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMadeRun keeps testdata/benchcmp/made.txt, on which the examples run, what madeRun makes.
func TestMadeRun(t *testing.T) {
	atRoot(t)
	golden(t, "made.txt", madeRun(1, 10))
	golden(t, "net.txt", madeNet(1, 10))
}

func TestTableGolden(t *testing.T) {
	atRoot(t)
	made := filepath.Join("testdata", "benchcmp", "made.txt")
	for name, args := range map[string][]string{
		"table.txt.golden":        {made},
		"table.md.golden":         {"-format", "md", made},
		"table.csv.golden":        {"-format", "csv", made},
		"table.json.golden":       {"-format", "json", made},
		"table-upkeep.golden":     {"-side", "lists", "-unit", "ns/pair", made},
		"table-ratio.golden":      {"-sort", "-ratio", "-filter", "n:(30k OR /^100k/) -registry:paged+hash", made},
		"table-sec.golden":        {"-unit", "sec/pid", "-row", "n@alpha,order,registry", "-filter", "registry:tree+table", made},
		"table-bars.golden":       {"-bars", "always", "-table", "registry", "-col", "sweep=list,walk", "-filter", "order:churned", made},
		"table-confidence.golden": {"-confidence", ".8", "-alpha", ".001", "-filter", "order:churned", made},
	} {
		code, out, errs := benchcmp(t.Context(), "", append([]string{"table"}, args...)...)
		if code != 0 || errs != "" {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
		golden(t, name, out)
	}
}

func TestTableFormatsParse(t *testing.T) {
	_, out, _ := benchcmp(t.Context(), madeRun(2, 6), "table", "-format", "json")
	var parsed struct {
		Rows []struct {
			Keys    map[string]string
			Verdict string
			Ratio   float64
		}
	}
	if err := json.Unmarshal([]byte(out), &parsed); err != nil || len(parsed.Rows) != 16 || parsed.Rows[0].Keys["n"] != "10k" {
		t.Errorf("JSON: %v, %+v", err, parsed)
	}
	_, out, _ = benchcmp(t.Context(), madeRun(2, 6), "table", "-format", "csv")
	records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(records) != 17 || records[1][2] != "10k" {
		t.Errorf("CSV: %v, %d records", err, len(records))
	}
}

// column returns one column of a text table's rows.
func column(t *testing.T, out string, heading string) []string {
	t.Helper()
	_, rest, _ := strings.Cut(out, "\n\n")
	grid, _, _ := strings.Cut(rest, "\n\n")
	blanks := regexp.MustCompile(`  +`)
	lines := strings.Split(grid, "\n")
	for i, h := range blanks.Split(lines[0], -1) {
		if h == heading {
			var cells []string
			for _, line := range lines[1:] {
				cells = append(cells, blanks.Split(line, -1)[i])
			}
			return cells
		}
	}
	t.Fatalf("no column %q in\n%s", heading, out)
	return nil
}

func TestRowsSortByNumberAndCells(t *testing.T) {
	_, out, errs := benchcmp(t.Context(), madeRun(3, 6), "table", "-row", "n,order,registry")
	if errs != "" {
		t.Fatal(errs)
	}
	if got := strings.Join(column(t, out, "n"), " "); got != "10k 10k 10k 10k 30k 30k 30k 30k 100k 100k 100k 100k 1M 1M 1M 1M" {
		t.Errorf("sizes in the order %s", got)
	}
	if got := strings.Join(column(t, out, "order")[:4], " "); got != "fresh fresh churned churned" {
		t.Errorf("orders in the order %s, not as the cells line has them", got)
	}
}

func TestTooFewRounds(t *testing.T) {
	code, out, _ := benchcmp(t.Context(), madeRun(4, 5), "table")
	if code != 0 || !strings.Contains(out, "warning: too few rounds for a verdict in 16 of 16 rows") {
		t.Errorf("exit %d\n%s", code, out)
	}
	for _, v := range column(t, out, "verdict") {
		if v != "too few rounds" {
			t.Errorf("verdict %q on 5 rounds", v)
		}
	}
}

// TestUnpaired: samples in blocks, as go test -count writes them, are not taken for pairs, nor are unequal numbers.
func TestUnpaired(t *testing.T) {
	walk, list := strings.Split(good, "\n")[0]+"\n", strings.Split(good, "\n")[1]+"\n"
	for name, text := range map[string]string{
		"blocks":  strings.Repeat(walk, 8) + strings.Repeat(list, 8),
		"unequal": strings.Repeat(walk+list, 7) + walk,
	} {
		_, out, _ := benchcmp(t.Context(), text, "table")
		if !strings.Contains(out, "not all rounds are paired") {
			t.Errorf("%s: %s", name, out)
		}
		if strings.Contains(out, "warning: the sides have unequal numbers of rounds") != (name == "unequal") {
			t.Errorf("%s: %s", name, out)
		}
	}
}

// TestTwoCommits compares by a file key over two files.
func TestTwoCommits(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for i, commit := range []string{"old", "new"} {
		path := filepath.Join(dir, commit)
		text := strings.Replace(madeRun(uint64(i), 6), "commit: none", "commit: "+commit, 1)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	code, out, errs := benchcmp(t.Context(), "", append([]string{"table", "-side", "commit=old,new"}, paths...)...)
	if code != 0 || len(column(t, out, "verdict")) != 32 || !strings.Contains(out, "new/old above 1: old is better") {
		t.Errorf("exit %d, %s\n%s", code, errs, out)
	}
	if code, _, errs = benchcmp(t.Context(), "", append([]string{"table"}, paths...)...); code != 2 || !strings.Contains(errs, "would pool commit = old, new") {
		t.Errorf("pooled two commits: exit %d, %s", code, errs)
	}
}

// TestMachinesDiffer: rows of different machines are warned of, a row of two is refused.
func TestMachinesDiffer(t *testing.T) {
	six := strings.Repeat(good, 6)
	text := "machine: one\n" + six + "machine: two\n" + strings.ReplaceAll(six, "BenchmarkA", "BenchmarkB")
	if code, out, _ := benchcmp(t.Context(), text, "table"); code != 0 || !strings.Contains(out, "warning: rows differ in machine: one, two") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if code, _, errs := benchcmp(t.Context(), "machine: one\n"+six+"machine: two\n"+six, "table"); code != 2 || !strings.Contains(errs, "machine") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

// TestRunTwiceInOneFile: samples that a run cannot have are warned of, for they count as rounds.
func TestRunTwiceInOneFile(t *testing.T) {
	once := madeRun(1, 6)
	twice := once + once
	for text, want := range map[string]bool{once: false, twice: true, strings.ReplaceAll(twice, "rounds: 6\n", ""): false} {
		_, out, errs := benchcmp(t.Context(), text, "table")
		if got := strings.Contains(out, "has more samples than the 6 rounds of its run"); got != want || errs != "" {
			t.Errorf("warned: %v, want %v; %s", got, want, errs)
		}
		_, out, _ = benchcmp(t.Context(), text, "check")
		if got := strings.Contains(out, "more samples than the rounds of its run"); got != want {
			t.Errorf("check warned: %v, want %v\n%s", got, want, out)
		}
	}
}

func TestReadsOddText(t *testing.T) {
	for name, text := range map[string]string{
		"CRLF":             strings.ReplaceAll(good, "\n", "\r\n"),
		"byte order mark":  "\xef\xbb\xbf" + good,
		"no newline":       strings.TrimSuffix(good, "\n"),
		"verbose":          "=== RUN BenchmarkA\nBenchmarkA\n" + good + "PASS\n",
		"positional parts": strings.ReplaceAll(good, "/sweep", "/small/sweep"),
	} {
		if code, out, errs := benchcmp(t.Context(), text, "table"); code != 0 || len(column(t, out, "verdict")) != 1 {
			t.Errorf("%s: exit %d, %s", name, code, errs)
		}
	}
}

// FuzzTable reads any bytes, by any filter, row and side: a table or an error, and never one without the other. Give
// go test -fuzzminimizetime=10x: making long inputs shorter takes longer than finding them.
func FuzzTable(f *testing.F) {
	f.Add([]byte(good), "*", "", "sweep=walk,list")
	f.Add([]byte("BenchmarkA/sweep=walk 1 1e149 ns/pid\nBenchmarkA/sweep=list 1 1e-149 ns/pid\n"), "*", "", "sweep=walk,list")
	f.Add([]byte(madeRun(1, 1)[:1500]), "n:(10k OR /1.*/) -order:fresh", "n@num,registry@(paged+hash tree+table)", "sweep")
	f.Add([]byte(strings.Repeat(good, 6)), `"/sweep":"walk" OR .unit:ns/pid`, `".name"`, "/sweep")
	f.Add([]byte("Unit ns/pid better=lower\na: b\nBenchmarkA/a=1/a=2/#0 1 1e309 ns/pid 1 MB/s\n{\"\nFAIL\x00"), "(", "a@", "=")
	f.Fuzz(func(t *testing.T, text []byte, filter, row, side string) {
		for format := range renderers {
			code, out, errs := benchcmp(t.Context(), string(text), "table", "-bars=always", "-filter="+filter, "-row="+row, "-side="+side, "-format="+format)
			if code != 0 && code != 2 || code == 0 && out == "" || code == 2 && errs == "" {
				t.Errorf("exit %d, %q, %q", code, out, errs)
			}
		}
	})
}
