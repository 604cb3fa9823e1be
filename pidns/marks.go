package pidns

import (
	"runtime"
	"sync"
	"sync/atomic"

	"example.com/pidmap/alloc"
)

// The ways to mark everybody. A sweep runs (host.beginSweep), so nothing
// changes but marks.

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

// flightSize is how many records are on their way from memory at a time: as
// many as a word has numbers. docs/design.md has 8 to 128 beside each other.
const flightSize = 64

// markBatch follows the numbers in [lo, hi) a flight at a time: the numbers,
// their slots, a prefetch of all the records; and while those are on their way,
// the marks of the flight before. The misses of a flight do not wait for each
// other, as those along a list must.
func (ns *Namespace) markBatch(bits uint32, lo, hi alloc.PID) int {
	s := &ns.host.slab
	var pids [flightSize]alloc.PID
	var flights [2][flightSize]uint32 // slots
	here, n := 0, 0                   // the flight that has arrived, and its size
	marked := 0
	for after, more := lo-1, true; more || n > 0; {
		found := 0
		if more {
			found = ns.set.NextN(after, pids[:])
			more = found == flightSize
			for found > 0 && pids[found-1] >= hi {
				found, more = found-1, false
			}
			if found > 0 {
				after = pids[found-1]
			}
		}
		arrived, ahead := &flights[here], &flights[1-here]
		m, marks := 0, 0
		if ns.direct != nil && found == flightSize && n == flightSize {
			m, marks = s.weave(ns.direct.pages, &pids, arrived, ahead, ns.reaper.slot, bits)
		} else {
			m = ns.gatherSlots(pids[:found], ahead)
			marks = s.markSlots(arrived[:n], ns.reaper.slot, bits)
		}
		marked += marks
		s.fetch(ahead[:m])
		here, n = 1-here, m
	}
	return marked
}

// gatherSlots finds the slots of numbers, and says how many have one.
func (ns *Namespace) gatherSlots(pids []alloc.PID, slots *[flightSize]uint32) int {
	if x, ok := ns.index.(*hash); ok {
		return x.gather(pids, slots)
	}
	n := 0
	for _, pid := range pids {
		if slot := ns.at(pid); slot != 0 {
			slots[n] = slot
			n++
		}
	}
	return n
}

// markSlots marks the records of slots, and says how many.
func (s *slab) markSlots(slots []uint32, reaper, bits uint32) int {
	marked := 0
	for _, slot := range slots {
		if r := s.at(slot); !r.spared(reaper) {
			r.mark(bits)
			marked++
		}
	}
	return marked
}

// weave is gatherSlots and markSlots of two whole flights, a step of each in
// turn: a mark is an atomic operation, and what does not depend on it is done in
// its shadow. It says how many slots it found and how many marks it made. It is
// a function of its own because in a longer one the loop's variables live on the
// stack, and an atomic operation waits for every store before it.
//
//go:noinline
func (s *slab) weave(pages []*[64]uint32, pids *[flightSize]alloc.PID, arrived, ahead *[flightSize]uint32, reaper, bits uint32) (found, marked int) {
	for i, pid := range pids {
		var slot uint32
		if at := uint(pid) >> 6; at < uint(len(pages)) {
			if page := pages[at]; page != nil {
				slot = page[pid&63]
			}
		}
		ahead[found&(flightSize-1)] = slot
		if slot != 0 {
			found++
		}
		if r := s.at(arrived[i]); !r.spared(reaper) {
			r.mark(bits)
			marked++
		}
	}
	return found, marked
}

// closeBytes is within how much memory the hardware sees a whole flight coming.
const closeBytes = 12 << 10

// fetch asks for the records of slots, unless they lie close together, as those
// of tasks in the order of their forks do: asking costs a tenth of the sweep.
func (s *slab) fetch(slots []uint32) {
	if n := len(slots); n > 0 && uintptr(slots[n-1]-slots[0])*s.stride >= closeBytes {
		prefetch(&slots[0], n, &s.chunks[0], s.stride)
	}
}

// partSize is how many numbers one part of a parallel sweep has: some tens of
// microseconds' work where they are all in use, so that the parts even out.
const partSize = 1 << 13

// aWorker is how many tasks make another worker worth its start.
const aWorker = 1 << 11

// markParallel is markBatch on every processor: numbers can be divided, which a
// list cannot be. The parts are handed out as the workers come for them; each
// begins with a number in use, so that empty ones cost nothing, and a few tasks
// no more below a high limit than below a low one.
func (ns *Namespace) markParallel(bits uint32) int {
	var begin, marked atomic.Int64 // begin: every number up to it has been handed out
	work := func() {
		n := 0
		for {
			after := begin.Load()
			first, ok := ns.set.Next(alloc.PID(after))
			if !ok {
				break
			}
			last := first | (partSize - 1)
			if begin.CompareAndSwap(after, int64(last)) {
				n += ns.markBatch(bits, first, last+1)
			}
		}
		marked.Add(int64(n))
	}
	workers := min(runtime.GOMAXPROCS(0), (ns.tasks+aWorker-1)/aWorker)
	var others sync.WaitGroup
	for range workers - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
	return int(marked.Load())
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
		if g == byList {
			slot = h.number(r, ns.level).list.next
		} else {
			slot = h.extra(slot, r, ns.level).leaders.next
		}
		if slot == head {
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
		if slot = h.slab.extra(slot).all.next; slot == h.all {
			return n
		}
	}
}
