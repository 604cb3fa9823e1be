package pidns

import (
	"fmt"
	"syscall"

	"example.com/pidmap/alloc"
)

// batchSize is how many numbers are gathered at a time: those of one word of
// bits.
const batchSize = 64

// Mark is the first half of Signal: it marks every task of ns with sig, the
// reaper's thread group spared, and leaves delivery to Deliver. It gives the
// number of marks: one a task, zombies not counted. It holds off forks, exits
// and reaping for its whole length, and other sweeps not at all. It fails with
// ErrInvalid for an unknown sweep or signal, and with ErrNoList where the
// namespace does not keep what the sweep follows.
func (ns *Namespace) Mark(sweep Sweep, sig syscall.Signal) (int, error) {
	if err := valid(sig); err != nil {
		return 0, err
	}
	return ns.mark(sweep, bit(sig))
}

// Deliver is the second half of Signal: it lets what is pending on the tasks of
// ns take its course.
func (ns *Namespace) Deliver() {
	var after aftermath
	ns.deliverAll(&after)
	ns.host.finish(&after)
}

// Signal sends sig from above to every task of ns but the reaper's thread
// group, and gives the number of marks: Mark, then Deliver. Programs have been
// told, and tasks without one have taken the default action, when it returns.
// It fails as Mark does.
func (ns *Namespace) Signal(sweep Sweep, sig syscall.Signal) (int, error) {
	n, err := ns.Mark(sweep, sig)
	if err == nil {
		ns.Deliver()
	}
	return n, err
}

// mark runs a sweep.
func (ns *Namespace) mark(sweep Sweep, bits uint32) (int, error) {
	if err := ns.keeps(sweep); err != nil {
		return 0, err
	}
	ns.host.beginSweep()
	defer ns.host.endSweep()
	return ns.visit(sweep, bits), nil
}

// visit is a sweep that can be had, between beginSweep and endSweep.
func (ns *Namespace) visit(sweep Sweep, bits uint32) int {
	switch sweep {
	case Batch:
		return ns.markBatch(bits)
	case List:
		return ns.markRing(byList, ns.list, bits)
	case Array:
		return ns.markArray(bits)
	case Leaders:
		return ns.markRing(byLeaders, ns.leaders, bits)
	case Global:
		return ns.markGlobal(bits)
	default:
		return ns.markWalk(bits)
	}
}

// keeps tells whether a sweep can be had.
func (ns *Namespace) keeps(sweep Sweep) error {
	kept := true
	switch sweep {
	case Walk, Batch:
	case List:
		kept = ns.keepList
	case Array:
		kept = ns.keepArray
	case Leaders:
		kept = ns.keepLeaders
	case Global:
		kept = ns.host.keepAll
	default:
		return fmt.Errorf("pidns: unknown sweep %q: %w", sweep, ErrInvalid)
	}
	if !kept {
		return fmt.Errorf("pidns: sweep %q: %w", sweep, ErrNoList)
	}
	return nil
}

// spared tells whether a sweep leaves r out: it belongs to the reaper's thread
// group, or is dead and gone but for its number.
func (r *record) spared(reaper uint32) bool {
	return r.leader == reaper || r.state == zombie
}

// markWalk follows the numbers, as the patch of 2007 does. A number without a
// task is reserved and not published: publish will look at the gate.
func (ns *Namespace) markWalk(bits uint32) int {
	h, reaper, n := ns.host, ns.reaper.slot, 0
	for pid, ok := ns.set.Next(0); ok; pid, ok = ns.set.Next(pid) {
		slot := ns.at(pid)
		if slot == 0 {
			continue
		}
		if r := h.slab.at(slot); !r.spared(reaper) {
			r.mark(bits)
			n++
		}
	}
	return n
}

// markBatch follows the numbers 64 at a time: first their slots, then a look at
// each record, which brings it in, then the marks. The misses of one step do
// not wait for each other, as those along a list must.
func (ns *Namespace) markBatch(bits uint32) int {
	h, reaper, marked := ns.host, ns.reaper.slot, 0
	var pids [batchSize]alloc.PID
	var slots [batchSize]uint32
	var records [batchSize]*record
	for n, after := batchSize, alloc.PID(0); n == batchSize; after = pids[batchSize-1] {
		n = ns.set.NextN(after, pids[:])
		for i, pid := range pids[:n] {
			slots[i] = ns.at(pid)
		}
		m := 0
		for _, slot := range slots[:n] {
			if slot != 0 {
				records[m] = h.slab.at(slot)
				m++
			}
		}
		k := 0
		for _, r := range records[:m] {
			records[k] = r
			if !r.spared(reaper) {
				k++
			}
		}
		for _, r := range records[:k] {
			r.mark(bits)
		}
		marked += k
	}
	return marked
}

// markRing follows the list of the namespace's tasks, or of its leaders.
func (ns *Namespace) markRing(g ring, head uint32, bits uint32) int {
	h, reaper, n := ns.host, ns.reaper.slot, 0
	if head == 0 {
		return 0
	}
	for slot := head; ; {
		r := h.slab.at(slot)
		if !r.spared(reaper) {
			r.mark(bits)
			n++
		}
		if slot = h.number(r, ns.level).links[g-byList].next; slot == head {
			return n
		}
	}
}

// markArray follows the dense array of the namespace's tasks.
func (ns *Namespace) markArray(bits uint32) int {
	h, reaper, n := ns.host, ns.reaper.slot, 0
	for _, slot := range ns.array {
		if r := h.slab.at(slot); !r.spared(reaper) {
			r.mark(bits)
			n++
		}
	}
	return n
}

// markGlobal follows the list of everybody on the host, as Linux's kill(-1)
// does, and leaves strangers out.
func (ns *Namespace) markGlobal(bits uint32) int {
	h, reaper, n := ns.host, ns.reaper.slot, 0
	if h.all == 0 {
		return 0
	}
	for slot := h.all; ; {
		r := h.slab.at(slot)
		if h.inside(r, ns) && !r.spared(reaper) {
			r.mark(bits)
			n++
		}
		if slot = r.links[byAll].next; slot == h.all {
			return n
		}
	}
}

// each calls f for every published task of ns, in order of the numbers. A sweep
// runs, or host.mu is held.
func (ns *Namespace) each(f func(slot uint32, r *record)) {
	for pid, ok := ns.set.Next(0); ok; pid, ok = ns.set.Next(pid) {
		if slot := ns.at(pid); slot != 0 {
			f(slot, ns.host.slab.at(slot))
		}
	}
}
