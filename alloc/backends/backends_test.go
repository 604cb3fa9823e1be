package backends_test

import (
	"regexp"
	"slices"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
)

func backendNames() []string {
	var names []string
	for _, b := range backends.All() {
		names = append(names, b.Name)
	}
	return names
}

func allocatorNames() []string {
	var names []string
	for _, a := range backends.Allocators() {
		names = append(names, a.Name)
	}
	return names
}

// Names are values of key=value in benchmark names: no '/', no "-digits" at the
// end; and each means one thing.
func TestNames(t *testing.T) {
	form := regexp.MustCompile(`^[a-z]+(\+shared)?$`)
	for _, names := range [][]string{backendNames(), allocatorNames()} {
		for i, name := range names {
			if !form.MatchString(name) {
				t.Errorf("%q is not a name", name)
			}
			if slices.Contains(names[:i], name) {
				t.Errorf("%q stands there twice", name)
			}
		}
	}
}

// Every backend is there as an allocator, alone and behind a mutex.
func TestEveryBackendIsAnAllocator(t *testing.T) {
	names := allocatorNames()
	for _, name := range backendNames() {
		if !slices.Contains(names, name) || !slices.Contains(names, name+"+shared") {
			t.Errorf("%q and %q are not both among the allocators %q", name, name+"+shared", names)
		}
	}
	if names[0] != "tree" {
		t.Errorf("the first allocator is %q, want the default", names[0])
	}
}

// An error comes with an interface that is nil, not with a nil pointer in one.
func TestErrorsComeWithNothing(t *testing.T) {
	bad := alloc.Limits{Max: 1}
	for _, b := range backends.All() {
		if set, err := b.New(bad); set != nil || err == nil {
			t.Errorf("%s: %v, %v", b.Name, set, err)
		}
	}
	for _, a := range backends.Allocators() {
		if m, err := a.New(bad); m != nil || err == nil {
			t.Errorf("%s: %v, %v", a.Name, m, err)
		}
	}
}

// The lists are the caller's: changing one changes no other.
func TestListsAreTheCallers(t *testing.T) {
	backends.All()[0].Name = "changed"
	backends.Allocators()[0].Name = "changed"
	if slices.Contains(backendNames(), "changed") || slices.Contains(allocatorNames(), "changed") {
		t.Error("a changed list was given out again")
	}
}
