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
// hint are told apart by a tag, and what the hint says is said to one of them.
// Where a shard is full, those that follow home move on for good; who has a shard
// of its own goes by way of another, and comes back when there is room: were it to
// stay there, those that hold nearly all pids would for ever take from either's
// shard, as it comes, and each free what lies in the other's.
// Rejected: a hint per processor by sync.Pool, whose Get and Put cost as much as
// the lock; a random shard each time, which makes every processor pull every
// shard's lines in turn; to take from whichever shard is not locked.

// hint is where those go whose stacks lie at one place: a tag of the place above 32
// bits, for many places have the same hint; 1 + the number of the shard that they
// went away to when their own was full, above 16; 1 + that of their own. It says
// nothing to others, nor to anybody where the lowest 16 bits are 0: follow home.
type hint struct{ atomic.Uint64 }

// caller is what tells one that calls Alloc from another.
type caller struct {
	hint *hint
	tag  uint32
}

// stackBits is the size of the smallest stack: two goroutines' are never nearer.
const stackBits = 11

// caller gives the one that calls.
func (s *Sharded) caller() caller {
	var here byte
	hash := uint64(uintptr(unsafe.Pointer(&here))>>stackBits) * 0x9e3779b97f4a7c15
	return caller{&s.hints[hash>>s.hintShift], uint32(hash)}
}

// at gives the shard that c goes to.
func (s *Sharded) at(c caller) int {
	if own, _ := c.told(); own >= 0 {
		return own
	}
	return int(s.home.Load())
}

// told gives what the hint says to c: c's own shard and the one that it went away
// to, -1 where it does not say.
func (c caller) told() (own, away int) {
	h := c.hint.Load()
	if uint32(h>>32) != c.tag {
		return -1, -1
	}
	return int(h&0xffff) - 1, int(h>>16&0xffff) - 1
}

// stay makes shard own c's, and away, if not -1, the one to go to when that is full.
func (c caller) stay(own, away int) {
	c.hint.Store(uint64(c.tag)<<32 | uint64(away+1)<<16 | uint64(own+1))
}

// Alloc hands out a free pid: of the shard that the caller's hint names, or of
// another if that one is full. It fails with ErrFull or ErrTerminating.
func (s *Sharded) Alloc() (PID, error) {
	c := s.caller()
	i := s.at(c)
	h := &s.shards[i].run
	if !h.mu.TryLock() {
		return s.allocWaiting(c, i)
	}
	pid, err := s.allocLocked(h)
	h.by = c.tag
	h.mu.Unlock()
	if err == ErrFull {
		return s.allocFull(c, i)
	}
	return pid, err
}

// allocWaiting is Alloc for one whose shard i is locked; from then on it goes to
// the next shard if another's Alloc came before it.
func (s *Sharded) allocWaiting(c caller, i int) (PID, error) {
	h := &s.shards[i].run
	h.mu.Lock()
	pid, err := s.allocLocked(h)
	if h.by != 0 && h.by != c.tag {
		c.stay((i+1)%len(s.shards), -1)
	}
	h.mu.Unlock()
	if err == ErrFull {
		return s.allocFull(c, i)
	}
	return pid, err
}

// allocFull is Alloc for one whose shard i was full. Who has a shard of its own
// keeps it; those that follow home go along.
func (s *Sharded) allocFull(c caller, i int) (PID, error) {
	own, away := c.told()
	pid, j, err := s.allocAway(i, away)
	if j < 0 {
		return pid, err
	}
	if own < 0 {
		s.home.Store(uint32(j))
	} else {
		c.stay(own, j)
	}
	return pid, err
}

// allocAway is Alloc for one whose shard i was full: by way of shard away, unless
// that is -1, then of the others in turn, then of whichever while it holds all.
// ErrFull is true only of that moment. It gives the shard too, or -1 where it held all or
// failed.
func (s *Sharded) allocAway(i, away int) (PID, int, error) {
	for k := range len(s.shards) {
		j := (i + k) % len(s.shards)
		if k == 0 {
			j = away
		}
		if j < 0 || k > 0 && j == away {
			continue
		}
		h := &s.shards[j].run
		h.mu.Lock()
		pid, err := s.allocLocked(h)
		h.mu.Unlock()
		if err == nil {
			return pid, j, nil
		}
		if err != ErrFull {
			return 0, -1, err
		}
	}
	s.lockAll()
	defer s.unlockAll()
	for j := range s.shards {
		pid, err := s.allocLocked(&s.shards[j].run)
		if err != ErrFull {
			return pid, -1, err
		}
	}
	return 0, -1, ErrFull
}

// allocLocked is Alloc by way of h, which is locked: the smallest free pid after
// the cursor, else from Reserved up to it. ErrFull means that h has none.
func (s *Sharded) allocLocked(h *run) (PID, error) {
	if s.shut.Load() {
		return 0, ErrTerminating
	}
	pid := PID(0)
	if t := &h.tree; t.n < t.crowd {
		pid = t.takeQuick(h.last + 1)
	} else {
		pid = t.takeCrowded(h.last + 1)
	}
	if pid != 0 {
		h.last = pid
		return h.base + pid, nil
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
func (s *Sharded) Last() PID { return s.lastOf(s.at(s.caller())) }

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
	_, err := s.setCursors(last, cursors)
	return err
}

// setCursors is SetCursors; it gives the shard in which it goes on, -1 where that
// is not told.
func (s *Sharded) setCursors(last PID, cursors []PID) (int, error) {
	if last != 0 && !s.holds(last) {
		return -1, ErrRange
	}
	for _, pid := range cursors {
		if !s.holds(pid) {
			return -1, ErrRange
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
	at := -1
	if last != 0 {
		h := s.owner(last)
		h.last = last - h.base
		at = s.index(last)
	}
	for i := 0; at < 0 && i < len(s.shards); i++ { // Last is 0: go on in the first shard of which that is so
		if s.shards[i].last == 0 {
			at = i
		}
	}
	if at >= 0 {
		s.settle(at)
	}
	return at, nil
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
