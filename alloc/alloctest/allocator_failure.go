package alloctest

import (
	"math"
	"slices"

	"example.com/pidmap/alloc"
)

// snapshot is all that can be seen of an allocator.
type snapshot struct {
	last        alloc.PID
	len         int
	limits      alloc.Limits
	terminating bool
	inUse       []alloc.PID
}

// snapshot takes one; Last of a Sharded allocator is one of many and left out.
func (s *allocatorSuite) snapshot(a trial) snapshot {
	a.t.Helper()
	v := snapshot{len: a.Len(), limits: a.Limits(), terminating: a.Terminating()}
	if s.order != Sharded {
		v.last = a.Last()
	}
	v.inUse = nextByNext(a.Allocator, 0, make([]alloc.PID, v.limits.Max))
	return v
}

func (v snapshot) equal(w snapshot) bool {
	return v.last == w.last && v.len == w.len && v.limits == w.limits &&
		v.terminating == w.terminating && slices.Equal(v.inUse, w.inUse)
}

// failing is a state and calls that fail in it.
type failing struct {
	state string
	make  func(t tb) trial
	call  []failingCall
}

type failingCall struct {
	name string
	call func(a trial)
}

// failures gives every error path: each state and the calls that fail in it.
func (s *allocatorSuite) failures() []failing {
	const top = 70
	some := func(t tb) trial {
		a := s.trial(t, alloc.Limits{Max: top, Reserved: 1}, 40, 69)
		a.free(nil, a.allocN(5)[1:3]...)
		return a
	}
	full := func(t tb) trial {
		a := s.trial(t, alloc.Limits{Max: top, Reserved: 1})
		a.allocN(top - 1)
		a.free(nil, 30)
		a.alloc(30) // so that Last is not at an end
		return a
	}
	dying := func(t tb) trial {
		a := some(t)
		a.Terminate()
		return a
	}
	always := []failingCall{
		{"AllocAt in use", func(a trial) { a.allocAt(40, a.inUseError()) }},
		{"AllocAt 0", func(a trial) { a.allocAtOutOfRange(0) }},
		{"AllocAt Max", func(a trial) { a.allocAtOutOfRange(top) }},
		{"AllocAt MaxInt32", func(a trial) { a.allocAtOutOfRange(math.MaxInt32) }},
		{"AllocAt MinInt32", func(a trial) { a.allocAtOutOfRange(math.MinInt32) }},
		{"Free 0", func(a trial) { a.free(alloc.ErrRange, 0) }},
		{"Free Max", func(a trial) { a.free(alloc.ErrRange, top) }},
		{"Free MaxInt32", func(a trial) { a.free(alloc.ErrRange, math.MaxInt32) }},
		{"Free MinInt32", func(a trial) { a.free(alloc.ErrRange, math.MinInt32) }},
		{"SetLast -1", func(a trial) { s.setLastFails(a, -1) }},
		{"SetLast Max", func(a trial) { s.setLastFails(a, top) }},
		{"SetLast MaxInt32", func(a trial) { s.setLastFails(a, math.MaxInt32) }},
	}
	freeFree := failingCall{"Free of a free pid", func(a trial) { a.free(alloc.ErrNotInUse, 68) }}
	fresh := func(t tb) trial { return s.trial(t, alloc.Limits{Max: top, Reserved: 1}) }
	return []failing{
		{"new", fresh, append(slices.Clone(always[1:]), freeFree)},
		{"some in use", some, append(slices.Clone(always), freeFree)},
		{"full", full, append(slices.Clone(always), failingCall{"Alloc", func(a trial) { a.allocFails(alloc.ErrFull) }})},
		{"terminating", dying, append(slices.Clone(always), freeFree,
			failingCall{"Alloc", func(a trial) { a.allocFails(alloc.ErrTerminating) }},
			failingCall{"AllocAt of a free pid", func(a trial) { a.allocAt(68, alloc.ErrTerminating) }})},
	}
}

// inUseError is what AllocAt says of a pid in use.
func (a trial) inUseError() error {
	if a.Terminating() {
		return alloc.ErrTerminating
	}
	return alloc.ErrInUse
}

// allocAtOutOfRange allows either of two true answers of a terminating one.
func (a trial) allocAtOutOfRange(pid alloc.PID) {
	err := a.AllocAt(pid)
	if wantError(err, alloc.ErrRange) != nil && (!a.Terminating() || wantError(err, alloc.ErrTerminating) != nil) {
		a.t.Helper()
		a.t.Fatalf("%+v: AllocAt(%d): %v, want ErrRange", a.Limits(), pid, err)
	}
}

// setLastFails allows ErrUnsupported where the order has no cursor.
func (s *allocatorSuite) setLastFails(a trial, pid alloc.PID) {
	err := a.SetLast(pid)
	if wantError(err, alloc.ErrRange) != nil && (s.order != FIFO || wantError(err, alloc.ErrUnsupported) != nil) {
		a.t.Helper()
		a.t.Fatalf("%+v: SetLast(%d): %v, want ErrRange", a.Limits(), pid, err)
	}
}

// failureChangesNothing looks at all that can be seen, before and after.
func (s *allocatorSuite) failureChangesNothing(t tb) {
	for _, f := range s.failures() {
		a := f.make(t)
		before := s.snapshot(a)
		for _, c := range f.call {
			c.call(a)
			if after := s.snapshot(a); !after.equal(before) {
				t.Fatalf("%s: %s failed and changed %+v into %+v", f.state, c.name, before, after)
			}
		}
	}
}

// failureLeavesOrder looks at what cannot be seen: after failed calls, an
// allocator hands out what its twin does that had none.
func (s *allocatorSuite) failureLeavesOrder(t tb) {
	if s.order == Sharded {
		t.Logf("the order is open: nothing to compare")
		return
	}
	for _, f := range s.failures() {
		a, twin := f.make(t), f.make(t)
		for _, c := range f.call {
			c.call(a)
		}
		if got, want := a.drainFree(), twin.drainFree(); !slices.Equal(got, want) {
			t.Fatalf("%s: after failed calls Alloc gives %d, without them %d", f.state, got, want)
		}
	}
}

// drainFree allocates until that fails.
func (a trial) drainFree() []alloc.PID {
	var pids []alloc.PID
	for range a.Limits().Max {
		pid, err := a.Alloc()
		if err != nil {
			break
		}
		pids = append(pids, pid)
	}
	return pids
}
