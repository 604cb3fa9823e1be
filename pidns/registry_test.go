package pidns

import (
	"math/rand/v2"
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
		if err := root.host.verifyNow(); err != nil {
			t.Error(err)
		}
	}
}
