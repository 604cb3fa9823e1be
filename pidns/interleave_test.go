package pidns

import (
	"errors"
	"fmt"
	"testing"

	"example.com/pidmap/alloc"
)

// places gives every way to put three things, in their order, into four places.
func places() [][3]int {
	var all [][3]int
	for a := range 4 {
		for b := a; b < 4; b++ {
			for c := b; c < 4; c++ {
				all = append(all, [3]int{a, b, c})
			}
		}
	}
	return all
}

// The steps of a zap (gate, marks, delivery) come before, in the two pauses of
// and after a birth, in every way there is: of every kind, by whoever can, and
// for the namespace of the birth and the one above. When both have ended there
// is nobody.
func TestGuarantee1_EveryInterleaving(t *testing.T) {
	births := map[string]func(w *world, by Task) (Task, error){
		"Fork":          func(_ *world, by Task) (Task, error) { return by.Fork() },
		"Thread":        func(_ *world, by Task) (Task, error) { return by.Thread() },
		"ForkAt":        func(_ *world, by Task) (Task, error) { return by.ForkAt(30, 31) },
		"ForkNamespace": func(w *world, by Task) (Task, error) { return by.ForkNamespace(w.cfg) },
	}
	every(t, func(w *world) {
		for name, birth := range births {
			for _, forker := range []string{"child", "thread", "reaper", "outside"} {
				for _, at := range places() {
					for level := 1; level <= 2; level++ {
						w.interleave(birth, forker, at, level)
						if w.Failed() {
							w.Fatalf("%s by the %s, zap of level %d in places %d", name, forker, level, at)
						}
					}
				}
			}
		}
	})
}

func (w *world) interleave(birth func(*world, Task) (Task, error), forker string, at [3]int, level int) {
	spaces, reapers := w.chain(600, 600, 600)
	ns := spaces[level]
	by := map[string]func() Task{
		"child":   func() Task { return w.fork(reapers[2]) },
		"thread":  func() Task { return w.thread(w.fork(reapers[2])) },
		"reaper":  func() Task { return reapers[2] },
		"outside": func() Task { task := w.fork(w.init); w.ok(task.Enter(spaces[2])); return task },
	}[forker]()
	steps := []func(){
		func() { w.root.host.lock(); w.root.host.shut(ns); w.root.host.unlock() },
		func() {
			if _, err := ns.mark(w.sweep, bit(sigKill)); err != nil {
				w.Error(err)
			}
		},
		ns.Deliver,
	}
	next := 0
	come := func(place int) {
		for ; next < 3 && at[next] <= place; next++ {
			steps[next]()
		}
	}
	come(0)
	pause := 0
	w.fault(&faults{pause: func() { pause++; come(pause) }})
	child, err := birth(w, by)
	w.fault(nil)
	born := err == nil
	if born && at[0] < 3 {
		w.Errorf("born after the gate was shut: %v", child)
	}
	if !born && !errors.Is(err, alloc.ErrTerminating) && !errors.Is(err, ErrDead) && !errors.Is(err, ErrInvalid) {
		w.Error(err)
	}
	come(3)
	if forker == "outside" {
		for _, _, err := by.Wait(ended); err == nil; _, _, err = by.Wait(ended) {
			continue // its children are its own to wait for
		}
	}
	if err := ns.await(ended); err != nil {
		w.Errorf("born %t: %v", born, err)
	}
	if own := ns.Reaper(); born && !gone(child) && child.Namespace().within(ns) && child.record().leader != own.slot {
		w.Error(fmt.Errorf("pid %d has escaped", child.PID()))
	}
	w.check()
}
