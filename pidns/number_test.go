package pidns

import (
	"slices"
	"testing"

	"example.com/pidmap/alloc"
)

// A task has a number in its own namespace and in every one above, and is found
// by each of them and by no other.
func TestNumbersAtEveryLevel(t *testing.T) {
	everyRegistry(t, func(w *world) {
		spaces := []*Namespace{w.root}
		forker := w.init
		for level := 1; level <= 5; level++ {
			for range level { // so that the levels number differently
				w.fork(forker)
			}
			ns, reaper := w.space(forker)
			if ns.Level() != level || ns.Parent() != spaces[level-1] || ns.Reaper() != reaper || reaper.Namespace() != ns {
				w.Fatalf("level %d: level %d, parent %p, reaper %v", level, ns.Level(), ns.Parent(), ns.Reaper())
			}
			spaces, forker = append(spaces, ns), reaper
		}
		child := w.fork(forker)
		want := []alloc.PID{22, 20, 17, 13, 8, 2}
		for level, ns := range spaces {
			if pid := w.pid(child, ns); pid != want[level] {
				w.Errorf("level %d: pid %d, want %d", level, pid, want[level])
			}
			if got, ok := ns.Task(want[level]); !ok || got != child {
				w.Errorf("level %d: pid %d finds %v, %t", level, want[level], got, ok)
			}
			if _, ok := ns.Task(want[level] + 1); ok {
				w.Errorf("level %d: somebody has pid %d", level, want[level]+1)
			}
			if n := ns.Len(); n != int(want[level]) || ns.Last() != want[level] {
				w.Errorf("level %d: %d tasks, last %d, want %d of both", level, n, ns.Last(), want[level])
			}
		}
		if child.PID() != 2 {
			w.Errorf("PID %d, want 2", child.PID())
		}
		if pid, ok := forker.PIDIn(spaces[4]); !ok || pid != 7 {
			w.Errorf("the reaper of level 5 is %d, %t at level 4", pid, ok)
		}
		if _, ok := w.init.PIDIn(spaces[1]); ok {
			w.Error("the root's reaper has a number in a namespace below")
		}
	})
}

// A namespace's Len and Tasks take in descendants and zombies.
func TestLenAndTasks(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		inner, innermost := w.space(reaper)
		a, b := w.fork(reaper), w.fork(innermost)
		w.ok(a.Exit(1))
		if w.root.Len() != 5 || ns.Len() != 4 || inner.Len() != 2 {
			w.Fatalf("%d, %d, %d tasks; want 5, 4, 2", w.root.Len(), ns.Len(), inner.Len())
		}
		var pids []alloc.PID
		var tasks []Task
		for pid, task := range ns.Tasks() {
			pids, tasks = append(pids, pid), append(tasks, task)
		}
		if !slices.Equal(pids, []alloc.PID{1, 2, 3, 4}) || !slices.Equal(tasks, []Task{reaper, innermost, a, b}) {
			w.Errorf("Tasks yields %d, %v", pids, tasks)
		}
		if got, ok := ns.Task(3); !ok || got != a {
			w.Error("a zombie is not found")
		}
		w.reaps(reaper, 3, 1)
		if _, ok := ns.Task(3); ok || ns.Len() != 3 || !gone(a) {
			w.Error("the zombie is there after Wait")
		}
	})
}

// Tasks may be stopped early, and what stays is yielded whatever comes and goes.
func TestTasksWhileTheyChange(t *testing.T) {
	everyRegistry(t, func(w *world) {
		var stay []Task
		for range 300 {
			w.fork(w.init)
			stay = append(stay, w.fork(w.init))
		}
		n := 0
		var seen []Task
		for pid, task := range w.root.Tasks() {
			if n++; n == 1 {
				continue
			}
			if pid%2 == 1 {
				seen = append(seen, task)
			}
			if next, ok := w.root.Task(pid + 1); ok && (pid+1)%2 == 0 {
				w.ok(next.Exit(0))
				if _, _, err := w.init.Wait(ended); err != nil {
					w.Fatal(err)
				}
			}
		}
		if !slices.Equal(seen, stay) {
			w.Errorf("%d of %d tasks that stayed were seen", len(seen), len(stay))
		}
		for range w.root.Tasks() {
			break
		}
	})
}

// No number is handed out twice in a row (1,000,000 forks at a limit of 32,768),
// and where they go in a circle only those from Reserved on come again.
func TestConsecutiveNumbersDiffer(t *testing.T) {
	forks := 1_000_000
	if testing.Short() || invariants || raced {
		forks = 50_000
	}
	everyRegistry(t, func(w *world) {
		if w.cfg.Registry != TreeTable && long == 1 {
			forks = min(forks, 100_000)
		}
		root, err := New(Config{Registry: w.cfg.Registry})
		w.ok(err)
		init := root.Reaper()
		for i, before := 0, alloc.PID(1); i < forks; i++ {
			child, err := init.Fork()
			if err != nil {
				w.Fatal(err)
			}
			pid := child.PID()
			if pid == before || w.cyclic() && i > alloc.DefaultMax && pid < alloc.DefaultReserved {
				w.Fatalf("fork %d: pid %d after %d", i, pid, before)
			}
			before = pid
			if child.Exit(0) != nil {
				w.Fatal("Exit failed")
			}
			if got, _, err := init.Wait(ended); got != pid || err != nil {
				w.Fatalf("Wait gives %d, %v", got, err)
			}
		}
	})
}

// The first task of a namespace is pid 1, and so it is after attempts to make
// one failed, at whatever level.
func TestFirstTaskIsOneAfterFailures(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		w.unchanged(func() {
			for _, level := range []int{0, 1, 2} {
				w.fault(&faults{reserve: func(l int) error {
					if l == level {
						return alloc.ErrFull
					}
					return nil
				}})
				_, err := reaper.ForkNamespace(w.cfg)
				w.fails(err, alloc.ErrFull)
			}
			w.fault(nil)
		})
		inner, first := w.space(reaper)
		if first.PID() != 1 || inner.Last() != 1 || w.pid(first, ns) != 2 {
			w.Errorf("the first task is pid %d, last %d", first.PID(), inner.Last())
		}
	})
}

// fault puts a fault between the steps of what comes, or takes it away.
func (w *world) fault(f *faults) {
	w.root.host.lock()
	w.root.host.faults = f
	w.root.host.mu.Unlock() // not unlock, which may look at what the last fault has left
}
