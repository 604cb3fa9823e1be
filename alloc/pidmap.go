package alloc

import (
	"errors"
	"fmt"
)

// Pidmap is a backend plus the policy plus the gate: the cyclic allocator of
// the package comment. It is for callers with a lock of their own: no method
// may run beside another. A fresh one over a Tree costs less than 512 bytes.
// New makes one; the zero value is not to be used.
type Pidmap struct {
	set         Backend
	tree        *Tree // set, where it is one and the gate is open: called without the interface
	max         PID
	reserved    PID
	last        PID
	terminating bool
}

var (
	_ Allocator = (*Pidmap)(nil)
	_ Batcher   = (*Pidmap)(nil)
	_ Undoer    = (*Pidmap)(nil)
)

// New makes an empty pidmap over what f makes; a nil f means NewTree. It fails
// where l.Normalize or f does, and where f gives nil, or a nil pointer, and no error.
func New(l Limits, f Factory) (*Pidmap, error) {
	l, err := l.Normalize()
	if err != nil {
		return nil, err
	}
	if f == nil {
		f = NewTree
	}
	set, err := f(l)
	if err != nil {
		return nil, fmt.Errorf("pidmap: making the backend: %w", err)
	}
	if isNil(set) {
		return nil, errors.New("pidmap: the factory gave no backend and no error")
	}
	tree, _ := set.(*Tree)
	return &Pidmap{set: set, tree: tree, max: l.Max, reserved: l.Reserved}, nil
}

// Alloc hands out the smallest free pid in [Last+1, Max), else in
// [Reserved, Last+1). Its cost is at most two TakeFirst of the backend.
func (m *Pidmap) Alloc() (PID, error) {
	lo := m.last + 1
	if t := m.tree; t != nil {
		switch {
		case t.n < t.crowd:
			if pid := t.quick(lo); pid != 0 {
				m.last = pid
				return pid, nil
			}
		case t.n < t.few:
			if pid := t.crowded(lo); pid > 0 {
				m.last = pid
				return pid, nil
			}
		case t.n < int(m.max)-1:
			if pid := t.takeListed(lo, m.max, m.reserved); pid > 0 { // both searches in one
				m.last = pid
				return pid, nil
			}
		}
	}
	return m.search(lo)
}

// search is Alloc by the backend's searches, where the gate is open.
func (m *Pidmap) search(lo PID) (PID, error) {
	if m.terminating {
		return 0, ErrTerminating
	}
	pid, ok := m.set.TakeFirst(lo, m.max)
	if !ok {
		pid, ok = m.set.TakeFirst(m.reserved, lo)
	}
	if !ok {
		return 0, ErrFull
	}
	m.last = pid
	return pid, nil
}

// AllocAt hands out pid, as clone3's set_tid asks for it; Last stays.
func (m *Pidmap) AllocAt(pid PID) error {
	if !m.holds(pid) {
		return ErrRange
	}
	if m.terminating {
		return ErrTerminating
	}
	if !m.set.Take(pid) {
		return ErrInUse
	}
	return nil
}

// Free takes pid back.
func (m *Pidmap) Free(pid PID) error {
	if t := m.tree; t != nil {
		if old, now := t.drop(pid); old != now {
			if t.n < t.crowd {
				if old != ^uint64(0) && now != 0 {
					return nil
				}
			} else if t.quietly(pid, now) {
				return nil
			}
			t.noteDropped(pid, now)
			return nil
		}
	} else if m.set.Release(pid) {
		return nil
	}
	if !m.holds(pid) {
		return ErrRange
	}
	return ErrNotInUse
}

// Undo takes pid back as if it had not been handed out; last is what Last was
// before. Where another pid has been handed out since, Last stays. It fails as
// Free does, and with ErrRange if last is not in [0, Max).
func (m *Pidmap) Undo(pid, last PID) error {
	if last != 0 && !m.holds(last) {
		return ErrRange
	}
	if err := m.Free(pid); err != nil {
		return err
	}
	if m.last == pid {
		m.last = last
	}
	return nil
}

// Next gives the smallest pid in use > after.
func (m *Pidmap) Next(after PID) (PID, bool) {
	t := m.tree
	if t == nil {
		return m.set.Next(after)
	}
	if pid := t.near(after); pid != 0 {
		return pid, true
	}
	if pid := t.beside(after); pid != 0 {
		return pid, true
	}
	return t.far(after)
}

// NextN fills dst with the smallest pids in use > after and returns how many.
func (m *Pidmap) NextN(after PID, dst []PID) int { return nextN(m.set, after, dst) }

// Len is the number of pids in use.
func (m *Pidmap) Len() int { return m.set.Len() }

// Last is the pid handed out last, 0 at first.
func (m *Pidmap) Last() PID { return m.last }

// SetLast makes Alloc go on after pid, in [0, Max).
func (m *Pidmap) SetLast(pid PID) error {
	if pid != 0 && !m.holds(pid) {
		return ErrRange
	}
	m.last = pid
	return nil
}

// Limits gives the limits with the defaults filled in.
func (m *Pidmap) Limits() Limits { return Limits{m.max, m.reserved} }

// Terminate shuts the gate.
func (m *Pidmap) Terminate() { m.terminating, m.tree = true, nil }

// Terminating tells whether the gate is shut.
func (m *Pidmap) Terminating() bool { return m.terminating }

// Backend gives the set of pids in use that the pidmap was made over, for
// those that keep more in it than bits. Whoever changes it changes the pidmap.
func (m *Pidmap) Backend() Backend { return m.set }

func (m *Pidmap) holds(pid PID) bool { return pid >= 1 && pid < m.max }

// nexter is what nextN needs of a set or an allocator.
type nexter interface{ Next(after PID) (PID, bool) }

// nextN is NextN by way of the Batcher, or one by one where there is none.
func nextN(m nexter, after PID, dst []PID) int {
	if b, ok := m.(Batcher); ok {
		return b.NextN(after, dst)
	}
	for n := range dst {
		pid, ok := m.Next(after)
		if !ok {
			return n
		}
		dst[n], after = pid, pid
	}
	return len(dst)
}
