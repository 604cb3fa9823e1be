// Package nextpidmap walks the pids in use by number, as Linux's next_pidmap
// and find_ge_pid do (kernel/pid.c, 2.6.22 to today).
//
// A walk remembers the number that it has come to and nothing else: no pointer,
// no place in a structure. So it survives any change between two of its steps.
// A pid that stays in use for the length of the walk is seen, once; one that
// comes or goes meanwhile is seen or not; none is seen twice; numbers ascend.
// Over a map that is safe for concurrent use, so is each step of a walk, and no
// lock is held between two steps.
package nextpidmap

import (
	"iter"

	"example.com/pidmap/alloc"
)

// Nexter is what can be walked: every alloc.Backend and alloc.Allocator. Next
// gives the smallest pid in use > after, and false at the end. A walk ends where
// a Nexter gives a number that is not above after.
type Nexter interface {
	Next(after alloc.PID) (alloc.PID, bool)
}

// defaultBatch is the length of the buffer where Batches is given none: the
// pids of one word of bits.
const defaultBatch = 64

// All yields the pids in use, in ascending order: one Next a pid.
func All(m Nexter) iter.Seq[alloc.PID] { return After(m, 0) }

// After yields the pids in use > pid, in ascending order: one Next a pid. Any
// pid is allowed; 0 and below mean from the first.
func After(m Nexter, pid alloc.PID) iter.Seq[alloc.PID] {
	return func(yield func(alloc.PID) bool) {
		at := max(pid, 0)
		for {
			next, ok := m.Next(at)
			if !ok || next <= at || !yield(next) {
				return
			}
			at = next
		}
	}
}

// Batches yields the pids in use, in ascending order, up to len(buf) at a time.
// The batches lie in buf, which is the caller's again at the next step: one of
// length 0 stands for a new one of 64. The pids of one batch are of one moment
// where m's NextN takes effect at one moment. The cost is one NextN a batch
// where m is an alloc.Batcher, else one Next a pid.
func Batches(m Nexter, buf []alloc.PID) iter.Seq[[]alloc.PID] {
	return func(yield func([]alloc.PID) bool) {
		if len(buf) == 0 {
			buf = make([]alloc.PID, defaultBatch)
		}
		at := alloc.PID(0)
		for {
			n := fill(m, at, buf)
			if n == 0 || buf[n-1] <= at || !yield(buf[:n:n]) || n < len(buf) {
				return
			}
			at = buf[n-1]
		}
	}
}

// fill is NextN, by way of Next where m has no other.
func fill(m Nexter, after alloc.PID, dst []alloc.PID) int {
	if b, ok := m.(alloc.Batcher); ok {
		return b.NextN(after, dst)
	}
	for i := range dst {
		pid, ok := m.Next(after)
		if !ok || pid <= after {
			return i
		}
		dst[i], after = pid, pid
	}
	return len(dst)
}

// Split yields the pids in use in parts: disjoint ranges of numbers in ascending
// order, of lengths that differ by one at the most, which together are
// [1, l.Max). So parts can be walked beside each other where m can. Below 1,
// parts is 1; above the number of pids some are empty. Limits that
// alloc.Limits.Normalize refuses have no pids. One Next a pid, and one a part.
func Split(m Nexter, l alloc.Limits, parts int) []iter.Seq[alloc.PID] {
	parts = max(parts, 1)
	seqs := make([]iter.Seq[alloc.PID], parts)
	pids := int64(0)
	if l, err := l.Normalize(); err == nil {
		pids = int64(l.Max) - 1
	}
	for i := range seqs {
		lo := 1 + alloc.PID(pids*int64(i)/int64(parts))
		hi := 1 + alloc.PID(pids*int64(i+1)/int64(parts))
		seqs[i] = between(m, lo, hi)
	}
	return seqs
}

// between yields the pids in use in [lo, hi).
func between(m Nexter, lo, hi alloc.PID) iter.Seq[alloc.PID] {
	return func(yield func(alloc.PID) bool) {
		if lo >= hi {
			return
		}
		for pid := range After(m, lo-1) {
			if pid >= hi || !yield(pid) {
				return
			}
		}
	}
}
