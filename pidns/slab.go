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
// Memory: 64 bytes a record, which is a line of the processor's caches, and 16 a
// task for each level above its own. Where somebody on the host keeps a list
// other than List, 20 more at each level (extra).

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
	stopped                     // a leader: the process is, by SIGSTOP, until SIGCONT
	doomed                      // a leader: the whole group goes, and its status is known
	parked                      // a fork of its may be waiting for a thaw
)

// link is a place in a ring: a circular doubly linked list with its head held
// elsewhere.
type link struct{ next, prev uint32 }

// number is what a task is in one namespace.
type number struct {
	list  link      // byList: kept where the namespace keeps it
	pid   alloc.PID // there
	chain uint32    // the next in the chain of the namespace's hash index; before publication: Last to go back to
}

// extra is what a task is in one namespace beside its number, for lists that
// are seldom kept.
type extra struct {
	leaders link   // byLeaders
	all     link   // byAll: at the task's own level
	at      uint32 // place in the namespace's array
}

// record is a task. All but word is guarded by host.mu. The first 24 bytes are
// all that a sweep touches.
type record struct {
	word   uint64 // generation<<32 | pending signals; signal s is bit s-1. Sweeps change it atomically
	state  state
	flags  flags
	level  uint8  // of its namespace
	choose uint8  // the outermost level at which ForkAt may choose for it
	leader uint32 // of its thread group; itself where it leads
	own    number // in its own namespace

	space   uint32 // its namespace: index into host.spaces
	upper   uint32 // its numbers at the levels above: index into host.uppers[level]
	family  uint32 // that it was born into: index into host.families; 0 for threads and the root's reaper
	kids    uint32 // the family of its children, merged into none; 0 where it has had none
	threads uint32 // in a leader: how many threads run
	status  int32  // of the exit
	peers   link   // byThread; of a zombie: next is the one of the same parent that died after it
}

// ring names a ring.
type ring uint8

const (
	byThread  ring = iota // record.peers
	byAll                 // extra.all
	byList                // number.list, at one level
	byLeaders             // extra.leaders, at one level
)

// slab holds the records of one host, stride bytes apart.
type slab struct {
	chunks []unsafe.Pointer // each to chunkSize times stride bytes
	stride uintptr
	spare  []uint32 // slots given back, last in first out
	next   uint32   // the first slot never used
	block  []uint64 // chunks to come

	// What record does not hold, once somebody wants it: behind each record
	// where the stride leaves room, else by itself.
	extras      []unsafe.Pointer
	extraStride uintptr // 0: nobody does
}

// recordSize is the stride where Config asks for no other.
const (
	recordSize = unsafe.Sizeof(record{})
	extraSize  = unsafe.Sizeof(extra{})
)

// at gives a slot's record. The arithmetic stays within the chunk, and a record
// holds no pointer that the collector would have to know of.
func (s *slab) at(slot uint32) *record {
	return (*record)(unsafe.Add(s.chunks[slot>>chunkBits], uintptr(slot&(chunkSize-1))*s.stride))
}

// extra gives what a slot has beside its record.
func (s *slab) extra(slot uint32) *extra {
	return (*extra)(unsafe.Add(s.extras[slot>>chunkBits], uintptr(slot&(chunkSize-1))*s.extraStride))
}

// keepExtras makes room for extras, from now on and for the records there are.
func (s *slab) keepExtras() {
	if s.extraStride != 0 {
		return
	}
	s.extraStride = s.stride
	if s.stride < recordSize+extraSize {
		s.extraStride = extraSize
	}
	for _, chunk := range s.chunks {
		s.addExtras(chunk)
	}
}

func (s *slab) addExtras(chunk unsafe.Pointer) {
	if s.extraStride == s.stride {
		s.extras = append(s.extras, unsafe.Add(chunk, recordSize))
		return
	}
	s.extras = append(s.extras, unsafe.Pointer(&make([]uint32, chunkSize*extraSize/4)[0]))
}

// take gives a slot whose record is all zero but for the generation.
func (s *slab) take() (uint32, *record) {
	if n := len(s.spare); n > 0 {
		slot := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return slot, s.at(slot)
	}
	return s.takeNew()
}

func (s *slab) takeNew() (uint32, *record) {
	if s.next == 0 {
		s.next = 1
	}
	slot := s.next
	s.next++
	if int(slot>>chunkBits) == len(s.chunks) {
		chunk := s.takeChunk()
		s.chunks = append(s.chunks, chunk)
		if s.extraStride != 0 {
			s.addExtras(chunk)
		}
	}
	r := s.at(slot)
	r.word = 1 << 32
	return slot, r
}

// A small slab grows by chunks. From bigSlab on it grows by a quarter at a time,
// in blocks of huge pages, which need fewer entries of the processor's tables:
// the kernel's own slabs lie in its map of all memory, made of such.
const (
	bigSlab  = 4 << 20
	mostHuge = 32 << 20
)

// takeChunk gives the memory of a chunk.
func (s *slab) takeChunk() unsafe.Pointer {
	words := int(chunkSize * s.stride / 8)
	if len(s.block) < words {
		size := len(s.chunks) * words * 8
		if size < bigSlab {
			return unsafe.Pointer(&make([]uint64, words)[0])
		}
		s.block = hugeBlock(min(size/4, mostHuge))
	}
	chunk := unsafe.Pointer(&s.block[0])
	s.block = s.block[words:]
	return chunk
}

// give takes slot back and makes every handle on it stale. A slot whose
// generations are used up is not used again.
func (s *slab) give(slot uint32, r *record) {
	generation := r.generation() + 1
	*r = record{word: uint64(generation) << 32}
	if generation != 0 {
		s.spare = append(s.spare, slot)
	}
}

func (r *record) generation() uint32 { return uint32(atomic.LoadUint64(&r.word) >> 32) }
func (r *record) pending() uint32    { return uint32(atomic.LoadUint64(&r.word)) }

// mark adds signals to the pending ones: what a sweep does to each task.
func (r *record) mark(bits uint32) { atomic.OrUint64(&r.word, uint64(bits)) }

// unmark takes signals away, and says which of them were pending.
func (r *record) unmark(bits uint32) uint32 {
	return uint32(atomic.AndUint64(&r.word, ^uint64(bits))) & bits
}

// number gives what r is at level, at or above its own.
func (h *host) number(r *record, level int) *number {
	if level == int(r.level) {
		return &r.own
	}
	return &h.uppers[r.level].row(r.upper)[level]
}

// extra gives what slot, r, is beside that at level, where the host keeps it.
func (h *host) extra(slot uint32, r *record, level int) *extra {
	if level == int(r.level) {
		return h.slab.extra(slot)
	}
	u := &h.uppers[r.level]
	for len(u.extras) < len(u.rows) {
		u.extras = append(u.extras, extra{})
	}
	return &u.extras[int(r.upper)*u.width+level]
}

// uppers is where tasks of one level keep their numbers at the levels above:
// rows of that many, taken and given back.
type uppers struct {
	width  int
	rows   []number
	extras []extra // beside rows, as far as somebody wanted them
	spare  []uint32
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
