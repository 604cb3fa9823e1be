package alloc_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/alloctest"
	"example.com/pidmap/alloc/backends"
)

// fuzzMax keeps the models of the fuzz targets small enough to be quick, and
// large enough for two levels of summaries and three pages.
const fuzzMax = 70000

// fuzzSeeds adds programs for the values of Max at which maps have gone wrong.
func fuzzSeeds(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, top := range []uint32{2, 3, 63, 64, 65, 128, 129, 4096, 4097, 32768, 32769, 65537} {
		program := make([]byte, 7*40)
		for i := range program {
			program[i] = byte(r.Uint32())
		}
		f.Add(top, top/3, program)
	}
	f.Add(uint32(2), uint32(1), []byte{})
}

// fuzzLimits makes any two numbers into limits that are accepted.
func fuzzLimits(top, reserved uint32) alloc.Limits {
	l := alloc.Limits{Max: alloc.PID(2 + top%(fuzzMax-1))}
	l.Reserved = 1 + alloc.PID(reserved%uint32(l.Max-1))
	return l
}

// FuzzOps runs a program of calls on every backend, and compares each with the
// model after every call.
func FuzzOps(f *testing.F) {
	fuzzSeeds(f)
	f.Fuzz(func(t *testing.T, top, reserved uint32, program []byte) {
		program = program[:min(len(program), 7*300)]
		for _, b := range backends.All() {
			alloctest.ReplayBackend(t, b.New, fuzzLimits(top, reserved), program)
		}
	})
}

// FuzzAllocators runs a program of calls on every allocator, and judges each
// answer by what the allocator's order allows.
func FuzzAllocators(f *testing.F) {
	fuzzSeeds(f)
	f.Fuzz(func(t *testing.T, top, reserved uint32, program []byte) {
		program = program[:min(len(program), 7*100)]
		for _, a := range backends.Allocators() {
			alloctest.ReplayAllocator(t, a.New, orderOf(a), fuzzLimits(top, reserved), program)
		}
	})
}

// FuzzLimits holds Normalize against the rule as the documentation states it,
// and every constructor against Normalize.
func FuzzLimits(f *testing.F) {
	for _, v := range []int32{math.MinInt32, -1, 0, 1, 2, 3, 299, 300, 301, 32767, 32768, 1<<30 - 1, 1 << 30, 1<<30 + 1, math.MaxInt32} {
		f.Add(v, int32(0))
		f.Add(int32(0), v)
		f.Add(v, v)
		f.Add(v, v-1)
	}
	f.Fuzz(func(t *testing.T, top, reserved int32) {
		l := alloc.Limits{Max: alloc.PID(top), Reserved: alloc.PID(reserved)}
		got, err := l.Normalize()
		want, ok := normalized(int64(top), int64(reserved))
		if (err == nil) != ok || ok && got != want || !ok && (!errors.Is(err, alloc.ErrRange) || got != alloc.Limits{}) {
			t.Fatalf("%+v.Normalize() = %+v, %v; want %+v, %t", l, got, err, want, ok)
		}
		if ok && l.Max > alloc.PIDMaxLimit {
			return // a constructor may take as much memory as it needs
		}
		for _, b := range backends.All() {
			if set, err := b.New(l); (err == nil) != ok || (set != nil) != ok {
				t.Errorf("%s of %+v: %v, %v", b.Name, l, set != nil, err)
			}
		}
		for _, a := range backends.Allocators() {
			m, err := a.New(l)
			if (err == nil) != ok || (m != nil) != ok {
				t.Errorf("%s of %+v: %v, %v", a.Name, l, m != nil, err)
			} else if ok && m.Limits() != want {
				t.Errorf("%s of %+v has %+v", a.Name, l, m.Limits())
			}
		}
	})
}

// normalized is the rule in numbers that do not overflow.
func normalized(top, reserved int64) (alloc.Limits, bool) {
	if top == 0 {
		top = 32768
	}
	if reserved == 0 && top > 300 {
		reserved = 300
	} else if reserved == 0 {
		reserved = 1
	}
	ok := top >= 2 && top <= 1<<30 && reserved >= 1 && reserved < top
	if !ok {
		return alloc.Limits{}, false
	}
	return alloc.Limits{Max: alloc.PID(top), Reserved: alloc.PID(reserved)}, true
}
