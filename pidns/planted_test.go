package pidns

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"example.com/pidmap/alloc"
)

// plants are wrong steps, a guarantee's each, that the weave must catch: most
// of them are how some kernel once did it.
var plants = []struct {
	name  string
	fault func(h *host) *faults
}{
	{"1: the gate is tested and the lock let go before publication", gateTestedEarly},
	{"1: the gate is tested at the innermost level only", gateTestedInside},
	{"1: the gate is not tested again after the reservation", gateNotTestedAgain},
	{"1: found by number first and put on the lists later", listedLate},
	{"2: the rollback frees the innermost number at every level", rollbackOfTheWrongLevel},
	{"2: the rollback stops a level early", rollbackTooShort},
	{"2: the rollback leaves Last", rollbackWithoutLast},
	{"2: the rollback keeps the record", rollbackWithoutRecord},
	{"3: the zap ends when a walk finds nobody", completionByWalk},
	{"3: the zap waits for a count of one", completionByOne},
	{"4: nested reapers are immune from above", sparing(nestedReaper)},
	{"4: threads whose leader is dead are not found", sparing(deadLeader)},
	{"4: children of a parent outside are left to it", sparing(parentOutside)},
	{"4: orphans of a subreaper are left to it", sparing(underSubreaper)},
	{"4: children do not reap themselves", shutWithoutReaping},
	{"5: a reaper's exit leaves the gate open", exitWithoutGate},
	{"5: a reaper's exit kills nobody", exitWithoutSweep},
	{"5: a reaper is a zombie at once", zombieAtOnce},
	{"6: a zap leaves nested namespaces alone", sparing(nested)},
}

// Each planted fault is caught within some rounds. A plant that is not shows
// that the weave has gone blind on that side.
func TestPlanted(t *testing.T) {
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { caught(t, &weave{plant: p.fault}) })
		})
	}
	none := func(*host) *faults { return &faults{} }
	// No step holds this one.
	t.Run("7: a slot's next task has the same handle", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { caught(t, &weave{plant: none, each: oldGenerations}) })
	})
	// Needs numbers that come again soon, and sweeps that kill without an end.
	t.Run("7: who has been killed is told by number", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			caught(t, &weave{storm: storm{most: 10}, plant: killedByNumber, each: func(s *weave) {
				if s.r.IntN(8) == 0 {
					_, _ = s.pickSpace(s.r).Signal(Walk, sigKill)
				}
			}})
		})
	})
	t.Run("6: a nested reaper's exit waits for its namespace", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := bareWorld(t, TreeTable, Walk)
			emptied := make(chan struct{})
			w.fault(&faults{visit: func(ns *Namespace, _ Sweep, bits uint32) int {
				defer func() { <-emptied }()
				return ns.markWalk(bits)
			}})
			exit, held := w.nestedExit()
			if !exit.waits() {
				t.Error("not caught")
			}
			close(emptied)
			w.ok(<-exit)
			w.ok(held.Exit(0))
		})
	})
}

// caught plays rounds like s, each on a host of its own, until one fails.
func caught(t *testing.T, like *weave) {
	const most = 2000
	seed := drawSeed(t)
	for round := range most {
		s := &weave{plant: like.plant, each: like.each, r: rand.New(rand.NewPCG(seed, uint64(round)))}
		s.w = bareWorld(t, TreeTable, sweeps[round%len(sweeps)])
		s.alone, s.registry, s.most = true, TreeTable, like.most
		if err := s.run(150); err != nil {
			t.Logf("caught in round %d: %.120v", round+1, err)
			return
		}
	}
	t.Errorf("not caught in %d rounds", most)
}

// gates is an allocator that is open whatever its gate says.
type gates struct{ *alloc.Pidmap }

func (gates) Terminating() bool { return false }

// ungated does f as if the gates from ns up to, and not including, stop were
// open.
func ungated(ns, stop *Namespace, f func() error) error {
	if ns == stop {
		return f()
	}
	old := ns.pids
	pidmap := old.(*alloc.Pidmap)
	ns.pids, ns.pidmap = gates{pidmap}, nil
	defer func() { ns.pids, ns.pidmap = old, pidmap }()
	return ungated(ns.parent, stop, f)
}

func gateTestedEarly(h *host) *faults {
	return &faults{publish: func(slot uint32, r *record, by Task, b birth) error {
		if err := b.space.open(); err != nil {
			return err
		}
		h.breathe()
		return ungated(b.space, nil, func() error { return h.publish(slot, r, by, &b) })
	}}
}

func gateTestedInside(h *host) *faults {
	return &faults{publish: func(slot uint32, r *record, by Task, b birth) error {
		return ungated(b.space.parent, nil, func() error { return h.publish(slot, r, by, &b) })
	}}
}

func gateNotTestedAgain(h *host) *faults {
	return &faults{publish: func(slot uint32, r *record, by Task, b birth) error {
		return ungated(b.space, nil, func() error { return h.publish(slot, r, by, &b) })
	}}
}

// listedLate lets the lock go when a task can be found by number, and a list
// sweep does not come by it.
func listedLate(h *host) *faults {
	late := map[uint32]bool{}
	f := sparing(func(ns *Namespace, slot uint32, _ *record) bool { return late[slot] })(h)
	f.publish = func(slot uint32, r *record, by Task, b birth) error {
		if err := h.publish(slot, r, by, &b); err != nil {
			return err
		}
		late[slot] = true
		h.breathe()
		delete(late, slot)
		return nil
	}
	return f
}

func rollbackOfTheWrongLevel(h *host) *faults {
	return &faults{unreserve: func(slot uint32, inner, stop *Namespace) {
		r := h.slab.at(slot)
		for ns := inner; ns != stop; ns = ns.parent {
			_ = ns.pids.Free(r.own.pid)
		}
		h.giveBack(slot, r)
	}}
}

func rollbackTooShort(h *host) *faults {
	return rollback(h, func(ns, stop *Namespace, n *number) {
		if ns.parent != stop {
			_ = ns.pids.(alloc.Undoer).Undo(n.pid, alloc.PID(n.chain))
		}
	}, h.giveBack)
}

func rollbackWithoutLast(h *host) *faults {
	return rollback(h, func(ns, _ *Namespace, n *number) { _ = ns.pids.Free(n.pid) }, h.giveBack)
}

func rollbackWithoutRecord(h *host) *faults {
	return rollback(h, func(ns, _ *Namespace, n *number) { _ = ns.pids.(alloc.Undoer).Undo(n.pid, alloc.PID(n.chain)) },
		func(uint32, *record) {})
}

func rollback(h *host, free func(ns, stop *Namespace, n *number), giveBack func(slot uint32, r *record)) *faults {
	return &faults{unreserve: func(slot uint32, inner, stop *Namespace) {
		r := h.slab.at(slot)
		for ns := inner; ns != stop; ns = ns.parent {
			free(ns, stop, h.number(r, ns.level))
		}
		giveBack(slot, r)
	}}
}

func completionByWalk(*host) *faults {
	return &faults{isEmpty: func(ns *Namespace) bool {
		found := false
		ns.each(func(_ uint32, r *record) { found = found || ns.gone || r.leader != ns.reaper.slot })
		return !found
	}}
}

func completionByOne(*host) *faults {
	return &faults{isEmpty: func(ns *Namespace) bool { return ns.pids.Len() <= 1 }}
}

// sparing is a sweep that leaves somebody out.
func sparing(whom func(ns *Namespace, slot uint32, r *record) bool) func(h *host) *faults {
	return func(h *host) *faults {
		return &faults{visit: func(ns *Namespace, _ Sweep, bits uint32) int {
			n := 0
			ns.each(func(slot uint32, r *record) {
				if !r.spared(ns.reaper.slot) && !whom(ns, slot, r) {
					r.mark(bits)
					n++
				}
			})
			return n
		}}
	}
}

func nestedReaper(ns *Namespace, _ uint32, r *record) bool {
	return r.leader == ns.host.spaces[r.space].reaper.slot
}

func nested(ns *Namespace, _ uint32, r *record) bool { return r.space != ns.id }

func deadLeader(ns *Namespace, _ uint32, r *record) bool {
	return ns.host.slab.at(r.leader).state == deadFront
}

func parentOutside(ns *Namespace, _ uint32, r *record) bool {
	h := ns.host
	return !h.inside(h.slab.at(h.parentOf(h.slab.at(r.leader))), ns)
}

func underSubreaper(ns *Namespace, _ uint32, r *record) bool {
	h := ns.host
	parent := h.slab.at(h.parentOf(h.slab.at(r.leader)))
	return parent.flags&subreaper != 0 && h.inside(parent, ns)
}

func shutWithoutReaping(*host) *faults {
	return &faults{shut: func(ns *Namespace) { ns.pids.Terminate() }}
}

func exitWithoutGate(h *host) *faults {
	f := &faults{}
	f.shut = func(ns *Namespace) {
		if ns.reaper.record().state == exiting {
			h.reapAll(ns.reaper.slot)
			return
		}
		ns.pids.Terminate()
		h.wakeForks()
		h.reapAll(ns.reaper.slot)
	}
	return f
}

func exitWithoutSweep(*host) *faults {
	return &faults{visit: func(ns *Namespace, sweep Sweep, bits uint32) int {
		if r := ns.reaper.record(); r == nil || r.state == exiting {
			return 0
		}
		return ns.markWalk(bits)
	}}
}

func zombieAtOnce(*host) *faults {
	return &faults{isEmpty: func(ns *Namespace) bool {
		r := ns.reaper.record()
		return r != nil && r.state == exiting || ns.left() == 0
	}}
}

func killedByNumber(*host) *faults {
	type who struct {
		ns  *Namespace
		pid alloc.PID
	}
	done := map[who]bool{}
	return &faults{visit: func(ns *Namespace, _ Sweep, bits uint32) int {
		n := 0
		ns.each(func(_ uint32, r *record) {
			w := who{ns, ns.host.number(r, ns.level).pid}
			if r.spared(ns.reaper.slot) || done[w] {
				return
			}
			done[w] = bits&bit(sigKill) != 0
			r.mark(bits)
			n++
		})
		return n
	}}
}

// oldGenerations takes back the new generation of every spare slot.
func oldGenerations(s *weave) {
	h := s.w.root.host
	h.lock()
	defer h.mu.Unlock()
	for _, slot := range h.slab.spare {
		if r := h.slab.at(slot); r.generation() > 1 {
			r.word = 1 << 32
		}
	}
}
