package alloctest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"example.com/pidmap/alloc"
)

// ReplayBackend makes what f makes for l, runs the calls that program spells on
// it and on a Model, and ends t at the first difference in a result, in Len or
// in the set of pids in use. It costs O(l.Max) a call at the most. Fuzz targets
// hand it what the fuzzer found, the suite what its seed drew.
func ReplayBackend(t testing.TB, f alloc.Factory, l alloc.Limits, program []byte) {
	t.Helper()
	replayBackend(t, f, l, program)
}

func replayBackend(t reporter, f alloc.Factory, l alloc.Limits, program []byte) {
	b := newBackend(t, f, l)
	l, _ = l.Normalize()
	model := newModel(l)
	var got, want []alloc.PID
	for n := 0; ; n++ {
		c, rest, ok := decode(program, l.Max)
		if !ok {
			break
		}
		program = rest
		got, want = c.onBackend(b, got[:0]), c.onBackend(model, want[:0])
		if !slices.Equal(got, want) {
			t.Helper()
			t.Fatalf("Max %d, call %d: %s: %d, want %d", l.Max, n, c.backendText(), got, want)
		}
		if got, want := b.Len(), model.Len(); got != want {
			t.Helper()
			t.Fatalf("Max %d, call %d: Len after %s = %d, want %d", l.Max, n, c.backendText(), got, want)
		}
		if lookAtAll(l, n) {
			sameSet(t, b, model.all(), "Max %d, call %d: after %s", l.Max, n, c.backendText())
		}
	}
	sameSet(t, b, model.all(), "Max %d, at the end", l.Max)
}

// lookAtAll tells whether to compare the whole set after call n: always where
// it is small.
func lookAtAll(l alloc.Limits, n int) bool { return l.Max <= 130 || n%256 == 0 }

// onBackend makes the call and appends its results to dst: false is -1.
func (c call) onBackend(b alloc.Backend, dst []alloc.PID) []alloc.PID {
	switch c.kind % 8 {
	case 0, 1:
		return append(dst, truth(b.Take(c.a)))
	case 2:
		return append(dst, orNone(b.TakeFirst(c.a, c.b)))
	case 3: // many at once, so that words and pages become full
		for range c.many() {
			dst = append(dst, orNone(b.TakeFirst(c.a, math.MaxInt32)))
		}
		return dst
	case 4:
		return append(dst, truth(b.Release(c.a)))
	case 5: // many in a row, so that words and pages become empty
		for i := range c.many() {
			dst = append(dst, truth(b.Release(c.run()+i)))
		}
		return dst
	case 6:
		return append(dst, orNone(b.Next(c.a)))
	default:
		return append(dst, nextN(b, c.a, int(c.many()))...)
	}
}

func (c call) backendText() string {
	switch c.kind % 8 {
	case 0, 1:
		return fmt.Sprintf("Take(%d)", c.a)
	case 2:
		return fmt.Sprintf("TakeFirst(%d, %d)", c.a, c.b)
	case 3:
		return fmt.Sprintf("TakeFirst(%d, MaxInt32), %d times", c.a, c.many())
	case 4:
		return fmt.Sprintf("Release(%d)", c.a)
	case 5:
		return fmt.Sprintf("Release(%d) and of the %d after it", c.run(), c.many()-1)
	case 6:
		return fmt.Sprintf("Next(%d)", c.a)
	default:
		return fmt.Sprintf("NextN(%d) of %d", c.a, c.many())
	}
}

func truth(ok bool) alloc.PID {
	if ok {
		return 1
	}
	return -1
}

func orNone(pid alloc.PID, ok bool) alloc.PID {
	if ok {
		return pid
	}
	return -1
}
