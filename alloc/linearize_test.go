package alloc_test

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/alloctest"
)

var linSeed = flag.Uint64("linearize.seed", 0, "seed of the calls of the linearizability tests; 0 draws one")

// linSubject is an allocator under test: what makes it, the order that its
// model keeps to, and the calls that take effect at one moment.
type linSubject struct {
	name  string
	new   func(alloc.Limits) (alloc.Allocator, error)
	order alloctest.Order
	kinds []linKind
}

var (
	linChanges = []linKind{linAlloc, linAlloc, linAlloc, linAllocAt, linFree, linFree, linFree}
	linReads   = []linKind{linTerminating, linLen, linUsed}
	// A Sharded's Next answers for a span of time, and its Last for a shard.
	linSharded = slices.Concat(linChanges, linReads)
	linShared  = slices.Concat(linSharded, []linKind{linNext})
	linCyclic  = slices.Concat(linShared, []linKind{linLast})
)

func linSubjects() []linSubject {
	sharded := func(shards int, f alloc.Factory) func(alloc.Limits) (alloc.Allocator, error) {
		return func(l alloc.Limits) (alloc.Allocator, error) { return alloc.NewSharded(l, shards, f) }
	}
	shared := func(f alloc.Factory) func(alloc.Limits) (alloc.Allocator, error) {
		return func(l alloc.Limits) (alloc.Allocator, error) {
			m, err := alloc.New(l, f)
			return alloc.Share(slowly(m)), err
		}
	}
	return []linSubject{
		{"shared", shared(nil), alloctest.Cyclic, linCyclic},
		{"shared+idr", shared(alloc.NewIDR), alloctest.Cyclic, linCyclic},
		{"shared+table", newSharedTable, alloctest.FIFO, linShared},
		{"sharded/2", sharded(2, nil), alloctest.Sharded, linSharded},
		{"sharded/4", sharded(4, nil), alloctest.Sharded, linSharded},
		{"sharded/3+locals", newLocals, alloctest.Sharded, linSharded},
		{"sharded/4+tree", sharded(4, newYieldingTree), alloctest.Sharded, linSharded},
	}
}

func newSharedTable(l alloc.Limits) (alloc.Allocator, error) {
	t, err := alloc.NewTable(l)
	return alloc.Share(slowly(t)), err
}

// locals gives each worker a Local of its own.
type locals struct{ *alloc.Sharded }

func newLocals(l alloc.Limits) (alloc.Allocator, error) {
	s, err := alloc.NewSharded(l, 3, nil)
	return locals{s}, err
}

// TestLinearizable records short histories of workers that make random calls at
// once, and asks a checker whether there is an order in which each call takes
// effect at one moment. The calls come from the seed; how they interleave does
// not.
func TestLinearizable(t *testing.T) {
	for _, s := range linSubjects() {
		t.Run(s.name, func(t *testing.T) {
			seed := *linSeed
			if seed == 0 {
				seed = rand.Uint64()
			}
			calls, met := 0, 0
			for n := range uint64(500 * long) {
				l, history := s.record(t, seed, n)
				calls, met = calls+len(history), met+meetings(history)
				if result := s.judge(l, history); result != porcupine.Ok {
					t.Fatalf("history %d at Max %d: %s; -linearize.seed=%d\n%s", n, l.Max, result, seed, show(history))
				}
			}
			if t.Logf("%d of %d calls met another", met, calls); met < calls/20 {
				t.Error("the workers hardly ever met")
			}
		})
	}
}

// judge asks the checker.
func (s linSubject) judge(l alloc.Limits, history []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(linModel(newPaper(l.Max, s.order)), history, time.Minute)
}

const (
	linWorkers = 4
	linCalls   = 24 // a worker
)

// record has a few workers make random calls at once on a new allocator, and
// writes down when each call began and ended. Where the calls are to ask for the
// gate, one history of two has a Terminate among them.
func (s linSubject) record(t *testing.T, seed, n uint64) (alloc.Limits, []porcupine.Operation) {
	r := rand.New(rand.NewPCG(seed, n))
	l := alloc.Limits{Max: 3 + alloc.PID(r.IntN(10)), Reserved: 1}
	a, err := s.new(l)
	if err != nil {
		t.Fatal(err)
	}
	shutBy, shutAt := r.IntN(2*linWorkers), r.IntN(linCalls)
	if !slices.Contains(s.kinds, linTerminating) {
		shutBy = -1
	}
	var (
		histories [linWorkers][]porcupine.Operation
		ready     atomic.Int32
		wg        sync.WaitGroup
		start     = time.Now()
	)
	stop := disturb(a)
	for worker := range linWorkers {
		r := rand.New(rand.NewPCG(seed^n, uint64(worker)))
		mine := a
		if s, ok := a.(locals); ok {
			mine = s.Local()
		}
		wg.Go(func() {
			for ready.Add(1); ready.Load() < linWorkers; {
				runtime.Gosched()
			}
			for i := range linCalls {
				o := linOp{s.kinds[r.IntN(len(s.kinds))], 1 + alloc.PID(r.IntN(int(l.Max)-1))}
				if worker == shutBy && i == shutAt {
					o.kind = linTerminate
				}
				call := time.Since(start)
				result := o.on(mine)
				histories[worker] = append(histories[worker], porcupine.Operation{
					ClientId: worker, Input: o, Output: result, Call: int64(call), Return: int64(time.Since(start)),
				})
				if r.IntN(3) == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	wg.Wait()
	stop()
	return l, slices.Concat(histories[:]...)
}

// on makes the call.
func (o linOp) on(a alloc.Allocator) linResult {
	yes := func(b bool) linResult {
		if b {
			return linResult{pid: 1}
		}
		return linResult{}
	}
	switch o.kind {
	case linAlloc:
		pid, err := a.Alloc()
		return linResult{pid, err}
	case linAllocAt:
		return linResult{err: a.AllocAt(o.pid)}
	case linFree:
		return linResult{err: a.Free(o.pid)}
	case linTerminate:
		a.Terminate()
		return linResult{}
	case linTerminating:
		return yes(a.Terminating())
	case linLen:
		return linResult{pid: alloc.PID(a.Len())}
	case linUsed:
		if s, ok := a.(interface{ InUse(alloc.PID) bool }); ok {
			return yes(s.InUse(o.pid))
		}
		pid, ok := a.Next(o.pid - 1)
		return yes(ok && pid == o.pid)
	case linNext:
		pid, _ := a.Next(o.pid)
		return linResult{pid: pid}
	default:
		return linResult{pid: a.Last()}
	}
}

// meetings counts the calls that were under way when another worker's began.
func meetings(history []porcupine.Operation) int {
	n := 0
	for _, a := range history {
		if slices.ContainsFunc(history, func(b porcupine.Operation) bool {
			return a.ClientId != b.ClientId && a.Call <= b.Call && b.Call <= a.Return
		}) {
			n++
		}
	}
	return n
}

// show gives a history as text, in order of the calls' beginnings.
func show(history []porcupine.Operation) string {
	history = slices.Clone(history)
	slices.SortFunc(history, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	var b strings.Builder
	for _, o := range history {
		fmt.Fprintf(&b, "%9d–%9d ns  worker %d  %s\n", o.Call, o.Return, o.ClientId, describe(o.Input.(linOp), o.Output.(linResult)))
	}
	return b.String()
}
