package peers

import (
	"math/bits"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/bits-and-blooms/bitset"
	gvisor "gvisor.dev/gvisor/pkg/bitmap"
)

// flat is the least that can be written: words, a cursor and a scan. It is the
// model of the others.
type flat struct {
	words []uint64
	last  int32
	max   int32
}

func newFlat(c *census) *flat {
	s := &flat{words: make([]uint64, (c.max+63)/64), last: c.cursor, max: int32(c.max)}
	s.words[0] = 1
	for _, pid := range c.used {
		s.words[pid>>6] |= 1 << (pid & 63)
	}
	return s
}

func (s *flat) alloc() int32 {
	pid := s.clear(s.last + 1)
	if pid >= s.max {
		pid = s.clear(1)
	}
	if pid >= s.max {
		return 0
	}
	s.words[pid>>6] |= 1 << (pid & 63)
	s.last = pid
	return pid
}

// clear gives the first clear bit from a number on.
func (s *flat) clear(from int32) int32 {
	w := int(from >> 6)
	if w >= len(s.words) {
		return s.max
	}
	free := ^s.words[w] >> (from & 63) << (from & 63)
	for free == 0 {
		if w++; w == len(s.words) {
			return s.max
		}
		free = ^s.words[w]
	}
	return int32(w<<6 + bits.TrailingZeros64(free))
}

func (s *flat) release(pid int32) { s.words[pid>>6] &^= 1 << (pid & 63) }

func (s *flat) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// bitsetSide is bits-and-blooms/bitset, one bit for each number.
type bitsetSide struct {
	set       *bitset.BitSet
	last, max uint
}

func newBitset(c *census) (side, error) { return bitsetOf(c), nil }

func bitsetOf(c *census) *bitsetSide {
	s := &bitsetSide{bitset.New(uint(c.max)), uint(c.cursor), uint(c.max)}
	s.set.Set(0)
	for _, pid := range c.used {
		s.set.Set(uint(pid))
	}
	return s
}

func (s *bitsetSide) alloc() int32 {
	pid, ok := s.set.NextClear(s.last + 1)
	if !ok || pid >= s.max {
		if pid, ok = s.set.NextClear(1); !ok || pid >= s.max {
			return 0
		}
	}
	s.set.Set(pid)
	s.last = pid
	return int32(pid)
}

func (s *bitsetSide) release(pid int32) { s.set.Clear(uint(pid)) }

func (s *bitsetSide) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// gvisorSide is gVisor's pkg/bitmap. It makes an error where it finds nothing,
// as at every wrap, so it is asked only where there is something.
type gvisorSide struct {
	set       gvisor.Bitmap
	last, max uint32
}

func newGvisor(c *census) (side, error) { return gvisorOf(c), nil }

func gvisorOf(c *census) *gvisorSide {
	s := &gvisorSide{gvisor.New(uint32(c.max)), uint32(c.cursor), uint32(c.max)}
	s.set.Add(0)
	for _, pid := range c.used {
		s.set.Add(uint32(pid))
	}
	return s
}

func (s *gvisorSide) alloc() int32 {
	pid, err := s.set.FirstZero(s.last + 1)
	if err != nil {
		if pid, err = s.set.FirstZero(1); err != nil {
			return 0
		}
	}
	s.set.Add(pid)
	s.last = pid
	return int32(pid)
}

func (s *gvisorSide) release(pid int32) { s.set.Remove(uint32(pid)) }

func (s *gvisorSide) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// roaringUsed is the set of pids in use, where a free one is the next absent
// value. In v2.30.0 the answer lacks its upper 16 bits beyond the first 65,536,
// is a value that is present at the borders of words, and goes no farther than
// the end of its container, so that it is put right, checked, and asked for
// again.
type roaringUsed struct {
	set       *roaring.Bitmap
	last, max uint32
}

func newRoaringUsed(c *census) (side, error) {
	return &roaringUsed{roaringOf(c.used), uint32(c.cursor), uint32(c.max)}, nil
}

// roaringOf makes a set of pids that ascend.
func roaringOf(pids []int32) *roaring.Bitmap {
	set := roaring.New()
	var many []uint32
	for len(pids) > 0 {
		many = many[:0]
		for _, pid := range pids[:min(len(pids), 1<<16)] {
			many = append(many, uint32(pid))
		}
		set.AddMany(many)
		pids = pids[len(many):]
	}
	set.RunOptimize()
	return set
}

func (s *roaringUsed) alloc() int32 {
	pid := s.absent(s.last + 1)
	if pid >= s.max {
		pid = s.absent(1)
	}
	if pid >= s.max {
		return 0
	}
	s.set.Add(pid)
	s.last = pid
	return int32(pid)
}

// absent gives the first number from one on that is not in the set; max or
// above if there is none.
func (s *roaringUsed) absent(from uint32) uint32 {
	for from < s.max {
		container := int64(from &^ 0xffff)
		pid := s.set.NextAbsentValue(from)
		if pid >= 0 && pid < container {
			pid |= container
		}
		switch {
		case pid < 0 || pid >= container+1<<16:
			from = uint32(container) + 1<<16
		case s.set.Contains(uint32(pid)):
			from = uint32(pid) + 1
		default:
			return uint32(pid)
		}
	}
	return from
}

func (s *roaringUsed) release(pid int32) { s.set.Remove(uint32(pid)) }

func (s *roaringUsed) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}

// roaringFree is the set of free pids, where the next value present is right.
type roaringFree struct {
	set  *roaring.Bitmap
	last uint32
}

func newRoaringFree(c *census) (side, error) {
	return &roaringFree{roaringOf(c.free), uint32(c.cursor)}, nil
}

func (s *roaringFree) alloc() int32 {
	pid := s.set.NextValue(s.last + 1)
	if pid < 0 {
		if pid = s.set.NextValue(1); pid < 0 {
			return 0
		}
	}
	s.last = uint32(pid)
	s.set.Remove(s.last)
	return int32(pid)
}

func (s *roaringFree) release(pid int32) { s.set.Add(uint32(pid)) }

func (s *roaringFree) churn(h *held) {
	h.each(func(slot *int32) { s.release(*slot); *slot = s.alloc() })
}
