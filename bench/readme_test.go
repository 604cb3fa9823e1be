package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The README's example is compiled and run as its reader would: in a module of
// its own that imports this one from a checkout.
func TestReadmeExample(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	program := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(readme)
	printed := regexp.MustCompile("prints `([^`]+)`").FindSubmatch(readme)
	if program == nil || printed == nil {
		t.Fatal("README.md has no go example, or does not say what it prints")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	module := strings.TrimSpace(run(t, root, "go", "list", "-m"))
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), program[1], 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "go", "mod", "init", "example.com/reader")
	run(t, dir, "go", "mod", "edit", "-replace", module+"="+root, "-require", module+"@v0.0.0")
	if got, want := strings.TrimSpace(run(t, dir, "go", "run", "-mod=mod", ".")), string(printed[1]); got != want {
		t.Errorf("the example prints %q, the README says %q", got, want)
	}
}

// run gives what a command prints.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}
