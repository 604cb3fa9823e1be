package alloc

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// bothNexts runs f with the kernel, where it runs here, and without.
func bothNexts(t *testing.T, f func(t *testing.T)) {
	had := vector
	defer func() { vector = had }()
	for _, vector = range []bool{false, true} {
		if vector && !had {
			t.Log("no vector kernel here")
			continue
		}
		t.Run(fmt.Sprintf("vector=%t", vector), f)
	}
}

// batching is what decodeNode serves.
type batching interface {
	nexter
	Batcher
}

// batchings make a Tree, and the trees of shards, with a way to take a pid.
var batchings = map[string]func(t *testing.T, top PID) (batching, func(PID)){
	"tree": func(t *testing.T, top PID) (batching, func(PID)) {
		b, err := NewTree(Limits{Max: top})
		if err != nil {
			t.Fatal(err)
		}
		return b.(*Tree), func(pid PID) { b.Take(pid) }
	},
	"sharded": func(t *testing.T, top PID) (batching, func(PID)) {
		s := newSharded(t, Limits{Max: top, Reserved: 1}, 3, nil)
		return s, func(pid PID) { _ = s.AllocAt(pid) }
	},
}

// TestNextN compares NextN with a list of what is in use: any density, any
// room, any start, words and sums at their seams, and trees that have not grown
// to Max. Around what NextN may write lie canaries.
func TestNextN(t *testing.T) {
	for name, makeOf := range batchings {
		t.Run(name, func(t *testing.T) { testNextN(t, makeOf) })
	}
}

func testNextN(t *testing.T, makeOf func(t *testing.T, top PID) (batching, func(PID))) {
	const canary = -7
	bothNexts(t, func(t *testing.T) {
		for _, top := range []PID{2, 63, 64, 65, 129, 4095, 4096, 4097, 8200, 262145, 600000} {
			for _, each := range []int{1, 2, 10, 40, 100, 400, 10000, 200000, -700} { // 1 of each; runs if < 0
				r := rand.New(rand.NewPCG(uint64(top), uint64(each)))
				m, take := makeOf(t, top)
				reach := 2 + r.Int32N(int32(top)-1) // the tree grows no further
				if r.IntN(2) == 0 {
					reach = int32(top)
				}
				var used []PID
				on := false
				for pid := PID(1); pid < PID(reach); pid++ {
					if each > 0 {
						on = r.IntN(each) == 0
					} else if r.IntN(-each) == 0 {
						on = !on
					}
					if on {
						take(pid)
						used = append(used, pid)
					}
				}
				buf := make([]PID, 8400)
				for room := range 260 {
					size := room
					if room > 200 {
						size = 201 + r.IntN(8000)
					}
					after := PID(r.Int32N(int32(top)+200) - 70)
					for i := range buf {
						buf[i] = canary
					}
					at, found := slices.BinarySearch(used, after)
					if found {
						at++
					}
					want := used[at:min(at+size, len(used))]
					n := m.NextN(after, buf[64:64+size])
					if n != len(want) || !slices.Equal(buf[64:64+n], want) {
						t.Fatalf("max %d, 1 of %d: NextN(%d) of %d is %v, want %v", top, each, after, size, buf[64:64+min(n, size)], want)
					}
					untouched := func(c PID) bool { return c == canary }
					if slices.ContainsFunc(buf[:64], func(c PID) bool { return !untouched(c) }) ||
						slices.ContainsFunc(buf[64+n:], func(c PID) bool { return !untouched(c) }) {
						t.Fatalf("max %d, 1 of %d: NextN(%d) of %d wrote outside its %d pids", top, each, after, size, n)
					}
				}
			}
		}
	})
}

// TestTreeNextNWords walks trees of one word in every shape of few runs, from
// every start, with every room.
func TestTreeNextNWords(t *testing.T) {
	bothNexts(t, func(t *testing.T) {
		for lo := PID(1); lo < 64; lo += 3 {
			for hi := lo + 1; hi <= 64; hi += 5 {
				b, err := NewTree(Limits{Max: 200})
				if err != nil {
					t.Fatal(err)
				}
				for pid := lo; pid < hi; pid++ {
					b.Take(pid)
					b.Take(64 + pid)
				}
				for after := PID(0); after < 130; after++ {
					for size := range 66 {
						want := make([]PID, 0, size)
						for pid, ok := b.Next(after); ok && len(want) < size; pid, ok = b.Next(pid) {
							want = append(want, pid)
						}
						got := make([]PID, size)
						if n := b.(*Tree).NextN(after, got); !slices.Equal(got[:n], want) {
							t.Fatalf("[%d,%d): NextN(%d) of %d = %v, want %v", lo, hi, after, size, got[:n], want)
						}
					}
				}
			}
		}
	})
}

// TestNextNSums walks sums of every number of words in use, and within them
// every number of bytes, which is what the kernel chooses its ways by: from random
// starts, with room for all, for one less and for random numbers.
func TestNextNSums(t *testing.T) {
	for name, makeOf := range batchings {
		t.Run(name, func(t *testing.T) { testNextNSums(t, makeOf) })
	}
}

func testNextNSums(t *testing.T, makeOf func(t *testing.T, top PID) (batching, func(PID))) {
	const seed = 11
	t.Logf("seed %d", seed)
	bothNexts(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(seed, 0))
		for words := 1; words <= 64; words++ {
			for bytes := 1; bytes <= 8; bytes++ {
				m, take := makeOf(t, 3*4096)
				for _, w := range r.Perm(64)[:words] {
					for _, i := range r.Perm(8)[:bytes] {
						pid := PID(4096 + w<<6 + i<<3)
						for bit := range PID(8) {
							if bit == 0 || r.IntN(9) < words%5 {
								take(pid + bit)
							}
						}
					}
				}
				take(PID(1 + r.Int32N(64)<<6))
				take(2 * 4096)
				for range 8 {
					after := PID(r.Int32N(2 * 4096))
					var all []PID
					for pid, ok := m.Next(after); ok; pid, ok = m.Next(pid) {
						all = append(all, pid)
					}
					for _, size := range []int{len(all) + 20, len(all), len(all) - 1, r.IntN(len(all) + 1)} {
						got := make([]PID, size)
						want := all[:min(size, len(all))]
						if n := m.NextN(after, got); !slices.Equal(got[:n], want) || slices.Max(append(got[n:], 0)) != 0 {
							t.Fatalf("%d words of %d bytes: NextN(%d) of %d is %v, want %v", words, bytes, after, size, got, want)
						}
					}
				}
			}
		}
	})
}
