package pidns

import (
	"errors"
	"runtime"
	"testing"

	"example.com/pidmap/alloc"
)

// A number alone, or a Max, does not make Restore take gigabytes.
func TestSparseSnapshots(t *testing.T) {
	for registry, refused := range map[string]bool{TreeTable: true, TreeHash: false, PagedHash: false, IDR: false, Table: true} {
		snap := &Snapshot{Version: 1, Namespaces: []SnapshotNamespace{{In: -1, Max: 1 << 30, Registry: registry}},
			Tasks: []SnapshotTask{{PIDs: []alloc.PID{1}}, {PIDs: []alloc.PID{1<<30 - 1}}}}
		if _, err := snap.plan(); errors.Is(err, ErrSnapshot) != refused {
			t.Errorf("%s: %v", registry, err)
		}
		for len(snap.Namespaces) < 1000 {
			snap.Namespaces = append(snap.Namespaces, SnapshotNamespace{Max: 1 << 30, Registry: registry, Gone: true})
		}
		if _, err := snap.plan(); errors.Is(err, ErrSnapshot) != (refused || registry == PagedHash) {
			t.Errorf("%s, a thousand of them: %v", registry, err)
		}
	}
}

// spread is a snapshot of namespaces one in the other, with n tasks in the
// innermost whose numbers lie as far from each other as they can, at each level.
func spread(registry string, levels, n int) *Snapshot {
	const most = 1 << 30
	s := &Snapshot{Version: 1}
	for level := range levels {
		s.Namespaces = append(s.Namespaces, SnapshotNamespace{In: level - 1, Max: most, Reserved: 300, Registry: registry, Last: 1})
		reaper := SnapshotTask{In: level, PIDs: []alloc.PID{1}}
		for range level {
			reaper.PIDs = append(reaper.PIDs, alloc.PID(1+level))
			reaper.Parent = 1
		}
		s.Tasks = append(s.Tasks, reaper)
	}
	for i := range n {
		t := SnapshotTask{In: levels - 1}
		for range levels {
			t.PIDs = append(t.PIDs, alloc.PID(100+i*(most/n-1)))
		}
		s.Tasks = append(s.Tasks, t)
	}
	return s
}

// Numbers that lie far from each other make pages and nodes of which each holds
// one: a snapshot of 3 MB of text does not make Restore take a gigabyte.
func TestSpreadSnapshots(t *testing.T) {
	for _, registry := range registries {
		if _, err := Restore(Task{}, spread(registry, MaxLevel+1, 9000), nil); !errors.Is(err, ErrSnapshot) {
			t.Errorf("%s: %v", registry, err)
		}
	}
}

// held is how many bytes are in use.
func held() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// restored gives what is counted of a snapshot, and what restoring it takes.
func restored(t *testing.T, snap *Snapshot) (counted, took int64) {
	t.Helper()
	p, err := snap.plan()
	if err != nil {
		t.Fatal(err)
	}
	if counted, err = p.sparse(); err != nil {
		t.Fatal(err)
	}
	p = nil // it is not held when the copy is
	before := held()
	ns, err := Restore(Task{}, snap, nil)
	if err != nil {
		t.Fatal(err)
	}
	took = held() - before
	runtime.KeepAlive(ns)
	return counted, took
}

// aTask is what a task takes that is not counted: its record, numbers above, a
// chain, a page of a table.
const aTask = 1 << 10

// What is counted is no less than what is taken, but for the tasks themselves.
func TestSpreadIsCounted(t *testing.T) {
	for _, registry := range []string{PagedHash, IDR} {
		const levels, n = 3, 2000
		snap := spread(registry, levels, n)
		if counted, took := restored(t, snap); took > counted+n*aTask {
			t.Errorf("%s: %d KiB taken, %d counted", registry, took>>10, counted>>10)
		}
	}
}

// So it is for a Tree, and a table, that have just doubled, and it is not much more.
func TestDoubledIsCounted(t *testing.T) {
	for _, registry := range []string{TreeTable, TreeHash} {
		const most = 1 << 24 // a power of two: the next number doubles what was long enough
		snap := &Snapshot{Version: 1, Namespaces: []SnapshotNamespace{{In: -1, Max: 1 << 30, Registry: registry}},
			Tasks: []SnapshotTask{{PIDs: []alloc.PID{1}}, {PIDs: []alloc.PID{most - 1}}, {PIDs: []alloc.PID{most}}}}
		counted, took := restored(t, snap)
		if chunk := int64(chunkSize * recordSize); took > counted+3*aTask+chunk || counted > took+took/8 {
			t.Errorf("%s: %d KiB taken, %d counted", registry, took>>10, counted>>10)
		}
	}
}

// Two namespaces with a high number each are more than one may be, over a hash too.
func TestSparseTwice(t *testing.T) {
	high := []alloc.PID{1<<30 - 1, 1<<30 - 1}
	snap := &Snapshot{Version: 1, Namespaces: []SnapshotNamespace{{In: -1, Max: 1 << 30, Registry: TreeHash}, {Max: 1 << 30, Registry: TreeHash}},
		Tasks: []SnapshotTask{{PIDs: []alloc.PID{1}}, {In: 1, PIDs: []alloc.PID{1, 2}, Parent: 1}, {In: 1, PIDs: high[:2], Parent: 2}}}
	if _, err := snap.plan(); !errors.Is(err, ErrSnapshot) {
		t.Errorf("both: %v", err)
	}
	snap.Tasks[2].PIDs = []alloc.PID{3, 1<<30 - 1}
	if _, err := snap.plan(); err != nil {
		t.Errorf("one: %v", err)
	}
}
