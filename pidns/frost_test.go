package pidns

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"example.com/pidmap/alloc"
)

// frost is a storm of births, deaths, freezes, thaws and copies in three
// namespaces, one in the other, from several goroutines. Which they are is the
// seed's; in which order they come is the scheduler's.
type frost struct {
	w      *world
	spaces []*Namespace
	keep   []Task // reapers: nobody ends them

	mu    sync.Mutex
	tasks []Task
	bad   error
}

func (s *frost) fault(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bad == nil {
		s.bad = err
	}
}

func (s *frost) pick(r *rand.Rand) Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tasks[r.IntN(len(s.tasks))]
}

// live does what tasks do. It waits where it must.
func (s *frost) live(r *rand.Rand) {
	t := s.pick(r)
	var child Task
	var err error
	switch n := r.IntN(10); {
	case n < 3:
		child, err = t.Fork()
	case n < 4:
		child, err = t.Thread()
	case n < 5:
		child, err = t.ForkNamespace(Config{Registry: registries[r.IntN(len(registries))], Limits: alloc.Limits{Max: 20}, Lists: keepAll})
	case n < 7:
		_, _, _ = t.Wait(ended)
		return
	case slices.Contains(s.keep, t.process()):
		return
	case n < 9:
		_ = t.Exit(r.IntN(9))
		return
	default:
		_ = t.Signal([]syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGUSR1}[r.IntN(3)])
		return
	}
	switch {
	case err == nil:
		s.mu.Lock()
		if s.tasks = append(s.tasks, child); len(s.tasks) > 60 {
			i := len(s.keep) + r.IntN(60-len(s.keep))
			s.tasks = slices.Delete(s.tasks, i, i+1)
		}
		s.mu.Unlock()
	case errors.Is(err, ErrDead), errors.Is(err, ErrInvalid), errors.Is(err, alloc.ErrFull), errors.Is(err, alloc.ErrTerminating):
	default:
		s.fault(err)
	}
}

// freeze stops a namespace, sees that nobody is born, and lets it go on.
func (s *frost) freeze(r *rand.Rand) {
	ns := s.spaces[r.IntN(len(s.spaces))]
	if _, err := ns.Freeze(forever, sweeps[r.IntN(len(sweeps))]); err != nil {
		s.fault(err)
		return
	}
	there := map[Task]bool{}
	for _, t := range ns.Tasks() {
		there[t] = true
	}
	for range r.IntN(20) {
		runtime.Gosched()
	}
	for pid, t := range ns.Tasks() {
		if !there[t] {
			s.fault(fmt.Errorf("level %d: number %d was born in the frost", ns.level, pid))
		}
	}
	if r.IntN(4) == 0 {
		s.fault(s.copy(ns))
	}
	if err := ns.Thaw(); err != nil {
		s.fault(err)
	}
}

// copy takes a frozen namespace down and makes it again on another host.
func (s *frost) copy(ns *Namespace) error {
	snap, err := ns.Checkpoint()
	if err != nil {
		return err
	}
	other, err := New(Config{Lists: keepAll})
	if err != nil {
		return err
	}
	if halfBorn(snap) {
		return nil
	}
	copied, err := Restore(other.Reaper(), snap, nil)
	if err != nil {
		return err
	}
	again, err := copied.Checkpoint()
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(again, snap) {
		return fmt.Errorf("made again, it is another: %+v, %+v", again, snap)
	}
	if err := other.Zap(ended, Walk); err != nil {
		return err
	}
	return other.host.verifyNow()
}

// halfBorn tells whether a dead reaper waits for a fork alone that is going to be
// undone: nobody can look there but a test with pauses in its forks.
func halfBorn(snap *Snapshot) bool {
	in := make([]int, len(snap.Namespaces))
	for _, task := range snap.Tasks {
		for at := task.In; at >= 0; at = snap.Namespaces[at].In {
			in[at]++
		}
	}
	return slices.ContainsFunc(snap.Tasks, func(task SnapshotTask) bool {
		return task.State == stateExiting && in[task.In] == 1
	})
}

// Nobody is born in a frozen namespace whatever goes on beside it, copies can
// be taken, and when all is thawed everything goes on.
func TestFrost(t *testing.T) {
	everyRegistry(t, func(w *world) {
		seed := drawSeed(w)
		for round := range rounds(20) {
			w := newWorld(w.T, w.cfg.Registry, Walk)
			s := &frost{w: w, keep: []Task{w.init}, spaces: []*Namespace{w.root}}
			for range 2 {
				ns, reaper := w.space(s.keep[len(s.keep)-1])
				s.spaces, s.keep = append(s.spaces, ns), append(s.keep, reaper)
			}
			outside := w.fork(w.init)
			w.ok(outside.Enter(s.spaces[2]))
			s.tasks = append(slices.Clone(s.keep), outside)
			if round%2 == 0 {
				w.fault(sometimes())
			}
			var workers sync.WaitGroup
			for worker := range 5 {
				r := rand.New(rand.NewPCG(seed, uint64(round)<<8|uint64(worker)))
				do := s.live
				if worker >= 3 {
					do = s.freeze
				}
				workers.Go(func() {
					for range 60 {
						do(r)
					}
				})
			}
			workers.Wait()
			w.fault(nil)
			s.fault(w.root.host.marksHold())
			s.fault(w.root.host.verifyNow())
			if n := w.root.host.frozen; n != 0 {
				s.fault(fmt.Errorf("%d are frozen in the end", n))
			}
			if s.bad != nil {
				w.Fatalf("round %d: %v", round, s.bad)
			}
			w.zap(w.root)
		}
	})
}

// plant is a wrong step, and what says so.
type plant struct {
	name  string
	fault func(h *host) *faults
	check func(w *world, f *faults) error
}

// frostPlants are wrong steps that the tests of freezing and restoring must
// catch, each by what says so.
var frostPlants = []plant{
	{"8: a fork looks at the freeze before it reserves, and not after", frostForgotten, bornInTheFrost},
	{"8: a freeze by leaders passes over dead ones", sparing(deadLeader), leftRunning},
	{"8: a freeze leaves nested namespaces alone", sparing(nested), leftRunning},
	{"8: a freeze leaves children of a parent outside to it", sparing(parentOutside), leftRunning},
	{"8: a freeze leaves nested reapers alone", sparing(nestedReaper), leftRunning},
	{"8: a freeze lets the lock go before its sweep begins", sweptLate, thawedBetween},
	{"9: what is undone is freed by the innermost number", rollbackOfTheWrongLevel, halfRestored},
	{"9: what is undone stays taken at the root", rollbackTooShort, halfRestored},
	{"9: what is undone leaves Last", rollbackWithoutLast, halfRestored},
	{"9: what is undone keeps its records", rollbackWithoutRecord, halfRestored},
}

func TestPlantedFrost(t *testing.T) { plantEach(t, frostPlants) }

// plantEach wants each check to hold, and not to where its fault is planted.
func plantEach(t *testing.T, plants []plant) {
	t.Helper()
	for _, p := range plants {
		for _, planted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%t", p.name, planted), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := bareWorld(t, TreeTable, Walk)
					f := &faults{}
					if planted {
						f = p.fault(w.root.host)
					}
					if err := w.tried(p.check, f); planted != (err != nil) {
						t.Errorf("planted %t, and the check says: %v", planted, err)
					}
				})
			})
		}
	}
}

// tried is a check, which the invariants may anticipate.
func (w *world) tried(check func(w *world, f *faults) error, f *faults) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return check(w, f)
}

// frostForgotten publishes as if nothing were frozen.
func frostForgotten(h *host) *faults {
	return &faults{publish: func(slot uint32, r *record, by Task, b birth) error {
		defer func(n int) { h.frozen = n }(h.frozen)
		h.frozen = 0
		return h.publish(slot, r, by, &b)
	}}
}

func bornInTheFrost(w *world, f *faults) error {
	ns, reaper := w.space(w.init)
	f.pause = pauses(1, func() { w.freeze(ns) }).pause
	w.fault(f)
	fork := start(func() error { _, err := reaper.Fork(); return err })
	born := !fork.waits()
	w.fault(nil)
	w.ok(ns.Thaw())
	w.ok(<-fork)
	if born {
		return errors.New("born in the frost")
	}
	return nil
}

func leftRunning(w *world, f *faults) error {
	ns, reaper := w.space(w.init)
	leader := w.fork(reaper)
	w.thread(leader)
	w.ok(leader.Exit(0))
	_, inner := w.space(reaper)
	w.fork(inner)
	outside := w.fork(w.init)
	w.ok(outside.Enter(ns))
	w.fork(outside)
	w.fault(f)
	w.freeze(ns)
	return w.root.host.marksHold()
}

// sweptLate begins a freeze's sweep as any other begins.
func sweptLate(h *host) *faults {
	return &faults{begin: func() {
		h.unlock()
		h.faults.pause()
		h.beginSweep()
	}}
}

// thawedBetween thaws as soon as a freeze lets it, and wants no mark to be left.
func thawedBetween(w *world, f *faults) error {
	ns, reaper := w.space(w.init)
	w.fork(reaper)
	thawed := make(chan struct{})
	f.pause = func() { <-thawed }
	w.fault(f)
	freeze := start(func() error { _, err := ns.Freeze(forever, w.sweep); return err })
	w.ok(ns.Thaw())
	close(thawed)
	w.ok(<-freeze)
	return w.root.host.marksHold()
}

func halfRestored(w *world, f *faults) error {
	_, snap := w.family()
	_, inner := w.space(w.fork(w.init))
	left := 10
	f.reserve = func(int) error {
		if left--; left == 0 {
			return alloc.ErrFull
		}
		return nil
	}
	before := w.root.host.dump()
	w.fault(f)
	_, err := Restore(inner, snap, nil)
	w.fails(err, alloc.ErrFull)
	w.fault(nil)
	if err := w.root.host.verifyNow(); err != nil {
		return err
	}
	if w.root.host.dump() != before {
		return errors.New("something is left")
	}
	return nil
}
