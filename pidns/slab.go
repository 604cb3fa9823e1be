package pidns

import (
	"sync/atomic"
	"unsafe"

	"example.com/pidmap/alloc"
)

// Tasks live in a slab: records in chunks that never move, found by slot and
// told apart by generation. Slot 0 is nobody's, so 0 is the null link. Links
// are slots, not pointers: the collector has nothing to follow, and a record
// that is given back is used again.
//
// Memory: 96 bytes a record, and 28 a task for each level above its own.

const (
	chunkBits = 8
	chunkSize = 1 << chunkBits
)

// state is where a task stands in its life.
type state uint8

const (
	free      state = iota // in the slab's free list
	reserved               // has numbers, not published: nobody finds it
	live                   // runs
	deadFront              // a leader that has exited before its threads
	exiting                // a reaper that waits for its namespace to empty
	zombie                 // waits to be reaped; keeps its numbers
)

// flags say what else is known of a task, beside the record.
type flags uint8

const (
	hooked    flags = 1 << iota // host.hooks has an entry
	awaited                     // host.waiters has an entry
	entered                     // host.births has an entry
	subreaper                   // orphans below it become its children
	killed                      // SIGKILL was delivered: told once
	stopped                     // by SIGSTOP, until SIGCONT
	doomed                      // a leader: the whole group goes, and its status is known
	parked                      // a fork of its may be waiting for a thaw
)

// link is a place in a ring: a circular doubly linked list with its head held
// elsewhere.
type link struct{ next, prev uint32 }

// number is what a task is in one namespace.
type number struct {
	links [2]link   // byList, byLeaders: kept where the namespace keeps them
	pid   alloc.PID // there
	chain uint32    // the next in the chain of the namespace's hash index
	at    uint32    // place in the namespace's array; before publication: Last to go back to
}

// record is a task. All but word is guarded by host.mu. The first 32 bytes are
// all that a sweep touches.
type record struct {
	word   atomic.Uint64 // generation<<32 | pending signals; signal s is bit s-1
	state  state
	flags  flags
	level  uint8 // of its namespace
	_      uint8
	leader uint32 // of its thread group; itself where it leads
	own    number // in its own namespace

	space   uint32  // its namespace: index into host.spaces
	upper   uint32  // its numbers at the levels above: index into host.uppers[level]
	parent  uint32  // leader of the parent process; 0 for the root's reaper
	links   [3]link // bySibling, byThread, byAll
	kids    uint32  // ring of live children's leaders
	zombies uint32  // ring of children to reap, oldest first
	threads uint32  // in a leader: how many threads run
	status  int32   // of the exit
}

// ring names a ring: the first three run through record.links, the others
// through number.links of one level.
type ring uint8

const (
	bySibling ring = iota
	byThread
	byAll
	byList
	byLeaders
)

// slab holds the records of one host, stride bytes apart.
type slab struct {
	chunks []unsafe.Pointer // each to chunkSize times stride bytes
	stride uintptr
	spare  []uint32 // slots given back, last in first out
	next   uint32   // the first slot never used
}

// recordSize is the stride where Config asks for no other.
const recordSize = unsafe.Sizeof(record{})

// at gives a slot's record. The arithmetic stays within the chunk, and a record
// holds no pointer that the collector would have to know of.
func (s *slab) at(slot uint32) *record {
	return (*record)(unsafe.Add(s.chunks[slot>>chunkBits], uintptr(slot&(chunkSize-1))*s.stride))
}

// take gives a slot whose record is all zero but for the generation.
func (s *slab) take() (uint32, *record) {
	if n := len(s.spare); n > 0 {
		slot := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return slot, s.at(slot)
	}
	if s.next == 0 {
		s.next = 1
	}
	slot := s.next
	s.next++
	if int(slot>>chunkBits) == len(s.chunks) {
		words := make([]uint64, chunkSize*s.stride/8)
		s.chunks = append(s.chunks, unsafe.Pointer(&words[0]))
	}
	r := s.at(slot)
	r.word.Store(1 << 32)
	return slot, r
}

// give takes slot back and makes every handle on it stale. A slot whose
// generations are used up is not used again.
func (s *slab) give(slot uint32) {
	r := s.at(slot)
	generation := r.generation() + 1
	*r = record{}
	r.word.Store(uint64(generation) << 32)
	if generation != 0 {
		s.spare = append(s.spare, slot)
	}
}

func (r *record) generation() uint32 { return uint32(r.word.Load() >> 32) }
func (r *record) pending() uint32    { return uint32(r.word.Load()) }

// mark adds signals to the pending ones: what a sweep does to each task.
func (r *record) mark(bits uint32) { r.word.Or(uint64(bits)) }

// unmark takes signals away, and says which of them were pending.
func (r *record) unmark(bits uint32) uint32 {
	return uint32(r.word.And(^uint64(bits))) & bits
}

// number gives what r is at level, at or above its own.
func (h *host) number(r *record, level int) *number {
	if level == int(r.level) {
		return &r.own
	}
	return &h.uppers[r.level].row(r.upper)[level]
}

// uppers is where tasks of one level keep their numbers at the levels above:
// rows of that many, taken and given back.
type uppers struct {
	width int
	rows  []number
	spare []uint32
}

func (u *uppers) row(i uint32) []number {
	return u.rows[int(i)*u.width : int(i+1)*u.width]
}

func (u *uppers) take() uint32 {
	if n := len(u.spare); n > 0 {
		i := u.spare[n-1]
		u.spare = u.spare[:n-1]
		return i
	}
	i := len(u.rows) / u.width
	for range u.width {
		u.rows = append(u.rows, number{})
	}
	return uint32(i)
}

func (u *uppers) give(i uint32) {
	clear(u.row(i))
	u.spare = append(u.spare, i)
}

// link gives slot's place in ring g; level matters to byList and byLeaders.
func (h *host) link(g ring, level int, slot uint32) *link {
	r := h.slab.at(slot)
	if g < byList {
		return &r.links[g]
	}
	return &h.number(r, level).links[g-byList]
}

// push adds slot to the ring at *head, as its last; *head becomes the first.
func (h *host) push(g ring, level int, head *uint32, slot uint32) {
	l := h.link(g, level, slot)
	if *head == 0 {
		*l = link{slot, slot}
		*head = slot
		return
	}
	first := h.link(g, level, *head)
	last := h.link(g, level, first.prev)
	*l = link{next: *head, prev: first.prev}
	last.next = slot
	first.prev = slot
}

// remove takes slot out of the ring at *head.
func (h *host) remove(g ring, level int, head *uint32, slot uint32) {
	l := h.link(g, level, slot)
	next, prev := l.next, l.prev
	*l = link{}
	if next == slot {
		*head = 0
		return
	}
	h.link(g, level, prev).next = next
	h.link(g, level, next).prev = prev
	if *head == slot {
		*head = next
	}
}

// splice moves the whole ring at *from to the end of the ring at *to.
func (h *host) splice(g ring, to, from *uint32) {
	if *from == 0 {
		return
	}
	if *to == 0 {
		*to, *from = *from, 0
		return
	}
	a, b := h.link(g, 0, *to), h.link(g, 0, *from)
	lastA, lastB := a.prev, b.prev
	h.link(g, 0, lastA).next = *from
	h.link(g, 0, lastB).next = *to
	a.prev, b.prev = lastB, lastA
	*from = 0
}
