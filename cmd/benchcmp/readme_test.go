package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadme refills a copy, finds it fresh, and finds it stale again once a number was touched.
func TestReadme(t *testing.T) {
	atRoot(t)
	source := filepath.Join("testdata", "benchcmp", "readme.md")
	_, out, errs := benchcmp(t.Context(), "", "readme", source)
	if errs != "" && !*update {
		t.Errorf("%s is stale: %s", source, errs)
	}
	golden(t, "readme.md", out)
	path := filepath.Join(t.TempDir(), "README.md")
	empty := "<!-- benchcmp: cross -format md testdata/benchcmp/made.txt -->\r\nold\r\n<!-- /benchcmp -->\nafter"
	if err := os.WriteFile(path, []byte(empty), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flag  string
		code  int
		errs  string
		after func(string) string
	}{
		{"-check", 1, "1 stale block", nil},
		{"-w", 0, "stale: cross", nil},
		{"-check", 0, "", func(s string) string { return strings.Replace(s, "30.1k", "30.2k", 1) }},
		{"-check", 1, "stale: cross", nil},
	} {
		before, _ := os.ReadFile(path)
		code, _, errs := benchcmp(t.Context(), "", "readme", c.flag, path)
		if code != c.code || !strings.Contains(errs, c.errs) {
			t.Errorf("%s: exit %d, want %d; %s", c.flag, code, c.code, errs)
		}
		text, _ := os.ReadFile(path)
		if c.flag == "-check" && string(text) != string(before) {
			t.Error("-check wrote")
		}
		if c.after != nil {
			os.WriteFile(path, []byte(c.after(string(text))), 0o600)
		}
	}
	text, _ := os.ReadFile(path)
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o600 || !strings.HasSuffix(string(text), "<!-- /benchcmp -->\nafter") {
		t.Errorf("mode %v, %q", st.Mode(), text)
	}
}

func TestReadmeRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	for text, want := range map[string]string{
		"<!-- benchcmp: cross x -->\n":                                                 "README.md:1: no <!-- /benchcmp --> ends",
		"\n<!-- /benchcmp -->\n":                                                       "README.md:2: a block that does not begin",
		"<!-- benchcmp: cross x -->\n<!-- benchcmp: cross x -->\n":                     "README.md:2: a block",
		"<!-- benchcmp: cross x\n-->\n":                                                "does not end on its line",
		"<!-- benchcmp: run -bench . -->\n<!-- /benchcmp -->\n":                        "one of table",
		"<!-- benchcmp: -->\n<!-- /benchcmp -->\n":                                     "one of table",
		"<!-- benchcmp: cross 'x -->\n<!-- /benchcmp -->\n":                            "missing end quote",
		"<!-- benchcmp: cross -refine=x y -->\n<!-- /benchcmp -->\n":                   "measures nothing",
		"<!-- benchcmp: table /nonexistent/file -->\n<!-- /benchcmp -->\n":             "/nonexistent/file",
		"```\n<!-- benchcmp: run -->\n```\n<!-- benchcmp: run -->\n<!-- /benchcmp -->": "README.md:4:",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := benchcmp(t.Context(), "", "readme", "-w", path); code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %s", text, code, errs)
		}
		if now, _ := os.ReadFile(path); string(now) != text {
			t.Errorf("%q was changed", text)
		}
	}
	for args, want := range map[string]string{"": "no file", "-w -check x": "exclude", "/nonexistent/file": "/nonexistent/file"} {
		if code, _, errs := benchcmp(t.Context(), "", append([]string{"readme"}, strings.Fields(args)...)...); code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, %s", args, code, errs)
		}
	}
}

// FuzzReadme refills any text: what is refilled once is fresh.
func FuzzReadme(f *testing.F) {
	f.Add("a\n<!-- benchcmp: table -h -->\nb\n<!-- /benchcmp -->\n~~~\n```\n")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "/") && strings.Contains(text, "benchcmp: ") && !strings.Contains(text, "table -h -->") {
			t.Skip("might read files")
		}
		d := &document{path: "x"}
		once, err := d.refill(t.Context(), text)
		if err != nil {
			return
		}
		again := &document{path: "x"}
		if twice, err := again.refill(t.Context(), once); err != nil || twice != once || len(again.stale) > 0 {
			t.Errorf("%v, %q, then %q", err, once, twice)
		}
	})
}
