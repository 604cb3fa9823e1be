package alloc

import "math/bits"

// Paged: the pidmap of Linux 2.6.22, to be compared with.
//
// Policy: smallest free pid of a range, by a scan: page by page, and in a page
// word by word. A page whose free count is 0 is passed over.
// Exhaustion: the scan comes to the end of the range; that takes Max/32768
// steps, and a scan of the last page where Max lies inside it, since the free
// count of a page counts all 32,768 bits, those from Max on too.
// Memory: 4 KiB for each 32,768 pids of which one was ever taken, and 16 bytes a
// page whether there or not. Pages are made on first use and stay.
//
// Bits: pages[p].bits[w] bit b is set when pid 32768*p + 64*w + b is in use.
// Pid 0 is marked as in use when the first page is made, and never asked for.
//
// Source: the meaning of alloc_pidmap, free_pidmap and next_pidmap in
// kernel/pid.c of Linux 2.6.22 to 4.14, written anew. What the kernel does with
// atomic bit operations is left out: a Backend is not for concurrent use.
type Paged struct {
	max   PID
	n     int
	pages []pidPage
}

const (
	pageShift = 15 // 4 KiB of bits
	pageBits  = 1 << pageShift
	pageWords = pageBits / 64
)

// pidPage is a page of bits, nil until first used, and how many are clear.
type pidPage struct {
	bits *[pageWords]uint64
	free int
}

var _ Backend = (*Paged)(nil)

// NewPaged makes an empty Paged for pids in [1, l.Max). It fails where
// l.Normalize does.
func NewPaged(l Limits) (Backend, error) {
	l, err := l.Normalize()
	if err != nil {
		return nil, err
	}
	return &Paged{max: l.Max, pages: make([]pidPage, int(l.Max-1)>>pageShift+1)}, nil
}

// Take claims pid in O(1).
func (m *Paged) Take(pid PID) bool {
	if pid < 1 || pid >= m.max {
		return false
	}
	p, bit := int(pid>>pageShift), int(pid&(pageBits-1))
	page := m.page(p)
	if page.bits[bit>>6]>>(bit&63)&1 != 0 {
		return false
	}
	m.set(p, bit)
	return true
}

// TakeFirst claims the smallest free pid in [lo, hi), in O((hi-lo)/64) at
// worst: pages that are full cost a step each, others a step a word.
func (m *Paged) TakeFirst(lo, hi PID) (PID, bool) {
	lo, hi = max(lo, 1), min(hi, m.max)
	if lo >= hi {
		return 0, false
	}
	from := int(lo & (pageBits - 1))
	for p := int(lo >> pageShift); p <= int(hi-1)>>pageShift; p, from = p+1, 0 {
		page := m.page(p)
		if page.free == 0 {
			continue
		}
		bit := nextClear(page.bits, from)
		if bit == pageBits {
			continue
		}
		pid := PID(p<<pageShift + bit)
		if pid >= hi {
			return 0, false
		}
		m.set(p, bit)
		return pid, true
	}
	return 0, false
}

// Release gives pid back in O(1). The page stays.
func (m *Paged) Release(pid PID) bool {
	if pid < 1 || pid >= m.max {
		return false
	}
	p, bit := int(pid>>pageShift), int(pid&(pageBits-1))
	page := &m.pages[p]
	if page.bits == nil || page.bits[bit>>6]>>(bit&63)&1 == 0 {
		return false
	}
	page.bits[bit>>6] &^= 1 << (bit & 63)
	page.free++
	m.n--
	if invariants {
		m.checkPage(p)
	}
	return true
}

// Next gives the smallest pid in use > after, by a scan of up to Max/64 words;
// pages never made are passed over.
func (m *Paged) Next(after PID) (PID, bool) {
	if after >= m.max-1 {
		return 0, false
	}
	at := max(after, 0) + 1
	from := int(at & (pageBits - 1))
	for p := int(at >> pageShift); p < len(m.pages); p, from = p+1, 0 {
		if m.pages[p].bits == nil {
			continue
		}
		if bit := nextSet(m.pages[p].bits, from); bit < pageBits {
			return PID(p<<pageShift + bit), true
		}
	}
	return 0, false
}

// Len is the number of pids in use.
func (m *Paged) Len() int { return m.n }

// page gives page p, making it on first use.
func (m *Paged) page(p int) *pidPage {
	page := &m.pages[p]
	if page.bits == nil {
		page.bits, page.free = new([pageWords]uint64), pageBits
		if p == 0 {
			page.bits[0], page.free = 1, pageBits-1
		}
	}
	return page
}

// set claims a free bit of a page that is there.
func (m *Paged) set(p, bit int) {
	page := &m.pages[p]
	page.bits[bit>>6] |= 1 << (bit & 63)
	page.free--
	m.n++
	if invariants {
		m.checkPage(p)
	}
}

// nextClear gives the first clear bit >= from, or pageBits.
func nextClear(page *[pageWords]uint64, from int) int {
	mask := uint64(1)<<(from&63) - 1 // the bits before from count as set
	for w := from >> 6; w < pageWords; w++ {
		if free := ^(page[w] | mask); free != 0 {
			return w<<6 + bits.TrailingZeros64(free)
		}
		mask = 0
	}
	return pageBits
}

// nextSet gives the first set bit >= from, or pageBits.
func nextSet(page *[pageWords]uint64, from int) int {
	mask := ^uint64(0) << (from & 63)
	for w := from >> 6; w < pageWords; w++ {
		if used := page[w] & mask; used != 0 {
			return w<<6 + bits.TrailingZeros64(used)
		}
		mask = ^uint64(0)
	}
	return pageBits
}
