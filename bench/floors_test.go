package bench

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// floors is where each package of the module stands: it may import those on
// lower floors and no others. What is apart neither imports any nor is imported.
const apart = -1

var floors = map[string]int{
	"alloc":            0,
	"alloc/alloctest":  1,
	"alloc/bitsetmap":  1,
	"alloc/roaringmap": 1,
	"alloc/snapshot":   1,
	"alloc/backends":   2,
	"nextpidmap":       1,
	"pidns":            2,
	"bench":            3,
	"cmd/benchcmp":     apart,
}

// lean are the packages that others import: they compile no dependency.
var lean = []string{"alloc", "nextpidmap", "pidns"}

type listed struct {
	ImportPath                         string
	Module                             struct{ Path string }
	Imports, TestImports, XTestImports []string
	Standard                           bool
}

// packages asks go list about the whole module, its tests not built.
func packages(t *testing.T) (module string, all []listed) {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Module,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		module = p.Module.Path
		all = append(all, p)
	}
	for name := range floors {
		if !slices.ContainsFunc(all, func(p listed) bool { return p.ImportPath == module+"/"+name }) {
			t.Errorf("the floors know package %s, go list does not", name)
		}
	}
	return module, all
}

func TestImportsPointDown(t *testing.T) {
	module, all := packages(t)
	for _, p := range all {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		floor, ok := floors[name]
		if !ok {
			t.Errorf("package %s stands on no floor: give it one here and in docs/design.md", name)
			continue
		}
		imports := p.Imports
		if floor == apart || len(imports) == 0 {
			imports = slices.Concat(p.Imports, p.TestImports, p.XTestImports)
		}
		for _, path := range imports {
			other, ok := strings.CutPrefix(path, module+"/")
			if !ok {
				continue
			}
			if below, ok := floors[other]; !ok || below == apart || below >= floor {
				t.Errorf("%s (floor %d) imports %s (floor %d)", name, floor, other, below)
			}
		}
	}
}

func TestImportedPackagesCompileNoDependency(t *testing.T) {
	module, all := packages(t)
	for _, p := range all {
		if !slices.Contains(lean, strings.TrimPrefix(p.ImportPath, module+"/")) {
			continue
		}
		for _, path := range p.Imports {
			standard := !strings.Contains(strings.Split(path, "/")[0], ".")
			if !standard && !strings.HasPrefix(path, module+"/") && !strings.HasPrefix(path, "golang.org/x/sys/") {
				t.Errorf("%s imports %s: only the standard library and golang.org/x/sys", p.ImportPath, path)
			}
		}
	}
}
