package pidns

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// Configurations that cannot be: the error says what is wrong, for a root and
// below one.
func TestBadConfig(t *testing.T) {
	cases := []struct {
		cfg   Config
		want  error
		names string
	}{
		{Config{Registry: "btree"}, ErrInvalid, `"btree"`},
		{Config{Registry: "tree"}, ErrInvalid, `"tree"`},
		{Config{Lists: []Sweep{"lists"}}, ErrInvalid, `"lists"`},
		{Config{Lists: []Sweep{Walk}}, ErrInvalid, `"walk"`},
		{Config{Lists: []Sweep{Batch}}, ErrInvalid, `"batch"`},
		{Config{Lists: []Sweep{List, ""}}, ErrInvalid, `""`},
		{Config{Limits: alloc.Limits{Max: 1}}, alloc.ErrRange, "Max 1"},
		{Config{Limits: alloc.Limits{Max: -5}}, alloc.ErrRange, "Max -5"},
		{Config{Limits: alloc.Limits{Max: 1<<30 + 1}}, alloc.ErrRange, "Max"},
		{Config{Limits: alloc.Limits{Max: 10, Reserved: 10}}, alloc.ErrRange, "Reserved 10"},
		{Config{Limits: alloc.Limits{Max: 10, Reserved: -1}}, alloc.ErrRange, "Reserved -1"},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.cfg), func(t *testing.T) {
			w := newWorld(t, "", Walk)
			if ns, err := New(c.cfg); ns != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.names) {
				t.Errorf("New gives %v, %v", ns, err)
			}
			w.unchanged(func() {
				task, err := w.init.ForkNamespace(c.cfg)
				if task != (Task{}) || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.names) {
					t.Errorf("ForkNamespace gives %v, %v", task, err)
				}
			})
		})
	}
}

// The least that limits allow is a namespace of one.
func TestNamespaceOfOne(t *testing.T) {
	every(t, func(w *world) {
		cfg := w.cfg
		cfg.Limits.Max = 2
		reaper := w.must(w.init.ForkNamespace(cfg))
		ns := reaper.Namespace()
		w.unchanged(func() {
			_, err := reaper.Fork()
			w.fails(err, alloc.ErrFull)
		})
		w.zap(ns)
		w.ok(reaper.Exit(0))
		w.reaps(w.init, 2, 0)
	})
}

// A sweep without its list is refused before anything is done; so is one that
// nobody knows, and a signal that is none.
func TestBadSweepsAndSignals(t *testing.T) {
	for _, registry := range registries {
		root, err := New(Config{Registry: registry})
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, root: root, init: root.Reaper()}
		task := w.fork(w.init)
		w.unchanged(func() {
			for _, s := range []Sweep{List, Array, Leaders, Global} {
				_, err := root.Signal(s, syscall.SIGTERM)
				w.fails(err, ErrNoList)
				w.fails(root.Zap(forever, s), ErrNoList)
			}
			for _, s := range []Sweep{"", "zap", "WALK"} {
				_, err := root.Mark(s, syscall.SIGTERM)
				w.fails(err, ErrInvalid)
				w.fails(root.Zap(forever, s), ErrInvalid)
			}
			for _, sig := range []syscall.Signal{-1, 32, 33, 64, 1 << 30, -1 << 31} {
				w.fails(task.Signal(sig), ErrInvalid)
				w.fails(w.init.Kill(2, sig), ErrInvalid)
				w.fails(w.init.Kill(-1, sig), ErrInvalid)
				_, err := root.Signal(Walk, sig)
				w.fails(err, ErrInvalid)
			}
			_, err := root.Signal(Walk, 0)
			w.fails(err, ErrInvalid)
			for _, pid := range []alloc.PID{0, -2, -1 << 31} {
				w.fails(w.init.Kill(pid, syscall.SIGTERM), ErrInvalid)
			}
			_, err = w.init.ForkNamespace(Config{Lists: []Sweep{Global}})
			w.fails(err, ErrNoList)
		})
	}
}

// Any number may be asked for.
func TestOddNumbers(t *testing.T) {
	everyRegistry(t, func(w *world) {
		for _, pid := range []alloc.PID{0, -1, -1 << 31, 4095, 4096, 1 << 30, 1<<31 - 1} {
			if task, ok := w.root.Task(pid); ok || task != (Task{}) {
				w.Errorf("somebody has number %d", pid)
			}
			if pid > 0 {
				w.fails(w.init.Kill(pid, 0), ErrNoTask)
			}
		}
	})
}

// Handles on nobody: the zero Task, and those of the reaped.
func TestGuarantee7_StaleHandles(t *testing.T) {
	everyRegistry(t, func(w *world) {
		ns, reaper := w.space(w.init)
		old := w.fork(reaper)
		w.ok(old.Exit(0))
		w.reaps(reaper, 2, 0)
		heir := w.fork(reaper) // in the old one's slot
		if heir.slot != old.slot {
			w.Fatalf("slot %d is not used again, %d is", old.slot, heir.slot)
		}
		for _, task := range []Task{{}, old} {
			w.everyBirth(task, ErrDead)
			w.unchanged(func() {
				w.fails(task.Exit(1), ErrDead)
				w.fails(task.ExitGroup(1), ErrDead)
				w.fails(task.Signal(syscall.SIGKILL), ErrDead)
				w.fails(task.Signal(0), ErrDead)
				w.fails(task.Kill(1, 0), ErrDead)
				w.fails(task.Kill(-1, syscall.SIGKILL), ErrDead)
				for _, sig := range []syscall.Signal{-1, 99} { // whatever else is wrong
					w.fails(task.Signal(sig), ErrDead)
					w.fails(task.Kill(1, sig), ErrDead)
					w.fails(task.Kill(-1, sig), ErrDead)
				}
				w.fails(task.Kill(0, 0), ErrDead)
				w.fails(task.Kill(-5, 0), ErrDead)
				w.fails(task.Exit(bigStatus), ErrDead)
				w.fails(task.Enter(ns), ErrDead)
				w.fails(task.SetSubreaper(true), ErrDead)
				w.fails(task.OnSignal(func(Task, syscall.Signal) {}), ErrDead)
				w.fails(task.OnSignal(nil), ErrDead)
				_, _, err := task.Wait(forever)
				w.fails(err, ErrDead)
				if _, ok := task.Parent(); ok || task.PID() != 0 || task.Namespace() != nil || task.Pending() != nil {
					w.Error("a dead handle finds something")
				}
				if pid, ok := task.PIDIn(ns); ok || pid != 0 {
					w.Error("a dead handle has a number")
				}
			})
		}
		if dead(heir) || heir.PID() != 3 {
			w.Error("a stranger was reached")
		}
	})
}

// Namespaces of another host, and none, are not taken for one's own.
func TestForeignNamespaces(t *testing.T) {
	everyRegistry(t, func(w *world) {
		foreign, err := New(w.cfg)
		w.ok(err)
		w.unchanged(func() {
			for _, ns := range []*Namespace{foreign, nil} {
				if pid, ok := w.init.PIDIn(ns); ok || pid != 0 {
					w.Error("a number in a namespace that it is not in")
				}
				w.fails(w.init.Enter(ns), ErrInvalid)
			}
		})
	})
}

// bigStatus does not fit into the 32 bits of a status, where an int is longer.
const bigStatus = math.MaxInt&(1<<40) | 5

// What Wait would not give as it is, Exit does not take.
func TestStatus(t *testing.T) {
	everyRegistry(t, func(w *world) {
		for _, status := range []int{0, -1, 255, 256, math.MaxInt32, math.MinInt32} {
			child := w.fork(w.init)
			pid := child.PID()
			w.ok(child.Exit(status))
			w.reaps(w.init, pid, status)
		}
		if math.MaxInt == math.MaxInt32 {
			return
		}
		single, lead := w.fork(w.init), w.fork(w.init)
		thread := w.thread(lead)
		w.unchanged(func() {
			for _, child := range []Task{single, lead, thread} {
				for _, status := range []int{bigStatus, -bigStatus, math.MaxInt, math.MinInt} {
					w.fails(child.Exit(status), ErrInvalid)
					w.fails(child.ExitGroup(status), ErrInvalid)
				}
			}
		})
	})
}

// A nil context is an error with a name, and nothing is begun.
func TestNilContext(t *testing.T) {
	every(t, func(w *world) {
		var none context.Context
		ns, reaper := w.space(w.init)
		w.fork(reaper)
		w.unchanged(func() {
			_, _, err := reaper.Wait(none)
			w.fails(err, ErrInvalid)
			_, err = ns.Freeze(none, w.sweep)
			w.fails(err, ErrInvalid)
			w.fails(ns.Zap(none, w.sweep), ErrInvalid)
			if ns.Terminating() {
				w.Error("the gate is shut")
			}
		})
		_, _, err := Task{}.Wait(none)
		w.fails(err, ErrDead)
	})
}

// The ends of a wait come as the context says it.
func TestContextErrors(t *testing.T) {
	everyRegistry(t, func(w *world) {
		w.fork(w.init)
		cause, cancel := context.WithTimeout(context.Background(), 1)
		defer cancel()
		<-cause.Done()
		_, _, err := w.init.Wait(cause)
		w.fails(err, context.DeadlineExceeded)
	})
}
