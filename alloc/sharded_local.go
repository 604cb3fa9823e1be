package alloc

import (
	"sync/atomic"
	"unsafe"
)

// Local gives the same ids by way of one shard first, for a worker that stays:
// the shards in turn, from the first. Where that shard is full the next few Allocs
// go by way of another, and then one looks whether there is room again. Its Last is
// that of the shard that its next Alloc tries first, and its SetLast moves it to the
// shard of the pid. All else is Sharded's. It is safe for concurrent use.
func (s *Sharded) Local() Allocator {
	l := new(local)
	n := s.locals.Add(1)
	l.Sharded, l.tag = s, ^n
	l.settle(&s.shards[(n-1)%uint32(len(s.shards))].run)
	return l
}

// local is a Sharded with a shard of its own. Had it to stay where it went when that
// was full, two workers that hold 99% of what there is would for ever take pids of
// either shard, as it comes, and each free pids of the other's.
type local struct {
	localState
	_ [128 - unsafe.Sizeof(localState{})]byte
}

type localState struct {
	*Sharded
	at   atomic.Pointer[run] // where Alloc goes
	own  atomic.Pointer[run] // where it goes when it is not away
	left atomic.Int32        // how many more times it goes elsewhere first; 0 or less at home
	tag  uint32              // stands for it in a run's by
}

// awayFor is how many Allocs go elsewhere before one tries its own shard again: if
// that is still full, it is a lock and a search in vain.
const awayFor = 32

var (
	_ Allocator = (*local)(nil)
	_ Batcher   = (*local)(nil)
)

// settle makes h l's own.
func (l *local) settle(h *run) {
	l.own.Store(h)
	l.at.Store(h)
	l.left.Store(0)
}

// Alloc is Sharded.Alloc by way of the shard that l stays with.
func (l *local) Alloc() (PID, error) {
	if l.left.Load() > 0 && l.left.Add(-1) == 0 {
		l.at.Store(l.own.Load())
	}
	h := l.at.Load()
	h.mu.Lock()
	pid, err := l.allocLocked(h)
	h.by = l.tag
	h.mu.Unlock()
	if err == ErrFull {
		return l.allocFull(h)
	}
	return pid, err
}

// allocFull is Alloc for one whose shard was full; it goes on where it found a pid.
func (l *local) allocFull(h *run) (PID, error) {
	pid, j, err := l.allocAway(l.index(h.base+1), -1)
	if j >= 0 {
		l.at.Store(&l.shards[j].run)
		l.left.Store(awayFor)
	}
	return pid, err
}

// Last is Sharded.Last of that shard.
func (l *local) Last() PID { return l.lastOf(l.index(l.at.Load().base + 1)) }

// SetLast is Sharded.SetLast that moves l alone.
func (l *local) SetLast(pid PID) error {
	i, err := l.setLast(pid)
	if err == nil {
		l.settle(&l.shards[i].run)
	}
	return err
}

// SetCursors is Sharded.SetCursors, and l goes on where that says: so a snapshot
// that is read into a Local goes on as the one that it was written of.
func (l *local) SetCursors(last PID, cursors []PID) error {
	i, err := l.setCursors(last, cursors)
	if i >= 0 {
		l.settle(&l.shards[i].run)
	}
	return err
}
