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

// What is counted is no less than what is taken, but for the tasks themselves.
func TestSpreadIsCounted(t *testing.T) {
	held := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	for _, registry := range []string{PagedHash, IDR} {
		const levels, n = 3, 2000
		snap := spread(registry, levels, n)
		p, err := snap.plan()
		if err != nil {
			t.Errorf("%s: %v", registry, err)
			continue
		}
		counted, err := p.sparse()
		if err != nil {
			t.Error(err)
		}
		p = nil
		before := held()
		ns, err := Restore(Task{}, snap, nil)
		if err != nil {
			t.Errorf("%s: %v", registry, err)
			continue
		}
		const aTask = 1 << 10 // records, numbers above, chains
		if took := held() - before; took > counted+n*aTask {
			t.Errorf("%s: %d KiB taken, %d counted", registry, took>>10, counted>>10)
		}
		runtime.KeepAlive(ns)
	}
}
