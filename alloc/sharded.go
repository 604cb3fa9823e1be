package alloc

import (
	"fmt"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Sharded: an allocator for many processors.
//
// Policy: [1, Max) is cut into runs of equal length, in ascending order, and
// each run is a shard with a lock, a backend and a cursor of its own. Alloc goes
// to one shard, as sharded_hint.go says, and there takes the smallest free pid
// after the shard's cursor, else the smallest from the shard's first pid (or
// Reserved) up to it; where that shard has none, it takes from another. So the
// order is cyclic per shard, and a number rests for a round of its shard. Free
// and AllocAt go to the shard that owns the pid.
// Exhaustion: an Alloc that has found each shard full by itself holds them all
// at once and looks again; if there is still none it says ErrFull. That is two
// rounds over the shards.
// Memory: 768 to 1,280 bytes a shard and 300 for all, plus what the backends cost:
// the default one 1.04 bits a pid when full, and at the least 416 bytes. Nothing
// that two shards write to shares a pair of cache lines; backends of a factory's
// are as far apart as the factory puts them.
//
// Concurrency: every method is safe for concurrent use. With the default
// backend, Next, NextN and InUse take no lock and wait for nobody; with one from
// a factory they hold the lock of a shard at a time. Alloc, AllocAt and Free
// take effect at one moment, under the lock of the pid's shard. Terminate, Len
// and an Alloc that fails with ErrFull take effect while they hold all. Next
// reads more than one word, so it answers for a span of time: what it gives was
// in use at some moment of the call, and what it passes over was free at some
// moment of the call; a pid that stays is never skipped. Where a backend from a
// factory panics, its shard may stay locked for ever; a deferred unlock would cost.
// NewSharded makes one; the zero value is not to be used.
//
// Source: the allocators of thread caches and Linux's sbitmap (lib/sbitmap.c),
// which hint each processor to a word of its own.
type Sharded struct {
	max, reserved PID
	span          PID    // pids a shard; the last may have fewer
	magic         uint64 // 1<<64/span, rounded up: pid to shard by a multiplication
	shards        []shard
	hints         []hint // see sharded_hint.go; as many as a power of two
	hintShift     uint8
	_             [128]byte
	shut          atomic.Bool   // the gate: set while all shards are held, read while one is
	home          atomic.Uint32 // see sharded_hint.go
	locals        atomic.Uint32 // how many Locals there are
}

// shard is a run, and what keeps the next one 128 bytes away from it, wherever
// the array begins.
type shard struct {
	run
	_ [256 - unsafe.Sizeof(run{})%128]byte
}

// run is the pids in (base, base+end). Within, a pid is what it is less base, so
// that the first is 1. What calls under the lock read and write is in the first 64
// bytes, most of the time; readers, who take none, begin at tree.view.
type run struct {
	mu       sync.Mutex
	last     PID // the cursor; guarded by mu
	base     PID
	by       uint32   // whose Alloc was the last here to be noted, 0 nobody's; guarded by mu
	tree     liveTree // set, if no factory made that, else empty
	end      PID      // exclusive
	reserved PID      // the first pid after a wrap, end if there is none
	set      Backend  // guarded by mu, but for what a liveTree allows
}

// maxShards bounds what a call that holds all of them costs.
const maxShards = 4096

var (
	_ Allocator = (*Sharded)(nil)
	_ Batcher   = (*Sharded)(nil)
)

// NewSharded makes an empty allocator of that many shards, each over a backend
// that f makes; 0 shards means one a processor (GOMAXPROCS), a nil f the default
// backend, which readers need no lock for. A shard but the last has at least 2
// pids, and 64 if the number is left to NewSharded, which makes 4,096 at the most;
// there are fewer of them where Max is too small for as many. It fails where
// l.Normalize or f does, and with ErrRange if shards is not in [0, 4096].
func NewSharded(l Limits, shards int, f Factory) (*Sharded, error) {
	l, err := l.Normalize()
	if err != nil {
		return nil, err
	}
	if shards < 0 || shards > maxShards {
		return nil, fmt.Errorf("pidmap: %d shards: %w", shards, ErrRange)
	}
	span := spanOf(int(l.Max)-1, shards)
	s := &Sharded{max: l.Max, reserved: l.Reserved, span: PID(span), magic: ^uint64(0)/uint64(span) + 1}
	s.shards = make([]shard, (int(l.Max)-2)/span+1)
	hintBits := 6 + bits.Len(uint(len(s.shards)-1))
	s.hints, s.hintShift = make([]hint, 1<<hintBits), uint8(64-hintBits)
	for i := range s.shards {
		base := s.base(i)
		if err := s.shards[i].init(base, min(PID(span), l.Max-1-base)+1, l.Reserved, f); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// spanOf gives the number of pids a shard.
func spanOf(pids, shards int) int {
	least := 2
	if shards == 0 {
		shards, least = min(runtime.GOMAXPROCS(0), maxShards), 64
	}
	return max((pids-1)/shards+1, least)
}

func (h *run) init(base, end, reserved PID, f Factory) (err error) {
	h.base, h.end = base, end
	h.reserved = min(max(reserved-base, 1), end)
	if f == nil {
		h.tree.init(end)
		h.set = &h.tree
		return nil
	}
	h.set, err = newBackend(Limits{Max: end, Reserved: 1}, f)
	return err
}

// next and nextN are the backend's, under the lock if need be; nextN adds base.

func (h *run) next(after PID) (PID, bool) {
	if h.tree.live() {
		return h.tree.Next(after)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.set.Next(after)
}

func (h *run) nextN(after, base PID, dst []PID) int {
	if v := h.tree.view.Load(); v != nil {
		return v.nextN(after, base, dst)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	n := nextN(h.set, after, dst)
	for i := range dst[:n] {
		dst[i] += base
	}
	return n
}

// newBackend makes one and sees that there is one.
func newBackend(l Limits, f Factory) (Backend, error) {
	m, err := New(l, f)
	if err != nil {
		return nil, err
	}
	return m.set, nil
}

// AllocAt hands out pid and moves no cursor. It fails with ErrInUse, ErrRange or
// ErrTerminating.
func (s *Sharded) AllocAt(pid PID) error {
	if !s.holds(pid) {
		return ErrRange
	}
	h := s.owner(pid)
	h.mu.Lock()
	shut := s.shut.Load()
	ok := !shut && h.set.Take(pid-h.base)
	h.mu.Unlock()
	if ok {
		return nil
	}
	if shut {
		return ErrTerminating
	}
	return ErrInUse
}

// Free takes pid back, from whichever goroutine. It fails with ErrNotInUse or
// ErrRange.
func (s *Sharded) Free(pid PID) error {
	if !s.holds(pid) {
		return ErrRange
	}
	h := s.owner(pid)
	h.mu.Lock()
	pid -= h.base
	ok := false
	if t := &h.tree; t.n < t.crowd {
		ok = t.dropQuick(pid)
	} else {
		ok = t.dropCrowded(pid)
	}
	if !ok {
		ok = h.set.Release(pid)
	}
	h.mu.Unlock()
	if !ok {
		return ErrNotInUse
	}
	return nil
}

// Next gives the smallest pid in use > after: in the height of the backend, plus
// a step for each empty shard on the way.
func (s *Sharded) Next(after PID) (PID, bool) {
	for i, from := s.place(after); i < len(s.shards); i, from = i+1, 0 {
		if pid, ok := s.shards[i].next(from); ok {
			return s.base(i) + pid, true
		}
	}
	return 0, false
}

// NextN fills dst with the smallest pids in use > after and returns how many.
func (s *Sharded) NextN(after PID, dst []PID) int {
	n := 0
	for i, from := s.place(after); i < len(s.shards) && n < len(dst); i, from = i+1, 0 {
		n += s.shards[i].nextN(from, s.base(i), dst[n:])
	}
	return n
}

// InUse tells whether pid is in use; of a number that is none it is not. With
// the default backend it is one load and takes no lock.
func (s *Sharded) InUse(pid PID) bool {
	if !s.holds(pid) {
		return false
	}
	i := s.index(pid)
	h, at := &s.shards[i].run, pid-s.base(i)
	if h.tree.live() {
		return h.tree.has(at)
	}
	got, ok := h.next(at - 1)
	return ok && got == at
}

// Len is the number of pids in use at one moment, for which it holds every
// shard.
func (s *Sharded) Len() int {
	s.lockAll()
	defer s.unlockAll()
	n := 0
	for i := range s.shards {
		n += s.shards[i].set.Len()
	}
	return n
}

// Limits gives the limits with the defaults filled in.
func (s *Sharded) Limits() Limits { return Limits{s.max, s.reserved} }

// Terminate shuts the gate of all shards at one moment, while it holds them all:
// an Alloc either came before, and its pid is visible to Next, or gets
// ErrTerminating.
func (s *Sharded) Terminate() {
	s.lockAll()
	s.shut.Store(true)
	s.unlockAll()
}

// Terminating tells whether the gate is shut.
func (s *Sharded) Terminating() bool { return s.shut.Load() }

// lockAll takes every shard's lock, always in ascending order.
func (s *Sharded) lockAll() {
	for i := range s.shards {
		s.shards[i].mu.Lock()
	}
	if invariants {
		s.checkLocked()
	}
}

func (s *Sharded) unlockAll() {
	for i := range s.shards {
		s.shards[i].mu.Unlock()
	}
}

func (s *Sharded) holds(pid PID) bool { return pid >= 1 && pid < s.max }

// owner gives the shard of pid, in [1, Max).
func (s *Sharded) owner(pid PID) *run { return &s.shards[s.index(pid)].run }

// index gives the number of pid's shard, for pid in [1, Max): (pid-1)/span.
func (s *Sharded) index(pid PID) int {
	i, _ := bits.Mul64(s.magic, uint64(pid-1))
	return int(i)
}

// base is that of shard i.
func (s *Sharded) base(i int) PID { return PID(i) * s.span }

// place gives the shard that a search for pids > after begins in, and what to
// search after there; one past the last shard if there can be none.
func (s *Sharded) place(after PID) (int, PID) {
	if after < 1 {
		return 0, 0
	}
	if after >= s.max {
		return len(s.shards), 0
	}
	i := s.index(after)
	return i, after - s.base(i)
}
