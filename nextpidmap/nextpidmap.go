// Package nextpidmap walks the pids in use by number.
//
// A walk remembers the number that it has come to and nothing else: no pointer,
// no place in a structure. So it survives any change between two of its steps.
// A pid that stays in use for the length of the walk is seen, once; one that
// comes or goes meanwhile is seen or not; numbers ascend, and so none is seen
// twice. To see every pid that there will ever be, shut the gate first
// (alloc.Allocator's Terminate) and walk then.
//
// A walk holds no lock between two steps, and may itself change what it walks.
// It is safe beside changes from other goroutines where the map is: over an
// alloc.Shared or alloc.Sharded, but not over an alloc.Pidmap or a bare backend,
// whose caller has the lock. The sequences can be walked again, from the start.
//
// A pid in use may still have no task, since it is taken before its task can be
// found; who looks tasks up by what a walk gives must pass over those.
//
// Source: next_pidmap of kernel/pid.c in Linux 2.6.24 to 4.14, and find_ge_pid
// since. There, the missing clamp of a number near the largest int was
// CVE-2011-1593; here any number may be given.
package nextpidmap

import (
	"iter"

	"example.com/pidmap/alloc"
)

// Nexter is what can be walked: every alloc.Backend and every alloc.Allocator.
// Next gives the smallest pid in use > after, and false at the end. A walk ends
// where a Nexter gives a number that is not above after, so that one that is
// wrong cannot hold it for ever.
type Nexter interface {
	Next(after alloc.PID) (alloc.PID, bool)
}

// defaultBatch is the length of the buffer where Batches is given none: the
// pids of one word of bits.
const defaultBatch = 64

// All yields the pids in use, ascending: one Next a pid, and one for the end.
func All(m Nexter) iter.Seq[alloc.PID] { return After(m, 0) }

// After yields the pids in use > pid, ascending: one Next a pid, and one for the
// end. Any pid is allowed; 0 and below mean from the first. So a walk that was
// broken off at a pid goes on with After that pid.
func After(m Nexter, pid alloc.PID) iter.Seq[alloc.PID] {
	return func(yield func(alloc.PID) bool) {
		for at := max(pid, 0); ; {
			next, ok := m.Next(at)
			if !ok || next <= at || !yield(next) {
				return
			}
			at = next
		}
	}
}

// Batches yields the pids in use, ascending, len(buf) at a time and at the end
// what is left; no batch is empty. A batch lies in buf and is valid until the
// next step; what is done to it changes nothing in the walk. A buf of length 0
// stands for a new one of 64 pids a walk; with any other, one walk at a time.
//
// The cost is one NextN a batch where m is an alloc.Batcher, else one Next a
// pid. Where NextN takes effect at one moment, as alloc.Shared's does, so does a
// batch: the pids in it were in use together.
func Batches(m Nexter, buf []alloc.PID) iter.Seq[[]alloc.PID] {
	nextN := batcher(m)
	return func(yield func([]alloc.PID) bool) {
		dst := buf
		if len(dst) == 0 {
			dst = make([]alloc.PID, defaultBatch)
		}
		for at := alloc.PID(0); ; {
			n := nextN(at, dst)
			if n <= 0 || n > len(dst) || dst[n-1] <= at {
				return
			}
			at = dst[n-1]
			if !yield(dst[:n:n]) || n < len(dst) {
				return
			}
		}
	}
}

// batcher gives m's NextN, or one made of its Next.
func batcher(m Nexter) func(after alloc.PID, dst []alloc.PID) int {
	if b, ok := m.(alloc.Batcher); ok {
		return b.NextN
	}
	return func(after alloc.PID, dst []alloc.PID) int {
		for n := range dst {
			pid, ok := m.Next(after)
			if !ok || pid <= after {
				return n
			}
			dst[n], after = pid, pid
		}
		return len(dst)
	}
}

// Split yields the pids in use in parts, to be walked beside each other where m
// allows that: disjoint ranges of numbers, ascending, of lengths that differ by
// one at the most, which together are [1, l.Max). Each costs one Next a pid, and
// one for its end.
//
// There are as many parts as asked for, but at least one, and no more than l has
// pids. Where to cut is all that l says, and no pid is missed for it: the last
// part goes on to the end of m, whatever l.Max, as next_pidmap looks past a
// pid_max that was lowered; and limits that Normalize refuses are cut nowhere.
func Split(m Nexter, l alloc.Limits, parts int) []iter.Seq[alloc.PID] {
	pids := 1
	if l, err := l.Normalize(); err == nil {
		pids = int(l.Max) - 1
	}
	parts = max(min(parts, pids), 1)
	seqs := make([]iter.Seq[alloc.PID], parts)
	for i := range seqs {
		lo, hi := cut(pids, parts, i), cut(pids, parts, i+1)
		seqs[i] = between(m, lo, hi)
	}
	seqs[parts-1] = After(m, cut(pids, parts, parts-1)-1)
	return seqs
}

// cut gives the first pid of part i: [1, 1+pids) in equal parts.
func cut(pids, parts, i int) alloc.PID {
	return 1 + alloc.PID(int64(pids)*int64(i)/int64(parts))
}

// between yields the pids in use in [lo, hi), ascending.
func between(m Nexter, lo, hi alloc.PID) iter.Seq[alloc.PID] {
	return func(yield func(alloc.PID) bool) {
		for pid := range After(m, lo-1) {
			if pid >= hi || !yield(pid) {
				return
			}
		}
	}
}
