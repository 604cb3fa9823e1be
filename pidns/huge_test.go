package pidns

import (
	"testing"
	"unsafe"
)

// A slab that has become big grows in whole huge pages, a small one by chunks,
// and no two records lie on each other.
func TestSlabGrows(t *testing.T) {
	everyRegistry(t, func(w *world) {
		cfg := Config{Registry: w.cfg.Registry, Stride: 4096} // so that few tasks are a big slab
		root, err := New(cfg)
		w.ok(err)
		w.root, w.init = root, root.Reaper()
		slab := &root.host.slab
		const few = bigSlab / 4096
		for range few - 2 {
			w.fork(w.init)
		}
		if slab.block != nil || len(slab.chunks) != few/chunkSize {
			w.Errorf("%d chunks for %d records, a block of %d", len(slab.chunks), few, len(slab.block))
		}
		for range 3*few - 1 {
			w.fork(w.init)
		}
		if at := uintptr(unsafe.Pointer(slab.at(few))); at%hugePage != 0 {
			w.Errorf("the first of a block lies at %x", at)
		}
		if most := (few + 3*few) * 5 / 4 / chunkSize; len(slab.chunks) > most {
			w.Errorf("%d chunks, want at most %d", len(slab.chunks), most)
		}
		seen := map[*record]bool{}
		for pid, task := range root.Tasks() {
			r := slab.at(task.slot)
			if seen[r] || r.own.pid != pid {
				w.Fatalf("pid %d has the record of pid %d", pid, r.own.pid)
			}
			seen[r] = true
		}
		w.zap(root)
		w.check()
	})
}

// A block is whole huge pages, of zeros.
func TestHugeBlock(t *testing.T) {
	for _, size := range []int{1, hugePage - 1, hugePage, hugePage + 1, 3 * hugePage} {
		block := hugeBlock(size)
		want := (size + hugePage - 1) / hugePage * hugePage
		if got := len(block) * 8; got != want || uintptr(unsafe.Pointer(&block[0]))%hugePage != 0 {
			t.Errorf("%d bytes: %d at %p", size, got, &block[0])
		}
		for i, word := range block {
			if word != 0 {
				t.Fatalf("%d bytes: word %d is %x", size, i, word)
			}
			block[i] = 1
		}
	}
}
