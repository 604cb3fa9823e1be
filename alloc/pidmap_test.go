package alloc_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"example.com/pidmap/alloc"
)

func TestNewPassesOnTheFactorysError(t *testing.T) {
	broken := errors.New("out of pages")
	f := func(alloc.Limits) (alloc.Backend, error) { return nil, broken }
	if m, err := alloc.New(alloc.Limits{}, f); m != nil || !errors.Is(err, broken) {
		t.Errorf("New = %v, %v; want the factory's error", m, err)
	}
	if s, err := alloc.NewShared(alloc.Limits{}, f); s != nil || !errors.Is(err, broken) {
		t.Errorf("NewShared = %v, %v; want the factory's error", s, err)
	}
}

func TestNewRefusesAFactoryThatGivesNothing(t *testing.T) {
	f := func(alloc.Limits) (alloc.Backend, error) { return nil, nil }
	if m, err := alloc.New(alloc.Limits{}, f); m != nil || err == nil {
		t.Errorf("New = %v, %v; want an error", m, err)
	}
	if s, err := alloc.NewShared(alloc.Limits{}, f); s != nil || err == nil {
		t.Errorf("NewShared = %v, %v; want an error", s, err)
	}
}

// The factory is given limits with the defaults filled in, so that a backend
// that knows of no defaults works too.
func TestNewNormalizesBeforeTheFactory(t *testing.T) {
	var given alloc.Limits
	f := func(l alloc.Limits) (alloc.Backend, error) {
		given = l
		return alloc.NewTree(l)
	}
	if _, err := alloc.New(alloc.Limits{}, f); err != nil || given != (alloc.Limits{Max: 32768, Reserved: 300}) {
		t.Errorf("the factory was given %+v, %v", given, err)
	}
}

// An error of limits names the field and its value, for a person.
func TestLimitsErrorsNameTheField(t *testing.T) {
	for _, c := range []struct {
		l    alloc.Limits
		want string
	}{
		{alloc.Limits{Max: 1}, "Max 1 "},
		{alloc.Limits{Max: -7}, "Max -7 "},
		{alloc.Limits{Max: 1<<30 + 1}, "Max 1073741825 "},
		{alloc.Limits{Max: 100, Reserved: 100}, "Reserved 100 "},
		{alloc.Limits{Reserved: -3}, "Reserved -3 "},
	} {
		if _, err := alloc.New(c.l, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("New(%+v): %v, want an error that names %q", c.l, err, c.want)
		}
	}
}

// Errors of calls are the sentinels themselves: no call that fails allocates.
func TestErrorsAreBare(t *testing.T) {
	m, err := alloc.New(alloc.Limits{Max: 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Alloc(); err != nil {
		t.Fatal(err)
	}
	_, full := m.Alloc()
	for _, c := range []struct{ got, want error }{
		{full, alloc.ErrFull},
		{m.AllocAt(1), alloc.ErrInUse},
		{m.AllocAt(2), alloc.ErrRange},
		{m.Free(0), alloc.ErrRange},
		{m.SetLast(2), alloc.ErrRange},
	} {
		if c.got != c.want {
			t.Errorf("error %v, want %v and no wrapping", c.got, c.want)
		}
	}
}

// Backend gives what the pidmap was made over, not a copy.
func TestPidmapBackend(t *testing.T) {
	var set alloc.Backend
	m, err := alloc.New(alloc.Limits{}, func(l alloc.Limits) (b alloc.Backend, err error) {
		set, err = alloc.NewPaged(l)
		return set, err
	})
	if err != nil || m.Backend() != set {
		t.Errorf("Backend() = %v, %v; want what the factory made", m.Backend(), err)
	}
}

// heapBytes gives what n values that f makes cost on the heap, in bytes each,
// the rounding of the memory allocator included.
func heapBytes(n int, f func() any) float64 {
	keep := make([]any, n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range keep {
		keep[i] = f()
	}
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(keep)
	return float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)) / float64(n)
}

// filled makes a Pidmap over a Tree and hands out n pids.
func filled(t *testing.T, top alloc.PID, n int) func() any {
	return func() any {
		m, err := alloc.New(alloc.Limits{Max: top}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range n {
			if _, err := m.Alloc(); err != nil {
				t.Fatal(err)
			}
		}
		return m
	}
}

// A fresh Pidmap costs under 512 bytes at any Max, and so does one that holds
// its reaper alone.
func TestMemoryOfAnIdlePidmap(t *testing.T) {
	for _, top := range []alloc.PID{2, 64, 32768, 1 << 20, alloc.PIDMaxLimit, 1 << 30} {
		for n := range 2 {
			if got := heapBytes(2000, filled(t, top, n)); got >= 512 {
				t.Errorf("Max %d, %d pids in use: %.0f bytes, want less than 512", top, n, got)
			}
		}
	}
}

// A full one costs at most 1.15 bits a pid.
func TestMemoryOfAFullPidmap(t *testing.T) {
	for top, copies := range map[alloc.PID]int{32768: 200, 1 << 20: 4} {
		got := heapBytes(copies, filled(t, top, int(top-1)))
		if bits := got * 8 / float64(top); bits > 1.15 {
			t.Errorf("Max %d, full: %.0f bytes, %.3f bits a pid, want at most 1.15", top, got, bits)
		}
	}
}
