package alloctest

import (
	"bytes"

	"example.com/pidmap/alloc"
)

// Model is an alloc.Backend that is too simple to be wrong: a byte for each pid,
// and every search looks at one after the other. Memory: a byte for each pid up
// to the highest ever taken.
type Model struct {
	max  alloc.PID
	n    int
	used []byte // by pid, 1 is in use; what lies beyond is free
}

var _ alloc.Backend = (*Model)(nil)

// NewModel makes an empty Model for pids in [1, l.Max); it is an alloc.Factory.
func NewModel(l alloc.Limits) (alloc.Backend, error) {
	l, err := l.Normalize()
	if err != nil {
		return nil, err
	}
	return newModel(l), nil
}

// newModel makes one for limits with the defaults filled in.
func newModel(l alloc.Limits) *Model { return &Model{max: l.Max} }

// Take claims pid.
func (m *Model) Take(pid alloc.PID) bool {
	if !m.holds(pid) || m.taken(pid) {
		return false
	}
	for int(pid) >= len(m.used) {
		m.used = append(m.used, 0)
	}
	m.used[pid] = 1
	m.n++
	return true
}

// TakeFirst claims the smallest free pid in [lo, hi), in O(hi-lo).
func (m *Model) TakeFirst(lo, hi alloc.PID) (alloc.PID, bool) {
	pid, ok := m.firstFree(lo, hi)
	return pid, ok && m.Take(pid)
}

// Release gives pid back.
func (m *Model) Release(pid alloc.PID) bool {
	if !m.holds(pid) || !m.taken(pid) {
		return false
	}
	m.used[pid] = 0
	m.n--
	return true
}

// Next gives the smallest pid in use > after, in O(Max).
func (m *Model) Next(after alloc.PID) (alloc.PID, bool) {
	after = max(after, 0)
	if int(after) >= len(m.used) {
		return 0, false
	}
	i := bytes.IndexByte(m.used[after+1:], 1)
	return after + 1 + alloc.PID(i), i >= 0
}

// Len is the number of pids in use.
func (m *Model) Len() int { return m.n }

func (m *Model) holds(pid alloc.PID) bool { return pid >= 1 && pid < m.max }

func (m *Model) taken(pid alloc.PID) bool { return int(pid) < len(m.used) && m.used[pid] == 1 }

// firstFree gives the smallest free pid in [lo, hi) and [1, max), if any.
func (m *Model) firstFree(lo, hi alloc.PID) (alloc.PID, bool) {
	lo, hi = max(lo, 1), min(hi, m.max)
	end := alloc.PID(len(m.used))
	if lo < min(hi, end) {
		if i := bytes.IndexByte(m.used[lo:min(hi, end)], 0); i >= 0 {
			return lo + alloc.PID(i), true
		}
	}
	if beyond := max(lo, end); beyond < hi {
		return beyond, true
	}
	return 0, false
}

// all gives the pids in use, ascending.
func (m *Model) all() []alloc.PID {
	var pids []alloc.PID
	for pid, used := range m.used {
		if used == 1 {
			pids = append(pids, alloc.PID(pid))
		}
	}
	return pids
}
