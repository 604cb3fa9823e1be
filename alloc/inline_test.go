//go:build !pidmap_invariants

package alloc_test

import (
	"os/exec"
	"strings"
	"testing"
)

// Alloc and Free of a Pidmap over a Tree are one call each in most cases: what
// these need of the Tree is inlined.
func TestInlined(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the package")
	}
	out, err := exec.Command("go", "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, f := range []string{"quick", "drop", "quietly"} {
		found := false
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, "pidmap.go") && strings.Contains(line, "inlining call to (*Tree)."+f) {
				found = true
			}
		}
		if !found {
			t.Errorf("(*Tree).%s is not inlined into pidmap.go", f)
		}
	}
}
