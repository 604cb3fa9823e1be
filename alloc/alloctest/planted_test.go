package alloctest

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"example.com/pidmap/alloc"
)

// The suite must be able to fail. The planted_*_test.go files hold backends and
// allocators with one flaw each, and the cases that must reject them; this file
// holds the tb that notes it.

// smallMaxes are those of seamMaxes that the slow ones here can bear.
var smallMaxes = seamMaxes[:slices.Index(seamMaxes, 4098)+1]

// quiet is a tb that notes failures and tells nobody.
type quiet struct {
	mu     sync.Mutex
	failed bool
	said   []string
}

func (q *quiet) Helper()             {}
func (q *quiet) Logf(string, ...any) {}
func (q *quiet) Errorf(format string, args ...any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.failed = true
	q.said = append(q.said, fmt.Sprintf(format, args...))
}

func (q *quiet) Fatalf(format string, args ...any) {
	q.Errorf(format, args...)
	runtime.Goexit()
}

// Run runs f as a case of its own; a panic is a failure.
func (q *quiet) Run(name string, f func(tb)) bool {
	sub := &quiet{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				sub.Errorf("panic: %v", p)
			}
		}()
		f(sub)
	}()
	<-done
	for _, s := range sub.said {
		q.said = append(q.said, name+": "+s)
	}
	q.failed = q.failed || sub.failed
	return !sub.failed
}

// rejects fails the test unless each of the named cases fails, in one of so many
// tries.
func rejects(t *testing.T, cases []testCase, names []string, tries int) {
	t.Helper()
	for _, name := range names {
		i := slices.IndexFunc(cases, func(c testCase) bool { return c.name == name })
		if i < 0 {
			t.Fatalf("no case %q", name)
		}
		q := &quiet{}
		for n := 0; n < tries && !q.failed; n++ {
			runCases(q, cases[i:i+1], 1)
		}
		if !q.failed {
			t.Errorf("%s accepts it", name)
		}
		for _, s := range q.said[:min(3, len(q.said))] {
			t.Log(s)
		}
	}
}

// A case that rejects nothing planted may be one that cannot fail.
func TestEveryCaseRejectsSomething(t *testing.T) {
	named := map[string]bool{}
	name := func(cases []string) {
		for _, c := range cases {
			named[c] = true
		}
	}
	for _, p := range plantedBackends() {
		name(p.cases)
	}
	wantNamed(t, named, new(backendSuite).cases())
	clear(named)
	for _, p := range plantedAllocators {
		name(p.cases)
	}
	for _, p := range plantedOrders {
		name(p.cases)
	}
	wantNamed(t, named, new(allocatorSuite).cases())
	wantNamed(t, named, new(allocatorSuite).fifoCases())
	for _, p := range plantedConcurrent {
		name(p.cases)
	}
	wantNamed(t, named, new(concurrentSuite).cases())
}

func wantNamed(t *testing.T, named map[string]bool, cases []testCase) {
	t.Helper()
	for _, c := range cases {
		if !named[c.name] {
			t.Errorf("no planted flaw names %s", c.name)
		}
	}
}

// Each model passes the suite that it judges others by.
func TestModel(t *testing.T) {
	s := &backendSuite{NewModel, drawSeed(), smallMaxes, 9000}
	runCases(live{t}, s.cases(), s.seed)
}

func TestAllocatorOverModel(t *testing.T) {
	f := func(l alloc.Limits) (alloc.Allocator, error) { return orNil(alloc.New(l, NewModel)) }
	s := &allocatorSuite{f, Cyclic, drawSeed(), smallMaxes}
	runCases(live{t}, withoutLong(s.cases()), s.seed)
}

// withoutLong leaves out the case in which a Model takes seconds.
func withoutLong(cases []testCase) []testCase {
	return slices.DeleteFunc(cases, func(c testCase) bool { return c.name == "cyclic/consecutive_pids_differ" })
}

func TestSharedOverModel(t *testing.T) {
	TestConcurrent(t, func(l alloc.Limits) (alloc.Allocator, error) { return orNil(alloc.NewShared(l, NewModel)) })
}

// orNil keeps a nil pointer out of the interface.
func orNil[A alloc.Allocator](a A, err error) (alloc.Allocator, error) {
	if err != nil {
		return nil, err
	}
	return a, nil
}

// quiet is worth nothing if a failure passes it by.
func TestQuietNotesFailures(t *testing.T) {
	for name, f := range map[string]func(tb){
		"Errorf":       func(t tb) { t.Errorf("said") },
		"Fatalf":       func(t tb) { t.Fatalf("said"); panic("went on") },
		"panic":        func(tb) { panic(errors.New("said")) },
		"in a subtest": func(t tb) { t.Run("sub", func(t tb) { t.Fatalf("said") }) },
	} {
		if q := (&quiet{}); q.Run("case", f) || !q.failed {
			t.Errorf("%s is not noted", name)
		}
	}
	if q := (&quiet{}); !q.Run("case", func(tb) {}) || q.failed {
		t.Errorf("a failure is noted where there is none")
	}
}
