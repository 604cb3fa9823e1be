package peers

import (
	"errors"
	"sync"

	"example.com/pidmap/alloc"
)

// harness is what all sides do beside their work: the random number, and the
// array of the pids held. It hands out the pid that it was given last.
type harness struct{ last int32 }

func newHarness(*census) (side, error) { return &harness{}, nil }
func (s *harness) alloc() int32        { return s.last }
func (s *harness) release(pid int32)   { s.last = pid }

func (s *harness) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// oracle is a bitmap that need not search, being told which pid comes: the harness,
// and the bit of each pid cleared and set. No bitmap takes less for a pair.
type oracle struct {
	words []uint64
	last  int32
}

func newOracle(c *census) (side, error) { return &oracle{words: newFlat(c).words}, nil }

func (s *oracle) alloc() int32 {
	s.words[s.last>>6] |= 1 << (s.last & 63)
	return s.last
}

func (s *oracle) release(pid int32) {
	s.words[pid>>6] &^= 1 << (pid & 63)
	s.last = pid
}

func (s *oracle) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// locked is the harness behind a mutex.
type locked struct {
	mu   sync.Mutex
	last int32
}

func newLocked(*census) (side, error) { return &locked{}, nil }

func (s *locked) alloc() int32 {
	s.mu.Lock()
	pid := s.last
	s.mu.Unlock()
	return pid
}

func (s *locked) release(pid int32) {
	s.mu.Lock()
	s.last = pid
	s.mu.Unlock()
}

func (s *locked) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// limits are those of a census: every number serves after a wrap, as it does in
// the peers.
func (c *census) limits() alloc.Limits { return alloc.Limits{Max: alloc.PID(c.max), Reserved: 1} }

// occupy brings an empty allocator to the state of a census.
func occupy(m alloc.Allocator, c *census) error {
	for _, pid := range c.used {
		if err := m.AllocAt(alloc.PID(pid)); err != nil {
			return err
		}
	}
	if err := m.SetLast(alloc.PID(c.cursor)); err != nil && !errors.Is(err, alloc.ErrUnsupported) {
		return err
	}
	return nil
}

// overPidmap is a Pidmap over any backend.
type overPidmap struct{ m *alloc.Pidmap }

func pidmap(f alloc.Factory) func(*census) (side, error) {
	return func(c *census) (side, error) {
		m, err := alloc.New(c.limits(), f)
		if err != nil {
			return nil, err
		}
		return overPidmap{m}, occupy(m, c)
	}
}

func (s overPidmap) alloc() int32      { pid, _ := s.m.Alloc(); return int32(pid) }
func (s overPidmap) release(pid int32) { _ = s.m.Free(alloc.PID(pid)) }

func (s overPidmap) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// bareTree is a Tree with a cursor beside it, as the bare peers have it: what
// the Pidmap and its interface add can be told from what the Tree costs.
type bareTree struct {
	set       *alloc.Tree
	last, max alloc.PID
}

func newBareTree(c *census) (side, error) {
	set, err := alloc.NewTree(c.limits())
	if err != nil {
		return nil, err
	}
	for _, pid := range c.used {
		set.Take(alloc.PID(pid))
	}
	return &bareTree{set.(*alloc.Tree), alloc.PID(c.cursor), alloc.PID(c.max)}, nil
}

func (s *bareTree) alloc() int32 {
	pid, ok := s.set.TakeFirst(s.last+1, s.max)
	if !ok {
		pid, _ = s.set.TakeFirst(1, s.last+1)
	}
	s.last = pid
	return int32(pid)
}

func (s *bareTree) release(pid int32) { s.set.Release(alloc.PID(pid)) }

func (s *bareTree) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

type table struct{ m *alloc.Table[struct{}] }

// newTable lets a Table hand out pids as it would: it has as many entries as
// that takes, and those that were taken back stand in its queue in no order.
func newTable(c *census) (side, error) {
	m, err := alloc.NewTable(c.limits())
	if err != nil {
		return nil, err
	}
	out := c.max - 1
	if c.fresh {
		out = len(c.used)
	}
	for range out {
		if _, err := m.Alloc(); err != nil {
			return nil, err
		}
	}
	if c.fresh {
		return table{m}, nil
	}
	for _, pid := range c.mixed() {
		if err := m.Free(alloc.PID(pid)); err != nil {
			return nil, err
		}
	}
	return table{m}, nil
}

func (s table) alloc() int32      { pid, _ := s.m.Alloc(); return int32(pid) }
func (s table) release(pid int32) { _ = s.m.Free(alloc.PID(pid)) }

func (s table) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// shared is a Pidmap over Tree behind a mutex.
type shared struct{ m *alloc.Shared }

func newShared(c *census) (side, error) {
	m, err := alloc.NewShared(c.limits(), nil)
	if err != nil {
		return nil, err
	}
	return shared{m}, occupy(m, c)
}

func (s shared) alloc() int32      { pid, _ := s.m.Alloc(); return int32(pid) }
func (s shared) release(pid int32) { _ = s.m.Free(alloc.PID(pid)) }

func (s shared) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// handLocked is a Pidmap over Tree with a lock and unlock around each call,
// written out: what a Shared is to be measured by.
type handLocked struct {
	mu sync.Mutex
	m  *alloc.Pidmap
}

func newHandLocked(c *census) (side, error) {
	m, err := alloc.New(c.limits(), nil)
	if err != nil {
		return nil, err
	}
	return &handLocked{m: m}, occupy(m, c)
}

func (s *handLocked) alloc() int32 {
	s.mu.Lock()
	pid, _ := s.m.Alloc()
	s.mu.Unlock()
	return int32(pid)
}

func (s *handLocked) release(pid int32) {
	s.mu.Lock()
	_ = s.m.Free(alloc.PID(pid))
	s.mu.Unlock()
}

func (s *handLocked) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

type sharded struct{ m *alloc.Sharded }

func newSharded(c *census) (side, error) {
	m, err := alloc.NewSharded(c.limits(), 0, nil)
	if err != nil {
		return nil, err
	}
	return sharded{m}, occupy(m, c)
}

func (s sharded) alloc() int32      { pid, _ := s.m.Alloc(); return int32(pid) }
func (s sharded) release(pid int32) { _ = s.m.Free(alloc.PID(pid)) }

func (s sharded) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// local is a Sharded by way of a worker's own shard, or any other Allocator.
type local struct{ m alloc.Allocator }

func newLocal(c *census) (side, error) {
	m, err := alloc.NewSharded(c.limits(), 0, nil)
	if err != nil {
		return nil, err
	}
	return local{m.Local()}, occupy(m, c)
}

func (s local) alloc() int32      { pid, _ := s.m.Alloc(); return int32(pid) }
func (s local) release(pid int32) { _ = s.m.Free(alloc.PID(pid)) }

func (s local) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}
