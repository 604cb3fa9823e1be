package pidns

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// Programs are told SIGSTOP by each freeze and SIGCONT by the thaw that lets
// them go on; one attached meanwhile is told SIGCONT.
func TestFreezeTellsPrograms(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		inner, below := w.space(reaper)
		outer, deep := w.hold(w.thread(reaper)), w.hold(w.fork(below))
		idle := w.hold(w.init)
		w.freeze(inner)
		late := w.hold(below)
		w.freeze(ns)
		w.thaw(inner)
		w.freeze(inner)
		w.thaw(ns)
		if !outer.is(syscall.SIGSTOP, syscall.SIGCONT) {
			w.Errorf("outside the inner one: told %v", outer.sigs)
		}
		if !deep.is(syscall.SIGSTOP, syscall.SIGSTOP, syscall.SIGSTOP) {
			w.Errorf("below, still frozen: told %v", deep.sigs)
		}
		w.thaw(inner)
		if !deep.is(syscall.SIGSTOP, syscall.SIGSTOP, syscall.SIGSTOP, syscall.SIGCONT) {
			w.Errorf("below: told %v", deep.sigs)
		}
		if !late.is(syscall.SIGSTOP, syscall.SIGSTOP, syscall.SIGCONT) {
			w.Errorf("attached late: told %v", late.sigs)
		}
		if !idle.is() {
			w.Errorf("outside: told %v", idle.sigs)
		}
	})
}

// A context that ends before everybody is told leaves the namespace as it was;
// whoever was told SIGSTOP is told SIGCONT.
func TestFreezeContext(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		w.unchanged(func() {
			n, err := ns.Freeze(ended, w.sweep)
			if n != 0 || !errors.Is(err, context.Canceled) {
				w.Errorf("Freeze gives %d, %v", n, err)
			}
		})
		for _, frozen := range []bool{false, true} {
			for range 2 * batchSize {
				w.fork(reaper)
			}
			if frozen {
				w.freeze(ns)
			}
			ctx, cancel := context.WithCancel(context.Background())
			var sigs []syscall.Signal
			w.ok(reaper.OnSignal(func(_ Task, sig syscall.Signal) {
				if sigs = append(sigs, sig); sig == syscall.SIGSTOP {
					cancel()
				}
			}))
			if n, err := ns.Freeze(ctx, w.sweep); n != 0 || !errors.Is(err, context.Canceled) {
				w.Errorf("Freeze gives %d, %v", n, err)
			}
			w.ok(w.root.host.marksHold())
			want := []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT}
			if frozen {
				want = want[:1]
			}
			if !slices.Equal(sigs, want) {
				w.Errorf("told %v, want %v", sigs, want)
			}
			if frozen {
				w.thaw(ns)
			}
			w.fails(ns.Thaw(), ErrNotFrozen)
			w.fork(reaper)
		}
	})
}

// A context that ends when everybody has been told is too late.
func TestFreezeContextTooLate(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		w.fork(reaper)
		ctx, cancel := context.WithCancel(context.Background())
		var last told
		w.ok(w.fork(reaper).OnSignal(func(self Task, sig syscall.Signal) {
			last.hook(self, sig)
			cancel()
		}))
		if n, err := ns.Freeze(ctx, w.sweep); n != 3 || err != nil || !last.is(syscall.SIGSTOP) {
			w.Errorf("Freeze gives %d, %v; told %v", n, err, last.sigs)
		}
		w.thaw(ns)
	})
}

// A namespace that ends while its freeze tells programs is nobody's burden.
func TestFreezeOfTheEnding(t *testing.T) {
	every(t, func(w *world) {
		for _, late := range []bool{false, true} {
			ns, reaper := w.space(w.init)
			ctx, cancel := context.WithCancel(context.Background())
			first := w.fork(reaper)
			for range batchSize {
				w.fork(reaper) // so that not everybody has been told when ctx ends
			}
			w.ok(first.OnSignal(func(self Task, sig syscall.Signal) {
				if sig != syscall.SIGSTOP {
					_ = self.Exit(0)
					return
				}
				w.ok(reaper.Signal(syscall.SIGKILL))
				if late {
					cancel()
				}
			}))
			_, err := ns.Freeze(ctx, w.sweep)
			cancel()
			if late != errors.Is(err, context.Canceled) || !late && err != nil {
				w.Errorf("Freeze gives %v", err)
			}
			_, _, err = w.init.Wait(ended)
			w.ok(err)
			w.ok(w.root.host.marksHold())
			w.fails(ns.Thaw(), ErrNotFrozen)
			_, err = ns.Freeze(forever, w.sweep)
			w.fails(err, alloc.ErrTerminating)
		}
	})
}

func TestFreezeRefused(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, _ := w.space(w.init)
		inner := w.must(ns.Reaper().ForkNamespace(Config{})).Namespace()
		w.unchanged(func() {
			w.fails(ns.Thaw(), ErrNotFrozen)
			for _, sweep := range []Sweep{List, Array, Leaders} {
				_, err := inner.Freeze(forever, sweep)
				w.fails(err, ErrNoList)
			}
			_, err := ns.Freeze(forever, "frost")
			w.fails(err, ErrInvalid)
			w.fails(ns.Thaw(), ErrNotFrozen)
		})
		w.zap(ns)
		for _, of := range []*Namespace{ns, inner} {
			_, err := of.Freeze(forever, Walk)
			w.fails(err, alloc.ErrTerminating)
		}
	})
}

// A thaw that somebody else calls while a freeze is under way finds all of its
// marks or none: none is left over.
func TestThawBesideFreeze(t *testing.T) {
	every(t, func(w *world) {
		ns, reaper := w.space(w.init)
		child := w.fork(reaper)
		w.ok(child.OnSignal(func(_ Task, sig syscall.Signal) {
			if sig == syscall.SIGSTOP {
				w.ok(ns.Thaw())
			}
		}))
		w.freeze(ns)
		w.ok(w.root.host.marksHold())
		w.fails(ns.Thaw(), ErrNotFrozen)
		w.ok(child.OnSignal(nil))

		const n = 30
		thaws := make(chan error)
		go func() {
			for range n {
				err := ns.Thaw()
				for errors.Is(err, ErrNotFrozen) {
					runtime.Gosched()
					err = ns.Thaw()
				}
				if err != nil {
					thaws <- err
					return
				}
			}
			thaws <- nil
		}()
		for range n {
			_, err := ns.Freeze(forever, w.sweep)
			w.ok(err)
		}
		w.ok(<-thaws)
		w.ok(w.root.host.marksHold())
	})
}
