package pidns

import (
	"testing"

	"example.com/pidmap/alloc"
)

// Numbers can be chosen at every level by whom nothing is said of; LimitForkAt
// denies levels, for good, to the task and to whom it gives birth to: EPERM of
// clone(2), set_tid.
func TestLimitForkAt(t *testing.T) {
	everyRegistry(t, func(w *world) {
		spaces, reapers := w.chain(600, 600, 600)
		task := w.fork(reapers[2])
		w.must(task.ForkAt(50, 51, 52))
		w.ok(task.LimitForkAt(spaces[1]))
		w.must(task.ForkAt(60, 61))
		w.unchanged(func() {
			_, err := task.ForkAt(70, 71, 72)
			w.fails(err, ErrPermission)
			_, err = task.ForkNamespace(w.cfg, 1, 70, 71, 72)
			w.fails(err, ErrPermission)
		})
		child, thread := w.fork(task), w.thread(task)
		reaper := w.must(task.ForkNamespace(w.cfg, 1, 80, 81))
		for _, heir := range []Task{child, thread, reaper, w.fork(w.thread(w.fork(reaper)))} {
			w.unchanged(func() {
				at := []alloc.PID{90, 91, 92, 93}
				if heir == child || heir == thread {
					at = at[:3]
				}
				_, err := heir.ForkAt(at...)
				w.fails(err, ErrPermission)
			})
			w.fails(heir.LimitForkAt(spaces[0]), ErrPermission)
		}
		w.ok(task.LimitForkAt(spaces[1])) // as before
		w.ok(task.LimitForkAt(nil))
		for _, at := range [][]alloc.PID{{95}, {95, 96}} {
			w.unchanged(func() {
				_, err := task.ForkAt(at...)
				w.fails(err, ErrPermission)
			})
		}
		w.fails(task.LimitForkAt(spaces[2]), ErrPermission)
		w.must(task.ForkAt()) // none is chosen
		w.must(child.ForkAt(95))

		w.fails(child.LimitForkAt(reaper.Namespace()), ErrInvalid) // below
		other, err := New(w.cfg)
		w.ok(err)
		w.fails(child.LimitForkAt(other), ErrInvalid)
		w.ok(child.Exit(0))
		w.fails(child.LimitForkAt(nil), ErrDead)
		w.fails(Task{}.LimitForkAt(nil), ErrDead)
		w.check()
	})
}

// What is wrong with a request is told in this order: too many numbers, or one
// out of range; no permission; in use. The inner levels come first, and any of
// them leaves everything as it was.
func TestForkAtOrderOfErrors(t *testing.T) {
	cases := []struct {
		at   []alloc.PID
		want error
	}{
		{[]alloc.PID{50, 60, 1, 1}, ErrInvalid}, // more than levels, whatever they are
		{[]alloc.PID{0, 60}, ErrInvalid},        // out of range, before no permission above
		{[]alloc.PID{70, 600}, ErrInvalid},      // at one level: out of range, before no permission
		{[]alloc.PID{70, 60, 600}, ErrPermission},
		{[]alloc.PID{70, 60}, ErrPermission}, // before in use, at the same level
		{[]alloc.PID{50, 61}, ErrPermission}, // and at one inside
		{[]alloc.PID{50}, alloc.ErrInUse},
	}
	everyRegistry(t, func(w *world) {
		spaces, reapers := w.chain(600, 600, 600)
		w.must(reapers[2].ForkAt(50, 60))
		task := w.fork(reapers[2])
		w.ok(task.LimitForkAt(spaces[2]))
		for _, c := range cases {
			w.unchanged(func() {
				_, err := task.ForkAt(c.at...)
				if w.fails(err, c.want); w.Failed() {
					w.Fatalf("ForkAt(%d)", c.at)
				}
			})
		}
		w.zap(spaces[2])
		w.unchanged(func() {
			_, err := reapers[2].ForkAt(70)
			w.fails(err, alloc.ErrTerminating)
		})
	})
}

// Who may choose where is in a snapshot, from the first namespace on; above, the
// copy may what its parent may.
func TestGuarantee9_LimitForkAt(t *testing.T) {
	everyRegistry(t, func(w *world) {
		spaces, reapers := w.chain(600, 600, 600)
		free, inner, outer, none := w.fork(reapers[2]), w.fork(reapers[2]), w.fork(reapers[2]), w.fork(reapers[2])
		w.ok(inner.LimitForkAt(spaces[2]))
		w.ok(outer.LimitForkAt(spaces[1]))
		w.ok(none.LimitForkAt(nil))
		w.freeze(spaces[1])
		snap := w.checkpoint(spaces[1])
		var limits []int
		for _, task := range snap.Tasks {
			limits = append(limits, task.Limited)
		}
		w.ok(spaces[1].Thaw())
		if want := []int{0, 0, 0, 1, 0, mayNotChoose - 1}; len(limits) != len(want) || limits[3] != want[3] || limits[4] != want[4] || limits[5] != want[5] {
			w.Errorf("limits %d, want %d", limits, want)
		}
		for _, limited := range []bool{false, true} {
			by := w.fork(w.init)
			if limited {
				w.ok(by.LimitForkAt(nil))
			}
			copied, err := Restore(by, snap, nil)
			w.ok(err)
			w.ok(copied.Thaw())
			nested, ok := copied.Task(2)
			if !ok {
				w.Fatal("no nested reaper in the copy")
			}
			ns := nested.Namespace()
			of := func(task Task) Task {
				got, ok := ns.Task(task.PID())
				if !ok {
					w.Fatalf("pid %d is not in the copy", task.PID())
				}
				return got
			}
			try := func(task Task, want error, at ...alloc.PID) {
				w.Helper()
				child, err := of(task).ForkAt(at...)
				w.fails(err, want)
				if err == nil {
					w.ok(child.Exit(0))
				}
			}
			everywhere, ofCopy := error(nil), error(nil)
			if limited {
				everywhere, ofCopy = ErrPermission, ErrPermission
			}
			try(free, ofCopy, 70)
			try(free, everywhere, 71, 72, 300)
			try(inner, ofCopy, 73)
			try(inner, ErrPermission, 74, 75)
			try(outer, ofCopy, 76, 77)
			try(none, ErrPermission, 78)
			if !limited {
				try(outer, nil, 79, 80, 301)
			}
		}
		w.check()
	})
}
