package bench

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"example.com/pidmap/alloc"
)

var (
	storms    = axis{"tasks", []string{"100", "1k"}, []string{"100", "1k", "10k"}}
	protocols = axis{"protocol", []string{"2007", "resend", "count"}, []string{"2007", "resend", "count"}}
)

// BenchmarkProtocol runs three ways to end a namespace under the same fork
// storms, storm i of seed i, step by step in an order that the seed decides:
//
//	2007    the patch as posted: the flag, one walk, and a look at the flag late
//	        in fork; it returns when the walk is done
//	resend  the reviewer's remedy: walk again and again until a walk finds nobody
//	count   gate, one walk, wait until the count of numbers says so
//
// %dead is how many of the tasks that lived when the reaper began, or were born
// since, are dead when it goes on; alive is how many are not, escaped how many
// never get the signal, walks and steps what the reaper did, per storm.
func BenchmarkProtocol(b *testing.B) {
	product(func(c cell) {
		b.Run(c.name(), func(b *testing.B) {
			tasks, err := number(c.get(storms, "100"))
			if err != nil {
				b.Fatal(err)
			}
			protocol := c.get(protocols, "")
			var sum outcome
			for seed := uint64(1); b.Loop(); seed++ {
				o, err := storm(protocol, tasks, seed)
				if err != nil {
					b.Fatalf("seed %d: %v", seed, err)
				}
				if protocol != "2007" && o.alive+o.escaped > 0 {
					b.Fatalf("seed %d: %d alive, %d escaped", seed, o.alive, o.escaped)
				}
				sum.alive += o.alive
				sum.escaped += o.escaped
				sum.all += o.all
				sum.walks += o.walks
				sum.steps += o.steps
			}
			b.ReportMetric(100*float64(sum.all-sum.alive)/float64(sum.all), dead)
			b.ReportMetric(float64(sum.alive)/float64(b.N), "alive")
			b.ReportMetric(float64(sum.escaped)/float64(b.N), "escaped")
			b.ReportMetric(float64(sum.walks)/float64(b.N), "walks")
			b.ReportMetric(float64(sum.steps)/float64(b.N), "steps")
		})
	}, storms, protocols)
}

// outcome is what a storm came to when the reaper went on.
type outcome struct{ all, alive, escaped, walks, steps int }

// storming is a task of a storm, which forks until it is killed. It takes some
// turns to fork and some to die, so that the reaper's walk comes in between.
type storming struct {
	pid    alloc.PID
	killed bool
	dying  int // turns left until it is dead, once killed
	born   int // turns left until child is published; 0: no fork under way
	child  alloc.PID
}

// scene is a namespace in a storm.
type scene struct {
	pids   *alloc.Pidmap
	tasks  []*storming
	born   int // tasks published so far
	byPID  map[alloc.PID]*storming
	late   bool // fork looks at the flag once the child exists
	strict bool // fork looks at the gate where it publishes
	rng    *rand.Rand
}

func storm(protocol string, tasks int, seed uint64) (outcome, error) {
	pids, err := alloc.New(alloc.Limits{Max: alloc.PID(8*tasks + 2)}, nil)
	if err != nil {
		return outcome{}, err
	}
	s := &scene{pids: pids, byPID: map[alloc.PID]*storming{}, late: protocol != "count", strict: protocol == "count",
		rng: rand.New(rand.NewPCG(seed, uint64(tasks)))}
	reaper, err := pids.Alloc()
	if err != nil || reaper != 1 {
		return outcome{}, fmt.Errorf("the reaper is pid %d: %v", reaper, err)
	}
	for range tasks {
		pid, err := pids.Alloc()
		if err != nil {
			return outcome{}, err
		}
		s.publish(pid)
	}
	s.turns(tasks)
	return s.end(protocol)
}

// end is what the reaper does, a turn of everybody else's between its steps.
func (s *scene) end(protocol string) (o outcome, err error) {
	s.pids.Terminate()
	before := s.born - len(s.tasks) // dead already
	for again := true; again; {
		again = false
		o.walks++
		for pid, ok := s.pids.Next(1); ok; pid, ok = s.pids.Next(pid) {
			if t := s.byPID[pid]; t != nil {
				again = protocol == "resend"
				s.kill(t)
			} else if protocol == "resend" {
				again = true // a number without a task yet
			}
			o.steps++
			s.turns(1)
		}
		if o.walks > 1_000_000 {
			return o, fmt.Errorf("%d walks have not found the namespace empty", o.walks)
		}
	}
	if protocol == "count" {
		for limit := 1_000_000; s.pids.Len() > 1; limit-- {
			if limit == 0 {
				return o, fmt.Errorf("%d numbers are never given back", s.pids.Len()-1)
			}
			s.turns(1) // asleep: no step of the reaper's
		}
	}
	o.all, o.alive = s.born-before, len(s.tasks)
	// Who is left runs on without a reaper: those who die of the signal, late as
	// it may come, are gone then.
	for limit := 100 * (len(s.tasks) + 1); len(s.tasks) > 0 && limit > 0; limit-- {
		s.turns(1)
	}
	o.escaped = len(s.tasks)
	return o, nil
}

// turns lets n random tasks do a step each.
func (s *scene) turns(n int) {
	for range n {
		if len(s.tasks) == 0 {
			return
		}
		i := s.rng.IntN(len(s.tasks))
		if t := s.tasks[i]; !s.step(t) {
			s.tasks[i] = s.tasks[len(s.tasks)-1]
			s.tasks = s.tasks[:len(s.tasks)-1]
			delete(s.byPID, t.pid)
			// It was in use, or two tasks had one number.
			if err := s.pids.Free(t.pid); err != nil {
				panic(fmt.Sprintf("bench: pid %d of a dead task: %v", t.pid, err))
			}
		}
	}
}

// step is one turn of a task; false when it is dead. A fork under way is
// finished first, as in a kernel.
func (s *scene) step(t *storming) bool {
	switch {
	case t.born > 1:
		t.born--
	case t.born == 1:
		t.born = 0
		s.deliverChild(t.child)
	case t.killed:
		t.dying--
		return t.dying > 0
	default:
		if pid, err := s.pids.Alloc(); err == nil {
			t.child, t.born = pid, 1+s.rng.IntN(4)
		}
	}
	return true
}

// deliverChild publishes a child, or not, as the protocol has it.
func (s *scene) deliverChild(pid alloc.PID) {
	if s.strict && s.pids.Terminating() {
		if err := s.pids.Free(pid); err != nil {
			panic(fmt.Sprintf("bench: pid %d of an undone fork: %v", pid, err))
		}
		return
	}
	child := s.publish(pid)
	if s.late && s.pids.Terminating() {
		s.kill(child)
	}
}

func (s *scene) publish(pid alloc.PID) *storming {
	t := &storming{pid: pid}
	s.tasks = append(s.tasks, t)
	s.born++
	s.byPID[pid] = t
	return t
}

func (s *scene) kill(t *storming) {
	if !t.killed {
		t.killed, t.dying = true, 1+s.rng.IntN(8)
	}
}
