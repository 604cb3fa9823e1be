package pidns

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"example.com/pidmap/alloc"
)

// pending is a call that may have to wait.
type pending chan error

// start makes the call and lets it come as far as it can.
func start(call func() error) pending {
	p := make(pending, 1)
	go func() { p <- call() }()
	synctest.Wait()
	return p
}

// startZap begins a zap that is to end by itself.
func (w *world) startZap(ns *Namespace) pending {
	return start(func() error { return ns.Zap(forever, w.sweep) })
}

// waits tells whether the call has not come back.
func (p pending) waits() bool {
	synctest.Wait()
	return len(p) == 0
}

// empty wants nobody left in ns but so many of the reaper's own group, and no
// birth in it any more.
func (w *world) empty(ns *Namespace, own int) {
	w.Helper()
	if n := ns.Len(); n != own || ns.pids.Len() != own {
		w.Errorf("%d tasks and %d numbers are left, want %d", n, ns.pids.Len(), own)
	}
	if reaper := ns.Reaper(); !gone(reaper) && !dead(reaper) {
		_, err := reaper.Fork()
		w.fails(err, alloc.ErrTerminating)
	}
	w.check()
}

// Zaps of the same namespace, and of one above while one below is held up, all
// end when the last has gone.
func TestZapsAtOnce(t *testing.T) {
	every(t, func(w *world) {
		outer, reaper := w.space(w.init)
		ns, nested := w.space(reaper)
		held := w.fork(nested)
		p := w.hold(held)
		inner := w.startZap(ns)
		again := w.startZap(ns)
		above := w.startZap(outer)
		exit := start(func() error { return reaper.Exit(0) })
		if !inner.waits() || !again.waits() || !above.waits() || exit.waits() {
			w.Error("a zap has ended, or the reaper's exit waits")
		}
		w.ok(held.Exit(0))
		for _, zap := range []pending{inner, again, above, exit} {
			w.ok(<-zap)
		}
		if !p.is(syscall.SIGKILL) {
			w.Errorf("told %v, want SIGKILL once", p.sigs)
		}
		w.empty(ns, 0)
		w.empty(outer, 1)
		w.reaps(w.init, 2, 0)
	})
}

// When the context ends first, the zap counts and names who is left; the gate
// stays shut, and another zap may wait.
func TestSurvivors(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		own := w.thread(reaper)
		var held []Task
		for range 70 {
			w.fork(reaper)
			held = append(held, w.fork(reaper))
			w.hold(held[len(held)-1])
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5)
		defer cancel()
		err := ns.Zap(ctx, w.sweep)
		var left *SurvivorsError
		if !errors.As(err, &left) || !errors.Is(err, context.DeadlineExceeded) || errors.Unwrap(err) != ctx.Err() {
			w.Fatalf("error %v", err)
		}
		if left.Count != 70 || len(left.PIDs) != 64 || left.PIDs[0] != w.pid(held[0], ns) || !slices.IsSorted(left.PIDs) {
			w.Errorf("%d are left, %d", left.Count, left.PIDs)
		}
		if !strings.Contains(err.Error(), "70 left") {
			w.Errorf("error %q", err)
		}
		_, err = own.Fork()
		w.fails(err, alloc.ErrTerminating)
		zap := w.startZap(ns)
		for _, task := range held {
			if !zap.waits() {
				w.Fatal("the zap has ended")
			}
			w.ok(task.Exit(0))
		}
		w.ok(<-zap)
		w.empty(ns, 2)
	})
}

// The context may be at its end already: everything but the wait is done.
func TestZapWithoutWaiting(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		w.fork(reaper)
		w.ok(ns.Zap(ended, w.sweep))
		w.empty(ns, 1)
	})
}
