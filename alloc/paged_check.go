package alloc

import (
	"fmt"
	"math/bits"
)

// checkPage panics unless the free count of page p is the number of its clear
// bits, no bit from Max on is set, and the count of the whole is possible, and now
// and then, always where there are few pages, unless it is that of all pages. It runs
// after every change under the build tag pidmap_invariants.
func (m *Paged) checkPage(p int) {
	page := &m.pages[p]
	used := 0
	for _, w := range page.bits {
		used += bits.OnesCount64(w)
	}
	if page.free != pageBits-used {
		panic(fmt.Sprintf("paged: page %d says %d free, %d are", p, page.free, pageBits-used))
	}
	if p == len(m.pages)-1 {
		if beyond := int(m.max) - p<<pageShift; beyond < pageBits && nextSet(page.bits, beyond) < pageBits {
			panic(fmt.Sprintf("paged: a bit from Max %d on is set", m.max))
		}
	}
	if p == 0 && page.bits[0]&1 == 0 {
		panic("paged: pid 0 is free")
	}
	if m.n < 0 || m.n >= int(m.max) {
		panic(fmt.Sprintf("paged: %d pids in use of [1, %d)", m.n, m.max))
	}
	if due(len(m.pages), m.n, p) {
		m.checkCount()
	}
}

// checkCount panics unless the counts of the pages are together that of the whole.
func (m *Paged) checkCount() {
	n := 0
	for p, page := range m.pages {
		if page.bits != nil {
			n += pageBits - page.free
		}
		if p == 0 && page.bits != nil {
			n-- // pid 0
		}
	}
	if n != m.n {
		panic(fmt.Sprintf("paged: %d pids in use by pages, and said to be %d", n, m.n))
	}
}
