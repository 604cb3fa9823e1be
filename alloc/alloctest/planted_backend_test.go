package alloctest

import (
	"errors"
	"math"
	"slices"
	"testing"

	"example.com/pidmap/alloc"
)

// flawed is a Model of which single methods are replaced.
type flawed struct {
	*Model
	take      func(m *Model, pid alloc.PID) bool
	takeFirst func(m *Model, lo, hi alloc.PID) (alloc.PID, bool)
	release   func(m *Model, pid alloc.PID) bool
	next      func(m *Model, after alloc.PID) (alloc.PID, bool)
	len       func(m *Model) int
}

func (f *flawed) Take(pid alloc.PID) bool {
	if f.take != nil {
		return f.take(f.Model, pid)
	}
	return f.Model.Take(pid)
}

func (f *flawed) TakeFirst(lo, hi alloc.PID) (alloc.PID, bool) {
	if f.takeFirst != nil {
		return f.takeFirst(f.Model, lo, hi)
	}
	return f.Model.TakeFirst(lo, hi)
}

func (f *flawed) Release(pid alloc.PID) bool {
	if f.release != nil {
		return f.release(f.Model, pid)
	}
	return f.Model.Release(pid)
}

func (f *flawed) Next(after alloc.PID) (alloc.PID, bool) {
	if f.next != nil {
		return f.next(f.Model, after)
	}
	return f.Model.Next(after)
}

func (f *flawed) Len() int {
	if f.len != nil {
		return f.len(f.Model)
	}
	return f.Model.Len()
}

// batched is a Model with a NextN.
type batched struct {
	*Model
	nextN func(m *Model, after alloc.PID, dst []alloc.PID) int
}

func (b *batched) NextN(after alloc.PID, dst []alloc.PID) int { return b.nextN(b.Model, after, dst) }

func (f flawed) factory(l alloc.Limits) (alloc.Backend, error) {
	m, err := NewModel(l)
	if err != nil {
		return nil, err
	}
	f.Model = m.(*Model)
	return &f, nil
}

func (b batched) factory(l alloc.Limits) (alloc.Backend, error) {
	m, err := NewModel(l)
	if err != nil {
		return nil, err
	}
	b.Model = m.(*Model)
	return &b, nil
}

// plantedBackend is a flaw and the cases that must see it.
type plantedBackend struct {
	flaw  string
	new   alloc.Factory
	cases []string
}

func plantedBackends() []plantedBackend {
	return slices.Concat(plantedTakes(), plantedFirsts(), plantedNexts(), plantedBatches(), plantedFactories())
}

func TestPlantedBackends(t *testing.T) {
	for _, p := range plantedBackends() {
		t.Run(p.flaw, func(t *testing.T) { rejects(t, (&backendSuite{p.new, 1, smallMaxes, 9000}).cases(), p.cases, 1) })
	}
}

func plantedTakes() []plantedBackend {
	return []plantedBackend{
		{"Take gives a pid twice", flawed{take: func(m *Model, pid alloc.PID) bool {
			m.Take(pid)
			return m.holds(pid)
		}}.factory, []string{"take/each_pid_once", "random/programs"}},
		{"Take of Max is true", flawed{take: func(m *Model, pid alloc.PID) bool {
			return m.Take(pid) || pid == m.max
		}}.factory, []string{"take/out_of_range_is_false", "limits/zero_means_the_defaults", "limits/largest_accepted"}},
		{"Take of 0 is true", flawed{take: func(m *Model, pid alloc.PID) bool {
			return m.Take(pid) || pid == 0
		}}.factory, []string{"take/out_of_range_is_false"}},
		{"Take wraps round", flawed{take: func(m *Model, pid alloc.PID) bool {
			return m.Take(alloc.PID(uint32(pid) % uint32(m.max)))
		}}.factory, []string{"take/out_of_range_is_false", "random/programs"}},
		{"Take misses what crosses a word", flawed{take: func(m *Model, pid alloc.PID) bool {
			return m.Take(pid) || pid&63 == 0 && m.holds(pid)
		}}.factory, []string{"take/each_pid_once"}},
		{"Release of a free pid is true", flawed{release: func(m *Model, pid alloc.PID) bool {
			return m.Release(pid) || m.holds(pid)
		}}.factory, []string{"release/once", "release/out_of_range_is_false", "new/is_empty"}},
		{"Release of the last pid does nothing", flawed{release: func(m *Model, pid alloc.PID) bool {
			return pid != m.max-1 && m.Release(pid)
		}}.factory, []string{"release/once", "seams/one_in_use", "seams/every_small_max"}},
		{"Release of a negative pid is that of its low bits", flawed{release: func(m *Model, pid alloc.PID) bool {
			return m.Release(pid & (1<<16 - 1))
		}}.factory, []string{"release/out_of_range_is_false"}},
		{"Release leaves a bit behind in a full word", flawed{release: func(m *Model, pid alloc.PID) bool {
			return m.Release(pid) && (pid != 127 || m.n > 60 || m.Take(128))
		}}.factory, []string{"seams/fill_drain_refill"}},
		{"Len is one short", flawed{len: func(m *Model) int {
			return max(m.n-1, 0)
		}}.factory, []string{"take/each_pid_once", "random/programs", "new/shares_nothing"}},
	}
}

func plantedFirsts() []plantedBackend {
	return []plantedBackend{
		{"TakeFirst takes hi", flawed{takeFirst: func(m *Model, lo, hi alloc.PID) (alloc.PID, bool) {
			return m.TakeFirst(lo, min(hi, math.MaxInt32-1)+1)
		}}.factory, []string{"take_first/range_is_half_open", "seams/one_free"}},
		{"TakeFirst leaves out hi-1", flawed{takeFirst: func(m *Model, lo, hi alloc.PID) (alloc.PID, bool) {
			return m.TakeFirst(lo, max(hi, math.MinInt32+1)-1)
		}}.factory, []string{"take_first/range_is_half_open", "seams/one_free", "seams/fill_drain_refill"}},
		{"TakeFirst starts at the word of lo", flawed{takeFirst: func(m *Model, lo, hi alloc.PID) (alloc.PID, bool) {
			return m.TakeFirst(lo&^63, hi)
		}}.factory, []string{"take_first/smallest_free_of_the_range", "take_first/range_is_half_open"}},
		{"TakeFirst never gives Max-1", flawed{takeFirst: func(m *Model, lo, hi alloc.PID) (alloc.PID, bool) {
			return m.TakeFirst(lo, min(hi, m.max-1))
		}}.factory, []string{"take_first/smallest_free_of_the_range", "seams/fill_drain_refill", "seams/every_small_max"}},
		{"TakeFirst passes over the last bit of a word", flawed{takeFirst: func(m *Model, lo, hi alloc.PID) (alloc.PID, bool) {
			for lo = max(lo, 1); ; lo++ {
				pid, ok := m.firstFree(lo, hi)
				if !ok || pid&63 != 63 {
					return pid, ok && m.Take(pid)
				}
				lo = pid
			}
		}}.factory, []string{"seams/fill_drain_refill", "seams/one_free", "seams/every_small_max"}},
		{"TakeFirst sees 4096 pids only", flawed{takeFirst: func(m *Model, lo, hi alloc.PID) (alloc.PID, bool) {
			return m.TakeFirst(lo, min(hi, max(lo, 0)&^4095+4096))
		}}.factory, []string{"seams/one_free"}},
		{"TakeFirst loses a summary that was full", flawed{takeFirst: func(m *Model, lo, hi alloc.PID) (alloc.PID, bool) {
			if pid, ok := m.firstFree(lo, hi); ok && pid-lo > 4096 && pid>>12 == 1 {
				lo = 8192
			}
			return m.TakeFirst(lo, hi)
		}}.factory, []string{"seams/one_free_of_a_million"}},
		{"TakeFirst gives the largest", flawed{takeFirst: func(m *Model, lo, hi alloc.PID) (alloc.PID, bool) {
			for pid := min(hi, m.max) - 1; pid >= max(lo, 1); pid-- {
				if m.Take(pid) {
					return pid, true
				}
			}
			return 0, false
		}}.factory, []string{"take_first/smallest_free_of_the_range", "seams/fill_drain_refill"}},
		{"TakeFirst claims nothing", flawed{takeFirst: func(m *Model, lo, hi alloc.PID) (alloc.PID, bool) {
			return m.firstFree(lo, hi)
		}}.factory, []string{"take_first/smallest_free_of_the_range", "limits/largest_accepted"}},
		{"TakeFirst claims what lies behind hi and fails", flawed{takeFirst: func(m *Model, lo, hi alloc.PID) (alloc.PID, bool) {
			pid, ok := m.TakeFirst(lo, math.MaxInt32)
			return pid, ok && pid < hi
		}}.factory, []string{"take_first/range_is_half_open", "take_first/odd_ranges", "random/programs"}},
		{"TakeFirst turns lo > hi round", flawed{takeFirst: func(m *Model, lo, hi alloc.PID) (alloc.PID, bool) {
			return m.TakeFirst(min(lo, hi), max(lo, hi))
		}}.factory, []string{"take_first/range_is_half_open", "take_first/odd_ranges"}},
		{"TakeFirst from below 1 finds nothing", flawed{takeFirst: func(m *Model, lo, hi alloc.PID) (alloc.PID, bool) {
			if lo < 1 {
				return 0, false
			}
			return m.TakeFirst(lo, hi)
		}}.factory, []string{"take_first/odd_ranges", "seams/one_free"}},
		{"TakeFirst to above Max finds nothing", flawed{takeFirst: func(m *Model, lo, hi alloc.PID) (alloc.PID, bool) {
			if hi > m.max {
				return 0, false
			}
			return m.TakeFirst(lo, hi)
		}}.factory, []string{"take_first/odd_ranges", "take_first/range_is_half_open"}},
	}
}

func plantedNexts() []plantedBackend {
	return []plantedBackend{
		{"Next includes after", flawed{next: func(m *Model, after alloc.PID) (alloc.PID, bool) {
			return m.Next(max(after, 1) - 1)
		}}.factory, []string{"next/smallest_in_use_above", "seams/one_in_use"}},
		{"Next of the largest int32 starts again", flawed{next: func(m *Model, after alloc.PID) (alloc.PID, bool) {
			if after == math.MaxInt32 {
				after = 0
			}
			return m.Next(after)
		}}.factory, []string{"next/odd_input"}},
		{"Next of a negative number is the end", flawed{next: func(m *Model, after alloc.PID) (alloc.PID, bool) {
			if after < 0 {
				return 0, false
			}
			return m.Next(after)
		}}.factory, []string{"next/odd_input", "seams/one_in_use"}},
		{"Next above Max panics", flawed{next: func(m *Model, after alloc.PID) (alloc.PID, bool) {
			_ = make([]bool, m.max-max(after, 0))
			return m.Next(after)
		}}.factory, []string{"next/odd_input", "new/is_empty"}},
		{"Next passes over the first bit of a word", flawed{next: func(m *Model, after alloc.PID) (alloc.PID, bool) {
			pid, ok := m.Next(after)
			if ok && pid&63 == 0 {
				return m.Next(pid)
			}
			return pid, ok
		}}.factory, []string{"next/smallest_in_use_above", "seams/one_in_use", "take/each_pid_once"}},
		{"Next never gives Max-1", flawed{next: func(m *Model, after alloc.PID) (alloc.PID, bool) {
			pid, ok := m.Next(after)
			return pid, ok && pid != m.max-1
		}}.factory, []string{"next/odd_input", "next/smallest_in_use_above", "limits/zero_means_the_defaults"}},
		{"Next does not look past an empty page", flawed{next: func(m *Model, after alloc.PID) (alloc.PID, bool) {
			pid, ok := m.Next(after)
			return pid, ok && pid>>10 <= max(after, 0)>>10+1
		}}.factory, []string{"next/odd_input", "seams/one_in_use"}},
		{"Next gives 0 of an empty map", flawed{next: func(m *Model, after alloc.PID) (alloc.PID, bool) {
			pid, ok := m.Next(after)
			return pid, ok || after < 0
		}}.factory, []string{"new/is_empty"}},
	}
}

func plantedBatches() []plantedBackend {
	right := func(m *Model, after alloc.PID, dst []alloc.PID) int {
		return len(nextByNext(m, after, dst))
	}
	return []plantedBackend{
		{"NextN stops at a word", batched{nextN: func(m *Model, after alloc.PID, dst []alloc.PID) int {
			n := right(m, after, dst)
			for i := 1; i < n; i++ {
				if dst[i]>>6 != dst[0]>>6 {
					return i
				}
			}
			return n
		}}.factory, []string{"next_n/equals_next", "next_n/stays_within_dst", "random/programs"}},
		{"NextN includes after", batched{nextN: func(m *Model, after alloc.PID, dst []alloc.PID) int {
			return right(m, max(after, 1)-1, dst)
		}}.factory, []string{"next_n/equals_next", "next_n/stays_within_dst"}},
		{"NextN fills up to the capacity", batched{nextN: func(m *Model, after alloc.PID, dst []alloc.PID) int {
			return right(m, after, dst[:cap(dst)])
		}}.factory, []string{"next_n/equals_next", "next_n/stays_within_dst"}},
		{"NextN of no length panics", batched{nextN: func(m *Model, after alloc.PID, dst []alloc.PID) int {
			dst[0] = 0
			return right(m, after, dst)
		}}.factory, []string{"next_n/equals_next", "next_n/stays_within_dst"}},
		{"NextN loses one beyond 64", batched{nextN: func(m *Model, after alloc.PID, dst []alloc.PID) int {
			n := right(m, after, dst)
			if n > 64 {
				copy(dst[64:], dst[65:n])
				n--
			}
			return n
		}}.factory, []string{"next_n/equals_next", "next_n/stays_within_dst"}},
		{"NextN of a negative number is the end", batched{nextN: func(m *Model, after alloc.PID, dst []alloc.PID) int {
			if after < 0 {
				return 0
			}
			return right(m, after, dst)
		}}.factory, []string{"next_n/equals_next"}},
		{"NextN gives a negative count at the end", batched{nextN: func(m *Model, after alloc.PID, dst []alloc.PID) int {
			return max(right(m, after, dst), 1) - 1
		}}.factory, []string{"next_n/equals_next"}},
	}
}

func plantedFactories() []plantedBackend {
	common, _ := NewModel(alloc.Limits{})
	return []plantedBackend{
		{"all are one", func(l alloc.Limits) (alloc.Backend, error) {
			if _, err := l.Normalize(); err != nil {
				return nil, err
			}
			return common, nil
		}, []string{"new/shares_nothing", "new/is_empty"}},
		{"a Max too small is accepted", func(l alloc.Limits) (alloc.Backend, error) {
			return NewModel(alloc.Limits{Max: max(l.Max, 2), Reserved: l.Reserved})
		}, []string{"limits/out_of_range_refused"}},
		{"a Reserved out of range is accepted", func(l alloc.Limits) (alloc.Backend, error) {
			return NewModel(alloc.Limits{Max: l.Max})
		}, []string{"limits/out_of_range_refused"}},
		{"zero limits are refused", func(l alloc.Limits) (alloc.Backend, error) {
			if l.Max == 0 {
				return nil, alloc.ErrRange
			}
			return NewModel(l)
		}, []string{"limits/zero_means_the_defaults"}},
		{"the largest Max is refused", func(l alloc.Limits) (alloc.Backend, error) {
			if l.Max > alloc.PIDMaxLimit {
				return nil, alloc.ErrRange
			}
			return NewModel(l)
		}, []string{"limits/largest_accepted"}},
		{"the error is not ErrRange", func(l alloc.Limits) (alloc.Backend, error) {
			b, err := NewModel(l)
			if err != nil {
				return nil, errors.New("out of range")
			}
			return b, nil
		}, []string{"limits/out_of_range_refused"}},
		{"nothing, and no error", func(l alloc.Limits) (alloc.Backend, error) {
			return nil, nil
		}, []string{"limits/zero_means_the_defaults", "new/is_empty"}},
	}
}
