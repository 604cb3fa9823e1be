package pidns

import (
	"testing"
	"testing/synctest"

	"example.com/pidmap/alloc"
)

// A zombie that an orphaning brings wakes the heir that waits, though it is not
// the dead parent's own parent.
func TestOrphanedZombieWakesHeir(t *testing.T) {
	everyRegistry(t, func(w *world) {
		a := w.fork(w.init)
		b := w.fork(a)
		z := w.fork(b)
		w.ok(z.Exit(3))
		done := make(chan alloc.PID)
		go func() {
			pid, _, _ := w.init.Wait(forever)
			done <- pid
		}()
		synctest.Wait()
		w.ok(b.Exit(0)) // a zombie of a's; z goes to init
		if pid := <-done; pid != 4 {
			w.Errorf("Wait gives pid %d", pid)
		}
	})
}

// A fork from outside that waits for a thaw is told of the zap, though nobody
// has died of it.
func TestGuarantee1_ZapEndsWaitingForks(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		outside := w.fork(w.init)
		w.ok(outside.Enter(ns))
		if _, err := ns.Freeze(forever, w.sweep); err != nil {
			w.Fatal(err)
		}
		birth := func(by Task) func() error {
			return func() error {
				_, err := by.Fork()
				return err
			}
		}
		fork, own := start(birth(outside)), start(birth(reaper))
		if !fork.waits() || !own.waits() {
			w.Error("a fork does not wait for the thaw")
		}
		w.zap(ns)
		w.fails(<-fork, alloc.ErrTerminating)
		w.fails(<-own, alloc.ErrTerminating)
	})
}
