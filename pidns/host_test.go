package pidns

import (
	"syscall"
	"testing"
	"testing/synctest"
)

// A sweep holds off every change and is held off by none that has begun; sweeps
// run beside each other, but none begins while a change waits, or changes would
// starve; whoever only looks waits for nobody.
func TestSweepsAndChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "", Walk)
		h := w.root.host
		h.beginSweep()
		h.beginSweep() // beside the first
		if w.root.Len() != 1 {
			t.Error("it cannot be looked at")
		}
		changes := map[string]pending{
			"Fork":   start(func() error { _, err := w.init.Fork(); return err }),
			"Enter":  start(func() error { return w.init.Enter(w.root) }),
			"Signal": start(func() error { return w.init.Signal(syscall.SIGCONT) }),
		}
		late := start(func() error {
			_, err := w.root.Mark(Walk, syscall.SIGCONT)
			return err
		})
		h.endSweep()
		for name, change := range changes {
			if !change.waits() {
				t.Errorf("%s does not wait for the second sweep", name)
			}
		}
		if !late.waits() {
			t.Error("a sweep begins before changes that wait")
		}
		h.endSweep()
		for _, change := range changes {
			w.ok(<-change)
		}
		w.ok(<-late)
		if w.root.Len() != 2 || h.sweeps != 0 || h.writers != 0 {
			t.Errorf("%d tasks, %d sweeps, %d writers", w.root.Len(), h.sweeps, h.writers)
		}
	})
}
