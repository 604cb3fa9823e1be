package pidns

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"example.com/pidmap/alloc"
)

var seedFlag = flag.Uint64("pidns.seed", 0, "seed of the storms and random sequences of pidns; 0 draws one")

// drawSeed gives the seed of a random test, and says how to repeat it.
func drawSeed(t testing.TB) uint64 {
	seed := *seedFlag
	for seed == 0 {
		seed = uint64(time.Now().UnixNano()) ^ rand.Uint64()
	}
	t.Logf("to repeat this: -run '%s' -pidns.seed %d", t.Name(), seed)
	return seed
}

// rounds is how often a random test is to be run, for each of the 30 pairs of
// registry and sweep: fewer times where each takes long.
func rounds(n int) int {
	n *= long
	if raced || invariants || testing.Short() {
		n = n/8 + 1
	}
	return n
}

// storm throws random operations at one host. Which they are is the seed's; in
// which order those of several goroutines come is the scheduler's.
type storm struct {
	w        *world
	freeze   bool   // freezes too; whoever forks must not be the one to thaw
	registry string // of every namespace; "": any
	most     int    // the highest limit of a namespace; 0: some
	alone    bool   // nobody runs beside it: who has just been born was born with every gate open

	mu     sync.Mutex
	tasks  []Task // whom operations befall: dead ones too
	spaces []*Namespace
	held   []*holder
	names  map[Task]alloc.PID // what a handle has stood for
	bad    error              // what an operation should not have done
}

// holder is a program that does not let its task go.
type holder struct {
	told
	task Task
}

func (p *holder) killed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, sig := range p.sigs {
		if sig == syscall.SIGKILL {
			n++
		}
	}
	return n
}

// begin makes the namespace of a round, and two tasks outside it.
func (s *storm) begin(r *rand.Rand) (*Namespace, Task) {
	s.tasks, s.spaces, s.held, s.names, s.bad = nil, nil, nil, map[Task]alloc.PID{}, nil
	reaper := s.w.must(s.w.init.ForkNamespace(s.config(r)))
	ns := reaper.Namespace()
	for range 2 {
		outside := s.w.fork(s.w.init)
		s.w.ok(outside.Enter(ns))
		s.tasks = append(s.tasks, outside)
	}
	s.tasks = append(s.tasks, reaper, s.w.fork(reaper), s.w.fork(reaper))
	s.spaces = append(s.spaces, ns)
	return ns, reaper
}

// config is that of a small namespace, which is full now and then.
func (s *storm) config(r *rand.Rand) Config {
	most := 8 + alloc.PID(r.IntN(120))
	if s.most > 0 {
		most = 8 + most%alloc.PID(s.most-7)
	}
	registry := registries[r.IntN(len(registries))]
	if s.registry != "" {
		registry = s.registry
	}
	return Config{
		Registry: registry,
		Lists:    keepAll,
		Limits:   alloc.Limits{Max: most},
	}
}

func (s *storm) pick(r *rand.Rand) Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tasks[r.IntN(len(s.tasks))]
}

func (s *storm) pickSpace(r *rand.Rand) *Namespace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spaces[r.IntN(len(s.spaces))]
}

// born takes note of a new task; of many, some are forgotten.
func (s *storm) born(r *rand.Rand, task Task, err error) error {
	if err != nil {
		return err
	}
	ns := task.Namespace()
	if s.alone && ns.dying() {
		return fmt.Errorf("born at level %d after the gate was shut", ns.level)
	}
	pid := task.PID()
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.names[task]; ok {
		return fmt.Errorf("pid %d is born with the handle of pid %d", pid, old)
	}
	if pid != 0 {
		s.names[task] = pid
	}
	if len(s.tasks) < 100 {
		s.tasks = append(s.tasks, task)
	} else {
		s.tasks[r.IntN(len(s.tasks))] = task
	}
	if ns != nil && ns.Reaper() == task {
		s.spaces = append(s.spaces, ns)
	}
	return nil
}

var someSignals = []syscall.Signal{syscall.SIGTERM, syscall.SIGSTOP, syscall.SIGCONT, syscall.SIGUSR1, syscall.SIGCHLD, syscall.SIGKILL}

// op does one random thing, and gives its error and its name.
func (s *storm) op(r *rand.Rand) (string, error) {
	t := s.pick(r)
	sig := someSignals[r.IntN(len(someSignals))]
	sweep := sweeps[r.IntN(len(sweeps))]
	switch n := r.IntN(100); {
	case n < 30:
		child, err := t.Fork()
		return "Fork", s.born(r, child, err)
	case n < 40:
		child, err := t.Thread()
		return "Thread", s.born(r, child, err)
	case n < 45:
		child, err := t.ForkAt(alloc.PID(r.IntN(40)), alloc.PID(2+r.IntN(40)))
		return "ForkAt", s.born(r, child, err)
	case n < 50:
		child, err := t.ForkNamespace(s.config(r))
		return "ForkNamespace", s.born(r, child, err)
	case n < 53:
		return "Enter", t.Enter(s.pickSpace(r))
	case n < 65:
		return "Exit", t.Exit(r.IntN(128))
	case n < 68:
		return "ExitGroup", t.ExitGroup(r.IntN(128))
	case n < 78:
		_, _, err := t.Wait(ended)
		return "Wait", err
	case n < 83:
		return "Signal", t.Signal(sig)
	case n < 87:
		return "Kill", t.Kill(alloc.PID(r.IntN(40)), sig)
	case n < 88:
		return "Kill(-1)", t.Kill(-1, sig)
	case n < 89:
		_, err := s.pickSpace(r).Signal(sweep, sig)
		return "Namespace.Signal", err
	case n < 91:
		return "SetSubreaper", t.SetSubreaper(r.IntN(2) == 0)
	case n < 96:
		return "OnSignal", s.program(r, t)
	case n < 97:
		return "Zap", s.pickSpace(r).Zap(ended, sweep)
	case s.freeze:
		ns := s.pickSpace(r)
		_, err := ns.Freeze(forever, sweep)
		if err == nil {
			err = ns.Thaw()
		}
		return "Freeze", err
	default:
		return "looks", s.look(t, s.pickSpace(r))
	}
}

// program puts one of several programs behind a task.
func (s *storm) program(r *rand.Rand, t Task) error {
	switch r.IntN(5) {
	case 0:
		return t.OnSignal(nil)
	case 1: // ends in its hook
		return t.OnSignal(func(self Task, sig syscall.Signal) {
			if sig == syscall.SIGKILL {
				_ = self.Exit(1)
			}
		})
	case 2: // forks when it is told: not when frozen, which would wait for ever
		return t.OnSignal(func(self Task, sig syscall.Signal) {
			if sig != syscall.SIGKILL && sig != syscall.SIGUSR1 {
				return
			}
			if _, err := self.Fork(); err == nil && sig == syscall.SIGKILL {
				s.fault(errors.New("a killed task has forked"))
			}
			if sig == syscall.SIGKILL {
				_ = self.ExitGroup(1)
			}
		})
	default:
		p := &holder{task: t}
		err := t.OnSignal(p.hook)
		if err == nil {
			s.mu.Lock()
			s.held = append(s.held, p)
			s.mu.Unlock()
		}
		return err
	}
}

func (s *storm) fault(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bad == nil {
		s.bad = err
	}
}

// look asks for what can be asked.
func (s *storm) look(t Task, ns *Namespace) error {
	s.mu.Lock()
	name, known := s.names[t]
	s.mu.Unlock()
	if pid := t.PID(); known && pid != 0 && pid != name {
		return fmt.Errorf("the handle of pid %d stands for pid %d", name, pid)
	}
	pid, ok := t.PIDIn(ns)
	if got, found := ns.Task(pid); ok && found && got != t && !gone(t) {
		return fmt.Errorf("pid %d is two tasks", pid)
	}
	_, _ = t.Parent()
	_, _, _ = t.Pending(), ns.Last(), ns.Len()
	for pid, task := range ns.Tasks() {
		if pid < 1 || task == (Task{}) {
			return fmt.Errorf("Tasks yields %d", pid)
		}
	}
	return nil
}

// expected tells whether an operation may fail like that.
func expected(err error) bool {
	var left *SurvivorsError
	if errors.As(err, &left) {
		return left.Count > 0 && len(left.PIDs) > 0
	}
	for _, e := range []error{nil, ErrDead, ErrInvalid, ErrKillInit, ErrNoChild, ErrNoTask, ErrTooDeep, ErrNotFrozen,
		alloc.ErrFull, alloc.ErrInUse, alloc.ErrTerminating, context.Canceled} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// step does a random thing and takes note of what should not have come of it.
func (s *storm) step(r *rand.Rand) {
	if name, err := s.op(r); !expected(err) {
		s.fault(fmt.Errorf("%s: %w", name, err))
	}
}

// letGo lets those go who are held back and have been told SIGKILL, once; it
// gives how many went.
func (s *storm) letGo() int {
	s.mu.Lock()
	held := slices.Clone(s.held)
	s.mu.Unlock()
	n := 0
	for _, p := range held {
		switch killed := p.killed(); {
		case killed > 1:
			s.fault(fmt.Errorf("told SIGKILL %d times", killed))
		case killed == 1 && p.task.Exit(0) == nil:
			n++
		}
	}
	return n
}

// settle lets everybody go who has been told to, and has the root's reaper wait
// for whom it can, until nothing more comes of it.
func (s *storm) settle() {
	synctest.Wait()
	for more := true; more; {
		more = s.letGo() > 0
		for err := error(nil); err == nil; {
			if _, _, err = s.w.init.Wait(ended); err == nil {
				more = true
			}
		}
	}
}

// over ends what is left of a round. Its namespace's zap must end when those
// who are held back have gone and the parents outside wait for their children,
// or are dead; nobody inside is killed by anything else. Nothing of the round
// may be left in memory then.
func (s *storm) over(ns *Namespace, reaper Task, zap pending) error {
	s.settle()
	for _, task := range s.w.root.Tasks() {
		if _, inside := task.PIDIn(ns); !inside && task != s.w.init {
			_ = task.Signal(syscall.SIGKILL)
		}
	}
	s.settle()
	if zap.waits() {
		return fmt.Errorf("the zap waits: %w", ns.Zap(ended, Walk))
	}
	if err := <-zap; err != nil {
		return err
	}
	_ = reaper.Signal(syscall.SIGKILL)
	s.settle()
	if !gone(reaper) || ns.Len() != 0 || s.w.root.Len() != 1 {
		return fmt.Errorf("%d tasks are left, %d at the root", ns.Len(), s.w.root.Len())
	}
	if s.bad != nil {
		return s.bad
	}
	return s.w.root.host.verifyNow()
}

// verifyNow is verify for callers without the lock, while nobody forks.
func (h *host) verifyNow() error {
	h.lock()
	defer h.mu.Unlock()
	for slot := uint32(1); slot < h.slab.next; slot++ {
		if h.slab.at(slot).state == reserved {
			return fmt.Errorf("slot %d is reserved, and nobody forks", slot)
		}
	}
	return h.verify()
}
