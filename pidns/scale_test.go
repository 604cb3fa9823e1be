package pidns

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"example.com/pidmap/alloc"
)

// mostBytes is what a task may take, its numbers, its place in the indexes and
// its share of its namespace included.
const mostBytes = 200

// A host of many namespaces, and one of one that is large: made, churned, every
// other namespace zapped by itself and the rest by a zap of the root, with
// nobody left and nothing kept for anybody. Under the build tag pidmap_long
// these are 10,000 namespaces of 100 tasks each, and one of a million.
func TestScale(t *testing.T) {
	spaces, most := 200, 20_000
	if long > 1 {
		spaces, most = 10_000, 1_000_000
	}
	if raced || invariants || testing.Short() {
		spaces, most = spaces/20, most/20
	}
	for _, size := range []struct{ spaces, each int }{{spaces, 100}, {1, most}} {
		t.Run(fmt.Sprintf("namespaces=%d/n=%d", size.spaces, size.each), func(t *testing.T) {
			everyScale(t, size.spaces, size.each)
		})
	}
}

func everyScale(t *testing.T, spaces, each int) {
	for _, registry := range registries {
		if registry == PagedHash && spaces*each > 100_000 {
			continue // chains of 256 tasks: it takes minutes
		}
		t.Run("registry="+registry, func(t *testing.T) {
			seed := drawSeed(t)
			before := inUse(t)
			m := newMany(t, registry, spaces, each)
			m.churn(rand.New(rand.NewPCG(seed, 0)), 2*spaces*each)
			bytes := inUse(t) - before - int64(len(m.tasks))*16 // the test's own handles
			n := int64(spaces * each)
			t.Logf("%d bytes a task, %d bytes a namespace", bytes/n, bytes/int64(spaces))
			if bytes > mostBytes*n {
				t.Errorf("%d tasks take %d bytes each, want %d at most", n, bytes/n, mostBytes)
			}
			m.end()
		})
	}
}

// inUse is how many bytes are in use.
func inUse(t *testing.T) int64 {
	t.Helper()
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// many is a host with namespaces below the root, beside each other.
type many struct {
	testing.TB
	root   *Namespace
	spaces []*Namespace
	tasks  []Task // of the i-th namespace: i*each and so on
	each   int
}

func (m *many) must(task Task, err error) Task {
	if err != nil {
		m.Helper()
		m.Fatal(err)
	}
	return task
}

func newMany(t testing.TB, registry string, spaces, each int) *many {
	limits := func(n int) alloc.Limits { return alloc.Limits{Max: alloc.PID(4 * (n + 1)), Reserved: 1} }
	root, err := New(Config{Registry: registry, Limits: limits(spaces * (each + 1))})
	if err != nil {
		t.Fatal(err)
	}
	m := &many{t, root, nil, make([]Task, 0, spaces*each), each}
	for range spaces {
		reaper := m.must(root.Reaper().ForkNamespace(Config{Registry: registry, Limits: limits(each)}))
		m.spaces = append(m.spaces, reaper.Namespace())
		for range each {
			m.tasks = append(m.tasks, m.must(reaper.Fork()))
		}
	}
	return m
}

// churn ends random tasks, and has others born in their places.
func (m *many) churn(r *rand.Rand, times int) {
	for range times {
		i := r.IntN(len(m.tasks))
		reaper := m.spaces[i/m.each].Reaper()
		err := m.tasks[i].Exit(0)
		if err == nil {
			_, _, err = reaper.Wait(ended)
		}
		if err != nil {
			m.Fatal(err)
		}
		m.tasks[i] = m.must(reaper.Fork())
	}
	m.counts(1+len(m.spaces)+len(m.tasks), func(int) int { return 1 + m.each })
}

// counts holds the counts of tasks and numbers against those wanted.
func (m *many) counts(host int, inside func(i int) int) {
	m.Helper()
	if n := m.root.Len(); n != host || m.root.pids.Len() != host {
		m.Fatalf("%d tasks and %d numbers on the host, want %d", n, m.root.pids.Len(), host)
	}
	for i, ns := range m.spaces {
		if n := ns.Len(); n != inside(i) || ns.pids.Len() != n {
			m.Fatalf("%d tasks and %d numbers in namespace %d, want %d", n, ns.pids.Len(), i, inside(i))
		}
	}
}

// end zaps every other namespace, and then everything.
func (m *many) end() {
	for i := 0; i < len(m.spaces); i += 2 {
		if err := m.spaces[i].Zap(forever, Batch); err != nil {
			m.Fatal(err)
		}
	}
	zapped := (len(m.spaces) + 1) / 2
	m.counts(1+len(m.spaces)+m.each*(len(m.spaces)-zapped), func(i int) int { return 1 + i%2*m.each })
	if err := m.root.Zap(forever, Walk); err != nil {
		m.Fatal(err)
	}
	m.counts(1, func(int) int { return 0 })
	h := m.root.host
	if used := int(h.slab.next) - 1 - len(h.slab.spare); used != 1 {
		m.Errorf("%d records are in use, want the root's reaper's", used)
	}
	if used := len(h.families.all) - 1 - len(h.families.spare); used != 1 || len(h.spaces)-len(h.holes) != 1 {
		m.Errorf("%d families and %d namespaces are left, want one of each", used, len(h.spaces)-len(h.holes))
	}
	if rows := h.uppers[1]; len(rows.rows)/rows.width != len(rows.spare) {
		m.Errorf("%d rows of numbers, %d of them spare", len(rows.rows)/rows.width, len(rows.spare))
	}
}
