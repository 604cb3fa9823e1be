package pidns

import "testing"

// A slot is used again until its generations are used up, and then never: no
// handle comes to stand for somebody else.
func TestGuarantee7_GenerationsRunOut(t *testing.T) {
	everyRegistry(t, func(w *world) {
		task := w.fork(w.init)
		slot := task.slot
		w.ok(task.Exit(0))
		w.reaps(w.init, 2, 0)
		w.root.host.slab.at(slot).word = uint64(^uint32(0)) << 32 // but one
		last := w.fork(w.init)
		if last.slot != slot || last == task {
			w.Fatalf("slot %d, not %d", last.slot, slot)
		}
		w.ok(last.Exit(0))
		w.reaps(w.init, 3, 0)
		next := w.fork(w.init)
		if next.slot == slot || !gone(last) || !gone(task) {
			w.Error("the slot is used again")
		}
		w.check()
	})
}

// What has been made is made again in the same memory: rounds of births and
// deaths, nested ones too, take no more than the first.
func TestMemoryIsUsedAgain(t *testing.T) {
	everyRegistry(t, func(w *world) {
		h := w.root.host
		var slots, spaces, rows int
		for round := range 20 {
			ns, reaper := w.space(w.init)
			_, nested := w.space(reaper)
			for range 50 {
				w.fork(w.thread(w.fork(nested)))
			}
			outside := w.fork(w.init)
			w.ok(outside.Enter(ns))
			w.hold(w.fork(outside))
			w.ok(reaper.Exit(0))
			for _, task := range ns.Tasks() {
				_ = task.Exit(0)
			}
			w.ok(outside.Exit(0))
			for err := error(nil); err == nil; {
				_, _, err = w.init.Wait(ended)
			}
			if w.root.Len() != 1 {
				w.Fatalf("round %d: %d tasks are left", round, w.root.Len())
			}
			n, m, k := int(h.slab.next), len(h.spaces), 0
			for i := range h.uppers {
				k += len(h.uppers[i].rows)
			}
			if round > 0 && (n > slots || m > spaces || k > rows) {
				w.Errorf("round %d: %d slots, %d namespaces, %d numbers above; it was %d, %d, %d", round, n, m, k, slots, spaces, rows)
			}
			slots, spaces, rows = n, m, k
			if len(h.hooks)+len(h.waiters)+len(h.births) != 0 {
				w.Error("something is kept about nobody")
			}
		}
	})
}
