package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// dataLink is what a report links to; what gzip makes of a run may differ between versions of Go.
var dataLink = regexp.MustCompile(`href="data:application/gzip;base64,([^"]*)"`)

func TestReportGolden(t *testing.T) {
	atRoot(t)
	made := filepath.Join("testdata", "benchcmp", "made.txt")
	for name, args := range map[string][]string{
		"report.html.golden":     {made},
		"report-one.html.golden": {"-side", "lists", "-unit", "ns/pair", made},
	} {
		code, out, errs := benchcmp(t.Context(), "", append([]string{"report"}, args...)...)
		if code != 0 || errs != "" {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
		golden(t, name, dataLink.ReplaceAllString(out, `href="…"`))
	}
}

// TestReportHoldsRun: what is downloaded from a report is the run, byte for byte.
func TestReportHoldsRun(t *testing.T) {
	run := madeRun(5, 6)
	code, out, errs := benchcmp(t.Context(), run, "report")
	if code != 0 {
		t.Fatalf("exit %d, %s", code, errs)
	}
	link := dataLink.FindStringSubmatch(out)
	if link == nil {
		t.Fatal("no link")
	}
	packed, err := base64.StdEncoding.DecodeString(html.UnescapeString(link[1]))
	if err != nil {
		t.Fatal(err)
	}
	rd, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(rd); err != nil || string(got) != run {
		t.Errorf("%v; %d bytes of %d", err, len(got), len(run))
	}
	if !strings.Contains(html.UnescapeString(out), run) {
		t.Error("the run cannot be read in the page")
	}
}

func TestReportBoundsRun(t *testing.T) {
	c := &copied{label: "a/long name.txt"}
	c.gz = gzip.NewWriter(&c.packed)
	line := []byte(strings.Repeat("x", 99) + "\n")
	for range 2 * maxShown / 100 {
		c.Write(line)
	}
	if p := c.page(); len(p.Text) > maxShown || !strings.HasSuffix(p.Text, "x\n") || !strings.Contains(p.Summary, "first 2621 lines") || p.File != "long-name.txt.gz" || p.Link == "" {
		t.Errorf("%d bytes, %q, %q", len(p.Text), p.Summary, p.File)
	}
	c.full = true
	if p := c.page(); p.Link != "" || p.Cut == "" {
		t.Errorf("link %q, %q", p.Link, p.Cut)
	}
}

// TestReportAnswers: a run of a sweep is answered by the sentence that sweep prints, any other by counts.
func TestReportAnswers(t *testing.T) {
	_, out, _ := benchcmp(t.Context(), madeRun(1, 10), "report")
	text := html.UnescapeString(regexp.MustCompile(`</?span>`).ReplaceAllString(out, ""))
	if want := "after churn, on tree+table the list is 1.11 times cheaper at 10k"; !strings.Contains(text, want) || !strings.Contains(text, "keeping the list makes") {
		t.Errorf("no %q", want)
	}
	_, out, _ = benchcmp(t.Context(), madeRun(1, 10), "report", "-filter", ".name:Sweep")
	if want := "Of walk and list, by ns/pid: walk wins in 4 of 16 rows, list wins in "; !strings.Contains(out, want) {
		t.Errorf("no %q", want)
	}
	if _, out, _ = benchcmp(t.Context(), good, "report"); !strings.Contains(out, "there are too few rounds to tell in the only row.") {
		t.Error("one row is not counted")
	}
}

// TestReportHostileNames: markup in names, units and configuration stays text.
func TestReportHostileNames(t *testing.T) {
	code, out, errs := benchcmp(t.Context(), hostile(), append([]string{"report"}, hostileArgs...)...)
	if code != 0 {
		t.Fatalf("exit %d, %s", code, errs)
	}
	for _, bad := range []string{"<script>alert", "<img", "<b>", `"onload=`, "href=\"javascript"} {
		if strings.Contains(out, bad) {
			t.Errorf("%s got through", bad)
		}
	}
	for _, element := range []string{"<script>", "</script>", "<style>", "</style>", "</body>", "<pre ", "</pre>"} {
		if n := strings.Count(out, element); n != 1 {
			t.Errorf("%d times %s", n, element)
		}
	}
}

// TestCommandDrivesNoBrowser: only the tests do.
func TestCommandDrivesNoBrowser(t *testing.T) {
	out, err := goCommand(t.Context(), "list", "-deps", ".")
	if err != nil || strings.Contains(out, "chromedp") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestReportRefuses(t *testing.T) {
	atRoot(t)
	for _, c := range []struct{ stdin, args, errs string }{
		{"", "report", "is empty"},
		{good, "report -side swep", `no key "swep"`},
		{good, "report -unit B/op", "there are ns/pid"},
		{good, "report -columns 2", "-columns"},
		{good, "report -o .", "is a folder"},
		{good, "report -o go.mod", "not an HTML report"},
		{good, "report -o nowhere/a.html", "nowhere"},
		{good + "--- FAIL: BenchmarkA\nFAIL\n", "report", "the run it records failed"},
		{good + "BenchmarkB/sweep=walk-2 1 1 ns/pid\n", "report", "row benchmark=B has no result with sweep=list"},
	} {
		code, _, errs := benchcmp(t.Context(), c.stdin, strings.Fields(c.args)...)
		if code == 0 || !strings.Contains(errs, c.errs) {
			t.Errorf("benchcmp %s: exit %d, %q, want %q in it", c.args, code, errs, c.errs)
		}
	}
}

// TestReportManyRows: what is not shown is counted.
func TestReportManyRows(t *testing.T) {
	var b strings.Builder
	for i := range maxRowsShown + 5 {
		b.WriteString(strings.ReplaceAll(good, "A/", fmt.Sprintf("A/n=%d/k=x%d/", i%2, i)))
	}
	_, out, _ := benchcmp(t.Context(), b.String(), "report")
	for _, want := range []string{"Not shown: 5 more rows", "Not drawn: 1981 more panels"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q", want)
		}
	}
}

// TestSweepBeside: what could not be written after the measuring is refused before it.
func TestSweepBeside(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "a.svg")
	if err := os.WriteFile(taken, []byte(good), 0o666); err != nil {
		t.Fatal(err)
	}
	f := sweepFlags{writeUp: true}
	if _, err := f.beside(filepath.Join(dir, "a.txt")); exitCode(err) != 2 || !strings.Contains(err.Error(), taken) {
		t.Errorf("%v", err)
	}
	if b, err := f.beside(filepath.Join(dir, "b")); err != nil || b.report != filepath.Join(dir, "b.html") || b.chart != filepath.Join(dir, "b.svg") {
		t.Errorf("%+v, %v", b, err)
	}
	f.writeUp = false
	if b, err := f.beside(filepath.Join(dir, "a.txt")); err != nil || b != (beside{}) {
		t.Errorf("%+v, %v", b, err)
	}
}
