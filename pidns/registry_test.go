package pidns

import (
	"math/rand/v2"
	"slices"
	"testing"

	"example.com/pidmap/alloc"
)

// The hash of 2.6.22 stops growing at 4,096 chains, the other one grows with its
// tasks; both find everybody, and nobody who has gone, at whatever length of
// their chains.
func TestHashGrowth(t *testing.T) {
	for registry, want := range map[string]int{PagedHash: hashChains, TreeHash: 1 << 14} {
		root, err := New(Config{Registry: registry})
		if err != nil {
			t.Fatal(err)
		}
		init, r := root.Reaper(), rand.New(rand.NewPCG(1, 1))
		tasks := map[alloc.PID]Task{1: init}
		for range 10_000 {
			child, err := init.Fork()
			if err != nil {
				t.Fatal(err)
			}
			tasks[child.PID()] = child
			if r.IntN(10) == 0 {
				pid := child.PID()
				if child.Exit(0) != nil {
					t.Fatal("Exit failed")
				}
				if _, _, err := init.Wait(ended); err != nil {
					t.Fatal(err)
				}
				delete(tasks, pid)
			}
		}
		if n := len(root.index.(*hash).heads); n != want {
			t.Errorf("%s: %d chains, want %d", registry, n, want)
		}
		for pid := range root.Last() + 100 {
			if got, ok := root.Task(pid); got != tasks[pid] || ok != (got != Task{}) {
				t.Fatalf("%s: number %d finds %v, want %v", registry, pid, got, tasks[pid])
			}
		}
		gathersAll(t, root, r)
		if err := root.host.verifyNow(); err != nil {
			t.Error(err)
		}
	}
}

// gathersAll asks for flights of numbers, those of tasks and of nobody, by one call
// and one by one.
func gathersAll(t *testing.T, ns *Namespace, r *rand.Rand) {
	t.Helper()
	for range 500 {
		pids := make([]alloc.PID, r.IntN(flightSize+1))
		var want []uint32
		for i := range pids {
			pids[i] = 1 + alloc.PID(r.Int32N(int32(ns.Last())+50))
			if slot := ns.at(pids[i]); slot != 0 {
				want = append(want, slot)
			}
		}
		var got [flightSize]uint32
		if n := ns.index.(*hash).gather(pids, &got); !slices.Equal(got[:n], want) {
			t.Fatalf("numbers %d: slots %d, want %d", pids, got[:n], want)
		}
	}
}
