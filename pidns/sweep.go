package pidns

import (
	"fmt"
	"syscall"
)

// batchSize is how many numbers are gathered at a time: those of one word of
// bits.
const batchSize = 64

// Mark is the first half of Signal: it marks every task of ns with sig, the
// reaper's thread group spared, and leaves delivery to Deliver. It gives the
// number of marks: one a task, zombies not counted. It holds off forks, exits
// and reaping for its whole length, and other sweeps not at all. SIGCONT, and what
// stops, cost a walk more, which takes each other's marks away. It fails with
// ErrInvalid for an unknown sweep or signal, and with ErrNoList where the
// namespace does not keep what the sweep follows.
func (ns *Namespace) Mark(sweep Sweep, sig syscall.Signal) (int, error) {
	if err := valid(sig); err != nil {
		return 0, err
	}
	return ns.mark(sweep, bit(sig))
}

// Deliver is the second half of Signal: it lets what is pending on the tasks of
// ns take its course, by number, 64 in one hold of the lock; programs are told
// between two holds.
func (ns *Namespace) Deliver() {
	ns.host.finish(&aftermath{under: &pass{ns: ns, do: (*host).deliver}})
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
	if old := discards(bits); old != 0 {
		ns.each(func(_ uint32, r *record) {
			if !r.spared(ns.reaper.slot) {
				r.unmark(old)
			}
		})
	}
	return ns.visit(sweep, bits), nil
}

// visit is a sweep that can be had, between beginSweep and endSweep.
func (ns *Namespace) visit(sweep Sweep, bits uint32) int {
	if f := ns.host.faults; f != nil && f.visit != nil {
		return f.visit(ns, sweep, bits)
	}
	switch sweep {
	case Batch:
		return ns.markBatch(bits, 1, ns.config.Limits.Max)
	case Parallel:
		return ns.markParallel(bits)
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
	case Walk, Batch, Parallel:
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

// each calls f for every published task of ns, in order of the numbers. A sweep
// runs, or host.mu is held.
func (ns *Namespace) each(f func(slot uint32, r *record)) {
	for pid, ok := ns.set.Next(0); ok; pid, ok = ns.set.Next(pid) {
		if slot := ns.at(pid); slot != 0 {
			f(slot, ns.host.slab.at(slot))
		}
	}
}
