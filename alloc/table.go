package alloc

import (
	"math"
	"math/bits"
	"runtime"
	"slices"
	"unsafe"
)

// Table: a direct table of pids, whose free entries are a queue.
//
// Policy: first in, first out. Alloc hands out the free pid that has been free
// for longest, so that a number rests for as long as the table can let it; a
// new one hands out 1, 2, 3 and so on. Reserved plays no part: a low number
// rests as long as any other, and comes back. AllocAt takes its pid out of the
// middle of the queue.
// Growth: the table doubles, up to Max, when an Alloc finds half of its
// entries in use, and the new pids join the queue's end in ascending order. So
// below Max, and where AllocAt and Undo do not meddle, at least as many other
// numbers are handed out before one comes again as pids are in use, and never
// fewer than 31. It shrinks only where Undo takes back the call that made it
// grow.
// Exhaustion: an empty queue in a table of Max entries: O(1). ErrFull means
// that every pid of [1, Max) is in use. Where the address space is too small
// for a table of Max entries (on 32-bit machines one has up to 1<<27, less with
// a large T), an empty queue in the largest that fits.
// Memory: 8 bytes an entry plus sizeof(T), for 64 entries at the least and at
// most four times the number of pids ever in use at once; but AllocAt needs a
// table up to its pid, which for a pid of 1<<29 is 8 GiB. Empty, before the
// first pid, 8 bytes. While it doubles, the old table and the new.
//
// Bits: of a free pid, links[pid] names its neighbours in the queue; of one in
// use, next is inUse and prev the one it stood behind. Entry 0, no pid's, is the
// queue's two ends: next the first to go out, prev the last that came in.
// NewTable and NewTableOf make one; the zero value is not to be used.
//
// Source: NetBSD's sys/kern/kern_proc.c, and the table proposed in place of
// Linux's IDR in 2018. NetBSD's list is singly linked, has no AllocAt, doubles
// when all but a few entries are in use, and adds a multiple of the table's
// size to a number that comes again; a direct table cannot, and so lets half
// of its numbers rest.
type Table[T any] struct {
	max, reserved PID
	last          PID
	n             int
	links         []link // by pid: as many as the table has entries
	vals          []T    // by pid, as long as links
	growths       []growth
	most          int // entries that the address space holds
	terminating   bool
}

// growth is a call that made the table grow and may still be undone: there has
// been no Free since. They stand in the order in which they happened.
type growth struct {
	by   PID // what it handed out
	from int // how many entries there were
}

// link is an entry of a Table.
type link struct{ next, prev PID }

// inUse, as an entry's next, says that its pid is in use.
const inUse PID = -1

// tableMin is the least number of entries, but for Max and for an empty table.
const tableMin = 64

// tableBytes is what links and vals may each take, so that making them cannot
// panic: less than the address space and more than any machine has.
const tableBytes = min(math.MaxInt, 1<<46)

var (
	_ Allocator = (*Table[struct{}])(nil)
	_ Batcher   = (*Table[struct{}])(nil)
	_ Undoer    = (*Table[struct{}])(nil)
)

// NewTable makes an empty Table that holds nothing beside the pids. It fails
// where l.Normalize does.
func NewTable(l Limits) (*Table[struct{}], error) { return NewTableOf[struct{}](l) }

// NewTableOf makes an empty Table with a T for each pid: an allocator and the
// index from pid to T in one. It fails where l.Normalize does.
func NewTableOf[T any](l Limits) (*Table[T], error) {
	l, err := l.Normalize()
	if err != nil {
		return nil, err
	}
	t := &Table[T]{max: l.Max, reserved: l.Reserved, links: make([]link, 1), vals: make([]T, 1)}
	room := tableBytes
	if runtime.GOARCH == "wasm" { // numbers of 64 bits, addresses of 32
		room = min(room, math.MaxInt32)
	}
	t.most = room / int(max(unsafe.Sizeof(t.links[0]), unsafe.Sizeof(t.vals[0])))
	return t, nil
}

// Alloc hands out the pid that has been free for longest, in O(1) but for the
// call that doubles the table; what it stands for is the zero T. It fails with
// ErrFull or ErrTerminating.
func (t *Table[T]) Alloc() (PID, error) {
	if t.terminating {
		return 0, ErrTerminating
	}
	if 2*t.n >= len(t.links)-1 && len(t.links) < int(t.max) && t.fits(2*len(t.links)) {
		return t.allocGrowing()
	}
	pid := t.links[0].next
	if pid == 0 {
		return 0, ErrFull
	}
	t.claim(pid)
	t.last = pid
	return pid, nil
}

// allocGrowing is Alloc for a table that is to double first.
func (t *Table[T]) allocGrowing() (PID, error) {
	from := len(t.links)
	t.grow(2 * from)
	pid := t.links[0].next
	t.growths = append(t.growths, growth{pid, from})
	t.claim(pid)
	t.last = pid
	return pid, nil
}

// AllocAt hands out pid, and Last stays; in O(1) if the table reaches as far,
// else in the size of one that does. It fails with ErrInUse, ErrRange or
// ErrTerminating, and with ErrUnsupported where a table that reaches as far is
// more than the address space holds, as on 32-bit machines.
func (t *Table[T]) AllocAt(pid PID) error {
	if !t.holds(pid) {
		return ErrRange
	}
	if t.terminating {
		return ErrTerminating
	}
	if int(pid) >= len(t.links) {
		size := 1 << bits.Len32(uint32(pid))
		if !t.fits(size) {
			return ErrUnsupported
		}
		t.growths = append(t.growths, growth{pid, len(t.links)})
		t.grow(size)
	}
	if t.links[pid].next == inUse {
		return ErrInUse
	}
	t.claim(pid)
	return nil
}

// Free takes pid back, to the queue's end, and forgets what it stood for, in
// O(1). It fails with ErrNotInUse or ErrRange.
func (t *Table[T]) Free(pid PID) error {
	err := t.free(pid, t.links[0].prev)
	if err == nil {
		t.growths = t.growths[:0]
	}
	return err
}

// free puts pid into the queue behind prev.
func (t *Table[T]) free(pid, prev PID) error {
	if !t.used(pid) {
		if !t.holds(pid) {
			return ErrRange
		}
		return ErrNotInUse
	}
	var zero T
	t.vals[pid] = zero
	t.n--
	next := t.links[prev].next
	t.links[pid] = link{next, prev}
	t.links[prev].next, t.links[next].prev = pid, pid
	if invariants {
		t.check(pid)
	}
	return nil
}

// Undo takes pid back as if it had not been handed out, to its old place in the
// queue: behind the pid that it stood behind, or at the front where that one
// has been handed out since. last is what Last was before; where another pid
// has been handed out since, Last stays. If the call that handed pid out made
// the table grow, and nobody has touched what came to it since, the table is as
// small as it was again. O(1), but for such a call, where Undo costs what the
// call did. It fails as Free does, and with ErrRange if last is not in [0, Max).
func (t *Table[T]) Undo(pid, last PID) error {
	if last != 0 && !t.holds(last) {
		return ErrRange
	}
	behind := PID(0)
	if t.used(pid) {
		if prev := t.links[pid].prev; t.links[prev].next != inUse {
			behind = prev
		}
	}
	if err := t.free(pid, behind); err != nil {
		return err
	}
	if t.last == pid {
		t.last = last
	}
	t.undoGrowth(pid)
	return nil
}

// undoGrowth takes the growth back that handing out pid, which is free again,
// brought, unless another came after it or the new entries are no longer, in
// ascending order, the queue's end.
func (t *Table[T]) undoGrowth(pid PID) {
	i := slices.IndexFunc(t.growths, func(g growth) bool { return g.by == pid })
	if i < 0 {
		return
	}
	from := t.growths[i].from
	if i != len(t.growths)-1 || !t.endsIn(from) {
		t.growths = t.growths[:0]
		return
	}
	t.growths = t.growths[:i]
	tail := t.links[from].prev
	t.links[tail].next, t.links[0].prev = 0, tail
	t.links, t.vals = slices.Clone(t.links[:from]), slices.Clone(t.vals[:from])
	if invariants {
		t.check(tail)
	}
}

// endsIn tells whether the queue ends in the entries from there on, ascending.
func (t *Table[T]) endsIn(from int) bool {
	at := t.links[0].prev
	for pid := len(t.links) - 1; pid >= from; pid-- {
		if at != PID(pid) {
			return false
		}
		at = t.links[pid].prev
	}
	return true
}

// Next gives the smallest pid in use > after, by looking at every entry in
// between: eight of them are a cache line, so a gap of 10,000 takes
// microseconds where the other structures take nanoseconds.
func (t *Table[T]) Next(after PID) (PID, bool) {
	after = max(after, 0)
	if t.n == 0 || int(after) >= len(t.links) {
		return 0, false
	}
	for i, l := range t.links[after+1:] {
		if l.next == inUse {
			return after + 1 + PID(i), true
		}
	}
	return 0, false
}

// NextN fills dst with the smallest pids in use > after and returns how many.
func (t *Table[T]) NextN(after PID, dst []PID) int {
	after = max(after, 0)
	if t.n == 0 || int(after) >= len(t.links) || len(dst) == 0 {
		return 0
	}
	n := 0
	for i, l := range t.links[after+1:] {
		if l.next == inUse {
			dst[n] = after + 1 + PID(i)
			if n++; n == len(dst) {
				break
			}
		}
	}
	return n
}

// Len is the number of pids in use, in O(1).
func (t *Table[T]) Len() int { return t.n }

// Last is the pid that Alloc handed out last, 0 at first. It says nothing about
// the next.
func (t *Table[T]) Last() PID { return t.last }

// SetLast fails with ErrUnsupported: a queue has no cursor.
func (t *Table[T]) SetLast(PID) error { return ErrUnsupported }

// Limits gives the limits with the defaults filled in. Reserved has no effect.
func (t *Table[T]) Limits() Limits { return Limits{t.max, t.reserved} }

// Terminate shuts the gate, for ever.
func (t *Table[T]) Terminate() { t.terminating = true }

// Terminating tells whether the gate is shut.
func (t *Table[T]) Terminating() bool { return t.terminating }

// Store makes pid stand for v; false if pid is not in use. In O(1).
func (t *Table[T]) Store(pid PID, v T) bool {
	if !t.used(pid) {
		return false
	}
	t.vals[pid] = v
	return true
}

// Load gives what was stored for pid since it was handed out, the zero T if
// nothing was; false, and the zero T, if pid is not in use. In O(1).
func (t *Table[T]) Load(pid PID) (T, bool) {
	if !t.used(pid) {
		var zero T
		return zero, false
	}
	return t.vals[pid], true
}

func (t *Table[T]) holds(pid PID) bool { return pid >= 1 && pid < t.max }

// used tells whether pid is in use, whatever pid is.
func (t *Table[T]) used(pid PID) bool {
	return uint(pid) < uint(len(t.links)) && t.links[pid].next == inUse
}

// claim takes a free pid out of the queue.
func (t *Table[T]) claim(pid PID) {
	l := t.links[pid]
	t.links[l.prev].next = l.next
	t.links[l.next].prev = l.prev
	t.links[pid].next = inUse
	t.n++
	if invariants {
		t.check(pid)
	}
}

// fits tells whether the address space holds a table of size entries, or of Max
// if that is less.
func (t *Table[T]) fits(size int) bool { return min(size, int(t.max)) <= t.most }

// grow makes the table of size entries, not below tableMin and not beyond Max,
// and puts the new pids at the queue's end.
func (t *Table[T]) grow(size int) {
	old, size := PID(len(t.links)), min(max(size, tableMin), int(t.max))
	t.links = extend(t.links, size)
	t.vals = extend(t.vals, size)
	for pid := old; pid < PID(size); pid++ {
		t.links[pid] = link{next: pid + 1, prev: pid - 1}
	}
	tail := t.links[0].prev
	t.links[tail].next, t.links[old].prev = old, tail
	t.links[size-1].next, t.links[0].prev = 0, PID(size-1)
}
