package alloc

import (
	"os/exec"
	"strings"
	"testing"
)

// inlined are the helpers of the hot paths, as the compiler names them, that it
// is to inline: a call would cost as much as what they do.
var inlined = []string{
	"above",
	"(*Tree).quick",
	"(*Tree).drop",
	"(*Tree).quietly",
	"(*Tree).noteUsed",
	"(*Tree).near",
	"(*Tree).beside",
	"(*liveTree).takeQuick",
	"(*liveTree).dropQuick",
	"(*Tree).list",
	"(*Sharded).index",
	"(*Sharded).place",
	"(*Table[go.shape.struct {}]).used",
	"(*IDR[go.shape.struct {}]).covers",
}

// TestInlined asks the compiler.
func TestInlined(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skipf("no go command to ask: %v", err)
	}
	out, err := exec.Command("go", "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	said := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		if _, name, ok := strings.Cut(line, ": can inline "); ok {
			said[strings.TrimSpace(name)] = true
		}
	}
	for _, name := range inlined {
		if !said[name] {
			t.Errorf("%s is not inlined, or no longer there", name)
		}
	}
}
