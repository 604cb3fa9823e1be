package pidns

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"example.com/pidmap/alloc"
)

// weave is a storm in one goroutine: what other goroutines would do in the
// middle of a fork is done in its pauses, to a depth. A seed so gives the same
// run each time, and on the way everything must hold.
type weave struct {
	storm
	r      *rand.Rand
	plant  func(h *host) *faults // a wrong step; nil: none
	each   func(s *weave)        // called after each step; may be nil
	depth  int
	failAt int          // level at which the next reservation fails; -1: none
	ended  []*Namespace // whose zap has come to its end
}

func (s *weave) pause() {
	often := 4
	if s.plant != nil {
		often = 2
	}
	if s.depth >= 3 || s.failAt >= 0 || s.r.IntN(often) != 0 {
		return
	}
	s.depth++
	s.step(s.r)
	s.depth--
}

func (s *weave) reserve(level int) error {
	if level == s.failAt {
		return alloc.ErrFull
	}
	return nil
}

// step is the storm's, and two things more.
func (s *weave) step(r *rand.Rand) {
	often := 30
	if s.depth > 0 && s.plant != nil {
		often = 4
	}
	switch r.IntN(often) {
	case 0:
		ns := s.pickSpace(r)
		if err := ns.Zap(ended, sweeps[r.IntN(len(sweeps))]); err == nil {
			s.ended = append(s.ended, ns)
		} else if !expected(err) {
			s.storm.fault(fmt.Errorf("Zap: %w", err))
		}
	case 1:
		s.failing(r)
	default:
		s.storm.step(r)
	}
	for _, ns := range s.ended {
		if n := ns.pids.Len(); n != 0 && n != ns.ownThreads() {
			s.storm.fault(fmt.Errorf("the zap had ended, and %d numbers are taken", n))
		}
	}
}

// failing is a birth that fails at a random level, if not otherwise, and has
// to leave everything as it was.
func (s *weave) failing(r *rand.Rand) {
	t := s.pick(r)
	births := []func() (Task, error){
		t.Fork, t.Thread,
		func() (Task, error) { return t.ForkAt(alloc.PID(r.IntN(40)), alloc.PID(2+r.IntN(40))) },
		func() (Task, error) { return t.ForkNamespace(s.config(r)) },
	}
	s.failAt = 0
	if ns := t.Namespace(); ns != nil {
		s.failAt = r.IntN(ns.Level() + 1)
	}
	before := s.w.root.host.dump()
	_, err := births[r.IntN(len(births))]()
	s.failAt = -1
	if err == nil {
		s.storm.fault(fmt.Errorf("born though a reservation failed"))
	}
	if after := s.w.root.host.dump(); after != before {
		s.storm.fault(fmt.Errorf("a failed fork (%w) has changed something; before:\n%s\nafter:\n%s", err, before, after))
	}
}

// ownThreads counts the numbers of the reaper's thread group one by one.
func (ns *Namespace) ownThreads() int {
	n := 0
	for _, task := range ns.Tasks() {
		if r := task.record(); r != nil && r.leader == ns.reaper.slot {
			n++
		}
	}
	return n
}

// escaped looks for somebody who lives, with no program behind it, where a zap
// has been, or the reaper has died. Nothing is under way.
func (h *host) escaped() error {
	h.lock()
	defer h.unlock()
	for _, ns := range h.spaces {
		if ns == nil || !ns.pids.Terminating() {
			continue
		}
		var err error
		ns.each(func(slot uint32, r *record) {
			if r.leader != ns.reaper.slot && r.state == live && r.flags&hooked == 0 {
				err = fmt.Errorf("pid %d has escaped from namespace %d, level %d", h.number(r, ns.level).pid, ns.id, ns.level)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// run plays one round and gives what was wrong, panics included.
func (s *weave) run(steps int) (err error) {
	h := s.w.root.host
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			if !h.mu.TryLock() { // the panic has left it locked
				h.faults = nil
			}
			h.mu.Unlock()
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	s.ended, s.failAt = nil, -1
	ns, reaper := s.begin(s.r)
	f := &faults{}
	if s.plant != nil {
		f = s.plant(h)
	}
	f.pause, f.reserve = s.pause, s.reserve
	s.w.fault(f)
	for i := range steps {
		s.step(s.r)
		if s.each != nil {
			s.each(s)
		}
		if s.plant == nil && i%4 != 0 && s.bad == nil {
			continue // none is expected, and to look takes long
		}
		if err := s.hold(); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	zap := start(func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		return ns.Zap(ctx, s.w.sweep)
	})
	f.pause = nil
	return s.over(ns, reaper, zap)
}

// hold looks whether all is as it must be.
func (s *weave) hold() error {
	if s.bad != nil {
		return s.bad
	}
	if err := s.w.root.host.verifyNow(); err != nil {
		return err
	}
	return s.w.root.host.escaped()
}

func TestWeave(t *testing.T) {
	every(t, func(w *world) {
		seed := drawSeed(w)
		for round := range rounds(100) {
			s := &weave{storm: storm{w: w, alone: true}, r: rand.New(rand.NewPCG(seed, uint64(round)))}
			if err := s.run(50 + s.r.IntN(150)); err != nil {
				w.Fatalf("round %d: %v\n%s", round, err, w.root.host.dump())
			}
		}
	})
}
