package pidns

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"example.com/pidmap/alloc"
)

// sometimes gives a pause that lets others run, two times of three.
func sometimes() *faults {
	var n atomic.Uint32
	return &faults{pause: func() {
		for range n.Add(1) % 3 {
			runtime.Gosched()
		}
	}}
}

// Goroutines do whatever comes to their minds to a namespace and those nested in
// it while it is zapped. Nobody outlives it and nothing of it is left.
func TestStorm(t *testing.T) {
	every(t, func(w *world) {
		seed := drawSeed(w)
		s := &storm{w: w, freeze: true}
		for round := range rounds(300) {
			r := rand.New(rand.NewPCG(seed, uint64(round)))
			ns, reaper := s.begin(r)
			if round%3 != 0 {
				w.fault(sometimes())
			}
			var workers sync.WaitGroup
			for worker := range 3 {
				r := rand.New(rand.NewPCG(seed, uint64(round)<<8|uint64(worker+1)))
				workers.Go(func() {
					for range 20 + r.IntN(60) {
						s.step(r)
					}
				})
			}
			early := r.IntN(4)
			if early > 0 {
				for range r.IntN(200) {
					runtime.Gosched()
				}
			} else {
				workers.Wait()
			}
			zap := make(pending, 1)
			go func() { zap <- ns.Zap(forever, w.sweep) }()
			workers.Wait()
			w.fault(nil)
			if err := s.over(ns, reaper, zap); err != nil {
				w.Fatalf("round %d: %v\n%s", round, err, w.root.host.dump())
			}
		}
	})
}

// Two goroutines fork whatever they can until the gate stops them; a third
// zaps. When it returns there is nobody, and there never will be.
func TestGuarantee1_ZapVersusFork(t *testing.T) {
	every(t, func(w *world) {
		seed := drawSeed(w)
		cfg := w.cfg
		cfg.Limits.Max = 200
		for round := range rounds(150) {
			r := rand.New(rand.NewPCG(seed, uint64(round)))
			reaper := w.must(w.init.ForkNamespace(cfg))
			ns := reaper.Namespace()
			_, nested := w.space(reaper)
			if round%2 == 0 {
				w.fault(sometimes())
			}
			var forkers sync.WaitGroup
			for _, forker := range []Task{reaper, nested, w.fork(reaper)} {
				forkers.Go(func() { forkOn(forker) })
			}
			for range r.IntN(100) {
				runtime.Gosched()
			}
			w.ok(ns.Zap(forever, w.sweep))
			if n := ns.pids.Len(); n != 1 { // nobody can be there to change it
				w.Fatalf("round %d: %d numbers are taken when the zap has ended", round, n)
			}
			forkers.Wait()
			w.fault(nil)
			w.empty(ns, 1)
			w.ok(reaper.Exit(0))
			if _, _, err := w.init.Wait(ended); err != nil || w.root.Len() != 1 {
				w.Fatalf("round %d: %d tasks at the root, %v", round, w.root.Len(), err)
			}
		}
	})
}

// forkOn forks, threads, exits and waits in ever deeper generations until it is
// stopped.
func forkOn(forker Task) {
	for n := 0; ; n++ {
		child, err := forker.Fork()
		switch {
		case errors.Is(err, alloc.ErrFull):
			runtime.Gosched()
			continue
		case err != nil:
			return
		}
		switch n % 4 {
		case 0:
			if _, err := child.Thread(); err == nil {
				forker = child
			}
		case 1, 2:
			_ = child.Exit(0)
			_, _, _ = forker.Wait(ended)
		}
	}
}

// Namespaces in namespaces are zapped from several goroutines at once, and
// their reapers exit meanwhile.
func TestZapsRace(t *testing.T) {
	every(t, func(w *world) {
		seed := drawSeed(w)
		for round := range rounds(100) {
			r := rand.New(rand.NewPCG(seed, uint64(round)))
			spaces, reapers := w.chain(100, 100, 100, 100, 100)
			for _, reaper := range reapers {
				for range r.IntN(5) {
					w.fork(reaper)
				}
			}
			errs := make(chan error, 8)
			zaps := 3 + r.IntN(3)
			for range zaps {
				ns := spaces[1+r.IntN(4)]
				go func() { errs <- ns.Zap(forever, w.sweep) }()
			}
			dies := reapers[2+r.IntN(3)]
			go func() { _ = dies.Exit(0); errs <- nil }()
			for range zaps + 1 {
				w.ok(<-errs)
			}
			w.zap(spaces[1])
			if err := w.check1(spaces[1]); err != nil {
				w.Fatalf("round %d: %v", round, err)
			}
		}
	})
}

func (w *world) check1(ns *Namespace) error {
	synctest.Wait()
	if ns.Len() != 1 {
		return fmt.Errorf("%d are left", ns.Len())
	}
	return w.root.host.verifyNow()
}
