package alloctest

import "example.com/pidmap/alloc"

// Model is an alloc.Backend that is too simple to be wrong: a bool for each
// pid, and every search a step a pid. Memory: a byte for each pid up to the
// highest ever taken.
type Model struct {
	max  alloc.PID
	n    int
	used []bool // by pid; what lies beyond is free
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
		m.used = append(m.used, false)
	}
	m.used[pid] = true
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
	m.used[pid] = false
	m.n--
	return true
}

// Next gives the smallest pid in use > after, in O(Max).
func (m *Model) Next(after alloc.PID) (alloc.PID, bool) {
	for pid := max(after, 0); int(pid)+1 < len(m.used); pid++ {
		if m.used[pid+1] {
			return pid + 1, true
		}
	}
	return 0, false
}

// Len is the number of pids in use.
func (m *Model) Len() int { return m.n }

func (m *Model) holds(pid alloc.PID) bool { return pid >= 1 && pid < m.max }

func (m *Model) taken(pid alloc.PID) bool { return int(pid) < len(m.used) && m.used[pid] }

// firstFree gives the smallest free pid in [lo, hi) and [1, max), if any.
func (m *Model) firstFree(lo, hi alloc.PID) (alloc.PID, bool) {
	for pid := max(lo, 1); pid < min(hi, m.max); pid++ {
		if !m.taken(pid) {
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
