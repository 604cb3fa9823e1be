package alloctest

import (
	"slices"
	"testing"

	"example.com/pidmap/alloc"
)

// queue is a FIFO allocator on paper, right but for its flaw.
type queue struct {
	paper
	free []alloc.PID // the next first
	was  int         // where the pid claimed last stood
}

func plantedQueue(flaw string) allocatorFunc {
	return func(given alloc.Limits) (alloc.Allocator, error) {
		l, err := given.Normalize()
		if err != nil {
			return nil, err
		}
		q := &queue{paper: paper{Model: newModel(l), l: l, flaw: flaw}}
		if l.Max <= 1<<20 {
			q.free = upTo(l.Max)
		} else {
			q.free = upTo(1 << 20) // more than any case hands out
		}
		if flaw == "a new one begins at 2" && l.Max > 2 {
			q.free[0], q.free[1] = 2, 1
		}
		return q, nil
	}
}

func (q *queue) Alloc() (alloc.PID, error) {
	if q.shut {
		return 0, alloc.ErrTerminating
	}
	if len(q.free) == 0 {
		return 0, alloc.ErrFull
	}
	if q.flaw == "the smallest comes first" {
		slices.Sort(q.free)
	}
	if q.flaw == "full one too early" && len(q.free) == 1 {
		return 0, alloc.ErrFull
	}
	pid := q.free[0]
	q.free, q.was = q.free[1:], 0
	q.Take(pid)
	q.last = pid
	return pid, nil
}

func (q *queue) AllocAt(pid alloc.PID) error {
	if err := q.paper.AllocAt(pid); err != nil {
		return err
	}
	i := slices.Index(q.free, pid)
	switch q.flaw {
	case "AllocAt leaves its pid in the queue":
		return nil
	case "AllocAt cuts the queue":
		q.free = q.free[:i]
		return nil
	}
	q.free, q.was = slices.Delete(q.free, i, i+1), i
	return nil
}

func (q *queue) Free(pid alloc.PID) error {
	if q.flaw == "a pid freed twice is queued twice" && q.holds(pid) && !q.taken(pid) {
		q.free = append(q.free, pid)
	}
	if err := q.paper.Free(pid); err != nil {
		return err
	}
	if q.flaw == "what was freed last comes first" {
		q.free = slices.Insert(q.free, 0, pid)
		return nil
	}
	q.free = append(q.free, pid)
	return nil
}

func (q *queue) SetLast(alloc.PID) error { return alloc.ErrUnsupported }

func (q *queue) Undo(pid, last alloc.PID) error {
	if q.flaw == "Undo is Free" || q.flaw == "Undo of a high pid is Free" && pid > 100 {
		return q.Free(pid)
	}
	if err := q.paper.Undo(pid, last); err != nil {
		return err
	}
	q.free = slices.Insert(q.free, q.was, pid)
	return nil
}

// pair is a Sharded allocator on paper: two halves, each cyclic.
type pair struct {
	paper
	cursor [2]alloc.PID
	turn   int
}

func plantedPair(flaw string) allocatorFunc {
	return func(given alloc.Limits) (alloc.Allocator, error) {
		l, err := given.Normalize()
		if err != nil {
			return nil, err
		}
		return &pair{paper: paper{Model: newModel(l), l: l, flaw: flaw}}, nil
	}
}

func (p *pair) Alloc() (alloc.PID, error) {
	if p.shut {
		return 0, alloc.ErrTerminating
	}
	for range 2 {
		p.turn ^= 1
		if pid, ok := p.allocFrom(p.turn); ok {
			p.last = pid
			return pid, nil
		}
		if p.flaw == "full where the first half is" {
			break
		}
	}
	return 0, alloc.ErrFull
}

func (p *pair) allocFrom(half int) (alloc.PID, bool) {
	seam := min(p.max/2, 5000) // low, for a Model's memory
	lo, hi := alloc.PID(1), seam
	if half == 1 {
		lo, hi = seam, p.max
	}
	if p.flaw == "the halves overlap" && half == 0 && p.taken(seam) {
		return seam, true
	}
	if p.flaw == "the seam belongs to neither" && half == 1 {
		lo++
	}
	pid, ok := p.TakeFirst(max(p.cursor[half]+1, lo), hi)
	if !ok {
		pid, ok = p.TakeFirst(max(lo, p.l.Reserved), p.cursor[half]+1)
	}
	if ok {
		p.cursor[half] = pid
	}
	return pid, ok
}

var plantedOrders = []struct {
	flaw  string
	order Order
	new   func(flaw string) allocatorFunc
	cases []string
}{
	{"a new one begins at 2", FIFO, plantedQueue, []string{"fifo/new_map_hands_out_1_first", "random/programs"}},
	{"the smallest comes first", FIFO, plantedQueue, []string{"fifo/freed_first_comes_out_first", "fifo/a_pid_rests_longest", "random/programs"}},
	{"what was freed last comes first", FIFO, plantedQueue, []string{"fifo/freed_first_comes_out_first", "fifo/a_pid_rests_longest", "random/programs"}},
	{"full one too early", FIFO, plantedQueue, []string{"full/every_pid_once_and_then_full", "fifo/alloc_at_leaves_the_queue"}},
	{"AllocAt leaves its pid in the queue", FIFO, plantedQueue, []string{"fifo/alloc_at_leaves_the_queue", "alloc_at/is_not_handed_out_again"}},
	{"AllocAt cuts the queue", FIFO, plantedQueue, []string{"fifo/alloc_at_leaves_the_queue", "alloc_at/is_not_handed_out_again"}},
	{"a pid freed twice is queued twice", FIFO, plantedQueue, []string{"failure/leaves_the_order", "random/programs"}},
	{"Undo is Free", FIFO, plantedQueue, []string{"undo/as_if_never_handed_out", "undo/of_a_high_pid"}},
	{"Undo of a high pid is Free", FIFO, plantedQueue, []string{"undo/of_a_high_pid"}},
	{"full where the first half is", Sharded, plantedPair, []string{"full/every_pid_once_and_then_full", "full/what_is_freed_comes_again", "random/programs"}},
	{"the halves overlap", Sharded, plantedPair, []string{"full/every_pid_once_and_then_full", "random/programs"}},
	{"the seam belongs to neither", Sharded, plantedPair, []string{"full/every_pid_once_and_then_full", "alloc_at/is_not_handed_out_again", "random/programs"}},
}

func TestPlantedOrders(t *testing.T) {
	for _, p := range plantedOrders {
		t.Run(p.flaw, func(t *testing.T) {
			rejects(t, (&allocatorSuite{p.new(p.flaw), p.order, 1, smallMaxes}).cases(), p.cases, 1)
		})
	}
}

func TestQueueAndPairAreAccepted(t *testing.T) {
	for _, s := range []*allocatorSuite{
		{plantedQueue(""), FIFO, drawSeed(), smallMaxes},
		{plantedPair(""), Sharded, drawSeed(), smallMaxes},
	} {
		t.Run(s.order.String(), func(t *testing.T) { runCases(live{t}, s.cases(), s.seed) })
	}
}
