package alloc_test

import (
	"slices"
	"testing"

	"example.com/pidmap/alloc"
)

// drain gives the pids that an allocator hands out from here on.
func drain(t *testing.T, a alloc.Allocator) []alloc.PID {
	t.Helper()
	var pids []alloc.PID
	for {
		pid, err := a.Alloc()
		if err == alloc.ErrFull {
			return pids
		}
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
}

func TestUndoLeavesTheOrderAsItWas(t *testing.T) {
	makers := map[string]func() (alloc.Allocator, error){
		"pidmap": func() (alloc.Allocator, error) { return alloc.New(alloc.Limits{Max: 40, Reserved: 3}, nil) },
		"table":  func() (alloc.Allocator, error) { return alloc.NewTable(alloc.Limits{Max: 40}) },
	}
	for name, make := range makers {
		t.Run(name, func(t *testing.T) {
			// churned gives an allocator with a past, the same each time.
			churned := func() alloc.Allocator {
				a, err := make()
				if err != nil {
					t.Fatal(err)
				}
				for range 30 {
					if _, err := a.Alloc(); err != nil {
						t.Fatal(err)
					}
				}
				for _, pid := range []alloc.PID{7, 3, 20, 11} {
					if err := a.Free(pid); err != nil {
						t.Fatal(err)
					}
				}
				return a
			}
			plain := churned()
			last, want := plain.Last(), drain(t, plain)

			undone := churned()
			pid, err := undone.Alloc()
			if err != nil {
				t.Fatal(err)
			}
			if err := undone.AllocAt(20); err != nil {
				t.Fatal(err)
			}
			if err := undone.(alloc.Undoer).Undo(20, pid); err != nil {
				t.Fatal(err)
			}
			if err := undone.(alloc.Undoer).Undo(pid, last); err != nil {
				t.Fatal(err)
			}
			if undone.Last() != last {
				t.Errorf("Last is %d after Undo, want %d", undone.Last(), last)
			}
			if got := drain(t, undone); !slices.Equal(got, want) {
				t.Errorf("after Undo it hands out %d, want %d", got, want)
			}
		})
	}
}

func TestUndoRefusesWhatIsNotInUse(t *testing.T) {
	pidmap, err := alloc.New(alloc.Limits{Max: 40}, nil)
	if err != nil {
		t.Fatal(err)
	}
	table, err := alloc.NewTable(alloc.Limits{Max: 40})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []alloc.Undoer{pidmap, table} {
		for pid, want := range map[alloc.PID]error{-1: alloc.ErrRange, 0: alloc.ErrRange, 5: alloc.ErrNotInUse, 40: alloc.ErrRange, 1<<31 - 1: alloc.ErrRange} {
			if err := a.Undo(pid, 0); err != want {
				t.Errorf("%T: Undo(%d): %v, want %v", a, pid, err, want)
			}
		}
	}
}

// A Last that no SetLast takes is refused, and the pid stays in use.
func TestUndoRefusesALastOutOfRange(t *testing.T) {
	pidmap, _ := alloc.New(alloc.Limits{Max: 40}, nil)
	table, _ := alloc.NewTable(alloc.Limits{Max: 40})
	for _, a := range []alloc.Allocator{pidmap, table} {
		pid, _ := a.Alloc()
		for _, last := range []alloc.PID{-7, -1 << 31, 40, 1<<31 - 1} {
			if err := a.(alloc.Undoer).Undo(pid, last); err != alloc.ErrRange || a.Last() != pid || a.Len() != 1 {
				t.Errorf("%T: Undo(%d, %d): %v, then Last %d, %d in use", a, pid, last, err, a.Last(), a.Len())
			}
		}
	}
}

// The place that a pid stood in may be gone by the time of the Undo.
func TestUndoAmongOtherChanges(t *testing.T) {
	a, err := alloc.NewTable(alloc.Limits{Max: 10})
	if err != nil {
		t.Fatal(err)
	}
	pids := drain(t, a)
	for _, pid := range pids {
		if err := a.Free(pid); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.AllocAt(5); err != nil { // stood behind 4
		t.Fatal(err)
	}
	if err := a.AllocAt(4); err != nil {
		t.Fatal(err)
	}
	if err := a.Undo(5, 0); err != nil {
		t.Fatal(err)
	}
	if err := a.Free(4); err != nil {
		t.Fatal(err)
	}
	if got, want := drain(t, a), []alloc.PID{5, 1, 2, 3, 6, 7, 8, 9, 4}; !slices.Equal(got, want) {
		t.Errorf("it hands out %d, want %d", got, want)
	}
}
