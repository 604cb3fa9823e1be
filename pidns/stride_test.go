package pidns

import (
	"context"
	"errors"
	"testing"
	"unsafe"
)

// The distance in memory is what was asked for, and nothing else changes.
func TestStride(t *testing.T) {
	for stride, want := range map[int]uintptr{0: 96, 64: 64, 96: 96, 256: 256, 1024: 1024} {
		ns, err := New(Config{Stride: stride, Lists: keepAll})
		if err != nil {
			t.Fatal(err)
		}
		a, err := ns.Reaper().Fork()
		if err != nil {
			t.Fatal(err)
		}
		b, err := ns.Reaper().Fork()
		if err != nil {
			t.Fatal(err)
		}
		slab := &ns.host.slab
		got := uintptr(unsafe.Pointer(slab.at(b.slot))) - uintptr(unsafe.Pointer(slab.at(a.slot)))
		if got != want {
			t.Errorf("Stride %d: two tasks in a row are %d bytes apart, want %d", stride, got, want)
		}
		for range 3 * chunkSize {
			if _, err := b.Fork(); err != nil {
				t.Fatal(err)
			}
		}
		for _, sweep := range sweeps {
			if err := ns.Zap(context.Background(), sweep); err != nil {
				t.Errorf("Stride %d: zap by %s: %v", stride, sweep, err)
			}
		}
		if ns.Len() != 1 {
			t.Errorf("Stride %d: %d tasks left after the zap", stride, ns.Len())
		}
	}
}

func TestStrideRefused(t *testing.T) {
	for _, stride := range []int{-96, 1, 32, 63, 80, 97, 100, 65 << 10} {
		if _, err := New(Config{Stride: stride}); !errors.Is(err, ErrInvalid) {
			t.Errorf("Stride %d: %v, want ErrInvalid", stride, err)
		}
	}
	ns, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ns.Reaper().ForkNamespace(Config{Stride: 256}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a nested namespace with a stride: %v, want ErrInvalid", err)
	}
	if ns.Len() != 1 || ns.Last() != 1 {
		t.Errorf("the refused fork left %d tasks, Last %d", ns.Len(), ns.Last())
	}
}

// Lists that only a namespace below keeps get their room when it comes, for
// those who are there already too.
func TestListsBelow(t *testing.T) {
	everyRegistry(t, func(w *world) {
		root, err := New(Config{Registry: w.cfg.Registry})
		w.ok(err)
		w.root, w.init = root, root.Reaper()
		for range chunkSize {
			w.fork(w.init)
		}
		outer := w.must(w.init.ForkNamespace(Config{Registry: w.cfg.Registry}))
		old := w.fork(outer)
		inner := w.must(outer.ForkNamespace(Config{Registry: w.cfg.Registry, Lists: []Sweep{Array, Leaders}}))
		if got := w.root.host.slab.stride; got != recordSize {
			w.Fatalf("stride %d, want %d", got, recordSize)
		}
		for range 2 * chunkSize {
			w.thread(w.fork(inner))
		}
		w.check()
		for _, sweep := range []Sweep{Array, Leaders, Array} {
			if n, err := inner.Namespace().Mark(sweep, sigKill); err != nil || n < 2*chunkSize {
				w.Errorf("%s: %d marks, %v", sweep, n, err)
			}
		}
		w.ok(inner.Namespace().Zap(forever, Leaders))
		w.check()
		if inner.Namespace().Len() != 1 || dead(old) {
			w.Errorf("%d are left", inner.Namespace().Len())
		}
	})
}
