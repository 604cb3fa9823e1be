package alloc

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// Undo of a call that made the table grow leaves the order as it was, a Free
// after it included, and the table as small.
func TestTableUndoTakesBackTheGrowth(t *testing.T) {
	for name, call := range map[string]func(*Table[int]) (PID, error){
		"AllocAt": func(tab *Table[int]) (PID, error) { return 500, tab.AllocAt(500) },
		"Alloc":   func(tab *Table[int]) (PID, error) { return tab.Alloc() },
	} {
		for _, n := range []int{0, 10, 32} { // an Alloc doubles at 0 and at 32
			a, _ := NewTableOf[int](Limits{Max: 1000})
			b, _ := NewTableOf[int](Limits{Max: 1000})
			for range n {
				a.Alloc()
				b.Alloc()
			}
			last, size := a.Last(), len(a.links)
			pid, err := call(a)
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Undo(pid, last); err != nil {
				t.Fatal(err)
			}
			if len(a.links) != size || len(a.vals) != size || cap(a.links) > 2*size+8 {
				t.Errorf("%s after %d: %d entries, room for %d, want %d", name, n, len(a.links), cap(a.links), size)
			}
			a.checkQueue()
			a.Free(1)
			b.Free(1)
			for i := range 1000 {
				got, gotErr := a.Alloc()
				want, wantErr := b.Alloc()
				if got != want || gotErr != wantErr {
					t.Fatalf("%s after %d: Alloc %d gives %d, %v, want %d, %v", name, n, i, got, gotErr, want, wantErr)
				}
			}
		}
	}
}

// TestTableUndoTwin undoes some calls, several in a row, the last first, and
// compares with a twin that did not make them.
func TestTableUndoTwin(t *testing.T) {
	shrunk := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 9))
		l := Limits{Max: []PID{2, 63, 64, 65, 100, 129, 1000, 5000}[r.IntN(8)]}
		a, _ := NewTableOf[int](l)
		b, _ := NewTableOf[int](l)
		for step := range 300 {
			switch pid := PID(1 + r.IntN(int(l.Max)-1)); r.IntN(6) {
			case 0:
				if got, want := a.Free(pid), b.Free(pid); got != want {
					t.Fatalf("seed %d, step %d: Free(%d) = %v, want %v", seed, step, pid, got, want)
				}
			case 1:
				if r.IntN(8) != 0 {
					break
				}
				if got, want := a.AllocAt(pid), b.AllocAt(pid); got != want {
					t.Fatalf("seed %d, step %d: AllocAt(%d) = %v, want %v", seed, step, pid, got, want)
				}
			case 2, 3:
				got, gotErr := a.Alloc()
				want, wantErr := b.Alloc()
				if got != want || gotErr != wantErr {
					t.Fatalf("seed %d, step %d: Alloc = %d, %v, want %d, %v", seed, step, got, gotErr, want, wantErr)
				}
			default:
				shrunk += undoSome(t, r, a)
			}
			if len(a.links) != len(b.links) || a.Last() != b.Last() || !slices.Equal(slices.Collect(a.Queue()), slices.Collect(b.Queue())) {
				t.Fatalf("seed %d, step %d: %d entries, Last %d, not %d, %d, or another queue", seed, step, len(a.links), a.Last(), len(b.links), b.Last())
			}
		}
		a.checkQueue()
	}
	if shrunk < 100 {
		t.Errorf("only %d undone calls had made a table grow", shrunk)
	}
}

// undoSome makes calls and undoes them, and gives how many made a grow.
func undoSome(t *testing.T, r *rand.Rand, a *Table[int]) (grew int) {
	t.Helper()
	type step struct{ pid, last PID }
	var steps []step
	for range 1 + r.IntN(4) {
		size, s := len(a.links), step{PID(1 + r.IntN(int(a.max)-1)), a.Last()}
		var err error
		if r.IntN(2) == 0 {
			s.pid, err = a.Alloc()
		} else {
			err = a.AllocAt(s.pid)
		}
		if err == nil {
			steps = append(steps, s)
		}
		if len(a.links) > size {
			grew++
		}
	}
	for _, s := range slices.Backward(steps) {
		if err := a.Undo(s.pid, s.last); err != nil {
			t.Fatalf("Undo(%d, %d) = %v", s.pid, s.last, err)
		}
	}
	return grew
}

// Undo of a call after which others touched what came to the table takes the
// pid back and leaves the table.
func TestTableUndoLeavesAGrowthInUse(t *testing.T) {
	for name, c := range map[string]struct {
		touch func(*Table[int])
		size  int
	}{
		"a pid beyond is in use": {func(tab *Table[int]) { tab.AllocAt(99) }, 128},
		"one was, and is freed":  {func(tab *Table[int]) { tab.AllocAt(127); tab.Free(127) }, 128},
		"the pid came again":     {func(tab *Table[int]) { tab.Free(127); tab.AllocAt(127) }, 128},
		"it grew again":          {func(tab *Table[int]) { tab.AllocAt(200) }, 256},
		"it was requeued":        {func(tab *Table[int]) { tab.Requeue(3, slices.Collect(tab.Queue())) }, 128},
	} {
		tab, _ := NewTableOf[int](Limits{Max: 1000})
		for range 3 {
			tab.Alloc()
		}
		tab.AllocAt(127)
		c.touch(tab)
		n := tab.Len()
		if !tab.used(127) {
			tab.AllocAt(127)
			n++
		}
		if err := tab.Undo(127, 3); err != nil || tab.Len() != n-1 || len(tab.links) != c.size {
			t.Errorf("%s: Undo = %v, %d in use, %d entries, want %d", name, err, tab.Len(), len(tab.links), c.size)
		}
		tab.checkQueue()
	}
}

// A table larger than the address space is refused, not asked for: on 64-bit
// machines with values of a MiB, on others without.
func TestTableLargerThanTheAddressSpace(t *testing.T) {
	big, err := NewTableOf[[1 << 20]byte](Limits{Max: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	if err := big.AllocAt(1 << 29); !errors.Is(err, ErrUnsupported) {
		t.Errorf("AllocAt(1<<29) = %v", err)
	}
	small, err := NewTable(Limits{Max: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	if small.fits(1<<29) != (^uint(0)>>63 != 0) {
		t.Errorf("1<<29 entries of 8 bytes: fits says %t", small.fits(1<<29))
	} else if !small.fits(1 << 29) {
		if err := small.AllocAt(1 << 28); !errors.Is(err, ErrUnsupported) {
			t.Errorf("AllocAt(1<<28) = %v", err)
		}
	}
	if small.Len() != 0 || len(small.links) != 1 || len(small.growths) != 0 {
		t.Errorf("afterwards %d in use, %d entries", small.Len(), len(small.links))
	}
}

// Where the address space ends the table stays as it is, and is full when all its
// pids are in use.
func TestTableLargestThatFits(t *testing.T) {
	tab, err := NewTable(Limits{Max: 1000})
	if err != nil {
		t.Fatal(err)
	}
	tab.most = 100 // of which a table can have 64
	for want := PID(1); want < 64; want++ {
		if pid, err := tab.Alloc(); pid != want || err != nil {
			t.Fatalf("Alloc() = %d, %v, want %d", pid, err, want)
		}
	}
	if _, err := tab.Alloc(); err != ErrFull {
		t.Errorf("Alloc() = %v", err)
	}
	if err := tab.AllocAt(64); err != ErrUnsupported {
		t.Errorf("AllocAt(64) = %v", err)
	}
	if err := tab.Requeue(9, ascending(64, 128)); !errors.Is(err, ErrRange) {
		t.Errorf("Requeue to 128 = %v", err)
	}
	tab.Free(5)
	if pid, err := tab.Alloc(); pid != 5 || err != nil || len(tab.links) != 64 {
		t.Errorf("Alloc() = %d, %v in %d entries", pid, err, len(tab.links))
	}
}
