package alloc

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// made gives the number of pages there are, and an error where a free count is
// not the number of clear bits.
func (m *Paged) made() (int, error) {
	made, used := 0, 0
	for p, page := range m.pages {
		if page.bits == nil {
			continue
		}
		made++
		set := 0
		for _, w := range page.bits {
			set += bits.OnesCount64(w)
		}
		if page.free != pageBits-set {
			return 0, fmt.Errorf("page %d: free is %d, %d bits are clear", p, page.free, pageBits-set)
		}
		used += set
	}
	if len(m.pages) > 0 && m.pages[0].bits != nil {
		used-- // pid 0
	}
	if used != m.n {
		return 0, fmt.Errorf("%d pids counted, Len is %d", used, m.n)
	}
	return made, nil
}

func (m *Paged) wantPages(t *testing.T, want int) {
	t.Helper()
	got, err := m.made()
	if err != nil || got != want {
		t.Fatalf("%d pages, %v; want %d", got, err, want)
	}
}

// A page is made for the first pid taken in it, by nothing else, and it stays.
func TestPagedMakesPagesOnFirstUse(t *testing.T) {
	b, err := NewPaged(Limits{Max: 4 * pageBits})
	if err != nil {
		t.Fatal(err)
	}
	m := b.(*Paged)
	m.Next(0)
	m.Release(5)
	m.Release(pageBits)
	m.TakeFirst(7, 7)
	m.wantPages(t, 0)
	m.Take(3*pageBits + 5)
	m.wantPages(t, 1)
	m.TakeFirst(1, 4*pageBits)
	m.wantPages(t, 2)
	m.Release(3*pageBits + 5)
	m.Release(1)
	m.wantPages(t, 2)
	m.Next(0)
	for range pageBits - 1 {
		m.TakeFirst(1, 4*pageBits)
	}
	m.wantPages(t, 2)
	if pid, ok := m.TakeFirst(1, 4*pageBits); !ok || pid != pageBits {
		t.Fatalf("after a full page TakeFirst gives %d, %t", pid, ok)
	}
	m.wantPages(t, 3)
}

func TestPagedFreeCounts(t *testing.T) {
	for _, top := range []PID{2, 64, pageBits - 1, pageBits, pageBits + 1, 2 * pageBits, 3*pageBits + 77} {
		t.Run(fmt.Sprintf("max=%d", top), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(top), 2))
			b, err := NewPaged(Limits{Max: top})
			if err != nil {
				t.Fatal(err)
			}
			for step := range 60 {
				changeRun(b, r, top)
				if _, err := b.(*Paged).made(); err != nil {
					t.Fatalf("step %d: %v", step, err)
				}
			}
		})
	}
}
