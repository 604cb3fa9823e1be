package alloc

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/bits"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// inlined are the helpers of the hot paths, as the compiler names them, that it
// is to inline, and where: a call would cost as much as what they do. Where no
// method is named, one call that is inlined is enough.
var inlined = []struct{ helper, into string }{
	{"(*Tree).quick", "Pidmap.Alloc"},
	{"(*Tree).drop", "Pidmap.Free"},
	{"(*Tree).quietly", "Pidmap.Free"},
	{"(*Tree).near", "Pidmap.Next"},
	{"(*Tree).beside", "Pidmap.Next"},
	{"(*Tree).quick", "Tree.TakeFirst"},
	{"(*Tree).noteUsed", "Tree.crowded"},
	{"(*Tree).list", "Tree.noteDropped"},
	{"above", ""},
	{"(*Sharded).index", ""},
	{"(*Sharded).place", ""},
	{"(*Table[go.shape.struct {}]).used", ""},
	{"(*IDR[go.shape.struct {}]).covers", ""},
}

// inlinedWide are those of words of 64 bits: with 32, each atomic load and store
// of a word costs the compiler more than a helper may.
var inlinedWide = []struct{ helper, into string }{
	{"(*liveTree).takeQuick", ""},
	{"(*liveTree).dropQuick", ""},
}

var inlining = regexp.MustCompile(`(?m)^([^:\n]+\.go):(\d+):\d+: inlining call to (.+)$`)

// TestInlined asks the compiler which calls it inlined: that a helper can be
// inlined does not say that it was.
func TestInlined(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skipf("no go command to ask: %v", err)
	}
	out, err := exec.Command("go", "build", "-tags=", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	methods := methodsByLine(t)
	said := map[struct{ helper, into string }]bool{}
	for _, call := range inlining.FindAllStringSubmatch(string(out), -1) {
		said[struct{ helper, into string }{call[3], ""}] = true
		at := filepath.Base(call[1]) + ":" + call[2] // relative to where go was run the first time
		said[struct{ helper, into string }{call[3], methods[at]}] = true
	}
	wanted := inlined
	if bits.UintSize == 64 {
		wanted = append(wanted, inlinedWide...)
	}
	for _, want := range wanted {
		if !said[want] {
			t.Errorf("%s is not inlined into %q, or no longer there", want.helper, want.into)
		}
	}
}

// methodsByLine gives, for each line of a method as "file:line", its type and name.
func methodsByLine(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	methods, fset := map[string]string{}, token.NewFileSet()
	for _, name := range names {
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			recv := f.Recv.List[0].Type
			if star, ok := recv.(*ast.StarExpr); ok {
				recv = star.X
			}
			for line := fset.Position(f.Pos()).Line; line <= fset.Position(f.End()).Line; line++ {
				methods[name+":"+strconv.Itoa(line)] = fmt.Sprintf("%s.%s", recv, f.Name)
			}
		}
	}
	return methods
}
