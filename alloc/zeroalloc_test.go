package alloc_test

import (
	"strings"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
)

// After warm-up, Alloc, Free, Next and NextN allocate nothing, whether they
// succeed or fail. Roaring is left out: the library changes the kind of its
// containers as they fill.
func TestNoAllocationsAfterWarmUp(t *testing.T) {
	for _, a := range backends.Allocators() {
		if strings.HasPrefix(a.Name, "roaring") {
			continue
		}
		t.Run(a.Name, func(t *testing.T) { noAllocations(t, a) })
	}
}

func noAllocations(t *testing.T, a backends.Allocator) {
	m, err := a.New(alloc.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for { // warm-up: every pid once, and then a third free
		if _, err := m.Alloc(); err != nil {
			break
		}
	}
	for pid := alloc.PID(3); pid < alloc.DefaultMax; pid += 3 {
		if err := m.Free(pid); err != nil {
			t.Fatal(err)
		}
	}
	var buf [64]alloc.PID
	var at alloc.PID
	for name, call := range map[string]func(){
		"Alloc and Free": func() {
			pid, _ := m.Alloc()
			_ = m.Free(pid)
		},
		"AllocAt and Free": func() {
			_ = m.AllocAt(3000)
			_ = m.Free(3000)
		},
		"Next": func() { at, _ = m.Next(at) },
		"NextN": func() {
			if b, ok := m.(alloc.Batcher); ok {
				b.NextN(at, buf[:])
			}
		},
		"what fails": func() {
			_ = m.Free(0)
			_ = m.Free(3001)
			_ = m.AllocAt(1)
			_ = m.SetLast(-1)
		},
	} {
		if n := testing.AllocsPerRun(2000, call); n != 0 {
			t.Errorf("%s: %v allocations a call", name, n)
		}
	}
	for ; err == nil; _, err = m.Alloc() {
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = m.Alloc() }); n != 0 {
		t.Errorf("Alloc of a full map: %v allocations a call", n)
	}
}
