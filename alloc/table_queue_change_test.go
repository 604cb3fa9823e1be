package alloc_test

import (
	"slices"
	"testing"

	"example.com/pidmap/alloc"
)

// TestQueueOfWhatChanges changes a table in the middle of its queue: what comes
// then is of no meaning, but it ends, and nothing panics.
func TestQueueOfWhatChanges(t *testing.T) {
	const other = 60
	for name, change := range map[string]func(m *alloc.Table[struct{}], pid alloc.PID){
		"Alloc":          func(m *alloc.Table[struct{}], _ alloc.PID) { m.Alloc() },
		"AllocAt":        func(m *alloc.Table[struct{}], pid alloc.PID) { m.AllocAt(pid) },
		"AllocAt beyond": func(m *alloc.Table[struct{}], pid alloc.PID) { m.AllocAt(pid + 64) },
		"Undo of growth": func(m *alloc.Table[struct{}], pid alloc.PID) { // as soon as the walk is beyond
			if pid > 64 {
				m.Undo(1000, 0)
			}
		},
		"Free of one": func(m *alloc.Table[struct{}], _ alloc.PID) { m.Free(1) },
		"to the end": func(m *alloc.Table[struct{}], pid alloc.PID) { // for ever, if the walk does not count
			for _, at := range []alloc.PID{other, other + 1} {
				if at != pid && m.AllocAt(at) == nil {
					m.Free(at)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := alloc.NewTable(alloc.Limits{Max: 2000})
			if err != nil {
				t.Fatal(err)
			}
			m.Alloc()
			if name == "Undo of growth" {
				m.AllocAt(1000)
			}
			steps := 0
			for pid := range m.Queue() {
				if steps++; steps > 5000 {
					t.Fatal("no end")
				}
				change(m, pid)
			}
			if steps == 0 {
				t.Fatal("no beginning")
			}
			queue := slices.Collect(m.Queue())
			for _, pid := range queue {
				if got, err := m.Alloc(); err == nil && got != pid {
					t.Fatalf("Alloc() = %d, and the queue is %d", got, queue)
				}
			}
		})
	}
}
