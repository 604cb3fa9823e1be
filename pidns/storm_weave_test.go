package pidns

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// weave is a storm in one goroutine: what other goroutines would do in the
// middle of a fork is done in its pauses, to a depth. A seed so gives the same
// run each time.
type weave struct {
	storm
	r     *rand.Rand
	depth int
	ended []*Namespace // whose zap has come to its end
}

func (s *weave) pause() {
	if s.depth >= 3 || s.r.IntN(4) != 0 {
		return
	}
	s.depth++
	s.step(s.r)
	s.depth--
}

// step is the storm's, with what only holds while nobody runs beside it.
func (s *weave) step(r *rand.Rand) {
	switch r.IntN(30) {
	case 0:
		ns := s.pickSpace(r)
		if err := ns.Zap(ended, sweeps[r.IntN(len(sweeps))]); err == nil {
			s.ended = append(s.ended, ns)
		} else if !expected(err) {
			s.storm.fault(err)
		}
	default:
		s.storm.step(r)
	}
	for _, ns := range s.ended {
		if n := ns.pids.Len(); n != 0 && n != ns.ownThreads() {
			s.storm.fault(fmt.Errorf("the zap had ended, and %d numbers are taken", n))
		}
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

// run plays one round and gives what was wrong.
func (s *weave) run(steps int) error {
	s.ended, s.bad = nil, nil
	ns, reaper := s.begin(s.r)
	s.w.fault(&faults{pause: s.pause})
	for i := range steps {
		s.step(s.r)
		if i%8 == 0 && s.bad == nil {
			s.bad = s.w.root.host.verifyNow()
		}
		if s.bad != nil {
			return fmt.Errorf("step %d: %w", i, s.bad)
		}
	}
	s.w.fault(nil)
	return s.over(ns, reaper, s.w.startZap(ns))
}

func TestWeave(t *testing.T) {
	every(t, func(w *world) {
		seed := drawSeed(w)
		for round := range rounds(250) {
			s := &weave{storm: storm{w: w, alone: true}, r: rand.New(rand.NewPCG(seed, uint64(round)))}
			if err := s.run(50 + s.r.IntN(150)); err != nil {
				w.Fatalf("round %d: %v\n%s", round, err, w.root.host.dump())
			}
		}
	})
}
