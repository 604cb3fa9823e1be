package alloc

import (
	"sync/atomic"
	"unsafe"
)

// Which shard an Alloc of a Sharded goes to.
//
// A worker that stays asks for a Local, which remembers a shard. Anybody else's
// shard is looked up by where the caller's stack lies: Go tells no goroutine
// from another, but their stacks are apart, so a hash of the stack's address
// picks one of 64 hints a shard. At first no hint says anything and all follow
// home, the shard that is being filled: a program without contention gets 1, 2,
// 3 and so on up to Max, Last is the pid handed out last, and SetLast moves where
// it goes on. An Alloc that had to wait for its shard, and finds that the last
// Alloc there was another's, goes to the next shard from then on; the other,
// which does not find a trace of it, stays. So goroutines that meet go apart, and
// each takes its pids from a shard of its own. One that had to wait for a Free,
// or for a walk, stays as well: were it to go, pids of both would lie in both
// shards, their Frees would meet the more, and so on. Two goroutines of the same
// hint are taken for one, and share a shard.
// Rejected: a hint per processor by sync.Pool, whose Get and Put cost as much as
// the lock; a random shard each time, which makes every processor pull every
// shard's lines in turn; to take from whichever shard is not locked.

// hint is 1 + the number of a shard, or 0: follow home.
type hint struct{ atomic.Uint32 }

// stackBits is the size of the smallest stack: two goroutines' are never nearer.
const stackBits = 11

// hint gives the caller's.
func (s *Sharded) hint() *hint {
	var here byte
	hash := uint64(uintptr(unsafe.Pointer(&here))>>stackBits) * 0x9e3779b97f4a7c15
	return &s.hints[hash>>s.hintShift]
}

// at gives the shard that h names.
func (s *Sharded) at(h *hint) int {
	if i := h.Load(); i != 0 {
		return int(i - 1)
	}
	return int(s.home.Load())
}

// leave makes h name shard i since the one it named was full; those that follow
// home go along.
func (s *Sharded) leave(h *hint, i int) {
	if h.Load() == 0 {
		s.home.Store(uint32(i))
		return
	}
	h.Store(uint32(i + 1))
}

// Alloc hands out a free pid: of the shard that the caller's hint names, or of
// another if that one is full. It fails with ErrFull or ErrTerminating.
func (s *Sharded) Alloc() (PID, error) {
	hint := s.hint()
	i := s.at(hint)
	h := &s.shards[i].run
	if !h.mu.TryLock() {
		return s.allocWaiting(hint, i)
	}
	pid, err := s.allocLocked(h)
	h.by = hint
	h.mu.Unlock()
	if err == ErrFull {
		return s.allocAnywhere(hint, i)
	}
	return pid, err
}

// allocWaiting is Alloc for one whose shard i is locked; it makes hint name the
// next shard if another's Alloc came before it.
func (s *Sharded) allocWaiting(hint *hint, i int) (PID, error) {
	h := &s.shards[i].run
	h.mu.Lock()
	pid, err := s.allocLocked(h)
	if h.by != nil && h.by != hint {
		hint.Store(uint32((i+1)%len(s.shards) + 1))
	}
	h.mu.Unlock()
	if err == ErrFull {
		return s.allocAnywhere(hint, i)
	}
	return pid, err
}

// allocAnywhere is Alloc for one whose shard i was full: by way of the others in
// turn, then of whichever while it holds all. ErrFull is true only of that
// moment.
func (s *Sharded) allocAnywhere(hint *hint, i int) (PID, error) {
	for k := 1; k < len(s.shards); k++ {
		j := (i + k) % len(s.shards)
		h := &s.shards[j].run
		h.mu.Lock()
		pid, err := s.allocLocked(h)
		h.mu.Unlock()
		if err == nil {
			s.leave(hint, j)
		}
		if err != ErrFull {
			return pid, err
		}
	}
	s.lockAll()
	defer s.unlockAll()
	for j := range s.shards {
		pid, err := s.allocLocked(&s.shards[j].run)
		if err != ErrFull {
			return pid, err
		}
	}
	return 0, ErrFull
}

// allocLocked is Alloc by way of h, which is locked: the smallest free pid after
// the cursor, else from Reserved up to it. ErrFull means that h has none.
func (s *Sharded) allocLocked(h *run) (PID, error) {
	if s.shut.Load() {
		return 0, ErrTerminating
	}
	pid, ok := h.set.TakeFirst(h.last+1, h.end)
	if !ok {
		pid, ok = h.set.TakeFirst(h.reserved, h.last+1)
	}
	if !ok {
		return 0, ErrFull
	}
	h.last = pid
	return h.base + pid, nil
}

// Last is the pid that Alloc handed out last by way of the shard that the
// caller's next Alloc tries first, or what SetLast said; 0 if that shard has
// handed out none. Where no two callers ever met that is the pid handed out
// last, as elsewhere.
func (s *Sharded) Last() PID { return s.lastOf(s.at(s.hint())) }

func (s *Sharded) lastOf(i int) PID {
	h := &s.shards[i].run
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.last == 0 {
		return 0
	}
	return h.base + h.last
}

// Cursors gives what Last is by way of each shard, ascending, and leaves out the
// shards that have handed out nothing.
func (s *Sharded) Cursors() []PID {
	var cursors []PID
	for i := range s.shards {
		if last := s.lastOf(i); last != 0 {
			cursors = append(cursors, last)
		}
	}
	return cursors
}

// SetCursors makes a Sharded with the limits and the number of shards of
// another, whose Last and Cursors are given, go on in every shard as that one
// does. Where the shards are others, each takes the highest cursor that lies in
// it, but for last, which comes before all. It holds every shard. It fails with
// ErrRange if last is not in [0, Max) or a cursor not in [1, Max).
func (s *Sharded) SetCursors(last PID, cursors []PID) error {
	if last != 0 && !s.holds(last) {
		return ErrRange
	}
	for _, pid := range cursors {
		if !s.holds(pid) {
			return ErrRange
		}
	}
	s.lockAll()
	defer s.unlockAll()
	for i := range s.shards {
		s.shards[i].last = 0
	}
	for _, pid := range cursors {
		h := s.owner(pid)
		h.last = max(h.last, pid-h.base)
	}
	if last != 0 {
		h := s.owner(last)
		h.last = last - h.base
		s.settle(s.index(last))
		return nil
	}
	for i := range s.shards { // Last is 0: go on in a shard of which that is so
		if s.shards[i].last == 0 {
			s.settle(i)
			break
		}
	}
	return nil
}

// settle makes every caller follow home, and home shard i.
func (s *Sharded) settle(i int) {
	s.home.Store(uint32(i))
	for i := range s.hints {
		s.hints[i].Store(0)
	}
}

// SetLast makes the shard of pid, in [0, Max), go on after it, and every caller
// go on there until it meets another; 0 means the first shard from its
// beginning. The cursors of the other shards, and the Locals, stay. It fails
// with ErrRange.
func (s *Sharded) SetLast(pid PID) error {
	i, err := s.setLast(pid)
	if err == nil {
		s.settle(i)
	}
	return err
}

// setLast sets the cursor of pid's shard, and gives the shard's number.
func (s *Sharded) setLast(pid PID) (int, error) {
	if pid != 0 && !s.holds(pid) {
		return 0, ErrRange
	}
	i, last := s.place(pid)
	h := &s.shards[i].run
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = last
	return i, nil
}

// Local gives the same ids by way of one shard first, for a worker that stays:
// the shards in turn, from the first. Its Alloc leaves that shard for another
// only when it is full; its Last is that shard's, and its SetLast moves it to the
// shard of the pid. All else is Sharded's. It is safe for concurrent use.
func (s *Sharded) Local() Allocator {
	l := &local{Sharded: s}
	l.hint.Store((s.locals.Add(1)-1)%uint32(len(s.shards)) + 1)
	return l
}

// local is a Sharded with a hint of its own, never 0.
type local struct {
	*Sharded
	hint hint
	_    [112]byte
}

var (
	_ Allocator = (*local)(nil)
	_ Batcher   = (*local)(nil)
)

// Alloc is Sharded.Alloc by way of the shard that l stays with.
func (l *local) Alloc() (PID, error) {
	i := l.at(&l.hint)
	h := &l.shards[i].run
	h.mu.Lock()
	pid, err := l.allocLocked(h)
	h.by = &l.hint
	h.mu.Unlock()
	if err == ErrFull {
		return l.allocAnywhere(&l.hint, i)
	}
	return pid, err
}

// Last is Sharded.Last of that shard.
func (l *local) Last() PID { return l.lastOf(l.at(&l.hint)) }

// SetLast is Sharded.SetLast that moves l alone.
func (l *local) SetLast(pid PID) error {
	i, err := l.setLast(pid)
	if err == nil {
		l.hint.Store(uint32(i + 1))
	}
	return err
}
