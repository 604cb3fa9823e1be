package alloc

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// verify walks the whole tree: every tag against what lies below it, every
// count against the tags, every slot of a free pid for the zero T.
func (d *IDR[T]) verify() error {
	nodes, leaves, pids := 0, 0, 0
	var zero T
	var walk func(at idrSlot[T], l int) (free, some bool, err error)
	walk = func(at idrSlot[T], l int) (bool, bool, error) {
		if l == 0 {
			leaves++
			for b, v := range at.leaf.slots {
				if at.leaf.free>>b&1 == 0 {
					pids++
				} else if any(v) != any(zero) {
					return false, false, fmt.Errorf("a free slot holds %v", v)
				}
			}
			return at.leaf.free != 0, at.leaf.free != ^uint64(0), nil
		}
		nodes++
		for i, kid := range at.node.kids {
			free, some := true, false
			if kid != (idrSlot[T]{}) {
				if (kid.leaf != nil) != (l == 1) {
					return false, false, fmt.Errorf("level %d has the wrong kind of child %d", l, i)
				}
				var err error
				if free, some, err = walk(kid, l-1); err != nil {
					return false, false, err
				}
				if !some {
					return false, false, fmt.Errorf("level %d has an empty child %d", l, i)
				}
			}
			if at.node.free>>i&1 != 0 != free || at.node.some>>i&1 != 0 != some {
				return false, false, fmt.Errorf("level %d: tags of child %d are not free=%t some=%t", l, i, free, some)
			}
		}
		return at.node.free != 0, at.node.some != 0, nil
	}
	if d.height > 0 {
		if _, some, err := walk(d.root, d.height-1); err != nil || !some {
			return fmt.Errorf("root: some=%t, %v", some, err)
		}
	} else if d.root != (idrSlot[T]{}) {
		return fmt.Errorf("height 0 with a root")
	}
	if pids != d.n || nodes != d.nodes.used || leaves != d.leaves.used {
		return fmt.Errorf("%d pids, %d nodes, %d leaves; counted %d, %d, %d", pids, nodes, leaves, d.n, d.nodes.used, d.leaves.used)
	}
	if len(d.nodes.kept) > max(nodes, spareMin) || len(d.leaves.kept) > max(leaves, spareMin) {
		return fmt.Errorf("%d nodes and %d leaves kept for %d and %d in use", len(d.nodes.kept), len(d.leaves.kept), nodes, leaves)
	}
	return nil
}

// TestIDRAgainstMap runs random calls on an IDR and on a map of what it should
// hold, at the seams of leaf and node, and looks through the tree now and then.
func TestIDRAgainstMap(t *testing.T) {
	for _, top := range []PID{2, 64, 65, 4096, 4097, 262144, 262145, 1 << 24, 1<<24 + 1, 1 << 30} {
		t.Run(fmt.Sprintf("max=%d", top), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(top), 1))
			d, err := NewIDROf[int](Limits{Max: top})
			if err != nil {
				t.Fatal(err)
			}
			pick := func() PID { // near one of the places where something begins
				near := []PID{0, 64, 4096, 262144, 1 << 24, top}[r.IntN(6)]
				return near + PID(r.IntN(70)) - 35
			}
			model := map[PID]int{}
			for step := range 3000 {
				pid, v := pick(), r.Int()
				_, used := model[pid]
				holds := pid >= 1 && pid < top
				switch r.IntN(5) {
				case 0:
					if got := d.Take(pid); got != (holds && !used) {
						t.Fatalf("Take(%d) = %t", pid, got)
					} else if got {
						model[pid] = 0
					}
				case 1:
					hi := pid + PID(r.IntN(200))
					want := max(pid, 1)
					for ; want < min(hi, top); want++ {
						if _, used := model[want]; !used {
							break
						}
					}
					got, ok := d.TakeFirst(pid, hi)
					if ok != (want < min(hi, top)) || ok && got != want {
						t.Fatalf("TakeFirst(%d, %d) = %d, %t, want %d", pid, hi, got, ok, want)
					}
					if ok {
						model[got] = 0
					}
				case 2:
					if got := d.Release(pid); got != used {
						t.Fatalf("Release(%d) = %t", pid, got)
					}
					delete(model, pid)
				case 3:
					if got := d.Store(pid, v); got != used {
						t.Fatalf("Store(%d) = %t", pid, got)
					} else if got {
						model[pid] = v
					}
				case 4:
					if got, ok := d.Load(pid); ok != used || got != model[pid] {
						t.Fatalf("Load(%d) = %d, %t, want %d, %t", pid, got, ok, model[pid], used)
					}
				}
				if step%100 == 0 {
					if err := d.verify(); err != nil {
						t.Fatal(err)
					}
					checkOrder(t, d, model)
				}
			}
			for pid := range model {
				d.Release(pid)
			}
			if err := d.verify(); err != nil || d.height != 0 {
				t.Fatalf("drained: height %d, %v", d.height, err)
			}
		})
	}
}

// checkOrder compares Len, Next and NextN with the keys of model.
func checkOrder[V any](t *testing.T, b Backend, model map[PID]V) {
	t.Helper()
	var want, got []PID
	for pid := range model {
		want = append(want, pid)
	}
	slices.Sort(want)
	for pid, ok := b.Next(0); ok; pid, ok = b.Next(pid) {
		got = append(got, pid)
	}
	if !slices.Equal(got, want) || b.Len() != len(want) {
		t.Fatalf("Next gives %v, Len %d, want %v", got, b.Len(), want)
	}
	for _, size := range []int{0, 1, 3, 64, len(want) + 1} {
		got, buf, after := got[:0], make([]PID, size), PID(math.MinInt32)
		for n := b.(Batcher).NextN(after, buf); n > 0; n = b.(Batcher).NextN(after, buf) {
			got, after = append(got, buf[:n]...), buf[n-1]
		}
		if size > 0 && !slices.Equal(got, want) {
			t.Fatalf("NextN by %d gives %v, want %v", size, got, want)
		}
	}
}

func TestIDROddInput(t *testing.T) {
	for _, top := range []PID{2, 100, 1 << 30} {
		d, err := NewIDROf[string](Limits{Max: top})
		if err != nil {
			t.Fatal(err)
		}
		d.Take(top - 1)
		for _, pid := range []PID{math.MinInt32, -1, 0, top, top + 1, math.MaxInt32} {
			if d.Take(pid) || d.Release(pid) || d.Store(pid, "x") {
				t.Errorf("Max %d: %d was accepted", top, pid)
			}
			if v, ok := d.Load(pid); ok || v != "" {
				t.Errorf("Max %d: Load(%d) = %q, %t", top, pid, v, ok)
			}
			if next, ok := d.Next(pid); ok != (pid < top-1) || ok && next != top-1 {
				t.Errorf("Max %d: Next(%d) = %d, %t", top, pid, next, ok)
			}
		}
	}
	if _, err := NewIDROf[int](Limits{Max: 1}); err == nil {
		t.Error("Max 1 was accepted")
	}
	if b, err := NewIDR(Limits{Max: -1}); err == nil || b != nil {
		t.Errorf("Max -1 gave %v, %v", b, err)
	}
}

// TestIDRForgets sees that a slot is zero when its pid is handed out again.
func TestIDRForgets(t *testing.T) {
	d, err := NewIDROf[*int](Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if !d.Take(7) {
			t.Fatal("Take(7) failed")
		}
		if v, ok := d.Load(7); !ok || v != nil {
			t.Fatalf("Load(7) = %v, %t of a fresh pid", v, ok)
		}
		d.Store(7, new(int))
		d.Release(7)
	}
}

// TestIDRAllocatesNothing churns trees of several densities, after a warm-up.
func TestIDRAllocatesNothing(t *testing.T) {
	if testing.CoverMode() != "" {
		t.Skip("counting allocations under coverage")
	}
	for _, n := range []int{1, 100, 5000} {
		d, err := NewIDROf[*int](Limits{Max: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, uint64(n)))
		live := make([]PID, n)
		for i := range live {
			live[i], _ = d.TakeFirst(PID(r.IntN(1<<20-1000)), 1<<20)
		}
		churn := func() {
			i := r.IntN(n)
			d.Release(live[i])
			live[i], _ = d.TakeFirst(PID(r.IntN(1<<20-1000)), 1<<20)
			d.Next(live[i])
		}
		for range 20 * n {
			churn()
		}
		if got := testing.AllocsPerRun(20000, churn); got != 0 {
			t.Errorf("%d live pids: %v allocations a pair", n, got)
		}
	}
}

// TestIDRMemory fills a tree, drains it but for one pid, and sees that what is
// kept follows.
func TestIDRMemory(t *testing.T) {
	const top = 1 << 20
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what pools of other tests hold goes with the second
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	empty := heap()
	b, err := NewIDR(Limits{Max: top})
	if err != nil {
		t.Fatal(err)
	}
	for range top - 1 {
		b.TakeFirst(1, top)
	}
	if got := float64(heap()-empty) * 8 / top; got > 5 {
		t.Errorf("full: %.2f bits a pid", got)
	}
	for pid := PID(1); pid < top-1; pid++ {
		b.Release(pid)
	}
	if got := heap() - empty; got > 32<<10 {
		t.Errorf("one pid left: %d bytes", got)
	}
	if pid, ok := b.Next(0); !ok || pid != top-1 {
		t.Errorf("Next(0) = %d, %t", pid, ok)
	}
}
