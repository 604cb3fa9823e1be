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

// flightSize is how many records are on their way from memory at a time.
// Measured from 8 to 128: below 16 the last of them are late, above 64 the first
// have left the nearest cache again.
const flightSize = 16

// markBatch follows the numbers in [lo, hi) a flight at a time: the numbers,
// their slots, a prefetch of all the records; and while those are on their way,
// the marks of the flight before. The misses of a flight do not wait for each
// other, as those along a list must. It is one function because calls between
// the steps cost a fifth of the whole.
func (ns *Namespace) markBatch(bits uint32, lo, hi alloc.PID) int {
	h, reaper, marked := ns.host, ns.reaper.slot, 0
	var pids [flightSize]alloc.PID
	var flights [2][flightSize]*record
	here, n := 0, 0 // the flight that has arrived, and its size
	for after, more := lo-1, true; more || n > 0; {
		ahead, m := 1-here, 0
		if more {
			found := ns.set.NextN(after, pids[:])
			more = found == flightSize
			for _, pid := range pids[:found] {
				if pid >= hi {
					more = false
					break
				}
				after = pid
				if slot := ns.at(pid); slot != 0 {
					flights[ahead][m] = h.slab.at(slot)
					m++
				}
			}
			prefetch(&flights[ahead][0], m)
		}
		for _, r := range flights[here][:n] {
			if !r.spared(reaper) {
				r.mark(bits)
				marked++
			}
		}
		here, n = ahead, m
	}
	return marked
}

// partSize is how many numbers one part of a parallel sweep has: some tens of
// microseconds' work where they are all in use, so that the parts even out.
const partSize = 1 << 13

// markParallel is markBatch on every processor: numbers can be divided, which a
// list cannot be. The parts are handed out as the workers come for them.
func (ns *Namespace) markParallel(bits uint32) int {
	limit := ns.config.Limits.Max
	parts := (int(limit) + partSize - 1) / partSize
	var next, marked atomic.Int64
	work := func() {
		n := 0
		for {
			part := next.Add(1) - 1
			if part >= int64(parts) {
				break
			}
			lo := alloc.PID(part * partSize)
			n += ns.markBatch(bits, max(lo, 1), min(lo+partSize, limit))
		}
		marked.Add(int64(n))
	}
	var others sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), parts) - 1 {
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
