package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestPlotGolden(t *testing.T) {
	atRoot(t)
	made := filepath.Join("testdata", "benchcmp", "made.txt")
	for name, args := range map[string][]string{
		"plot.svg.golden":       {made},
		"plot-two.svg.golden":   {"-columns", "2", "-filter", "registry:tree+table order:churned", made},
		"plot-names.svg.golden": {"-row", "n,order,registry", "-filter", "n:1M", made},
		"plot-one.svg.golden":   {"-side", "lists", "-unit", "ns/pair", made},
	} {
		code, out, errs := benchcmp(t.Context(), "", append([]string{"plot"}, args...)...)
		if code != 0 || errs != "" {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
		checkSVG(t, name, out)
		golden(t, name, out)
	}
}

// checkSVG reads a picture as XML and holds it to what a screen reader needs and to nothing that runs or loads.
func checkSVG(t *testing.T, name, text string) {
	t.Helper()
	elements := map[string]int{}
	attrs := map[string]string{}
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if start, ok := token.(xml.StartElement); ok {
			if elements[start.Name.Local]++; start.Name.Local == "svg" {
				for _, a := range start.Attr {
					attrs[a.Name.Local] = a.Value
				}
			}
			checkAttrs(t, name, start)
		}
	}
	if elements["svg"] != 1 || elements["desc"] != 1 || elements["title"] == 0 || attrs["role"] != "img" || attrs["aria-labelledby"] != "bc-t bc-d" {
		t.Errorf("%s: elements %v, attributes %v", name, elements, attrs)
	}
}

var drawn = []string{"svg", "title", "desc", "style", "rect", "g", "path", "text"}

func checkAttrs(t *testing.T, name string, e xml.StartElement) {
	if !slices.Contains(drawn, e.Name.Local) {
		t.Errorf("%s: element %s", name, e.Name.Local)
	}
	for _, a := range e.Attr {
		if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" || strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
			t.Errorf("%s: <%s %s=%q>", name, e.Name.Local, a.Name.Local, a.Value)
		}
	}
}

// hostile is a run whose names and configuration try to be markup.
func hostile() string {
	var b strings.Builder
	b.WriteString("machine: <script>alert(1)</script> \"'&amp; ]]></style></svg>\ncommit: javascript:alert(2)\n" +
		"Unit \"><script>alert(3)</script>/x better=lower\n")
	for range 6 {
		for i, side := range []string{"<script>alert(5)", "\"onload=alert(4)'"} {
			fmt.Fprintf(&b, "BenchmarkA<b>/n=<img/</text></title></desc></pre>/u=\x01\xff\u202e/s=%s 1 %d \"><script>alert(3)</script>/x\n", side, 10+i)
		}
	}
	return b.String()
}

// hostileArgs ask for what hostile holds.
var hostileArgs = []string{"-side", "s", "-unit", "\"><script>alert(3)</script>/x"}

func TestPlotHostileNames(t *testing.T) {
	code, out, errs := benchcmp(t.Context(), hostile(), append([]string{"plot"}, hostileArgs...)...)
	if code != 0 || errs != "" {
		t.Fatalf("exit %d, %s", code, errs)
	}
	checkSVG(t, "hostile", out)
	if strings.Contains(out, "<script") || strings.Contains(out, "\x01") {
		t.Errorf("markup got through:\n%s", out)
	}
}

// TestPlotOddNumbers draws what has no logarithm, no interval or no end.
func TestPlotOddNumbers(t *testing.T) {
	line := func(n, side string, v any) string {
		return fmt.Sprintf("BenchmarkA/n=%s/sweep=%s 1 %v ns/pid\n", n, side, v)
	}
	for name, text := range map[string]string{
		"zero sizes":     line("0", "walk", 1) + line("0", "list", 2) + line("10", "walk", 1) + line("10", "list", 2),
		"equal sizes":    line("10k", "walk", 1) + line("10k", "list", 2) + line("10000", "walk", 1) + line("10000", "list", 2),
		"huge measures":  line("1", "walk", 1e140) + line("1", "list", 5e-140) + line("2", "walk", 9e149) + line("2", "list", 9e-141),
		"huge sizes":     line("1", "walk", 1) + line("1", "list", 2) + line(strings.Repeat("9", 400), "walk", 1) + line(strings.Repeat("9", 400), "list", 2),
		"yotta and pebi": line("1Y", "walk", 1) + line("1Y", "list", 2) + line("4PiB", "walk", 1) + line("4PiB", "list", 2),
		"one row":        good,
		"long names":     line(strings.Repeat("W", 60_000), "walk", 1) + line(strings.Repeat("W", 60_000), "list", 1),
	} {
		code, out, errs := benchcmp(t.Context(), text, "plot")
		if code != 0 || errs != "" && !strings.HasPrefix(errs, "warning") {
			t.Errorf("%s: exit %d, %s", name, code, errs)
		}
		checkSVG(t, name, out)
	}
}

func TestPlotRefuses(t *testing.T) {
	var many, names strings.Builder
	for i := range 41 {
		many.WriteString(strings.ReplaceAll(good, "A/", fmt.Sprintf("A/n=1/k=x%d/", i)))
		many.WriteString(strings.ReplaceAll(good, "A/", fmt.Sprintf("A/n=2/k=x%d/", i)))
		names.WriteString(strings.ReplaceAll(good, "A/", fmt.Sprintf("A/k=x%d/", i)))
	}
	for _, c := range []struct{ stdin, args, errs string }{
		{"", "plot", "is empty"},
		{good, "plot -side swep", `no key "swep"`},
		{good, "plot -filter .name:B", "matches none"},
		{good, "plot -unit B/op", "there are ns/pid"},
		{good, "plot -alpha 2", "-alpha"},
		{good, "plot -columns 0", "-columns 0"},
		{good, "plot -sort p", "-sort"},
		{good, "plot -o .", "is a folder"},
		{good, "plot -o go.mod", "not an SVG"},
		{good, "plot /nonexistent/file", "/nonexistent/file"},
		{good + "BenchmarkB/sweep=walk-2 1 1 ns/pid\n", "plot", "row benchmark=B has no result with sweep=list"},
		{many.String(), "plot", "41 panels are more than 36"},
		{names.String(), "plot", "41 names on one axis"},
	} {
		atRoot(t)
		code, _, errs := benchcmp(t.Context(), c.stdin, strings.Fields(c.args)...)
		if code != 2 || !strings.Contains(errs, c.errs) {
			t.Errorf("benchcmp %s: exit %d, %q, want %q in it", c.args, code, errs, c.errs)
		}
		t.Chdir(filepath.Join("cmd", "benchcmp"))
	}
}

// TestPlotWritesOver: a picture may be written over a picture, and over nothing else.
func TestPlotWritesOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.svg")
	for range 2 {
		if code, out, errs := benchcmp(t.Context(), good, "plot", "-o", path); code != 0 || out != "" {
			t.Fatalf("exit %d, %s", code, errs)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(text), svgFile.begins) {
		t.Errorf("%.40q, %v", text, err)
	}
	if err := os.WriteFile(path, []byte(good), 0o666); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := benchcmp(t.Context(), good, "plot", "-o", path); code != 2 || !strings.Contains(errs, "exists and is not") {
		t.Errorf("over a run: exit %d, %s", code, errs)
	}
}

// TestPlotAgreesWithCross: the size at which the better side changes is the one that cross tells.
func TestPlotAgreesWithCross(t *testing.T) {
	atRoot(t)
	made := filepath.Join("testdata", "benchcmp", "made.txt")
	_, sheet, _ := benchcmp(t.Context(), "", "cross", made)
	_, svg, _ := benchcmp(t.Context(), "", "plot", made)
	near := regexp.MustCompile(`changes near ([0-9.]+[kM]?)<`).FindAllStringSubmatch(svg, -1)
	if len(near) != 2 {
		t.Fatalf("%d crossings drawn", len(near))
	}
	for _, m := range near {
		if !strings.Contains(sheet, " "+m[1]+" ") {
			t.Errorf("%s is not in\n%s", m[1], sheet)
		}
	}
}

func TestSizeOf(t *testing.T) {
	for s, want := range map[string]float64{"10k": 1e4, "1M": 1e6, "64Ki": 65536, "1.5G": 1.5e9, "7": 7, "2KiB": 2048, "0": 0, "3B": 3} {
		if got, ok := sizeOf(s); !ok || got != want {
			t.Errorf("sizeOf(%q) = %v, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "x", "10kk", "-1", "1e3", strings.Repeat("9", 400)} {
		if got, ok := sizeOf(s); ok {
			t.Errorf("sizeOf(%q) = %v", s, got)
		}
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		s    scale
		want string
	}{
		{scale{log: true, lo: 5, hi: 200}, "5 10 20 50 100 200"},
		{scale{log: true, lo: 1, hi: 1e6}, "1 10 100 1k 10k 100k 1M"},
		{scale{log: true, lo: 1e-9, hi: 1e9}, "1n 1µ 1m 1 1k 1M 1G"},
		{scale{hi: 12}, "0 2 4 6 8 10 12"},
		{scale{hi: 0.3}, "0 0.05 0.1 0.15 0.2 0.25 0.3"},
	} {
		var got []string
		for _, v := range c.s.ticks(7) {
			got = append(got, compact(v))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: got %q, want %s", c.s, got, c.want)
		}
	}
}

// FuzzPictures draws and writes up any bytes: XML or an error, and no markup that is not ours. As for FuzzTable, give
// go test -fuzzminimizetime=10x.
func FuzzPictures(f *testing.F) {
	f.Add([]byte(good), "*", "", "sweep=walk,list", "ns/pid")
	f.Add([]byte(madeRun(1, 1)[:1500]), "n:(10k OR /1.*/) -order:fresh", "n@num,registry", "sweep", "ns/pid")
	f.Add([]byte(hostile()), "*", "", hostileArgs[1], hostileArgs[3])
	f.Add([]byte("BenchmarkA/n=0/s=a 1 1e-320 ns/op\nBenchmarkA/n=9e9Y/s=b 1 1e300 ns/op\n"), "*", "n", "s", "sec/op")
	f.Fuzz(func(t *testing.T, text []byte, filter, row, side, unit string) {
		args := []string{"-filter=" + filter, "-row=" + row, "-side=" + side, "-unit=" + unit}
		code, out, errs := benchcmp(t.Context(), string(text), append([]string{"plot"}, args...)...)
		if code != 0 && code != 2 || code == 0 && out == "" || code == 2 && errs == "" {
			t.Errorf("exit %d, %q, %q", code, out, errs)
		}
		if out != "" {
			checkSVG(t, "fuzzed", out)
		}
		code, out, errs = benchcmp(t.Context(), string(text), append([]string{"report"}, args...)...)
		if code != 0 && code != 2 || code == 2 && errs == "" || out != "" && strings.Count(out, "<script") != 1 {
			t.Errorf("exit %d, %q, %q", code, out, errs)
		}
	})
}
