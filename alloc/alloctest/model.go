package alloctest

import "example.com/pidmap/alloc"

// Model is an alloc.Backend that is too simple to be wrong: a bool for each
// pid, and every question a linear search. Memory: Max bytes.
type Model struct {
	used []bool // by pid; len(used) is Max
	n    int
}

var _ alloc.Backend = (*Model)(nil)

// NewModel makes an empty Model for pids in [1, l.Max); it is an alloc.Factory.
func NewModel(l alloc.Limits) (alloc.Backend, error) {
	l, err := l.Normalize()
	if err != nil {
		return nil, err
	}
	return &Model{used: make([]bool, l.Max)}, nil
}

// Take claims pid in O(1).
func (m *Model) Take(pid alloc.PID) bool {
	if !m.holds(pid) || m.used[pid] {
		return false
	}
	m.used[pid] = true
	m.n++
	return true
}

// TakeFirst claims the smallest free pid in [lo, hi), in O(hi-lo).
func (m *Model) TakeFirst(lo, hi alloc.PID) (alloc.PID, bool) {
	pid, ok := m.first(lo, hi, false)
	return pid, ok && m.Take(pid)
}

// Release gives pid back in O(1).
func (m *Model) Release(pid alloc.PID) bool {
	if !m.holds(pid) || !m.used[pid] {
		return false
	}
	m.used[pid] = false
	m.n--
	return true
}

// Next gives the smallest pid in use > after, in O(Max).
func (m *Model) Next(after alloc.PID) (alloc.PID, bool) {
	if after >= alloc.PID(len(m.used)) {
		return 0, false
	}
	return m.first(after+1, alloc.PID(len(m.used)), true)
}

// Len is the number of pids in use.
func (m *Model) Len() int { return m.n }

func (m *Model) holds(pid alloc.PID) bool { return pid >= 1 && int(pid) < len(m.used) }

// first gives the first pid in [lo, hi) and [1, Max) that is used, or is not.
func (m *Model) first(lo, hi alloc.PID, used bool) (alloc.PID, bool) {
	for pid := max(lo, 1); pid < min(hi, alloc.PID(len(m.used))); pid++ {
		if m.used[pid] == used {
			return pid, true
		}
	}
	return 0, false
}

// all gives the pids in use, ascending.
func (m *Model) all() []alloc.PID {
	var pids []alloc.PID
	for pid, used := range m.used {
		if used {
			pids = append(pids, alloc.PID(pid))
		}
	}
	return pids
}
