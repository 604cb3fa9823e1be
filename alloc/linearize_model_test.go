package alloc_test

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/anishathalye/porcupine"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/alloctest"
)

// An allocator on paper, for a checker that looks for an order of the calls in
// which each takes effect at one moment between its beginning and its end.

// linMax bounds Max: a set of pids in use is one word.
const linMax = 32

// paper is an allocator's state. Its fields are comparable and small, since the
// checker remembers many.
type paper struct {
	used  uint64          // bit pid; bit 0, no pid's, is the gate: set when shut
	last  alloc.PID       // the cursor, where the order is cyclic
	queue [linMax]uint8   // the free pids, first out first, where it is FIFO; 0 past the end
	max   alloc.PID       // never changes
	kind  alloctest.Order // nor does this
}

type linKind uint8

const (
	linAlloc linKind = iota
	linAllocAt
	linFree
	linTerminate
	linTerminating
	linLen
	linUsed // is pid in use?
	linNext
	linLast
)

// linOp is a call, linResult its answer. An answer of yes or no is pid 1 or 0.
type linOp struct {
	kind linKind
	pid  alloc.PID
}

type linResult struct {
	pid alloc.PID
	err error
}

func newPaper(max alloc.PID, kind alloctest.Order) paper {
	p := paper{max: max, kind: kind}
	if kind == alloctest.FIFO {
		for pid := alloc.PID(1); pid < max; pid++ {
			p.queue[pid-1] = uint8(pid)
		}
	}
	return p
}

// linModel is the model for histories of an allocator that begins as start.
func linModel(start paper) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return start },
		Step: func(state, input, output any) (bool, any) {
			return state.(paper).step(input.(linOp), output.(linResult))
		},
		Hash: func(state any) uint64 {
			p := state.(paper)
			return (p.used<<32 | uint64(p.last)) * 0x9e3779b97f4a7c15
		},
		DescribeOperation: func(input, output any) string { return describe(input.(linOp), output.(linResult)) },
		DescribeState:     func(state any) string { return fmt.Sprintf("%b", state.(paper).used) },
	}
}

// step tells whether the answer r to o is right in state p, and gives the state
// after it.
func (p paper) step(o linOp, r linResult) (bool, paper) {
	ok := r.err == nil
	switch o.kind {
	case linAlloc:
		return p.alloc(r)
	case linAllocAt:
		if err := p.refuses(o.pid); err != nil || !ok {
			return r.err == err, p
		}
		return true, p.take(o.pid)
	case linFree:
		if !p.has(o.pid) {
			return r.err == alloc.ErrNotInUse, p
		}
		return ok, p.free(o.pid)
	case linTerminate:
		p.used |= 1
		return ok, p
	case linTerminating:
		return r.pid == alloc.PID(p.used&1), p
	case linLen:
		return int(r.pid) == bits.OnesCount64(p.used&^1), p
	case linUsed:
		return r.pid == alloc.PID(p.used>>o.pid&1), p
	case linNext:
		later := p.used &^ (2<<o.pid - 1)
		return r.pid == alloc.PID(bits.TrailingZeros64(later)&63), p
	default:
		return r.pid == p.last, p
	}
}

// alloc is step for an Alloc.
func (p paper) alloc(r linResult) (bool, paper) {
	free := ^p.used & (1<<p.max - 2)
	switch {
	case p.used&1 != 0:
		return r.err == alloc.ErrTerminating, p
	case free == 0:
		return r.err == alloc.ErrFull, p
	case r.err != nil || r.pid < 1 || free>>r.pid&1 == 0:
		return false, p
	}
	want := r.pid
	switch p.kind {
	case alloctest.Cyclic:
		if ahead := free &^ (2<<p.last - 1); ahead != 0 {
			free = ahead
		}
		want = alloc.PID(bits.TrailingZeros64(free))
	case alloctest.FIFO:
		want = alloc.PID(p.queue[0])
	}
	p = p.take(want)
	if p.kind == alloctest.Cyclic {
		p.last = want
	}
	return r.pid == want, p
}

// refuses gives the error that an AllocAt of pid must get, or nil.
func (p paper) refuses(pid alloc.PID) error {
	switch {
	case p.used&1 != 0:
		return alloc.ErrTerminating
	case p.has(pid):
		return alloc.ErrInUse
	}
	return nil
}

func (p paper) has(pid alloc.PID) bool { return p.used>>pid&1 != 0 }

func (p paper) take(pid alloc.PID) paper {
	p.used |= 1 << pid
	if p.kind == alloctest.FIFO {
		n := 0
		for _, q := range p.queue {
			if q != uint8(pid) {
				p.queue[n] = q
				n++
			}
		}
		clear(p.queue[n:])
	}
	return p
}

func (p paper) free(pid alloc.PID) paper {
	p.used &^= 1 << pid
	if p.kind == alloctest.FIFO {
		n := 0
		for p.queue[n] != 0 {
			n++
		}
		p.queue[n] = uint8(pid)
	}
	return p
}

func describe(o linOp, r linResult) string {
	name := [...]string{"Alloc", "AllocAt", "Free", "Terminate", "Terminating", "Len", "InUse", "Next", "Last"}[o.kind]
	answer := fmt.Sprint(r.pid)
	if r.err != nil {
		answer = strings.TrimPrefix(r.err.Error(), "pidmap: ")
	}
	return fmt.Sprintf("%s(%d) -> %s", name, o.pid, answer)
}
