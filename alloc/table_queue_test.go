package alloc

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// churnedTable gives a table with a past.
func churnedTable(t *testing.T, r *rand.Rand, l Limits, steps int) *Table[int] {
	t.Helper()
	tab, err := NewTableOf[int](l)
	if err != nil {
		t.Fatal(err)
	}
	var live []PID
	for range steps {
		switch i := r.IntN(len(live) + 1); {
		case i < len(live) && r.IntN(5) < 2:
			if err := tab.Free(live[i]); err != nil {
				t.Fatal(err)
			}
			live = slices.Delete(live, i, i+1)
		case r.IntN(10) == 0:
			if pid := PID(1 + r.IntN(int(tab.max)-1)); tab.AllocAt(pid) == nil {
				live = append(live, pid)
			}
		default:
			if pid, err := tab.Alloc(); err == nil {
				live = append(live, pid)
			}
		}
	}
	return tab
}

// copyTable makes a table again from what can be asked of it, its pids taken in
// a random order.
func copyTable(t *testing.T, r *rand.Rand, tab *Table[int]) *Table[int] {
	t.Helper()
	again, err := NewTableOf[int](tab.Limits())
	if err != nil {
		t.Fatal(err)
	}
	var used []PID
	for pid, ok := tab.Next(0); ok; pid, ok = tab.Next(pid) {
		used = append(used, pid)
	}
	r.Shuffle(len(used), func(i, j int) { used[i], used[j] = used[j], used[i] })
	for _, pid := range used {
		if err := again.AllocAt(pid); err != nil {
			t.Fatal(err)
		}
	}
	if err := again.Requeue(tab.Last(), slices.Collect(tab.Queue())); err != nil {
		t.Fatal(err)
	}
	again.checkQueue()
	return again
}

// A table that has been requeued goes on as the one whose queue it got.
func TestTableRequeueGoesOn(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		l := Limits{Max: []PID{2, 3, 63, 64, 65, 100, 128, 129, 1000}[r.IntN(9)]}
		tab := churnedTable(t, r, l, 1+r.IntN(300))
		again := copyTable(t, r, tab)
		for step := range 400 {
			if again.Last() != tab.Last() || again.Len() != tab.Len() || len(again.links) != len(tab.links) {
				t.Fatalf("seed %d, step %d: last %d, len %d, size %d; want %d, %d, %d", seed, step,
					again.Last(), again.Len(), len(again.links), tab.Last(), tab.Len(), len(tab.links))
			}
			pid := PID(r.IntN(int(l.Max)))
			if r.IntN(3) == 0 {
				if got, want := again.Free(pid), tab.Free(pid); got != want {
					t.Fatalf("seed %d, step %d: Free(%d) = %v, want %v", seed, step, pid, got, want)
				}
				continue
			}
			got, gotErr := again.Alloc()
			want, wantErr := tab.Alloc()
			if got != want || gotErr != wantErr {
				t.Fatalf("seed %d, step %d: Alloc = %d, %v, want %d, %v", seed, step, got, gotErr, want, wantErr)
			}
		}
	}
}

func TestTableQueueStops(t *testing.T) {
	tab := churnedTable(t, rand.New(rand.NewPCG(1, 1)), Limits{}, 20)
	for range tab.Queue() {
		break
	}
	empty, err := NewTable(Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for pid := range empty.Queue() {
		t.Errorf("an empty table has a free pid %d", pid)
	}
}

// ascending gives the pids in [lo, hi).
func ascending(lo, hi PID) []PID {
	var pids []PID
	for pid := lo; pid < hi; pid++ {
		pids = append(pids, pid)
	}
	return pids
}

// What is no queue is refused, and nothing changes.
func TestTableRequeueRefuses(t *testing.T) {
	with := func(i int, pid PID) []PID {
		pids := ascending(3, 64)
		pids[i] = pid
		return pids
	}
	cases := map[string]struct {
		last  PID
		order []PID
		want  error
	}{
		"nothing":          {2, nil, ErrRange},
		"one too few":      {2, ascending(3, 63), ErrRange},
		"one too many":     {2, ascending(3, 65), ErrRange},
		"no size":          {2, ascending(3, 100), ErrRange},
		"beyond Max":       {2, ascending(3, 256), ErrRange},
		"one in use":       {2, with(5, 2), ErrInUse},
		"one twice":        {2, with(5, 30), ErrInUse},
		"zero":             {2, with(5, 0), ErrRange},
		"negative":         {2, with(5, -1<<31), ErrRange},
		"beyond the table": {2, with(5, 64), ErrRange},
		"last below":       {-1, ascending(3, 64), ErrRange},
		"last at Max":      {200, ascending(3, 64), ErrRange},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tab, err := NewTable(Limits{Max: 200})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := tab.Alloc(); err != nil {
					t.Fatal(err)
				}
			}
			if err := tab.Requeue(c.last, c.order); !errors.Is(err, c.want) {
				t.Errorf("Requeue: %v, want %v", err, c.want)
			}
			tab.checkQueue()
			if got := slices.Collect(tab.Queue()); tab.Last() != 2 || tab.Len() != 2 || !slices.Equal(got, ascending(3, 64)) {
				t.Errorf("afterwards last %d, len %d, queue %d", tab.Last(), tab.Len(), got)
			}
		})
	}
}
